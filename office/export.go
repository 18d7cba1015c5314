package office

import (
	"context"
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
	return strings.TrimSpace(proposal.Book) + "\n", nil
}
