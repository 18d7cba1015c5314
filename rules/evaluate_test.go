package rules_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kaoping/kaoping/rules"
)

// survey is an evaluation's book of two units, A and B; five ballots are
// needed from the public and one from the representatives.
func survey(ballots ...string) string {
	return fmt.Sprintf(`{"kind": "evaluation", "rule_set": "pingliang-2022", "year": 2025,
"questions": ["content", "timeliness", "channels", "systems", "requests", "service", "other"],
"answer_points": {"satisfied": "100", "basically_satisfied": "60", "dissatisfied": "0"},
"channels": {"public": {"weight": "0.6", "min_ballots": 2}, "representative": {"weight": "0.4", "min_ballots": 1}},
"thresholds": {"satisfied": "85", "basically_satisfied": "60"},
"units": [{"code": "A", "name": "甲", "category": "county"}, {"code": "B", "name": "乙", "category": "enterprise"}],
"ballots": [%s]}`, strings.Join(ballots, ",\n"))
}

// ballots are n ballots with the same answers, given as letters: s, b or d for
// each question in turn, - for no answer.
func ballots(n int, unit, channel, answers string) string {
	questions := []string{"content", "timeliness", "channels", "systems", "requests", "service", "other"}
	words := map[rune]string{'s': "satisfied", 'b': "basically_satisfied", 'd': "dissatisfied"}
	given := map[string]string{}
	for i, letter := range answers {
		if letter != '-' {
			given[questions[i]] = words[letter]
		}
	}
	ballot := encoded(map[string]any{"unit": unit, "channel": channel, "answers": given})
	return strings.TrimSuffix(strings.Repeat(ballot+",\n", n), ",\n")
}

// Indexes computed by hand (E10).
func TestIndexes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		ballots []string
		want    string // of unit A
	}{
		{
			"all satisfied",
			[]string{ballots(2, "A", "public", "sssssss"), ballots(1, "A", "representative", "sssssss")},
			`{"code": "A", "ballots": {"public": 2, "representative": 1}, "index": "100.00", "grade": "satisfied", "rank": 1}`,
		},
		{
			"0.6 × 50 + 0.4 × 60",
			[]string{ballots(1, "A", "public", "sssssss"), ballots(1, "A", "public", "ddddddd"), ballots(1, "A", "representative", "bbbbbbb")},
			`{"code": "A", "ballots": {"public": 2, "representative": 1}, "index": "54.00", "grade": "dissatisfied", "rank": 1}`,
		},
		{
			"a ballot is the mean of what it answers: 0.6 × (100 + 60/2)/2 + 0.4 × 100",
			[]string{ballots(1, "A", "public", "s------"), ballots(1, "A", "public", "b-----d"), ballots(1, "A", "representative", "---s---")},
			`{"code": "A", "ballots": {"public": 2, "representative": 1}, "index": "79.00", "grade": "basically_satisfied", "rank": 1}`,
		},
		{
			"exact thirds and sevenths: 0.6 × (100×2/3 + 100×6/7)/2 + 0.4 × 100 is 85.714…",
			[]string{ballots(1, "A", "public", "ssd----"), ballots(1, "A", "public", "ssssssd"), ballots(1, "A", "representative", "s------")},
			`{"code": "A", "ballots": {"public": 2, "representative": 1}, "index": "85.71", "grade": "satisfied", "rank": 1}`,
		},
		{
			"the threshold is reached at 60",
			[]string{ballots(2, "A", "public", "bbbbbbb"), ballots(1, "A", "representative", "bbbbbbb")},
			`{"code": "A", "ballots": {"public": 2, "representative": 1}, "index": "60.00", "grade": "basically_satisfied", "rank": 1}`,
		},
		{
			"too few in one channel",
			[]string{ballots(1, "A", "public", "sssssss"), ballots(3, "A", "representative", "sssssss")},
			`{"code": "A", "ballots": {"public": 1, "representative": 3}, "index": null, "grade": "insufficient", "rank": null}`,
		},
		{
			"none at all", nil,
			`{"code": "A", "ballots": {"public": 0, "representative": 0}, "index": null, "grade": "insufficient", "rank": null}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			const b = `{"code": "B", "ballots": {"public": 0, "representative": 0}, "index": null, "grade": "insufficient", "rank": null}`
			want := "{\"units\": [\n" + c.want + ",\n" + b + "\n]}\n"
			if diff := cmp.Diff(want, recompute(t, survey(c.ballots...))); diff != "" {
				t.Errorf("results (-want +got):\n%s", diff)
			}
		})
	}
}

// The index is rounded half up, once, and the grade is read from what is shown.
func TestIndexIsRoundedOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ good, less, want string }{
		{"s------", "b------", `"index": "85.00", "grade": "satisfied"`},           // (85 + 84.99)/2 is 84.995
		{"s------", "-bb----", `"index": "85.00", "grade": "satisfied"`},           // questions do not weigh
		{"sbb----", "sbb----", `"index": "84.99", "grade": "basically_satisfied"`}, // (85 + 2 × 84.99)/3 is 84.9933…
	} {
		book := strings.NewReplacer(`"satisfied": "100"`, `"satisfied": "85"`, `"basically_satisfied": "60", "dis`, `"basically_satisfied": "84.99", "dis`).
			Replace(survey(ballots(1, "A", "public", c.good), ballots(1, "A", "public", c.less),
				ballots(1, "A", "representative", c.good), ballots(1, "A", "representative", c.less)))
		if got := recompute(t, book); !strings.Contains(got, c.want) {
			t.Errorf("%s and %s: the results lack %s: %s", c.good, c.less, c.want, got)
		}
	}
}

// Equal indexes have equal ranks; units without an index have none and take
// none.
func TestRanksOfIndexes(t *testing.T) {
	t.Parallel()
	var units, all []string
	for _, u := range []struct{ code, answers string }{
		{"P", "sssssss"}, {"Q", "ddddddd"}, {"R", ""}, {"S", "bbbbbbb"}, {"T", "bbbbbb-"}, {"V", "dddd---"}, {"W", "d------"},
	} {
		units = append(units, encoded(map[string]string{"code": u.code, "name": "", "category": "county"}))
		if u.answers != "" {
			all = append(all, ballots(2, u.code, "public", u.answers), ballots(1, u.code, "representative", u.answers))
		}
	}
	book := swapped(survey(all...), `{"code": "A", "name": "甲", "category": "county"}, {"code": "B", "name": "乙", "category": "enterprise"}`, strings.Join(units, ", "))
	got := map[string]int{}
	for _, result := range read(t, book).Compute().Evaluated {
		if result.Rank != nil {
			got[result.Code] = *result.Rank
		}
	}
	want := map[string]int{"P": 1, "S": 2, "T": 2, "Q": 4, "V": 4, "W": 4}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ranks (-want +got):\n%s", diff)
	}
}

func TestSoundEvaluations(t *testing.T) {
	t.Parallel()
	book := survey(ballots(1, "A", "public", "s------"))
	for name, text := range map[string]string{
		"a question more":       swapped(strings.Replace(book, `"other"]`, `"other", "hotline"]`, 1), `"content":"satisfied"`, `"hotline":"satisfied"`),
		"weights of 3 decimals": strings.NewReplacer(`"0.6"`, `"0.625"`, `"0.4"`, `"0.375"`).Replace(book),
		"one channel":           strings.NewReplacer(`, "representative": {"weight": "0.4", "min_ballots": 1}`, ``, `"0.6"`, `"1"`).Replace(book),
		"ballots left out":      strings.Replace(book, `"ballots"`, `"excluded": [{"unit": "A", "answers": {"content": "satisfied"}, "reason": "重复"}], "ballots"`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := refusals(t, text); got != nil {
				t.Errorf("refused: %q", got)
			}
		})
	}
}

// What book.md's kinds of refusal mean for an evaluation.
func TestRefusalsOfEvaluations(t *testing.T) {
	t.Parallel()
	book := survey(ballots(1, "A", "public", "s------"), ballots(1, "B", "representative", "sb-----"))
	checkRefusals(t, []refusal{
		{
			"missing fields", `{"kind": "evaluation", "rule_set": "pingliang-2022", "year": 2025, "units": [{"code": "A", "name": "", "category": "zone"}]}`,
			[]string{"questions: missing", "answer_points: missing", "channels: missing", "thresholds: missing", "ballots: missing"},
		},
		{
			"an assessment's fields", strings.Replace(book, `"category": "county"`, `"category": "county", "scores": {}, "adjustments": []`, 1),
			[]string{"units[0].scores: unknown field in a book of kind evaluation", "units[0].adjustments: unknown field in a book of kind evaluation"},
		},
		{"an assessment's indicators", swapped(book, `"year": 2025`, `"year": 2025, "indicators": []`), []string{"indicators: unknown field in a book of kind evaluation"}},
		{"no units", swapped(survey(), `{"code": "A", "name": "甲", "category": "county"}, {"code": "B", "name": "乙", "category": "enterprise"}`, ""), []string{"units: there are none"}},
		{"doubled units", swapped(survey(), `"code": "B"`, `"code": "A"`), []string{`units[1].code: "A" is there twice`}},
		{"one of the seven missing", swapped(book, `"systems", `, ``), []string{"questions: systems is missing (E7(4))"}},
		{"a doubled question", swapped(book, `"other"]`, `"other", "content", ""]`), []string{`questions[7]: "content" is there twice`, "questions[8]: empty"}},
		{"an unknown question", swapped(book, `"content":"satisfied"}`, `"contents":"satisfied"}`), []string{`ballots[0].answers["contents"]: unknown question`}},
		{"an unknown answer", swapped(book, `"timeliness":"basically_satisfied"`, `"timeliness":"good"`), []string{`ballots[1].answers["timeliness"]: unknown answer "good"`}},
		{"an unknown channel", swapped(book, `"channel":"public"`, `"channel":"phone"`), []string{`ballots[0].channel: unknown channel "phone"`}},
		{"an unknown unit", swapped(book, `"unit":"B"`, `"unit":"C"`), []string{`ballots[1].unit: unknown unit "C"`}},
		{"no answer", swapped(book, `"content":"satisfied"}`, `}`), []string{"ballots[0].answers: no question is answered"}},
		{"an answer of a wrong kind", swapped(book, `"content":"satisfied"}`, `"content":1}`), []string{`ballots[0].answers["content"]: a number where a string belongs`}},
		{"a doubled answer", swapped(book, `"content":"satisfied"}`, `"content":"satisfied","content":"dissatisfied"}`), []string{`ballots[0].answers["content"]: doubled key`}},
		{"a voter", swapped(book, `"unit":"B"`, `"unit":"B","voter":"x"`), []string{"ballots[1].voter: unknown field"}},
		{
			"a channel that the rules do not know", swapped(book, `"representative": {"weight"`, `"expert": {"weight"`),
			[]string{"channels.expert: unknown channel; known are public, representative", `ballots[1].channel: unknown channel "representative"`},
		},
		{"weights below 1", swapped(book, `"0.6"`, `"0.5"`), []string{"channels: the weights sum to 0.9, not to 1"}},
		{"weights beside a count that could not be read", swapped(swapped(book, `"0.6"`, `"0.5"`), `"min_ballots": 2`, `"min_ballots": "2"`), []string{
			"channels.public.min_ballots: a string where a whole number belongs", "channels: the weights sum to 0.9, not to 1",
		}},
		{"weights above 1", swapped(book, `"0.6"`, `"0.61"`), []string{"channels: the weights sum to 1.01, not to 1"}},
		{"weights a little above 1", swapped(book, `"0.6"`, `"0.60000000000001"`), []string{"channels: the weights sum to 1.00000000000001, not to 1"}},
		{"no channel", swapped(book, `"channels": {"public": {"weight": "0.6", "min_ballots": 2}, "representative": {"weight": "0.4", "min_ballots": 1}}`, `"channels": {}`), []string{
			"channels: the weights sum to 0, not to 1", `ballots[0].channel: unknown channel "public"`, `ballots[1].channel: unknown channel "representative"`,
		}},
		{"a weight as a number", swapped(book, `"0.6"`, `0.6`), []string{"channels.public.weight: a number where a string belongs"}},
		{"a weight as a fraction", swapped(book, `"0.6"`, `"3/5"`), []string{`channels.public.weight: "3/5" is not a decimal such as 0.6`}},
		{"a negative weight", swapped(book, `"0.6"`, `"-0.6"`), []string{`channels.public.weight: "-0.6" is not a decimal such as 0.6`}},
		{"no weight", swapped(book, `"weight": "0.6", `, ``), []string{"channels.public.weight: missing"}},
		{"no least number", swapped(book, `"min_ballots": 2`, `"min_ballots": 0`), []string{"channels.public.min_ballots: 0 is not a whole number from 1 to 100000000000000"}},
		{"equal thresholds", swapped(book, `"satisfied": "85"`, `"satisfied": "60"`), []string{"thresholds.satisfied: 60 is not above basically_satisfied, 60"}},
		{"turned thresholds", swapped(book, `"satisfied": "85"`, `"satisfied": "59.99"`), []string{"thresholds.satisfied: 59.99 is not above basically_satisfied, 60"}},
		{
			"a threshold missing, one unknown", swapped(book, `"thresholds": {"satisfied"`, `"thresholds": {"dissatisfied"`),
			[]string{"thresholds.satisfied: missing", "thresholds.dissatisfied: unknown; known are satisfied, basically_satisfied"},
		},
		{"answers that are worth the same", swapped(book, `"satisfied": "100"`, `"satisfied": "60"`), []string{"answer_points.satisfied: 60 is not above basically_satisfied, 60"}},
		{"the worst answer worth more", swapped(book, `"dissatisfied": "0"`, `"dissatisfied": "60.01"`), []string{"answer_points.basically_satisfied: 60 is not above dissatisfied, 60.01"}},
		{"an answer's points missing", swapped(book, `, "dissatisfied": "0"`, ``), []string{"answer_points.dissatisfied: missing"}},
		{
			"points of three decimals", swapped(book, `"satisfied": "100"`, `"satisfied": "100.000"`),
			[]string{`answer_points.satisfied: "100.000" is not points: expected digits with at most two decimals, such as 4.75`},
		},
		{
			"left out without a reason", strings.Replace(book, `"ballots"`, `"excluded": [{"unit": "A"}, {"reason": " "}, {"reason": "重复", "why": {"a": 1, "a": 2}}, "x"], "ballots"`, 1),
			[]string{"excluded[0].reason: missing", "excluded[1].reason: empty", `excluded[2].why["a"]: doubled key`, "excluded[3]: a string where an object belongs"},
		},
	})
}

// The same faulty answers are faults of each ballot that gives them.
func TestRefusalsOfEqualBallots(t *testing.T) {
	t.Parallel()
	got := refusals(t, strings.ReplaceAll(survey(ballots(3, "A", "public", "s------")), `"content":"satisfied"`, `"content":null`))
	want := []string{
		`ballots[0].answers["content"]: null where a string belongs`,
		`ballots[1].answers["content"]: null where a string belongs`,
		`ballots[2].answers["content"]: null where a string belongs`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

// Results can be marshalled by themselves, for both kinds of books.
func TestResultsMarshal(t *testing.T) {
	t.Parallel()
	for _, book := range []string{survey(ballots(2, "A", "public", "s------")), one} {
		text, err := json.Marshal(read(t, book).Compute())
		if err != nil {
			t.Fatal(err)
		}
		var got, want any
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(recompute(t, book)), &want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("marshalled (-want +got):\n%s", diff)
		}
	}
}

// What an answer is worth may be as large as anybody writes: nothing overflows, and nothing is rounded on the way.
func TestAnIndexOfLargePoints(t *testing.T) {
	t.Parallel()
	book := strings.NewReplacer(`"satisfied": "100", "basically_satisfied": "60"`, `"satisfied": "999999999999999.99", "basically_satisfied": "60"`,
		`"weight": "0.6"`, `"weight": "0.66666666666666666666"`, `"weight": "0.4"`, `"weight": "0.33333333333333333334"`,
	).Replace(survey(ballots(300, "A", "public", "sssssss"), ballots(1, "A", "representative", "sssssss")))
	read, err := rules.ReadBook(strings.NewReader(book), library(t))
	if err != nil {
		t.Fatal(err)
	}
	if got := read.Compute().Evaluated[0].Index; got == nil || got.String() != "999999999999999.99" {
		t.Errorf("the index is %v", got)
	}
	checkRefusals(t, []refusal{{
		"more digits", strings.Replace(book, "999999999999999.99", "1000000000000000", 1),
		[]string{`answer_points.satisfied: "1000000000000000" is too large for points`},
	}})
}
