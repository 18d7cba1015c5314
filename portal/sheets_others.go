package portal

import (
	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/rules"
)

// othersPage is a unit's sheets as the authority sees them.
type othersPage struct {
	office.OthersSheets
	methods rules.Terms
}

// Method is how a check method is called.
func (p othersPage) Method(id string) string { return p.methods.Name(id) }

func (v *visit) showOthersSheets() error {
	unit := v.r.PathValue("unit")
	sheets, err := v.desk.OthersSheets(v.r.Context(), unit)
	if err != nil {
		return err
	}
	set, err := v.desk.RuleSet()
	if err != nil {
		return err
	}
	if sheets.Given != nil {
		if err := v.desk.LogRead(v.r.Context(), office.SheetRead, unit, v.address()); err != nil {
			return err
		}
	}
	return v.render("sheets_others", othersPage{sheets, set.Methods})
}
