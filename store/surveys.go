package store

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store/query"
)

// Survey is one that was run elsewhere (E9): by whom, when, who was asked and how, and what they answered.
type Survey struct {
	Agency   string
	From, To calendar.Date
	// Sample says in words who was asked and how.
	Sample string
	// SHA256 is that of the file, in hexadecimal: the same one is not counted twice.
	SHA256  string
	Ballots []rules.SurveyBallot
}

// faults are what the survey lacks, beside its answers.
func (s Survey) faults(today calendar.Date) []string {
	var reasons []string
	if strings.TrimSpace(s.Agency) == "" {
		reasons = append(reasons, "the agency that ran the survey is missing (E9)")
	}
	if strings.TrimSpace(s.Sample) == "" {
		reasons = append(reasons, "the sample is missing: who was asked, and how (E9)")
	}
	switch {
	case s.From.IsZero() || s.To.IsZero():
		reasons = append(reasons, "the period of the survey is missing: its first and its last day (E9)")
	case s.To.Before(s.From):
		reasons = append(reasons, fmt.Sprintf("the survey would end on %s, before its first day %s", s.To, s.From))
	case s.To.After(today):
		reasons = append(reasons, fmt.Sprintf("the survey ends on %s, which lies ahead", s.To))
	}
	return reasons
}

// ImportSurvey keeps the answers of a survey, while the window is not closed: what comes later is in no sealed list. It
// answers the survey's number.
func (c *Change) ImportSurvey(survey Survey, by string) (int, error) {
	reasons := survey.faults(calendar.DateOf(c.At))
	evaluation, err := c.EvaluationLock(c.Context, query.EvaluationLockParams{CycleID: c.Cycle.CycleID})
	if err != nil {
		return 0, err
	}
	if evaluation.WindowState == "closed" {
		reasons = append(reasons, "the window is closed: the ballots are counted (E9)")
	}
	known, err := c.SurveyFind(c.Context, query.SurveyFindParams{CycleID: c.Cycle.CycleID, Sha256: survey.SHA256})
	if err == nil {
		reasons = append(reasons, fmt.Sprintf("this file is survey %d already", known))
	} else if !IsMissing(err) {
		return 0, err
	}
	if len(reasons) > 0 {
		return 0, Refuse(reasons...)
	}
	number, err := c.SurveyInsert(c.Context, query.SurveyInsertParams{
		CycleID: c.Cycle.CycleID, Agency: survey.Agency, FromDay: survey.From, ToDay: survey.To, Sample: survey.Sample,
		Sha256: survey.SHA256, ImportedBy: by,
	})
	if err != nil {
		return 0, err
	}
	if err := c.insertSurveyBallots(number, survey.Ballots); err != nil {
		return 0, err
	}
	c.Record(Line{Event: "survey_imported", Person: by, Article: "E9", Data: map[string]any{
		"survey": number, "agency": survey.Agency, "from": survey.From.String(), "to": survey.To.String(), "sample": survey.Sample,
		"ballots": len(survey.Ballots), "sha256": survey.SHA256,
	}})
	return int(number), nil
}

func (c *Change) insertSurveyBallots(number int32, ballots []rules.SurveyBallot) error {
	rows := query.SurveyBallotInsertAllParams{CycleID: c.Cycle.CycleID, Survey: number}
	for i, ballot := range ballots {
		answers, err := json.Marshal(ballot.Answers)
		if err != nil {
			return err
		}
		rows.Positions, rows.Units = append(rows.Positions, int32(i+1)), append(rows.Units, ballot.Unit)
		rows.Answers, rows.Comments = append(rows.Answers, string(answers)), append(rows.Comments, ballot.Comment)
	}
	return c.SurveyBallotInsertAll(c.Context, rows)
}
