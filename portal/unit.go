package portal

import (
	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/rules"
)

// unitPage is where one unit stands in the year.
type unitPage struct {
	office.UnitStanding
	// Base begins the addresses of the unit's pages.
	Base     string
	Category string
	// Own is the reader's unit; ReadsReport says that the reader may open its report.
	Own         bool
	ReadsReport bool
	// ReportIn says that no report is waited for: a deadline that is past is no matter any more.
	ReportIn bool
	// Assessor is the third that was chosen, if that was refused.
	Assessor string
}

func (v *visit) showUnit() error {
	standing, err := v.desk.UnitStanding(v.r.Context(), v.r.PathValue("unit"))
	if err != nil {
		return err
	}
	role := rules.Role(v.desk.Person.Role)
	page := unitPage{
		UnitStanding: standing, Base: v.in("units/%s", standing.Unit.Code), Category: v.categoryOf(standing.Unit.Category),
		Own: v.desk.Person.Unit == standing.Unit.Code, Assessor: v.typed("assessor", ""),
	}
	page.ReportIn = standing.Report != nil && standing.Report.State == "submitted"
	page.ReadsReport = page.Own || role == rules.Admin || role == rules.Auditor
	return v.render("unit", page)
}

// categoryOf is how people read the usual categories of units; others are read as they are written.
func (v *visit) categoryOf(category string) string {
	if v.catalogue.Has("unit.category." + category) {
		return v.t("unit.category." + category)
	}
	return category
}

// nameThird gives a unit whose assessors lie too far apart to a third one (A8(6)).
func (v *visit) nameThird() error {
	unit := v.r.PathValue("unit")
	done, err := v.perform((*visit).showUnit, func(act string) error {
		assessor := v.r.PostFormValue("assessor")
		if assessor == "" {
			return office.Refuse("name an assessor")
		}
		return v.desk.AssignThird(v.r.Context(), act, unit, assessor)
	})
	if !done {
		return err
	}
	return v.done(v.in("units/%s", unit), "unit.third.named")
}
