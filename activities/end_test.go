package activities

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

// A wrongly started year is cancelled: the units are told, and the year is free again.
func TestAYearIsCancelled(t *testing.T) {
	t.Parallel()
	b := noticed(t)
	cancel := func(reason string) workflows.CancelInput {
		return workflows.CancelInput{Act: b.asked(t, "admin", store.Reason{Reason: reason})}
	}
	refused(t, b, workflows.CancelCycle, cancel(""), "a reason is missing")
	done(t, b, workflows.CancelCycle, cancel("方案有误"))
	is(t, "the cycle", b.column(t, `SELECT state || phase FROM cycles`), "cancelledcancelled")
	is(t, "letters", b.mails(t, "cycle_cancelled"), "cycle_cancelled zwgk@kongtong.pingliang.example\ncycle_cancelled zwgk@huating.pingliang.example\ncycle_cancelled zwgk@wlj.pingliang.example")
	says(t, b.letters(t, "cycle_cancelled")["zwgk@wlj.pingliang.example"], "方案有误", "现予撤销")
	is(t, "the journal", b.story(t), "cycle_started, cycle_cancelled")
	refused(t, b, workflows.SubmitReport, submitting(b, "C01"), "pingliang/2025 is cancelled: nothing more is written")
	b.withInbox(t, nil)
	result, err := b.deliver(t)
	must(t, err)
	is(t, "mails that still go out", result.Sent, 6)
	b.importSet(t, 2025)
	b.claim(t)
}

// What was to be reminded of is not any more.
func TestACancelledYearRemindsNobody(t *testing.T) {
	t.Parallel()
	b := noticed(t)
	b.sweep(t, day(time.December, 9), workflows.PhaseSelfReport)
	done(t, b, workflows.CancelCycle, workflows.CancelInput{Act: b.asked(t, "admin", store.Reason{Reason: "方案有误"})})
	b.withInbox(t, nil)
	result, err := b.deliver(t)
	must(t, err)
	is(t, "mails that go out", result.Sent, 6)
	is(t, "withdrawn", b.column(t, `SELECT DISTINCT kind FROM mails WHERE state = 'withdrawn'`), "self_report_reminder")
}

// A year closes when every mail is sent or refused; then nothing more is written.
func TestAYearCloses(t *testing.T) {
	t.Parallel()
	b := noticed(t)
	closing := func() bool {
		return done(t, b, workflows.CloseCycle, workflows.CloseInput{Act: b.act("")}).Closed
	}
	is(t, "with mails to send", closing(), false)
	b.withInbox(t, nil)
	_, err := b.deliver(t)
	must(t, err)
	b.execute(t, `UPDATE mails SET state = 'sending', claim = gen_random_uuid() WHERE unit = 'C01'`)
	is(t, "with a mail on its way", closing(), false)
	b.execute(t, `UPDATE mails SET state = 'refused', claim = NULL WHERE unit = 'C01'`)
	is(t, "with every mail sent or refused", closing(), true)
	is(t, "the cycle", b.column(t, `SELECT state || phase FROM cycles`), "closedclosed")
	lines := b.lines(t)
	is(t, "the last line", lines[len(lines)-1].Event, "cycle_closed")
	refused(t, b, workflows.CloseCycle, workflows.CloseInput{Act: b.act("")}, "pingliang/2025 is closed: nothing more is written")
	must(t, b.Store.CheckJournal(t.Context(), b.cycle.ID))
}

// A year with an open order or an undecided consequence is never closed, whatever the workflow believes (A13, A14).
func TestAYearWithOpenMattersDoesNotClose(t *testing.T) {
	t.Parallel()
	b := ordered(t)
	done(t, b, workflows.RecordViolation, b.violation(t, "D18", store.ViolationFacts{Facts: "违规", Evidence: "记录", Severity: "ordinary"}))
	closing := func() workflows.CloseInput { return workflows.CloseInput{Act: b.act("")} }
	refused(t, b, workflows.CloseCycle, closing(), "3 rectifications and 1 consequences are still open (A13, A14)")
	b.execute(t, `UPDATE rectifications SET state = 'accepted' WHERE unit <> 'C01'`)
	done(t, b, workflows.DecideConsequence, b.deciding(t, 1, false, calendar.Date{}, store.Decision{Reason: "查无实据"}))
	refused(t, b, workflows.CloseCycle, closing(), "1 rectifications and 0 consequences are still open (A13, A14)")
	b.execute(t, `UPDATE rectifications SET state = 'ended' WHERE unit = 'C01'`)
	is(t, "with mails to send", done(t, b, workflows.CloseCycle, closing()).Closed, false)
}

// A step that failed for its data waits as a task of the administrator's.
func TestStuckSteps(t *testing.T) {
	t.Parallel()
	b := noticed(t)
	in := workflows.StuckInput{Act: b.act(""), Workflow: "approval/pingliang/2025/1", Step: workflows.MakeProposal.Name(), Reason: "7.2 has no points from gov1 for C01"}
	done(t, b, workflows.OpenStuck, in)
	is(t, "the task", b.column(t, `SELECT key || ' ' || role || ' ' || detail FROM tasks WHERE kind = 'stuck_step'`),
		"stuck/Proposals.Make/approval/pingliang/2025/1 admin 7.2 has no points from gov1 for C01")
	in.Act = b.act("admin")
	done(t, b, workflows.EndStuck, in)
	is(t, "open tasks", b.count(t, `SELECT count(*) FROM tasks WHERE kind = 'stuck_step' AND state = 'open'`), 0)
	for _, waiting := range []string{"approval/pingliang/2025/1", "unit/pingliang/2025/C01"} {
		done(t, b, workflows.OpenStuck, workflows.StuckInput{Act: b.act(""), Workflow: waiting, Step: "Some.Step"})
	}
	done(t, b, workflows.OpenStuck, workflows.StuckInput{Act: b.act(""), Workflow: "assessment/pingliang/2025", Step: "Approval", BrokenOff: "approval/pingliang/2025/1"})
	is(t, "open tasks when the approval is broken off", b.column(t, `SELECT key FROM tasks WHERE kind = 'stuck_step' AND state = 'open' ORDER BY key`),
		"stuck/Approval/assessment/pingliang/2025 stuck/Some.Step/unit/pingliang/2025/C01")
}

// A proposal cannot be made while points are missing: that is a fault, and no proposal.
func TestAProposalWithoutAllPoints(t *testing.T) {
	t.Parallel()
	b := reviewed(t)
	b.execute(t, `UPDATE scores SET points = NULL WHERE unit = 'C01' AND indicator = '7.2' AND assessor = 'gov1'`)
	_, err := carryOut(t, b, workflows.MakeProposal, workflows.MakeProposalInput{Act: b.act(""), Number: 1})
	if err == nil || !strings.Contains(err.Error(), "7.2 has no points from gov1 for C01") {
		t.Fatalf("the error is %v", err)
	}
	is(t, "proposals", b.count(t, `SELECT count(*) FROM proposals`), 0)
}

// The year after is drafted from the last one, with a task to look it over; nothing is sent.
func TestTheNextYearIsDrafted(t *testing.T) {
	t.Parallel()
	b := noticed(t)
	input := func(year int) workflows.YearDraftInput {
		return workflows.YearDraftInput{Authority: "pingliang", At: time.Date(year, time.November, 1, 9, 0, 0, 0, time.UTC)}
	}
	is(t, "in the same year", done(t, b, workflows.DraftNextYear, input(2025)).Year, 0)
	for range 2 {
		is(t, "a year later", done(t, b, workflows.DraftNextYear, input(2026)).Year, 2026)
	}
	is(t, "the dates", b.column(t, `SELECT notice || '/' || rectification_due FROM scheme_versions JOIN cycles USING (cycle_id) WHERE year = 2026`), "2026-11-24/2027-03-13")
	is(t, "units and people", b.column(t, `SELECT count(*) FROM units JOIN cycles USING (cycle_id) WHERE year = 2026`)+" "+
		fmt.Sprint(b.count(t, `SELECT count(*) FROM people JOIN cycles USING (cycle_id) WHERE year = 2026`) == b.count(t, `SELECT count(*) FROM people JOIN cycles USING (cycle_id) WHERE year = 2025`)), "3 true")
	is(t, "tasks", b.column(t, `SELECT key FROM tasks JOIN cycles USING (cycle_id) WHERE year = 2026`), "prepare_year")
	is(t, "mails", b.count(t, `SELECT count(*) FROM mails JOIN cycles USING (cycle_id) WHERE year = 2026`), 0)
	if _, err := carryOut(t, b, workflows.DraftNextYear, workflows.YearDraftInput{Authority: "nowhere", At: time.Now()}); err == nil {
		t.Error("a year of nobody was drafted")
	}
}

// Temporal tries again what another attempt can mend, and nothing else.
func TestAnswersOfActivities(t *testing.T) {
	t.Parallel()
	outage := errors.New("connection refused")
	for _, c := range []struct {
		err   error
		kind  string
		text  string
		final bool
	}{
		{store.Refuse("first", "second"), "refused", "first\nsecond", true},
		{store.Missing("no unit C99"), "not_found", "no unit C99", true},
		{store.Forbid("not yours"), "forbidden", "not yours", true},
		{&store.Error{Kind: store.Conflict, Reasons: []string{"overtaken"}}, "conflict", "overtaken", true},
		{&store.Error{Kind: store.NotFound, Err: outage}, "not_found", "connection refused", true},
		{fmt.Errorf("couldn't: %w", store.Refuse("first")), "refused", "first", true},
		{fmt.Errorf("couldn't: %w", &calendar.UnpublishedError{Year: 2027}), "refused", "no published holidays for 2027: add them as holidays.csv (date, off|work, name)", true},
		{&store.Error{Kind: store.Unavailable, Err: outage}, "", "connection refused", false},
		{outage, "", "connection refused", false},
		{context.DeadlineExceeded, "", "context deadline exceeded", false},
	} {
		got := answer(c.err)
		var application *temporal.ApplicationError
		is(t, c.text+": is final", errors.As(got, &application), c.final)
		if !c.final {
			is(t, "what stays as it is", got, c.err)
			continue
		}
		is(t, c.text, application.Type()+": "+application.Message(), c.kind+": "+c.text)
		is(t, c.text+": is never tried again", application.NonRetryable(), true)
	}
	if answer(nil) != nil {
		t.Error("no error became one")
	}
}

// While a table can't be read nobody is told that what he asked for is missing: the step is tried again.
func TestAFaultOfTheDatabaseIsNoRefusal(t *testing.T) {
	t.Parallel()
	b := inReview(t, spreading)
	b.draft(t, "C02")
	report := workflows.SubmitReportInput{Act: b.act("c02.contact"), Unit: "C02"}
	duringOutage(t, b, "reports", workflows.SubmitReport, report)
	b.execute(t, `UPDATE assessments SET spread = 'third' WHERE unit = 'C01'`)
	b.fill(t, "C01")
	b.lose(t, "C01", "7.2", "答复不规范", map[string]string{"gov1": "5"})
	third := workflows.AssignAssessorInput{Act: b.act("admin"), Unit: "C01", Assessor: "web1"}
	duringOutage(t, b, "people", workflows.AssignAssessor, third)
	violation := b.violation(t, "C01", store.ViolationFacts{Facts: "违规", Evidence: "记录", Severity: "ordinary"})
	duringOutage(t, b, "units", workflows.RecordViolation, violation)
	b = proposed(t)
	duringOutage(t, b, "people", workflows.ApproveProposal, approving(t, b, "leader"))
}

// duringOutage takes a step while a table can't be read, and again when it can.
func duringOutage[In, Out any](t *testing.T, b *bundle, table string, step workflows.Step[In, Out], in In) {
	t.Helper()
	b.execute(t, "ALTER TABLE "+table+" RENAME TO elsewhere")
	_, err := carryOut(t, b, step, in)
	b.execute(t, "ALTER TABLE elsewhere RENAME TO "+table)
	var application *temporal.ApplicationError
	if !errors.As(err, &application) || application.NonRetryable() {
		t.Errorf("%s without %s: %v, and it is not tried again", step.Name(), table, err)
	}
	done(t, b, step, in)
}

func TestAnUnknownRuleSet(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.Rules = rules.Library{}
	_, err := carryOut(t, b, workflows.ClaimCycle, workflows.ClaimInput{Act: b.act("admin"), Real: *b.clock.Load()})
	if err == nil || !strings.Contains(err.Error(), "the rule set pingliang-2022 of pingliang/2025 is not there") {
		t.Errorf("the error is %v", err)
	}
	_, err = b.Store.CycleGet(t.Context(), query.CycleGetParams{CycleID: b.cycle.ID})
	must(t, err)
}
