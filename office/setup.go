package office

import (
	"context"
	"slices"
	"time"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/documents"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// Setup is a year before its start: does its scheme add up, who scores what, and what keeps it from being started.
type Setup struct {
	Plan rules.Plan
	// Categories are those of the units, each with its own sums: an indicator may be limited to some (A7).
	Categories []CategorySums
	// Assessors are who scores how much, and of which unit each keeps out.
	Assessors []AssessorShare
	// Gaps are the indicators that nobody scores, by the units concerned.
	Gaps []Gap
	// Faults keep the year from being started, Warnings do not.
	Faults   rules.Faults
	Warnings rules.Faults
}

// CategorySums are the maximum points of one category's indicators by track and by area, and what the tracks must be.
type CategorySums struct {
	Category string
	Units    int
	Tracks   []Sum
	Areas    []Sum
	Total    rules.Points
}

// Sum is the points of one track or area.
type Sum struct {
	Term rules.Term
	// Points are those of the scheme; Want is what a track must come to, 0 for an area.
	Points, Want rules.Points
	Indicators   int
}

// AssessorShare is one assessor's part of the work.
type AssessorShare struct {
	Person rules.Person
	// Units and Indicators count what he scores.
	Units, Indicators int
	// Conflict is the unit that he belongs to, and so never scores (A8(6)).
	Conflict string
}

// Gap is an indicator without an assessor.
type Gap struct {
	Indicator rules.Indicator
	Units     []string
}

// Setup looks a draft over.
func (d *Desk) Setup(ctx context.Context) (Setup, error) {
	if err := d.must(rules.Admin); err != nil {
		return Setup{}, err
	}
	set, err := d.Store.DataSet(ctx, d.Cycle)
	if err != nil {
		return Setup{}, err
	}
	ruleSet, err := d.ruleSet()
	if err != nil {
		return Setup{}, err
	}
	setup := Setup{Plan: set.Plan, Warnings: set.Plan.Warnings()}
	if d.Cycle.State == "draft" {
		if setup.Faults, err = d.planFaults(ctx, set, d.Store.Real()); err != nil {
			return Setup{}, err
		}
	}
	setup.Categories = sums(set.Plan, ruleSet)
	setup.share()
	return setup, nil
}

// planFaults are all reasons to refuse the start.
func (d *Desk) planFaults(ctx context.Context, set store.DataSet, now time.Time) (rules.Faults, error) {
	days, err := d.Store.Days(ctx, set)
	if err != nil {
		return nil, err
	}
	if set.Evaluation != nil {
		publish, err := calendar.ParseDate(string(set.Evaluation.Dates.Publish))
		if err != nil {
			return nil, err
		}
		return store.EvaluationFaults(set, d.Rules, publish, days, d.Cycle.Rehearsal > 0, now), nil
	}
	notice, err := calendar.ParseDate(string(set.Plan.Scheme.Dates.Notice))
	if err != nil {
		return nil, err
	}
	ruleSet, err := d.ruleSet()
	if err != nil {
		return nil, err
	}
	adjustments, err := d.Store.AdjustmentList(ctx, query.AdjustmentListParams{CycleID: d.Cycle.CycleID})
	if err != nil {
		return nil, err
	}
	faults := store.StartFaults(set, d.Rules, notice, days, d.Cycle.Rehearsal > 0, now)
	return append(faults, store.ClauseFaults(adjustments, ruleSet)...), nil
}

func sums(plan rules.Plan, set *rules.RuleSet) []CategorySums {
	tier, _ := set.Tier(plan.Scheme.Authority.Tier) // checked when the plan was imported
	var list []CategorySums
	for _, unit := range plan.Units {
		at := slices.IndexFunc(list, func(c CategorySums) bool { return c.Category == unit.Category })
		if at < 0 {
			list = append(list, categorySums(plan, set, tier, unit.Category))
			at = len(list) - 1
		}
		list[at].Units++
	}
	return list
}

func categorySums(plan rules.Plan, set *rules.RuleSet, tier rules.Tier, category string) CategorySums {
	made := CategorySums{Category: category}
	for _, track := range set.Tracks {
		made.Tracks = append(made.Tracks, Sum{Term: track, Want: tier.Points[track.ID]})
	}
	for _, area := range set.Areas {
		made.Areas = append(made.Areas, Sum{Term: area})
	}
	for _, indicator := range store.IndicatorsFor(plan, category) {
		made.Total += indicator.Max
		add(made.Tracks, indicator.Track, indicator.Max)
		add(made.Areas, indicator.Area, indicator.Max)
	}
	return made
}

func add(sums []Sum, term string, points rules.Points) {
	for i := range sums {
		if sums[i].Term.ID == term {
			sums[i].Points += points
			sums[i].Indicators++
		}
	}
}

// share counts each assessor's work, and finds what nobody does.
func (s *Setup) share() {
	at := map[string]int{}
	for _, person := range s.Plan.People {
		if person.Role == rules.Assessor {
			at[person.Login] = len(s.Assessors)
			s.Assessors = append(s.Assessors, AssessorShare{Person: person, Conflict: s.ownUnit(person)})
		}
	}
	units, scored := map[[2]string]bool{}, map[[2]string]bool{}
	for _, assignment := range s.Plan.Assignments() {
		share := &s.Assessors[at[assignment.Assessor]]
		share.Indicators++
		if pair := [2]string{assignment.Assessor, assignment.Unit}; !units[pair] {
			units[pair] = true
			share.Units++
		}
		scored[[2]string{assignment.Unit, assignment.Indicator}] = true
	}
	for _, indicator := range s.Plan.Indicators {
		gap := Gap{Indicator: indicator}
		for _, unit := range s.Plan.Units {
			judged := len(indicator.Categories) == 0 || slices.Contains(indicator.Categories, unit.Category)
			if judged && !scored[[2]string{unit.Code, indicator.Code}] {
				gap.Units = append(gap.Units, unit.Name)
			}
		}
		if len(gap.Units) > 0 {
			s.Gaps = append(s.Gaps, gap)
		}
	}
}

func (s *Setup) ownUnit(person rules.Person) string {
	at := slices.IndexFunc(s.Plan.Units, func(u rules.Unit) bool { return u.Owns(person) })
	if at < 0 {
		return ""
	}
	return s.Plan.Units[at].Name
}

// StartNow starts the year, which must still lie ahead on the machine's own clock.
func (d *Desk) StartNow(ctx context.Context) error { return d.Start(ctx, d.Store.Real()) }

// Rehearse plays this very plan as a new rehearsal with simulated people, and starts it.
func (d *Desk) Rehearse(ctx context.Context) (Cycle, error) {
	if err := d.must(rules.Admin); err != nil {
		return Cycle{}, err
	}
	if err := d.mustBe(store.Assessment); err != nil {
		return Cycle{}, err
	}
	set, err := d.Store.DataSet(ctx, d.Cycle)
	if err != nil {
		return Cycle{}, err
	}
	cycle, err := d.ImportRehearsal(ctx, documents.DataSet{Plan: set.Plan, Holidays: set.Holidays}, PaceFor(set.Plan))
	if err != nil {
		return Cycle{}, err
	}
	if err := d.Store.CycleSimulate(ctx, query.CycleSimulateParams{CycleID: cycle.CycleID}); err != nil {
		return Cycle{}, err
	}
	desk, err := d.AdminDesk(ctx, cycle)
	if err != nil {
		return Cycle{}, err
	}
	return cycle, desk.Start(ctx, d.Store.Real())
}

// unitTime is what a machine of two cores needs for a unit's year.
const unitTime = 900 * time.Millisecond

// PaceFor lets a machine of two cores keep up with a rehearsal: a day a second, and more time where many units share few
// days.
func PaceFor(plan rules.Plan) time.Duration {
	first, err := calendar.ParseDate(string(plan.Scheme.Dates.Notice))
	last, wrong := calendar.ParseDate(string(plan.Scheme.Dates.RectificationDue))
	days := last.End().Sub(first.Start()).Hours() / 24
	if err != nil || wrong != nil || days < 1 {
		return time.Second // such a plan is refused before it plays
	}
	return max(time.Second, time.Duration(float64(len(plan.Units))*float64(unitTime)/days).Round(time.Millisecond))
}
