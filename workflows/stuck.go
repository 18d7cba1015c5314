package workflows

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// UpdateRetryStep is the administrator's act on any workflow: the step that is stuck can be taken again.
const UpdateRetryStep = "retry-step"

// Steps for an own step of a process that failed for its data: nobody waits for its answer, so a task tells the
// administrator, who mends the data and has the step taken again. Nothing ends and nothing is skipped meanwhile.
var (
	OpenStuck = Step[StuckInput, Empty]{"Tasks.OpenStuck", "tell the administrator that a step is stuck"}
	EndStuck  = Step[StuckInput, Empty]{"Tasks.EndStuck", "end the task about a stuck step"}
)

// StuckInput names a stuck step.
type StuckInput struct {
	Act      Act    `json:"act"`
	Workflow string `json:"workflow"`
	Step     string `json:"step"`
	// Reason is the error's, one reason a line.
	Reason string `json:"reason,omitempty"`
	// BrokenOff is the child that the step waited for: nobody takes its own stuck steps again.
	BrokenOff string `json:"broken_off,omitempty"`
}

// brokenOffError is why a child ended that should not have ended.
type brokenOffError struct {
	workflowID string
	error
}

func (e *brokenOffError) Unwrap() error { return e.error }

// RetryRequest has a stuck step taken again.
type RetryRequest struct {
	Person
	Step string `json:"step"`
}

const stuckPrefix = "stuck/"

// StuckTask is the key of the task about a stuck step: stuck/Proposals.Make/approval/pingliang/2025/1.
func StuckTask(workflowID, step string) string { return stuckPrefix + step + "/" + workflowID }

// ParseStuckTask reads what StuckTask makes: which workflow waits, with which step.
func ParseStuckTask(key string) (workflowID, step string, err error) {
	rest, ok := strings.CutPrefix(key, stuckPrefix)
	step, workflowID, both := strings.Cut(rest, "/")
	if !ok || !both || step == "" || workflowID == "" {
		return "", "", fmt.Errorf("%q is not the task of a stuck step", key)
	}
	return workflowID, step, nil
}

// persevere takes a step again and again until it succeeds; after each failure it waits for the administrator. It
// fails only when ctx ends, or with the cycle itself, in which no task can be opened any more.
func (p *process) persevere(ctx workflow.Context, step string, do func(workflow.Context) error) error {
	for {
		err := do(ctx)
		if err == nil {
			return p.endStuck(ctx, step)
		}
		if ctx.Err() != nil {
			return err
		}
		if err := p.openStuck(ctx, step, err); err != nil {
			return err
		}
		if err := workflow.Await(ctx, func() bool { return !slices.Contains(p.stuck, step) }); err != nil {
			return err
		}
	}
}

// openStuck opens the task. Where none can be opened any more it answers why the step failed.
func (p *process) openStuck(ctx workflow.Context, step string, why error) error {
	logger := workflow.GetLogger(ctx)
	logger.Error("a step is stuck", "step", step, "error", why)
	in := p.stuckStep(ctx, p.own(ctx, "stuck"), step)
	in.Reason = reasons(why)
	var child *brokenOffError
	if errors.As(why, &child) {
		in.BrokenOff = child.workflowID
	}
	if _, err := OpenStuck.write(ctx, in); err != nil {
		logger.Error("couldn't open a task about it", "step", step, "error", err)
		return why
	}
	if !slices.Contains(p.stuck, step) {
		p.stuck = append(p.stuck, step)
	}
	return nil
}

// endStuck ends the task of a step that succeeded without the administrator, if there is one: of a sweep, or after
// continuing as new.
func (p *process) endStuck(ctx workflow.Context, step string) error {
	if !slices.Contains(p.stuck, step) {
		return nil
	}
	_, err := EndStuck.write(ctx, p.stuckStep(ctx, p.own(ctx, "unstuck"), step))
	p.forget(step)
	return err
}

func (p *process) forget(step string) {
	p.stuck = slices.DeleteFunc(p.stuck, func(stuck string) bool { return stuck == step })
}

func (p *process) stuckStep(ctx workflow.Context, act Act, step string) StuckInput {
	return StuckInput{Act: act, Workflow: workflow.GetInfo(ctx).WorkflowExecution.ID, Step: step}
}

// reasons is what a person reads of an error.
func reasons(err error) string {
	var answer *temporal.ApplicationError
	switch {
	case !errors.As(err, &answer):
		return err.Error()
	case answer.Message() == "":
		return answer.Type()
	}
	return answer.Message()
}

func (p *process) listenRetry(ctx workflow.Context) error {
	return listenBeside(ctx, p, UpdateRetryStep, func(in RetryRequest) error {
		if !slices.Contains(p.stuck, in.Step) {
			return refuse(in.Step + " does not wait to be taken again")
		}
		return nil
	}, p.retryStep)
}

// retryStep ends the task in the administrator's name, and wakes the step. If it fails once more, a new task opens.
func (p *process) retryStep(ctx workflow.Context, in RetryRequest) (Empty, error) {
	_, err := EndStuck.run(ctx, p.stuckStep(ctx, p.act(ctx, in.Person), in.Step))
	if err == nil {
		p.forget(in.Step)
	}
	return Empty{}, err
}
