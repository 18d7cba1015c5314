package calendar_test

import (
	"encoding/json"
	"errors"
	"math/rand"
	"slices"
	"testing"
	"testing/quick"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kaoping/kaoping/calendar"
)

func TestAddCountsWorkingDaysOnly(t *testing.T) {
	t.Parallel()
	days := published(t, 2024, 2025, 2026)
	for _, c := range []struct {
		from string
		n    int
		want string
	}{
		{"2025-12-12", -5, "2025-12-05"},
		{"2025-12-12", 2, "2025-12-16"},
		{"2025-12-13", 1, "2025-12-15"},  // from a Saturday
		{"2025-12-13", 0, "2025-12-13"},  // worked or not
		{"2025-12-31", 1, "2026-01-04"},  // over New Year to the Sunday that is worked
		{"2025-12-31", 2, "2026-01-05"},  //
		{"2026-01-05", -2, "2025-12-31"}, //
		{"2026-02-13", 2, "2026-02-24"},  // over Spring Festival, after Saturday the 14th
		{"2026-02-24", -1, "2026-02-14"}, //
		{"2026-02-18", 1, "2026-02-24"},  // from within it
		{"2026-02-18", -1, "2026-02-14"}, //
		{"2026-02-27", 1, "2026-02-28"},  // the other Saturday
		{"2025-09-30", 1, "2025-10-09"},  // over National Day and Mid-Autumn
		{"2025-09-26", 1, "2025-09-28"},  // the Sunday before
		{"2025-10-10", 2, "2025-10-13"},  // the Saturday after
		{"2024-12-31", 1, "2025-01-02"},
		{"2025-01-02", -1, "2024-12-31"},
		{"2025-01-01", 248, "2025-12-31"}, // every working day of the year
		{"2026-01-01", -248, "2025-01-02"},
	} {
		got, err := days.Add(date(t, c.from), c.n)
		if err != nil || got != date(t, c.want) {
			t.Errorf("%s + %d working days = %s, %v, want %s", c.from, c.n, got, err, c.want)
		}
	}
}

func TestCountIsWhatIsLeft(t *testing.T) {
	t.Parallel()
	days := published(t, 2025, 2026)
	for _, c := range []struct {
		from, to string
		want     int
	}{
		{"2025-12-12", "2025-12-12", 0},
		{"2025-12-05", "2025-12-12", 5},
		{"2025-12-06", "2025-12-12", 5},
		{"2025-12-12", "2025-12-05", -5},
		{"2025-12-12", "2025-12-14", 0}, // over the weekend nothing is left
		{"2025-11-24", "2025-12-12", 14},
		{"2025-12-31", "2026-01-09", 6}, // Sunday the 4th, Monday to Friday
		{"2026-02-13", "2026-03-02", 7}, // 14, 24 to 28, 2 March
		{"2026-03-02", "2026-02-13", -7},
		{"2024-12-31", "2025-12-31", 248},
	} {
		got, err := days.Count(date(t, c.from), date(t, c.to))
		if err != nil || got != c.want {
			t.Errorf("from %s to %s: %d, %v, want %d", c.from, c.to, got, err, c.want)
		}
	}
}

func TestNextAndPrevious(t *testing.T) {
	t.Parallel()
	days := published(t, 2025, 2026)
	for _, c := range []struct{ day, next, previous string }{
		{"2025-11-24", "2025-11-24", "2025-11-21"},
		{"2025-11-22", "2025-11-24", "2025-11-21"},
		{"2026-01-01", "2026-01-04", "2025-12-31"},
		{"2026-02-15", "2026-02-24", "2026-02-14"},
		{"2026-02-28", "2026-02-28", "2026-02-27"},
		{"2025-10-08", "2025-10-09", "2025-09-30"},
	} {
		if got, err := days.Next(date(t, c.day)); err != nil || got != date(t, c.next) {
			t.Errorf("the first on or after %s is %s, %v, want %s", c.day, got, err, c.next)
		}
		if got, err := days.Previous(date(t, c.day)); err != nil || got != date(t, c.previous) {
			t.Errorf("the last before %s is %s, %v, want %s", c.day, got, err, c.previous)
		}
	}
}

func TestUnknownYearsAreNeverGuessed(t *testing.T) {
	t.Parallel()
	days := published(t)
	asked := map[string]func() error{
		"Working":  func() error { _, err := days.Working(date(t, "2027-01-04")); return err },
		"Add":      func() error { _, err := days.Add(date(t, "2026-12-31"), 1); return err },
		"Count":    func() error { _, err := days.Count(date(t, "2026-12-31"), date(t, "2027-01-04")); return err },
		"Next":     func() error { _, err := days.Next(date(t, "2027-03-01")); return err },
		"Previous": func() error { _, err := days.Previous(date(t, "2027-03-01")); return err },
	}
	asked["Published"] = func() error { _, err := calendar.Published(2026, 2027); return err }
	for name, ask := range asked {
		var unpublished *calendar.UnpublishedError
		err := ask()
		if !errors.As(err, &unpublished) || unpublished.Year != 2027 {
			t.Errorf("%s: %v does not name 2027", name, err)
		} else if want := "no published holidays for 2027: add them as holidays.csv (date, off|work, name)"; err.Error() != want {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
	if _, err := days.Working(date(t, "2001-12-31")); err == nil {
		t.Error("2001 is known, of which the library has only the days before New Year 2002")
	}
	if _, err := days.Previous(date(t, "2027-01-01")); err != nil {
		t.Errorf("the last working day of 2026 needs nothing of 2027: %v", err)
	}
}

func TestNewDaysKeepsWhatDiffersFromTheWeek(t *testing.T) {
	t.Parallel()
	holidays := []calendar.Holiday{
		{Date: date(t, "2027-02-05"), Name: "春节"},             // a Friday
		{Date: date(t, "2027-02-06"), Name: "春节"},             // a Saturday: off anyway
		{Date: date(t, "2027-01-31"), Work: true, Name: "春节"}, // a Sunday
		{Date: date(t, "2027-01-29"), Work: true, Name: "春节"}, // a Friday: worked anyway
		{Date: date(t, "2027-01-01"), Name: "元旦"},             // a Friday
		{Date: date(t, "2028-12-29"), Name: "元旦"},             // published with 2029
	}
	want := calendar.Days{Years: []int{2027}, Off: dates(t, "2027-01-01", "2027-02-05"), Work: dates(t, "2027-01-31")}
	for range 2 {
		got, err := calendar.NewDays(holidays)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		slices.Reverse(holidays)
	}
	if _, err := calendar.NewDays(holidays, 2028); err == nil {
		t.Error("2028 counts as known by its last days of December")
	}
}

func TestNewDaysListsEveryFault(t *testing.T) {
	t.Parallel()
	first := date(t, "2027-01-01")
	_, err := calendar.NewDays([]calendar.Holiday{
		{Date: first, Name: "元旦"},
		{Date: first, Work: true, Name: "元旦"},
		{Date: calendar.Date{Year: 2027, Month: time.February, Day: 30}, Name: "春节"},
		{Name: "无"},
	}, 2029, 2027, 2028, 2029)
	want := `2027-01-01 is listed twice among the holidays
holiday "春节": 2027-2-30 is not a day of the calendar
holiday "无": 0-0-0 is not a day of the calendar
no published holidays for 2028: add them as holidays.csv (date, off|work, name)
no published holidays for 2029: add them as holidays.csv (date, off|work, name)`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func TestDaysInJSONAreSmallAndComeBack(t *testing.T) {
	t.Parallel()
	want := published(t, 2026, 2025, 2025)
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	const exact = `{"years":[2025,2026],` +
		`"off":["2025-01-01","2025-01-28","2025-01-29","2025-01-30","2025-01-31","2025-02-03","2025-02-04","2025-04-04",` +
		`"2025-05-01","2025-05-02","2025-05-05","2025-06-02",` +
		`"2025-10-01","2025-10-02","2025-10-03","2025-10-06","2025-10-07","2025-10-08",` +
		`"2026-01-01","2026-01-02","2026-02-16","2026-02-17","2026-02-18","2026-02-19","2026-02-20","2026-02-23",` +
		`"2026-04-06","2026-05-01","2026-05-04","2026-05-05","2026-06-19","2026-09-25",` +
		`"2026-10-01","2026-10-02","2026-10-05","2026-10-06","2026-10-07"],` +
		`"work":["2025-01-26","2025-02-08","2025-04-27","2025-09-28","2025-10-11",` +
		`"2026-01-04","2026-02-14","2026-02-28","2026-05-09","2026-09-20","2026-10-10"]}`
	if string(text) != exact {
		t.Errorf("got  %s\nwant %s", text, exact)
	}
	var got calendar.Days
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestSliceKeepsWholeYears(t *testing.T) {
	t.Parallel()
	all := published(t)
	if diff := cmp.Diff(published(t, 2025, 2026), all.Slice(date(t, "2025-11-24"), date(t, "2026-03-13"))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(published(t, 2026), all.Slice(date(t, "2026-11-24"), date(t, "2027-03-13"))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(calendar.Days{}, all.Slice(date(t, "2026-11-24"), date(t, "2025-03-13"))); diff != "" {
		t.Error(diff)
	}
}

func TestAddAndCountAgree(t *testing.T) {
	t.Parallel()
	days := published(t, 2023, 2024, 2025, 2026)
	start := date(t, "2024-06-01")
	agree := func(offset uint16, distance int8) bool {
		from := start.AddDays(int(offset % 550))
		to, err := days.Add(from, int(distance))
		if err != nil {
			t.Error(err)
			return false
		}
		count, err := days.Count(from, to)
		if err != nil || count != int(distance) {
			t.Errorf("%s + %d = %s, of which Count makes %d, %v", from, distance, to, count, err)
			return false
		}
		working, err := days.Working(to)
		return err == nil && (working || distance == 0)
	}
	if err := quick.Check(agree, &quick.Config{MaxCount: 2000, Rand: rand.New(rand.NewSource(1))}); err != nil {
		t.Error(err)
	}
}
