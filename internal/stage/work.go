package stage

import (
	"slices"

	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/rules"
)

// Report has a unit's contact state something of each of its indicators and submit.
func (s *Stage) Report(contact string) {
	s.t.Helper()
	desk := s.As(contact)
	plan, err := desk.Plan(s.t.Context())
	Must(s.t, err)
	category := ""
	for _, unit := range plan.Units {
		if unit.Code == desk.Person.Unit {
			category = unit.Category
		}
	}
	var items []office.ReportItem
	for _, indicator := range plan.Indicators {
		if len(indicator.Categories) == 0 || slices.Contains(indicator.Categories, category) {
			items = append(items, office.ReportItem{Indicator: indicator.Code, Statement: "已落实", SelfScore: indicator.Max})
		}
	}
	Must(s.t, desk.SaveReport(s.t.Context(), items))
	_, err = desk.SubmitReport(s.t.Context(), "report/"+contact+"/"+s.now().String())
	Must(s.t, err)
}

// Score has an assessor give every indicator of a unit its full points, less what is lost at the first.
func (s *Stage) Score(assessor, unit string, lost rules.Points) {
	s.t.Helper()
	desk := s.As(assessor)
	sheet, err := desk.Sheet(s.t.Context(), unit)
	Must(s.t, err)
	var scores []office.Score
	for i, item := range sheet.Items {
		given := item.Indicator.Max
		score := office.Score{
			Indicator: item.Indicator.Code, Points: &given, Method: item.Indicator.Methods[0], Place: "网站专栏", CheckedOn: desk.Today(), Seen: "属实",
		}
		if i == 0 && lost > 0 {
			given -= lost
			score.Reason = "更新不及时"
		}
		scores = append(scores, score)
	}
	Must(s.t, desk.SaveSheet(s.t.Context(), unit, scores))
	Must(s.t, desk.SubmitSheet(s.t.Context(), "sheet/"+assessor+"/"+unit+"/"+s.now().String(), unit))
}
