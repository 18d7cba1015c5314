package activities

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/mail"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

// sendReminders picks who is due at a moment that the policies name, and writes one mail a person and day. It is
// dropped when the day is over.
func (a *Activities) sendReminders(ctx context.Context, in workflows.SendRemindersInput) (workflows.SendRemindersResult, error) {
	act := workflows.Act{Cycle: in.Cycle, ID: "reminders/" + in.Scheduled.In(calendar.Location).Format(time.RFC3339)}
	return do(ctx, a, act, func(y *year) (workflows.SendRemindersResult, error) {
		sweep, err := y.newSweep(in.Scheduled)
		if err != nil || sweep.on != y.today() {
			return workflows.SendRemindersResult{}, err
		}
		for _, phase := range in.Policies {
			if err := sweep.phase(phase); err != nil {
				return workflows.SendRemindersResult{}, fmt.Errorf("couldn't remind of %s: %w", phase, err)
			}
		}
		return workflows.SendRemindersResult{Queued: sweep.queued}, nil
	})
}

// sweep is one moment's reminders.
type sweep struct {
	*year
	moment   time.Time
	on       calendar.Date
	days     calendar.Days
	policies map[string]calendar.Policy
	book     directory
	queued   int
}

func (y *year) newSweep(moment time.Time) (*sweep, error) {
	sweep := &sweep{year: y, moment: moment, on: calendar.DateOf(moment)}
	var err error
	if sweep.days, err = y.Days(y.set); err != nil {
		return nil, err
	}
	if sweep.policies, err = Policies(y.set.Plan.Scheme); err != nil {
		return nil, err
	}
	sweep.book, err = y.directory()
	return sweep, err
}

func (s *sweep) phase(phase string) error {
	policy := s.policies[phase]
	switch phase {
	case workflows.PhaseSelfReport:
		return s.reports(policy)
	case workflows.PhaseReview:
		return s.sheets(policy)
	case workflows.PhaseApproval:
		return s.approval(policy)
	case workflows.PhaseRectification:
		return s.rectifications(policy)
	}
	return fmt.Errorf("no phase %q", phase)
}

// state says what a due day asks for today: a reminder, an escalation, or nothing.
func (s *sweep) state(policy calendar.Policy, due calendar.Date) (remind, escalate bool, err error) {
	if remind, err = policy.Reminds(s.days, due, s.on); err != nil || remind {
		return remind, false, err
	}
	escalation, err := policy.EscalationDay(s.days, due)
	return false, err == nil && !s.on.Before(escalation), err
}

func (s *sweep) left(due calendar.Date) (int, error) { return s.days.Count(s.on, due) }

// remind queues a reminder: it names its moment, and what it reminds of.
func (s *sweep) remind(letter letter, unit string, people []query.Person) error {
	letter.scheduled = &s.moment
	letter.key = s.on.String() + "/" + letter.obligation
	s.queued += len(people)
	return s.queueAll(letter, unit, people)
}

// reports reminds the contacts of units whose report is not in; an overdue one goes to the unit's heads once, and on
// the administrator's list (A8(5)).
func (s *sweep) reports(policy calendar.Policy) error {
	due, err := s.DueReports(s.Context, query.DueReportsParams{CycleID: s.id()})
	if err != nil {
		return err
	}
	for _, row := range due {
		remind, escalate, err := s.state(policy, row.ReportDue)
		if err != nil {
			return err
		}
		switch {
		case remind:
			err = s.remindReport(row)
		case escalate:
			err = s.escalateReport(row)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *sweep) reportLetter(kind string, row query.DueReportsRow) letter {
	return letter{kind: kind, article: "A8(5)", obligation: reportObligation(row.Unit), data: mail.Data{
		UnitName: s.book.byCode[row.Unit].Name, Due: row.ReportDue, Link: s.links.to("units/%s/report", row.Unit),
	}}
}

func (s *sweep) remindReport(row query.DueReportsRow) error {
	left, err := s.left(row.ReportDue)
	if err != nil {
		return err
	}
	letter := s.reportLetter("self_report_reminder", row)
	letter.data.DaysLeft = left
	return s.remind(letter, row.Unit, s.book.contacts(row.Unit))
}

func (s *sweep) escalateReport(row query.DueReportsRow) error {
	letter := s.reportLetter("self_report_overdue", row)
	letter.obligation, letter.key = "", row.Unit+"/"+row.ReportDue.String()
	if err := s.escalate(letter, row.Unit, s.book.heads(row.Unit)); err != nil {
		return err
	}
	return s.openOnce("A8(5)", store.Task{
		Key: overdueTask(row.Unit), Kind: "report_overdue", Role: string(rules.Admin), Unit: row.Unit, Due: &row.ReportDue,
	}, row.ReportDue)
}

// escalate queues an overdue mail; under its key it goes out once a due day.
func (s *sweep) escalate(letter letter, unit string, people []query.Person) error {
	s.queued += len(people)
	return s.queueAll(letter, unit, people)
}

// openOnce opens a task for a due day; one that a person has ended stays ended.
func (s *sweep) openOnce(article string, task store.Task, due calendar.Date) error {
	known, err := s.TaskGet(s.Context, query.TaskGetParams{CycleID: s.id(), Key: task.Key})
	if err == nil && known.Due != nil && *known.Due == due {
		return nil
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	return s.OpenTask(article, task)
}

// sheets reminds assessors of all their open sheets in one mail; an overdue one is told so once, and stands on the
// administrator's list (A8(6)). Points are never invented.
func (s *sweep) sheets(policy calendar.Policy) error {
	rows, err := s.DueSheets(s.Context, query.DueSheetsParams{CycleID: s.id()})
	if err != nil {
		return err
	}
	for len(rows) > 0 {
		assessor := rows[0].Assessor
		end := slices.IndexFunc(rows, func(row query.DueSheetsRow) bool { return row.Assessor != assessor })
		if end < 0 {
			end = len(rows)
		}
		if err := s.assessor(policy, assessor, rows[:end]); err != nil {
			return err
		}
		rows = rows[end:]
	}
	return nil
}

func (s *sweep) assessor(policy calendar.Policy, login string, rows []query.DueSheetsRow) error {
	person, ok := s.book.person(login)
	if !ok {
		return fmt.Errorf("assessor %s is nobody of this cycle", login)
	}
	letter := letter{article: "A8(6)", data: mail.Data{Due: rows[0].ReviewDue, Link: s.links.to("sheets")}}
	var reminds, overdue bool
	var last calendar.Date
	for _, row := range rows {
		letter.data.Items = append(letter.data.Items, mail.Item{Title: s.book.byCode[row.Unit].Name, Due: row.ReviewDue})
		remind, escalate, err := s.state(policy, row.ReviewDue)
		if err != nil {
			return err
		}
		if escalate {
			overdue, last = true, row.ReviewDue
		}
		if remind && !reminds {
			reminds, letter.data.Due = true, row.ReviewDue
		}
	}
	if reminds {
		if err := s.remindAssessor(letter, person); err != nil {
			return err
		}
	}
	if !overdue {
		return nil
	}
	return s.escalateAssessor(letter, person, last)
}

func (s *sweep) remindAssessor(letter letter, person query.Person) error {
	left, err := s.left(letter.data.Due)
	if err != nil {
		return err
	}
	letter.kind, letter.obligation, letter.data.DaysLeft = "review_reminder", reviewObligation(person.Login), left
	return s.remind(letter, "", []query.Person{person})
}

func (s *sweep) escalateAssessor(letter letter, person query.Person, due calendar.Date) error {
	letter.kind, letter.key, letter.data.Due = "review_overdue", person.Login+"/"+due.String(), due
	if err := s.escalate(letter, "", []query.Person{person}); err != nil {
		return err
	}
	return s.openOnce("A8(6)", store.Task{
		Key: "review_overdue/" + person.Login, Kind: "review_overdue", Role: string(rules.Admin), Person: person.Login, Due: &due,
	}, due)
}

// approval reminds the leader; after the date the deputy is asked (A8(6)).
func (s *sweep) approval(policy calendar.Policy) error {
	proposal, err := s.ProposalOpen(s.Context, query.ProposalOpenParams{CycleID: s.id()})
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	remind, escalate, err := s.state(policy, proposal.Due)
	if err != nil || !remind && !escalate {
		return err
	}
	number := int(proposal.Number)
	letter := letter{article: "A8(6)", data: mail.Data{Due: proposal.Due, Link: s.links.to("approval/%d", number)}}
	if remind {
		letter.kind, letter.obligation = "approval_reminder", approvalObligation(number)
		if letter.data.DaysLeft, err = s.left(proposal.Due); err != nil {
			return err
		}
		return s.remind(letter, "", s.book.role(rules.Leader))
	}
	letter.kind, letter.key = "approval_overdue", fmt.Sprintf("%d/%s", number, proposal.Due)
	if err := s.escalate(letter, "", s.book.role(rules.Deputy)); err != nil {
		return err
	}
	return s.OpenTask("A8(6)", store.Task{Key: approvalTask(number) + "/deputy", Kind: "approval", Role: string(rules.Deputy), Due: &proposal.Due})
}

// rectifications reminds the contacts of units; an overdue one goes to the heads once (A13).
func (s *sweep) rectifications(policy calendar.Policy) error {
	rows, err := s.DueRectifications(s.Context, query.DueRectificationsParams{CycleID: s.id()})
	if err != nil {
		return err
	}
	for _, row := range rows {
		remind, escalate, err := s.state(policy, row.Due)
		if err != nil {
			return err
		}
		if !remind && !escalate {
			continue
		}
		letter := letter{article: "A13", data: mail.Data{
			UnitName: s.book.byCode[row.Unit].Name, Due: row.Due, Link: s.links.to("units/%s/rectification/%d", row.Unit, row.Number),
		}}
		if remind {
			letter.kind, letter.obligation = "rectification_reminder", rectificationObligation(row.Unit, int(row.Number))
			if letter.data.DaysLeft, err = s.left(row.Due); err == nil {
				err = s.remind(letter, row.Unit, s.book.contacts(row.Unit))
			}
		} else {
			letter.kind, letter.key = "rectification_overdue", fmt.Sprintf("%s/%d/%s", row.Unit, row.Number, row.Due)
			err = s.escalate(letter, row.Unit, s.book.heads(row.Unit))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// remindByHand writes to units, or to everybody, what is open with them; the mails carry no moment of a policy.
func (a *Activities) remindByHand(ctx context.Context, in workflows.RemindInput) (workflows.RemindResult, error) {
	return do(ctx, a, in.Act, func(y *year) (workflows.RemindResult, error) {
		open, err := y.openItems(in.Units)
		if err != nil {
			return workflows.RemindResult{}, err
		}
		book, err := y.directory()
		if err != nil {
			return workflows.RemindResult{}, err
		}
		queued := 0
		for _, unit := range book.units {
			items := open[unit.Code]
			if len(items) == 0 {
				continue
			}
			queued += len(book.contacts(unit.Code))
			if err := y.tellContacts(book, unit.Code, func(query.Unit) letter {
				return letter{kind: "reminder_by_hand", article: "A8(5)", key: in.Act.ID + "/" + unit.Code, data: mail.Data{
					Items: items, Due: items[0].Due, Link: y.links.to("units/%s", unit.Code),
				}}
			}); err != nil {
				return workflows.RemindResult{}, err
			}
		}
		return workflows.RemindResult{Queued: queued}, nil
	})
}

// openItems are what units owe: reports and rectifications. Naming a unit that owes nothing is refused.
func (y *year) openItems(units []string) (map[string][]mail.Item, error) {
	items := map[string][]mail.Item{}
	reports, err := y.DueReports(y.Context, query.DueReportsParams{CycleID: y.id()})
	if err != nil {
		return nil, err
	}
	for _, row := range reports {
		items[row.Unit] = append(items[row.Unit], mail.Item{Title: "报送自查报告", Due: row.ReportDue})
	}
	rectifications, err := y.DueRectifications(y.Context, query.DueRectificationsParams{CycleID: y.id()})
	if err != nil {
		return nil, err
	}
	for _, row := range rectifications {
		items[row.Unit] = append(items[row.Unit], mail.Item{Title: "报告整改情况", Due: row.Due})
	}
	if len(units) == 0 {
		return items, nil
	}
	named := map[string][]mail.Item{}
	var reasons []string
	for _, unit := range units {
		if len(items[unit]) == 0 {
			reasons = append(reasons, unit+" owes nothing now")
		}
		named[unit] = items[unit]
	}
	if len(reasons) > 0 {
		return nil, store.Refuse(reasons...)
	}
	return named, nil
}
