package rules

// applicable are the indicators for each category of units, as indexes, in the
// order of the scheme. An indicator without categories is for all.
func applicable(indicators []Indicator, categories []string) map[string][]int {
	of := make(map[string][]int, len(categories))
	for _, category := range categories {
		of[category] = nil
	}
	for i, indicator := range indicators {
		if len(indicator.Categories) == 0 {
			for category := range of {
				of[category] = append(of[category], i)
			}
		}
		for _, category := range indicator.Categories {
			list, known := of[category]
			if known && (len(list) == 0 || list[len(list)-1] != i) {
				of[category] = append(list, i)
			}
		}
	}
	return of
}

// coverageFaults want the indicators of each category to add up to the tier's
// points on every track (A7) and to leave no area out (A6).
func (s *RuleSet) coverageFaults(tier Tier, indicators []Indicator, categories []string) Faults {
	var faults Faults
	of := applicable(indicators, categories)
	for _, category := range categories {
		points, areas := map[string]Points{}, map[string]bool{}
		for _, i := range of[category] {
			points[indicators[i].Track] += indicators[i].Max
			areas[indicators[i].Area] = true
		}
		for _, track := range s.Tracks {
			if got, want := points[track.ID], tier.Points[track.ID]; got != want {
				faults.add("indicators", "category %s: track %s adds up to %s, not %s (%s)",
					shortened(category), track.ID, got.Short(), want.Short(), tier.Article)
			}
		}
		for _, area := range s.Areas {
			if !areas[area.ID] {
				faults.add("indicators", "category %s: no indicator covers the area %s (%s)", shortened(category), area.ID, area.Article)
			}
		}
	}
	return faults
}

// distinct are the values of a list, each once, in its order.
func distinct[T any](list []T, value func(T) string) []string {
	var values []string
	seen := map[string]bool{}
	for _, element := range list {
		v := value(element)
		if !seen[v] {
			values = append(values, v)
		}
		seen[v] = true
	}
	return values
}
