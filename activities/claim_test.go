package activities

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

func TestClaimFreezesAndAssigns(t *testing.T) {
	t.Parallel()
	b := setup(t)
	result := b.claim(t)
	is(t, "units", fmt.Sprint(result.Units), "[C01 C02 D18]")
	is(t, "dates", fmt.Sprint(result.Dates), "{2025-11-24 2025-12-12 2026-01-09 2026-01-16 2026-03-13}")
	is(t, "the clock is the real one", result.Clock.Pace, time.Duration(0))
	is(t, "policies", len(result.Policies), 4)
	is(t, "the review's policy", fmt.Sprint(result.Policies["review"].FromWorkingDaysBefore, result.Policies["review"].EscalateWorkingDaysAfter), "3 1")
	is(t, "published years", fmt.Sprint(result.Days.Years), "[2024 2025 2026]")
	line := b.lines(t)[0]
	is(t, "the journal", fmt.Sprint(line.Event, " ", line.Person, " ", line.Article, " ", line.At.Format(time.RFC3339), " ", line.Data["extension"], " ", line.Data["units"]),
		"cycle_started admin A8 2025-11-24T08:00:00+08:00 平政办发〔2024〕00号(示例) 3")
	cycle, err := b.Store.CycleGet(t.Context(), query.CycleGetParams{CycleID: b.cycle.ID})
	must(t, err)
	is(t, "the cycle", cycle.State+" "+cycle.Phase, "running notice")
	is(t, "assessments", b.assessmentsAs(t), "C01 waiting 2025-12-12 2026-01-09, C02 waiting 2025-12-12 2026-01-09, D18 waiting 2025-12-12 2026-01-09")
	// Six assessors; media1 belongs to D18 and scores nothing there (A8(6)).
	is(t, "C01's assessors", fmt.Sprint(b.assessors(t, "C01", "waiting")), "[gov1 gov2 media1 opinion1 web1 web2]")
	is(t, "D18's assessors", fmt.Sprint(b.assessors(t, "D18", "waiting")), "[gov1 gov2 opinion1 web1 web2]")
	// By area: 3×2 + 5×2 + 4×3 + 2×3 + 2×2 + 2×3 + 2×2 + 5×3; in D18 without media1's 2 + 2 + 5.
	is(t, "C01's scores", b.count(t, `SELECT count(*) FROM scores WHERE unit = 'C01'`), 63)
	is(t, "D18's scores", b.count(t, `SELECT count(*) FROM scores WHERE unit = 'D18'`), 54)
	is(t, "media1's indicators", b.column(t, `SELECT indicator FROM scores WHERE unit = 'C01' AND assessor = 'media1'`), "4.1 4.2 6.1 6.2 8.1 8.2 8.3 8.4 8.5")
}

// assessmentsAs is where each unit's assessment stands.
func (b *bundle) assessmentsAs(t *testing.T) string {
	t.Helper()
	rows, err := b.Store.AssessmentList(t.Context(), query.AssessmentListParams{CycleID: b.cycle.ID})
	must(t, err)
	var texts []string
	for _, row := range rows {
		texts = append(texts, fmt.Sprint(row.Unit, " ", row.State, " ", row.ReportDue, " ", row.ReviewDue))
	}
	return strings.Join(texts, ", ")
}

func (b *bundle) count(t *testing.T, statement string) int {
	t.Helper()
	var n int
	must(t, b.db.QueryRowContext(t.Context(), statement).Scan(&n))
	return n
}

// column is what a query answers, in order, as one text.
func (b *bundle) column(t *testing.T, statement string) string {
	t.Helper()
	rows, err := b.db.QueryContext(t.Context(), statement)
	must(t, err)
	defer rows.Close()
	var texts []string
	for rows.Next() {
		var text string
		must(t, rows.Scan(&text))
		texts = append(texts, text)
	}
	must(t, rows.Err())
	slices.Sort(texts)
	return strings.Join(texts, " ")
}

// The year belongs to the run that claims it first; its own retry is answered as before.
func TestTheSecondClaimIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := workflows.ClaimInput{Act: b.act("admin"), Real: *b.clock.Load()}
	done(t, b, workflows.ClaimCycle, first)
	again := done(t, b, workflows.ClaimCycle, first)
	is(t, "units of the repeated claim", len(again.Units), 3)
	refused(t, b, workflows.ClaimCycle, workflows.ClaimInput{Act: b.act("confirm"), Real: *b.clock.Load()}, "pingliang/2025 has been started already")
	is(t, "the journal", b.story(t), "cycle_started")
}

// A violation that was recorded before the start waits for its decision in the year that starts (A14).
func TestAClaimKnowsWhatWaitsForADecision(t *testing.T) {
	t.Parallel()
	b := setup(t)
	facts := store.ViolationFacts{Facts: "未按规定公开收费标准", Evidence: "核查记录", Severity: "ordinary"}
	var none struct{}
	must(t, b.Store.Do(t.Context(), store.Step{Cycle: b.cycle.ID, Key: "violation"}, &none, func(change *store.Change) error {
		_, err := change.RecordViolation("violation", "C01", facts, "admin")
		return err
	}))
	is(t, "consequences that wait", b.claim(t).Consequences, 1)
	result := done(t, b, workflows.DecideConsequence, b.deciding(t, 1, true, day(time.December, 31), talk(day(time.November, 24))))
	is(t, "the order", result, workflows.DecideResult{Unit: "C01", Rectification: 1})
	is(t, "the journal", b.story(t), "violation_recorded C01, consequence_proposed C01, cycle_started, consequence_decided C01, rectification_ordered C01")
}

func TestAClaimIsRefusedWithAllItsFaults(t *testing.T) {
	t.Parallel()
	b := setup(t, func(set *store.DataSet) {
		set.Plan.Scheme.Extension = nil
		set.Plan.People = slices.DeleteFunc(set.Plan.People, func(p rules.Person) bool {
			return p.Role == rules.Deputy || p.Login == "confirm" || p.Login == "opinion1" || p.Login == "gov1" || p.Login == "c02.contact"
		})
	})
	b.at(day(time.November, 25), 0)
	refused(t, b, workflows.ClaimCycle, workflows.ClaimInput{Act: b.act("admin"), Real: *b.clock.Load()},
		"scheme.extension: the notice of 2025-11-24 is outside the validity of pingliang-2022, 2022-08-05 to 2024-08-04; the document that extended it is missing (A16, E12)",
		"people: nobody has the role deputy, who is asked to approve after the deadline (A8(6))",
		"people: no assessor is of the kind opinion, 网络（政务）舆情回应、监管单位 (A8(2))",
		"units[1]: C02 has nobody of role contact (A8(5))",
		"indicators[14]: 5.1 is left without an assessor from outside the unit, for C01, C02, D18 (A8(6))",
		"indicators[15]: 5.2 is left without an assessor from outside the unit, for C01, C02, D18 (A8(6))",
		"scheme.dates.notice: 2025-11-24 is past; a notice is dated today or later (A8(4))")
	is(t, "the state", b.column(t, `SELECT state FROM cycles`), "draft")
	is(t, "sheets", b.count(t, `SELECT count(*) FROM sheets`), 0)
}

// An indicator whose only assessors belong to the unit is left without one.
func TestAClaimCountsNoAssessorOfTheUnitsOwn(t *testing.T) {
	t.Parallel()
	b := setup(t, func(set *store.DataSet) {
		for i := range set.Plan.People {
			if person := &set.Plan.People[i]; person.Login == "web2" {
				person.Areas = []string{"proactive_disclosure"}
			} else if person.Login == "web1" {
				person.Areas = []string{"proactive_disclosure", "policy_interpretation"}
			}
		}
	})
	refused(t, b, workflows.ClaimCycle, workflows.ClaimInput{Act: b.act("admin"), Real: *b.clock.Load()},
		"indicators[20]: 8.1 is left without an assessor from outside the unit, for D18 (A8(6))",
		"indicators[21]: 8.2 is left without an assessor from outside the unit, for D18 (A8(6))",
		"indicators[22]: 8.3 is left without an assessor from outside the unit, for D18 (A8(6))",
		"indicators[23]: 8.4 is left without an assessor from outside the unit, for D18 (A8(6))",
		"indicators[24]: 8.5 is left without an assessor from outside the unit, for D18 (A8(6))")
}

// A year that nobody has published is never guessed.
func TestAClaimNeedsPublishedDays(t *testing.T) {
	t.Parallel()
	b := setup(t, func(set *store.DataSet) { set.Plan.Scheme.Dates.RectificationDue = "2026-12-31" })
	refused(t, b, workflows.ClaimCycle, workflows.ClaimInput{Act: b.act("admin"), Real: *b.clock.Load()},
		"scheme.dates.rectification_due: no published holidays for 2027: add them as holidays.csv (date, off|work, name)")
	before := workflows.ReadDaysInput{Cycle: b.cycle, After: calendar.Date{Year: 2026, Month: time.December, Day: 30}.At(9, 0)}
	is(t, "years", fmt.Sprint(done(t, b, workflows.ReadDays, before).Days.Years), "[2024 2025 2026]")
	after := workflows.ReadDaysInput{Cycle: b.cycle, After: calendar.Date{Year: 2026, Month: time.December, Day: 31}.At(9, 0)}
	if _, err := carryOut(t, b, workflows.ReadDays, after); err == nil {
		t.Error("the days of 2027 were guessed")
	}
	b.execute(t, `INSERT INTO holidays VALUES ('2027-01-01', false, '元旦')`)
	is(t, "years once they are published", fmt.Sprint(done(t, b, workflows.ReadDays, after).Days.Years), "[2024 2025 2026 2027]")
	b.claim(t)
}

// A rehearsal's clock shows 08:00 of the working day before the notice, at the real moment of its start.
func TestClaimOfARehearsal(t *testing.T) {
	t.Parallel()
	b := setup(t)
	virtual := day(time.November, 21).At(8, 0)
	id, err := b.Store.ImportDataSet(t.Context(), store.Import{DataSet: sample(t, b.Rules), Rehearsal: 1, Pace: time.Second, Virtual: virtual})
	must(t, err)
	b.cycle.ID, b.cycle.Rehearsal = id, 1
	real := time.Date(2031, 5, 5, 12, 0, 0, 0, time.UTC)
	result := done(t, b, workflows.ClaimCycle, workflows.ClaimInput{Act: workflows.Act{Cycle: b.cycle, ID: "claim", By: "admin"}, Real: real, Pace: time.Second})
	is(t, "the clock", fmt.Sprint(result.Clock.Real.Equal(real) && result.Clock.Virtual.Equal(virtual), result.Clock.Pace), "true 1s")
	is(t, "the journal", b.lines(t)[0].At.Format(time.RFC3339), "2025-11-21T08:00:00+08:00")
	cycle, err := b.Store.CycleGet(t.Context(), query.CycleGetParams{CycleID: id})
	must(t, err)
	is(t, "ten seconds later", store.ClockOf(cycle).At(real.Add(10*time.Second)).Format(time.RFC3339), "2025-12-01T08:00:00+08:00")
	is(t, "the real year is free", b.column(t, `SELECT state FROM cycles WHERE rehearsal = 0`), "draft")
}

func TestPoliciesNameEveryFault(t *testing.T) {
	t.Parallel()
	_, err := Policies(rules.Scheme{Reminders: rules.Reminders{
		SelfReport: rules.Policy{Cron: "TZ=UTC"}, Review: rules.Policy{Cron: "0 0 30 2 *"},
		Approval: rules.Policy{Cron: "0 9 * * *"}, Rectification: rules.Policy{Cron: "never"},
	}}.Phases())
	if err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("the faults are %v", err)
	}
}

// More scores than one statement takes (63 a county): all of them are there, on the sheets that they belong to.
func TestManyUnitsAreAssigned(t *testing.T) {
	t.Parallel()
	b := setup(t, func(set *store.DataSet) {
		plan := &set.Plan
		unit, people := plan.Units[0], slices.Clone(plan.People)
		for i := range 90 {
			unit.Code = fmt.Sprintf("X%02d", i)
			unit.Name = "示例" + unit.Code
			plan.Units = append(plan.Units, unit)
			for _, person := range people {
				if person.Unit == "C01" {
					person.Login, person.Unit = person.Login+unit.Code, unit.Code
					plan.People = append(plan.People, person)
				}
			}
		}
	})
	is(t, "units", len(b.claim(t).Units), 93)
	is(t, "scores", b.count(t, `SELECT count(*) FROM scores`), 92*63+54)
	is(t, "sheets", b.count(t, `SELECT count(*) FROM sheets`), 92*6+5)
}
