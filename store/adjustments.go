package store

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store/query"
)

// Adjustment is a bonus or deduction as somebody proposes it (A10, A11).
type Adjustment struct {
	ID       string
	Unit     string
	Clause   string
	Date     calendar.Date
	Event    string
	Evidence string
}

// ProposeAdjustment records a bonus or deduction. It does not count before a second person confirmed it.
func (c *Change) ProposeAdjustment(in Adjustment, set *rules.RuleSet, by string) error {
	in.Event, in.Evidence = strings.Join(strings.Fields(in.Event), " "), strings.TrimSpace(in.Evidence)
	clause, ok := set.Clause(in.Clause)
	reasons, err := c.strange(in.Unit)
	if err != nil {
		return err
	}
	id, noID := uuid.Parse(in.ID)
	if noID != nil {
		reasons = append(reasons, "the adjustment's id is no UUID")
	}
	if !ok {
		reasons = append(reasons, fmt.Sprintf("no clause %q in %s (A10, A11)", in.Clause, set.ID))
	}
	if !rules.Day(in.Date.String()).InAssessmentYear(int(c.Cycle.Year)) {
		reasons = append(reasons, fmt.Sprintf("%s does not lie in the assessment year %d (A10, A11)", in.Date, c.Cycle.Year))
	}
	if in.Event == "" {
		reasons = append(reasons, "the event is missing")
	}
	if in.Evidence == "" {
		reasons = append(reasons, "the evidence is missing (A10, A11)")
	}
	higher, err := c.higherClause(in, clause)
	if err != nil {
		return err
	}
	if higher != "" {
		reasons = append(reasons, fmt.Sprintf("the same event is recorded under %s already: the higher one stands (A10, A11)", higher))
	}
	if len(reasons) > 0 {
		return Refuse(reasons...)
	}
	c.Record(Line{
		Event: "adjustment_proposed", Unit: in.Unit, Person: by, Article: clause.Article,
		Data: map[string]any{"id": in.ID, "clause": in.Clause, "date": in.Date.String(), "event": in.Event},
	})
	return c.AdjustmentInsert(c.Context, query.AdjustmentInsertParams{
		AdjustmentID: id, CycleID: c.Cycle.CycleID, Unit: in.Unit, Clause: in.Clause, Bonus: clause.Kind == rules.Bonus,
		Points: int64(clause.Points), OccurredOn: in.Date, Event: in.Event, Evidence: in.Evidence, ProposedBy: by,
	})
}

// strange says of a unit that it is none of the cycle's.
func (c *Change) strange(unit string) ([]string, error) {
	set, err := c.DataSet()
	if err != nil || slices.ContainsFunc(set.Plan.Units, func(known rules.Unit) bool { return known.Code == unit }) {
		return nil, err
	}
	return []string{"no unit " + unit}, nil
}

// ClauseFaults are recorded adjustments under clauses that a rule set does not have: the data set was imported again and
// names another one.
func ClauseFaults(adjustments []query.Adjustment, set *rules.RuleSet) rules.Faults {
	var faults rules.Faults
	for _, adjustment := range adjustments {
		if _, ok := set.Clause(adjustment.Clause); !ok && adjustment.State != "rejected" {
			faults = append(faults, rules.Fault{Path: "adjustments", Text: fmt.Sprintf(
				"%s has one under %s, and there is no such clause in %s (A10, A11)", adjustment.Unit, adjustment.Clause, set.ID)})
		}
	}
	return faults
}

// higherClause names the clause under which the same event of the unit is recorded with at least as many points.
func (c *Change) higherClause(in Adjustment, clause rules.Clause) (string, error) {
	same, err := c.AdjustmentSameEvent(c.Context, query.AdjustmentSameEventParams{CycleID: c.Cycle.CycleID, Unit: in.Unit, Event: in.Event})
	if err != nil {
		return "", err
	}
	for _, other := range same {
		if other.Points >= clause.Points {
			return other.Clause, nil
		}
	}
	return "", nil
}

// ConfirmAdjustment lets an adjustment count. Others of the same event under a lower clause are rejected with it:
// the higher one stands.
func (c *Change) ConfirmAdjustment(id, by string) error {
	adjustment, err := c.proposedAdjustment(id)
	if err != nil {
		return err
	}
	if adjustment.ProposedBy == by {
		return Refuse(constraintReasons["adjustments_second_person"])
	}
	same, err := c.AdjustmentSameEvent(c.Context, query.AdjustmentSameEventParams{CycleID: c.Cycle.CycleID, Unit: adjustment.Unit, Event: adjustment.Event})
	if err != nil {
		return err
	}
	for _, other := range same {
		if other.AdjustmentID == adjustment.AdjustmentID {
			continue
		}
		if other.Points > adjustment.Points {
			return Refuse(fmt.Sprintf("the same event is recorded under %s: the higher one stands, decide it first (A10, A11)", other.Clause))
		}
		if err := c.decideAdjustment(other, "rejected", by, "the higher clause "+adjustment.Clause+" of the same event stands"); err != nil {
			return err
		}
	}
	return c.decideAdjustment(adjustment, "confirmed", by, "")
}

// RejectAdjustment ends a proposed adjustment with a reason. That too is for a second person.
func (c *Change) RejectAdjustment(id, by, reason string) error {
	if reason == "" {
		return Refuse(constraintReasons["adjustments_reason"])
	}
	adjustment, err := c.proposedAdjustment(id)
	if err != nil {
		return err
	}
	if adjustment.ProposedBy == by {
		return Refuse("an adjustment is decided by a second person, never by its proposer (A10, A11)")
	}
	return c.decideAdjustment(adjustment, "rejected", by, reason)
}

func (c *Change) proposedAdjustment(id string) (query.Adjustment, error) {
	parsed, err := uuid.Parse(id)
	if err != nil {
		return query.Adjustment{}, Missing("no adjustment " + id)
	}
	adjustment, err := c.AdjustmentGet(c.Context, query.AdjustmentGetParams{CycleID: c.Cycle.CycleID, AdjustmentID: parsed})
	if err != nil {
		return adjustment, err
	}
	if adjustment.State != "proposed" {
		return adjustment, Refuse("this adjustment is " + adjustment.State + " already")
	}
	return adjustment, nil
}

func (c *Change) decideAdjustment(adjustment query.Adjustment, state, by, reason string) error {
	data := map[string]any{"id": adjustment.AdjustmentID.String(), "clause": adjustment.Clause}
	if reason != "" {
		data["reason"] = reason
	}
	if adjustment.State == "confirmed" {
		// Proposals that counted it are over; their books keep what they counted.
		if err := c.CountedForget(c.Context, query.CountedForgetParams{CycleID: c.Cycle.CycleID, AdjustmentID: adjustment.AdjustmentID}); err != nil {
			return err
		}
	}
	article := "A11"
	if adjustment.Bonus {
		article = "A10"
	}
	c.Record(Line{Event: "adjustment_" + state, Unit: adjustment.Unit, Person: by, Article: article, Data: data})
	return c.AdjustmentDecide(c.Context, query.AdjustmentDecideParams{
		CycleID: c.Cycle.CycleID, AdjustmentID: adjustment.AdjustmentID, State: state, Person: by, Reason: reason,
	})
}
