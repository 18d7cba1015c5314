package rules

import (
	"slices"
	"strings"
)

// Assignment is one assessor's one indicator of one unit (A8(6)), by their
// codes and login.
type Assignment struct {
	Unit      string `json:"unit"`
	Indicator string `json:"indicator"`
	Assessor  string `json:"assessor"`
}

// Assignments are who scores what: an assessor scores the indicators of his
// areas, of every unit but his own. In the order of units, indicators and
// people.
func (p Plan) Assignments() []Assignment {
	var assignments []Assignment
	p.eachTask(func(unit, indicator int, assessors []Person) {
		for _, assessor := range assessors {
			assignments = append(assignments, Assignment{
				Unit:      p.Units[unit].Code,
				Indicator: p.Indicators[indicator].Code,
				Assessor:  assessor.Login,
			})
		}
	})
	return assignments
}

// eachTask visits every indicator of every unit with its assessors.
func (p Plan) eachTask(visit func(unit, indicator int, assessors []Person)) {
	of := map[string][]Person{} // the assessors of an area
	for _, person := range p.People {
		if person.Role == Assessor {
			for _, area := range person.Areas {
				of[area] = append(of[area], person)
			}
		}
	}
	indicators := applicable(p.Indicators, p.categories())
	for u, unit := range p.Units {
		for _, i := range indicators[unit.Category] {
			visit(u, i, slices.DeleteFunc(slices.Clone(of[p.Indicators[i].Area]), unit.Owns))
		}
	}
}

// Owns says whether an assessor belongs to the unit (A8(6)). His organisation
// may be written as the unit's code or as its name.
func (u Unit) Owns(person Person) bool {
	return strings.EqualFold(person.Unit, u.Code) || person.Unit == u.Name
}

// StartFaults are the reasons to refuse the start of a cycle whose plan could
// be imported.
func (p Plan) StartFaults(lib Library) Faults {
	var faults Faults
	set, ok := lib.RuleSet(p.Scheme.RuleSet)
	if !ok {
		faults.add("scheme.rule_set", "unknown rule set %q", shortened(p.Scheme.RuleSet))
		return faults
	}
	if notice := p.Scheme.Dates.Notice; !set.InForce(notice) && p.Scheme.Extension == nil {
		faults.add("scheme.extension", "the notice of %s is outside the validity of %s, %s to %s; the document that extended it is missing (%s)",
			notice, set.ID, set.Validity.From, set.Validity.To, strings.Join(set.Validity.Articles, ", "))
	}
	faults = append(faults, p.officeFaults()...)
	faults = append(faults, p.groupFaults(set)...)
	faults = append(faults, p.contactFaults()...)
	return append(faults, p.assessorFaults()...)
}

// officeFaults want those whose act a cycle cannot do without.
func (p Plan) officeFaults() Faults {
	var faults Faults
	count := map[Role]int{}
	for _, person := range p.People {
		count[person.Role]++
	}
	if count[Leader] == 0 {
		faults.add("people", "nobody has the role %s, who is asked to approve first (A8(6))", Leader)
	}
	if count[Deputy] == 0 {
		faults.add("people", "nobody has the role %s, who is asked to approve after the deadline (A8(6))", Deputy)
	}
	if count[Admin] == 0 {
		faults.add("people", "nobody has the role %s, who runs the year (A8(3))", Admin)
	}
	return faults
}

// groupFaults want every kind of member in the assessment group (A8(2)).
func (p Plan) groupFaults(set *RuleSet) Faults {
	var faults Faults
	for _, kind := range set.GroupKinds {
		if !slices.ContainsFunc(p.People, func(person Person) bool {
			return person.Role == Assessor && slices.Contains(person.GroupKinds, kind.ID)
		}) {
			faults.add("people", "no assessor is of the kind %s, %s (%s)", kind.ID, kind.Name, kind.Article)
		}
	}
	return faults
}

// contactFaults want someone of each unit who can report (A8(5)).
func (p Plan) contactFaults() Faults {
	var faults Faults
	has := map[string]bool{}
	for _, person := range p.People {
		if person.Role == Contact {
			has[person.Unit] = true
		}
	}
	for i, unit := range p.Units {
		if !has[unit.Code] {
			faults.add(indexed("units", i), "%s has nobody of role %s (A8(5))", unit.Code, Contact)
		}
	}
	return faults
}

// assessorFaults want an assessor for every indicator of every unit (A8(6)).
func (p Plan) assessorFaults() Faults {
	var faults Faults
	without := make([][]string, len(p.Indicators)) // the units' codes, by indicator
	p.eachTask(func(unit, indicator int, assessors []Person) {
		if len(assessors) == 0 {
			without[indicator] = append(without[indicator], p.Units[unit].Code)
		}
	})
	for i, units := range without {
		if len(units) > 0 {
			faults.add(indexed("indicators", i), "%s is left without an assessor from outside the unit, for %s (A8(6))",
				p.Indicators[i].Code, strings.Join(units, ", "))
		}
	}
	return faults
}

// Warnings are what is allowed but hardly meant.
func (p Plan) Warnings() Faults {
	var warnings Faults
	if !slices.ContainsFunc(p.Indicators, func(i Indicator) bool { return i.Judges == PreviousYear }) {
		warnings.add("indicators", "none judges the previous year; the annual report compiled for it belongs here (A4)")
	}
	if !slices.ContainsFunc(p.People, func(person Person) bool { return person.Role == OrganizationDepartment }) {
		warnings.add("people", "nobody has the role %s; the results go to nobody (A12)", OrganizationDepartment)
	}
	admins := 0
	for _, person := range p.People {
		if person.Role == Admin {
			admins++
		}
	}
	if admins == 1 {
		warnings.add("people", "only one has the role %s; what he proposes himself nobody can confirm (A10, A11)", Admin)
	}
	if strings.TrimSpace(p.Scheme.DocumentNumber) == "" {
		warnings.add("scheme.document_number", "missing; the notice will carry no number (A8(4))")
	}
	return warnings
}
