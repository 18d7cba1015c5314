package activities

import (
	"fmt"
	"testing"
	"time"

	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/workflows"
)

// inReview is a year with C01's review open, and its sheets empty.
func inReview(t *testing.T, change ...func(*store.DataSet)) *bundle {
	t.Helper()
	b := noticed(t, change...)
	b.at(day(time.December, 10), 10)
	b.submit(t, "C01")
	is(t, "open sheets", b.openReview(t, "C01"), 6)
	return b
}

func sheetOf(b *bundle, assessor, unit string) workflows.SubmitSheetInput {
	return workflows.SubmitSheetInput{Act: b.act(assessor), Unit: unit}
}

func TestAnIncompleteSheetNamesAllThatIsMissing(t *testing.T) {
	t.Parallel()
	b := inReview(t)
	b.fill(t, "C01")
	b.execute(t, `UPDATE scores SET points = NULL WHERE assessor = 'media1' AND indicator IN ('4.1', '8.3', '8.5')`)
	refused(t, b, workflows.SubmitSheet, sheetOf(b, "media1", "C01"),
		"indicator 4.1 has no points (A8(6))", "indicator 8.3 has no points (A8(6))", "indicator 8.5 has no points (A8(6))")
	is(t, "submitted", fmt.Sprint(b.assessors(t, "C01", "submitted")), "[]")
	is(t, "the review", b.closeReview(t, "C01"), workflows.CloseReviewResult{Open: 6})
}

func TestASheetIsSubmitted(t *testing.T) {
	t.Parallel()
	b := inReview(t)
	b.fill(t, "C01")
	b.lose(t, "C01", "4.1", "未同步解读一件", map[string]string{"media1": "7"})
	in := sheetOf(b, "media1", "C01")
	for range 2 {
		is(t, "the result", done(t, b, workflows.SubmitSheet, in), workflows.SheetsResult{Open: 5})
	}
	is(t, "lines", b.story(t), "cycle_started, report_submitted C01, sheet_submitted C01")
	is(t, "who", b.lines(t, "sheet_submitted")[0].Person, "media1")
	is(t, "what was submitted", b.column(t, `SELECT s->>'points' || ' ' || (s->>'reason') || ' ' || (s->>'method') || ' ' || (s->>'place') || ' ' || (s->>'checked_on') || ' ' || (s->>'seen')
		FROM sheet_submissions, jsonb_array_elements(scores) s WHERE s->>'indicator' = '4.1'`), "700 未同步解读一件 website 专栏 2025-12-20 已核查")
	is(t, "indicators that were submitted", b.count(t, `SELECT jsonb_array_length(scores) FROM sheet_submissions`), 9)
	refused(t, b, workflows.SubmitSheet, sheetOf(b, "media1", "C01"), "this sheet is not open: it is submitted already, or the unit's review is not open")
}

// A workflow may have forgotten how many sheets came in: what it takes for one of many is left alone if it is the last.
func TestTheLastSheetIsLeftAlone(t *testing.T) {
	t.Parallel()
	b := inReview(t)
	b.fill(t, "C01")
	for i, assessor := range []string{"gov1", "gov2", "media1", "opinion1", "web1"} {
		in := sheetOf(b, assessor, "C01")
		in.NotLast = true
		is(t, "open after "+assessor, done(t, b, workflows.SubmitSheet, in), workflows.SheetsResult{Open: 5 - i})
	}
	last := sheetOf(b, "web2", "C01")
	last.NotLast = true
	failed(t, b, workflows.SubmitSheet, last, workflows.ErrorLastSheet, "the sheet is the unit's last one")
	is(t, "submitted", len(b.assessors(t, "C01", "submitted")), 5)
	last.NotLast = false
	is(t, "the last one", done(t, b, workflows.SubmitSheet, last), workflows.SheetsResult{})
}

func TestWhoMaySubmitASheet(t *testing.T) {
	t.Parallel()
	b := inReview(t)
	b.fill(t, "D18")
	b.fill(t, "C02")
	failed(t, b, workflows.SubmitSheet, sheetOf(b, "media1", "D18"), workflows.ErrorForbidden, "this unit is not assigned to you (A8(6))")
	failed(t, b, workflows.SubmitSheet, sheetOf(b, "leader", "C01"), workflows.ErrorForbidden, "this unit is not assigned to you (A8(6))")
	refused(t, b, workflows.SubmitSheet, sheetOf(b, "web1", "C02"), "this sheet is not open: it is submitted already, or the unit's review is not open")
}

// The review closes with the last sheet; what waits for the unit ends with it.
func TestAReviewCloses(t *testing.T) {
	t.Parallel()
	b := noticed(t)
	b.at(day(time.December, 13), 0)
	b.openReview(t, "C01")
	b.fill(t, "C01")
	is(t, "the result", b.submitSheets(t, "C01"), workflows.CloseReviewResult{Closed: true})
	is(t, "the assessments", b.assessmentsAs(t), "C01 closed 2025-12-12 2026-01-09, C02 reporting 2025-12-12 2026-01-09, D18 reporting 2025-12-12 2026-01-09")
	is(t, "tasks", b.tasks(t), "self_report/C02 2025-12-12\nself_report/D18 2025-12-12")
}

// spreading is a scheme in which two assessors may be two points apart.
func spreading(set *store.DataSet) { set.Plan.Scheme.MaxSpread = "2" }

// 7.2 of 10 by 10 and 8 is two apart, and near enough.
func TestASpreadWithinTheLimit(t *testing.T) {
	t.Parallel()
	b := inReview(t, spreading)
	b.fill(t, "C01")
	b.lose(t, "C01", "7.2", "答复不规范", map[string]string{"gov1": "8"})
	is(t, "the result", b.submitSheets(t, "C01"), workflows.CloseReviewResult{Closed: true})
}

// 7.2 by 10 and 7.99 goes back to gov1 and gov2, and only to them.
func TestASpreadGoesBackToTheAssessors(t *testing.T) {
	t.Parallel()
	b := inReview(t, spreading)
	b.fill(t, "C01")
	b.lose(t, "C01", "7.2", "答复不规范", map[string]string{"gov1": "7.99"})
	is(t, "the result", b.submitSheets(t, "C01"), workflows.CloseReviewResult{Open: 2})
	is(t, "whose sheets are open", fmt.Sprint(b.assessors(t, "C01", "open")), "[gov1 gov2]")
	is(t, "the remark", b.column(t, `SELECT DISTINCT remark FROM sheets WHERE state = 'open'`), "考核员之间评分差距超过方案规定，请复核")
	is(t, "who is told", b.column(t, `SELECT person FROM mails WHERE kind = 'review_reopened'`), "gov1 gov2")
	is(t, "what is concerned", b.column(t, `SELECT DISTINCT marked::text FROM sheets WHERE state = 'open'`), "{7.2}")
	b.lose(t, "C01", "7.2", "答复不规范", map[string]string{"gov2": "9"})
	is(t, "the result when they are nearer", b.submitSheets(t, "C01"), workflows.CloseReviewResult{Closed: true})
	is(t, "tasks", b.count(t, `SELECT count(*) FROM tasks WHERE kind = 'third_assessor'`), 0)
}

// Still apart: the administrator names a third, one of an assessor's rights and none of the two.
func TestASpreadIsSettledByAThird(t *testing.T) {
	t.Parallel()
	b := inReview(t, spreading)
	assign := func(assessor string) workflows.AssignAssessorInput {
		return workflows.AssignAssessorInput{Act: b.act("admin"), Unit: "C01", Assessor: assessor}
	}
	b.fill(t, "C01")
	b.lose(t, "C01", "7.2", "答复不规范", map[string]string{"gov1": "5"})
	refused(t, b, workflows.AssignAssessor, assign("web1"), "this unit does not wait for a third assessor (A8(6))")
	is(t, "the first result", b.submitSheets(t, "C01"), workflows.CloseReviewResult{Open: 2})
	is(t, "the second result", b.submitSheets(t, "C01"), workflows.CloseReviewResult{Open: 1})
	is(t, "whose sheets are open", fmt.Sprint(b.assessors(t, "C01", "open")), "[]")
	is(t, "the task", b.column(t, `SELECT key || ' ' || role FROM tasks WHERE state = 'open' AND kind = 'third_assessor'`), "third_assessor/C01 admin")
	is(t, "asked again", b.closeReview(t, "C01"), workflows.CloseReviewResult{Open: 1})
	refused(t, b, workflows.AssignAssessor, assign("gov2"), "gov2 is one of those who scored every one of these indicators: name somebody else (A8(6))")
	refused(t, b, workflows.AssignAssessor, assign("leader"), "leader is no assessor of this cycle")
	refused(t, b, workflows.AssignAssessor, assign("nobody"), "nobody is no assessor of this cycle")
	is(t, "the result", done(t, b, workflows.AssignAssessor, assign("web1")), workflows.SheetsResult{Open: 1})
	is(t, "the task is done", b.column(t, `SELECT note FROM tasks WHERE state = 'done' AND kind = 'third_assessor'`), "web1")
	is(t, "web1's sheet", b.column(t, `SELECT remark FROM sheets WHERE assessor = 'web1' AND unit = 'C01' AND state = 'open'`), "请作为第三方复核")
	is(t, "who is told", b.column(t, `SELECT person FROM mails WHERE kind = 'review_reopened'`), "gov1 gov2 web1")
	says(t, b.letters(t, "review_reopened")["web1@zwgk.pingliang.example"], "崆峒区人民政府", "请作为第三方复核")
	refused(t, b, workflows.SubmitSheet, sheetOf(b, "web1", "C01"), "indicator 7.2 has no points (A8(6))")
	b.execute(t, `UPDATE scores SET points = 900, reason = '答复不规范一件', method = 'documents' WHERE assessor = 'web1' AND indicator = '7.2' AND unit = 'C01'`)
	is(t, "the review", b.submitSheets(t, "C01"), workflows.CloseReviewResult{Closed: true})
	is(t, "points of 7.2", b.column(t, `SELECT assessor || ' ' || points FROM scores WHERE indicator = '7.2' AND unit = 'C01'`), "gov1 500 gov2 1000 web1 900")
}

// Two indicators are too far apart: who scored one of them is a third for the other.
func TestAThirdForSomeOfTheIndicators(t *testing.T) {
	t.Parallel()
	b := inReview(t, spreading)
	b.fill(t, "C01")
	b.lose(t, "C01", "7.2", "答复不规范", map[string]string{"gov1": "5"})
	b.lose(t, "C01", "5.2", "未回应", map[string]string{"opinion1": "0"})
	b.submitSheets(t, "C01")
	is(t, "waits for a third", b.submitSheets(t, "C01"), workflows.CloseReviewResult{Open: 1})
	// gov1 scored both, gov2 only 7.2: he is the third for 5.2.
	is(t, "what was concerned", b.column(t, `SELECT assessor || marked::text FROM sheets WHERE marked <> '{}'`), "gov1{5.2,7.2} gov2{7.2} opinion1{5.2}")
	assign := workflows.AssignAssessorInput{Act: b.act("admin"), Unit: "C01", Assessor: "gov2"}
	is(t, "the result", done(t, b, workflows.AssignAssessor, assign), workflows.SheetsResult{Open: 1})
	is(t, "what the third looks at", b.column(t, `SELECT marked::text FROM sheets WHERE assessor = 'gov2' AND unit = 'C01'`), "{5.2}")
	refused(t, b, workflows.SubmitSheet, sheetOf(b, "gov2", "C01"), "indicator 5.2 has no points (A8(6))")
}

// A third of the unit's own organisation is refused, however the data set writes it (A8(6)).
func TestAThirdOfTheUnitsOwn(t *testing.T) {
	t.Parallel()
	for name, written := range map[string]string{"by its code": "C01", "by its name": "崆峒区人民政府", "in small letters": "c01"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := inReview(t, spreading, func(set *store.DataSet) {
				set.Plan.People = append(set.Plan.People, rules.Person{
					Login: "own", Name: "本单位考核员", Role: rules.Assessor, Unit: written, Email: "own@example.com", Areas: []string{"response"},
				})
			})
			b.execute(t, `UPDATE assessments SET spread = 'third'`)
			b.fill(t, "C01")
			b.lose(t, "C01", "7.2", "答复不规范", map[string]string{"gov1": "5"})
			refused(t, b, workflows.AssignAssessor, workflows.AssignAssessorInput{Act: b.act("admin"), Unit: "C01", Assessor: "own"},
				"an assessor never scores his own organisation (A8(6))")
		})
	}
}

// A late report brings the two together while the unit waits for a third: none is needed any more.
func TestAThirdIsNotNeededAnyMore(t *testing.T) {
	t.Parallel()
	b := noticed(t, spreading)
	b.at(day(time.December, 13), 0)
	b.openReview(t, "C01")
	b.fill(t, "C01")
	b.lose(t, "C01", "7.2", "答复不规范", map[string]string{"gov1": "5"})
	b.submitSheets(t, "C01")
	is(t, "waits for a third", b.submitSheets(t, "C01"), workflows.CloseReviewResult{Open: 1})
	b.submit(t, "C01")
	b.lose(t, "C01", "7.2", "答复不规范", map[string]string{"gov1": "9"})
	is(t, "the review", b.submitSheets(t, "C01"), workflows.CloseReviewResult{Closed: true})
	is(t, "tasks", b.count(t, `SELECT count(*) FROM tasks WHERE kind = 'third_assessor' AND state = 'open'`), 0)
}
