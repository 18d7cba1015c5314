package office

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/documents"
	"github.com/kaoping/kaoping/mail"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

// Import stores a data set as the draft of its real cycle, and of its social evaluation if it has one: both or none.
// Until a cycle starts, it replaces an earlier draft. It answers the assessment's.
func (o *Office) Import(ctx context.Context, set documents.DataSet) (query.Cycle, error) {
	return o.keep(ctx, set, func(*store.Import) error { return nil })
}

// ImportRehearsal stores a data set as a new rehearsal, which plays at pace: real time for one day. Its social
// evaluation has the same number and a clock of its own.
func (o *Office) ImportRehearsal(ctx context.Context, set documents.DataSet, pace time.Duration) (query.Cycle, error) {
	scheme := set.Plan.Scheme
	days, err := o.Store.Days(ctx, store.DataSet{Plan: set.Plan, Holidays: set.Holidays})
	if err != nil {
		return query.Cycle{}, err
	}
	return o.keep(ctx, set, func(in *store.Import) error {
		first := scheme.Dates.Notice
		if in.DataSet.Evaluation != nil {
			first = in.DataSet.Evaluation.Dates.Publish
		}
		day, err := calendar.ParseDate(string(first))
		if err != nil {
			return err
		}
		in.Rehearsal, in.Pace = store.NextRehearsal, pace
		in.Virtual, err = calendar.RehearsalStart(days, day)
		return err
	})
}

// keep stores what a data set holds, each part prepared.
func (o *Office) keep(ctx context.Context, set documents.DataSet, prepare func(*store.Import) error) (query.Cycle, error) {
	imports := []store.Import{{DataSet: store.DataSet{Plan: set.Plan, Holidays: set.Holidays}}}
	if set.Evaluation != nil {
		ruleSet, ok := o.Rules.RuleSet(set.Evaluation.RuleSet)
		if !ok {
			return query.Cycle{}, fmt.Errorf("the rule set %s is not there", set.Evaluation.RuleSet)
		}
		imports = append(imports, store.Import{
			DataSet: store.EvaluationSet(imports[0].DataSet, *set.Evaluation), Questions: set.Evaluation.Asked(ruleSet),
		})
	}
	for i := range imports {
		if err := prepare(&imports[i]); err != nil {
			return query.Cycle{}, err
		}
	}
	ids, err := o.Store.ImportDataSets(ctx, imports...)
	if err != nil {
		return query.Cycle{}, err
	}
	return o.Store.CycleGet(ctx, query.CycleGetParams{CycleID: ids[0]})
}

// Start starts the year. It refuses with every reason at once; of two who start it at the same moment one is refused.
func (d *Desk) Start(ctx context.Context, now time.Time) error {
	if err := d.must(rules.Admin); err != nil {
		return err
	}
	if err := d.startFaults(ctx, now); err != nil {
		return err
	}
	reference := Reference(d.Cycle)
	run, err := d.Temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: workflows.AssessmentID(reference), TaskQueue: workflows.TaskQueue,
		WorkflowIDConflictPolicy:                 enums.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		WorkflowIDReusePolicy:                    enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		TypedSearchAttributes:                    workflows.Attributes(reference, "start", ""),
		StaticSummary:                            "assessment year " + reference.Name(),
		WorkflowTaskTimeout:                      workflows.TaskTimeout(reference),
	}, workflows.AssessmentCycle, workflows.AssessmentCycleInput{
		Cycle: reference, By: d.Person.Login, Pace: time.Duration(d.Cycle.ClockPace),
	})
	var already *serviceerror.WorkflowExecutionAlreadyStarted
	if errors.As(err, &already) {
		return store.Refuse(reference.Name() +
			" has been started already, or its cancelled forerunner is just ending: then try again in a moment")
	}
	if err != nil {
		return &store.Error{Kind: store.Unavailable, Reasons: []string{"couldn't reach Temporal"}, Err: err}
	}
	if err := d.awaitStart(ctx, run); err != nil || reference.Rehearsal > 0 {
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
	if err == nil {
		return nil
	}
	// The workflow ended before it could answer: its own error tells why.
	ended := run.Get(ctx, nil)
	var application *temporal.ApplicationError
	if errors.As(ended, &application) {
		return explain(application, request{over: application.Message()})
	}
	return explain(err, request{over: "the year's workflow ended"})
}

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

func (d *Desk) onCycle(update, act string, content, in any) request {
	return request{
		workflow: workflows.AssessmentID(Reference(d.Cycle)), update: update, act: act, content: content, in: in,
		over: store.CycleName(d.Cycle) + " is not running", alive: d.cycleRuns,
	}
}

// Cancel ends a wrongly started year.
func (d *Desk) Cancel(ctx context.Context, act, reason string) error {
	if err := d.must(rules.Admin); err != nil {
		return err
	}
	return d.ask(ctx, d.onCycle(workflows.UpdateCancel, act, store.Reason{Reason: reason}, d.self()), &workflows.CancelResult{})
}

// MoveDate moves a date of the scheme for all (A8(3)).
func (d *Desk) MoveDate(ctx context.Context, act, phase string, to calendar.Date, reason string) error {
	if err := d.must(rules.Admin); err != nil {
		return err
	}
	in := workflows.ExtendRequest{Person: d.self(), Phase: phase, To: to}
	return d.ask(ctx, d.onCycle(workflows.UpdateMoveDate, act, store.Reason{Reason: reason}, in), &workflows.MoveDateResult{})
}

// Remind writes to units by hand what is open with them; none named means everybody who owes something. It answers
// how many mails were queued.
func (d *Desk) Remind(ctx context.Context, act string, units ...string) (int, error) {
	if err := d.must(rules.Admin); err != nil {
		return 0, err
	}
	var result workflows.RemindResult
	err := d.ask(ctx, d.onCycle(workflows.UpdateRemind, act, nil, workflows.UnitsRequest{Person: d.self(), Units: units}), &result)
	return result.Queued, err
}

// Extend moves one unit's date, of its report, its review or its rectification (A8(5), A13).
func (d *Desk) Extend(ctx context.Context, act, unit, phase string, to calendar.Date, reason string) error {
	if err := d.must(rules.Admin); err != nil {
		return err
	}
	if phase == workflows.PhaseRectification {
		return d.ExtendRectification(ctx, act, unit, 0, to, reason)
	}
	in, why := workflows.ExtendRequest{Person: d.self(), Phase: phase, To: to}, store.Reason{Reason: reason}
	target, err := d.onUnit(ctx, unit, workflows.UpdateExtend, act, why, in)
	if err != nil {
		return err
	}
	return d.ask(ctx, target, &workflows.ExtendUnitResult{})
}

// onUnit addresses the newest workflow of a unit's assessment.
func (d *Desk) onUnit(ctx context.Context, unit, update, act string, content, in any) (request, error) {
	assessment, err := d.Store.AssessmentGet(ctx, query.AssessmentGetParams{CycleID: d.Cycle.CycleID, Unit: unit})
	if store.IsMissing(err) {
		return request{}, store.Missing(fmt.Sprintf("no unit %s in %s, or it has not started", unit, store.CycleName(d.Cycle)))
	}
	if err != nil {
		return request{}, err
	}
	over := "the review of " + unit + " is closed"
	if assessment.State == "waiting" {
		over = "the notice to " + unit + " is not out yet: its assessment begins with it (A8(4))"
	}
	return request{
		workflow: workflows.UnitID(Reference(d.Cycle), unit, int(assessment.Generation)), update: update, act: act, content: content, in: in,
		over: over,
		alive: func(ctx context.Context) (bool, error) {
			now, err := d.Store.AssessmentGet(ctx, query.AssessmentGetParams{CycleID: d.Cycle.CycleID, Unit: unit})
			return now.State == "reporting" || now.State == "review", err
		},
	}, nil
}

func (d *Desk) cycleRuns(ctx context.Context) (bool, error) {
	now, err := d.Store.CycleGet(ctx, query.CycleGetParams{CycleID: d.Cycle.CycleID})
	return now.State == "running", err
}

// RecordViolation records a violation at any time (A14): before the year starts as a fact, since no workflow knows of it
// yet. It answers the number of the proposed consequence.
func (d *Desk) RecordViolation(ctx context.Context, act, unit string, facts store.ViolationFacts) (int, error) {
	if err := d.must(rules.Admin); err != nil {
		return 0, err
	}
	var result workflows.ViolationResult
	err := d.Store.Do(ctx, store.Step{Cycle: d.Cycle.CycleID, Key: act}, &result, func(change *store.Change) (err error) {
		if change.Cycle.State != "draft" {
			return errElsewhere
		}
		result.Consequence, err = change.RecordViolation(act, unit, facts, d.Person.Login)
		return err
	})
	if !errors.Is(err, errElsewhere) {
		return result.Consequence, err
	}
	err = d.ask(ctx, d.onCycle(workflows.UpdateRecordViolation, act, facts, workflows.ViolationRequest{Person: d.self(), Unit: unit}), &result)
	return result.Consequence, err
}

// FinishTask ends a task that no workflow waits for: a telephone call was made.
func (d *Desk) FinishTask(ctx context.Context, act, key, note string) error {
	article := "A8(4)"
	if d.tookOver(key) {
		article = "A8"
	} else if err := d.must(rules.Admin); err != nil {
		return err
	}
	return d.record(ctx, act, func(change *store.Change) error {
		task, err := change.TaskGet(ctx, query.TaskGetParams{CycleID: d.Cycle.CycleID, Key: key})
		if store.IsMissing(err) {
			return store.Missing("no task " + key)
		}
		if err != nil {
			return err
		}
		if !handTasks[task.Kind] {
			return store.Refuse("the task " + key + " ends when its act is done")
		}
		return change.FinishTask(article, key, d.Person.Login, note)
	})
}

// RetryStep has a step of the process taken again that had failed for its data, once what was wrong is mended. The task
// that it opened names it.
func (d *Desk) RetryStep(ctx context.Context, act, task string) error {
	if err := d.must(rules.Admin); err != nil {
		return err
	}
	id, step, err := workflows.ParseStuckTask(task)
	if err != nil {
		return store.Refuse(err.Error())
	}
	retry := d.onCycle(workflows.UpdateRetryStep, act, nil, workflows.RetryRequest{Person: d.self(), Step: step})
	retry.workflow = id
	return d.ask(ctx, retry, &workflows.Empty{})
}

// handTasks are those that a person ends by saying so.
var handTasks = map[string]bool{
	"telephone": true, "report_overdue": true, "review_overdue": true, "report_by_hand": true, "unwritten_mail": true, "handover": true,
}

// tookOver tells whether a task is the person's own look at what he took over from another.
func (d *Desk) tookOver(key string) bool {
	old, successor := handover(key)
	return old != "" && successor == d.Person.Login
}

// handover are the two whom the key of a handover names.
func handover(key string) (old, successor string) {
	rest, ok := strings.CutPrefix(key, "handover/")
	if !ok {
		return "", ""
	}
	old, successor, _ = strings.Cut(rest, "/")
	return old, successor
}

// ChangeAddress corrects the e-mail address of a unit or a person. What was refused at the old one goes to the new one,
// and the telephone task ends (A8(4)).
func (d *Desk) ChangeAddress(ctx context.Context, act, whose, email string) error {
	if err := d.must(rules.Admin); err != nil {
		return err
	}
	if err := mail.CheckAddress(email); err != nil {
		return store.Refuse(fmt.Sprintf("%q: %v", email, err))
	}
	redirected := 0
	err := d.record(ctx, act, func(change *store.Change) (err error) {
		redirected, err = d.redirect(change, whose, email)
		return err
	})
	if err == nil && redirected > 0 {
		d.callCourier(ctx)
	}
	return err
}

func (d *Desk) redirect(change *store.Change, whose, email string) (int, error) {
	ctx, id := change.Context, d.Cycle.CycleID
	unit, person, old := whose, "", ""
	row, err := change.UnitGet(ctx, query.UnitGetParams{CycleID: id, Code: whose})
	if err == nil {
		old, err = row.Email, change.UnitSetEmail(ctx, query.UnitSetEmailParams{CycleID: id, Code: whose, Email: email})
	} else if store.IsMissing(err) {
		unit, person = "", whose
		var row query.Person
		if row, err = change.PersonGet(ctx, query.PersonGetParams{CycleID: id, Login: whose}); err == nil {
			old, err = row.Email, change.PersonSetEmail(ctx, query.PersonSetEmailParams{CycleID: id, Login: whose, Email: email})
		}
	}
	if store.IsMissing(err) {
		return 0, store.Missing(whose + " is neither a unit nor a person of " + store.CycleName(d.Cycle))
	}
	if err != nil {
		return 0, err
	}
	if err := change.RefusedAddressClear(ctx, query.RefusedAddressClearParams{CycleID: id, Address: old}); err != nil {
		return 0, err
	}
	if err := change.FinishTask("A8(4)", "telephone/"+old, d.Person.Login, "the address was changed"); err != nil {
		return 0, err
	}
	return change.Redirect(unit, person, old, email)
}

// callCourier tells the year's workflow that mails wait on the ledger. If it can't be told they leave with the next ones.
func (d *Desk) callCourier(ctx context.Context) {
	id := workflows.AssessmentID(Reference(d.Cycle))
	if err := d.Temporal.SignalWorkflow(ctx, id, "", workflows.SignalMails, nil); err != nil {
		slog.WarnContext(ctx, "mails leave with the next ones: their workflow couldn't be told", "workflow", id, "error", err)
	}
}
