package portal

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/kaoping/kaoping/rules"
)

// deduction is one way to lose points that an indicator's criteria name: 应公开未公开每件扣1分.
type deduction struct {
	// Label is what is counted, Note what each costs: 应公开未公开, 每件扣1分.
	Label, Note string
	Each        rules.Points
	// Once is a deduction that can be made once only: its criterion does not say 每.
	Once bool
	// A count of it reads Before + count × Step + After: 流程缺 2 环.
	Before, After string
	Step          int
}

var (
	deducted = regexp.MustCompile(`扣(\d+(?:\.\d{1,2})?)分`)
	clauses  = regexp.MustCompile(`[;；。\n]+`)
	// perCount is what follows 每 where it names a number: 缺一项制度, 低10%.
	perCount = regexp.MustCompile(`^([^\d一]*)(\d{1,4}|一)(.+)$`)
)

// connecting is what stands between two deductions of one clause.
const connecting = ",，、:： \t"

// readCriteria finds the deductions in the text of an indicator's criteria. What it does not understand is left to free
// points: the text itself stands beside them.
func readCriteria(text string) []deduction {
	var list []deduction
	for _, clause := range clauses.Split(text, -1) {
		from := 0
		for _, at := range deducted.FindAllStringSubmatchIndex(clause, -1) {
			what := strings.Trim(clause[from:at[0]], connecting)
			each, err := rules.ParsePoints(clause[at[2]:at[3]])
			if from = at[1]; what != "" && err == nil && each > 0 {
				list = append(list, newDeduction(what, each))
			}
		}
	}
	return list
}

func newDeduction(what string, each rules.Points) deduction {
	cost := "扣" + each.Short() + "分"
	label, per, repeats := cutLast(what, "每")
	if !repeats {
		return deduction{Label: what, Note: cost, Each: each, Once: true, Before: what, Step: 1}
	}
	if label = strings.TrimRight(label, connecting); per == "" {
		per = "次"
	}
	d := deduction{Label: label, Note: "每" + per + cost, Each: each, Before: label, After: per, Step: 1}
	if label == "" {
		d.Label, d.Note = what, cost
	}
	if found := perCount.FindStringSubmatch(per); found != nil {
		d.Before, d.After = label+found[1], found[3]
		if step, err := strconv.Atoi(found[2]); err == nil && step > 0 {
			d.Step = step
		}
	}
	return d
}

func cutLast(text, separator string) (before, after string, found bool) {
	at := strings.LastIndex(text, separator)
	if at < 0 {
		return text, "", false
	}
	return text[:at], text[at+len(separator):], true
}

// saysLost ends each reason that a count is; the script that sums up as one clicks gets it from the page.
const saysLost = "，扣%s分"

// Says is the reason that a count of the deduction is: 应公开未公开3件，扣3分.
func (d deduction) Says(count int) string {
	what := d.Before
	if !d.Once {
		what += strconv.Itoa(count*d.Step) + d.After
	}
	return what + fmt.Sprintf(saysLost, (d.Each*rules.Points(count)).Short())
}

// mostCounted bounds a count, so that no sum overflows.
const mostCounted = 9999

// Most is how often the deduction can be counted.
func (d deduction) Most() int {
	if d.Once {
		return 1
	}
	return mostCounted
}

// counted sums counts of an indicator's deductions up: the points that are left, never below 0, and the reason.
func counted(most rules.Points, deductions []deduction, counts []int) (rules.Points, string) {
	var lost rules.Points
	var reasons []string
	for i, d := range deductions {
		if i >= len(counts) || counts[i] <= 0 {
			continue
		}
		lost += d.Each * rules.Points(counts[i])
		reasons = append(reasons, d.Says(counts[i]))
	}
	return max(most-lost, 0), strings.Join(reasons, "；")
}

// redraft puts a new draft of a reason in the place of the old one; what the assessor wrote around it stays.
func redraft(reason, old, drafted string) string {
	reason = strings.TrimSpace(reason)
	switch {
	case reason == "" || reason == old:
		return drafted
	case old != "" && strings.Contains(reason, old):
		return strings.Trim(strings.Replace(reason, old, drafted, 1), "；。 ")
	case drafted == "" || strings.Contains(reason, drafted):
		return reason
	}
	return drafted + "；" + reason
}
