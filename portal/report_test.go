package portal

import (
	"bytes"
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/kaoping/kaoping/internal/stage"
	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/rules"
)

// writes fills a unit's draft, but for the indicators left out.
func writes(t *testing.T, b *bundle, unit string, without ...string) {
	t.Helper()
	desk := b.As(strings.ToLower(unit) + ".contact")
	plan, err := desk.Plan(t.Context())
	stage.Must(t, err)
	var items []office.ReportItem
	for _, indicator := range plan.Indicators {
		if !strings.Contains(" "+strings.Join(without, " ")+" ", " "+indicator.Code+" ") {
			items = append(items, office.ReportItem{Indicator: indicator.Code, Statement: "已落实" + indicator.Code, SelfScore: indicator.Max})
		}
	}
	stage.Must(t, desk.SaveReport(t.Context(), items))
}

// text is the one value that a query of the database answers.
func (b *bundle) text(t *testing.T, statement string, args ...any) string {
	t.Helper()
	var text string
	stage.Must(t, b.DB.QueryRowContext(t.Context(), statement, args...).Scan(&text))
	return text
}

func (b *bundle) alter(t *testing.T, statement string) {
	t.Helper()
	_, err := b.DB.ExecContext(t.Context(), statement)
	stage.Must(t, err)
}

func want(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// part is one field of a form with files, or a file.
type part struct{ name, file, content string }

// sendParts sends a form with files.
func (w *browser) sendParts(path string, parts ...part) *page {
	w.t.Helper()
	request := w.multipart(path, parts...)
	return w.do(request)
}

func (w *browser) multipart(path string, parts ...part) *http.Request {
	w.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, part := range parts {
		var field io.Writer
		var err error
		if part.file != "" {
			field, err = form.CreateFormFile(part.name, part.file)
		} else {
			field, err = form.CreateFormField(part.name)
		}
		stage.Must(w.t, err)
		_, err = io.WriteString(field, part.content)
		stage.Must(w.t, err)
	}
	stage.Must(w.t, form.Close())
	request, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.address(path), &body)
	stage.Must(w.t, err)
	request.Header.Set("Content-Type", form.FormDataContentType())
	return request
}

// block is the text of the element with this id.
func (p *page) block(id string) string {
	p.t.Helper()
	node := p.find(func(n *html.Node) bool { return attribute(n, "id") == id })
	if node == nil {
		p.t.Fatalf("%s has no #%s", p.path, id)
	}
	return textOf(node)
}

func (p *page) blockShows(id string, texts ...string) {
	p.t.Helper()
	for _, text := range texts {
		if !strings.Contains(p.block(id), text) {
			p.t.Errorf("%s#%s does not show %q:\n%s", p.path, id, text, p.block(id))
		}
	}
}

const item = "units/C01/report/item?indicator="

// A contact writes the report indicator by indicator and submits it once (A8(5)).
func TestAReportIsWrittenAndSubmitted(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Running(t))
	w := b.as(t, "c01.contact")
	page := w.get("units/C01/report")
	page.shows(http.StatusOK, "自查报告", "崆峒区人民政府 2025年度", "报送截止：2025年12月12日(周五，还有14个工作日)", "已填0项，共25项", "还有25项待填", "主动公开")
	page.blockShows("i3.4", "政府信息公开年度报告编制和发布", "满分3分", "未按时发布扣3分", "读网检查", "本项考核2024年度的工作")

	form := page.form("item?indicator=1.1#i1.1")
	form.Set("statement", "已明确工作机构")
	form.Set("self_score", "１．５")
	page = w.post(item+"1.1", form)
	page.shows(http.StatusOK, "已保存", "已填1项，共25项", "还有24项待填", "有1项未附佐证材料")
	want(t, "what is kept", b.text(t, `SELECT statement || '|' || self_score FROM report_items`), "已明确工作机构|150")
	want(t, "what the form shows", page.form("item?indicator=1.1#i1.1").Get("self_score"), "1.5")

	submit := page.form("report/submit")
	page = w.post("units/C01/report/submit", submit)
	page.shows(http.StatusUnprocessableEntity, "指标1.2没有填写自查情况（A8(5)）", "指标1.2没有填写自评分（A8(5)）", "指标8.5没有填写自评分（A8(5)）")
	want(t, "the state", b.text(t, `SELECT state FROM reports`), "draft")

	writes(t, b, "C01", "1.1")
	submit = w.get("units/C01/report").form("report/submit")
	for range 2 {
		page = w.post("units/C01/report/submit", submit)
		page.shows(http.StatusOK, "自查报告已按时提交", "已于2025年11月24日(周一) 10:00按时提交")
		page.lacks("保存", "迟交")
	}
	want(t, "acts", b.text(t, `SELECT count(*) FROM journal WHERE event = 'report_submitted'`), "1")
}

func TestALateReport(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Running(t))
	writes(t, b, "C01")
	b.At(stage.Day(time.December, 15), 9)
	w := b.as(t, "c01.contact")
	page := w.get("units/C01/report")
	page.shows(http.StatusOK, "逾期未报送", "2025年12月12日(周五，已逾期1个工作日)")
	w.post("units/C01/report/submit", page.form("report/submit")).shows(http.StatusOK, "报送时限已过，记为迟交", "提交（迟交）")
	want(t, "late", b.text(t, `SELECT late FROM reports`), "true")
}

// What is refused stays as typed, beside the reason, and the other indicators as they were.
func TestARefusedItem(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Running(t))
	w := b.as(t, "c01.contact")
	for score, reason := range map[string]string{"2.01": "自评分2.01不在0至2.00之间", "两分": "不是有效分值，请填写数字，最多两位小数"} {
		page := w.post(item+"1.1", url.Values{"statement": {"已明确"}, "self_score": {score}})
		page.shows(http.StatusUnprocessableEntity, reason)
		page.blockShows("i1.1", reason)
		want(t, "the text", page.form("item?indicator=1.1#i1.1").Get("statement"), "已明确")
		want(t, "the score", page.form("item?indicator=1.1#i1.1").Get("self_score"), score)
		want(t, "another's text", page.form("item?indicator=1.2#i1.2").Get("statement"), "")
	}
	w.post(item+"9.9", url.Values{"statement": {"x"}}).shows(http.StatusUnprocessableEntity, "指标9.9：本单位的考核方案中没有该指标")
	want(t, "items", b.text(t, `SELECT count(*) FROM report_items`), "0")
}

// Saving while one types answers without a page: kept, refused with the reason, or signed out.
func TestAutosave(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Running(t))
	w := b.as(t, "c01.contact")
	autosave := func(w *browser, score string) *page {
		request := w.multipart(item+"1.1", part{name: "statement", content: "边写边存"}, part{name: "self_score", content: score}, part{name: "link", content: "https://尚未添加.example"})
		request.Header.Set("HX-Request", "true")
		return w.do(request)
	}
	if answer := autosave(w, ""); answer.status != http.StatusNoContent {
		t.Errorf("saving answers %d: %s", answer.status, answer.body)
	}
	want(t, "the text", b.text(t, `SELECT statement || '|' || COALESCE(self_score, -1) FROM report_items`), "边写边存|-1")
	want(t, "a link is added by its button only", b.text(t, `SELECT count(*) FROM evidence`), "0")
	if answer := autosave(w, "3"); answer.status != http.StatusUnprocessableEntity || answer.body != "指标1.1：自评分3.00不在0至2.00之间" {
		t.Errorf("a wrong score answers %d: %s", answer.status, answer.body)
	}
	if answer := autosave(b.browser(t), "1"); answer.status != http.StatusUnauthorized {
		t.Errorf("without a session it answers %d", answer.status)
	}
}

// A session that ends while somebody writes loses nothing that was typed, in a form with files too.
func TestWritingGoesOnAfterTheSessionEnded(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Running(t))
	b.as(t, "c01.contact")
	w := b.browser(t)
	page := w.sendParts(item+"1.1", part{name: "statement", content: "写了很久"}, part{name: "self_score", content: "2"}, part{name: "file", file: "台账.txt", content: "文件"})
	page.shows(http.StatusUnauthorized, "登录")
	form := page.form("/login")
	form.Set("login", "c01.contact")
	form.Set("password", password)
	page = w.post("/login", form)
	page = w.post(item+"1.1", page.form("item?indicator=1.1"))
	page.shows(http.StatusOK, "已保存")
	want(t, "the text", b.text(t, `SELECT statement || '|' || self_score FROM report_items`), "写了很久|200")
}

// The administrator returns a report with a reason and a new date; the unit sees both, beside the indicator too (A8(5)).
func TestAReportIsReturned(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Running(t))
	writes(t, b, "C01")
	contact, admin := b.as(t, "c01.contact"), b.as(t, "admin")
	contact.post("units/C01/report/submit", contact.get("units/C01/report").form("report/submit")).shows(http.StatusOK)
	page := admin.get("units/C01/report")
	page.shows(http.StatusOK, "已落实3.1", "退回补正")
	form := page.form("report/return")
	want(t, "the date proposed", form.Get("date"), "2025-11-27")
	form.Set("reason", "第3.1项佐证材料缺失")
	form.Set("date", "2026-02-01")
	page = admin.post("units/C01/report/return", form)
	page.shows(http.StatusUnprocessableEntity, "新的日期应晚于今天、早于评分截止日2026-01-09")
	want(t, "the reason typed", page.form("report/return").Get("reason"), "第3.1项佐证材料缺失")
	form = page.form("report/return")
	form.Set("date", "2025-12-17")
	admin.post("units/C01/report/return", form).shows(http.StatusOK, "已退回，并已发邮件通知该单位", "延长报送时限", "第3.1项佐证材料缺失")

	page = contact.get("units/C01/report")
	page.shows(http.StatusOK, "第2稿", "退回意见： 第3.1项佐证材料缺失", "请补正后于2025年12月17日(周三，还有17个工作日)前重新提交")
	page.blockShows("i3.1", "退回意见")
	if strings.Contains(page.block("i1.1"), "退回意见") {
		t.Error("an indicator that the reason does not name shows it")
	}
	contact.post(item+"3.1", url.Values{"statement": {"已全部落实3.1并补附台账"}, "self_score": {"7.5"}, "link": {"https://kongtong.example/台账"}, "link_name": {"台账"}}).shows(http.StatusOK)
	page = contact.get("units/C01/report?compare=1")
	page.shows(http.StatusOK, "稿件对比", "第1稿与第2稿", "24项无变化", "自评分 8.00", "自评分 7.50", "新增的佐证： 台账")
	want(t, "what is new", marked(page, "ins"), "全部 并补附台账 7.50 台账")
	want(t, "what is gone", marked(page, "del"), "8.00")
	contact.get("units/C01/report?compare=1&revision=1").shows(http.StatusNotFound, "没有更早的稿件可以对比")
	contact.get("units/C01/report?revision=1").shows(http.StatusOK, "第1稿", "已落实3.1")
	admin.get("units/C01/report?compare=1").shows(http.StatusNotFound)
}

// marked are the texts of all elements of a kind.
func marked(p *page, kind string) string {
	var texts []string
	for n := range p.root.Descendants() {
		if n.Type == html.ElementNode && n.Data == kind {
			texts = append(texts, textOf(n))
		}
	}
	return strings.Join(texts, " ")
}

func TestADeadlineIsExtended(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Running(t))
	admin := b.as(t, "admin")
	page := admin.get("units/C01/report")
	page.shows(http.StatusOK, "尚未提交自查报告", "延长报送时限")
	form := page.form("report/extend")
	want(t, "the date proposed", form.Get("date"), "2025-12-17")
	admin.post("units/C01/report/extend", url.Values{"act": {form.Get("act")}, "date": {""}, "reason": {"机构搬迁"}}).shows(http.StatusUnprocessableEntity, "请填写新的截止日期")
	form.Set("reason", "机构搬迁")
	admin.post("units/C01/report/extend", form).shows(http.StatusOK, "时限已延长", "2025年12月17日")
	want(t, "the date", b.text(t, `SELECT report_due FROM assessments WHERE unit = 'C01'`)[:10], "2025-12-17")
}

// The head reads along, the authority and the unit's assessors read what is submitted, nobody else does; every reading of
// another's report is logged.
func TestWhoReadsAReport(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Running(t))
	b.alter(t, `DELETE FROM sheets WHERE assessor = 'web2' AND unit = 'C01'`)
	writes(t, b, "C01")
	b.as(t, "c01.head").get("units/C01/report").shows(http.StatusOK, "第1稿", "已落实3.1")
	gov := b.as(t, "gov1")
	page := gov.get("units/C01/report")
	page.shows(http.StatusOK, "尚未提交自查报告")
	page.lacks("已落实3.1")
	_, err := b.As("c01.contact").SubmitReport(t.Context(), "submit")
	stage.Must(t, err)
	gov.get("units/C01/report").shows(http.StatusOK, "已落实3.1")
	b.as(t, "auditor").get("units/C01/report").shows(http.StatusOK, "已落实3.1")
	for login, reason := range map[string]string{
		"web2": "您没有C01的评分任务（A8(6)）", "leader": "您没有办理此事项的权限", "deputy": "您没有办理此事项的权限", "orgdept": "您没有办理此事项的权限",
		"c02.contact": "各单位只能查看本单位的情况", "c02.head": "各单位只能查看本单位的情况",
	} {
		b.as(t, login).get("units/C01/report").shows(http.StatusForbidden, reason)
	}
	want(t, "the log", b.text(t, `SELECT string_agg(login || ' ' || detail, ', ' ORDER BY access_id) FROM access_log WHERE event = 'report_read'`), "gov1 C01/0, gov1 C01/1, auditor C01/1")
}

// Nobody's files become another's evidence.
func TestWhoUploads(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Running(t))
	for _, login := range []string{"c02.contact", "c01.head", "admin"} {
		b.as(t, login).sendParts(item+"1.1", part{name: "statement", content: "冒充"}, part{name: "file", file: "台账.txt", content: "冒充"}).shows(http.StatusForbidden)
	}
	want(t, "items and evidence", b.text(t, `SELECT (SELECT count(*) FROM report_items) || ' ' || (SELECT count(*) FROM evidence)`), "0 0")
}

const act = "11111111-2222-4333-8444-555555555555"

func TestATextNamesAnIndicator(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"第3.1项缺失": true, "3.1": true, "见3.1。": true, "指标3.1.": true, "13.1": false, "3.10": false, "3.1.2": false, "2.3.1": false, "13.1和3.1": true, "": false,
	} {
		if names(text, "3.1") != want {
			t.Errorf("%q names 3.1: %t", text, !want)
		}
	}
}

func TestSizes(t *testing.T) {
	t.Parallel()
	for bytes, text := range map[int64]string{812: "812 B", 23_400: "23.4 kB", 1_200_000: "1.2 MB", 52_428_800: "52.4 MB"} {
		want(t, "size", size(bytes), text)
	}
}

// A slow comparison ends and shows both sides whole.
func TestDifferences(t *testing.T) {
	t.Parallel()
	old, changed := differences("文件49件，均已公开", "文件46件，均已公开并解读")
	render := func(list []stretch) string {
		text := ""
		for _, piece := range list {
			if piece.Changed {
				text += "[" + piece.Text + "]"
			} else {
				text += piece.Text
			}
		}
		return text
	}
	want(t, "before", render(old), "文件4[9]件，均已公开")
	want(t, "after", render(changed), "文件4[6]件，均已公开[并解读]")
}

func TestSelfScores(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]rules.Points{"2": 200, "4.75\t": 475, "４．５": 450, "4。5": 450} {
		points, err := selfScore(typed)
		if err != nil || *points != want {
			t.Errorf("%q is %v, %v", typed, points, err)
		}
	}
	if points, err := selfScore(" "); points != nil || err != nil {
		t.Errorf("nothing is %v, %v", points, err)
	}
}

// An upload that is cut off keeps nothing of the file, and what was typed stands on the page.
func TestAnUploadThatIsCutOff(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Running(t))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	w := b.as(t, "c01.contact")
	request := w.multipart(item+"1.1", part{name: "statement", content: "断线"}, part{name: "file", file: "台账.txt", content: strings.Repeat("文", 10000)})
	whole, err := io.ReadAll(request.Body)
	stage.Must(t, err)
	reader, writer := io.Pipe()
	recorder := httptest.NewRecorder()
	cut := httptest.NewRequestWithContext(ctx, http.MethodPost, cycle+item+"1.1", reader)
	cut.Header = request.Header
	for _, cookie := range w.client.Jar.Cookies(request.URL) {
		cut.AddCookie(cookie)
	}
	go func() {
		_, _ = writer.Write(whole[:len(whole)/2])
		_ = writer.CloseWithError(io.ErrUnexpectedEOF)
	}()
	b.portal.ServeHTTP(recorder, cut)
	if recorder.Code != http.StatusUnprocessableEntity || !strings.Contains(recorder.Body.String(), "上传中断，请重新提交") || !strings.Contains(recorder.Body.String(), "断线") {
		t.Errorf("an upload that is cut off answers %d: %s", recorder.Code, recorder.Body.String())
	}
	want(t, "evidence", b.text(t, `SELECT count(*) FROM evidence`), "0")
}
