package office

import (
	"context"
	"encoding/json"
	"sync"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
)

// temporalStub is a Temporal that remembers what it was asked, and answers what it was told to. Whatever else is asked
// of it panics: it is not there.
type temporalStub struct {
	client.Client

	mu sync.Mutex
	// answer is given to each update: a result, or an error. Nil is a workflow that is not there.
	answer func(client.UpdateWorkflowOptions) (any, error)
	// start is given to each start of a workflow.
	start   func(client.StartWorkflowOptions) (client.WorkflowRun, error)
	updates []client.UpdateWorkflowOptions
	starts  []client.StartWorkflowOptions
	// schedule is the answer to the making of a schedule.
	schedule  error
	schedules []client.ScheduleOptions
	// signals are workflow and name of each.
	signals []string
}

func (s *temporalStub) SignalWorkflow(_ context.Context, workflowID, _, signal string, _ any) error {
	s.signals = append(s.signals, workflowID+" "+signal)
	return nil
}

// answers makes every update succeed with a result.
func (s *temporalStub) answers(result any, err error) {
	s.answer = func(client.UpdateWorkflowOptions) (any, error) { return result, err }
}

func (s *temporalStub) UpdateWorkflow(ctx context.Context, options client.UpdateWorkflowOptions) (client.WorkflowUpdateHandle, error) {
	s.mu.Lock()
	s.updates = append(s.updates, options)
	s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if s.answer == nil {
		return nil, serviceerror.NewNotFound("workflow not found for ID: " + options.WorkflowID)
	}
	result, err := s.answer(options)
	return updateStub{result: result, err: err}, nil
}

func (s *temporalStub) ExecuteWorkflow(_ context.Context, options client.StartWorkflowOptions, _ any, _ ...any) (client.WorkflowRun, error) {
	s.starts = append(s.starts, options)
	if s.start == nil {
		return nil, serviceerror.NewUnavailable("no Temporal")
	}
	return s.start(options)
}

func (s *temporalStub) ScheduleClient() client.ScheduleClient { return scheduleStub{stub: s} }

type scheduleStub struct {
	client.ScheduleClient
	stub *temporalStub
}

func (s scheduleStub) Create(_ context.Context, options client.ScheduleOptions) (client.ScheduleHandle, error) {
	s.stub.schedules = append(s.stub.schedules, options)
	return nil, s.stub.schedule
}

// last is the newest update.
func (s *temporalStub) last() client.UpdateWorkflowOptions {
	if len(s.updates) == 0 {
		return client.UpdateWorkflowOptions{}
	}
	return s.updates[len(s.updates)-1]
}

// updateStub is an answered update.
type updateStub struct {
	client.WorkflowUpdateHandle
	result any
	err    error
}

func (u updateStub) Get(_ context.Context, into any) error {
	if u.err != nil || into == nil {
		return u.err
	}
	text, err := json.Marshal(u.result)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

// runStub is a started workflow that ended, or goes on.
type runStub struct {
	client.WorkflowRun
	ended error
	// awaited counts how often somebody waited for its end.
	awaited *int
}

func (runStub) GetID() string { return "assessment/pingliang/2025" }

func (runStub) GetRunID() string { return "run-1" }

func (r runStub) Get(context.Context, any) error {
	if r.awaited != nil {
		*r.awaited++
	}
	return r.ended
}
