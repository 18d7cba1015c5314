package office

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

// secret is in every text of the acts below: a payload must not carry it.
const secret = "不得进入历史"

// acts are all that goes to a workflow: who asks, to which workflow, under which name, with what payload.
var acts = []struct {
	by, workflow, update, payload string
	ask                           func(context.Context, *Desk) error
}{
	{"admin", "assessment/pingliang/2025", "cancel", `{"login":"admin"}`, func(ctx context.Context, d *Desk) error { return d.Cancel(ctx, "a", secret) }},
	{"admin", "assessment/pingliang/2025", "move-date", `{"login":"admin","phase":"review","to":"2026-03-20"}`, func(ctx context.Context, d *Desk) error { return d.MoveDate(ctx, "a", "review", due, secret) }},
	{"admin", "assessment/pingliang/2025", "remind", `{"login":"admin","units":["C01"],"review_due":""}`, func(ctx context.Context, d *Desk) error { return second(d.Remind(ctx, "a", "C01")) }},
	{"admin", "assessment/pingliang/2025", "record-violation", `{"login":"admin","unit":"C01"}`, func(ctx context.Context, d *Desk) error {
		return second(d.RecordViolation(ctx, "a", "C01", store.ViolationFacts{Facts: secret}))
	}},
	{"admin", "assessment/pingliang/2025", "order-rectifications", `{"login":"admin","units":["C01"],"review_due":""}`, func(ctx context.Context, d *Desk) error { return d.OrderRectifications(ctx, "a", "C01") }},
	{"admin", "unit/pingliang/2025/C01", "extend", `{"login":"admin","phase":"self_report","to":"2026-03-20"}`, func(ctx context.Context, d *Desk) error { return d.Extend(ctx, "a", "C01", "self_report", due, secret) }},
	{"admin", "rectification/pingliang/2025/C01", "extend", `{"login":"admin","phase":"rectification","to":"2026-03-20"}`, func(ctx context.Context, d *Desk) error {
		return d.Extend(ctx, "a", "C01", "rectification", due, secret)
	}},
	{"admin", "unit/pingliang/2025/C01", "return-report", `{"login":"admin","due":"2026-03-20"}`, func(ctx context.Context, d *Desk) error { return d.ReturnReport(ctx, "a", "C01", due, secret) }},
	{"admin", "unit/pingliang/2025/C02/2", "assign-assessor", `{"login":"admin","assessor":"gov1"}`, func(ctx context.Context, d *Desk) error { return d.AssignThird(ctx, "a", "C02", "gov1") }},
	{"c01.contact", "unit/pingliang/2025/C01", "submit-report", `{"login":"c01.contact"}`, func(ctx context.Context, d *Desk) error { return second(d.SubmitReport(ctx, "a")) }},
	{"web1", "unit/pingliang/2025/C02/2", "submit-sheet", `{"login":"web1"}`, func(ctx context.Context, d *Desk) error { return d.SubmitSheet(ctx, "a", "C02") }},
	{"leader", "approval/pingliang/2025/3", "approve", `{"login":"leader","digest":"abc"}`, func(ctx context.Context, d *Desk) error { return d.Approve(ctx, "a", "abc") }},
	{"deputy", "approval/pingliang/2025/3", "return-proposal", `{"login":"deputy","units":["C01"],"review_due":"2026-03-20"}`, func(ctx context.Context, d *Desk) error {
		return d.ReturnProposal(ctx, "a", []string{"C01"}, store.Comments{General: secret}, due)
	}},
	{"admin", "approval/pingliang/2025/3", "confirm-adjustment", `{"login":"admin","adjustment":"x"}`, func(ctx context.Context, d *Desk) error { return d.ConfirmAdjustment(ctx, "a", "x", secret) }},
	// Without a date it is three working days from 24 November.
	{"admin", "approval/pingliang/2025/3", "reopen-units", `{"login":"admin","units":["C01"],"review_due":"2025-11-27"}`, func(ctx context.Context, d *Desk) error { return d.ReopenReviews(ctx, "a", []string{"C01"}, secret) }},
	{"c01.contact", "rectification/pingliang/2025/C01", "file-measures", `{"login":"c01.contact","due":""}`, func(ctx context.Context, d *Desk) error { return d.FileMeasures(ctx, "a", 0, secret) }},
	{"c01.contact", "rectification/pingliang/2025/C01/1", "report-rectification", `{"login":"c01.contact","due":""}`, func(ctx context.Context, d *Desk) error { return d.ReportRectification(ctx, "a", 1, secret) }},
	{"admin", "rectification/pingliang/2025/C01", "send-back", `{"login":"admin","due":"2026-03-20"}`, func(ctx context.Context, d *Desk) error {
		return d.SendBackRectification(ctx, "a", "C01", 0, due, secret)
	}},
	// Never before the limit that stands.
	{"admin", "rectification/pingliang/2025/C01", "send-back", `{"login":"admin","due":"2026-03-13"}`, func(ctx context.Context, d *Desk) error {
		return d.SendBackRectification(ctx, "a", "C01", 0, calendar.Date{}, secret)
	}},
	{"admin", "rectification/pingliang/2025/C01", "accept", `{"login":"admin","due":""}`, func(ctx context.Context, d *Desk) error {
		return d.AcceptRectification(ctx, "a", "C01", 0, []store.Recheck{{Position: 1, Method: "website", Seen: secret}})
	}},
	{"leader", "rectification/pingliang/2025/C01", "decide-consequence", `{"login":"leader","number":1,"impose":true,"due":"2026-03-20"}`, func(ctx context.Context, d *Desk) error {
		return d.DecideConsequence(ctx, "a", 1, true, due, store.Decision{Reason: secret})
	}},
	{"admin", "assessment/pingliang/2025", "decide-consequence", `{"login":"admin","number":2,"impose":false,"due":""}`, func(ctx context.Context, d *Desk) error {
		return d.DecideConsequence(ctx, "a", 2, false, calendar.Date{}, store.Decision{Reason: secret})
	}},
}

// advanced is a year far enough for every act: proposal 3 is open, C02 is reviewed a second time, C01 has an order, and
// two consequences are proposed.
func advanced(t *testing.T) *bundle {
	t.Helper()
	b := running(t)
	id := b.cycle.CycleID
	b.execute(t, `UPDATE assessments SET generation = 2 WHERE unit = 'C02'`)
	b.execute(t, `INSERT INTO proposals (cycle_id, number, state, digest, book, due) VALUES ($1, 2, 'voided', 'old', '{"old": true}', '2026-01-16'), ($1, 3, 'open', 'abc', '{"new": true}', '2026-01-16')`, id)
	b.execute(t, `INSERT INTO rectifications (cycle_id, unit, number, state, due) VALUES ($1, 'C01', 0, 'ordered', '2026-03-13')`, id)
	b.execute(t, `INSERT INTO violations VALUES (gen_random_uuid(), $1, 'C01', '违规', '记录', 'ordinary', 'admin')`, id)
	b.execute(t, `INSERT INTO consequences (cycle_id, number, unit, kind, basis, rectification) VALUES ($1, 1, 'C01', 'interview', 'sent_back_twice', 0)`, id)
	b.execute(t, `INSERT INTO consequences (cycle_id, number, unit, kind, basis, violation_id) SELECT $1, 2, 'C01', 'interview', 'violation', violation_id FROM violations`, id)
	return b
}

// Each act goes to the workflow that waits for it, under the caller's id; its texts stay in the database.
func TestActsAndTheirWorkflows(t *testing.T) {
	t.Parallel()
	b := advanced(t)
	b.temporal.answers(struct{}{}, nil)
	for _, act := range acts {
		b.execute(t, `DELETE FROM acts`)
		must(t, act.ask(t.Context(), b.desk(t, act.by)))
		sent := b.temporal.last()
		is(t, act.update+": the workflow", sent.WorkflowID, act.workflow)
		is(t, "the update", sent.UpdateName, act.update)
		is(t, act.update+": the caller's id", sent.UpdateID, "a")
		is(t, act.update+": its completion is waited for", sent.WaitForStage, client.WorkflowUpdateStageCompleted)
		is(t, act.update+": the payload", asJSON(t, sent.Args[0]), act.payload)
		if kept := b.text(t, `SELECT string_agg(content::text, '') FROM acts`); kept != "" && !strings.Contains(kept, secret) {
			t.Errorf("%s: the database keeps %s", act.update, kept)
		}
	}
	is(t, "acts", len(b.temporal.updates), len(acts))
}

// A rehearsal's workflows have names of their own.
func TestActsOfARehearsal(t *testing.T) {
	t.Parallel()
	b := setup(t)
	cycle, err := b.ImportRehearsal(t.Context(), sample(t, b.Rules), time.Second)
	must(t, err)
	b.temporal.answers(struct{}{}, nil)
	desk, err := b.AdminDesk(t.Context(), cycle)
	must(t, err)
	must(t, desk.Cancel(t.Context(), "a", "理由"))
	is(t, "the workflow", b.temporal.last().WorkflowID, "rehearsal/1/assessment/pingliang/2025")
}

func TestAnswersReachTheCaller(t *testing.T) {
	t.Parallel()
	b := advanced(t)
	b.temporal.answers(workflows.RemindResult{Queued: 7}, nil)
	result, err := b.desk(t, "admin").Remind(t.Context(), "a1")
	must(t, err)
	is(t, "reminders", result.Queued, 7)
	b.temporal.answers(workflows.SheetsResult{Late: true}, nil)
	late, err := b.desk(t, "c01.contact").SubmitReport(t.Context(), "a2")
	must(t, err)
	is(t, "late", late, true)
	b.temporal.answers(workflows.ViolationResult{Consequence: 3}, nil)
	number, err := b.desk(t, "admin").RecordViolation(t.Context(), "a3", "C01", store.ViolationFacts{})
	must(t, err)
	is(t, "the consequence", number, 3)
}

// An act that is done already is answered from the database: Temporal is not asked again.
func TestADoneActIsNotSentAgain(t *testing.T) {
	t.Parallel()
	b := advanced(t)
	b.done(t, "a1", `{"queued": 4}`)
	result, err := b.desk(t, "admin").Remind(t.Context(), "a1")
	must(t, err)
	is(t, "reminders", result.Queued, 4)
	b.done(t, "a2", `{}`)
	must(t, b.desk(t, "leader").Approve(t.Context(), "a2", "abc"))
	// A confirmation that voided its proposal finds no proposal open the second time.
	b.done(t, "a3", `{}`)
	b.execute(t, `UPDATE proposals SET state = 'voided'`)
	must(t, b.desk(t, "admin").ConfirmAdjustment(t.Context(), "a3", "x", ""))
	is(t, "acts that went to Temporal", len(b.temporal.updates), 0)
}

func (b *bundle) done(t *testing.T, act, answer string) {
	t.Helper()
	b.execute(t, `INSERT INTO acts (cycle_id, act_id, done, answer) VALUES ($1, $2, true, $3)
		ON CONFLICT (cycle_id, act_id) DO UPDATE SET done = true, answer = EXCLUDED.answer`, b.cycle.CycleID, act, answer)
}

// What workflows and activities answer, as the caller hears it.
func TestRefusalsReachTheCaller(t *testing.T) {
	t.Parallel()
	b := advanced(t)
	desk := b.desk(t, "admin")
	for i, c := range []struct {
		answer error
		kind   store.Kind
		want   []string
	}{
		{temporal.NewNonRetryableApplicationError("first\nsecond", workflows.ErrorRefused, nil), store.Refused, []string{"first", "second"}},
		{temporal.NewNonRetryableApplicationError("not yours", workflows.ErrorForbidden, nil), store.Forbidden, []string{"not yours"}},
		{temporal.NewNonRetryableApplicationError("overtaken", workflows.ErrorConflict, nil), store.Conflict, []string{"overtaken"}},
		{temporal.NewNonRetryableApplicationError("no consequence 9", workflows.ErrorNotFound, nil), store.Refused, []string{"no consequence 9"}},
		{temporal.NewApplicationError("a fault of ours", "panic"), store.Unavailable, []string{"not yet confirmed: send the same act again"}},
		{errors.New("connection refused"), store.Unavailable, []string{"not yet confirmed: send the same act again"}},
		{context.DeadlineExceeded, store.Unavailable, []string{"not yet confirmed: send the same act again"}},
	} {
		b.temporal.answers(nil, c.answer)
		fails(t, desk.Cancel(t.Context(), fmt.Sprint("a", i), "理由"), c.kind, c.want...)
	}
}

// An act whose answer a killed worker took along is done, though the workflow that went on without it refuses it now.
func TestADoneActIsNotRefused(t *testing.T) {
	t.Parallel()
	b := advanced(t)
	b.temporal.answer = func(options client.UpdateWorkflowOptions) (any, error) {
		b.done(t, options.UpdateID, `{"queued": 4}`)
		return nil, temporal.NewNonRetryableApplicationError("the review is closed", workflows.ErrorRefused, nil)
	}
	result, err := b.desk(t, "admin").Remind(t.Context(), "a1")
	must(t, err)
	is(t, "reminders", result.Queued, 4)
}

// A workflow that is not there: it has ended, or it is only being started; the database knows which.
func TestAWorkflowThatIsNotThere(t *testing.T) {
	t.Parallel()
	b := advanced(t)
	ask := map[string]func(string) error{
		"cycle":         func(id string) error { return b.desk(t, "admin").Cancel(t.Context(), id, "理由") },
		"unit":          func(id string) error { return second(b.desk(t, "c01.contact").SubmitReport(t.Context(), id)) },
		"proposal":      func(id string) error { return b.desk(t, "leader").Approve(t.Context(), id, "abc") },
		"rectification": func(id string) error { return b.desk(t, "c01.contact").FileMeasures(t.Context(), id, 0, "措施") },
	}
	for what, act := range ask {
		fails(t, act(what+"/alive"), store.Unavailable, "not yet confirmed: send the same act again")
	}
	b.execute(t, `UPDATE cycles SET state = 'closed'`)
	b.execute(t, `UPDATE assessments SET state = 'closed'`)
	b.execute(t, `UPDATE proposals SET state = 'voided'`)
	b.execute(t, `UPDATE rectifications SET state = 'accepted'`)
	for what, over := range map[string]string{
		"cycle": "pingliang/2025 is not running", "unit": "the review of C01 is closed", "proposal": "no proposal is open",
		"rectification": "the rectification of C01 is concluded, or not ordered yet",
	} {
		fails(t, ask[what](what+"/over"), store.Refused, over)
	}
	// The act itself may have ended the workflow: then it is done, and answered so.
	b.temporal.answer = func(options client.UpdateWorkflowOptions) (any, error) {
		b.done(t, options.UpdateID, `{}`)
		return nil, serviceerror.NewNotFound("workflow execution already completed")
	}
	must(t, ask["cycle"]("cycle/ended"))
}

// Before the notice no unit's assessment has begun, and none is closed.
func TestAnActBeforeTheNotice(t *testing.T) {
	t.Parallel()
	b := advanced(t)
	b.execute(t, `UPDATE assessments SET state = 'waiting', generation = 1`)
	const early = "the notice to C01 is not out yet: its assessment begins with it (A8(4))"
	fails(t, second(b.desk(t, "c01.contact").SubmitReport(t.Context(), "a1")), store.Refused, early)
	fails(t, b.desk(t, "admin").Extend(t.Context(), "a2", "C01", "self_report", due, "理由"), store.Refused, early)
}

// Nothing to act upon.
func TestActsWithoutTheirThing(t *testing.T) {
	t.Parallel()
	b := running(t)
	admin := b.desk(t, "admin")
	fails(t, b.desk(t, "leader").Approve(t.Context(), "a1", "abc"), store.Refused, "no proposal has been made yet")
	fails(t, admin.ReturnReport(t.Context(), "a2", "C99", due, "理由"), store.NotFound, "no unit C99 in pingliang/2025, or it has not started")
	fails(t, admin.SendBackRectification(t.Context(), "a3", "C01", 0, calendar.Date{}, "理由"), store.NotFound, "no rectification is ordered from C01")
	fails(t, admin.DecideConsequence(t.Context(), "a4", 9, true, due, store.Decision{}), store.NotFound, "no such consequence")
	_, err := admin.OpenProposal(t.Context())
	is(t, "the open proposal", store.IsMissing(err), true)
	b = imported(t)
	fails(t, second(b.desk(t, "c01.contact").SubmitReport(t.Context(), "a5")), store.NotFound, "no unit C01 in pingliang/2025, or it has not started")
	is(t, "acts that went to Temporal", len(b.temporal.updates), 0)
}

// After the release an adjustment is a correction with its reason (A8(7)).
// While nobody can read whether a proposal is open, the reviews are not reopened as after a release.
func TestAFaultOfTheDatabaseDecidesNothing(t *testing.T) {
	t.Parallel()
	b := advanced(t)
	admin := b.desk(t, "admin")
	b.execute(t, `ALTER TABLE proposals RENAME TO elsewhere`)
	if err := admin.ReopenReviews(t.Context(), "a", []string{"C01"}, "理由"); err == nil {
		t.Error("the reviews are reopened")
	}
	is(t, "acts that went to Temporal", len(b.temporal.updates), 0)
}

// Working days of a year that nobody has published are no fault of ours: the answer says what to add.
func TestADateThatNobodyHasPublished(t *testing.T) {
	t.Parallel()
	b := advanced(t)
	b.at(calendar.Date{Year: 2026, Month: time.December, Day: 30}, 9)
	fails(t, b.desk(t, "leader").ReturnProposal(t.Context(), "a", nil, store.Comments{}, calendar.Date{}), store.Refused,
		"no published holidays for 2027: add them as holidays.csv (date, off|work, name)")
}

func TestConfirmingAfterTheRelease(t *testing.T) {
	t.Parallel()
	b := running(t)
	b.temporal.answers(workflows.UnitsResult{}, nil)
	b.execute(t, `UPDATE cycles SET released = 1`)
	must(t, b.desk(t, "admin").ConfirmAdjustment(t.Context(), "a1", "x", secret))
	is(t, "the act", b.temporal.last().UpdateName+" "+asJSON(t, b.temporal.last().Args[0]), `correct-results {"login":"admin","adjustment":"x","review_due":""}`)
	is(t, "the reason", b.text(t, `SELECT content->>'reason' FROM acts WHERE act_id = 'a1'`), secret)
	must(t, b.desk(t, "admin").ReopenReviews(t.Context(), "a2", []string{"C01"}, secret))
	is(t, "the other act", b.temporal.last().UpdateName+" "+asJSON(t, b.temporal.last().Args[0]), `correct-results {"login":"admin","units":["C01"],"review_due":"2025-11-27"}`)
}

func TestTheOpenProposalAndTheBook(t *testing.T) {
	t.Parallel()
	b := running(t)
	_, err := b.Export(t.Context(), b.cycle)
	fails(t, err, store.Refused, "pingliang/2025 has no results yet: nothing has been proposed")
	b.execute(t, `INSERT INTO proposals (cycle_id, number, state, digest, book, due) VALUES ($1, 1, 'voided', 'old', '{"old": true}', '2026-01-16'), ($1, 2, 'open', 'abc', '{"new": true}', '2026-01-16')`, b.cycle.CycleID)
	open, err := b.desk(t, "deputy").OpenProposal(t.Context())
	must(t, err)
	is(t, "the open proposal", fmt.Sprint(open.Number, " ", open.Digest, " ", open.Due), "2 abc 2026-01-16")
	book, err := b.Export(t.Context(), b.cycle)
	must(t, err)
	is(t, "the book of the newest proposal", book, `{"new": true}`+"\n")
	b.execute(t, `UPDATE cycles SET released = 1`)
	b.reload(t)
	book, err = b.Export(t.Context(), b.cycle)
	must(t, err)
	is(t, "the book of the results in force", book, `{"old": true}`+"\n")
	_, err = b.Export(t.Context(), query.Cycle{CycleID: 99})
	is(t, "the kind without a cycle", store.KindOf(err), store.Refused)
}

// Who waits longer than the patience is told that nothing is confirmed yet.
func TestPatience(t *testing.T) {
	t.Parallel()
	b := advanced(t)
	b.Patience = time.Nanosecond
	fails(t, b.desk(t, "admin").Cancel(t.Context(), "a", "理由"), store.Unavailable, "not yet confirmed: send the same act again")
}
