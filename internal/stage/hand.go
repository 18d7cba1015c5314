package stage

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/testsuite"

	"github.com/kaoping/kaoping/activities"
	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

// hand stands in for Temporal. Whatever is asked of it beyond updates and starts panics: it is not there.
type hand struct {
	client.Client
	stage *Stage
	store *store.Store

	mu    sync.Mutex
	env   *testsuite.TestActivityEnvironment
	steps int
}

func newHand(s *Stage, kept *store.Store, library rules.Library) *hand {
	suite := new(testsuite.WorkflowTestSuite)
	suite.SetLogger(slog.New(slog.DiscardHandler))
	h := &hand{stage: s, store: kept, env: suite.NewTestActivityEnvironment()}
	activities.New(activities.Dependencies{
		Store: kept, Rules: library, From: "zwgk@pingliang.example", PortalURL: "https://kaoping.example", PublicURL: "https://pingyi.example",
	}).Register(h.env)
	return h
}

// own is an act of the process itself.
func (h *hand) own(step string) workflows.Act {
	h.steps++
	return h.act(fmt.Sprintf("%s/%d", step, h.steps), "admin")
}

func (h *hand) act(id, by string) workflows.Act {
	return workflows.Act{Cycle: office.Reference(h.stage.Cycle), ID: id, By: by, At: h.stage.now()}
}

// carry makes one step; its answer is what an update returns.
func carry[In, Out any](h *hand, step workflows.Step[In, Out], in In) (Out, error) {
	var out Out
	value, err := h.env.ExecuteActivity(step.Name(), in)
	if err == nil {
		err = value.Get(&out)
	}
	return out, err
}

// claim starts the year and issues its notices.
func (h *hand) claim() {
	t := h.stage.t
	t.Helper()
	_, err := carry(h, workflows.ClaimCycle, workflows.ClaimInput{Act: h.own("claim"), Real: h.stage.now()})
	Must(t, err)
	h.stage.IssueNotices()
}

// IssueNotices sends them, as happens at 09:00 on the day that the scheme names (A8(4)).
func (s *Stage) IssueNotices() {
	s.t.Helper()
	_, err := carry(s.hand, workflows.IssueNotices, workflows.IssueNoticesInput{Act: s.hand.own("notices")})
	Must(s.t, err)
}

// SignalWorkflow takes the call for the courier: here mails leave when a test delivers them.
func (h *hand) SignalWorkflow(_ context.Context, workflowID, _, signal string, _ any) error {
	if signal != workflows.SignalMails {
		return fmt.Errorf("nobody here takes the signal %s of %s", signal, workflowID)
	}
	return nil
}

// ExecuteWorkflow starts the year of its argument at once.
func (h *hand) ExecuteWorkflow(_ context.Context, options client.StartWorkflowOptions, _ any, args ...any) (client.WorkflowRun, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	in, ok := args[0].(workflows.AssessmentCycleInput)
	if !ok {
		return nil, fmt.Errorf("nobody here starts %s", options.ID)
	}
	act := h.own("claim")
	act.Cycle = in.Cycle
	_, err := carry(h, workflows.ClaimCycle, workflows.ClaimInput{Act: act, Real: h.stage.now(), Pace: in.Pace})
	return started{id: options.ID, err: err}, nil
}

// ScheduleClient takes every schedule.
func (h *hand) ScheduleClient() client.ScheduleClient { return schedules{} }

type schedules struct{ client.ScheduleClient }

func (schedules) Create(context.Context, client.ScheduleOptions) (client.ScheduleHandle, error) {
	return nil, nil //nolint:nilnil // nobody asks the handle for anything
}

type started struct {
	client.WorkflowRun
	id  string
	err error
}

func (s started) GetID() string { return s.id }

func (started) GetRunID() string { return "run" }

func (s started) Get(context.Context, any) error { return s.err }

// UpdateWorkflow carries an act out, and takes the steps that follow from it.
func (h *hand) UpdateWorkflow(ctx context.Context, options client.UpdateWorkflowOptions) (client.WorkflowUpdateHandle, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	id, err := workflows.ParseID(options.WorkflowID)
	if err != nil {
		return nil, err
	}
	do, known := acts[options.UpdateName]
	if !known {
		return nil, serviceerror.NewNotFound("nobody here carries out " + options.UpdateName)
	}
	out, err := do(h, id, options)
	if err == nil {
		err = h.follow(ctx)
	}
	return answered{out: out, err: err}, nil
}

type answered struct {
	client.WorkflowUpdateHandle
	out any
	err error
}

func (a answered) Get(_ context.Context, into any) error {
	if a.err != nil || into == nil {
		return a.err
	}
	text, err := json.Marshal(a.out)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

// follow takes the steps that a cycle's workflows would take now: reviews open and close, the results are proposed,
// released when they are approved, and problems drafted from them.
func (h *hand) follow(ctx context.Context) error {
	cycle, err := h.store.CycleGet(ctx, query.CycleGetParams{CycleID: h.stage.Cycle.CycleID})
	if err != nil || cycle.State != "running" {
		return err
	}
	open, err := h.reviews(ctx)
	if err != nil || open > 0 {
		return err
	}
	latest, err := h.store.ProposalLatest(ctx, query.ProposalLatestParams{CycleID: cycle.CycleID})
	switch {
	case store.IsMissing(err):
		return h.propose(1)
	case err != nil:
		return err
	case latest.State == "approved" && !latest.Released:
		return h.release(int(latest.Number), !cycle.Released.Valid)
	case latest.State == "returned" || latest.State == "voided" || latest.State == "approved" && cycle.Correction != latest.Reason:
		return h.propose(int(latest.Number) + 1)
	}
	return nil
}

func (h *hand) propose(number int) error {
	_, err := carry(h, workflows.MakeProposal, workflows.MakeProposalInput{Act: h.own("propose"), Number: number})
	return err
}

// release drafts the problems found after the first one; a correction finds none.
func (h *hand) release(number int, first bool) error {
	if _, err := carry(h, workflows.ReleaseResults, workflows.ReleaseInput{Act: h.own("release"), Number: number}); err != nil || !first {
		return err
	}
	_, err := carry(h, workflows.DraftProblems, workflows.DraftProblemsInput{Act: h.own("problems")})
	return err
}

// reviews opens those whose report is in and closes those whose sheets are; it answers how many units are not closed.
func (h *hand) reviews(ctx context.Context) (open int, err error) {
	assessments, err := h.store.AssessmentList(ctx, query.AssessmentListParams{CycleID: h.stage.Cycle.CycleID})
	if err != nil {
		return 0, err
	}
	for _, row := range assessments {
		switch row.State {
		case "closed":
			continue
		case "reporting":
			report, err := h.store.ReportGet(ctx, query.ReportGetParams{CycleID: row.CycleID, Unit: row.Unit})
			if err == nil && report.State == "submitted" {
				_, err = carry(h, workflows.OpenReview, workflows.ReviewInput{Act: h.own("open"), Unit: row.Unit})
			}
			if err != nil && !store.IsMissing(err) {
				return 0, err
			}
		case "review":
			result, err := carry(h, workflows.CloseReview, workflows.ReviewInput{Act: h.own("close"), Unit: row.Unit})
			if err != nil {
				return 0, err
			}
			if result.Closed {
				continue
			}
		}
		open++
	}
	return open, nil
}

// OpenReviews opens the review of units without waiting for their reports, as happens after their due day (A8(5)).
func (s *Stage) OpenReviews(units ...string) {
	s.t.Helper()
	for _, unit := range units {
		_, err := carry(s.hand, workflows.OpenReview, workflows.ReviewInput{Act: s.hand.own("open"), Unit: unit})
		Must(s.t, err)
	}
}
