// Package activities carries out what workflows ask of the world: one file a process, with the names of the
// workflows' files. Each write is one transaction with its journal lines, under a key that makes it one act.
package activities

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"

	"github.com/kaoping/kaoping/ballots"
	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/mail"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

// Dependencies are what activities need.
type Dependencies struct {
	Store  *store.Store
	Rules  rules.Library
	Sender *mail.Sender
	// Rehearsing delivers what rehearsals say, which never leaves this machine; nil is Sender.
	Rehearsing *mail.Sender
	// From is the sender of every mail, PortalURL the beginning of every link.
	From      string
	PortalURL string
	// PublicURL begins the links to the public pages of an evaluation.
	PublicURL string
	// Signer signs the roots of sealed ballots.
	Signer ballots.Signer
	// Connections is how many mails are on their way at once.
	Connections int
	Log         *slog.Logger
}

// Activities are all of them; a worker has one.
type Activities struct {
	Dependencies
}

// New makes the activities.
func New(dependencies Dependencies) *Activities { return &Activities{Dependencies: dependencies} }

// Register makes a worker carry out every step.
func (a *Activities) Register(registry worker.ActivityRegistry) {
	carry(registry, workflows.ClaimCycle, a.claimCycle)
	carry(registry, workflows.IssueNotices, a.issueNotices)
	carry(registry, workflows.MoveDate, a.moveDate)
	carry(registry, workflows.CancelCycle, a.cancelCycle)
	carry(registry, workflows.CloseCycle, a.closeCycle)
	carry(registry, workflows.ReadDays, a.readDays)
	carry(registry, workflows.SubmitReport, a.submitReport)
	carry(registry, workflows.ReturnReport, a.returnReport)
	carry(registry, workflows.ExtendUnit, a.extendUnit)
	carry(registry, workflows.OpenReview, a.openReview)
	carry(registry, workflows.SubmitSheet, a.submitSheet)
	carry(registry, workflows.AssignAssessor, a.assignAssessor)
	carry(registry, workflows.CloseReview, a.closeReview)
	carry(registry, workflows.ReadUnit, a.readUnit)
	carry(registry, workflows.MakeProposal, a.makeProposal)
	carry(registry, workflows.ApproveProposal, a.approveProposal)
	carry(registry, workflows.ReturnProposal, a.returnProposal)
	carry(registry, workflows.ConfirmAdjusted, a.confirmAdjustment)
	carry(registry, workflows.ReopenUnits, a.reopenUnits)
	carry(registry, workflows.ReleaseResults, a.releaseResults)
	carry(registry, workflows.CorrectResults, a.correctResults)
	carry(registry, workflows.DraftProblems, a.draftProblems)
	carry(registry, workflows.OrderRectifications, a.orderRectifications)
	carry(registry, workflows.FileMeasures, a.fileMeasures)
	carry(registry, workflows.ReportRectification, a.reportRectification)
	carry(registry, workflows.SendBack, a.sendBack)
	carry(registry, workflows.AcceptRectification, a.acceptRectification)
	carry(registry, workflows.RectificationOverdue, a.rectificationOverdue)
	carry(registry, workflows.ReadRectification, a.readRectification)
	carry(registry, workflows.RecordViolation, a.recordViolation)
	carry(registry, workflows.DecideConsequence, a.decideConsequence)
	carry(registry, workflows.SendReminders, a.sendReminders)
	carry(registry, workflows.RemindByHand, a.remindByHand)
	carry(registry, workflows.DeliverMail, a.deliverMail)
	carry(registry, workflows.ClaimEvaluation, a.claimEvaluation)
	carry(registry, workflows.RecordProvince, a.recordProvince)
	carry(registry, workflows.PublishEvaluation, a.publishEvaluation)
	carry(registry, workflows.OpenWindow, a.openWindow)
	carry(registry, workflows.InviteRepresentatives, a.inviteRepresentatives)
	carry(registry, workflows.CloseWindow, a.closeWindow)
	carry(registry, workflows.SealBallots, a.sealBallots)
	carry(registry, workflows.MakeTally, a.makeTally)
	carry(registry, workflows.ProposeEvaluation, a.proposeEvaluation)
	carry(registry, workflows.ReturnEvaluation, a.returnEvaluation)
	carry(registry, workflows.ReleaseEvaluation, a.releaseEvaluation)
	carry(registry, workflows.PublishResults, a.publishResults)
	carry(registry, workflows.MoveEvaluationDate, a.moveEvaluationDate)
	carry(registry, workflows.RemindRepresentatives, a.remindRepresentatives)
	carry(registry, workflows.DraftNextYear, a.draftNextYear)
	carry(registry, workflows.OpenStuck, a.openStuck)
	carry(registry, workflows.EndStuck, a.endStuck)
}

func carry[In, Out any](registry worker.ActivityRegistry, step workflows.Step[In, Out], do func(context.Context, In) (Out, error)) {
	step.Register(registry, func(ctx context.Context, in In) (Out, error) {
		stop := beat(ctx)
		defer stop()
		out, err := do(ctx, in)
		return out, answer(err)
	})
}

// beat tells Temporal that the activity lives, until stopped.
func beat(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-ticker.C:
				activity.RecordHeartbeat(ctx)
			}
		}
	}()
	return cancel
}

// errorTypes says which kinds of error Temporal does not try again; the rest are faults of the infrastructure.
var errorTypes = map[store.Kind]string{
	store.Refused:   workflows.ErrorRefused,
	store.NotFound:  workflows.ErrorNotFound,
	store.Conflict:  workflows.ErrorConflict,
	store.Forbidden: workflows.ErrorForbidden,
}

// answer is an error as a history keeps it: for a person its reasons, for an operator the whole.
func answer(err error) error {
	var told *temporal.ApplicationError
	if errors.As(err, &told) {
		return told
	}
	var unpublished *calendar.UnpublishedError
	if errors.As(err, &unpublished) {
		err = store.Refuse(unpublished.Error())
	}
	var known *store.Error
	if !errors.As(err, &known) {
		return err
	}
	kind, final := errorTypes[known.Kind]
	if !final {
		return err
	}
	text := strings.Join(known.Reasons, "\n")
	if text == "" {
		text = known.Error() // nobody found words for it
	}
	// A refusal is an answer, not a fault of ours: it raises no alarm in the worker's log.
	return temporal.NewApplicationErrorWithOptions(text, kind, temporal.ApplicationErrorOptions{
		NonRetryable: true, Category: temporal.ApplicationErrorCategoryBenign,
	})
}

// together is one refusal with the reasons of all: whoever mends what he is told is not refused a second time. What is
// no refusal is answered alone.
func together(errs ...error) error {
	var reasons []string
	for _, err := range errs {
		var refused *store.Error
		var unpublished *calendar.UnpublishedError
		switch {
		case err == nil:
		case errors.As(err, &unpublished):
			reasons = append(reasons, unpublished.Error())
		case errors.As(err, &refused) && refused.Kind == store.Refused:
			reasons = append(reasons, refused.Reasons...)
		default:
			return err
		}
	}
	if len(reasons) == 0 {
		return nil
	}
	return store.Refuse(reasons...)
}

// year is a change with what the rules say of its cycle.
type year struct {
	*store.Change
	set   store.DataSet
	rules *rules.RuleSet
	links links
	// public are the links to the public pages (E9).
	public links
	// domain is that of the sender, for Message-IDs.
	domain string
}

// do makes one keyed change for an act or a step.
func do[Out any](ctx context.Context, a *Activities, act workflows.Act, write func(*year) (Out, error)) (Out, error) {
	var out Out
	step := store.Step{Cycle: act.Cycle.ID, Key: act.ID, At: act.At}
	err := a.Store.Do(ctx, step, &out, func(change *store.Change) error {
		year, err := a.year(change)
		if err != nil {
			return err
		}
		out, err = write(year)
		return err
	})
	return out, err
}

func (a *Activities) year(change *store.Change) (*year, error) {
	set, err := change.DataSet()
	if err != nil {
		return nil, err
	}
	ruleSet, ok := a.Rules.RuleSet(change.Cycle.RuleSet)
	if !ok {
		return nil, fmt.Errorf("the rule set %s of %s is not there", change.Cycle.RuleSet, store.CycleName(change.Cycle))
	}
	return &year{Change: change, set: set, rules: ruleSet, links: links{a.PortalURL, change.Cycle}, public: links{a.PublicURL, change.Cycle}, domain: a.domain()}, nil
}

// published refuses a due day of a phase whose escalation would need a year that nobody has published yet. It asks for no
// more than the start of the year did: what the phase's own policy counts.
func (y *year) published(phase string, due calendar.Date) error {
	days, err := y.Days(y.set)
	if err != nil {
		return err
	}
	policies, err := Policies(y.set.Phases())
	if err != nil {
		return err
	}
	_, err = policies[phase].EscalationDay(days, due)
	return err
}

func (y *year) id() int64 { return y.Cycle.CycleID }

// dates are the newest version of the cycle's dates.
func (y *year) dates() (query.SchemeVersion, error) {
	return y.SchemeVersionLatest(y.Context, query.SchemeVersionLatestParams{CycleID: y.id()})
}

func (y *year) assessment(unit string) (query.Assessment, error) {
	row, err := y.AssessmentGet(y.Context, query.AssessmentGetParams{CycleID: y.id(), Unit: unit})
	if errors.Is(err, sql.ErrNoRows) {
		return row, store.Missing("no unit " + unit + " in this cycle, or it has not started")
	}
	return row, err
}

func (a *Activities) domain() string { return a.From[strings.LastIndexByte(a.From, '@')+1:] }
