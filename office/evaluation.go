package office

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/documents"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/workflows"
)

// mustBe refuses an act that the other kind of cycle does not know.
func (d *Desk) mustBe(kind string) error {
	switch {
	case d.Cycle.Kind == kind:
		return nil
	case kind == store.Evaluation:
		return store.Refuse(store.CycleName(d.Cycle) + " is an assessment: this belongs to its social evaluation")
	}
	return store.Refuse(store.CycleName(d.Cycle) + " is a social evaluation: this belongs to the assessment")
}

// evaluate is the check of an administrator's act on an evaluation.
func (d *Desk) evaluate() error {
	if err := d.must(rules.Admin); err != nil {
		return err
	}
	return d.mustBe(store.Evaluation)
}

// RecordProvince records that the province's evaluation has ended, for one that follows it (E6); the note says how that
// is known.
func (d *Desk) RecordProvince(ctx context.Context, act, note string) error {
	if err := d.evaluate(); err != nil {
		return err
	}
	return d.ask(ctx, d.onCycle(workflows.UpdateRecordProvince, act, store.Reason{Reason: note}, d.self()), &workflows.Empty{})
}

// ProposeResults ends the look at the tally: the leader is asked to approve it (E8(4)).
func (d *Desk) ProposeResults(ctx context.Context, act string) error {
	if err := d.evaluate(); err != nil {
		return err
	}
	return d.ask(ctx, d.onCycle(workflows.UpdateProposeResults, act, nil, d.self()), &workflows.MakeProposalResult{})
}

// PublishResults publishes the approved results, as the plan said beforehand, or keeps them back for a reason (E8(5)).
func (d *Desk) PublishResults(ctx context.Context, act string, publish bool, reason string) error {
	if err := d.evaluate(); err != nil {
		return err
	}
	in := workflows.PublishRequest{Person: d.self(), Publish: publish}
	return d.ask(ctx, d.onCycle(workflows.UpdatePublishResults, act, store.Reason{Reason: reason}, in), &workflows.Empty{})
}

// SurveyFacts say of a survey that was run elsewhere by whom, when, and who was asked and how (E9).
type SurveyFacts struct {
	Agency   string
	From, To calendar.Date
	Sample   string
}

// ImportSurvey counts the answers of a survey that was run elsewhere, until the window closes (E9). What is wrong with the
// file comes as rules.Faults, all at once. It answers the survey's number.
func (d *Desk) ImportSurvey(ctx context.Context, act, file string, content []byte, facts SurveyFacts) (int, error) {
	if err := d.evaluate(); err != nil {
		return 0, err
	}
	set, ruleSet, err := d.evaluationPlan(ctx)
	if err != nil {
		return 0, err
	}
	if set.Evaluation.SurveysIn == "" {
		return 0, store.Refuse("the plan names no channel in which surveys count (E9)")
	}
	ballots, faults := documents.ReadSurvey(file, content, *set.Evaluation, ruleSet)
	if err := faults.Err(); err != nil {
		return 0, err
	}
	digest := sha256.Sum256(content)
	survey := store.Survey{
		Agency: facts.Agency, From: facts.From, To: facts.To, Sample: facts.Sample, SHA256: hex.EncodeToString(digest[:]), Ballots: ballots,
	}
	var number int
	err = d.Store.Do(ctx, store.Step{Cycle: d.Cycle.CycleID, Key: act}, &number, func(change *store.Change) (err error) {
		number, err = change.ImportSurvey(survey, d.Person.Login)
		return err
	})
	return number, err
}
