package integration

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/rules"
)

// smallYear is a journal written by hand, of one unit in a year full of incidents.
func smallYear(t *testing.T) *journal {
	t.Helper()
	text, err := os.ReadFile("testdata/year.jsonl")
	must(t, err)
	days, err := calendar.Published(2025, 2026)
	must(t, err)
	policy := rules.Policy{Cron: "0 9 * * *", FromWorkingDaysBefore: 2, EscalateWorkingDaysAfter: 1}
	person := func(login string, role rules.Role, unit, email string, areas ...string) rules.Person {
		return rules.Person{Login: login, Role: role, Unit: unit, Email: email, Areas: areas}
	}
	return &journal{lines: readLines(t, text), days: days, droppable: 2, plan: rules.Plan{
		Scheme: rules.Scheme{
			Authority: rules.Authority{Code: "trial"}, Year: 2025,
			Dates: rules.Dates{
				Notice: "2025-11-24", SelfReportDue: "2025-11-28", ReviewDue: "2025-12-05",
				ApprovalDue: "2025-12-09", RectificationDue: "2025-12-19",
			},
			Reminders: rules.Reminders{SelfReport: policy, Review: policy, Approval: policy, Rectification: policy},
		},
		Indicators: []rules.Indicator{{Code: "1.1", Area: "organization"}, {Code: "8.1", Area: "platforms"}},
		Units:      []rules.Unit{{Code: "U001", Name: "示例001县人民政府", Category: "county", Email: "u001@units.example"}},
		People: []rules.Person{
			person("admin", rules.Admin, "", "admin@office.example"), person("confirm", rules.Admin, "", "confirm@office.example"),
			person("leader", rules.Leader, "", "leader@office.example"), person("deputy", rules.Deputy, "", "deputy@office.example"),
			person("orgdept", rules.OrganizationDepartment, "", "orgdept@office.example"),
			person("web", rules.Assessor, "", "web@office.example", "platforms"),
			person("gov", rules.Assessor, "", "gov@office.example", "organization"),
			person("u001.contact", rules.Contact, "U001", "u001@units.example"),
			person("u001.head", rules.Head, "U001", "head.u001@units.example"),
		},
	}}
}

// The hand-made year keeps every rule; else a doctored one would show nothing.
func TestSmallYearKeepsTheRules(t *testing.T) {
	t.Parallel()
	smallYear(t).keepsTheRules(t)
}

// at finds the n-th line of an event, counted from 0, of a kind if one is given.
func (j *journal) at(t *testing.T, n int, event string, kinds ...string) int {
	t.Helper()
	for i, l := range j.lines {
		if l.is(event, kinds...) {
			if n == 0 {
				return i
			}
			n--
		}
	}
	t.Fatalf("there is no %s %v", event, kinds)
	return 0
}

// doctoring makes one thing wrong.
type doctoring func(*testing.T, *journal)

// without leaves a line out.
func without(n int, event string, kinds ...string) doctoring {
	return func(t *testing.T, j *journal) {
		t.Helper()
		i := j.at(t, n, event, kinds...)
		j.lines = slices.Delete(j.lines, i, i+1)
	}
}

// both makes two things wrong.
func both(first, second doctoring) doctoring {
	return func(t *testing.T, j *journal) {
		t.Helper()
		first(t, j)
		second(t, j)
	}
}

// changed rewrites a line.
func changed(change func(*line), n int, event string, kinds ...string) doctoring {
	return func(t *testing.T, j *journal) {
		t.Helper()
		change(&j.lines[j.at(t, n, event, kinds...)])
	}
}

// added puts a copy of a line before the n-th line of another event, at the same moment, and changes it.
func added(from string, change func(*line), n int, event string, kinds ...string) doctoring {
	return func(t *testing.T, j *journal) {
		t.Helper()
		copied := j.lines[j.at(t, 0, from)]
		i := j.at(t, n, event, kinds...)
		copied.At = j.lines[i].At
		change(&copied)
		j.lines = slices.Insert(j.lines, i, copied)
	}
}

// moved takes a line and puts it before the n-th line of another event, at the same moment.
func moved(from string, n int, event string, kinds ...string) doctoring {
	return func(t *testing.T, j *journal) {
		t.Helper()
		out := j.at(t, 0, from)
		taken := j.lines[out]
		j.lines = slices.Delete(j.lines, out, out+1)
		into := j.at(t, n, event, kinds...)
		taken.At = j.lines[into].At
		j.lines = slices.Insert(j.lines, into, taken)
	}
}

func onDay(text string) func(*line) {
	return func(l *line) {
		moment := date(text).At(9, 0)
		l.At, l.Data.Scheduled = moment.Add(time.Second), &moment
	}
}

// begun lets a mail be handed over, and taken, on another day.
func begun(text string) func(*line) {
	return func(l *line) {
		moment := date(text).At(9, 0)
		l.At, l.Data.Begun = moment.Add(time.Second), &moment
	}
}

func as(person string) func(*line)         { return func(l *line) { l.Person = person } }
func to(address string) func(*line)        { return func(l *line) { l.Data.To = address } }
func article(text string) func(*line)      { return func(l *line) { l.Article = text } }
func digest(text string) func(*line)       { return func(l *line) { l.Data.Digest = text } }
func due(text string) func(*line)          { return func(l *line) { l.Data.Due = date(text) } }
func number(n int) func(*line)             { return func(l *line) { l.Data.Number = n } }
func under(messageID string) func(*line)   { return func(l *line) { l.Data.MessageID = messageID } }
func same(*line)                           {}
func noReason(l *line)                     { l.Data.Reason = "" }
func shifted(by time.Duration) func(*line) { return func(l *line) { l.At = l.At.Add(by) } }

// Each rule is broken at least once, so that none of them passes whatever happens.
func TestEachRuleCanFail(t *testing.T) {
	t.Parallel()
	broken := map[string]bool{}
	for name, doctorings := range doctored() {
		for i, doctor := range doctorings {
			j := smallYear(t)
			doctor(t, j)
			if name != formRules[0].name {
				for i := range j.lines {
					j.lines[i].Seq = i + 1
				}
			}
			if found := j.breaches(); len(found[name]) == 0 {
				t.Errorf("%s: doctoring %d is not found, but %q", name, i, slices.Sorted(maps.Keys(found)))
			}
		}
		broken[name] = true
	}
	for _, rule := range journalRules() {
		if !broken[rule.name] {
			t.Errorf("nothing shows that this rule can fail: %s", rule.name)
		}
	}
}

// doctored are ways to break each rule, by its name.
func doctored() map[string][]doctoring {
	all := map[string][]doctoring{}
	for _, part := range []map[string][]doctoring{doctoredForm, doctoredMail, doctoredReminders, doctoredReview, doctoredResults, doctoredRectification} {
		for name, list := range part {
			all[name] = list
		}
	}
	return all
}

func units(codes ...string) func(*line) {
	return func(l *line) { l.Data.Units, _ = json.Marshal(codes) } // strings can always be written
}
