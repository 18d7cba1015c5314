package rules_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kaoping/kaoping/rules"
)

// check compares a book with its results and returns the differences.
func check(t *testing.T, text string) []string {
	t.Helper()
	var out bytes.Buffer
	err := rules.Recompute(strings.NewReader(text), library(t), true, &out)
	if out.Len() > 0 {
		t.Errorf("checking printed %q", out.String())
	}
	var differences rules.Differences
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &differences):
		t.Fatalf("want differences, got %v", err)
	}
	return strings.Split(differences.Error(), "\n")
}

// export writes a book with its results.
func export(tb testing.TB, text string) string {
	tb.Helper()
	var out bytes.Buffer
	if err := read(tb, text).Write(&out); err != nil {
		tb.Fatal(err)
	}
	return out.String()
}

func TestExportedBooksPassTheirCheck(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		for _, text := range []string{newRandomBook(seed).assessment(), newRandomBook(seed).evaluation()} {
			exported := export(t, text)
			if got := check(t, exported); got != nil {
				t.Fatalf("seed %d: %q", seed, got)
			}
			if diff := cmp.Diff(recompute(t, text), recompute(t, exported)); diff != "" {
				t.Fatalf("seed %d: results before and after the export:\n%s", seed, diff)
			}
			if diff := cmp.Diff(exported, export(t, exported)); diff != "" {
				t.Fatalf("seed %d: exported twice:\n%s", seed, diff)
			}
		}
	}
}

// An exported book ends with its results and keeps what it says of itself.
func TestExportedForm(t *testing.T) {
	t.Parallel()
	book := read(t, survey(ballots(1, "A", "public", "s------")))
	book.Cycle = "pingliang/2025/evaluation"
	book.Extension = &rules.Extension{Document: "平政办发〔2024〕1号", Date: "2024-08-01"}
	book.ApprovedDigest = book.Digest()
	book.Excluded = append(book.Excluded, []byte(`{"unit": "B", "reason": "重复"}`))
	var out bytes.Buffer
	if err := book.Write(&out); err != nil {
		t.Fatal(err)
	}
	want := `{"kind": "evaluation", "rule_set": "pingliang-2022", "year": 2025, "cycle": "pingliang/2025/evaluation", ` +
		`"extension": {"document": "平政办发〔2024〕1号", "date": "2024-08-01"}, "digest": "` + book.Digest() + `",
"questions": ["content", "timeliness", "channels", "systems", "requests", "service", "other"], ` +
		`"answer_points": {"satisfied": "100.00", "basically_satisfied": "60.00", "dissatisfied": "0.00"}, ` +
		`"channels": {"public": {"weight": "0.6", "min_ballots": 2}, "representative": {"weight": "0.4", "min_ballots": 1}}, ` +
		`"thresholds": {"satisfied": "85.00", "basically_satisfied": "60.00"},
"units": [
{"code": "A", "name": "甲", "category": "county"},
{"code": "B", "name": "乙", "category": "enterprise"}
],
"ballots": [
{"unit": "A", "channel": "public", "answers": {"content": "satisfied"}}
],
"excluded": [
{"unit": "B", "reason": "重复"}
],
"results": {"units": [
{"code": "A", "ballots": {"public": 1, "representative": 0}, "index": null, "grade": "insufficient", "rank": null},
{"code": "B", "ballots": {"public": 0, "representative": 0}, "index": null, "grade": "insufficient", "rank": null}
]}}
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("exported (-want +got):\n%s", diff)
	}
	again := read(t, out.String())
	if again.Cycle != book.Cycle || *again.Extension != *book.Extension || again.ApprovedDigest != book.ApprovedDigest || len(again.Excluded) != 1 {
		t.Errorf("read again, the book says %q, %v, %q, %s of itself", again.Cycle, again.Extension, again.ApprovedDigest, again.Excluded)
	}
}

// Each difference is named with its path and both values.
func TestDifferences(t *testing.T) {
	t.Parallel()
	book := export(t, assessment(unit("A", "county", full(), "11.2-city*1"), unit("B", "zone", scored("1=5")), unit("C", "zone", full())))
	evaluation := export(t, survey(ballots(2, "A", "public", "s------"), ballots(1, "A", "representative", "b------")))
	const a = `"code": "A", "base": "100.00", "bonus": "0.00", "deduction": "1.00", "total": "99.00", "grade": "excellent", "rank": 2, "category_rank": 1`
	lines := strings.Split(book, "\n")
	resultOf := func(code string) string {
		for _, line := range lines {
			if strings.HasPrefix(line, `{"code": "`+code+`", "base"`) {
				return strings.TrimSuffix(line, ",")
			}
		}
		return ""
	}
	for _, c := range []refusal{
		{"none", book, nil},
		{"none in other spacing", strings.ReplaceAll(book, ": ", ":"), nil},
		{"none in escapes", strings.Replace(book, `"grade": "excellent"`, `"grade": "\u0065xcellent"`, 1), nil},
		{
			"a total", swapped(book, `"total": "99.00"`, `"total": "99.01"`),
			[]string{`results.units[0].total: the book says "99.01", recomputed it is "99.00"`},
		},
		{
			"points written otherwise", swapped(book, `"total": "99.00"`, `"total": "99"`),
			[]string{`results.units[0].total: the book says "99", recomputed it is "99.00"`},
		},
		{
			"everything of a unit", swapped(book, a, `"code": "A", "base": "98.00", "bonus": "1.00", "deduction": "0.00", "total": "98.00", "grade": "good", "rank": 1, "category_rank": 2`),
			[]string{
				`results.units[0].base: the book says "98.00", recomputed it is "100.00"`,
				`results.units[0].bonus: the book says "1.00", recomputed it is "0.00"`,
				`results.units[0].category_rank: the book says 2, recomputed it is 1`,
				`results.units[0].deduction: the book says "0.00", recomputed it is "1.00"`,
				`results.units[0].grade: the book says "good", recomputed it is "excellent"`,
				`results.units[0].rank: the book says 1, recomputed it is 2`,
				`results.units[0].total: the book says "98.00", recomputed it is "99.00"`,
			},
		},
		{"a changed score", swapped(book, `"scores": {"1": ["5.00"]`, `"scores": {"1": ["6.00"]`), []string{
			`results.units[1].base: the book says "95.00", recomputed it is "96.00"`,
			`results.units[1].total: the book says "95.00", recomputed it is "96.00"`,
			`results.units[1].explanation[0].points: the book says "5.00", recomputed it is "6.00"`,
		}},
		{"a field left out", swapped(book, `"total": "99.00", `, ``), []string{`results.units[0].total: the book says nothing, recomputed it is "99.00"`}},
		{
			"an explanation's points", swapped(book, `"points": "-1.00"`, `"points": "1.00"`),
			[]string{`results.units[0].explanation[8].points: the book says "1.00", recomputed it is "-1.00"`},
		},
		{
			"an explanation's article", swapped(book, `"article": "A11(2)"`, `"article": "A11"`),
			[]string{`results.units[0].explanation[8].article: the book says "A11", recomputed it is "A11(2)"`},
		},
		{"a unit left out", swapped(book, resultOf("B")+",\n", ""), []string{`results.units: the book says nothing, recomputed it is a result of "B"`}},
		{
			"a unit too many", swapped(book, resultOf("B"), resultOf("B")+","+strings.Replace(resultOf("B"), `"B"`, `"X"`, 1)),
			[]string{`results.units[2]: the book says a result of "X", recomputed it is nothing`},
		},
		{
			"a unit twice", swapped(book, resultOf("B"), resultOf("B")+","+resultOf("B")),
			[]string{`results.units[2]: the book says a result of "B", recomputed it is nothing`},
		},
		{
			"another order", strings.NewReplacer(resultOf("A"), resultOf("B"), resultOf("B"), resultOf("A")).Replace(book),
			[]string{`results.units[0]: the book says a result of "B" here, recomputed it is the order of the book's units`},
		},
		{"an index", swapped(evaluation, `"index": "84.00", "grade": "basically_satisfied"`, `"index": "85.00", "grade": "satisfied"`), []string{
			`results.units[0].grade: the book says "satisfied", recomputed it is "basically_satisfied"`,
			`results.units[0].index: the book says "85.00", recomputed it is "84.00"`,
		}},
		{"an index of too few ballots", swapped(evaluation, `"index": null`, `"index": "0.00"`), []string{`results.units[1].index: the book says "0.00", recomputed it is null`}},
		{"a number of ballots", swapped(evaluation, `{"public": 2, "representative": 1}`, `{"public": 3, "phone": 0}`), []string{
			`results.units[0].ballots.phone: the book says 0, recomputed it is nothing`,
			`results.units[0].ballots.public: the book says 3, recomputed it is 2`,
			`results.units[0].ballots.representative: the book says nothing, recomputed it is 1`,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, check(t, c.text)); diff != "" {
				t.Errorf("differences (-want +got):\n%s", diff)
			}
		})
	}
}

// A check needs results; a plain computation does not.
func TestCheckWithoutResults(t *testing.T) {
	t.Parallel()
	err := rules.Recompute(strings.NewReader(one), library(t), true, new(bytes.Buffer))
	if !errors.Is(err, rules.ErrNoResults) {
		t.Errorf("got %v, want %v", err, rules.ErrNoResults)
	}
}

// A refused book prints nothing.
func TestRefusedBooksPrintNothing(t *testing.T) {
	t.Parallel()
	for _, checked := range []bool{false, true} {
		var out bytes.Buffer
		err := rules.Recompute(strings.NewReader(swapped(one, `"10.1"`, `"99"`)), library(t), checked, &out)
		var faults rules.Faults
		if !errors.As(err, &faults) || out.Len() > 0 {
			t.Errorf("got %v and printed %q, want faults and nothing", err, out.String())
		}
	}
}

// Results of a wrong shape are refused like the rest of a book.
func TestRefusalsOfResults(t *testing.T) {
	t.Parallel()
	with := func(results string) string { return swapped(one, `"year": 2025`, `"year": 2025, "results": `+results) }
	checkRefusals(t, []refusal{
		{"null", with("null"), []string{"results: null where an object belongs"}},
		{"without units", with("{}"), []string{"results.units: missing"}},
		{"an unknown field", with(`{"units": [], "year": 2025}`), []string{"results.year: unknown field"}},
		{"a number for points", with(`{"units": [{"code": "U", "total": 99.00}]}`), []string{"results.units[0].total: a number where a string belongs"}},
		{"points for a rank", with(`{"units": [{"code": "U", "rank": "1"}]}`), []string{"results.units[0].rank: a string where a whole number belongs"}},
		{"an unknown field within", with(`{"units": [{"code": "U", "name": "甲", "explanation": [{"points": 1, "by": ""}]}]}`), []string{
			"results.units[0].name: unknown field",
			"results.units[0].explanation[0].points: a number where a string belongs",
			"results.units[0].explanation[0].by: unknown field",
		}},
		{"an evaluation's field", with(`{"units": [{"code": "U", "index": null}]}`), []string{"results.units[0].index: unknown field in a book of kind assessment"}},
	})
}

// The digest tells whether anything that counts has changed, and nothing else
// (A8(6)).
func TestDigest(t *testing.T) {
	t.Parallel()
	book := assessment(unit("A", "county", scored("1=5,6"), "10.1*2", "11.5*1"), unit("B", "zone", full()))
	want := read(t, book).Digest()
	if len(want) != 64 {
		t.Errorf("the digest %q is not 64 hexadecimal digits", want)
	}
	for name, same := range map[string]string{
		"units the other way round":     assessment(unit("B", "zone", full()), unit("A", "county", scored("1=5,6"), "10.1*2", "11.5*1")),
		"assessors the other way round": assessment(unit("A", "county", scored("1=6,5"), "10.1*2", "11.5*1"), unit("B", "zone", full())),
		"adjustments apart":             assessment(unit("A", "county", scored("1=5,6"), "11.5*1", "10.1*1", "10.1*1"), unit("B", "zone", full())),
		"exported":                      export(t, book),
	} {
		if got := read(t, same).Digest(); got != want {
			t.Errorf("%s: the digest changed", name)
		}
	}
	for name, other := range map[string]string{
		"a score that leaves the total": assessment(unit("A", "county", scored("1=4,7"), "10.1*2", "11.5*1"), unit("B", "zone", full())),
		"another adjustment":            assessment(unit("A", "county", scored("1=5,6"), "10.2*2", "11.5*1"), unit("B", "zone", full())),
		"another name":                  strings.Replace(book, "单位A", "单位乙", 1),
		"another year":                  swapped(book, "2025", "2026"),
	} {
		if read(t, other).Digest() == want {
			t.Errorf("%s: the digest is the same", name)
		}
	}
}

// The wording of explanations may change between proposal and approval, when
// a rule set's text is corrected; the digest may not.
func TestDigestWithoutWording(t *testing.T) {
	t.Parallel()
	corrected, err := rules.Load(folder("x.yaml", swapped(pingliangFile(t), "政务公开工作考核弄虚作假", "考核弄虚作假")))
	if err != nil {
		t.Fatal(err)
	}
	book := assessment(unit("A", "county", full(), "11.5*1"))
	other, err := rules.ReadBook(strings.NewReader(book), corrected)
	if err != nil {
		t.Fatal(err)
	}
	if other.Digest() != read(t, book).Digest() {
		t.Error("the wording changes the digest")
	}
}

func TestDigestOfAnEvaluation(t *testing.T) {
	t.Parallel()
	a, b := ballots(2, "A", "public", "sbd----"), ballots(1, "B", "representative", "d------")
	want := read(t, survey(a, b)).Digest()
	if got := read(t, survey(b, a)).Digest(); got != want {
		t.Error("the order of the ballots changes the digest")
	}
	if read(t, survey(a, strings.Replace(b, "content", "service", 1))).Digest() == want {
		t.Error("another answer leaves the digest")
	}
	tallied := read(t, survey(a, b))
	tallied.Tally = rules.Tally{
		"A": {
			"public": {Ballots: 2, Times: map[int]map[string]map[string]int64{3: {
				"content": {"satisfied": 2}, "timeliness": {"basically_satisfied": 2}, "channels": {"dissatisfied": 2},
			}}},
			"representative": {Times: map[int]map[string]map[string]int64{}},
		},
		"B": {
			"public":         {Times: map[int]map[string]map[string]int64{}},
			"representative": {Ballots: 1, Times: map[int]map[string]map[string]int64{1: {"content": {"dissatisfied": 1}}}},
		},
	}
	tallied.Ballots = nil
	if tallied.Digest() != want {
		t.Error("ballots that were counted elsewhere have another digest")
	}
	if tallied.Tally.Ballots() != 3 {
		t.Errorf("the tally counts %d ballots, want 3", tallied.Tally.Ballots())
	}
}
