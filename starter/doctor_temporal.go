package main

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"golang.org/x/sync/errgroup"

	"github.com/kaoping/kaoping/starter/attributes"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

// fresh is how recently a worker must have asked for work; it asks at least once a minute.
const fresh = 90 * time.Second

// workflowServer looks at Temporal: is it there, does it know the search attributes, does a worker ask for work?
func (e *examination) workflowServer() {
	temporal, err := e.complete.DialTemporal(e, e.log)
	if err != nil {
		e.wrong("%s", err)
		return
	}
	e.temporal = temporal
	e.ok("Temporal answers at %s, namespace %s", e.complete.TemporalAddress, e.complete.TemporalNamespace)
	missing, err := attributes.Missing(e, temporal)
	switch {
	case err != nil:
		e.wrong("Temporal: %s", err)
	case len(missing) > 0:
		e.wrong("Temporal lacks the search attributes %s: run starter migrate", strings.Join(missing, ", "))
	default:
		e.ok("Temporal knows the search attributes")
	}
	e.workers()
}

// A worker that has just started may not have asked yet: it is given some time to.
const (
	askingPatience = 5 * time.Second
	askingPause    = 200 * time.Millisecond
)

func (e *examination) workers() {
	ticker := time.NewTicker(askingPause)
	defer ticker.Stop()
	for deadline := time.Now().Add(askingPatience); ; {
		asking, err := e.asking()
		switch {
		case err != nil:
			e.wrong("Temporal: couldn't ask for workers: %s", err)
			return
		case asking > 0:
			e.ok("%s asking for work", counted(asking, "worker"))
			return
		case time.Now().After(deadline) || e.Err() != nil:
			e.wrong("no worker asks for work: everything waits until one does")
			return
		}
		select {
		case <-e.Done():
		case <-ticker.C:
		}
	}
}

// asking counts the workers that have asked for work lately.
func (e *examination) asking() (int, error) {
	asking := map[string]bool{}
	for _, kind := range []enums.TaskQueueType{enums.TASK_QUEUE_TYPE_WORKFLOW, enums.TASK_QUEUE_TYPE_ACTIVITY} {
		described, err := e.temporal.DescribeTaskQueue(e, workflows.TaskQueue, kind)
		if err != nil {
			return 0, err
		}
		for _, poller := range described.GetPollers() {
			if time.Since(poller.GetLastAccessTime().AsTime()) < fresh {
				asking[poller.GetIdentity()] = true
			}
		}
	}
	return len(asking), nil
}

// run compares a running cycle with its workflow, and shows what fails in it.
func (e *examination) run(row query.CycleListRow) {
	id := workflows.CycleID(reference(row))
	described, err := e.temporal.DescribeWorkflowExecution(e, id, "")
	var missing *serviceerror.NotFound
	status := described.GetWorkflowExecutionInfo().GetStatus()
	switch {
	case errors.As(err, &missing):
		e.wrong("%s runs in the database, but Temporal has no workflow %s: one was restored without the other", rowName(row), id)
		return
	case err != nil:
		e.wrong("Temporal: couldn't look at %s: %s", id, err)
		return
	case status != enums.WORKFLOW_EXECUTION_STATUS_RUNNING:
		e.wrong("%s runs in the database, but its workflow %s ended: %s", rowName(row), id, status)
		return
	}
	found, err := e.running(fmt.Sprintf("KaopingAuthority = '%s' AND KaopingYear = '%d'", row.Authority, row.Year))
	if err != nil {
		e.wrong("Temporal: couldn't list the workflows of %s: %s", rowName(row), err)
		return
	}
	mine := []string{id}
	sibling := workflows.EvaluationID(reference(row)) // a cycle of its own beside the year's assessment, and has no children
	if row.Kind == store.Evaluation {
		found = nil
	}
	for _, execution := range found {
		other := execution.GetExecution().GetWorkflowId()
		if parsed, err := workflows.ParseID(other); err == nil && parsed.Rehearsal == int(row.Rehearsal) && parsed.Kind != workflows.FarewellKind && other != id && other != sibling {
			mine = append(mine, other)
		}
	}
	if failing := e.failing(mine); failing == 0 {
		e.ok("%s runs: %s, none fails", rowName(row), counted(len(mine), "workflow"))
	}
}

func reference(row query.CycleListRow) workflows.CycleRef {
	return workflows.CycleRef{
		ID: row.CycleID, Authority: row.Authority, Year: int(row.Year), Rehearsal: int(row.Rehearsal), Evaluation: row.Kind == store.Evaluation,
	}
}

// running lists what runs; the list may lag a little behind.
func (e *examination) running(condition string) ([]*workflow.WorkflowExecutionInfo, error) {
	request := &workflowservice.ListWorkflowExecutionsRequest{
		Namespace: e.complete.TemporalNamespace, PageSize: 1000, Query: condition + " AND ExecutionStatus = 'Running'",
	}
	var found []*workflow.WorkflowExecutionInfo
	for {
		page, err := e.temporal.ListWorkflow(e, request)
		if err != nil {
			return nil, err
		}
		found = append(found, page.GetExecutions()...)
		if request.NextPageToken = page.GetNextPageToken(); len(request.NextPageToken) == 0 {
			return found, nil
		}
	}
}

const (
	describers = 8
	// chance is how many attempts of work may fail by it, as when two deliver the same mails.
	chance = 2
)

// failing shows work that is tried again and again, with what it last failed for.
func (e *examination) failing(ids []string) int {
	var group errgroup.Group
	group.SetLimit(describers)
	var mu sync.Mutex
	before := e.faults
	for _, id := range ids {
		group.Go(func() error {
			faults := e.faultsOf(id)
			mu.Lock()
			defer mu.Unlock()
			for _, fault := range faults {
				e.wrong("%s: %s", id, fault)
			}
			return nil
		})
	}
	_ = group.Wait() // what was wrong is said
	return e.faults - before
}

func (e *examination) faultsOf(id string) []string {
	described, err := e.temporal.DescribeWorkflowExecution(e, id, "")
	var missing *serviceerror.NotFound
	if errors.As(err, &missing) {
		return nil // it ended meanwhile
	}
	if err != nil {
		return []string{err.Error()}
	}
	var faults []string
	for _, activity := range described.GetPendingActivities() {
		if activity.GetAttempt() > chance && activity.GetLastFailure() != nil {
			faults = append(faults, fmt.Sprintf("%s fails, attempt %d: %s",
				activity.GetActivityType().GetName(), activity.GetAttempt(), activity.GetLastFailure().GetMessage()))
		}
	}
	if task := described.GetPendingWorkflowTask(); task.GetAttempt() > 1 {
		faults = append(faults, fmt.Sprintf("its workflow task fails, attempt %d: %s", task.GetAttempt(), e.lastTaskFailure(id)))
	}
	return faults
}

// lastTaskFailure reads why a workflow task failed; only the first failure of a row is in the history.
func (e *examination) lastTaskFailure(id string) string {
	request := &workflowservice.GetWorkflowExecutionHistoryReverseRequest{
		Namespace: e.complete.TemporalNamespace, Execution: &commonpb.WorkflowExecution{WorkflowId: id}, MaximumPageSize: 20,
	}
	page, err := e.temporal.WorkflowService().GetWorkflowExecutionHistoryReverse(e, request)
	if err != nil {
		return err.Error()
	}
	for _, event := range page.GetHistory().GetEvents() {
		if failed := event.GetWorkflowTaskFailedEventAttributes(); failed != nil {
			return failed.GetFailure().GetMessage()
		}
		if event.GetEventType() == enums.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT {
			return "no worker answered in time"
		}
	}
	return "the history does not tell why"
}

// strangers are years that run in Temporal while the database knows nothing of their start.
func (e *examination) strangers() {
	found, err := e.running("WorkflowType IN ('AssessmentCycle', 'SocialEvaluation')")
	if err != nil {
		e.wrong("Temporal: couldn't list the running years: %s", err)
		return
	}
	for _, execution := range found {
		name := execution.GetExecution().GetWorkflowId()
		id, err := workflows.ParseID(name)
		if err != nil {
			continue // somebody else's
		}
		kind := store.Assessment
		if id.Kind == store.Evaluation {
			kind = store.Evaluation
		}
		cycle, err := e.store.CycleFind(e, query.CycleFindParams{
			Authority: id.Authority, Year: int32(id.Year), Rehearsal: int32(id.Rehearsal), Kind: kind,
		})
		switch {
		case store.IsMissing(err):
			e.wrong("Temporal runs %s, of which the database knows nothing: one was restored without the other", name)
		case err != nil:
			e.wrong("PostgreSQL: couldn't look for %s: %s", name, err)
		case cycle.State == "draft":
			e.wrong("Temporal runs %s, which has not started in the database: one was restored without the other", name)
		}
	}
}
