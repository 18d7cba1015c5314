package integration

import (
	"fmt"
	"time"

	"github.com/kaoping/kaoping/calendar"
)

// owed is something that a unit or a person has to do until a day.
type owed struct {
	phase string // of the policy: self_report, review, approval, rectification
	who   string // the unit, or the assessor; nobody is named where the leader decides
	due   calendar.Date
}

// remindedInTime wants a reminder for whoever owes something through the days of the policy, and an overdue mail for
// whoever owes it long after. Where servers were away moments are dropped, as they should be.
func remindedInTime(j *journal) []string {
	if j.disturbed || len(j.lines) == 0 {
		return nil
	}
	s, since := j.beginning(), map[owed]time.Time{}
	var found []string
	for _, l := range j.lines {
		s.take(l)
		now := s.owed(l)
		for what, from := range since {
			if !now[what] {
				found = append(found, j.missed(what, from, l.At)...)
				delete(since, what)
			}
		}
		for what := range now {
			if _, known := since[what]; !known {
				since[what] = l.At
			}
		}
	}
	for what, from := range since {
		found = append(found, j.missed(what, from, j.lines[len(j.lines)-1].At)...)
	}
	return found
}

// owed is all that is open after a line.
func (s *standing) owed(l line) map[owed]bool {
	all := map[owed]bool{}
	for code, unit := range s.units {
		if unit.noticed && !unit.reported {
			all[owed{"self_report", code, unit.reportDue}] = true
		}
		for _, order := range s.owing(code) {
			all[owed{"rectification", code, order.due}] = true
		}
	}
	for key, missing := range s.missing {
		if missing && s.reviewing(key.unit, l) {
			all[owed{"review", key.assessor, s.units[key.unit].reviewDue}] = true
		}
	}
	if proposal := s.proposals[s.proposed]; proposal != nil && proposal.state == "open" {
		all[owed{"approval", "", proposal.due}] = true
	}
	return all
}

// missed tells whether the mails about what was owed from one moment until another were forgotten.
func (j *journal) missed(what owed, from, until time.Time) []string {
	policy := j.policy(what.phase + "_reminder")
	first := j.workingDay(what.due, -policy.FromWorkingDaysBefore).Start()
	last := j.workingDay(what.due, max(1, policy.EscalateWorkingDaysAfter)).Start()
	var found []string
	for _, span := range []struct {
		kind     string
		from, to time.Time
	}{
		{what.phase + "_reminder", latest(from, first), earliest(until, what.due.End())},
		{what.phase + "_overdue", latest(from, last), until},
	} {
		if passed := j.moments(policy.Cron, span.from, span.to); passed > j.droppable && !j.told(span.kind, what.who, from, until) {
			found = append(found, fmt.Sprintf("%d moments passed without a %s to %q, due on %s", passed, span.kind, what.who, what.due))
		}
	}
	return found
}

// moments counts those of a policy whose whole day lies before the end.
func (j *journal) moments(cron string, from, to time.Time) int {
	expression, err := calendar.ParseCron(cron)
	for count := 0; err == nil; count++ {
		var moment time.Time
		moment, _, err = calendar.NextMoment(j.days, []calendar.Cron{expression}, from)
		if err != nil || calendar.DateOf(moment).End().After(to) {
			return count
		}
		from = moment
	}
	return 0 // the rule about moments breaks
}

// told tells whether a mail of a kind went to somebody in that time.
func (j *journal) told(kind, who string, from, until time.Time) bool {
	return j.count(func(l line) bool {
		mine := who == "" || l.Unit == who || l.Person == who
		return l.is("mail_queued", kind) && mine && !l.At.Before(from) && !l.At.After(until)
	}) > 0
}

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
