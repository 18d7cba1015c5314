package rules

import "time"

// A Day is a civil day in its written form, 2025-11-24. Days compare as text.
// What a file holds may not be a day: ask Valid first.
type Day string

// Valid says whether the text is a day of the calendar.
func (d Day) Valid() bool {
	t, err := time.Parse(time.DateOnly, string(d))
	return err == nil && t.Year() > 0
}

// Year is the day's year, 0 if it is not a valid day.
func (d Day) Year() int {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return 0
	}
	return t.Year()
}

// keepable says whether a year is one that a cycle can be kept of.
func keepable(year int) bool { return 2000 <= year && year <= 2999 }

// InProcedure says whether the day lies in the assessment year or the year
// after, as the days of the procedure must (A4, E5). Of a year that is none,
// which is a fault of its own, every day does.
func (d Day) InProcedure(year int) bool {
	return !keepable(year) || d.Year() == year || d.Year() == year+1
}

// InAssessmentYear says whether the day lies in the assessment year, 1 January
// to 31 December (A4). An adjustment's date must (A10, A11).
func (d Day) InAssessmentYear(year int) bool { return d.Valid() && d.Year() == year }
