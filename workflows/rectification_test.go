package workflows

import (
	"testing"

	"github.com/kaoping/kaoping/calendar"
)

const rectificationC01 = "rectification/pingliang/2025/C01"

// playRectification plays the order to C01 with the limit 2026-03-13.
func playRectification(t *testing.T, script func(*stage)) *stage {
	t.Helper()
	s := setup(t, rectificationC01)
	s.state = "running"
	script(s)
	s.play(Rectification, RectificationInput{Cycle: pingliang, Unit: "C01", Due: date(t, "2026-03-13")})
	return s
}

func (s *stage) unitActs(when, update, id string) {
	s.ask(when, update, id, RectificationRequest{Person: Person{Login: "c01"}})
}

// adminActs sends an act of the administrator, with a new limit if there is one.
func (s *stage) adminActs(when, update, id, due string) {
	in := RectificationRequest{Person: Person{Login: "admin"}}
	if due != "" {
		in.Due = date(s.t, due)
	}
	s.ask(when, update, id, in)
}

func (s *stage) decides(when, id string, number int, impose bool, due string) {
	in := DecideRequest{Person: Person{Login: "admin"}, Number: number, Impose: impose}
	if due != "" {
		in.Due = date(s.t, due)
	}
	s.ask(when, UpdateDecideConsequence, id, in)
}

func TestRectificationAccepted(t *testing.T) {
	t.Parallel()
	s := playRectification(t, func(s *stage) {
		s.adminActs("2026-02-02 09:00", UpdateAccept, "early", "")
		s.unitActs("2026-02-03 09:00", UpdateFileMeasures, "measures")
		s.unitActs("2026-03-02 09:00", UpdateReportRectification, "report")
		s.unitActs("2026-03-02 10:00", UpdateReportRectification, "report again")
		s.decides("2026-03-02 11:00", "decide", 1, true, "")
		s.adminActs("2026-03-20 09:00", UpdateAccept, "accept", "") // the limit binds the unit, not the authority
	})
	wantLines(t, s.steps,
		"02-03 09:00 Rectifications.FileMeasures C01 by c01",
		"03-02 09:00 Rectifications.Report C01 by c01",
		"03-20 09:00 Rectifications.Accept C01 by admin",
	)
	s.wantTold(
		"early", "rejected: the unit has not reported its rectification yet (A13)",
		"report again", "rejected: the rectification is reported: the authority has it now (A13)",
		"decide", "rejected: no consequence of this rectification waits for a decision (A14)",
		"accept", "{}",
	)
}

func TestRectificationSentBack(t *testing.T) {
	t.Parallel()
	s := playRectification(t, func(s *stage) {
		s.unitActs("2026-03-02 09:00", UpdateReportRectification, "report")
		s.adminActs("2026-03-03 09:00", UpdateSendBack, "back", "2026-03-20")
		s.unitActs("2026-03-19 09:00", UpdateReportRectification, "report 2")
		s.adminActs("2026-03-20 09:00", UpdateAccept, "accept", "")
	})
	wantLines(t, s.except("Mails.Deliver"),
		"03-02 09:00 Rectifications.Report C01 by c01",
		"03-03 09:00 Rectifications.SendBack C01 2026-03-20 by admin",
		"03-19 09:00 Rectifications.Report C01 by c01",
		"03-20 09:00 Rectifications.Accept C01 by admin",
	)
}

// A second return proposes an interview; the rectification goes on, but does not end before that is decided (A14).
func TestRectificationSentBackTwice(t *testing.T) {
	t.Parallel()
	s := playRectification(t, func(s *stage) {
		s.unitActs("2026-03-02 09:00", UpdateReportRectification, "report")
		s.adminActs("2026-03-03 09:00", UpdateSendBack, "back", "2026-03-20")
		s.unitActs("2026-03-09 09:00", UpdateReportRectification, "report 2")
		s.adminActs("2026-03-10 09:00", UpdateSendBack, "back 2", "2026-03-27")
		s.unitActs("2026-03-23 09:00", UpdateReportRectification, "report 3")
		s.adminActs("2026-03-24 09:00", UpdateAccept, "accept", "")
		s.unitActs("2026-03-24 10:00", UpdateFileMeasures, "after")
		s.decides("2026-03-30 09:00", "decide", 1, false, "")
	})
	wantLines(t, s.except("Mails.Deliver"),
		"03-02 09:00 Rectifications.Report C01 by c01",
		"03-03 09:00 Rectifications.SendBack C01 2026-03-20 by admin",
		"03-09 09:00 Rectifications.Report C01 by c01",
		"03-10 09:00 Rectifications.SendBack C01 2026-03-27 by admin",
		"03-23 09:00 Rectifications.Report C01 by c01",
		"03-24 09:00 Rectifications.Accept C01 by admin",
		"03-30 09:00 Consequences.Decide #1 waive by admin",
	)
	s.wantTold("back 2", `{"proposed":1}`, "after", "rejected: the rectification is concluded")
}

// Waiving the interview does not end a rectification whose new limit is ahead: it is met, or passes (A13, A14).
func TestRectificationGoesOnAfterAWaiver(t *testing.T) {
	t.Parallel()
	s := playRectification(t, func(s *stage) {
		s.unitActs("2026-03-02 09:00", UpdateReportRectification, "report")
		s.adminActs("2026-03-03 09:00", UpdateSendBack, "back", "2026-03-20")
		s.unitActs("2026-03-09 09:00", UpdateReportRectification, "report 2")
		s.adminActs("2026-03-10 09:00", UpdateSendBack, "back 2", "2026-03-27")
		s.decides("2026-03-12 09:00", "waive", 1, false, "")
		s.decides("2026-04-01 09:00", "give up", 2, false, "")
	})
	wantLines(t, s.only("Consequences.Decide", "Rectifications.Overdue"),
		"03-12 09:00 Consequences.Decide #1 waive by admin",
		"03-28 00:00 Rectifications.Overdue C01",
		"04-01 09:00 Consequences.Decide #2 waive by admin",
	)
}

// An interview orders rectification anew, with a new limit; if that passes too, the next consequence follows (A14).
func TestRectificationOverdueTwice(t *testing.T) {
	t.Parallel()
	s := playRectification(t, func(s *stage) {
		s.decides("2026-03-16 09:00", "impose", 1, true, "2026-04-10")
		s.decides("2026-04-13 09:00", "impose 2", 2, true, "2026-05-08")
		s.decides("2026-04-13 10:00", "impose again", 2, true, "2026-05-15")
		s.unitActs("2026-05-07 09:00", UpdateReportRectification, "report")
		s.adminActs("2026-05-11 09:00", UpdateAccept, "accept", "")
	})
	wantLines(t, s.except("Mails.Deliver"),
		"03-14 00:00 Rectifications.Overdue C01",
		"03-16 09:00 Consequences.Decide #1 2026-04-10 impose by admin",
		"04-11 00:00 Rectifications.Overdue C01",
		"04-13 09:00 Consequences.Decide #2 2026-05-08 impose by admin",
		"05-07 09:00 Rectifications.Report C01 by c01",
		"05-11 09:00 Rectifications.Accept C01 by admin",
	)
	s.wantTold("impose again", "rejected: no consequence of this rectification waits for a decision (A14)")
}

// What is waived without a new limit ends the rectification; nothing but a decision does.
func TestRectificationOverdueAndWaived(t *testing.T) {
	t.Parallel()
	s := playRectification(t, func(s *stage) {
		s.decides("2026-06-01 09:00", "waive", 1, false, "")
	})
	wantLines(t, s.except("Mails.Deliver"),
		"03-14 00:00 Rectifications.Overdue C01",
		"06-01 09:00 Consequences.Decide #1 waive by admin",
	)
}

// A unit that reports after its limit is heard: the consequence is decided beside it.
func TestRectificationReportedLate(t *testing.T) {
	t.Parallel()
	s := playRectification(t, func(s *stage) {
		s.unitActs("2026-03-16 09:00", UpdateReportRectification, "report")
		s.decides("2026-03-17 09:00", "impose", 1, true, "2026-04-10")
		s.adminActs("2026-03-18 09:00", UpdateAccept, "accept", "")
	})
	wantLines(t, s.except("Mails.Deliver"),
		"03-14 00:00 Rectifications.Overdue C01",
		"03-16 09:00 Rectifications.Report C01 by c01",
		"03-17 09:00 Consequences.Decide #1 2026-04-10 impose by admin",
		"03-18 09:00 Rectifications.Accept C01 by admin",
	)
}

func (s *stage) moves(when, id, phase, to string) {
	s.ask(when, UpdateExtend, id, ExtendRequest{Person: Person{Login: "admin"}, Phase: phase, To: date(s.t, to)})
}

// An extended limit counts before it has passed and after: then reminders and consequences begin anew.
func TestRectificationExtended(t *testing.T) {
	t.Parallel()
	s := playRectification(t, func(s *stage) {
		s.moves("2026-03-02 09:00", "review", PhaseReview, "2026-03-27")
		s.moves("2026-03-02 10:00", "extend", PhaseRectification, "2026-03-27")
		s.moves("2026-03-30 09:00", "extend after", PhaseRectification, "2026-04-10")
		s.unitActs("2026-04-13 09:00", UpdateReportRectification, "report")
		s.moves("2026-04-13 10:00", "reported", PhaseRectification, "2026-04-20")
		s.adminActs("2026-04-14 09:00", UpdateAccept, "accept", "")
		s.decides("2026-04-15 09:00", "waive", 1, false, "")
	})
	wantLines(t, s.except("Mails.Deliver"),
		"03-02 10:00 Deadlines.Extend C01 rectification 2026-03-27 by admin",
		"03-28 00:00 Rectifications.Overdue C01",
		"03-30 09:00 Deadlines.Extend C01 rectification 2026-04-10 by admin",
		"04-11 00:00 Rectifications.Overdue C01",
		"04-13 09:00 Rectifications.Report C01 by c01",
		"04-14 09:00 Rectifications.Accept C01 by admin",
		"04-15 09:00 Consequences.Decide #1 waive by admin",
	)
	s.wantTold(
		"review", "rejected: the unit's review is closed: only its rectification can be extended",
		"reported", "rejected: there is no limit to extend: the rectification is reported or concluded",
	)
}

// A date that is moved for all reaches the rectification as a signal.
func TestRectificationMovedForAll(t *testing.T) {
	t.Parallel()
	s := playRectification(t, func(s *stage) {
		s.at("2026-03-02 09:00", func() {
			s.read(func() { s.row("C01", 0).due = date(t, "2026-03-27") })
			s.SignalWorkflow(SignalDeadline, Deadline{Due: date(t, "2026-03-27")})
		})
		s.decides("2026-03-30 09:00", "waive", 1, false, "")
	})
	wantLines(t, s.only("Rectifications.Overdue"), "03-28 00:00 Rectifications.Overdue C01")
}

// An extension that is asked for before the limit passes holds, even if the database answers only after it: nobody is
// proposed for an interview meanwhile.
func TestRectificationExtendedAtTheLastMoment(t *testing.T) {
	t.Parallel()
	s := playRectification(t, func(s *stage) {
		s.fail(ExtendUnit.Name(), 9, errOutage) // the tenth attempt comes 102 s later
		s.moves("2026-03-13 23:59", "extend", PhaseRectification, "2026-03-27")
		s.unitActs("2026-03-20 09:00", UpdateReportRectification, "report")
		s.adminActs("2026-03-23 09:00", UpdateAccept, "accept", "")
	})
	wantLines(t, s.only("Rectifications.Overdue"))
	s.wantTold("extend", "{}")
}

// The database holds a report of which the workflow never heard: it believes the database, once.
func TestRectificationReportedUnheard(t *testing.T) {
	t.Parallel()
	s := playRectification(t, func(s *stage) {
		s.row("C01", 0).state = "reported"
		s.adminActs("2026-03-16 09:00", UpdateAccept, "accept", "")
	})
	wantLines(t, s.steps,
		"03-14 00:00 Rectifications.Overdue C01",
		"03-16 09:00 Rectifications.Accept C01 by admin",
	)
}

// In a rehearsal a day is a second: limits are the clock's, not the world's.
func TestRectificationInARehearsal(t *testing.T) {
	t.Parallel()
	s := setup(t, "rehearsal/1/"+rectificationC01)
	s.state = "running"
	clock := calendar.Clock{Real: moment(t, opening), Virtual: moment(t, "2026-03-10 00:00"), Pace: 1e9}
	s.RegisterDelayedCallback(func() { // 12 virtual days later
		s.act(s.root, UpdateDecideConsequence, "waive", DecideRequest{Person: Person{Login: "admin"}, Number: 1})
	}, 12e9)
	s.play(Rectification, RectificationInput{
		Cycle: CycleRef{ID: 7, Authority: "pingliang", Year: 2025, Rehearsal: 1}, Clock: clock, Unit: "C01", Due: date(t, "2026-03-13"),
	})
	wantLines(t, s.except("Mails.Deliver"),
		"03-14 00:00 Rectifications.Overdue C01",
		"03-22 00:00 Consequences.Decide #1 waive by admin",
	)
}
