package activities

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/mail"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

// reopen begins units' reviews anew and tells their assessors, each in one mail.
func (y *year) reopen(units []string, due calendar.Date, key string, remark func(string) string) (workflows.UnitsResult, error) {
	none := workflows.UnitsResult{}
	units = once(units)
	if err := y.mayReopen(units, due); err != nil {
		return none, err
	}
	if err := y.CyclePhase(y.Context, query.CyclePhaseParams{CycleID: y.id(), Phase: "assessment"}); err != nil {
		return none, err
	}
	if err := y.AssessmentReopen(y.Context, query.AssessmentReopenParams{CycleID: y.id(), Units: units, ReviewDue: due}); err != nil {
		return none, err
	}
	var result workflows.UnitsResult
	for _, unit := range units {
		if _, err := y.SheetReopen(y.Context, query.SheetReopenParams{CycleID: y.id(), Units: []string{unit}, Remark: remark(unit)}); err != nil {
			return none, err
		}
		assessment, err := y.assessment(unit)
		if err != nil {
			return none, err
		}
		result.Units = append(result.Units, workflows.UnitGeneration{Unit: unit, Generation: int(assessment.Generation)})
	}
	return result, y.tellReopened(units, due, key, remark)
}

// mayReopen wants units of the cycle, and a date that their reviews can have.
func (y *year) mayReopen(units []string, due calendar.Date) error {
	reasons := y.unknown(once(units))
	if len(units) == 0 {
		reasons = append(reasons, "no unit is named: say whose review begins anew")
	}
	if len(reasons) == 0 {
		return y.newReviewDate(due)
	}
	return together(store.Refuse(reasons...), y.newReviewDate(due))
}

func (y *year) newReviewDate(due calendar.Date) error {
	var past error
	if !due.After(y.today()) {
		past = store.Refuse(fmt.Sprintf("the new review date %s is not after today", due))
	}
	return together(past, y.published(workflows.PhaseReview, due))
}

// once is a list of units without those that were named twice: each is one workflow.
func once(units []string) []string {
	var list []string
	for _, unit := range units {
		if !slices.Contains(list, unit) {
			list = append(list, unit)
		}
	}
	return list
}

// unknown names every unit that is none of the cycle's.
func (y *year) unknown(units []string) []string {
	var reasons []string
	for _, code := range units {
		if !slices.ContainsFunc(y.set.Plan.Units, func(unit rules.Unit) bool { return unit.Code == code }) {
			reasons = append(reasons, "no unit "+code)
		}
	}
	return reasons
}

// tellReopened tells the assessors of reopened sheets why, each of his own.
func (y *year) tellReopened(units []string, due calendar.Date, key string, remark func(string) string) error {
	reason := strings.TrimSpace(remark(""))
	if reason == "" {
		reason = "审定意见见各单位说明"
	}
	return y.tellAssessors(units, letter{kind: "review_reopened", key: key, data: mail.Data{Due: due, Reason: reason}}, remark)
}

// tellLaterReview tells the assessors whose sheets are out that these have a later date.
func (y *year) tellLaterReview(units []string, due calendar.Date, key, reason string) error {
	out := letter{kind: "deadline_extended", key: key, data: mail.Data{Due: due, Reason: reason, Phase: phaseNames[workflows.PhaseReview]}}
	return y.tellAssessors(units, out, func(string) string { return "" })
}

// tellAssessors writes one mail to each assessor with sheets of these units that are not in; it lists them, each with the
// remark on its unit.
func (y *year) tellAssessors(units []string, out letter, remark func(string) string) error {
	book, err := y.directory()
	if err != nil {
		return err
	}
	sheets, err := y.SheetList(y.Context, query.SheetListParams{CycleID: y.id()})
	if err != nil {
		return err
	}
	items := map[string][]mail.Item{}
	for _, sheet := range sheets {
		if sheet.State != "submitted" && slices.Contains(units, sheet.Unit) {
			items[sheet.Assessor] = append(items[sheet.Assessor], mail.Item{Title: book.byCode[sheet.Unit].Name, Detail: remark(sheet.Unit), Due: out.data.Due})
		}
	}
	out.article, out.data.Link = "A8(6)", y.links.to("sheets")
	key := out.key
	for _, assessor := range book.role(rules.Assessor) {
		if len(items[assessor.Login]) == 0 {
			continue
		}
		out.key, out.data.Items = key+"/"+assessor.Login, items[assessor.Login]
		if err := y.queue(out, "", assessor); err != nil {
			return err
		}
	}
	return nil
}

// askAgain tells assessors that a unit's sheet is with them again in the middle of its review. The day may be over by
// then: what the administrator was told of it before, he may have to hear again.
func (y *year) askAgain(unit string, assessors []string, key, remark string) error {
	book, err := y.directory()
	if err != nil {
		return err
	}
	assessment, err := y.assessment(unit)
	if err != nil {
		return err
	}
	for _, login := range assessors {
		person, ok := book.person(login)
		if !ok {
			return fmt.Errorf("assessor %s is nobody of this cycle", login)
		}
		if err := y.TaskForget(y.Context, query.TaskForgetParams{CycleID: y.id(), Key: overdueReviewTask(login)}); err != nil {
			return err
		}
		out := letter{kind: "review_reopened", article: "A8(6)", key: key + "/" + login, data: mail.Data{
			Items: []mail.Item{{Title: book.byCode[unit].Name, Detail: remark, Due: assessment.ReviewDue}}, Link: y.links.to("sheets"),
		}}
		if !assessment.ReviewDue.Before(y.today()) {
			out.data.Due = assessment.ReviewDue
		}
		if err := y.queue(out, "", person); err != nil {
			return err
		}
	}
	return nil
}

// reopenUnits begins units' reviews anew while a proposal is open: whatever changes a score voids it.
func (a *Activities) reopenUnits(ctx context.Context, in workflows.ReopenInput) (workflows.UnitsResult, error) {
	return do(ctx, a, in.Act, func(y *year) (workflows.UnitsResult, error) {
		reason, err := y.reason(in.Act)
		open, none := y.openNow()
		if err := together(err, none, y.mayReopen(in.Units, in.ReviewDue)); err != nil {
			return workflows.UnitsResult{}, err
		}
		if err := y.void(int(open.Number), in.Act.By, reason); err != nil {
			return workflows.UnitsResult{}, err
		}
		return y.reopenByHand(in.Units, in.ReviewDue, in.Act, reason)
	})
}

// reopenByHand begins units' reviews anew as the administrator wants it: the journal tells each unit's new date.
func (y *year) reopenByHand(units []string, due calendar.Date, act workflows.Act, reason string) (workflows.UnitsResult, error) {
	result, err := y.reopen(units, due, act.ID, func(string) string { return reason })
	for _, unit := range result.Units {
		y.Record(store.Line{
			Event: "deadline_extended", Unit: unit.Unit, Person: act.By, Article: extendedArticle(workflows.PhaseReview),
			Data: map[string]any{"phase": workflows.PhaseReview, "to": due.String(), "reason": reason, "reopened": true},
		})
	}
	return result, err
}
