package rehearsal

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// Evaluators are the simulated people of a social evaluation.
type Evaluators struct {
	*Cast
	// Public is the address of the public's pages, on which the public and the representatives evaluate; empty is none.
	Public string

	evaluation rules.EvaluationPlan
	// proposals counts those that were made when anybody looked last.
	proposals int32
	// open says that ballots are taken and links are sent.
	open bool
}

// NewEvaluators casts the people of a social evaluation.
func NewEvaluators(ctx context.Context, office *office.Office, cycle query.Cycle, log *slog.Logger) (*Evaluators, error) {
	cast, err := NewCast(ctx, office, cycle, Script{}, nil, log)
	if err != nil {
		return nil, err
	}
	set, err := office.Store.DataSet(ctx, cycle)
	if err != nil {
		return nil, err
	}
	return &Evaluators{Cast: cast, evaluation: *set.Evaluation}, nil
}

// Cycle is the evaluation that they play.
func (e *Evaluators) Cycle() query.Cycle { return e.cycle }

// Play lets everybody act until the evaluation is over.
func (e *Evaluators) Play(ctx context.Context) error {
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	voted := make(chan error, 1)
	var voting sync.Once
	for {
		acts, over, err := e.look(ctx)
		switch {
		case err != nil && ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			e.log.Debug("nobody can look now", "error", err)
		case over:
			return nil
		default:
			if e.open && e.Public != "" {
				voting.Do(func() { go func() { voted <- e.vote(ctx) }() })
			}
			e.actAll(ctx, acts)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-voted:
			if err != nil {
				return err
			}
		case <-ticker.C:
		}
	}
}

// look finds what anybody would do now.
func (e *Evaluators) look(ctx context.Context) (acts []act, over bool, err error) {
	data, id := e.office.Store, e.cycle.CycleID
	cycle, err := data.CycleGet(ctx, query.CycleGetParams{CycleID: id})
	if err != nil || cycle.State != "running" {
		return nil, cycle.State == "closed" || cycle.State == "cancelled", err
	}
	evaluation, err := data.EvaluationGet(ctx, query.EvaluationGetParams{CycleID: id})
	if err != nil {
		return nil, false, err
	}
	tasks, err := data.TaskList(ctx, query.TaskListParams{CycleID: id, State: "open"})
	if err != nil {
		return nil, false, err
	}
	latest, err := data.ProposalLatest(ctx, query.ProposalLatestParams{CycleID: id})
	if err != nil && !store.IsMissing(err) {
		return nil, false, err
	}
	e.proposals = latest.Number
	today := calendar.DateOf(data.Now(cycle))
	e.open = evaluation.WindowState == "open" && today.After(evaluation.OpenOn)
	if e.open {
		acts = append(acts, e.importSurvey(evaluation.OpenOn, evaluation.OpenOn))
	}
	for _, task := range tasks {
		if made, ok := e.answer(task, today); ok {
			acts = append(acts, made)
		}
	}
	return acts, false, nil
}

// answer is what the person does for whom a task waits.
func (e *Evaluators) answer(task query.Task, today calendar.Date) (act, bool) {
	admin, leader := e.first(rules.Admin, ""), e.first(rules.Leader, "")
	key := "task/" + task.Key
	switch task.Kind {
	case "announce_evaluation", "telephone":
		return act{key, admin, func(ctx context.Context, desk *office.Desk, id string) error {
			return desk.FinishTask(ctx, id, task.Key, "已在门户网站、政务新媒体和政务大厅公告")
		}}, true
	case "record_province":
		return act{key, admin, func(ctx context.Context, desk *office.Desk, id string) error {
			return desk.RecordProvince(ctx, id, "省级社会评议已结束（演练）")
		}}, true
	case "review_tally":
		return act{fmt.Sprintf("propose after %d", e.proposals), admin, func(ctx context.Context, desk *office.Desk, id string) error { return desk.ProposeResults(ctx, id) }}, true
	case "approval":
		return act{key, leader, e.approve}, task.Role == string(rules.Leader)
	case "publish_results":
		return act{key, admin, func(ctx context.Context, desk *office.Desk, id string) error {
			return desk.PublishResults(ctx, id, true, "")
		}}, true
	case "decide_consequence":
		return act{key, leader, func(ctx context.Context, desk *office.Desk, id string) error {
			var number int
			if _, err := fmt.Sscanf(task.Key, "consequence/%d", &number); err != nil {
				return err
			}
			return desk.DecideConsequence(ctx, id, number, true, calendar.Date{}, store.Decision{
				Reason:    "社会评议结果为不满意",
				Interview: &store.Interview{Date: today, Persons: "单位分管负责人", Text: "指出评议反映的问题，提出改进要求"},
			})
		}}, true
	}
	return act{}, false
}

// approve returns the first tally with a comment, and approves the second.
func (e *Evaluators) approve(ctx context.Context, desk *office.Desk, id string) error {
	open, err := desk.OpenProposal(ctx)
	if err != nil {
		return err
	}
	if open.Number == 1 {
		return desk.ReturnProposal(ctx, id, nil, store.Comments{General: "请复核调查机构提供的原始答卷"}, calendar.Date{})
	}
	return desk.Approve(ctx, id, open.Digest)
}

// importSurvey adds a survey that an agency ran by telephone.
func (e *Evaluators) importSurvey(from, to calendar.Date) act {
	return act{"survey", e.first(rules.Admin, ""), func(ctx context.Context, desk *office.Desk, id string) error {
		_, err := desk.ImportSurvey(ctx, id, "survey.csv", []byte(e.survey()), office.SurveyFacts{
			Agency: "社情民意调查中心（演练）", From: from, To: to, Sample: "电话随机访问，每单位40人",
		})
		return err
	}}
}

// people asked about each unit, and how many of them leave the later questions out.
const (
	surveyed  = 40
	reticence = 20
)

// survey are the answers: most are satisfied with most units, hardly anybody with the last but one.
func (e *Evaluators) survey() string {
	questions := e.evaluation.Asked(e.rules)
	var text strings.Builder
	text.WriteString("unit")
	for _, question := range questions {
		text.WriteString("," + question.ID)
	}
	text.WriteString("\n")
	units := e.evaluation.Units
	for i, unit := range units {
		for person := range surveyed {
			text.WriteString(unit.Code)
			for at, question := range questions {
				text.WriteString(",")
				if answer := e.opinion(unit.Code, fmt.Sprint(person), question.ID, at, i == len(units)-2); answer >= 0 {
					text.WriteString(e.rules.Evaluation.Grades[answer].Name)
				}
			}
			text.WriteString("\n")
		}
	}
	return text.String()
}

// opinion is the place of somebody's answer among the grades, -1 for none.
func (e *Evaluators) opinion(unit, person, question string, at int, dissatisfied bool) int {
	mood := chance(unit, person, question)
	switch {
	case at > 0 && mood < reticence:
		return -1
	case dissatisfied || mood > 95:
		return len(e.rules.Evaluation.Grades) - 1
	case mood > 60+chance(unit)/3:
		return 1
	}
	return 0
}
