package integration

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kaoping/kaoping/calendar"
)

// reminderRules are about the mails of the four policies.
var reminderRules = []rule{
	{"reminders go out on working days", "A8(5)", each(onWorkingDays)},
	{"a reminder names the cron's moment of the day on which it goes out", "contracts", each(atTheMoment)},
	{"a reminder lies in the policy's window before the due day", "A8(5), A8(6), A13", replayed(insideWindow)},
	{"one reminder a person, unit and day", "contracts", oneADay},
	{"nobody is reminded of what is not open", "A8(5), A8(6), A13", replayed(openOnly)},
	{"what is overdue goes up when the policy says", "A8(5), A8(6), A13", replayed(overdueInTime)},
	{"what is overdue goes up once a due day", "contracts", overdueOnce},
	{"whoever owes something is reminded of it, and it goes up when it is overdue", "A8(5), A8(6), A13", remindedInTime},
}

// leaves is when a reminder is seen to go out: while it is under way, the moment of the line; when the server has it, that
// at which the server was asked, since the answer is written down later, perhaps after midnight.
func (l line) leaves() time.Time {
	if l.Event == "mail_sent" && l.Data.Begun != nil {
		return *l.Data.Begun
	}
	return l.At
}

func onWorkingDays(j *journal, l line) string {
	if !l.reminder() || l.Data.Scheduled == nil {
		return ""
	}
	moments := []time.Time{*l.Data.Scheduled}
	if l.Event != "mail_refused" {
		moments = append(moments, l.leaves())
	}
	for _, moment := range moments {
		if day := calendar.DateOf(moment); !j.working(day) {
			return day.String() + " is a day off"
		}
	}
	return ""
}

// atTheMoment reads the cron of the data sets here: a minute, an hour, any day, and perhaps weekdays.
func atTheMoment(j *journal, l line) string {
	if !l.reminder() || l.Data.Scheduled == nil {
		return ""
	}
	fields := strings.Fields(j.policy(l.Data.Kind).Cron)
	scheduled := l.Data.Scheduled.In(calendar.Location)
	weekend := scheduled.Weekday() == time.Saturday || scheduled.Weekday() == time.Sunday
	switch {
	case scheduled.Format("4 15:05") != fmt.Sprintf("%s %02s:00", fields[0], fields[1]):
		return "the moment " + scheduled.Format(time.RFC3339) + " is not one of " + strings.Join(fields, " ")
	case fields[4] == "1-5" && weekend:
		return scheduled.Weekday().String() + " is not one of " + strings.Join(fields, " ")
	case l.leaves().Before(scheduled), l.At.Before(scheduled):
		return "it is before its moment"
	case l.Event == "mail_sent" && (l.Data.Begun == nil || l.At.Before(*l.Data.Begun)):
		return "it does not tell when it was handed over, before it was taken"
	case l.Event != "mail_refused" && calendar.DateOf(l.leaves()) != calendar.DateOf(scheduled):
		return "its day is over"
	}
	return ""
}

// dues are the due days of what is open with whom a reminder is for.
func (s *standing) dues(l line) []calendar.Date {
	var days []calendar.Date
	switch kind, _, _ := strings.Cut(strings.TrimPrefix(l.Data.Kind, "self_"), "_"); kind {
	case "report":
		if unit := s.units[l.Unit]; unit != nil && unit.noticed && !unit.reported {
			days = append(days, unit.reportDue)
		}
	case "review":
		for _, unit := range s.openSheets(l.Person, l) {
			days = append(days, s.units[unit].reviewDue)
		}
	case "approval":
		if proposal := s.proposals[s.proposed]; proposal != nil && proposal.state == "open" {
			days = append(days, proposal.due)
		}
	case "rectification":
		for _, order := range s.owing(l.Unit) {
			days = append(days, order.due)
		}
	}
	return days
}

// openOnly looks at a reminder when it is queued and when it is sent; what is overdue was so when it was queued.
func openOnly(s *standing, l line) []string {
	asked := l.reminder() && l.Event != "mail_refused" || l.overdue() && l.Event == "mail_queued"
	if !asked || len(s.dues(l)) > 0 || s.again(l) {
		return nil
	}
	return []string{"nothing is open there"}
}

// again tells whether an assessor's sheet went back because of the scheme's max_spread, which no event tells: then it
// comes in once more.
func (s *standing) again(l line) bool {
	return s.plan.Scheme.MaxSpread != "" && strings.HasPrefix(l.Data.Kind, "review_") &&
		slices.ContainsFunc(s.lines[l.Seq:], func(later line) bool {
			return later.Event == "sheet_submitted" && later.Person == l.Person && s.submitted[sheet{later.Unit, later.Person}] > 0
		})
}

func insideWindow(s *standing, l line) []string {
	if l.Event != "mail_queued" || !l.reminder() || l.Data.Scheduled == nil || s.again(l) {
		return nil
	}
	on := calendar.DateOf(*l.Data.Scheduled)
	before := s.policy(l.Data.Kind).FromWorkingDaysBefore
	for _, due := range s.dues(l) {
		if !on.Before(s.workingDay(due, -before)) && !on.After(due) {
			return nil
		}
	}
	return []string{fmt.Sprintf("%s is not within %d working days before any of %v", on, before, s.dues(l))}
}

func overdueInTime(s *standing, l line) []string {
	if l.Event != "mail_queued" || !l.overdue() || s.again(l) {
		return nil
	}
	after := max(1, s.policy(l.Data.Kind).EscalateWorkingDaysAfter)
	for _, due := range s.dues(l) {
		if !l.day().Before(s.workingDay(due, after)) {
			return nil
		}
	}
	return []string{fmt.Sprintf("%d working days after %v are not over", after, s.dues(l))}
}

func oneADay(j *journal) []string {
	return doubled(j, func(l line) string {
		if !l.reminder() || l.Data.Scheduled == nil {
			return ""
		}
		return fmt.Sprint(l.Data.Kind, l.Unit, l.Data.To, calendar.DateOf(*l.Data.Scheduled))
	})
}

// overdueOnce lets a mail go up again only after the due day was moved.
func overdueOnce(j *journal) []string {
	movers := []string{
		"deadline_extended", "report_returned", "proposal_returned", "proposal_made",
		"rectification_ordered", "rectification_sent_back", "consequence_decided",
	}
	moved := map[string]int{}
	return doubled(j, func(l line) string {
		if slices.Contains(movers, l.Event) {
			moved[l.Unit]++
		}
		if !l.overdue() {
			return ""
		}
		return fmt.Sprint(l.Data.Kind, l.Unit, l.Data.To, moved[l.Unit], moved[""])
	})
}

// doubled are the queued mails of which key tells the same as of an earlier one; an empty key tells nothing.
func doubled(j *journal, key func(line) string) []string {
	seen := map[string]line{}
	var found []string
	for _, l := range j.lines {
		name := key(l)
		if name == "" || l.Event != "mail_queued" {
			continue
		}
		if before, known := seen[name]; known {
			found = append(found, fmt.Sprintf("%s: it is the second after %s", l, before))
		}
		seen[name] = l
	}
	return found
}
