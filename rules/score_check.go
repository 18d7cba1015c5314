package rules

import (
	"maps"
	"slices"
)

// A yardstick is what the scores of the units of one category are held against.
type yardstick struct {
	category string
	maxima   map[string]Points // by indicator of the category
	all      map[string]Points // by indicator of any
	// vague are indicators of which it is not known whether they are for the
	// category, since that, or the unit's category, could not be read: nobody
	// lacks them, and nobody has them without reason.
	vague map[string]bool
	// nameless tells that an indicator's code could not be read: any unknown
	// code may be that.
	nameless bool
}

// yardsticks are made once for each category.
func (b *Book) yardsticks() (of func(category string) yardstick) {
	common := yardstick{maxima: map[string]Points{}, all: map[string]Points{}, vague: map[string]bool{}}
	for i, indicator := range b.Indicators {
		if blank(indicator.Code) {
			common.nameless = true
			continue
		}
		common.all[indicator.Code] = indicator.Max
		common.vague[indicator.Code] = b.vague[i]
	}
	made := map[string]yardstick{}
	for category, indicators := range applicable(b.Indicators, b.categories()) {
		own := common
		own.category, own.maxima = category, map[string]Points{}
		for _, i := range indicators {
			if code := b.Indicators[i].Code; !blank(code) && !b.vague[i] {
				own.maxima[code] = b.Indicators[i].Max
			}
		}
		made[category] = own
	}
	none := common
	none.vague = map[string]bool{}
	for code := range common.all {
		none.vague[code] = true
	}
	return func(category string) yardstick {
		if own, ok := made[category]; ok {
			return own
		}
		return none
	}
}

// scoreFaults want points for exactly the unit's indicators, at most their
// maximum, from at least one assessor each.
func (u BookUnit) scoreFaults(by yardstick) Faults {
	if u.scoresSound(by.maxima) {
		return nil
	}
	var faults Faults
	for _, code := range slices.Sorted(maps.Keys(by.maxima)) {
		if _, ok := u.Scores[code]; !ok {
			faults.add(keyed("scores", code), "missing")
		}
	}
	for _, code := range slices.Sorted(maps.Keys(u.Scores)) {
		most, known := by.all[code]
		_, mine := by.maxima[code]
		mine = mine || by.vague[code]
		path, points := keyed("scores", code), u.Scores[code]
		switch {
		case !known && by.nameless:
		case !known:
			faults.add(path, "unknown indicator")
		case !mine:
			faults.add(path, "the indicator is not for category %s", shortened(by.category))
		case len(points) == 0:
			faults.add(path, "no assessor")
		}
		for i, p := range points {
			if mine && (p < 0 || p > most) {
				faults.add(indexed(path, i), "%s is not from 0 to the maximum of %s", p.Short(), most.Short())
			}
		}
	}
	return faults
}

// scoresSound says whether there is nothing to refuse, quickly: most units are
// sound, and a book may have many.
func (u BookUnit) scoresSound(maxima map[string]Points) bool {
	for code, points := range u.Scores {
		most, mine := maxima[code]
		if !mine || len(points) == 0 || slices.Min(points) < 0 || slices.Max(points) > most {
			return false
		}
	}
	return len(u.Scores) == len(maxima)
}
