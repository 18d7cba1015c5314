package rules

import (
	"maps"
	"slices"
)

// A Supposition is one thing about one unit that could be different: how often
// a clause applies, or what one assessor gave for one indicator.
type Supposition struct {
	Unit string

	Clause string // empty: no clause is in question
	Count  int64  // added occurrences; negative are taken away

	Indicator string // empty: no points are in question
	Assessor  int    // which of the indicator's points, from 0
	Points    Points
}

// Suppose is a book with some things different; the book itself stays as it
// is. What can't be supposed, such as points above a maximum, is refused as
// Faults.
func (b *Book) Suppose(suppositions ...Supposition) (*Book, error) {
	supposed := *b
	supposed.ApprovedDigest, supposed.claims = "", nil
	supposed.Units = slices.Clone(b.Units)
	var faults Faults
	for _, s := range suppositions {
		at := slices.IndexFunc(supposed.Units, func(u BookUnit) bool { return u.Code == s.Unit })
		if at < 0 {
			faults.add("units", "there is no unit %q", shortened(s.Unit))
			continue
		}
		unit := &supposed.Units[at]
		if s.Clause != "" {
			unit.Adjustments = adjusted(unit.Adjustments, s.Clause, s.Count)
		}
		if s.Indicator != "" && !unit.rescore(s) {
			faults.add(keyed("scores", s.Indicator), "there are no such points")
		}
	}
	if len(faults) == 0 {
		faults = supposed.unitFaults(suppositions)
	}
	if len(faults) > 0 {
		return nil, faults
	}
	return &supposed, nil
}

// unitFaults are those of the units of which something is supposed.
func (b *Book) unitFaults(suppositions []Supposition) Faults {
	var faults Faults
	of := b.yardsticks()
	for _, code := range distinct(suppositions, func(s Supposition) string { return s.Unit }) {
		at := slices.IndexFunc(b.Units, func(u BookUnit) bool { return u.Code == code })
		unit := b.Units[at]
		faults.under(indexed("units", at), unit.scoreFaults(of(unit.Category)))
		faults.under(indexed("units", at), unit.adjustmentFaults(b.Rules))
	}
	return faults
}

// adjusted is a copy of a list in which a clause applies more often or less.
func adjusted(list []Adjustment, clause string, count int64) []Adjustment {
	list = slices.Clone(list)
	at := slices.IndexFunc(list, func(a Adjustment) bool { return a.Clause == clause })
	if at < 0 {
		return append(list, Adjustment{Clause: clause, Count: count})
	}
	list[at].Count += count
	if list[at].Count == 0 {
		return slices.Delete(list, at, at+1)
	}
	return list
}

// rescore gives the unit other points, in a copy; false if there are none.
func (u *BookUnit) rescore(s Supposition) bool {
	points := u.Scores[s.Indicator]
	if s.Assessor < 0 || s.Assessor >= len(points) {
		return false
	}
	points = slices.Clone(points)
	points[s.Assessor] = s.Points
	u.Scores = maps.Clone(u.Scores)
	u.Scores[s.Indicator] = points
	return true
}
