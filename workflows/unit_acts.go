package workflows

import (
	"fmt"

	"go.temporal.io/sdk/workflow"

	"github.com/kaoping/kaoping/calendar"
)

// Acts on one unit's assessment.
const (
	UpdateSubmitReport   = "submit-report"
	UpdateReturnReport   = "return-report"
	UpdateExtend         = "extend"
	UpdateSubmitSheet    = "submit-sheet"
	UpdateAssignAssessor = "assign-assessor"
	// SignalDeadline tells that a date was moved for all.
	SignalDeadline = "deadline"
)

// Steps of one unit's assessment.
var (
	SubmitReport   = Step[SubmitReportInput, SheetsResult]{"Reports.Submit", "take the self-report"}
	ReturnReport   = Step[ReturnReportInput, ReturnReportResult]{"Reports.Return", "return the self-report"}
	ExtendUnit     = Step[ExtendUnitInput, ExtendUnitResult]{"Deadlines.Extend", "extend a unit's deadline"}
	OpenReview     = Step[ReviewInput, SheetsResult]{"Reviews.Open", "open the review"}
	SubmitSheet    = Step[SubmitSheetInput, SheetsResult]{"Sheets.Submit", "take a sheet"}
	AssignAssessor = Step[AssignAssessorInput, SheetsResult]{"Sheets.Assign", "assign an assessor"}
	CloseReview    = Step[ReviewInput, CloseReviewResult]{"Reviews.Close", "close the review"}
	ReadUnit       = Step[ReviewInput, UnitStanding]{"Units.Standing", "read where the unit stands"}
)

// SubmitReportInput submits the unit's draft (A8(5)).
type SubmitReportInput struct {
	Act  Act    `json:"act"`
	Unit string `json:"unit"`
}

// SheetsResult says how many sheets of the unit are not in.
type SheetsResult struct {
	Open int  `json:"open"`
	Late bool `json:"late,omitempty"`
}

// ReturnRequest is the update that returns a report for correction with a new date; its reason is kept under the
// act's id.
type ReturnRequest struct {
	Person
	Due calendar.Date `json:"due"`
}

// ReturnReportInput returns the unit's report.
type ReturnReportInput struct {
	Act  Act           `json:"act"`
	Unit string        `json:"unit"`
	Due  calendar.Date `json:"due"`
}

// ReturnReportResult is empty: the new date is as asked.
type ReturnReportResult struct{}

// Phases whose dates a person may move.
const (
	PhaseSelfReport    = "self_report"
	PhaseReview        = "review"
	PhaseApproval      = "approval"
	PhaseRectification = "rectification"
)

// ExtendRequest moves one unit's date, or in a cycle the date for all.
type ExtendRequest struct {
	Person
	Phase string        `json:"phase"`
	To    calendar.Date `json:"to"`
}

// ExtendUnitInput moves a date of one unit.
type ExtendUnitInput struct {
	Act   Act           `json:"act"`
	Unit  string        `json:"unit"`
	Phase string        `json:"phase"`
	To    calendar.Date `json:"to"`
	// Rectification is the number of the order whose limit moves.
	Rectification int `json:"rectification,omitempty"`
}

// ExtendUnitResult is empty: the new date is as asked.
type ExtendUnitResult struct{}

// ReviewInput names a unit whose review opens or closes.
type ReviewInput struct {
	Act  Act    `json:"act"`
	Unit string `json:"unit"`
}

// SubmitSheetInput submits an assessor's sheet of the unit; the assessor is who acts.
type SubmitSheetInput struct {
	Act  Act    `json:"act"`
	Unit string `json:"unit"`
	// NotLast asks to leave the sheet alone, with ErrorLastSheet, if no other sheet of the unit is open.
	NotLast bool `json:"not_last,omitempty"`
}

// AssignRequest gives a unit's indicators whose points lie too far apart to a third assessor.
type AssignRequest struct {
	Person
	Assessor string `json:"assessor"`
}

// AssignAssessorInput names the third assessor.
type AssignAssessorInput struct {
	Act      Act    `json:"act"`
	Unit     string `json:"unit"`
	Assessor string `json:"assessor"`
}

// CloseReviewResult tells whether the review is closed, and if not, how many sheets it still waits for.
type CloseReviewResult struct {
	Closed bool `json:"closed"`
	Open   int  `json:"open"`
}

// UnitStanding is where the unit stands in the database.
type UnitStanding struct {
	Due       calendar.Date `json:"due"`
	Reported  bool          `json:"reported,omitempty"`
	Returned  bool          `json:"returned,omitempty"`
	Reviewing bool          `json:"reviewing,omitempty"`
	Closed    bool          `json:"closed,omitempty"`
	// Open is how many sheets are not in.
	Open int `json:"open"`
}

// Deadline is the signal that a date was moved for all.
type Deadline struct {
	Due calendar.Date `json:"due"`
}

func (u *unit) listen(ctx workflow.Context) error {
	for _, err := range []error{
		listen(ctx, u.process, UpdateSubmitReport, u.mayReport, u.submitReport),
		listen(ctx, u.process, UpdateReturnReport, u.mayReturn, u.returnReport),
		listen(ctx, u.process, UpdateExtend, u.mayExtend, u.extend),
		listen(ctx, u.process, UpdateSubmitSheet, u.maySubmitSheet, u.submitSheet),
		listen(ctx, u.process, UpdateAssignAssessor, u.mayAssign, u.assignAssessor),
		u.listenRetry(ctx),
	} {
		if err != nil {
			return err
		}
	}
	u.startCourier(ctx)
	u.follow(ctx, ReadUnit.name, u.followDeadline)
	return nil
}

// followDeadline takes a moved date from the database: this unit may have got a later one of its own meanwhile.
func (u *unit) followDeadline(ctx workflow.Context) error {
	now, err := u.standing(ctx)
	if err == nil {
		u.due = now.Due
	}
	return err
}

func (u *unit) mayReport(Person) error {
	switch {
	case u.in.Generation > 1:
		return refuse("the leader returned this unit for a new review: its self-report stands (A8(6))")
	case u.reported:
		return refuse("the self-report is in already; the authority can return it for correction (A8(5))")
	case u.closed:
		return refuse("the unit's review is closed: no report is taken any more (A8(5))")
	}
	return nil
}

func (u *unit) submitReport(ctx workflow.Context, by Person) (SheetsResult, error) {
	result, err := SubmitReport.run(ctx, SubmitReportInput{Act: u.act(ctx, by), Unit: u.in.Unit})
	if err == nil {
		u.reported, u.returned, u.open = true, false, result.Open
	}
	return result, err
}

func (u *unit) mayReturn(ReturnRequest) error {
	switch {
	case u.in.Generation > 1:
		return refuse("the leader returned this unit for a new review: its self-report stands (A8(6))")
	case !u.reported:
		return refuse("there is no submitted self-report to return (A8(5))")
	case u.closed:
		return refuse("the unit's review is closed (A8(5))")
	}
	return nil
}

// returnReport suspends the review until the corrected report is in or its new date has passed.
func (u *unit) returnReport(ctx workflow.Context, in ReturnRequest) (ReturnReportResult, error) {
	result, err := ReturnReport.run(ctx, ReturnReportInput{Act: u.act(ctx, in.Person), Unit: u.in.Unit, Due: in.Due})
	if err == nil {
		u.reported, u.returned, u.reviewing, u.due = false, true, false, in.Due
		u.courier.call()
	}
	return result, err
}

func (u *unit) mayExtend(in ExtendRequest) error {
	switch {
	case u.closed:
		return refuse("the unit's review is closed: there is no date left to extend")
	case in.Phase == PhaseReview:
		return nil
	case in.Phase != PhaseSelfReport:
		return refuse("one unit's dates are self_report, review and, once it is ordered, rectification")
	case u.reported:
		return refuse("the self-report is in: there is no deadline to extend (A8(5))")
	}
	return nil
}

func (u *unit) extend(ctx workflow.Context, in ExtendRequest) (ExtendUnitResult, error) {
	result, err := ExtendUnit.run(ctx, ExtendUnitInput{Act: u.act(ctx, in.Person), Unit: u.in.Unit, Phase: in.Phase, To: in.To})
	if err == nil {
		u.courier.call()
		if in.Phase == PhaseSelfReport {
			u.due = in.To
		}
	}
	return result, err
}

func (u *unit) maySubmitSheet(Person) error {
	switch {
	case u.closed:
		return refuse("the unit's review is closed")
	case !u.reviewing && u.returned:
		return refuse(fmt.Sprintf("the self-report is being corrected until %s; scoring goes on after that", u.due))
	case !u.reviewing:
		return refuse(fmt.Sprintf("the unit's review opens when its self-report is in, at the latest after %s (A8(5))", u.due))
	}
	return nil
}

// submitSheet takes a sheet. The workflow waits for the last one alone: the others are many, need fewer events, and
// may be forgotten with the worker that took them. So the last one, whichever that is, goes on record first.
func (u *unit) submitSheet(ctx workflow.Context, by Person) (SheetsResult, error) {
	in := SubmitSheetInput{Act: u.act(ctx, by), Unit: u.in.Unit, NotLast: u.open > 1}
	var result SheetsResult
	var err error
	if in.NotLast {
		result, err = SubmitSheet.write(ctx, in)
	}
	if in.NotLast = in.NotLast && !isType(err, ErrorLastSheet); !in.NotLast {
		result, err = SubmitSheet.run(ctx, in)
	}
	if err == nil {
		// An act that is sent again answers what it did then. Too low a count does no harm: the review's close counts.
		u.open = min(u.open, result.Open)
	}
	return result, err
}

func (u *unit) mayAssign(AssignRequest) error {
	if u.closed {
		return refuse("the unit's review is closed")
	}
	return nil
}

func (u *unit) assignAssessor(ctx workflow.Context, in AssignRequest) (SheetsResult, error) {
	result, err := AssignAssessor.run(ctx, AssignAssessorInput{Act: u.act(ctx, in.Person), Unit: u.in.Unit, Assessor: in.Assessor})
	if err == nil {
		u.open = result.Open
	}
	return result, err
}
