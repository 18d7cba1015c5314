package workflows

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"testing"

	"go.temporal.io/sdk/temporal"
)

// A step about all units takes the longer the more they are: it is left as long as it lives.
func TestStepsOnAllUnitsMayTakeLong(t *testing.T) {
	t.Parallel()
	s := year(t, "C01", "C02")
	s.problems = []string{"C02"}
	s.reports("C01")
	in := s.first()
	long := slices.Collect(maps.Keys(s.long))
	s = s.second()
	s.play(AssessmentCycle, in)
	long = slices.AppendSeq(long, maps.Keys(s.long))
	slices.Sort(long)
	wantLines(t, long,
		"Cycles.Claim", "Notices.Issue", "Proposals.Approve", "Proposals.Make", "Rectifications.Draft", "Rectifications.Order",
		"Reminders.Send", "Results.Release",
	)
}

// A whole year: C01 reports on time, C02 never; C02 has problems and rectifies them (A8, A13).
func TestYear(t *testing.T) {
	t.Parallel()
	s := year(t, "C01", "C02")
	s.problems = []string{"C02"}
	s.reports("C01")
	in := s.first()
	wantLines(t, s.story(),
		"-- -- Cycles.Claim by admin",
		"11-24 09:00 Notices.Issue",
		"12-13 01:00 Proposals.Make #1",
		"12-13 02:00 Proposals.Approve #1 digest-4 by leader",
		"12-13 02:00 Results.Release #1",
	)
	wantLines(t, s.about("C01"),
		"12-01 10:00 Reports.Submit C01 by C01",
		"12-01 10:00 Reviews.Open C01",
		"12-01 11:00 Sheets.Submit C01 by li",
		"12-01 11:00 Sheets.Submit C01 by wang",
		"12-01 11:00 Reviews.Close C01",
	)
	wantLines(t, s.about("C02"),
		"12-13 00:00 Reviews.Open C02",
		"12-13 01:00 Sheets.Submit C02 by li",
		"12-13 01:00 Sheets.Submit C02 by wang",
		"12-13 01:00 Reviews.Close C02",
	)
	want := AssessmentCycleInput{Cycle: pingliang, By: "admin", Carried: &CarriedCycle{
		Claim: s.claim, Proposals: 1, Swept: moment(t, "2025-12-12 09:00"),
	}}
	if !in.Carried.Swept.Equal(want.Carried.Swept) {
		t.Errorf("the last moment swept is %s, want %s", in.Carried.Swept, want.Carried.Swept)
	}
	in.Carried.Swept = want.Carried.Swept
	if !reflect.DeepEqual(in, want) {
		t.Errorf("the second half begins with %+v\nwant %+v", in.Carried, want.Carried)
	}

	s = s.second()
	s.play(AssessmentCycle, in)
	wantLines(t, s.except("Mails.Deliver", "Reminders.Send"),
		"12-13 02:00 Rectifications.Draft",
		"12-13 03:00 Rectifications.Order by admin",
		"12-13 04:00 Rectifications.Report C02 by C02",
		"12-13 05:00 Rectifications.Accept C02 by admin",
		"12-13 05:00 Cycles.Close",
	)
	if s.state != "closed" || s.mails != 0 {
		t.Errorf("the year is %s with %d mails left", s.state, s.mails)
	}
}

// Whoever comes second ends, refused; who waits for the start is told why (A2: one year, one cycle).
func TestYearStartedTwice(t *testing.T) {
	t.Parallel()
	s := year(t, "C01")
	s.state = "running"
	s.ask(opening, UpdateAwaitStart, "start", admin)
	err := s.run(AssessmentCycle, yearInput)
	var refused *temporal.ApplicationError
	if !errors.As(err, &refused) || refused.Type() != ErrorRefused {
		t.Errorf("the second year ended with %v, want a refusal", err)
	}
	s.wantTold("start", "refused: pingliang/2025 has been started already")
	wantLines(t, s.steps, "-- -- Cycles.Claim by admin")
}

func TestYearStarts(t *testing.T) {
	t.Parallel()
	s := year(t, "C01")
	s.fail(ClaimCycle.Name(), 9, errOutage) // the tenth attempt comes 102 s later
	s.ask(opening, UpdateAwaitStart, "start", admin)
	s.ask("2025-11-21 08:01", UpdateRemind, "early", UnitsRequest{Person: admin})
	s.ask("2025-11-21 09:00", UpdateRemind, "remind", UnitsRequest{Person: admin, Units: []string{"C01"}})
	s.ask("2025-11-21 10:00", UpdateOrderRectifications, "order", UnitsRequest{Person: admin})
	s.ask("2025-11-21 10:30", UpdateCorrectResults, "correct", CorrectRequest{Person: admin, Adjustment: "a-1"})
	s.ask("2025-11-21 11:00", UpdateAwaitStart, "start again", admin)
	s.reports("C01")
	s.first()
	s.wantTold(
		"start", "{}", "start again", "{}",
		"early", "rejected: the cycle is being started; try again in a moment",
		"remind", `{"queued":1}`,
		"order", "rejected: no order is drafted: problems are drafted from the released results (A13)",
		"correct", "rejected: nothing to correct: results are corrected after their release, and one correction at a time (A8(7))",
	)
	wantLines(t, s.only(RemindByHand.Name()), "11-21 09:00 Reminders.ByHand C01 by admin")
}

func (s *stage) movesAll(when, id, phase, to string) {
	s.ask(when, UpdateMoveDate, id, ExtendRequest{Person: admin, Phase: phase, To: date(s.t, to)})
}

// A date that is moved for all holds for who began before, and for who had not begun (A8(3)).
func TestYearMovesTheReportDate(t *testing.T) {
	t.Parallel()
	s := year(t, "C01", "C02", "C03")
	s.movesAll("2025-11-21 09:00", "before the notice", PhaseSelfReport, "2025-12-15")
	s.movesAll("2025-12-12 09:00", "during", PhaseSelfReport, "2025-12-19")
	s.movesAll("2025-12-12 10:00", "approval", PhaseApproval, "2026-01-23")
	s.reports("C01")
	s.first()
	wantLines(t, s.only("Cycles.MoveDate"),
		"11-21 09:00 Cycles.MoveDate self_report 2025-12-15 by admin",
		"12-12 09:00 Cycles.MoveDate self_report 2025-12-19 by admin",
		"12-12 10:00 Cycles.MoveDate approval 2026-01-23 by admin",
	)
	s.wantTold(
		"before the notice", `{"units":["C01","C02","C03"]}`,
		// C01 has reported, and its review is closed: it has no deadline any more.
		"during", `{"units":["C02","C03"]}`,
		"approval", "{}",
	)
	opened := s.only("Reviews.Open")
	if len(opened) != 3 || opened[0] != "12-01 10:00 Reviews.Open C01" || opened[1][:11] != "12-20 00:00" || opened[2][:11] != "12-20 00:00" {
		t.Errorf("the reviews opened: %q", opened)
	}
}

func TestYearMovesTheReportDateBeforeTheNotice(t *testing.T) {
	t.Parallel()
	s := year(t, "C01")
	s.movesAll("2025-11-21 09:00", "move", PhaseSelfReport, "2025-12-19")
	s.first()
	wantLines(t, s.only("Reviews.Open"), "12-20 00:00 Reviews.Open C01")
}

// The moment the children begin is the worst for a moved date: each of them still hears of it.
func TestYearMovesTheReportDateWhileUnitsBegin(t *testing.T) {
	t.Parallel()
	s := year(t, "C01")
	s.on(IssueNotices.Name(), 0, func(string) {
		s.act(year2025, UpdateMoveDate, "move", ExtendRequest{Person: admin, Phase: PhaseSelfReport, To: date(t, "2025-12-19")})
	})
	s.first()
	s.wantTold("move", `{"units":["C01"]}`)
	wantLines(t, s.only("Reviews.Open"), "12-20 00:00 Reviews.Open C01")
}

// More units than are started at once: every one is started and awaited.
func TestYearWithManyUnits(t *testing.T) {
	t.Parallel()
	s := setup(t, year2025)
	s.people(1)
	const units = wave + 5 // more at the same moment would fill the environment's queue
	for i := range units {
		unit := "U" + string(rune('a'+i/26/26)) + string(rune('a'+i/26%26)) + string(rune('a'+i%26))
		s.add(unit)
	}
	s.first()
	if closed := len(s.only("Reviews.Close")); closed != units {
		t.Errorf("%d reviews were closed, want %d", closed, units)
	}
	if len(s.proposals) != 1 || s.released != 1 {
		t.Errorf("%d proposals, released %d", len(s.proposals), s.released)
	}
}

// What a person has put on the ledger leaves at once.
func TestYearDeliversWhatAPersonQueued(t *testing.T) {
	t.Parallel()
	s := year(t, "C01")
	s.reports("C01")
	s.at("2025-11-26 10:00", func() {
		s.read(func() { s.mails = 1 })
		s.SignalWorkflow(SignalMails, nil)
	})
	s.at("2025-11-26 10:01", func() {
		s.read(func() {
			if s.mails != 0 {
				t.Error("the mail still waits")
			}
		})
	})
	s.first()
}

// The first unit in the list keeps nobody waiting: what another left behind is delivered, and of another that was broken
// off the administrator hears at once.
func TestYearMindsEveryUnitAtOnce(t *testing.T) {
	t.Parallel()
	s := year(t, "C01", "C02", "C03")
	s.reports("C02")
	s.at("2025-12-01 10:59", func() {
		s.read(func() { s.fail(DeliverMail.Name(), 9, errOutage) }) // longer than the unit waits, which ends at 11:00
		s.act("unit/pingliang/2025/C02", UpdateExtend, "extend", ExtendRequest{Person: admin, Phase: PhaseReview, To: date(t, "2026-01-16")})
	})
	s.at("2025-12-01 10:30", func() { s.CancelWorkflowByID("unit/pingliang/2025/C03", "") })
	s.at("2025-12-01 11:30", func() {
		s.read(func() {
			if len(s.tasks) != 1 {
				t.Errorf("the open tasks are %q while C01 is out, want one about C03", s.allTasks())
			}
			byTheCycle := 0
			for _, asker := range s.askers[DeliverMail.Name()] {
				if asker.workflow == year2025 {
					byTheCycle++
				}
			}
			if byTheCycle != 3 || s.mails != 0 {
				t.Errorf("the cycle delivered %d times while C01 is out, want 3: the notices, what C02 left, what C03 may have", byTheCycle)
			}
		})
	})
	s.retries("2025-12-02 09:00", year2025, "UnitAssessment.C03", "retry")
	s.first()
}
