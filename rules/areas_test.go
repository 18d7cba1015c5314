package rules_test

import (
	"fmt"
	"testing"

	"github.com/kaoping/kaoping/rules"
)

// The areas of a unit and the other lines of its explanation add up to its total (A6, A9).
func TestAreaPoints(t *testing.T) {
	t.Parallel()
	book := read(t, assessment(unit("U01", "county", scored("3=15.5,14", "8=9.99,10,10"), "10.1*2", "11.3*1")))
	areas := book.AreaPoints(&book.Units[0])
	got := ""
	var sum rules.Points
	for _, area := range areas {
		got += fmt.Sprintf("%s %s/%s %v\n", area.Area, area.Points, area.Max.Short(), area.Lost)
		sum += area.Points
	}
	// (15.5 + 14) / 2 = 14.75; (9.99 + 10 + 10) / 3 = 9.99666…, shown 10.00.
	want := `organization 10.00/10 []
mechanisms 10.00/10 []
proactive_disclosure 14.75/20 [{3 proactive_disclosure 14.75 20.00}]
policy_interpretation 20.00/20 []
response 10.00/10 []
participation 10.00/10 []
disclosure_on_request 10.00/10 []
platforms 10.00/10 []
`
	if got != want {
		t.Errorf("the areas are\n%s\nwant\n%s", got, want)
	}
	result := book.Compute().Units[0]
	for _, line := range result.Explanation[len(book.IndicatorPoints(&book.Units[0])):] {
		sum += line.Points
	}
	// 94.7466… rounds to 94.75; with 2 and less 2 it stays there.
	if sum != result.Total || result.Total != points(t, "94.75") {
		t.Errorf("areas and other lines add up to %s, the total is %s", sum, result.Total)
	}
}

// A category is judged by its own indicators only (A7).
func TestAreaPointsOfACategory(t *testing.T) {
	t.Parallel()
	book := read(t, assessment(unit("U01", "county", full())))
	book.Indicators[0].Categories = []string{"department"}
	if got := book.AreaPoints(&book.Units[0])[0]; got.Max != 0 {
		t.Errorf("a county's points in an area of departments: %v", got)
	}
}
