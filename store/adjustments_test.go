package store

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/schemas"
	"github.com/kaoping/kaoping/store/query"
)

func library(t *testing.T) rules.Library {
	t.Helper()
	library, err := rules.Load(schemas.Rules)
	must(t, err)
	return library
}

func pingliang(t *testing.T) *rules.RuleSet {
	t.Helper()
	set, ok := library(t).RuleSet("pingliang-2022")
	is(t, "the rule set is there", ok, true)
	return set
}

func commended(unit string) Adjustment {
	return Adjustment{
		ID: uuid.NewString(), Unit: unit, Clause: "10.1", Date: calendar.Date{Year: 2025, Month: time.June, Day: 1}, Event: "省政府办公厅通报表彰", Evidence: "甘政办发〔2025〕1号",
	}
}

// propose records an adjustment of C01's event under a clause.
func (b *bundle) propose(t *testing.T, cycle int64, clause, event string) (Adjustment, error) {
	t.Helper()
	adjustment := commended("C01")
	adjustment.Clause, adjustment.Event = clause, event
	return adjustment, b.do(t, cycle, "propose/"+adjustment.ID, func(change *Change) error {
		return change.ProposeAdjustment(adjustment, pingliang(t), "c01")
	})
}

func (b *bundle) confirm(t *testing.T, cycle int64, id, by string) error {
	t.Helper()
	return b.do(t, cycle, "confirm/"+id+by, func(change *Change) error { return change.ConfirmAdjustment(id, by) })
}

func (b *bundle) reject(t *testing.T, cycle int64, id, reason string) error {
	t.Helper()
	return b.do(t, cycle, "reject/"+id+reason, func(change *Change) error { return change.RejectAdjustment(id, "admin", reason) })
}

// adjusted are all adjustments: clause, state, who decided, why.
func (b *bundle) adjusted(t *testing.T) string {
	t.Helper()
	return fmt.Sprint(b.names(t, `SELECT clause || ' ' || state || ' ' || decided_by || ' ' || reason FROM adjustments`))
}

func TestAnAdjustmentIsProposedAndConfirmed(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	adjustment, err := b.propose(t, id, "10.4-provincial", "甘肃日报报道")
	must(t, err)
	fails(t, b.confirm(t, id, adjustment.ID, "c01"), Refused, "an adjustment is confirmed by a second person, never by its proposer (A10, A11)")
	must(t, b.confirm(t, id, adjustment.ID, "admin"))
	is(t, "adjustments", b.adjusted(t), "[10.4-provincial confirmed admin ]")
	is(t, "points", count(t, b.db, `SELECT points FROM adjustments WHERE bonus`), 60)
	fails(t, b.confirm(t, id, adjustment.ID, "gov"), Refused, "this adjustment is confirmed already")
	fails(t, b.reject(t, id, adjustment.ID, "重复"), Refused, "this adjustment is confirmed already")
	lines := b.lines(t, id)
	is(t, "the journal", b.story(t, id), "adjustment_proposed, adjustment_confirmed")
	is(t, "the proposal's line", fmt.Sprint(lines[0].Unit, lines[0].Person, lines[0].Article, lines[0].Data["id"] == adjustment.ID, lines[0].Data["clause"], lines[0].Data["date"]),
		"C01c01A10(4)true10.4-provincial2025-06-01")
	is(t, "the confirmation's line", fmt.Sprint(lines[1].Unit, lines[1].Person, lines[1].Article, lines[1].Data["id"] == adjustment.ID), "C01adminA10true")
}

func TestAProposalOfAnAdjustmentNamesAllThatIsWrong(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	err := b.do(t, id, "act", func(change *Change) error {
		return change.ProposeAdjustment(Adjustment{ID: "x", Unit: "C99", Clause: "12.1", Date: calendar.Date{Year: 2026, Month: time.January, Day: 1}}, pingliang(t), "c01")
	})
	fails(t, err, Refused, "no unit C99", "the adjustment's id is no UUID", `no clause "12.1" in pingliang-2022 (A10, A11)`, "2026-01-01 does not lie in the assessment year 2025 (A10, A11)",
		"the event is missing", "the evidence is missing (A10, A11)")
	is(t, "adjustments", count(t, b.db, `SELECT count(*) FROM adjustments`), 0)
}

func TestARejectionNeedsItsReason(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	adjustment, err := b.propose(t, id, "10.3", "创新活动")
	must(t, err)
	fails(t, b.reject(t, id, adjustment.ID, ""), Refused, "a rejection needs its reason")
	must(t, b.reject(t, id, adjustment.ID, "证明材料不足"))
	is(t, "adjustments", b.adjusted(t), "[10.3 rejected admin 证明材料不足]")
	fails(t, b.confirm(t, id, adjustment.ID, "admin"), Refused, "this adjustment is rejected already")
	// What was rejected is no obstacle to the same event under its right clause.
	again, err := b.propose(t, id, "10.3", "创新活动")
	must(t, err)
	must(t, b.confirm(t, id, again.ID, "admin"))
	fails(t, b.reject(t, id, uuid.NewString(), "无"), NotFound)
	fails(t, b.reject(t, id, "x", "无"), NotFound, "no adjustment x")
}

// The same unit and event under two clauses: the higher one stands (A10, A11).
func TestTheHigherClauseOfAnEventStands(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	_, err := b.propose(t, id, "10.4-provincial", "Xinhua report")
	must(t, err)
	_, err = b.propose(t, id, "10.4-city", "xinhua REPORT")
	fails(t, err, Refused, "the same event is recorded under 10.4-provincial already: the higher one stands (A10, A11)")
	_, err = b.propose(t, id, "10.4-provincial", "Xinhua report")
	fails(t, err, Refused, "the same event is recorded under 10.4-provincial already: the higher one stands (A10, A11)")
	higher, err := b.propose(t, id, "10.4-national", "Xinhua report")
	must(t, err)
	must(t, b.confirm(t, id, higher.ID, "admin"))
	is(t, "adjustments", b.adjusted(t), "[10.4-national confirmed admin  10.4-provincial rejected admin the higher clause 10.4-national of the same event stands]")
}

func TestTheLowerClauseWaitsForTheHigher(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	lower, err := b.propose(t, id, "10.4-city", "报道")
	must(t, err)
	higher, err := b.propose(t, id, "10.4-national", "报道")
	must(t, err)
	fails(t, b.confirm(t, id, lower.ID, "admin"), Refused, "the same event is recorded under 10.4-national: the higher one stands, decide it first (A10, A11)")
	must(t, b.reject(t, id, higher.ID, "不是国家级媒体"))
	must(t, b.confirm(t, id, lower.ID, "admin"))
	is(t, "adjustments", b.adjusted(t), "[10.4-city confirmed admin  10.4-national rejected admin 不是国家级媒体]")
}

// A lower clause that a returned proposal has counted gives way to a higher one that is confirmed later.
func TestAConfirmedClauseGivesWay(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	lower, err := b.propose(t, id, "11.2-city", "错敏信息")
	must(t, err)
	must(t, b.confirm(t, id, lower.ID, "admin"))
	must(t, b.do(t, id, "proposal", func(change *Change) error {
		must(t, change.ProposalInsert(t.Context(), query.ProposalInsertParams{CycleID: id, Number: 1, Digest: "d", Book: "{}", Due: calendar.DateOf(beginning)}))
		return change.CountedInsert(t.Context(), query.CountedInsertParams{CycleID: id, Number: 1})
	}))
	is(t, "counted", count(t, b.db, `SELECT count(*) FROM counted_adjustments`), 1)
	higher, err := b.propose(t, id, "11.2-national", "错敏信息")
	must(t, err)
	must(t, b.confirm(t, id, higher.ID, "admin"))
	is(t, "adjustments", b.adjusted(t), "[11.2-city rejected admin the higher clause 11.2-national of the same event stands 11.2-national confirmed admin ]")
	is(t, "counted", count(t, b.db, `SELECT count(*) FROM counted_adjustments`), 0)
	is(t, "the journal", b.story(t, id), "adjustment_proposed, adjustment_confirmed, adjustment_proposed, adjustment_rejected, adjustment_confirmed")
}
