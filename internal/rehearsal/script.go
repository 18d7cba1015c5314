// Package rehearsal plays a year: simulated people act through office, exactly as people do, while the cycle's clock
// runs at a day a second. They act on what they find, so that an outage makes them later at most, never other.
package rehearsal

import (
	"hash/fnv"
	"regexp"
	"strings"
	"time"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/rules"
)

// Script says who does what out of the ordinary. With few units, the situations that fit are played; the empty code
// is nobody.
type Script struct {
	// Reminded waits for a reminder before it reports; so does every fifth unit after it.
	Reminded string
	// Late reports after its deadline, Never not at all.
	Late, Never string
	// Returned gets its report back for correction, Extended gets a later deadline before it reports.
	Returned, Extended string
	// Refused is the unit to whose address the embedded inbox refuses mail.
	Refused string
	// Reviewed are returned by the leader, once.
	Reviewed []string
	// SentBack has its rectification sent back once; Overdue leaves it undone until the interview.
	SentBack, Overdue string
}

// NewScript casts the units in their order.
func NewScript(plan rules.Plan) Script {
	at := func(i int) string {
		if i < len(plan.Units) {
			return plan.Units[i].Code
		}
		return ""
	}
	script := Script{
		Reminded: at(0), Late: at(1), SentBack: at(0), Overdue: at(2),
		Never: at(3), Returned: at(4), Extended: at(5), Refused: at(6),
	}
	if len(plan.Units) > 2 {
		script.Reviewed = []string{at(0), at(2)}
	}
	if len(plan.Units) > 8 {
		script.Reviewed = []string{at(7), at(8)}
	}
	return script
}

// RefusedAddress is the address that the embedded inbox is to refuse.
func (s Script) RefusedAddress(plan rules.Plan) string {
	for _, unit := range plan.Units {
		if unit.Code == s.Refused {
			return unit.Email
		}
	}
	return ""
}

// chance is a number of 0 to 99 that is always the same for the same words.
func chance(words ...string) int {
	sum := fnv.New64a()
	for _, word := range words {
		// A hash.Hash never returns an error from Write.
		_, _ = sum.Write([]byte(word + "\x00"))
	}
	return int(sum.Sum64() >> 7 % 100)
}

// between is the moment at a share (in hundredths) of the way from one to the other.
func between(from, to time.Time, share int) time.Time {
	return from.Add(to.Sub(from) / 100 * time.Duration(share))
}

// points are what an assessor gives: full points to most indicators, and less in steps of half a tenth of the maximum.
// Assessors who were sent back because they lay too far apart agree.
func points(unit string, indicator rules.Indicator, assessor string, again bool) rules.Points {
	if again {
		assessor = ""
	}
	quality := chance(unit, "quality")
	if chance(unit, indicator.Code)+quality/3 < 55 {
		return indicator.Max
	}
	steps := 1 + chance(unit, indicator.Code, "loss")%5
	if assessor != "" {
		steps += chance(unit, indicator.Code, assessor) % 3
	}
	lost := indicator.Max * rules.Points(steps) / 20
	return max(indicator.Max-lost, 0)
}

// selfScore is what the unit thinks of itself.
func selfScore(unit string, indicator rules.Indicator) rules.Points {
	if chance(unit, indicator.Code, "self") < 80 {
		return indicator.Max
	}
	return indicator.Max / 2
}

// claim is a bonus or deduction in the play.
type claim struct {
	unit, clause string
	event        string
	rejected     bool
}

// claims are entered before the notice: each bonus and deduction clause of the rule set once, the third of them rejected.
func claims(plan rules.Plan, set *rules.RuleSet) []claim {
	var list []claim
	for i, clause := range set.Clauses {
		unit := plan.Units[i*3%len(plan.Units)].Code
		list = append(list, claim{unit: unit, clause: clause.ID, event: clause.Text, rejected: i == 2})
	}
	return list
}

// claimDate is in the middle of the assessment year (A10, A11).
func claimDate(year int) calendar.Date {
	return calendar.Date{Year: year, Month: time.June, Day: 16}
}

// perEach is what criteria say of a fault that may be found several times: 每件, 每处, or 每 alone as in 每缺一项制度.
var perEach = regexp.MustCompile(`每[个件处次项条]$|每`)

// reasonFor takes a reason from the indicator's criteria: what stands before the points of the first one, as of one fault.
func reasonFor(indicator rules.Indicator) string {
	first, _, _ := strings.Cut(indicator.Criteria, "扣")
	if reason := perEach.ReplaceAllString(first, ""); reason != "" {
		return reason
	}
	return "工作要素不全"
}
