package portal

import (
	"github.com/kaoping/kaoping/rules"
)

// rulesPage is the rule set by which the year is judged, each number with its article.
type rulesPage struct {
	Set       *rules.RuleSet
	Bonus     []rules.Clause
	Deduction []rules.Clause
	// Tier is that of the authority.
	Tier      rules.Tier
	Extension *rules.Extension
	InForce   bool
	Notice    rules.Day
}

func (v *visit) showRules() error {
	set, err := v.desk.RuleSet()
	if err != nil {
		return err
	}
	plan, err := v.desk.Plan(v.r.Context())
	if err != nil {
		return err
	}
	scheme := plan.Scheme
	page := rulesPage{Set: set, Extension: scheme.Extension, InForce: set.InForce(scheme.Dates.Notice), Notice: scheme.Dates.Notice}
	page.Tier, _ = set.Tier(scheme.Authority.Tier) // the import has refused any other
	for _, clause := range set.Clauses {
		if clause.Kind == rules.Bonus {
			page.Bonus = append(page.Bonus, clause)
		} else {
			page.Deduction = append(page.Deduction, clause)
		}
	}
	return v.render("rules", page)
}
