package rehearsal

import (
	"context"
	"fmt"
	"slices"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// order edits the first drafted problem and sends all orders (A13).
func (s *scene) order() []act {
	if !slices.ContainsFunc(s.tasks, func(task query.Task) bool { return task.Kind == "order_rectifications" }) {
		return nil
	}
	return []act{{"order", s.first(rules.Admin, ""), func(ctx context.Context, desk *office.Desk, key string) error {
		drafted, err := desk.DraftedProblems(ctx)
		if err != nil {
			return err
		}
		if len(drafted) > 0 {
			first := drafted[0]
			if err := desk.EditProblem(ctx, key+"/edit", first.Unit, int(first.Position), first.Problem.Problem+EditedProblem); err != nil {
				return err
			}
		}
		return desk.OrderRectifications(ctx, key)
	}}}
}

// EditedProblem is what the administrator adds to a drafted problem.
const EditedProblem = "，请附整改前后对照材料"

// rectify lets units file measures and report; the overdue one only after its interview (A13, A14).
func (s *scene) rectify() []act {
	var acts []act
	for _, order := range s.orders {
		contact := s.first(rules.Contact, order.Unit)
		number := int(order.Number)
		key := fmt.Sprintf("rectification/%s/%d/%s/%d", order.Unit, number, order.State, order.SentBack)
		if !s.wantsToRectify(order) {
			continue
		}
		switch order.State {
		case "ordered":
			acts = append(acts, act{key, contact, func(ctx context.Context, desk *office.Desk, key string) error {
				return desk.FileMeasures(ctx, key, number, "明确责任人，逐项整改，建立台账")
			}})
		case "measures", "sent_back":
			acts = append(acts, act{key, contact, func(ctx context.Context, desk *office.Desk, key string) error {
				return desk.ReportRectification(ctx, key, number, "所列问题已整改到位，附整改前后对照")
			}})
		}
	}
	return acts
}

func (s *scene) wantsToRectify(order query.Rectification) bool {
	if order.Unit == s.script.Overdue && order.Number == 0 {
		return slices.ContainsFunc(s.sanctions, func(c query.Consequence) bool { return c.Unit == order.Unit && c.State == "imposed" })
	}
	if order.State != "measures" {
		return true
	}
	share := 10 + chance(order.Unit, "rectify")*8/10
	return !s.now.Before(between(s.dates.ApprovalDue.Start(), s.dates.RectificationDue.Start(), share))
}

// judge lets the administrator accept reports after re-checks, send one back, and decide what is proposed (A13, A14).
func (s *scene) judge() []act {
	admin := s.first(rules.Admin, "")
	var acts []act
	for _, order := range s.orders {
		if order.State != "reported" {
			continue
		}
		number := int(order.Number)
		key := fmt.Sprintf("judge/%s/%d/%d", order.Unit, number, order.SentBack)
		acts = append(acts, act{key, admin, func(ctx context.Context, desk *office.Desk, key string) error {
			_, room := s.limit(s.plan.Scheme.Reminders.Rectification, s.plan.Scheme.ReturnWorkingDays)
			if order.Unit == s.script.SentBack && number == 0 && order.SentBack == 0 && room {
				return desk.SendBackRectification(ctx, key, order.Unit, number, calendar.Date{}, "整改报告未附佐证材料")
			}
			return s.accept(ctx, desk, key, order)
		}})
	}
	for _, sanction := range s.sanctions {
		if sanction.State == "proposed" {
			acts = append(acts, s.sanction(admin, sanction))
		}
	}
	return acts
}

func (s *scene) accept(ctx context.Context, desk *office.Desk, key string, order query.Rectification) error {
	problems, err := desk.Problems(ctx, order.Unit, int(order.Number))
	if err != nil {
		return err
	}
	var rechecks []store.Recheck
	for _, problem := range problems {
		rechecks = append(rechecks, store.Recheck{Position: int(problem.Position), Method: problem.Method, Seen: "复查已整改"})
	}
	return desk.AcceptRectification(ctx, key, order.Unit, int(order.Number), rechecks)
}

// sanction imposes an interview; what is harsher is waived with a reason, if the unit has rectified meanwhile, and so is
// what would need a limit for which there is no room.
func (s *scene) sanction(admin string, sanction query.Consequence) act {
	return act{fmt.Sprintf("sanction/%d", sanction.Number), admin, func(ctx context.Context, desk *office.Desk, key string) error {
		due, room := s.limit(s.plan.Scheme.Reminders.Rectification, 5)
		if sanction.Kind != "interview" || !room {
			return desk.DecideConsequence(ctx, key, int(sanction.Number), false, calendar.Date{}, store.Decision{Reason: "已督促整改，暂不予追究"})
		}
		return desk.DecideConsequence(ctx, key, int(sanction.Number), true, due, store.Decision{
			Reason:    "逾期未报送整改报告",
			Interview: &store.Interview{Date: s.today(), Persons: "单位分管负责人、市政务公开办公室负责人", Text: "就整改逾期问题进行约谈，要求限期完成"},
		})
	}}
}
