package office

import (
	"cmp"
	"context"
	"slices"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// SheetQueue are the assessor's sheets, whatever their state, with how much of each is scored; the first due comes first.
func (d *Desk) SheetQueue(ctx context.Context) ([]query.SheetQueueRow, error) {
	if err := d.must(rules.Assessor); err != nil {
		return nil, err
	}
	return d.Store.SheetQueue(ctx, query.SheetQueueParams{CycleID: d.Cycle.CycleID, Assessor: d.Person.Login})
}

// SheetProgress is how far everybody's scoring has come, without a single point of it (A8(6)).
type SheetProgress struct {
	Assessors []query.SheetProgressRow
	Units     []query.SheetUnitsRow
}

// SheetProgress is for who answers for the year's progress.
func (d *Desk) SheetProgress(ctx context.Context) (SheetProgress, error) {
	var progress SheetProgress
	if err := d.must(rules.Admin, rules.Auditor); err != nil {
		return progress, err
	}
	var err error
	if progress.Assessors, err = d.Store.SheetProgress(ctx, query.SheetProgressParams{CycleID: d.Cycle.CycleID, Today: d.Today()}); err != nil {
		return progress, err
	}
	progress.Units, err = d.Store.SheetUnits(ctx, query.SheetUnitsParams{CycleID: d.Cycle.CycleID})
	return progress, err
}

// ScoreItem is one indicator of one unit as its assessor has it before him.
type ScoreItem struct {
	Unit      string
	UnitName  string
	Indicator rules.Indicator
	Score     Score
	// Said is what the unit reported on it (A8(5)); nil if nothing.
	Said *ReportItem
	// Report is the state of that report, empty if there is none: submitted, returned. Late is one that came too late.
	Report string
	Late   bool
	// Remark is why the sheet was reopened; Marked says that it was for this indicator.
	Remark    string
	Marked    bool
	ReviewDue calendar.Date
}

// Lacks is what the item's score still needs.
func (i ScoreItem) Lacks() []Lack { return i.Score.Lacks(i.Indicator.Max) }

// UnitSheet is an assessor's sheet of a unit.
type UnitSheet struct {
	query.SheetShowRow
	Unit  string
	Items []ScoreItem
	// Before and After are the units whose open sheets stand around it in the queue.
	Before, After string
}

// Sheet is the assessor's own sheet of a unit, in the scheme's order; nobody else's points are shown (A8(6)).
func (d *Desk) Sheet(ctx context.Context, unit string) (UnitSheet, error) {
	if err := d.must(rules.Assessor); err != nil {
		return UnitSheet{}, err
	}
	sheet := UnitSheet{Unit: unit}
	var err error
	sheet.SheetShowRow, err = d.Store.SheetShow(ctx, query.SheetShowParams{CycleID: d.Cycle.CycleID, Unit: unit, Assessor: d.Person.Login})
	if store.IsMissing(err) {
		return sheet, store.Forbid(unit + " is not assigned to " + d.Person.Login + " (A8(6))")
	}
	if err != nil {
		return sheet, err
	}
	if err := d.sheetItems(ctx, &sheet); err != nil {
		return sheet, err
	}
	near, err := d.Store.SheetNeighbours(ctx, query.SheetNeighboursParams{CycleID: d.Cycle.CycleID, Unit: unit, Assessor: d.Person.Login})
	sheet.Before, sheet.After = near.Before, near.After
	return sheet, err
}

func (d *Desk) sheetItems(ctx context.Context, sheet *UnitSheet) error {
	plan, err := d.plan(ctx)
	if err != nil {
		return err
	}
	rows, err := d.Store.ScoreSheet(ctx, query.ScoreSheetParams{CycleID: d.Cycle.CycleID, Unit: sheet.Unit, Assessor: d.Person.Login})
	if err != nil {
		return err
	}
	said, err := d.said(ctx, sheet.Unit, sheet.Revision)
	if err != nil {
		return err
	}
	scores := scoresByIndicator(rows)
	for _, indicator := range plan.Indicators {
		score, assigned := scores[indicator.Code]
		if !assigned {
			continue
		}
		sheet.Items = append(sheet.Items, ScoreItem{
			Unit: sheet.Unit, UnitName: sheet.Name, Indicator: indicator, Score: score, Said: said[indicator.Code],
			Report: sheet.Report, Late: sheet.Late, Remark: sheet.Remark, Marked: slices.Contains(sheet.Marked, indicator.Code),
			ReviewDue: sheet.ReviewDue,
		})
	}
	return nil
}

// said is what a revision of a unit's report tells, by indicator.
func (d *Desk) said(ctx context.Context, unit string, revision int32) (map[string]*ReportItem, error) {
	said := map[string]*ReportItem{}
	if revision == 0 {
		return said, nil
	}
	items, err := d.Store.ReportItemList(ctx, query.ReportItemListParams{CycleID: d.Cycle.CycleID, Unit: unit, Revision: revision})
	if err != nil {
		return nil, err
	}
	proofs, err := d.Store.EvidenceList(ctx, query.EvidenceListParams{CycleID: d.Cycle.CycleID, Unit: unit, Revision: revision})
	if err != nil {
		return nil, err
	}
	for _, item := range items {
		said[item.Indicator] = &ReportItem{Indicator: item.Indicator, Statement: item.Statement, SelfScore: *item.SelfScore} // a report that was submitted has one for each
	}
	for _, proof := range proofs {
		said[proof.Indicator].Evidence = append(said[proof.Indicator].Evidence, evidenceOf(proof))
	}
	return said, nil
}

func evidenceOf(row query.Evidence) Evidence {
	return Evidence{Name: row.Name, Link: row.Link, SHA256: row.Sha256, Size: row.Size}
}

// IndicatorProgress is how many of an assessor's open sheets have an indicator scored.
type IndicatorProgress struct {
	Indicator        rules.Indicator
	Assigned, Scored int
}

// SheetIndicators are the indicators of the assessor's open sheets, in the scheme's order.
func (d *Desk) SheetIndicators(ctx context.Context) ([]IndicatorProgress, error) {
	if err := d.must(rules.Assessor); err != nil {
		return nil, err
	}
	plan, err := d.plan(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := d.Store.SheetIndicators(ctx, query.SheetIndicatorsParams{CycleID: d.Cycle.CycleID, Assessor: d.Person.Login})
	if err != nil {
		return nil, err
	}
	var list []IndicatorProgress
	for _, indicator := range plan.Indicators {
		if at := slices.IndexFunc(rows, func(r query.SheetIndicatorsRow) bool { return r.Indicator == indicator.Code }); at >= 0 {
			list = append(list, IndicatorProgress{indicator, int(rows[at].Assigned), int(rows[at].Scored)})
		}
	}
	return list, nil
}

// IndicatorSheets is one indicator of all units whose sheets the assessor has open, a page of them.
type IndicatorSheets struct {
	Indicator rules.Indicator
	Items     []ScoreItem
	// Total counts the units of all pages.
	Total int
}

// SheetsBy is one indicator of the assessor's open sheets, in the order of the list of units.
func (d *Desk) SheetsBy(ctx context.Context, code string, page, size int) (IndicatorSheets, error) {
	var found IndicatorSheets
	if err := d.must(rules.Assessor); err != nil {
		return found, err
	}
	plan, err := d.plan(ctx)
	if err != nil {
		return found, err
	}
	indicator, known := indicatorsByCode(plan)[code]
	if !known {
		return found, store.Missing("the scheme has no indicator " + code)
	}
	rows, err := d.Store.SheetByIndicator(ctx, query.SheetByIndicatorParams{
		CycleID: d.Cycle.CycleID, Assessor: d.Person.Login, Indicator: code, Size: int32(size), Skipped: int32(max(page-1, 0) * size),
	})
	if err != nil {
		return found, err
	}
	found.Indicator = indicator
	for _, row := range rows {
		item := ScoreItem{
			Unit: row.Score.Unit, UnitName: row.Name, Indicator: indicator, Score: scoreOf(row.Score), Report: row.Report, Late: row.Late,
			Remark: row.Remark, Marked: row.Marked, ReviewDue: row.ReviewDue,
		}
		if row.Statement.Valid {
			item.Said = &ReportItem{Indicator: code, Statement: row.Statement.String, SelfScore: rules.Points(row.SelfScore)}
		}
		found.Items, found.Total = append(found.Items, item), int(row.Total)
	}
	return found, d.proveItems(ctx, code, rows, found.Items)
}

// proveItems adds the evidence to items of several units; the rows are the items'.
func (d *Desk) proveItems(ctx context.Context, code string, rows []query.SheetByIndicatorRow, items []ScoreItem) error {
	wanted := query.EvidenceOfIndicatorParams{CycleID: d.Cycle.CycleID, Indicator: code}
	places := map[string]*ReportItem{}
	for i, row := range rows {
		if items[i].Said != nil {
			wanted.Units, wanted.Revisions = append(wanted.Units, row.Score.Unit), append(wanted.Revisions, row.Revision)
			places[row.Score.Unit] = items[i].Said
		}
	}
	if len(places) == 0 {
		return nil
	}
	proofs, err := d.Store.EvidenceOfIndicator(ctx, wanted)
	for _, proof := range proofs {
		places[proof.Unit].Evidence = append(places[proof.Unit].Evidence, evidenceOf(proof))
	}
	return err
}

// OthersSheets are a unit's sheets as the authority sees them: how far they are, and when the review is closed what
// was given.
type OthersSheets struct {
	Unit   query.Unit
	Closed bool
	Sheets []query.SheetsOfUnitRow
	// Given are the scores by indicator and assessor; nil while the review is open (A8(6)).
	Given []GivenScore
}

// GivenScore is one assessor's score of an indicator.
type GivenScore struct {
	Indicator rules.Indicator
	Assessor  string
	Score     Score
}

// OthersSheets shows a unit's sheets to who answers for them.
func (d *Desk) OthersSheets(ctx context.Context, unit string) (OthersSheets, error) {
	var shown OthersSheets
	if err := d.must(rules.Admin, rules.Auditor); err != nil {
		return shown, err
	}
	var err error
	if shown.Unit, err = d.Store.UnitGet(ctx, query.UnitGetParams{CycleID: d.Cycle.CycleID, Code: unit}); err != nil {
		if store.IsMissing(err) {
			err = store.Missing("no unit " + unit)
		}
		return shown, err
	}
	assessment, err := d.Store.AssessmentGet(ctx, query.AssessmentGetParams{CycleID: d.Cycle.CycleID, Unit: unit})
	if store.IsMissing(err) { // the year has not started
		return shown, nil
	}
	if err != nil {
		return shown, err
	}
	shown.Closed = assessment.State == "closed"
	if shown.Sheets, err = d.Store.SheetsOfUnit(ctx, query.SheetsOfUnitParams{CycleID: d.Cycle.CycleID, Unit: unit}); err != nil || !shown.Closed {
		return shown, err
	}
	shown.Given, err = d.given(ctx, unit, shown.Sheets)
	return shown, err
}

func (d *Desk) given(ctx context.Context, unit string, sheets []query.SheetsOfUnitRow) ([]GivenScore, error) {
	plan, err := d.plan(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := d.Store.ScoreUnit(ctx, query.ScoreUnitParams{CycleID: d.Cycle.CycleID, Unit: unit})
	if err != nil {
		return nil, err
	}
	names, places, indicators := map[string]string{}, map[string]int{}, indicatorsByCode(plan)
	for _, sheet := range sheets {
		names[sheet.Assessor] = sheet.Name
	}
	for i, indicator := range plan.Indicators {
		places[indicator.Code] = i
	}
	given := make([]GivenScore, len(rows))
	for i, row := range rows {
		given[i] = GivenScore{indicators[row.Indicator], names[row.Assessor], scoreOf(row)}
	}
	slices.SortStableFunc(given, func(a, b GivenScore) int {
		return cmp.Compare(places[a.Indicator.Code], places[b.Indicator.Code])
	})
	return given, nil
}
