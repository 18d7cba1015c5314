package rules

import (
	"fmt"
	"math/big"
	"slices"
)

func (r *UnitResult) explain(article, text string, points Points) {
	r.Explanation = append(r.Explanation, Line{Article: article, Text: text, Points: points})
}

// explainLimits adds the lines of what the caps and the floor took or gave,
// and of the remainder: each line is rounded by itself, the total once, and
// the lines must add up to it.
func (c *computation) explainLimits(result *UnitResult, overBonus Points, given *big.Rat) {
	limits := c.rules.Total
	if overBonus > 0 {
		result.explain(limits.BonusCap.Article, c.texts.bonusCap(), -overBonus)
	}
	if result.lost != nil {
		result.explain(limits.Cap.Article, c.texts.cap(), -halfUp(result.lost))
	}
	if given != nil {
		result.explain(limits.Floor.Article, c.texts.floor(), halfUp(given))
	}
	remainder := result.Total
	for _, line := range result.Explanation {
		remainder -= line.Points
	}
	if remainder != 0 {
		result.explain(limits.Rounding.Article, roundingText, remainder)
	}
}

// Explain is a result's explanation as people read it: the line of an
// indicator says what the indicator is about, and which year it judges where
// that is not the assessment's (A4). The book, which anyone recomputes, knows
// neither; the plan does.
func (p Plan) Explain(result UnitResult) []Line {
	lines := slices.Clone(result.Explanation)
	at := slices.IndexFunc(p.Units, func(unit Unit) bool { return unit.Code == result.Code })
	if at < 0 {
		return lines
	}
	// The lines of the indicators come first, in the scheme's order.
	for line, i := range applicable(p.Indicators, p.categories())[p.Units[at].Category] {
		if line < len(lines) {
			indicator := p.Indicators[i]
			lines[line].Text = indicator.named(lines[line].Text) + indicator.JudgedNote(p.Scheme.Year)
		}
	}
	return lines
}

// texts are the words of explanations, as the units read them.
type texts struct {
	rules      *RuleSet
	indicators []Indicator
	scored     map[scored]string // made once: every unit has the same indicators
}

type scored struct{ indicator, assessors int }

const roundingText = "各项分值分别四舍五入与总分一次四舍五入之间的差额"

func (t texts) mean(indicator, assessors int) string {
	key := scored{indicator, assessors}
	if text, ok := t.scored[key]; ok {
		return text
	}
	i := t.indicators[indicator]
	text := fmt.Sprintf("%s（%s，满分%s分）：", i.heading(), t.rules.Areas.Name(i.Area), i.Max.Short())
	if assessors == 1 {
		text += "1名考核人员评分"
	} else {
		text += fmt.Sprintf("%d名考核人员评分的平均值", assessors)
	}
	t.scored[key] = text
	return text
}

func (t texts) adjustment(clause Clause, count int64) string {
	act := "加"
	if clause.Kind == Deduction {
		act = "减"
	}
	return fmt.Sprintf("%s分：%s，每次%s%s分，共%d次", act, clause.Text, act, clause.Points.Short(), count)
}

func (t texts) bonusCap() string {
	return fmt.Sprintf("加分合计超过%s分的部分不计", t.rules.Total.BonusCap.Points.Short())
}

func (t texts) cap() string {
	return fmt.Sprintf("加分后总分超过%s分的部分不计", t.rules.Total.Cap.Points.Short())
}

func (t texts) floor() string {
	floor := t.rules.Total.Floor.Points.Short()
	return fmt.Sprintf("减分后低于%s分的，以%s分计", floor, floor)
}
