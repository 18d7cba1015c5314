package activities

import (
	"context"

	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/workflows"
)

// openStuck tells the administrator that a workflow's own step failed for its data, and why. The workflow waits.
func (a *Activities) openStuck(ctx context.Context, in workflows.StuckInput) (workflows.Empty, error) {
	return do(ctx, a, in.Act, func(y *year) (workflows.Empty, error) {
		return workflows.Empty{}, y.OpenTask("A8", store.Task{
			Key: workflows.StuckTask(in.Workflow, in.Step), Kind: "stuck_step", Role: string(rules.Admin), Detail: in.Reason,
		})
	})
}

// endStuck ends the task when the step is taken again, or went through without.
func (a *Activities) endStuck(ctx context.Context, in workflows.StuckInput) (workflows.Empty, error) {
	return do(ctx, a, in.Act, func(y *year) (workflows.Empty, error) {
		return workflows.Empty{}, y.FinishTask("A8", workflows.StuckTask(in.Workflow, in.Step), in.Act.By, "")
	})
}
