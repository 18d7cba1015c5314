package office

import (
	"context"
	"slices"

	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// Order is a rectification as the list of all shows it (A13).
type Order struct {
	query.RectificationOverviewRow
	// Overdue is one whose limit passed while it was the unit's to act.
	Overdue bool
}

// Rectifications are all orders of the year, in the order of the units; also those still drafted.
func (d *Desk) Rectifications(ctx context.Context) ([]Order, error) {
	if err := d.mayReadAll(); err != nil {
		return nil, err
	}
	rows, err := d.Store.RectificationOverview(ctx, query.RectificationOverviewParams{CycleID: d.Cycle.CycleID})
	if err != nil {
		return nil, err
	}
	orders := make([]Order, len(rows))
	for i, row := range rows {
		orders[i] = Order{RectificationOverviewRow: row, Overdue: waitsForUnit(row.State) && d.Today().After(row.Due)}
	}
	return orders, nil
}

// mayReadAll lets those in who read every unit's matters.
func (d *Desk) mayReadAll() error {
	return d.must(rules.Admin, rules.Leader, rules.Deputy, rules.Auditor)
}

// OrderProblem is one of an order: what its indicator asks for, and in words how it was found.
type OrderProblem struct {
	query.Problem
	Content    string
	MethodName string
}

// DraftedProblems are those of units whose orders are still drafted; OrderedProblems those of the orders that are out.
// No unit named means all.
func (d *Desk) DraftedProblems(ctx context.Context, units ...string) ([]OrderProblem, error) {
	if err := d.mayReadAll(); err != nil {
		return nil, err
	}
	return d.problems(ctx, true, units)
}

// OrderedProblems are those of the orders that are out.
func (d *Desk) OrderedProblems(ctx context.Context, units ...string) ([]OrderProblem, error) {
	if err := d.mayReadAll(); err != nil {
		return nil, err
	}
	return d.problems(ctx, false, units)
}

func (d *Desk) problems(ctx context.Context, drafted bool, units []string) ([]OrderProblem, error) {
	set, err := d.ruleSet()
	if err != nil {
		return nil, err
	}
	rows, err := d.Store.ProblemOfUnits(ctx, query.ProblemOfUnitsParams{CycleID: d.Cycle.CycleID, Drafted: drafted, Units: units})
	if err != nil {
		return nil, err
	}
	problems := make([]OrderProblem, len(rows))
	for i, row := range rows {
		problems[i] = OrderProblem{Problem: row.Problem, Content: row.Content, MethodName: set.Methods.Name(row.Problem.Method)}
	}
	return problems, nil
}

// ProblemChoices are what an added problem may name: the indicators by which the unit is judged, and the check methods
// (A7, A8(6), A13).
func (d *Desk) ProblemChoices(ctx context.Context, unit string) ([]rules.Indicator, rules.Terms, error) {
	if err := d.must(rules.Admin); err != nil {
		return nil, nil, err
	}
	plan, err := d.plan(ctx)
	if err != nil {
		return nil, nil, err
	}
	set, err := d.ruleSet()
	if err != nil {
		return nil, nil, err
	}
	return store.IndicatorsOf(plan, unit), set.Methods, nil
}

// Rectification is one order with all that belongs to it (A13).
type Rectification struct {
	query.Rectification
	UnitName     string
	Overdue      bool
	Problems     []OrderProblem
	Filings      []Filing
	History      []Happening
	Consequences []ProposedConsequence
}

// WaitsForUnit tells whether it is the unit's to act.
func (r Rectification) WaitsForUnit() bool { return waitsForUnit(r.State) }

// Filing is what a unit filed once, with its evidence.
type Filing struct {
	query.RectificationFiling
	// By is who filed it, by name.
	By       string
	Evidence []Evidence
}

// Rectification reads one order: the authority any, a unit its own once it is out.
func (d *Desk) Rectification(ctx context.Context, unit string, number int) (Rectification, error) {
	if err := d.mayRead(unit); err != nil {
		return Rectification{}, err
	}
	row, err := d.Store.RectificationGet(ctx, query.RectificationGetParams{CycleID: d.Cycle.CycleID, Unit: unit, Number: int32(number)})
	if store.IsMissing(err) || err == nil && row.State == "draft" && d.ownUnit() != "" {
		return Rectification{}, store.Missing("no rectification is ordered from " + unit)
	}
	if err != nil {
		return Rectification{}, err
	}
	names, err := d.names(ctx)
	if err != nil {
		return Rectification{}, err
	}
	read := Rectification{Rectification: row, UnitName: names[unit], Overdue: waitsForUnit(row.State) && d.Today().After(row.Due)}
	for _, part := range []func(context.Context, *Rectification, map[string]string) error{d.readProblems, d.readFilings, d.readConsequences, d.readHistory} {
		if err := part(ctx, &read, names); err != nil {
			return Rectification{}, err
		}
	}
	return read, nil
}

func (d *Desk) readProblems(ctx context.Context, into *Rectification, _ map[string]string) error {
	problems, err := d.problems(ctx, into.State == "draft", []string{into.Unit})
	into.Problems = slices.DeleteFunc(problems, func(p OrderProblem) bool { return p.Rectification != into.Number })
	return err
}

func (d *Desk) readFilings(ctx context.Context, into *Rectification, names map[string]string) error {
	rows, err := d.Store.FilingList(ctx, query.FilingListParams{CycleID: d.Cycle.CycleID, Unit: into.Unit, Rectification: into.Number})
	if err != nil {
		return err
	}
	proofs, err := d.Store.FilingEvidenceList(ctx, query.FilingEvidenceListParams{CycleID: d.Cycle.CycleID, Unit: into.Unit, Rectification: into.Number})
	if err != nil {
		return err
	}
	for _, row := range rows {
		filing := Filing{RectificationFiling: row, By: names["/"+row.FiledBy]}
		for _, proof := range proofs {
			if proof.Filing == row.Filing {
				filing.Evidence = append(filing.Evidence, Evidence{Name: proof.Name, Link: proof.Link, SHA256: proof.Sha256, Size: proof.Size})
			}
		}
		into.Filings = append(into.Filings, filing)
	}
	return nil
}

func (d *Desk) readConsequences(ctx context.Context, into *Rectification, _ map[string]string) error {
	all, err := d.Consequences(ctx, into.Unit)
	into.Consequences = slices.DeleteFunc(all, func(c ProposedConsequence) bool {
		return !c.Rectification.Valid || c.Rectification.Int32 != into.Number
	})
	return err
}

// FilingDrafts are what the unit's contacts are still typing for an order, by kind.
func (d *Desk) FilingDrafts(ctx context.Context, number int) (map[string]FilingDraft, error) {
	if err := d.must(rules.Contact); err != nil {
		return nil, err
	}
	rows, err := d.Store.FilingDraftList(ctx, query.FilingDraftListParams{CycleID: d.Cycle.CycleID, Unit: d.Person.Unit, Rectification: int32(number)})
	if err != nil {
		return nil, err
	}
	drafts := map[string]FilingDraft{}
	for _, row := range rows {
		if drafts[row.Kind], err = readDraft(row); err != nil {
			return nil, err
		}
	}
	return drafts, nil
}
