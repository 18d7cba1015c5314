package office

import (
	"context"
	"fmt"
	"strings"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

// EditProblem rewords a drafted problem before its order is sent (A13).
func (d *Desk) EditProblem(ctx context.Context, act, unit string, position int, text string) error {
	if err := d.must(rules.Admin); err != nil {
		return err
	}
	if strings.TrimSpace(text) == "" {
		return store.Refuse("the problem's text is missing (A13)")
	}
	return d.record(ctx, act, func(change *store.Change) error {
		key := query.RectificationGetParams{CycleID: d.Cycle.CycleID, Unit: unit}
		row, err := change.RectificationGet(ctx, key)
		if store.IsMissing(err) {
			return store.Missing("no order is drafted for " + unit)
		}
		if err != nil {
			return err
		}
		if row.State != "draft" {
			return store.Refuse("the order is sent: its problems stand (A13)")
		}
		edited, err := change.ProblemEdit(ctx, query.ProblemEditParams{CycleID: d.Cycle.CycleID, Unit: unit, Position: int32(position), Problem: text})
		if err == nil && edited == 0 {
			return store.Missing("no such problem")
		}
		return err
	})
}

// OrderRectifications sends drafted orders; none named means all (A13).
func (d *Desk) OrderRectifications(ctx context.Context, act string, units ...string) error {
	if err := d.must(rules.Admin); err != nil {
		return err
	}
	in := workflows.UnitsRequest{Person: d.self(), Units: units}
	return d.ask(ctx, d.onCycle(workflows.UpdateOrderRectifications, act, nil, in), &workflows.OrderResult{})
}

// Problems are those of one order.
func (d *Desk) Problems(ctx context.Context, unit string, number int) ([]query.Problem, error) {
	if err := d.mayRead(unit); err != nil {
		return nil, err
	}
	row, err := d.Store.RectificationGet(ctx, query.RectificationGetParams{CycleID: d.Cycle.CycleID, Unit: unit, Number: int32(number)})
	if store.IsMissing(err) || err == nil && row.State == "draft" && d.Person.Unit == unit {
		return nil, store.Missing("no rectification is ordered from " + unit)
	}
	if err != nil {
		return nil, err
	}
	return d.Store.ProblemList(ctx, query.ProblemListParams{CycleID: d.Cycle.CycleID, Unit: unit, Rectification: int32(number)})
}

// mayRead lets the authority read every unit's matters, a unit its own.
func (d *Desk) mayRead(unit string) error {
	switch rules.Role(d.Person.Role) {
	case rules.Contact, rules.Head:
		if d.Person.Unit != unit {
			return store.Forbid("a unit sees only its own details (A8(7))")
		}
		return nil
	}
	return d.must(rules.Admin, rules.Leader, rules.Deputy, rules.Auditor)
}

func (d *Desk) onRectification(unit string, number int, update, act string, content, in any) request {
	return request{
		workflow: workflows.RectificationID(Reference(d.Cycle), unit, number), update: update, act: act, content: content, in: in,
		over: "the rectification of " + unit + " is concluded, or not ordered yet",
		alive: func(ctx context.Context) (bool, error) {
			row, err := d.Store.RectificationGet(ctx, query.RectificationGetParams{CycleID: d.Cycle.CycleID, Unit: unit, Number: int32(number)})
			if store.IsMissing(err) {
				return false, nil
			}
			return row.State != "draft" && row.State != "accepted" && row.State != "ended", err
		},
	}
}

// ExtendRectification gives one order a later limit, with a reason (A13).
func (d *Desk) ExtendRectification(ctx context.Context, act, unit string, number int, to calendar.Date, reason string) error {
	if err := d.must(rules.Admin); err != nil {
		return err
	}
	if err := d.limitFaults(to, reason); err != nil {
		return err
	}
	in := workflows.ExtendRequest{Person: d.self(), Phase: workflows.PhaseRectification, To: to}
	return d.ask(ctx, d.onRectification(unit, number, workflows.UpdateExtend, act, store.Reason{Reason: reason}, in), &workflows.ExtendUnitResult{})
}

// limitFaults are what is wrong with a new limit and its reason, at once; the step looks again.
func (d *Desk) limitFaults(to calendar.Date, reason string) error {
	var reasons []string
	switch {
	case to.IsZero():
		reasons = append(reasons, "the new limit is missing (A13)")
	case !to.After(d.Today()):
		reasons = append(reasons, fmt.Sprintf("the new limit %s is not after today", to))
	}
	if strings.TrimSpace(reason) == "" {
		reasons = append(reasons, "a reason is missing")
	}
	if len(reasons) > 0 {
		return store.Refuse(reasons...)
	}
	return nil
}

// SendBackRectification gives a report back with a reason and a new limit. Without one it is the scheme's working days
// for a return from today, but never before the limit that stands (A13).
func (d *Desk) SendBackRectification(ctx context.Context, act, unit string, number int, due calendar.Date, reason string) error {
	if err := d.must(rules.Admin); err != nil {
		return err
	}
	due, err := d.sendBackDate(ctx, unit, number, due)
	if err == nil {
		err = d.limitFaults(due, reason)
	}
	if err != nil {
		return err
	}
	in := workflows.RectificationRequest{Person: d.self(), Due: due}
	return d.ask(ctx, d.onRectification(unit, number, workflows.UpdateSendBack, act, store.Reason{Reason: reason}, in), &workflows.RectificationResult{})
}

func (d *Desk) sendBackDate(ctx context.Context, unit string, number int, due calendar.Date) (calendar.Date, error) {
	if !due.IsZero() {
		return due, nil
	}
	row, err := d.Store.RectificationGet(ctx, query.RectificationGetParams{CycleID: d.Cycle.CycleID, Unit: unit, Number: int32(number)})
	if store.IsMissing(err) {
		return due, store.Missing("no rectification is ordered from " + unit)
	}
	if err != nil {
		return due, err
	}
	due, err = d.returnDate(ctx, due)
	if err == nil && due.Before(row.Due) {
		due = row.Due
	}
	return due, err
}

// AcceptRectification accepts a report after every problem was checked again (A13).
func (d *Desk) AcceptRectification(ctx context.Context, act, unit string, number int, rechecks []store.Recheck) error {
	if err := d.must(rules.Admin); err != nil {
		return err
	}
	in := workflows.RectificationRequest{Person: d.self()}
	return d.ask(ctx, d.onRectification(unit, number, workflows.UpdateAccept, act, store.Acceptance{Rechecks: rechecks}, in), &workflows.RectificationResult{})
}

// DecideConsequence imposes or waives a proposed consequence, with the reason; interview and criticism carry a new
// limit (A14, A15).
func (d *Desk) DecideConsequence(ctx context.Context, act string, number int, impose bool, due calendar.Date, decision store.Decision) error {
	if err := d.must(rules.Admin, rules.Leader); err != nil {
		return err
	}
	row, err := d.Store.ConsequenceGet(ctx, query.ConsequenceGetParams{CycleID: d.Cycle.CycleID, Number: int32(number)})
	if store.IsMissing(err) {
		return store.Missing("no such consequence")
	}
	if err != nil {
		return err
	}
	in := workflows.DecideRequest{Person: d.self(), Number: number, Impose: impose, Due: due}
	target := d.onCycle(workflows.UpdateDecideConsequence, act, decision, in)
	if row.Rectification.Valid {
		target = d.onRectification(row.Unit, int(row.Rectification.Int32), workflows.UpdateDecideConsequence, act, decision, in)
	}
	return d.ask(ctx, target, &workflows.DecideResult{})
}
