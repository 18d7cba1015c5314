package workflows

import (
	"fmt"

	"go.temporal.io/sdk/workflow"

	"github.com/kaoping/kaoping/calendar"
)

// UnitAssessmentInput starts the assessment of one unit.
type UnitAssessmentInput struct {
	Cycle CycleRef       `json:"cycle"`
	Clock calendar.Clock `json:"clock"`
	Unit  string         `json:"unit"`
	// ReportDue is the day at whose end the review opens, without a report if need be.
	ReportDue calendar.Date `json:"report_due"`
	// Generation is above 1 for a unit that was returned: it begins at review.
	Generation int `json:"generation"`
	// Resumed tells that an assessment before this one was broken off: it begins where that stood.
	Resumed bool `json:"resumed,omitempty"`
}

// UnitAssessment is one unit's way from the notice until its review is closed (A8(5), A8(6)).
func UnitAssessment(ctx workflow.Context, in UnitAssessmentInput) (Ending, error) {
	unit := &unit{process: newProcess(ctx, in.Cycle, clock{in.Clock}), in: in, due: in.ReportDue}
	// A returned unit's report stands, and its sheets are open since the return.
	unit.reported, unit.reviewing = in.Generation > 1, in.Generation > 1
	ctx = withOptions(ctx, unit.clock)
	if err := unit.listen(ctx); err != nil {
		return Ending{}, err
	}
	return unit.finish(ctx, unit.run(ctx))
}

type unit struct {
	*process
	in UnitAssessmentInput
	// due moves when the deadline is extended or the report returned.
	due      calendar.Date
	reported bool
	returned bool
	// reviewing is true while sheets can be submitted; a returned report suspends it.
	reviewing bool
	open      int
	closed    bool
}

func (u *unit) run(ctx workflow.Context) error {
	if u.in.Resumed {
		if err := u.take(ctx, ReadUnit.name, u.resume); err != nil {
			return err
		}
	}
	for !u.closed {
		for _, step := range []func(workflow.Context) error{u.awaitReport, u.openReview, u.awaitSheets} {
			if err := step(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// standing reads where the unit stands in the database.
func (u *unit) standing(ctx workflow.Context) (UnitStanding, error) {
	return ReadUnit.write(ctx, ReviewInput{Act: u.own(ctx, "standing"), Unit: u.in.Unit})
}

// resume goes on where an assessment that was broken off stood.
func (u *unit) resume(ctx workflow.Context) error {
	now, err := u.standing(ctx)
	if err == nil {
		u.due, u.reported, u.returned = now.Due, now.Reported, now.Returned
		u.reviewing, u.closed, u.open = now.Reviewing, now.Closed, now.Open
	}
	return err
}

// waits tells whether the report is out and its own due day has not ended.
func (u *unit) waits(ctx workflow.Context) bool {
	return !u.reported && u.clock.now(ctx).Before(u.due.End())
}

// awaitReport waits for the report, at the latest until the end of the unit's own due day (A8(5)).
func (u *unit) awaitReport(ctx workflow.Context) error {
	for u.waits(ctx) {
		due := u.due
		workflow.SetCurrentDetails(ctx, fmt.Sprintf("self-report due %s", due))
		if _, err := within(ctx, u.clock.wait(ctx, due.End()), func() bool { return u.reported || u.due != due }); err != nil {
			return err
		}
	}
	return nil
}

func (u *unit) openReview(ctx workflow.Context) error {
	return u.take(ctx, OpenReview.name, func(ctx workflow.Context) error {
		if u.waits(ctx) {
			return nil // the date was moved while this step waited for its turn
		}
		if err := showPhase(ctx, "review", "sheets are being filled"); err != nil {
			return err
		}
		result, err := OpenReview.write(ctx, ReviewInput{Act: u.own(ctx, "open-review"), Unit: u.in.Unit})
		u.open, u.reviewing = result.Open, err == nil
		return err
	})
}

// awaitSheets waits until every assigned sheet is in, or the report is returned. Points are never invented: an
// overdue assessor is reminded and escalates, and the review stays open. It stays open, too, for a unit whose deadline
// was extended meanwhile.
func (u *unit) awaitSheets(ctx workflow.Context) error {
	for u.reviewing && !u.closed {
		if err := workflow.Await(ctx, func() bool { return u.open == 0 || !u.reviewing }); err != nil {
			return err
		}
		if err := u.awaitReport(ctx); err != nil {
			return err
		}
		if err := u.take(ctx, CloseReview.name, u.closeReview); err != nil {
			return err
		}
	}
	return nil
}

// closeReview asks for closing; the answer may be that sheets went back to assessors who lie too far apart.
func (u *unit) closeReview(ctx workflow.Context) error {
	if !u.reviewing || u.open > 0 || u.waits(ctx) {
		return nil // somebody acted while this step waited for its turn
	}
	result, err := CloseReview.write(ctx, ReviewInput{Act: u.own(ctx, "close-review"), Unit: u.in.Unit})
	if err == nil {
		u.open, u.closed = result.Open, result.Closed
	}
	return err
}
