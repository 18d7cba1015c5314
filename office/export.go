package office

import (
	"context"
	"fmt"
	"strings"

	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// Export is the book of a cycle, as it was proposed: of the results in force, else of the newest proposal.
func (o *Office) Export(ctx context.Context, cycle query.Cycle) (string, error) {
	number := cycle.Released.Int32
	if !cycle.Released.Valid {
		latest, err := o.Store.ProposalLatest(ctx, query.ProposalLatestParams{CycleID: cycle.CycleID})
		if store.IsMissing(err) {
			return "", store.Refuse(store.CycleName(cycle) + " has no results yet: nothing has been proposed")
		}
		if err != nil {
			return "", err
		}
		number = latest.Number
	}
	proposal, err := o.Store.ProposalGet(ctx, query.ProposalGetParams{CycleID: cycle.CycleID, Number: number})
	if err != nil {
		return "", err
	}
	if cycle.Kind == store.Evaluation {
		return o.exportEvaluation(ctx, cycle, proposal)
	}
	return strings.TrimSpace(proposal.Book) + "\n", nil
}

// exportEvaluation writes the book of an evaluation. Its ballots are kept once, in the sealed list: the book is made of
// them, and must be what was proposed.
func (o *Office) exportEvaluation(ctx context.Context, cycle query.Cycle, proposal query.Proposal) (string, error) {
	set, err := o.Store.DataSet(ctx, cycle)
	if err != nil {
		return "", err
	}
	ruleSet, err := o.ruleSetOf(cycle)
	if err != nil {
		return "", err
	}
	book, err := o.Store.EvaluationBook(ctx, cycle, set, ruleSet)
	if err != nil {
		return "", err
	}
	if book.Digest() != proposal.Digest {
		return "", store.Refuse(fmt.Sprintf("the ballots are no longer those of proposal %d: the administrator tallies again", proposal.Number))
	}
	book.ApprovedDigest = proposal.Digest
	var text strings.Builder
	err = book.Write(&text)
	return text.String(), err
}
