package calendar_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/kaoping/kaoping/calendar"
)

func cron(t testing.TB, text string) calendar.Cron {
	t.Helper()
	c, err := calendar.ParseCron(text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCronFiresInLocation(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, after, want string }{
		{"0 9 * * *", "2025-12-05T08:59:59+08:00", "2025-12-05T09:00:00+08:00"},
		{"0 9 * * *", "2025-12-05T09:00:00+08:00", "2025-12-06T09:00:00+08:00"},
		{"0 9 * * *", "2025-12-05T01:00:00Z", "2025-12-06T09:00:00+08:00"}, // 09:00 in Location
		{"0 9 * * *", "2025-12-05T00:59:59.5Z", "2025-12-05T09:00:00+08:00"},
		{"0 0 * * *", "2025-12-31T15:59:59Z", "2026-01-01T00:00:00+08:00"},
		{"30 8,14 * * 1-5", "2025-12-05T14:30:00+08:00", "2025-12-08T08:30:00+08:00"},
		{"0 9 * * MON", "2025-12-05T00:00:00+08:00", "2025-12-08T09:00:00+08:00"},
		{"0 9 29 2 *", "2025-12-05T00:00:00+08:00", "2028-02-29T09:00:00+08:00"},
		{"0 9 13 * 5", "2025-12-12T09:00:00+08:00", "2025-12-13T09:00:00+08:00"}, // day or weekday, as in cron
		{"*/30 9-10 * * *", "2025-12-05T10:30:00+08:00", "2025-12-06T09:00:00+08:00"},
	} {
		got := cron(t, c.text).Next(moment(t, c.after)).Format(time.RFC3339)
		if got != c.want {
			t.Errorf("%q after %s: %s, want %s", c.text, c.after, got, c.want)
		}
	}
}

func TestCronRefusesWhatItCannotKeep(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                             "it is empty: write five fields",
		" \t ":                         "it is empty: write five fields",
		"TZ=UTC":                       "the time zone is always Asia/Shanghai: leave TZ= out",
		"TZ=UTC 0 9 * * *":             "the time zone is always Asia/Shanghai: leave TZ= out",
		"CRON_TZ=Asia/Tokyo 0 9 * * *": "the time zone is always Asia/Shanghai: leave TZ= out",
		" tz=UTC 0 9 * * *":            "the time zone is always Asia/Shanghai: leave TZ= out",
		"@every 1h":                    "names such as @daily or @every are not taken",
		"@daily":                       "names such as @daily or @every are not taken",
		"0 0 30 2 *":                   "there is no such day in any year",
		"0 0 31 4,6,9,11 *":            "there is no such day in any year",
		"* * * * *":                    "it fires 1440 times a day, more than 8",
		"*/30 8-20 * * *":              "it fires 26 times a day, more than 8",
		"0 9 * *":                      "it is not a cron expression",
		"0 0 9 * * *":                  "it is not a cron expression",
		"0 9 , * *":                    "it is not a cron expression",
		"0 9 *-7 * *":                  "it is not a cron expression",
		"0 +9 * * *":                   "it is not a cron expression",
		"每天九点":                         "it is not a cron expression",
		"0 25 * * *":                   "end of range (25) above maximum (23)",
		"0 9 * * 7":                    "end of range (7) above maximum (6)",
		"0 17-9 * * *":                 "beyond end of range",
		"*/0 9 * * *":                  "step of range should be a positive number",
		"0 99999999999999999999 * * *": "failed to parse int",
		"0 9 * * noon":                 "failed to parse int",
	} {
		got, err := calendar.ParseCron(text)
		switch {
		case err == nil:
			t.Errorf("%q was taken as %q", text, got)
		case !strings.Contains(err.Error(), want):
			t.Errorf("%q: %v, want it to say: %s", text, err, want)
		case !strings.Contains(err.Error(), ` * *"`) && !strings.Contains(err.Error(), ` 2 *"`):
			t.Errorf("%q: %v does not show what would be right", text, err)
		}
		if got != (calendar.Cron{}) {
			t.Errorf("%q: an error and an expression, %q", text, got)
		}
	}
}

func TestCronAsText(t *testing.T) {
	t.Parallel()
	want := cron(t, " 0  9 *\t* 1-5 ")
	text, err := json.Marshal(want)
	if err != nil || string(text) != `"0 9 * * 1-5"` {
		t.Errorf("got %s, %v", text, err)
	}
	var got calendar.Cron
	if err := json.Unmarshal(text, &got); err != nil || got != want {
		t.Errorf("got %q, %v back, want %q", got, err, want)
	}
	if err := yaml.Unmarshal([]byte(`"0 9 * * 1-5"`), &got); err != nil || got != want {
		t.Errorf("got %q, %v from YAML, want %q", got, err, want)
	}
	if err := json.Unmarshal([]byte(`"TZ=UTC"`), &got); err == nil || got != want {
		t.Errorf("TZ=UTC in JSON left %q, %v", got, err)
	}
	if err := json.Unmarshal([]byte(`""`), &got); err != nil || got != (calendar.Cron{}) {
		t.Errorf("got %q, %v from no expression", got, err)
	}
	if next := got.Next(moment(t, "2025-12-05T00:00:00Z")); !next.IsZero() {
		t.Errorf("no expression fires at %s", next)
	}
}

func FuzzParseCron(f *testing.F) {
	for _, text := range []string{
		"0 9 * * *", "TZ=UTC", "CRON_TZ=", "0 0 30 2 *", "@every 1h", "@", "*/5 9-10 1,15 jan-dec mon",
		"0 9 ? * ?", ", , , , ,", "0 9 29 2 *", "0 9 * * 7", "59/1 23/9 31 12 6", "0 0 31 2 0",
	} {
		f.Add(text)
	}
	after := time.Date(2025, time.November, 24, 1, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		c, err := calendar.ParseCron(text)
		if err != nil {
			return
		}
		if back, err := calendar.ParseCron(c.String()); err != nil || back != c {
			t.Errorf("%q comes back as %q, %v", c, back, err)
		}
		perDay := map[calendar.Date]int{}
		// The parser looks five years ahead, and 2100 is no leap year: after 2096 a rare day is not found.
		for last, n := after, 0; n < 50 && last.Year() < 2090; n++ {
			next := c.Next(last)
			if !next.After(last) || next.Location() != calendar.Location || next.Second() != 0 {
				t.Fatalf("%q fires at %s after %s", c, next, last)
			}
			if perDay[calendar.DateOf(next)]++; perDay[calendar.DateOf(next)] > 8 {
				t.Fatalf("%q fires more than 8 times on %s", c, calendar.DateOf(next))
			}
			last = next
		}
	})
}
