package activities

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/mail"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

// Tasks of an evaluation.
const (
	announceTask = "announce_evaluation"
	tallyTask    = "review_tally"
	publishTask  = "publish_results"
	provinceTask = "record_province"
)

// page is an address among the public pages of the evaluation (E9).
func (l links) page(below string) string {
	prefix := l.portal
	if l.cycle.Rehearsal > 0 {
		prefix += fmt.Sprintf("/rehearsal/%d", l.cycle.Rehearsal)
	}
	return fmt.Sprintf("%s/e/%s/%d%s", prefix, l.cycle.Authority, l.cycle.Year, below)
}

func (y *year) evaluation() (query.Evaluation, error) {
	return y.EvaluationGet(y.Context, query.EvaluationGetParams{CycleID: y.id()})
}

// claimEvaluation makes the year's evaluation the asking workflow's own and freezes its plan. It refuses with every
// reason at once.
func (a *Activities) claimEvaluation(ctx context.Context, in workflows.ClaimInput) (workflows.EvaluationClaim, error) {
	claim, err := do(ctx, a, in.Act, func(y *year) (workflows.EvaluationClaim, error) {
		none := workflows.EvaluationClaim{}
		if y.Cycle.State != "draft" {
			return none, store.Refuse(store.CycleName(y.Cycle) + " has been started already")
		}
		days, err := y.Days(y.set)
		if err != nil {
			return none, err
		}
		evaluation, err := y.evaluation()
		if err != nil {
			return none, err
		}
		if err := store.EvaluationFaults(y.set, a.Rules, evaluation.PublishOn, days, y.Cycle.Rehearsal > 0, in.Real).Err(); err != nil {
			return none, store.Refuse(err.Error())
		}
		clock, err := startClock(y.Cycle, days, evaluation.PublishOn, in)
		if err != nil {
			return none, err
		}
		y.At = clock.At(in.Real)
		policies, err := Policies(y.set.Phases())
		if err != nil {
			return none, err
		}
		return workflows.EvaluationClaim{
			ClaimResult: workflows.ClaimResult{Clock: clock, Policies: policies, Days: days},
			Evaluation:  datesOf(evaluation), AfterProvince: y.set.Evaluation.Timing == rules.AfterProvince,
		}, y.beginEvaluation(clock, in.Act)
	})
	if err != nil {
		return claim, err
	}
	claim.Consequences, err = a.undecided(ctx, in.Act.Cycle)
	return claim, err
}

func datesOf(evaluation query.Evaluation) workflows.EvaluationDates {
	return workflows.EvaluationDates{
		Publish: evaluation.PublishOn, Open: evaluation.OpenOn, Close: evaluation.CloseOn, ResultsDue: evaluation.ResultsDue,
	}
}

func (y *year) beginEvaluation(clock calendar.Clock, act workflows.Act) error {
	if err := y.startCycle(clock); err != nil {
		return err
	}
	if err := y.Share(sharedCycle, y.commonLetter(), "", nil); err != nil {
		return err
	}
	y.Record(store.Line{Event: "evaluation_started", Person: act.By, Article: "E8(1)", Data: y.startData()})
	if y.set.Evaluation.Timing != rules.AfterProvince {
		return nil
	}
	return y.OpenTask("E6", store.Task{Key: provinceTask, Kind: provinceTask, Role: string(rules.Admin)})
}

// recordProvince keeps the fact that the province's evaluation has ended: the authority's own follows it (E6). What is
// planned for a day that is over by then must be moved first.
func (a *Activities) recordProvince(ctx context.Context, in workflows.EvaluationStep) (workflows.Empty, error) {
	return do(ctx, a, in.Act, func(y *year) (workflows.Empty, error) {
		reason, err := y.reason(in.Act)
		if err != nil {
			return workflows.Empty{}, err
		}
		evaluation, err := y.evaluation()
		if err != nil {
			return workflows.Empty{}, err
		}
		if !y.today().Before(evaluation.OpenOn) {
			return workflows.Empty{}, store.Refuse(fmt.Sprintf("the window was to open on %s: move the dates first (E6)", evaluation.OpenOn))
		}
		if err := y.EvaluationProvince(ctx, query.EvaluationProvinceParams{CycleID: y.id(), Ended: y.today(), Note: reason}); err != nil {
			return workflows.Empty{}, err
		}
		return workflows.Empty{}, y.FinishTask("E6", provinceTask, in.Act.By, reason)
	})
}

// publishEvaluation tells every evaluated unit, with the weights and thresholds by which it will be judged, and asks the
// administrator to announce the evaluation where people look (E8(2), E10).
func (a *Activities) publishEvaluation(ctx context.Context, in workflows.EvaluationStep) (workflows.Empty, error) {
	return do(ctx, a, in.Act, func(y *year) (workflows.Empty, error) {
		evaluation, err := y.evaluation()
		if err != nil {
			return workflows.Empty{}, err
		}
		if err := y.Share("notice", y.evaluationNotice(evaluation), "", nil); err != nil {
			return workflows.Empty{}, err
		}
		units, err := y.UnitList(ctx, query.UnitListParams{CycleID: y.id()})
		if err != nil {
			return workflows.Empty{}, err
		}
		for _, unit := range units {
			if err := y.send(letter{kind: mail.KindEvaluationNotice, article: "E8(2)", key: unit.Code, shared: "notice", data: mail.Data{
				UnitName: unit.Name, Link: y.public.page(""),
			}}, unit.Code, "", unit.Email); err != nil {
				return workflows.Empty{}, err
			}
		}
		if err := y.OpenTask("E8(2)", store.Task{
			Key: announceTask, Kind: announceTask, Role: string(rules.Admin), Due: &evaluation.OpenOn, Detail: y.public.page(""),
		}); err != nil {
			return workflows.Empty{}, err
		}
		return workflows.Empty{}, y.CyclePhase(ctx, query.CyclePhaseParams{CycleID: y.id(), Phase: "published"})
	})
}

func (y *year) evaluationNotice(evaluation query.Evaluation) mail.Data {
	notice := y.commonLetter()
	notice.Issued, notice.Opens, notice.Due = y.today(), evaluation.OpenOn, evaluation.CloseOn
	for _, unit := range y.set.Evaluation.Units {
		notice.Units = append(notice.Units, unit.Name)
	}
	notice.Criteria = y.criteria()
	for _, name := range y.set.Evaluation.Publishes {
		notice.Publishes = append(notice.Publishes, rules.PublishNames[name])
	}
	return notice
}

// criteria are the weights, least numbers, points and thresholds of the plan, in words (E10).
func (y *year) criteria() []string {
	plan, terms := y.set.Evaluation, y.rules.Evaluation
	var lines []string
	for _, id := range slices.Sorted(maps.Keys(plan.Channels)) {
		channel := plan.Channels[id]
		lines = append(lines, fmt.Sprintf("%s权重%s，不少于%d票方可评定等次", terms.Channels.Name(id), channel.Weight, channel.MinBallots))
	}
	var points []string
	for _, grade := range terms.Grades {
		points = append(points, grade.Name+plan.AnswerPoints[grade.ID].Short()+"分")
	}
	lines = append(lines, "每项答复计分："+strings.Join(points, "，"))
	last := len(terms.Grades) - 1
	for _, grade := range terms.Grades[:last] {
		lines = append(lines, fmt.Sprintf("%s：评议指数%s分以上", grade.Name, plan.Thresholds[grade.ID].Short()))
	}
	return append(lines, terms.Grades[last].Name+"：低于以上分数")
}
