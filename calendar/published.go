package calendar

import (
	"fmt"

	"github.com/6tail/lunar-go/HolidayUtil"
)

// The years of which the library has the whole notice. Its few days of 2001 belong to New Year 2002; a year beyond the
// last is looked for too, so that an update of the library needs no change here.
const (
	firstPublished = 2002
	lastLookedFor  = 2100
)

// Seed is what the library knows of the State Council's notices, 2002 to 2026, by date: the rows of a new table of
// holidays, which holidays.csv then extends.
func Seed() []Holiday {
	var seed []Holiday
	for year := firstPublished; year <= lastLookedFor; year++ {
		listed := HolidayUtil.GetHolidaysByYear(year)
		for element := listed.Front(); element != nil; element = element.Next() {
			entry := element.Value.(*HolidayUtil.Holiday)
			seed = append(seed, holidayOf(entry))
		}
	}
	return seed
}

// holidayOf panics on a day that is none: the library's data is compiled in, and the tests read all of it.
func holidayOf(entry *HolidayUtil.Holiday) Holiday {
	date, err := ParseDate(entry.GetDay())
	if err != nil {
		panic(fmt.Sprintf("couldn't read the library's holidays: %v", err))
	}
	return Holiday{Date: date, Work: entry.IsWork(), Name: entry.GetName()}
}

// Published are the days of the library alone, of all its years or of those named. What holidays.csv added is not in
// them: that is NewDays over the table.
func Published(years ...int) (Days, error) {
	return NewDays(Seed(), years...)
}
