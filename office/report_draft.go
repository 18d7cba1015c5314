package office

import (
	"context"
	"database/sql"
	"strings"
	"unicode/utf8"

	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// OwnReport refuses whoever does not write this unit's report: its contacts do (A8(5)).
func (d *Desk) OwnReport(unit string) error {
	if err := d.must(rules.Contact); err != nil {
		return err
	}
	if d.Person.Unit != unit {
		return store.Forbid("a contact writes the report of his own unit only (A8(5))")
	}
	return nil
}

// SaveItem keeps what is said of one indicator so far, without touching its evidence; a self-score may still be missing.
func (d *Desk) SaveItem(ctx context.Context, unit, indicator, statement string, self *rules.Points) error {
	statement = plainText(statement)
	return d.onItem(ctx, unit, indicator, func(maximum rules.Points) []string {
		var reasons []string
		if self != nil && (*self < 0 || *self > maximum) {
			reasons = append(reasons, outside(indicator, *self, maximum))
		}
		if utf8.RuneCountInString(statement) > maxStatement {
			reasons = append(reasons, tooLong(indicator))
		}
		return reasons
	}, func(change *store.Change, item query.ReportItemBeginParams) error {
		row := query.ReportItemSaveParams{
			CycleID: item.CycleID, Unit: item.Unit, Revision: item.Revision, Indicator: indicator, MaxPoints: item.MaxPoints, Statement: statement,
		}
		if self != nil {
			row.SelfScore = sql.NullInt64{Int64: int64(*self), Valid: true}
		}
		return change.ReportItemSave(ctx, row)
	})
}

// plainText is what was typed as the database takes it: one kind of line ends, nothing that is no text.
func plainText(typed string) string {
	return strings.TrimSpace(strings.NewReplacer("\r\n", "\n", "\x00", "").Replace(strings.ToValidUTF8(typed, "")))
}

// AddEvidence adds a piece of evidence to an indicator; the same file or link twice is there once.
func (d *Desk) AddEvidence(ctx context.Context, unit, indicator string, evidence Evidence) error {
	if err := d.OwnReport(unit); err != nil {
		return err
	}
	kept, err := d.fileKept(ctx, evidence)
	if err != nil {
		return err
	}
	evidence.Name, evidence.Link = plainText(evidence.Name), plainText(evidence.Link)
	return d.onItem(ctx, unit, indicator, func(rules.Points) []string {
		if fault := evidence.fault(); fault != "" {
			return []string{"indicator " + indicator + ": the evidence " + fault}
		}
		if !kept {
			return []string{"indicator " + indicator + ": the file of the evidence is not kept: attach it again"}
		}
		return nil
	}, func(change *store.Change, item query.ReportItemBeginParams) error {
		if err := change.ReportItemBegin(ctx, item); err != nil {
			return err
		}
		return change.EvidenceAdd(ctx, query.EvidenceAddParams{
			CycleID: item.CycleID, Unit: item.Unit, Revision: item.Revision, Indicator: indicator,
			Name: evidence.Name, Link: evidence.Link, Sha256: evidence.SHA256, Size: evidence.Size,
		})
	})
}

// RemoveEvidence takes a piece of evidence, named by its digest or link, from an indicator of the draft. Earlier
// revisions keep theirs.
func (d *Desk) RemoveEvidence(ctx context.Context, unit, indicator, proof string) error {
	return d.onItem(ctx, unit, indicator, func(rules.Points) []string { return nil },
		func(change *store.Change, item query.ReportItemBeginParams) error {
			_, err := change.EvidenceRemove(ctx, query.EvidenceRemoveParams{
				CycleID: item.CycleID, Unit: item.Unit, Revision: item.Revision, Indicator: indicator, Proof: proof,
			})
			return err // what is gone already is as it was asked for
		})
}

// onItem changes one item of the unit's draft under the report's lock, if nothing is wrong with it.
func (d *Desk) onItem(ctx context.Context, unit, indicator string, faults func(rules.Points) []string, do func(*store.Change, query.ReportItemBeginParams) error) error {
	if err := d.OwnReport(unit); err != nil {
		return err
	}
	plan, err := d.plan(ctx)
	if err != nil {
		return err
	}
	maximum, ok := indicatorMax(store.IndicatorsOf(plan, d.Person.Unit), indicator)
	if !ok {
		return store.Refuse(noIndicator(indicator))
	}
	if reasons := faults(maximum); len(reasons) > 0 {
		return store.Refuse(reasons...)
	}
	return d.Store.Draft(ctx, d.Cycle.CycleID, func(change *store.Change) error {
		revision, err := d.draft(change)
		if err != nil {
			return err
		}
		return do(change, query.ReportItemBeginParams{
			CycleID: d.Cycle.CycleID, Unit: unit, Revision: revision, Indicator: indicator, MaxPoints: int64(maximum),
		})
	})
}
