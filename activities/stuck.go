package activities

import (
	"context"

	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

// openStuck tells the administrator that a workflow's own step failed for its data, and why. The workflow waits. What a
// child that was broken off had waited for is asked of nobody any more.
func (a *Activities) openStuck(ctx context.Context, in workflows.StuckInput) (workflows.Empty, error) {
	return do(ctx, a, in.Act, func(y *year) (workflows.Empty, error) {
		if err := y.forgetStuck(in.BrokenOff); err != nil {
			return workflows.Empty{}, err
		}
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

func (y *year) forgetStuck(workflowID string) error {
	tasks, err := y.TaskList(y.Context, query.TaskListParams{CycleID: y.id(), State: "open"})
	if err != nil {
		return err
	}
	for _, task := range tasks {
		whose, _, err := workflows.ParseStuckTask(task.Key)
		if err != nil || whose != workflowID {
			continue // another task
		}
		if err := y.FinishTask("A8", task.Key, "", "broken off"); err != nil {
			return err
		}
	}
	return nil
}
