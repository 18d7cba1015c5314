package calendar

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Holiday is one line of a State Council notice: a day off, or a weekend day that is worked to make up for one.
type Holiday struct {
	Date Date
	Work bool
	Name string
}

// Days are the published days that a cycle carries: the years that are known and, of these, only the days that
// differ from the ordinary week. Two Days that mean the same are equal and have the same JSON.
type Days struct {
	Years []int  `json:"years"`
	Off   []Date `json:"off,omitempty"`  // Monday to Friday, not worked
	Work  []Date `json:"work,omitempty"` // Saturday or Sunday, worked
}

// UnpublishedError says that a day was asked for of which nobody has said whether it is worked. It is never guessed.
type UnpublishedError struct {
	Year int
}

func (e *UnpublishedError) Error() string {
	return fmt.Sprintf("no published holidays for %d: add them as holidays.csv (date, off|work, name)", e.Year)
}

// NewDays takes what was published. A year is known when any of its days before December is listed: what is listed in
// December belongs to the next New Year's Day and was published with it. With years, only these are taken, and each of
// them must be known. All faults are returned at once, those of unknown years as *UnpublishedError.
func NewDays(holidays []Holiday, years ...int) (Days, error) {
	known := knownYears(holidays)
	faults := listFaults(holidays)
	if len(years) > 0 {
		years = sortedSet(years)
		for _, year := range years {
			if !slices.Contains(known, year) {
				faults = append(faults, &UnpublishedError{Year: year})
			}
		}
		known = years
	}
	if len(faults) > 0 {
		return Days{}, errors.Join(faults...)
	}
	days := Days{Years: known}
	for _, holiday := range holidays {
		if slices.Contains(known, holiday.Date.Year) {
			days.list(holiday)
		}
	}
	slices.SortFunc(days.Off, Date.Compare)
	slices.SortFunc(days.Work, Date.Compare)
	return days, nil
}

func knownYears(holidays []Holiday) []int {
	var years []int
	for _, holiday := range holidays {
		if holiday.Date.Month != time.December {
			years = append(years, holiday.Date.Year)
		}
	}
	return sortedSet(years)
}

func sortedSet(years []int) []int {
	return slices.Compact(slices.Sorted(slices.Values(years)))
}

// listFaults finds what no notice contains: days that do not exist, and days listed twice.
func listFaults(holidays []Holiday) []error {
	var faults []error
	listed := map[Date]bool{}
	for _, holiday := range holidays {
		day := holiday.Date
		if day.AddDays(0) != day {
			faults = append(faults, fmt.Errorf("holiday %q: %d-%d-%d is not a day of the calendar",
				holiday.Name, day.Year, day.Month, day.Day))
		} else if listed[day] {
			faults = append(faults, fmt.Errorf("%s is listed twice among the holidays", day))
		}
		listed[day] = true
	}
	return faults
}

// list keeps a holiday if it differs from the ordinary week: a notice also names the weekend days of a long holiday.
func (d *Days) list(holiday Holiday) {
	switch weekend := isWeekend(holiday.Date); {
	case holiday.Work && weekend:
		d.Work = append(d.Work, holiday.Date)
	case !holiday.Work && !weekend:
		d.Off = append(d.Off, holiday.Date)
	}
}

func isWeekend(date Date) bool {
	weekday := date.Weekday()
	return weekday == time.Saturday || weekday == time.Sunday
}

// Slice keeps the years from one day to the other, whole, so that no day of them can be mistaken for an ordinary one.
// A year that is not known stays unknown.
func (d Days) Slice(from, to Date) Days {
	within := func(year int) bool { return from.Year <= year && year <= to.Year }
	var part Days
	for _, year := range d.Years {
		if within(year) {
			part.Years = append(part.Years, year)
		}
	}
	for _, date := range d.Off {
		if within(date.Year) {
			part.Off = append(part.Off, date)
		}
	}
	for _, date := range d.Work {
		if within(date.Year) {
			part.Work = append(part.Work, date)
		}
	}
	return part
}

// Working tells whether a day is worked. Of a year that is not known it returns an *UnpublishedError, as all the
// following do.
func (d Days) Working(date Date) (bool, error) {
	if !slices.Contains(d.Years, date.Year) {
		return false, &UnpublishedError{Year: date.Year}
	}
	if isWeekend(date) {
		return slices.Contains(d.Work, date), nil
	}
	return !slices.Contains(d.Off, date), nil
}

// Add is the n-th working day after date, or before it if n is negative; date itself does not count. With n = 0 it is
// date, worked or not.
func (d Days) Add(date Date, n int) (Date, error) {
	step := 1
	if n < 0 {
		step = -1
	}
	for n != 0 {
		date = date.AddDays(step)
		working, err := d.Working(date)
		if err != nil {
			return Date{}, err
		}
		if working {
			n -= step
		}
	}
	return date, nil
}

// Count is how many working days are left on one day until another: those after from, up to and with to; negative
// when to has passed. Count(x, Add(x, n)) is n.
func (d Days) Count(from, to Date) (int, error) {
	step := 1
	if to.Before(from) {
		step = -1
	}
	count := 0
	for date := from; date != to; {
		date = date.AddDays(step)
		working, err := d.Working(date)
		if err != nil {
			return 0, err
		}
		if working {
			count += step
		}
	}
	return count, nil
}

// Next is the first working day on or after date.
func (d Days) Next(date Date) (Date, error) {
	return d.Add(date.AddDays(-1), 1)
}

// Previous is the last working day before date.
func (d Days) Previous(date Date) (Date, error) {
	return d.Add(date, -1)
}
