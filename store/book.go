package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store/query"
)

// IncompleteError is a book that can't be made yet: an indicator lacks points.
type IncompleteError struct{ Indicator, Assessor, Unit string }

func (e *IncompleteError) Error() string {
	return fmt.Sprintf("%s has no points from %s for %s", e.Indicator, e.Assessor, e.Unit)
}

// Book is everything that the points of a cycle follow from, as it stands now: the scores of submitted sheets and
// the confirmed adjustments (A10, A11). An indicator without all its points makes the book incomplete, which is an
// error.
func (c *Change) Book(plan rules.Plan, set *rules.RuleSet) (*rules.Book, error) {
	return makeBook(c.Context, c.Queries, c.Cycle, plan, set)
}

// Book is the same for somebody who only looks.
func (s *Store) Book(ctx context.Context, cycle query.Cycle, plan rules.Plan, set *rules.RuleSet) (*rules.Book, error) {
	book, err := makeBook(ctx, s.Queries, cycle, plan, set)
	return book, translate(err)
}

func makeBook(ctx context.Context, queries *query.Queries, cycle query.Cycle, plan rules.Plan, set *rules.RuleSet) (*rules.Book, error) {
	book := &rules.Book{
		Kind: rules.AssessmentBook, Rules: set, Year: plan.Scheme.Year, Indicators: bookIndicators(plan.Indicators),
		Cycle: CycleName(cycle), Extension: plan.Scheme.Extension,
	}
	places := map[string]int{}
	for i, unit := range plan.Units {
		places[unit.Code] = i
		book.Units = append(book.Units, rules.BookUnit{
			Code: unit.Code, Name: unit.Name, Category: unit.Category, Scores: map[string][]rules.Points{},
		})
	}
	scores, err := queries.ScoreCycle(ctx, query.ScoreCycleParams{CycleID: cycle.CycleID})
	if err != nil {
		return nil, fmt.Errorf("couldn't read the scores: %w", err)
	}
	if err := bookScores(book, places, scores); err != nil {
		return nil, err
	}
	adjustments, err := queries.AdjustmentList(ctx, query.AdjustmentListParams{CycleID: cycle.CycleID})
	if err != nil {
		return nil, fmt.Errorf("couldn't read the adjustments: %w", err)
	}
	bookAdjustments(book, places, adjustments)
	return book, nil
}

// bookIndicators are those of a plan as a book has them: what is for all names no category.
func bookIndicators(list []rules.Indicator) []rules.Indicator {
	list = slices.Clone(list)
	for i := range list {
		if len(list[i].Categories) == 0 {
			list[i].Categories = nil
		}
	}
	return list
}

func bookScores(book *rules.Book, places map[string]int, scores []query.ScoreCycleRow) error {
	for _, score := range scores {
		if score.Points == nil {
			return &IncompleteError{Indicator: score.Indicator, Assessor: score.Assessor, Unit: score.Unit}
		}
		unit := &book.Units[places[score.Unit]]
		unit.Scores[score.Indicator] = append(unit.Scores[score.Indicator], *score.Points)
	}
	return nil
}

func bookAdjustments(book *rules.Book, places map[string]int, adjustments []query.Adjustment) {
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
}
