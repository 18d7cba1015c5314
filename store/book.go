package store

import (
	"fmt"

	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store/query"
)

// Book is everything that the points of a cycle follow from, as it stands now: the scores of submitted sheets and
// the confirmed adjustments (A10, A11). An indicator without all its points makes the book incomplete, which is an
// error.
func (c *Change) Book(plan rules.Plan, set *rules.RuleSet) (*rules.Book, error) {
	book := &rules.Book{
		Kind: rules.AssessmentBook, Rules: set, Year: plan.Scheme.Year, Indicators: plan.Indicators,
		Cycle: CycleName(c.Cycle), Extension: plan.Scheme.Extension,
	}
	places := map[string]int{}
	for i, unit := range plan.Units {
		places[unit.Code] = i
		book.Units = append(book.Units, rules.BookUnit{
			Code: unit.Code, Name: unit.Name, Category: unit.Category, Scores: map[string][]rules.Points{},
		})
	}
	if err := c.bookScores(book, places); err != nil {
		return nil, err
	}
	return book, c.bookAdjustments(book, places)
}

func (c *Change) bookScores(book *rules.Book, places map[string]int) error {
	scores, err := c.ScoreCycle(c.Context, query.ScoreCycleParams{CycleID: c.Cycle.CycleID})
	if err != nil {
		return fmt.Errorf("couldn't read the scores: %w", err)
	}
	for _, score := range scores {
		if score.Points == nil {
			return fmt.Errorf("%s has no points from %s for %s", score.Indicator, score.Assessor, score.Unit)
		}
		unit := &book.Units[places[score.Unit]]
		unit.Scores[score.Indicator] = append(unit.Scores[score.Indicator], *score.Points)
	}
	return nil
}

func (c *Change) bookAdjustments(book *rules.Book, places map[string]int) error {
	adjustments, err := c.AdjustmentList(c.Context, query.AdjustmentListParams{CycleID: c.Cycle.CycleID})
	if err != nil {
		return fmt.Errorf("couldn't read the adjustments: %w", err)
	}
	for _, adjustment := range adjustments {
		if adjustment.State != "confirmed" {
			continue
		}
		unit := &book.Units[places[adjustment.Unit]]
		last := len(unit.Adjustments) - 1
		if last >= 0 && unit.Adjustments[last].Clause == adjustment.Clause {
			unit.Adjustments[last].Count++
			continue
		}
		unit.Adjustments = append(unit.Adjustments, rules.Adjustment{Clause: adjustment.Clause, Count: 1})
	}
	return nil
}
