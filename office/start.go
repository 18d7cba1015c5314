package office

import (
	"context"
	"errors"
	"fmt"
	"time"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/workflows"
)

// Start starts the year, or its social evaluation. It refuses with every reason at once; of two who start it at the same moment one is refused.
func (d *Desk) Start(ctx context.Context, now time.Time) error {
	if err := d.must(rules.Admin); err != nil {
		return err
	}
	if err := d.startFaults(ctx, now); err != nil {
		return err
	}
	reference := Reference(d.Cycle)
	var process, in any = workflows.AssessmentCycle, workflows.AssessmentCycleInput{
		Cycle: reference, By: d.Person.Login, Pace: time.Duration(d.Cycle.ClockPace),
	}
	if reference.Evaluation {
		process, in = workflows.SocialEvaluation, workflows.SocialEvaluationInput{
			Cycle: reference, By: d.Person.Login, Pace: time.Duration(d.Cycle.ClockPace),
		}
	}
	run, err := d.Temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: workflows.CycleID(reference), TaskQueue: workflows.TaskQueue,
		WorkflowIDConflictPolicy:                 enums.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowIDReusePolicy:                    enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		TypedSearchAttributes:                    workflows.Attributes(reference, "start", ""),
		StaticSummary:                            d.Cycle.Kind + " of " + reference.Name(),
		WorkflowTaskTimeout:                      workflows.TaskTimeout(reference),
	}, process, in)
	var already *serviceerror.WorkflowExecutionAlreadyStarted
	if errors.As(err, &already) {
		return store.Refuse(store.CycleName(d.Cycle) +
			" has been started already, or its cancelled forerunner is just ending: then try again in a moment")
	}
	if err != nil {
		return &store.Error{Kind: store.Unavailable, Reasons: []string{"couldn't reach Temporal"}, Err: err}
	}
	if err := d.awaitStart(ctx, run); err != nil || reference.Rehearsal > 0 || reference.Evaluation {
		return err
	}
	return d.scheduleDraft(ctx, reference.Authority)
}

// scheduleDraft has the authority's next year drafted each first of November, when the next year's holidays are out.
// Nothing is sent before a person starts it.
func (d *Desk) scheduleDraft(ctx context.Context, authority string) error {
	_, err := d.Temporal.ScheduleClient().Create(ctx, client.ScheduleOptions{
		ID: workflows.YearDraftID(authority), CatchupWindow: 60 * 24 * time.Hour, Overlap: enums.SCHEDULE_OVERLAP_POLICY_SKIP,
		Spec: client.ScheduleSpec{TimeZoneName: calendar.Location.String(), Calendars: []client.ScheduleCalendarSpec{{
			Month: []client.ScheduleRange{{Start: 11}}, DayOfMonth: []client.ScheduleRange{{Start: 1}}, Hour: []client.ScheduleRange{{Start: 9}},
		}}},
		Action: &client.ScheduleWorkflowAction{
			ID: workflows.YearDraftID(authority), Workflow: workflows.YearDraft, TaskQueue: workflows.TaskQueue,
			Args: []any{workflows.YearDraftInput{Authority: authority}},
		},
	})
	if err != nil && !errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
		return &store.Error{Kind: store.Unavailable, Reasons: []string{"the year is started; its yearly draft could not be scheduled"}, Err: err}
	}
	return nil
}

// awaitStart waits until the year is claimed, or its workflow ended because it was refused.
func (d *Desk) awaitStart(ctx context.Context, run client.WorkflowRun) error {
	handle, err := d.Temporal.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: run.GetID(), RunID: run.GetRunID(), UpdateID: "await-start/" + run.GetRunID(), UpdateName: workflows.UpdateAwaitStart,
		Args: []any{d.self()}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err == nil {
		err = handle.Get(ctx, nil)
	}
	answer := explain(err, request{over: "the year's workflow ended"})
	var cut *temporal.ApplicationError
	if store.KindOf(answer) != store.NotFound && (!errors.As(err, &cut) || cut.Type() != updateCutOff) {
		return answer // nothing else says that the workflow has ended, and a year is long to wait for
	}
	// The workflow ended before it could answer: its own error tells why.
	var application *temporal.ApplicationError
	if ended := run.Get(ctx, nil); errors.As(ended, &application) {
		return explain(application, request{over: application.Message()})
	}
	return answer
}

// updateCutOff is Temporal's answer to an act that was under way when its workflow ended.
const updateCutOff = "AcceptedUpdateCompletedWorkflow"

func (d *Desk) startFaults(ctx context.Context, now time.Time) error {
	if d.Cycle.State != "draft" {
		return store.Refuse(fmt.Sprintf("%s is %s: it has been started already", store.CycleName(d.Cycle), d.Cycle.State))
	}
	set, err := d.Store.DataSet(ctx, d.Cycle)
	if err != nil {
		return err
	}
	faults, err := d.planFaults(ctx, set, now)
	if err != nil || len(faults) == 0 {
		return err
	}
	reasons := make([]string, len(faults))
	for i, fault := range faults {
		reasons[i] = fault.String()
	}
	return store.Refuse(reasons...)
}
