package office

import (
	"context"
	"errors"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

// Outcome is what became of an act on one of several units.
type Outcome struct {
	Unit string
	Done bool
	// Pending is not yet confirmed: the same act can be sent again.
	Pending bool
	// Reasons are why it is refused.
	Reasons []string
}

// actsAtOnce bounds how many units are asked at the same time: Temporal takes ten updates of one workflow in flight.
const actsAtOnce = 8

// each makes one act on each of several units. Each has an id of its own made from the caller's, so that all of them
// can be sent again and are done once.
func (d *Desk) each(ctx context.Context, act string, units []string, do func(ctx context.Context, act, unit string) error) ([]Outcome, error) {
	outcomes := make([]Outcome, len(units))
	var group errgroup.Group
	group.SetLimit(actsAtOnce)
	for i, unit := range units {
		group.Go(func() error {
			var err error
			outcomes[i], err = outcomeOf(unit, do(ctx, act+"/"+unit, unit))
			return err
		})
	}
	return outcomes, group.Wait()
}

// outcomeOf takes what is about the unit as its outcome; what is about us stays an error.
func outcomeOf(unit string, err error) (Outcome, error) {
	outcome := Outcome{Unit: unit, Done: err == nil}
	switch store.KindOf(err) {
	case store.Refused, store.Conflict, store.NotFound:
		var known *store.Error
		if errors.As(err, &known) {
			outcome.Reasons = known.Reasons
		}
		return outcome, nil
	case store.Unavailable:
		outcome.Pending = true
		return outcome, nil
	}
	return outcome, err
}

// ExtendUnits moves a date of each of several units (A8(5), A13).
func (d *Desk) ExtendUnits(ctx context.Context, act string, units []string, phase string, to calendar.Date, reason string) ([]Outcome, error) {
	if err := d.must(rules.Admin); err != nil {
		return nil, err
	}
	return d.each(ctx, act, units, func(ctx context.Context, act, unit string) error {
		return d.Extend(ctx, act, unit, phase, to, reason)
	})
}

// ReturnReports gives the reports of several units back for correction (A8(5)).
func (d *Desk) ReturnReports(ctx context.Context, act string, units []string, due calendar.Date, reason string) ([]Outcome, error) {
	if err := d.must(rules.Admin); err != nil {
		return nil, err
	}
	return d.each(ctx, act, units, func(ctx context.Context, act, unit string) error {
		return d.ReturnReport(ctx, act, unit, due, reason)
	})
}

// RemindUnits writes by hand to those of the units that owe something. It is one act on the year: reminders go to the
// year's own workflow, which takes 2,000 acts in all, and the units are too many to take one each.
func (d *Desk) RemindUnits(ctx context.Context, act string, units []string) ([]Outcome, error) {
	if err := d.must(rules.Admin); err != nil {
		return nil, err
	}
	owing, err := d.owing(ctx)
	if err != nil {
		return nil, err
	}
	var asked []string
	for _, unit := range units {
		if owing[unit] {
			asked = append(asked, unit)
		}
	}
	var told Outcome
	var result workflows.RemindResult
	if len(asked) > 0 {
		result, err = d.Remind(ctx, act, asked...)
		if told, err = outcomeOf("", err); err != nil {
			return nil, err
		}
	}
	outcomes := make([]Outcome, len(units))
	for i, unit := range units {
		outcomes[i] = told
		switch {
		case !slices.Contains(asked, unit):
			outcomes[i] = Outcome{Reasons: []string{unit + " owes nothing now"}}
		case slices.Contains(result.Reminded, unit):
			outcomes[i] = Outcome{Reasons: []string{unit + " was reminded today already"}}
		}
		outcomes[i].Unit = unit
	}
	return outcomes, nil
}

// owing are the units that have a report or a rectification to hand in.
func (d *Desk) owing(ctx context.Context) (map[string]bool, error) {
	reports, err := d.Store.DueReports(ctx, query.DueReportsParams{CycleID: d.Cycle.CycleID})
	if err != nil {
		return nil, err
	}
	rectifications, err := d.Store.DueRectifications(ctx, query.DueRectificationsParams{CycleID: d.Cycle.CycleID})
	if err != nil {
		return nil, err
	}
	owing := map[string]bool{}
	for _, row := range reports {
		owing[row.Unit] = true
	}
	for _, row := range rectifications {
		owing[row.Unit] = true
	}
	return owing, nil
}
