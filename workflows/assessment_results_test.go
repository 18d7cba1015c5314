package workflows

import (
	"testing"
	"time"
)

// without takes out who acts by himself after a step.
func (s *stage) without(steps ...string) {
	for _, step := range steps {
		delete(s.cues, step)
	}
}

func (s *stage) approves(when string, number int, digest string) {
	s.at(when, func() {
		s.act(ApprovalID(pingliang, number), UpdateApprove, "approve "+digest, approveAs("leader", digest))
	})
}

// The leader returns two units, then one of them again, then approves (A8(6)).
func TestResultsReturnedTwice(t *testing.T) {
	t.Parallel()
	s := year(t, "C01", "C02", "C03")
	s.without(MakeProposal.Name())
	s.reports("C01", "C02", "C03")
	returns := func(when string, number int, units ...string) {
		s.at(when, func() {
			s.act(ApprovalID(pingliang, number), UpdateReturnProposal, "return "+when, UnitsRequest{
				Person: Person{Login: "leader"}, Units: units, ReviewDue: date(t, "2025-12-05"),
			})
		})
	}
	returns("2025-12-02 09:00", 1, "C01", "C03")
	returns("2025-12-03 09:00", 2, "C03")
	s.approves("2025-12-04 09:00", 3, "digest-12") // 3 units, then 2, then 1, with two sheets each
	s.first()
	wantLines(t, s.only("Proposals.Make", "Proposals.Return", "Proposals.Approve", "Results.Release"),
		"12-01 11:00 Proposals.Make #1",
		"12-02 09:00 Proposals.Return #1 C01+C03 2025-12-05 by leader",
		"12-02 10:00 Proposals.Make #2",
		"12-03 09:00 Proposals.Return #2 C03 2025-12-05 by leader",
		"12-03 10:00 Proposals.Make #3",
		"12-04 09:00 Proposals.Approve #3 digest-12 by leader",
		"12-04 09:00 Results.Release #3",
	)
	wantLines(t, s.about("C03")[4:],
		"12-01 11:00 Reviews.Close C03",
		"12-02 09:00 Reviews.Open C03",
		"12-02 10:00 Sheets.Submit C03 by li",
		"12-02 10:00 Sheets.Submit C03 by wang",
		"12-02 10:00 Reviews.Close C03",
		"12-03 09:00 Proposals.Return #2 C03 2025-12-05 by leader",
		"12-03 09:00 Reviews.Open C03",
		"12-03 10:00 Sheets.Submit C03 by li",
		"12-03 10:00 Sheets.Submit C03 by wang",
		"12-03 10:00 Reviews.Close C03",
	)
}

// An adjustment that is confirmed while a proposal is open voids it; a new proposal follows by itself.
func TestResultsVoidedByAnAdjustment(t *testing.T) {
	t.Parallel()
	s := year(t, "C01")
	s.reports("C01")
	s.at("2025-12-01 11:30", func() {
		s.act(approval1, UpdateConfirmAdjustment, "confirm", ConfirmRequest{Person: Person{Login: "second"}, Adjustment: "a-1"})
	})
	s.first()
	wantLines(t, s.story()[2:],
		"12-01 11:00 Proposals.Make #1",
		"12-01 11:30 Proposals.ConfirmAdjustment a-1 by second",
		"12-01 11:30 Proposals.Make #2",
		"12-01 12:00 Proposals.Approve #2 digest-3 by leader",
		"12-01 12:00 Results.Release #2",
	)
}

// A score that changes between approval and release is never released unapproved.
func TestResultsChangedBeforeTheRelease(t *testing.T) {
	t.Parallel()
	s := year(t, "C01")
	s.reports("C01")
	s.cues[ApproveProposal.Name()] = func(string) {
		s.scores++ // an adjustment, confirmed as a plain fact
		delete(s.cues, ApproveProposal.Name())
	}
	s.first()
	wantLines(t, s.story()[2:],
		"12-01 11:00 Proposals.Make #1",
		"12-01 12:00 Proposals.Approve #1 digest-2 by leader",
		"12-01 12:00 Results.Release #1",
		"12-01 12:00 Proposals.Make #2",
		"12-01 13:00 Proposals.Approve #2 digest-3 by leader",
		"12-01 13:00 Results.Release #2",
	)
	if s.released != 2 {
		t.Errorf("proposal %d is released, want 2", s.released)
	}
}

// secondHalf plays C01 and C02 to the release on 2025-12-01 12:00 and sets the stage for the rest of the year.
func secondHalf(t *testing.T, problems ...string) (*stage, AssessmentCycleInput) {
	t.Helper()
	s := year(t, "C01", "C02")
	s.problems = problems
	s.reports("C01", "C02")
	in := s.first()
	return s.second(), in
}

// A correction after the release is a new proposal, approved again, one at a time (A8(7)).
func TestResultsCorrected(t *testing.T) {
	t.Parallel()
	s, in := secondHalf(t, "C02")
	s.without(DraftProblems.Name())
	correct := func(when, id string, in CorrectRequest) { s.ask(when, UpdateCorrectResults, id, in) }
	byUnits := CorrectRequest{Person: admin, Units: []string{"C01"}, ReviewDue: date(t, "2025-12-10")}
	correct("2025-12-02 09:00", "adjustment", CorrectRequest{Person: admin, Adjustment: "a-1"})
	correct("2025-12-02 09:30", "during the proposal", byUnits)
	correct("2025-12-03 09:00", "units", byUnits)
	correct("2025-12-03 09:30", "during the review", CorrectRequest{Person: admin, Adjustment: "a-2"})
	s.ask("2025-12-05 09:00", UpdateOrderRectifications, "order", UnitsRequest{Person: admin, Units: []string{"C02"}})
	s.play(AssessmentCycle, in)
	wantLines(t, s.except("Mails.Deliver", "Reminders.Send"),
		"12-01 12:00 Rectifications.Draft",
		"12-02 09:00 Results.Correct a-1 by admin",
		"12-02 09:00 Proposals.Make #2",
		"12-02 10:00 Proposals.Approve #2 digest-5 by leader",
		"12-02 10:00 Results.Release #2",
		"12-03 09:00 Results.Correct C01 2025-12-10 by admin",
		"12-03 09:00 Reviews.Open C01",
		"12-03 10:00 Sheets.Submit C01 by li",
		"12-03 10:00 Sheets.Submit C01 by wang",
		"12-03 10:00 Reviews.Close C01",
		"12-03 10:00 Proposals.Make #3",
		"12-03 11:00 Proposals.Approve #3 digest-7 by leader",
		"12-03 11:00 Results.Release #3",
		"12-05 09:00 Rectifications.Order C02 by admin",
		"12-05 10:00 Rectifications.Report C02 by C02",
		"12-05 11:00 Rectifications.Accept C02 by admin",
		"12-05 11:00 Cycles.Close",
	)
	refused := "rejected: nothing to correct: results are corrected after their release, and one correction at a time (A8(7))"
	s.wantTold("during the proposal", refused, "during the review", refused)
}

// A date that is moved for all reaches the rectifications under way.
func TestResultsMoveTheRectificationDate(t *testing.T) {
	t.Parallel()
	s, in := secondHalf(t, "C01", "C02")
	s.without(OrderRectifications.Name())
	s.movesAll("2025-12-02 09:00", "move", PhaseRectification, "2026-03-27")
	for _, number := range []int{1, 2} {
		s.at("2026-03-30 09:00", func() {
			s.act(RectificationID(pingliang, s.consequences[number-1].unit, 0), UpdateDecideConsequence,
				"waive "+s.consequences[number-1].unit, DecideRequest{Person: admin, Number: number})
		})
	}
	s.play(AssessmentCycle, in)
	s.wantTold("move", `{"units":["C01","C02"]}`, "waive C01", `{"unit":"C01"}`, "waive C02", `{"unit":"C02"}`)
	for _, overdue := range s.only("Rectifications.Overdue") {
		if overdue[:11] != "03-28 00:00" {
			t.Errorf("a limit passed at %s, want 03-28 00:00", overdue)
		}
	}
}

// Nothing closes while a mail is neither sent nor refused, and what comes at the last moment is not lost.
func TestCloseWaits(t *testing.T) {
	t.Parallel()
	s, in := secondHalf(t)
	s.fail(DeliverMail.Name(), 9, errOutage) // the tenth attempt comes 102 s later
	s.mails = 1
	s.ask("2025-12-01 12:01", UpdateRecordViolation, "violation", ViolationRequest{Person: admin, Unit: "C02"})
	s.ask("2025-12-03 09:00", UpdateDecideConsequence, "waive", DecideRequest{Person: admin, Number: 1})
	s.play(AssessmentCycle, in)
	wantLines(t, s.except("Mails.Deliver", "Reminders.Send"),
		"12-01 12:00 Rectifications.Draft",
		"12-01 12:01 Violations.Record C02 by admin",
		"12-03 09:00 Consequences.Decide #1 waive by admin",
		"12-03 09:00 Cycles.Close",
	)
}

// A mail that turns up while the year is being closed keeps it open for one more delivery.
func TestCloseFindsAMail(t *testing.T) {
	t.Parallel()
	s, in := secondHalf(t)
	s.fail(DraftProblems.Name(), 1, errOutage) // until the courier of the new run has made its first round
	s.cues[DraftProblems.Name()] = func(string) { s.mails++ }
	s.play(AssessmentCycle, in)
	if closes := s.only("Cycles.Close"); len(closes) != 2 || s.mails != 0 || s.state != "closed" {
		t.Errorf("closed with %q, %d mails left, the year is %s", closes, s.mails, s.state)
	}
}

// An act that comes while the year is being closed waits, and is refused after it: nothing is written any more.
func TestActDuringTheClose(t *testing.T) {
	t.Parallel()
	s, in := secondHalf(t)
	s.fail(CloseCycle.Name(), 9, errOutage) // the tenth attempt comes 102 s later
	s.ask("2025-12-01 12:01", UpdateRecordViolation, "violation", ViolationRequest{Person: admin, Unit: "C02"})
	s.ask("2025-12-01 12:01", UpdateRemind, "remind", UnitsRequest{Person: admin})
	s.ask("2025-12-01 12:01", UpdateMoveDate, "move", ExtendRequest{Person: admin, Phase: PhaseRectification, To: date(t, "2026-04-10")})
	s.play(AssessmentCycle, in)
	refused := "refused: the cycle is closed"
	s.wantTold("violation", refused, "remind", refused, "move", refused)
	if written := s.only("Violations.Record", "Reminders.ByHand", "Cycles.MoveDate"); len(written) != 0 {
		t.Errorf("after the close came %q", written)
	}
}

// An act that was accepted before the close finds the year open, however long it takes: the close waits for its turn
// and looks again.
func TestActJustBeforeTheClose(t *testing.T) {
	t.Parallel()
	s, in := secondHalf(t)
	s.fail(DeliverMail.Name(), 3, errOutage) // 1.4 s, so that the act comes before the close
	s.fail(RecordViolation.Name(), 9, errOutage)
	s.on(DraftProblems.Name(), 0, func(string) {
		s.act(year2025, UpdateRecordViolation, "violation", ViolationRequest{Person: admin, Unit: "C02"})
	})
	s.ask("2025-12-03 09:00", UpdateDecideConsequence, "waive", DecideRequest{Person: admin, Number: 1})
	s.play(AssessmentCycle, in)
	s.wantTold("violation", `{"consequence":1,"open":1}`, "waive", `{"unit":"C02"}`)
	wantLines(t, s.only("Cycles.Close"), "12-03 09:00 Cycles.Close")
}

// An act that waits for no lock is answered, too, before the year's workflow ends.
func TestCloseAnswersEverybody(t *testing.T) {
	t.Parallel()
	s, in := secondHalf(t, "C01")
	s.without(DraftProblems.Name())
	s.at("2025-12-02 08:00", func() { s.read(func() { s.fail(SendReminders.Name(), 1, dataFault("broken")) }) })
	s.ask("2025-12-02 12:00", UpdateOrderRectifications, "order", UnitsRequest{Person: admin}) // accepted at 14:00
	s.fail(EndStuck.Name(), 9, errOutage)                                                      // the tenth attempt comes 102 s later
	s.retries("2025-12-02 13:59", year2025, "Reminders.Send", "retry")
	s.play(AssessmentCycle, in)
	s.wantTold("retry", "refused: pingliang/2025 is closed: nothing more is written")
}

// No reminder goes out while the year is being closed, nor after it.
func TestCloseKeepsTheSweepAway(t *testing.T) {
	t.Parallel()
	s, in := secondHalf(t, "C01")
	s.without(DraftProblems.Name(), ReportRectification.Name())
	s.ask("2025-12-02 12:00", UpdateOrderRectifications, "order", UnitsRequest{Person: admin})
	s.at("2025-12-03 08:59", func() {
		s.act(rectificationC01, UpdateAccept, "accept", RectificationRequest{Person: admin})
	})
	s.fail(CloseCycle.Name(), 9, errOutage) // the tenth attempt comes 102 s later
	s.play(AssessmentCycle, in)
	wantLines(t, s.only("Reminders.Send"), "12-02 09:00 Reminders.Send approval+rectification+review+self_report")
}

// What runs beside the story is over before the year continues as new: acts that waited for their turn, and the sweep.
func TestContinueAsNewWaits(t *testing.T) {
	t.Parallel()
	s := year(t, "C01")
	s.reports("C01")
	s.fail(ReleaseResults.Name(), 9, errOutage) // the tenth attempt comes 102 s later
	s.ask("2025-12-01 12:01", UpdateRecordViolation, "violation", ViolationRequest{Person: admin, Unit: "C01"})
	in := s.first()
	s.wantTold("violation", `{"consequence":1,"open":1}`)
	if in.Carried.Consequences != 1 {
		t.Errorf("%d consequences are carried, want the one of the last moment", in.Carried.Consequences)
	}

	s = year(t, "C01")
	s.without(MakeProposal.Name())
	s.reports("C01")
	s.at("2025-12-02 08:59", func() { s.read(func() { s.fail(SendReminders.Name(), 9, errOutage) }) })
	s.approves("2025-12-02 09:00", 1, "digest-2")
	in = s.first()
	if got := s.Now(); got.Before(moment(t, "2025-12-02 09:01")) || !in.Carried.Swept.Equal(moment(t, "2025-12-02 09:00")) {
		t.Errorf("the year continued as new at %s, after the sweep of %s", got, in.Carried.Swept)
	}
}

func (s *stage) violates(when, unit string) {
	s.ask(when, UpdateRecordViolation, "violation", ViolationRequest{Person: admin, Unit: unit})
}

func (s *stage) imposes(when string) {
	s.ask(when, UpdateDecideConsequence, "impose", DecideRequest{Person: admin, Number: 1, Impose: true, Due: date(s.t, "2026-02-06")})
}

// rectifies lets the unit report what the violation's order asked for, and the administrator accept it.
func (s *stage) rectifies(when string) {
	s.at(when, func() {
		s.act(RectificationID(pingliang, "C01", 1), UpdateReportRectification, "rectified", RectificationRequest{Person: Person{Login: "C01"}})
	})
	s.cues[ReportRectification.Name()] = func(string) {
		s.RegisterDelayedCallback(func() {
			s.act(RectificationID(pingliang, "C01", 1), UpdateAccept, "accepted", RectificationRequest{Person: admin})
		}, time.Hour)
	}
}

// A violation is recorded at any time; its consequence orders a rectification of its own (A14).
func TestViolationDuringTheAssessment(t *testing.T) {
	t.Parallel()
	s := year(t, "C01")
	s.violates("2025-11-25 09:00", "C01")
	s.imposes("2025-11-26 09:00")
	s.rectifies("2025-11-27 09:00")
	s.reports("C01")
	in := s.first() // what it ordered is over, so the year continues as new
	wantLines(t, s.about("C01")[:3],
		"11-25 09:00 Violations.Record C01 by admin",
		"11-27 09:00 Rectifications.Report C01 #1 by C01",
		"11-27 10:00 Rectifications.Accept C01 #1 by admin",
	)
	if in.Carried.Consequences != 0 {
		t.Errorf("%d consequences are carried, want 0", in.Carried.Consequences)
	}
}

// A consequence that nobody has decided is carried into the second half, and keeps the year open.
func TestViolationUndecidedAtTheRelease(t *testing.T) {
	t.Parallel()
	s := year(t, "C01")
	s.violates("2025-11-25 09:00", "C01")
	s.reports("C01")
	in := s.first()
	if in.Carried.Consequences != 1 {
		t.Fatalf("%d consequences are carried, want 1", in.Carried.Consequences)
	}
	s = s.second()
	s.imposes("2025-12-02 09:00")
	s.rectifies("2025-12-03 09:00")
	s.play(AssessmentCycle, in)
	wantLines(t, s.except("Mails.Deliver", "Reminders.Send"),
		"12-01 12:00 Rectifications.Draft",
		"12-02 09:00 Consequences.Decide #1 2026-02-06 impose by admin",
		"12-03 09:00 Rectifications.Report C01 #1 by C01",
		"12-03 10:00 Rectifications.Accept C01 #1 by admin",
		"12-03 10:00 Cycles.Close",
	)
}

// A violation was recorded before the start: the year knows of it, and does not close before it is decided (A14).
func TestViolationBeforeTheStart(t *testing.T) {
	t.Parallel()
	s := year(t, "C01")
	s.claim.Consequences, s.consequences = 1, []*fakeConsequence{{unit: "C01"}}
	s.reports("C01")
	in := s.first()
	s = s.second()
	s.at("2025-12-02 09:00", func() {
		s.act(year2025, UpdateDecideConsequence, "waive", DecideRequest{Person: admin, Number: 1})
	})
	s.play(AssessmentCycle, in)
	s.wantTold("waive", `{"unit":"C01"}`)
	wantLines(t, s.only("Cycles.Close"), "12-02 09:00 Cycles.Close")
}

// A rectification that is under way at the release is not cut off: the year goes on in the same run.
func TestViolationRectifiedAfterTheRelease(t *testing.T) {
	t.Parallel()
	s := year(t, "C01")
	s.violates("2025-11-25 09:00", "C01")
	s.imposes("2025-11-26 09:00")
	s.rectifies("2026-01-15 09:00")
	s.reports("C01")
	s.play(AssessmentCycle, yearInput)
	lines := s.except("Mails.Deliver", "Reminders.Send")
	wantLines(t, lines[len(lines)-5:],
		"12-01 12:00 Results.Release #1",
		"12-01 12:00 Rectifications.Draft",
		"01-15 09:00 Rectifications.Report C01 #1 by C01",
		"01-15 10:00 Rectifications.Accept C01 #1 by admin",
		"01-15 10:00 Cycles.Close",
	)
}
