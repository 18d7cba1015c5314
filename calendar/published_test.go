package calendar_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kaoping/kaoping/calendar"
)

// notice is one of the State Council's, each day written from its text by hand. Where it joins a holiday with the
// weekend before or after, those days are listed too.
type notice struct {
	number    string
	year      int
	off, work string
	workdays  int // of the whole year: Mondays to Fridays, less those off, plus those worked
}

var notices = []notice{
	{
		number: "国办发明电〔2023〕7号", year: 2024,
		off: `01-01
			02-10 02-11 02-12 02-13 02-14 02-15 02-16 02-17
			04-04 04-05 04-06
			05-01 05-02 05-03 05-04 05-05
			06-08 06-09 06-10
			09-15 09-16 09-17
			10-01 10-02 10-03 10-04 10-05 10-06 10-07`,
		work:     `02-04 02-18 04-07 04-28 05-11 09-14 09-29 10-12`,
		workdays: 262 - 19 + 8,
	},
	{
		number: "国办发明电〔2024〕12号", year: 2025,
		off: `01-01
			01-28 01-29 01-30 01-31 02-01 02-02 02-03 02-04
			04-04 04-05 04-06
			05-01 05-02 05-03 05-04 05-05
			05-31 06-01 06-02
			10-01 10-02 10-03 10-04 10-05 10-06 10-07 10-08`,
		work:     `01-26 02-08 04-27 09-28 10-11`,
		workdays: 261 - 18 + 5,
	},
	{
		number: "国办发明电〔2025〕7号", year: 2026,
		off: `01-01 01-02 01-03
			02-15 02-16 02-17 02-18 02-19 02-20 02-21 02-22 02-23
			04-04 04-05 04-06
			05-01 05-02 05-03 05-04 05-05
			06-19 06-20 06-21
			09-25 09-26 09-27
			10-01 10-02 10-03 10-04 10-05 10-06 10-07`,
		work:     `01-04 02-14 02-28 05-09 09-20 10-10`,
		workdays: 261 - 19 + 6,
	},
}

// days are those of one of the notice's lists.
func (n notice) days(list string) map[calendar.Date]bool {
	days := map[calendar.Date]bool{}
	for _, text := range strings.Fields(list) {
		day, err := time.Parse("01-02", text)
		if err != nil {
			panic(err)
		}
		days[calendar.Date{Year: n.year, Month: day.Month(), Day: day.Day()}] = true
	}
	return days
}

func TestSeedIsWhatTheStateCouncilPublished(t *testing.T) {
	t.Parallel()
	for _, n := range notices {
		off, work := n.days(n.off), n.days(n.work)
		listed := 0
		for _, holiday := range calendar.Seed() {
			if holiday.Date.Year != n.year {
				continue
			}
			listed++
			if published := off[holiday.Date] && !holiday.Work || work[holiday.Date] && holiday.Work; !published {
				t.Errorf("%s: %+v is not in it", n.number, holiday)
			}
			if holiday.Name == "" {
				t.Errorf("%s: %s has no name", n.number, holiday.Date)
			}
		}
		if want := len(off) + len(work); listed != want {
			t.Errorf("%s: %d days are seeded, want %d", n.number, listed, want)
		}
	}
}

func TestEveryDayOfThePublishedYears(t *testing.T) {
	t.Parallel()
	for _, n := range notices {
		off, work := n.days(n.off), n.days(n.work)
		days := published(t, n.year)
		count := 0
		for d := (calendar.Date{Year: n.year, Month: time.January, Day: 1}); d.Year == n.year; d = d.AddDays(1) {
			want := work[d] || !off[d] && d.Weekday() != time.Saturday && d.Weekday() != time.Sunday
			got, err := days.Working(d)
			if err != nil || got != want {
				t.Errorf("%s: %s is worked: %v, %v, want %v", n.number, calendar.Long(d), got, err, want)
			}
			if got {
				count++
			}
		}
		if count != n.workdays {
			t.Errorf("%s: %d working days, want %d", n.number, count, n.workdays)
		}
	}
}

func TestSeedIsWhole(t *testing.T) {
	t.Parallel()
	seed := calendar.Seed()
	for i := 1; i < len(seed); i++ {
		if !seed[i-1].Date.Before(seed[i].Date) {
			t.Errorf("%s stands before %s", seed[i-1].Date, seed[i].Date)
		}
	}
	var want []int
	for year := 2002; year <= 2026; year++ {
		want = append(want, year)
	}
	days := published(t)
	if !slices.Equal(days.Years, want) {
		t.Errorf("known are %v, want %v", days.Years, want)
	}
	for _, year := range want {
		for _, month := range []time.Month{time.January, time.May, time.October} {
			first := calendar.Date{Year: year, Month: month, Day: 1}
			if working, err := days.Working(first); err != nil || working {
				t.Errorf("%s is worked: %v, %v", first, working, err)
			}
		}
	}
}

// Notices of New Year reach into the December before: 29 December 2018 was worked, Monday the 31st was not.
func TestSeedHasTheDecemberOfTheYearBefore(t *testing.T) {
	t.Parallel()
	days := published(t, 2018)
	for text, want := range map[string]bool{"2018-12-28": true, "2018-12-29": true, "2018-12-30": false, "2018-12-31": false} {
		if got, err := days.Working(date(t, text)); err != nil || got != want {
			t.Errorf("%s is worked: %v, %v, want %v", text, got, err, want)
		}
	}
}
