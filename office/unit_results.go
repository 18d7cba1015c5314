package office

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/mail"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// UnitResults are a unit's own released results (A8(7)): nothing of what is scored again for a correction shows before
// that is released, too.
type UnitResults struct {
	Unit query.Unit
	Year int
	// Released is false while there is nothing to show; then all that follows is empty.
	Released bool
	query.ResultOfUnitRow
	GradeName string
	// Lines add up to the total, each with its article.
	Lines []ExplanationLine
	Areas []AreaResult
	Lost  []LostPoints
	// Corrected is the result that this one corrects, with its bulletin; nil if there is none.
	Corrected *query.ResultOfUnitRow
	// CorrectedGrade is that result's, by name.
	CorrectedGrade string
	// Problems are those of the order that followed, once it is sent; Due is its time limit.
	Problems []ResultProblem
	Due      calendar.Date
	// Issued is when the feedback went out.
	Issued time.Time
	// PreviousYear are the indicators that judge the year before (A4).
	PreviousYear []rules.Indicator
	Authority    string
	RuleSet      *rules.RuleSet
	// Basis names the rules, and where there is one the document under which they go on (A16).
	Basis string
}

// ExplanationLine is one line of an explanation, with its indicator where it is of one.
type ExplanationLine struct {
	rules.Line
	// ArticleName is the article as the regulations number themselves.
	ArticleName string
	Indicator   string
	Content     string
}

// AreaResult is one content area (A6): the unit's points, their maximum, and the mean of the units of its category. Share
// and Mean are in thousandths of the maximum.
type AreaResult struct {
	Name        string
	Points, Max rules.Points
	Share, Mean int
}

// LostPoints are those lost on one indicator, with every assessor's reason; who it was is not told.
type LostPoints struct {
	rules.Indicator
	// Lost is what the mean lacks to the maximum.
	Lost    rules.Points
	Reasons []LostReason
}

// LostReason is one assessor's.
type LostReason struct {
	Lost   rules.Points
	Reason string
	Method string
	Place  string
	Seen   string
	On     calendar.Date
}

// ResultProblem is one of those that an order of rectification names (A13).
type ResultProblem struct {
	query.Problem
	MethodName string
}

// released is what a proposal came to for a unit.
func (d *Desk) released(ctx context.Context, unit string, number int32) (query.ResultOfUnitRow, error) {
	row, err := d.Store.ResultOfUnit(ctx, query.ResultOfUnitParams{CycleID: d.Cycle.CycleID, Number: number, Unit: unit})
	if err != nil {
		return row, fmt.Errorf("couldn't read result %d of %s: %w", number, unit, err)
	}
	return row, nil
}

// UnitResults are the released results of a unit, for its own people and the authority's (A8(7)).
func (d *Desk) UnitResults(ctx context.Context, code string) (UnitResults, error) {
	if err := d.mayRead(code); err != nil {
		return UnitResults{}, err
	}
	plan, err := d.plan(ctx)
	if err != nil {
		return UnitResults{}, err
	}
	set, err := d.ruleSet()
	if err != nil {
		return UnitResults{}, err
	}
	results := UnitResults{
		Year: plan.Scheme.Year, Authority: plan.Scheme.Authority.Name, RuleSet: set, Basis: basisOf(set, plan.Scheme.Extension),
		Released: d.Cycle.Released.Valid,
	}
	if results.Unit, err = d.Store.UnitGet(ctx, query.UnitGetParams{CycleID: d.Cycle.CycleID, Code: code}); err != nil || !results.Released {
		return results, missingUnit(err, code)
	}
	if results.ResultOfUnitRow, err = d.released(ctx, code, d.Cycle.Released.Int32); err != nil {
		return results, err
	}
	results.GradeName = set.GradeName(results.Grade)
	indicators := store.IndicatorsFor(plan, results.Unit.Category)
	for _, read := range []func(context.Context, *UnitResults, []rules.Indicator) error{
		d.readLines, d.readAreas, d.readLost, d.readCorrected, d.readOrdered, d.readIssue,
	} {
		if err := read(ctx, &results, indicators); err != nil {
			return results, err
		}
	}
	return results, nil
}

func basisOf(set *rules.RuleSet, extension *rules.Extension) string {
	if extension == nil {
		return mail.Basis(set.Title, set.Document, "")
	}
	return mail.Basis(set.Title, set.Document, extension.Document)
}

// readLines reads the explanation as it was released. It begins with a line for each indicator of the unit, in the
// scheme's order.
func (d *Desk) readLines(_ context.Context, r *UnitResults, indicators []rules.Indicator) error {
	var kept struct {
		Explanation []struct {
			Article string `json:"article"`
			Text    string `json:"text"`
			Points  string `json:"points"`
		} `json:"explanation"`
	}
	if err := json.Unmarshal(r.Result, &kept); err != nil {
		return fmt.Errorf("couldn't read the explanation of %s: %w", r.Unit.Code, err)
	}
	for i, line := range kept.Explanation {
		shown := ExplanationLine{Line: rules.Line{Article: line.Article, Text: line.Text}, ArticleName: mail.Article(line.Article)}
		digits, negative := strings.CutPrefix(line.Points, "-")
		points, err := rules.ParsePoints(digits)
		if err != nil {
			return fmt.Errorf("couldn't read the explanation of %s: %w", r.Unit.Code, err)
		}
		if shown.Points = points; negative {
			shown.Points = -points
		}
		if i < len(indicators) {
			shown.Indicator, shown.Content = indicators[i].Code, indicators[i].Content
			shown.Text += indicators[i].JudgedNote(r.Year)
		}
		r.Lines = append(r.Lines, shown)
		if i < len(indicators) && indicators[i].Judges == rules.PreviousYear {
			r.PreviousYear = append(r.PreviousYear, indicators[i])
		}
	}
	return nil
}

// readAreas sums the points of each area, the unit's own and its category's.
func (d *Desk) readAreas(ctx context.Context, r *UnitResults, indicators []rules.Indicator) error {
	sums, err := d.Store.ResultLineSums(ctx, query.ResultLineSumsParams{
		CycleID: d.Cycle.CycleID, Number: d.Cycle.Released.Int32, Category: r.Unit.Category, Lines: int32(len(indicators)),
	})
	if err != nil {
		return err
	}
	if len(sums) != len(indicators) || len(r.Lines) < len(indicators) {
		return fmt.Errorf("the explanation of %s has %d lines for %d indicators", r.Unit.Code, len(sums), len(indicators))
	}
	for _, term := range r.RuleSet.Areas {
		area := AreaResult{Name: term.Name}
		all, units := rules.Points(0), int64(1)
		for i, indicator := range indicators {
			if indicator.Area != term.ID {
				continue
			}
			area.Points += r.Lines[i].Points
			area.Max += indicator.Max
			all += rules.Points(sums[i].Points)
			units = sums[i].Units
		}
		area.Share, area.Mean = thousandths(area.Points, area.Max), thousandths(all, area.Max*rules.Points(units))
		r.Areas = append(r.Areas, area)
	}
	return nil
}

// thousandths is a share, rounded half up.
func thousandths(part, whole rules.Points) int {
	if whole == 0 {
		return 0
	}
	return int((2000*part + whole) / (2 * whole))
}

// readLost finds the reasons for the points lost in the sheets that the released proposal was made from.
func (d *Desk) readLost(ctx context.Context, r *UnitResults, indicators []rules.Indicator) error {
	made, err := d.Store.JournalOfNumber(ctx, query.JournalOfNumberParams{CycleID: d.Cycle.CycleID, Event: "proposal_made", Number: d.Cycle.Released.Int32})
	if err != nil {
		return fmt.Errorf("couldn't find when proposal %d was made: %w", d.Cycle.Released.Int32, err)
	}
	sheets, err := d.Store.SubmissionInForce(ctx, query.SubmissionInForceParams{CycleID: d.Cycle.CycleID, Unit: r.Unit.Code, At: made})
	if err != nil {
		return err
	}
	reasons, err := r.reasons(sheets, indicators)
	if err != nil {
		return err
	}
	for i, indicator := range indicators {
		if lost := indicator.Max - r.Lines[i].Points; lost > 0 || len(reasons[indicator.Code]) > 0 {
			r.Lost = append(r.Lost, LostPoints{Indicator: indicator, Lost: lost, Reasons: reasons[indicator.Code]})
		}
	}
	return nil
}

// reasons are those of all sheets by indicator, in an order that does not tell whose they are.
func (r *UnitResults) reasons(sheets []query.SubmissionInForceRow, indicators []rules.Indicator) (map[string][]LostReason, error) {
	maximum := map[string]rules.Points{}
	for _, indicator := range indicators {
		maximum[indicator.Code] = indicator.Max
	}
	reasons := map[string][]LostReason{}
	for _, sheet := range sheets {
		var scores []struct {
			Indicator, Reason, Method, Place, Seen string
			Points                                 int64
			On                                     calendar.Date `json:"checked_on"`
		}
		if err := json.Unmarshal(sheet.Scores, &scores); err != nil {
			return nil, fmt.Errorf("couldn't read a sheet of %s: %w", r.Unit.Code, err)
		}
		for _, score := range scores {
			if lost := maximum[score.Indicator] - rules.Points(score.Points); lost > 0 {
				reasons[score.Indicator] = append(reasons[score.Indicator], LostReason{
					Lost: lost, Reason: score.Reason, Method: r.RuleSet.Methods.Name(score.Method), Place: score.Place, Seen: score.Seen, On: score.On,
				})
			}
		}
	}
	for _, list := range reasons {
		slices.SortFunc(list, func(a, b LostReason) int {
			return cmp.Or(cmp.Compare(b.Lost, a.Lost), strings.Compare(a.Reason, b.Reason))
		})
	}
	return reasons, nil
}

func (d *Desk) readCorrected(ctx context.Context, r *UnitResults, _ []rules.Indicator) error {
	if !r.Corrects.Valid {
		return nil
	}
	old, err := d.released(ctx, r.Unit.Code, r.Corrects.Int32)
	r.Corrected, r.CorrectedGrade = &old, r.RuleSet.GradeName(old.Grade)
	return err
}

// readOrdered reads the problems of the order that followed from the results (A13); a draft is the authority's.
func (d *Desk) readOrdered(ctx context.Context, r *UnitResults, _ []rules.Indicator) error {
	key := query.RectificationGetParams{CycleID: d.Cycle.CycleID, Unit: r.Unit.Code}
	order, err := d.Store.RectificationGet(ctx, key)
	if store.IsMissing(err) || err == nil && order.State == "draft" {
		return nil
	}
	if err != nil {
		return err
	}
	problems, err := d.Store.ProblemList(ctx, query.ProblemListParams{CycleID: key.CycleID, Unit: key.Unit})
	for _, problem := range problems {
		r.Problems = append(r.Problems, ResultProblem{Problem: problem, MethodName: r.RuleSet.Methods.Name(problem.Method)})
	}
	r.Due = order.Due
	return err
}

func (d *Desk) readIssue(ctx context.Context, r *UnitResults, _ []rules.Indicator) error {
	var err error
	r.Issued, err = d.Store.JournalOfNumber(ctx, query.JournalOfNumberParams{
		CycleID: d.Cycle.CycleID, Event: "feedback_issued", Unit: r.Unit.Code, Number: d.Cycle.Released.Int32,
	})
	return err
}
