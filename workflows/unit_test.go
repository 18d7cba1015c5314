package workflows

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

const unitC01 = "unit/pingliang/2025/C01"

// playUnit plays the assessment of C01, whose report is due on 2025-12-12, with the acts that script arranges.
func playUnit(t *testing.T, script func(*stage)) *stage {
	t.Helper()
	s := setup(t, unitC01)
	s.add("C01")
	s.state, s.units["C01"].state = "running", "reporting"
	script(s)
	s.play(UnitAssessment, UnitAssessmentInput{
		Cycle: pingliang, Unit: "C01", ReportDue: date(t, "2025-12-12"), Generation: 1,
	})
	return s
}

func (s *stage) report(when, id string) {
	s.at(when, func() { s.act(unitC01, UpdateSubmitReport, id, Person{Login: "c01"}) })
}

func (s *stage) sheet(when, id, assessor string) {
	s.at(when, func() { s.act(unitC01, UpdateSubmitSheet, id, Person{Login: assessor}) })
}

func (s *stage) giveBack(when, id, due string) {
	s.at(when, func() {
		s.act(unitC01, UpdateReturnReport, id, ReturnRequest{Person: Person{Login: "admin"}, Due: date(s.t, due)})
	})
}

func (s *stage) extend(when, id, phase, to string) {
	s.at(when, func() {
		s.act(unitC01, UpdateExtend, id, ExtendRequest{Person: Person{Login: "admin"}, Phase: phase, To: date(s.t, to)})
	})
}

func TestUnitOnTime(t *testing.T) {
	t.Parallel()
	s := playUnit(t, func(s *stage) {
		s.sheet("2025-12-09 09:00", "early", "li")
		s.report("2025-12-10 10:00", "report")
		s.report("2025-12-10 11:00", "again")
		s.extend("2025-12-10 12:00", "extend", PhaseSelfReport, "2025-12-19")
		s.sheet("2025-12-20 09:00", "li", "li")
		s.sheet("2025-12-20 09:30", "li twice", "li")
		s.sheet("2025-12-21 09:00", "wang", "wang")
	})
	wantLines(t, s.steps,
		"12-10 10:00 Reports.Submit C01 by c01",
		"12-10 10:00 Reviews.Open C01",
		"12-20 09:00 Sheets.Submit C01 by li",
		"12-20 09:30 Sheets.Submit C01 by li",
		"12-21 09:00 Sheets.Submit C01 by wang",
		"12-21 09:00 Reviews.Close C01",
	)
	s.wantTold(
		"early", "rejected: the unit's review opens when its self-report is in, at the latest after 2025-12-12 (A8(5))",
		"report", `{"open":2}`,
		"again", "rejected: the self-report is in already; the authority can return it for correction (A8(5))",
		"extend", "rejected: the self-report is in: there is no deadline to extend (A8(5))",
		"li", `{"open":1}`,
		"li twice", "refused: this sheet is not open",
		"wang", `{"open":0}`,
	)
	// What the workflow waits for stands in its history before it is done: the report and the last sheet.
	wantAskers(t, s, SubmitReport.Name(), asker{unitC01, false})
	wantAskers(t, s, SubmitSheet.Name(), asker{unitC01, true}, asker{unitC01, false}, asker{unitC01, false})
	wantAskers(t, s, OpenReview.Name(), asker{unitC01, true})
}

func wantAskers(t *testing.T, s *stage, step string, want ...asker) {
	t.Helper()
	if !slices.Equal(s.askers[step], want) {
		t.Errorf("%s was asked for by %+v, want %+v", step, s.askers[step], want)
	}
}

// A report that comes while the sheets are being filled opens them again (A8(5)).
func TestUnitLate(t *testing.T) {
	t.Parallel()
	s := playUnit(t, func(s *stage) {
		s.sheet("2025-12-15 09:00", "li", "li")
		s.report("2025-12-16 10:00", "report")
		s.sheet("2025-12-17 09:00", "li again", "li")
		s.sheet("2025-12-17 10:00", "wang", "wang")
	})
	wantLines(t, s.steps,
		"12-13 00:00 Reviews.Open C01",
		"12-15 09:00 Sheets.Submit C01 by li",
		"12-16 10:00 Reports.Submit C01 by c01",
		"12-17 09:00 Sheets.Submit C01 by li",
		"12-17 10:00 Sheets.Submit C01 by wang",
		"12-17 10:00 Reviews.Close C01",
	)
	s.wantTold("report", `{"open":2,"late":true}`)
}

// Without a report the review opens at 00:00 after the unit's day, and closes when the sheets are in (A8(5)).
func TestUnitNeverReports(t *testing.T) {
	t.Parallel()
	s := playUnit(t, func(s *stage) {
		s.giveBack("2025-12-15 08:00", "return", "2025-12-20")
		s.sheet("2026-02-02 09:00", "li", "li") // long overdue: points are never invented
		s.sheet("2026-02-03 09:00", "wang", "wang")
	})
	wantLines(t, s.steps,
		"12-13 00:00 Reviews.Open C01",
		"02-02 09:00 Sheets.Submit C01 by li",
		"02-03 09:00 Sheets.Submit C01 by wang",
		"02-03 09:00 Reviews.Close C01",
	)
	s.wantTold("return", "rejected: there is no submitted self-report to return (A8(5))")
}

func TestUnitReturnedAndResubmitted(t *testing.T) {
	t.Parallel()
	s := playUnit(t, func(s *stage) {
		s.report("2025-12-10 10:00", "report")
		s.sheet("2025-12-11 09:00", "li", "li")
		s.giveBack("2025-12-12 09:00", "return", "2025-12-19")
		s.sheet("2025-12-15 09:00", "suspended", "wang")
		s.report("2025-12-17 10:00", "corrected")
		s.sheet("2025-12-18 09:00", "wang", "wang")
	})
	wantLines(t, s.except("Mails.Deliver"),
		"12-10 10:00 Reports.Submit C01 by c01",
		"12-10 10:00 Reviews.Open C01",
		"12-11 09:00 Sheets.Submit C01 by li",
		"12-12 09:00 Reports.Return C01 2025-12-19 by admin",
		"12-17 10:00 Reports.Submit C01 by c01",
		"12-17 10:00 Reviews.Open C01",
		"12-18 09:00 Sheets.Submit C01 by wang",
		"12-18 09:00 Reviews.Close C01",
	)
	s.wantTold("suspended", "rejected: the self-report is being corrected until 2025-12-19; scoring goes on after that")
	if s.mails != 0 {
		t.Errorf("%d mails about the return are not delivered", s.mails)
	}
}

func TestUnitReturnedAndNotResubmitted(t *testing.T) {
	t.Parallel()
	s := playUnit(t, func(s *stage) {
		s.report("2025-12-10 10:00", "report")
		s.giveBack("2025-12-12 09:00", "return", "2025-12-19")
		s.sheet("2025-12-22 09:00", "li", "li")
		s.sheet("2025-12-22 10:00", "wang", "wang")
	})
	wantLines(t, s.except("Mails.Deliver"),
		"12-10 10:00 Reports.Submit C01 by c01",
		"12-10 10:00 Reviews.Open C01",
		"12-12 09:00 Reports.Return C01 2025-12-19 by admin",
		"12-20 00:00 Reviews.Open C01",
		"12-22 09:00 Sheets.Submit C01 by li",
		"12-22 10:00 Sheets.Submit C01 by wang",
		"12-22 10:00 Reviews.Close C01",
	)
}

func TestUnitExtended(t *testing.T) {
	t.Parallel()
	s := playUnit(t, func(s *stage) {
		s.extend("2025-12-11 09:00", "extend", PhaseSelfReport, "2025-12-19")
		s.extend("2025-12-11 10:00", "review", PhaseReview, "2026-01-16")
		s.extend("2025-12-11 11:00", "approval", PhaseApproval, "2026-01-23")
		s.sheet("2025-12-15 09:00", "early", "li")
		s.sheet("2025-12-22 09:00", "li", "li")
		s.sheet("2025-12-22 10:00", "wang", "wang")
	})
	wantLines(t, s.except("Mails.Deliver"),
		"12-11 09:00 Deadlines.Extend C01 self_report 2025-12-19 by admin",
		"12-11 10:00 Deadlines.Extend C01 review 2026-01-16 by admin",
		"12-20 00:00 Reviews.Open C01",
		"12-22 09:00 Sheets.Submit C01 by li",
		"12-22 10:00 Sheets.Submit C01 by wang",
		"12-22 10:00 Reviews.Close C01",
	)
	s.wantTold(
		"approval", "rejected: one unit's dates are self_report, review and, once it is ordered, rectification",
		"early", "rejected: the unit's review opens when its self-report is in, at the latest after 2025-12-19 (A8(5))",
	)
}

// An extension that is granted after the deadline finds the review open: it stays open until the new day is over, so
// that the unit's report is still taken.
func TestUnitExtendedAfterItsDeadline(t *testing.T) {
	t.Parallel()
	s := playUnit(t, func(s *stage) {
		s.extend("2025-12-15 09:00", "extend", PhaseSelfReport, "2025-12-19")
		s.sheet("2025-12-16 09:00", "li", "li")
		s.sheet("2025-12-16 10:00", "wang", "wang")
		s.report("2025-12-18 10:00", "report")
		s.sheet("2025-12-22 09:00", "li again", "li")
		s.sheet("2025-12-22 10:00", "wang again", "wang")
	})
	wantLines(t, s.except("Mails.Deliver"),
		"12-13 00:00 Reviews.Open C01",
		"12-15 09:00 Deadlines.Extend C01 self_report 2025-12-19 by admin",
		"12-16 09:00 Sheets.Submit C01 by li",
		"12-16 10:00 Sheets.Submit C01 by wang",
		"12-18 10:00 Reports.Submit C01 by c01",
		"12-22 09:00 Sheets.Submit C01 by li",
		"12-22 10:00 Sheets.Submit C01 by wang",
		"12-22 10:00 Reviews.Close C01",
	)

	s = playUnit(t, func(s *stage) {
		s.extend("2025-12-15 09:00", "extend", PhaseSelfReport, "2025-12-19")
		s.sheet("2025-12-16 09:00", "li", "li")
		s.sheet("2025-12-16 10:00", "wang", "wang")
	})
	wantLines(t, s.only("Reviews.Close"), "12-20 00:00 Reviews.Close C01")
}

// Points that lie too far apart go back to their assessors, then to a third (A8(6)).
func TestUnitSpread(t *testing.T) {
	t.Parallel()
	s := playUnit(t, func(s *stage) {
		s.spreads["C01"] = []string{"again", "third"}
		s.report("2025-12-10 10:00", "report")
		s.sheet("2025-12-11 09:00", "li", "li")
		s.sheet("2025-12-11 10:00", "wang", "wang")
		s.sheet("2025-12-12 09:00", "li 2", "li")
		s.sheet("2025-12-12 10:00", "wang 2", "wang")
		s.at("2025-12-15 09:00", func() {
			s.act(unitC01, UpdateAssignAssessor, "assign", AssignRequest{Person: Person{Login: "admin"}, Assessor: "zhao"})
		})
		s.sheet("2025-12-16 09:00", "zhao", "zhao")
	})
	wantLines(t, s.steps,
		"12-10 10:00 Reports.Submit C01 by c01",
		"12-10 10:00 Reviews.Open C01",
		"12-11 09:00 Sheets.Submit C01 by li",
		"12-11 10:00 Sheets.Submit C01 by wang",
		"12-11 10:00 Reviews.Close C01",
		"12-12 09:00 Sheets.Submit C01 by li",
		"12-12 10:00 Sheets.Submit C01 by wang",
		"12-12 10:00 Reviews.Close C01",
		"12-15 09:00 Sheets.Assign C01 zhao by admin",
		"12-16 09:00 Sheets.Submit C01 by zhao",
		"12-16 09:00 Reviews.Close C01",
	)
}

// A worker that is killed may take along what the workflow knew of a sheet that the tables have. The last sheet then
// comes as one of many, and goes on record all the same: the review closes.
func TestUnitForgottenSheet(t *testing.T) {
	t.Parallel()
	s := playUnit(t, func(s *stage) {
		s.report("2025-12-10 10:00", "report")
		s.at("2025-12-11 08:00", func() { s.units["C01"].open = []string{"wang"} })
		s.sheet("2025-12-11 09:00", "wang", "wang")
	})
	wantLines(t, s.only("Sheets.Submit", "Reviews.Close"),
		"12-11 09:00 Sheets.Submit C01 by wang",
		"12-11 09:00 Sheets.Submit C01 by wang",
		"12-11 09:00 Reviews.Close C01",
	)
	s.wantTold("report", `{"open":2}`, "wang", `{"open":0}`)
	wantAskers(t, s, SubmitSheet.Name(), asker{unitC01, true}, asker{unitC01, false})
}

// Such a forgotten act is sent again, and may get its turn right after the last sheet: its old answer opens nothing.
func TestUnitForgottenSheetSentAgain(t *testing.T) {
	t.Parallel()
	s := playUnit(t, func(s *stage) {
		s.report("2025-12-10 10:00", "report")
		s.at("2025-12-11 08:00", func() {
			s.units["C01"].open, s.kept = []string{"wang"}, map[string]SheetsResult{"li": {Open: 1}}
		})
		// Both come while another act is tried once more, and must wait for their turn: wang's comes first.
		s.fail(ExtendUnit.Name(), 1, errOutage)
		s.extend("2025-12-11 09:00", "extend", PhaseReview, "2026-01-12")
		s.RegisterDelayedCallback(func() {
			s.act(unitC01, UpdateSubmitSheet, "li", Person{Login: "li"})
			s.act(unitC01, UpdateSubmitSheet, "wang", Person{Login: "wang"})
		}, moment(t, "2025-12-11 09:00").Sub(s.begun)+100*time.Millisecond)
	})
	s.wantTold("extend", "{}", "wang", `{"open":0}`, "li", `{"open":1}`)
	wantLines(t, s.only("Sheets.Submit", "Reviews.Close"),
		"12-11 09:00 Sheets.Submit C01 by wang",
		"12-11 09:00 Sheets.Submit C01 by wang",
		"12-11 09:00 Sheets.Submit C01 by li",
		"12-11 09:00 Reviews.Close C01",
	)
}

// Of a hundred acts at the same moment one is taken; the others are told why not, and leave no trace.
func TestUnitHundredReportsAtOnce(t *testing.T) {
	t.Parallel()
	s := playUnit(t, func(s *stage) {
		s.at("2025-12-10 10:00", func() {
			for i := range 100 {
				s.act(unitC01, UpdateSubmitReport, fmt.Sprint("report ", i), Person{Login: "c01"})
			}
		})
		s.sheet("2025-12-11 09:00", "li", "li")
		s.sheet("2025-12-11 09:00", "wang", "wang")
	})
	wantLines(t, s.only("Reports.Submit", "Reviews.Open"),
		"12-10 10:00 Reports.Submit C01 by c01",
		"12-10 10:00 Reviews.Open C01",
	)
	answers := map[string]int{}
	for i := range 100 {
		answers[s.told[fmt.Sprint("report ", i)]]++
	}
	refused := "refused: the self-report is in already; the authority can return it for correction (A8(5))"
	if answers[`{"open":2}`] != 1 || answers[refused] != 99 {
		t.Errorf("the answers were %v", answers)
	}
}

// The same act sent twice is one act with one answer.
func TestUnitSameActTwice(t *testing.T) {
	t.Parallel()
	s := playUnit(t, func(s *stage) {
		s.at("2025-12-10 10:00", func() {
			s.act(unitC01, UpdateSubmitReport, "report", Person{Login: "c01"})
			s.act(unitC01, UpdateSubmitReport, "report", Person{Login: "c01"})
		})
		s.report("2025-12-10 11:00", "report")
		s.sheet("2025-12-11 09:00", "li", "li")
		s.sheet("2025-12-11 10:00", "wang", "wang")
	})
	wantLines(t, s.only("Reports.Submit"), "12-10 10:00 Reports.Submit C01 by c01")
	s.wantTold("report", `{"open":2}`)
}

// A mail server that is down holds no unit up: the cycle's courier takes the mails over.
func TestUnitLeavesMailsBehind(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		outages int
		left    bool
	}{"delivered": {0, false}, "server down": {9, true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := playUnit(t, func(s *stage) {
				s.fail(DeliverMail.Name(), c.outages, errOutage)
				s.report("2025-12-10 10:00", "report")
				s.sheet("2025-12-11 09:00", "li", "li")
				s.extend("2025-12-11 09:00", "extend", PhaseReview, "2026-01-16")
				s.sheet("2025-12-11 09:00", "wang", "wang")
			})
			var ending Ending
			if err := s.GetWorkflowResult(&ending); err != nil || ending.MailsLeft != c.left {
				t.Errorf("the ending is %+v (%v), want mails left: %v", ending, err, c.left)
			}
			if s.Now().Sub(moment(t, "2025-12-11 09:00")) > courierPatience+time.Second {
				t.Errorf("the unit ended only at %s", s.Now())
			}
		})
	}
}
