package integration

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kaoping/kaoping/rules"
)

// mailRules are about every mail.
var mailRules = []rule{
	{"one notice a unit, to its own address, from 09:00 of its day", "A8(4)", oneNotice},
	{"nothing else is written to units before the notice", "A8(4)", replayed(noticeFirst)},
	{"a queued mail is sent or refused, once", "contracts", oneFate},
	{"a refused address gets one telephone task, and no more mail", "A8(4)", refusedAddresses},
	{"a mail goes to whom it concerns", "contracts", each(rightAddressee)},
	{"equal addresses get a mail once", "contracts", onceAnAddress},
	{"only reminders name a moment of the policy", "contracts", each(onlyRemindersScheduled)},
}

func oneNotice(j *journal) []string {
	notices := map[string]int{}
	var found []string
	from := date(string(j.plan.Scheme.Dates.Notice)).At(9, 0)
	for _, l := range j.lines {
		if !l.is("mail_queued", "notice") {
			continue
		}
		notices[l.Unit]++
		at := slices.IndexFunc(j.plan.Units, func(unit rules.Unit) bool { return unit.Code == l.Unit })
		if at < 0 || j.plan.Units[at].Email != l.Data.To {
			found = append(found, l.String()+": that is not the unit's address")
		}
		if l.At.Before(from) {
			found = append(found, l.String()+": it is too early")
		}
	}
	for _, unit := range j.plan.Units {
		if notices[unit.Code] != 1 {
			found = append(found, fmt.Sprintf("%s has %d notices", unit.Code, notices[unit.Code]))
		}
	}
	return found
}

func noticeFirst(s *standing, l line) []string {
	unit := s.units[l.Unit]
	if l.Event != "mail_queued" || unit == nil || unit.noticed || l.Data.Kind == "notice" {
		return nil
	}
	return []string{"the unit has no notice yet"}
}

// oneFate follows every Message-ID from the ledger to the server's answer.
func oneFate(j *journal) []string {
	queued, ended := map[string]line{}, map[string]line{}
	var found []string
	for _, l := range j.lines {
		if !strings.HasPrefix(l.Event, "mail_") {
			continue
		}
		id := l.Data.MessageID
		if l.Event == "mail_queued" {
			if before, doubled := queued[id]; doubled || id == "" {
				found = append(found, fmt.Sprintf("%s: its Message-ID %q is that of %s", l, id, before))
			}
			queued[id] = l
			continue
		}
		if before, doubled := ended[id]; doubled {
			found = append(found, fmt.Sprintf("%s: it had ended in %s", l, before))
		}
		ended[id] = l
		if first, known := queued[id]; !known || !sameMail(first, l) {
			found = append(found, l.String()+": no such mail was queued")
		}
	}
	for id, l := range queued {
		if _, known := ended[id]; !known {
			found = append(found, l.String()+": it was neither sent nor refused")
		}
	}
	return found
}

func sameMail(a, b line) bool {
	return a.Data.Kind == b.Data.Kind && a.Data.To == b.Data.To && a.Unit == b.Unit && a.Person == b.Person && a.Article == b.Article
}

// turnedAway tells whether a server refused the address for good: what we gave up ourselves says nothing of it.
func turnedAway(l line) bool {
	return l.Event == "mail_refused" && strings.HasPrefix(l.Data.Answer, "refused")
}

func refusedAddresses(j *journal) []string {
	refused, calls := map[string]bool{}, map[string]int{}
	var found []string
	for _, l := range j.lines {
		switch {
		case l.is("task_opened", "telephone"):
			calls[strings.TrimPrefix(l.Data.Key, "telephone/")]++
		case l.Event == "mail_sent" && refused[l.Data.To]:
			found = append(found, l.String()+": the address was refused before")
		case turnedAway(l):
			refused[l.Data.To] = true
		}
	}
	for address := range refused {
		if calls[address] != 1 {
			found = append(found, fmt.Sprintf("%s was refused and has %d telephone tasks", address, calls[address]))
		}
	}
	for address := range calls {
		if !refused[address] {
			found = append(found, address+" was not refused and has a telephone task")
		}
	}
	return found
}

// Whom each kind of mail concerns; the notice is for the unit's own address.
var (
	toContacts = []string{
		"self_report_reminder", "report_returned", "deadline_extended", "bulletin", "bulletin_corrected", "feedback",
		"rectification_order", "rectification_reminder", "rectification_sent_back", "reminder_by_hand", "cycle_cancelled",
	}
	toHeads  = []string{"self_report_overdue", "rectification_overdue", "interview_notice", "criticism_notice"}
	toPerson = map[string]rules.Role{
		"review_reminder": rules.Assessor, "review_overdue": rules.Assessor, "review_reopened": rules.Assessor,
		"approval_request": rules.Leader, "approval_reminder": rules.Leader, "approval_overdue": rules.Deputy,
		"results_to_organization": rules.OrganizationDepartment,
	}
)

func rightAddressee(j *journal, l line) string {
	if l.Event != "mail_queued" || l.Data.Kind == "notice" {
		return ""
	}
	var right []string
	switch role := toPerson[l.Data.Kind]; {
	case role != "":
		right = j.emails(role, "")
		if !j.carries(l.Person, l.Data.To) {
			return "it does not carry the person"
		}
	case l.Unit == "":
		return "it does not carry the unit"
	case slices.Contains(toHeads, l.Data.Kind):
		right = j.emails(rules.Head, l.Unit)
	case slices.Contains(toContacts, l.Data.Kind):
		right = j.emails(rules.Contact, l.Unit)
	}
	if !slices.Contains(right, l.Data.To) {
		return fmt.Sprintf("it concerns %v", right)
	}
	return ""
}

// carries tells whether the address is that of the person.
func (j *journal) carries(login, address string) bool {
	return slices.ContainsFunc(j.plan.People, func(person rules.Person) bool {
		return person.Login == login && person.Email == address
	})
}

func onceAnAddress(j *journal) []string {
	seen := map[string]line{}
	var found []string
	for _, l := range j.lines {
		if l.Event != "mail_queued" {
			continue
		}
		key := fmt.Sprint(l.Data.Kind, l.Unit, l.Data.To, l.At)
		if before, doubled := seen[key]; doubled {
			found = append(found, fmt.Sprintf("%s: it is the same as %s", l, before))
		}
		seen[key] = l
	}
	return found
}

func onlyRemindersScheduled(_ *journal, l line) string {
	if strings.HasPrefix(l.Event, "mail_") && l.reminder() != (l.Data.Scheduled != nil) {
		return "a reminder names the moment of its policy, and no other mail does"
	}
	return ""
}
