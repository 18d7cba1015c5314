package rules

// IndicatorPoints are a unit's points for one indicator: the mean of the
// assessors', rounded by itself as the explanation shows it.
type IndicatorPoints struct {
	Code   string
	Area   string
	Points Points
	Max    Points
}

// Lost is what the indicator cost.
func (i IndicatorPoints) Lost() Points { return i.Max - i.Points }

// AreaPoints are a unit's points in one content area (A6), before bonus and
// deductions.
type AreaPoints struct {
	Area   string
	Points Points
	Max    Points
	Lost   []IndicatorPoints // those below their maximum, in the book's order
}

// IndicatorPoints are those of the indicators for the unit's category, in the
// book's order: the first lines of its explanation.
func (b *Book) IndicatorPoints(unit *BookUnit) []IndicatorPoints {
	own := applicable(b.Indicators, []string{unit.Category})[unit.Category]
	list := make([]IndicatorPoints, len(own))
	for at, i := range own {
		indicator := &b.Indicators[i]
		given := unit.Scores[indicator.Code]
		var sum Points
		for _, points := range given {
			sum += points
		}
		list[at] = IndicatorPoints{Code: indicator.Code, Area: indicator.Area, Max: indicator.Max, Points: mean(sum, len(given))}
	}
	return list
}

// AreaPoints groups IndicatorPoints by area, in the order of the rules (A6).
func (b *Book) AreaPoints(unit *BookUnit) []AreaPoints {
	areas := make([]AreaPoints, len(b.Rules.Areas))
	for i, area := range b.Rules.Areas {
		areas[i].Area = area.ID
	}
	for _, indicator := range b.IndicatorPoints(unit) {
		area := &areas[b.Rules.Areas.at(indicator.Area)]
		area.Points += indicator.Points
		area.Max += indicator.Max
		if indicator.Lost() > 0 {
			area.Lost = append(area.Lost, indicator)
		}
	}
	return areas
}
