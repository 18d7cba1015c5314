package rules

import (
	"slices"
	"strings"
)

// Fields that a book of one kind must have and a book of the other may not.
var (
	assessmentFields = []string{"indicators"}
	evaluationFields = []string{"questions", "answer_points", "channels", "thresholds", "ballots"}
)

// fieldFaults want the outermost fields to be those of the book's kind.
func (b *Book) fieldFaults(present map[string]bool) Faults {
	var faults Faults
	own, foreign := assessmentFields, slices.Concat(evaluationFields, []string{"excluded"})
	switch b.Kind {
	case AssessmentBook:
	case EvaluationBook:
		own, foreign = evaluationFields, assessmentFields
	default:
		return nil
	}
	for _, name := range own {
		if !present[name] {
			faults.add(name, "missing")
		}
	}
	for _, name := range foreign {
		if present[name] {
			faults.add(name, "unknown field in a book of kind %s", b.Kind)
		}
	}
	return faults
}

// Faults are all that is wrong with a book. Only a book without faults can be
// computed.
func (b *Book) Faults() Faults {
	var faults Faults
	if b.Rules == nil {
		faults.add("rule_set", "missing")
	}
	if b.Year < 1 || b.Year > lastYear {
		faults.add("year", "%d is not a whole number from 1 to %d", b.Year, lastYear)
	}
	if len(b.Units) == 0 {
		faults.add("units", "there are none")
	}
	codes := bookCodes{}
	for i, unit := range b.Units {
		path := indexed("units", i)
		faults = append(faults, codes.faults(path+".code", unit.Code)...)
		if blank(unit.Category) {
			faults.add(path+".category", "empty")
		}
	}
	switch b.Kind {
	case AssessmentBook:
		faults = append(faults, b.assessmentFaults()...)
	case EvaluationBook:
		faults = append(faults, b.evaluationFaults()...)
	default:
		faults.add("kind", "unknown kind %q", shortened(string(b.Kind)))
	}
	return append(faults, b.claims.faults(b.Kind)...)
}

// bookCodes are the codes of one list of a book: of any form, each once.
type bookCodes map[string]bool

func (c bookCodes) faults(path, code string) Faults {
	var faults Faults
	if blank(code) {
		faults.add(path, "empty")
	} else if c[code] {
		faults.add(path, "%q is there twice", shortened(code))
	}
	c[code] = true
	return faults
}

func (b *Book) assessmentFaults() Faults {
	faults := b.indicatorFaults()
	if len(b.Indicators) == 0 {
		return faults // nothing to judge the units by
	}
	if b.Rules != nil {
		faults = append(faults, b.coverageFaults(b.categories())...)
	}
	of := b.yardsticks()
	for i, unit := range b.Units {
		path := indexed("units", i)
		if unit.Scores == nil {
			faults.add(path+".scores", "missing")
		} else {
			faults.under(path, unit.scoreFaults(of(unit.Category)))
		}
		faults.under(path, unit.adjustmentFaults(b.Rules))
	}
	return faults
}

// categories are those that the indicators must cover. A unit without one has
// its fault.
func (b *Book) categories() []string {
	return slices.DeleteFunc(distinct(b.Units, func(u BookUnit) string { return u.Category }), blank)
}

func blank(text string) bool { return strings.TrimSpace(text) == "" }

func (b *Book) indicatorFaults() Faults {
	var faults Faults
	if len(b.Indicators) == 0 {
		faults.add("indicators", "there are none")
	}
	codes := bookCodes{}
	for i, indicator := range b.Indicators {
		path := indexed("indicators", i)
		faults = append(faults, codes.faults(path+".code", indicator.Code)...)
		if b.Rules != nil && !b.Rules.Areas.Has(indicator.Area) {
			faults.add(path+".area", "unknown area %q", shortened(indicator.Area))
		}
		if b.Rules != nil && !b.Rules.Tracks.Has(indicator.Track) {
			faults.add(path+".track", "unknown track %q", shortened(indicator.Track))
		}
		if indicator.Categories != nil && len(indicator.Categories) == 0 {
			faults.add(path+".categories", "empty: leave it out if the indicator is for all")
		}
		categories := bookCodes{}
		for k, category := range indicator.Categories {
			faults = append(faults, categories.faults(indexed(path+".categories", k), category)...)
		}
	}
	return faults
}

// coverageFaults want the indicators to be those of an authority of some tier:
// a book does not say which (A6, A7).
func (b *Book) coverageFaults(categories []string) Faults {
	var faults Faults
	for i, tier := range b.Rules.Tiers {
		uncovered := b.Rules.coverageFaults(tier, b.Indicators, categories)
		if len(uncovered) == 0 {
			return nil
		}
		if i == 0 {
			faults = uncovered
		}
	}
	return faults
}

func (u BookUnit) adjustmentFaults(set *RuleSet) Faults {
	var faults Faults
	left := int64(maxCount)
	for i, adjustment := range u.Adjustments {
		path := indexed("adjustments", i)
		if set != nil {
			if _, ok := set.Clause(adjustment.Clause); !ok {
				faults.add(path+".clause", "unknown clause %q", shortened(adjustment.Clause))
			}
		}
		if adjustment.Count < 1 || adjustment.Count > left {
			faults.add(path+".count", "%d is not a positive whole number, or more than %d of one unit", adjustment.Count, maxCount)
			continue
		}
		left -= adjustment.Count
	}
	return faults
}
