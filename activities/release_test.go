package activities

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/workflows"
)

func TestResultsAreReleased(t *testing.T) {
	t.Parallel()
	b := released(t)
	_, story, _ := strings.Cut(b.story(t), "proposal_approved, ")
	is(t, "the journal", story, "bulletin_issued, feedback_issued C02, feedback_issued C01, feedback_issued D18, results_reported")
	is(t, "the ledger", b.mails(t, "bulletin", "feedback", "results_to_organization"), `bulletin zwgk@kongtong.pingliang.example
bulletin zwgk@huating.pingliang.example
bulletin zwgk@wlj.pingliang.example
feedback zwgk@huating.pingliang.example
feedback zwgk@kongtong.pingliang.example
feedback zwgk@wlj.pingliang.example
results_to_organization kaohe@zzb.pingliang.example`)
	is(t, "the results in force", b.count(t, `SELECT released FROM cycles`), 1)
	is(t, "the proposal", b.proposal(t, 1).Released, true)
	line := b.lines(t, "results_reported")[0]
	is(t, "the report's line", fmt.Sprint(line.Article, line.Data["number"], line.Data["digest"] == b.proposal(t, 1).Digest), "A121 true")
	is(t, "the bulletin's line", fmt.Sprint(b.lines(t, "bulletin_issued")[0].Data), "map[number:1]")
}

func TestTheBulletinIsForAll(t *testing.T) {
	t.Parallel()
	b := released(t)
	for address, letter := range b.letters(t, "bulletin") {
		says(t, letter, "关于2025年度政务公开工作考核结果的通报", "第1号", "依据平政办发〔2024〕00号(示例)继续施行",
			"第1名 华亭市人民政府（C02）：100.00分，优秀；县（市、区）类第1名",
			"第2名 崆峒区人民政府（C01）：98.10分，优秀；县（市、区）类第2名",
			"第3名 平凉市文化和旅游局（D18）：81.50分，良好；部门类第1名",
			"下列指标考核2024年度的工作：政府信息公开年度报告编制和发布") // A4
		is(t, address+" reads points of an indicator", contains(letter, "指标3."), false)
	}
}

// A unit sees what its own points are made of, and nobody else's (A8(7)).
func TestTheFeedbackIsTheUnitsOwn(t *testing.T) {
	t.Parallel()
	b := released(t)
	letter := b.letters(t, "feedback")["zwgk@kongtong.pingliang.example"]
	says(t, letter, "考核得分98.10分，考核等次为优秀；总排名第2名，县（市、区）类第2名",
		"第八条第（六）项 指标3.1 政府和政府办文件在市县两级政府信息公开专栏发布（主动公开，满分8分）：3名考核人员评分的平均值：7.33分", "第十条第（一）项 加分：政务公开工作受到上级主管部门通报表彰，每次加1分，共1次：1.00分",
		"第十一条第（二）项 减分", "：-1.00分", "第九条 各项分值分别四舍五入与总分一次四舍五入之间的差额：0.01分", "依据平政办发〔2024〕00号(示例)继续施行")
	// The annual report is that of the year before (A4); nothing else is.
	says(t, letter, "指标3.4 政府信息公开年度报告编制和发布（主动公开，满分3分）：3名考核人员评分的平均值（评价2024年度）：3.00分")
	is(t, "indicators that judge the year before", strings.Count(string(letter.Text), "（评价2024年度）"), 1)
	// What was found, how, and the mean of the points lost: two of three took a point of 3.1, one of two of 7.2.
	says(t, letter, "存在问题：", "1. 指标3.1 政府和政府办文件在市县两级政府信息公开专栏发布：超期公开一件（读网检查，扣0.67分）",
		"4. 指标7.2 ", "：答复不规范一件（", "扣0.50分）", "整改要求另行通知。")
	for _, foreign := range []string{"华亭", "文化和旅游局", "100.00", "81.50", "未发布", "未同步解读"} {
		is(t, "C01 reads "+foreign, contains(letter, foreign), false)
	}
	says(t, b.letters(t, "feedback")["zwgk@wlj.pingliang.example"], "考核得分81.50分，考核等次为良好；总排名第3名，部门类第1名", "指标8.2 专栏内容保障和常态化维护（平台建设，满分8分）：2名考核人员评分的平均值：0.00分")
}

func TestTheOrganizationDepartmentGetsTheWorkbook(t *testing.T) {
	t.Parallel()
	b := released(t)
	letter := b.letters(t, "results_to_organization")["kaohe@zzb.pingliang.example"]
	says(t, letter, "关于报送2025年度政务公开工作考核结果的函", "1. 2025年度政务公开考核结果.xlsx")
	is(t, "attachments", len(letter.Attachments), 1)
	workbook, err := excelize.OpenReader(bytes.NewReader(letter.Attachments[0].Content))
	must(t, err)
	rows, err := workbook.GetRows(workbook.GetSheetName(0))
	must(t, err)
	text := fmt.Sprint(rows)
	for _, part := range []string{b.proposal(t, 1).Digest, "华亭市人民政府", "100", "98.10", "81.50", "良好"} {
		is(t, "the workbook says "+part, strings.Contains(text, part), true)
	}
}

func TestNobodyInTheOrganizationDepartment(t *testing.T) {
	t.Parallel()
	b := released(t, func(set *store.DataSet) {
		for i := range set.Plan.People {
			if set.Plan.People[i].Role == rules.OrganizationDepartment {
				set.Plan.People[i].Role = rules.Auditor
			}
		}
	})
	is(t, "mails", b.mails(t, "results_to_organization"), "")
	is(t, "tasks", b.tasks(t), "results/1 admin")
}

// Two units whose contacts share an address get a bulletin together, and a feedback each.
func TestAnAddressOfTwoUnits(t *testing.T) {
	t.Parallel()
	b := released(t, func(set *store.DataSet) {
		for i := range set.Plan.People {
			if set.Plan.People[i].Role == rules.Contact {
				set.Plan.People[i].Email = "office@example.com"
			}
		}
	})
	is(t, "bulletins", b.mails(t, "bulletin"), "bulletin office@example.com")
	is(t, "feedback", b.column(t, `SELECT unit FROM mails WHERE kind = 'feedback'`), "C01 C02 D18")
}

// What was approved is no more what would be released: nothing leaves, and a new proposal follows (A8(6)).
func TestAChangedScoreStopsTheRelease(t *testing.T) {
	t.Parallel()
	b := proposed(t)
	b.approve(t, 1)
	before := b.count(t, `SELECT count(*) FROM mails`)
	b.lose(t, "C01", "7.2", "答复不规范两件", map[string]string{"gov2": "9.99"})
	is(t, "released", b.release(t, 1), false)
	is(t, "the proposal", b.proposal(t, 1).State+" "+b.proposal(t, 1).Comment, "voided the scores are no longer those that were approved")
	is(t, "mails", b.count(t, `SELECT count(*) FROM mails`), before)
	is(t, "results in force", b.count(t, `SELECT count(released) FROM cycles`), 0)
	is(t, "released, asked again", b.release(t, 1), false)
	is(t, "voided once", len(b.lines(t, "proposal_voided")), 1)
	b.propose(t, 2)
	b.approve(t, 2)
	is(t, "the new proposal is released", b.release(t, 2), true)
	is(t, "its bulletin", fmt.Sprint(b.lines(t, "bulletin_issued")[0].Data), "map[number:1]")
}

func TestAConfirmedAdjustmentStopsTheRelease(t *testing.T) {
	t.Parallel()
	b := proposed(t)
	b.approve(t, 1)
	b.confirm(t, b.column(t, `SELECT adjustment_id FROM adjustments WHERE clause = '11.5'`))
	is(t, "released", b.release(t, 1), false)
}

func (b *bundle) correcting(t *testing.T, reason, adjustment string, units ...string) workflows.CorrectInput {
	t.Helper()
	return workflows.CorrectInput{Act: b.asked(t, "admin", store.Reason{Reason: reason}), Adjustment: adjustment, Units: units, ReviewDue: day(time.April, 3)}
}

// A lawsuit that was lost in spring: a new proposal with its reason, approved again, and a correcting bulletin that
// names the old; until then the released results stand (A8(7)).
func TestResultsAreCorrected(t *testing.T) {
	t.Parallel()
	b := released(t)
	b.at(day(time.March, 30), 10)
	lawsuit := b.adjust(t, "C01", "11.1", "行政诉讼败诉")
	result := done(t, b, workflows.CorrectResults, b.correcting(t, "行政诉讼败诉", lawsuit))
	is(t, "units that are reviewed again", len(result.Units), 0)
	is(t, "the results in force", b.count(t, `SELECT released FROM cycles`), 1)
	b.propose(t, 2)
	second := b.proposal(t, 2)
	is(t, "the proposal", fmt.Sprint(second.Corrects.Int32, second.Reason, second.Due), "1行政诉讼败诉2026-04-02")
	says(t, b.letters(t, "approval_request")["leader@zwgk.pingliang.example"], "行政诉讼败诉")
	refused(t, b, workflows.CorrectResults, b.correcting(t, "再次", lawsuit), "a proposal is open already: decide it first")
	b.approve(t, 2)
	is(t, "released", b.release(t, 2), true)
	is(t, "C01", strings.Contains(b.results(t, 2), "C01 96.10 excellent 2 2: 97.50 + 1.60 - 3.00"), true)
	is(t, "the results in force", b.count(t, `SELECT released FROM cycles`), 2)
	letter := b.letters(t, "bulletin_corrected")["zwgk@wlj.pingliang.example"]
	says(t, letter, "第2号", "第1号", "行政诉讼败诉", "第2名 崆峒区人民政府（C01）：96.10分")
	is(t, "letters", fmt.Sprint(len(b.letters(t, "bulletin")), len(b.letters(t, "bulletin_corrected"))), "3 3")
	is(t, "feedback", b.count(t, `SELECT count(*) FROM mails WHERE kind = 'feedback'`), 6)
	_, story, _ := strings.Cut(b.story(t), "results_reported, ")
	is(t, "the journal", story, "adjustment_proposed C01, adjustment_confirmed C01, proposal_made, proposal_approved, results_corrected, bulletin_issued, "+
		"feedback_issued C02, feedback_issued C01, feedback_issued D18, results_reported")
	is(t, "the bulletin's line", fmt.Sprint(b.lines(t, "bulletin_issued")[1].Data), "map[corrects:1 number:2]")
}

func TestACorrectionReopensReviews(t *testing.T) {
	t.Parallel()
	b := released(t)
	b.at(day(time.March, 30), 10)
	result := done(t, b, workflows.CorrectResults, b.correcting(t, "评分录入有误", "", "D18", "D18"))
	is(t, "the units", fmt.Sprint(result.Units), "[{D18 2}]")
	is(t, "the remark", b.column(t, `SELECT DISTINCT remark FROM sheets WHERE unit = 'D18'`), "评分录入有误")
	b.fill(t, "D18")
	is(t, "the review", b.submitSheets(t, "D18").Closed, true)
	b.propose(t, 2)
	is(t, "D18", strings.Contains(b.results(t, 2), "D18 98.00 excellent 3 1: 100.00 + 0.00 - 2.00") ||
		strings.Contains(b.results(t, 2), "D18 98.00 excellent 2 1"), true)
}

func TestACorrectionIsRefused(t *testing.T) {
	t.Parallel()
	b := proposed(t)
	lawsuit := b.adjust(t, "C01", "11.1", "行政诉讼败诉")
	refused(t, b, workflows.CorrectResults, b.correcting(t, "行政诉讼败诉", lawsuit), "no results are released yet: there is nothing to correct (A8(7))")
	refused(t, b, workflows.CorrectResults, b.correcting(t, "", lawsuit), "a reason is missing")
	refused(t, b, workflows.CorrectResults, b.correcting(t, "", ""), "a reason is missing", "a correction names an adjustment or units (A8(7))")
	b.approve(t, 1)
	b.release(t, 1)
	b.at(day(time.April, 3), 10)
	refused(t, b, workflows.CorrectResults, b.correcting(t, "更正", "", "C99", "C01"), "no unit C99", "the new review date 2026-04-03 is not after today")
	is(t, "the correction", b.column(t, `SELECT correction FROM cycles`), "")
}
