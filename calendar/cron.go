package calendar

import (
	"errors"
	"fmt"
	"math/bits"
	"regexp"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// maxMoments is how often a day a policy may act. A person gets one reminder a day: more moments serve those who become
// due in between, and each is kept in the year's history, which must stay below what Temporal takes.
const maxMoments = 8

const rightCron = `write five fields, minute hour day month weekday, as in "0 9 * * *"`

// cronShape is narrower than robfig's parser, which takes "*-7" for "*", "," for nothing at all and "+5" for 5.
var cronShape = regexp.MustCompile(`^(?:` + cronField + ` ){4}` + cronField + `$`)

const (
	cronItem  = `(?:[*?]|[0-9A-Za-z]+(?:-[0-9A-Za-z]+)?)(?:/[0-9]+)?`
	cronField = cronItem + `(?:,` + cronItem + `)*`
)

// Cron is a standard cron expression, always in Location. Where day and weekday are both limited, either of them
// suffices, as in cron itself. The zero Cron never fires and is the empty text.
type Cron struct {
	text     string
	schedule cron.SpecSchedule
}

// ParseCron reads five fields. It refuses time zones, descriptors such as @every, what never fires and what fires more
// than 8 times a day.
func ParseCron(text string) (Cron, error) {
	c, err := parseCron(strings.Join(strings.Fields(text), " "))
	if err != nil {
		return Cron{}, fmt.Errorf("cron %q: %w", text, err)
	}
	return c, nil
}

func parseCron(text string) (Cron, error) {
	switch {
	case text == "":
		return Cron{}, errors.New("it is empty: " + rightCron)
	case strings.Contains(strings.ToUpper(text), "TZ="):
		return Cron{}, fmt.Errorf("the time zone is always %s: leave TZ= out and %s", Location, rightCron)
	case strings.HasPrefix(text, "@"):
		return Cron{}, errors.New("names such as @daily or @every are not taken: " + rightCron)
	case !cronShape.MatchString(text):
		return Cron{}, errors.New("it is not a cron expression: " + rightCron)
	}
	schedule, err := parseSchedule(text)
	if err != nil {
		return Cron{}, fmt.Errorf("%w: %s", err, rightCron)
	}
	c := Cron{text: text, schedule: schedule}
	return c, c.check()
}

// parseSchedule turns a panic of the parser into an error: it has one on a time zone without fields, and what else it
// has must not end a worker.
func parseSchedule(text string) (schedule cron.SpecSchedule, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("it can't be read (%v)", reason)
		}
	}()
	parsed, err := cron.ParseStandard(text)
	if err != nil {
		return cron.SpecSchedule{}, err
	}
	spec, ok := parsed.(*cron.SpecSchedule)
	if !ok {
		return cron.SpecSchedule{}, errors.New("it names no times of the day")
	}
	spec.Location = Location
	return *spec, nil
}

func (c Cron) check() error {
	const star = 1 << 63 // robfig marks a field that is "*" with the highest bit
	moments := bits.OnesCount64(c.schedule.Minute&^star) * bits.OnesCount64(c.schedule.Hour&^star)
	if moments > maxMoments {
		return fmt.Errorf("it fires %d times a day, more than %d: name the minute and the hours, as in \"0 9,15 * * *\"",
			moments, maxMoments)
	}
	// From a leap year on: 29 February is rare, not impossible.
	if c.Next(time.Date(2000, time.January, 1, 0, 0, 0, 0, Location)).IsZero() {
		return errors.New("there is no such day in any year: choose a day that the month has, as in \"0 9 28 2 *\"")
	}
	return nil
}

// Next is the first moment after the given one at which the expression fires, in Location; the zero time if none.
func (c Cron) Next(after time.Time) time.Time {
	if c.text == "" {
		return time.Time{}
	}
	return c.schedule.Next(after).In(Location)
}

// String is the expression with single blanks.
func (c Cron) String() string { return c.text }

// MarshalText writes what String does.
func (c Cron) MarshalText() ([]byte, error) { return []byte(c.text), nil }

// UnmarshalText reads what MarshalText wrote: the empty text is the zero Cron, which Policy.Check refuses.
func (c *Cron) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*c = Cron{}
		return nil
	}
	parsed, err := ParseCron(string(text))
	if err != nil {
		return err
	}
	*c = parsed
	return nil
}
