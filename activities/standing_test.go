package activities

import (
	"fmt"
	"testing"
	"time"

	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/workflows"
)

// An assessment that was broken off goes on from where the unit stands.
func TestWhereAUnitStands(t *testing.T) {
	t.Parallel()
	b := noticed(t)
	stands := func(when string, want workflows.UnitStanding) {
		t.Helper()
		is(t, when, done(t, b, workflows.ReadUnit, workflows.ReviewInput{Act: b.act(""), Unit: "C01"}), want)
	}
	before := b.story(t)
	stands("after the notice", workflows.UnitStanding{Due: day(time.December, 12), Open: 6})
	done(t, b, workflows.ExtendUnit, b.extending(t, "C01", workflows.PhaseSelfReport, "机构改革", time.December, 19))
	b.at(day(time.December, 10), 10)
	b.submit(t, "C01")
	stands("its report is in", workflows.UnitStanding{Due: day(time.December, 19), Reported: true, Open: 6})
	b.openReview(t, "C01")
	b.fill(t, "C01")
	done(t, b, workflows.SubmitSheet, sheetOf(b, "gov1", "C01"))
	stands("a sheet is in", workflows.UnitStanding{Due: day(time.December, 19), Reported: true, Reviewing: true, Open: 5})
	back := workflows.ReturnReportInput{Act: b.asked(t, "admin", store.Reason{Reason: "补正"}), Unit: "C01", Due: day(time.December, 16)}
	done(t, b, workflows.ReturnReport, back)
	stands("its report is returned", workflows.UnitStanding{Due: day(time.December, 16), Returned: true, Open: 6})
	b.execute(t, `UPDATE assessments SET state = 'closed'`)
	b.execute(t, `UPDATE sheets SET state = 'submitted'`)
	stands("its review is closed", workflows.UnitStanding{Due: day(time.December, 16), Returned: true, Closed: true})
	b.execute(t, `UPDATE assessments SET state = 'review', generation = 2`)
	stands("the leader returned it", workflows.UnitStanding{Due: day(time.December, 16), Reported: true, Returned: true, Reviewing: true})
	is(t, "the journal", b.story(t), before+", deadline_extended C01, report_submitted C01, sheet_submitted C01, report_returned C01")
}

func TestWhereARectificationStands(t *testing.T) {
	t.Parallel()
	b := ordered(t)
	stands := func(when string, want workflows.RectificationStanding) {
		t.Helper()
		is(t, when, done(t, b, workflows.ReadRectification, b.on(t, "", "C01", nil)), want)
	}
	stands("after the order", workflows.RectificationStanding{Due: day(time.March, 13)})
	b.at(day(time.March, 14), 0)
	b.overdue(t)
	stands("a consequence is proposed", workflows.RectificationStanding{Due: day(time.March, 13), Consequences: 1})
	done(t, b, workflows.DecideConsequence, b.deciding(t, 1, true, day(time.March, 31), talk(day(time.March, 18))))
	b.report(t, "C01")
	stands("decided, and reported", workflows.RectificationStanding{Due: day(time.March, 31), Reported: true})
	b.execute(t, `UPDATE rectifications SET state = 'accepted'`)
	stands("accepted", workflows.RectificationStanding{Due: day(time.March, 31), Done: true})
	failed(t, b, workflows.ReadRectification, b.on(t, "", "C99", nil), workflows.ErrorNotFound, "no rectification 0 of C99")
}

// An approval that was broken off takes up its proposal: the leader's digest and what he has decided stand.
func TestABrokenOffApprovalIsTakenUp(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		decide func(*bundle)
		want   string
	}{
		"open":     {func(*bundle) {}, " []"},
		"approved": {func(b *bundle) { done(t, b, workflows.ApproveProposal, approving(t, b, "leader")) }, "approved []"},
		"returned": {func(b *bundle) {
			done(t, b, workflows.ReturnProposal, b.returning(t, store.Comments{General: "请核实"}, day(time.January, 15), "D18", "C01"))
		}, "returned [{C01 2} {D18 2}]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := proposed(t)
			b.at(day(time.January, 12), 10)
			c.decide(b)
			before, proposal, mails := b.story(t), b.proposal(t, 1), b.mails(t)
			result := b.propose(t, 1)
			is(t, "the decision", fmt.Sprint(result.Decision, " ", result.Units), c.want)
			is(t, "the digest", result.Digest, proposal.Digest)
			is(t, "the due day", result.Due, proposal.Due)
			is(t, "the journal", b.story(t), before)
			is(t, "the mails", b.mails(t), mails)
			is(t, "proposals", b.count(t, `SELECT count(*) FROM proposals`), 1)
		})
	}
}
