package store

import (
	"fmt"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/rules"
)

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
