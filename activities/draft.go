package activities

import (
	"context"
	"fmt"

	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

// prepareTask waits for the administrator from the draft of a year until its start.
const prepareTask = "prepare_year"

// draftNextYear drafts the year after an authority's last real cycle, with its scheme, units and people, and opens a
// task. A year that somebody has imported already is left as it is.
func (a *Activities) draftNextYear(ctx context.Context, in workflows.YearDraftInput) (workflows.YearDraftResult, error) {
	last, err := a.Store.CycleLatest(ctx, query.CycleLatestParams{Authority: in.Authority})
	if err != nil {
		return workflows.YearDraftResult{}, fmt.Errorf("couldn't find the last year of %s: %w", in.Authority, err)
	}
	if last.State == "draft" {
		// Also where the answer to the import below was lost.
		return workflows.YearDraftResult{Year: int(last.Year)}, a.askToPrepare(ctx, last.CycleID)
	}
	if int(last.Year) >= in.At.Year() {
		return workflows.YearDraftResult{}, nil
	}
	set, err := a.Store.DataSetNow(ctx, last)
	if err != nil {
		return workflows.YearDraftResult{}, err
	}
	set, err = store.NextYear(set)
	if err != nil {
		return workflows.YearDraftResult{}, err
	}
	id, err := a.Store.ImportDataSet(ctx, store.Import{DataSet: set})
	if err != nil {
		return workflows.YearDraftResult{}, err
	}
	return workflows.YearDraftResult{Year: set.Plan.Scheme.Year}, a.askToPrepare(ctx, id)
}

func (a *Activities) askToPrepare(ctx context.Context, cycle int64) error {
	var none struct{}
	return a.Store.Do(ctx, store.Step{Cycle: cycle, Key: prepareTask}, &none, func(change *store.Change) error {
		return change.OpenTask("A8(3)", store.Task{Key: prepareTask, Kind: prepareTask, Role: string(rules.Admin)})
	})
}
