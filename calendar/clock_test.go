package calendar_test

import (
	"encoding/json"
	"errors"
	"math/rand"
	"reflect"
	"testing"
	"testing/quick"
	"time"

	"github.com/kaoping/kaoping/calendar"
)

func rehearsal(t testing.TB, pace time.Duration) calendar.Clock {
	t.Helper()
	return calendar.Clock{
		Real:    moment(t, "2026-11-23T17:00:00Z"),
		Virtual: moment(t, "2025-11-21T08:00:00+08:00"),
		Pace:    pace,
	}
}

func TestRehearsalClock(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pace, elapsed time.Duration
		want          string
	}{
		{time.Second, 0, "2025-11-21T08:00:00+08:00"},
		{time.Second, -time.Hour, "2025-11-21T08:00:00+08:00"}, // a machine whose clock is behind
		{time.Second, time.Second, "2025-11-22T08:00:00+08:00"},
		{time.Second, 500 * time.Millisecond, "2025-11-21T20:00:00+08:00"},
		{time.Second, 1, "2025-11-21T08:00:00.0000864+08:00"},
		{time.Second, 112 * time.Second, "2026-03-13T08:00:00+08:00"},
		{3 * time.Second, time.Second, "2025-11-21T16:00:00+08:00"},
		{7 * time.Nanosecond, 3, "2025-11-21T18:17:08.571428571+08:00"},    // 3/7 of a day, rounded down
		{time.Millisecond, 365 * time.Second, "3025-03-24T08:00:00+08:00"}, // 365,000 days: more than a Duration holds
		{24 * time.Hour, 90 * time.Minute, "2025-11-21T09:30:00+08:00"},
	} {
		clock := rehearsal(t, c.pace)
		if got := clock.At(clock.Real.Add(c.elapsed)).Format(time.RFC3339Nano); got != c.want {
			t.Errorf("%s at %s a day shows %s, want %s", c.elapsed, c.pace, got, c.want)
		}
	}
}

func TestWaitIsExact(t *testing.T) {
	t.Parallel()
	clock := rehearsal(t, time.Second)
	for _, c := range []struct {
		now   time.Duration
		until string
		want  time.Duration
	}{
		{0, "2025-11-21T08:00:00+08:00", 0},
		{0, "2025-01-01T00:00:00+08:00", 0},
		{0, "2025-11-22T08:00:00+08:00", time.Second},
		{0, "2025-11-21T20:00:00+08:00", 500 * time.Millisecond},
		{0, "2025-11-21T08:00:00.000000001+08:00", 1},     // one real nanosecond is 86.4 virtual microseconds
		{0, "2025-11-24T09:00:00+08:00", 3041666667},      // three days and 1/24, rounded up
		{200, "2025-11-24T09:00:00+08:00", 3041666467},    //
		{-1000, "2025-11-24T09:00:00+08:00", 3041667667},  // before the start
		{5 * time.Second, "2025-11-24T09:00:00+08:00", 0}, // passed
		{3041666667, "2025-11-24T09:00:00+08:00", 0},      //
		{3041666666, "2025-11-24T09:00:00+08:00", 1},      //
	} {
		if got := clock.Wait(clock.Real.Add(c.now), moment(t, c.until)); got != c.want {
			t.Errorf("at %s until %s: %d ns, want %d", c.now, c.until, got, c.want)
		}
	}
}

func TestRealClock(t *testing.T) {
	t.Parallel()
	var clock calendar.Clock
	now := moment(t, "2025-11-24T01:00:00.5Z")
	if got := clock.At(now).Format(time.RFC3339Nano); got != "2025-11-24T09:00:00.5+08:00" {
		t.Errorf("it shows %s", got)
	}
	if got := clock.Wait(now, moment(t, "2025-11-24T09:00:02+08:00")); got != 1500*time.Millisecond {
		t.Errorf("it waits %s", got)
	}
	if got := clock.Wait(now, now.Add(-time.Hour)); got != 0 {
		t.Errorf("it waits %s for what has passed", got)
	}
}

// sample is a clock and two real moments within ten years around its start.
type sample struct {
	clock       calendar.Clock
	first, then time.Time
}

func (sample) Generate(r *rand.Rand, _ int) reflect.Value {
	const years = 10 * 365 * 24 * time.Hour
	paces := []time.Duration{
		0, time.Millisecond, time.Second, 24 * time.Hour,
		time.Millisecond + time.Duration(r.Int63n(int64(24*time.Hour-time.Millisecond))),
	}
	start := time.Unix(1_700_000_000+r.Int63n(1_000_000_000), r.Int63n(1_000_000_000))
	s := sample{
		clock: calendar.Clock{
			Real:    start,
			Virtual: time.Unix(1_700_000_000+r.Int63n(1_000_000_000), r.Int63n(1_000_000_000)),
			Pace:    paces[r.Intn(len(paces))],
		},
		first: start.Add(time.Duration(r.Int63n(int64(years))) - years/10),
	}
	s.then = s.first.Add(time.Duration(r.Int63n(1 << r.Intn(48))))
	return reflect.ValueOf(s)
}

func TestClockProperties(t *testing.T) {
	t.Parallel()
	properties := map[string]func(sample) bool{
		"it never goes back": func(s sample) bool {
			return !s.clock.At(s.then).Before(s.clock.At(s.first))
		},
		"a pace later it shows a day more": func(s sample) bool {
			if s.clock.Pace == 0 || s.first.Before(s.clock.Real) {
				return true
			}
			return s.clock.At(s.first.Add(s.clock.Pace)).Sub(s.clock.At(s.first)) == 24*time.Hour
		},
		"after the wait it is time, a nanosecond earlier it was not": func(s sample) bool {
			until := s.clock.At(s.then)
			wait := s.clock.Wait(s.first, until)
			if wait < 0 || s.clock.At(s.first.Add(wait)).Before(until) {
				return false
			}
			return wait == 0 || s.clock.At(s.first.Add(wait-1)).Before(until)
		},
		"it comes back from JSON": func(s sample) bool {
			text, err := json.Marshal(s.clock)
			var back calendar.Clock
			return err == nil && json.Unmarshal(text, &back) == nil && back.At(s.then).Equal(s.clock.At(s.then))
		},
	}
	for name, property := range properties {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := quick.Check(property, &quick.Config{MaxCount: 5000, Rand: rand.New(rand.NewSource(1))}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestRehearsalStartsOnTheWorkingDayBefore(t *testing.T) {
	t.Parallel()
	days := published(t, 2025, 2026)
	for notice, want := range map[string]string{
		"2025-11-24": "2025-11-21T08:00:00+08:00", // a Monday
		"2025-11-25": "2025-11-24T08:00:00+08:00",
		"2026-01-05": "2026-01-04T08:00:00+08:00", // a Sunday that is worked
		"2026-01-04": "2025-12-31T08:00:00+08:00",
		"2026-02-24": "2026-02-14T08:00:00+08:00",
	} {
		got, err := calendar.RehearsalStart(days, date(t, notice))
		if err != nil || got.Format(time.RFC3339) != want {
			t.Errorf("before %s: %s, %v, want %s", notice, got, err, want)
		}
	}
	_, err := calendar.RehearsalStart(days, date(t, "2025-01-01"))
	if unpublished := (*calendar.UnpublishedError)(nil); !errors.As(err, &unpublished) || unpublished.Year != 2024 {
		t.Errorf("%v does not name 2024", err)
	}
}
