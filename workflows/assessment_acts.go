package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/kaoping/kaoping/calendar"
)

const phaseClosed = "closed"

// Acts on a whole cycle.
const (
	UpdateAwaitStart          = "await-start"
	UpdateRemind              = "remind"
	UpdateMoveDate            = "move-date"
	UpdateCancel              = "cancel"
	UpdateOrderRectifications = "order-rectifications"
	UpdateRecordViolation     = "record-violation"
	UpdateCorrectResults      = "correct-results"
)

// Steps of a cycle.
var (
	ClaimCycle          = Step[ClaimInput, ClaimResult]{"Cycles.Claim", "claim the year"}
	IssueNotices        = Step[IssueNoticesInput, IssueNoticesResult]{"Notices.Issue", "issue the notices"}
	ReleaseResults      = Step[ReleaseInput, ReleaseResult]{"Results.Release", "issue bulletin and feedback"}
	DraftProblems       = Step[DraftProblemsInput, DraftProblemsResult]{"Rectifications.Draft", "draft the problems found"}
	OrderRectifications = Step[OrderInput, OrderResult]{"Rectifications.Order", "order rectification"}
	RecordViolation     = Step[ViolationInput, ViolationResult]{"Violations.Record", "record a violation"}
	CorrectResults      = Step[CorrectInput, UnitsResult]{"Results.Correct", "correct released results"}
	MoveDate            = Step[MoveDateInput, MoveDateResult]{"Cycles.MoveDate", "move a date for all"}
	CancelCycle         = Step[CancelInput, CancelResult]{"Cycles.Cancel", "cancel the year"}
	CloseCycle          = Step[CloseInput, CloseResult]{"Cycles.Close", "close the year"}
	ReadDays            = Step[ReadDaysInput, ReadDaysResult]{"Cycles.ReadDays", "read the published working days"}
)

// Dates of a cycle's procedure (A8).
type Dates struct {
	Notice           calendar.Date `json:"notice"`
	SelfReportDue    calendar.Date `json:"self_report_due"`
	ReviewDue        calendar.Date `json:"review_due"`
	ApprovalDue      calendar.Date `json:"approval_due"`
	RectificationDue calendar.Date `json:"rectification_due"`
}

// ClaimInput claims the year for the run that asks.
type ClaimInput struct {
	Act  Act           `json:"act"`
	Real time.Time     `json:"real"`
	Pace time.Duration `json:"pace,omitempty"`
}

// ClaimResult is what the cycle's workflow needs to know of the frozen scheme.
type ClaimResult struct {
	Clock    calendar.Clock             `json:"clock"`
	Dates    Dates                      `json:"dates"`
	Policies map[string]calendar.Policy `json:"policies"`
	Days     calendar.Days              `json:"days"`
	Units    []string                   `json:"units"`
	// Consequences are those of violations recorded before the start, which wait for their decision (A14).
	Consequences int `json:"consequences,omitempty"`
}

// IssueNoticesInput names the cycle.
type IssueNoticesInput struct {
	Act Act `json:"act"`
}

// IssueNoticesResult counts the notices on the ledger.
type IssueNoticesResult struct {
	Notices int `json:"notices"`
}

// ReleaseInput releases the results of an approved proposal.
type ReleaseInput struct {
	Act    Act `json:"act"`
	Number int `json:"number"`
}

// ReleaseResult is false if the results are no longer those of the approved digest.
type ReleaseResult struct {
	Released bool `json:"released"`
}

// DraftProblemsInput names the cycle whose results are in force.
type DraftProblemsInput struct {
	Act Act `json:"act"`
}

// DraftProblemsResult counts the units for which an order is drafted.
type DraftProblemsResult struct {
	Units int `json:"units"`
}

// OrderInput orders rectification from units; none means all that are drafted.
type OrderInput struct {
	Act   Act      `json:"act"`
	Units []string `json:"units,omitempty"`
}

// Order is one order with its time limit.
type Order struct {
	Unit   string        `json:"unit"`
	Number int           `json:"number"`
	Due    calendar.Date `json:"due"`
}

// OrderResult lists the orders, and counts the drafts that are left.
type OrderResult struct {
	Orders []Order `json:"orders,omitempty"`
	Left   int     `json:"left"`
}

// ViolationRequest records a violation; facts and evidence are kept under the act's id.
type ViolationRequest struct {
	Person
	Unit string `json:"unit"`
}

// ViolationInput records a violation (A14, A15).
type ViolationInput struct {
	Act  Act    `json:"act"`
	Unit string `json:"unit"`
}

// ViolationResult is the consequence proposed, and how many from violations wait for a decision.
type ViolationResult struct {
	Consequence int `json:"consequence"`
	Open        int `json:"open,omitempty"`
}

// CorrectRequest corrects released results: an adjustment confirmed late, or units whose review is opened again.
type CorrectRequest struct {
	Person
	Adjustment string        `json:"adjustment,omitempty"`
	Units      []string      `json:"units,omitempty"`
	ReviewDue  calendar.Date `json:"review_due"`
}

// CorrectInput corrects released results; the reason is kept under the act's id.
type CorrectInput struct {
	Act        Act           `json:"act"`
	Adjustment string        `json:"adjustment,omitempty"`
	Units      []string      `json:"units,omitempty"`
	ReviewDue  calendar.Date `json:"review_due"`
}

// MoveDateInput moves a date for all units.
type MoveDateInput struct {
	Act   Act           `json:"act"`
	Phase string        `json:"phase"`
	To    calendar.Date `json:"to"`
}

// MoveDateResult names whose own deadline moved with it.
type MoveDateResult struct {
	Units []string `json:"units,omitempty"`
}

// CancelInput cancels a wrongly started year; the reason is kept under the act's id.
type CancelInput struct {
	Act Act `json:"act"`
}

// CancelResult is empty.
type CancelResult struct{}

// CloseInput names the cycle.
type CloseInput struct {
	Act Act `json:"act"`
}

// CloseResult is false while a mail is neither sent nor refused.
type CloseResult struct {
	Closed bool `json:"closed"`
}

// ReadDaysInput asks for the days after a moment.
type ReadDaysInput struct {
	Cycle CycleRef  `json:"cycle"`
	After time.Time `json:"after"`
}

// ReadDaysResult are the published days.
type ReadDaysResult struct {
	Days calendar.Days `json:"days"`
}

func (c *cycle) listen(ctx workflow.Context) error {
	for _, err := range []error{
		listenBeside(ctx, c.process, UpdateAwaitStart, always[Person], c.awaitStart),
		listen(ctx, c.process, UpdateRemind, started[UnitsRequest](c), c.remindByHand),
		listen(ctx, c.process, UpdateMoveDate, started[ExtendRequest](c), c.moveDate),
		listenBeside(ctx, c.process, UpdateCancel, started[Person](c), c.cancel),
		listen(ctx, c.process, UpdateOrderRectifications, c.mayOrder, c.order),
		listen(ctx, c.process, UpdateRecordViolation, started[ViolationRequest](c), c.recordViolation),
		listen(ctx, c.process, UpdateDecideConsequence, started[DecideRequest](c), c.decideConsequence),
		listen(ctx, c.process, UpdateCorrectResults, c.mayCorrect, c.correct),
		c.listenRetry(ctx),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

// always is the check of an act that is never at the wrong time.
func always[In any](In) error { return nil }

// awaitStart answers who started the year, as soon as the year is claimed or refused.
func (c *cycle) awaitStart(ctx workflow.Context, _ Person) (Empty, error) {
	if err := workflow.Await(ctx, func() bool { return c.claimed || c.refusal != nil }); err != nil {
		return Empty{}, err
	}
	return Empty{}, c.refusal
}

// started is the check of every act on a year that is under way.
func started[In any](c *cycle) func(In) error {
	return func(In) error {
		switch {
		case !c.claimed:
			return refuse("the cycle is being started; try again in a moment")
		case c.cancelled:
			return refuse("the cycle is cancelled")
		case c.phase == phaseClosed:
			return refuse("the cycle is closed")
		}
		return nil
	}
}

func (c *cycle) remindByHand(ctx workflow.Context, in UnitsRequest) (RemindResult, error) {
	result, err := RemindByHand.runOnAll(ctx, RemindInput{Act: c.act(ctx, in.Person), Units: in.Units})
	if err == nil {
		c.courier.call()
	}
	return result, err
}

// moveDate moves a date for all; the units and rectifications whose own deadline moves are told.
func (c *cycle) moveDate(ctx workflow.Context, in ExtendRequest) (MoveDateResult, error) {
	result, err := MoveDate.runOnAll(ctx, MoveDateInput{Act: c.act(ctx, in.Person), Phase: in.Phase, To: in.To})
	if err != nil {
		return result, err
	}
	c.courier.call()
	if in.Phase == PhaseSelfReport {
		c.claim.Dates.SelfReportDue = in.To
	}
	var told []workflow.Future
	for _, unit := range result.Units {
		id := UnitID(c.cycle, unit, 1)
		if in.Phase == PhaseRectification {
			id = RectificationID(c.cycle, unit, 0)
		}
		// One that has not begun begins with the new date; one that is beginning is told as soon as it has.
		if child, begun := c.children[id]; begun {
			told = append(told, child.SignalChildWorkflow(ctx, SignalDeadline, Deadline{Due: in.To}))
		}
	}
	for _, signal := range told {
		if err := signal.Get(ctx, nil); err != nil {
			// It ended while the date was being moved: it has no deadline any more.
			workflow.GetLogger(ctx).Info("nobody waits for the moved date any more", "error", err)
		}
	}
	return result, nil
}

// cancel ends a wrongly started year: a farewell tells the units, and everything beneath it stops. It waits for no other act
// and no step, so that a year which can't go on can still be cancelled.
func (c *cycle) cancel(ctx workflow.Context, by Person) (CancelResult, error) {
	result, err := CancelCycle.runOnAll(ctx, CancelInput{Act: c.act(ctx, by)})
	if err != nil {
		return result, err
	}
	c.cancelled, c.phase = true, "cancelled"
	c.bidFarewell(ctx, c.phase)
	c.stop()
	return result, nil
}

func (c *cycle) mayOrder(in UnitsRequest) error {
	if err := started[UnitsRequest](c)(in); err != nil {
		return err
	}
	if c.drafted == 0 {
		return refuse("no order is drafted: problems are drafted from the released results (A13)")
	}
	return nil
}

func (c *cycle) order(ctx workflow.Context, in UnitsRequest) (OrderResult, error) {
	result, err := OrderRectifications.runOnAll(ctx, OrderInput{Act: c.act(ctx, in.Person), Units: in.Units})
	if err != nil {
		return result, err
	}
	c.courier.call()
	for _, order := range result.Orders {
		c.startRectification(c.root, order)
	}
	c.drafted = result.Left
	return result, nil
}

func (c *cycle) recordViolation(ctx workflow.Context, in ViolationRequest) (ViolationResult, error) {
	result, err := RecordViolation.run(ctx, ViolationInput{Act: c.act(ctx, in.Person), Unit: in.Unit})
	if err == nil {
		c.consequences = result.Open
	}
	return result, err
}

func (c *cycle) decideConsequence(ctx workflow.Context, in DecideRequest) (DecideResult, error) {
	result, err := DecideConsequence.run(ctx, DecideInput{Act: c.act(ctx, in.Person), Number: in.Number, Impose: in.Impose, Due: in.Due})
	if err != nil {
		return result, err
	}
	c.courier.call()
	if result.Rectification > 0 {
		c.startRectification(c.root, Order{Unit: result.Unit, Number: result.Rectification, Due: in.Due})
	}
	c.consequences = result.Open
	return result, nil
}

func (c *cycle) mayCorrect(in CorrectRequest) error {
	if err := started[CorrectRequest](c)(in); err != nil {
		return err
	}
	if c.phase != PhaseRectification || c.correction != nil {
		return refuse("nothing to correct: results are corrected after their release, and one correction at a time (A8(7))")
	}
	return nil
}

func (c *cycle) correct(ctx workflow.Context, in CorrectRequest) (UnitsResult, error) {
	result, err := CorrectResults.runOnAll(ctx, CorrectInput{
		Act: c.act(ctx, in.Person), Adjustment: in.Adjustment, Units: in.Units, ReviewDue: in.ReviewDue,
	})
	if err == nil {
		c.correction = &result
		c.courier.call()
	}
	return result, err
}
