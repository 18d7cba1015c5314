package portal

import (
	"fmt"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/office"
)

// feedbackPage is the written feedback to one unit as a document (A8(7)).
type feedbackPage struct {
	unitResultsPage
	// Issued and Due are dates as documents write them.
	Issued, Due string
	// Long is a name of the authority that needs smaller letters in the red head.
	Long      bool
	Rehearsal bool
	// Before is the year that some indicators judge (A4).
	Before int
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
		Long: len([]rune(results.Authority)) > 11, Rehearsal: v.desk.Cycle.Rehearsal > 0, Before: results.Year - 1,
	})
}

// written is a date as documents write it.
func written(date calendar.Date) string {
	return fmt.Sprintf("%d年%d月%d日", date.Year, date.Month, date.Day)
}
