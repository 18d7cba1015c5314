package calendar_test

import (
	"testing"
	"time"

	"github.com/kaoping/kaoping/calendar"
)

// date reads a day that the test wrote itself.
func date(t testing.TB, text string) calendar.Date {
	t.Helper()
	d, err := calendar.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func dates(t testing.TB, texts ...string) []calendar.Date {
	t.Helper()
	var list []calendar.Date
	for _, text := range texts {
		list = append(list, date(t, text))
	}
	return list
}

// published are the library's days of some years.
func published(t testing.TB, years ...int) calendar.Days {
	t.Helper()
	days, err := calendar.Published(years...)
	if err != nil {
		t.Fatal(err)
	}
	return days
}

func moment(t testing.TB, text string) time.Time {
	t.Helper()
	m, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestLateBeginsAtTheEndOfTheDueDay(t *testing.T) {
	t.Parallel()
	due := date(t, "2025-12-12")
	for text, want := range map[string]bool{
		"2025-12-12T00:00:00+08:00":           false,
		"2025-12-12T23:59:59.999999999+08:00": false,
		"2025-12-13T00:00:00+08:00":           true,
		"2025-12-12T15:59:59Z":                false, // 23:59:59 in Location
		"2025-12-12T16:00:00Z":                true,
		"2025-12-12T11:00:00-08:00":           true, // the same date elsewhere, 03:00 of the 13th in Location
	} {
		if got := calendar.Late(moment(t, text), due); got != want {
			t.Errorf("Late(%s, %s) = %v, want %v", text, due, got, want)
		}
	}
}

func TestLongIsWhatOfficesWrite(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2025-12-12": "2025年12月12日(周五)",
		"2026-01-04": "2026年1月4日(周日)",
		"2026-02-28": "2026年2月28日(周六)",
		"2026-03-02": "2026年3月2日(周一)",
		"2026-03-03": "2026年3月3日(周二)",
		"2026-03-04": "2026年3月4日(周三)",
		"2026-03-05": "2026年3月5日(周四)",
	} {
		if got := calendar.Long(date(t, text)); got != want {
			t.Errorf("Long(%s) = %s, want %s", text, got, want)
		}
	}
	if got := calendar.Long(calendar.Date{}); got != "" {
		t.Errorf("Long of no date = %q, want nothing", got)
	}
}

// Every day from 1992 on has 24 hours: a deadline neither shrinks nor grows with a change of clocks.
func TestDaysHave24Hours(t *testing.T) {
	t.Parallel()
	last := date(t, "2040-01-01")
	for d := date(t, "1992-01-01"); d.Before(last); d = d.AddDays(1) {
		if length := d.End().Sub(d.Start()); length != 24*time.Hour {
			t.Fatalf("%s lasts %s", d, length)
		}
		if _, offset := d.Start().Zone(); offset != 8*60*60 {
			t.Fatalf("%s starts %d seconds east of UTC", d, offset)
		}
	}
}
