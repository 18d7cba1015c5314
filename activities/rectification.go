package activities

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/mail"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

// rectificationObligation is one for all orders of a unit: one mail reminds of them.
func rectificationObligation(unit string) string { return "rectification/" + unit }

func rectificationTask(unit string, number int) string {
	return fmt.Sprintf("rectification/%s/%d", unit, number)
}

// orderRectifications sends drafted orders with their time limit (A13). A draft without a problem left ends there.
func (a *Activities) orderRectifications(ctx context.Context, in workflows.OrderInput) (workflows.OrderResult, error) {
	result, err := do(ctx, a, in.Act, func(y *year) (workflows.OrderResult, error) {
		drafts, err := y.drafts(in.Units)
		if err != nil {
			return workflows.OrderResult{}, err
		}
		book, err := y.directory()
		if err != nil {
			return workflows.OrderResult{}, err
		}
		var result workflows.OrderResult
		for _, draft := range drafts {
			if draft.Due, err = y.limitAhead(draft.Due); err != nil {
				return workflows.OrderResult{}, err
			}
			ordered, err := y.order(book, draft, in.Act.By)
			if err != nil {
				return workflows.OrderResult{}, err
			}
			if ordered {
				result.Orders = append(result.Orders, workflows.Order{Unit: draft.Unit, Due: draft.Due})
			}
		}
		return result, y.endDrafting(in.Act.By)
	})
	if err != nil {
		return result, err
	}
	left, err := a.Store.RectificationDraftCount(ctx, query.RectificationDraftCountParams{CycleID: in.Act.Cycle.ID})
	result.Left = int(left)
	return result, err
}

func (y *year) drafts(units []string) ([]query.Rectification, error) {
	all, err := y.RectificationList(y.Context, query.RectificationListParams{CycleID: y.id()})
	if err != nil {
		return nil, err
	}
	drafted := map[string]query.Rectification{}
	var list []query.Rectification
	for _, row := range all {
		if row.State == "draft" {
			drafted[row.Unit] = row
			list = append(list, row)
		}
	}
	if len(units) == 0 {
		return list, nil
	}
	list = nil
	var reasons []string
	for _, unit := range once(units) {
		row, ok := drafted[unit]
		if !ok {
			reasons = append(reasons, "no order is drafted for "+unit)
		}
		list = append(list, row)
	}
	if len(reasons) > 0 {
		return nil, store.Refuse(reasons...)
	}
	return list, nil
}

func (y *year) endDrafting(by string) error {
	left, err := y.drafts(nil)
	if err != nil || len(left) > 0 {
		return err
	}
	return y.FinishTask("A13", draftTask, by, "")
}

func (y *year) order(book directory, draft query.Rectification, by string) (bool, error) {
	// What was taken out of the draft leaves no gap; from now on the numbers stand.
	if err := y.ProblemNumber(y.Context, query.ProblemNumberParams{CycleID: y.id(), Unit: draft.Unit, Rectification: draft.Number}); err != nil {
		return false, err
	}
	problems, err := y.ProblemList(y.Context, query.ProblemListParams{CycleID: y.id(), Unit: draft.Unit, Rectification: draft.Number})
	if err != nil {
		return false, err
	}
	key := query.RectificationStateParams{CycleID: y.id(), Unit: draft.Unit, Number: draft.Number, State: "ended"}
	if len(problems) == 0 {
		return false, y.RectificationState(y.Context, key)
	}
	if err := y.RectificationOrder(y.Context, query.RectificationOrderParams{CycleID: y.id(), Unit: draft.Unit, Number: draft.Number, Due: draft.Due}); err != nil {
		return false, err
	}
	number := int(draft.Number)
	y.Record(store.Line{
		Event: "rectification_ordered", Unit: draft.Unit, Person: by, Article: "A13",
		Data: map[string]any{"number": number, "due": draft.Due.String(), "problems": len(problems)},
	})
	due := draft.Due
	if err := y.OpenTask("A13", store.Task{Key: rectificationTask(draft.Unit, number), Kind: "rectification", Unit: draft.Unit, Due: &due}); err != nil {
		return false, err
	}
	return true, y.tellContacts(book, draft.Unit, func(unit query.Unit) letter {
		return letter{kind: "rectification_order", article: "A13", key: fmt.Sprintf("%s/%d", unit.Code, number), data: mail.Data{
			Due: due, Problems: y.problemsForUnit(problems), Link: y.links.to("units/%s/rectification/%d", unit.Code, number),
		}}
	})
}

// problemsForUnit are problems as a letter tells them.
func (y *year) problemsForUnit(problems []query.Problem) []mail.Problem {
	names := map[string]string{}
	for _, indicator := range y.set.Plan.Indicators {
		names[indicator.Code] = indicator.Content
	}
	var list []mail.Problem
	for _, problem := range problems {
		lost, text := "", problem.Problem
		if problem.Lost > 0 {
			lost = problem.Lost.String()
		}
		if problem.Indicator != "" {
			text = "指标" + problem.Indicator + " " + names[problem.Indicator] + "：" + text
		}
		list = append(list, mail.Problem{
			Number: strconv.Itoa(int(problem.Position)), Text: text, Method: y.rules.Methods.Name(problem.Method),
			Lost: lost, Repeated: problem.Repeated,
		})
	}
	return list
}

// Kinds of what a unit files.
const (
	filedMeasures = "measures"
	filedReport   = "report"
)

// fileMeasures takes the unit's measures (A13).
func (a *Activities) fileMeasures(ctx context.Context, in workflows.RectificationAct) (workflows.RectificationResult, error) {
	return a.file(ctx, in, "measures_filed", filedMeasures, func(y *year) error {
		return y.RectificationState(ctx, query.RectificationStateParams{CycleID: y.id(), Unit: in.Unit, Number: int32(in.Number), State: "measures"})
	})
}

// reportRectification takes the unit's report; from now on the authority is to act (A13).
func (a *Activities) reportRectification(ctx context.Context, in workflows.RectificationAct) (workflows.RectificationResult, error) {
	return a.file(ctx, in, "rectification_reported", filedReport, func(y *year) error {
		measures, err := y.FilingCount(ctx, query.FilingCountParams{CycleID: y.id(), Unit: in.Unit, Rectification: int32(in.Number), Kind: filedMeasures})
		if err != nil {
			return err
		}
		if measures == 0 {
			return store.Refuse("the measures come before the report (A13)")
		}
		if err := y.RectificationState(ctx, query.RectificationStateParams{CycleID: y.id(), Unit: in.Unit, Number: int32(in.Number), State: "reported"}); err != nil {
			return err
		}
		if err := y.FinishTask("A13", rectificationTask(in.Unit, in.Number), in.Act.By, ""); err != nil {
			return err
		}
		if err := y.OpenTask("A13", store.Task{Key: decideTask(in), Kind: "decide_rectification", Role: string(rules.Admin), Unit: in.Unit}); err != nil {
			return err
		}
		return y.rectified(in.Unit)
	})
}

// rectified ends the unit's reminders with its last open order.
func (y *year) rectified(unit string) error {
	rows, err := y.DueRectifications(y.Context, query.DueRectificationsParams{CycleID: y.id()})
	if err != nil || slices.ContainsFunc(rows, func(row query.DueRectificationsRow) bool { return row.Unit == unit }) {
		return err
	}
	return y.Withdraw(rectificationObligation(unit))
}

func decideTask(in workflows.RectificationAct) string {
	return fmt.Sprintf("decide_rectification/%s/%d", in.Unit, in.Number)
}

// file keeps what a unit filed with its evidence; the draft it was typed in is done with.
func (a *Activities) file(ctx context.Context, in workflows.RectificationAct, event, kind string, accept func(*year) error) (workflows.RectificationResult, error) {
	return do(ctx, a, in.Act, func(y *year) (workflows.RectificationResult, error) {
		none := workflows.RectificationResult{}
		var filing store.Filing
		if err := y.Content(in.Act.ID, &filing); err != nil {
			return none, err
		}
		if strings.TrimSpace(filing.Text) == "" {
			return none, store.Refuse("the text is missing (A13)")
		}
		if err := accept(y); err != nil {
			return none, err
		}
		data := map[string]any{"number": in.Number}
		if len(filing.Evidence) > 0 {
			data["evidence"] = len(filing.Evidence)
		}
		y.Record(store.Line{Event: event, Unit: in.Unit, Person: in.Act.By, Article: "A13", Data: data})
		return none, y.keepFiling(in, kind, filing)
	})
}

func (y *year) keepFiling(in workflows.RectificationAct, kind string, filing store.Filing) error {
	number := int32(in.Number)
	kept, err := y.FilingInsert(y.Context, query.FilingInsertParams{
		CycleID: y.id(), Unit: in.Unit, Rectification: number, Kind: kind, Content: filing.Text, Person: in.Act.By, At: y.At,
	})
	if err != nil {
		return err
	}
	rows := query.FilingEvidenceInsertParams{CycleID: y.id(), Unit: in.Unit, Rectification: number, Filing: kept}
	for i, evidence := range filing.Evidence {
		rows.Positions = append(rows.Positions, int32(i+1))
		rows.Names = append(rows.Names, evidence.Name)
		rows.Links = append(rows.Links, evidence.Link)
		rows.Sha256s = append(rows.Sha256s, evidence.SHA256)
		rows.Sizes = append(rows.Sizes, evidence.Size)
	}
	if err := y.FilingEvidenceInsert(y.Context, rows); err != nil {
		return err
	}
	return y.FilingDraftClear(y.Context, query.FilingDraftClearParams{CycleID: y.id(), Unit: in.Unit, Rectification: number, Kind: kind})
}

func (y *year) rectification(in workflows.RectificationAct) (query.Rectification, error) {
	row, err := y.RectificationGet(y.Context, query.RectificationGetParams{CycleID: y.id(), Unit: in.Unit, Number: int32(in.Number)})
	if errors.Is(err, sql.ErrNoRows) {
		return row, store.Missing(fmt.Sprintf("no rectification %d of %s", in.Number, in.Unit))
	}
	return row, err
}

// moveLimit gives a rectification a new time limit, also on the unit's task list.
func (y *year) moveLimit(of workflows.RectificationAct, to calendar.Date) error {
	if err := y.RectificationDue(y.Context, query.RectificationDueParams{CycleID: y.id(), Unit: of.Unit, Number: int32(of.Number), Due: to}); err != nil {
		return err
	}
	return y.TaskDue(y.Context, query.TaskDueParams{CycleID: y.id(), Key: rectificationTask(of.Unit, of.Number), Due: to})
}

// sendBack gives a report back with a reason and a new limit; the second time an interview is proposed (A13, A14).
func (a *Activities) sendBack(ctx context.Context, in workflows.RectificationAct) (workflows.RectificationResult, error) {
	return do(ctx, a, in.Act, func(y *year) (workflows.RectificationResult, error) {
		none := workflows.RectificationResult{}
		reason, err := y.reason(in.Act)
		var past error
		if !in.Due.After(y.today()) {
			past = store.Refuse(fmt.Sprintf("the new limit %s is not after today", in.Due))
		}
		if err := together(err, past, y.published(workflows.PhaseRectification, in.Due)); err != nil {
			return none, err
		}
		if err := y.backToUnit(in, reason); err != nil {
			return none, err
		}
		row, err := y.rectification(in)
		if err != nil || row.SentBack != 2 {
			return none, err
		}
		number, err := y.proposeNext(in, "sent_back_twice")
		return workflows.RectificationResult{Proposed: number}, err
	})
}

func (y *year) backToUnit(in workflows.RectificationAct, reason string) error {
	number := int32(in.Number)
	if err := y.RectificationSendBack(y.Context, query.RectificationSendBackParams{CycleID: y.id(), Unit: in.Unit, Number: number, Reason: reason}); err != nil {
		return err
	}
	if err := y.moveLimit(in, in.Due); err != nil {
		return err
	}
	y.Record(store.Line{
		Event: "rectification_sent_back", Unit: in.Unit, Person: in.Act.By, Article: "A13",
		Data: map[string]any{"number": in.Number, "reason": reason, "due": in.Due.String()},
	})
	if err := y.FinishTask("A13", decideTask(in), in.Act.By, ""); err != nil {
		return err
	}
	if err := y.OpenTask("A13", store.Task{Key: rectificationTask(in.Unit, in.Number), Kind: "rectification", Unit: in.Unit, Due: &in.Due, Detail: reason}); err != nil {
		return err
	}
	return y.tellUnit(in.Unit, func(unit query.Unit) letter {
		return letter{kind: "rectification_sent_back", article: "A13", key: in.Act.ID, data: mail.Data{
			Reason: reason, Due: in.Due, Link: y.links.to("units/%s/rectification/%d", unit.Code, in.Number),
		}}
	})
}

// acceptRectification accepts a report after each problem was looked at again by the method that found it (A13).
func (a *Activities) acceptRectification(ctx context.Context, in workflows.RectificationAct) (workflows.RectificationResult, error) {
	return do(ctx, a, in.Act, func(y *year) (workflows.RectificationResult, error) {
		none := workflows.RectificationResult{}
		if err := y.recheck(in); err != nil {
			return none, err
		}
		if err := y.RectificationState(ctx, query.RectificationStateParams{CycleID: y.id(), Unit: in.Unit, Number: int32(in.Number), State: "accepted"}); err != nil {
			return none, err
		}
		y.Record(store.Line{Event: "rectification_accepted", Unit: in.Unit, Person: in.Act.By, Article: "A13", Data: map[string]any{"number": in.Number}})
		return none, y.FinishTask("A13", decideTask(in), in.Act.By, "")
	})
}

func (y *year) recheck(in workflows.RectificationAct) error {
	var acceptance store.Acceptance
	if err := y.Content(in.Act.ID, &acceptance); err != nil {
		return err
	}
	given := map[int]store.Recheck{}
	for _, recheck := range acceptance.Rechecks {
		given[recheck.Position] = recheck
	}
	problems, err := y.ProblemList(y.Context, query.ProblemListParams{CycleID: y.id(), Unit: in.Unit, Rectification: int32(in.Number)})
	if err != nil {
		return err
	}
	var reasons []string
	for _, problem := range problems {
		recheck := given[int(problem.Position)]
		switch {
		case recheck.Method != problem.Method:
			reasons = append(reasons, fmt.Sprintf("problem %d needs a re-check by %s, the method that found it (A13)", problem.Position, problem.Method))
			continue
		case strings.TrimSpace(recheck.Seen) == "":
			reasons = append(reasons, fmt.Sprintf("what was seen of problem %d is missing (A13)", problem.Position))
			continue
		}
		if _, err := y.ProblemRecheck(y.Context, query.ProblemRecheckParams{
			CycleID: y.id(), Unit: in.Unit, Rectification: int32(in.Number), Position: problem.Position,
			Method: recheck.Method, Person: in.Act.By, Seen: recheck.Seen,
		}); err != nil {
			return err
		}
	}
	if len(reasons) > 0 {
		return store.Refuse(reasons...)
	}
	return nil
}
