package integration

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/kaoping/kaoping/internal/rehearsal"
)

// A whole rehearsal of the built-in data set. The pace leaves a loaded machine time for each day's reminders, and no
// other year is played beside it.
func TestWholeYear(t *testing.T) {
	set := sample(t)
	script := rehearsal.NewScript(set.Plan)
	refused := script.RefusedAddress(set.Plan)
	s := newStack(t, []string{refused})
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	year := s.begin(ctx, t, set, script, 800*time.Millisecond)
	year.play(ctx, t)
	_, journal := year.end(ctx, t)
	journal.shows(t, slices.Concat(situations, fullSituations))
	if found := journal.turnedAway(); !slices.Equal(found, []string{refused}) {
		t.Errorf("the addresses %q count as refused, the inbox refuses only %s", found, refused)
	}
	year.wholeInbox(t, journal)
	year.fewEvents(ctx, t)
	year.oneProblemEdited(ctx, t)
}

// oneProblemEdited wants the order that went out to have the problem as the administrator worded it (A13).
func (p *production) oneProblemEdited(ctx context.Context, t *testing.T) {
	t.Helper()
	var edited int
	must(t, p.admin.QueryRowContext(ctx, `SELECT count(*) FROM problems WHERE cycle_id = $1 AND problem LIKE '%' || $2`, p.cycle.CycleID, rehearsal.EditedProblem).Scan(&edited))
	if edited != 1 {
		t.Errorf("%d problems were edited before the order, want 1", edited)
	}
}

// turnedAway are the addresses that count as refused.
func (j *journal) turnedAway() []string {
	var found []string
	for _, l := range j.lines {
		if turnedAway(l) && !slices.Contains(found, l.Data.To) {
			found = append(found, l.Data.To)
		}
	}
	return found
}

// mostEvents is how many a unit's whole year may cost that is on time, with six assessors.
const mostEvents = 120

func (p *production) fewEvents(ctx context.Context, t *testing.T) {
	t.Helper()
	special := append([]string{
		p.script.Late, p.script.Never, p.script.Returned, p.script.Extended, p.script.SentBack, p.script.Overdue,
	}, p.script.Reviewed...)
	var most int64
	for _, unit := range p.set.Plan.Units {
		if slices.Contains(special, unit.Code) || p.assessors(unit.Code) != 6 {
			continue
		}
		most = max(most, p.eventsOf(ctx, t, unit.Code))
	}
	if most == 0 || most > mostEvents {
		t.Errorf("a unit that is on time costs %d events in all its histories, more than %d", most, mostEvents)
	}
	t.Logf("a unit that is on time costs at most %d events", most)
}

// assessors counts those who score a unit.
func (p *production) assessors(unit string) int {
	who := map[string]bool{}
	for _, assignment := range p.set.Plan.Assignments() {
		if assignment.Unit == unit {
			who[assignment.Assessor] = true
		}
	}
	return len(who)
}
