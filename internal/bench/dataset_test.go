package main

import (
	"os"
	"slices"
	"testing"

	"github.com/kaoping/kaoping/documents"
	"github.com/kaoping/kaoping/internal/settings"
	"github.com/kaoping/kaoping/rules"
)

// Every size is a data set that an import takes, with a contact and a head for each unit and six assessors.
func TestDataSets(t *testing.T) {
	t.Parallel()
	lib, err := settings.Rules("")
	must(t, err)
	for _, count := range []int{1, 40, 95, 500} {
		dir := t.TempDir()
		must(t, writeDataSet(dir, count))
		set, err := documents.ReadDataSet(os.DirFS(dir), lib)
		must(t, err)
		is(t, "units", len(set.Plan.Units), count)
		is(t, "contacts", persons(set.Plan, rules.Contact), count)
		is(t, "heads", persons(set.Plan, rules.Head), count)
		is(t, "assessors", persons(set.Plan, rules.Assessor), assessors)
		is(t, "faults of a start", len(set.Plan.StartFaults(lib)), 0)
	}
}

// The 41st unit is the first one's first copy.
func TestCopiesOfUnits(t *testing.T) {
	t.Parallel()
	lib, err := settings.Rules("")
	must(t, err)
	dir := t.TempDir()
	must(t, writeDataSet(dir, 81))
	set, err := documents.ReadDataSet(os.DirFS(dir), lib)
	must(t, err)
	units := set.Plan.Units
	is(t, "the first", units[0].Code+" "+units[0].Name+" "+units[0].Email, "C01 崆峒区人民政府 zwgk@kongtong.pingliang.example")
	is(t, "its copy", units[40].Code+" "+units[40].Name+" "+units[40].Email, "C01-1 崆峒区人民政府（1） copy1.zwgk@kongtong.pingliang.example")
	is(t, "its second copy", units[80].Code, "C01-2")
	at := slices.IndexFunc(set.Plan.People, func(p rules.Person) bool { return p.Login == "c01.contact-2" })
	if at < 0 {
		t.Fatal("the second copy has no contact")
	}
	is(t, "the contact's unit", set.Plan.People[at].Unit, "C01-2")
}

func persons(plan rules.Plan, role rules.Role) int {
	count := 0
	for _, person := range plan.People {
		if person.Role == role {
			count++
		}
	}
	return count
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func is[Value comparable](t *testing.T, what string, got, want Value) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// The wide data set is one that a start takes, with three assessors for each indicator.
func TestWideDataSet(t *testing.T) {
	t.Parallel()
	lib, err := settings.Rules("")
	must(t, err)
	dir := t.TempDir()
	must(t, writeDataSet(dir, 80))
	set, err := documents.ReadDataSet(os.DirFS(dir), lib)
	must(t, err)
	widen(&set.Plan)
	is(t, "indicators", len(set.Plan.Indicators), 40)
	is(t, "faults", len(set.Plan.Faults(lib)), 0)
	is(t, "faults of a start", len(set.Plan.StartFaults(lib)), 0)
	of := map[string]int{}
	for _, assignment := range set.Plan.Assignments() {
		if assignment.Unit == "C01" {
			of[assignment.Indicator]++
		}
	}
	for indicator, assessors := range of {
		if assessors != 3 {
			t.Errorf("%d score %s of C01, not 3", assessors, indicator)
		}
	}
}
