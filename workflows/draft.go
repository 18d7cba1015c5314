package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"
)

// DraftNextYear drafts the next cycle from the last one's scheme.
var DraftNextYear = Step[YearDraftInput, YearDraftResult]{"Years.Draft", "draft the next year"}

// YearDraftInput names the authority whose next year is drafted.
type YearDraftInput struct {
	Authority string    `json:"authority"`
	At        time.Time `json:"at"`
}

// YearDraftResult names the year whose draft waits for the administrator; 0 if it is not time for one.
type YearDraftResult struct {
	Year int `json:"year,omitempty"`
}

// YearDraftID is draft/pingliang, of the schedule and of its runs.
func YearDraftID(authority string) string { return "draft/" + authority }

// YearDraft is what an authority's schedule starts each year: a draft of the new cycle and a task for the
// administrator. Nothing is sent before a person starts the year.
func YearDraft(ctx workflow.Context, in YearDraftInput) (YearDraftResult, error) {
	in.At = workflow.Now(ctx)
	return DraftNextYear.run(withOptions(ctx, clock{}), in)
}
