package calendar_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/kaoping/kaoping/calendar"
)

// Each line was counted on the calendars of the notices by hand.
func TestRemindersAndEscalation(t *testing.T) {
	t.Parallel()
	days := published(t, 2025, 2026)
	for _, c := range []struct {
		name          string
		due           string
		before, after int
		reminds       []string
		escalates     string
	}{
		{
			name: "an ordinary week (A8(5))", due: "2025-12-12", before: 5, after: 2,
			reminds:   []string{"2025-12-05", "2025-12-08", "2025-12-09", "2025-12-10", "2025-12-11", "2025-12-12"},
			escalates: "2025-12-16",
		},
		{
			name: "after New Year", due: "2026-01-09", before: 3, after: 1,
			reminds:   []string{"2026-01-06", "2026-01-07", "2026-01-08", "2026-01-09"},
			escalates: "2026-01-12",
		},
		{
			name: "over New Year, with the Sunday that is worked", due: "2026-01-05", before: 2, after: 1,
			reminds:   []string{"2025-12-31", "2026-01-04", "2026-01-05"},
			escalates: "2026-01-06",
		},
		{
			name: "due on the last day of the year", due: "2025-12-31", before: 1, after: 2,
			reminds:   []string{"2025-12-30", "2025-12-31"},
			escalates: "2026-01-05",
		},
		{
			name: "first day after Spring Festival, Saturday the 14th worked", due: "2026-02-24", before: 5, after: 2,
			reminds:   []string{"2026-02-10", "2026-02-11", "2026-02-12", "2026-02-13", "2026-02-14", "2026-02-24"},
			escalates: "2026-02-26",
		},
		{
			name: "Friday before the Saturday that makes up for Spring Festival", due: "2026-02-27", before: 2, after: 2,
			reminds:   []string{"2026-02-25", "2026-02-26", "2026-02-27"},
			escalates: "2026-03-02",
		},
		{
			name: "after National Day 2025, Sunday 28 September worked", due: "2025-10-09", before: 5, after: 2,
			reminds:   []string{"2025-09-25", "2025-09-26", "2025-09-28", "2025-09-29", "2025-09-30", "2025-10-09"},
			escalates: "2025-10-11", // the Saturday that is worked
		},
		{
			name: "due in the middle of National Day", due: "2025-10-03", before: 1, after: 1,
			reminds:   []string{"2025-09-30"},
			escalates: "2025-10-09",
		},
		{
			name: "due on a Sunday", due: "2025-12-14", before: 2, after: 1,
			reminds:   []string{"2025-12-11", "2025-12-12"},
			escalates: "2025-12-15",
		},
		{
			name: "on the due day only, and up as soon as it has ended", due: "2025-12-12", before: 0, after: 0,
			reminds:   []string{"2025-12-12"},
			escalates: "2025-12-15",
		},
		{
			name: "on the due day only, which is not worked", due: "2025-12-14", before: 0, after: 1,
			reminds:   nil,
			escalates: "2025-12-15",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			due := date(t, c.due)
			policy := calendar.Policy{FromWorkingDaysBefore: c.before, EscalateWorkingDaysAfter: c.after}
			var reminds []calendar.Date
			for on := due.AddDays(-40); on.Before(due.AddDays(40)); on = on.AddDays(1) {
				if yes, err := policy.Reminds(days, due, on); err != nil {
					t.Error(err)
				} else if yes {
					reminds = append(reminds, on)
				}
			}
			if want := dates(t, c.reminds...); !slices.Equal(reminds, want) {
				t.Errorf("reminds on %v, want %v", reminds, want)
			}
			if got, err := policy.EscalationDay(days, due); err != nil || got != date(t, c.escalates) {
				t.Errorf("escalates on %s, %v, want %s", got, err, c.escalates)
			}
		})
	}
}

func TestPoliciesNeedPublishedYears(t *testing.T) {
	t.Parallel()
	days := published(t, 2026)
	policy := calendar.Policy{FromWorkingDaysBefore: 2, EscalateWorkingDaysAfter: 1}
	_, before := policy.Reminds(days, date(t, "2026-01-04"), date(t, "2026-01-04"))
	_, after := policy.EscalationDay(days, date(t, "2026-12-31"))
	_, _, next := calendar.NextMoment(days, []calendar.Cron{cron(t, "0 9 * * *")}, moment(t, "2026-12-31T09:00:00+08:00"))
	for _, c := range []struct {
		asked string
		err   error
		year  int
	}{{"Reminds", before, 2025}, {"EscalationDay", after, 2027}, {"NextMoment", next, 2027}} {
		var unpublished *calendar.UnpublishedError
		if !errors.As(c.err, &unpublished) || unpublished.Year != c.year {
			t.Errorf("%s: %v does not name %d", c.asked, c.err, c.year)
		}
	}
}

func TestPolicyListsEveryFault(t *testing.T) {
	t.Parallel()
	good := calendar.Policy{Cron: cron(t, "0 9 * * *"), FromWorkingDaysBefore: 250}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	err := calendar.Policy{FromWorkingDaysBefore: -1, EscalateWorkingDaysAfter: 251}.Check()
	want := `cron: it is empty: write five fields, minute hour day month weekday, as in "0 9 * * *"
from_working_days_before: -1 is not between 0 and 250
escalate_working_days_after: 251 is not between 0 and 250`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func TestPolicyInJSONAndYAML(t *testing.T) {
	t.Parallel()
	want := calendar.Policy{Cron: cron(t, "0 9 * * *"), FromWorkingDaysBefore: 5, EscalateWorkingDaysAfter: 2}
	text, err := json.Marshal(want)
	if err != nil || string(text) != `{"cron":"0 9 * * *","from_working_days_before":5,"escalate_working_days_after":2}` {
		t.Errorf("got %s, %v", text, err)
	}
	var fromJSON, fromYAML calendar.Policy
	if err := json.Unmarshal(text, &fromJSON); err != nil || fromJSON != want {
		t.Errorf("got %v, %v from JSON", fromJSON, err)
	}
	const scheme = `{cron: "0 9 * * *", from_working_days_before: 5, escalate_working_days_after: 2}`
	if err := yaml.UnmarshalWithOptions([]byte(scheme), &fromYAML, yaml.Strict()); err != nil || fromYAML != want {
		t.Errorf("got %v, %v from YAML", fromYAML, err)
	}
}

func TestNextMomentIsOnAWorkingDay(t *testing.T) {
	t.Parallel()
	days := published(t, 2025, 2026)
	crons := []calendar.Cron{cron(t, "0 9 * * *"), cron(t, "30 14 * * 1"), {}, cron(t, "0 9 * * 5"), cron(t, "0 0 * * *")}
	for _, c := range []struct {
		after, want string
		firing      []int
	}{
		{"2025-12-04T12:00:00+08:00", "2025-12-05T00:00:00+08:00", []int{4}},
		{"2025-12-05T00:00:00+08:00", "2025-12-05T09:00:00+08:00", []int{0, 3}},
		{"2025-12-05T08:59:59.999999999+08:00", "2025-12-05T09:00:00+08:00", []int{0, 3}},
		{"2025-12-05T09:00:00+08:00", "2025-12-08T00:00:00+08:00", []int{4}},
		{"2025-12-08T00:00:00+08:00", "2025-12-08T09:00:00+08:00", []int{0}},
		{"2025-12-08T09:00:00+08:00", "2025-12-08T14:30:00+08:00", []int{1}},
		{"2025-09-30T01:00:00Z", "2025-10-09T00:00:00+08:00", []int{4}},      // over National Day
		{"2026-02-13T23:00:00+08:00", "2026-02-14T00:00:00+08:00", []int{4}}, // a Saturday that is worked
		{"2026-02-14T10:00:00+08:00", "2026-02-24T00:00:00+08:00", []int{4}}, // over Spring Festival
		{"2025-12-31T12:00:00+08:00", "2026-01-04T00:00:00+08:00", []int{4}}, // a Sunday that is worked
	} {
		got, firing, err := calendar.NextMoment(days, crons, moment(t, c.after))
		if err != nil || got.Format(time.RFC3339) != c.want || !slices.Equal(firing, c.firing) {
			t.Errorf("after %s: %s %v, %v, want %s %v", c.after, got, firing, err, c.want, c.firing)
		}
	}
}

func TestNextMomentOfNothing(t *testing.T) {
	t.Parallel()
	days := published(t, 2025)
	for _, crons := range [][]calendar.Cron{nil, {{}, {}}} {
		got, firing, err := calendar.NextMoment(days, crons, moment(t, "2025-12-05T09:00:00+08:00"))
		if err == nil || !got.IsZero() || firing != nil {
			t.Errorf("%d expressions: %s %v, %v, want an error", len(crons), got, firing, err)
		}
	}
}
