package workflows

import (
	"testing"

	"go.temporal.io/sdk/temporal"
)

func (s *stage) cancels(when string) {
	s.ask(when, UpdateCancel, "cancel", admin)
}

// wantCancelled checks that the year ended quietly, with everything beneath it, and that the units were told.
func (s *stage) wantCancelled(children ...string) {
	s.t.Helper()
	s.wantTold("cancel", "{}")
	if s.state != "cancelled" || s.mails != 0 {
		s.t.Errorf("the year is %s with %d mails left", s.state, s.mails)
	}
	for _, child := range children {
		if err := s.GetWorkflowErrorByID(child); !temporal.IsCanceledError(err) {
			s.t.Errorf("%s ended with %v, want it cancelled", child, err)
		}
	}
}

func TestCancelInTheFirstHalf(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		when     string
		children []string
	}{
		"before the notice":      {"2025-11-21 09:30", nil},
		"while units report":     {"2025-11-28 09:30", []string{unitC01, unitC01[:len(unitC01)-1] + "2"}},
		"while assessors score":  {"2025-12-01 10:30", []string{unitC01, unitC01[:len(unitC01)-1] + "2"}},
		"one review is closed":   {"2025-12-02 09:30", []string{unitC01[:len(unitC01)-1] + "2"}},
		"while the leader reads": {"2025-12-13 01:30", []string{approval1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := year(t, "C01", "C02")
			s.reports("C01")
			s.cancels(c.when)
			s.play(AssessmentCycle, yearInput)
			s.wantCancelled(c.children...)
			if closed := s.only("Cycles.Close", "Tasks.OpenStuck"); len(closed) != 0 {
				t.Errorf("a cancelled year took the steps %q", closed)
			}
		})
	}
}

func TestCancelInTheSecondHalf(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		script   func(*stage)
		children []string
	}{
		"before the order": {func(s *stage) { s.without(DraftProblems.Name()) }, nil},
		"while units rectify": {
			func(s *stage) { s.without(OrderRectifications.Name()) },
			[]string{rectificationC01},
		},
		"while results are corrected": {func(s *stage) {
			s.without(OrderRectifications.Name(), MakeProposal.Name())
			s.ask("2025-12-02 09:00", UpdateCorrectResults, "correct", CorrectRequest{Person: admin, Adjustment: "a-1"})
		}, []string{rectificationC01, "approval/pingliang/2025/2"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, in := secondHalf(t, "C01")
			c.script(s)
			s.cancels("2025-12-03 09:00")
			s.play(AssessmentCycle, in)
			s.wantCancelled(c.children...)
		})
	}
}

// A year whose own step can't go on is cancelled all the same: the act waits for no lock.
func TestCancelBesideAStepThatHangs(t *testing.T) {
	t.Parallel()
	s := year(t, "C01")
	s.fail(IssueNotices.Name(), 9, errOutage) // the tenth attempt would come 102 s later
	s.cancels("2025-11-24 09:01")
	s.ask("2025-11-24 09:01", UpdateRemind, "waits for its turn", UnitsRequest{Person: admin})
	s.play(AssessmentCycle, yearInput)
	s.wantCancelled()
	s.wantTold("waits for its turn", "refused: the cycle is cancelled")
}

// Of a close and a cancellation at the same moment the database takes one; either way the year ends once.
func TestCancelDuringTheClose(t *testing.T) {
	t.Parallel()
	s, in := secondHalf(t)
	s.fail(CloseCycle.Name(), 9, errOutage)
	s.cancels("2025-12-01 12:01")
	s.play(AssessmentCycle, in)
	s.wantCancelled()
}

func TestCancelRefused(t *testing.T) {
	t.Parallel()
	s := year(t, "C01")
	s.fail(CancelCycle.Name(), 1, dataFault("a reason is missing"))
	s.cancels("2025-11-25 09:00")
	s.reports("C01")
	s.first()
	s.wantTold("cancel", "refused: a reason is missing")
}

// A mail server that is down for hours does not hold the year's ids, nor are the mails about the cancellation lost.
func TestCancelWithoutAMailServer(t *testing.T) {
	t.Parallel()
	s := year(t, "C01")
	s.cancels("2025-11-25 09:00")
	s.cues[CancelCycle.Name()] = func(string) { s.fail(DeliverMail.Name(), 9, errOutage) } // the tenth attempt comes 102 s later
	s.at("2025-11-25 09:01", func() {
		if !s.IsWorkflowCompleted() {
			t.Error("a minute after the cancellation the year's workflow still runs")
		}
	})
	s.play(AssessmentCycle, yearInput)
	s.wantCancelled()
	askers := s.askers[DeliverMail.Name()]
	if last := askers[len(askers)-1].workflow; last != FarewellID(pingliang) {
		t.Errorf("the mails were delivered by %s", last)
	}
}

// What can't be delivered at all ends the farewell with its reason: no task can be opened in a cancelled year.
func TestFarewellThatFails(t *testing.T) {
	t.Parallel()
	s := setup(t, FarewellID(pingliang))
	s.fail(DeliverMail.Name(), 1, dataFault("no cycle 7"))
	if err := s.run(Farewell, FarewellInput{Cycle: pingliang}); err == nil || reasons(err) != "no cycle 7" {
		t.Errorf("the farewell ended with %v", err)
	}
}

// An operator who cancels the workflow itself gets everybody an answer before it ends.
func TestCancelledByAnOperator(t *testing.T) {
	t.Parallel()
	s := year(t, "C01")
	s.fail(RemindByHand.Name(), 9, errOutage)
	s.ask("2025-11-25 09:00", UpdateRemind, "remind", UnitsRequest{Person: admin})
	s.at("2025-11-25 09:01", func() { s.CancelWorkflow() })
	err := s.run(AssessmentCycle, yearInput)
	if !temporal.IsCanceledError(err) {
		t.Errorf("the workflow ended with %v, want it cancelled", err)
	}
	s.wantTold("remind", "refused: canceled")
}
