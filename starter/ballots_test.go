package main

import (
	"context"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/kaoping/kaoping/ballots"
	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// seal CYCLE closes an evaluation's window, seals its ballots and proposes what they come to, as its workflow does.
func seal(ts *testscript.TestScript, _ bool, args []string) {
	ctx := context.Background()
	office := reading(ctx, ts)
	cycle, err := office.Find(ctx, args[0], -1)
	ts.Check(err)
	set, err := office.Store.DataSet(ctx, cycle)
	ts.Check(err)
	ruleSet, _ := office.Rules.RuleSet(cycle.RuleSet)
	secret, _, err := ballots.NewKey()
	ts.Check(err)
	signer, err := ballots.NewSigner(secret)
	ts.Check(err)
	var none struct{}
	ts.Check(office.Store.Do(ctx, store.Step{Cycle: cycle.CycleID, Key: "seal"}, &none, func(change *store.Change) error {
		if err := change.EvaluationWindow(ctx, query.EvaluationWindowParams{CycleID: cycle.CycleID, WindowState: "closed"}); err != nil {
			return err
		}
		if _, err := change.SealBallots(store.Sealing{Form: store.EvaluationForm(set, ruleSet), Signer: signer}); err != nil {
			return err
		}
		book, err := change.EvaluationTally(set, ruleSet)
		if err != nil {
			return err
		}
		return change.ProposalInsert(ctx, query.ProposalInsertParams{
			CycleID: cycle.CycleID, Number: 1, Digest: book.Digest(), Due: calendar.DateOf(change.At),
		})
	}))
}
