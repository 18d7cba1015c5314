package calendar

import (
	"fmt"
	"math/bits"
	"time"
)

// Virtual time is counted in seconds: a Duration holds 292 years of nanoseconds, which a quick rehearsal that is left
// running passes.
const (
	wholeDay   = 24 * time.Hour
	daySeconds = int64(wholeDay / time.Second)
)

// Clock is a cycle's clock. In production Pace is 0 and it is the real one; in a rehearsal it shows Virtual at the
// moment Real and then goes on by a day each Pace.
type Clock struct {
	Real    time.Time     `json:"real"`
	Virtual time.Time     `json:"virtual"`
	Pace    time.Duration `json:"pace"` // real time for one virtual day, at least a millisecond and at most a day
}

// At is what the clock shows at a real moment, in Location. Before Real it shows Virtual: a machine whose own clock is
// a little behind sees the rehearsal at its start, not before it.
func (c Clock) At(real time.Time) time.Time {
	if c.Pace <= 0 {
		return real.In(Location)
	}
	elapsed := max(real.Sub(c.Real), 0)
	days, rest := elapsed/c.Pace, elapsed%c.Pace
	part, _ := scale(rest, wholeDay, c.Pace)
	seconds := c.Virtual.Unix() + int64(days)*daySeconds
	return time.Unix(seconds, int64(c.Virtual.Nanosecond())).Add(part).In(Location)
}

// Wait is how long to sleep from the real moment now until the clock shows a virtual one: the shortest time after
// which At is not before it, and 0 if it is not before it now.
func (c Clock) Wait(now, until time.Time) time.Duration {
	if c.Pace <= 0 {
		return max(until.Sub(now), 0)
	}
	if !c.At(now).Before(until) {
		return 0
	}
	seconds, nanoseconds := until.Unix()-c.Virtual.Unix(), until.Nanosecond()-c.Virtual.Nanosecond()
	if nanoseconds < 0 {
		seconds, nanoseconds = seconds-1, nanoseconds+int(time.Second)
	}
	days, rest := seconds/daySeconds, time.Duration(seconds%daySeconds)*time.Second+time.Duration(nanoseconds)
	part, inexact := scale(rest, c.Pace, wholeDay)
	if inexact {
		part++
	}
	return c.Real.Sub(now) + time.Duration(days)*c.Pace + part
}

// scale is d × numerator ÷ denominator, rounded down, and whether that lost anything. The product has 128 bits; d must
// be less than the denominator.
func scale(d, numerator, denominator time.Duration) (time.Duration, bool) {
	high, low := bits.Mul64(uint64(d), uint64(numerator))
	quotient, remainder := bits.Div64(high, low, uint64(denominator))
	return time.Duration(quotient), remainder != 0
}

// RehearsalStart is what the clock of a rehearsal shows first: 08:00 on the last working day before the notice.
func RehearsalStart(days Days, notice Date) (time.Time, error) {
	start, err := days.Previous(notice)
	if err != nil {
		return time.Time{}, fmt.Errorf("couldn't find the start of a rehearsal before %s: %w", notice, err)
	}
	return start.At(8, 0), nil
}
