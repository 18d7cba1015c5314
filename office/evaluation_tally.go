package office

import (
	"context"

	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
)

// evaluationPlan is the plan of an evaluation, and the rules that it follows.
func (d *Desk) evaluationPlan(ctx context.Context) (store.DataSet, *rules.RuleSet, error) {
	set, err := d.Store.DataSet(ctx, d.Cycle)
	if err != nil {
		return set, nil, err
	}
	ruleSet, err := d.ruleSet()
	return set, ruleSet, err
}

// ExcludeBallots leaves sealed ballots out, by their places in the list, for a reason that the book tells (E10). It answers
// how many there were.
func (d *Desk) ExcludeBallots(ctx context.Context, act string, positions []int64, reason string) (int, error) {
	if err := d.evaluate(); err != nil {
		return 0, err
	}
	var excluded int
	err := d.Store.Do(ctx, store.Step{Cycle: d.Cycle.CycleID, Key: act}, &excluded, func(change *store.Change) (err error) {
		excluded, err = change.ExcludeBallots(positions, reason, d.Person.Login)
		return err
	})
	return excluded, err
}

// BallotFindings are groups of sealed ballots that may come from cheating, for the administrator to judge (E10).
func (d *Desk) BallotFindings(ctx context.Context) ([]store.Finding, error) {
	if err := d.evaluate(); err != nil {
		return nil, err
	}
	set, ruleSet, err := d.evaluationPlan(ctx)
	if err != nil {
		return nil, err
	}
	return d.Store.BallotFindings(ctx, d.Cycle.CycleID, set.Evaluation.Asked(ruleSet))
}

// Tallies are an evaluation's results with and without the ballots that were left out (E10).
type Tallies struct {
	Without, With []rules.EvaluationResult
	// Ballots is how many count, Excluded how many do not.
	Ballots, Excluded int
}

// Tallies computes both ways: whoever decides sees what leaving ballots out does.
func (d *Desk) Tallies(ctx context.Context) (Tallies, error) {
	if err := d.must(rules.Admin, rules.Leader, rules.Deputy); err != nil {
		return Tallies{}, err
	}
	if err := d.mustBe(store.Evaluation); err != nil {
		return Tallies{}, err
	}
	set, ruleSet, err := d.evaluationPlan(ctx)
	if err != nil {
		return Tallies{}, err
	}
	without, err := d.Store.EvaluationTally(ctx, d.Cycle, set, ruleSet, store.WithoutExcluded)
	if err != nil {
		return Tallies{}, err
	}
	with, err := d.Store.EvaluationTally(ctx, d.Cycle, set, ruleSet, store.WithExcluded)
	if err != nil {
		return Tallies{}, err
	}
	return Tallies{
		Without: without.Compute().Evaluated, With: with.Compute().Evaluated,
		Ballots: without.Tally.Ballots(), Excluded: len(without.Excluded),
	}, nil
}
