package office

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

// What a unit files for a rectification (A13).
const (
	FilingMeasures = "measures"
	FilingReport   = "report"
)

// maxFiling bounds what a unit writes, in bytes.
const maxFiling = 60000

// FileMeasures files the unit's measures with their evidence (A13).
func (d *Desk) FileMeasures(ctx context.Context, act string, number int, text string, evidence ...Evidence) error {
	return d.file(ctx, act, number, workflows.UpdateFileMeasures, text, evidence)
}

// ReportRectification reports that the measures are carried out, with the evidence of it (A13).
func (d *Desk) ReportRectification(ctx context.Context, act string, number int, text string, evidence ...Evidence) error {
	return d.file(ctx, act, number, workflows.UpdateReportRectification, text, evidence)
}

func (d *Desk) file(ctx context.Context, act string, number int, update, text string, evidence []Evidence) error {
	if err := d.must(rules.Contact); err != nil {
		return err
	}
	var reasons []string
	if strings.TrimSpace(text) == "" {
		reasons = append(reasons, "the text is missing (A13)")
	}
	if len(text) > maxFiling {
		reasons = append(reasons, "the text is too long (A13)")
	}
	filing := store.Filing{Text: lineEnds(text)}
	for i, proof := range evidence {
		if fault := proof.fault(); fault != "" {
			reasons = append(reasons, fmt.Sprintf("evidence %d %s", i+1, fault))
		}
		filing.Evidence = append(filing.Evidence, store.Evidence(proof))
	}
	if len(reasons) > 0 {
		return store.Refuse(reasons...)
	}
	in := workflows.RectificationRequest{Person: d.self()}
	return d.ask(ctx, d.onRectification(d.Person.Unit, number, update, act, filing, in), &workflows.RectificationResult{})
}

// lineEnds are those of a form, as everybody else writes them.
func lineEnds(text string) string { return strings.ReplaceAll(text, "\r\n", "\n") }

// FilingDraft is what a unit is typing and has gathered, before it files it.
type FilingDraft struct {
	Text     string
	Evidence []Evidence
}

// SaveFiling keeps the text of what the unit will file, as one types; kind is FilingMeasures or FilingReport.
func (d *Desk) SaveFiling(ctx context.Context, number int, kind, text string) error {
	if len(text) > maxFiling {
		return store.Refuse("the text is too long (A13)")
	}
	return d.draftFiling(ctx, number, kind, func(draft *FilingDraft) { draft.Text = lineEnds(text) })
}

// AttachToFiling puts evidence to a draft; what is there already is not put twice.
func (d *Desk) AttachToFiling(ctx context.Context, number int, kind string, evidence ...Evidence) error {
	var reasons []string
	for i := range evidence {
		evidence[i].Name, evidence[i].Link = strings.TrimSpace(evidence[i].Name), strings.TrimSpace(evidence[i].Link)
		if fault := evidence[i].fault(); fault != "" {
			reasons = append(reasons, fmt.Sprintf("evidence %d %s", i+1, fault))
		}
	}
	if len(reasons) > 0 {
		return store.Refuse(reasons...)
	}
	return d.draftFiling(ctx, number, kind, func(draft *FilingDraft) { draft.Evidence = WithEvidence(draft.Evidence, evidence...) })
}

// WithEvidence is a list with more put to it; what is there already is not put twice.
func WithEvidence(list []Evidence, more ...Evidence) []Evidence {
	for _, proof := range more {
		if !slices.ContainsFunc(list, func(kept Evidence) bool { return kept.proof() == proof.proof() }) {
			list = append(list, proof)
		}
	}
	return list
}

// DetachFromFiling takes evidence out of a draft, by its link or digest.
func (d *Desk) DetachFromFiling(ctx context.Context, number int, kind, proof string) error {
	return d.draftFiling(ctx, number, kind, func(draft *FilingDraft) {
		draft.Evidence = slices.DeleteFunc(draft.Evidence, func(kept Evidence) bool { return kept.proof() == proof })
	})
}

// OwnRectification refuses whoever does not file for this unit: its contacts do (A13).
func (d *Desk) OwnRectification(unit string) error {
	if err := d.must(rules.Contact); err != nil {
		return err
	}
	if d.Person.Unit != unit {
		return store.Forbid("a contact files for his own unit only (A13)")
	}
	return nil
}

// OpenFiled opens a file that a filing of this order names, or the draft of the unit's own contact, for those who may
// read the order (A13).
func (d *Desk) OpenFiled(ctx context.Context, unit string, number int, digest string) (*File, error) {
	if err := d.mayRead(unit); err != nil {
		return nil, err
	}
	rows, err := d.Store.FilingEvidenceList(ctx, query.FilingEvidenceListParams{CycleID: d.Cycle.CycleID, Unit: unit, Rectification: int32(number)})
	if err != nil {
		return nil, err
	}
	var list []Evidence
	for _, row := range rows {
		list = append(list, Evidence{Name: row.Name, SHA256: row.Sha256})
	}
	if d.OwnRectification(unit) == nil {
		drafts, err := d.FilingDrafts(ctx, number)
		if err != nil {
			return nil, err
		}
		list = slices.Concat(list, drafts[FilingMeasures].Evidence, drafts[FilingReport].Evidence)
	}
	at := slices.IndexFunc(list, func(kept Evidence) bool { return kept.SHA256 == digest && digest != "" })
	if at < 0 {
		return nil, store.Missing("this rectification of " + unit + " names no such file")
	}
	return d.openKept(ctx, digest, list[at].Name)
}

// proof is what tells one piece of evidence from another.
func (e Evidence) proof() string { return e.Link + e.SHA256 }

// draftFiling changes a draft under its lock, while the order waits for the unit.
func (d *Desk) draftFiling(ctx context.Context, number int, kind string, edit func(*FilingDraft)) error {
	if err := d.must(rules.Contact); err != nil {
		return err
	}
	if kind != FilingMeasures && kind != FilingReport {
		return store.Missing("measures or a report is filed, no " + kind)
	}
	return d.Store.Draft(ctx, d.Cycle.CycleID, func(change *store.Change) error {
		id, unit := d.Cycle.CycleID, d.Person.Unit
		row, err := change.RectificationGet(ctx, query.RectificationGetParams{CycleID: id, Unit: unit, Number: int32(number)})
		if store.IsMissing(err) || err == nil && row.State == "draft" {
			return store.Missing("no rectification is ordered from " + unit)
		}
		if err != nil {
			return err
		}
		if !waitsForUnit(row.State) {
			return store.Refuse("the rectification is reported or concluded: nothing more is filed (A13)")
		}
		if err := change.FilingDraftOpen(ctx, query.FilingDraftOpenParams{CycleID: id, Unit: unit, Rectification: row.Number, Kind: kind}); err != nil {
			return err
		}
		kept, err := change.FilingDraftLock(ctx, query.FilingDraftLockParams{CycleID: id, Unit: unit, Rectification: row.Number, Kind: kind})
		if err != nil {
			return err
		}
		draft, err := readDraft(kept)
		if err != nil {
			return err
		}
		edit(&draft)
		evidence, err := json.Marshal(keptEvidence(draft.Evidence))
		if err != nil {
			return err
		}
		return change.FilingDraftSave(ctx, query.FilingDraftSaveParams{
			CycleID: id, Unit: unit, Rectification: row.Number, Kind: kind, Content: draft.Text, Evidence: evidence,
		})
	})
}

// waitsForUnit tells whether an order is the unit's to carry out.
func waitsForUnit(state string) bool {
	return state == "ordered" || state == "measures" || state == "sent_back"
}

func keptEvidence(list []Evidence) []store.Evidence {
	kept := make([]store.Evidence, len(list))
	for i, evidence := range list {
		kept[i] = store.Evidence(evidence)
	}
	return kept
}

func readDraft(row query.RectificationDraft) (FilingDraft, error) {
	var kept []store.Evidence
	if err := json.Unmarshal(row.Evidence, &kept); err != nil {
		return FilingDraft{}, fmt.Errorf("couldn't read the evidence of a draft: %w", err)
	}
	draft := FilingDraft{Text: row.Content}
	for _, evidence := range kept {
		draft.Evidence = append(draft.Evidence, Evidence(evidence))
	}
	return draft, nil
}
