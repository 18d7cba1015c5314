package integration

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/internal/integration/dataset"
	"github.com/kaoping/kaoping/internal/rehearsal"
	"github.com/kaoping/kaoping/store"
)

// A lawsuit turns out lost after the release, and then a unit's points are looked at once more: two corrections, each
// with its own proposal, bulletin and feedback (A8(7)).
func TestCorrectedYear(t *testing.T) {
	t.Parallel()
	options := fiveUnits
	options.Dates[4] = "2026-01-30"
	set := generated(t, options)
	s := newStack(t, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	year := s.begin(ctx, t, set, rehearsal.NewScript(set.Plan), faultPace)
	var correcting errgroup.Group
	correcting.Go(func() error { return year.correctTwice(ctx) })
	year.play(ctx, t)
	must(t, correcting.Wait())
	_, journal := year.end(ctx, t)
	for event, want := range map[string]int{
		"results_corrected": 2, "bulletin_issued": 3, "feedback_issued": 3 * len(set.Plan.Units), "results_reported": 3,
	} {
		if got := journal.count(func(l line) bool { return l.Event == event }); got != want {
			t.Errorf("the journal has %d lines %s, not %d", got, event, want)
		}
	}
	if *recordFlag {
		s.record(ctx, t, "corrected")
	}
}

// correctTwice is what the administrators do once results are out.
func (p *production) correctTwice(ctx context.Context) error {
	proposer, err := p.office.AdminDesk(ctx, p.cycle)
	if err != nil {
		return err
	}
	confirmer, err := p.office.Desk(ctx, p.cycle, "confirm")
	if err != nil {
		return err
	}
	if err := p.awaitRelease(ctx, 1); err != nil {
		return err
	}
	lawsuit := store.Adjustment{
		ID: "5d1f8a3e-6a35-4a57-9a54-3f4f0b1c2d3e", Unit: dataset.Code(3), Clause: "11.1",
		Date: calendar.Date{Year: p.set.Plan.Scheme.Year, Month: time.September, Day: 3}, Event: "行政诉讼败诉", Evidence: "判决书",
	}
	if err := proposer.ProposeAdjustment(ctx, "propose the lawsuit", lawsuit); err != nil {
		return err
	}
	if err := p.insist(ctx, func(try string) error {
		return confirmer.ConfirmAdjustment(ctx, "confirm the lawsuit"+try, lawsuit.ID, "考核年度内行政诉讼败诉")
	}); err != nil {
		return err
	}
	if err := p.awaitRelease(ctx, 2); err != nil {
		return err
	}
	return p.insist(ctx, func(try string) error {
		return proposer.ReopenReviews(ctx, "look again"+try, []string{dataset.Code(1)}, "被考核单位提出异议,复核有关指标")
	})
}

// insist tries an act anew until it is taken: a correction is refused while the one before is still being released.
func (p *production) insist(ctx context.Context, act func(try string) error) error {
	for try := 1; ; try++ {
		err := act(fmt.Sprintf(" %d", try))
		var refused *store.Error
		if !errors.As(err, &refused) || refused.Kind != store.Refused {
			return err
		}
		if err := p.until(ctx, "SELECT true"); err != nil {
			return fmt.Errorf("%w, after it was refused: %w", err, refused)
		}
	}
}

// awaitRelease waits until results were released so many times, and rectification goes on.
func (p *production) awaitRelease(ctx context.Context, times int) error {
	return p.until(ctx, fmt.Sprintf(`SELECT phase = 'rectification' AND
	    (SELECT count(*) FROM proposals p WHERE p.cycle_id = c.cycle_id AND p.released) = %d FROM cycles c WHERE cycle_id = %d`, times, p.cycle.CycleID))
}
