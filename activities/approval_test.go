package activities

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

// results are a proposal's, by rank: total, grade, rank, rank of the category, base, bonus, deduction.
func (b *bundle) results(t *testing.T, number int) string {
	t.Helper()
	rows, err := b.Store.ResultList(t.Context(), query.ResultListParams{CycleID: b.cycle.ID, Number: int32(number)})
	must(t, err)
	book := b.book(t, number)
	var texts []string
	for _, row := range rows {
		for _, unit := range book.Compute().Units {
			if unit.Code == row.Unit {
				texts = append(texts, fmt.Sprintf("%s %s %s %d %d: %s + %s - %s", row.Unit, row.Total, row.Grade, row.Rank, row.CategoryRank, unit.Base, unit.Bonus, unit.Deduction))
			}
		}
	}
	return strings.Join(texts, "\n")
}

// book is a proposal's, read as anybody would who computes it again: it has no fault, and its results are right.
func (b *bundle) book(t *testing.T, number int) *rules.Book {
	t.Helper()
	book, err := rules.ReadBook(strings.NewReader(b.proposal(t, number).Book), b.Rules)
	must(t, err)
	return book
}

// The mean of three is exact until the end: 22/3 + 16/3 + 13/3 is 17, though the lines show 7.33, 5.33, 4.33.
func TestAProposal(t *testing.T) {
	t.Parallel()
	b := proposed(t)
	is(t, "the results", b.results(t, 1), `C02 100.00 excellent 1 1: 98.33 + 3.00 - 0.00
C01 98.10 excellent 2 2: 97.50 + 1.60 - 1.00
D18 81.50 good 3 1: 83.50 + 0.00 - 2.00`)
	proposal := b.proposal(t, 1)
	is(t, "the proposal", fmt.Sprint(proposal.State, " ", proposal.Due, " ", proposal.Corrects.Valid), "open 2026-01-16 false")
	is(t, "the digest", proposal.Digest, b.book(t, 1).Digest())
	is(t, "what the book says it is of", b.book(t, 1).Cycle+" "+b.book(t, 1).Extension.Document, "pingliang/2025 平政办发〔2024〕00号(示例)")
	line := b.lines(t, "proposal_made")[0]
	is(t, "the line", fmt.Sprint(line.Article, line.Data["number"], " ", line.Data["digest"] == proposal.Digest, " ", line.Data["due"]), "A8(6)1 true 2026-01-16")
	is(t, "counted adjustments", b.column(t, `SELECT a.unit || ':' || a.clause || '×' || count(*) FROM counted_adjustments JOIN adjustments a USING (adjustment_id) GROUP BY a.unit, a.clause`),
		"C01:10.1×1 C01:10.4-provincial×1 C01:11.2-city×1 C02:10.1×2 C02:10.3×1 D18:11.1×1")
	is(t, "the leader's task", b.tasks(t), "approval/1 leader 2026-01-16")
	is(t, "mails", b.mails(t, "approval_request"), "approval_request leader@zwgk.pingliang.example")
	says(t, b.letters(t, "approval_request")["leader@zwgk.pingliang.example"], "于2026年1月16日24时前审定", "https://kaoping.example/pingliang/2025/approval/1")
	is(t, "the phase", b.column(t, `SELECT phase FROM cycles`), "approval")
}

// Lines of the explanation add up to the total that is shown; caps and the rounding are lines of their own.
func TestTheExplanationAddsUp(t *testing.T) {
	t.Parallel()
	b := proposed(t)
	limits := map[string]string{}
	for _, unit := range b.book(t, 1).Compute().Units {
		var sum rules.Points
		for _, line := range unit.Explanation {
			sum += line.Points
			if !strings.HasPrefix(line.Article, "A8") {
				limits[unit.Code] += line.Article + " " + line.Points.String() + " "
			}
		}
		is(t, unit.Code, sum, unit.Total)
	}
	is(t, "C01", limits["C01"], "A10(1) 1.00 A10(4) 0.60 A11(2) -1.00 A9 0.01 ")
	is(t, "C02", limits["C02"], "A10(1) 2.00 A10(3) 1.00 A10 -1.33 ")
	is(t, "D18", limits["D18"], "A11(1) -2.00 ")
}

func approving(t *testing.T, b *bundle, by string) workflows.ApproveInput {
	t.Helper()
	return workflows.ApproveInput{Act: b.act(by), Number: 1, Digest: b.proposal(t, 1).Digest}
}

func TestTheLeaderApproves(t *testing.T) {
	t.Parallel()
	b := proposed(t)
	done(t, b, workflows.ApproveProposal, approving(t, b, "leader"))
	proposal := b.proposal(t, 1)
	is(t, "the proposal", proposal.State+" by "+proposal.DecidedBy+", "+proposal.Office, "approved by leader, leader")
	is(t, "tasks", b.tasks(t), "")
	line := b.lines(t, "proposal_approved")[0]
	is(t, "the line", fmt.Sprint(line.Person, line.Data["office"], line.Data["digest"] == proposal.Digest), "leaderleadertrue")
	refused(t, b, workflows.ApproveProposal, approving(t, b, "leader"), "proposal 1 is approved")
}

// The digest is what is approved: who saw other results approves nothing.
func TestAStaleDigestIsRefused(t *testing.T) {
	t.Parallel()
	b := proposed(t)
	stale := approving(t, b, "leader")
	b.confirmWhileOpen(t)
	b.propose(t, 2)
	refused(t, b, workflows.ApproveProposal, stale, "proposal 1 is voided")
	stale.Act, stale.Number = b.act("leader"), 2
	refused(t, b, workflows.ApproveProposal, stale, "the results have changed since you saw them: look at the newest proposal")
	missing := approving(t, b, "leader")
	missing.Number = 3
	failed(t, b, workflows.ApproveProposal, missing, workflows.ErrorNotFound, "no proposal 3")
}

// confirmWhileOpen confirms C02's deduction 11.5 as an act on the open proposal.
func (b *bundle) confirmWhileOpen(t *testing.T) {
	t.Helper()
	id := b.column(t, `SELECT adjustment_id FROM adjustments WHERE clause = '11.5'`)
	result := done(t, b, workflows.ConfirmAdjusted, workflows.ConfirmAdjustmentInput{Act: b.act("confirm"), Adjustment: id})
	is(t, "units that are reviewed again", len(result.Units), 0)
}

// The deputy decides after the leader's date, never before (A8(6)).
func TestTheDeputyDecidesAfterTheDate(t *testing.T) {
	t.Parallel()
	b := proposed(t)
	b.at(day(time.January, 16), 23)
	refused(t, b, workflows.ApproveProposal, approving(t, b, "deputy"), "until 2026-01-16 the head of the leading group decides (A8(6))")
	failed(t, b, workflows.ApproveProposal, approving(t, b, "admin"), workflows.ErrorForbidden, "only the head of the leading group or the leader in charge decides (A8(6))")
	failed(t, b, workflows.ApproveProposal, approving(t, b, "nobody"), workflows.ErrorForbidden, "nobody is nobody of this cycle")
	b.at(day(time.January, 17), 0)
	done(t, b, workflows.ApproveProposal, approving(t, b, "deputy"))
	is(t, "the office", b.proposal(t, 1).Office, "deputy")
}

func TestAnAdjustmentVoidsTheProposal(t *testing.T) {
	t.Parallel()
	b := proposed(t)
	b.confirmWhileOpen(t)
	is(t, "the proposal", b.proposal(t, 1).State, "voided")
	is(t, "tasks", b.tasks(t), "")
	line := b.lines(t, "proposal_voided")[0]
	is(t, "the line", fmt.Sprint(line.Person, line.Data["reason"]), "confirman adjustment was confirmed")
	b.propose(t, 2)
	is(t, "C02 with the deduction", strings.Contains(b.results(t, 2), "C02 98.00 excellent 2 2: 98.33 + 3.00 - 2.00"), true)
	again := b.adjust(t, "C01", "11.3", "安全漏洞")
	b.approve(t, 2)
	refused(t, b, workflows.ConfirmAdjusted, workflows.ConfirmAdjustmentInput{Act: b.act("confirm"), Adjustment: again}, "no proposal is open")
	failed(t, b, workflows.ConfirmAdjusted, workflows.ConfirmAdjustmentInput{Act: b.act("confirm"), Adjustment: "x"}, workflows.ErrorNotFound, "no adjustment x")
}

func (b *bundle) returning(t *testing.T, comments store.Comments, due calendar.Date, units ...string) workflows.ReturnProposalInput {
	t.Helper()
	return workflows.ReturnProposalInput{Act: b.asked(t, "leader", comments), Number: 1, Units: units, ReviewDue: due}
}

func TestAProposalIsReturned(t *testing.T) {
	t.Parallel()
	b := proposed(t)
	b.at(day(time.January, 12), 10)
	comments := store.Comments{General: "请核实", Units: map[string]string{"C01": "第7.2项请复核原始答复"}}
	result := done(t, b, workflows.ReturnProposal, b.returning(t, comments, day(time.January, 15), "C01", "D18", "C01"))
	is(t, "the units", fmt.Sprint(result.Units), "[{C01 2} {D18 2}]")
	proposal := b.proposal(t, 1)
	is(t, "the proposal", proposal.State+" "+proposal.Office+" "+proposal.Comment, "returned leader 请核实")
	is(t, "comments", b.column(t, `SELECT unit || ':' || comment FROM results WHERE number = 1`), "C01:第7.2项请复核原始答复 C02: D18:")
	is(t, "the assessments", b.assessmentsAs(t), "C01 review 2025-12-12 2026-01-15, C02 closed 2025-12-12 2026-01-09, D18 review 2025-12-12 2026-01-15")
	is(t, "sheets that are open", fmt.Sprint(len(b.assessors(t, "C01", "open")), len(b.assessors(t, "C02", "open")), len(b.assessors(t, "D18", "open"))), "6 0 5")
	is(t, "points that went", b.count(t, `SELECT count(*) FROM scores WHERE points IS NULL`), 0)
	is(t, "remarks of C01", b.column(t, `SELECT DISTINCT remark FROM sheets WHERE unit = 'C01'`), "第7.2项请复核原始答复")
	is(t, "remarks of D18", b.column(t, `SELECT DISTINCT remark FROM sheets WHERE unit = 'D18'`), "请核实")
	is(t, "assessors who are told", b.count(t, `SELECT count(*) FROM mails WHERE kind = 'review_reopened'`), 6)
	says(t, b.letters(t, "review_reopened")["gov1@zwgk.pingliang.example"], "崆峒区人民政府", "第7.2项请复核原始答复", "平凉市文化和旅游局", "请核实", "2026年1月15日")
	is(t, "media1's letter names D18", contains(b.letters(t, "review_reopened")["media1@zwgk.pingliang.example"], "文化和旅游局"), false)
	line := b.lines(t, "proposal_returned")[0]
	is(t, "the line", fmt.Sprint(line.Person, line.Data["units"], line.Data["review_due"], line.Data["approval_due"], line.Data["comment"]), "leader[C01 D18]2026-01-152026-01-21请核实")
	// The approval date moves by as many working days as the review gets: 16 January and three more.
	is(t, "the dates", b.column(t, `SELECT version || ' ' || approval_due FROM scheme_versions`), "1 2026-01-16 2 2026-01-21")

	b.lose(t, "C01", "7.2", "答复不规范两件", map[string]string{"gov2": "9"})
	is(t, "C01's review", b.submitSheets(t, "C01").Closed, true)
	is(t, "D18's review", b.submitSheets(t, "D18").Closed, true)
	is(t, "the new due day", b.propose(t, 2).Due, day(time.January, 21))
	is(t, "C01, half a point less", strings.Contains(b.results(t, 2), "C01 97.60 excellent 2 2: 97.00 + 1.60 - 1.00"), true)
}

// An approval that moves up to the end of rectification takes that with it.
func TestAReturnBeforeTheEndOfRectification(t *testing.T) {
	t.Parallel()
	b := proposed(t)
	b.execute(t, `UPDATE scheme_versions SET rectification_due = '2026-01-20'`)
	b.at(day(time.January, 12), 10)
	done(t, b, workflows.ReturnProposal, b.returning(t, store.Comments{General: "请核实"}, day(time.January, 15), "C01"))
	is(t, "the dates", b.column(t, `SELECT version || ' ' || approval_due || ' ' || rectification_due FROM scheme_versions`),
		"1 2026-01-16 2026-01-20 2 2026-01-21 2026-01-23")
}

// Where the working days of a return would lead beyond the published days, the approval keeps its date; the journal
// tells which.
func TestAReturnAtTheEndOfThePublishedDays(t *testing.T) {
	t.Parallel()
	b := proposed(t)
	december := func(day int) calendar.Date { return calendar.Date{Year: 2026, Month: time.December, Day: day} }
	b.execute(t, `UPDATE scheme_versions SET approval_due = '2026-12-29', rectification_due = '2026-12-30'`)
	b.at(december(24), 10)
	done(t, b, workflows.ReturnProposal, b.returning(t, store.Comments{General: "请核实"}, december(29), "C01"))
	is(t, "the dates", b.column(t, `SELECT version || ' ' || approval_due FROM scheme_versions`), "1 2026-12-29")
	is(t, "the line's date", b.lines(t, "proposal_returned")[0].Data["approval_due"], any("2026-12-29"))
}

// None named is all; comments for single units alone are comments, too.
func TestTheWholeProposalIsReturned(t *testing.T) {
	t.Parallel()
	b := proposed(t)
	b.at(day(time.January, 12), 10)
	comments := store.Comments{Units: map[string]string{"C01": "复核一", "C02": "复核二", "D18": "复核三"}}
	result := done(t, b, workflows.ReturnProposal, b.returning(t, comments, day(time.January, 15)))
	is(t, "the units", fmt.Sprint(result.Units), "[{C01 2} {C02 2} {D18 2}]")
	says(t, b.letters(t, "review_reopened")["gov1@zwgk.pingliang.example"], "复核一", "复核二", "复核三")
}

func TestAReturnWithoutCommentsIsRefused(t *testing.T) {
	t.Parallel()
	b := proposed(t)
	b.at(day(time.January, 12), 10)
	due := day(time.January, 15)
	refused(t, b, workflows.ReturnProposal, b.returning(t, store.Comments{Units: map[string]string{"C02": "复核"}}, due),
		"a comment on C01 is missing", "a comment on D18 is missing")
	refused(t, b, workflows.ReturnProposal, b.returning(t, store.Comments{General: "复核"}, due, "C01", "C99"), "no unit C99 in this proposal")
	refused(t, b, workflows.ReturnProposal, b.returning(t, store.Comments{General: "复核"}, day(time.January, 12), "C01"), "the new review date 2026-01-12 is not after today")
	early := b.returning(t, store.Comments{General: "复核"}, due, "C01")
	early.Act.By = "deputy"
	refused(t, b, workflows.ReturnProposal, early, "until 2026-01-16 the head of the leading group decides (A8(6))")
	all := b.returning(t, store.Comments{}, day(time.January, 12), "C01", "D18")
	all.Act.By = "deputy"
	refused(t, b, workflows.ReturnProposal, all, "until 2026-01-16 the head of the leading group decides (A8(6))",
		"a comment on C01 is missing", "a comment on D18 is missing", "the new review date 2026-01-12 is not after today")
	is(t, "the proposal", b.proposal(t, 1).State, "open")
}

// The administrator reopens reviews while a proposal is open: whatever changes a score voids it.
func TestReopeningVoidsTheProposal(t *testing.T) {
	t.Parallel()
	b := proposed(t)
	b.at(day(time.January, 12), 10)
	reopening := func(reason string, units ...string) workflows.ReopenInput {
		return workflows.ReopenInput{Act: b.asked(t, "admin", store.Reason{Reason: reason}), Units: units, ReviewDue: day(time.January, 15)}
	}
	refused(t, b, workflows.ReopenUnits, reopening("", "C01"), "a reason is missing")
	refused(t, b, workflows.ReopenUnits, reopening("评分录入有误", "C01", "C98", "C99"), "no unit C98", "no unit C99")
	refused(t, b, workflows.ReopenUnits, reopening("", "C99"), "a reason is missing", "no unit C99")
	refused(t, b, workflows.ReopenUnits, reopening("评分录入有误"), "no unit is named: say whose review begins anew")
	is(t, "the proposal before", b.proposal(t, 1).State, "open")
	result := done(t, b, workflows.ReopenUnits, reopening("评分录入有误", "C01", "C01"))
	is(t, "the units", fmt.Sprint(result.Units), "[{C01 2}]")
	is(t, "the proposal", b.proposal(t, 1).State+" "+b.proposal(t, 1).Comment, "voided 评分录入有误")
	is(t, "who is told", b.count(t, `SELECT count(*) FROM mails WHERE kind = 'review_reopened'`), 6)
	line := b.lines(t, "deadline_extended")[0]
	is(t, "the journal", fmt.Sprint(line.Unit, " ", line.Person, " ", line.Article, " ", line.Data), "C01 admin A8(6) map[phase:review reason:评分录入有误 reopened:true to:2026-01-15]")
	refused(t, b, workflows.ReopenUnits, reopening("再次", "C02"), "no proposal is open")
}

// A proposal that comes late has the working days of a return from its own day: a Saturday that is worked counts.
func TestALateProposalHasTimeEnough(t *testing.T) {
	t.Parallel()
	b := reviewed(t)
	b.at(day(time.February, 13), 10)
	// 14 February is worked; the Spring Festival lasts until the 23rd.
	is(t, "the due day", b.propose(t, 1).Due, day(time.February, 25))
}

// Two people of one role at one address get one mail.
func TestEqualAddressesOnce(t *testing.T) {
	t.Parallel()
	b := proposed(t, func(set *store.DataSet) {
		set.Plan.People = append(set.Plan.People, rules.Person{Login: "leader2", Name: "副组长", Role: rules.Leader, Email: "leader@zwgk.pingliang.example"})
	})
	is(t, "requests", b.mails(t, "approval_request"), "approval_request leader@zwgk.pingliang.example")
}

// A clause that the rule set does not have would count nothing: with it no year starts, and nothing is proposed (A10, A11).
func TestAClauseOfAnotherRuleSet(t *testing.T) {
	t.Parallel()
	draft := setup(t)
	draft.confirm(t, draft.adjust(t, "C01", "10.1", "省级表彰"))
	draft.execute(t, `UPDATE adjustments SET clause = '10.9'`)
	refused(t, draft, workflows.ClaimCycle, workflows.ClaimInput{Act: draft.act("admin"), Real: *draft.clock.Load()}, "adjustments: C01 has one under 10.9, and there is no such clause in pingliang-2022 (A10, A11)")
	b := reviewed(t)
	b.confirm(t, b.adjust(t, "C01", "10.1", "省级表彰"))
	b.execute(t, `UPDATE adjustments SET clause = '10.9'`)
	refused(t, b, workflows.MakeProposal, workflows.MakeProposalInput{Act: b.act(""), Number: 1}, `units[0].adjustments[0].clause: unknown clause "10.9"`)
}
