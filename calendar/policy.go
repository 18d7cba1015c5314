package calendar

import (
	"errors"
	"fmt"
	"time"
)

// maxWorkingDays bounds a policy's distances: a year has about 250 working days, and nothing reaches over two.
const maxWorkingDays = 250

// Policy is when a phase reminds those who have not acted, and when it turns to the next higher person (A8(5)).
type Policy struct {
	Cron Cron `json:"cron" yaml:"cron"`
	// FromWorkingDaysBefore is how many working days before the due day the reminders begin.
	FromWorkingDaysBefore int `json:"from_working_days_before" yaml:"from_working_days_before"`
	// EscalateWorkingDaysAfter is how many working days after the due day the matter goes up. 0 counts as 1: nobody is
	// overdue before the due day has ended.
	EscalateWorkingDaysAfter int `json:"escalate_working_days_after" yaml:"escalate_working_days_after"`
}

// Check returns every fault of a policy, each with the name of its field.
func (p Policy) Check() error {
	var faults []error
	if p.Cron == (Cron{}) {
		faults = append(faults, errors.New("cron: it is empty: "+rightCron))
	}
	distance := func(name string, n int) {
		if n < 0 || n > maxWorkingDays {
			faults = append(faults, fmt.Errorf("%s: %d is not between 0 and %d", name, n, maxWorkingDays))
		}
	}
	distance("from_working_days_before", p.FromWorkingDaysBefore)
	distance("escalate_working_days_after", p.EscalateWorkingDaysAfter)
	return errors.Join(faults...)
}

// Reminds tells whether reminders for a due day go out on a day: on working days from FromWorkingDaysBefore working
// days before the due day to the due day, both included.
func (p Policy) Reminds(days Days, due, on Date) (bool, error) {
	if on.After(due) {
		return false, nil
	}
	first, err := days.Add(due, -p.FromWorkingDaysBefore)
	if err != nil {
		return false, fmt.Errorf("couldn't find the first reminder for %s: %w", due, err)
	}
	if on.Before(first) {
		return false, nil
	}
	return days.Working(on)
}

// EscalationDay is the working day on which a matter that was due goes up.
func (p Policy) EscalationDay(days Days, due Date) (Date, error) {
	day, err := days.Add(due, max(p.EscalateWorkingDaysAfter, 1))
	if err != nil {
		return Date{}, fmt.Errorf("couldn't find the day of escalation for %s: %w", due, err)
	}
	return day, nil
}

// NextMoment is the next moment on a working day at which any of the expressions fires, and the indexes of those that
// fire then, in order. It is an error if none of them ever does.
func NextMoment(days Days, crons []Cron, after time.Time) (time.Time, []int, error) {
	for {
		moment, firing := earliest(crons, after)
		if len(firing) == 0 {
			return time.Time{}, nil, errors.New("couldn't find the next reminder: no expression ever fires")
		}
		day := DateOf(moment)
		working, err := days.Working(day)
		if err != nil {
			return time.Time{}, nil, fmt.Errorf("couldn't find the next reminder: %w", err)
		}
		if working {
			return moment, firing, nil
		}
		// Cron counts in seconds: the first moment after this one is 24:00, which may be one of its own.
		after = day.End().Add(-time.Second)
	}
}

func earliest(crons []Cron, after time.Time) (time.Time, []int) {
	var moment time.Time
	var firing []int
	for i, c := range crons {
		next := c.Next(after)
		switch {
		case next.IsZero():
		case len(firing) == 0 || next.Before(moment):
			moment, firing = next, []int{i}
		case next.Equal(moment):
			firing = append(firing, i)
		}
	}
	return moment, firing
}
