package activities

import (
	"context"
	"fmt"
	"sort"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/mail"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

// moveDate moves a date of the scheme for all: a new version with a reason (A8(3)). It answers whose own deadline
// moves with it.
func (a *Activities) moveDate(ctx context.Context, in workflows.MoveDateInput) (workflows.MoveDateResult, error) {
	return do(ctx, a, in.Act, func(y *year) (workflows.MoveDateResult, error) {
		none := workflows.MoveDateResult{}
		reason, err := y.reason(in.Act)
		dates, wrong := y.moved(in)
		if err := together(err, wrong); err != nil {
			return none, err
		}
		dates.Reason, dates.Person = reason, in.Act.By
		if err := y.newVersion(dates); err != nil {
			return none, err
		}
		y.Record(store.Line{
			Event: "deadline_extended", Person: in.Act.By, Article: extendedArticle(in.Phase),
			Data: map[string]any{"phase": in.Phase, "to": in.To.String(), "reason": reason},
		})
		units, err := y.moveOwn(in)
		if err != nil {
			return none, err
		}
		if err := y.tellMoved(in, units, reason); err != nil || in.Phase == workflows.PhaseReview {
			return none, err // no workflow waits for the end of a review
		}
		return workflows.MoveDateResult{Units: units}, nil
	})
}

// tellMoved tells units of their new date, and of the review's those who must score. Before the notice nobody has heard
// of the old one: the notice says the new.
func (y *year) tellMoved(in workflows.MoveDateInput, units []string, reason string) error {
	if y.beforeNotice() {
		return nil
	}
	if in.Phase == workflows.PhaseReview {
		return y.tellLaterReview(units, in.To, in.Act.ID, reason)
	}
	book, err := y.directory()
	if err != nil {
		return err
	}
	for _, unit := range units {
		if err := y.tellContacts(book, unit, func(row query.Unit) letter {
			return letter{kind: "deadline_extended", article: extendedArticle(in.Phase), key: in.Act.ID + "/" + row.Code, data: mail.Data{
				Reason: reason, Due: in.To, Phase: phaseNames[in.Phase], Link: y.links.to("units/%s", row.Code),
			}}
		}); err != nil {
			return err
		}
	}
	return nil
}

// beforeNotice tells whether the units have not been told of the year yet (A8(4)).
func (y *year) beforeNotice() bool { return y.Cycle.Phase == "notice" }

// moved are the scheme's dates with the new one.
func (y *year) moved(in workflows.MoveDateInput) (query.SchemeVersion, error) {
	dates, err := y.dates()
	if err != nil {
		return dates, err
	}
	field, ok := phaseDates(&dates)[in.Phase]
	if !ok {
		return dates, store.Refuse("a date is moved for self_report, review, approval or rectification")
	}
	before := *field
	*field = in.To
	var order error
	if in.To.After(before) {
		order = datesInOrder(dates)
	}
	return dates, together(later(before, in.To, in.Phase+" is due on %s already; an extension moves it later"), y.ahead(in.To), order, y.published(in.Phase, in.To))
}

// later refuses a date that is not after the one that it replaces.
func later(before, to calendar.Date, format string) error {
	if to.After(before) {
		return nil
	}
	return store.Refuse(fmt.Sprintf(format, before))
}

// ahead refuses a date that has come already.
func (y *year) ahead(to calendar.Date) error {
	if to.After(y.today()) {
		return nil
	}
	return store.Refuse(fmt.Sprintf("%s is not after today", to))
}

func phaseDates(dates *query.SchemeVersion) map[string]*calendar.Date {
	return map[string]*calendar.Date{
		workflows.PhaseSelfReport: &dates.SelfReportDue, workflows.PhaseReview: &dates.ReviewDue,
		workflows.PhaseApproval: &dates.ApprovalDue, workflows.PhaseRectification: &dates.RectificationDue,
	}
}

func datesInOrder(dates query.SchemeVersion) error {
	if dates.SelfReportDue.Before(dates.ReviewDue) && dates.ReviewDue.Before(dates.ApprovalDue) && dates.ApprovalDue.Before(dates.RectificationDue) {
		return nil
	}
	return store.Refuse(fmt.Sprintf("the dates would not be in order: self-report %s, review %s, approval %s, rectification %s",
		dates.SelfReportDue, dates.ReviewDue, dates.ApprovalDue, dates.RectificationDue))
}

// fitting holds a unit's new date against its others and the scheme's.
func (y *year) fitting(in workflows.ExtendUnitInput) error {
	if in.Phase == workflows.PhaseRectification {
		row, err := y.rectification(workflows.RectificationAct{Unit: in.Unit, Number: in.Rectification})
		if err != nil {
			return err
		}
		return later(row.Due, in.To, "the rectification is due on %s already; an extension moves it later")
	}
	assessment, err := y.assessment(in.Unit)
	if err != nil {
		return err
	}
	if in.Phase == workflows.PhaseReview {
		return y.fittingReview(assessment, in.To)
	}
	if !in.To.After(assessment.ReportDue) || !in.To.Before(assessment.ReviewDue) {
		return store.Refuse(fmt.Sprintf("the new date must lie after %s and before the review's, %s", assessment.ReportDue, assessment.ReviewDue))
	}
	return nil
}

// fittingReview wants the date of one unit's review to be later, and before the leader's.
func (y *year) fittingReview(assessment query.Assessment, to calendar.Date) error {
	dates, err := y.dates()
	if err != nil {
		return err
	}
	if !to.Before(dates.ApprovalDue) {
		err = store.Refuse(fmt.Sprintf("the review must end before the approval's day, %s: move that first", dates.ApprovalDue))
	}
	return together(later(assessment.ReviewDue, to, "the review is due on %s already; an extension moves it later"), err)
}

func (y *year) moveUnitDate(in workflows.ExtendUnitInput) error {
	switch in.Phase {
	case workflows.PhaseRectification:
		return y.moveLimit(workflows.RectificationAct{Unit: in.Unit, Number: in.Rectification}, in.To)
	case workflows.PhaseReview:
		return y.AssessmentReviewDue(y.Context, query.AssessmentReviewDueParams{CycleID: y.id(), Unit: in.Unit, Due: in.To})
	}
	if err := y.AssessmentReportDue(y.Context, query.AssessmentReportDueParams{CycleID: y.id(), Unit: in.Unit, Due: in.To}); err != nil {
		return err
	}
	return y.reportDueMoved(in.Unit, in.Act.By, in.To)
}

// moveOwn moves the deadlines that follow the scheme's date, and answers the units that are told.
func (y *year) moveOwn(in workflows.MoveDateInput) ([]string, error) {
	switch in.Phase {
	case workflows.PhaseSelfReport:
		units, err := y.AssessmentMoveReportDue(y.Context, query.AssessmentMoveReportDueParams{CycleID: y.id(), Due: in.To})
		if err != nil {
			return nil, err
		}
		sort.Strings(units)
		for _, unit := range units {
			if err := y.reportDueMoved(unit, in.Act.By, in.To); err != nil {
				return nil, err
			}
		}
		return units, nil
	case workflows.PhaseReview:
		return y.AssessmentMoveReviewDue(y.Context, query.AssessmentMoveReviewDueParams{CycleID: y.id(), Due: in.To})
	case workflows.PhaseApproval:
		return nil, y.moveProposal(in.To, in.Act.By)
	}
	return y.moveRectifications(in.To)
}

// moveProposal moves the date of the proposal that is open, if one is and has no later one. Until that date the deputy is
// not asked any more (A8(6)).
func (y *year) moveProposal(to calendar.Date, by string) error {
	open, err := y.ProposalOpen(y.Context, query.ProposalOpenParams{CycleID: y.id()})
	if store.IsMissing(err) || err == nil && !to.After(open.Due) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := y.FinishTask("A8(6)", deputyTask(int(open.Number)), by, "extended"); err != nil {
		return err
	}
	if err := y.ProposalDue(y.Context, query.ProposalDueParams{CycleID: y.id(), Due: to}); err != nil {
		return err
	}
	return y.TaskDue(y.Context, query.TaskDueParams{CycleID: y.id(), Key: approvalTask(int(open.Number)), Due: to})
}

// moveRectifications moves the limits of the results' rectifications. Only who has an order to carry out is told.
func (y *year) moveRectifications(to calendar.Date) ([]string, error) {
	moved, err := y.RectificationMoveDue(y.Context, query.RectificationMoveDueParams{CycleID: y.id(), Due: to})
	if err != nil {
		return nil, err
	}
	var told []string
	for _, row := range moved {
		if row.State == "draft" || row.State == "reported" {
			continue
		}
		told = append(told, row.Unit)
		if err := y.TaskDue(y.Context, query.TaskDueParams{CycleID: y.id(), Key: rectificationTask(row.Unit, 0), Due: to}); err != nil {
			return nil, err
		}
	}
	sort.Strings(told)
	return told, nil
}
