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

// severities are those of a violation, each with the consequence that it proposes (A14, A15).
var severities = map[string]string{
	"ordinary": ConsequenceInterview, "serious": ConsequenceCriticism, "disciplinary": ConsequenceDisciplinary,
}

// ConsequenceArticle is the one that a consequence rests on.
func ConsequenceArticle(kind string) string {
	if kind == ConsequenceDisciplinary {
		return "A15"
	}
	return "A14"
}

// ConsequenceTask is the key of the task to decide a consequence.
func ConsequenceTask(number int) string { return fmt.Sprintf("consequence/%d", number) }

// RecordViolation records a violation of the openness rules with its facts and evidence, at any time of the year and
// before it starts, and proposes what follows from it (A14, A15). It answers the number of the consequence.
func (c *Change) RecordViolation(act, unit string, facts ViolationFacts, by string) (int, error) {
	kind, err := c.checkViolation(unit, facts)
	if err != nil {
		return 0, err
	}
	id := uuid.NewSHA1(uuid.NameSpaceURL, fmt.Appendf(nil, "%d/%s", c.Cycle.CycleID, act))
	if err := c.ViolationInsert(c.Context, query.ViolationInsertParams{
		ViolationID: id, CycleID: c.Cycle.CycleID, Unit: unit, Facts: facts.Facts, Evidence: facts.Evidence,
		Severity: facts.Severity, RecordedBy: by,
	}); err != nil {
		return 0, err
	}
	c.Record(Line{
		Event: "violation_recorded", Unit: unit, Person: by, Article: ConsequenceArticle(kind),
		Data: map[string]any{"id": id.String(), "severity": facts.Severity},
	})
	return c.ProposeConsequence(query.ConsequenceInsertParams{
		CycleID: c.Cycle.CycleID, Unit: unit, Kind: kind, Basis: "violation", ViolationID: uuid.NullUUID{UUID: id, Valid: true},
	})
}

func (c *Change) checkViolation(unit string, facts ViolationFacts) (string, error) {
	var reasons []string
	_, err := c.UnitGet(c.Context, query.UnitGetParams{CycleID: c.Cycle.CycleID, Code: unit})
	if IsMissing(err) {
		reasons = append(reasons, "no unit "+unit)
	} else if err != nil {
		return "", err
	}
	if strings.TrimSpace(facts.Facts) == "" {
		reasons = append(reasons, "the facts are missing (A14)")
	}
	if strings.TrimSpace(facts.Evidence) == "" {
		reasons = append(reasons, "the evidence is missing (A14)")
	}
	kind, ok := severities[facts.Severity]
	if !ok {
		reasons = append(reasons, fmt.Sprintf("severity %q is none of ordinary, serious, disciplinary (A14, A15)", facts.Severity))
	}
	if len(reasons) > 0 {
		return "", Refuse(reasons...)
	}
	return kind, nil
}

// ProposeConsequence proposes a consequence, which a person decides (A14, A15). It answers its number.
func (c *Change) ProposeConsequence(row query.ConsequenceInsertParams) (int, error) {
	number, err := c.ConsequenceInsert(c.Context, row)
	if err != nil {
		return 0, err
	}
	article := ConsequenceArticle(row.Kind)
	c.Record(Line{
		Event: "consequence_proposed", Unit: row.Unit, Article: article,
		Data: map[string]any{"number": number, "kind": row.Kind, "basis": row.Basis},
	})
	return int(number), c.OpenTask(article, Task{
		Key: ConsequenceTask(int(number)), Kind: "decide_consequence", Role: "admin", Unit: row.Unit, Detail: row.Kind,
	})
}
