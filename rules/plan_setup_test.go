package rules_test

import (
	"bytes"
	"encoding/csv"
	"os"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/kaoping/kaoping/rules"
)

// table reads a file of the sample data, as rows by column.
func table(tb testing.TB, name string) []map[string]string {
	tb.Helper()
	text, err := os.ReadFile("../schemas/data/pingliang/" + name)
	if err != nil {
		tb.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		tb.Fatal(err)
	}
	var table []map[string]string
	for _, row := range rows[1:] {
		columns := map[string]string{}
		for i, value := range row {
			columns[rows[0][i]] = value
		}
		table = append(table, columns)
	}
	return table
}

// pingliangPlan is the plan of the sample data.
func pingliangPlan(tb testing.TB) rules.Plan {
	tb.Helper()
	plan := rules.Plan{Scheme: scheme(tb)}
	for _, row := range table(tb, "indicators.csv") {
		plan.Indicators = append(plan.Indicators, rules.Indicator{
			Code: row["code"], Area: row["area"], Track: row["track"], Max: points(tb, row["max"]), Content: row["content"],
			Criteria: row["criteria"], Methods: strings.Fields(row["methods"]), Judges: row["judges"], Categories: strings.Fields(row["categories"]),
		})
	}
	for _, row := range table(tb, "units.csv") {
		plan.Units = append(plan.Units, rules.Unit{
			Code: row["code"], Name: row["name"], Category: row["category"], Email: row["email"], Telephone: row["telephone"],
		})
	}
	for _, row := range table(tb, "people.csv") {
		plan.People = append(plan.People, rules.Person{
			Login: row["login"], Name: row["name"], Role: rules.Role(row["role"]), Unit: row["unit"], Email: row["email"],
			GroupKinds: strings.Fields(row["group_kinds"]), Areas: strings.Fields(row["areas"]),
		})
	}
	return plan
}

func scheme(tb testing.TB) rules.Scheme {
	tb.Helper()
	text, err := os.ReadFile("../schemas/data/pingliang/scheme.yaml")
	if err != nil {
		tb.Fatal(err)
	}
	scheme := rules.NewScheme()
	if err := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict()).Decode(&scheme); err != nil {
		tb.Fatal(err)
	}
	return scheme
}

// person finds someone of the sample data, to be changed.
func person(tb testing.TB, plan rules.Plan, login string) *rules.Person {
	tb.Helper()
	for i := range plan.People {
		if plan.People[i].Login == login {
			return &plan.People[i]
		}
	}
	tb.Fatalf("nobody has the login %s", login)
	return nil
}

// without is a list without those whom a test names.
func without[T any](list []T, named func(T) bool) []T {
	var left []T
	for _, element := range list {
		if !named(element) {
			left = append(left, element)
		}
	}
	return left
}

// checkFaults wants exactly these faults, each PATH: TEXT.
func checkFaults(t *testing.T, got rules.Faults, want ...string) {
	t.Helper()
	text := ""
	if len(got) > 0 {
		text = got.Error()
	}
	if text != strings.Join(want, "\n") {
		t.Errorf("the faults are\n%s\nwant\n%s", text, strings.Join(want, "\n"))
	}
}
