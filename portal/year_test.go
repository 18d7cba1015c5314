package portal

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/kaoping/kaoping/internal/stage"
)

// row is what a table's row with this text in its heading says.
func (p *page) row(heading string) string {
	p.t.Helper()
	row := p.find(func(n *html.Node) bool {
		if n.Data != "tr" {
			return false
		}
		for c := range n.Descendants() {
			if c.Type == html.ElementNode && c.Data == "th" && strings.Contains(textOf(c), heading) && attribute(c, "scope") == "row" {
				return true
			}
		}
		return false
	})
	if row == nil {
		p.t.Fatalf("%s has no row %s:\n%s", p.path, heading, p.text())
	}
	return textOf(row)
}

// rows are the headings of the rows of the page's first table, in order.
func (p *page) rows() string {
	var rows []string
	table := p.find(func(n *html.Node) bool { return n.Data == "tbody" })
	if table == nil {
		return ""
	}
	for n := range table.Descendants() {
		if n.Type == html.ElementNode && n.Data == "th" {
			rows = append(rows, strings.Fields(textOf(n))[0])
		}
	}
	return strings.Join(rows, " ")
}

// counted is the number that a query answers.
func (b *bundle) counted(t *testing.T, query string) int {
	t.Helper()
	var count int
	stage.Must(t, b.DB.QueryRowContext(t.Context(), query).Scan(&count))
	return count
}

// overdue is a year on 15 December: C01 has reported in time, C02 never did, D18's deadline was moved to the 17th.
func overdue(t *testing.T) *bundle {
	t.Helper()
	b := opened(t, stage.Running(t))
	b.Deliver("zwgk@huating.pingliang.example")
	b.At(stage.Day(time.December, 10), 9)
	b.Report("c01.contact")
	stage.Must(t, b.As("admin").Extend(t.Context(), "extend", "D18", "self_report", stage.Day(time.December, 17), "系统升级"))
	b.At(stage.Day(time.December, 15), 9)
	b.OpenReviews("C02")
	b.Reload()
	return b
}

func TestTheYearAsAPhaseLineAndAList(t *testing.T) {
	t.Parallel()
	b := overdue(t)
	page := b.as(t, "admin").get("year")
	page.shows(http.StatusOK, "今天是2025年12月15日", "下发通知 （已完成） 11月24日 2/3 已送达 退信1", "单位自查 （已完成） 12月12日 1/3 已报送 逾期1",
		"考核评分 （进行中） 1月9日 0/3 已评完", "结果审定 1月16日 尚未开始", "共3条，第1–3条")
	for unit, wanted := range map[string]string{
		"崆峒区人民政府": "已报送 12月12日 6份（共6份） 1月9日",
		"华亭市人民政府": "逾期未报 12月12日 6份（共6份） 1月9日 — 1项",
		"C02":     "华亭市人民政府 C02 · 县（市、区）",
		"D18":     "自查中 12月17日 单独确定 5份（共5份） 1月9日",
	} {
		if got := page.row(unit); !strings.Contains(got, wanted) {
			t.Errorf("the row of %s is %q, want %q in it", unit, got, wanted)
		}
	}
}

// A unit's reminders are counted by the day, however many contacts got one.
func TestRemindersAreCounted(t *testing.T) {
	t.Parallel()
	b := overdue(t)
	w := b.as(t, "admin")
	form := w.get("year/selection?do=remind&unit=D18").form("/year/selection")
	for range 2 { // the same form twice is one act
		w.post("year/selection", form).shows(http.StatusOK, "已办理1家，未办理0家。", "平凉市文化和旅游局 已办理")
	}
	if got := b.counted(t, `SELECT count(*) FROM mails WHERE kind = 'reminder_by_hand'`); got != 1 {
		t.Errorf("%d reminders were queued", got)
	}
	b.Deliver()
	if got := w.get("year").row("平凉市文化和旅游局"); !strings.Contains(got, "1月9日 1次 —") {
		t.Errorf("the row is %q", got)
	}
}

func TestTheListIsFilteredAndSorted(t *testing.T) {
	t.Parallel()
	w := overdue(t).as(t, "admin")
	for query, wanted := range map[string]string{
		"":                              "崆峒区人民政府 华亭市人民政府 平凉市文化和旅游局",
		"late=1":                        "华亭市人民政府",
		"state=in":                      "崆峒区人民政府",
		"state=overdue":                 "华亭市人民政府",
		"state=open":                    "平凉市文化和旅游局",
		"state=review":                  "崆峒区人民政府 华亭市人民政府",
		"state=closed":                  "",
		"category=department":           "平凉市文化和旅游局",
		"q=" + url.QueryEscape("华亭"):    "华亭市人民政府",
		"q=d18":                         "平凉市文化和旅游局",
		"sort=report":                   "华亭市人民政府 平凉市文化和旅游局 崆峒区人民政府",
		"sort=-report":                  "崆峒区人民政府 平凉市文化和旅游局 华亭市人民政府",
		"sort=-report_due":              "平凉市文化和旅游局 崆峒区人民政府 华亭市人民政府",
		"sort=-calls&category=county":   "华亭市人民政府 崆峒区人民政府",
		"state=nonsense&sort=nonsense":  "崆峒区人民政府 华亭市人民政府 平凉市文化和旅游局",
		"page=99":                       "崆峒区人民政府 华亭市人民政府 平凉市文化和旅游局",
		"late=1&category=department":    "",
		"sort=-sheets&category=&state=": "崆峒区人民政府 华亭市人民政府 平凉市文化和旅游局",
	} {
		page := w.get("year?" + query)
		if got := page.rows(); page.status != http.StatusOK || query != "late=1&category=department" && query != "state=closed" && got != wanted {
			t.Errorf("%s shows %d %q, want %q", query, page.status, got, wanted)
		}
		if wanted == "" {
			page.shows(http.StatusOK, "没有符合条件的单位")
		}
	}
}

// Fifty units a page; an act on all reaches the other pages too.
func TestManyUnits(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Running(t))
	_, err := b.DB.ExecContext(t.Context(), `INSERT INTO units (cycle_id, code, position, name, category, email, telephone)
		SELECT $1, 'X' || n, n + 100, '单位' || n, 'township', 'x@x.example', '' FROM generate_series(1, 60) n`, b.Cycle.CycleID)
	stage.Must(t, err)
	w := b.as(t, "admin")
	first := w.get("year?sort=name")
	first.shows(http.StatusOK, "共63条，第1–50条", "第1页，共2页", "对筛选出的全部63家单位办理")
	second := w.get("year?sort=name&page=2")
	second.shows(http.StatusOK, "第51–63条")
	if got := len(strings.Fields(second.rows())); got != 13 {
		t.Errorf("the second page has %d rows", got)
	}
	w.get("year/selection?do=remind&all=1&category=township").shows(http.StatusOK, "单位名单（60家）", "单位60")
}

// What is refused for one unit is done for the others, and the reason stands beside the unit.
func TestExtendingASelection(t *testing.T) {
	t.Parallel()
	b := overdue(t)
	w := b.as(t, "admin")
	page := w.get("year/selection?do=extend&unit=C02&unit=D18")
	page.shows(http.StatusOK, "将延长下列2家单位的期限", "华亭市人民政府、平凉市文化和旅游局")
	form := page.form("/year/selection")
	w.post("year/selection", form).shows(http.StatusUnprocessableEntity, "请选择日期")
	form.Set("to", "2025-12-17")
	w.post("year/selection", form).shows(http.StatusUnprocessableEntity, "请填写理由")
	form.Set("reason", "道路中断")
	for range 2 {
		page = w.post("year/selection", form)
		page.shows(http.StatusOK, "已办理1家，未办理1家。", "华亭市人民政府 已办理", "平凉市文化和旅游局 未办理 新的日期应晚于2025-12-17")
	}
	if got := b.counted(t, `SELECT count(*) FROM journal WHERE event = 'deadline_extended' AND unit = 'C02' AND data LIKE '%道路中断%'`); got != 1 {
		t.Errorf("the journal tells of %d extensions", got)
	}
	if got := w.get("year").row("华亭市人民政府"); !strings.Contains(got, "自查中 12月17日 单独确定") {
		t.Errorf("the row is %q", got)
	}
	form.Set("to", "2025-12-01")
	form.Set("act", "0b9f7c3e-6c0f-4a53-8f0e-1d2a6c1b0001")
	w.post("year/selection", form).shows(http.StatusUnprocessableEntity, "已办理0家，未办理2家。", "2025-12-01不晚于今天")
}

func TestReturningASelection(t *testing.T) {
	t.Parallel()
	b := overdue(t)
	w := b.as(t, "admin")
	form := w.get("year/selection?do=return&unit=C01&unit=C02").form("/year/selection")
	form.Set("to", "2025-12-19")
	form.Set("reason", "缺佐证材料")
	w.post("year/selection", form).shows(http.StatusOK, "崆峒区人民政府 已办理", "华亭市人民政府 未办理 C02没有自查报告")
	if got := w.get("year?state=returned").row("崆峒区人民政府"); !strings.Contains(got, "退回补正 12月19日 单独确定") {
		t.Errorf("the row is %q", got)
	}
}

// A unit that owes nothing is not reminded, and holds nobody up who does.
func TestRemindingWhoOwesNothing(t *testing.T) {
	t.Parallel()
	b := overdue(t)
	w := b.as(t, "admin")
	form := w.get("year/selection?do=remind&all=1").form("/year/selection")
	w.post("year/selection", form).shows(http.StatusOK, "已办理2家，未办理1家。", "崆峒区人民政府 未办理", "目前没有应办未办的事项")
	if got := b.counted(t, `SELECT count(*) FROM mails WHERE kind = 'reminder_by_hand'`); got != 2 {
		t.Errorf("%d reminders were queued", got)
	}
	w.get("year/selection?do=remind").shows(http.StatusUnprocessableEntity, "请先勾选单位")
	w.get("year/selection?do=delete&unit=C01").shows(http.StatusNotFound)
}

// Leaders and the auditor read the page; the acts are the administrator's.
func TestWhoReadsTheYear(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Running(t))
	for _, login := range []string{"leader", "deputy", "auditor"} {
		page := b.as(t, login).get("year")
		page.shows(http.StatusOK, "崆峒区人民政府")
		page.lacks("对筛选出的", "退回自查报告", "对所选单位", "调整期限")
	}
}
