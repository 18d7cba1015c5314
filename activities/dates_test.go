package activities

import (
	"fmt"
	"testing"
	"time"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/workflows"
)

func (b *bundle) moving(t *testing.T, phase, reason string, month time.Month, dayOfMonth int) workflows.MoveDateInput {
	t.Helper()
	return workflows.MoveDateInput{Act: b.asked(t, "admin", store.Reason{Reason: reason}), Phase: phase, To: day(month, dayOfMonth)}
}

// versions are the scheme's dates, each version with who changed it and why.
func (b *bundle) versions(t *testing.T) string {
	t.Helper()
	return b.column(t, `SELECT version || ':' || self_report_due || '/' || review_due || '/' || approval_due || '/' || rectification_due || ':' || person || ':' || reason FROM scheme_versions`)
}

// A date moved for all is a new version with its reason; units with a later date of their own keep it (A8(3)).
func TestTheReportsDateIsMovedForAll(t *testing.T) {
	t.Parallel()
	b := noticed(t)
	b.at(day(time.December, 4), 10)
	done(t, b, workflows.ExtendUnit, b.extending(t, "C02", workflows.PhaseSelfReport, "机构改革", time.December, 22))
	result := done(t, b, workflows.MoveDate, b.moving(t, workflows.PhaseSelfReport, "年底工作集中", time.December, 19))
	is(t, "whose date moved", fmt.Sprint(result.Units), "[C01 D18]")
	is(t, "the assessments", b.assessmentsAs(t), "C01 reporting 2025-12-19 2026-01-09, C02 reporting 2025-12-22 2026-01-09, D18 reporting 2025-12-19 2026-01-09")
	is(t, "the versions", b.versions(t), "1:2025-12-12/2026-01-09/2026-01-16/2026-03-13::as imported 2:2025-12-19/2026-01-09/2026-01-16/2026-03-13:admin:年底工作集中")
	is(t, "tasks", b.tasks(t), "self_report/C01 2025-12-19\nself_report/C02 2025-12-22\nself_report/D18 2025-12-19")
	is(t, "who is told", b.column(t, `SELECT unit FROM mails WHERE kind = 'deadline_extended'`), "C01 C02 D18")
	says(t, b.letters(t, "deadline_extended")["zwgk@wlj.pingliang.example"], "自查报告报送", "2025年12月19日，当日24时截止", "年底工作集中", "平凉市文化和旅游局")
	line := b.lines(t, "deadline_extended")[1]
	is(t, "the line", fmt.Sprint(line.Unit, line.Person, line.Article, line.Data["phase"], line.Data["to"]), "adminA8(5)self_report2025-12-19")
}

// Before the notice nobody has heard of the year: the moved date stands in the notice, and no mail comes before it.
func TestTheDateIsMovedBeforeTheNotice(t *testing.T) {
	t.Parallel()
	b := claimed(t)
	result := done(t, b, workflows.MoveDate, b.moving(t, workflows.PhaseSelfReport, "年底工作集中", time.December, 19))
	is(t, "whose date moved", fmt.Sprint(result.Units), "[C01 C02 D18]")
	is(t, "mails before the notice", b.mails(t), "")
	b.notice(t)
	is(t, "kinds of mail", b.column(t, `SELECT DISTINCT kind FROM mails`), "notice")
	says(t, b.letters(t, "notice")["zwgk@wlj.pingliang.example"], "2025年12月19日24时")
}

// Whose report is in has no deadline any more; whose is overdue is not, once the date is moved.
func TestTheDateIsMovedAfterTheDeadline(t *testing.T) {
	t.Parallel()
	b := noticed(t)
	b.at(day(time.December, 10), 10)
	b.submit(t, "C01")
	b.openReview(t, "C01")
	b.sweep(t, day(time.December, 16), workflows.PhaseSelfReport)
	for _, unit := range []string{"C02", "D18"} {
		b.openReview(t, unit)
	}
	result := done(t, b, workflows.MoveDate, b.moving(t, workflows.PhaseSelfReport, "系统故障", time.December, 19))
	is(t, "whose date moved", fmt.Sprint(result.Units), "[C02 D18]")
	is(t, "the assessments", b.assessmentsAs(t), "C01 review 2025-12-12 2026-01-09, C02 review 2025-12-19 2026-01-09, D18 review 2025-12-19 2026-01-09")
	is(t, "tasks about overdue reports", b.count(t, `SELECT count(*) FROM tasks WHERE kind = 'report_overdue' AND state = 'open'`), 0)
	is(t, "who is told", b.column(t, `SELECT unit FROM mails WHERE kind = 'deadline_extended'`), "C02 D18")
}

func TestTheReviewsAndTheApprovalsDatesAreMoved(t *testing.T) {
	t.Parallel()
	b := inReview(t)
	result := done(t, b, workflows.MoveDate, b.moving(t, workflows.PhaseReview, "春节前任务重", time.January, 13))
	is(t, "workflows to be told", len(result.Units), 0)
	is(t, "the assessments", b.assessmentsAs(t), "C01 review 2025-12-12 2026-01-13, C02 reporting 2025-12-12 2026-01-13, D18 reporting 2025-12-12 2026-01-13")
	done(t, b, workflows.MoveDate, b.moving(t, workflows.PhaseApproval, "领导出差", time.January, 20))
	is(t, "the versions", b.versions(t), "1:2025-12-12/2026-01-09/2026-01-16/2026-03-13::as imported 2:2025-12-12/2026-01-13/2026-01-16/2026-03-13:admin:春节前任务重 "+
		"3:2025-12-12/2026-01-13/2026-01-20/2026-03-13:admin:领导出差")
	is(t, "who is told of the approval's", b.count(t, `SELECT count(*) FROM mails WHERE kind = 'deadline_extended' AND data->>'Phase' <> '考核评分'`), 0)
}

func TestTheApprovalsDateOfAnOpenProposal(t *testing.T) {
	t.Parallel()
	b := proposed(t)
	b.at(day(time.January, 15), 10)
	done(t, b, workflows.MoveDate, b.moving(t, workflows.PhaseApproval, "领导出差", time.January, 20))
	is(t, "the proposal", b.proposal(t, 1).Due, day(time.January, 20))
	is(t, "the task", b.tasks(t), "approval/1 leader 2026-01-20")
	b.sweep(t, day(time.January, 21), workflows.PhaseApproval)
	is(t, "the deputy is asked", b.tasks(t), "approval/1 leader 2026-01-20\napproval/1/deputy deputy 2026-01-20")
	done(t, b, workflows.MoveDate, b.moving(t, workflows.PhaseApproval, "领导出差", time.January, 22))
	is(t, "the deputy's task goes with the date", b.tasks(t), "approval/1 leader 2026-01-22")
	b.at(day(time.January, 22), 23)
	refused(t, b, workflows.ApproveProposal, approving(t, b, "deputy"), "until 2026-01-22 the head of the leading group decides (A8(6))")
}

// A proposal that has a later date than the scheme's keeps it.
func TestTheApprovalsDateIsNeverShortened(t *testing.T) {
	t.Parallel()
	b := proposed(t)
	b.execute(t, `UPDATE proposals SET due = '2026-01-23'`)
	b.execute(t, `UPDATE tasks SET due = '2026-01-23' WHERE kind = 'approval'`)
	done(t, b, workflows.MoveDate, b.moving(t, workflows.PhaseApproval, "领导出差", time.January, 20))
	is(t, "the proposal", b.proposal(t, 1).Due, day(time.January, 23))
	is(t, "the task", b.tasks(t), "approval/1 leader 2026-01-23")
}

// Only who has an order to carry out is told: not who reported, not who will get one.
func TestTheRectificationsDateIsMoved(t *testing.T) {
	t.Parallel()
	b := released(t)
	done(t, b, workflows.DraftProblems, drafting(b))
	done(t, b, workflows.OrderRectifications, workflows.OrderInput{Act: b.act("admin"), Units: []string{"C01", "C02"}})
	b.report(t, "C02")
	result := done(t, b, workflows.MoveDate, b.moving(t, workflows.PhaseRectification, "项目周期长", time.April, 30))
	is(t, "who is told", fmt.Sprint(result.Units), "[C01]")
	is(t, "the orders", b.rectifications(t), "C01/0 ordered 2026-04-30, C02/0 reported 2026-04-30, D18/0 draft 2026-04-30")
	is(t, "tasks", b.tasks(t), "decide_rectification/C02/0 admin\norder_rectifications admin\nrectification/C01/0 2026-04-30")
	is(t, "letters", b.mails(t, "deadline_extended"), "deadline_extended zwgk@kongtong.pingliang.example")
}

// A day whose reminders would need a year that nobody has published is refused wherever it is given, and no other: an
// order is escalated two working days after its limit, a review one.
func TestDaysThatNobodyHasPublished(t *testing.T) {
	t.Parallel()
	b := ordered(t)
	december := func(day int) calendar.Date { return calendar.Date{Year: 2026, Month: time.December, Day: day} }
	why := func() workflows.Act { return b.asked(t, "admin", store.Reason{Reason: "改期"}) }
	unpublished := "no published holidays for 2027: add them as holidays.csv (date, off|work, name)"
	move := workflows.MoveDateInput{Phase: workflows.PhaseRectification}
	move.Act, move.To = why(), december(30)
	refused(t, b, workflows.MoveDate, move, unpublished)
	extend := workflows.ExtendUnitInput{Unit: "C01", Phase: workflows.PhaseRectification}
	extend.Act, extend.To = why(), december(30)
	refused(t, b, workflows.ExtendUnit, extend, unpublished)
	extend.Act, extend.To = why(), december(18)
	done(t, b, workflows.ExtendUnit, extend)
	move.Act, move.To = why(), december(24)
	done(t, b, workflows.MoveDate, move)
	b.report(t, "C01")
	refused(t, b, workflows.SendBack, b.back(t, "C01", "不足", december(30)), unpublished)
	done(t, b, workflows.SendBack, b.back(t, "C01", "不足", december(29)))
	done(t, b, workflows.RecordViolation, b.violation(t, "C01", store.ViolationFacts{Facts: "违规", Evidence: "记录", Severity: "ordinary"}))
	refused(t, b, workflows.DecideConsequence, b.deciding(t, 1, true, december(30), talk(day(time.January, 20))), unpublished)
	done(t, b, workflows.DecideConsequence, b.deciding(t, 1, true, december(29), talk(day(time.January, 20))))
	correct := workflows.CorrectInput{Units: []string{"C01"}}
	correct.Act, correct.ReviewDue = why(), december(31)
	refused(t, b, workflows.CorrectResults, correct, unpublished)
	correct.Act, correct.ReviewDue = why(), december(30)
	done(t, b, workflows.CorrectResults, correct)
}

func TestAMoveIsRefused(t *testing.T) {
	t.Parallel()
	b := noticed(t)
	b.at(day(time.December, 15), 10)
	refused(t, b, workflows.MoveDate, b.moving(t, workflows.PhaseReview, "", time.January, 13), "a reason is missing")
	refused(t, b, workflows.MoveDate, b.moving(t, "notice", "改期", time.January, 13), "a date is moved for self_report, review, approval or rectification")
	refused(t, b, workflows.MoveDate, b.moving(t, workflows.PhaseReview, "改期", time.January, 9), "review is due on 2026-01-09 already; an extension moves it later")
	refused(t, b, workflows.MoveDate, b.moving(t, workflows.PhaseSelfReport, "改期", time.December, 15), "2025-12-15 is not after today")
	refused(t, b, workflows.MoveDate, b.moving(t, workflows.PhaseReview, "", time.January, 9), "a reason is missing", "review is due on 2026-01-09 already; an extension moves it later")
	refused(t, b, workflows.MoveDate, b.moving(t, workflows.PhaseReview, "改期", time.January, 16),
		"the dates would not be in order: self-report 2025-12-12, review 2026-01-16, approval 2026-01-16, rectification 2026-03-13")
	is(t, "versions", b.count(t, `SELECT count(*) FROM scheme_versions`), 1)
}
