package rules

import (
	"cmp"
	"math/big"
	"slices"
)

// Results are what a book computes to: the units of an assessment or of an
// evaluation, in the book's order.
type Results struct {
	Units     []UnitResult
	Evaluated []EvaluationResult

	kind     BookKind
	channels []string // of an evaluation, in the order of the rules
}

// UnitResult is the outcome of one unit. What is shown is rounded half up to
// two decimals; only the shown total counts afterwards.
type UnitResult struct {
	Code         string `json:"code"`
	Base         Points `json:"base"`
	Bonus        Points `json:"bonus"` // at most the cap
	Deduction    Points `json:"deduction"`
	Total        Points `json:"total"`
	Grade        string `json:"grade"`
	Rank         int    `json:"rank"`
	CategoryRank int    `json:"category_rank"`
	Explanation  []Line `json:"explanation"` // adds up to Total

	lost *big.Rat // to the cap of the total, exactly; nil if nothing was
}

// Line is one line of an explanation; losses are negative.
type Line struct {
	Article string `json:"article"`
	Text    string `json:"text"`
	Points  Points `json:"points"`
}

// Compute computes the results. The book must be without Faults.
func (b *Book) Compute() Results {
	if b.Kind == EvaluationBook {
		return b.evaluate()
	}
	c := newComputation(b)
	results := Results{kind: b.Kind, Units: make([]UnitResult, len(b.Units))}
	for i := range b.Units {
		results.Units[i] = c.unit(&b.Units[i])
	}
	rankUnits(b.Units, results.Units)
	return results
}

// A computation is what the units of one book share.
type computation struct {
	rules      *RuleSet
	indicators []Indicator
	of         map[string][]int // a category's indicators
	texts      texts
	sums       map[int]Points // a unit's, by the number of assessors
}

func newComputation(b *Book) *computation {
	categories := distinct(b.Units, func(u BookUnit) string { return u.Category })
	return &computation{
		rules:      b.Rules,
		indicators: b.Indicators,
		of:         applicable(b.Indicators, categories),
		texts:      texts{rules: b.Rules, indicators: b.Indicators, scored: map[scored]string{}},
		sums:       map[int]Points{},
	}
}

// unit computes one unit (A9 to A11): the mean of the assessors' points of
// each indicator, their sum, bonus up to its cap, the whole up to its cap,
// less the deductions, not below the floor, rounded once.
func (c *computation) unit(u *BookUnit) UnitResult {
	limits := c.rules.Total
	result := UnitResult{Code: u.Code, Explanation: make([]Line, 0, len(c.of[u.Category])+len(u.Adjustments)+4)}
	base := c.base(u, &result)
	bonus := c.adjustments(u, &result)

	sum := new(big.Rat).Add(base, result.Bonus.rat())
	if over := exceeding(sum, limits.Cap.Points.rat()); over != nil {
		result.lost = over
		sum = limits.Cap.Points.rat()
	}
	sum.Sub(sum, result.Deduction.rat())
	given := exceeding(limits.Floor.Points.rat(), sum)
	if given != nil {
		sum = limits.Floor.Points.rat()
	}
	result.Base, result.Total = halfUp(base), halfUp(sum)
	result.Grade = c.rules.Grade(result.Total).ID
	c.explainLimits(&result, bonus-result.Bonus, given)
	return result
}

// exceeding is by how much a number exceeds another, nil if it does not.
func exceeding(number, limit *big.Rat) *big.Rat {
	if number.Cmp(limit) <= 0 {
		return nil
	}
	return new(big.Rat).Sub(number, limit)
}

// base sums the means of the unit's indicators and explains each (A8(6)).
// Points with as many assessors are summed before they are divided: exact
// fractions are slow.
func (c *computation) base(u *BookUnit, result *UnitResult) *big.Rat {
	clear(c.sums)
	for _, i := range c.of[u.Category] {
		points := u.Scores[c.indicators[i].Code]
		var sum Points
		for _, p := range points {
			sum += p
		}
		c.sums[len(points)] += sum
		result.explain(c.rules.Total.Mean.Article, c.texts.mean(i, len(points)), mean(sum, len(points)))
	}
	base := new(big.Rat)
	for assessors, sum := range c.sums {
		base.Add(base, big.NewRat(int64(sum), int64(assessors)))
	}
	return base
}

// adjustments sums the unit's bonus and deductions and explains each
// occurrence (A10, A11). It returns the bonus before its cap.
func (c *computation) adjustments(u *BookUnit, result *UnitResult) (bonus Points) {
	for _, adjustment := range u.Adjustments {
		clause, _ := c.rules.Clause(adjustment.Clause)
		points := clause.Points * Points(adjustment.Count)
		if clause.Kind == Bonus {
			bonus += points
			result.explain(clause.Article, c.texts.adjustment(clause, adjustment.Count), points)
		} else {
			result.Deduction += points
			result.explain(clause.Article, c.texts.adjustment(clause, adjustment.Count), -points)
		}
	}
	result.Bonus = min(bonus, c.rules.Total.BonusCap.Points)
	return bonus
}

// rankUnits ranks overall and within categories: by the total as shown, then
// by the points lost to the cap of the total, more first; what is still equal
// has the same rank, and the next rank counts them all (A10).
func rankUnits(units []BookUnit, results []UnitResult) {
	compare := func(a, b int) int {
		if order := cmp.Compare(results[b].Total, results[a].Total); order != 0 {
			return order
		}
		return compareLost(results[b].lost, results[a].lost)
	}
	order := ascending(len(results), compare)
	var overall ranking
	within := map[string]*ranking{}
	for _, i := range order {
		category := within[units[i].Category]
		if category == nil {
			category = new(ranking)
			within[units[i].Category] = category
		}
		results[i].Rank = overall.next(i, compare)
		results[i].CategoryRank = category.next(i, compare)
	}
}

func compareLost(a, b *big.Rat) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return -1
	case b == nil:
		return 1
	}
	return a.Cmp(b)
}

// ascending are the indexes below n in the order of compare.
func ascending(n int, compare func(a, b int) int) []int {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, compare)
	return order
}

// ranking gives ranks to what comes in order: 1, 2, 2, 4.
type ranking struct{ count, rank, last int }

func (r *ranking) next(i int, compare func(a, b int) int) int {
	r.count++
	if r.count == 1 || compare(r.last, i) != 0 {
		r.rank = r.count
	}
	r.last = i
	return r.rank
}
