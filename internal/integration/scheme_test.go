package integration

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/internal/integration/dataset"
	"github.com/kaoping/kaoping/internal/rehearsal"
	"github.com/kaoping/kaoping/rules"
)

// nationalDay is another authority's year, around the holidays of October 2025: off from 1 to 8, with Sunday 28
// September and Saturday 11 October worked instead.
var nationalDay = dataset.Options{
	Units: 3, Year: 2025, Dates: [5]string{"2025-09-15", "2025-10-09", "2025-10-15", "2025-10-20", "2025-10-31"},
	Crons:  [4]string{"30 8 * * *", "30 8 * * 1-5", "0 10 * * 1-5", "15 9 * * *"},
	Before: 3, After: 1, ReturnWorkingDays: 2, MaxSpread: "2", ByCategory: true,
}

// Three units by another scheme: other dates, moments and limits, tables by category, assessors who must agree.
func TestAnotherScheme(t *testing.T) {
	t.Parallel()
	set := generated(t, nationalDay)
	script := rehearsal.NewScript(set.Plan)
	s := newStack(t, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	year := s.begin(ctx, t, set, script, 400*time.Millisecond)
	year.play(ctx, t)
	ending, journal := year.end(ctx, t)
	journal.shows(t, situations)
	for _, letter := range year.matchInbox(t, journal) {
		year.readable(t, letter)
	}
	journal.remindsOn(t, "self_report_reminder", "2025-09-28", "2025-09-29", "2025-09-30", "2025-10-09")
	// The two who score U001's largest indicator lie 4 points apart, and are asked once more before they agree.
	if gov1, media1 := journal.sheetsOf("U001", "gov1"), journal.sheetsOf("U001", "media1"); gov1 <= media1 {
		t.Errorf("gov1 handed in %d sheets of U001, no more than media1 with %d", gov1, media1)
	}
	year.agree(t, ending, 2_00)
}

// remindsOn wants reminders of a kind on no other days than these: of three working days before Thursday 9 October the
// first is Sunday 28 September.
func (j *journal) remindsOn(t *testing.T, kind string, days ...string) {
	t.Helper()
	for _, l := range j.lines {
		if l.is("mail_queued", kind) && !slices.Contains(days, calendar.DateOf(*l.Data.Scheduled).String()) {
			t.Errorf("%s: the days are %v", l, days)
		}
	}
}

// sheetsOf counts how often an assessor's sheet of a unit came in.
func (j *journal) sheetsOf(unit, assessor string) int {
	return j.count(func(l line) bool { return l.Event == "sheet_submitted" && l.Unit == unit && l.Person == assessor })
}

// agree wants no two assessors of one indicator further apart than the limit (A8(6)).
func (p *production) agree(t *testing.T, ending ending, limit rules.Points) {
	t.Helper()
	book, err := rules.ReadBook(strings.NewReader(ending.book), p.office.Rules)
	must(t, err)
	for _, unit := range book.Units {
		for indicator, points := range unit.Scores {
			if slices.Max(points)-slices.Min(points) > limit {
				t.Errorf("the points of %s for %s are %v", unit.Code, indicator, points)
			}
		}
	}
	if _, both := book.Units[1].Scores["3.1"]; both || len(book.Units[1].Scores) != 9 || len(book.Units[0].Scores) != 8 {
		t.Errorf("the department is judged by %d indicators, the first county by %d", len(book.Units[1].Scores), len(book.Units[0].Scores))
	}
}
