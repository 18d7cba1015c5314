package activities

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

func submitting(b *bundle, unit string) workflows.SubmitReportInput {
	return workflows.SubmitReportInput{Act: b.act(contact(unit)), Unit: unit}
}

// reports are C01's revisions: state, who, late, why returned.
func (b *bundle) reports(t *testing.T) string {
	t.Helper()
	rows, err := b.Store.ReportRevisions(t.Context(), query.ReportRevisionsParams{CycleID: b.cycle.ID, Unit: "C01"})
	must(t, err)
	var texts []string
	for _, row := range rows {
		texts = append(texts, strings.TrimSpace(fmt.Sprint(row.Revision, " ", row.State, " ", row.SubmittedBy, " ", row.Late, " ", row.Reason)))
	}
	return strings.Join(texts, ", ")
}

func TestAReportIsSubmitted(t *testing.T) {
	t.Parallel()
	b := noticed(t)
	b.at(day(time.December, 12), 23)
	b.draft(t, "C01")
	in := submitting(b, "C01")
	for range 2 {
		result := done(t, b, workflows.SubmitReport, in)
		is(t, "the result", result, workflows.SheetsResult{Open: 6, Late: false})
	}
	is(t, "the report", b.reports(t), "1 submitted c01.contact false")
	is(t, "tasks", b.tasks(t), "self_report/C02 2025-12-12\nself_report/D18 2025-12-12")
	line := b.lines(t, "report_submitted")
	is(t, "lines", len(line), 1)
	is(t, "the line", fmt.Sprint(line[0].Unit, line[0].Person, line[0].Article, line[0].Data["late"], line[0].Data["revision"]), "C01c01.contactA8(5)false 1")
	refused(t, b, workflows.SubmitReport, submitting(b, "C01"), "there is no draft of the self-report to submit (A8(5))")
}

// The deadline is the end of its day: a report of that very moment is late.
func TestALateReport(t *testing.T) {
	t.Parallel()
	b := noticed(t)
	b.draft(t, "C01")
	b.draft(t, "C02")
	b.at(day(time.December, 13), 0)
	last := submitting(b, "C02")
	last.Act.At = last.Act.At.Add(-time.Nanosecond)
	is(t, "the last moment", done(t, b, workflows.SubmitReport, last).Late, false)
	is(t, "24:00", done(t, b, workflows.SubmitReport, submitting(b, "C01")).Late, true)
	is(t, "the report", b.reports(t), "1 submitted c01.contact true")
	is(t, "the line", fmt.Sprint(b.lines(t, "report_submitted")[1].Data["late"]), "true")
}

func TestAnIncompleteReportNamesAllThatIsMissing(t *testing.T) {
	t.Parallel()
	b := noticed(t)
	refused(t, b, workflows.SubmitReport, submitting(b, "C01"), "there is no draft of the self-report to submit (A8(5))")
	b.draft(t, "C01")
	b.execute(t, `UPDATE report_items SET statement = '' WHERE indicator = '2.3'`)
	b.execute(t, `UPDATE report_items SET self_score = NULL WHERE indicator = '2.4'`)
	b.execute(t, `DELETE FROM report_items WHERE indicator IN ('1.1', '8.5')`)
	refused(t, b, workflows.SubmitReport, submitting(b, "C01"),
		"indicator 1.1 has no statement (A8(5))", "indicator 1.1 has no self-score (A8(5))", "indicator 2.3 has no statement (A8(5))",
		"indicator 2.4 has no self-score (A8(5))", "indicator 8.5 has no statement (A8(5))", "indicator 8.5 has no self-score (A8(5))")
	is(t, "the report", b.reports(t), "1 draft  false")
	failed(t, b, workflows.SubmitReport, workflows.SubmitReportInput{Act: b.act("x"), Unit: "C99"}, workflows.ErrorNotFound, "no unit C99 in this cycle, or it has not started")
}

// A unit reports on the indicators of its category only.
func TestAReportOfACategorysOwnIndicators(t *testing.T) {
	t.Parallel()
	b := noticed(t, func(set *store.DataSet) { set.Plan.Indicators[0].Categories = []string{"county"} })
	b.draft(t, "D18")
	b.execute(t, `DELETE FROM report_items WHERE indicator = '1.1'`)
	done(t, b, workflows.SubmitReport, submitting(b, "D18"))
}

// The review opens when the report is in, or without one; a report that comes later reopens the sheets, filled as
// they were.
func TestALateReportReopensTheSheets(t *testing.T) {
	t.Parallel()
	b := noticed(t)
	b.at(day(time.December, 13), 0)
	is(t, "open sheets", b.openReview(t, "C01"), 6)
	b.fill(t, "C01")
	for _, assessor := range []string{"gov1", "web1"} {
		done(t, b, workflows.SubmitSheet, workflows.SubmitSheetInput{Act: b.act(assessor), Unit: "C01"})
	}
	b.at(day(time.December, 15), 10)
	b.draft(t, "C01")
	is(t, "the result", done(t, b, workflows.SubmitReport, submitting(b, "C01")), workflows.SheetsResult{Open: 6, Late: true})
	is(t, "open again", fmt.Sprint(b.assessors(t, "C01", "open")), "[gov1 gov2 media1 opinion1 web1 web2]")
	is(t, "remarks", b.column(t, `SELECT assessor FROM sheets WHERE remark = '迟交的自查报告已收到，请核对评分'`), "gov1 web1")
	is(t, "points that went", b.count(t, `SELECT count(*) FROM scores WHERE unit = 'C01' AND points IS NULL`), 0)
	is(t, "the review", b.submitSheets(t, "C01"), workflows.CloseReviewResult{Closed: true})
	is(t, "submissions of gov1", b.count(t, `SELECT count(*) FROM sheet_submissions WHERE assessor = 'gov1'`), 2)
	b.draft(t, "C02")
	b.execute(t, `UPDATE assessments SET state = 'closed' WHERE unit = 'C02'`)
	refused(t, b, workflows.SubmitReport, submitting(b, "C02"), "the unit's review is closed: no report is taken any more (A8(5))")
}

// The late report may come after the review's day, when the assessors were told of that once: they hear of it again, and
// who does not answer is on the administrator's list again.
func TestSheetsReopenedAfterTheirDay(t *testing.T) {
	t.Parallel()
	b := noticed(t)
	b.at(day(time.December, 13), 0)
	b.openReview(t, "C01")
	b.fill(t, "C01")
	b.sweep(t, day(time.January, 12), workflows.PhaseReview)
	for _, assessor := range []string{"gov1", "web1"} {
		done(t, b, workflows.SubmitSheet, sheetOf(b, assessor, "C01"))
	}
	is(t, "gov1's task before", strings.Contains(b.tasks(t), "review_overdue/gov1"), false)
	b.at(day(time.January, 13), 10)
	b.draft(t, "C01")
	done(t, b, workflows.SubmitReport, submitting(b, "C01"))
	is(t, "who is told", b.column(t, `SELECT person FROM mails WHERE kind = 'review_reopened'`), "gov1 web1")
	letter := b.letters(t, "review_reopened")["gov1@zwgk.pingliang.example"]
	says(t, letter, "须再次核对", "请核对修改，尽快提交", "崆峒区人民政府", "迟交的自查报告已收到，请核对评分", "截止2026年1月9日")
	is(t, "it speaks of a returned proposal", strings.Contains(string(letter.Text), "退回"), false)
	done(t, b, workflows.SubmitSheet, sheetOf(b, "web1", "C01"))
	b.sweep(t, day(time.January, 14), workflows.PhaseReview)
	is(t, "gov1's task", strings.Contains(b.tasks(t), "review_overdue/gov1"), true)
	is(t, "web1's task", strings.Contains(b.tasks(t), "review_overdue/web1"), false)
}

// What the unit saves at the moment at which it submits is seen.
func TestADraftIsSavedWhileItIsSubmitted(t *testing.T) {
	t.Parallel()
	b := noticed(t)
	b.at(day(time.December, 10), 10)
	b.draft(t, "C01")
	saving, err := b.db.BeginTx(t.Context(), nil)
	must(t, err)
	for _, save := range []string{
		`SELECT FROM reports WHERE unit = 'C01' FOR UPDATE`,
		`UPDATE report_items SET statement = '', self_score = NULL WHERE unit = 'C01' AND indicator = '1.1'`,
	} {
		_, err := saving.ExecContext(t.Context(), save)
		must(t, err)
	}
	in, answer := submitting(b, "C01"), make(chan error, 1)
	go func() {
		_, err := b.env.ExecuteActivity(workflows.SubmitReport.Name(), in)
		answer <- err
	}()
	b.awaitBlocked(t)
	must(t, saving.Commit())
	if err := <-answer; err == nil || !strings.Contains(err.Error(), "indicator 1.1 has no statement (A8(5))") {
		t.Errorf("the answer is %v, want that 1.1 has no statement", err)
	}
	is(t, "the report", b.reports(t), "1 draft  false")
}

// awaitBlocked waits until somebody waits for another's lock in the database.
func (b *bundle) awaitBlocked(t *testing.T) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for b.count(t, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) == 0 {
		select {
		case <-deadline:
			t.Fatal("nobody waits for a lock")
		case <-tick.C:
		}
	}
}

func TestAReportIsReturned(t *testing.T) {
	t.Parallel()
	b := noticed(t)
	b.at(day(time.December, 10), 10)
	b.submit(t, "C01")
	b.execute(t, `INSERT INTO evidence (cycle_id, unit, revision, indicator, position, name, link) VALUES ($1, 'C01', 1, '1.1', 1, '工作机构文件', 'https://kongtong.example/1')`, b.cycle.ID)
	b.openReview(t, "C01")
	b.at(day(time.December, 11), 10)
	done(t, b, workflows.ReturnReport, workflows.ReturnReportInput{Act: b.asked(t, "admin", store.Reason{Reason: "第2.1项缺少佐证材料"}), Unit: "C01", Due: day(time.December, 16)})
	is(t, "the revisions", b.reports(t), "1 returned c01.contact false 第2.1项缺少佐证材料, 2 draft  false")
	is(t, "items of the new draft", b.count(t, `SELECT count(*) FROM report_items WHERE revision = 2 AND statement = '已落实'`), 25)
	is(t, "evidence of the new draft", b.column(t, `SELECT name FROM evidence WHERE revision = 2`), "工作机构文件")
	is(t, "sheets put aside", len(b.assessors(t, "C01", "waiting")), 6)
	is(t, "the assessments", b.assessmentsAs(t), "C01 reporting 2025-12-16 2026-01-09, C02 reporting 2025-12-12 2026-01-09, D18 reporting 2025-12-12 2026-01-09")
	is(t, "tasks", b.tasks(t), "self_report/C01 2025-12-16\nself_report/C02 2025-12-12\nself_report/D18 2025-12-12")
	line := b.lines(t, "report_returned")[0]
	is(t, "the line", fmt.Sprint(line.Unit, line.Person, line.Data["due"], line.Data["reason"]), "C01admin2025-12-16第2.1项缺少佐证材料")
	says(t, b.letters(t, "report_returned")["zwgk@kongtong.pingliang.example"], "第2.1项缺少佐证材料", "2025年12月16日24时", "崆峒区人民政府")

	b.at(day(time.December, 16), 18)
	result := done(t, b, workflows.SubmitReport, submitting(b, "C01"))
	is(t, "the corrected report is late", result.Late, false)
	is(t, "sheets after the correction", b.openReview(t, "C01"), 6)
	is(t, "the revisions", b.reports(t), "1 returned c01.contact false 第2.1项缺少佐证材料, 2 submitted c01.contact false")
}

func TestAReturnIsRefused(t *testing.T) {
	t.Parallel()
	b := noticed(t)
	b.at(day(time.December, 10), 10)
	b.submit(t, "C01")
	returning := func(unit, reason string) workflows.ReturnReportInput {
		return workflows.ReturnReportInput{Act: b.asked(t, "admin", store.Reason{Reason: reason}), Unit: unit, Due: day(time.December, 10)}
	}
	refused(t, b, workflows.ReturnReport, returning("C01", ""), "a reason is missing", "the new date must lie after today and before the review's, 2026-01-09")
	refused(t, b, workflows.ReturnReport, returning("C01", "补正"), "the new date must lie after today and before the review's, 2026-01-09")
	failed(t, b, workflows.ReturnReport, returning("C02", "补正"), workflows.ErrorNotFound, "there is no self-report of C02")
	b.draft(t, "C02")
	b.execute(t, `UPDATE assessments SET state = 'closed' WHERE unit = 'C02'`)
	late := returning("C02", "补正")
	late.Due = day(time.January, 9)
	refused(t, b, workflows.ReturnReport, late, "the unit's review is closed (A8(5))", "there is no submitted self-report to return (A8(5))",
		"the new date must lie after today and before the review's, 2026-01-09")
	unasked := workflows.ReturnReportInput{Act: b.act("admin"), Unit: "C01", Due: day(time.December, 16)}
	failed(t, b, workflows.ReturnReport, unasked, workflows.ErrorNotFound, "nothing was asked for under "+unasked.Act.ID)
}

func (b *bundle) extending(t *testing.T, unit, phase, reason string, month time.Month, dayOfMonth int) workflows.ExtendUnitInput {
	t.Helper()
	return workflows.ExtendUnitInput{Act: b.asked(t, "admin", store.Reason{Reason: reason}), Unit: unit, Phase: phase, To: day(month, dayOfMonth)}
}

func TestAUnitsDeadlineIsExtended(t *testing.T) {
	t.Parallel()
	b := noticed(t)
	b.at(day(time.December, 11), 10)
	done(t, b, workflows.ExtendUnit, b.extending(t, "C01", workflows.PhaseSelfReport, "机构改革", time.December, 19))
	is(t, "the assessments", b.assessmentsAs(t), "C01 reporting 2025-12-19 2026-01-09, C02 reporting 2025-12-12 2026-01-09, D18 reporting 2025-12-12 2026-01-09")
	is(t, "tasks", b.tasks(t), "self_report/C01 2025-12-19\nself_report/C02 2025-12-12\nself_report/D18 2025-12-12")
	says(t, b.letters(t, "deadline_extended")["zwgk@kongtong.pingliang.example"], "自查报告报送", "2025年12月19日，当日24时截止", "机构改革")
	is(t, "letters", len(b.letters(t, "deadline_extended")), 1)
	line := b.lines(t, "deadline_extended")[0]
	is(t, "the line", fmt.Sprint(line.Unit, line.Article, line.Data["phase"], line.Data["to"], line.Data["reason"]), "C01A8(5)self_report2025-12-19机构改革")
	done(t, b, workflows.ExtendUnit, b.extending(t, "C02", workflows.PhaseReview, "考核员出差", time.January, 13))
	is(t, "the assessments", b.assessmentsAs(t), "C01 reporting 2025-12-19 2026-01-09, C02 reporting 2025-12-12 2026-01-13, D18 reporting 2025-12-12 2026-01-09")
}

// A review's later date is for who must score: each assessor whose sheet is out is told once, of all his units.
func TestTheAssessorsAreToldOfALaterReview(t *testing.T) {
	t.Parallel()
	b := inReview(t)
	b.fill(t, "C01")
	done(t, b, workflows.SubmitSheet, sheetOf(b, "web1", "C01"))
	done(t, b, workflows.ExtendUnit, b.extending(t, "C01", workflows.PhaseReview, "考核员出差", time.January, 13))
	is(t, "who is told", b.column(t, `SELECT person FROM mails WHERE kind = 'deadline_extended'`), "gov1 gov2 media1 opinion1 web2")
	says(t, b.letters(t, "deadline_extended")["media1@zwgk.pingliang.example"], "考核评分", "2026年1月13日，当日24时截止", "考核员出差", "1. 崆峒区人民政府", "https://kaoping.example/pingliang/2025/sheets")
	b.execute(t, `UPDATE assessments SET state = 'closed' WHERE unit = 'D18'`)
	b.execute(t, `UPDATE sheets SET state = 'submitted' WHERE unit = 'D18'`)
	b.execute(t, `DELETE FROM mails`)
	done(t, b, workflows.MoveDate, b.moving(t, workflows.PhaseReview, "系统故障", time.January, 14))
	is(t, "who is told that it moves for all", b.column(t, `SELECT person FROM mails WHERE kind = 'deadline_extended'`), "gov1 gov2 media1 opinion1 web1 web2")
	letters := b.letters(t, "deadline_extended")
	says(t, letters["gov1@zwgk.pingliang.example"], "2026年1月14日", "系统故障", "1. 崆峒区人民政府", "2. 华亭市人民政府")
	is(t, "web1 is told of the sheet that is in", contains(letters["web1@zwgk.pingliang.example"], "崆峒区"), false)
	is(t, "who is told of a closed review", contains(letters["gov1@zwgk.pingliang.example"], "文化和旅游局"), false)
}

func TestAnExtensionIsRefused(t *testing.T) {
	t.Parallel()
	b := noticed(t)
	b.at(day(time.December, 12), 10)
	refused(t, b, workflows.ExtendUnit, b.extending(t, "C01", workflows.PhaseSelfReport, "", time.December, 19), "a reason is missing")
	refused(t, b, workflows.ExtendUnit, b.extending(t, "C01", workflows.PhaseSelfReport, "", time.December, 12), "a reason is missing", "2025-12-12 is not after today",
		"the new date must lie after 2025-12-12 and before the review's, 2026-01-09")
	refused(t, b, workflows.ExtendUnit, b.extending(t, "C01", workflows.PhaseSelfReport, "机构改革", time.January, 9), "the new date must lie after 2025-12-12 and before the review's, 2026-01-09")
	refused(t, b, workflows.ExtendUnit, b.extending(t, "C01", workflows.PhaseReview, "出差", time.January, 9), "the review is due on 2026-01-09 already; an extension moves it later")
	refused(t, b, workflows.ExtendUnit, b.extending(t, "C01", workflows.PhaseReview, "出差", time.January, 16), "the review must end before the approval's day, 2026-01-16: move that first")
	failed(t, b, workflows.ExtendUnit, b.extending(t, "C99", workflows.PhaseReview, "出差", time.January, 10), workflows.ErrorNotFound, "no unit C99 in this cycle, or it has not started")
	failed(t, b, workflows.ExtendUnit, b.extending(t, "C01", workflows.PhaseRectification, "出差", time.March, 20), workflows.ErrorNotFound, "no rectification 0 of C01")
}

// After the deadline, too: what was overdue is not any more, and a report within the new date is in time.
func TestAnExtensionAfterTheDeadline(t *testing.T) {
	t.Parallel()
	b := noticed(t)
	b.at(day(time.December, 16), 9)
	b.openReview(t, "C01")
	b.sweep(t, day(time.December, 16), workflows.PhaseSelfReport)
	is(t, "what is overdue", b.column(t, `SELECT key FROM tasks WHERE state = 'open' AND kind = 'report_overdue'`), "report_overdue/C01 report_overdue/C02 report_overdue/D18")
	done(t, b, workflows.ExtendUnit, b.extending(t, "C01", workflows.PhaseSelfReport, "机构改革", time.December, 19))
	is(t, "what is overdue now", b.column(t, `SELECT key FROM tasks WHERE state = 'open' AND kind = 'report_overdue'`), "report_overdue/C02 report_overdue/D18")
	b.at(day(time.December, 19), 20)
	b.draft(t, "C01")
	is(t, "the report", done(t, b, workflows.SubmitReport, submitting(b, "C01")), workflows.SheetsResult{Open: 6})
}
