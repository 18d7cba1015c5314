package dataset

import (
	"testing"

	"github.com/kaoping/kaoping/documents"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/schemas"
)

func TestDataSetsCanStart(t *testing.T) {
	t.Parallel()
	library, err := rules.Load(schemas.Rules)
	if err != nil {
		t.Fatal(err)
	}
	year := Options{
		Year: 2025, Dates: [5]string{"2025-11-24", "2025-12-01", "2025-12-08", "2025-12-12", "2025-12-22"},
		Crons: Daily("0 9 * * *"), Before: 2, After: 1, ReturnWorkingDays: 3,
	}
	for _, size := range []int{3, 300} {
		for _, byCategory := range []bool{false, true} {
			year.Units, year.ByCategory = size, byCategory
			set, err := documents.ReadDataSet(Files(year), library)
			if err != nil {
				t.Fatalf("%d units: %v", size, err)
			}
			if len(set.Plan.Units) != size || len(set.Warnings) != 0 {
				t.Errorf("%d units were read of %d, with warnings %v", len(set.Plan.Units), size, set.Warnings)
			}
			if err := set.Plan.StartFaults(library).Err(); err != nil {
				t.Errorf("%d units can't start: %v", size, err)
			}
		}
	}
}

// Two tables for two categories: 3 units have 2 counties with 8 indicators and a department with 9.
func TestCategoriesHaveTheirOwnTables(t *testing.T) {
	t.Parallel()
	library, err := rules.Load(schemas.Rules)
	if err != nil {
		t.Fatal(err)
	}
	set, err := documents.ReadDataSet(Files(Options{
		Units: 3, Year: 2025, Dates: [5]string{"2025-11-24", "2025-12-01", "2025-12-08", "2025-12-12", "2025-12-22"},
		Crons: Daily("30 8 * * 1-5"), Before: 2, After: 1, ReturnWorkingDays: 2, MaxSpread: "2", ByCategory: true,
	}), library)
	if err != nil {
		t.Fatal(err)
	}
	indicators := map[string]map[string]bool{}
	for _, assignment := range set.Plan.Assignments() {
		if indicators[assignment.Unit] == nil {
			indicators[assignment.Unit] = map[string]bool{}
		}
		indicators[assignment.Unit][assignment.Indicator] = true
		if assignment.Unit == "U001" && assignment.Assessor == "web1" {
			t.Errorf("web1 would score his own organisation in %s", assignment.Indicator)
		}
	}
	for unit, want := range map[string]int{"U001": 8, "U002": 9, "U003": 8} {
		if len(indicators[unit]) != want {
			t.Errorf("%s is judged by %d indicators, want %d", unit, len(indicators[unit]), want)
		}
	}
	if set.Plan.Scheme.MaxSpread != "2" || set.Plan.Scheme.ReturnWorkingDays != 2 {
		t.Errorf("the scheme is %+v", set.Plan.Scheme)
	}
}
