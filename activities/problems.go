package activities

import (
	"context"
	"slices"
	"strings"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

const draftTask = "order_rectifications"

// draftProblems drafts each unit's problems from the points it lost and the assessors' reasons; the administrator
// edits them before the order is sent. A problem found the year before, too, is marked as repeated (A13).
func (a *Activities) draftProblems(ctx context.Context, in workflows.DraftProblemsInput) (workflows.DraftProblemsResult, error) {
	return do(ctx, a, in.Act, func(y *year) (workflows.DraftProblemsResult, error) {
		none := workflows.DraftProblemsResult{}
		dates, err := y.dates()
		if err != nil {
			return none, err
		}
		due, err := y.limitAhead(dates.RectificationDue)
		if err != nil {
			return none, err
		}
		units, err := y.draftEach(due)
		if err != nil {
			return none, err
		}
		if err := y.CyclePhase(ctx, query.CyclePhaseParams{CycleID: y.id(), Phase: "rectification"}); err != nil {
			return none, err
		}
		if units == 0 {
			return none, nil
		}
		return workflows.DraftProblemsResult{Units: units},
			y.OpenTask("A13", store.Task{Key: draftTask, Kind: "order_rectifications", Role: string(rules.Admin)})
	})
}

// limitAhead is a time limit, moved on where an order would come so late that it has passed.
func (y *year) limitAhead(due calendar.Date) (calendar.Date, error) {
	return y.notBefore(due, y.set.Plan.Scheme.Reminders.Rectification.FromWorkingDaysBefore)
}

func (y *year) draftEach(due calendar.Date) (int, error) {
	found, err := y.foundProblems()
	if err != nil {
		return 0, err
	}
	var problems []query.Problem
	for _, unit := range found {
		if err := y.RectificationInsert(y.Context, query.RectificationInsertParams{CycleID: y.id(), Unit: unit.code, Due: due}); err != nil {
			return 0, err
		}
		problems = append(problems, unit.problems...)
	}
	for part := range slices.Chunk(problems, rowsAtOnce) {
		if err := y.insertProblems(part); err != nil {
			return 0, err
		}
	}
	return len(found), nil
}

func (y *year) insertProblems(problems []query.Problem) error {
	rows := query.ProblemInsertAllParams{CycleID: y.id()}
	for _, problem := range problems {
		rows.Units = append(rows.Units, problem.Unit)
		rows.Positions = append(rows.Positions, problem.Position)
		rows.Indicators = append(rows.Indicators, problem.Indicator)
		rows.Lost = append(rows.Lost, int64(problem.Lost))
		rows.Problems = append(rows.Problems, problem.Problem)
		rows.Methods = append(rows.Methods, problem.Method)
		rows.Repeated = append(rows.Repeated, problem.Repeated)
	}
	return y.ProblemInsertAll(y.Context, rows)
}

// foundOf are the problems found at one unit.
type foundOf struct {
	code     string
	problems []query.Problem
}

// foundProblems are those of every unit that lost points, as they stand in the sheets.
func (y *year) foundProblems() ([]foundOf, error) {
	scores, err := y.ScoreLost(y.Context, query.ScoreLostParams{CycleID: y.id()})
	if err != nil {
		return nil, err
	}
	repeated, err := y.RepeatedProblems()
	if err != nil {
		return nil, err
	}
	var found []foundOf
	for _, ofUnit := range runs(scores, func(row query.ScoreLostRow) string { return row.Unit }) {
		unit := foundOf{code: ofUnit[0].Unit}
		for _, ofIndicator := range runs(ofUnit, func(row query.ScoreLostRow) string { return row.Indicator }) {
			unit.problems = append(unit.problems, problemsOf(ofIndicator)...)
		}
		for i := range unit.problems {
			problem := &unit.problems[i]
			problem.Unit, problem.Position = unit.code, int32(i+1)
			problem.Repeated = repeated[query.ProblemYearBeforeRow{Unit: unit.code, Indicator: problem.Indicator}]
		}
		found = append(found, unit)
	}
	return found, nil
}

// runs are the parts of a sorted list with the same key.
func runs[T any](list []T, key func(T) string) [][]T {
	var parts [][]T
	for i := range list {
		if i == 0 || key(list[i]) != key(list[i-1]) {
			parts = append(parts, nil)
		}
		parts[len(parts)-1] = append(parts[len(parts)-1], list[i])
	}
	return parts
}

// problemsOf makes of the scores of one indicator one problem a method by which somebody found it, with the distinct
// reasons of those: each is re-checked by its own method (A13). The points are what the unit lost; they stand once, on
// the first.
func problemsOf(scores []query.ScoreLostRow) []query.Problem {
	var problems []query.Problem
	var given []rules.Points
	reasons := map[string][]string{}
	for _, score := range scores {
		given = append(given, *score.Points)
		if *score.Points == score.MaxPoints || slices.Contains(reasons[score.Method], score.Reason) {
			continue
		}
		if len(reasons[score.Method]) == 0 {
			problems = append(problems, query.Problem{Indicator: score.Indicator, Method: score.Method})
		}
		reasons[score.Method] = append(reasons[score.Method], score.Reason)
	}
	for i := range problems {
		problems[i].Problem = strings.Join(reasons[problems[i].Method], "；")
	}
	problems[0].Lost = rules.Loss(scores[0].MaxPoints, given)
	return problems
}
