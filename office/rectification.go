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

// Problem is one that the administrator adds: the indicator may be empty, the method is that by which it was found (A13).
type Problem struct {
	Indicator string
	Text      string
	Method    string
}

// EditProblem rewords a drafted problem before its order is sent (A13).
func (d *Desk) EditProblem(ctx context.Context, act, unit string, position int, text string) error {
	if err := d.must(rules.Admin); err != nil {
		return err
	}
	if strings.TrimSpace(text) == "" {
		return store.Refuse("the problem's text is missing (A13)")
	}
	return d.record(ctx, act, func(change *store.Change) error {
		if err := d.drafted(change, unit); err != nil {
			return err
		}
		edited, err := change.ProblemEdit(ctx, query.ProblemEditParams{CycleID: d.Cycle.CycleID, Unit: unit, Position: int32(position), Problem: text})
		if err == nil && edited == 0 {
			return store.Missing("no such problem")
		}
		return err
	})
}

// AddProblem adds a problem to a draft, and answers its position there (A13).
func (d *Desk) AddProblem(ctx context.Context, act, unit string, problem Problem) (int, error) {
	if err := d.must(rules.Admin); err != nil {
		return 0, err
	}
	if err := d.checkProblem(ctx, unit, problem); err != nil {
		return 0, err
	}
	var position int32
	err := d.Store.Do(ctx, store.Step{Cycle: d.Cycle.CycleID, Key: act}, &position, func(change *store.Change) (err error) {
		if err := d.drafted(change, unit); err != nil {
			return err
		}
		if position, err = change.ProblemNext(ctx, query.ProblemNextParams{CycleID: d.Cycle.CycleID, Unit: unit}); err != nil {
			return err
		}
		repeated, err := change.RepeatedProblems()
		if err != nil {
			return err
		}
		return change.ProblemInsert(ctx, query.ProblemInsertParams{
			CycleID: d.Cycle.CycleID, Unit: unit, Position: position, Indicator: problem.Indicator, Problem: problem.Text,
			Method: problem.Method, Repeated: repeated[query.ProblemYearBeforeRow{Unit: unit, Indicator: problem.Indicator}],
		})
	})
	return int(position), err
}

func (d *Desk) checkProblem(ctx context.Context, unit string, problem Problem) error {
	plan, err := d.plan(ctx)
	if err != nil {
		return err
	}
	set, err := d.ruleSet()
	if err != nil {
		return err
	}
	var reasons []string
	if strings.TrimSpace(problem.Text) == "" {
		reasons = append(reasons, "the problem's text is missing (A13)")
	}
	if !set.Methods.Has(problem.Method) {
		reasons = append(reasons, fmt.Sprintf("%q is no check method: the re-check needs the one that found the problem (A8(6), A13)", problem.Method))
	}
	if _, ok := indicatorMax(store.IndicatorsOf(plan, unit), problem.Indicator); !ok && problem.Indicator != "" {
		reasons = append(reasons, fmt.Sprintf("indicator %s: there is none in the scheme for this unit", problem.Indicator))
	}
	if len(reasons) > 0 {
		return store.Refuse(reasons...)
	}
	return nil
}

// RemoveProblem takes a problem out of a draft; a draft without one left ends when it is ordered (A13). Another of the
// same indicator shows the points that the unit lost.
func (d *Desk) RemoveProblem(ctx context.Context, act, unit string, position int) error {
	if err := d.must(rules.Admin); err != nil {
		return err
	}
	return d.record(ctx, act, func(change *store.Change) error {
		if err := d.drafted(change, unit); err != nil {
			return err
		}
		gone, err := change.ProblemRemove(ctx, query.ProblemRemoveParams{CycleID: d.Cycle.CycleID, Unit: unit, Position: int32(position)})
		if store.IsMissing(err) {
			return store.Missing("no such problem")
		}
		if err != nil || gone.Lost == 0 {
			return err
		}
		return change.ProblemLoss(ctx, query.ProblemLossParams{CycleID: d.Cycle.CycleID, Unit: unit, Indicator: gone.Indicator, Lost: int64(gone.Lost)})
	})
}

// drafted refuses a change to an order that is not there, or sent.
func (d *Desk) drafted(change *store.Change, unit string) error {
	row, err := change.RectificationGet(change.Context, query.RectificationGetParams{CycleID: d.Cycle.CycleID, Unit: unit})
	if store.IsMissing(err) {
		return store.Missing("no order is drafted for " + unit)
	}
	if err == nil && row.State != "draft" {
		return store.Refuse("the order is sent: its problems stand (A13)")
	}
	return err
}

// OrderRectifications sends drafted orders; none named means all (A13).
func (d *Desk) OrderRectifications(ctx context.Context, act string, units ...string) error {
	if err := d.must(rules.Admin); err != nil {
		return err
	}
	if err := d.mustBe(store.Assessment); err != nil {
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

// mustRun refuses what needs a year that has started: only then somebody follows an order.
func (d *Desk) mustRun(ctx context.Context, hint string) error {
	now, err := d.Store.CycleGet(ctx, query.CycleGetParams{CycleID: d.Cycle.CycleID})
	if err == nil && now.State == "draft" {
		return store.Refuse(store.CycleName(now) + " has not started: " + hint)
	}
	return err
}

// DecideConsequence imposes or waives a proposed consequence, with the reason; interview and criticism carry a new
// limit (A14, A15).
func (d *Desk) DecideConsequence(ctx context.Context, act string, number int, impose bool, due calendar.Date, decision store.Decision) error {
	if err := d.must(rules.Admin, rules.Leader); err != nil {
		return err
	}
	if err := d.mustRun(ctx, "what is proposed is decided once it has (A14)"); err != nil {
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
