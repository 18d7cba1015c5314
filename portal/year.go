package portal

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/rules"
)

// yearPage is where the year stands, and from where the administrator reminds, extends, returns.
type yearPage struct {
	Today      calendar.Date
	Phases     []phaseView
	Rows       []unitRow
	Pager      pager
	Columns    []column
	States     []option
	Categories []option
	Late       bool
	Text       string
	// MayAct is the administrator's alone; others read.
	MayAct    bool
	Assessors []assessorRow
	// Filter are the filters as fields, so that an act on all finds the same units again.
	Filter []field
}

type phaseView struct {
	office.Phase
	When, Tally, LateText string
}

// unitRow is a unit as the table shows it.
type unitRow struct {
	office.YearUnit
	CategoryName, ReportText, ReviewText string
	Late                                 bool
}

type assessorRow struct {
	Login, Name, Email                string
	Sheets, Submitted, Open, Reminded int64
	DueText                           string
	Late                              bool
}

// column is a heading that sorts.
type column struct {
	Key, Href string
	// Sorted is ascending, descending or empty, as aria-sort says it.
	Sorted string
}

func (v *visit) showYear() error {
	year, err := v.desk.Year(v.r.Context())
	if err != nil {
		return err
	}
	units := v.filtered(year.Units)
	page := yearPage{
		Today: v.desk.Today(), Phases: v.phaseViews(year.Phases), Pager: v.pager(len(units)), Columns: v.columns(),
		States:     v.options("state", stateFilters, func(value string) string { return v.t("year.filter." + value) }),
		Categories: v.options("category", categoriesOf(year.Units), v.category),
		Late:       v.r.FormValue("late") != "", Text: v.r.FormValue("q"),
		MayAct: v.desk.Person.Role == string(rules.Admin) && v.desk.Cycle.State == "running",
	}
	for _, name := range filterFields {
		page.Filter = append(page.Filter, field{name, v.r.FormValue(name)})
	}
	for _, unit := range rowsOf(page.Pager, units) {
		page.Rows = append(page.Rows, v.unitRow(unit))
	}
	for _, row := range year.Assessors {
		page.Assessors = append(page.Assessors, assessorRow{
			row.Login, row.Name, row.Email, row.Sheets, row.Submitted, row.Open, row.Reminded,
			v.short(row.Due), !row.Due.IsZero() && v.desk.Today().After(row.Due),
		})
	}
	return v.render("year", page)
}

func (v *visit) unitRow(unit office.YearUnit) unitRow {
	row := unitRow{YearUnit: unit, CategoryName: v.category(unit.Category), Late: unit.Late(), ReportText: "—", ReviewText: "—"}
	if unit.ReportDue != nil {
		row.ReportText, row.ReviewText = v.short(*unit.ReportDue), v.short(*unit.ReviewDue)
	}
	return row
}

// category is how people read a category; one of the authority's own is shown as it is written.
func (v *visit) category(id string) string {
	if !v.catalogue.Has("year.category." + id) {
		return id
	}
	return v.t("year.category." + id)
}

func categoriesOf(units []office.YearUnit) []string {
	var categories []string
	for _, unit := range units {
		if !slices.Contains(categories, unit.Category) {
			categories = append(categories, unit.Category)
		}
	}
	return categories
}

// phaseViews put the phases into words: how many of how many, and how many are late.
func (v *visit) phaseViews(phases []office.Phase) []phaseView {
	views := make([]phaseView, len(phases))
	for i, phase := range phases {
		view := phaseView{Phase: phase, When: v.short(phase.Due), Tally: v.t("year.phase.ahead")}
		switch {
		case phase.Total == 1 && phase.Done == 1:
			view.Tally = v.t("year.phase.done")
		case phase.Total > 1 && (phase.State != "" || phase.Done > 0):
			view.Tally = v.t("year.tally."+phase.Name, phase.Done, phase.Total)
		case phase.State == "now":
			view.Tally = v.t("year.phase.now")
		}
		if phase.Late > 0 {
			view.LateText = v.t("year.late."+phase.Name, phase.Late)
		}
		views[i] = view
	}
	return views
}

// filterFields are the names of what narrows the list of units down.
var filterFields = []string{"state", "category", "late", "q"}

// stateFilters are the states that can be asked for, in the order of the year.
var stateFilters = []string{"open", "overdue", "returned", "in", "review", "closed", "rectification"}

// inState tells whether a unit is in one of the states of the filter.
func inState(unit office.YearUnit, state string) bool {
	switch state {
	case "open", "overdue", "returned":
		return unit.ReportState == state
	case "in":
		return unit.ReportState == "in" || unit.ReportState == "late"
	case "review", "closed":
		return unit.State == state
	case "rectification":
		return unit.Rectification != "" && unit.Rectification != "accepted" && unit.Rectification != "ended"
	}
	return true
}

// filtered are the units that the request asks for, in its order.
func (v *visit) filtered(units []office.YearUnit) []office.YearUnit {
	state, category, late := v.r.FormValue("state"), v.r.FormValue("category"), v.r.FormValue("late") != ""
	text := strings.ToLower(strings.TrimSpace(v.r.FormValue("q")))
	var found []office.YearUnit
	for _, unit := range units {
		if inState(unit, state) && (category == "" || unit.Category == category) && (!late || unit.Late()) &&
			(text == "" || strings.Contains(strings.ToLower(unit.Name+" "+unit.Code), text)) {
			found = append(found, unit)
		}
	}
	key, descending := strings.CutPrefix(v.r.FormValue("sort"), "-")
	if order, ok := unitOrders[key]; ok {
		slices.SortStableFunc(found, func(a, b office.YearUnit) int {
			if descending {
				a, b = b, a
			}
			return order(a, b)
		})
	}
	return found
}

// unitOrders are the columns that sort; without one the order is that of the list of units.
var unitOrders = map[string]func(a, b office.YearUnit) int{
	"name": func(a, b office.YearUnit) int { return strings.Compare(a.Code, b.Code) },
	"report": func(a, b office.YearUnit) int {
		return cmp.Compare(reportRanks[a.ReportState], reportRanks[b.ReportState])
	},
	"report_due": func(a, b office.YearUnit) int { return compareDue(a.ReportDue, b.ReportDue) },
	"sheets":     func(a, b office.YearUnit) int { return cmp.Compare(a.SheetsOpen, b.SheetsOpen) },
	"review_due": func(a, b office.YearUnit) int { return compareDue(a.ReviewDue, b.ReviewDue) },
	"reminded":   func(a, b office.YearUnit) int { return cmp.Compare(a.Reminded, b.Reminded) },
	"calls":      func(a, b office.YearUnit) int { return cmp.Compare(a.Calls, b.Calls) },
}

// reportRanks sort the worst first.
var reportRanks = map[string]int{"overdue": 0, "returned": 1, "open": 2, "waiting": 3, "late": 4, "in": 5, "none": 6}

func compareDue(a, b *calendar.Date) int {
	if a == nil || b == nil {
		return cmp.Compare(boolean(a != nil), boolean(b != nil))
	}
	return a.Compare(*b)
}

func boolean(is bool) int {
	if is {
		return 1
	}
	return 0
}

// columns are the headings that sort, in the order of the table.
func (v *visit) columns() []column {
	asked := v.r.FormValue("sort")
	var columns []column
	for _, key := range []string{"name", "report", "report_due", "sheets", "review_due", "reminded", "calls"} {
		made := column{Key: key, Href: v.with("sort", key, "page", "")}
		switch asked {
		case key:
			made.Sorted, made.Href = "ascending", v.with("sort", "-"+key, "page", "")
		case "-" + key:
			made.Sorted = "descending"
		}
		columns = append(columns, made)
	}
	return columns
}
