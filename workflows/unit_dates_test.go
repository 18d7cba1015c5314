package workflows

import "testing"

// An extension that is asked for before the day ends holds, even if the database answers only after it.
func TestUnitExtendedAtTheLastMoment(t *testing.T) {
	t.Parallel()
	s := playUnit(t, func(s *stage) {
		s.fail(ExtendUnit.Name(), 9, errOutage) // the tenth attempt comes 102 s later
		s.extend("2025-12-12 23:59", "extend", PhaseSelfReport, "2025-12-19")
		s.sheet("2025-12-22 09:00", "li", "li")
		s.sheet("2025-12-22 10:00", "wang", "wang")
	})
	wantLines(t, s.only("Reviews.Open"), "12-20 00:00 Reviews.Open C01")
	s.wantTold("extend", "{}")
}

// A date that was moved for all reaches a unit that got a later one of its own meanwhile: its own stands, as in the
// database.
func TestUnitExtendedBeyondAMovedDate(t *testing.T) {
	t.Parallel()
	s := playUnit(t, func(s *stage) {
		s.extend("2025-12-05 09:00", "extend", PhaseSelfReport, "2025-12-19")
		s.at("2025-12-05 10:00", func() { s.SignalWorkflow(SignalDeadline, Deadline{Due: date(t, "2025-12-16")}) })
		s.sheet("2025-12-22 09:00", "li", "li")
		s.sheet("2025-12-22 10:00", "wang", "wang")
	})
	wantLines(t, s.only("Reviews.Open"), "12-20 00:00 Reviews.Open C01")
}
