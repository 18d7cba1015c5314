package portal

import (
	"context"
	"database/sql"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/kaoping/kaoping/internal/stage"
)

// reviewing is a year in December: every unit has reported, and C01's and C02's sheets are open.
func reviewing(t *testing.T) *bundle {
	t.Helper()
	s := stage.Running(t)
	s.At(stage.Day(time.December, 15), 9)
	b := opened(t, s)
	b.run(t, `INSERT INTO reports (cycle_id, unit, revision, state, submitted_by, submitted_at) SELECT cycle_id, code, 1, 'submitted', lower(code) || '.contact', '2025-12-10 09:00+08' FROM units`)
	b.run(t, `INSERT INTO report_items SELECT u.cycle_id, u.code, 1, i.code, i.max_points, u.name || i.code || '自查说明', i.max_points - 50 FROM units u JOIN indicators i USING (cycle_id)`)
	b.run(t, `INSERT INTO evidence (cycle_id, unit, revision, indicator, position, name, link) SELECT cycle_id, unit, 1, indicator, 1, '专栏' || unit || indicator, 'https://x.example/' || unit FROM report_items`)
	b.run(t, `INSERT INTO evidence (cycle_id, unit, revision, indicator, position, name, sha256, size) SELECT cycle_id, unit, 1, indicator, 2, '文件 1.pdf', repeat('a', 64), 10 FROM report_items WHERE indicator = '3.4'`)
	s.OpenReviews("C01", "C02")
	return b
}

func (b *bundle) run(t *testing.T, statement string) {
	t.Helper()
	if _, err := b.DB.ExecContext(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// row is the one text that a query answers.
func (b *bundle) row(t *testing.T, statement string) string {
	t.Helper()
	var text sql.NullString
	stage.Must(t, b.DB.QueryRowContext(context.WithoutCancel(t.Context()), statement).Scan(&text))
	return text.String
}

func same(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s:\n%s\nwant\n%s", what, got, want)
	}
}

// score is what is kept of web1's score of an indicator of C01.
func (b *bundle) score(t *testing.T, indicator string) string {
	t.Helper()
	return b.row(t, `SELECT concat_ws('|', coalesce(points::text, '-'), coalesce(draft_points::text, '-'), counts::text, reason, method, place, checked_on, seen)
		FROM scores WHERE unit = 'C01' AND assessor = 'web1' AND indicator = '`+indicator+`'`)
}

// part is what a person reads in the element with an id.
func (p *page) part(id string) string {
	p.t.Helper()
	found := p.find(func(n *html.Node) bool { return attribute(n, "id") == id })
	if found == nil {
		p.t.Fatalf("%s has no %s", p.path, id)
	}
	return textOf(found)
}

// What the unit says stands beside what the scheme asks for, and where the score goes.
func TestASheet(t *testing.T) {
	t.Parallel()
	b := reviewing(t)
	b.run(t, `UPDATE scores SET points = 123, reason = '别人的理由', method = 'website', place = '别处', seen = '别人所见' WHERE assessor = 'web2'`)
	w := b.as(t, "web1")
	page := w.get("sheets/C01")
	page.shows(http.StatusOK, "崆峒区人民政府评分", "县（市、区） · 评分截止 2026年1月9日(周五，还有18个工作日) · 已评0项，共11项",
		"崆峒区人民政府3.1自查说明", "自评得分 7.5分", "专栏C013.1", "未评分")
	page.lacks("1.23", "别人的理由", "别人所见", "华亭市人民政府3.1自查说明", "2.1自查说明")
	yearly := page.part("i-3.4")
	for _, text := range []string{"政府信息公开年度报告编制和发布", "满分3分", "评分标准 未按时发布扣3分;内容要素缺失每处扣0.5分", "考核2024年度情况", "内容要素缺失 每处扣0.5分", "读网检查", "查看：文件 1.pdf"} {
		if !strings.Contains(yearly, text) {
			t.Errorf("3.4 does not show %q: %s", text, yearly)
		}
	}
	if strings.Contains(yearly, "查阅资料") {
		t.Error("3.4 offers a method that is not its own")
	}
	frame := page.find(func(n *html.Node) bool { return n.Data == "iframe" })
	same(t, "the file in place", attribute(frame, "src"), "/pingliang/2025/units/C01/evidence/"+strings.Repeat("a", 64)+"/%E6%96%87%E4%BB%B6%201.pdf?inline=1")
	same(t, "the day", page.formWith("id", "score-i-3.4").Get("day"), "2025-12-15")
	same(t, "who read", b.row(t, `SELECT string_agg(login || ' ' || event || ' ' || detail, ',') FROM access_log WHERE event LIKE '%read'`), "web1 report_read C01")
	b.as(t, "media1").get("sheets/D18").shows(http.StatusForbidden, "您没有D18的评分任务")
	b.as(t, "c01.contact").get("sheets/C01").shows(http.StatusForbidden)
}

// What is typed is saved at every pause, complete or not; the script is told in a word.
func TestASheetIsSavedAsOneGoes(t *testing.T) {
	t.Parallel()
	b := reviewing(t)
	w := b.as(t, "web1")
	form := w.get("sheets/C01").formWith("id", "score-i-3.1")
	form.Set("points", "６。5分")
	if page := w.save("sheets/C01", form); page.status != http.StatusNoContent {
		t.Fatalf("half a score is answered with %d %s", page.status, page.body)
	}
	same(t, "half a score", b.score(t, "3.1"), "-|650|{}||website||2025-12-15|")
	form.Set("reason", "超期公开3件")
	form.Set("method", "website")
	form.Set("place", "区政府网站")
	form.Set("seen", "抽查20件")
	w.save("sheets/C01", form)
	same(t, "a whole score", b.score(t, "3.1"), "650|-|{}|超期公开3件|website|区政府网站|2025-12-15|抽查20件")
	form.Set("points", "8.01")
	form.Set("day", "2025-12-16")
	page := w.save("sheets/C01", form)
	same(t, "the answer to a wrong one", page.body, "指标3.1：得分8.01不在0至8.00之间\n指标3.1：检查日期2025-12-16不能晚于今天")
	same(t, "its status", http.StatusText(page.status), "Unprocessable Entity")
	same(t, "what stays", b.score(t, "3.1"), "650|-|{}|超期公开3件|website|区政府网站|2025-12-15|抽查20件")
	// Without script: the page again, with what was typed.
	form.Set("points", "七分")
	page = w.post("sheets/C01", form)
	page.shows(http.StatusUnprocessableEntity, "指标3.1：得分“七”应为数字，最多两位小数")
	same(t, "what was typed", page.formWith("id", "score-i-3.1").Get("points"), "七分")
	same(t, "another's field", page.formWith("id", "score-i-3.2").Get("points"), "")
	form.Set("points", "7")
	form.Set("day", "2025-12-12")
	form.Set("next", "i-3.2")
	page = w.post("sheets/C01", form)
	same(t, "where one goes on", page.path, "/pingliang/2025/sheets/C01?saved=3.1")
	if !strings.Contains(page.part("i-3.1"), "已保存") || strings.Contains(page.part("i-3.2"), "已保存") {
		t.Error("the page does not say what is saved")
	}
	page.shows(http.StatusOK, "已评1项，共11项")
	same(t, "the sheet as it was filled", page.formWith("id", "score-i-3.1").Encode(),
		url.Values{"count0": {"0"}, "count1": {"0"}, "day": {"2025-12-12"}, "drafted": {""}, "indicator": {"3.1"}, "method": {"website"}, "place": {"区政府网站"}, "points": {"7"}, "reason": {"超期公开3件"}, "seen": {"抽查20件"}}.Encode())
	form.Set("indicator", "1.1")
	w.post("sheets/C01", form).shows(http.StatusUnprocessableEntity, "指标1.1不由您评分")
	if page := b.as(t, "media1").save("sheets/D18", form); page.status != http.StatusForbidden {
		t.Errorf("another's sheet answers %d", page.status)
	}
}

// save sends a form as the script does.
func (w *browser) save(path string, form url.Values) *page {
	w.t.Helper()
	request, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.address(path), strings.NewReader(form.Encode()))
	stage.Must(w.t, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("HX-Request", "true")
	return w.do(request)
}

// 8.2 of 8: one column late, three dead links, one sensitive word: 8 − 1 − 0.6 − 1 = 5.4.
func TestDeductionsAreCounted(t *testing.T) {
	t.Parallel()
	b := reviewing(t)
	w := b.as(t, "web1")
	form := w.get("sheets/C01").formWith("id", "score-i-8.2")
	form.Set("count0", "1")
	form.Set("count1", "３")
	form.Set("do", "count")
	page := w.post("sheets/C01", form)
	same(t, "two counted", b.score(t, "8.2"), "-|640|{1,3,0}|栏目超期未更新1个，扣1分；错链死链3处，扣0.6分|website||2025-12-15|")
	if shown := page.part("i-8.2"); !strings.Contains(shown, "−0.6") {
		t.Errorf("the page does not show what three links cost: %s", shown)
	}
	form = page.formWith("id", "score-i-8.2")
	same(t, "the sum", form.Get("points"), "6.4")
	form.Set("reason", form.Get("reason")+"；已通知整改")
	form.Set("step", "2:+1")
	page = w.post("sheets/C01", form)
	same(t, "one more", b.score(t, "8.2"), "-|540|{1,3,1}|栏目超期未更新1个，扣1分；错链死链3处，扣0.6分；错敏信息1处，扣1分；已通知整改|website||2025-12-15|")
	form = page.formWith("id", "score-i-8.2")
	form.Set("step", "0:-1")
	page = w.post("sheets/C01", form)
	same(t, "one less", b.score(t, "8.2"), "-|640|{0,3,1}|错链死链3处，扣0.6分；错敏信息1处，扣1分；已通知整改|website||2025-12-15|")
	form = page.formWith("id", "score-i-8.2")
	form.Set("points", "6.3")
	form.Set("step", "1:+1") // as htmx sends the button that was pressed last
	w.save("sheets/C01", form)
	same(t, "free points", b.score(t, "8.2"), "-|630|{0,3,1}|错链死链3处，扣0.6分；错敏信息1处，扣1分；已通知整改|website||2025-12-15|")
	form.Del("step")
	form.Set("count0", "-1")
	w.post("sheets/C01", form).shows(http.StatusUnprocessableEntity, "指标8.2：“栏目超期未更新”的次数应在0至9999之间")
}

// Full points are one click, with a check that can be reworded; what is said already stays.
func TestFullPoints(t *testing.T) {
	t.Parallel()
	b := reviewing(t)
	w := b.as(t, "web1")
	form := w.get("sheets/C01").formWith("id", "score-i-4.1")
	form.Set("do", "full")
	page := w.post("sheets/C01", form)
	same(t, "full points", b.score(t, "4.1"), "800|-|{}||website|单位网站及政府信息公开专栏|2025-12-15|经核查，未发现扣分情形")
	form = page.formWith("id", "score-i-4.1")
	form.Set("count0", "2")
	form.Set("do", "count")
	form.Set("method", "documents")
	form.Set("place", "档案室")
	page = w.post("sheets/C01", form)
	same(t, "counted", b.score(t, "4.1"), "600|-|{2,0}|未同步2件，扣2分|documents|档案室|2025-12-15|经核查，未发现扣分情形")
	form = page.formWith("id", "score-i-4.1")
	form.Set("do", "full")
	w.post("sheets/C01", form)
	same(t, "full again", b.score(t, "4.1"), "800|-|{}||documents|档案室|2025-12-15|经核查，未发现扣分情形")
}

// Submitting tells all that is missing, with the indicators' names; complete, the sheet is in for good.
func TestASheetIsSubmitted(t *testing.T) {
	t.Parallel()
	b := reviewing(t)
	w := b.as(t, "web1")
	b.run(t, `UPDATE scores SET points = max_points, method = 'website', place = '网站', checked_on = '2025-12-12', seen = '已核查' WHERE assessor = 'web1' AND unit = 'C01'`)
	b.run(t, `UPDATE scores SET points = NULL, draft_points = 700 WHERE assessor = 'web1' AND unit = 'C01' AND indicator = '3.1'`)
	b.run(t, `UPDATE scores SET points = NULL, seen = '' WHERE assessor = 'web1' AND unit = 'C01' AND indicator = '8.4'`)
	page := w.get("sheets/C01")
	page.shows(http.StatusOK, "下列指标尚未评完： 3.1 政府和政府办文件在市县两级政府信息公开专栏发布 · ")
	page = w.post("sheets/C01/submit", page.form("sheets/C01/submit"))
	page.shows(http.StatusUnprocessableEntity, "指标3.1“政府和政府办文件在市县两级政府信息公开专栏发布”扣分须写明理由（A8(6)）",
		"指标8.4“政务新媒体常态化安全监管”缺得分（A8(6)）", "指标8.4“政务新媒体常态化安全监管”缺检查情况（A8(6)）")
	b.run(t, `UPDATE scores SET points = max_points, draft_points = NULL, seen = '已核查' WHERE assessor = 'web1' AND unit = 'C01'`)
	page = w.post("sheets/C01/submit", w.get("sheets/C01").form("sheets/C01/submit"))
	page.shows(http.StatusOK, "崆峒区人民政府的评分表已提交。", "已提交 （1家）")
	same(t, "the sheet", b.row(t, `SELECT state || submissions FROM sheets WHERE assessor = 'web1' AND unit = 'C01'`), "submitted1")
	same(t, "the line", b.row(t, `SELECT person || unit FROM journal WHERE event = 'sheet_submitted'`), "web1C01")
	page = w.get("sheets/C01")
	page.shows(http.StatusOK, "评分表已提交，不能修改", "读网检查", "已核查")
	if page.find(func(n *html.Node) bool { return n.Data == "form" && has(n, "data-score") }) != nil {
		t.Error("a submitted sheet has a form")
	}
	w.post("sheets/C01", url.Values{"indicator": {"3.1"}, "points": {"1"}}).shows(http.StatusUnprocessableEntity, "C01的评分表尚未开放，或者已经提交")
}

// What was sent back for its spread is marked, filled as it was, and gives no other's points away.
func TestASheetThatComesBack(t *testing.T) {
	t.Parallel()
	b := reviewing(t)
	b.run(t, `UPDATE scores SET points = 777, reason = '理由', method = 'website', place = '网站', checked_on = '2025-12-12', seen = '已核查' WHERE indicator = '3.1' AND unit = 'C01' AND assessor = 'web2'`)
	b.run(t, `UPDATE scores SET points = 500, reason = '超期公开6件', method = 'website', place = '网站', checked_on = '2025-12-12', seen = '已核查' WHERE indicator = '3.1' AND unit = 'C01' AND assessor = 'web1'`)
	b.run(t, `UPDATE sheets SET state = 'open', submissions = 1, remark = '考核员之间评分差距超过方案规定，请复核', marked = '{3.1}' WHERE unit = 'C01' AND assessor = 'web1'`)
	w := b.as(t, "web1")
	page := w.get("sheets/C01")
	page.shows(http.StatusOK, "重新评分原因 考核员之间评分差距超过方案规定，请复核", "涉及的指标标有“请复核”")
	page.lacks("7.77")
	if !strings.Contains(page.part("i-3.1"), "请复核") || strings.Contains(page.part("i-3.2"), "请复核") {
		t.Error("not just 3.1 is marked")
	}
	same(t, "the points", page.formWith("id", "score-i-3.1").Get("points"), "5")
	same(t, "the reason", page.formWith("id", "score-i-3.1").Get("reason"), "超期公开6件")
	w.get("sheets").shows(http.StatusOK, "考核员之间评分差距超过方案规定，请复核")
}

// One indicator of all open units, with the way to the next; a save comes back to it.
func TestByIndicator(t *testing.T) {
	t.Parallel()
	b := reviewing(t)
	w := b.as(t, "gov1")
	w.get("sheets/by").shows(http.StatusOK, "按指标评分", "1.1 领导机制、工作机构和工作人员", "已评0家，共2家")
	page := w.get("sheets/by/1.2")
	page.shows(http.StatusOK, "年度工作计划的制定和实施", "满分2分", "组织领导 · 待评分单位2家", "崆峒区人民政府1.2自查说明", "华亭市人民政府1.2自查说明", "专栏C021.2")
	page.lacks("1.1自查说明", "平凉市文化和旅游局")
	for _, link := range []string{"sheets/by/1.1", "sheets/by/1.3"} {
		if page.find(func(n *html.Node) bool { return n.Data == "a" && strings.HasSuffix(attribute(n, "href"), link) }) == nil {
			t.Errorf("no link to %s", link)
		}
	}
	form := page.formWith("id", "score-u-C02")
	form.Set("do", "full")
	page = w.post("sheets/C02", form)
	same(t, "where one goes on", page.path, "/pingliang/2025/sheets/by/1.2?page=1&saved=C02")
	same(t, "points of C02", b.row(t, `SELECT points::text FROM scores WHERE unit = 'C02' AND assessor = 'gov1' AND indicator = '1.2'`), "200")
	same(t, "points of C01", b.row(t, `SELECT count(points)::text FROM scores WHERE unit = 'C01' AND assessor = 'gov1'`), "0")
	form.Del("do")
	form.Set("points", "3")
	w.post("sheets/C02", form).shows(http.StatusUnprocessableEntity, "指标1.2：得分3.00不在0至2.00之间", "崆峒区人民政府1.2自查说明")
	w.get("sheets/by/1.2?page=7").shows(http.StatusOK, "崆峒区人民政府1.2自查说明")
	w.get("sheets/by/9.9").shows(http.StatusNotFound, "考核方案中没有指标9.9")
	b.as(t, "web1").get("sheets/by/1.2").shows(http.StatusOK, "没有待评分的单位")
	same(t, "who read", b.row(t, `SELECT string_agg(DISTINCT login || ' ' || event || ' ' || detail, ',') FROM access_log WHERE event LIKE '%read'`), "gov1 report_read 1.2 C01 C02")
	b.as(t, "admin").get("sheets/by/1.2").shows(http.StatusForbidden)
}
