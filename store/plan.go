package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sort"
	"sync"
	"time"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store/query"
)

// DataSet is what a cycle is made of, as it was imported.
type DataSet struct {
	Plan     rules.Plan         `json:"plan"`
	Holidays []calendar.Holiday `json:"holidays"`
	// Evaluation is the plan of a social evaluation, whose cycle has of Plan only the heading, the evaluated units and
	// the people (E8(1)); nil for an assessment.
	Evaluation *rules.EvaluationPlan `json:"evaluation,omitempty"`
}

// Kinds of cycles.
const (
	Assessment = "assessment"
	Evaluation = "evaluation"
)

func (d DataSet) kind() string {
	if d.Evaluation != nil {
		return Evaluation
	}
	return Assessment
}

// DataSet is what a cycle is made of. It is frozen once the cycle has started, and then read only once.
func (s *Store) DataSet(ctx context.Context, cycle query.Cycle) (DataSet, error) {
	return dataSet(ctx, s.Queries, s.sets, cycle)
}

// DataSet is what the change's cycle is made of.
func (c *Change) DataSet() (DataSet, error) { return dataSet(c.Context, c.Queries, c.sets, c.Cycle) }

func dataSet(ctx context.Context, queries *query.Queries, kept *sync.Map, cycle query.Cycle) (DataSet, error) {
	if set, ok := kept.Load(cycle.CycleID); ok && cycle.State != "draft" {
		return set.(DataSet), nil
	}
	var set DataSet
	text, err := queries.DataSetGet(ctx, query.DataSetGetParams{CycleID: cycle.CycleID})
	if err == nil {
		err = json.Unmarshal(text, &set)
	}
	if err != nil {
		return DataSet{}, fmt.Errorf("couldn't read the data set of %s: %w", CycleName(cycle), translate(err))
	}
	if cycle.State != "draft" {
		kept.Store(cycle.CycleID, set)
	}
	return set, nil
}

// Days are the published days of a cycle: those of the database, and over them those of its own data set.
func (c *Change) Days(set DataSet) (calendar.Days, error) { return days(c.Context, c.Queries, set) }

// Days are the published days of a data set.
func (s *Store) Days(ctx context.Context, set DataSet) (calendar.Days, error) {
	return days(ctx, s.Queries, set)
}

func days(ctx context.Context, queries *query.Queries, set DataSet) (calendar.Days, error) {
	published, err := holidays(ctx, queries)
	if err != nil {
		return calendar.Days{}, err
	}
	byDate := map[calendar.Date]calendar.Holiday{}
	for _, holiday := range append(published, set.Holidays...) {
		byDate[holiday.Date] = holiday
	}
	merged := make([]calendar.Holiday, 0, len(byDate))
	for _, holiday := range byDate {
		merged = append(merged, holiday)
	}
	sort.Slice(merged, func(i, j int) bool { return merged[i].Date.Before(merged[j].Date) })
	known, err := calendar.NewDays(merged)
	if err != nil || len(known.Years) == 0 {
		return known, err
	}
	// A notice of the first days of January is prepared, and reminded of, in the year before. What has no end yet goes on
	// as long as days are published.
	first := calendar.Date{Year: set.Plan.Scheme.Year - 1, Month: time.January, Day: 1}
	return known.Slice(first, calendar.Date{Year: slices.Max(known.Years), Month: time.December, Day: 31}), nil
}

func (s *Store) transaction(ctx context.Context, do func(*query.Queries) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return translate(err)
	}
	if err := do(query.New(tx)); err != nil {
		return translate(errors.Join(err, rollback(tx)))
	}
	return translate(tx.Commit())
}

func replacePlan(ctx context.Context, queries *query.Queries, id int64, plan rules.Plan) error {
	if err := replaceUnits(ctx, queries, id, plan.Units); err != nil {
		return err
	}
	if err := replacePeople(ctx, queries, id, plan); err != nil {
		return err
	}
	if err := replaceIndicators(ctx, queries, id, plan.Indicators); err != nil {
		return err
	}
	if err := queries.SchemeVersionClear(ctx, query.SchemeVersionClearParams{CycleID: id}); err != nil {
		return err
	}
	dates, err := planDates(plan.Scheme.Dates)
	if err != nil {
		return err
	}
	dates.CycleID, dates.Version, dates.Reason = id, 1, "as imported"
	return queries.SchemeVersionInsert(ctx, dates)
}

func replacePeople(ctx context.Context, queries *query.Queries, id int64, plan rules.Plan) error {
	if err := queries.PersonClear(ctx, query.PersonClearParams{CycleID: id}); err != nil {
		return err
	}
	for _, person := range plan.People {
		if err := queries.PersonInsert(ctx, query.PersonInsertParams{
			CycleID: id, Login: person.Login, Name: person.Name, Role: string(person.Role), Unit: organisation(plan, person),
			Email: person.Email, GroupKinds: present(person.GroupKinds), Areas: present(person.Areas),
		}); err != nil {
			return err
		}
	}
	return nil
}

// organisation is the code of the assessed unit to which a person belongs, however the data set writes it: the
// database compares codes when it holds that nobody scores his own organisation (A8(6)).
func organisation(plan rules.Plan, person rules.Person) string {
	if at := slices.IndexFunc(plan.Units, func(unit rules.Unit) bool { return unit.Owns(person) }); at >= 0 {
		return plan.Units[at].Code
	}
	return person.Unit
}

// present makes an empty list of none: columns are never null.
func present[E any](list []E) []E {
	if list == nil {
		return []E{}
	}
	return list
}

func planDates(dates rules.Dates) (query.SchemeVersionInsertParams, error) {
	var row query.SchemeVersionInsertParams
	err := readDays([]dayColumn{
		{dates.Notice, &row.Notice},
		{dates.SelfReportDue, &row.SelfReportDue},
		{dates.ReviewDue, &row.ReviewDue},
		{dates.ApprovalDue, &row.ApprovalDue},
		{dates.RectificationDue, &row.RectificationDue},
	})
	return row, err
}

// dayColumn is a day of a plan, and where the database keeps it.
type dayColumn struct {
	from rules.Day
	into *calendar.Date
}

func readDays(days []dayColumn) error {
	for _, day := range days {
		parsed, err := calendar.ParseDate(string(day.from))
		if err != nil {
			return err
		}
		*day.into = parsed
	}
	return nil
}

func replaceUnits(ctx context.Context, queries *query.Queries, id int64, units []rules.Unit) error {
	upsert := query.UnitUpsertParams{CycleID: id}
	for i, unit := range units {
		upsert.Codes = append(upsert.Codes, unit.Code)
		upsert.Positions = append(upsert.Positions, int32(i+1))
		upsert.Names = append(upsert.Names, unit.Name)
		upsert.Categories = append(upsert.Categories, unit.Category)
		upsert.Emails = append(upsert.Emails, unit.Email)
		upsert.Telephones = append(upsert.Telephones, unit.Telephone)
	}
	if err := queries.UnitDeleteOthers(ctx, query.UnitDeleteOthersParams{CycleID: id, Codes: upsert.Codes}); err != nil {
		return err
	}
	return queries.UnitUpsert(ctx, upsert)
}

func replaceIndicators(ctx context.Context, queries *query.Queries, id int64, indicators []rules.Indicator) error {
	if err := queries.IndicatorClear(ctx, query.IndicatorClearParams{CycleID: id}); err != nil {
		return err
	}
	for i, indicator := range indicators {
		if err := queries.IndicatorInsert(ctx, query.IndicatorInsertParams{
			CycleID: id, Code: indicator.Code, Position: int32(i + 1), Area: indicator.Area, Track: indicator.Track,
			MaxPoints: int64(indicator.Max), Content: indicator.Content, Criteria: indicator.Criteria,
			Methods: present(indicator.Methods), Judges: indicator.Judges, Categories: present(indicator.Categories),
		}); err != nil {
			return err
		}
	}
	return nil
}

// StartFaults are all reasons to refuse the start of a cycle, at once: what the plan lacks, a notice in the past, days
// that nobody has published.
func StartFaults(set DataSet, lib rules.Library, notice calendar.Date, days calendar.Days, rehearsal bool, now time.Time) rules.Faults {
	faults := set.Plan.StartFaults(lib)
	if !rehearsal && calendar.DateOf(now).After(notice) {
		faults = append(faults, rules.Fault{Path: "scheme.dates.notice", Text: fmt.Sprintf("%s is past; a notice is dated today or later (A8(4))", notice)})
	}
	for _, phase := range set.Plan.Scheme.Phases() {
		if err := unpublished(phase, days); err != nil {
			faults = append(faults, rules.Fault{Path: "scheme.dates." + phase.Key + "_due", Text: err.Error()})
		}
	}
	return faults
}

// unpublished says why a phase's first mail, its earliest reminder, or the last one, its escalation, has no day.
func unpublished(phase rules.Phase, days calendar.Days) error {
	due, err := calendar.ParseDate(string(phase.Due))
	if err != nil {
		return err
	}
	_, err = days.Add(due, -phase.Policy.FromWorkingDaysBefore)
	if err == nil {
		policy := calendar.Policy{EscalateWorkingDaysAfter: phase.Policy.EscalateWorkingDaysAfter}
		_, err = policy.EscalationDay(days, due)
	}
	var missing *calendar.UnpublishedError
	if errors.As(err, &missing) {
		return missing
	}
	return err
}

// EvaluationFaults are all reasons to refuse the start of a social evaluation, at once.
func EvaluationFaults(set DataSet, lib rules.Library, publish calendar.Date, days calendar.Days, rehearsal bool, now time.Time) rules.Faults {
	faults := set.Evaluation.StartFaults(lib, set.Plan.People)
	if !rehearsal && calendar.DateOf(now).After(publish) {
		faults = append(faults, rules.Fault{Path: "evaluation.dates.publish", Text: fmt.Sprintf("%s is past; an evaluation is published today or later (E8(2))", publish)})
	}
	if err := unpublished(set.Evaluation.Invitation(), days); err != nil {
		faults = append(faults, rules.Fault{Path: "evaluation.dates.close", Text: err.Error()})
	}
	return faults
}

// IndicatorsOf are the indicators by which a unit is judged; none if there is no such unit.
func IndicatorsOf(plan rules.Plan, unit string) []rules.Indicator {
	for _, known := range plan.Units {
		if known.Code == unit {
			return IndicatorsFor(plan, known.Category)
		}
	}
	return nil
}

// IndicatorsFor are the indicators by which units of a category are judged, in the scheme's order (A7).
func IndicatorsFor(plan rules.Plan, category string) []rules.Indicator {
	var list []rules.Indicator
	for _, indicator := range plan.Indicators {
		if len(indicator.Categories) == 0 || slices.Contains(indicator.Categories, category) {
			list = append(list, indicator)
		}
	}
	return list
}
