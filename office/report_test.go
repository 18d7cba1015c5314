package office

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
)

func points(p rules.Points) *rules.Points { return &p }

// An item is saved by itself, before its self-score if one likes; its evidence stays (A8(5)).
func TestAnItemIsSavedByItself(t *testing.T) {
	t.Parallel()
	b := running(t)
	b.Evidence = evidenceIn(t)
	desk := b.desk(t, "c01.contact")
	link := Evidence{Name: " 专栏 ", Link: "https://kongtong.example/zwgk"}
	must(t, desk.AddEvidence(t.Context(), "C01", "1.1", link))
	must(t, desk.AddEvidence(t.Context(), "C01", "1.1", link))
	must(t, desk.SaveItem(t.Context(), "C01", "1.1", " 已明确\r\n工作机构 ", nil))
	is(t, "no self-score yet", b.text(t, `SELECT statement || '|' || COALESCE(self_score, -1) FROM report_items`), "已明确\n工作机构|-1")
	must(t, desk.SaveItem(t.Context(), "C01", "1.1", "已明确", points(150)))
	fails(t, desk.AddEvidence(t.Context(), "C01", "1.1", Evidence{Name: "文件", SHA256: strings.Repeat("a", 64), Size: 7}), store.Refused,
		"indicator 1.1: the file of the evidence is not kept: attach it again")
	file, err := desk.AttachFile(t.Context(), "文件", strings.NewReader("1234567"))
	must(t, err)
	must(t, desk.AddEvidence(t.Context(), "C01", "1.1", file))
	is(t, "the item", b.text(t, `SELECT statement || '|' || self_score FROM report_items`), "已明确|150")
	is(t, "evidence", b.text(t, `SELECT string_agg(position || name || link || size, ' ' ORDER BY position) FROM evidence`), "1专栏https://kongtong.example/zwgk0 2文件7")
	must(t, desk.RemoveEvidence(t.Context(), "C01", "1.1", "https://kongtong.example/zwgk"))
	must(t, desk.RemoveEvidence(t.Context(), "C01", "1.1", "https://kongtong.example/zwgk"))
	must(t, desk.RemoveEvidence(t.Context(), "C01", "1.1", ""))
	is(t, "what is left", b.text(t, `SELECT string_agg(name, ' ') FROM evidence`), "文件")
}

func TestAnItemThatIsRefused(t *testing.T) {
	t.Parallel()
	b := running(t)
	desk := b.desk(t, "c01.contact")
	ctx := t.Context()
	fails(t, desk.SaveItem(ctx, "C01", "1.1", strings.Repeat("长", 10001), points(201)), store.Refused,
		"indicator 1.1: a self-score of 2.01 lies outside 0 to 2.00", "indicator 1.1: the statement has more than 10000 characters")
	fails(t, desk.SaveItem(ctx, "C01", "9.9", "好", nil), store.Refused, "indicator 9.9: there is none in the scheme for this unit")
	fails(t, desk.AddEvidence(ctx, "C01", "1.1", Evidence{Name: "坏", Link: "javascript:alert(1)"}), store.Refused,
		"indicator 1.1: the evidence has a link that is no web address: it begins with http:// or https://")
	fails(t, desk.AddEvidence(ctx, "C01", "1.1", Evidence{Link: "https://x.example"}), store.Refused, "indicator 1.1: the evidence has no name")
	fails(t, desk.SaveItem(ctx, "C02", "1.1", "好", nil), store.Forbidden, "a contact writes the report of his own unit only (A8(5))")
	fails(t, desk.SaveReport(ctx, []ReportItem{{Indicator: "1.1", Statement: strings.Repeat("长", 10001)}}), store.Refused,
		"indicator 1.1: the statement has more than 10000 characters")
	is(t, "items", b.text(t, `SELECT count(*) FROM report_items`), "0")
	must(t, desk.SaveItem(ctx, "C01", "1.1", "\x00坏\xff字节", nil))
	is(t, "what is no text is left out", b.text(t, `SELECT statement FROM report_items`), "坏字节")
	b.execute(t, `UPDATE reports SET state = 'submitted', submitted_at = now()`)
	for _, err := range []error{
		desk.SaveItem(ctx, "C01", "1.1", "更好", nil), desk.RemoveEvidence(ctx, "C01", "1.1", "x"),
		desk.AddEvidence(ctx, "C01", "1.1", Evidence{Name: "专栏", Link: "https://x.example"}),
	} {
		fails(t, err, store.Refused, "the self-report is in; the authority can return it for correction (A8(5))")
	}
}

// Files that arrive at the same moment are all there, each at its place.
func TestEvidenceFromTwoWindows(t *testing.T) {
	t.Parallel()
	b := running(t)
	desk := b.desk(t, "c01.contact")
	failed := make([]error, 6)
	var windows sync.WaitGroup
	for i := range failed {
		windows.Go(func() {
			failed[i] = desk.AddEvidence(t.Context(), "C01", "1.1", Evidence{Name: "链接", Link: fmt.Sprintf("https://x.example/%d", i)})
		})
	}
	windows.Wait()
	must(t, errors.Join(failed...))
	is(t, "places", b.text(t, `SELECT string_agg(position::text, '' ORDER BY position) FROM evidence`), "123456")
}

func TestAReportIsRead(t *testing.T) {
	t.Parallel()
	b := running(t)
	desk := b.desk(t, "c01.contact")
	must(t, desk.SaveItem(t.Context(), "C01", "3.4", "年报已发布", points(300)))
	must(t, desk.AddEvidence(t.Context(), "C01", "3.4", Evidence{Name: "年报", Link: "https://x.example"}))
	report, err := desk.Report(t.Context(), "C01", 0)
	must(t, err)
	is(t, "areas", len(report.Areas), 8)
	is(t, "the third", report.Areas[2].Name, "主动公开")
	entry := report.Areas[2].Items[3]
	is(t, "the entry", fmt.Sprint(entry.Code, entry.JudgedYear, entry.Checks, entry.Statement, entry.SelfScore, len(entry.Evidence), entry.Filled()), "3.42024 [读网检查]年报已发布3.00 1 true")
	is(t, "another", fmt.Sprint(report.Areas[0].Items[0].JudgedYear, report.Areas[0].Items[0].Filled()), "0 false")
	is(t, "the contact's", fmt.Sprintf("%t/%t/%t/%t", report.Own, report.Editable, report.Pending, report.Overdue), "true/true/true/false")
	head, err := b.desk(t, "c01.head").Report(t.Context(), "C01", 0)
	must(t, err)
	is(t, "the head reads along", fmt.Sprint(head.Own, head.Editable, head.Shown.Revision), "true false 1")
	// A draft is the unit's own; once it is in others read it.
	for _, login := range []string{"admin", "auditor", "gov1"} {
		other, err := b.desk(t, login).Report(t.Context(), "C01", 0)
		must(t, err)
		is(t, login+" reads a draft", fmt.Sprint(other.Shown.Revision, len(other.Revisions), other.Areas[2].Items[3].Statement), "0 0")
	}
	_, err = b.desk(t, "admin").Report(t.Context(), "C01", 1)
	fails(t, err, store.NotFound, "there is no such revision of the report")
	_, err = b.desk(t, "admin").Report(t.Context(), "C99", 0)
	fails(t, err, store.NotFound, "no unit C99")
	b.at(day(time.December, 13), 9)
	report, err = desk.Report(t.Context(), "C01", 0)
	must(t, err)
	is(t, "overdue after the deadline", report.Overdue, true)
	b.execute(t, `UPDATE reports SET state = 'submitted', submitted_at = now()`)
	other, err := b.desk(t, "gov1").Report(t.Context(), "C01", 0)
	must(t, err)
	is(t, "gov1 reads it", fmt.Sprintf("%t/%t/%t/%t/%s", other.Own, other.Editable, other.Overdue, other.Pending, other.Areas[2].Items[3].Statement), "false/false/false/false/年报已发布")
}

// Every revision is kept: the returned one with its reason, beside the new draft (A8(5)).
func TestAReturnedReport(t *testing.T) {
	t.Parallel()
	b := running(t)
	desk := b.desk(t, "c01.contact")
	must(t, desk.SaveItem(t.Context(), "C01", "1.1", "旧", points(100)))
	b.execute(t, `UPDATE reports SET state = 'returned', submitted_at = now(), reason = '第1.1项不实', returned_by = 'admin'`)
	b.execute(t, `INSERT INTO reports (cycle_id, unit, revision, state) SELECT cycle_id, unit, 2, 'draft' FROM reports`)
	must(t, desk.SaveItem(t.Context(), "C01", "1.1", "新", points(100)))
	report, err := desk.Report(t.Context(), "C01", 0)
	must(t, err)
	is(t, "the draft", fmt.Sprint(report.Shown.Revision, report.Editable, report.Returned.Reason, report.Areas[0].Items[0].Statement), "2 true第1.1项不实新")
	old, err := desk.Report(t.Context(), "C01", 1)
	must(t, err)
	is(t, "the first", fmt.Sprint(old.Shown.Revision, old.Editable, old.Areas[0].Items[0].Statement), "1 false旧")
	admin, err := b.desk(t, "admin").Report(t.Context(), "C01", 0)
	must(t, err)
	is(t, "the administrator's", fmt.Sprint(admin.Shown.Revision, len(admin.Revisions), admin.Pending, admin.NewDate), "1 1 true 2025-12-17")
}
