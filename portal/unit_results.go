package portal

import (
	"strings"

	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/rules"
)

// unitResultsPage are a unit's own released results (A8(7)).
type unitResultsPage struct {
	office.UnitResults
	Base, Category string
	Radar          radar
	// Lines are the explanation's; Sum is what they add up to: the total.
	Lines []lineView
	Sum   rules.Points
	// CorrectedBulletin is the number of the bulletin that this result corrects.
	CorrectedBulletin int
}

// lineView is a line with its points as text has them, with a minus and no hyphen.
type lineView struct {
	office.ExplanationLine
	Shown string
}

func (v *visit) showUnitResults() error {
	page, err := v.unitResults()
	if err != nil {
		return err
	}
	return v.render("unit_results", page)
}

// unitResults reads the results; those of another's unit are logged before they are shown.
func (v *visit) unitResults() (unitResultsPage, error) {
	unit := v.r.PathValue("unit")
	results, err := v.desk.UnitResults(v.r.Context(), unit)
	if err == nil && v.desk.Person.Unit != unit {
		err = v.desk.LogRead(v.r.Context(), office.ResultsRead, unit, v.address())
	}
	if err != nil {
		return unitResultsPage{}, err
	}
	page := unitResultsPage{UnitResults: results, Base: v.in("units/%s", unit), Category: v.categoryOf(results.Unit.Category)}
	for _, line := range results.Lines {
		page.Sum += line.Points
		page.Lines = append(page.Lines, lineView{line, strings.Replace(line.Points.String(), "-", "−", 1)})
	}
	if results.Corrected != nil {
		page.CorrectedBulletin = int(results.Corrected.Bulletin)
	}
	axes := make([]radarAxis, len(results.Areas))
	for i, area := range results.Areas {
		axes[i] = radarAxis{Name: area.Name, Mine: area.Share, Average: area.Mean}
	}
	page.Radar = newRadar("areas", v.t("unitresults.radar", results.Unit.Name), v.t("unitresults.mine"), v.t("unitresults.average", page.Category), axes)
	return page, nil
}
