package office

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kaoping/kaoping/documents"
	"github.com/kaoping/kaoping/store"
)

func TestADraftOfTheReportIsSaved(t *testing.T) {
	t.Parallel()
	b := running(t)
	b.Evidence = evidenceIn(t)
	desk := b.desk(t, "c01.contact")
	file, err := desk.AttachFile(t.Context(), "工作机构文件.pdf", strings.NewReader("正文"))
	must(t, err)
	is(t, "the digest", file.SHA256, "d661c3d96d53ebc0ca8a55aae24b5df4a4d1bf28d37337b982fe8ebf54846eeb")
	is(t, "the size", file.Size, int64(6))
	link := Evidence{Name: "专栏", Link: "https://kongtong.example/zwgk"}
	must(t, desk.SaveReport(t.Context(), []ReportItem{
		{Indicator: "1.1", Statement: "已明确工作机构", SelfScore: 200, Evidence: []Evidence{file, link}},
		{Indicator: "3.4", Statement: "", SelfScore: 0},
	}))
	must(t, desk.SaveReport(t.Context(), []ReportItem{{Indicator: "1.1", Statement: "已明确工作机构和人员", SelfScore: 150, Evidence: []Evidence{link}}}))
	is(t, "items", b.text(t, `SELECT string_agg(indicator || ':' || statement || ':' || self_score, ' ' ORDER BY indicator) FROM report_items`), "1.1:已明确工作机构和人员:150 3.4::0")
	is(t, "evidence", b.text(t, `SELECT string_agg(indicator || position || name || link, ' ') FROM evidence`), "1.11专栏https://kongtong.example/zwgk")
	is(t, "revisions", b.text(t, `SELECT string_agg(unit || revision || state, ' ') FROM reports`), "C011draft")
	is(t, "lines about a draft", strings.Contains(b.events(t, 0), "report"), false)
}

// A digest names a file that was handed in: nobody proves anything with one that is not there (A8(5)).
func TestADraftNamesAFileThatIsNotKept(t *testing.T) {
	t.Parallel()
	b := running(t)
	b.Evidence = evidenceIn(t)
	desk := b.desk(t, "c01.contact")
	file, err := desk.AttachFile(t.Context(), "工作机构文件.pdf", strings.NewReader("正文"))
	must(t, err)
	invented := Evidence{Name: "文件", SHA256: strings.Repeat("a", 64)}
	fails(t, desk.SaveReport(t.Context(), []ReportItem{
		{Indicator: "1.1", Statement: "好", Evidence: []Evidence{invented, file}}, {Indicator: "1.2", Statement: "好", Evidence: []Evidence{file, invented}},
	}), store.Refused, "indicator 1.1: the file of evidence 1 is not kept: attach it again", "indicator 1.2: the file of evidence 2 is not kept: attach it again")
	is(t, "items", b.text(t, `SELECT count(*) FROM report_items`), "0")
}

// All faults at once, and nothing is kept.
func TestADraftNamesAllItsFaults(t *testing.T) {
	t.Parallel()
	b := running(t, func(set *documents.DataSet) { set.Plan.Indicators[24].Categories = []string{"department"} })
	err := b.desk(t, "c01.contact").SaveReport(t.Context(), []ReportItem{
		{Indicator: "1.1", Statement: "好", SelfScore: 200},
		{Indicator: "1.2", Statement: "好", SelfScore: 201, Evidence: []Evidence{{Link: "https://x.example"}, {Name: "甲"}, {Name: "乙", Link: "https://x.example", SHA256: "ab"}, {Name: "丙", SHA256: "ab"}}},
		{Indicator: "1.3", SelfScore: -1},
		{Indicator: "1.1"},
		{Indicator: "8.5"},
		{Indicator: "9.9"},
	})
	fails(t, err, store.Refused,
		"indicator 1.2: a self-score of 2.01 lies outside 0 to 2.00", "indicator 1.2: evidence 1 has no name",
		"indicator 1.2: evidence 2 is a link or a file, one of the two", "indicator 1.2: evidence 3 is a link or a file, one of the two",
		"indicator 1.2: evidence 4 has no digest of a kept file", "indicator 1.3: a self-score of -0.01 lies outside 0 to 2.00",
		"indicator 1.1: named twice", "indicator 8.5: there is none in the scheme for this unit", "indicator 9.9: there is none in the scheme for this unit")
	is(t, "items", b.text(t, `SELECT count(*) FROM report_items`), "0")
	is(t, "reports", b.text(t, `SELECT count(*) FROM reports`), "0")
}

func TestADraftIsRefused(t *testing.T) {
	t.Parallel()
	b := imported(t)
	fails(t, b.desk(t, "c01.contact").SaveReport(t.Context(), nil), store.Refused, "pingliang/2025 is draft")
	b = running(t)
	desk := b.desk(t, "c01.contact")
	must(t, desk.SaveReport(t.Context(), []ReportItem{{Indicator: "1.1", Statement: "好"}}))
	b.execute(t, `UPDATE reports SET state = 'submitted', submitted_at = now()`)
	fails(t, desk.SaveReport(t.Context(), []ReportItem{{Indicator: "1.1", Statement: "更好"}}), store.Refused,
		"the self-report is in; the authority can return it for correction (A8(5))")
	is(t, "what stays", b.text(t, `SELECT statement FROM report_items`), "好")
}

// Two windows of one contact: both are kept, one after the other.
func TestTwoWindowsOfOneContact(t *testing.T) {
	t.Parallel()
	b := running(t)
	desk := b.desk(t, "c01.contact")
	failed := make([]error, 4)
	var windows sync.WaitGroup
	for i := range failed {
		windows.Go(func() {
			failed[i] = desk.SaveReport(t.Context(), []ReportItem{{Indicator: "1.1", Statement: fmt.Sprint(i)}, {Indicator: fmt.Sprintf("8.%d", i+1), Statement: "好"}})
		})
	}
	windows.Wait()
	must(t, errors.Join(failed...))
	is(t, "items", b.text(t, `SELECT string_agg(indicator, ' ' ORDER BY indicator) FROM report_items`), "1.1 8.1 8.2 8.3 8.4")
}

func TestAFileThatCannotBeKept(t *testing.T) {
	t.Parallel()
	b := running(t)
	b.Evidence = evidenceIn(t)
	_, err := b.desk(t, "c01.contact").AttachFile(t.Context(), "文件", io.MultiReader(strings.NewReader("x"), brokenReader{}))
	if err == nil || !strings.Contains(err.Error(), "couldn't keep 文件") {
		t.Errorf("the error is %v", err)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("the upload broke off") }

// proposal is an adjustment of C01's.
func proposal(clause, event string) store.Adjustment {
	return store.Adjustment{ID: uuid.NewString(), Unit: "C01", Clause: clause, Date: day(time.June, 1), Event: event, Evidence: "文件"}
}

// Adjustments are recorded all year, before the cycle starts, and confirmed by a second person (A10, A11).
func TestAdjustmentsBeforeTheStart(t *testing.T) {
	t.Parallel()
	b := imported(t)
	contact, admin := b.desk(t, "c01.contact"), b.desk(t, "admin")
	mine, theirs := proposal("10.3", "创新活动"), proposal("11.1", "复议纠错")
	must(t, contact.ProposeAdjustment(t.Context(), "p1", mine))
	must(t, contact.ProposeAdjustment(t.Context(), "p1", mine))
	must(t, admin.ProposeAdjustment(t.Context(), "p2", theirs))
	fails(t, admin.ConfirmAdjustment(t.Context(), "c0", theirs.ID, ""), store.Refused, "an adjustment is confirmed by a second person, never by its proposer (A10, A11)")
	for range 2 {
		must(t, admin.ConfirmAdjustment(t.Context(), "c1", mine.ID, ""))
		must(t, b.desk(t, "confirm").RejectAdjustment(t.Context(), "r1", theirs.ID, "已撤销"))
	}
	is(t, "states", b.text(t, `SELECT string_agg(clause || ':' || state || ':' || decided_by, ' ' ORDER BY clause) FROM adjustments`), "10.3:confirmed:admin 11.1:rejected:confirm")
	is(t, "the journal", b.events(t, 0), "[adjustment_proposed adjustment_proposed adjustment_confirmed adjustment_rejected]")
	is(t, "acts that went to Temporal", len(b.temporal.updates), 0)
}

// The same event under two clauses: the higher one stands.
func TestOneEventUnderTwoClauses(t *testing.T) {
	t.Parallel()
	b := running(t)
	contact, admin := b.desk(t, "c01.contact"), b.desk(t, "admin")
	city, national := proposal("10.4-city", "新华社报道"), proposal("10.4-national", "新华社报道")
	must(t, contact.ProposeAdjustment(t.Context(), "p1", city))
	must(t, contact.ProposeAdjustment(t.Context(), "p2", national))
	fails(t, contact.ProposeAdjustment(t.Context(), "p3", proposal("10.4-provincial", "新华社报道")), store.Refused,
		"the same event is recorded under 10.4-national already: the higher one stands (A10, A11)")
	must(t, admin.ConfirmAdjustment(t.Context(), "c1", national.ID, ""))
	is(t, "states", b.text(t, `SELECT string_agg(clause || ':' || state, ' ' ORDER BY clause) FROM adjustments`), "10.4-city:rejected 10.4-national:confirmed")
}

// A violation is recorded at any time, before the year starts too; its consequence is proposed at once, and decided once
// somebody can follow its order (A14).
func TestAViolationBeforeTheStart(t *testing.T) {
	t.Parallel()
	b := imported(t)
	admin := b.desk(t, "admin")
	facts := store.ViolationFacts{Facts: "未按规定公开收费标准", Evidence: "核查记录", Severity: "serious"}
	_, err := admin.RecordViolation(t.Context(), "v0", "C99", store.ViolationFacts{Facts: " ", Severity: "grave"})
	fails(t, err, store.Refused, "no unit C99", "the facts are missing (A14)", "the evidence is missing (A14)", `severity "grave" is none of ordinary, serious, disciplinary (A14, A15)`)
	for range 2 {
		number, err := admin.RecordViolation(t.Context(), "v1", "C01", facts)
		must(t, err)
		is(t, "the consequence", number, 1)
	}
	is(t, "the consequence", b.text(t, `SELECT unit || ' ' || kind || ' ' || state FROM consequences`), "C01 public_criticism proposed")
	is(t, "the task", b.text(t, `SELECT key || ' ' || role FROM tasks WHERE state = 'open'`), "consequence/1 admin")
	is(t, "the journal", b.events(t, 0), "[violation_recorded consequence_proposed task_opened]")
	fails(t, admin.DecideConsequence(t.Context(), "d1", 1, true, due, store.Decision{Reason: "属实", DeductionNote: "扣1分"}), store.Refused,
		"pingliang/2025 has not started: what is proposed is decided once it has (A14)")
	set := sample(t, b.Rules)
	_, err = b.Import(t.Context(), set)
	must(t, err)
	set.Plan.Units = set.Plan.Units[1:]
	_, err = b.Import(t.Context(), set)
	fails(t, err, store.Refused, "a unit with a recorded violation can't be taken off the list (A14)")
	is(t, "acts that went to Temporal", len(b.temporal.updates), 0)
}

func TestADraftedProblemIsReworded(t *testing.T) {
	t.Parallel()
	b := running(t)
	admin := b.desk(t, "admin")
	fails(t, admin.EditProblem(t.Context(), "e0", "C01", 1, "栏目超期"), store.NotFound, "no order is drafted for C01")
	b.execute(t, `INSERT INTO rectifications (cycle_id, unit, number, due) SELECT cycle_id, 'C01', 0, '2026-03-13' FROM cycles`)
	b.execute(t, `INSERT INTO problems (cycle_id, unit, rectification, position, problem, method) SELECT cycle_id, 'C01', 0, 1, '未更新', 'website' FROM cycles`)
	fails(t, admin.EditProblem(t.Context(), "e1", "C01", 1, " "), store.Refused, "the problem's text is missing (A13)")
	fails(t, admin.EditProblem(t.Context(), "e2", "C01", 2, "栏目超期"), store.NotFound, "no such problem")
	must(t, admin.EditProblem(t.Context(), "e3", "C01", 1, "栏目超期"))
	is(t, "the problem", b.text(t, `SELECT problem FROM problems`), "栏目超期")
	b.execute(t, `UPDATE rectifications SET state = 'ordered'`)
	fails(t, admin.EditProblem(t.Context(), "e4", "C01", 1, "另一问题"), store.Refused, "the order is sent: its problems stand (A13)")
}

// The administrator adds what the points don't show, and takes out what was no problem, before the order is sent (A13).
func TestDraftedProblemsAreAddedAndRemoved(t *testing.T) {
	t.Parallel()
	b := running(t)
	admin := b.desk(t, "admin")
	missing := Problem{Text: "栏目未更新", Method: "website"}
	_, err := admin.AddProblem(t.Context(), "a0", "C01", missing)
	fails(t, err, store.NotFound, "no order is drafted for C01")
	b.execute(t, `INSERT INTO rectifications (cycle_id, unit, number, due) SELECT cycle_id, 'C01', 0, '2026-03-13' FROM cycles`)
	b.execute(t, `INSERT INTO problems (cycle_id, unit, rectification, position, indicator, lost, problem, method) SELECT cycle_id, 'C01', 0, 1, '7.2', 50, '未更新', 'documents' FROM cycles`)
	_, err = admin.AddProblem(t.Context(), "a1", "C01", Problem{Text: " ", Method: "rumour", Indicator: "9.9"})
	fails(t, err, store.Refused, "the problem's text is missing (A13)", `"rumour" is no check method: the re-check needs the one that found the problem (A8(6), A13)`,
		"indicator 9.9: there is none in the scheme for this unit")
	b.lastYear(t, "C01", "7.2")
	for _, again := range []int{2, 2} {
		position, err := admin.AddProblem(t.Context(), "a2", "C01", Problem{Text: "答复超期", Method: "on_site", Indicator: "7.2"})
		must(t, err)
		is(t, "the position", position, again)
	}
	position, err := admin.AddProblem(t.Context(), "a3", "C01", missing)
	must(t, err)
	is(t, "the next position", position, 3)
	must(t, admin.RemoveProblem(t.Context(), "r1", "C01", 1))
	fails(t, admin.RemoveProblem(t.Context(), "r2", "C01", 1), store.NotFound, "no such problem")
	// The other of the same indicator takes over what the unit lost.
	is(t, "the problems", b.text(t, `SELECT string_agg(position || ' ' || indicator || ' ' || lost || ' ' || method || ' ' || problem || ' ' || repeated, ', ' ORDER BY position) FROM problems WHERE rectification = 0 AND cycle_id = (SELECT max(cycle_id) FROM cycles WHERE year = 2025)`),
		"2 7.2 50 on_site 答复超期 true, 3  0 website 栏目未更新 false")
	b.execute(t, `UPDATE rectifications SET state = 'ordered'`)
	_, err = admin.AddProblem(t.Context(), "a4", "C01", missing)
	fails(t, err, store.Refused, "the order is sent: its problems stand (A13)")
	fails(t, admin.RemoveProblem(t.Context(), "r3", "C01", 2), store.Refused, "the order is sent: its problems stand (A13)")
}

// lastYear gives a unit an ordered problem of the year before.
func (b *bundle) lastYear(t *testing.T, unit, indicator string) {
	t.Helper()
	set := sample(t, b.Rules)
	set.Plan.Scheme.Year = 2024
	before, err := b.Import(t.Context(), set)
	must(t, err)
	b.execute(t, `INSERT INTO rectifications (cycle_id, unit, number, state, due) VALUES ($1, $2, 0, 'accepted', '2025-03-14')`, before.CycleID, unit)
	b.execute(t, `INSERT INTO problems (cycle_id, unit, rectification, position, indicator, problem, method) VALUES ($1, $2, 0, 1, $3, '去年', 'website')`, before.CycleID, unit, indicator)
}

func TestATaskIsEndedByHand(t *testing.T) {
	t.Parallel()
	b := running(t)
	admin := b.desk(t, "admin")
	b.execute(t, `INSERT INTO tasks (cycle_id, key, kind, role, opened_at) SELECT cycle_id, k || '/x', k, 'admin', now()
		FROM cycles, unnest(ARRAY['telephone', 'report_overdue', 'review_overdue', 'report_by_hand', 'unwritten_mail']) AS k`)
	for _, kind := range []string{"telephone", "report_overdue", "review_overdue", "report_by_hand", "unwritten_mail"} {
		must(t, admin.FinishTask(t.Context(), "f/"+kind, kind+"/x", "已电话告知"))
	}
	is(t, "notes", b.text(t, `SELECT count(*) FROM tasks WHERE state = 'done' AND note = '已电话告知'`), "5")
	fails(t, admin.FinishTask(t.Context(), "f1", "self_report/C01", ""), store.Refused, "the task self_report/C01 ends when its act is done")
	fails(t, admin.FinishTask(t.Context(), "f2", "telephone/y", ""), store.NotFound, "no task telephone/y")
}

// A refused address is corrected: the telephone task ends, and mail goes out again (A8(4)).
func TestAnAddressIsChanged(t *testing.T) {
	t.Parallel()
	b := running(t)
	admin := b.desk(t, "admin")
	old := "zwgk@kongtong.pingliang.example"
	batch, err := b.Store.ClaimMails(t.Context(), b.cycle.CycleID, 100, time.Minute)
	must(t, err)
	var outcomes []store.Outcome
	for _, mail := range batch {
		outcomes = append(outcomes, store.Outcome{Mail: mail, Refused: mail.Recipient == old, Answer: "550 no such user"})
	}
	must(t, b.Store.SettleMails(t.Context(), b.cycle.CycleID, outcomes))
	fails(t, admin.ChangeAddress(t.Context(), "a0", "C99", "new@example.com"), store.NotFound, "C99 is neither a unit nor a person of pingliang/2025")
	is(t, "the kind of a broken address", store.KindOf(admin.ChangeAddress(t.Context(), "a1", "C01", "new@example.com\r\nBcc: all@example.com")), store.Refused)
	fails(t, admin.ChangeAddress(t.Context(), "a1", "C01", "nowhere"), store.Refused, `"nowhere" is not an address of the form name@host`)
	must(t, admin.ChangeAddress(t.Context(), "a2", "C01", "new@kongtong.example"))
	must(t, admin.ChangeAddress(t.Context(), "a3", "c01.contact", "contact@kongtong.example"))
	is(t, "the unit's address", b.text(t, `SELECT email FROM units WHERE code = 'C01'`), "new@kongtong.example")
	is(t, "the contact's address", b.text(t, `SELECT email FROM people WHERE login = 'c01.contact'`), "contact@kongtong.example")
	is(t, "refused addresses", b.text(t, `SELECT count(*) FROM refused_addresses`), "0")
	is(t, "what goes to the new address", b.text(t, `SELECT string_agg(kind || ' ' || state || ' ' || person || answer, ',') FROM mails WHERE recipient = 'new@kongtong.example'`),
		"notice queued ")
	is(t, "Message-IDs in the journal", b.text(t, `SELECT string_agg(event || ' ' || (data::jsonb->>'to'), ',' ORDER BY seq) FROM journal
		WHERE data::jsonb->>'message_id' = (SELECT message_id FROM mails WHERE recipient = 'new@kongtong.example')`),
		"mail_queued "+old+",mail_refused "+old+",mail_queued new@kongtong.example")
	is(t, "who is told", strings.Join(b.temporal.signals, ","), "assessment/pingliang/2025 mails")
	is(t, "telephone tasks", b.text(t, `SELECT string_agg(key || ' ' || state || ' ' || note, ',') FROM tasks WHERE kind = 'telephone'`), "telephone/"+old+" done the address was changed")
}
