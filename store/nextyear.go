package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store/query"
)

// DataSetNow is what a cycle is made of with its people and addresses as they are now: somebody may have been replaced,
// an address corrected since the import.
func (s *Store) DataSetNow(ctx context.Context, cycle query.Cycle) (DataSet, error) {
	set, err := s.DataSet(ctx, cycle)
	if err != nil {
		return set, err
	}
	people, err := s.PersonList(ctx, query.PersonListParams{CycleID: cycle.CycleID})
	if err != nil {
		return set, translate(err)
	}
	units, err := s.UnitList(ctx, query.UnitListParams{CycleID: cycle.CycleID})
	if err != nil {
		return set, translate(err)
	}
	set.Plan.People = nil
	for _, person := range people {
		if person.ReplacedBy == "" {
			set.Plan.People = append(set.Plan.People, rules.Person{
				Login: person.Login, Name: person.Name, Role: rules.Role(person.Role), Unit: person.Unit, Email: person.Email,
				GroupKinds: person.GroupKinds, Areas: person.Areas,
			})
		}
	}
	// The kept data set is everybody's.
	set.Plan.Units = slices.Clone(set.Plan.Units)
	for i := range set.Plan.Units {
		at := slices.IndexFunc(units, func(unit query.Unit) bool { return unit.Code == set.Plan.Units[i].Code })
		if at >= 0 {
			set.Plan.Units[i].Email = units[at].Email
		}
	}
	return set, nil
}

// NextYear is a data set for the year after: the same scheme, units and people, every date a year later. The
// document's number is left for the administrator, who looks the draft over before he starts it.
func NextYear(set DataSet) (DataSet, error) {
	set.Holidays = nil
	scheme := &set.Plan.Scheme
	scheme.Year++
	scheme.DocumentNumber = ""
	scheme.Extension = nil
	for _, day := range []*rules.Day{
		&scheme.Dates.Notice, &scheme.Dates.SelfReportDue, &scheme.Dates.ReviewDue, &scheme.Dates.ApprovalDue, &scheme.Dates.RectificationDue,
	} {
		date, err := calendar.ParseDate(string(*day))
		if err != nil {
			return DataSet{}, fmt.Errorf("couldn't move the dates of %s/%d: %w", scheme.Authority.Code, scheme.Year-1, err)
		}
		later := calendar.DateOf(date.Start().AddDate(1, 0, 0))
		*day = rules.Day(later.String())
	}
	return set, nil
}
