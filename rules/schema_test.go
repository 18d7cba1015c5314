package rules_test

import (
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// schema compiles the published schema of one kind of book.
func schema(tb testing.TB, kind string) *jsonschema.Schema {
	tb.Helper()
	schema, err := jsonschema.NewCompiler().Compile("../schemas/book." + kind + ".schema.json")
	if err != nil {
		tb.Fatal(err)
	}
	return schema
}

// fits says whether a book fits the schema.
func fits(tb testing.TB, schema *jsonschema.Schema, text string) bool {
	tb.Helper()
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		tb.Fatal(err)
	}
	return schema.Validate(document) == nil
}

// Sound books fit the schemas, as they come and as they are exported.
func TestSoundBooksFitTheSchemas(t *testing.T) {
	t.Parallel()
	assessments, evaluations := schema(t, "assessment"), schema(t, "evaluation")
	for seed := range uint64(30) {
		for _, text := range []string{one, newRandomBook(seed).assessment()} {
			if !fits(t, assessments, text) || !fits(t, assessments, export(t, text)) {
				t.Fatalf("seed %d: the book does not fit: %s", seed, text)
			}
		}
		text := newRandomBook(seed).evaluation()
		if !fits(t, evaluations, text) || !fits(t, evaluations, export(t, text)) {
			t.Fatalf("seed %d: the evaluation's book does not fit: %s", seed, text)
		}
	}
}

// What a schema can refuse is refused by it as it is when the book is read.
func TestSchemasRefuse(t *testing.T) {
	t.Parallel()
	book := survey(ballots(1, "A", "public", "s------"))
	for _, c := range []struct{ name, kind, text string }{
		{"another kind", "assessment", swapped(one, `"kind": "assessment"`, `"kind": "evaluation"`)},
		{"an unknown field", "assessment", swapped(one, `"year": 2025`, `"year": 2025, "note": ""`)},
		{"a unit's unknown field", "assessment", swapped(one, `"code": "U"`, `"code": "U", "email": ""`)},
		{"a number for points", "assessment", swapped(one, `"1": ["10"]`, `"1": [10]`)},
		{"negative points", "assessment", swapped(one, `"1": ["10"]`, `"1": ["-1"]`)},
		{"three decimals", "assessment", swapped(one, `"1": ["10"]`, `"1": ["9.999"]`)},
		{"no assessor", "assessment", swapped(one, `"1": ["10"]`, `"1": []`)},
		{"a count of 0", "assessment", swapped(one, `"count": 2`, `"count": 0`)},
		{"no units", "assessment", assessment()},
		{"no indicators", "assessment", swapped(one, eight, "[]")},
		{"an empty code", "assessment", swapped(one, `"code": "U"`, `"code": ""`)},
		{"no name", "assessment", swapped(one, `"name": "甲", `, "")},
		{"a question missing", "evaluation", swapped(book, `"systems", `, "")},
		{"an unknown answer", "evaluation", swapped(book, `"content":"satisfied"`, `"content":"good"`)},
		{"an unknown channel", "evaluation", swapped(book, `"channel":"public"`, `"channel":"phone"`)},
		{"no answer", "evaluation", swapped(book, `"content":"satisfied"`, "")},
		{"a weight as a number", "evaluation", swapped(book, `"0.6"`, "0.6")},
		{"a threshold missing", "evaluation", swapped(book, `"thresholds": {"satisfied": "85", `, `"thresholds": {`)},
		{"no reason", "evaluation", swapped(book, `"year": 2025`, `"year": 2025, "excluded": [{}]`)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if fits(t, schema(t, c.kind), c.text) {
				t.Error("the schema takes it")
			}
			if refusals(t, c.text) == nil {
				t.Error("the reader takes it")
			}
		})
	}
}
