package office

import (
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"

	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// Adjustment is a bonus or deduction as somebody proposes it (A10, A11).
type Adjustment = store.Adjustment

// Adjusted is a recorded bonus or deduction, with its clause's words.
type Adjusted struct {
	query.AdjustmentTableRow
	Article, Text string
}

// Adjustments are those that the person may see.
type Adjustments struct {
	List []Adjusted
	// Units are those for which the person may propose, and Clauses under which; none: he only reads.
	Units   []rules.Unit
	Clauses []rules.Clause
	// Choosable are the units by which the list can be cut down.
	Choosable []rules.Unit
}

// Adjustments lists by unit and state, all where they are empty. A unit's people see their own unit's only, an assessor
// what he proposed himself (A8(7), A10, A11).
func (d *Desk) Adjustments(ctx context.Context, unit, state string) (Adjustments, error) {
	wanted := query.AdjustmentTableParams{CycleID: d.Cycle.CycleID, Unit: unit, State: state}
	switch rules.Role(d.Person.Role) {
	case rules.Contact, rules.Head:
		if unit != "" && unit != d.Person.Unit {
			return Adjustments{}, store.Forbid("a unit sees only its own details (A8(7))")
		}
		wanted.Unit = d.Person.Unit
	case rules.Assessor:
		wanted.Proposer = d.Person.Login
	default:
		if err := d.must(rules.Admin, rules.Leader, rules.Deputy, rules.Auditor, rules.Assessor, rules.Contact, rules.Head); err != nil {
			return Adjustments{}, err
		}
	}
	rows, err := d.Store.AdjustmentTable(ctx, wanted)
	if err != nil {
		return Adjustments{}, err
	}
	return d.adjustments(ctx, rows)
}

func (d *Desk) adjustments(ctx context.Context, rows []query.AdjustmentTableRow) (Adjustments, error) {
	set, err := d.ruleSet()
	if err != nil {
		return Adjustments{}, err
	}
	plan, err := d.plan(ctx)
	if err != nil {
		return Adjustments{}, err
	}
	shown := Adjustments{List: make([]Adjusted, len(rows)), Choosable: plan.Units}
	for i, row := range rows {
		shown.List[i] = adjusted(set, row)
	}
	switch rules.Role(d.Person.Role) {
	case rules.Contact, rules.Head:
		shown.Choosable = slices.DeleteFunc(slices.Clone(plan.Units), func(u rules.Unit) bool { return u.Code != d.Person.Unit })
	}
	if d.must(rules.Admin, rules.Assessor, rules.Contact) == nil && d.Cycle.State != "closed" && d.Cycle.State != "cancelled" {
		shown.Units, shown.Clauses = shown.Choosable, set.Clauses
	}
	return shown, nil
}

func adjusted(set *rules.RuleSet, row query.AdjustmentTableRow) Adjusted {
	clause, _ := set.Clause(row.Clause) // it was checked when it was proposed
	return Adjusted{AdjustmentTableRow: row, Article: clause.Article, Text: clause.Text}
}

// Follows is what a confirmation sets off beside the points (A8(6), A8(7)).
type Follows string

// What follows a confirmation.
const (
	CountsLater Follows = "counts"   // it counts when the results are computed
	Voids       Follows = "voids"    // the open proposal is voided, and a new one made
	Corrects    Follows = "corrects" // a correction of the released results begins, which needs a reason
)

// AdjustmentDecision is one adjustment before somebody, who must be a second person, confirms or rejects it.
type AdjustmentDecision struct {
	Adjusted
	// MayDecide says that the person at the desk is one who may.
	MayDecide bool
	// Mine says that he proposed it: somebody else decides.
	Mine    bool
	Follows Follows
	// Proposal is the open one that would be voided.
	Proposal int32
	// Effect is what would change; nil while scoring is not complete.
	Effect *Effect
}

// AdjustmentDecision shows the administrator an adjustment and, before he confirms it, what that would do.
func (d *Desk) AdjustmentDecision(ctx context.Context, id string) (AdjustmentDecision, error) {
	if err := d.must(rules.Admin); err != nil {
		return AdjustmentDecision{}, err
	}
	row, err := d.adjustment(ctx, id)
	if err != nil {
		return AdjustmentDecision{}, err
	}
	set, err := d.ruleSet()
	if err != nil {
		return AdjustmentDecision{}, err
	}
	shown := AdjustmentDecision{Adjusted: adjusted(set, row), Mine: row.ProposedBy == d.Person.Login, Follows: CountsLater}
	shown.MayDecide = row.State == "proposed" && !shown.Mine
	if row.State != "proposed" {
		return shown, nil
	}
	open, err := d.Store.ProposalOpen(ctx, query.ProposalOpenParams{CycleID: d.Cycle.CycleID})
	switch {
	case err == nil:
		shown.Follows, shown.Proposal = Voids, open.Number
	case !store.IsMissing(err):
		return shown, err
	case d.Cycle.Released.Valid:
		shown.Follows = Corrects
	}
	shown.Effect, err = d.confirmed(ctx, row.AdjustmentID)
	return shown, err
}

// confirmed is the effect of a confirmation; nil while there are no results to compare with.
func (d *Desk) confirmed(ctx context.Context, id uuid.UUID) (*Effect, error) {
	suppositions, err := d.confirming(ctx, id)
	if err != nil {
		return nil, err
	}
	effect, err := d.WhatIf(ctx, suppositions...)
	if errors.Is(err, ErrNotScored) {
		return nil, nil //nolint:nilnil // there is nothing to compare with, and nothing is wrong
	}
	return &effect, err
}

func (d *Desk) adjustment(ctx context.Context, id string) (query.AdjustmentTableRow, error) {
	rows, err := d.Store.AdjustmentTable(ctx, query.AdjustmentTableParams{CycleID: d.Cycle.CycleID})
	if err != nil {
		return query.AdjustmentTableRow{}, err
	}
	at := slices.IndexFunc(rows, func(row query.AdjustmentTableRow) bool { return row.AdjustmentID.String() == id })
	if at < 0 {
		return query.AdjustmentTableRow{}, store.Missing("no adjustment " + id)
	}
	return rows[at], nil
}
