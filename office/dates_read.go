package office

import (
	"context"
	"fmt"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

// DateEffect is what moving a date for all would do, before it is done (A8(3)).
type DateEffect struct {
	Phase    string
	From, To calendar.Date
	// Faults are why it would be refused.
	Faults []string
	// Moved are the units whose own deadline moves with it; Told those of them that get a mail; Kept have a later one of
	// their own, or nothing that is due.
	Moved, Told, Kept []string
	// Assessors counts those with a sheet that is due later then.
	Assessors int
	// Proposal is the open one whose date moves; 0 if none is open.
	Proposal int
}

// DateVersions are the cycle's dates as they were moved, oldest first, each with its reason.
func (d *Desk) DateVersions(ctx context.Context) ([]query.SchemeVersion, error) {
	if err := d.must(rules.Admin, rules.Leader, rules.Deputy, rules.Auditor); err != nil {
		return nil, err
	}
	return d.Store.SchemeVersionList(ctx, query.SchemeVersionListParams{CycleID: d.Cycle.CycleID})
}

// DateEffect tells whom moving a date for all would affect.
func (d *Desk) DateEffect(ctx context.Context, phase string, to calendar.Date) (DateEffect, error) {
	if err := d.must(rules.Admin); err != nil {
		return DateEffect{}, err
	}
	dates, err := d.Store.SchemeVersionLatest(ctx, query.SchemeVersionLatestParams{CycleID: d.Cycle.CycleID})
	if err != nil {
		return DateEffect{}, err
	}
	effect := DateEffect{Phase: phase, To: to}
	if err := effect.judge(dates, d.Today()); err != nil {
		return effect, err
	}
	switch phase {
	case workflows.PhaseSelfReport, workflows.PhaseReview:
		err = d.unitsMoved(ctx, &effect)
	case workflows.PhaseApproval:
		err = d.proposalMoved(ctx, &effect)
	default:
		err = d.rectificationsMoved(ctx, &effect)
	}
	return effect, err
}

// judge says in advance what the act itself would refuse.
func (e *DateEffect) judge(dates query.SchemeVersion, today calendar.Date) error {
	field := map[string]*calendar.Date{
		workflows.PhaseSelfReport: &dates.SelfReportDue, workflows.PhaseReview: &dates.ReviewDue,
		workflows.PhaseApproval: &dates.ApprovalDue, workflows.PhaseRectification: &dates.RectificationDue,
	}[e.Phase]
	if field == nil {
		return store.Refuse("a date is moved for self_report, review, approval or rectification")
	}
	e.From = *field
	if !e.To.After(e.From) {
		e.Faults = append(e.Faults, fmt.Sprintf("%s is due on %s already; an extension moves it later", e.Phase, e.From))
	}
	if !e.To.After(today) {
		e.Faults = append(e.Faults, fmt.Sprintf("%s is not after today", e.To))
	}
	*field = e.To
	if !dates.SelfReportDue.Before(dates.ReviewDue) || !dates.ReviewDue.Before(dates.ApprovalDue) || !dates.ApprovalDue.Before(dates.RectificationDue) {
		e.Faults = append(e.Faults, fmt.Sprintf("the dates would not be in order: self-report %s, review %s, approval %s, rectification %s",
			dates.SelfReportDue, dates.ReviewDue, dates.ApprovalDue, dates.RectificationDue))
	}
	return nil
}

// unitsMoved finds the units whose report or review is still open and due before the new date.
func (d *Desk) unitsMoved(ctx context.Context, effect *DateEffect) error {
	rows, err := d.Store.YearUnits(ctx, query.YearUnitsParams{CycleID: d.Cycle.CycleID})
	if err != nil {
		return err
	}
	moved := map[string]bool{}
	for _, row := range rows {
		due, open := row.ReportDue, row.Report != "submitted"
		if effect.Phase == workflows.PhaseReview {
			due, open = row.ReviewDue, true
		}
		if due != nil && row.State != "closed" && open && due.Before(effect.To) {
			effect.Moved = append(effect.Moved, row.Code)
			moved[row.Code] = true
		} else {
			effect.Kept = append(effect.Kept, row.Code)
		}
	}
	if effect.Phase == workflows.PhaseSelfReport {
		effect.Told = effect.Moved
		return nil
	}
	sheets, err := d.Store.SheetList(ctx, query.SheetListParams{CycleID: d.Cycle.CycleID})
	assessors := map[string]bool{}
	for _, sheet := range sheets {
		if moved[sheet.Unit] && sheet.State != "submitted" {
			assessors[sheet.Assessor] = true
		}
	}
	effect.Assessors = len(assessors)
	return err
}

func (d *Desk) proposalMoved(ctx context.Context, effect *DateEffect) error {
	open, err := d.Store.ProposalOpen(ctx, query.ProposalOpenParams{CycleID: d.Cycle.CycleID})
	if store.IsMissing(err) {
		return nil
	}
	effect.Proposal = int(open.Number)
	return err
}

// rectificationsMoved finds the rectifications that follow from the results and are still open (A13).
func (d *Desk) rectificationsMoved(ctx context.Context, effect *DateEffect) error {
	rows, err := d.Store.RectificationList(ctx, query.RectificationListParams{CycleID: d.Cycle.CycleID})
	for _, row := range rows {
		switch {
		case row.Number != 0 || row.State == "accepted" || row.State == "ended":
			continue
		case !row.Due.Before(effect.To):
			effect.Kept = append(effect.Kept, row.Unit)
			continue
		}
		effect.Moved = append(effect.Moved, row.Unit)
		if row.State != "draft" && row.State != "reported" {
			effect.Told = append(effect.Told, row.Unit)
		}
	}
	return err
}
