package office

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/workflows"
)

// scored is a complete score of an indicator of gov1's.
func scored(indicator string, points rules.Points) Score {
	return Score{Indicator: indicator, Points: &points, Method: "documents", Place: "市政府", CheckedOn: day(time.November, 24), Seen: "文件齐全"}
}

const kept = `SELECT string_agg(concat_ws(':', indicator, coalesce(points::text, '-'), coalesce(draft_points::text, '-'), counts::text, reason, method, place, checked_on, seen), ' ' ORDER BY indicator)
	FROM scores WHERE assessor = 'gov1' AND unit = 'C01' AND (points IS NOT NULL OR draft_points IS NOT NULL OR reason <> '' OR method <> '')`

func TestASheetIsSaved(t *testing.T) {
	t.Parallel()
	b := running(t)
	desk := b.desk(t, "gov1")
	lost := scored("1.2", 100)
	lost.Reason, lost.Counts = "未制定年度计划，扣1分", []int{1, 0}
	must(t, desk.SaveSheet(t.Context(), "C01", []Score{scored("1.1", 200), lost}))
	is(t, "what is kept", b.text(t, kept), "1.1:200:-:{}::documents:市政府:2025-11-24:文件齐全 1.2:100:-:{1,0}:未制定年度计划，扣1分:documents:市政府:2025-11-24:文件齐全")
	must(t, desk.SaveSheet(t.Context(), "C01", []Score{scored("1.2", 200)}))
	is(t, "what is kept then", b.text(t, kept), "1.1:200:-:{}::documents:市政府:2025-11-24:文件齐全 1.2:200:-:{}::documents:市政府:2025-11-24:文件齐全")
	open, err := desk.OpenSheets(t.Context())
	must(t, err)
	is(t, "gov1's open sheets", fmt.Sprint(len(open), open[0].Unit, open[0].ReviewDue), "1C012026-01-09")
}

// What is half typed is kept, and counts for nothing until its reason and its check are there.
func TestAHalfFilledScoreIsADraft(t *testing.T) {
	t.Parallel()
	b := running(t)
	desk := b.desk(t, "gov1")
	points := rules.Points(150)
	half := Score{Indicator: "1.1", Points: &points, Reason: " ", Counts: []int{0, 1}}
	must(t, desk.SaveSheet(t.Context(), "C01", []Score{half, {Indicator: "1.3", Reason: "未召开会议"}}))
	is(t, "what is kept", b.text(t, kept), "1.1:-:150:{0,1}:::: 1.3:-:-:{}:未召开会议:::")
	sheet, err := desk.Sheet(t.Context(), "C01")
	must(t, err)
	is(t, "what 1.1 lacks", fmt.Sprint(*sheet.Items[0].Score.Points, sheet.Items[0].Lacks(), sheet.Items[0].Score.Counts), "1.50 [reason method place day seen] [0 1]")
	is(t, "what 1.2 lacks", fmt.Sprint(sheet.Items[1].Lacks()), "[points method place day seen]")
	half.Reason, half.Method, half.Place, half.CheckedOn, half.Seen = "未配备人员", "documents", "市政府", day(time.November, 20), "无文件"
	must(t, desk.SaveSheet(t.Context(), "C01", []Score{half}))
	is(t, "what is kept when it is complete", b.text(t, kept), "1.1:150:-:{0,1}:未配备人员:documents:市政府:2025-11-20:无文件 1.3:-:-:{}:未召开会议:::")
	half.Seen = ""
	must(t, desk.SaveSheet(t.Context(), "C01", []Score{half}))
	is(t, "what is kept when a word is taken away", b.text(t, kept), "1.1:-:150:{0,1}:未配备人员:documents:市政府:2025-11-20: 1.3:-:-:{}:未召开会议:::")
}

// What no later word makes right is refused, all at once.
func TestASheetNamesAllItsFaults(t *testing.T) {
	t.Parallel()
	b := running(t)
	above, tomorrow, wrong := scored("1.2", 201), scored("1.3", 200), scored("2.1", 200)
	tomorrow.CheckedOn, tomorrow.Counts = day(time.November, 25), []int{-1}
	wrong.Method = "website"
	err := b.desk(t, "gov1").SaveSheet(t.Context(), "C01", []Score{scored("1.1", 200), scored("1.1", 200), above, tomorrow, wrong, scored("8.1", 200), {Indicator: "9.9"}})
	fails(t, err, store.Refused,
		"indicator 1.1: named twice", "indicator 1.2: 2.01 points lie outside 0 to 2.00", "indicator 1.3: a check on 2025-11-25 lies in the future",
		"indicator 1.3: a deduction is counted less than never", `indicator 2.1: "website" is none of its check methods (A8(6))`,
		"indicator 8.1 is not assigned to you", "indicator 9.9 is not assigned to you")
	fails(t, b.desk(t, "gov1").SaveSheet(t.Context(), "C01", []Score{scored("1.1", 200), scored("8.1", 200)}), store.Refused, "indicator 8.1 is not assigned to you")
	is(t, "points", b.text(t, `SELECT count(points) FROM scores`), "0")
	b.execute(t, `UPDATE sheets SET state = 'submitted' WHERE assessor = 'gov1'`)
	fails(t, b.desk(t, "gov1").SaveSheet(t.Context(), "C01", nil), store.Refused, "the sheet of C01 is not open")
	fails(t, b.desk(t, "web2").SaveSheet(t.Context(), "C02", nil), store.Refused, "the sheet of C02 is not open")
}

// Today is the change's: the desk's own clock may be that of a rehearsal which had not started when it was seated.
func TestADeskThatWasSeatedEarly(t *testing.T) {
	t.Parallel()
	b := running(t)
	desk, before := b.desk(t, "gov1"), day(time.November, 21).At(8, 0)
	desk.Cycle.ClockVirtual, desk.Cycle.ClockPace = &before, int64(time.Second)
	is(t, "the desk's day", desk.Today(), day(time.November, 21))
	must(t, desk.SaveSheet(t.Context(), "C01", []Score{scored("1.1", 200)}))
}

// Submitting demands everything, and tells all that is missing with the indicators' names; nothing reaches the workflow.
func TestAnIncompleteSheetIsNotSubmitted(t *testing.T) {
	t.Parallel()
	b := running(t)
	desk := b.desk(t, "media1")
	b.execute(t, `UPDATE scores SET points = max_points, method = 'website', place = '网站', checked_on = '2025-11-24', seen = '已核查' WHERE assessor = 'media1'`)
	b.execute(t, `UPDATE scores SET points = NULL, draft_points = 700 WHERE assessor = 'media1' AND indicator = '4.1'`)
	b.execute(t, `UPDATE scores SET points = NULL, method = '', place = '', checked_on = NULL, seen = '' WHERE assessor = 'media1' AND indicator = '8.3'`)
	b.execute(t, `UPDATE scores SET points = NULL, method = '', place = '', checked_on = NULL WHERE assessor = 'media1' AND indicator = '8.4'`)
	fails(t, desk.SubmitSheet(t.Context(), "a1", "C01"), store.Refused,
		"indicator 4.1 文件与解读同步组织、同步审签、同步部署: points lost need a reason (A8(6))",
		"indicator 8.3 政务新媒体内容保障: not scored yet (A8(6))",
		"indicator 8.4 政务新媒体常态化安全监管: no points yet (A8(6))", "indicator 8.4 政务新媒体常态化安全监管: the check's method is missing (A8(6))",
		"indicator 8.4 政务新媒体常态化安全监管: where it was checked is missing (A8(6))", "indicator 8.4 政务新媒体常态化安全监管: when it was checked is missing (A8(6))")
	b.execute(t, `UPDATE scores SET seen = '' WHERE assessor = 'media1' AND indicator = '8.4'`)
	b.execute(t, `UPDATE scores SET points = NULL, seen = '' WHERE assessor = 'media1' AND indicator = '8.5'`)
	fails(t, desk.SubmitSheet(t.Context(), "a1", "C01"), store.Refused,
		"indicator 4.1 文件与解读同步组织、同步审签、同步部署: points lost need a reason (A8(6))",
		"indicator 8.3 政务新媒体内容保障: not scored yet (A8(6))", "indicator 8.4 政务新媒体常态化安全监管: not scored yet (A8(6))",
		"indicator 8.5 政务(便民)服务中心政务公开专区建设和运行: no points yet (A8(6))", "indicator 8.5 政务(便民)服务中心政务公开专区建设和运行: what was seen is missing (A8(6))")
	is(t, "acts that went to Temporal", len(b.temporal.updates), 0)
	b.temporal.answers(workflows.SheetsResult{Open: 5}, nil)
	b.execute(t, `UPDATE scores SET points = max_points, draft_points = NULL, method = 'website', place = '网站', checked_on = '2025-11-24', seen = '已核查' WHERE assessor = 'media1'`)
	must(t, desk.SubmitSheet(t.Context(), "a1", "C01"))
	is(t, "the act", b.temporal.last().UpdateName, workflows.UpdateSubmitSheet)
}

// reported gives units a submitted report with a statement and evidence on each indicator.
func (b *bundle) reported(t *testing.T) {
	t.Helper()
	b.execute(t, `INSERT INTO reports (cycle_id, unit, revision, state, submitted_by, submitted_at, late) SELECT cycle_id, code, 1, 'submitted', 'x', now(), code = 'C01' FROM units`)
	b.execute(t, `INSERT INTO report_items SELECT u.cycle_id, u.code, 1, i.code, i.max_points, u.code || '已落实' || i.code, i.max_points - 50 FROM units u JOIN indicators i USING (cycle_id)`)
	b.execute(t, `INSERT INTO evidence (cycle_id, unit, revision, indicator, position, name, link) SELECT cycle_id, unit, 1, indicator, 1, unit || '专栏' || indicator, 'https://x.example' FROM report_items`)
}

// An assessor sees what the unit says and his own points, never another's, before and after he submitted (A8(6)).
func TestAnAssessorSeesHisOwnPoints(t *testing.T) {
	t.Parallel()
	b := running(t)
	b.reported(t)
	b.execute(t, `UPDATE scores SET points = max_points, method = 'documents' WHERE assessor = 'gov1'`)
	for _, state := range []string{"open", "submitted"} {
		b.execute(t, `UPDATE sheets SET state = $1, marked = '{7.2}'`, state)
		sheet, err := b.desk(t, "gov2").Sheet(t.Context(), "C01")
		must(t, err)
		is(t, "indicators", len(sheet.Items), 14)
		for _, item := range sheet.Items {
			if item.Score.Points != nil {
				t.Errorf("gov2 sees %v of %s", item.Score.Points, item.Indicator.Code)
			}
		}
		last := sheet.Items[13]
		is(t, "the last", fmt.Sprint(last.Indicator.Code, last.Said.Statement, last.Said.SelfScore, last.Said.Evidence, last.Marked && last.Late), "7.2C01已落实7.29.50 [{C01专栏7.2 https://x.example  0}] true")
		items, err := b.desk(t, "gov2").SheetsBy(t.Context(), "7.2", 1, 20)
		must(t, err)
		if state == "submitted" {
			is(t, "submitted sheets by indicator", len(items.Items), 0)
		} else if items.Items[0].Score.Points != nil {
			t.Error("gov2 sees another's points by indicator")
		}
	}
}

// One indicator of all open sheets, a page at a time.
func TestSheetsByIndicator(t *testing.T) {
	t.Parallel()
	b := running(t)
	b.reported(t)
	b.execute(t, `UPDATE sheets SET state = 'open' WHERE unit <> 'D18'`)
	desk := b.desk(t, "gov1")
	must(t, desk.SaveSheet(t.Context(), "C02", []Score{scored("1.1", 200)}))
	first, err := desk.SheetsBy(t.Context(), "1.1", 1, 1)
	must(t, err)
	second, err := desk.SheetsBy(t.Context(), "1.1", 2, 1)
	must(t, err)
	is(t, "the pages", fmt.Sprint(first.Total, first.Items[0].UnitName, first.Items[0].Late, second.Items[0].UnitName, second.Items[0].Late), "2崆峒区人民政府true华亭市人民政府false")
	item := second.Items[0]
	is(t, "the second", fmt.Sprint(*item.Score.Points, item.Said.Statement, item.Said.SelfScore, item.Said.Evidence[0].Name, item.ReviewDue, len(item.Lacks())), "2.00C02已落实1.11.50C02专栏1.12026-01-09 0")
	progress, err := desk.SheetIndicators(t.Context())
	must(t, err)
	is(t, "the indicators", fmt.Sprint(len(progress), " ", progress[0].Indicator.Code, " ", progress[0].Assigned, progress[0].Scored, progress[1].Scored), "12 1.1 2 1 0")
	_, err = desk.SheetsBy(t.Context(), "9.9", 1, 20)
	fails(t, err, store.NotFound, "the scheme has no indicator 9.9")
	_, err = b.desk(t, "gov1").Sheet(t.Context(), "C99")
	fails(t, err, store.Forbidden, "C99 is not assigned to gov1 (A8(6))")
}

func TestTheQueue(t *testing.T) {
	t.Parallel()
	b := running(t)
	b.execute(t, `UPDATE sheets SET remark = '请核对' WHERE unit = 'C01'`)
	must(t, b.desk(t, "web2").SaveSheet(t.Context(), "C01", nil))
	b.execute(t, `UPDATE scores SET points = max_points, method = 'website' WHERE assessor = 'web2' AND unit = 'C01' AND indicator LIKE '3.%'`)
	b.execute(t, `INSERT INTO reports (cycle_id, unit, revision, state, submitted_at, reason) SELECT cycle_id, 'C02', 1, 'returned', now(), '补正' FROM cycles`)
	b.execute(t, `INSERT INTO reports (cycle_id, unit, revision, state) SELECT cycle_id, 'C02', 2, 'draft' FROM cycles`)
	rows, err := b.desk(t, "web2").SheetQueue(t.Context())
	must(t, err)
	var told []string
	for _, row := range rows {
		told = append(told, fmt.Sprint(row.Unit, " ", row.State, " ", row.Scored, "/", row.Assigned, " ", row.Report, row.Revision, row.Remark, row.ReviewDue))
	}
	is(t, "the queue", strings.Join(told, "\n"), "C01 open 4/11 0请核对2026-01-09\nC02 waiting 0/11 draft22026-01-09\nD18 waiting 0/11 02026-01-09")
	b.execute(t, `UPDATE sheets SET state = 'open'`)
	sheet, err := b.desk(t, "web2").Sheet(t.Context(), "C02")
	must(t, err)
	is(t, "its neighbours", sheet.Before+" "+sheet.After, "C01 D18")
	is(t, "the revision shown", fmt.Sprint(sheet.Report, sheet.Revision), "returned1")
}

// The authority sees how far everybody is; points only when the unit's review is closed (A8(6)).
func TestOthersSheets(t *testing.T) {
	t.Parallel()
	b := running(t)
	b.execute(t, `UPDATE scores SET points = max_points, method = 'documents', seen = '文件齐全' WHERE assessor = 'gov1' AND unit = 'C01'`)
	b.at(day(time.November, 25), 9)
	b.execute(t, `UPDATE assessments SET review_due = '2025-11-24' WHERE unit = 'C01'`)
	for _, login := range []string{"admin", "auditor"} {
		progress, err := b.desk(t, login).SheetProgress(t.Context())
		must(t, err)
		is(t, "assessors", len(progress.Assessors), 6)
		for _, row := range progress.Assessors {
			if row.Assessor == "gov1" {
				is(t, "gov1", fmt.Sprint(row.Sheets, row.Waiting, row.Open, row.Submitted, row.Overdue, row.Scored, row.Assigned, row.ReviewDue), "3 2 1 0 1 12 36 2025-11-24")
			}
		}
		is(t, "C01", fmt.Sprint(progress.Units[0].Code, progress.Units[0].Sheets, progress.Units[0].Submitted, progress.Units[0].State), "C016 0review")
		shown, err := b.desk(t, login).OthersSheets(t.Context(), "C01")
		must(t, err)
		is(t, "an open review", fmt.Sprint(shown.Unit.Name, shown.Closed, len(shown.Sheets), shown.Sheets[0].Scored, len(shown.Given)), "崆峒区人民政府false 6 12 0")
	}
	b.execute(t, `UPDATE assessments SET state = 'closed' WHERE unit = 'C01'`)
	shown, err := b.desk(t, "auditor").OthersSheets(t.Context(), "C01")
	must(t, err)
	is(t, "a closed review", fmt.Sprint(shown.Closed, shown.Given[0].Indicator.Code, shown.Given[0].Assessor, *shown.Given[0].Score.Points, shown.Given[0].Score.Seen), "true1.1市政务公开办公室考核员一2.00文件齐全")
	_, err = b.desk(t, "admin").OthersSheets(t.Context(), "C99")
	fails(t, err, store.NotFound, "no unit C99")
	b = imported(t)
	shown, err = b.desk(t, "admin").OthersSheets(t.Context(), "C01")
	must(t, err)
	is(t, "before the start", len(shown.Sheets), 0)
}
