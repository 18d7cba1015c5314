package rules_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/kaoping/kaoping/rules"
)

const pingliang = "pingliang-2022"

var builtIn = sync.OnceValues(func() (rules.Library, error) { return rules.Load(os.DirFS("../schemas")) })

// library is the built-in rule sets, from their folder.
func library(tb testing.TB) rules.Library {
	tb.Helper()
	lib, err := builtIn()
	if err != nil {
		tb.Fatalf("load the built-in rule sets: %v", err)
	}
	return lib
}

func ruleSet(tb testing.TB) *rules.RuleSet {
	tb.Helper()
	set, ok := library(tb).RuleSet(pingliang)
	if !ok {
		tb.Fatalf("no rule set %s", pingliang)
	}
	return set
}

// points reads points that a test writes down.
func points(tb testing.TB, text string) rules.Points {
	tb.Helper()
	p, err := rules.ParsePoints(text)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// eight is the smallest scheme that the rules allow: an indicator for each
// area, 70 points special and 30 daily.
const eight = `[
	{"code": "1", "area": "organization", "track": "special", "max": "10"},
	{"code": "2", "area": "mechanisms", "track": "special", "max": "10"},
	{"code": "3", "area": "proactive_disclosure", "track": "special", "max": "20"},
	{"code": "4", "area": "policy_interpretation", "track": "special", "max": "20"},
	{"code": "5", "area": "response", "track": "special", "max": "10"},
	{"code": "6", "area": "participation", "track": "daily", "max": "10"},
	{"code": "7", "area": "disclosure_on_request", "track": "daily", "max": "10"},
	{"code": "8", "area": "platforms", "track": "daily", "max": "10"}
]`

// full are the scores of a unit that has lost nothing in the scheme eight.
func full() map[string][]string {
	return map[string][]string{
		"1": {"10"}, "2": {"10"}, "3": {"20"}, "4": {"20"}, "5": {"10"}, "6": {"10"}, "7": {"10"}, "8": {"10"},
	}
}

// scored are the scores full, but for those given as INDICATOR=POINTS,POINTS.
func scored(changes ...string) map[string][]string {
	scores := full()
	for _, change := range changes {
		code, list, _ := strings.Cut(change, "=")
		scores[code] = strings.Split(list, ",")
	}
	return scores
}

// unit is a unit of an assessment's book, its adjustments given as CLAUSE*COUNT.
func unit(code, category string, scores map[string][]string, adjustments ...string) string {
	list := []map[string]any{}
	for _, adjustment := range adjustments {
		clause, times, _ := strings.Cut(adjustment, "*")
		list = append(list, map[string]any{"clause": clause, "count": json.RawMessage(times)})
	}
	return encoded(map[string]any{
		"code": code, "name": "单位" + code, "category": category, "scores": scores, "adjustments": list,
	})
}

// assessment is a book of the scheme eight.
func assessment(units ...string) string {
	return fmt.Sprintf(`{"kind": "assessment", "rule_set": "pingliang-2022", "year": 2025, "indicators": %s, "units": [%s]}`,
		eight, strings.Join(units, ",\n"))
}

func encoded(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// read reads a book that must be sound.
func read(tb testing.TB, text string) *rules.Book {
	tb.Helper()
	book, err := rules.ReadBook(strings.NewReader(text), library(tb))
	if err != nil {
		tb.Fatalf("read the book: %v", err)
	}
	return book
}

// compute computes the units of an assessment's book.
func compute(tb testing.TB, units ...string) []rules.UnitResult {
	tb.Helper()
	return read(tb, assessment(units...)).Compute().Units
}

// recompute is what a book is recomputed to, as JSON.
func recompute(tb testing.TB, text string) string {
	tb.Helper()
	var out bytes.Buffer
	if err := rules.Recompute(strings.NewReader(text), library(tb), false, &out); err != nil {
		tb.Fatalf("recompute: %v", err)
	}
	return out.String()
}
