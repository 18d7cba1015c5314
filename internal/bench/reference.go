package main

import (
	"context"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/kaoping/kaoping/internal/service"
	"github.com/kaoping/kaoping/workflows"
)

// referenceQueue keeps the references' work apart from Kaoping's.
const referenceQueue = "bench"

// newReference is a worker for the workflows below, with the options of Kaoping's own.
func newReference(temporal client.Client) worker.Worker {
	w := worker.New(temporal, referenceQueue, service.Options())
	w.RegisterWorkflow(fanOut)
	w.RegisterWorkflow(threeSteps)
	w.RegisterActivity(nothing)
	w.RegisterWorkflow(deliver)
	return w
}

// fanOut is what notices are measured against: children, and nothing that is of use.
func fanOut(ctx workflow.Context, children int) error {
	started := make([]workflow.ChildWorkflowFuture, children)
	for i := range started {
		started[i] = workflow.ExecuteChildWorkflow(ctx, threeSteps)
	}
	for _, child := range started {
		if err := child.Get(ctx, nil); err != nil {
			return err
		}
	}
	return nil
}

func threeSteps(ctx workflow.Context) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
	for range 3 {
		if err := workflow.ExecuteActivity(ctx, nothing).Get(ctx, nil); err != nil {
			return err
		}
	}
	return nil
}

func nothing(context.Context) error { return nil }

// deliver has Kaoping's worker deliver a cycle's mails once, as a cycle's courier does.
func deliver(ctx workflow.Context, cycle workflows.CycleRef) (workflows.DeliverMailResult, error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue: workflows.TaskQueue, StartToCloseTimeout: 10 * time.Minute, HeartbeatTimeout: 90 * time.Second,
		RetryPolicy: &temporal.RetryPolicy{MaximumAttempts: 1},
	})
	var result workflows.DeliverMailResult
	err := workflow.ExecuteActivity(ctx, workflows.DeliverMail.Name(), workflows.DeliverMailInput{Cycle: cycle}).Get(ctx, &result)
	return result, err
}
