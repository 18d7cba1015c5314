package integration

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kaoping/kaoping/rules"
)

// reviewRules are about self-reports, sheets and adjustments.
var reviewRules = []rule{
	{"a unit reports after its notice, and again only after a return", "A8(5)", replayed(oneReport)},
	{"late is who reports after his own due day", "A8(5)", replayed(lateness)},
	{"only a submitted report is returned, with a reason and a later day", "A8(5)", replayed(returnable)},
	{"a deadline is extended to a later day, with a reason", "A8(3), A8(5), A13", each(extended)},
	{"a sheet comes in after the unit's report, or its due day", "A8(6)", replayed(sheetInTime)},
	{"a sheet comes in from an assessor of the unit", "A8(6)", replayed(assigned)},
	{"an adjustment is proposed once, and decided at most once", "A10, A11", adjustedOnce},
	{"a second person confirms an adjustment", "A10, A11", confirmedByAnother},
	{"an adjustment lies in the assessment year", "A10, A11", each(inAssessmentYear)},
}

func oneReport(s *standing, l line) []string {
	unit := s.units[l.Unit]
	switch {
	case l.Event != "report_submitted":
	case unit == nil || !unit.noticed:
		return []string{"there is no such unit, or it has no notice"}
	case unit.reported:
		return []string{"the report is in already"}
	case l.Data.Revision != unit.revisions+1:
		return []string{fmt.Sprintf("its revision is %d after %d", l.Data.Revision, unit.revisions)}
	}
	return nil
}

func lateness(s *standing, l line) []string {
	unit := s.units[l.Unit]
	if l.Event != "report_submitted" || unit == nil {
		return nil
	}
	if late := !l.At.Before(unit.reportDue.End()); l.Data.Late == late || late && s.disturbed {
		return nil
	}
	return []string{fmt.Sprintf("it says late=%t, and its due day is %s", l.Data.Late, unit.reportDue)}
}

func returnable(s *standing, l line) []string {
	unit := s.units[l.Unit]
	switch {
	case l.Event != "report_returned":
	case unit == nil || !unit.reported:
		return []string{"there was no report"}
	case l.Data.Reason == "" || !l.Data.Due.After(l.day()):
		return []string{"it lacks a reason, or a later day"}
	}
	return nil
}

func extended(_ *journal, l line) string {
	if l.Event == "deadline_extended" && (l.Data.Reason == "" || !date(l.Data.To).After(l.day())) {
		return "it lacks a reason, or a later day"
	}
	return ""
}

func sheetInTime(s *standing, l line) []string {
	if l.Event != "sheet_submitted" || s.units[l.Unit] != nil && s.reviewing(l.Unit, l) {
		return nil
	}
	return []string{"the unit's review can't be open"}
}

func assigned(s *standing, l line) []string {
	if l.Event != "sheet_submitted" {
		return nil
	}
	missing, assigned := s.missing[sheet{l.Unit, l.Person}]
	switch {
	case !assigned && !s.third(l.Person):
		return []string{"he scores nothing of this unit"}
	case !missing && s.plan.Scheme.MaxSpread == "":
		return []string{"the sheet was in already"}
	}
	return nil
}

// third tells whether somebody may be named as a third assessor, where the scheme has a max_spread.
func (s *standing) third(login string) bool {
	return s.plan.Scheme.MaxSpread != "" && slices.ContainsFunc(s.plan.People, func(person rules.Person) bool {
		return person.Login == login && person.Role == rules.Assessor
	})
}

func adjustedOnce(j *journal) []string {
	states := map[string]string{}
	var found []string
	for _, l := range j.lines {
		state, adjustment := strings.CutPrefix(l.Event, "adjustment_")
		switch before := states[l.Data.ID]; {
		case !adjustment:
			continue
		case state == "proposed" && before != "", state != "proposed" && before != "proposed":
			found = append(found, fmt.Sprintf("%s: %s was %q before", l, l.Data.ID, before))
		case state == "rejected" && l.Data.Reason == "":
			found = append(found, l.String()+": it lacks a reason")
		}
		states[l.Data.ID] = state
	}
	return found
}

func confirmedByAnother(j *journal) []string {
	proposers := map[string]string{}
	return each(func(_ *journal, l line) string {
		switch {
		case l.Event == "adjustment_proposed":
			proposers[l.Data.ID] = l.Person
		case l.Event == "adjustment_confirmed" && (l.Person == "" || l.Person == proposers[l.Data.ID]):
			return "its proposer was " + proposers[l.Data.ID]
		}
		return ""
	})(j)
}

func inAssessmentYear(j *journal, l line) string {
	if l.Event == "adjustment_proposed" && date(l.Data.Date).Year != j.plan.Scheme.Year {
		return fmt.Sprintf("%s is not in %d", l.Data.Date, j.plan.Scheme.Year)
	}
	return ""
}
