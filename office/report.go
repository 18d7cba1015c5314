package office

import (
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

// maxStatement is how many characters a statement may have.
const maxStatement = 10000

func tooLong(indicator string) string {
	return fmt.Sprintf("indicator %s: the statement has more than %d characters", indicator, maxStatement)
}

// ReportItem is what a unit says of one indicator (A8(5)).
type ReportItem struct {
	Indicator string
	Statement string
	SelfScore rules.Points
	Evidence  []Evidence
}

// SaveReport keeps some items of the unit's draft, as one types; submitting is an act of its own. All faults are told at
// once, and nothing is kept if there is one.
func (d *Desk) SaveReport(ctx context.Context, items []ReportItem) error {
	if err := d.must(rules.Contact); err != nil {
		return err
	}
	plan, err := d.plan(ctx)
	if err != nil {
		return err
	}
	if err := itemFaults(d.ownIndicators(plan), items); err != nil {
		return err
	}
	if err := d.filesKept(ctx, items); err != nil {
		return err
	}
	return d.Store.Draft(ctx, d.Cycle.CycleID, func(change *store.Change) error {
		revision, err := d.draft(change)
		if err != nil {
			return err
		}
		return d.saveItems(change, plan, revision, items)
	})
}

// draft finds the open revision, or opens the first, and locks it: two windows change it one after the other.
func (d *Desk) draft(change *store.Change) (int32, error) {
	key := query.ReportLockParams{CycleID: d.Cycle.CycleID, Unit: d.Person.Unit}
	report, err := change.ReportLock(change.Context, key)
	if store.IsMissing(err) {
		if err := change.ReportOpen(change.Context, query.ReportOpenParams{CycleID: key.CycleID, Unit: key.Unit, Revision: 1}); err != nil {
			return 0, err
		}
		report, err = change.ReportLock(change.Context, key)
	}
	if err == nil && report.State != "draft" {
		return 0, store.Refuse("the self-report is in; the authority can return it for correction (A8(5))")
	}
	return report.Revision, err
}

// ownIndicators are those by which the person's unit is judged (A7).
func (d *Desk) ownIndicators(plan rules.Plan) []rules.Indicator {
	return store.IndicatorsOf(plan, d.Person.Unit)
}

// itemFaults are all that is wrong with the items, at once.
func itemFaults(indicators []rules.Indicator, items []ReportItem) error {
	var reasons []string
	seen := map[string]bool{}
	for _, item := range items {
		maximum, ok := indicatorMax(indicators, item.Indicator)
		switch {
		case !ok:
			reasons = append(reasons, noIndicator(item.Indicator))
		case seen[item.Indicator]:
			reasons = append(reasons, fmt.Sprintf("indicator %s: named twice", item.Indicator))
		case item.SelfScore < 0 || item.SelfScore > maximum:
			reasons = append(reasons, outside(item.Indicator, item.SelfScore, maximum))
		}
		if utf8.RuneCountInString(item.Statement) > maxStatement {
			reasons = append(reasons, tooLong(item.Indicator))
		}
		seen[item.Indicator] = true
		for i, evidence := range item.Evidence {
			if fault := evidence.fault(); fault != "" {
				reasons = append(reasons, fmt.Sprintf("indicator %s: evidence %d %s", item.Indicator, i+1, fault))
			}
		}
	}
	if len(reasons) > 0 {
		return store.Refuse(reasons...)
	}
	return nil
}

func noIndicator(indicator string) string {
	return fmt.Sprintf("indicator %s: there is none in the scheme for this unit", indicator)
}

func outside(indicator string, given, maximum rules.Points) string {
	return fmt.Sprintf("indicator %s: a self-score of %s lies outside 0 to %s", indicator, given, maximum)
}

func (d *Desk) saveItems(change *store.Change, plan rules.Plan, revision int32, items []ReportItem) error {
	rows := query.ReportItemUpsertParams{CycleID: d.Cycle.CycleID, Unit: d.Person.Unit, Revision: revision}
	proofs := query.EvidenceInsertParams{CycleID: d.Cycle.CycleID, Unit: d.Person.Unit, Revision: revision}
	for _, item := range items {
		maximum, _ := indicatorMax(plan.Indicators, item.Indicator)
		rows.Indicators = append(rows.Indicators, item.Indicator)
		rows.MaxPoints = append(rows.MaxPoints, int64(maximum))
		rows.Statements = append(rows.Statements, item.Statement)
		rows.SelfScores = append(rows.SelfScores, int64(item.SelfScore))
		for i, evidence := range item.Evidence {
			proofs.Indicators = append(proofs.Indicators, item.Indicator)
			proofs.Positions = append(proofs.Positions, int32(i+1))
			proofs.Names = append(proofs.Names, evidence.Name)
			proofs.Links = append(proofs.Links, evidence.Link)
			proofs.Sha256s = append(proofs.Sha256s, evidence.SHA256)
			proofs.Sizes = append(proofs.Sizes, evidence.Size)
		}
	}
	if err := change.ReportItemUpsert(change.Context, rows); err != nil {
		return err
	}
	if err := change.EvidenceClear(change.Context, query.EvidenceClearParams{
		CycleID: d.Cycle.CycleID, Unit: d.Person.Unit, Revision: revision, Indicators: rows.Indicators,
	}); err != nil {
		return err
	}
	return change.EvidenceInsert(change.Context, proofs)
}

func indicatorMax(indicators []rules.Indicator, code string) (rules.Points, bool) {
	for _, indicator := range indicators {
		if indicator.Code == code {
			return indicator.Max, true
		}
	}
	return 0, false
}

// SubmitReport submits the unit's draft. It answers whether it was late (A8(5)).
func (d *Desk) SubmitReport(ctx context.Context, act string) (late bool, err error) {
	if err := d.must(rules.Contact); err != nil {
		return false, err
	}
	target, err := d.onUnit(ctx, d.Person.Unit, workflows.UpdateSubmitReport, act, nil, d.self())
	if err != nil {
		return false, err
	}
	var result workflows.SheetsResult
	err = d.ask(ctx, target, &result)
	return result.Late, err
}

// ReturnReport gives a unit's report back for correction until a new date, with a reason (A8(5)).
func (d *Desk) ReturnReport(ctx context.Context, act, unit string, due calendar.Date, reason string) error {
	if err := d.must(rules.Admin); err != nil {
		return err
	}
	target, err := d.onUnit(ctx, unit, workflows.UpdateReturnReport, act, store.Reason{Reason: reason}, workflows.ReturnRequest{Person: d.self(), Due: due})
	if err != nil {
		return err
	}
	return d.ask(ctx, target, &workflows.ReturnReportResult{})
}
