package activities

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"

	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

// States of a unit whose assessors' points lie further apart than the scheme's max_spread (A8(6)).
const (
	spreadAgain   = "again"
	spreadThird   = "third"
	spreadSettled = "settled"
)

// judgeSpread sends sheets back whose points lie further apart than max_spread: first to their assessors, then the
// administrator names a third. It answers how many sheets are open again; a third who is not named yet counts as one.
func (y *year) judgeSpread(in workflows.ReviewInput) (int, error) {
	limit, ok := y.set.Plan.Scheme.Spread()
	if !ok {
		return 0, nil
	}
	assessment, err := y.assessment(in.Unit)
	if err != nil || assessment.Spread == spreadSettled {
		return 0, err
	}
	wide, err := y.wide(in.Unit, limit)
	if err != nil {
		return 0, err
	}
	if len(wide) == 0 {
		// A report that came in between may have brought them together without a third.
		return 0, y.FinishTask("A8(6)", thirdTask(in.Unit), "", "")
	}
	if assessment.Spread == "" {
		return y.scoreAgain(in.Unit, wide, in.Act.ID)
	}
	if err := y.spreadState(in.Unit, spreadThird); err != nil {
		return 0, err
	}
	return 1, y.OpenTask("A8(6)", store.Task{Key: thirdTask(in.Unit), Kind: "third_assessor", Role: string(rules.Admin), Unit: in.Unit})
}

func thirdTask(unit string) string { return "third_assessor/" + unit }

func (y *year) spreadState(unit, state string) error {
	return y.AssessmentSpread(y.Context, query.AssessmentSpreadParams{CycleID: y.id(), Unit: unit, Spread: state})
}

// wide finds the unit's indicators whose points lie further apart than the limit, and who scored them.
func (y *year) wide(unit string, limit rules.Points) (map[string][]string, error) {
	scores, err := y.ScoreUnit(y.Context, query.ScoreUnitParams{CycleID: y.id(), Unit: unit})
	if err != nil {
		return nil, err
	}
	given := map[string][]query.Score{}
	for _, score := range scores {
		given[score.Indicator] = append(given[score.Indicator], score)
	}
	wide := map[string][]string{}
	for indicator, scores := range given {
		least, most := *scores[0].Points, *scores[0].Points
		for _, score := range scores {
			least, most = min(least, *score.Points), max(most, *score.Points)
		}
		if most-least <= limit {
			continue
		}
		for _, score := range scores {
			wide[indicator] = append(wide[indicator], score.Assessor)
		}
	}
	return wide, nil
}

func (y *year) scoreAgain(unit string, wide map[string][]string, key string) (int, error) {
	// Which indicators are concerned is kept as it is now: were it told from the points that change from here on, an
	// assessor could find out by it what the other one gave.
	who := map[string][]string{}
	for _, indicator := range slices.Sorted(maps.Keys(wide)) {
		for _, assessor := range wide[indicator] {
			who[assessor] = append(who[assessor], indicator)
		}
	}
	const remark = "考核员之间评分差距超过方案规定，请复核"
	var asked []string
	for _, assessor := range slices.Sorted(maps.Keys(who)) {
		login, err := y.SheetReopenOne(y.Context, query.SheetReopenOneParams{
			CycleID: y.id(), Unit: unit, Assessor: assessor, Marked: who[assessor], Remark: remark,
		})
		if err != nil {
			return 0, err
		}
		asked = append(asked, login)
	}
	if err := y.askAgain(unit, asked, key, remark); err != nil {
		return 0, err
	}
	return len(who), y.spreadState(unit, spreadAgain)
}

// assignAssessor names the third, who scores what the others scored too far apart; then the mean of all stands.
func (a *Activities) assignAssessor(ctx context.Context, in workflows.AssignAssessorInput) (workflows.SheetsResult, error) {
	return do(ctx, a, in.Act, func(y *year) (workflows.SheetsResult, error) {
		assessment, err := y.assessment(in.Unit)
		if err != nil {
			return workflows.SheetsResult{}, err
		}
		if assessment.Spread != spreadThird {
			return workflows.SheetsResult{}, store.Refuse("this unit does not wait for a third assessor (A8(6))")
		}
		if err := y.assignThird(in); err != nil {
			return workflows.SheetsResult{}, err
		}
		if err := y.spreadState(in.Unit, spreadSettled); err != nil {
			return workflows.SheetsResult{}, err
		}
		if err := y.FinishTask("A8(6)", thirdTask(in.Unit), in.Act.By, in.Assessor); err != nil {
			return workflows.SheetsResult{}, err
		}
		open, err := y.openSheets(in.Unit)
		return workflows.SheetsResult{Open: open}, err
	})
}

// assignThird gives the third those of the indicators that he has not scored himself; with the others the mean stands.
func (y *year) assignThird(in workflows.AssignAssessorInput) error {
	person, err := y.PersonGet(y.Context, query.PersonGetParams{CycleID: y.id(), Login: in.Assessor})
	if store.IsMissing(err) || err == nil && (person.Role != string(rules.Assessor) || person.ReplacedBy != "") {
		return store.Refuse(in.Assessor + " is no assessor of this cycle")
	}
	if err != nil {
		return err
	}
	if err := y.inheritsNoSheet(in); err != nil {
		return err
	}
	limit, _ := y.set.Plan.Scheme.Spread()
	wide, err := y.wide(in.Unit, limit)
	if err != nil {
		return err
	}
	var assignments []rules.Assignment
	var marked []string
	for _, indicator := range slices.Sorted(maps.Keys(wide)) {
		if !slices.Contains(wide[indicator], in.Assessor) {
			assignments = append(assignments, rules.Assignment{Unit: in.Unit, Indicator: indicator, Assessor: in.Assessor})
			marked = append(marked, indicator)
		}
	}
	if len(assignments) == 0 {
		return store.Refuse(in.Assessor + " is one of those who scored every one of these indicators: name somebody else (A8(6))")
	}
	if err := y.assign(assignments); err != nil {
		return err
	}
	const remark = "请作为第三方复核"
	login, err := y.SheetReopenOne(y.Context, query.SheetReopenOneParams{
		CycleID: y.id(), Unit: in.Unit, Assessor: in.Assessor, Marked: marked, Remark: remark,
	})
	if err != nil {
		return err
	}
	return y.askAgain(in.Unit, []string{login}, in.Act.ID, remark)
}

// inheritsNoSheet refuses a third who took over from one who scored the unit: that sheet is his if it is opened again.
func (y *year) inheritsNoSheet(in workflows.AssignAssessorInput) error {
	before, err := y.PersonPredecessors(y.Context, query.PersonPredecessorsParams{CycleID: y.id(), Login: in.Assessor})
	if err != nil {
		return err
	}
	for _, login := range before {
		_, err := y.SheetGet(y.Context, query.SheetGetParams{CycleID: y.id(), Unit: in.Unit, Assessor: login})
		switch {
		case err == nil:
			return store.Refuse(in.Assessor + " took over from " + login + ", who scored this unit: name somebody else (A8(6))")
		case !errors.Is(err, sql.ErrNoRows):
			return err
		}
	}
	return nil
}
