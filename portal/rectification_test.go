package portal

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/internal/stage"
)

// attached is a file on its way in a form.
type attached struct{ name, content string }

// fileFor sends the form of C01's order with files, its fields first, as browsers do.
func (w *browser) fileFor(form url.Values, files ...attached) *page {
	w.t.Helper()
	var body bytes.Buffer
	out := multipart.NewWriter(&body)
	for _, name := range slices.Sorted(maps.Keys(form)) {
		for _, value := range form[name] {
			stage.Must(w.t, out.WriteField(name, value))
		}
	}
	for _, file := range files {
		part, err := out.CreateFormFile("file", file.name)
		stage.Must(w.t, err)
		_, err = io.WriteString(part, file.content)
		stage.Must(w.t, err)
	}
	stage.Must(w.t, out.Close())
	request, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.address(orderC01+"/file"), &body)
	stage.Must(w.t, err)
	request.Header.Set("Content-Type", out.FormDataContentType())
	return w.do(request)
}

const (
	orderC01 = "units/C01/rectification/0"
	filed    = `SELECT filing || ' ' || kind || ' ' || content || ' ' || filed_by FROM rectification_filings ORDER BY filing`
	proved   = `SELECT filing || '.' || position || ' ' || name || ' ' || link || sha256 || ' ' || size FROM rectification_evidence ORDER BY filing, position`
	pdf      = "%PDF-1.4\n% 整改前后对照\n"
)

func digestOf(content string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:])
}

// The whole way of one order: measures with evidence, a report, sent back, reported again, accepted after re-checks.
func TestAnOrdersWholeWay(t *testing.T) {
	t.Parallel()
	b := ordered(t)
	contact, admin := b.as(t, "c01.contact"), b.as(t, "admin")
	page := contact.get(orderC01)
	page.shows(http.StatusOK, "整改通知", "第十三条", "待报措施", "2026年3月13日(周五，还有9个工作日)", "超期公开一件 重复问题", "读网检查", "报送整改措施",
		"下达整改通知：2个问题，期限2026年3月13日(周五)")
	page.lacks("栏目超期未更新", "复查所见")

	form := page.form("/file")
	form.Set("text", "逐项整改，\r\n3月10日前完成")
	form.Set("link", "https://zwgk.example/zhuanlan")
	form.Set("link_name", "专栏")
	form.Set("do", "file")
	contact.fileFor(form, attached{"对照表.pdf", pdf}).shows(http.StatusOK, "整改措施已报送", "对照表.pdf", "报告整改情况")
	b.holds(t, filed, "1 measures 逐项整改，\n3月10日前完成 c01.contact")
	b.holds(t, proved, "1.1 对照表.pdf "+digestOf(pdf)+" 30", "1.2 专栏 https://zwgk.example/zhuanlan 0")
	b.holds(t, journaled, `measures_filed C01 c01.contact A13 {"evidence":2,"number":0}`)

	form = contact.get(orderC01).form("/file")
	form.Set("text", "已全部整改")
	form.Set("do", "file")
	page = contact.fileFor(form)
	page.shows(http.StatusOK, "整改情况已报告", "待审核")
	if n := page.find(func(n *html.Node) bool { return strings.HasSuffix(attribute(n, "action"), "/file") }); n != nil {
		t.Error("a report that is in can still be written")
	}
	// The same click once more is the same act.
	contact.fileFor(form).shows(http.StatusOK, "整改情况已报告")
	b.holds(t, `SELECT count(*)::text FROM rectification_filings`, "2")
	b.holds(t, journaled, `rectification_reported C01 c01.contact A13 {"number":0}`)

	back := admin.get(orderC01).form("/back")
	admin.post(orderC01+"/back", back).shows(http.StatusUnprocessableEntity, "请填写理由")
	back.Set("back_reason", "未附答复文书")
	back.Set("back_due", "2026-03-02")
	admin.post(orderC01+"/back", back).shows(http.StatusUnprocessableEntity, "新的期限2026-03-02不晚于今天", "未附答复文书")
	back.Set("back_due", "2026-03-20")
	admin.post(orderC01+"/back", back).shows(http.StatusOK, "已退回", "退回意见 未附答复文书", "2026年3月20日(周五，还有14个工作日)", "退回次数 1")
	b.holds(t, journaled, `rectification_sent_back C01 admin A13 {"due":"2026-03-20","number":0,"reason":"未附答复文书"}`)
	b.holds(t, mailed("rectification_sent_back"), "C01 zwgk@kongtong.pingliang.example")

	page = contact.get(orderC01)
	page.shows(http.StatusOK, "退回意见 未附答复文书")
	form = page.form("/file")
	if form.Get("text") != "已全部整改" {
		t.Errorf("the report that came back is written on from %q", form.Get("text"))
	}
	form.Set("text", "已全部整改，附答复文书")
	form.Set("do", "file")
	contact.fileFor(form).shows(http.StatusOK, "整改情况已报告")
	b.holds(t, filed, "1 measures 逐项整改，\n3月10日前完成 c01.contact", "2 report 已全部整改 c01.contact", "3 report 已全部整改，附答复文书 c01.contact")

	page = admin.get(orderC01)
	page.shows(http.StatusOK, "第1个问题", "发现方式：读网检查，扣1分", "复查所见（查阅资料）", "再次退回")
	form = page.form("/accept")
	form.Set("seen-1", "专栏已补发")
	page = admin.post(orderC01+"/accept", form)
	page.shows(http.StatusUnprocessableEntity, "请写明第2个问题的复查所见（A13）", "专栏已补发")
	form = page.form("/accept")
	form.Set("seen-2", "答复文书规范")
	admin.post(orderC01+"/accept", form).shows(http.StatusOK, "已通过审核", "整改完成", "答复文书规范", "复查合格，整改完成", "退回重新整改，期限2026年3月20日(周五)。意见：未附答复文书")
	b.holds(t, `SELECT position || ' ' || recheck || ' ' || recheck_by || ' ' || seen FROM problems WHERE unit = 'C01' ORDER BY position`,
		"1 website admin 专栏已补发", "2 documents admin 答复文书规范")
	b.holds(t, journaled, `rectification_accepted C01 admin A13 {"number":0}`)
}

// Everything that is wrong is told at once, and what was typed stays; nothing is filed.
func TestAFilingThatIsRefused(t *testing.T) {
	t.Parallel()
	b := ordered(t)
	w := b.as(t, "c01.contact")
	form := w.get(orderC01).form("/file")
	form.Set("link", "javascript:alert(1)")
	form.Set("do", "file")
	page := w.fileFor(form)
	page.shows(http.StatusUnprocessableEntity, "请填写内容（A13）", "第1项佐证材料的网址不正确，应以http://或https://开头")
	form = page.form("/file")
	if form.Get("link") != "javascript:alert(1)" {
		t.Errorf("the link is %q", form.Get("link"))
	}
	form.Set("link", "")
	form.Set("text", "逐项整改")
	form.Set("do", "file")
	page = w.fileFor(form, attached{"工具.exe", "MZ\x90\x00"}, attached{"网页.pdf", "<!doctype html><p>x"}, attached{"对照表.pdf", pdf})
	page.shows(http.StatusUnprocessableEntity, "工具.exe是程序文件", "网页.pdf是网页文件", "对照表.pdf")
	b.holds(t, filed)
	// The good file waits in the draft with the text, for the next attempt; another can still be taken out.
	form = page.form("/file")
	if form.Get("text") != "逐项整改" {
		t.Errorf("the text is %q", form.Get("text"))
	}
	form.Set("do", "file")
	w.fileFor(form).shows(http.StatusOK, "整改措施已报送")
	b.holds(t, proved, "1.1 对照表.pdf "+digestOf(pdf)+" 30")
	b.holds(t, `SELECT count(*)::text FROM rectification_drafts`, "0")
}

func TestADraftIsKeptWhileTyping(t *testing.T) {
	t.Parallel()
	b := ordered(t)
	w := b.as(t, "c01.contact")
	typing := url.Values{"kind": {"measures"}, "text": {"先整改"}}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.address(orderC01+"/file"), strings.NewReader(typing.Encode()))
	stage.Must(t, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Hx-Request", "true")
	w.do(request).shows(http.StatusNoContent)
	b.holds(t, `SELECT kind || ' ' || content FROM rectification_drafts`, "measures 先整改")
	form := w.get(orderC01).form("/file")
	if form.Get("text") != "先整改" {
		t.Errorf("the draft is %q", form.Get("text"))
	}
	// Files and links are gathered, and one is taken out again.
	form.Set("link", "https://zwgk.example")
	form.Set("link_name", "专栏")
	form.Set("do", "save")
	w.fileFor(form, attached{"对照表.pdf", pdf}).shows(http.StatusOK, "已保存，尚未报送", "专栏", "对照表.pdf")
	form = w.get(orderC01).form("/file")
	form.Set("remove", "https://zwgk.example")
	page := w.fileFor(form)
	page.shows(http.StatusOK, "对照表.pdf")
	page.lacks("专栏 ")
	b.holds(t, filed)
	b.holds(t, `SELECT evidence->0->>'name' || jsonb_array_length(evidence) FROM rectification_drafts`, "对照表.pdf1")
	// A draft is nobody else's: not the head's, not the authority's.
	b.as(t, "c01.head").get(orderC01).lacks("先整改", "对照表.pdf")
	b.as(t, "admin").get(orderC01).lacks("先整改", "对照表.pdf")
}

// A file is what its digest says, is sent as an attachment, and only to who may read the order; that is logged.
func TestFiledEvidenceIsDownloaded(t *testing.T) {
	t.Parallel()
	b := ordered(t)
	contact := b.as(t, "c01.contact")
	form := contact.get(orderC01).form("/file")
	form.Set("text", "逐项整改")
	form.Set("do", "save")
	contact.fileFor(form, attached{"对照表.pdf", pdf})
	file := orderC01 + "/evidence/" + digestOf(pdf)
	if page := contact.get(file); page.status != http.StatusOK || page.body != pdf {
		t.Errorf("the own draft's file: %d %q", page.status, page.body)
	}
	admin := b.as(t, "admin")
	if page := admin.get(file); page.status != http.StatusNotFound {
		t.Errorf("a draft's file for the authority: %d", page.status)
	}
	form = contact.get(orderC01).form("/file")
	form.Set("do", "file")
	contact.fileFor(form)
	page := admin.get(file)
	if page.body != pdf || !strings.HasPrefix(page.header.Get("Content-Disposition"), "attachment;") || page.header.Get("Content-Type") != "application/octet-stream" {
		t.Errorf("%d %q %v", page.status, page.body, page.header)
	}
	page = admin.get(file + "?inline=1")
	if page.header.Get("Content-Type") != "application/pdf" || !strings.Contains(page.header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("in place: %v", page.header)
	}
	b.holds(t, `SELECT DISTINCT login || ' ' || detail FROM access_log WHERE event = 'evidence_read'`, "admin C01/对照表.pdf")
	if page := admin.get(orderC01 + "/evidence/" + digestOf("another")); page.status != http.StatusNotFound {
		t.Errorf("a file that nobody filed: %d", page.status)
	}
	if page := admin.get("units/D18/rectification/0/evidence/" + digestOf(pdf)); page.status != http.StatusNotFound {
		t.Errorf("a file of another unit's order: %d", page.status)
	}
}

func TestALimitIsExtended(t *testing.T) {
	t.Parallel()
	b := ordered(t)
	w := b.as(t, "admin")
	form := w.get(orderC01).form("/extend")
	w.post(orderC01+"/extend", form).shows(http.StatusUnprocessableEntity, "请填写新的整改期限（A13）", "请填写理由")
	form.Set("extension_due", "2026-03-02")
	page := w.post(orderC01+"/extend", form)
	page.shows(http.StatusUnprocessableEntity, "不晚于今天", "请填写理由")
	form = page.form("/extend")
	form.Set("extension_reason", "系统迁移")
	form.Set("extension_due", "2026-03-13")
	w.post(orderC01+"/extend", form).shows(http.StatusUnprocessableEntity, "2026-03-13", "系统迁移")
	form.Set("extension_due", "2026-03-27")
	w.post(orderC01+"/extend", form).shows(http.StatusOK, "整改期限已延长", "2026年3月27日(周五，还有19个工作日)", "期限延长至2026年3月27日(周五)。理由：系统迁移")
	b.holds(t, journaled, `deadline_extended C01 admin A13 {"number":0,"phase":"rectification","reason":"系统迁移","to":"2026-03-27"}`)
	b.holds(t, mailed("deadline_extended"), "C01 zwgk@kongtong.pingliang.example")
}

// A drafted order is the authority's; so is one that is not there.
func TestADraftedOrderIsNotTheUnits(t *testing.T) {
	t.Parallel()
	b := drafting(t)
	contact := b.as(t, "c01.contact")
	for _, path := range []string{orderC01, "units/C01/rectification/7", "units/C01/rectification/x"} {
		if page := contact.get(path); page.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, page.status)
		}
	}
	b.as(t, "leader").get(orderC01).shows(http.StatusOK, "待下达", "超期公开一件")
}

// Overdue is red for everybody who reads it, until the unit has reported.
func TestAnOverdueOrder(t *testing.T) {
	t.Parallel()
	b := ordered(t)
	b.At(calendar.Date{Year: 2026, Month: time.March, Day: 16}, 9)
	b.as(t, "c01.head").get(orderC01).shows(http.StatusOK, "2026年3月13日(周五，已逾期1个工作日)")
	b.execute(t, `UPDATE rectifications SET state = 'reported'`)
	b.as(t, "c01.contact").get(orderC01).lacks("逾期")
}
