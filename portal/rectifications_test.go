package portal

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/internal/stage"
)

// drafting is a year in the phase of rectification, on the morning of Monday, 2 March 2026: C01 has two problems, one of
// them repeated, D18 has one, and both orders are still drafted. Their limit is Friday, 13 March.
func drafting(t *testing.T) *bundle {
	t.Helper()
	b := opened(t, stage.Running(t))
	b.At(calendar.Date{Year: 2026, Month: time.March, Day: 2}, 9)
	b.execute(t, `INSERT INTO rectifications (cycle_id, unit, number, due) SELECT cycle_id, code, 0, '2026-03-13' FROM units WHERE code IN ('C01', 'D18')`)
	b.execute(t, `INSERT INTO problems (cycle_id, unit, rectification, position, indicator, lost, problem, method, repeated) SELECT cycle_id, p.* FROM cycles,
		(VALUES ('C01', 0, 1, '3.1', 100, '超期公开一件', 'website', true), ('C01', 0, 2, '7.2', 250, '答复不规范一件', 'documents', false),
			('D18', 0, 1, '8.2', 800, '栏目超期未更新', 'website', false)) AS p`)
	return b
}

// ordered is one in which both orders are out.
func ordered(t *testing.T) *bundle {
	t.Helper()
	b := drafting(t)
	stage.Must(t, b.As("admin").OrderRectifications(t.Context(), "order all"))
	return b
}

// holds wants the rows that a query answers, one text each.
func (b *bundle) holds(t *testing.T, statement string, want ...string) {
	t.Helper()
	rows, err := b.DB.QueryContext(t.Context(), statement)
	stage.Must(t, err)
	defer func() { _ = rows.Close() }() // it was read to its end
	var got []string
	for rows.Next() {
		var text string
		stage.Must(t, rows.Scan(&text))
		got = append(got, text)
	}
	stage.Must(t, rows.Err())
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s:\n%s\nwant\n%s", statement, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// journaled are the last lines of the journal: event, unit, person, article, data.
const journaled = `SELECT event || ' ' || unit || ' ' || person || ' ' || article || ' ' || data FROM journal WHERE event NOT LIKE 'mail%' AND event NOT LIKE 'task%' ORDER BY seq DESC LIMIT 1`

func mailed(kind string) string {
	return `SELECT unit || ' ' || recipient FROM mails WHERE kind = '` + kind + `' ORDER BY mail_id`
}

func TestOrdersAreEditedAndSent(t *testing.T) {
	t.Parallel()
	b := drafting(t)
	w := b.as(t, "admin")
	page := w.get("rectifications")
	page.shows(http.StatusOK, "待下达的整改通知（2家单位）", "2026年3月13日(周五，还有9个工作日)", "崆峒区人民政府 2个问题，共扣3.5分，其中重复问题1个",
		"超期公开一件 重复问题", "读网检查", "查阅资料", "2.5", "1个问题，共扣8分", "尚未下达")
	// A text that is taken away is refused beside its field, and stays as typed.
	page = w.get("rectifications?page=1&edit=C01/2")
	form := page.form("/rectifications/problem")
	form.Set("text", " ")
	page = w.post("rectifications/problem", form)
	page.shows(http.StatusUnprocessableEntity, "请填写问题（A13）", "崆峒区人民政府")
	form = page.form("/rectifications/problem")
	form.Set("text", "答复不规范两件")
	w.post("rectifications/problem", form).shows(http.StatusOK, "问题表述已修改", "答复不规范两件")
	b.holds(t, `SELECT problem FROM problems WHERE unit = 'C01' ORDER BY position`, "超期公开一件", "答复不规范两件")
	// Nothing chosen is not everything.
	form = w.get("rectifications").form("/rectifications/order")
	form.Set("which", "chosen")
	w.post("rectifications/order", form).shows(http.StatusUnprocessableEntity, "请先勾选要下达整改通知的单位")
	b.holds(t, `SELECT unit || ' ' || state FROM rectifications ORDER BY unit`, "C01 draft", "D18 draft")
	form = w.get("rectifications").form("/rectifications/order")
	form["unit"], form["which"] = []string{"C01"}, []string{"chosen"}
	w.post("rectifications/order", form).shows(http.StatusOK, "整改通知已下达", "待下达的整改通知（1家单位）", "待报措施", "崆峒区人民政府")
	b.holds(t, `SELECT unit || ' ' || state FROM rectifications ORDER BY unit`, "C01 ordered", "D18 draft")
	b.holds(t, journaled, `rectification_ordered C01 admin A13 {"due":"2026-03-13","number":0,"problems":2}`)
	b.holds(t, mailed("rectification_order"), "C01 zwgk@kongtong.pingliang.example")
	// Whoever edits the one that is out is told that it stands.
	edit := url.Values{"act": {"6f3f5cc8-8e76-4cb8-8f0c-5c2a1e4a2b11"}, "edit": {"C01/1"}, "text": {"别的问题"}}
	w.post("rectifications/problem", edit).shows(http.StatusUnprocessableEntity, "整改通知已下达，问题不再变动（A13）")
	form = w.get("rectifications").form("/rectifications/order")
	form.Set("which", "all")
	w.post("rectifications/order", form).lacks("待下达的整改通知")
	b.holds(t, `SELECT unit || ' ' || state FROM rectifications ORDER BY unit`, "C01 ordered", "D18 ordered")
}

// What waits for the authority comes first, then what is overdue; each state can be looked at alone.
func TestTheListOfOrders(t *testing.T) {
	t.Parallel()
	b := ordered(t)
	b.At(calendar.Date{Year: 2026, Month: time.March, Day: 17}, 9)
	b.execute(t, `INSERT INTO rectifications (cycle_id, unit, number, state, due) SELECT cycle_id, 'C02', 1, 'accepted', '2026-03-10' FROM cycles`)
	b.execute(t, `UPDATE rectifications SET state = 'reported' WHERE unit = 'D18'`)
	w := b.as(t, "leader")
	page := w.get("rectifications")
	page.shows(http.StatusOK, "逾期 1", "待审核 1", "整改完成 1", "2026年3月13日(周五，已逾期2个工作日)", "（违规整改第1号）")
	text := page.text()
	if first, second, third := strings.Index(text, "平凉市文化和旅游局"), strings.Index(text, "崆峒区人民政府"), strings.Index(text, "华亭市人民政府"); first > second || second > third {
		t.Errorf("the orders stand in another order:\n%s", text)
	}
	page = w.get("rectifications?state=overdue")
	page.shows(http.StatusOK, "崆峒区人民政府")
	page.lacks("华亭市人民政府")
	page = w.get("rectifications/print?state=reported")
	page.shows(http.StatusOK, "2025年度政务公开工作考核问题整改台账", "截至2026年3月17日(周二)，共下达整改通知1份", "1．指标8.2：栏目超期未更新", "读网检查")
	page.lacks("超期公开一件", "本表列")
	b.execute(t, `INSERT INTO rectifications (cycle_id, unit, number, state, due) SELECT cycle_id, 'D18', n, 'ordered', '2026-03-13' FROM cycles, generate_series(1, 50) n`)
	w.get("rectifications/print").shows(http.StatusOK, "共下达整改通知53份。本表列第1至第50份。", "下一页")
	w.get("rectifications/print?page=2").shows(http.StatusOK, "共下达整改通知53份。本表列第51至第53份。")
	w.get("rectifications/print?state=draft").shows(http.StatusOK, "共下达整改通知0份。")
}

// A long list of drafts has pages; each reads its problems at once.
func TestPagesOfDrafts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		number string
		all    int
		want   pageOfList
	}{
		{"", 45, pageOfList{Number: 1, Pages: 3, From: 1, To: 20, All: 45}},
		{"3", 45, pageOfList{Number: 3, Pages: 3, From: 41, To: 45, All: 45}},
		{"9", 40, pageOfList{Number: 2, Pages: 2, From: 21, To: 40, All: 40}},
		{"-1", 1, pageOfList{Number: 1, Pages: 1, From: 1, To: 1, All: 1}},
	} {
		if got := pageOf(c.number, c.all, 20); got != c.want {
			t.Errorf("page %q of %d: %+v", c.number, c.all, got)
		}
	}
}

// A problem that nobody drafted is added with the method of its re-check; one that is none is taken out. A draft without
// a problem left ends when it is ordered (A13).
func TestProblemsAreAddedAndTakenOut(t *testing.T) {
	t.Parallel()
	b := drafting(t)
	w := b.as(t, "admin")
	form := w.get("rectifications?add=D18").form("/added")
	page := w.post("rectifications/added", form)
	page.shows(http.StatusUnprocessableEntity, "请填写问题（A13）", "请选择发现方式，复查时采用同一方式")
	form = page.form("/added")
	form.Set("text", "电话无人接听")
	page = w.post("rectifications/added", form)
	page.shows(http.StatusUnprocessableEntity, "请选择发现方式", "电话无人接听")
	form = page.form("/added")
	form.Set("method", "phone")
	w.post("rectifications/added", form).shows(http.StatusOK, "已增加问题", "电话无人接听", "电话复查")
	b.holds(t, `SELECT position || ' ' || indicator || ' ' || problem || ' ' || method FROM problems WHERE unit = 'D18' ORDER BY position`,
		"1 8.2 栏目超期未更新 website", "2  电话无人接听 phone")
	for _, which := range []string{"C01/1", "C01/2"} {
		form = w.get("rectifications").form("/removed")
		form.Set("remove", which)
		w.post("rectifications/removed", form).shows(http.StatusOK, "已删除问题")
	}
	w.post("rectifications/removed", form).shows(http.StatusOK, "已删除问题") // the same click again
	w.get("rectifications").shows(http.StatusOK, "没有问题。下达时不向该单位发送通知")
	form = w.get("rectifications").form("/order")
	form.Set("which", "all")
	w.post("rectifications/order", form).shows(http.StatusOK, "已终结", "待报措施")
	b.holds(t, mailed("rectification_order"), "D18 zwgk@wlj.pingliang.example")
}
