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

// overdue lets the limit of C01's rectification pass.
func (b *bundle) overdue(t *testing.T) workflows.RectificationResult {
	t.Helper()
	return done(t, b, workflows.RectificationOverdue, workflows.RectificationAct{Act: b.act(""), Unit: "C01"})
}

// deciding is a decision with its texts; due may be zero.
func (b *bundle) deciding(t *testing.T, number int, impose bool, due calendar.Date, decision store.Decision) workflows.DecideInput {
	t.Helper()
	return workflows.DecideInput{Act: b.asked(t, "admin", decision), Number: number, Impose: impose, Due: due}
}

// talk is an imposed interview, complete.
func talk(on calendar.Date) store.Decision {
	return store.Decision{Reason: "逾期未整改", Interview: &store.Interview{Date: on, Persons: "分管负责人", Text: "指出问题，提出要求"}}
}

// consequences are all: number, unit, kind, basis, state.
func (b *bundle) consequences(t *testing.T) string {
	t.Helper()
	rows, err := b.Store.ConsequenceList(t.Context(), query.ConsequenceListParams{CycleID: b.cycle.ID})
	must(t, err)
	var texts []string
	for _, row := range rows {
		texts = append(texts, fmt.Sprint(row.Number, " ", row.Unit, " ", row.Kind, " ", row.Basis, " ", row.State))
	}
	return strings.Join(texts, ", ")
}

func TestAnOverdueRectificationProposesAnInterview(t *testing.T) {
	t.Parallel()
	b := ordered(t)
	b.at(day(time.March, 14), 0)
	is(t, "the result", b.overdue(t), workflows.RectificationResult{Proposed: 1, Overdue: true})
	is(t, "consequences", b.consequences(t), "1 C01 interview rectification_overdue proposed")
	is(t, "the task", b.column(t, `SELECT key || ' ' || role || ' ' || detail FROM tasks WHERE kind = 'decide_consequence'`), "consequence/1 admin interview")
	line := b.lines(t, "consequence_proposed")[0]
	is(t, "the line", fmt.Sprint(line.Unit, line.Article, line.Data["kind"], line.Data["basis"], line.Data["number"]), "C01A14interviewrectification_overdue1")
	is(t, "while one waits", b.overdue(t), workflows.RectificationResult{Overdue: true})
	is(t, "consequences", b.consequences(t), "1 C01 interview rectification_overdue proposed")
}

// What the authority has before it is not overdue.
func TestAReportedRectificationIsNotOverdue(t *testing.T) {
	t.Parallel()
	b := ordered(t)
	b.report(t, "C01")
	b.at(day(time.March, 14), 0)
	is(t, "reported", b.overdue(t), workflows.RectificationResult{})
	b.execute(t, `UPDATE rectifications SET state = 'accepted' WHERE unit = 'C01'`)
	is(t, "accepted", b.overdue(t), workflows.RectificationResult{})
	is(t, "consequences", b.consequences(t), "")
}

// Each imposed consequence makes the next one harsher; a waived one does not (A14, A15).
func TestTheLadderOfConsequences(t *testing.T) {
	t.Parallel()
	b := ordered(t)
	b.at(day(time.March, 14), 0)
	b.overdue(t)
	done(t, b, workflows.DecideConsequence, b.deciding(t, 1, false, day(time.March, 20), store.Decision{Reason: "已说明情况"}))
	b.at(day(time.March, 21), 0)
	b.overdue(t)
	done(t, b, workflows.DecideConsequence, b.deciding(t, 2, true, day(time.March, 27), talk(day(time.March, 23))))
	b.at(day(time.March, 28), 0)
	b.overdue(t)
	done(t, b, workflows.DecideConsequence, b.deciding(t, 3, true, day(time.April, 3), store.Decision{Reason: "仍未整改", DeductionNote: "扣1分"}))
	b.at(day(time.April, 4), 0)
	b.overdue(t)
	done(t, b, workflows.DecideConsequence, b.deciding(t, 4, true, calendar.Date{}, store.Decision{Reason: "拒不整改", Organ: "市纪委监委"}))
	is(t, "consequences", b.consequences(t), "1 C01 interview rectification_overdue waived, 2 C01 interview rectification_overdue imposed, "+
		"3 C01 public_criticism rectification_overdue imposed, 4 C01 disciplinary_proposal rectification_overdue imposed")
	is(t, "the orders", b.rectifications(t), "C01/0 ended 2026-04-03, C02/0 ordered 2026-03-13, D18/0 ordered 2026-03-13")
	var articles []string
	for _, line := range b.lines(t, "consequence_decided") {
		articles = append(articles, fmt.Sprint(line.Article, " ", line.Data["decision"]))
	}
	is(t, "decisions", strings.Join(articles, ", "), "A14 waived, A14 imposed, A14 imposed, A15 imposed")
	is(t, "letters to C01's head", b.mails(t, "interview_notice", "criticism_notice"), "interview_notice head@kongtong.pingliang.example\ncriticism_notice head@kongtong.pingliang.example")
	says(t, b.letters(t, "interview_notice")["head@kongtong.pingliang.example"], "2026年3月23日(周一)", "逾期未整改", "2026年3月27日24时", "崆峒区人民政府")
	says(t, b.letters(t, "criticism_notice")["head@kongtong.pingliang.example"], "通报批评", "仍未整改", "2026年4月3日24时")
}

func TestADecisionMovesTheLimit(t *testing.T) {
	t.Parallel()
	b := ordered(t)
	b.at(day(time.March, 14), 0)
	b.overdue(t)
	result := done(t, b, workflows.DecideConsequence, b.deciding(t, 1, true, day(time.March, 31), talk(day(time.March, 18))))
	is(t, "the result", result, workflows.DecideResult{Unit: "C01", GoesOn: true})
	is(t, "the orders", b.rectifications(t), "C01/0 ordered 2026-03-31, C02/0 ordered 2026-03-13, D18/0 ordered 2026-03-13")
	is(t, "tasks", b.tasks(t), "rectification/C01/0 2026-03-31\nrectification/C02/0 2026-03-13\nrectification/D18/0 2026-03-13")
	is(t, "the record", b.column(t, `SELECT (interview->>'date') || (interview->>'persons') || (interview->>'text') || reason || decided_by FROM consequences`),
		"2026-03-18分管负责人指出问题，提出要求逾期未整改admin")
	line := b.lines(t, "consequence_decided")[0]
	is(t, "the line", fmt.Sprint(line.Unit, line.Person, line.Data["due"], line.Data["reason"]), "C01admin2026-03-31逾期未整改")
	refused(t, b, workflows.DecideConsequence, b.deciding(t, 1, false, calendar.Date{}, store.Decision{Reason: "再议"}), "consequence 1 is imposed already")
	failed(t, b, workflows.DecideConsequence, b.deciding(t, 9, false, calendar.Date{}, store.Decision{Reason: "再议"}), workflows.ErrorNotFound, "no consequence 9")
}

// Waived without a new limit: the rectification is given up.
func TestAWaivedConsequenceEndsTheRectification(t *testing.T) {
	t.Parallel()
	b := ordered(t)
	b.at(day(time.March, 14), 0)
	b.overdue(t)
	done(t, b, workflows.DecideConsequence, b.deciding(t, 1, false, calendar.Date{}, store.Decision{Reason: "机构已撤销"}))
	is(t, "the orders", b.rectifications(t), "C01/0 ended 2026-03-13, C02/0 ordered 2026-03-13, D18/0 ordered 2026-03-13")
	is(t, "tasks", b.tasks(t), "rectification/C02/0 2026-03-13\nrectification/D18/0 2026-03-13")
	is(t, "letters", b.mails(t, "interview_notice", "criticism_notice"), "")
}

// Mercy about a report that was sent back twice is none about the new limit.
func TestAWaivedConsequenceWithinTheLimit(t *testing.T) {
	t.Parallel()
	b := ordered(t)
	for _, on := range []calendar.Date{day(time.January, 26), day(time.January, 28)} {
		b.at(on, 10)
		b.report(t, "C01")
		back := b.on(t, "admin", "C01", store.Reason{Reason: "佐证不足"})
		back.Due = day(time.March, 20)
		done(t, b, workflows.SendBack, back)
	}
	result := done(t, b, workflows.DecideConsequence, b.deciding(t, 1, false, calendar.Date{}, store.Decision{Reason: "已说明情况"}))
	is(t, "the result", result, workflows.DecideResult{Unit: "C01", GoesOn: true})
	is(t, "the orders", b.rectifications(t), "C01/0 sent_back 2026-03-20, C02/0 ordered 2026-03-13, D18/0 ordered 2026-03-13")
	is(t, "C01's task", strings.Contains(b.tasks(t), "rectification/C01/0 2026-03-20"), true)
}

// The unit reported while a decision was pending: the limit does not move any more.
func TestADecisionAboutAReportedRectification(t *testing.T) {
	t.Parallel()
	b := ordered(t)
	b.at(day(time.March, 14), 0)
	b.overdue(t)
	b.report(t, "C01")
	done(t, b, workflows.DecideConsequence, b.deciding(t, 1, false, calendar.Date{}, store.Decision{Reason: "已报告"}))
	is(t, "the orders", b.rectifications(t), "C01/0 reported 2026-03-13, C02/0 ordered 2026-03-13, D18/0 ordered 2026-03-13")
}

func TestIncompleteDecisionsNameAllThatIsMissing(t *testing.T) {
	t.Parallel()
	b := ordered(t)
	b.at(day(time.March, 14), 10)
	for i, kind := range []string{"interview", "public_criticism", "disciplinary_proposal"} {
		b.execute(t, `INSERT INTO consequences (cycle_id, number, unit, kind, basis, rectification) VALUES ($1, $2, 'C01', $3, 'sent_back_twice', 0)`, b.cycle.ID, i+1, kind)
	}
	none, today := calendar.Date{}, day(time.March, 14)
	const reason, limit = "a reason is missing (A14)", "interview and criticism order rectification with a new limit (A14): the date is missing"
	record := "the interview's record is missing: date, persons, text (A14)"
	refused(t, b, workflows.DecideConsequence, b.deciding(t, 1, true, none, store.Decision{}), reason, limit, record)
	refused(t, b, workflows.DecideConsequence, b.deciding(t, 1, true, today, store.Decision{Reason: "逾期", Interview: &store.Interview{Date: today, Persons: "某人"}}),
		"the new limit 2026-03-14 is not after today", record)
	refused(t, b, workflows.DecideConsequence, b.deciding(t, 1, false, none, store.Decision{}), reason)
	refused(t, b, workflows.DecideConsequence, b.deciding(t, 2, true, none, store.Decision{}), reason, limit, "the deduction for the leadership evaluation is missing (A14)")
	refused(t, b, workflows.DecideConsequence, b.deciding(t, 3, true, none, store.Decision{}), reason, "the competent organ is missing (A15)")
	is(t, "decided", b.count(t, `SELECT count(*) FROM consequences WHERE state <> 'proposed'`), 0)
}

func (b *bundle) violation(t *testing.T, unit string, facts store.ViolationFacts) workflows.ViolationInput {
	t.Helper()
	return workflows.ViolationInput{Act: b.asked(t, "admin", facts), Unit: unit}
}

// A violation is recorded at any time of the year; its severity says what is proposed (A14, A15).
func TestViolations(t *testing.T) {
	t.Parallel()
	b := noticed(t)
	refused(t, b, workflows.RecordViolation, b.violation(t, "C99", store.ViolationFacts{Severity: "grave"}),
		"no unit C99", "the facts are missing (A14)", "the evidence is missing (A14)", `severity "grave" is none of ordinary, serious, disciplinary (A14, A15)`)
	for i, severity := range []string{"ordinary", "serious", "disciplinary"} {
		in := b.violation(t, "D18", store.ViolationFacts{Facts: "未按规定公开收费标准", Evidence: "群众举报及核查记录", Severity: severity})
		is(t, severity, done(t, b, workflows.RecordViolation, in).Consequence, i+1)
		is(t, severity+", asked again", done(t, b, workflows.RecordViolation, in), workflows.ViolationResult{Consequence: i + 1, Open: i + 1})
	}
	is(t, "consequences", b.consequences(t), "1 D18 interview violation proposed, 2 D18 public_criticism violation proposed, 3 D18 disciplinary_proposal violation proposed")
	lines := b.lines(t, "violation_recorded")
	is(t, "the last line", fmt.Sprint(len(lines), lines[2].Unit, lines[2].Person, lines[2].Article, lines[2].Data["severity"]), "3D18adminA15disciplinary")
	is(t, "violations", b.column(t, `SELECT severity || ':' || recorded_by FROM violations`), "disciplinary:admin ordinary:admin serious:admin")
}

// A decided violation orders a rectification of its own, numbered after the unit's others (A14).
func TestAViolationOrdersRectification(t *testing.T) {
	t.Parallel()
	b := ordered(t)
	facts := store.ViolationFacts{Facts: "未按规定公开收费标准", Evidence: "核查记录", Severity: "ordinary"}
	done(t, b, workflows.RecordViolation, b.violation(t, "C01", facts))
	done(t, b, workflows.RecordViolation, b.violation(t, "C01", facts))
	first := done(t, b, workflows.DecideConsequence, b.deciding(t, 1, true, day(time.February, 27), talk(day(time.January, 20))))
	is(t, "the first", first, workflows.DecideResult{Unit: "C01", Rectification: 1, Open: 1})
	last := b.deciding(t, 2, true, day(time.February, 28), talk(day(time.January, 20)))
	is(t, "the second", done(t, b, workflows.DecideConsequence, last), workflows.DecideResult{Unit: "C01", Rectification: 2})
	done(t, b, workflows.RecordViolation, b.violation(t, "C02", facts))
	is(t, "the second, asked again after a third", done(t, b, workflows.DecideConsequence, last), workflows.DecideResult{Unit: "C01", Rectification: 2, Open: 1})
	is(t, "the orders", b.rectifications(t), "C01/0 ordered 2026-03-13, C01/1 ordered 2026-02-27, C01/2 ordered 2026-02-28, C02/0 ordered 2026-03-13, D18/0 ordered 2026-03-13")
	is(t, "its problem", b.problems(t, "C01", 1), "1.  0.00 documents 未按规定公开收费标准")
	is(t, "letters", b.column(t, `SELECT key FROM mails WHERE kind = 'rectification_order' AND unit = 'C01'`),
		"rectification_order/C01/0/zwgk@kongtong.pingliang.example rectification_order/C01/1/zwgk@kongtong.pingliang.example rectification_order/C01/2/zwgk@kongtong.pingliang.example")
	says(t, b.letters(t, "rectification_order")["zwgk@kongtong.pingliang.example"], "1. 未按规定公开收费标准（查阅资料）", "2026年2月28日24时")
}

func TestAViolationWithoutRectification(t *testing.T) {
	t.Parallel()
	b := noticed(t)
	facts := store.ViolationFacts{Facts: "泄露工作秘密", Evidence: "核查记录", Severity: "disciplinary"}
	done(t, b, workflows.RecordViolation, b.violation(t, "C01", facts))
	result := done(t, b, workflows.DecideConsequence, b.deciding(t, 1, true, calendar.Date{}, store.Decision{Reason: "情节严重", Organ: "市纪委监委"}))
	is(t, "the result", result, workflows.DecideResult{Unit: "C01"})
	done(t, b, workflows.RecordViolation, b.violation(t, "C01", facts))
	result = done(t, b, workflows.DecideConsequence, b.deciding(t, 2, false, day(time.December, 31), store.Decision{Reason: "查无实据"}))
	is(t, "waived", result, workflows.DecideResult{Unit: "C01"})
	is(t, "the orders", b.rectifications(t), "")
	is(t, "letters to the unit", b.mails(t, "interview_notice", "criticism_notice", "rectification_order"), "")
	is(t, "tasks", b.count(t, `SELECT count(*) FROM tasks WHERE kind = 'decide_consequence' AND state = 'open'`), 0)
}

// A rule set may have other check methods: the order after a violation has one of them, by which it can be checked again.
func TestAnOrderForAViolationHasAMethodOfTheRuleSet(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from   int
		method string
	}{{0, "documents"}, {3, "video"}} {
		b := released(t)
		set, _ := b.Rules.RuleSet("pingliang-2022")
		set.Methods = set.Methods[c.from:]
		done(t, b, workflows.RecordViolation, b.violation(t, "C01", store.ViolationFacts{Facts: "违规", Evidence: "记录", Severity: "ordinary"}))
		done(t, b, workflows.DecideConsequence, b.deciding(t, 1, true, day(time.March, 31), talk(day(time.January, 20))))
		is(t, "the method", b.column(t, `SELECT method FROM problems`), c.method)
	}
}
