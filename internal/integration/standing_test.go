package integration

import (
	"maps"
	"slices"

	"github.com/kaoping/kaoping/calendar"
)

// standing is what a journal has told up to one of its lines.
type standing struct {
	*journal
	units map[string]*unitStanding
	// sheets are open or in, by unit and assessor; what is not in is true.
	missing map[sheet]bool
	// submitted counts how often each sheet came in.
	submitted map[sheet]int

	proposals map[int]*proposalStanding
	proposed  int // the newest proposal's number
	released  int // the number of the results in force
	orders    map[order]*orderStanding
	sanctions map[int]*sanctionStanding
}

type sheet struct{ unit, assessor string }

type order struct {
	unit   string
	number int
}

type unitStanding struct {
	noticed              bool
	reported             bool
	revisions            int  // of the self-report that came in
	opened               bool // the review, without a report, before the deadline was extended
	reportDue, reviewDue calendar.Date
}

type proposalStanding struct {
	digest string
	due    calendar.Date
	state  string
}

type orderStanding struct {
	due      calendar.Date
	state    string
	sentBack int
}

type sanctionStanding struct {
	state string
	// order is the rectification that was not met, none of a violation.
	order order
}

// replay shows check every line with what was told before it, and collects the breaches.
func (j *journal) replay(check func(*standing, line) []string) []string {
	s := j.beginning()
	var found []string
	for _, l := range j.lines {
		for _, fault := range check(s, l) {
			found = append(found, l.String()+": "+fault)
		}
		s.take(l)
	}
	return found
}

// replayed is a rule about lines and what was told before them.
func replayed(check func(*standing, line) []string) func(*journal) []string {
	return func(j *journal) []string { return j.replay(check) }
}

func (j *journal) beginning() *standing {
	s := &standing{
		journal: j, units: map[string]*unitStanding{}, missing: map[sheet]bool{}, submitted: map[sheet]int{},
		proposals: map[int]*proposalStanding{}, orders: map[order]*orderStanding{}, sanctions: map[int]*sanctionStanding{},
	}
	dates := j.plan.Scheme.Dates
	for _, unit := range j.plan.Units {
		s.units[unit.Code] = &unitStanding{reportDue: date(string(dates.SelfReportDue)), reviewDue: date(string(dates.ReviewDue))}
	}
	for _, assignment := range j.plan.Assignments() {
		s.missing[sheet{assignment.Unit, assignment.Assessor}] = true
	}
	return s
}

// date reads a date of a checked data set or journal.
func date(text string) calendar.Date {
	day, err := calendar.ParseDate(text)
	if err != nil {
		return calendar.Date{} // before every other: the rule that needs it breaks
	}
	return day
}

func (s *standing) take(l line) {
	switch l.Event {
	case "mail_queued":
		if unit := s.units[l.Unit]; unit != nil && l.Data.Kind == "notice" {
			unit.noticed = true
		}
	case "report_submitted", "report_returned", "sheet_submitted":
		s.takeReview(l)
	case "deadline_extended":
		s.extend(l)
	case "proposal_made", "proposal_voided", "proposal_returned", "proposal_approved", "bulletin_issued":
		s.takeProposal(l)
	default:
		s.takeRectification(l)
	}
}

func (s *standing) takeReview(l line) {
	unit := s.units[l.Unit]
	if unit == nil {
		return
	}
	switch l.Event {
	case "report_submitted":
		if s.reviewing(l.Unit, l) {
			s.reopen(l.Unit) // the review was open already, without a report
		}
		unit.reported, unit.revisions = true, unit.revisions+1
	case "report_returned":
		unit.reported, unit.opened, unit.reportDue = false, false, l.Data.Due
		s.reopen(l.Unit)
	case "sheet_submitted":
		key := sheet{l.Unit, l.Person}
		s.submitted[key]++
		if _, assigned := s.missing[key]; assigned {
			s.missing[key] = false
		}
	}
}

// reopen makes every sheet of a unit one that must still come in.
func (s *standing) reopen(unit string) {
	for key := range s.missing {
		if key.unit == unit {
			s.missing[key] = true
		}
	}
}

// reviewing tells whether the unit's sheets can be filled: its report is in, or its own due day is over (A8(5)).
func (s *standing) reviewing(code string, l line) bool {
	unit := s.units[code]
	return unit.reported || unit.opened || !l.At.Before(unit.reportDue.End())
}

func (s *standing) extend(l line) {
	to := date(l.Data.To)
	for code, unit := range s.units {
		if l.Unit != "" && l.Unit != code {
			continue
		}
		switch {
		case l.Data.Phase == "self_report" && !unit.reported && unit.reportDue.Before(to):
			unit.opened = unit.opened || !l.At.Before(unit.reportDue.End())
			unit.reportDue = to
		case l.Data.Phase == "review" && unit.reviewDue.Before(to):
			unit.reviewDue = to
		}
		if l.Data.Reopened {
			s.reopen(code)
		}
	}
	if proposal := s.proposals[s.proposed]; l.Data.Phase == "approval" && proposal != nil {
		proposal.due = to
	}
	for key, order := range s.orders {
		if l.Data.Phase == "rectification" && (l.Unit == "" || l.Unit == key.unit) && order.due.Before(to) {
			order.due = to
		}
	}
}

func (s *standing) takeProposal(l line) {
	proposal := s.proposals[l.Data.Number]
	switch {
	case l.Event == "proposal_made":
		s.proposals[l.Data.Number] = &proposalStanding{digest: l.Data.Digest, due: l.Data.Due, state: "open"}
		s.proposed = l.Data.Number
	case l.Event == "bulletin_issued":
		s.released = s.proposed
	case proposal == nil:
	case l.Event == "proposal_voided":
		proposal.state = "voided"
	case l.Event == "proposal_approved":
		proposal.state = "approved"
	case l.Event == "proposal_returned":
		proposal.state = "returned"
		for _, code := range l.units() {
			s.reopen(code)
			if unit := s.units[code]; unit != nil {
				unit.reviewDue = l.Data.ReviewDue
			}
		}
	}
}

func (s *standing) takeRectification(l line) {
	key := order{l.Unit, l.Data.Number}
	rectification := s.orders[key]
	switch {
	case l.Event == "rectification_ordered":
		s.orders[key] = &orderStanding{due: l.Data.Due, state: "ordered"}
	case l.Event == "consequence_proposed":
		sanction := &sanctionStanding{state: "proposed"}
		if l.Data.Basis != "violation" {
			sanction.order = order{l.Unit, 0}
		}
		s.sanctions[l.Data.Number] = sanction
	case l.Event == "consequence_decided":
		s.decide(l)
	case rectification == nil:
	case l.Event == "measures_filed":
		rectification.state = "measures"
	case l.Event == "rectification_reported":
		rectification.state = "reported"
	case l.Event == "rectification_sent_back":
		rectification.state, rectification.due = "sent back", l.Data.Due
		rectification.sentBack++
	case l.Event == "rectification_accepted":
		rectification.state = "accepted"
	}
}

// decide moves the limit of the rectification that a decision is about; without a new limit it ends, unless its own is
// still ahead.
func (s *standing) decide(l line) {
	sanction := s.sanctions[l.Data.Number]
	if sanction == nil {
		return
	}
	sanction.state = l.Data.Decision
	rectification := s.orders[sanction.order]
	switch {
	case rectification == nil || rectification.state == "reported" || rectification.state == "accepted":
	case l.Data.Due == calendar.Date{}:
		if !l.At.Before(rectification.due.End()) {
			rectification.state = "ended"
		}
	default:
		rectification.due = l.Data.Due
	}
}

// openSheets are the units whose sheet an assessor has still to hand in, and can.
func (s *standing) openSheets(assessor string, l line) []string {
	var units []string
	for key, missing := range s.missing {
		if key.assessor == assessor && missing && s.reviewing(key.unit, l) {
			units = append(units, key.unit)
		}
	}
	slices.Sort(units)
	return units
}

// owing are the unit's rectifications that wait for it.
func (s *standing) owing(unit string) []*orderStanding {
	var owed []*orderStanding
	for _, key := range slices.SortedFunc(maps.Keys(s.orders), func(a, b order) int { return a.number - b.number }) {
		rectification := s.orders[key]
		if key.unit == unit && !slices.Contains([]string{"reported", "accepted", "ended"}, rectification.state) {
			owed = append(owed, rectification)
		}
	}
	return owed
}
