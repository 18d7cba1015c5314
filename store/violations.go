package store

import (
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/kaoping/kaoping/store/query"
)

// Consequences, from the lightest (A14, A15).
const (
	ConsequenceInterview    = "interview"
	ConsequenceCriticism    = "public_criticism"
	ConsequenceDisciplinary = "disciplinary_proposal"
)

// severities are those of a violation by the kind of cycle, each with the consequences that it proposes: in an evaluation
// cheating, or a bad effect caused, leads to an interview of the persons responsible and public criticism of the unit (A14,
// A15, E10).
var severities = map[string]map[string][]string{
	Assessment: {
		"ordinary": {ConsequenceInterview}, "serious": {ConsequenceCriticism}, "disciplinary": {ConsequenceDisciplinary},
	},
	Evaluation: {"cheating": interviewAndCriticism, "bad_effect": interviewAndCriticism},
}

var interviewAndCriticism = []string{ConsequenceInterview, ConsequenceCriticism}

// ConsequenceArticle is the one that a consequence of a kind of cycle rests on.
func ConsequenceArticle(cycleKind, kind string) string {
	switch {
	case cycleKind == Evaluation:
		return "E10"
	case kind == ConsequenceDisciplinary:
		return "A15"
	}
	return "A14"
}

// ConsequenceTask is the key of the task to decide a consequence.
func ConsequenceTask(number int) string { return fmt.Sprintf("consequence/%d", number) }

// RecordViolation records a violation of the openness rules, in an evaluation cheating or a bad effect, with its facts and
// evidence, at any time of the year and before it starts, and proposes what follows from it (A14, A15, E10). It answers the
// number of the first consequence.
func (c *Change) RecordViolation(act, unit string, facts ViolationFacts, by string) (int, error) {
	kinds, err := c.checkViolation(unit, facts)
	if err != nil {
		return 0, err
	}
	id, err := c.insertViolation(act, unit, facts, by, kinds[0])
	if err != nil {
		return 0, err
	}
	return c.proposeEach(kinds, query.ConsequenceInsertParams{
		CycleID: c.Cycle.CycleID, Unit: unit, Basis: "violation", ViolationID: uuid.NullUUID{UUID: id, Valid: true},
	})
}

// ProposeDissatisfied proposes what follows from the grade dissatisfied (E10).
func (c *Change) ProposeDissatisfied(unit string) error {
	_, err := c.proposeEach(interviewAndCriticism, query.ConsequenceInsertParams{CycleID: c.Cycle.CycleID, Unit: unit, Basis: "dissatisfied"})
	return err
}

// proposeEach proposes consequences of several kinds, and answers the number of the first.
func (c *Change) proposeEach(kinds []string, row query.ConsequenceInsertParams) (int, error) {
	first := 0
	for _, row.Kind = range kinds {
		number, err := c.ProposeConsequence(row)
		if err != nil {
			return 0, err
		}
		if first == 0 {
			first = number
		}
	}
	return first, nil
}

func (c *Change) insertViolation(act, unit string, facts ViolationFacts, by, kind string) (uuid.UUID, error) {
	id := uuid.NewSHA1(uuid.NameSpaceURL, fmt.Appendf(nil, "%d/%s", c.Cycle.CycleID, act))
	if err := c.ViolationInsert(c.Context, query.ViolationInsertParams{
		ViolationID: id, CycleID: c.Cycle.CycleID, Unit: unit, Facts: facts.Facts, Evidence: facts.Evidence,
		Severity: facts.Severity, RecordedBy: by,
	}); err != nil {
		return id, err
	}
	c.Record(Line{
		Event: "violation_recorded", Unit: unit, Person: by, Article: ConsequenceArticle(c.Cycle.Kind, kind),
		Data: map[string]any{"id": id.String(), "severity": facts.Severity},
	})
	return id, nil
}

// lacking names what a violation lacks, with the article that asks for it.
func (c *Change) lacking(what string) string {
	return fmt.Sprintf("%s (%s)", what, ConsequenceArticle(c.Cycle.Kind, ConsequenceInterview))
}

// checkViolation answers the kinds of consequence that a violation proposes.
func (c *Change) checkViolation(unit string, facts ViolationFacts) ([]string, error) {
	var reasons []string
	_, err := c.UnitGet(c.Context, query.UnitGetParams{CycleID: c.Cycle.CycleID, Code: unit})
	if IsMissing(err) {
		reasons = append(reasons, "no unit "+unit)
	} else if err != nil {
		return nil, err
	}
	if strings.TrimSpace(facts.Facts) == "" {
		reasons = append(reasons, c.lacking("the facts are missing"))
	}
	if strings.TrimSpace(facts.Evidence) == "" {
		reasons = append(reasons, c.lacking("the evidence is missing"))
	}
	kinds, ok := severities[c.Cycle.Kind][facts.Severity]
	switch {
	case ok:
	case c.Cycle.Kind == Evaluation:
		reasons = append(reasons, fmt.Sprintf("%q is neither cheating nor bad_effect (E10)", facts.Severity))
	default:
		reasons = append(reasons, fmt.Sprintf("severity %q is none of ordinary, serious, disciplinary (A14, A15)", facts.Severity))
	}
	if len(reasons) > 0 {
		return nil, Refuse(reasons...)
	}
	return kinds, nil
}

// ProposeConsequence proposes a consequence, which a person decides (A14, A15). It answers its number.
func (c *Change) ProposeConsequence(row query.ConsequenceInsertParams) (int, error) {
	number, err := c.ConsequenceInsert(c.Context, row)
	if err != nil {
		return 0, err
	}
	article := ConsequenceArticle(c.Cycle.Kind, row.Kind)
	c.Record(Line{
		Event: "consequence_proposed", Unit: row.Unit, Article: article,
		Data: map[string]any{"number": number, "kind": row.Kind, "basis": row.Basis},
	})
	return int(number), c.OpenTask(article, Task{
		Key: ConsequenceTask(int(number)), Kind: "decide_consequence", Role: "admin", Unit: row.Unit, Detail: row.Kind,
	})
}
