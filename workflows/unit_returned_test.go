package workflows

import "testing"

// A unit that the leader returned begins at review: its report stands (A8(6)).
func TestUnitReturnedByTheLeader(t *testing.T) {
	t.Parallel()
	s := setup(t, unitC01+"/2")
	s.add("C01")
	s.state, s.units["C01"].state = "running", "review"
	ask := func(when, update, id string, in any) {
		s.at(when, func() { s.act(unitC01+"/2", update, id, in) })
	}
	ask("2025-11-24 09:00", UpdateSubmitReport, "report", Person{Login: "c01"})
	ask("2025-11-24 10:00", UpdateReturnReport, "return", ReturnRequest{Person: Person{Login: "admin"}, Due: date(t, "2025-12-01")})
	ask("2025-11-25 09:00", UpdateSubmitSheet, "li", Person{Login: "li"})
	ask("2025-11-25 10:00", UpdateSubmitSheet, "wang", Person{Login: "wang"})
	s.play(UnitAssessment, UnitAssessmentInput{Cycle: pingliang, Unit: "C01", ReportDue: date(t, "2025-12-12"), Generation: 2})
	wantLines(t, s.steps,
		"11-21 08:00 Reviews.Open C01",
		"11-25 09:00 Sheets.Submit C01 by li",
		"11-25 10:00 Sheets.Submit C01 by wang",
		"11-25 10:00 Reviews.Close C01",
	)
	refused := "rejected: the leader returned this unit for a new review: its self-report stands (A8(6))"
	s.wantTold("report", refused, "return", refused)
}

// The sheets of a returned unit are open from the moment of its return: one that comes before its new workflow has opened
// the review waits for that, and is not refused.
func TestUnitReturnedAndScoredAtOnce(t *testing.T) {
	t.Parallel()
	s := setup(t, unitC01+"/2")
	s.add("C01")
	s.state, s.units["C01"].state = "running", "review"
	for _, assessor := range assessors {
		s.at(opening, func() { s.act(unitC01+"/2", UpdateSubmitSheet, assessor, Person{Login: assessor}) })
	}
	s.play(UnitAssessment, UnitAssessmentInput{Cycle: pingliang, Unit: "C01", ReportDue: date(t, "2025-12-12"), Generation: 2})
	s.wantTold("li", `{"open":1}`, "wang", `{"open":0}`)
}
