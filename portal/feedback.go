package portal

import (
	"fmt"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/office"
)

// feedbackPage is the written feedback to one unit as a document (A8(7)). It is in Chinese in every language of the pages.
type feedbackPage struct {
	unitResultsPage
	Issued, Due string
	Long        bool
	PreviousYear,
	Rehearsal bool
}

// showFeedback shows the feedback as it is printed, once the results are released.
func (v *visit) showFeedback() error {
	results, err := v.unitResults()
	if err != nil {
		return err
	}
	if !results.Released {
		return office.Missing("the results are not released yet (A8(7))")
	}
	return v.render("feedback", feedbackPage{
		unitResultsPage: results, Issued: written(calendar.DateOf(results.Issued)), Due: written(results.Due),
		Long: len([]rune(results.Authority)) > 11, Rehearsal: v.desk.Cycle.Rehearsal > 0,
	})
}

// written is a date as documents write it.
func written(date calendar.Date) string {
	return fmt.Sprintf("%d年%d月%d日", date.Year, date.Month, date.Day)
}
