package workflows

import (
	"go.temporal.io/sdk/workflow"

	"github.com/kaoping/kaoping/calendar"
)

// Acts on a social evaluation, beside those that every cycle knows.
const (
	UpdateRecordProvince = "record-province"
	UpdateProposeResults = "propose-results"
	UpdatePublishResults = "publish-results"
)

// Steps of a social evaluation.
var (
	ClaimEvaluation       = Step[ClaimInput, EvaluationClaim]{"Evaluations.Claim", "claim the year's social evaluation"}
	RecordProvince        = Step[EvaluationStep, Empty]{"Evaluations.RecordProvince", "record that the province's has ended"}
	PublishEvaluation     = Step[EvaluationStep, Empty]{"Evaluations.Publish", "announce the evaluation"}
	OpenWindow            = Step[EvaluationStep, Empty]{"Evaluations.OpenWindow", "open the window"}
	InviteRepresentatives = Step[EvaluationStep, Empty]{"Evaluations.Invite", "invite the representatives"}
	CloseWindow           = Step[EvaluationStep, Empty]{"Evaluations.CloseWindow", "close the window"}
	SealBallots           = Step[EvaluationStep, Empty]{"Evaluations.Seal", "seal the ballots under a signed root"}
	MakeTally             = Step[EvaluationStep, Empty]{"Evaluations.Tally", "tally, for the administrator to look at"}
	ProposeEvaluation     = Step[MakeProposalInput, MakeProposalResult]{"Evaluations.Propose", "propose indexes and grades"}
	ReturnEvaluation      = Step[ReturnEvaluationInput, Empty]{"Evaluations.Return", "return the proposal"}
	ReleaseEvaluation     = Step[ReleaseInput, ReleaseEvaluationResult]{"Evaluations.Release", "write the feedback to each unit"}
	PublishResults        = Step[PublishInput, Empty]{"Evaluations.PublishResults", "publish the results, or not"}
	MoveEvaluationDate    = Step[MoveDateInput, EvaluationDates]{"Evaluations.MoveDate", "move a date"}
	RemindRepresentatives = Step[EvaluationStep, RemindResult]{"Evaluations.Remind", "remind representatives by hand"}
)

// Phases whose date can be moved, while it lies ahead.
const (
	PhasePublish = "publish"
	PhaseOpen    = "open"
	PhaseClose   = "close"
	PhaseResults = "results"
)

// PhaseInvitation is what representatives who have not answered are reminded of, until the window closes.
const PhaseInvitation = "invitation"

// EvaluationDates are the days of an evaluation (E8).
type EvaluationDates struct {
	Publish    calendar.Date `json:"publish"`
	Open       calendar.Date `json:"open"`
	Close      calendar.Date `json:"close"`
	ResultsDue calendar.Date `json:"results_due"`
}

// EvaluationClaim is what the workflow needs to know of the frozen plan.
type EvaluationClaim struct {
	ClaimResult
	Evaluation    EvaluationDates `json:"evaluation"`
	AfterProvince bool            `json:"after_province,omitempty"`
}

// EvaluationStep needs nothing but the act; its texts, if it has some, are kept under the act's id.
type EvaluationStep struct {
	Act Act `json:"act"`
}

// ReturnEvaluationInput sends a proposal back to the administrator; the comment is kept under the act's id.
type ReturnEvaluationInput struct {
	Act    Act `json:"act"`
	Number int `json:"number"`
}

// ReleaseEvaluationResult is false if the tally is no longer that of the approved digest; else it counts the consequences
// that wait for a decision (E10).
type ReleaseEvaluationResult struct {
	Released bool `json:"released"`
	Open     int  `json:"open,omitempty"`
}

// PublishRequest publishes the results, or keeps them back with a reason, which is kept under the act's id.
type PublishRequest struct {
	Person
	Publish bool `json:"publish"`
}

// PublishInput writes the decision (E8(5)).
type PublishInput struct {
	Act     Act  `json:"act"`
	Publish bool `json:"publish"`
}

func (e *evaluation) listen(ctx workflow.Context) error {
	for _, err := range []error{
		listenBeside(ctx, e.process, UpdateAwaitStart, always[Person], e.awaitStart),
		listen(ctx, e.process, UpdateRemind, whileOpen[UnitsRequest](e, phaseWindow), e.remindByHand),
		listen(ctx, e.process, UpdateMoveDate, whileOpen[ExtendRequest](e), e.moveDate),
		listenBeside(ctx, e.process, UpdateCancel, whileOpen[Person](e), e.cancel),
		listen(ctx, e.process, UpdateRecordProvince, e.mayRecordProvince, e.recordProvince),
		listen(ctx, e.process, UpdateProposeResults, whileOpen[Person](e, phaseTally), e.propose),
		listen(ctx, e.process, UpdateApprove, e.undecided, e.approve),
		listen(ctx, e.process, UpdateReturnProposal, whileOpen[UnitsRequest](e, PhaseApproval), e.sendBack),
		listen(ctx, e.process, UpdatePublishResults, e.mayPublish, e.publishResults),
		listen(ctx, e.process, UpdateRecordViolation, whileOpen[ViolationRequest](e), e.recordViolation),
		listen(ctx, e.process, UpdateDecideConsequence, whileOpen[DecideRequest](e), e.decideConsequence),
		e.listenRetry(ctx),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

// wrongTime says what an act on a phase waits for, by the phase.
var wrongTime = map[string]string{
	phaseWindow:       "the window is not open: representatives are reminded while it is (E9)",
	phaseTally:        "no tally is being looked at: that follows the window, and a returned proposal (E8(4))",
	PhaseApproval:     "no proposal is open",
	phaseConsequences: "the results are not released yet: they are published after their approval (E8(5))",
}

// whileOpen is the check of every act on an evaluation that is under way, and in a phase if one is named.
func whileOpen[In any](e *evaluation, phases ...string) func(In) error {
	return func(In) error {
		switch {
		case !e.claimed:
			return refuse("the evaluation is being started; try again in a moment")
		case e.cancelled:
			return refuse("the evaluation is cancelled")
		case e.phase == phaseClosed:
			return refuse("the evaluation is closed")
		}
		for _, phase := range phases {
			if e.phase != phase {
				return refuse(wrongTime[phase])
			}
		}
		return nil
	}
}

// awaitStart answers who started the evaluation, as soon as it is claimed or refused.
func (e *evaluation) awaitStart(ctx workflow.Context, _ Person) (Empty, error) {
	if err := workflow.Await(ctx, func() bool { return e.claimed || e.refusal != nil }); err != nil {
		return Empty{}, err
	}
	return Empty{}, e.refusal
}

func (e *evaluation) remindByHand(ctx workflow.Context, in UnitsRequest) (RemindResult, error) {
	result, err := RemindRepresentatives.run(ctx, EvaluationStep{Act: e.act(ctx, in.Person)})
	if err == nil {
		e.courier.call()
	}
	return result, err
}

func (e *evaluation) moveDate(ctx workflow.Context, in ExtendRequest) (MoveDateResult, error) {
	dates, err := MoveEvaluationDate.run(ctx, MoveDateInput{Act: e.act(ctx, in.Person), Phase: in.Phase, To: in.To})
	if err == nil {
		e.dates = dates
		e.courier.call()
	}
	return MoveDateResult{}, err
}

// cancel ends a wrongly started evaluation. It waits for no other act and no step.
func (e *evaluation) cancel(ctx workflow.Context, by Person) (CancelResult, error) {
	result, err := CancelCycle.run(ctx, CancelInput{Act: e.act(ctx, by)})
	if err != nil {
		return result, err
	}
	e.cancelled = true
	e.bidFarewell(ctx, "cancelled")
	e.stop()
	return result, nil
}

func (e *evaluation) mayRecordProvince(in Person) error {
	if err := whileOpen[Person](e)(in); err != nil {
		return err
	}
	if !e.afterProvince || e.provinceEnded {
		return refuse("nothing waits for the end of the province's evaluation (E6)")
	}
	return nil
}

func (e *evaluation) recordProvince(ctx workflow.Context, by Person) (Empty, error) {
	result, err := RecordProvince.run(ctx, EvaluationStep{Act: e.act(ctx, by)})
	if err == nil {
		e.provinceEnded = true
	}
	return result, err
}

// propose ends the administrator's look at the tally: the leader is asked (E8(4)).
func (e *evaluation) propose(ctx workflow.Context, by Person) (MakeProposalResult, error) {
	result, err := ProposeEvaluation.run(ctx, MakeProposalInput{Act: e.act(ctx, by), Number: e.proposals + 1})
	if err != nil {
		return result, err
	}
	e.proposals++
	e.courier.call()
	return result, e.enter(ctx, PhaseApproval)
}

func (e *evaluation) undecided(in ApproveRequest) error {
	return whileOpen[ApproveRequest](e, PhaseApproval)(in)
}

func (e *evaluation) approve(ctx workflow.Context, in ApproveRequest) (ApproveResult, error) {
	result, err := ApproveProposal.run(ctx, ApproveInput{Act: e.act(ctx, in.Person), Number: e.proposals, Digest: in.Digest})
	return result, e.decided(DecisionApproved, err)
}

func (e *evaluation) sendBack(ctx workflow.Context, in UnitsRequest) (UnitsResult, error) {
	_, err := ReturnEvaluation.run(ctx, ReturnEvaluationInput{Act: e.act(ctx, in.Person), Number: e.proposals})
	return UnitsResult{}, e.decided(DecisionReturned, err)
}

// decided keeps a second decision away: the phase is over with the first.
func (e *evaluation) decided(decision string, err error) error {
	if err == nil {
		e.decision, e.phase = decision, "decided"
		e.courier.call()
	}
	return err
}

func (e *evaluation) mayPublish(in PublishRequest) error {
	if err := whileOpen[PublishRequest](e, phaseConsequences)(in); err != nil {
		return err
	}
	if e.published {
		return refuse("it is decided already whether the results are published (E8(5))")
	}
	return nil
}

func (e *evaluation) publishResults(ctx workflow.Context, in PublishRequest) (Empty, error) {
	result, err := PublishResults.run(ctx, PublishInput{Act: e.act(ctx, in.Person), Publish: in.Publish})
	if err == nil {
		e.published = true
		e.courier.call()
	}
	return result, err
}

func (e *evaluation) recordViolation(ctx workflow.Context, in ViolationRequest) (ViolationResult, error) {
	result, err := RecordViolation.run(ctx, ViolationInput{Act: e.act(ctx, in.Person), Unit: in.Unit})
	if err == nil {
		e.consequences = result.Open
	}
	return result, err
}

func (e *evaluation) decideConsequence(ctx workflow.Context, in DecideRequest) (DecideResult, error) {
	result, err := DecideConsequence.run(ctx, DecideInput{Act: e.act(ctx, in.Person), Number: in.Number, Impose: in.Impose, Due: in.Due})
	if err == nil {
		e.consequences = result.Open
		e.courier.call()
	}
	return result, err
}
