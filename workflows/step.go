package workflows

import (
	"context"
	"errors"
	"slices"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// Step is something that a process asks of the world: an activity with its name and the shapes of what goes in and
// comes out.
type Step[In, Out any] struct {
	name    string
	summary string
}

// Name is the activity's name in histories.
func (s Step[In, Out]) Name() string { return s.name }

// Register makes a worker carry the step out with do.
func (s Step[In, Out]) Register(registry worker.ActivityRegistry, do func(context.Context, In) (Out, error)) {
	registry.RegisterActivityWithOptions(do, activity.RegisterOptions{Name: s.name})
}

// run carries the step out as an activity of its own: for what takes long or talks to other servers, and for every
// act on which a workflow waits. Temporal has the act on record before the activity begins, so that what stands in our
// database is never unknown to the workflow, whichever servers stop in between.
func (s Step[In, Out]) run(ctx workflow.Context, in In) (Out, error) {
	var out Out
	options := workflow.GetActivityOptions(ctx)
	options.Summary = s.summary
	err := workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, options), s.name, in).Get(ctx, &out)
	return out, err
}

// runOnAll carries a step out that reads or writes all units: with hundreds it lasts longer than a rehearsal leaves a
// step, and would be broken off for ever. It may take long, as long as it reports that it is alive.
func (s Step[In, Out]) runOnAll(ctx workflow.Context, in In) (Out, error) {
	return s.run(alive(ctx, allUnitsTimeout), in)
}

// write carries the step out as a local activity: a short write to our own database, for fewer events. Every write
// has its own key, so a worker that dies before it could report is no harm. A database that stays away is left to an
// ordinary activity: Temporal repeats that without an event, a local one would fill the history.
func (s Step[In, Out]) write(ctx workflow.Context, in In) (Out, error) {
	var out Out
	options := workflow.GetLocalActivityOptions(ctx)
	options.Summary = s.summary
	err := workflow.ExecuteLocalActivity(workflow.WithLocalActivityOptions(ctx, options), s.name, in).Get(ctx, &out)
	if err == nil || final(err) || ctx.Err() != nil {
		return out, err
	}
	return s.run(ctx, in)
}

// Error types of activities, as they stand in histories. Only faults of the infrastructure are tried again.
const (
	ErrorRefused   = "refused"
	ErrorNotFound  = "not_found"
	ErrorConflict  = "conflict"
	ErrorForbidden = "forbidden"
	// ErrorLastSheet is an answer for the workflow alone: the sheet is the last one, and must go on record first.
	ErrorLastSheet = "last_sheet"
)

// NotRetried are the errors that another attempt can't mend.
func NotRetried() []string {
	return []string{ErrorRefused, ErrorNotFound, ErrorConflict, ErrorForbidden}
}

// final tells an answer that another attempt can't mend from a fault of the infrastructure.
func final(err error) bool {
	var answer *temporal.ApplicationError
	return errors.As(err, &answer) && (answer.NonRetryable() || slices.Contains(NotRetried(), answer.Type()))
}

// isType tells whether an activity answered with an error of a type.
func isType(err error, kind string) bool {
	var answer *temporal.ApplicationError
	return errors.As(err, &answer) && answer.Type() == kind
}

// Timeouts of steps. In a rehearsal a second is a day: a step that a dead worker took along is given up sooner.
const (
	writeTimeout       = 10 * time.Second
	writePatience      = 20 * time.Second // all attempts of a local activity
	activityTimeout    = 2 * time.Minute
	rehearsalTimeout   = 5 * time.Second
	rehearsalTask      = 5 * time.Second
	allUnitsTimeout    = 10 * time.Minute
	sealingTimeout     = 30 * time.Minute
	deliveryTimeout    = 12 * time.Hour
	heartbeatTimeout   = 90 * time.Second
	rehearsalHeartbeat = 3 * time.Second
)

// TaskTimeout is when Temporal gives a workflow's next step to another worker, because the one that had it is gone; 0
// leaves it to Temporal (10 s).
func TaskTimeout(cycle CycleRef) time.Duration {
	if cycle.Rehearsal > 0 {
		return rehearsalTask
	}
	return 0
}

// withOptions sets how steps are tried again: as long as it takes, in a rehearsal with at most 2 s between attempts,
// because there a day is a second.
func withOptions(ctx workflow.Context, clock clock) workflow.Context {
	retry := &temporal.RetryPolicy{
		InitialInterval: 200 * time.Millisecond, BackoffCoefficient: 2, MaximumInterval: time.Minute,
		NonRetryableErrorTypes: NotRetried(),
	}
	timeout := activityTimeout
	if clock.rehearsal() {
		retry.MaximumInterval, timeout = 2*time.Second, rehearsalTimeout
	}
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: timeout, RetryPolicy: retry})
	return workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
		StartToCloseTimeout: writeTimeout, ScheduleToCloseTimeout: writePatience, RetryPolicy: retry,
	})
}

// alive is for steps that may take long: they report that they are alive, so that one that a dead worker took along is
// given up as soon as any other.
func alive(ctx workflow.Context, timeout time.Duration) workflow.Context {
	options := workflow.GetActivityOptions(ctx)
	options.HeartbeatTimeout = heartbeatTimeout
	if options.StartToCloseTimeout == rehearsalTimeout {
		options.HeartbeatTimeout = rehearsalHeartbeat
	}
	options.StartToCloseTimeout = timeout
	return workflow.WithActivityOptions(ctx, options)
}
