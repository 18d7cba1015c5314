package rules_test

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/kaoping/kaoping/rules"
)

// refusals are the faults of a book, one a line.
func refusals(tb testing.TB, text string) []string {
	tb.Helper()
	_, err := rules.ReadBook(strings.NewReader(text), library(tb))
	if err == nil {
		return nil
	}
	var faults rules.Faults
	if !errors.As(err, &faults) {
		tb.Fatalf("want faults, got %v", err)
	}
	return strings.Split(faults.Error(), "\n")
}

type refusal struct {
	name string
	text string
	want []string
}

func checkRefusals(t *testing.T, cases []refusal) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, refusals(t, c.text)); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

// swapped replaces the one place where old stands.
func swapped(text, old, replacement string) string {
	if strings.Count(text, old) != 1 {
		panic("not exactly one of " + old)
	}
	return strings.Replace(text, old, replacement, 1)
}

// one is a sound book of one unit, written out so that any part of it can be
// replaced.
var one = assessment(`{"code": "U", "name": "甲", "category": "county", "scores": {
	"1": ["10"], "2": ["10", "9.5"], "3": ["20"], "4": ["20"], "5": ["10"], "6": ["10"], "7": ["10"], "8": ["10"]},
	"adjustments": [{"clause": "10.1", "count": 2}]}`)

func TestSoundBooks(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"as it is":              one,
		"keys in any order":     `{"units": [` + unit("U", "county", full()) + `], "indicators": ` + eight + `, "year": 2025, "rule_set": "pingliang-2022", "kind": "assessment"}`,
		"without adjustments":   swapped(one, ",\n\t\"adjustments\": [{\"clause\": \"10.1\", \"count\": 2}]", ""),
		"a count for the cap":   swapped(one, `"count": 2`, `"count": 100000000000000`),
		"a year of its own":     swapped(one, `"year": 2025`, `"year": 1999`),
		"what an export says":   swapped(one, `"year": 2025`, `"year": 2025, "cycle": "pingliang/2025", "extension": {"document": "平政办发〔2024〕1号", "date": "2024-08-01"}, "digest": "00ff"`),
		"an extension's number": swapped(one, `"year": 2025`, `"year": 2025, "extension": "平政办发〔2024〕1号"`),
		"escapes":               swapped(one, `"code": "U"`, `"\u0063ode": "\u0055"`),
		"a code of any form":    swapped(one, `"code": "U"`, `"code": "甲 1/…"`),
		"a category without units": swapped(one, `"track": "special", "max": "10"},
	{"code": "2"`, `"track": "special", "max": "10"}, {"code": "x", "area": "response", "track": "daily", "max": "5", "categories": ["zone"]},
	{"code": "2"`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := refusals(t, text); got != nil {
				t.Errorf("refused: %q", got)
			}
		})
	}
}

// Documents that are not strict JSON.
func TestRefusalsOfJSON(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "", "$: not JSON"},
		{"a list", "[]", "$: a list where an object belongs"},
		{"cut off", `{"kind": "assessment", "units": [{"code": "U"`, "units[0]: not JSON"},
		{"cut off in a word", `{"kind": "assess`, "kind: not JSON"},
		{"a value left out", `{"year":, "kind": "assessment"}`, "year: not JSON"},
		{"a comma too many", `{"kind": "assessment",}`, "$: not JSON"},
		{"a comma too many in a list", `{"ballots": [1,]}`, "ballots[0]: a number where an object belongs\nballots[1]: not JSON"},
		{"a comment", swapped(one, `"year"`, `/* */ "year"`), "$: not JSON"},
		{"another literal", swapped(one, `2025`, `NaN`), "year: not JSON"},
		{"something behind", one + " {}", "$: something follows the document"},
		{"a bracket behind", one + "]", "$: something follows the document"},
		{"a byte order mark", "\ufeff" + one, "$: not JSON"},
		{"not UTF-8", swapped(one, "甲", "\xb0\xa1"), "units[0].name: not JSON: invalid UTF-8"},
		{"half a surrogate pair", swapped(one, "甲", `\ud800`), "units[0].name: not JSON: invalid surrogate pair"},
		{"a doubled key", swapped(one, `"year": 2025`, `"year": 2025, "year": 2024`), "year: doubled key"},
		{"a doubled key in escapes", swapped(one, `"year": 2025`, `"year": 2025, "\u0079ear": 2025`), "year: doubled key"},
		{"a doubled key within", swapped(one, `"1": ["10"],`, `"1": ["10"], "1": ["10"],`), `units[0].scores["1"]: doubled key`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := strings.Join(refusals(t, c.text), "\n")
			if !strings.HasPrefix(got, c.want) {
				t.Errorf("the faults are %q, want %q first", got, c.want)
			}
		})
	}
}

// Values of a wrong kind, and fields that are missing or unknown.
func TestRefusalsOfShape(t *testing.T) {
	t.Parallel()
	checkRefusals(t, []refusal{
		{"a number for a string", swapped(one, `"1": ["10"]`, `"1": [10]`), []string{`units[0].scores["1"][0]: a number where a string belongs`}},
		{"a string for a number", swapped(one, `"year": 2025`, `"year": "2025"`), []string{"year: a string where a whole number belongs"}},
		{"a fraction", swapped(one, `"year": 2025`, `"year": 2025.0`), []string{"year: 2025.0 is not a whole number from 1 to 9999"}},
		{"null", swapped(one, `"name": "甲"`, `"name": null`), []string{"units[0].name: null where a string belongs"}},
		{"a string for a list", swapped(one, `"1": ["10"]`, `"1": "10"`), []string{`units[0].scores["1"]: a string where a list belongs`}},
		{"a list for an object", swapped(one, `[{"clause": "10.1", "count": 2}]`, `[["10.1", 2]]`), []string{"units[0].adjustments[0]: a list where an object belongs"}},
		{"true for a string", swapped(one, `"code": "U"`, `"code": true`), []string{"units[0].code: true where a string belongs"}},
		{"an unknown field", swapped(one, `"year": 2025`, `"year": 2025, "note": {"a": [1, 2]}`), []string{"note: unknown field"}},
		{
			"unknown fields within", swapped(swapped(one, `"code": "U"`, `"code": "U", "Name": ""`), `"count": 2`, `"count": 2, "date": "2025-01-01"`),
			[]string{`units[0]["Name"]: unknown field`, "units[0].adjustments[0].date: unknown field"},
		},
		{"an indicator's unknown field", swapped(one, `"code": "8"`, `"code": "8", "content": ""`), []string{"indicators[7].content: unknown field"}},
		{
			"an evaluation's field", swapped(one, `"year": 2025`, `"year": 2025, "questions": [], "excluded": []`),
			[]string{"questions: unknown field in a book of kind assessment", "excluded: unknown field in a book of kind assessment"},
		},
		{"missing fields", `{}`, []string{"kind: missing", "rule_set: missing", "year: missing", "units: missing"}},
		{
			"missing fields of a kind", `{"kind": "assessment", "rule_set": "pingliang-2022", "year": 2025}`,
			[]string{"units: missing", "indicators: missing"},
		},
		{
			"missing fields within", swapped(swapped(swapped(one, `"name": "甲", `, ""), `, "count": 2`, ""), `"area": "platforms", `, ""),
			[]string{"indicators[7].area: missing", "units[0].adjustments[0].count: missing", "units[0].name: missing"},
		},
		{
			"no scores", `{"kind": "assessment", "rule_set": "pingliang-2022", "year": 2025, "indicators": ` + eight + `, "units": [{"code": "U", "name": "", "category": "county"}]}`,
			[]string{"units[0].scores: missing"},
		},
		{
			"an extension without a document", swapped(one, `"year": 2025`, `"year": 2025, "extension": {"date": "2024-08-01", "by": ""}`),
			[]string{"extension.by: unknown field", "extension.document: missing"},
		},
	})
}

// What book.md's kinds of refusal mean for an assessment.
func TestRefusalsOfAssessments(t *testing.T) {
	t.Parallel()
	points := func(text string) string { return swapped(one, `"1": ["10"]`, `"1": ["`+text+`"]`) }
	notPoints := func(text string) []string {
		return []string{`units[0].scores["1"][0]: "` + text + `" is not points: expected digits with at most two decimals, such as 4.75`}
	}
	checkRefusals(t, []refusal{
		{"unknown kind", swapped(one, `"kind": "assessment"`, `"kind": "assesment"`), []string{`kind: unknown kind "assesment"`}},
		{"unknown rule set", swapped(one, `"pingliang-2022"`, `"pingliang-2023"`), []string{`rule_set: unknown rule set "pingliang-2023"; known are pingliang-2022`}},
		{"no year", swapped(one, `"year": 2025`, `"year": 0`), []string{"year: 0 is not a whole number from 1 to 9999"}},
		{"no units", assessment(), []string{"units: there are none"}},
		{"no indicators", swapped(one, eight, "[]"), []string{"indicators: there are none"}},
		{"an empty code", swapped(one, `"code": "U"`, `"code": ""`), []string{"units[0].code: empty"}},
		{"a blank code", swapped(one, `"code": "U"`, `"code": " "`), []string{"units[0].code: empty"}},
		{
			"a doubled code", assessment(unit("U", "county", full()), unit("V", "county", full()), unit("U", "zone", full())),
			[]string{`units[2].code: "U" is there twice`},
		},
		{"an empty category", swapped(one, `"category": "county"`, `"category": ""`), []string{"units[0].category: empty"}},
		{
			"a doubled indicator", swapped(one, `"code": "8"`, `"code": "7"`),
			[]string{`indicators[7].code: "7" is there twice`, `units[0].scores["8"]: unknown indicator`},
		},
		{
			"an empty indicator", swapped(one, `"code": "8"`, `"code": ""`),
			[]string{"indicators[7].code: empty"},
		},
		{
			"unknown area", swapped(one, `"area": "platforms"`, `"area": "platform"`),
			[]string{`indicators[7].area: unknown area "platform"`, "indicators: category county: no indicator covers the area platforms (A6(8))"},
		},
		{
			"unknown track", swapped(one, `"area": "platforms", "track": "daily"`, `"area": "platforms", "track": "dayly"`),
			[]string{`indicators[7].track: unknown track "dayly"`, "indicators: category county: track daily adds up to 20, not 30 (A7)"},
		},
		{
			"special adds up to 69.5", swapped(one, `"area": "organization", "track": "special", "max": "10"`, `"area": "organization", "track": "special", "max": "9.5"`),
			[]string{"indicators: category county: track special adds up to 69.5, not 70 (A7)", `units[0].scores["1"][0]: 10 is not from 0 to the maximum of 9.5`},
		},
		{
			"100 points, split otherwise", swapped(one, `"area": "platforms", "track": "daily"`, `"area": "platforms", "track": "special"`),
			[]string{"indicators: category county: track special adds up to 80, not 70 (A7)", "indicators: category county: track daily adds up to 20, not 30 (A7)"},
		},
		{
			"an area left out", swapped(one, `"area": "platforms"`, `"area": "response"`),
			[]string{"indicators: category county: no indicator covers the area platforms (A6(8))"},
		},
		{
			"no categories", swapped(one, `"code": "8"`, `"code": "8", "categories": []`),
			[]string{"indicators[7].categories: empty: leave it out if the indicator is for all"},
		},
		{
			"categories empty and doubled", swapped(one, `"code": "8"`, `"code": "8", "categories": ["county", "", "county"]`),
			[]string{"indicators[7].categories[1]: empty", `indicators[7].categories[2]: "county" is there twice`},
		},
		{"null for scores", assessment(unit("U", "county", full()), unit("V", "zone", nil)), []string{"units[1].scores: null where an object belongs"}},
		{"a missing indicator", swapped(one, `"1": ["10"], `, ``), []string{`units[0].scores["1"]: missing`}},
		{"a foreign indicator", swapped(one, `"1": ["10"], `, `"1": ["10"], "9": ["1"], `), []string{`units[0].scores["9"]: unknown indicator`}},
		{"no assessor", swapped(one, `"1": ["10"]`, `"1": []`), []string{`units[0].scores["1"]: no assessor`}},
		{"points above the maximum", swapped(one, `"9.5"]`, `"10.01"]`), []string{`units[0].scores["2"][1]: 10.01 is not from 0 to the maximum of 10`}},
		{"negative points", points("-1"), notPoints("-1")},
		{"three decimals", points("9.999"), notPoints("9.999")},
		{"a zero in front", points("05"), notPoints("05")},
		{"two zeros", points("00"), notPoints("00")},
		{"no digit before the point", points(".5"), notPoints(".5")},
		{"no digit behind the point", points("5."), notPoints("5.")},
		{"an exponent", points("1e1"), notPoints("1e1")},
		{"a fraction", points("1/3"), notPoints("1/3")},
		{"a plus", points("+5"), notPoints("+5")},
		{"a space", points("5 "), notPoints("5 ")},
		{"nothing", points(""), notPoints("")},
		{"a comma", points("4,5"), notPoints("4,5")},
		{"other digits", points("５"), notPoints("５")},
		{"more than any number of points", points("99999999999999999999"), []string{`units[0].scores["1"][0]: "99999999999999999999" is too large for points`}},
		{"unknown clause", swapped(one, `"10.1"`, `"10.9"`), []string{`units[0].adjustments[0].clause: unknown clause "10.9"`}},
		{"a count of 0", swapped(one, `"count": 2`, `"count": 0`), []string{"units[0].adjustments[0].count: 0 is not a whole number from 1 to 100000000000000"}},
		{"a negative count", swapped(one, `"count": 2`, `"count": -1`), []string{"units[0].adjustments[0].count: -1 is not a whole number from 1 to 100000000000000"}},
		{"half a count", swapped(one, `"count": 2`, `"count": 1.5`), []string{"units[0].adjustments[0].count: 1.5 is not a whole number from 1 to 100000000000000"}},
		{"a count as text", swapped(one, `"count": 2`, `"count": "2"`), []string{"units[0].adjustments[0].count: a string where a whole number belongs"}},
		{
			"counts beyond any use", swapped(one, `{"clause": "10.1", "count": 2}`, `{"clause": "10.1", "count": 60000000000000}, {"clause": "10.1", "count": 60000000000000}`),
			[]string{"units[0].adjustments[1].count: 60000000000000 is not a positive whole number, or more than 100000000000000 of one unit"},
		},
	})
}

// Each category of units is judged by its own table, which must be whole.
func TestRefusalsByCategory(t *testing.T) {
	t.Parallel()
	counties := swapped(eight, `"area": "platforms", "track": "daily", "max": "10"`, `"area": "platforms", "track": "daily", "max": "10", "categories": ["county"]`)
	department := full()
	delete(department, "8")
	book := func(units ...string) string { return strings.Replace(assessment(units...), eight, counties, 1) }
	checkRefusals(t, []refusal{
		{"the other category lacks points and an area", book(unit("U", "county", full()), unit("V", "department", department)), []string{
			"indicators: category department: track daily adds up to 20, not 30 (A7)",
			"indicators: category department: no indicator covers the area platforms (A6(8))",
		}},
		{"another category's indicator", book(unit("U", "county", full()), unit("V", "department", full())), []string{
			"indicators: category department: track daily adds up to 20, not 30 (A7)",
			"indicators: category department: no indicator covers the area platforms (A6(8))",
			`units[1].scores["8"]: the indicator is not for category department`,
		}},
	})
}

// What changes nothing of the rest hides none of its faults: an unknown field, the second value of a key.
func TestRefusalsBesideWhatIsApart(t *testing.T) {
	t.Parallel()
	special := `indicators: category county: track special adds up to 69, not 70 (A7)`
	checkRefusals(t, []refusal{
		{"a sum beside an unknown field", swapped(one, `"track": "special", "max": "10"}`+",\n\t"+`{"code": "2"`, `"track": "special", "max": "9", "foo": 1}`+",\n\t"+`{"code": "2"`), []string{
			"indicators[0].foo: unknown field", special, `units[0].scores["1"][0]: 10 is not from 0 to the maximum of 9`,
		}},
		{"points beneath a doubled key", swapped(one, `"1": ["10"],`, `"1": ["99"], "1": ["10"],`), []string{
			`units[0].scores["1"]: doubled key`, `units[0].scores["1"][0]: 99 is not from 0 to the maximum of 10`,
		}},
		{"a sum beside what could not be read", swapped(one, `"max": "20"},`+"\n\t"+`{"code": "4"`, `"max": "twenty"},`+"\n\t"+`{"code": "4"`), []string{
			`indicators[2].max: "twenty" is not points: expected digits with at most two decimals, such as 4.75`,
		}},
	})
}

// What could not be read hides what follows from it, and nothing else.
func TestRefusalsBesideWhatCouldNotBeRead(t *testing.T) {
	t.Parallel()
	special := `indicators: category county: track special adds up to 69, not 70 (A7)`
	nine := swapped(one, `"area": "organization", "track": "special", "max": "10"`, `"area": "organization", "track": "special", "max": "9"`)
	others := full()
	delete(others, "8")
	tooMuch := `units[0].scores["1"][0]: 10 is not from 0 to the maximum of 9`
	checkRefusals(t, []refusal{
		{"an indicator's code", swapped(nine, `"code": "2"`, `"code": 2`), []string{
			"indicators[1].code: a number where a string belongs", special, tooMuch,
		}},
		{"a code, and a unit that lacks another indicator", swapped(swapped(one, `"code": "2"`, `"code": 2`), `"1": ["10"], `, ``), []string{
			"indicators[1].code: a number where a string belongs", `units[0].scores["1"]: missing`,
		}},
		{"for whom an indicator is", swapped(assessment(unit("U", "county", full()), unit("V", "department", others)), `"code": "8"`, `"code": "8", "categories": ["county", 5]`), []string{
			"indicators[7].categories[1]: a number where a string belongs",
		}},
		{"a unit's category", swapped(swapped(one, `"category": "county"`, `"category": 5`), `"9.5"]`, `"10.01"]`), []string{
			"units[0].category: a number where a string belongs", `units[0].scores["2"][1]: 10.01 is not from 0 to the maximum of 10`,
		}},
	})
}

// One indicator of 60 points whose code is a number: what is wrong with its list is told all the same.
func TestRefusalsOfOneIndicator(t *testing.T) {
	t.Parallel()
	got := refusals(t, `{"kind": "assessment", "rule_set": "pingliang-2022", "year": 2025,
		"indicators": [{"code": 1, "area": "organization", "track": "special", "max": "60"}],
		"units": [{"code": "U", "name": "U", "category": "county", "scores": {"1": ["60"]}}]}`)
	want := []string{
		"indicators[0].code: a number where a string belongs",
		"indicators: category county: track special adds up to 60, not 70 (A7)",
		"indicators: category county: track daily adds up to 0, not 30 (A7)",
	}
	if len(got) != len(want)+7 || !slices.Equal(got[:3], want) {
		t.Errorf("faults: %s\nwant the code, two sums, and seven areas", strings.Join(got, "\n"))
	}
}

// All faults come at once, in whatever part of the book.
func TestRefusalsAllAtOnce(t *testing.T) {
	t.Parallel()
	book := strings.NewReplacer(
		`"kind": "assessment"`, `"kind": "assessment", "kind": "evaluation"`,
		`"max": "20"},`+"\n\t"+`{"code": "4"`, `"max": "twenty"},`+"\n\t"+`{"code": "4"`,
		`"1": ["10"]`, `"1": ["11", 5]`, `"2": ["10", "9.5"]`, `"2": []`, `"10.1"`, `"12"`,
	).Replace(one)
	want := []string{
		"kind: doubled key",
		`indicators[2].max: "twenty" is not points: expected digits with at most two decimals, such as 4.75`,
		`units[0].scores["1"][1]: a number where a string belongs`,
		`units[0].scores["1"][0]: 11 is not from 0 to the maximum of 10`,
		`units[0].scores["2"]: no assessor`,
		`units[0].adjustments[0].clause: unknown clause "12"`,
	}
	if diff := cmp.Diff(want, refusals(t, book)); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

// An error of the source is no fault of the book.
func TestReadBookFromABrokenSource(t *testing.T) {
	t.Parallel()
	broken := errors.New("the disk is gone")
	_, err := rules.ReadBook(io.MultiReader(strings.NewReader(one[:200]), iotest.ErrReader(broken)), library(t))
	var faults rules.Faults
	if !errors.Is(err, broken) || errors.As(err, &faults) {
		t.Errorf("got %v, want the source's error and no faults", err)
	}
}
