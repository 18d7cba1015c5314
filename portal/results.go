package portal

import (
	"fmt"

	"github.com/kaoping/kaoping/office"
)

// resultsPage is the approved table (A12). None says that there is none yet.
type resultsPage struct {
	office.Results
	None bool
}

func (v *visit) showResults() error {
	results, err := v.results()
	if office.IsMissing(err) {
		return v.render("results", resultsPage{None: true})
	}
	if err != nil {
		return err
	}
	return v.render("results", resultsPage{Results: results})
}

// results are read and noted as read.
func (v *visit) results() (office.Results, error) {
	results, err := v.desk.Results(v.r.Context())
	if err != nil {
		return results, err
	}
	return results, v.desk.LogRead(v.r.Context(), office.ResultsRead, fmt.Sprintf("results/%d", results.Number), v.address())
}

// sendResultsTable sends the approved table for a spreadsheet.
func (v *visit) sendResultsTable() error {
	results, err := v.results()
	if err != nil {
		return err
	}
	set, err := v.desk.RuleSet()
	if err != nil {
		return err
	}
	rows := [][]any{{v.t("results.rank"), v.t("results.categoryrank"), v.t("results.code"), v.t("results.unit"), v.t("results.category"), v.t("results.total"), v.t("results.grade")}}
	for _, unit := range results.Units {
		rows = append(rows, []any{
			unit.Rank, unit.CategoryRank, unit.Unit, unit.Name, term(v.language, unit.Category, office.CategoryName(unit.Category)),
			unit.Total, term(v.language, unit.Grade, set.GradeName(unit.Grade)),
		})
	}
	return v.sendTable(fmt.Sprintf("%s-%d-results.csv", v.desk.Cycle.Authority, v.desk.Cycle.Year), rows)
}

const workbookType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// sendResultsFile sends the workbook as it was mailed to the organization department (A12).
func (v *visit) sendResultsFile() error {
	name, content, err := v.desk.ResultsFile(v.r.Context())
	if err != nil {
		return err
	}
	if err := v.desk.LogRead(v.r.Context(), office.ResultsRead, "results.xlsx", v.address()); err != nil {
		return err
	}
	return v.sendFile(name, workbookType, content)
}
