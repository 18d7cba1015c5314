package office

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store/query"
)

// Score is an assessor's points for one indicator with their check: method, where, when, what was seen (A8(6)).
type Score struct {
	Indicator string
	// Points are nil until they are given.
	Points *rules.Points
	// Counts is how often each deduction that the criteria name was counted, in their order; empty if the points are free.
	Counts    []int
	Reason    string
	Method    string
	Place     string
	CheckedOn calendar.Date
	Seen      string
}

// Lack is what a score still needs before it stands (A8(6)).
type Lack string

// What can be lacking, in the order of the form.
const (
	LackPoints Lack = "points"
	LackReason Lack = "reason"
	LackMethod Lack = "method"
	LackPlace  Lack = "place"
	LackDay    Lack = "day"
	LackSeen   Lack = "seen"
)

var lackReasons = map[Lack]string{
	LackPoints: "no points yet", LackReason: "points lost need a reason", LackMethod: "the check's method is missing",
	LackPlace: "where it was checked is missing", LackDay: "when it was checked is missing", LackSeen: "what was seen is missing",
}

// Lacks is all that the score still needs; the maximum is the indicator's.
func (s Score) Lacks(most rules.Points) []Lack {
	s = s.trimmed()
	var lacks []Lack
	for _, need := range []struct {
		lack    Lack
		missing bool
	}{
		{LackPoints, s.Points == nil},
		{LackReason, s.Points != nil && *s.Points < most && s.Reason == ""},
		{LackMethod, s.Method == ""},
		{LackPlace, s.Place == ""},
		{LackDay, s.CheckedOn.IsZero()},
		{LackSeen, s.Seen == ""},
	} {
		if need.missing {
			lacks = append(lacks, need.lack)
		}
	}
	return lacks
}

// Untouched says that nothing was typed yet.
func (s Score) Untouched() bool {
	s = s.trimmed()
	return s.Points == nil && s.Reason == "" && s.Method == "" && s.Place == "" && s.Seen == "" && s.CheckedOn.IsZero()
}

// incomplete says in words what the score lacks; what was not begun lacks everything, which is one reason.
func (s Score) incomplete(indicator rules.Indicator) []string {
	if s.Untouched() {
		return []string{fmt.Sprintf("indicator %s %s: not scored yet (A8(6))", indicator.Code, indicator.Content)}
	}
	var reasons []string
	for _, lack := range s.Lacks(indicator.Max) {
		reasons = append(reasons, fmt.Sprintf("indicator %s %s: %s (A8(6))", indicator.Code, indicator.Content, lackReasons[lack]))
	}
	return reasons
}

// faults are why the score could not even be a draft.
func (s Score) faults(indicator rules.Indicator, today calendar.Date) []string {
	var reasons []string
	if s.Points != nil && (*s.Points < 0 || *s.Points > indicator.Max) {
		reasons = append(reasons, fmt.Sprintf("indicator %s: %s points lie outside 0 to %s", s.Indicator, *s.Points, indicator.Max))
	}
	if s.Method != "" && !slices.Contains(indicator.Methods, s.Method) {
		reasons = append(reasons, fmt.Sprintf("indicator %s: %q is none of its check methods (A8(6))", s.Indicator, s.Method))
	}
	if s.CheckedOn.After(today) {
		reasons = append(reasons, fmt.Sprintf("indicator %s: a check on %s lies in the future", s.Indicator, s.CheckedOn))
	}
	if slices.ContainsFunc(s.Counts, func(n int) bool { return n < 0 }) {
		reasons = append(reasons, fmt.Sprintf("indicator %s: a deduction is counted less than never", s.Indicator))
	}
	return reasons
}

// trimmed is the score without the space around its texts: a blank is no reason.
func (s Score) trimmed() Score {
	for _, text := range []*string{&s.Reason, &s.Place, &s.Seen} {
		*text = strings.TrimSpace(*text)
	}
	return s
}

// counts are written as PostgreSQL reads an array.
func (s Score) counts() string {
	texts := make([]string, len(s.Counts))
	for i, n := range s.Counts {
		texts[i] = strconv.Itoa(n)
	}
	return "{" + strings.Join(texts, ",") + "}"
}

// scoreOf is a row as its assessor gave it, complete or not.
func scoreOf(row query.Score) Score {
	score := Score{Indicator: row.Indicator, Points: row.Points, Reason: row.Reason, Method: row.Method, Place: row.Place, Seen: row.Seen}
	if score.Points == nil {
		score.Points = row.DraftPoints
	}
	if row.CheckedOn != nil {
		score.CheckedOn = *row.CheckedOn
	}
	for _, n := range row.Counts {
		score.Counts = append(score.Counts, int(n))
	}
	return score
}

func scoresByIndicator(rows []query.Score) map[string]Score {
	scores := make(map[string]Score, len(rows))
	for _, row := range rows {
		scores[row.Indicator] = scoreOf(row)
	}
	return scores
}
