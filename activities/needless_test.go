package activities

import (
	"testing"
	"time"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/internal/devstack"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/workflows"
)

// escalate lets something be overdue while the mail server is away.
func escalate(t *testing.T, b *bundle, on calendar.Date, phase string) *bundle {
	t.Helper()
	b.sweep(t, on, phase)
	return b
}

// wantWithdrawn delivers, now that the server is back, and compares what is not sent any more.
func (b *bundle) wantWithdrawn(t *testing.T, want string) {
	t.Helper()
	b.withInbox(t, nil)
	_, err := b.deliver(t)
	must(t, err)
	is(t, "withdrawn", b.column(t, `SELECT kind || '/' || unit || '/' || person FROM mails WHERE state = 'withdrawn'`), want)
}

// A report that came in, or the end of the review without one, leaves nothing to tell the head.
func TestAReportThatIsDoneDoesNotEscalate(t *testing.T) {
	t.Parallel()
	b := escalate(t, noticed(t), day(time.December, 16), workflows.PhaseSelfReport)
	b.submit(t, "C01")
	b.execute(t, `UPDATE assessments SET state = 'closed' WHERE unit = 'C02'`)
	b.wantWithdrawn(t, "self_report_overdue/C01/c01.head self_report_overdue/C02/c02.head")
}

func TestSheetsThatAreInDoNotEscalate(t *testing.T) {
	t.Parallel()
	b := escalate(t, inReviews(t), day(time.January, 12), workflows.PhaseReview)
	for _, unit := range []string{"C01", "C02"} {
		b.fill(t, unit)
		done(t, b, workflows.SubmitSheet, sheetOf(b, "web1", unit))
	}
	b.wantWithdrawn(t, "review_overdue//web1")
}

// What is overdue is what escalates: a sheet that is in, or a day that was moved, does not, whatever else is open.
func TestWhatIsOverdueNoMoreDoesNotEscalate(t *testing.T) {
	t.Parallel()
	b := escalate(t, inReviews(t), day(time.January, 12), workflows.PhaseReview)
	b.fill(t, "C01")
	done(t, b, workflows.SubmitSheet, sheetOf(b, "web1", "C01"))
	b.wantWithdrawn(t, "review_overdue//web1")
}

func TestAnExtendedReportDoesNotEscalate(t *testing.T) {
	t.Parallel()
	b := escalate(t, noticed(t), day(time.December, 16), workflows.PhaseSelfReport)
	done(t, b, workflows.ExtendUnit, b.extending(t, "C01", workflows.PhaseSelfReport, "再延期", time.December, 19))
	b.wantWithdrawn(t, "self_report_overdue/C01/c01.head")
}

func TestADecidedProposalDoesNotEscalate(t *testing.T) {
	t.Parallel()
	b := escalate(t, proposed(t), day(time.January, 19), workflows.PhaseApproval)
	done(t, b, workflows.ApproveProposal, approving(t, b, "deputy"))
	b.wantWithdrawn(t, "approval_overdue//deputy")
}

func TestARectificationThatIsDoneDoesNotEscalate(t *testing.T) {
	t.Parallel()
	b := escalate(t, ordered(t), day(time.March, 17), workflows.PhaseRectification)
	b.report(t, "C01")
	b.execute(t, `UPDATE rectifications SET state = 'ended' WHERE unit = 'C02'`)
	b.wantWithdrawn(t, "rectification_overdue/C01/c01.head rectification_overdue/C02/c02.head")
}

func TestACancelledYearDoesNotEscalate(t *testing.T) {
	t.Parallel()
	b := escalate(t, noticed(t), day(time.December, 16), workflows.PhaseSelfReport)
	done(t, b, workflows.CancelCycle, workflows.CancelInput{Act: b.asked(t, "admin", store.Reason{Reason: "方案有误"})})
	b.wantWithdrawn(t, "self_report_overdue/C01/c01.head self_report_overdue/C02/c02.head self_report_overdue/D18/d18.head")
}

// A server takes its time with a batch: what is done meanwhile is not reminded of.
func TestEachReminderIsLookedAtBeforeItLeaves(t *testing.T) {
	t.Parallel()
	b := noticed(t)
	b.Connections = 1
	inbox := b.withInbox(t, nil)
	_, err := b.deliver(t)
	must(t, err)
	b.sweep(t, day(time.December, 9), workflows.PhaseSelfReport)
	inbox.Behave(func(moment devstack.Moment) devstack.Answer {
		if moment.Stage == devstack.AtStored {
			if _, err := b.db.ExecContext(t.Context(), `INSERT INTO reports (cycle_id, unit, revision, state, submitted_at)
				SELECT cycle_id, code, 1, 'submitted', now() FROM units`); err != nil {
				t.Error(err)
			}
		}
		return devstack.Answer{}
	})
	result, err := b.deliver(t)
	must(t, err)
	is(t, "the result", result, workflows.DeliverMailResult{Sent: 1})
	is(t, "the ledger", b.column(t, `SELECT state || count(*) FROM mails WHERE kind = 'self_report_reminder' GROUP BY state`), "sent1 withdrawn2")
	is(t, "messages", len(inbox.Messages()), 4)
	is(t, "told as withdrawn", len(b.lines(t, "mail_refused")), 2)
}

// A server takes its time with a batch until midnight: what is left is not sent on the day after, here a Saturday, and
// what was handed over in time is told of with that moment.
func TestReminderIsNotSentAfterItsDay(t *testing.T) {
	t.Parallel()
	b := noticed(t)
	b.Connections = 1
	inbox := b.withInbox(t, nil)
	_, err := b.deliver(t)
	must(t, err)
	b.sweep(t, day(time.December, 12), workflows.PhaseSelfReport)
	late := day(time.December, 12).At(23, 59)
	b.clock.Store(&late)
	inbox.Behave(func(moment devstack.Moment) devstack.Answer {
		if moment.Stage == devstack.AtStored {
			b.at(day(time.December, 13), 0)
		}
		return devstack.Answer{}
	})
	result, err := b.deliver(t)
	must(t, err)
	is(t, "the result", result, workflows.DeliverMailResult{Sent: 1})
	is(t, "messages", len(inbox.Messages()), 4)
	sent := b.lines(t, "mail_sent")
	last := sent[len(sent)-1]
	is(t, "handed over", last.Data["begun"], any("2025-12-12T23:59:00+08:00"))
	is(t, "written down", last.At.Format(time.RFC3339), "2025-12-13T00:00:00+08:00")
	for _, line := range b.lines(t, "mail_refused") {
		is(t, "the answer", line.Data["answer"], any("withdrawn: its day is over"))
	}
	is(t, "told as withdrawn", len(b.lines(t, "mail_refused")), 2)
}
