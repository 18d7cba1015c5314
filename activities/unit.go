package activities

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"

	"go.temporal.io/sdk/temporal"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/mail"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

// Obligations: what a reminder reminds of. Who fulfils one withdraws its reminders.
func reportObligation(unit string) string     { return "report/" + unit }
func reviewObligation(assessor string) string { return "review/" + assessor }

// submitReport takes the unit's draft as its self-report (A8(5)). A report that comes while the review is open
// reopens the unit's sheets, filled as they were.
func (a *Activities) submitReport(ctx context.Context, in workflows.SubmitReportInput) (workflows.SheetsResult, error) {
	return do(ctx, a, in.Act, func(y *year) (workflows.SheetsResult, error) {
		assessment, err := y.assessment(in.Unit)
		if err != nil {
			return workflows.SheetsResult{}, err
		}
		if assessment.State == "closed" {
			return workflows.SheetsResult{}, store.Refuse("the unit's review is closed: no report is taken any more (A8(5))")
		}
		revision, err := y.completeDraft(in.Unit)
		if err != nil {
			return workflows.SheetsResult{}, err
		}
		late := calendar.Late(in.Act.At, assessment.ReportDue)
		if err := y.ReportSubmit(ctx, query.ReportSubmitParams{
			CycleID: y.id(), Unit: in.Unit, Revision: revision, Person: in.Act.By, At: in.Act.At, Late: late,
		}); err != nil {
			return workflows.SheetsResult{}, err
		}
		if err := y.reported(in, revision, late); err != nil {
			return workflows.SheetsResult{}, err
		}
		if assessment.State == "review" {
			if err := y.checkAgain(in.Unit, in.Act.ID); err != nil {
				return workflows.SheetsResult{}, err
			}
		}
		open, err := y.openSheets(in.Unit)
		return workflows.SheetsResult{Open: open, Late: late}, err
	})
}

// checkAgain reopens the sheets that are in: their assessors compare them with the report that came late.
func (y *year) checkAgain(unit, key string) error {
	const remark = "迟交的自查报告已收到，请核对评分"
	assessors, err := y.SheetReopen(y.Context, query.SheetReopenParams{CycleID: y.id(), Units: []string{unit}, Remark: remark})
	if err != nil {
		return err
	}
	return y.askAgain(unit, assessors, key, remark)
}

func (y *year) reported(in workflows.SubmitReportInput, revision int32, late bool) error {
	y.Record(store.Line{
		Event: "report_submitted", Unit: in.Unit, Person: in.Act.By, Article: "A8(5)",
		Data: map[string]any{"revision": revision, "late": late},
	})
	for _, key := range []string{reportTask(in.Unit), overdueTask(in.Unit)} {
		if err := y.FinishTask("A8(5)", key, in.Act.By, ""); err != nil {
			return err
		}
	}
	return y.Withdraw(reportObligation(in.Unit))
}

func overdueTask(unit string) string { return "report_overdue/" + unit }

// completeDraft finds the unit's draft and refuses it while something is missing, naming all of it. It locks the draft
// first: what the unit is still saving is either seen here, or refused because the report is submitted.
func (y *year) completeDraft(unit string) (int32, error) {
	report, err := y.ReportLock(y.Context, query.ReportLockParams{CycleID: y.id(), Unit: unit})
	if store.IsMissing(err) || err == nil && report.State != "draft" {
		return 0, store.Refuse("there is no draft of the self-report to submit (A8(5))")
	}
	if err != nil {
		return 0, err
	}
	items, err := y.ReportItemList(y.Context, query.ReportItemListParams{CycleID: y.id(), Unit: unit, Revision: report.Revision})
	if err != nil {
		return 0, err
	}
	said := map[string]query.ReportItem{}
	for _, item := range items {
		said[item.Indicator] = item
	}
	var missing []string
	for _, indicator := range store.IndicatorsOf(y.set.Plan, unit) {
		if said[indicator.Code].Statement == "" {
			missing = append(missing, fmt.Sprintf("indicator %s has no statement (A8(5))", indicator.Code))
		}
		if said[indicator.Code].SelfScore == nil {
			missing = append(missing, fmt.Sprintf("indicator %s has no self-score (A8(5))", indicator.Code))
		}
	}
	if len(missing) > 0 {
		return 0, store.Refuse(missing...)
	}
	return report.Revision, nil
}

func (y *year) openSheets(unit string) (int, error) {
	open, err := y.SheetOpenCount(y.Context, query.SheetOpenCountParams{CycleID: y.id(), Unit: unit})
	return int(open), err
}

// returnReport gives the report back for correction, with a reason and a new date; every revision is kept (A8(5)).
func (a *Activities) returnReport(ctx context.Context, in workflows.ReturnReportInput) (workflows.ReturnReportResult, error) {
	return do(ctx, a, in.Act, func(y *year) (workflows.ReturnReportResult, error) {
		none := workflows.ReturnReportResult{}
		reason, err := y.reason(in.Act)
		report, wrong := y.returnable(in)
		if err := together(err, wrong); err != nil {
			return none, err
		}
		if err := y.giveBack(in, report, reason); err != nil {
			return none, err
		}
		y.Record(store.Line{
			Event: "report_returned", Unit: in.Unit, Person: in.Act.By, Article: "A8(5)",
			Data: map[string]any{"revision": report.Revision, "due": in.Due.String(), "reason": reason},
		})
		if err := y.OpenTask("A8(5)", store.Task{Key: reportTask(in.Unit), Kind: "self_report", Unit: in.Unit, Due: &in.Due, Detail: reason}); err != nil {
			return none, err
		}
		return none, y.tellUnit(in.Unit, func(row query.Unit) letter {
			return letter{kind: "report_returned", article: "A8(5)", key: in.Act.ID, data: mail.Data{
				Reason: reason, Due: in.Due, Link: y.links.to("units/%s/report", row.Code),
			}}
		})
	})
}

func (y *year) returnable(in workflows.ReturnReportInput) (query.Report, error) {
	assessment, err := y.assessment(in.Unit)
	if err != nil {
		return query.Report{}, err
	}
	report, err := y.ReportGet(y.Context, query.ReportGetParams{CycleID: y.id(), Unit: in.Unit})
	if errors.Is(err, sql.ErrNoRows) {
		return query.Report{}, store.Missing("there is no self-report of " + in.Unit)
	}
	if err != nil {
		return query.Report{}, err
	}
	var reasons []string
	if assessment.State == "closed" {
		reasons = append(reasons, "the unit's review is closed (A8(5))")
	}
	if report.State != "submitted" {
		reasons = append(reasons, "there is no submitted self-report to return (A8(5))")
	}
	if !in.Due.After(y.today()) || !in.Due.Before(assessment.ReviewDue) {
		reasons = append(reasons, fmt.Sprintf("the new date must lie after today and before the review's, %s", assessment.ReviewDue))
	}
	if len(reasons) > 0 {
		return query.Report{}, store.Refuse(reasons...)
	}
	return report, nil
}

// giveBack opens the next revision, filled as the last one, and puts the sheets aside until it is in.
func (y *year) giveBack(in workflows.ReturnReportInput, report query.Report, reason string) error {
	key := query.ReportCopyItemsParams{CycleID: y.id(), Unit: in.Unit, Revision: report.Revision}
	for _, step := range []func() error{
		func() error {
			return y.ReportReturn(y.Context, query.ReportReturnParams{CycleID: y.id(), Unit: in.Unit, Revision: report.Revision, Person: in.Act.By, Reason: reason})
		},
		func() error {
			return y.ReportOpen(y.Context, query.ReportOpenParams{CycleID: y.id(), Unit: in.Unit, Revision: report.Revision + 1})
		},
		func() error { return y.ReportCopyItems(y.Context, key) },
		func() error { return y.ReportCopyEvidence(y.Context, query.ReportCopyEvidenceParams(key)) },
		func() error {
			return y.SheetSuspend(y.Context, query.SheetSuspendParams{CycleID: y.id(), Unit: in.Unit, Remark: "自查报告已退回补正"})
		},
		func() error {
			return y.AssessmentState(y.Context, query.AssessmentStateParams{CycleID: y.id(), Unit: in.Unit, State: "reporting"})
		},
		func() error {
			return y.AssessmentReportDue(y.Context, query.AssessmentReportDueParams{CycleID: y.id(), Unit: in.Unit, Due: in.Due})
		},
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// openReview lets the assessors score the unit (A8(6)).
func (a *Activities) openReview(ctx context.Context, in workflows.ReviewInput) (workflows.SheetsResult, error) {
	return do(ctx, a, in.Act, func(y *year) (workflows.SheetsResult, error) {
		if err := y.SheetOpen(ctx, query.SheetOpenParams{CycleID: y.id(), Unit: in.Unit}); err != nil {
			return workflows.SheetsResult{}, err
		}
		if err := y.AssessmentState(ctx, query.AssessmentStateParams{CycleID: y.id(), Unit: in.Unit, State: "review"}); err != nil {
			return workflows.SheetsResult{}, err
		}
		open, err := y.openSheets(in.Unit)
		return workflows.SheetsResult{Open: open}, err
	})
}

// errLastSheet leaves a sheet alone: a workflow that forgot of the others must not forget of this one.
var errLastSheet = temporal.NewNonRetryableApplicationError("the sheet is the unit's last one", workflows.ErrorLastSheet, nil)

// submitSheet takes an assessor's points for one unit, each with its check; points lost need a reason (A8(6)).
func (a *Activities) submitSheet(ctx context.Context, in workflows.SubmitSheetInput) (workflows.SheetsResult, error) {
	return do(ctx, a, in.Act, func(y *year) (workflows.SheetsResult, error) {
		none := workflows.SheetsResult{}
		if err := y.completeSheet(in.Unit, in.Act.By); err != nil {
			return none, err
		}
		if open, err := y.openSheets(in.Unit); err != nil || in.NotLast && open <= 1 {
			return none, cmp.Or(err, errLastSheet)
		}
		key := query.SheetSubmitParams{CycleID: y.id(), Unit: in.Unit, Assessor: in.Act.By}
		submitted, err := y.SheetSubmit(ctx, key)
		if err != nil {
			return none, err
		}
		if submitted == 0 {
			return none, store.Refuse("this sheet is not open: it is submitted already, or the unit's review is not open")
		}
		if err := y.SheetKeep(ctx, query.SheetKeepParams{CycleID: y.id(), Unit: in.Unit, Assessor: in.Act.By, At: in.Act.At}); err != nil {
			return none, err
		}
		y.Record(store.Line{Event: "sheet_submitted", Unit: in.Unit, Person: in.Act.By, Article: "A8(6)"})
		if err := y.reviewed(in.Act.By); err != nil {
			return none, err
		}
		open, err := y.openSheets(in.Unit)
		return workflows.SheetsResult{Open: open}, err
	})
}

func overdueReviewTask(assessor string) string { return "review_overdue/" + assessor }

// reviewed ends the assessor's reminders with his last open sheet.
func (y *year) reviewed(assessor string) error {
	left, err := y.SheetOpenByAssessor(y.Context, query.SheetOpenByAssessorParams{CycleID: y.id(), Assessor: assessor})
	if err != nil || left > 0 {
		return err
	}
	if err := y.FinishTask("A8(6)", overdueReviewTask(assessor), assessor, ""); err != nil {
		return err
	}
	return y.Withdraw(reviewObligation(assessor))
}

// completeSheet wants points for every indicator. It locks the sheet first: what its assessor is still saving is either
// seen here, or refused because the sheet is submitted.
func (y *year) completeSheet(unit, assessor string) error {
	if _, err := y.SheetLock(y.Context, query.SheetLockParams{CycleID: y.id(), Unit: unit, Assessor: assessor}); err != nil && !store.IsMissing(err) {
		return err
	}
	scores, err := y.ScoreSheet(y.Context, query.ScoreSheetParams{CycleID: y.id(), Unit: unit, Assessor: assessor})
	if err != nil {
		return err
	}
	if len(scores) == 0 {
		return store.Forbid("this unit is not assigned to you (A8(6))")
	}
	var missing []string
	for _, score := range scores {
		if score.Points == nil {
			missing = append(missing, fmt.Sprintf("indicator %s has no points (A8(6))", score.Indicator))
		}
	}
	if len(missing) > 0 {
		return store.Refuse(missing...)
	}
	return nil
}

// closeReview closes the unit's review when every sheet is in and the assessors are near enough to each other.
func (a *Activities) closeReview(ctx context.Context, in workflows.ReviewInput) (workflows.CloseReviewResult, error) {
	return do(ctx, a, in.Act, func(y *year) (workflows.CloseReviewResult, error) {
		open, err := y.openSheets(in.Unit)
		if err != nil || open > 0 {
			return workflows.CloseReviewResult{Open: open}, err
		}
		if open, err = y.judgeSpread(in); err != nil || open > 0 {
			return workflows.CloseReviewResult{Open: open}, err
		}
		for _, key := range []string{reportTask(in.Unit), overdueTask(in.Unit)} {
			if err := y.FinishTask("A8(6)", key, "", "the review is closed"); err != nil {
				return workflows.CloseReviewResult{}, err
			}
		}
		err = y.AssessmentState(ctx, query.AssessmentStateParams{CycleID: y.id(), Unit: in.Unit, State: "closed"})
		return workflows.CloseReviewResult{Closed: true}, err
	})
}

// extendUnit moves one date of one unit, with a reason (A8(5), A13).
func (a *Activities) extendUnit(ctx context.Context, in workflows.ExtendUnitInput) (workflows.ExtendUnitResult, error) {
	return do(ctx, a, in.Act, func(y *year) (workflows.ExtendUnitResult, error) {
		none := workflows.ExtendUnitResult{}
		reason, err := y.reason(in.Act)
		if err := together(err, y.ahead(in.To), y.published(in.Phase, in.To), y.fitting(in)); err != nil {
			return none, err
		}
		if err := y.moveUnitDate(in); err != nil {
			return none, err
		}
		data := map[string]any{"phase": in.Phase, "to": in.To.String(), "reason": reason}
		if in.Phase == workflows.PhaseRectification {
			data["number"] = in.Rectification
		}
		y.Record(store.Line{Event: "deadline_extended", Unit: in.Unit, Person: in.Act.By, Article: extendedArticle(in.Phase), Data: data})
		if in.Phase == workflows.PhaseReview {
			return none, y.tellLaterReview([]string{in.Unit}, in.To, in.Act.ID, reason)
		}
		return none, y.tellUnit(in.Unit, func(row query.Unit) letter {
			return letter{kind: "deadline_extended", article: extendedArticle(in.Phase), key: in.Act.ID, data: mail.Data{
				Reason: reason, Due: in.To, Phase: phaseNames[in.Phase], Link: y.links.to("units/%s", row.Code),
			}}
		})
	})
}

var phaseNames = map[string]string{
	workflows.PhaseSelfReport: "自查报告报送", workflows.PhaseReview: "考核评分",
	workflows.PhaseApproval: "审定", workflows.PhaseRectification: "整改",
}

func extendedArticle(phase string) string {
	switch phase {
	case workflows.PhaseSelfReport:
		return "A8(5)"
	case workflows.PhaseRectification:
		return "A13"
	}
	return "A8(6)"
}

// reportDueMoved shows a unit's new deadline on the task lists; it is not overdue any more.
func (y *year) reportDueMoved(unit, by string, to calendar.Date) error {
	if err := y.FinishTask("A8(5)", overdueTask(unit), by, "extended"); err != nil {
		return err
	}
	return y.TaskDue(y.Context, query.TaskDueParams{CycleID: y.id(), Key: reportTask(unit), Due: to})
}
