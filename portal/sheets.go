package portal

import (
	"slices"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/rules"
)

// sheetsPage is an assessor's work: sheets by state, or the same points by indicator (A8(6)).
type sheetsPage struct {
	// ByIndicator says which of the two ways is shown.
	ByIndicator bool
	Category    string
	Categories  []category
	Groups      []sheetGroup
	Indicators  []office.IndicatorProgress
	Empty       bool
}

// category is one of the units', with its name.
type category struct{ ID, Name string }

// sheetGroup are the sheets of one state.
type sheetGroup struct {
	State string
	Rows  []sheetRow
}

type sheetRow struct {
	Unit, Name, Category string
	Assigned, Scored     int64
	Due                  calendar.Date
	// Why is a message: what a waiting sheet waits for, until ReportDue.
	Why       string
	ReportDue calendar.Date
	Remark    string
	Late      bool
}

func (v *visit) showSheets() error {
	if v.desk.Person.Role != string(rules.Assessor) {
		return v.showProgress()
	}
	rows, err := v.desk.SheetQueue(v.r.Context())
	if err != nil {
		return err
	}
	page := sheetsPage{Category: v.r.FormValue("category"), Empty: len(rows) == 0}
	for _, state := range []string{"open", "waiting", "submitted"} {
		page.Groups = append(page.Groups, sheetGroup{State: state})
	}
	for _, row := range rows {
		if !slices.ContainsFunc(page.Categories, func(c category) bool { return c.ID == row.Category }) {
			page.Categories = append(page.Categories, category{row.Category, v.categoryName(row.Category)})
		}
		if page.Category != "" && page.Category != row.Category {
			continue
		}
		at := slices.IndexFunc(page.Groups, func(g sheetGroup) bool { return g.State == row.State })
		shown := sheetRow{
			Unit: row.Unit, Name: row.Name, Category: v.categoryName(row.Category), Assigned: row.Assigned, Scored: row.Scored,
			Due: row.ReviewDue, ReportDue: row.ReportDue, Remark: row.Remark, Late: row.Late,
		}
		if row.State == "waiting" {
			shown.Why = waitsFor(row.Report, row.Revision)
		}
		page.Groups[at].Rows = append(page.Groups[at].Rows, shown)
	}
	return v.render("sheets", page)
}

// waitsFor is why a sheet is not open yet: its unit's report is not in, or was given back.
func waitsFor(report string, revision int32) string {
	if report == "draft" && revision > 1 {
		return "returned"
	}
	return "report"
}

// categoryName is how a category of units is called; an authority may have its own, which it names itself.
func (v *visit) categoryName(id string) string {
	if v.catalogue.Has("sheets.category." + id) {
		return v.t("sheets.category." + id)
	}
	return id
}

func (v *visit) showSheetIndicators() error {
	indicators, err := v.desk.SheetIndicators(v.r.Context())
	if err != nil {
		return err
	}
	return v.render("sheets", sheetsPage{ByIndicator: true, Indicators: indicators, Empty: len(indicators) == 0})
}
