package office

import (
	"fmt"
	"testing"

	"github.com/kaoping/kaoping/rules"
)

// A total on a boundary belongs to the bin above it, as a grade is reached at its threshold (A9); 100 to the last.
func TestBins(t *testing.T) {
	t.Parallel()
	b := setup(t)
	set, _ := b.Rules.RuleSet("pingliang-2022")
	var units []Standing
	for _, total := range []rules.Points{0, 5999, 6000, 6499, 8999, 9000, 10000} {
		units = append(units, Standing{Placed: Placed{Total: total}})
	}
	told := ""
	for _, bin := range Bins(set, units) {
		told += fmt.Sprintf("%s %s %s %d\n", bin.From.Short(), bin.To.Short(), bin.Grade, bin.Count)
	}
	is(t, "the bins", told, `0 60 fail 2
60 65 pass 2
65 70 pass 0
70 75 pass 0
75 80 pass 0
80 85 good 0
85 90 good 1
90 95 excellent 1
95 100 excellent 1
`)
}

// 19.99 of 22 is 90.86 %, 6.5 of 10 exactly 65 %; half a percent goes up.
func TestPercent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		points, max rules.Points
		want        int
	}{{1999, 2200, 91}, {650, 1000, 65}, {5, 1000, 1}, {4, 1000, 0}, {700, 700, 100}, {0, 0, 0}} {
		is(t, fmt.Sprintf("%s of %s", c.points, c.max), Share{Points: c.points, Max: c.max}.Percent(), c.want)
	}
}

// The books looked at last are at hand; the oldest goes.
func TestTheShelf(t *testing.T) {
	t.Parallel()
	var s shelf
	for n := range int32(shelfSpace) {
		s.put(shelved{cycle: 1, number: n, computed: &proposed{}})
	}
	if s.find(1, 0) == nil {
		t.Error("the first book is not at hand")
	}
	s.put(shelved{cycle: 2, number: 0, computed: &proposed{}})
	if s.find(1, 0) == nil || s.find(2, 0) == nil || s.find(1, 1) != nil {
		t.Error("another book went than the one that was looked at longest ago")
	}
}
