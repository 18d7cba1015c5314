package office

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// Move is a unit whose place would change.
type Move struct {
	Unit, Name, Category string
	Before, After        Placed
}

// Effect is what would follow if something were different. It is computed and never stored.
type Effect struct {
	// Subject is the unit in question, with the lines of its explanation before and after.
	Subject       Move
	Before, After []rules.Line
	// Moved are all units whose rank or grade would change, by their new rank.
	Moved []Move
}

// Supposable is what can be supposed of one unit.
type Supposable struct {
	Unit, Name string
	Confirmed  []query.AdjustmentTableRow
	Scores     []SupposableScore
}

// SupposableScore is what one assessor gave for one indicator.
type SupposableScore struct {
	Indicator, Content string
	// Assessor is the login, Name the person's; At is which of the indicator's points, from 0.
	Assessor, Name string
	At             int
	Points, Max    rules.Points
}

// ErrNotScored says that the book is not complete: scoring goes on.
var ErrNotScored = store.Refuse("scoring is not complete: there are no results to compare with")

// Supposable lists what can be supposed of a unit; ErrNotScored before all points are there.
func (d *Desk) Supposable(ctx context.Context, unit string) (Supposable, error) {
	if err := d.must(rules.Admin); err != nil {
		return Supposable{}, err
	}
	plan, err := d.plan(ctx)
	if err != nil {
		return Supposable{}, err
	}
	at := slices.IndexFunc(plan.Units, func(u rules.Unit) bool { return u.Code == unit })
	if at < 0 {
		return Supposable{}, store.Missing("no unit " + unit)
	}
	if _, err := d.standing(ctx); err != nil {
		return Supposable{}, err
	}
	s := Supposable{Unit: unit, Name: plan.Units[at].Name}
	if s.Confirmed, err = d.Store.AdjustmentTable(ctx, query.AdjustmentTableParams{CycleID: d.Cycle.CycleID, Unit: unit, State: "confirmed"}); err != nil {
		return s, err
	}
	s.Scores, err = d.supposableScores(ctx, plan, unit)
	return s, err
}

// supposableScores are in the order of the book: an indicator's points by assessor.
func (d *Desk) supposableScores(ctx context.Context, plan rules.Plan, unit string) ([]SupposableScore, error) {
	rows, err := d.Store.ScoreUnit(ctx, query.ScoreUnitParams{CycleID: d.Cycle.CycleID, Unit: unit})
	if err != nil {
		return nil, err
	}
	names, err := d.names(ctx)
	if err != nil {
		return nil, err
	}
	places := map[string]int{}
	for i, indicator := range plan.Indicators {
		places[indicator.Code] = i
	}
	given := map[string]int{}
	list := make([]SupposableScore, 0, len(rows))
	for _, row := range rows {
		if row.Points == nil {
			return nil, ErrNotScored
		}
		list = append(list, SupposableScore{
			Indicator: row.Indicator, Content: plan.Indicators[places[row.Indicator]].Content, Assessor: row.Assessor, Name: names["/"+row.Assessor],
			At: given[row.Indicator], Points: *row.Points, Max: row.MaxPoints,
		})
		given[row.Indicator]++
	}
	slices.SortStableFunc(list, func(a, b SupposableScore) int { return places[a.Indicator] - places[b.Indicator] })
	return list, nil
}

// WhatIf computes what would follow from suppositions about one unit, from the scores and adjustments as they stand.
func (d *Desk) WhatIf(ctx context.Context, suppositions ...rules.Supposition) (Effect, error) {
	if err := d.must(rules.Admin); err != nil {
		return Effect{}, err
	}
	now, err := d.standing(ctx)
	if err != nil {
		return Effect{}, err
	}
	if err := supposable(now.book, suppositions); err != nil {
		return Effect{}, err
	}
	other, err := now.book.Suppose(suppositions...)
	var faults rules.Faults
	if errors.As(err, &faults) {
		return Effect{}, store.Refuse("this can't be supposed: " + faults.Error())
	}
	if err != nil {
		return Effect{}, err
	}
	return effect(now, other.Compute().Units, suppositions[0].Unit), nil
}

// supposable says in an office's words what is wrong with a supposition.
func supposable(book *rules.Book, suppositions []rules.Supposition) error {
	for _, s := range suppositions {
		if !slices.ContainsFunc(book.Units, func(u rules.BookUnit) bool { return u.Code == s.Unit }) {
			return store.Missing("no unit " + s.Unit)
		}
		if _, known := book.Rules.Clause(s.Clause); s.Clause != "" && !known {
			return store.Refuse(fmt.Sprintf("no clause %q in %s (A10, A11)", s.Clause, book.Rules.ID))
		}
		if most, known := indicatorMax(book.Indicators, s.Indicator); s.Indicator != "" && known && (s.Points < 0 || s.Points > most) {
			return store.Refuse(fmt.Sprintf("indicator %s: %s points lie outside 0 to %s", s.Indicator, s.Points, most))
		}
	}
	return nil
}

// standing is the book as it stands now: that of the newest proposal, which is voided by whatever changes a score.
// ErrNotScored while scoring goes on.
func (d *Desk) standing(ctx context.Context) (*proposed, error) {
	sheets, err := d.Store.StatusSheets(ctx, query.StatusSheetsParams{CycleID: d.Cycle.CycleID})
	if err != nil {
		return nil, err
	}
	latest, err := d.Store.ProposalLatest(ctx, query.ProposalLatestParams{CycleID: d.Cycle.CycleID})
	switch {
	case store.IsMissing(err):
		return nil, ErrNotScored
	case err != nil:
		return nil, err
	case latest.State != "open" && latest.State != "approved", len(sheets) != 1, sheets[0].State != "submitted":
		return nil, ErrNotScored
	}
	return d.proposedBook(ctx, latest.Number)
}

// effect compares results with others of the same units.
func effect(before *proposed, after []rules.UnitResult, unit string) Effect {
	var e Effect
	for i, old := range before.results.Units {
		of := before.book.Units[i]
		move := Move{Unit: old.Code, Name: of.Name, Category: of.Category, Before: placed(old), After: placed(after[i])}
		if old.Code == unit {
			e.Subject, e.Before, e.After = move, old.Explanation, after[i].Explanation
		}
		if move.Before.Rank != move.After.Rank || move.Before.CategoryRank != move.After.CategoryRank || old.Grade != after[i].Grade {
			e.Moved = append(e.Moved, move)
		}
	}
	slices.SortStableFunc(e.Moved, func(a, b Move) int { return a.After.Rank - b.After.Rank })
	return e
}

func placed(result rules.UnitResult) Placed {
	return Placed{Total: result.Total, Grade: result.Grade, Rank: result.Rank, CategoryRank: result.CategoryRank}
}

// confirming is what a confirmation of an adjustment would change: others of the same event under a lower clause that
// count already go (A10, A11).
func (d *Desk) confirming(ctx context.Context, id uuid.UUID) ([]rules.Supposition, error) {
	adjustment, err := d.Store.AdjustmentGet(ctx, query.AdjustmentGetParams{CycleID: d.Cycle.CycleID, AdjustmentID: id})
	if err != nil {
		return nil, err
	}
	suppositions := []rules.Supposition{{Unit: adjustment.Unit, Clause: adjustment.Clause, Count: 1}}
	same, err := d.Store.AdjustmentSameEvent(ctx, query.AdjustmentSameEventParams{
		CycleID: d.Cycle.CycleID, Unit: adjustment.Unit, Event: adjustment.Event,
	})
	for _, other := range same {
		if other.State == "confirmed" {
			suppositions = append(suppositions, rules.Supposition{Unit: other.Unit, Clause: other.Clause, Count: -1})
		}
	}
	return suppositions, err
}
