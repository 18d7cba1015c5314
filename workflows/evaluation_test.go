package workflows

import (
	"testing"
)

func (s *stage) playEvaluation() {
	s.t.Helper()
	s.play(SocialEvaluation, evaluationInput)
	if s.state != "closed" || s.mails != 0 {
		s.t.Errorf("the evaluation is %s with %d mails left", s.state, s.mails)
	}
}

// The whole of Article 8 with everybody on time.
func TestEvaluation(t *testing.T) {
	t.Parallel()
	s := evaluationStage(t)
	s.due = 3
	s.ask("2025-10-13 12:00", UpdateAwaitStart, "start", admin)
	s.playEvaluation()
	wantLines(t, s.except("Mails.Deliver", "Reminders.Send"),
		"-- -- Evaluations.Claim by admin",
		"10-13 09:00 Evaluations.Publish",
		"10-20 00:00 Evaluations.OpenWindow",
		"10-20 09:00 Evaluations.Invite",
		"11-15 00:00 Evaluations.CloseWindow",
		"11-15 00:00 Evaluations.Seal",
		"11-15 00:00 Evaluations.Tally",
		"11-15 01:00 Evaluations.Propose #1 by admin",
		"11-15 02:00 Proposals.Approve #1 digest-0 by leader",
		"11-15 02:00 Evaluations.Release #1",
		"11-15 03:00 Evaluations.PublishResults by admin",
		"11-15 03:00 Cycles.Close",
	)
	s.wantTold("start", "{}")
	// Nobody is reminded before the window opens, nor on a day off, nor after the release.
	sweeps := s.only("Reminders.Send")
	if first, last := sweeps[0], sweeps[len(sweeps)-1]; len(sweeps) != 20 ||
		first != "10-20 09:00 Reminders.Send approval+invitation" || last != "11-14 09:00 Reminders.Send approval+invitation" {
		t.Errorf("%d sweeps from %q to %q", len(sweeps), first, last)
	}
}

// An evaluation that follows the province's waits for it, and is announced at once if its day has come (E6).
func TestEvaluationAfterTheProvince(t *testing.T) {
	t.Parallel()
	s := evaluationStage(t)
	s.afterProvince = true
	s.ask("2025-10-15 10:00", UpdateRecordProvince, "ended", admin)
	s.ask("2025-10-15 11:00", UpdateRecordProvince, "again", admin)
	s.playEvaluation()
	wantLines(t, s.only("Evaluations.RecordProvince", "Evaluations.Publish", "Evaluations.OpenWindow"),
		"10-15 10:00 Evaluations.RecordProvince by admin", "10-15 10:00 Evaluations.Publish", "10-20 00:00 Evaluations.OpenWindow")
	s.wantTold("ended", "{}", "again", "rejected: nothing waits for the end of the province's evaluation (E6)")
}

func TestEvaluationBesideTheProvincesWaitsForNothing(t *testing.T) {
	t.Parallel()
	s := evaluationStage(t)
	s.ask("2025-10-12 10:00", UpdateRecordProvince, "ended", admin)
	s.playEvaluation()
	s.wantTold("ended", "rejected: nothing waits for the end of the province's evaluation (E6)")
}

// Each date moves while it lies ahead, and what waits for it waits on.
func TestEvaluationDatesMove(t *testing.T) {
	t.Parallel()
	s := evaluationStage(t)
	for _, move := range []struct{ when, phase, to string }{
		{"2025-10-12 10:00", PhasePublish, "2025-10-15"},
		{"2025-10-14 10:00", PhaseOpen, "2025-10-22"},
		{"2025-11-14 23:00", PhaseClose, "2025-11-18"},
		{"2025-11-18 10:00", PhaseResults, "2025-12-08"},
	} {
		s.ask(move.when, UpdateMoveDate, move.phase, ExtendRequest{Person: admin, Phase: move.phase, To: date(t, move.to)})
	}
	s.playEvaluation()
	wantLines(t, s.only("Evaluations.Publish", "Evaluations.OpenWindow", "Evaluations.Invite", "Evaluations.CloseWindow"),
		"10-15 09:00 Evaluations.Publish", "10-22 00:00 Evaluations.OpenWindow", "10-22 09:00 Evaluations.Invite", "11-19 00:00 Evaluations.CloseWindow")
	s.wantTold("publish", "{}", "open", "{}", "close", "{}", "results", "{}")
}

// The leader gives the tally back once; the administrator looks again and proposes anew (E8(4)).
func TestEvaluationReturned(t *testing.T) {
	t.Parallel()
	s := evaluationStage(t)
	s.without(ProposeEvaluation.Name())
	s.ask("2025-11-17 09:00", UpdateReturnProposal, "return", UnitsRequest{Person: leader})
	s.ask("2025-11-17 09:30", UpdateApprove, "too early", approveAs("leader", "digest-0"))
	s.ask("2025-11-17 11:00", UpdateApprove, "approve", approveAs("leader", "digest-0"))
	s.playEvaluation()
	wantLines(t, s.only("Evaluations.Tally", "Evaluations.Propose", "Evaluations.Return", "Proposals.Approve", "Evaluations.Release"),
		"11-15 00:00 Evaluations.Tally",
		"11-15 01:00 Evaluations.Propose #1 by admin",
		"11-17 09:00 Evaluations.Return #1 by leader",
		"11-17 09:00 Evaluations.Tally",
		"11-17 10:00 Evaluations.Propose #2 by admin",
		"11-17 11:00 Proposals.Approve #2 digest-0 by leader",
		"11-17 11:00 Evaluations.Release #2",
	)
	s.wantTold("return", "{}", "too early", "rejected: no proposal is open")
}

// What was approved must still be so when it is released; else it is tallied and proposed again.
func TestEvaluationChangedAfterTheApproval(t *testing.T) {
	t.Parallel()
	s := evaluationStage(t)
	changed := false
	s.cues[ApproveProposal.Name()] = func(string) {
		if !changed {
			changed = true
			s.scores++
		}
	}
	s.playEvaluation()
	wantLines(t, s.only("Evaluations.Tally", "Evaluations.Propose", "Proposals.Approve", "Evaluations.Release"),
		"11-15 00:00 Evaluations.Tally",
		"11-15 01:00 Evaluations.Propose #1 by admin",
		"11-15 02:00 Proposals.Approve #1 digest-0 by leader",
		"11-15 02:00 Evaluations.Release #1",
		"11-15 02:00 Evaluations.Tally",
		"11-15 03:00 Evaluations.Propose #2 by admin",
		"11-15 04:00 Proposals.Approve #2 digest-1 by leader",
		"11-15 04:00 Evaluations.Release #2",
	)
}

// What follows from a dissatisfied unit and from cheating is decided before the evaluation closes (E10).
func TestEvaluationWaitsForItsConsequences(t *testing.T) {
	t.Parallel()
	s := evaluationStage(t)
	s.dissatisfied = 1
	s.ask("2025-11-03 10:00", UpdateRecordViolation, "cheating", ViolationRequest{Person: admin, Unit: "C02"})
	decide := func(when string, number int) {
		s.ask(when, UpdateDecideConsequence, when, DecideRequest{Person: leader, Number: number, Impose: true})
	}
	decide("2025-11-05 10:00", 1)
	decide("2025-11-18 10:00", 2)
	decide("2025-11-19 10:00", 3)
	s.playEvaluation()
	wantLines(t, s.only("Violations.Record", "Consequences.Decide", "Evaluations.PublishResults", "Cycles.Close"),
		"11-03 10:00 Violations.Record C02 by admin",
		"11-05 10:00 Consequences.Decide #1 impose by leader",
		"11-15 03:00 Evaluations.PublishResults by admin",
		"11-18 10:00 Consequences.Decide #2 impose by leader",
		"11-19 10:00 Consequences.Decide #3 impose by leader",
		"11-19 10:00 Cycles.Close",
	)
}

// Publishing is a person's decision, and one; without it the evaluation stays open (E8(5)).
func TestEvaluationWaitsForTheDecisionToPublish(t *testing.T) {
	t.Parallel()
	s := evaluationStage(t)
	s.without(ReleaseEvaluation.Name())
	s.ask("2025-11-10 10:00", UpdatePublishResults, "early", PublishRequest{Person: admin, Publish: true})
	s.ask("2025-12-01 10:00", UpdatePublishResults, "withheld", PublishRequest{Person: admin})
	s.playEvaluation()
	wantLines(t, s.only("Evaluations.PublishResults", "Cycles.Close"), "12-01 10:00 Evaluations.PublishResults by admin", "12-01 10:00 Cycles.Close")
	// Nobody is reminded once the results are released, however long the decision takes.
	if sweeps := s.only("Reminders.Send"); sweeps[len(sweeps)-1] != "11-14 09:00 Reminders.Send approval+invitation" {
		t.Errorf("the last sweep is %q", sweeps[len(sweeps)-1])
	}
	s.wantTold("early", "rejected: the results are not released yet: they are published after their approval (E8(5))", "withheld", "{}")
}

// Representatives are reminded by hand while the window is open; each act has its time.
func TestActsOnAnEvaluationHaveTheirTime(t *testing.T) {
	t.Parallel()
	s := evaluationStage(t)
	s.ask("2025-10-14 10:00", UpdateRemind, "before", UnitsRequest{Person: admin})
	s.ask("2025-10-21 10:00", UpdateRemind, "within", UnitsRequest{Person: admin})
	s.ask("2025-10-21 11:00", UpdateProposeResults, "no tally", admin)
	s.ask("2025-10-21 12:00", UpdateReturnProposal, "nothing proposed", UnitsRequest{Person: leader})
	s.playEvaluation()
	s.wantTold(
		"before", "rejected: the window is not open: representatives are reminded while it is (E9)", "within", `{"queued":2}`,
		"no tally", "rejected: no tally is being looked at: that follows the window, and a returned proposal (E8(4))",
		"nothing proposed", "rejected: no proposal is open",
	)
}

func TestEvaluationCancelled(t *testing.T) {
	t.Parallel()
	for name, when := range map[string]string{
		"before it is announced": "2025-10-12 10:00", "while the window is open": "2025-10-21 10:00", "while the leader reads": "2025-11-15 01:30",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := evaluationStage(t)
			s.ask(when, UpdateCancel, "cancel", admin)
			s.play(SocialEvaluation, evaluationInput)
			s.wantCancelled()
			if closed := s.only("Cycles.Close", "Tasks.OpenStuck"); len(closed) != 0 {
				t.Errorf("a cancelled evaluation took the steps %q", closed)
			}
		})
	}
}

// A step that fails for its data waits for the administrator, who has it taken again.
func TestAStuckTallyIsTakenAgain(t *testing.T) {
	t.Parallel()
	s := evaluationStage(t)
	s.fail(MakeTally.Name(), 1, dataFault("the book can't be made"))
	s.ask("2025-11-17 09:00", UpdateRetryStep, "again", RetryRequest{Person: admin, Step: MakeTally.Name()})
	s.playEvaluation()
	s.wantTold("again", "{}")
	wantLines(t, s.only("Evaluations.Tally", "Tasks.OpenStuck", "Tasks.EndStuck"),
		"11-15 00:00 Evaluations.Tally", "11-15 00:00 Tasks.OpenStuck Evaluations.Tally evaluation/pingliang/2025",
		"11-17 09:00 Tasks.EndStuck Evaluations.Tally evaluation/pingliang/2025 by admin", "11-17 09:00 Evaluations.Tally")
}

func TestASecondEvaluationIsRefused(t *testing.T) {
	t.Parallel()
	s := evaluationStage(t)
	s.state = "running"
	s.ask("2025-10-11 08:00", UpdateAwaitStart, "start", admin)
	if err := s.run(SocialEvaluation, evaluationInput); err == nil || reasons(err) != "pingliang/2025/evaluation has been started already" {
		t.Errorf("the second evaluation ended with %v", err)
	}
}
