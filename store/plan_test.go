package store

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store/query"
)

// stored is what the tables say of a cycle's plan, as text.
func (b *bundle) stored(t *testing.T) string {
	t.Helper()
	return strings.Join(b.names(t, `
		SELECT 'unit ' || position || ' ' || code || ' ' || name || ' ' || category || ' ' || email || ' ' || telephone FROM units
		UNION ALL SELECT 'person ' || login || ', ' || role || ' [' || unit || '] ' || array_to_string(areas, ',') FROM people
		UNION ALL SELECT 'indicator ' || position || ' ' || code || ' ' || track || ' ' || max_points || ' ' || array_to_string(methods, ',') FROM indicators
		UNION ALL SELECT 'version ' || version || ' ' || notice || ' ' || rectification_due || ' ' || reason FROM scheme_versions`), "\n")
}

const smallPlanStored = `indicator 1 1 daily 3000 documents
indicator 2 2 special 7000 website
person admin, admin [] 
person c01, contact [C01] 
person gov, assessor [] organization,platforms
person web, assessor [D01] organization,platforms
unit 1 C01 崆峒区人民政府 county c01@example.com 0933-1
unit 2 D01 平凉市发展和改革委员会 department d01@example.com 0933-2
version 1 2025-11-24 2026-03-13 as imported`

func importing(plan rules.Plan) Import { return Import{DataSet: DataSet{Plan: plan}} }

func TestImport(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	is(t, "what is stored", b.stored(t), smallPlanStored)
	cycle := b.cycle(t, id)
	is(t, "the cycle", fmt.Sprint(CycleName(cycle), " ", cycle.State, ", phase ", cycle.Phase, ", ", cycle.RuleSet), "pingliang/2025 draft, phase draft, pingliang-2022")
	set, err := b.DataSet(t.Context(), cycle)
	must(t, err)
	is(t, "the data set", fmt.Sprint(set.Plan.Units), fmt.Sprint(smallPlan().Units))
}

func TestImportReplacesADraftWholly(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	must(t, b.do(t, id, "adjustment", func(change *Change) error {
		return change.ProposeAdjustment(commended("C01"), pingliang(t), "c01")
	}))
	plan := smallPlan()
	plan.Units = []rules.Unit{{Code: "Z01", Name: "平凉工业园区", Category: "zone", Email: "z01@example.com"}, plan.Units[0]}
	plan.Units[1].Email = "new@example.com"
	plan.Indicators = []rules.Indicator{{Code: "9", Area: "response", Track: "daily", Max: 10000, Content: "回应", Criteria: "无", Methods: []string{"phone"}}}
	plan.People = []rules.Person{{Login: "z01", Name: "联络员", Role: rules.Contact, Unit: "Z01", Email: "z01@example.com"}}
	plan.Scheme.Dates.Notice = "2025-11-25"
	again, err := b.ImportDataSet(t.Context(), importing(plan))
	must(t, err)
	is(t, "the cycle", again, id)
	is(t, "what is stored", b.stored(t), `indicator 1 9 daily 10000 phone
person z01, contact [Z01] 
unit 1 Z01 平凉工业园区 zone z01@example.com 
unit 2 C01 崆峒区人民政府 county new@example.com 0933-1
version 1 2025-11-25 2026-03-13 as imported`)
	is(t, "adjustments", count(t, b.db, `SELECT count(*) FROM adjustments WHERE unit = 'C01'`), 1)

	plan.Units = plan.Units[:1]
	_, err = b.ImportDataSet(t.Context(), importing(plan))
	fails(t, err, Refused, "a unit with recorded adjustments can't be taken off the list")
	is(t, "units after a refused import", count(t, b.db, `SELECT count(*) FROM units`), 2)
}

func TestImportIsRefusedOnceTheCycleStarted(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	for _, state := range []string{"running", "closed"} {
		execute(t, b.db, fmt.Sprintf(`UPDATE cycles SET state = '%s'`, state))
		plan := smallPlan()
		plan.Units = plan.Units[:1]
		_, err := b.ImportDataSet(t.Context(), importing(plan))
		fails(t, err, Refused, "pingliang/2025 has started: its scheme is frozen (A8(3))")
		is(t, "what is stored", b.stored(t), smallPlanStored)
	}
	execute(t, b.db, `UPDATE cycles SET state = 'cancelled'`)
	fresh, err := b.ImportDataSet(t.Context(), importing(smallPlan()))
	must(t, err)
	is(t, "a new cycle after the cancelled one", fresh != id, true)
	found, err := b.CycleFind(t.Context(), query.CycleFindParams{Authority: "pingliang", Year: 2025, Kind: Assessment})
	must(t, err)
	is(t, "the cycle that is found", found.CycleID, fresh)
}

// What is wrong in the middle of a data set leaves nothing of it.
func TestImportIsAllOrNothing(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*rules.Plan){
		"a line break in a unit's address": func(p *rules.Plan) { p.Units[1].Email = "d01@example.com\r\nBcc: all@example.com" },
		"the same unit twice":              func(p *rules.Plan) { p.Units[1].Code = "C01" },
		"an unknown role":                  func(p *rules.Plan) { p.People[2].Role = "root" },
		"the same login twice":             func(p *rules.Plan) { p.People[2].Login = "admin" },
		"an indicator without points":      func(p *rules.Plan) { p.Indicators[1].Max = 0 },
		"dates out of order":               func(p *rules.Plan) { p.Scheme.Dates.ReviewDue = "2025-12-12" },
		"a date that is none":              func(p *rules.Plan) { p.Scheme.Dates.ApprovalDue = "2026-02-30" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			spoiled := smallPlan()
			spoil(&spoiled)
			if _, err := b.ImportDataSet(t.Context(), importing(spoiled)); err == nil {
				t.Fatal("it was imported")
			}
			is(t, "cycles after a first import", count(t, b.db, `SELECT count(*) FROM cycles`), 0)
			_, err := b.ImportDataSet(t.Context(), importing(smallPlan()))
			must(t, err)
			if _, err := b.ImportDataSet(t.Context(), importing(spoiled)); err == nil {
				t.Fatal("it replaced a good one")
			}
			is(t, "what is stored", b.stored(t), smallPlanStored)
		})
	}
}

func TestImportsAtTheSameMoment(t *testing.T) {
	t.Parallel()
	b := setup(t)
	failed := make([]error, 4)
	var importers sync.WaitGroup
	for i := range failed {
		importers.Go(func() { _, failed[i] = b.ImportDataSet(t.Context(), importing(smallPlan())) })
	}
	importers.Wait()
	imported := 0
	for _, err := range failed {
		if err == nil {
			imported++
			continue
		}
		fails(t, err, Refused, "this year is already there")
	}
	is(t, "some were imported", imported > 0, true)
	is(t, "cycles", count(t, b.db, `SELECT count(*) FROM cycles`), 1)
	is(t, "what is stored", b.stored(t), smallPlanStored)
}

func TestImportOfAThousandUnits(t *testing.T) {
	t.Parallel()
	b := setup(t)
	plan := smallPlan()
	for i := range 998 {
		code := fmt.Sprintf("U%03d", i)
		plan.Units = append(plan.Units, rules.Unit{Code: code, Name: "单位" + code, Category: "department", Email: code + "@example.com"})
		plan.People = append(plan.People, rules.Person{Login: code, Name: "联络员", Role: rules.Contact, Unit: code, Email: code + "@example.com"})
	}
	began := time.Now()
	for range 2 {
		_, err := b.ImportDataSet(t.Context(), importing(plan))
		must(t, err)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("two imports took %s", took)
	}
	is(t, "units", count(t, b.db, `SELECT count(*) FROM units`), 1000)
	is(t, "people", count(t, b.db, `SELECT count(*) FROM people`), 1002)
}

// However a data set writes an assessor's own organisation, the database knows it by its code (A8(6)).
func TestAnAssessorsOrganisationIsKnownByItsCode(t *testing.T) {
	t.Parallel()
	b := setup(t)
	plan := smallPlan()
	plan.People[1].Unit = "平凉市发展和改革委员会"
	plan.People[2].Unit = "c01"
	plan.People = append(plan.People, rules.Person{Login: "outside", Name: "考核员三", Role: rules.Assessor, Unit: "平凉市融媒体中心", Email: "o@example.com"})
	_, err := b.ImportDataSet(t.Context(), importing(plan))
	must(t, err)
	is(t, "organisations", fmt.Sprint(b.names(t, `SELECT login || ' ' || unit FROM people WHERE role = 'assessor'`)),
		"[gov C01 outside 平凉市融媒体中心 web D01]")
}

func TestHolidaysOfADataSet(t *testing.T) {
	t.Parallel()
	b := setup(t)
	added := calendar.Holiday{Date: calendar.Date{Year: 2027, Month: time.January, Day: 1}, Name: "元旦"}
	changed := calendar.Holiday{Date: calendar.Date{Year: 2025, Month: time.December, Day: 1}, Name: "临时放假"}
	set := DataSet{Plan: smallPlan(), Holidays: []calendar.Holiday{added, changed}}
	before := count(t, b.db, `SELECT count(*) FROM holidays`)
	_, err := b.ImportDataSet(t.Context(), Import{DataSet: set, Rehearsal: 1, Virtual: beginning})
	must(t, err)
	is(t, "holidays that a rehearsal leaves", count(t, b.db, `SELECT count(*) FROM holidays`), before)
	days, err := b.Days(t.Context(), set)
	must(t, err)
	is(t, "years that the cycle knows", fmt.Sprint(days.Years), "[2024 2025 2026 2027]")
	working, err := days.Working(changed.Date)
	must(t, err)
	is(t, "a Monday that the data set takes off is worked", working, false)
	without, err := b.Days(t.Context(), DataSet{Plan: smallPlan()})
	must(t, err)
	is(t, "years without the data set", fmt.Sprint(without.Years), "[2024 2025 2026]")
	_, err = b.ImportDataSet(t.Context(), Import{DataSet: set})
	must(t, err)
	is(t, "holidays that the real cycle brings", count(t, b.db, `SELECT count(*) FROM holidays`), before+2)
	execute(t, b.db, `INSERT INTO holidays VALUES ('2028-01-01', false, '元旦'), ('2029-01-01', false, '元旦')`)
	later, err := b.Days(t.Context(), set)
	must(t, err)
	is(t, "years of what goes on for long", fmt.Sprint(later.Years), "[2024 2025 2026 2027 2028 2029]")
}

func TestIndicatorsFor(t *testing.T) {
	t.Parallel()
	plan := smallPlan()
	plan.Indicators[1].Categories = []string{"county"}
	is(t, "a county's", len(IndicatorsFor(plan, "county")), 2)
	is(t, "a department's", fmt.Sprint(IndicatorsFor(plan, "department")), fmt.Sprint(plan.Indicators[:1]))
}

func TestStartFaults(t *testing.T) {
	t.Parallel()
	b := setup(t)
	set := DataSet{Plan: smallPlan()}
	days, err := b.Days(t.Context(), set)
	must(t, err)
	notice := calendar.Date{Year: 2025, Month: time.November, Day: 24}
	paths := func(set DataSet, rehearsal bool, now time.Time) string {
		var texts []string
		for _, fault := range StartFaults(set, library(t), notice, days, rehearsal, now) {
			texts = append(texts, fault.Path)
		}
		return inRuns(texts)
	}
	plan := "scheme.extension, 5×people, units[1]"
	is(t, "on the day of the notice", paths(set, false, notice.End().Add(-time.Second)), plan)
	is(t, "the day after", paths(set, false, notice.End()), plan+", scheme.dates.notice")
	is(t, "the day after, in a rehearsal", paths(set, true, notice.End()), plan)
	set.Plan.Scheme.Dates.RectificationDue = "2026-12-31"
	is(t, "an escalation in a year that nobody has published", paths(set, false, beginning), plan+", scheme.dates.rectification_due")
	set.Plan.Scheme.Dates.RectificationDue = "2026-12-30"
	is(t, "the last day before", paths(set, false, beginning), plan)
	set.Plan.Scheme.Dates.ApprovalDue = "2026-12-29"
	set.Plan.Scheme.Reminders.Approval.EscalateWorkingDaysAfter = 3
	is(t, "another phase's escalation", paths(set, false, beginning), plan+", scheme.dates.approval_due")
	set.Plan.Scheme.Reminders.Approval.EscalateWorkingDaysAfter = 2
	set.Plan.Scheme.Reminders.SelfReport.FromWorkingDaysBefore = 230
	is(t, "a first reminder of the year before", paths(set, false, beginning), plan)
	days = days.Slice(calendar.Date{Year: 2025, Month: time.January, Day: 1}, calendar.Date{Year: 2026, Month: time.December, Day: 31})
	set.Plan.Scheme.Reminders.SelfReport.FromWorkingDaysBefore = 250
	is(t, "a first reminder in a year that nobody has published", paths(set, false, beginning), plan+", scheme.dates.self_report_due")
	set.Plan.Scheme.Reminders.SelfReport.FromWorkingDaysBefore = 5
	set.Plan.Scheme.Dates.RectificationDue = "2026-12-32"
	is(t, "a date that is none", paths(set, false, beginning), plan+", scheme.dates.rectification_due")
}
