package office

import (
	"context"
	"slices"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// Report is a unit's self-report as somebody may read it (A8(5)).
type Report struct {
	Unit       query.Unit
	Year       int
	Assessment query.Assessment
	// Shown is the revision that is read; it has no number where there is none yet.
	Shown query.Report
	// Revisions are all that may be read, oldest first: a draft only by its unit.
	Revisions []query.Report
	// Returned is the revision that was given back for correction and not answered yet.
	Returned *query.Report
	Areas    []ReportArea
	// Own is the unit's own report; Editable its contact's, while the draft is open.
	Own      bool
	Editable bool
	// Overdue says that the deadline is over and no report is in.
	Overdue bool
	// Pending says that no report is in and one is still taken; Returnable that one is in and can be given back.
	Pending    bool
	Returnable bool
	// NewDate is proposed where an administrator gives a new one; zero where none is left.
	NewDate calendar.Date
}

// ReportArea are the indicators of one content area (A6).
type ReportArea struct {
	Name  string
	Items []ReportEntry
}

// ReportEntry is one indicator with what the unit says of it.
type ReportEntry struct {
	rules.Indicator
	// JudgedYear is the year that it judges, where that is not the year of the assessment (A4).
	JudgedYear int
	// Checks are the check methods by name (A8(6)).
	Checks    []string
	Statement string
	SelfScore *rules.Points
	Evidence  []query.Evidence
}

// Filled tells whether the statement and the self-score are there; who submits needs both.
func (e ReportEntry) Filled() bool { return e.Statement != "" && e.SelfScore != nil }

// readsReport lets the unit, the administrators, the auditor and the unit's assessors read a report; it answers whether it
// is the reader's own. A draft is the unit's alone.
func (d *Desk) readsReport(ctx context.Context, unit string) (own bool, err error) {
	switch rules.Role(d.Person.Role) {
	case rules.Contact, rules.Head:
		return true, d.mayRead(unit)
	case rules.Assessor:
		_, err := d.Store.SheetGet(ctx, query.SheetGetParams{CycleID: d.Cycle.CycleID, Unit: unit, Assessor: d.Person.Login})
		if store.IsMissing(err) {
			return false, store.Forbid(unit + " is not assigned to " + d.Person.Login + " (A8(6))")
		}
		return false, err
	}
	return false, d.must(rules.Admin, rules.Auditor, rules.Assessor, rules.Contact, rules.Head)
}

// Report is one revision of a unit's report, the newest that may be read where none is named.
func (d *Desk) Report(ctx context.Context, unit string, revision int) (Report, error) {
	own, err := d.readsReport(ctx, unit)
	if err != nil {
		return Report{}, err
	}
	report := Report{Year: int(d.Cycle.Year), Own: own}
	if report.Unit, report.Assessment, err = d.unitAssessment(ctx, unit); err != nil {
		return report, err
	}
	all, err := d.Store.ReportRevisions(ctx, query.ReportRevisionsParams{CycleID: d.Cycle.CycleID, Unit: unit})
	if err != nil {
		return report, err
	}
	d.placeRevisions(&report, all)
	if err := report.show(revision); err != nil {
		return report, err
	}
	if err := d.proposeDate(ctx, &report); err != nil {
		return report, err
	}
	report.Areas, err = d.entries(ctx, report.Unit, report.Shown.Revision)
	return report, err
}

// unitAssessment are a unit and where its assessment stands.
func (d *Desk) unitAssessment(ctx context.Context, code string) (query.Unit, query.Assessment, error) {
	unit, err := d.Store.UnitGet(ctx, query.UnitGetParams{CycleID: d.Cycle.CycleID, Code: code})
	if err != nil {
		return unit, query.Assessment{}, missingUnit(err, code)
	}
	assessment, err := d.Store.AssessmentGet(ctx, query.AssessmentGetParams{CycleID: d.Cycle.CycleID, Unit: code})
	if store.IsMissing(err) {
		return unit, assessment, store.Missing("the year has not started yet")
	}
	return unit, assessment, err
}

func missingUnit(err error, code string) error {
	if store.IsMissing(err) {
		return store.Missing("no unit " + code)
	}
	return err
}

// placeRevisions sorts out which revisions may be read and what they mean for the report.
func (d *Desk) placeRevisions(report *Report, all []query.Report) {
	// A unit that the leader returned is only scored again: its report stands (A8(6)).
	open := report.Assessment.State != "closed" && report.Assessment.Generation == 1
	newest := query.Report{State: "draft"}
	if len(all) > 0 {
		newest = all[len(all)-1]
	}
	if newest.State == "draft" {
		report.Pending = open
		report.Editable = open && report.Own && d.Person.Role == string(rules.Contact) && d.Cycle.State == "running"
		report.Overdue = open && calendar.Late(d.Now(), report.Assessment.ReportDue)
		if before := len(all) - 2; before >= 0 && open {
			report.Returned = &all[before]
		}
	}
	report.Returnable = open && newest.State == "submitted"
	report.Revisions = slices.DeleteFunc(slices.Clone(all), func(r query.Report) bool { return r.State == "draft" && !report.Own })
}

func (r *Report) show(revision int) error {
	if revision == 0 {
		if last := len(r.Revisions) - 1; last >= 0 {
			r.Shown = r.Revisions[last]
		}
		return nil
	}
	at := slices.IndexFunc(r.Revisions, func(row query.Report) bool { return int(row.Revision) == revision })
	if at < 0 {
		return store.Missing("there is no such revision of the report")
	}
	r.Shown = r.Revisions[at]
	// What is not the newest is only looked at.
	r.Editable = r.Editable && at == len(r.Revisions)-1
	return nil
}

// proposeDate finds a new date for an administrator: the working days of a return from today, or from the deadline that
// stands while no report is in. It must lie before the review's (A8(5)).
func (d *Desk) proposeDate(ctx context.Context, report *Report) error {
	if d.Person.Role != string(rules.Admin) {
		return nil
	}
	set, err := d.Store.DataSet(ctx, d.Cycle)
	if err != nil {
		return err
	}
	days, err := d.days(ctx, set)
	if err != nil {
		return err
	}
	from := d.Today()
	if report.Pending && from.Before(report.Assessment.ReportDue) {
		from = report.Assessment.ReportDue
	}
	date, err := days.Add(from, set.Plan.Scheme.ReturnWorkingDays)
	if err == nil && date.Before(report.Assessment.ReviewDue) {
		report.NewDate = date
	}
	return err
}

// entries are the indicators by which the unit is judged, by area, with what a revision says of them.
func (d *Desk) entries(ctx context.Context, unit query.Unit, revision int32) ([]ReportArea, error) {
	plan, err := d.plan(ctx)
	if err != nil {
		return nil, err
	}
	set, err := d.ruleSet()
	if err != nil {
		return nil, err
	}
	items, err := d.Store.ReportItemList(ctx, query.ReportItemListParams{CycleID: d.Cycle.CycleID, Unit: unit.Code, Revision: revision})
	if err != nil {
		return nil, err
	}
	evidence, err := d.Store.EvidenceList(ctx, query.EvidenceListParams{CycleID: d.Cycle.CycleID, Unit: unit.Code, Revision: revision})
	if err != nil {
		return nil, err
	}
	indicators := store.IndicatorsFor(plan, unit.Category)
	var areas []ReportArea
	for _, term := range set.Areas {
		area := ReportArea{Name: term.Name}
		for _, indicator := range indicators {
			if indicator.Area == term.ID {
				area.Items = append(area.Items, reportEntry(indicator, plan.Scheme.Year, set, items, evidence))
			}
		}
		areas = append(areas, area)
	}
	return areas, nil
}

func reportEntry(indicator rules.Indicator, year int, set *rules.RuleSet, items []query.ReportItem, evidence []query.Evidence) ReportEntry {
	entry := ReportEntry{Indicator: indicator}
	if judged := indicator.JudgedYear(year); judged != year {
		entry.JudgedYear = judged
	}
	for _, method := range indicator.Methods {
		entry.Checks = append(entry.Checks, set.Methods.Name(method))
	}
	if at := slices.IndexFunc(items, func(i query.ReportItem) bool { return i.Indicator == indicator.Code }); at >= 0 {
		entry.Statement, entry.SelfScore = items[at].Statement, items[at].SelfScore
	}
	for _, proof := range evidence {
		if proof.Indicator == indicator.Code {
			entry.Evidence = append(entry.Evidence, proof)
		}
	}
	return entry
}
