package activities

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/workflows"
)

// inReviews is a year with the reviews of C01 and C02 open, C02's due a week later.
func inReviews(t *testing.T) *bundle {
	t.Helper()
	b := inReview(t)
	b.submit(t, "C02")
	b.openReview(t, "C02")
	done(t, b, workflows.MoveDate, b.moving(t, workflows.PhaseApproval, "资料补报", time.January, 20))
	done(t, b, workflows.ExtendUnit, b.extending(t, "C02", workflows.PhaseReview, "资料补报", time.January, 16))
	return b
}

// Due on Friday 9 January: the third working day before is Tuesday 6 January; the first after, Monday 12 January.
func TestAssessorsAreReminded(t *testing.T) {
	t.Parallel()
	b := inReviews(t)
	b.fill(t, "C01")
	done(t, b, workflows.SubmitSheet, sheetOf(b, "media1", "C01"))
	b.from(t, day(time.January, 3), day(time.January, 12), workflows.PhaseReview)
	// media1 has C02 alone, due on the 16th: from Tuesday 13 January on.
	is(t, "reminders", b.reminders(t, "review_reminder"), "01-06T09:00×5 01-07T09:00×5 01-08T09:00×5 01-09T09:00×5")
	is(t, "overdue", b.column(t, `SELECT person FROM mails WHERE kind = 'review_overdue'`), "gov1 gov2 opinion1 web1 web2")
	is(t, "on the administrator's list", b.column(t, `SELECT key || ' ' || due FROM tasks WHERE kind = 'review_overdue' AND role = 'admin'`),
		"review_overdue/gov1 2026-01-09 review_overdue/gov2 2026-01-09 review_overdue/opinion1 2026-01-09 review_overdue/web1 2026-01-09 review_overdue/web2 2026-01-09")
	b.from(t, day(time.January, 13), day(time.January, 20), workflows.PhaseReview)
	is(t, "C02's reminders", b.reminders(t, "review_reminder"), "01-06T09:00×5 01-07T09:00×5 01-08T09:00×5 01-09T09:00×5 01-13T09:00×6 01-14T09:00×6 01-15T09:00×6 01-16T09:00×6")
	is(t, "C02's escalations", b.column(t, `SELECT person FROM mails WHERE kind = 'review_overdue' AND key LIKE '%/2026-01-16/%'`), "gov1 gov2 media1 opinion1 web1 web2")
}

// One mail lists all that an assessor has open, the nearest day first.
func TestOneMailListsAllSheets(t *testing.T) {
	t.Parallel()
	b := inReviews(t)
	b.sweep(t, day(time.January, 6), workflows.PhaseReview)
	letter := b.letters(t, "review_reminder")["web1@zwgk.pingliang.example"]
	says(t, letter, "1. 崆峒区人民政府（截止2026年1月9日）", "2. 华亭市人民政府（截止2026年1月16日）", "距截止日还有3个工作日", "https://kaoping.example/pingliang/2025/sheets")
	is(t, "whom the journal will name", b.column(t, `SELECT DISTINCT person || '/' || unit || '/' || obligation FROM mails WHERE kind = 'review_reminder' AND person = 'web1'`), "web1//review/web1")
}

// The overdue mail lists what is overdue, not what an assessor has open beside it; the reminders list all.
func TestTheOverdueMailListsOverdueSheetsOnly(t *testing.T) {
	t.Parallel()
	b := inReviews(t)
	b.sweep(t, day(time.January, 12), workflows.PhaseReview)
	letter := b.letters(t, "review_overdue")["web1@zwgk.pingliang.example"]
	says(t, letter, "应于2026年1月9日24时前完成，下列1项评分至今未提交", "1. 崆峒区人民政府（截止2026年1月9日）")
	is(t, "it lists what is not due yet", strings.Contains(string(letter.Text), "华亭市"), false)
	b.sweep(t, day(time.January, 13), workflows.PhaseReview)
	says(t, b.letters(t, "review_reminder")["web1@zwgk.pingliang.example"], "应于2026年1月16日24时前完成，您还有2项评分尚未提交",
		"1. 崆峒区人民政府（截止2026年1月9日）", "2. 华亭市人民政府（截止2026年1月16日）")
}

// The last sheet ends an assessor's reminders and the administrator's task.
func TestTheLastSheetEndsTheReminders(t *testing.T) {
	t.Parallel()
	b := inReviews(t)
	b.fill(t, "C01")
	b.fill(t, "C02")
	b.sweep(t, day(time.January, 9), workflows.PhaseReview)
	b.sweep(t, day(time.January, 12), workflows.PhaseReview)
	done(t, b, workflows.SubmitSheet, sheetOf(b, "web1", "C01"))
	is(t, "with one sheet left", b.count(t, `SELECT count(*) FROM mails WHERE state = 'withdrawn'`), 0)
	done(t, b, workflows.SubmitSheet, sheetOf(b, "web1", "C02"))
	is(t, "withdrawn", b.column(t, `SELECT kind || '/' || person FROM mails WHERE state = 'withdrawn'`), "review_overdue/web1 review_reminder/web1")
	is(t, "the task", strings.Contains(b.tasks(t), "review_overdue/web1"), false)
	is(t, "another's task", strings.Contains(b.tasks(t), "review_overdue/web2"), true)
}

// Two assessors with one address are two people.
func TestTwoAssessorsAtOneAddress(t *testing.T) {
	t.Parallel()
	b := inReview(t, func(set *store.DataSet) {
		for i := range set.Plan.People {
			if strings.HasPrefix(set.Plan.People[i].Login, "web") {
				set.Plan.People[i].Email = "web@example.com"
			}
		}
	})
	b.sweep(t, day(time.January, 6), workflows.PhaseReview)
	b.sweep(t, day(time.January, 12), workflows.PhaseReview)
	is(t, "mails", b.column(t, `SELECT kind || ':' || person FROM mails WHERE recipient = 'web@example.com'`), "review_overdue:web1 review_overdue:web2 review_reminder:web1 review_reminder:web2")
}

// Due on Friday 16 January: the leader from Wednesday 14 January on; the deputy on Monday 19 January (A8(6)).
func TestTheLeaderIsReminded(t *testing.T) {
	t.Parallel()
	b := proposed(t)
	b.from(t, day(time.January, 10), day(time.January, 22), workflows.PhaseApproval)
	is(t, "reminders", b.reminders(t, "approval_reminder"), "01-14T09:00×1 01-15T09:00×1 01-16T09:00×1")
	is(t, "mails", b.mails(t, "approval_reminder", "approval_overdue"), `approval_reminder leader@zwgk.pingliang.example
approval_reminder leader@zwgk.pingliang.example
approval_reminder leader@zwgk.pingliang.example
approval_overdue deputy@zwgk.pingliang.example`)
	is(t, "tasks", b.tasks(t), "approval/1 leader 2026-01-16\napproval/1/deputy deputy 2026-01-16")
	says(t, b.letters(t, "approval_overdue")["deputy@zwgk.pingliang.example"], "2026年1月16日", "https://kaoping.example/pingliang/2025/approval/1")
	b.at(day(time.January, 22), 10)
	done(t, b, workflows.ApproveProposal, approving(t, b, "deputy"))
	is(t, "tasks after the decision", b.tasks(t), "")
	is(t, "withdrawn", b.column(t, `SELECT kind || count(*) FROM mails WHERE state = 'withdrawn' GROUP BY kind`), "approval_overdue1 approval_reminder3")
	b.from(t, day(time.January, 23), day(time.January, 27), workflows.PhaseApproval)
	is(t, "escalations", b.count(t, `SELECT count(*) FROM mails WHERE kind = 'approval_overdue'`), 1)
}

// Due on Friday 13 March: from Friday 6 March on; overdue on Tuesday 17 March.
func TestRectificationsAreRemindedOf(t *testing.T) {
	t.Parallel()
	b := ordered(t)
	b.at(day(time.March, 2), 10)
	b.report(t, "C02")
	b.from(t, day(time.March, 3), day(time.March, 20), workflows.PhaseRectification)
	is(t, "reminders", b.reminders(t, "rectification_reminder"), "03-06T09:00×2 03-09T09:00×2 03-10T09:00×2 03-11T09:00×2 03-12T09:00×2 03-13T09:00×2")
	is(t, "overdue", b.mails(t, "rectification_overdue"), "rectification_overdue head@kongtong.pingliang.example\nrectification_overdue head@wlj.pingliang.example")
	says(t, b.letters(t, "rectification_reminder")["zwgk@wlj.pingliang.example"], "今天是截止日", "2026年3月13日24时", "https://kaoping.example/pingliang/2025/units/D18/rectification/0")
	b.at(day(time.March, 20), 10)
	b.report(t, "C01")
	is(t, "withdrawn", b.column(t, `SELECT kind || count(*) FROM mails WHERE state = 'withdrawn' AND unit = 'C01' GROUP BY kind`), "rectification_overdue1 rectification_reminder6")
}

// orderedTwice is a year in which C01 has two orders: of the results, due 2026-03-13, and of a violation.
func orderedTwice(t *testing.T, due calendar.Date) *bundle {
	t.Helper()
	b := ordered(t)
	done(t, b, workflows.RecordViolation, b.violation(t, "C01", store.ViolationFacts{Facts: "违规", Evidence: "记录", Severity: "ordinary"}))
	done(t, b, workflows.DecideConsequence, b.deciding(t, 1, true, due, talk(day(time.January, 20))))
	return b
}

// rectificationMails are C01's, by key.
func (b *bundle) rectificationMails(t *testing.T) string {
	t.Helper()
	return b.column(t, `SELECT key FROM mails WHERE unit = 'C01' AND kind IN ('rectification_reminder', 'rectification_overdue')`)
}

// One mail a person and day lists all orders that a unit has open, the nearest day first.
func TestTwoRectificationsOfAUnit(t *testing.T) {
	t.Parallel()
	b := orderedTwice(t, day(time.March, 11))
	b.sweep(t, day(time.March, 11), workflows.PhaseRectification)
	is(t, "C01's reminders", b.rectificationMails(t), "rectification_reminder/2026-03-11/rectification/C01/zwgk@kongtong.pingliang.example")
	says(t, b.letters(t, "rectification_reminder")["zwgk@kongtong.pingliang.example"], "应于2026年3月11日24时前", "今天是截止日",
		"1. 报告第1号违规整改情况（截止2026年3月11日）", "2. 报告整改情况（截止2026年3月13日）", "https://kaoping.example/pingliang/2025/units/C01")
	b.sweep(t, day(time.March, 13), workflows.PhaseRectification) // the earlier is overdue
	b.sweep(t, day(time.March, 17), workflows.PhaseRectification) // and the later
	b.sweep(t, day(time.March, 18), workflows.PhaseRectification)
	is(t, "C01's mails", b.rectificationMails(t), "rectification_overdue/C01/2026-03-11/head@kongtong.pingliang.example "+
		"rectification_overdue/C01/2026-03-13/head@kongtong.pingliang.example "+
		"rectification_reminder/2026-03-11/rectification/C01/zwgk@kongtong.pingliang.example "+
		"rectification_reminder/2026-03-13/rectification/C01/zwgk@kongtong.pingliang.example")
}

// Two orders of one day are overdue in one mail.
func TestTwoRectificationsAreOverdueTogether(t *testing.T) {
	t.Parallel()
	b := orderedTwice(t, day(time.March, 13))
	b.sweep(t, day(time.March, 17), workflows.PhaseRectification)
	is(t, "C01's mails", b.rectificationMails(t), "rectification_overdue/C01/2026-03-13/head@kongtong.pingliang.example")
	says(t, b.letters(t, "rectification_overdue")["head@kongtong.pingliang.example"], "1. 报告整改情况（截止2026年3月13日）", "2. 报告第1号违规整改情况（截止2026年3月13日）")
}

// The last open order of a unit ends its reminders.
func TestTheLastRectificationEndsTheReminders(t *testing.T) {
	t.Parallel()
	b := orderedTwice(t, day(time.March, 13))
	b.sweep(t, day(time.March, 13), workflows.PhaseRectification)
	b.report(t, "C01")
	withdrawn := `SELECT kind FROM mails WHERE state = 'withdrawn'`
	is(t, "with one order left", b.column(t, withdrawn), "")
	second := func(text string) workflows.RectificationAct {
		return workflows.RectificationAct{Act: b.asked(t, contact("C01"), store.Filing{Text: text}), Unit: "C01", Number: 1}
	}
	done(t, b, workflows.FileMeasures, second("逐项整改"))
	done(t, b, workflows.ReportRectification, second("已整改完成"))
	is(t, "with none", b.column(t, withdrawn), "rectification_reminder")
}

func TestRemindingByHand(t *testing.T) {
	t.Parallel()
	b := noticed(t)
	b.at(day(time.December, 3), 10)
	b.submit(t, "C02")
	byHand := func(units ...string) workflows.RemindInput {
		return workflows.RemindInput{Act: b.act("admin"), Units: units}
	}
	refused(t, b, workflows.RemindByHand, byHand("C01", "C02", "C99", "c01"), "C02 owes nothing now", "no unit C99", "no unit c01")
	is(t, "named", done(t, b, workflows.RemindByHand, byHand("C01")).Queued, 1)
	// A unit is written to once a day.
	is(t, "all who owe something", fmt.Sprint(done(t, b, workflows.RemindByHand, byHand())), "{1 [C01]}")
	is(t, "all again", fmt.Sprint(done(t, b, workflows.RemindByHand, byHand())), "{0 [C01 D18]}")
	is(t, "mails", b.mails(t, "reminder_by_hand"), "reminder_by_hand zwgk@kongtong.pingliang.example\nreminder_by_hand zwgk@wlj.pingliang.example")
	b.at(day(time.December, 4), 10)
	is(t, "the next day", fmt.Sprint(done(t, b, workflows.RemindByHand, byHand())), "{2 []}")
	is(t, "moments of the policy", b.count(t, `SELECT count(scheduled) FROM mails`), 0)
	says(t, b.letters(t, "reminder_by_hand")["zwgk@wlj.pingliang.example"], "报送自查报告（截止2025年12月12日）")
	for _, line := range b.lines(t, "mail_queued") {
		_, scheduled := line.Data["scheduled"]
		is(t, fmt.Sprint(line.Data["kind"], " has a moment"), scheduled, false)
	}
}

func TestRemindingOfRectificationByHand(t *testing.T) {
	t.Parallel()
	b := ordered(t)
	b.report(t, "C02")
	is(t, "queued", done(t, b, workflows.RemindByHand, workflows.RemindInput{Act: b.act("admin")}).Queued, 2)
	says(t, b.letters(t, "reminder_by_hand")["zwgk@wlj.pingliang.example"], "报告整改情况（截止2026年3月13日）")
}
