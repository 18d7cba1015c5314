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

// OpenSheets are the assessor's sheets that can be filled now.
func (d *Desk) OpenSheets(ctx context.Context) ([]query.SheetListRow, error) {
	if err := d.must(rules.Assessor); err != nil {
		return nil, err
	}
	return d.Store.SheetList(ctx, query.SheetListParams{CycleID: d.Cycle.CycleID, State: "open", Assessor: d.Person.Login})
}

// SaveSheet keeps scores of an open sheet as they are typed, complete or not; submitting demands all of it. What can
// never stand is refused, all faults at once, and nothing is kept then.
func (d *Desk) SaveSheet(ctx context.Context, unit string, scores []Score) error {
	if err := d.must(rules.Assessor); err != nil {
		return err
	}
	plan, err := d.plan(ctx)
	if err != nil {
		return err
	}
	return d.Store.Draft(ctx, d.Cycle.CycleID, func(change *store.Change) error {
		sheet, err := change.SheetLock(ctx, query.SheetLockParams{CycleID: d.Cycle.CycleID, Unit: unit, Assessor: d.Person.Login})
		switch {
		case store.IsMissing(err):
			return store.Forbid(unit + " is not assigned to " + d.Person.Login + " (A8(6))")
		case err != nil:
			return err
		case sheet.State != "open":
			return store.Refuse("the sheet of " + unit + " is not open")
		case len(impossible(change, plan, scores)) > 0:
			return d.refuseScores(change, unit, plan, scores)
		}
		saved, err := change.ScoreSave(ctx, d.scoreRows(unit, plan, scores))
		if err == nil && saved != int64(len(scores)) {
			return d.refuseScores(change, unit, plan, scores)
		}
		return err
	})
}

func indicatorsByCode(plan rules.Plan) map[string]rules.Indicator {
	byCode := make(map[string]rules.Indicator, len(plan.Indicators))
	for _, indicator := range plan.Indicators {
		byCode[indicator.Code] = indicator
	}
	return byCode
}

// impossible is what no later word makes right, on the day of the change: a desk may have been seated before a
// rehearsal's clock was started. What is not assigned is found when nothing is saved for it: saving, which happens at
// every pause in typing, reads no more than it must.
func impossible(change *store.Change, plan rules.Plan, scores []Score) []string {
	indicators := indicatorsByCode(plan)
	var reasons []string
	seen := map[string]bool{}
	for _, score := range scores {
		if seen[score.Indicator] {
			reasons = append(reasons, fmt.Sprintf("indicator %s: named twice", score.Indicator))
		}
		seen[score.Indicator] = true
		if indicator, known := indicators[score.Indicator]; known {
			reasons = append(reasons, score.faults(indicator, calendar.DateOf(change.At))...)
		}
	}
	return reasons
}

// refuseScores tells all that is wrong: what is impossible, and what is not on the sheet.
func (d *Desk) refuseScores(change *store.Change, unit string, plan rules.Plan, scores []Score) error {
	rows, err := change.ScoreSheet(change.Context, query.ScoreSheetParams{CycleID: d.Cycle.CycleID, Unit: unit, Assessor: d.Person.Login})
	if err != nil {
		return err
	}
	assigned := scoresByIndicator(rows)
	var mine []Score
	var reasons []string
	for _, score := range scores {
		if _, known := assigned[score.Indicator]; known {
			mine = append(mine, score)
		} else {
			reasons = append(reasons, fmt.Sprintf("indicator %s is not assigned to you", score.Indicator))
		}
	}
	return store.Refuse(append(impossible(change, plan, mine), reasons...)...)
}

// noPoints stands for null in the arrays of a query.
const noPoints = -1

// scoreRows makes a score's points count only when it is complete: until then they are a draft.
func (d *Desk) scoreRows(unit string, plan rules.Plan, scores []Score) query.ScoreSaveParams {
	rows := query.ScoreSaveParams{CycleID: d.Cycle.CycleID, Unit: unit, Assessor: d.Person.Login}
	indicators := indicatorsByCode(plan)
	for _, score := range scores {
		score = score.trimmed()
		points, draft := int64(noPoints), int64(noPoints)
		switch {
		case len(score.Lacks(indicators[score.Indicator].Max)) == 0:
			points = int64(*score.Points)
		case score.Points != nil:
			draft = int64(*score.Points)
		}
		rows.Indicators = append(rows.Indicators, score.Indicator)
		rows.Points, rows.DraftPoints = append(rows.Points, points), append(rows.DraftPoints, draft)
		rows.Counts = append(rows.Counts, score.counts())
		rows.Reasons = append(rows.Reasons, score.Reason)
		rows.Methods = append(rows.Methods, score.Method)
		rows.Places = append(rows.Places, score.Place)
		rows.CheckedOns = append(rows.CheckedOns, score.CheckedOn)
		rows.Seens = append(rows.Seens, score.Seen)
	}
	return rows
}

// SubmitSheet submits the assessor's sheet of a unit. What it lacks is told at once, indicator by indicator (A8(6)).
func (d *Desk) SubmitSheet(ctx context.Context, act, unit string) error {
	if err := d.must(rules.Assessor); err != nil {
		return err
	}
	target, err := d.onUnit(ctx, unit, workflows.UpdateSubmitSheet, act, nil, d.self())
	if err != nil {
		return err
	}
	target.ready = func(ctx context.Context) error { return d.completeSheet(ctx, unit) }
	return d.ask(ctx, target, &workflows.SheetsResult{})
}

// completeSheet leaves a sheet that is not open to the workflow, which says why it takes none.
func (d *Desk) completeSheet(ctx context.Context, unit string) error {
	key := query.ScoreSheetParams{CycleID: d.Cycle.CycleID, Unit: unit, Assessor: d.Person.Login}
	sheet, err := d.Store.SheetGet(ctx, query.SheetGetParams(key))
	if store.IsMissing(err) || err == nil && sheet.State != "open" {
		return nil
	}
	if err != nil {
		return err
	}
	plan, err := d.plan(ctx)
	if err != nil {
		return err
	}
	rows, err := d.Store.ScoreSheet(ctx, key)
	if err != nil {
		return err
	}
	scores := scoresByIndicator(rows)
	var reasons []string
	for _, indicator := range plan.Indicators {
		if score, assigned := scores[indicator.Code]; assigned {
			reasons = append(reasons, score.incomplete(indicator)...)
		}
	}
	if len(reasons) > 0 {
		return store.Refuse(reasons...)
	}
	return nil
}

// AssignThird gives a unit whose assessors lie too far apart to a third one (A8(6)).
func (d *Desk) AssignThird(ctx context.Context, act, unit, assessor string) error {
	if err := d.must(rules.Admin); err != nil {
		return err
	}
	target, err := d.onUnit(ctx, unit, workflows.UpdateAssignAssessor, act, nil, workflows.AssignRequest{Person: d.self(), Assessor: assessor})
	if err != nil {
		return err
	}
	return d.ask(ctx, target, &workflows.SheetsResult{})
}
