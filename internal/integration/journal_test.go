package integration

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/rules"
)

// line is one line of the journal, as other programs read it.
type line struct {
	Seq     int       `json:"seq"`
	At      time.Time `json:"at"`
	Cycle   string    `json:"cycle"`
	Event   string    `json:"event"`
	Unit    string    `json:"unit"`
	Person  string    `json:"person"`
	Article string    `json:"article"`
	Data    facts     `json:"data"`
}

// facts are the data of all events, of which each line has a few.
type facts struct {
	Kind      string     `json:"kind"`
	To        string     `json:"to"` // an address; of an extension the new date
	MessageID string     `json:"message_id"`
	Scheduled *time.Time `json:"scheduled"`
	Begun     *time.Time `json:"begun"` // of a reminder that is sent
	Answer    string     `json:"answer"`

	ID     string `json:"id"`
	Clause string `json:"clause"`
	Date   string `json:"date"`

	Key       string          `json:"key"`
	Phase     string          `json:"phase"`
	Due       calendar.Date   `json:"due"`
	ReviewDue calendar.Date   `json:"review_due"`
	Late      bool            `json:"late"`
	Revision  int             `json:"revision"`
	Number    int             `json:"number"`
	Digest    string          `json:"digest"`
	Office    string          `json:"office"`
	Basis     string          `json:"basis"`
	Decision  string          `json:"decision"`
	Reason    string          `json:"reason"`
	Extension string          `json:"extension"`
	Reopened  bool            `json:"reopened"`
	Units     json.RawMessage `json:"units"` // of a return their codes, of a start their number
}

// String names a line in a fault.
func (l line) String() string {
	text := fmt.Sprintf("line %d, %s %s", l.Seq, l.At.In(calendar.Location).Format("2006-01-02T15:04:05"), l.Event)
	for _, word := range []string{l.Data.Kind, l.Unit, l.Person, l.Data.To} {
		if word != "" {
			text += " " + word
		}
	}
	return text
}

func (l line) is(event string, kinds ...string) bool {
	return l.Event == event && (len(kinds) == 0 || slices.Contains(kinds, l.Data.Kind))
}

// reminder tells whether a line is a mail that a policy sends before a due day.
func (l line) reminder() bool {
	return strings.HasPrefix(l.Event, "mail_") && strings.HasSuffix(l.Data.Kind, "_reminder")
}

// overdue tells whether a line is a mail that a policy sends after a due day.
func (l line) overdue() bool {
	return strings.HasPrefix(l.Event, "mail_") && strings.HasSuffix(l.Data.Kind, "_overdue")
}

func (l line) day() calendar.Date { return calendar.DateOf(l.At) }

// units are those that a return names.
func (l line) units() []string {
	var units []string
	if err := json.Unmarshal(l.Data.Units, &units); err != nil {
		return nil
	}
	return units
}

// readLines reads a journal in its public form; a field that contracts don't know is a fault.
func readLines(t *testing.T, text []byte) []line {
	t.Helper()
	var lines []line
	scanner := bufio.NewScanner(bytes.NewReader(text))
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		var known struct {
			Seq                                     json.Number
			At, Cycle, Event, Unit, Person, Article string
			Data                                    map[string]any
		}
		strict := json.NewDecoder(bytes.NewReader(scanner.Bytes()))
		strict.DisallowUnknownFields()
		must(t, strict.Decode(&known))
		var read line
		must(t, json.Unmarshal(scanner.Bytes(), &read))
		lines = append(lines, read)
	}
	must(t, scanner.Err())
	return lines
}

// journal is the lines of a cycle, with what its data set says.
type journal struct {
	lines []line
	plan  rules.Plan
	days  calendar.Days
	// disturbed is a year with outages: an act that was accepted in time may be written down late.
	disturbed bool
	// droppable is how many moments of a policy may pass in a row without their sweep.
	droppable int
}

// rule is something that must, or must not, happen in a year.
type rule struct {
	name     string
	articles string // that it follows from; contracts where it is a promise of the product
	breaches func(*journal) []string
}

// journalRules are all of them.
func journalRules() []rule {
	return slices.Concat(formRules, mailRules, reminderRules, reviewRules, resultRules, rectificationRules)
}

// breaches are all rules that a journal does not keep, each with the lines.
func (j *journal) breaches() map[string][]string {
	found := map[string][]string{}
	for _, rule := range journalRules() {
		if list := rule.breaches(j); len(list) > 0 {
			found[rule.name] = list
		}
	}
	return found
}

// keepsTheRules reports every breach.
func (j *journal) keepsTheRules(t *testing.T) {
	t.Helper()
	for _, rule := range journalRules() {
		for i, breach := range rule.breaches(j) {
			if i == 5 {
				t.Errorf("%s (%s): and more", rule.name, rule.articles)
				break
			}
			t.Errorf("%s (%s): %s", rule.name, rule.articles, breach)
		}
	}
}

// each is a rule about single lines, without what was before.
func each(check func(*journal, line) string) func(*journal) []string {
	return func(j *journal) []string {
		var found []string
		for _, l := range j.lines {
			if fault := check(j, l); fault != "" {
				found = append(found, l.String()+": "+fault)
			}
		}
		return found
	}
}

// working tells whether people work on a day.
func (j *journal) working(day calendar.Date) bool {
	working, err := j.days.Working(day)
	if err != nil {
		panic(err) // the data sets of the tests lie in published years
	}
	return working
}

// workingDay is the n-th working day before (negative) or after a day.
func (j *journal) workingDay(from calendar.Date, n int) calendar.Date {
	step := 1
	if n < 0 {
		step, n = -1, -n
	}
	for day := from; ; {
		if n == 0 {
			return day
		}
		day = day.AddDays(step)
		if j.working(day) {
			n--
		}
	}
}

// policy is the reminder policy of a kind of mail, and the moment of a day that its cron names in the data sets here.
func (j *journal) policy(kind string) rules.Policy {
	reminders := j.plan.Scheme.Reminders
	phase, _, _ := strings.Cut(strings.TrimPrefix(kind, "self_"), "_")
	return map[string]rules.Policy{
		"report": reminders.SelfReport, "review": reminders.Review,
		"approval": reminders.Approval, "rectification": reminders.Rectification,
	}[phase]
}

// emails are the addresses of a unit's people in a role, or of all in it.
func (j *journal) emails(role rules.Role, unit string) []string {
	var emails []string
	for _, person := range j.plan.People {
		if person.Role == role && (unit == "" || person.Unit == unit) {
			emails = append(emails, person.Email)
		}
	}
	return emails
}

// lost turns a missing line into a breach.
func lost(format string, args ...any) []string { return []string{fmt.Sprintf(format, args...)} }
