package workflows

import (
	"strconv"

	"go.temporal.io/sdk/workflow"

	"github.com/kaoping/kaoping/calendar"
)

// Acts on an open proposal.
const (
	UpdateApprove           = "approve"
	UpdateReturnProposal    = "return-proposal"
	UpdateConfirmAdjustment = "confirm-adjustment"
	UpdateReopenUnits       = "reopen-units"
)

// Steps of the approval.
var (
	MakeProposal    = Step[MakeProposalInput, MakeProposalResult]{"Proposals.Make", "propose totals, grades and ranks"}
	ApproveProposal = Step[ApproveInput, ApproveResult]{"Proposals.Approve", "approve the proposal"}
	ReturnProposal  = Step[ReturnProposalInput, UnitsResult]{"Proposals.Return", "return the proposal"}
	ConfirmAdjusted = Step[ConfirmAdjustmentInput, UnitsResult]{"Proposals.ConfirmAdjustment", "confirm an adjustment, void the proposal"}
	ReopenUnits     = Step[ReopenInput, UnitsResult]{"Proposals.Reopen", "reopen units, void the proposal"}
)

// MakeProposalInput computes the results and proposes them (A8(6), A9).
type MakeProposalInput struct {
	Act    Act `json:"act"`
	Number int `json:"number"`
}

// MakeProposalResult carries the digest that is to be approved. Of a proposal that was made before, by an approval that
// was broken off, it tells what was decided since, if anything.
type MakeProposalResult struct {
	Digest   string           `json:"digest"`
	Due      calendar.Date    `json:"due"`
	Decision string           `json:"decision,omitempty"`
	Units    []UnitGeneration `json:"units,omitempty"`
}

// ApproveRequest approves exactly the results of the digest.
type ApproveRequest struct {
	Person
	Digest string `json:"digest"`
}

// ApproveInput approves a proposal; the approval states the office of who approves.
type ApproveInput struct {
	Act    Act    `json:"act"`
	Number int    `json:"number"`
	Digest string `json:"digest"`
}

// ApproveResult is empty.
type ApproveResult struct{}

// UnitsRequest names units; none means all. Comments and reasons are kept under the act's id.
type UnitsRequest struct {
	Person
	Units []string `json:"units,omitempty"`
	// ReviewDue is the new review date of a return (A8(6)).
	ReviewDue calendar.Date `json:"review_due"`
}

// ReturnProposalInput sends units back to review.
type ReturnProposalInput struct {
	Act       Act           `json:"act"`
	Number    int           `json:"number"`
	Units     []string      `json:"units,omitempty"`
	ReviewDue calendar.Date `json:"review_due"`
}

// UnitsResult names the units that begin again at review.
type UnitsResult struct {
	Units []UnitGeneration `json:"units,omitempty"`
}

// UnitGeneration is a unit and how often its review was opened anew.
type UnitGeneration struct {
	Unit       string `json:"unit"`
	Generation int    `json:"generation"`
}

// ConfirmRequest confirms a bonus or deduction as the second person.
type ConfirmRequest struct {
	Person
	Adjustment string `json:"adjustment"`
}

// ConfirmAdjustmentInput confirms one adjustment while a proposal is open or its results are in force.
type ConfirmAdjustmentInput struct {
	Act        Act    `json:"act"`
	Adjustment string `json:"adjustment"`
}

// ReopenInput reopens units' reviews.
type ReopenInput struct {
	Act       Act           `json:"act"`
	Units     []string      `json:"units"`
	ReviewDue calendar.Date `json:"review_due"`
}

// Decisions about a proposal.
const (
	DecisionApproved = "approved"
	DecisionReturned = "returned"
	DecisionVoided   = "voided"
)

// ApprovalInput starts the approval of one proposal.
type ApprovalInput struct {
	Cycle  CycleRef       `json:"cycle"`
	Clock  calendar.Clock `json:"clock"`
	Number int            `json:"number"`
}

// ApprovalResult is what became of the proposal.
type ApprovalResult struct {
	Decision string           `json:"decision"`
	Units    []UnitGeneration `json:"units,omitempty"`
	Ending
}

// Approval proposes the results to the leader, and lasts until they are approved, returned or overtaken (A8(6)).
func Approval(ctx workflow.Context, in ApprovalInput) (ApprovalResult, error) {
	approval := &approval{process: newProcess(ctx, in.Cycle, clock{in.Clock}), in: in}
	ctx = withOptions(ctx, approval.clock)
	if err := approval.listen(ctx); err != nil {
		return ApprovalResult{}, err
	}
	ending, err := approval.finish(ctx, approval.run(ctx))
	approval.result.Ending = ending
	return approval.result, err
}

type approval struct {
	*process
	in       ApprovalInput
	proposed bool
	result   ApprovalResult
}

func (a *approval) run(ctx workflow.Context) error {
	if err := a.take(ctx, MakeProposal.name, a.propose); err != nil {
		return err
	}
	return workflow.Await(ctx, func() bool { return a.result.Decision != "" })
}

func (a *approval) propose(ctx workflow.Context) error {
	made, err := MakeProposal.runOnAll(ctx, MakeProposalInput{Act: a.own(ctx, "propose"), Number: a.in.Number})
	if err != nil {
		return err
	}
	a.proposed = true
	a.result.Decision, a.result.Units = made.Decision, made.Units
	a.courier.call()
	workflow.SetCurrentDetails(ctx, "proposal "+strconv.Itoa(a.in.Number)+" waits for a decision, due "+made.Due.String())
	return nil
}

func (a *approval) listen(ctx workflow.Context) error {
	for _, err := range []error{
		listen(ctx, a.process, UpdateApprove, undecided[ApproveRequest](a), a.approve),
		listen(ctx, a.process, UpdateReturnProposal, undecided[UnitsRequest](a), a.sendBack),
		listen(ctx, a.process, UpdateConfirmAdjustment, undecided[ConfirmRequest](a), a.confirmAdjustment),
		listen(ctx, a.process, UpdateReopenUnits, undecided[UnitsRequest](a), a.reopen),
		a.listenRetry(ctx),
	} {
		if err != nil {
			return err
		}
	}
	a.startCourier(ctx)
	return nil
}

// undecided is the check of every act on a proposal: of two decisions only the first is taken.
func undecided[In any](a *approval) func(In) error {
	return func(In) error {
		switch {
		case !a.proposed:
			return refuse("the proposal is being computed; try again in a moment")
		case a.result.Decision != "":
			return refuse("the proposal is decided already: " + a.result.Decision)
		}
		return nil
	}
}

func (a *approval) approve(ctx workflow.Context, in ApproveRequest) (ApproveResult, error) {
	result, err := ApproveProposal.runOnAll(ctx, ApproveInput{Act: a.act(ctx, in.Person), Number: a.in.Number, Digest: in.Digest})
	if err == nil {
		a.result.Decision = DecisionApproved
	}
	return result, err
}

func (a *approval) sendBack(ctx workflow.Context, in UnitsRequest) (UnitsResult, error) {
	result, err := ReturnProposal.runOnAll(ctx, ReturnProposalInput{
		Act: a.act(ctx, in.Person), Number: a.in.Number, Units: in.Units, ReviewDue: in.ReviewDue,
	})
	return a.decided(DecisionReturned, result, err)
}

// confirmAdjustment changes a score, so it voids the proposal: a new one follows.
func (a *approval) confirmAdjustment(ctx workflow.Context, in ConfirmRequest) (UnitsResult, error) {
	result, err := ConfirmAdjusted.runOnAll(ctx, ConfirmAdjustmentInput{Act: a.act(ctx, in.Person), Adjustment: in.Adjustment})
	return a.decided(DecisionVoided, result, err)
}

func (a *approval) reopen(ctx workflow.Context, in UnitsRequest) (UnitsResult, error) {
	result, err := ReopenUnits.runOnAll(ctx, ReopenInput{Act: a.act(ctx, in.Person), Units: in.Units, ReviewDue: in.ReviewDue})
	return a.decided(DecisionVoided, result, err)
}

func (a *approval) decided(decision string, result UnitsResult, err error) (UnitsResult, error) {
	if err == nil {
		a.result.Decision, a.result.Units = decision, result.Units
		a.courier.call()
	}
	return result, err
}
