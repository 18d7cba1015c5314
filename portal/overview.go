package portal

import (
	"fmt"
	"strconv"

	"github.com/kaoping/kaoping/office"
)

// overviewPage is a year's results in pictures; each has its table, and a file for a spreadsheet.
type overviewPage struct {
	office.Overview
	Distribution, Means, Losses bars
}

// mostLosses is how many indicators the picture of losses has; its table has all.
const mostLosses = 10

func (v *visit) showOverview() error {
	overview, err := v.overview()
	if office.IsMissing(err) {
		return v.render("overview_none", nil)
	}
	if err != nil {
		return err
	}
	set, err := v.desk.RuleSet()
	if err != nil {
		return err
	}
	return v.render("overview", overviewPage{
		Overview: overview, Distribution: v.distribution(set, overview.Bins), Means: v.meanBars(overview), Losses: v.lossBars(overview),
	})
}

// overview is read and noted as read.
func (v *visit) overview() (office.Overview, error) {
	overview, err := v.desk.Overview(v.r.Context())
	if err != nil {
		return overview, err
	}
	return overview, v.desk.LogRead(v.r.Context(), office.ResultsRead, fmt.Sprintf("overview/%d", overview.Number), v.address())
}

func (v *visit) meanBars(overview office.Overview) bars {
	chart := bars{Title: v.t("overview.means")}
	for _, year := range overview.Years {
		chart.add(bar{Label: v.t("overview.year", year.Year), End: year.Mean.String(), Value: int64(year.Mean), Mine: year.Year == int(v.desk.Cycle.Year)})
	}
	return chart
}

func (v *visit) lossBars(overview office.Overview) bars {
	chart := bars{Title: v.t("overview.losses")}
	for _, loss := range overview.Losses[:min(mostLosses, len(overview.Losses))] {
		if loss.Lost > 0 {
			chart.add(bar{Label: loss.Code + " " + loss.Content, End: minus(-loss.Lost), Value: int64(loss.Lost)})
		}
	}
	return chart
}

// Step is the colour of a cell of the heat map, 0 to 9.
func (overviewPage) Step(share office.Share) int { return min(share.Percent()/10, 9) }

// sendOverview sends the table behind one of the pictures.
func (v *visit) sendOverview() error {
	tables := map[string]func(office.Overview) ([][]any, error){
		"heat": v.heatTable, "distribution": v.distributionTable, "means": v.meansTable, "years": v.yearsTable, "losses": v.lossesTable,
	}
	what := v.r.URL.Query().Get("what")
	table, known := tables[what]
	if !known {
		return office.Missing("there is no such page")
	}
	overview, err := v.overview()
	if err != nil {
		return err
	}
	rows, err := table(overview)
	if err != nil {
		return err
	}
	return v.sendTable(fmt.Sprintf("%s-%d-%s.csv", v.desk.Cycle.Authority, v.desk.Cycle.Year, what), rows)
}

func (v *visit) heatTable(overview office.Overview) ([][]any, error) {
	head := []any{v.t("overview.code"), v.t("overview.unit"), v.t("overview.category")}
	for _, area := range overview.Areas {
		name := term(v.language, area.ID, area.Name)
		head = append(head, v.t("overview.points", name), v.t("overview.max", name), v.t("overview.percent", name))
	}
	rows := [][]any{head}
	for _, unit := range overview.Heat {
		row := []any{unit.Unit, unit.Name, term(v.language, unit.Category, office.CategoryName(unit.Category))}
		for _, share := range unit.Shares {
			row = append(row, share.Points, share.Max, share.Percent())
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (v *visit) distributionTable(overview office.Overview) ([][]any, error) {
	set, err := v.desk.RuleSet()
	if err != nil {
		return nil, err
	}
	rows := [][]any{{v.t("approval.total"), v.t("approval.grade"), v.t("approval.count")}}
	for _, bin := range overview.Bins {
		rows = append(rows, []any{pointsRange(bin.From, bin.To, bin.Last), term(v.language, bin.Grade, set.GradeName(bin.Grade)), bin.Count})
	}
	return rows, nil
}

func (v *visit) meansTable(overview office.Overview) ([][]any, error) {
	head := []any{v.t("overview.theyear"), v.t("approval.count"), v.t("overview.mean")}
	for _, grade := range overview.Years[0].Grades {
		head = append(head, term(v.language, grade.Grade, grade.Name))
	}
	rows := [][]any{head}
	for _, year := range overview.Years {
		row := []any{year.Year, year.Units, year.Mean}
		for _, grade := range year.Grades {
			row = append(row, grade.Count)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (v *visit) yearsTable(overview office.Overview) ([][]any, error) {
	head := []any{v.t("overview.code"), v.t("overview.unit")}
	for _, year := range overview.Years {
		head = append(head, v.t("overview.year.rank", year.Year), v.t("overview.year.total", year.Year))
	}
	rows := [][]any{head}
	for _, unit := range overview.Rows {
		row := []any{unit.Unit, unit.Name}
		for _, placed := range unit.Places {
			if placed == nil {
				row = append(row, "", "")
				continue
			}
			row = append(row, placed.Rank, placed.Total)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (v *visit) lossesTable(overview office.Overview) ([][]any, error) {
	set, err := v.desk.RuleSet()
	if err != nil {
		return nil, err
	}
	rows := [][]any{{
		v.t("overview.indicator"), v.t("overview.content"), v.t("overview.area"), v.t("overview.maximum"),
		v.t("overview.judged"), v.t("overview.short"), v.t("overview.lost"), v.t("overview.lostmean"),
	}}
	for _, loss := range overview.Losses {
		rows = append(rows, []any{
			loss.Code, loss.Content, term(v.language, loss.Area, set.Areas.Name(loss.Area)), loss.Max,
			strconv.Itoa(loss.Units), strconv.Itoa(loss.Short), loss.Lost, loss.Mean,
		})
	}
	return rows, nil
}
