package rehearsal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

// people are those of a role, in the order of the list.
func (c *Cast) people(role rules.Role, unit string) []rules.Person {
	var list []rules.Person
	for _, person := range c.plan.People {
		if person.Role == role && (unit == "" || person.Unit == unit) {
			list = append(list, person)
		}
	}
	return list
}

func (c *Cast) first(role rules.Role, unit string) string {
	if people := c.people(role, unit); len(people) > 0 {
		return people[0].Login
	}
	return ""
}

// claim enters bonus and deduction with their own dates, and has them confirmed by a second person (A10, A11).
func (s *scene) claim() []act {
	claims := claims(s.plan, s.rules)
	if len(s.adjustments) >= len(claims) && !s.undecided() {
		return nil
	}
	var acts []act
	admins := s.people(rules.Admin, "")
	proposer, confirmer := admins[0].Login, admins[len(admins)-1].Login
	if proposer == confirmer {
		proposer = s.first(rules.Assessor, "")
	}
	states := map[string]string{}
	for _, adjustment := range s.adjustments {
		states[adjustment.AdjustmentID.String()] = adjustment.State
	}
	for i, claim := range claims {
		id := uuid.NewSHA1(uuid.NameSpaceURL, fmt.Appendf(nil, "%d/%d", s.cycle.CycleID, i)).String()
		switch states[id] {
		case "":
			acts = append(acts, act{"claim/" + id, proposer, func(ctx context.Context, desk *office.Desk, key string) error {
				return desk.ProposeAdjustment(ctx, key, store.Adjustment{
					ID: id, Unit: claim.unit, Clause: claim.clause, Date: claimDate(s.plan.Scheme.Year), Event: claim.event, Evidence: "通报文件复印件（演练）",
				})
			}})
		case "proposed":
			acts = append(acts, act{"decide-claim/" + id, confirmer, func(ctx context.Context, desk *office.Desk, key string) error {
				if claim.rejected {
					return desk.RejectAdjustment(ctx, key, id, "佐证材料与事项不符")
				}
				return desk.ConfirmAdjustment(ctx, key, id, "")
			}})
		}
	}
	return acts
}

func (s *scene) undecided() bool {
	return slices.ContainsFunc(s.adjustments, func(a query.Adjustment) bool { return a.State == "proposed" })
}

// report lets units write and submit their self-reports (A8(5)).
func (s *scene) report() []act {
	var acts []act
	for i, unit := range s.plan.Units {
		contact := s.first(rules.Contact, unit.Code)
		assessment, report := s.assessments[unit.Code], s.reports[unit.Code]
		if report.State == "submitted" || assessment.State == "waiting" || assessment.State == "closed" || !s.wantsToReport(i, unit.Code) {
			continue
		}
		revision := max(report.Revision, 1)
		acts = append(acts, act{fmt.Sprintf("report/%s/%d", unit.Code, revision), contact, func(ctx context.Context, desk *office.Desk, key string) error {
			if s.byPage(contact) {
				return s.reportByPage(ctx, contact, unit)
			}
			if err := s.writeReport(ctx, desk, unit); err != nil {
				return err
			}
			_, err := desk.SubmitReport(ctx, key)
			return err
		}})
	}
	return acts
}

func (s *scene) wantsToReport(i int, unit string) bool {
	assessment := s.assessments[unit]
	switch unit {
	case s.script.Never:
		return false
	case s.script.Late:
		return assessment.State == "review"
	case s.script.Extended:
		return assessment.ReportDue.After(s.dates.SelfReportDue) || s.done["extend/"+unit+"/refused"]
	case s.script.Returned:
		if s.reports[unit].Revision > 1 {
			return true
		}
	}
	if i%5 == 0 {
		return s.reminded["self_report_reminder/"+unit] || assessment.State == "review"
	}
	share := 5 + chance(unit, "report")*7/10
	return !s.now.Before(between(s.dates.Notice.At(9, 0), s.dates.SelfReportDue.End(), share))
}

func (s *scene) writeReport(ctx context.Context, desk *office.Desk, unit rules.Unit) error {
	evidence, err := desk.AttachFile(ctx, evidenceName, bytes.NewReader(evidenceFile(unit)))
	if err != nil {
		return err
	}
	var items []office.ReportItem
	for i, indicator := range store.IndicatorsFor(s.plan, unit.Category) {
		item := office.ReportItem{
			Indicator: indicator.Code, Statement: statement(indicator), SelfScore: selfScore(unit.Code, indicator),
			Evidence: []office.Evidence{{Name: "公开页面", Link: evidenceLink(indicator)}},
		}
		if i == 0 {
			item.Evidence = append(item.Evidence, evidence)
		}
		items = append(items, item)
	}
	return desk.SaveReport(ctx, items)
}

// What units say and show of an indicator.
const evidenceName = "佐证材料.txt"

func statement(indicator rules.Indicator) string { return "已按要求落实：" + indicator.Content }

func evidenceLink(indicator rules.Indicator) string {
	return "https://www.example.cn/zwgk/" + indicator.Code
}

func evidenceFile(unit rules.Unit) []byte {
	return []byte(unit.Name + "政务公开工作佐证材料（演练）\n")
}

// administer returns one report, extends one deadline, and telephones where mail is refused (A8(4), A8(5)).
func (s *scene) administer() []act {
	admin := s.first(rules.Admin, "")
	var acts []act
	if unit := s.script.Returned; unit != "" && s.reports[unit].State == "submitted" && s.reports[unit].Revision == 1 {
		acts = append(acts, act{"return/" + unit, admin, func(ctx context.Context, desk *office.Desk, key string) error {
			due, err := s.days.Add(s.today(), 3)
			if err == nil {
				err = desk.ReturnReport(ctx, key, unit, due, "第3.1项佐证材料缺失，请补正")
			}
			return s.skipIfRefused("return/"+unit, err)
		}})
	}
	if unit := s.script.Extended; unit != "" && s.assessments[unit].State == "reporting" && s.assessments[unit].ReportDue == s.dates.SelfReportDue {
		acts = append(acts, act{"extend/" + unit, admin, func(ctx context.Context, desk *office.Desk, key string) error {
			due, err := s.days.Add(s.dates.SelfReportDue, 2)
			if err == nil {
				err = desk.Extend(ctx, key, unit, workflows.PhaseSelfReport, due, "机构搬迁，申请延期")
			}
			return s.skipIfRefused("extend/"+unit, err)
		}})
	}
	for _, task := range s.tasks {
		if task.Kind == "telephone" || task.Kind == "report_overdue" || task.Kind == "review_overdue" {
			acts = append(acts, act{"task/" + task.Key, admin, func(ctx context.Context, desk *office.Desk, key string) error {
				return desk.FinishTask(ctx, key, task.Key, "已电话通知")
			}})
		}
	}
	return acts
}

// skipIfRefused gives a situation up that this data set has no room for: the unit goes on as any other.
func (s *scene) skipIfRefused(key string, err error) error {
	var unpublished *calendar.UnpublishedError
	if store.KindOf(err) != store.Refused && !errors.As(err, &unpublished) {
		return err
	}
	s.log.Debug("this situation does not fit the data set", "act", key, "reason", err)
	return skippedError{key}
}

// limit is the day that many working days from today, if its escalation needs no year that nobody has published: at the
// end of those there is no room for a new limit.
func (s *scene) limit(of rules.Policy, count int) (calendar.Date, bool) {
	day, err := s.days.Add(s.today(), count)
	if err == nil {
		_, err = calendar.Policy{EscalateWorkingDaysAfter: of.EscalateWorkingDaysAfter}.EscalationDay(s.days, day)
	}
	return day, err == nil
}

// skippedError says that a situation is given up.
type skippedError struct{ key string }

func (e skippedError) Error() string { return e.key + " does not fit" }

// score lets assessors fill and submit their open sheets (A8(6)).
func (s *scene) score() []act {
	var acts []act
	for _, sheet := range s.sheets {
		if !s.wantsToScore(sheet) {
			continue
		}
		key := fmt.Sprintf("sheet/%s/%s/%d", sheet.Unit, sheet.Assessor, sheet.Submissions+1)
		acts = append(acts, act{key, sheet.Assessor, func(ctx context.Context, desk *office.Desk, key string) error {
			if s.byPage(sheet.Assessor) {
				return s.scoreByPage(ctx, sheet)
			}
			if err := s.fillSheet(ctx, desk, sheet); err != nil {
				return err
			}
			return desk.SubmitSheet(ctx, key, sheet.Unit)
		}})
	}
	for _, task := range s.tasks {
		if task.Kind == "third_assessor" {
			acts = append(acts, s.nameThird(task.Unit))
		}
	}
	return acts
}

// wantsToScore waits for reports that are known to come: points must not depend on who is faster.
func (s *scene) wantsToScore(sheet query.SheetListRow) bool {
	report := s.reports[sheet.Unit]
	switch sheet.Unit {
	case s.script.Late:
		return report.State == "submitted"
	case s.script.Returned:
		return report.State == "submitted" && (report.Revision > 1 || s.done["return/"+sheet.Unit+"/refused"])
	case s.script.Never:
		return s.escalated(sheet.Unit)
	}
	if c := s.Cast; sheet.Unit == c.pageUnit() && c.byPage(c.first(rules.Contact, sheet.Unit)) && report.State != "submitted" {
		return false // a page takes longer to fill in
	}
	if sheet.Submissions > 0 {
		return true
	}
	share := chance(sheet.Unit, sheet.Assessor, "when") * 6 / 10
	return !s.now.Before(between(s.dates.Notice.At(9, 0), s.dates.ReviewDue.Start(), share))
}

// escalated tells whether the day is over on which a missing report goes up to the unit's head: nobody gives points
// before (A8(5)).
func (s *scene) escalated(unit string) bool {
	after := max(1, s.plan.Scheme.Reminders.SelfReport.EscalateWorkingDaysAfter)
	day, err := s.days.Add(s.assessments[unit].ReportDue, after)
	return err != nil || s.today().After(day)
}

func (s *scene) fillSheet(ctx context.Context, desk *office.Desk, sheet query.SheetListRow) error {
	filled, err := desk.Sheet(ctx, sheet.Unit)
	if err != nil {
		return err
	}
	var scores []office.Score
	for _, item := range filled.Items {
		scores = append(scores, s.scoreOf(sheet, item.Indicator.Code))
	}
	return desk.SaveSheet(ctx, sheet.Unit, scores)
}

// scoreOf is what the sheet's assessor gives for one indicator, with its check.
func (s *scene) scoreOf(sheet query.SheetListRow, code string) office.Score {
	at := slices.IndexFunc(s.plan.Indicators, func(i rules.Indicator) bool { return i.Code == code })
	indicator := s.plan.Indicators[at]
	given := points(sheet.Unit, indicator, sheet.Assessor, sheet.Spread == "again")
	score := office.Score{
		Indicator: code, Points: &given, Method: indicator.Methods[0], Place: "单位网站政务公开专栏及台账",
		CheckedOn: s.today(), Seen: "抽查近三个月公开情况",
	}
	if given < indicator.Max {
		score.Reason = reasonFor(indicator)
	}
	return score
}

// nameThird tries assessors until one is allowed: not of the unit, and none of those who scored.
func (s *scene) nameThird(unit string) act {
	return act{"third/" + unit, s.first(rules.Admin, ""), func(ctx context.Context, desk *office.Desk, key string) error {
		var err error
		for _, person := range s.people(rules.Assessor, "") {
			if err = desk.AssignThird(ctx, key+"/"+person.Login, unit, person.Login); err == nil {
				return nil
			}
		}
		return err
	}}
}

// decide lets the leader return two units once, and then approve the digest (A8(6)).
func (s *scene) decide() []act {
	if s.proposal == nil {
		return nil
	}
	proposal := *s.proposal
	leader := s.first(rules.Leader, "")
	_, room := s.limit(s.plan.Scheme.Reminders.Review, s.plan.Scheme.ReturnWorkingDays)
	if proposal.Number == 1 && len(s.script.Reviewed) > 0 && room {
		return []act{{"return-proposal", leader, func(ctx context.Context, desk *office.Desk, key string) error {
			comments := map[string]string{}
			for _, unit := range s.script.Reviewed {
				comments[unit] = "请复核依申请公开部分的评分依据"
			}
			if s.byPage(leader) {
				return s.returnByPage(ctx, leader, proposal.Number, comments)
			}
			return desk.ReturnProposal(ctx, key, s.script.Reviewed, store.Comments{Units: comments}, calendar.Date{})
		}}}
	}
	return []act{{fmt.Sprintf("approve/%d", proposal.Number), leader, func(ctx context.Context, desk *office.Desk, key string) error {
		if s.byPage(leader) {
			return s.approveByPage(ctx, leader, proposal.Number)
		}
		return desk.Approve(ctx, key, proposal.Digest)
	}}}
}
