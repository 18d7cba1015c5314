package calendar_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/kaoping/kaoping/calendar"
)

func TestParseDateTakesOneForm(t *testing.T) {
	t.Parallel()
	want := calendar.Date{Year: 2024, Month: time.February, Day: 29}
	if got := date(t, "2024-02-29"); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	for _, text := range []string{
		"", "2025-02-29", "2025-02-30", "2025-13-01", "2025-00-10", "2025-1-1", "25-01-01",
		" 2025-01-01", "2025-01-01 ", "2025/01/01", "2025-01-01T00:00:00Z", "0000-01-01", "infinity", "２０２５-01-01",
	} {
		got, err := calendar.ParseDate(text)
		if err == nil {
			t.Errorf("%q was taken as %v", text, got)
		} else if !strings.Contains(err.Error(), "write it as 2025-12-12") {
			t.Errorf("%q: %v does not say what would be right", text, err)
		}
	}
}

func TestDateOfAsksTheZone(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2025-12-31T15:59:59Z":      "2025-12-31",
		"2025-12-31T16:00:00Z":      "2026-01-01",
		"2025-12-31T23:00:00-05:00": "2026-01-01",
		"2026-01-01T00:00:00+08:00": "2026-01-01",
	} {
		if got := calendar.DateOf(moment(t, text)); got != date(t, want) {
			t.Errorf("DateOf(%s) = %s, want %s", text, got, want)
		}
	}
}

func TestDateTimes(t *testing.T) {
	t.Parallel()
	d := date(t, "2025-12-31")
	for want, got := range map[string]time.Time{
		"2025-12-31T00:00:00+08:00": d.Start(),
		"2025-12-31T09:30:00+08:00": d.At(9, 30),
		"2026-01-01T00:00:00+08:00": d.End(),
	} {
		if got.Format(time.RFC3339) != want {
			t.Errorf("got %s, want %s", got.Format(time.RFC3339), want)
		}
	}
}

func TestAddDaysCrossesMonthsAndYears(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from string
		n    int
		want string
	}{
		{"2025-12-31", 1, "2026-01-01"},
		{"2026-01-01", -1, "2025-12-31"},
		{"2024-02-28", 1, "2024-02-29"},
		{"2025-02-28", 1, "2025-03-01"},
		{"2024-03-01", -366, "2023-03-01"},
		{"2025-05-04", 0, "2025-05-04"},
	} {
		if got := date(t, c.from).AddDays(c.n); got != date(t, c.want) {
			t.Errorf("%s + %d = %s, want %s", c.from, c.n, got, c.want)
		}
	}
}

func TestDatesAreOrdered(t *testing.T) {
	t.Parallel()
	want := dates(t, "2024-12-31", "2025-01-30", "2025-02-01", "2025-02-02", "2026-01-01")
	got := dates(t, "2026-01-01", "2025-02-02", "2025-01-30", "2025-02-01", "2024-12-31")
	slices.SortFunc(got, calendar.Date.Compare)
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	early, late := want[1], want[2]
	if !early.Before(late) || late.Before(early) || early.Before(early) {
		t.Errorf("Before is wrong for %s and %s", early, late)
	}
	if !late.After(early) || early.After(late) || late.After(late) {
		t.Errorf("After is wrong for %s and %s", early, late)
	}
}

func TestDateInJSONAndYAML(t *testing.T) {
	t.Parallel()
	type dues struct {
		Due  calendar.Date            `json:"due" yaml:"due"`
		None calendar.Date            `json:"none" yaml:"none"`
		By   map[calendar.Date]string `json:"by" yaml:"-"`
	}
	want := dues{Due: date(t, "2025-12-12"), By: map[calendar.Date]string{date(t, "2026-01-09"): "review"}}
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if string(text) != `{"due":"2025-12-12","none":"","by":{"2026-01-09":"review"}}` {
		t.Errorf("got %s", text)
	}
	var got dues
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if got.Due != want.Due || !got.None.IsZero() || got.By[date(t, "2026-01-09")] != "review" {
		t.Errorf("got %v, want %v", got, want)
	}
	if err := json.Unmarshal([]byte(`{"due":"2025-02-30"}`), &got); err == nil {
		t.Error("30 February was taken from JSON")
	}
	var read dues
	if err := yaml.Unmarshal([]byte("due: 2025-12-12\nnone: \"\"\n"), &read); err != nil {
		t.Fatal(err)
	}
	if read.Due != want.Due || !read.None.IsZero() {
		t.Errorf("got %v from YAML, want %v", read, want)
	}
}

func TestDateInSQL(t *testing.T) {
	t.Parallel()
	want := date(t, "2025-12-12")
	if value, err := want.Value(); err != nil || value != "2025-12-12" {
		t.Errorf("Value is %v, %v", value, err)
	}
	if value, err := (calendar.Date{}).Value(); err != nil || value != nil {
		t.Errorf("Value of no date is %v, %v, want NULL", value, err)
	}
	midnight := time.Date(2025, time.December, 12, 0, 0, 0, 0, time.FixedZone("", 0)) // what lib/pq makes of a date
	for _, src := range []any{midnight, []byte("2025-12-12"), "2025-12-12"} {
		var got calendar.Date
		if err := got.Scan(src); err != nil || got != want {
			t.Errorf("Scan(%v) = %s, %v", src, got, err)
		}
	}
	got := want
	if err := got.Scan(nil); err != nil || !got.IsZero() {
		t.Errorf("Scan(NULL) = %s, %v", got, err)
	}
	for _, src := range []any{midnight.Add(16 * time.Hour), midnight.Add(time.Nanosecond), []byte("infinity"), int64(20251212)} {
		got := want
		if err := got.Scan(src); err == nil || got != want {
			t.Errorf("Scan(%v) = %s, %v, want an error and nothing changed", src, got, err)
		}
	}
}

func FuzzParseDate(f *testing.F) {
	for _, text := range []string{"2025-12-12", "2024-02-29", "2025-02-29", "0001-01-01", "9999-12-31", "0000-00-00", "-001-01-01"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := calendar.ParseDate(text)
		if err != nil {
			if !d.IsZero() {
				t.Errorf("%q: an error and a date, %v", text, d)
			}
			return
		}
		if d.String() != text {
			t.Errorf("%q comes back as %q", text, d)
		}
		if back := d.AddDays(1).AddDays(-1); back != d {
			t.Errorf("the day before the day after %s is %s", d, back)
		}
		// Before 1992 clocks were changed, in some years at midnight: such a day has no 00:00.
		if d.Year >= 1992 && (calendar.DateOf(d.Start()) != d || calendar.DateOf(d.End().Add(-1)) != d) {
			t.Errorf("%s does not hold its own start and end", d)
		}
		var scanned calendar.Date
		if err := scanned.Scan([]byte(text)); err != nil || scanned != d {
			t.Errorf("Scan(%q) = %s, %v", text, scanned, err)
		}
	})
}
