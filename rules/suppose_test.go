package rules_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kaoping/kaoping/rules"
)

func supposed(t *testing.T, book *rules.Book, suppositions ...rules.Supposition) string {
	t.Helper()
	other, err := book.Suppose(suppositions...)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, result := range other.Compute().Units {
		told = append(told, fmt.Sprintf("%s %s %s %d", result.Code, result.Total, result.Grade, result.Rank))
	}
	return strings.Join(told, "; ")
}

// Ranks and grades follow from what is supposed, and the book stays as it is.
func TestSuppose(t *testing.T) {
	t.Parallel()
	book := read(t, assessment(unit("U01", "county", scored("3=9,11"), "11.3*1"), unit("U02", "county", scored("4=9"))))
	before := book.Digest()
	for _, c := range []struct {
		name string
		s    rules.Supposition
		want string
	}{
		{"nothing", rules.Supposition{Unit: "U01"}, "U01 88.00 good 2; U02 89.00 good 1"},
		{"a deduction less", rules.Supposition{Unit: "U01", Clause: "11.3", Count: -1}, "U01 90.00 excellent 1; U02 89.00 good 2"},
		{"a deduction more", rules.Supposition{Unit: "U01", Clause: "11.3", Count: 1}, "U01 86.00 good 2; U02 89.00 good 1"},
		{"a bonus", rules.Supposition{Unit: "U02", Clause: "10.1", Count: 1}, "U01 88.00 good 2; U02 90.00 excellent 1"},
		{"one assessor's points", rules.Supposition{Unit: "U01", Indicator: "3", Assessor: 1, Points: points(t, "20")}, "U01 92.50 excellent 1; U02 89.00 good 2"},
	} {
		if got := supposed(t, book, c.s); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	if book.Digest() != before {
		t.Error("the book was changed")
	}
}

func TestWhatCannotBeSupposed(t *testing.T) {
	t.Parallel()
	book := read(t, assessment(unit("U01", "county", full(), "10.1*1")))
	for _, c := range []struct {
		s    rules.Supposition
		want string
	}{
		{rules.Supposition{Unit: "U09"}, `units: there is no unit "U09"`},
		{rules.Supposition{Unit: "U01", Clause: "10.9", Count: 1}, `units[0].adjustments[1].clause: unknown clause "10.9"`},
		{rules.Supposition{Unit: "U01", Clause: "11.3", Count: -1}, "units[0].adjustments[1].count: -1 is not a positive whole number, or more than 100000000000000 of one unit"},
		{rules.Supposition{Unit: "U01", Indicator: "9"}, `scores["9"]: there are no such points`},
		{rules.Supposition{Unit: "U01", Indicator: "1", Assessor: 1}, `scores["1"]: there are no such points`},
		{rules.Supposition{Unit: "U01", Indicator: "1", Points: points(t, "10.01")}, `units[0].scores["1"][0]: 10.01 is not from 0 to the maximum of 10`},
	} {
		if _, err := book.Suppose(c.s); err == nil || err.Error() != c.want {
			t.Errorf("%+v: %v, want %s", c.s, err, c.want)
		}
	}
}
