package portal

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/kaoping/kaoping/internal/stage"
	"github.com/kaoping/kaoping/office"
)

// Each line reads as a sentence; its raw form is there to unfold.
func TestTheJournalReads(t *testing.T) {
	t.Parallel()
	b := overdue(t)
	w := b.as(t, "auditor")
	page := w.get("journal")
	page.shows(http.StatusOK, "12月10日 09:00 延长期限 平凉市文化和旅游局 市政务公开办公室管理员 A8(5) 环节：自查报告报送；延长至：2025年12月17日(周三)；理由：系统升级",
		"报送自查报告 崆峒区人民政府 崆峒区人民政府联络员 A8(5) 第几稿：1；逾期：否", "办结待办 崆峒区人民政府 崆峒区人民政府联络员 A8(5) 种类：提交自查报告",
		"邮件被退回 华亭市人民政府 A8(4) 种类：考核通知；收件地址：zwgk@huating.pingliang.example；对方服务器的答复：550 5.1.1 no such user",
		"启动年度考核 市政务公开办公室管理员 A8 单位：3；考核细则：pingliang-2022；延续文件：平政办发〔2024〕00号(示例)")
	raw := page.find(func(n *html.Node) bool {
		return n.Data == "code" && strings.Contains(textOf(n), `"reason":"系统升级"`)
	})
	if raw == nil {
		t.Error("the raw line is not there")
	}
}

func TestTheJournalIsSearched(t *testing.T) {
	t.Parallel()
	w := overdue(t).as(t, "admin")
	for query, count := range map[string]int{
		"event=deadline_extended":           1,
		"event=mail_sent&unit=C01":          1,
		"unit=C02&event=task_opened":        2, // the self-report, the telephone
		"person=c01.contact":                2, // the report, and the end of its task
		"article=A8(4)&unit=C02":            4, // notice queued and refused, two tasks
		"article=A8":                        15,
		"q=" + url.QueryEscape("系统升级"):      1,
		"q=" + url.QueryEscape("华亭"):        4,
		"q=550+5.1.1":                       1,
		"from=2025-12-10&to=2025-12-10":     4,
		"to=2025-11-23":                     0,
		"from=2025-12-11":                   0,
		"event=cycle_started&unit=C01":      0,
		"from=nonsense&event=cycle_started": 1,
	} {
		page := w.get("journal?" + query)
		lines := 0
		for n := range page.root.Descendants() {
			if n.Type == html.ElementNode && n.Data == "time" {
				lines++
			}
		}
		if page.status != http.StatusOK || lines != count {
			t.Errorf("%s finds %d lines, want %d:\n%s", query, lines, count, page.text())
		}
	}
	w.get("journal?from=nonsense").shows(http.StatusOK, "日期无法识别，已忽略")
}

// The pages lead from the newest line to the first and back.
func TestTheJournalInPages(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Running(t))
	for day := range 70 {
		b.At(stage.Day(time.November, 24).AddDays(day), 10)
		_, err := b.As("admin").Remind(t.Context(), strings.Repeat("x", 1+b.counted(t, `SELECT count(*)::int FROM journal`)), "C01")
		stage.Must(t, err)
	}
	w := b.as(t, "admin")
	link := func(page *page, rel string) string {
		node := page.find(func(n *html.Node) bool { return n.Data == "a" && attribute(n, "rel") == rel })
		return attribute(node, "href")
	}
	newest := w.get("journal")
	if link(newest, "prev") != "" {
		t.Error("there is something newer than the newest")
	}
	older := w.get(link(newest, "next"))
	older.shows(http.StatusOK, "启动年度考核")
	if link(older, "next") != "" {
		t.Error("there is something older than the first line")
	}
	if back := w.get(link(older, "prev")); back.text() != newest.text() {
		t.Errorf("the way back leads to another page:\n%s\n%s", back.text(), newest.text())
	}
}

// Who reads the journal stands in the access log, with what was looked for.
func TestReadingTheJournalIsNoted(t *testing.T) {
	t.Parallel()
	b := overdue(t)
	b.as(t, "auditor").get("journal?unit=C01&q=" + url.QueryEscape("报告"))
	if got := b.counted(t, `SELECT count(*) FROM access_log WHERE event = 'journal_read' AND login = 'auditor' AND detail = 'unit=C01 q=报告'`); got != 1 {
		t.Errorf("the access log has %d lines", got)
	}
	b.as(t, "leader").get("journal").shows(http.StatusForbidden, "您没有权限")
	if got := b.counted(t, `SELECT count(*) FROM access_log WHERE event = 'journal_read'`); got != 1 {
		t.Errorf("the access log has %d lines", got)
	}
}

func TestEveryEventHasAName(t *testing.T) {
	t.Parallel()
	catalogue, err := readCatalogue()
	stage.Must(t, err)
	for _, event := range office.JournalEvents {
		if !catalogue.Has("journal.event." + event) {
			t.Errorf("the event %s has no name", event)
		}
	}
	for _, key := range journalKeys {
		if !catalogue.Has("journal.data." + key) {
			t.Errorf("the data %s has no name", key)
		}
	}
}
