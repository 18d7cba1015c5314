package workflows

import (
	"strconv"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/workflow"

	"github.com/kaoping/kaoping/calendar"
)

// FarewellKind begins a farewell's id, as "assessment" begins that of a year.
const FarewellKind = "farewell"

// FarewellID is farewell/pingliang/2025/7: the number is the cycle's own, since a year can be cancelled more than once.
func FarewellID(cycle CycleRef) string {
	return cycle.path(FarewellKind) + "/" + strconv.FormatInt(cycle.ID, 10)
}

// FarewellInput names a cancelled cycle.
type FarewellInput struct {
	Cycle CycleRef       `json:"cycle"`
	Clock calendar.Clock `json:"clock"`
}

// Farewell goes on where a cancelled year has ended, until every mail that is left of it, about the cancellation above
// all, is sent or refused. No task can be opened in such a year: what no other attempt would mend fails the workflow.
func Farewell(ctx workflow.Context, in FarewellInput) error {
	farewell := newProcess(ctx, in.Cycle, clock{in.Clock})
	return farewell.deliver(withOptions(ctx, farewell.clock))
}

// bidFarewell hands the mails over; those of children that end now, too. The farewell outlives the year, whose ids are free as soon as it has ended.
func (p *process) bidFarewell(ctx workflow.Context, phase string) {
	p.courier.relieved = true
	ctx, _ = workflow.NewDisconnectedContext(ctx)
	ctx = workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID: FarewellID(p.cycle), ParentClosePolicy: enums.PARENT_CLOSE_POLICY_ABANDON,
		TypedSearchAttributes: Attributes(p.cycle, phase, ""), WorkflowTaskTimeout: TaskTimeout(p.cycle),
	})
	p.farewell = workflow.ExecuteChildWorkflow(ctx, Farewell, FarewellInput{Cycle: p.cycle, Clock: p.clock.Clock}).GetChildWorkflowExecution()
}

// endCancelled ends a cancelled year: its farewell has begun, and all beneath it has ended.
func (c *cycle) endCancelled(ctx workflow.Context) error {
	if err := c.awaitFarewell(ctx); err != nil {
		return err
	}
	_, err := within(ctx, endingPatience, func() bool { return c.rectifying == 0 })
	return c.end(ctx, err)
}

// awaitFarewell waits until the farewell of a cancelled cycle has begun.
func (p *process) awaitFarewell(ctx workflow.Context) error {
	waiting, _ := workflow.NewDisconnectedContext(ctx)
	return p.farewell.Get(waiting, nil)
}
