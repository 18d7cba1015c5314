package office

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// What a decision is made of, as the store keeps it under its act.
type (
	// Decision is why a consequence is imposed or waived, and what belongs to it (A14, A15).
	Decision = store.Decision
	// Interview is the record of one (A14).
	Interview = store.Interview
	// ViolationFacts are what a violation is recorded with (A14).
	ViolationFacts = store.ViolationFacts
	// Recheck is how a problem was looked at again (A13).
	Recheck = store.Recheck
)

// ProposedConsequence is one that was proposed, with its basis, and what was decided about it (A14, A15).
type ProposedConsequence struct {
	query.Consequence
	UnitName string
	// Article is the one it rests on.
	Article string
	// Violation is its basis, if that is its basis.
	Violation *query.Violation
	// Record is the interview's, once there was one.
	Record     *Interview
	ProposedAt time.Time
	DecidedAt  time.Time
	// By is who decided, RecordedBy who recorded the violation; by name.
	By         string
	RecordedBy string
}

// Consequences are those of a unit, or of all where none is named; the newest last. A unit sees those that were imposed
// on it; what is only proposed, and what was waived, is the authority's (A14).
func (d *Desk) Consequences(ctx context.Context, unit string) ([]ProposedConsequence, error) {
	err := d.mayReadAll()
	if unit != "" {
		err = d.mayRead(unit)
	}
	if err != nil {
		return nil, err
	}
	rows, err := d.Store.ConsequenceList(ctx, query.ConsequenceListParams{CycleID: d.Cycle.CycleID})
	if err != nil {
		return nil, err
	}
	own := d.ownUnit() != ""
	rows = slices.DeleteFunc(rows, func(row query.Consequence) bool {
		return unit != "" && row.Unit != unit || own && row.State != "imposed"
	})
	if len(rows) == 0 {
		return nil, nil
	}
	return d.readAbout(ctx, unit, rows)
}

// readAbout tells of consequences what they rest on, and when and by whom they were decided.
func (d *Desk) readAbout(ctx context.Context, unit string, rows []query.Consequence) ([]ProposedConsequence, error) {
	names, err := d.names(ctx)
	if err != nil {
		return nil, err
	}
	violations, err := d.violations(ctx, unit)
	if err != nil {
		return nil, err
	}
	lines, err := d.happenings(ctx, unit, names, consequenceEvents...)
	if err != nil {
		return nil, err
	}
	list := make([]ProposedConsequence, len(rows))
	for i, row := range rows {
		list[i] = ProposedConsequence{Consequence: row, UnitName: names[row.Unit], Article: articleOf(row.Kind), By: names["/"+row.DecidedBy]}
		if err := json.Unmarshal(row.Interview, &list[i].Record); err != nil {
			return nil, fmt.Errorf("couldn't read the record of consequence %d: %w", row.Number, err)
		}
		if violation, ok := violations[row.ViolationID.UUID]; ok {
			list[i].Violation, list[i].RecordedBy = &violation, names["/"+violation.RecordedBy]
		}
	}
	for _, line := range lines {
		at := slices.IndexFunc(list, func(c ProposedConsequence) bool { return int(c.Number) == line.Number })
		switch {
		case at < 0: // not to be seen by who asks
		case line.Event == "consequence_proposed":
			list[at].ProposedAt = line.At
		default:
			list[at].DecidedAt = line.At
		}
	}
	return list, nil
}

// violations are those on record, by their id. What proves them is the authority's.
func (d *Desk) violations(ctx context.Context, unit string) (map[uuid.UUID]query.Violation, error) {
	rows, err := d.Store.ViolationList(ctx, query.ViolationListParams{CycleID: d.Cycle.CycleID, Unit: unit})
	if err != nil {
		return nil, err
	}
	list := make(map[uuid.UUID]query.Violation, len(rows))
	for _, row := range rows {
		if d.ownUnit() != "" {
			row.Evidence, row.RecordedBy = "", ""
		}
		list[row.ViolationID] = row
	}
	return list, nil
}

// articleOf is the article that a kind of consequence rests on.
func articleOf(kind string) string {
	if kind == "disciplinary_proposal" {
		return "A15"
	}
	return "A14"
}
