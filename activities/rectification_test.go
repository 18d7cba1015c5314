package activities

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

// problems are those of a unit's order: indicator, points lost, method, text.
func (b *bundle) problems(t *testing.T, unit string, number int) string {
	t.Helper()
	rows, err := b.Store.ProblemList(t.Context(), query.ProblemListParams{CycleID: b.cycle.ID, Unit: unit, Rectification: int32(number)})
	must(t, err)
	var texts []string
	for _, row := range rows {
		text := fmt.Sprint(row.Position, ". ", row.Indicator, " ", row.Lost, " ", row.Method, " ", row.Problem)
		if row.Repeated {
			text += " (repeated)"
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, "\n")
}

// rectifications are all orders: unit, number, state, limit.
func (b *bundle) rectifications(t *testing.T) string {
	t.Helper()
	rows, err := b.Store.RectificationList(t.Context(), query.RectificationListParams{CycleID: b.cycle.ID})
	must(t, err)
	var texts []string
	for _, row := range rows {
		texts = append(texts, fmt.Sprint(row.Unit, "/", row.Number, " ", row.State, " ", row.Due))
	}
	return strings.Join(texts, ", ")
}

func drafting(b *bundle) workflows.DraftProblemsInput {
	return workflows.DraftProblemsInput{Act: b.act("")}
}

func TestProblemsAreDrafted(t *testing.T) {
	t.Parallel()
	b := released(t)
	b.execute(t, `UPDATE scores SET reason = '政策文件缺失' WHERE unit = 'D18' AND indicator = '3.3' AND assessor = 'web2'`)
	is(t, "units", done(t, b, workflows.DraftProblems, drafting(b)).Units, 3)
	// What the unit lost is the maximum less the mean: 8 − 22/3, 6 − 16/3, 5 − 13/3, and 10 − 9.5.
	is(t, "C01's", b.problems(t, "C01", 0), `1. 3.1 0.67 website 超期公开一件
2. 3.2 0.67 website 应公开未公开一件
3. 3.3 0.67 website 要素不全
4. 7.2 0.50 documents 答复不规范一件`)
	is(t, "C02's", b.problems(t, "C02", 0), "1. 3.1 0.67 website 超期公开一件\n2. 4.1 1.00 website 未同步解读一件")
	is(t, "D18's", b.problems(t, "D18", 0), "1. 3.3 5.00 website 未发布；政策文件缺失\n2. 5.2 3.50 website 超期回应\n3. 8.2 8.00 website 栏目超期未更新")
	is(t, "the orders", b.rectifications(t), "C01/0 draft 2026-03-13, C02/0 draft 2026-03-13, D18/0 draft 2026-03-13")
	is(t, "tasks", b.tasks(t), "order_rectifications admin")
	is(t, "letters about rectification", b.mails(t, "rectification_order"), "")
	is(t, "the phase", b.column(t, `SELECT phase FROM cycles`), "rectification")
}

// What two found by different methods are two problems, each re-checked by its own (A13); the unit's loss stands once.
// Only the same reason is told once, not one that is part of another.
func TestAProblemFoundByTwoMethods(t *testing.T) {
	t.Parallel()
	b := released(t)
	b.lose(t, "C01", "7.2", "超期答复一件", map[string]string{"gov2": "7"}) // 10 − 8
	b.execute(t, `UPDATE scores SET method = 'on_site' WHERE unit = 'C01' AND indicator = '7.2' AND assessor = 'gov2'`)
	b.execute(t, `UPDATE scores SET reason = '发布' WHERE unit = 'D18' AND indicator = '3.3' AND assessor = 'web2'`)
	done(t, b, workflows.DraftProblems, drafting(b))
	c01 := strings.Split(b.problems(t, "C01", 0), "\n")
	is(t, "C01's last two", strings.Join(c01[len(c01)-2:], "\n"), "4. 7.2 2.00 documents 答复不规范一件\n5. 7.2 0.00 on_site 超期答复一件")
	is(t, "D18's first", strings.Split(b.problems(t, "D18", 0), "\n")[0], "1. 3.3 5.00 website 未发布；发布")
	done(t, b, workflows.OrderRectifications, workflows.OrderInput{Act: b.act("admin"), Units: []string{"C01"}})
	says(t, b.letters(t, "rectification_order")["zwgk@kongtong.pingliang.example"], "4. 指标7.2 依申请公开答复和复议诉讼：答复不规范一件（查阅资料，扣2.00分）",
		"5. 指标7.2 依申请公开答复和复议诉讼：超期答复一件（实地复核）")
}

func TestNobodyHasAProblem(t *testing.T) {
	t.Parallel()
	b := released(t)
	for _, unit := range []string{"C01", "C02", "D18"} {
		b.fill(t, unit)
	}
	is(t, "units", done(t, b, workflows.DraftProblems, drafting(b)).Units, 0)
	is(t, "tasks", b.tasks(t), "")
}

// A problem that the unit was ordered to rectify the year before is marked as repeated (A13).
func TestAProblemThatComesBack(t *testing.T) {
	t.Parallel()
	b := released(t)
	this := b.cycle
	b.importSet(t, 2024)
	for _, c := range []struct{ unit, state, indicator string }{{"C01", "accepted", "3.1"}, {"C02", "draft", "3.1"}, {"D18", "ended", "1.1"}} {
		b.execute(t, `INSERT INTO rectifications (cycle_id, unit, number, state, due) VALUES ($1, $2, 0, $3, '2025-03-14')`, b.cycle.ID, c.unit, c.state)
		b.execute(t, `INSERT INTO problems (cycle_id, unit, rectification, position, indicator, problem, method) VALUES ($1, $2, 0, 1, $3, '去年', 'website')`, b.cycle.ID, c.unit, c.indicator)
	}
	b.cycle = this
	done(t, b, workflows.DraftProblems, drafting(b))
	is(t, "C01's", strings.Split(b.problems(t, "C01", 0), "\n")[0], "1. 3.1 0.67 website 超期公开一件 (repeated)")
	is(t, "repeated problems", b.count(t, `SELECT count(*) FROM problems WHERE repeated`), 1)
	done(t, b, workflows.OrderRectifications, workflows.OrderInput{Act: b.act("admin"), Units: []string{"C01"}})
	says(t, b.letters(t, "rectification_order")["zwgk@kongtong.pingliang.example"], "1. 指标3.1 政府和政府办文件在市县两级政府信息公开专栏发布：超期公开一件（读网检查，扣0.67分，上年度已指出，属重复问题）",
		"4. 指标7.2 依申请公开答复和复议诉讼：答复不规范一件（查阅资料，扣0.50分）")
}

func TestRectificationIsOrdered(t *testing.T) {
	t.Parallel()
	b := released(t)
	done(t, b, workflows.DraftProblems, drafting(b))
	b.execute(t, `DELETE FROM problems WHERE unit = 'C02'`) // the administrator found nothing in it
	ordering := func(units ...string) workflows.OrderInput {
		return workflows.OrderInput{Act: b.act("admin"), Units: units}
	}
	refused(t, b, workflows.OrderRectifications, ordering("C01", "C98", "C99"), "no order is drafted for C98", "no order is drafted for C99")
	result := done(t, b, workflows.OrderRectifications, ordering("C01", "C01"))
	is(t, "the first orders", fmt.Sprint(result), "{[{C01 0 2026-03-13}] 2}")
	is(t, "tasks", b.tasks(t), "order_rectifications admin\nrectification/C01/0 2026-03-13")
	result = done(t, b, workflows.OrderRectifications, ordering())
	is(t, "the rest", fmt.Sprint(result), "{[{D18 0 2026-03-13}] 0}")
	is(t, "the orders", b.rectifications(t), "C01/0 ordered 2026-03-13, C02/0 ended 2026-03-13, D18/0 ordered 2026-03-13")
	is(t, "tasks", b.tasks(t), "rectification/C01/0 2026-03-13\nrectification/D18/0 2026-03-13")
	is(t, "letters", b.mails(t, "rectification_order"), "rectification_order zwgk@kongtong.pingliang.example\nrectification_order zwgk@wlj.pingliang.example")
	says(t, b.letters(t, "rectification_order")["zwgk@wlj.pingliang.example"], "于2026年3月13日24时前完成整改", "https://kaoping.example/pingliang/2025/units/D18/rectification/0")
	line := b.lines(t, "rectification_ordered")[0]
	is(t, "the line", fmt.Sprint(line.Unit, line.Person, line.Article, line.Data["due"], line.Data["number"], " ", line.Data["problems"]), "C01adminA132026-03-130 4")
	refused(t, b, workflows.OrderRectifications, ordering("C01"), "no order is drafted for C01")
}

// What the administrator took out leaves no gap in the order's numbers.
func TestAnOrderNumbersItsProblems(t *testing.T) {
	t.Parallel()
	b := released(t)
	done(t, b, workflows.DraftProblems, drafting(b))
	b.execute(t, `DELETE FROM problems WHERE unit = 'C01' AND position IN (1, 3)`)
	done(t, b, workflows.OrderRectifications, workflows.OrderInput{Act: b.act("admin"), Units: []string{"C01"}})
	is(t, "C01's", b.problems(t, "C01", 0), "1. 3.2 0.67 website 应公开未公开一件\n2. 7.2 0.50 documents 答复不规范一件")
	says(t, b.letters(t, "rectification_order")["zwgk@kongtong.pingliang.example"], "1. 指标3.2", "2. 指标7.2")
}

// An order that comes when its day has passed has eight working days: three as a return, five for its reminders.
func TestAnOrderThatComesLate(t *testing.T) {
	t.Parallel()
	b := released(t)
	done(t, b, workflows.DraftProblems, drafting(b))
	b.at(day(time.March, 20), 10)
	result := done(t, b, workflows.OrderRectifications, workflows.OrderInput{Act: b.act("admin"), Units: []string{"C02"}})
	is(t, "the order", fmt.Sprint(result.Orders), "[{C02 0 2026-04-01}]")
	is(t, "the orders", b.rectifications(t), "C01/0 draft 2026-03-13, C02/0 ordered 2026-04-01, D18/0 draft 2026-03-13")
}

func TestMeasuresComeBeforeTheReport(t *testing.T) {
	t.Parallel()
	b := ordered(t)
	refused(t, b, workflows.FileMeasures, b.on(t, "c01.contact", "C01", store.Filing{Text: " \n"}), "the text is missing (A13)")
	refused(t, b, workflows.ReportRectification, b.on(t, "c01.contact", "C01", store.Filing{Text: "已整改"}), "the measures come before the report (A13)")
	done(t, b, workflows.FileMeasures, b.on(t, "c01.contact", "C01", store.Filing{Text: "逐项整改"}))
	is(t, "the orders", b.rectifications(t), "C01/0 measures 2026-03-13, C02/0 ordered 2026-03-13, D18/0 ordered 2026-03-13")
	done(t, b, workflows.ReportRectification, b.on(t, "c01.contact", "C01", store.Filing{Text: "已整改完成"}))
	is(t, "the orders", b.rectifications(t), "C01/0 reported 2026-03-13, C02/0 ordered 2026-03-13, D18/0 ordered 2026-03-13")
	is(t, "texts", b.column(t, `SELECT string_agg(kind || ' ' || content, ', ' ORDER BY filing) FROM rectification_filings WHERE unit = 'C01'`), "measures 逐项整改, report 已整改完成")
	is(t, "tasks", b.tasks(t), "decide_rectification/C01/0 admin\nrectification/C02/0 2026-03-13\nrectification/D18/0 2026-03-13")
	_, story, _ := strings.Cut(b.story(t), "rectification_ordered D18, ")
	is(t, "the journal", story, "measures_filed C01, rectification_reported C01")
}

// What proves a filing is kept with it, in its order; what was filed before it stays, and the draft is done with (A13).
func TestEvidenceTravelsWithTheFiling(t *testing.T) {
	t.Parallel()
	b := ordered(t)
	b.execute(t, `INSERT INTO rectification_drafts (cycle_id, unit, rectification, kind, content) SELECT cycle_id, 'C01', 0, k.kind, '先写' FROM cycles, (VALUES ('measures'), ('report')) AS k (kind)`)
	digest := strings.Repeat("0a", 32)
	done(t, b, workflows.FileMeasures, b.on(t, "c01.contact", "C01", store.Filing{Text: "逐项整改", Evidence: []store.Evidence{
		{Name: "台账.xlsx", SHA256: digest, Size: 812}, {Name: "专栏", Link: "https://zwgk.example"},
	}}))
	done(t, b, workflows.FileMeasures, b.on(t, "c01.contact", "C01", store.Filing{Text: "补充措施"}))
	is(t, "the filings", b.column(t, `SELECT string_agg(filing || ' ' || kind || ' ' || content || ' ' || filed_by, ', ' ORDER BY filing) FROM rectification_filings`),
		"1 measures 逐项整改 c01.contact, 2 measures 补充措施 c01.contact")
	is(t, "the evidence", b.column(t, `SELECT string_agg(filing || '.' || position || ' ' || name || ' ' || link || sha256 || ' ' || size, ', ' ORDER BY filing, position) FROM rectification_evidence`),
		"1.1 台账.xlsx "+digest+" 812, 1.2 专栏 https://zwgk.example 0")
	is(t, "the drafts", b.column(t, `SELECT string_agg(kind, ', ') FROM rectification_drafts`), "report")
	line := b.lines(t, "measures_filed")[0]
	is(t, "the line", fmt.Sprint(line.Unit, " ", line.Data["number"], " ", line.Data["evidence"]), "C01 0 2")
}

// Each problem is looked at again by the method that found it (A13).
func TestAcceptanceNeedsTheSameMethods(t *testing.T) {
	t.Parallel()
	b := ordered(t)
	b.report(t, "C01")
	accept := func(rechecks ...store.Recheck) workflows.RectificationAct {
		return b.on(t, "admin", "C01", store.Acceptance{Rechecks: rechecks})
	}
	refused(t, b, workflows.AcceptRectification, accept(
		store.Recheck{Position: 1, Method: "website", Seen: "已公开"}, store.Recheck{Position: 2, Method: "website"}, store.Recheck{Position: 4, Method: "website", Seen: "已规范"}),
		"what was seen of problem 2 is missing (A13)",
		"problem 3 needs a re-check by website, the method that found it (A13)",
		"problem 4 needs a re-check by documents, the method that found it (A13)")
	is(t, "re-checks that stay", b.count(t, `SELECT count(*) FROM problems WHERE recheck <> ''`), 0)
	done(t, b, workflows.AcceptRectification, accept(
		store.Recheck{Position: 1, Method: "website", Seen: "已公开"}, store.Recheck{Position: 2, Method: "website", Seen: "已公开"},
		store.Recheck{Position: 3, Method: "website", Seen: "已补全"}, store.Recheck{Position: 4, Method: "documents", Seen: "已规范"}))
	is(t, "re-checks", b.column(t, `SELECT position || recheck || recheck_by || seen FROM problems WHERE unit = 'C01'`),
		"1websiteadmin已公开 2websiteadmin已公开 3websiteadmin已补全 4documentsadmin已规范")
	is(t, "the orders", b.rectifications(t), "C01/0 accepted 2026-03-13, C02/0 ordered 2026-03-13, D18/0 ordered 2026-03-13")
	is(t, "tasks", b.tasks(t), "rectification/C02/0 2026-03-13\nrectification/D18/0 2026-03-13")
	is(t, "the line", b.lines(t, "rectification_accepted")[0].Person, "admin")
}

// back sends a unit's report back until a day.
func (b *bundle) back(t *testing.T, unit, reason string, due calendar.Date) workflows.RectificationAct {
	t.Helper()
	in := b.on(t, "admin", unit, store.Reason{Reason: reason})
	in.Due = due
	return in
}

// The second time an interview is proposed, the third time nothing more (A14).
func TestARectificationIsSentBack(t *testing.T) {
	t.Parallel()
	b := ordered(t)
	b.at(day(time.March, 9), 10)
	b.report(t, "C01")
	refused(t, b, workflows.SendBack, b.back(t, "C01", "", day(time.March, 20)), "a reason is missing")
	refused(t, b, workflows.SendBack, b.back(t, "C01", "", day(time.March, 9)), "a reason is missing", "the new limit 2026-03-09 is not after today")
	is(t, "the first time", done(t, b, workflows.SendBack, b.back(t, "C01", "佐证不足", day(time.March, 20))), workflows.RectificationResult{})
	is(t, "the orders", b.rectifications(t), "C01/0 sent_back 2026-03-20, C02/0 ordered 2026-03-13, D18/0 ordered 2026-03-13")
	is(t, "tasks", b.tasks(t), "rectification/C01/0 2026-03-20\nrectification/C02/0 2026-03-13\nrectification/D18/0 2026-03-13")
	says(t, b.letters(t, "rectification_sent_back")["zwgk@kongtong.pingliang.example"], "佐证不足", "2026年3月20日")
	for i, want := range []workflows.RectificationResult{{Proposed: 1}, {}} {
		b.report(t, "C01")
		is(t, fmt.Sprint("time ", i+2), done(t, b, workflows.SendBack, b.back(t, "C01", "仍不足", day(time.March, 20))), want)
	}
	line := b.lines(t, "consequence_proposed")
	is(t, "proposals", len(line), 1)
	is(t, "the proposal", fmt.Sprint(line[0].Unit, line[0].Article, line[0].Data["kind"], line[0].Data["basis"]), "C01A14interviewsent_back_twice")
	is(t, "sent back", b.count(t, `SELECT sent_back FROM rectifications WHERE unit = 'C01'`), 3)
	failed(t, b, workflows.SendBack, b.back(t, "C99", "佐证不足", day(time.March, 20)), workflows.ErrorNotFound, "no rectification 0 of C99")
}

func TestARectificationIsExtended(t *testing.T) {
	t.Parallel()
	b := ordered(t)
	b.at(day(time.March, 9), 10)
	refused(t, b, workflows.ExtendUnit, b.extending(t, "C01", workflows.PhaseRectification, "工程未完工", time.March, 13), "the rectification is due on 2026-03-13 already; an extension moves it later")
	done(t, b, workflows.ExtendUnit, b.extending(t, "C01", workflows.PhaseRectification, "工程未完工", time.March, 31))
	is(t, "the orders", b.rectifications(t), "C01/0 ordered 2026-03-31, C02/0 ordered 2026-03-13, D18/0 ordered 2026-03-13")
	is(t, "tasks", b.tasks(t), "rectification/C01/0 2026-03-31\nrectification/C02/0 2026-03-13\nrectification/D18/0 2026-03-13")
	says(t, b.letters(t, "deadline_extended")["zwgk@kongtong.pingliang.example"], "整改", "2026年3月31日", "工程未完工")
	is(t, "the article", b.lines(t, "deadline_extended")[0].Article, "A13")
}
