package rules_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// A randomBook is a sound book made from a seed, as the JSON that anyone may
// send.
type randomBook struct{ *rand.Rand }

func newRandomBook(seed uint64) randomBook { return randomBook{rand.New(rand.NewPCG(seed, 99))} }

// split divides a number of hundredths into n parts above 0.
func (r randomBook) split(sum, n int) []int {
	parts := make([]int, n)
	for i := range parts {
		most := sum - (n - 1 - i)
		parts[i] = 1 + r.IntN(most)
		if i == n-1 {
			parts[i] = sum
		}
		sum -= parts[i]
	}
	return parts
}

type randomIndicator struct {
	code, category string
	max            int
}

var randomAreas = []string{
	"organization", "mechanisms", "proactive_disclosure", "policy_interpretation",
	"response", "participation", "disclosure_on_request", "platforms",
}

// indicators are a whole table for one category, or for all if it is empty.
func (r randomBook) indicators(category string, prefix string) (list []randomIndicator, text []string) {
	special := 4 + r.IntN(6)
	daily := 4 + r.IntN(4)
	for i, max := range append(r.split(7000, special), r.split(3000, daily)...) {
		track := "special"
		if i >= special {
			track = "daily"
		}
		code := fmt.Sprintf("%s%d.%d", prefix, i/3+1, i%3+1)
		line := fmt.Sprintf(`{"code": %q, "area": %q, "track": %q, "max": %q`, code, randomAreas[i%8], track, r.decimal(max))
		if category != "" {
			line += fmt.Sprintf(`, "categories": [%q]`, category)
		}
		list, text = append(list, randomIndicator{code, category, max}), append(text, line+"}")
	}
	return list, text
}

// decimal writes hundredths in one of the forms that are allowed.
func (r randomBook) decimal(hundredths int) string {
	text := fmt.Sprintf("%d.%02d", hundredths/100, hundredths%100)
	if r.IntN(2) == 0 {
		text = strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	}
	return text
}

func (r randomBook) pick(words ...string) string { return words[r.IntN(len(words))] }

func (r randomBook) shuffled(list []string) string {
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return strings.Join(list, ", ")
}

// assessment is a book of up to 12 units: either one table for all, or one for
// counties and one for departments.
func (r randomBook) assessment() string {
	categories := []string{"county", "department"}
	var all []randomIndicator
	var tables []string
	if r.IntN(2) == 0 {
		all, tables = r.indicators("", "")
	} else {
		for _, category := range categories {
			list, text := r.indicators(category, category[:1])
			all, tables = append(all, list...), append(tables, text...)
		}
	}
	var units []string
	for i := range 1 + r.IntN(12) {
		units = append(units, r.unit(i, r.pick(categories...), all))
	}
	return fmt.Sprintf(`{"kind": "assessment", "rule_set": "pingliang-2022", "year": %d, "indicators": [%s], "units": [%s]}`,
		2000+r.IntN(50), r.shuffled(tables), strings.Join(units, ",\n"))
}

func (r randomBook) unit(i int, category string, all []randomIndicator) string {
	quality := r.IntN(4) // 0: poor, 3: full marks, so that caps, floors and ties occur
	var scores []string
	for _, indicator := range all {
		if indicator.category != "" && indicator.category != category {
			continue
		}
		var given []string
		for range 1 + r.IntN(4) {
			points := indicator.max
			if quality < 3 {
				points = r.IntN(indicator.max + 1)
			}
			if quality == 0 {
				points /= 10
			}
			given = append(given, fmt.Sprintf("%q", r.decimal(points)))
		}
		scores = append(scores, fmt.Sprintf(`%q: [%s]`, indicator.code, strings.Join(given, ",")))
	}
	return fmt.Sprintf(`{"code": "U%02d", "name": "第%d号", "category": %q, "scores": {%s}, "adjustments": [%s]}`,
		i, i, category, r.shuffled(scores), r.adjustments())
}

var randomClauses = []string{
	"10.1", "10.2", "10.3", "10.4-national", "10.4-provincial", "10.4-city",
	"11.1", "11.2-national", "11.2-provincial", "11.2-city", "11.3", "11.4", "11.5",
}

func (r randomBook) adjustments() string {
	var adjustments []string
	for range r.IntN(5) {
		adjustments = append(adjustments, fmt.Sprintf(`{"clause": %q, "count": %d}`, r.pick(randomClauses...), 1+r.IntN(6)))
	}
	return strings.Join(adjustments, ", ")
}

// evaluation is a book of up to 6 units and up to 60 ballots.
func (r randomBook) evaluation() string {
	questions := []string{"content", "timeliness", "channels", "systems", "requests", "service", "other", "more"}[:7+r.IntN(2)]
	public := r.IntN(101) // hundredths: the weights sum to 1
	basic, satisfied := r.IntN(9000), 1+r.IntN(1000)
	var units, ballots []string
	n := 1 + r.IntN(6)
	for i := range n {
		units = append(units, fmt.Sprintf(`{"code": "U%d", "name": "", "category": "county"}`, i))
	}
	for range r.IntN(60) {
		var answers []string
		for len(answers) == 0 {
			for _, question := range questions {
				if r.IntN(3) > 0 {
					answers = append(answers, fmt.Sprintf(`%q: %q`, question, r.pick("satisfied", "satisfied", "basically_satisfied", "dissatisfied")))
				}
			}
		}
		ballots = append(ballots, fmt.Sprintf(`{"unit": "U%d", "channel": %q, "answers": {%s}}`,
			r.IntN(n), r.pick("public", "public", "representative"), r.shuffled(answers)))
	}
	return fmt.Sprintf(`{"kind": "evaluation", "rule_set": "pingliang-2022", "year": 2025, "questions": ["%s"],
"answer_points": {"satisfied": %q, "basically_satisfied": %q, "dissatisfied": "0"},
"channels": {"public": {"weight": %q, "min_ballots": %d}, "representative": {"weight": %q, "min_ballots": %d}},
"thresholds": {"satisfied": "80.01", "basically_satisfied": "55"}, "units": [%s], "ballots": [%s]}`,
		strings.Join(questions, `", "`), r.decimal(basic+satisfied), r.decimal(basic),
		r.decimal(public), 1+r.IntN(4), r.decimal(100-public), 1+r.IntN(4), r.shuffled(units), r.shuffled(ballots))
}
