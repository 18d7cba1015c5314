package rules

import (
	"slices"
	"strings"
)

// maxUnits is what one cycle's workflow can carry.
const maxUnits = 1000

// Faults are all reasons to refuse the plan when it is imported. Paths are
// those of the files: scheme.dates.notice, indicators[3].max, units[2].code,
// people[5].email, counted from 0.
func (p Plan) Faults(lib Library) Faults {
	var faults Faults
	set, known := lib.RuleSet(p.Scheme.RuleSet)
	if !known {
		faults.add("scheme.rule_set", "unknown rule set %q; known are %s", shortened(p.Scheme.RuleSet), strings.Join(lib.IDs(), ", "))
		set = new(RuleSet)
	}
	faults.under("scheme", p.Scheme.faults())
	faults = append(faults, p.unitFaults()...)
	faults = append(faults, p.peopleFaults()...)
	if known {
		faults = append(faults, p.ruledFaults(set)...)
	}
	return faults
}

// ruledFaults are those that only a rule set can tell.
func (p Plan) ruledFaults(set *RuleSet) Faults {
	var faults Faults
	tier, ok := set.Tier(p.Scheme.Authority.Tier)
	if !ok {
		faults.add("scheme.authority.tier", "unknown tier %q (A7)", shortened(p.Scheme.Authority.Tier))
	}
	faults = append(faults, p.indicatorFaults(set)...)
	for i, person := range p.People {
		path := indexed("people", i)
		faults.wantTerms(path+".group_kinds", person.GroupKinds, set.GroupKinds)
		faults.wantTerms(path+".areas", person.Areas, set.Areas)
	}
	if ok && len(p.Indicators) > 0 {
		faults = append(faults, set.coverageFaults(tier, p.Indicators, p.categories())...)
	}
	return faults
}

func (p Plan) indicatorFaults(set *RuleSet) Faults {
	var faults Faults
	if len(p.Indicators) == 0 {
		faults.add("indicators", "there are none")
	}
	seen, categories := newCodes(), p.categories()
	for i, indicator := range p.Indicators {
		path := indexed("indicators", i)
		faults = append(faults, seen.faults(path+".code", indicator.Code)...)
		faults.under(path, indicator.faults(set))
		for _, category := range indicator.Categories {
			if !slices.Contains(categories, category) {
				faults.add(path+".categories", "no unit is of category %q", shortened(category))
			}
		}
	}
	return faults
}

func (i Indicator) faults(set *RuleSet) Faults {
	var faults Faults
	if !set.Areas.Has(i.Area) {
		faults.add("area", "unknown area %q (A6)", shortened(i.Area))
	}
	if !set.Tracks.Has(i.Track) {
		faults.add("track", "unknown track %q (A7)", shortened(i.Track))
	}
	if i.Max <= 0 {
		faults.add("max", "must be above 0")
	}
	faults.wantText("content", strings.ReplaceAll(i.Content, "\n", " "))
	faults.wantProse("criteria", i.Criteria)
	if len(i.Methods) == 0 {
		faults.add("methods", "missing (A8(6))")
	}
	faults.wantTerms("methods", i.Methods, set.Methods)
	if i.Judges != "" && i.Judges != PreviousYear {
		faults.add("judges", "%q is neither empty nor %s (A4)", shortened(i.Judges), PreviousYear)
	}
	faults.wantOnce("categories", i.Categories)
	return faults
}

// wantTerms wants each value to be a term of the list, once.
func (f *Faults) wantTerms(path string, values []string, terms Terms) {
	for _, value := range values {
		if !terms.Has(value) {
			f.add(path, "unknown value %q; known are %s", shortened(value), strings.Join(terms.IDs(), ", "))
		}
	}
	f.wantOnce(path, values)
}

func (f *Faults) wantOnce(path string, values []string) {
	for i, value := range values {
		if slices.Contains(values[:i], value) {
			f.add(path, "%q is there twice", shortened(value))
		}
	}
}

func (p Plan) unitFaults() Faults {
	var faults Faults
	if n := len(p.Units); n == 0 || n > maxUnits {
		faults.add("units", "there are %d; a cycle has 1 to %d", n, maxUnits)
	}
	seen := newCodes()
	for i, unit := range p.Units {
		path := indexed("units", i)
		faults = append(faults, seen.faults(path+".code", unit.Code)...)
		faults.under(path, unit.textFaults())
	}
	return faults
}

// textFaults are those of all fields but the code.
func (u Unit) textFaults() Faults {
	var faults Faults
	faults.wantText("name", u.Name)
	faults.wantText("category", u.Category)
	if strings.ContainsAny(u.Category, " \t") {
		faults.add("category", "%q: must be one word", shortened(u.Category))
	}
	faults.wantEmail("email", u.Email)
	faults.wantPlain("telephone", u.Telephone)
	return faults
}

func (p Plan) peopleFaults() Faults {
	var faults Faults
	seen, units := newCodes(), map[string]bool{}
	for _, unit := range p.Units {
		units[unit.Code] = true
	}
	for i, person := range p.People {
		path := indexed("people", i)
		faults = append(faults, seen.faults(path+".login", person.Login)...)
		faults.under(path, person.faults())
		ofUnit := person.Role == Contact || person.Role == Head
		switch {
		case ofUnit && person.Unit == "":
			faults.add(path+".unit", "a %s needs a unit", person.Role)
		case ofUnit && !units[person.Unit]:
			faults.add(path+".unit", "no unit has the code %q", shortened(person.Unit))
		case !ofUnit && person.Unit != "" && person.Role != Assessor && slices.Contains(roles, person.Role):
			faults.add(path+".unit", "only a contact, a head or an assessor has one")
		}
	}
	return faults
}

func (p Person) faults() Faults {
	var faults Faults
	faults.wantText("name", p.Name)
	if !slices.Contains(roles, p.Role) {
		faults.add("role", "unknown role %q", shortened(string(p.Role)))
	}
	faults.wantPlain("unit", p.Unit)
	faults.wantEmail("email", p.Email)
	if p.Role != Assessor && len(p.GroupKinds) > 0 {
		faults.add("group_kinds", "only an assessor has them (A8(2))")
	}
	if p.Role != Assessor && len(p.Areas) > 0 {
		faults.add("areas", "only an assessor has them (A8(6))")
	}
	return faults
}

// categories are the units' categories in the order of the units.
func (p Plan) categories() []string {
	return distinct(p.Units, func(u Unit) string { return u.Category })
}
