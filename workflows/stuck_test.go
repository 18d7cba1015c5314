package workflows

import (
	"slices"
	"strings"
	"testing"
)

func (s *stage) retries(when, workflowID, step, id string) {
	s.at(when, func() { s.act(workflowID, UpdateRetryStep, id, RetryRequest{Person: admin, Step: step}) })
}

// A step that fails for its data opens a task, waits, and is taken again when the administrator says so; if it fails
// again, there is a new task.
func TestStuckProposal(t *testing.T) {
	t.Parallel()
	s := year(t, "C01")
	s.reports("C01")
	s.fail(MakeProposal.Name(), 2, dataFault("unit C01: indicator S1 has no points"))
	s.approves("2025-12-01 12:00", 1, "digest-2")
	s.at("2025-12-02 08:00", func() {
		if want := "stuck/Proposals.Make/approval/pingliang/2025/1: unit C01: indicator S1 has no points"; s.allTasks() != want {
			t.Errorf("the open tasks are %q, want %q", s.allTasks(), want)
		}
	})
	s.retries("2025-12-02 09:00", approval1, "Reviews.Close", "another step")
	s.retries("2025-12-02 09:00", year2025, "Proposals.Make", "another workflow")
	s.retries("2025-12-02 10:00", approval1, "Proposals.Make", "retry")
	s.retries("2025-12-03 10:00", approval1, "Proposals.Make", "retry 2")
	s.first()
	wantLines(t, s.story()[2:],
		"12-01 11:00 Proposals.Make #1",
		"12-01 11:00 Tasks.OpenStuck Proposals.Make approval/pingliang/2025/1",
		"12-02 10:00 Tasks.EndStuck Proposals.Make approval/pingliang/2025/1 by admin",
		"12-02 10:00 Proposals.Make #1",
		"12-02 10:00 Tasks.OpenStuck Proposals.Make approval/pingliang/2025/1",
		"12-03 10:00 Tasks.EndStuck Proposals.Make approval/pingliang/2025/1 by admin",
		"12-03 10:00 Proposals.Make #1",
		"12-03 11:00 Proposals.Approve #1 digest-2 by leader",
		"12-03 11:00 Results.Release #1",
	)
	s.wantTold(
		"approve digest-2", "rejected: the proposal is being computed; try again in a moment",
		"another step", "rejected: Reviews.Close does not wait to be taken again",
		"another workflow", "rejected: Proposals.Make does not wait to be taken again",
		"retry", "{}", "retry 2", "{}",
	)
	if s.allTasks() != "" {
		t.Errorf("tasks are left open: %s", s.allTasks())
	}
}

// While a step is stuck its lock is free: people's acts go on, and two who ask for the same retry do no harm.
func TestStuckNotices(t *testing.T) {
	t.Parallel()
	s := year(t, "C01")
	s.reports("C01")
	s.fail(IssueNotices.Name(), 1, dataFault("no letterhead"))
	s.ask("2025-11-24 10:00", UpdateRemind, "remind", UnitsRequest{Person: admin})
	s.retries("2025-11-25 10:00", year2025, "Notices.Issue", "one")
	s.retries("2025-11-25 10:00", year2025, "Notices.Issue", "other")
	s.first()
	s.wantTold("remind", `{"queued":1}`, "one", "{}", "other", "{}")
	wantLines(t, s.only("Notices.Issue"), "11-24 09:00 Notices.Issue", "11-25 10:00 Notices.Issue")
}

func TestStuckYearIsCancelled(t *testing.T) {
	t.Parallel()
	s := year(t, "C01")
	s.fail(IssueNotices.Name(), 1, dataFault("no letterhead"))
	s.cancels("2025-11-25 10:00")
	s.play(AssessmentCycle, yearInput)
	s.wantCancelled()
}

// Every own step perseveres, those of the second half too, and the close with its open task.
func TestStuckEverywhere(t *testing.T) {
	t.Parallel()
	s := year(t, "C01")
	s.problems = []string{"C01"}
	fault := dataFault("broken")
	for _, step := range []string{OpenReview.Name(), CloseReview.Name(), ReleaseResults.Name()} {
		s.fail(step, 1, fault)
	}
	s.reports("C01")
	s.retries("2025-12-02 09:00", unitC01, "Reviews.Open", "open")
	s.retries("2025-12-02 11:00", unitC01, "Reviews.Close", "close")
	s.retries("2025-12-03 09:00", year2025, "Results.Release", "release")
	in := s.first()
	s.wantTold("open", "{}", "close", "{}", "release", "{}")

	s = s.second()
	s.without(OrderRectifications.Name())
	for _, step := range []string{DraftProblems.Name(), RectificationOverdue.Name(), CloseCycle.Name()} {
		s.fail(step, 1, fault)
	}
	s.retries("2025-12-04 09:00", year2025, "Rectifications.Draft", "draft")
	s.retries("2026-03-16 09:00", rectificationC01, "Rectifications.Overdue", "overdue")
	s.at("2026-03-17 09:00", func() {
		s.act(rectificationC01, UpdateDecideConsequence, "waive", DecideRequest{Person: admin, Number: 1})
	})
	s.retries("2026-03-18 09:00", year2025, "Cycles.Close", "close")
	s.play(AssessmentCycle, in)
	s.wantTold("draft", "{}", "overdue", "{}", "waive", `{"unit":"C01"}`, "close", "{}")
	lines := s.except("Mails.Deliver", "Reminders.Send")
	wantLines(t, lines[len(lines)-7:],
		"03-16 09:00 Tasks.EndStuck Rectifications.Overdue rectification/pingliang/2025/C01 by admin",
		"03-16 09:00 Rectifications.Overdue C01",
		"03-17 09:00 Consequences.Decide #1 waive by admin",
		"03-17 09:00 Cycles.Close",
		"03-17 09:00 Tasks.OpenStuck Cycles.Close assessment/pingliang/2025",
		"03-18 09:00 Tasks.EndStuck Cycles.Close assessment/pingliang/2025 by admin",
		"03-18 09:00 Cycles.Close",
	)
}

// A delivery that can't be tried again is no reason to close with mails left.
func TestStuckDelivery(t *testing.T) {
	t.Parallel()
	s, in := secondHalf(t)
	s.mails = 1
	s.fail(DeliverMail.Name(), 1, dataFault("no cycle 7"))
	s.retries("2025-12-02 10:00", year2025, "Mails.Deliver", "retry")
	s.play(AssessmentCycle, in)
	wantLines(t, s.only("Cycles.Close"), "12-02 10:00 Cycles.Close")
	if s.mails != 0 {
		t.Errorf("%d mails are left", s.mails)
	}
}

// A delivery that is stuck holds up neither the release nor the second half, whose first success ends the task.
func TestStuckDeliveryIsCarried(t *testing.T) {
	t.Parallel()
	s := year(t, "C01")
	s.reports("C01")
	s.fail(DeliverMail.Name(), 1, dataFault("no cycle 7")) // with the notices
	in := s.first()
	if want := []string{"Mails.Deliver"}; !slices.Equal(in.Carried.Stuck, want) {
		t.Fatalf("the steps carried as stuck are %q, want %q", in.Carried.Stuck, want)
	}
	s = s.second()
	s.play(AssessmentCycle, in)
	wantLines(t, s.only("Tasks.EndStuck"), "12-01 12:00 Tasks.EndStuck Mails.Deliver "+year2025)
	if s.mails != 0 || s.allTasks() != "" {
		t.Errorf("%d mails are left, and the tasks %q", s.mails, s.allTasks())
	}
}

// breaksOff ends a child from outside, and has it begun again on demand: it does not take the year along.
func (s *stage) breaksOff(when, again, workflowID, step string) {
	s.at(when, func() { s.CancelWorkflowByID(workflowID, "") })
	s.retries(again, year2025, step, "again "+again)
}

// A unit's assessment that is begun again goes on from what the database says: its own date, its report.
func TestStuckUnits(t *testing.T) {
	t.Parallel()
	s := year(t, "C01", "C02", "C03")
	s.reports("C01", "C02")
	s.at("2025-11-25 09:00", func() {
		s.act("unit/pingliang/2025/C03", UpdateExtend, "extend", ExtendRequest{Person: admin, Phase: PhaseSelfReport, To: date(t, "2025-12-19")})
	})
	s.breaksOff("2025-11-26 09:30", "2025-12-02 09:00", "unit/pingliang/2025/C03", "UnitAssessment.C03")
	s.breaksOff("2025-12-01 10:30", "2025-12-02 09:30", "unit/pingliang/2025/C02", "UnitAssessment.C02")
	s.first()
	s.wantTold("extend", "{}", "again 2025-12-02 09:00", "{}", "again 2025-12-02 09:30", "{}")
	wantLines(t, s.about("C02"),
		"12-01 10:00 Reports.Submit C02 by C02",
		"12-01 10:00 Reviews.Open C02",
		"12-02 09:30 Units.Standing C02",
		"12-02 09:30 Reviews.Open C02",
		"12-02 10:30 Sheets.Submit C02 by li",
		"12-02 10:30 Sheets.Submit C02 by wang",
		"12-02 10:30 Reviews.Close C02",
	)
	wantLines(t, s.about("C03"),
		"11-25 09:00 Deadlines.Extend C03 self_report 2025-12-19 by admin",
		"12-02 09:00 Units.Standing C03",
		"12-20 00:00 Reviews.Open C03",
		"12-20 01:00 Sheets.Submit C03 by li",
		"12-20 01:00 Sheets.Submit C03 by wang",
		"12-20 01:00 Reviews.Close C03",
	)
}

// An approval that is begun again takes up its proposal, and what was decided about it unheard.
func TestStuckApproval(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		meanwhile func(*stage)
		want      []string
	}{
		"open": {func(*stage) {}, []string{
			"12-03 09:00 Proposals.Make #1", "12-03 10:00 Proposals.Approve #1 digest-2 by leader", "12-03 10:00 Results.Release #1",
		}},
		"approved": {func(s *stage) { s.proposals[0].state = DecisionApproved }, []string{
			"12-03 09:00 Proposals.Make #1", "12-03 09:00 Results.Release #1",
		}},
		"returned": {func(s *stage) { s.proposals[0].state = DecisionReturned; s.reopen([]string{"C01"}) }, []string{
			"12-03 09:00 Proposals.Make #1", "12-03 10:00 Proposals.Make #2", "12-03 11:00 Proposals.Approve #2 digest-4 by leader",
			"12-03 11:00 Results.Release #2",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := year(t, "C01")
			s.reports("C01")
			s.breaksOff("2025-12-01 11:30", "2025-12-03 09:00", approval1, "Approval")
			s.at("2025-12-01 13:00", func() { s.read(func() { c.meanwhile(s) }) })
			s.first()
			s.wantTold("again 2025-12-03 09:00", "{}")
			wantLines(t, s.story()[4:], slices.Concat([]string{"12-03 09:00 Tasks.EndStuck Approval assessment/pingliang/2025 by admin"}, c.want)...)
		})
	}
}

// What an approval had waited for when it was broken off is asked of nobody any more: the one after it finds it mended.
func TestStuckInWhatIsBrokenOff(t *testing.T) {
	t.Parallel()
	s := year(t, "C01")
	s.reports("C01")
	s.at("2025-12-01 08:00", func() { s.read(func() { s.fail(MakeProposal.Name(), 1, dataFault("points are missing")) }) })
	s.breaksOff("2025-12-02 09:00", "2025-12-03 09:00", approval1, "Approval")
	s.at("2025-12-02 10:00", func() {
		s.read(func() {
			if len(s.tasks) != 1 || !strings.HasPrefix(s.allTasks(), "stuck/Approval/assessment/pingliang/2025: ") {
				t.Errorf("the open tasks are %q", s.allTasks())
			}
		})
	})
	s.first()
	if s.allTasks() != "" {
		t.Errorf("the open tasks at the end are %q", s.allTasks())
	}
}

// A rectification that is begun again knows its limit, its report, and what waits for a decision.
func TestStuckRectification(t *testing.T) {
	t.Parallel()
	s := year(t, "C01", "C02")
	s.problems = []string{"C01", "C02"}
	s.reports("C01", "C02")
	in := s.first()
	s = s.second()
	s.without(OrderRectifications.Name(), ReportRectification.Name())
	const rectificationC02 = "rectification/pingliang/2025/C02"
	acts := func(when, workflowID, update, id, due string) {
		in := RectificationRequest{Person: admin}
		if due != "" {
			in.Due = date(t, due)
		}
		s.at(when, func() { s.act(workflowID, update, id, in) })
	}
	acts("2026-01-05 09:00", rectificationC01, UpdateReportRectification, "report", "")
	acts("2026-01-06 09:00", rectificationC01, UpdateSendBack, "back", "2026-04-10")
	s.breaksOff("2026-01-07 09:30", "2026-01-08 09:30", rectificationC01, "Rectification.C01.0")
	acts("2026-04-09 09:00", rectificationC01, UpdateReportRectification, "report 2", "")
	s.breaksOff("2026-04-10 09:30", "2026-04-13 09:00", rectificationC01, "Rectification.C01.0")
	acts("2026-04-13 10:00", rectificationC01, UpdateAccept, "accept", "")
	// C02's limit passes; the consequence is decided by the one who is begun after it was proposed.
	s.breaksOff("2026-03-16 09:30", "2026-03-16 10:00", rectificationC02, "Rectification.C02.0")
	s.at("2026-03-17 09:00", func() {
		s.act(rectificationC02, UpdateDecideConsequence, "waive", DecideRequest{Person: admin, Number: 1})
	})
	s.play(AssessmentCycle, in)
	s.wantTold("back", "{}", "report 2", "{}", "accept", "{}", "waive", `{"unit":"C02"}`, "again 2026-04-13 09:00", "{}")
	wantLines(t, s.only("Rectifications.Overdue", "Rectifications.Standing", "Consequences.Decide"),
		"01-08 09:30 Rectifications.Standing C01",
		"03-14 00:00 Rectifications.Overdue C02",
		"03-16 10:00 Rectifications.Standing C02",
		"03-16 10:00 Rectifications.Overdue C02",
		"03-17 09:00 Consequences.Decide #1 waive by admin",
		"04-13 09:00 Rectifications.Standing C01",
	)
}

// In a year that the database holds for ended no task can be opened: the workflow ends with its error.
func TestStuckInAYearThatIsOver(t *testing.T) {
	t.Parallel()
	s := year(t, "C01")
	s.at("2025-11-22 09:30", func() { s.read(func() { s.state = "closed" }) })
	if err := s.run(AssessmentCycle, yearInput); err == nil || reasons(err) != "pingliang/2025 is closed: nothing more is written" {
		t.Errorf("the workflow ended with %v", err)
	}
}
