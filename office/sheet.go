package office

import (
	"context"
	"fmt"
	"slices"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

// Score is an assessor's points for one indicator with their check: method, where, when, what was seen (A8(6)).
type Score struct {
	Indicator string
	Points    rules.Points
	Reason    string
	Method    string
	Place     string
	CheckedOn calendar.Date
	Seen      string
}

// OpenSheets are the assessor's sheets that can be filled now.
func (d *Desk) OpenSheets(ctx context.Context) ([]query.SheetListRow, error) {
	if err := d.must(rules.Assessor); err != nil {
		return nil, err
	}
	return d.Store.SheetList(ctx, query.SheetListParams{CycleID: d.Cycle.CycleID, State: "open", Assessor: d.Person.Login})
}

// Sheet is the assessor's own sheet of a unit; nobody else's points are shown (A8(6)).
func (d *Desk) Sheet(ctx context.Context, unit string) ([]query.Score, error) {
	if err := d.must(rules.Assessor); err != nil {
		return nil, err
	}
	return d.Store.ScoreSheet(ctx, query.ScoreSheetParams{CycleID: d.Cycle.CycleID, Unit: unit, Assessor: d.Person.Login})
}

// SaveSheet keeps points of an open sheet; all faults at once, and nothing is kept if there is one.
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
		if store.IsMissing(err) {
			return store.Forbid(unit + " is not assigned to " + d.Person.Login + " (A8(6))")
		}
		if err != nil {
			return err
		}
		if sheet.State != "open" {
			return store.Refuse("the sheet of " + unit + " is not open")
		}
		if err := d.checkScores(change, plan, unit, scores); err != nil {
			return err
		}
		return change.ScoreSave(ctx, d.scoreRows(unit, scores))
	})
}

func (d *Desk) checkScores(change *store.Change, plan rules.Plan, unit string, scores []Score) error {
	rows, err := change.ScoreSheet(change.Context, query.ScoreSheetParams{CycleID: d.Cycle.CycleID, Unit: unit, Assessor: d.Person.Login})
	if err != nil {
		return err
	}
	maximum := map[string]rules.Points{}
	for _, row := range rows {
		maximum[row.Indicator] = row.MaxPoints
	}
	var reasons []string
	seen := map[string]bool{}
	for _, score := range scores {
		most, assigned := maximum[score.Indicator]
		if !assigned {
			reasons = append(reasons, fmt.Sprintf("indicator %s is not assigned to you", score.Indicator))
			continue
		}
		if seen[score.Indicator] {
			reasons = append(reasons, fmt.Sprintf("indicator %s: named twice", score.Indicator))
		}
		seen[score.Indicator] = true
		reasons = append(reasons, scoreFaults(plan, score, most)...)
	}
	if len(reasons) > 0 {
		return store.Refuse(reasons...)
	}
	return nil
}

func scoreFaults(plan rules.Plan, score Score, most rules.Points) []string {
	var reasons []string
	if score.Points < 0 || score.Points > most {
		reasons = append(reasons, fmt.Sprintf("indicator %s: %s points lie outside 0 to %s", score.Indicator, score.Points, most))
	}
	if score.Points < most && score.Reason == "" {
		reasons = append(reasons, fmt.Sprintf("indicator %s: points lost need a reason (A8(6))", score.Indicator))
	}
	at := slices.IndexFunc(plan.Indicators, func(i rules.Indicator) bool { return i.Code == score.Indicator })
	if at < 0 || !slices.Contains(plan.Indicators[at].Methods, score.Method) {
		reasons = append(reasons, fmt.Sprintf("indicator %s: %q is none of its check methods (A8(6))", score.Indicator, score.Method))
	}
	if score.CheckedOn.IsZero() || score.Place == "" || score.Seen == "" {
		reasons = append(reasons, fmt.Sprintf("indicator %s: the check needs where, when and what was seen (A8(6))", score.Indicator))
	}
	return reasons
}

func (d *Desk) scoreRows(unit string, scores []Score) query.ScoreSaveParams {
	rows := query.ScoreSaveParams{CycleID: d.Cycle.CycleID, Unit: unit, Assessor: d.Person.Login}
	for _, score := range scores {
		rows.Indicators = append(rows.Indicators, score.Indicator)
		rows.Points = append(rows.Points, int64(score.Points))
		rows.Reasons = append(rows.Reasons, score.Reason)
		rows.Methods = append(rows.Methods, score.Method)
		rows.Places = append(rows.Places, score.Place)
		rows.CheckedOns = append(rows.CheckedOns, score.CheckedOn)
		rows.Seens = append(rows.Seens, score.Seen)
	}
	return rows
}

// SubmitSheet submits the assessor's sheet of a unit.
func (d *Desk) SubmitSheet(ctx context.Context, act, unit string) error {
	if err := d.must(rules.Assessor); err != nil {
		return err
	}
	target, err := d.onUnit(ctx, unit, workflows.UpdateSubmitSheet, act, nil, d.self())
	if err != nil {
		return err
	}
	return d.ask(ctx, target, &workflows.SheetsResult{})
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
