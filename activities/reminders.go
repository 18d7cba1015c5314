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
	if sweep.policies, err = Policies(y.set.Phases()); err != nil {
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
	case workflows.PhaseInvitation:
		return s.invitations(policy)
	}
	return fmt.Errorf("no phase %q", phase)
}

// state says what a due day asks for today: a reminder, an escalation, or nothing. A day that lies beyond the published
// years has not come yet, and silences nobody else.
func (s *sweep) state(policy calendar.Policy, due calendar.Date) (remind, escalate bool, err error) {
	var escalation calendar.Date
	if remind, err = policy.Reminds(s.days, due, s.on); err == nil && !remind {
		escalation, err = policy.EscalationDay(s.days, due)
		escalate = err == nil && !s.on.Before(escalation)
	}
	var unpublished *calendar.UnpublishedError
	if errors.As(err, &unpublished) {
		return false, false, nil
	}
	return remind, escalate, err
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
	letter.key = row.Unit + "/" + row.ReportDue.String()
	if err := s.escalate(letter, row.Unit, s.book.heads(row.Unit)); err != nil {
		return err
	}
	return s.openOnce("A8(5)", store.Task{
		Key: overdueTask(row.Unit), Kind: "report_overdue", Role: string(rules.Admin), Unit: row.Unit, Due: &row.ReportDue,
	}, row.ReportDue)
}

// escalate queues an overdue mail; under its key it goes out once a due day. It reminds of what is overdue only.
func (s *sweep) escalate(letter letter, unit string, people []query.Person) error {
	letter.obligation += "/" + letter.data.Due.String()
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
	return eachRun(rows, func(row query.DueSheetsRow) string { return row.Assessor }, func(rows []query.DueSheetsRow) error {
		return s.assessor(policy, rows[0].Assessor, rows)
	})
}

// eachRun calls do with the rows of each person or unit; they are sorted by it.
func eachRun[Row any](rows []Row, whose func(Row) string, do func([]Row) error) error {
	for len(rows) > 0 {
		first := whose(rows[0])
		end := slices.IndexFunc(rows, func(row Row) bool { return whose(row) != first })
		if end < 0 {
			end = len(rows)
		}
		if err := do(rows[:end]); err != nil {
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
	items := make([]mail.Item, len(rows))
	for i, row := range rows {
		items[i] = mail.Item{Title: s.book.byCode[row.Unit].Name, Due: row.ReviewDue}
	}
	reminded, overdue, err := s.look(policy, items)
	if err != nil {
		return err
	}
	letter := letter{article: "A8(6)", obligation: reviewObligation(login), data: mail.Data{Items: items, Link: s.links.to("sheets")}}
	if len(reminded) > 0 {
		if err := s.remindAssessor(letter, person, reminded[0].Due); err != nil {
			return err
		}
	}
	if len(overdue) == 0 {
		return nil
	}
	letter.data.Items = overdue
	return s.escalateAssessor(letter, person, overdue[len(overdue)-1].Due)
}

func (s *sweep) remindAssessor(letter letter, person query.Person, due calendar.Date) error {
	left, err := s.left(due)
	if err != nil {
		return err
	}
	letter.kind, letter.data.Due, letter.data.DaysLeft = "review_reminder", due, left
	return s.remind(letter, "", []query.Person{person})
}

func (s *sweep) escalateAssessor(letter letter, person query.Person, due calendar.Date) error {
	letter.kind, letter.key, letter.data.Due = "review_overdue", person.Login+"/"+due.String(), due
	if err := s.escalate(letter, "", []query.Person{person}); err != nil {
		return err
	}
	return s.openOnce("A8(6)", store.Task{
		Key: overdueReviewTask(person.Login), Kind: "review_overdue", Role: string(rules.Admin), Person: person.Login, Due: &due,
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
	letter := letter{article: s.approvalArticle(), obligation: approvalObligation(number), data: mail.Data{
		Due: proposal.Due, Link: s.links.to("approval/%d", number),
	}}
	if remind {
		letter.kind = "approval_reminder"
		if letter.data.DaysLeft, err = s.left(proposal.Due); err != nil {
			return err
		}
		return s.remind(letter, "", s.book.role(rules.Leader))
	}
	letter.kind, letter.key = "approval_overdue", fmt.Sprintf("%d/%s", number, proposal.Due)
	if err := s.escalate(letter, "", s.book.role(rules.Deputy)); err != nil {
		return err
	}
	return s.OpenTask(s.approvalArticle(), store.Task{Key: deputyTask(number), Kind: "approval", Role: string(rules.Deputy), Due: &proposal.Due})
}

// rectifications reminds the contacts of a unit of all its open orders in one mail; what is overdue goes to its heads,
// once a due day (A13).
func (s *sweep) rectifications(policy calendar.Policy) error {
	rows, err := s.DueRectifications(s.Context, query.DueRectificationsParams{CycleID: s.id()})
	if err != nil {
		return err
	}
	return eachRun(rows, func(row query.DueRectificationsRow) string { return row.Unit }, func(rows []query.DueRectificationsRow) error {
		return s.orders(policy, rows[0].Unit, rows)
	})
}

func (s *sweep) orders(policy calendar.Policy, unit string, rows []query.DueRectificationsRow) error {
	reminded, overdue, err := s.look(policy, orderItems(rows))
	if err != nil {
		return err
	}
	letter := letter{article: "A13", obligation: rectificationObligation(unit), data: mail.Data{
		UnitName: s.book.byCode[unit].Name, Link: s.links.to("units/%s", unit),
	}}
	if len(rows) == 1 {
		letter.data.Link = s.links.to("units/%s/rectification/%d", unit, rows[0].Number)
	}
	if len(reminded) > 0 {
		if err := s.remindOrders(letter, unit, reminded[0].Due, orderItems(rows)); err != nil {
			return err
		}
	}
	if len(overdue) == 0 {
		return nil
	}
	due := overdue[len(overdue)-1].Due
	letter.kind, letter.key, letter.data.Due, letter.data.Items = "rectification_overdue", unit+"/"+due.String(), due, several(overdue)
	return s.escalate(letter, unit, s.book.heads(unit))
}

func (s *sweep) remindOrders(letter letter, unit string, due calendar.Date, open []mail.Item) error {
	left, err := s.left(due)
	if err != nil {
		return err
	}
	letter.kind, letter.data.Due, letter.data.DaysLeft, letter.data.Items = "rectification_reminder", due, left, several(open)
	return s.remind(letter, unit, s.book.contacts(unit))
}

// look says what of that which is open with somebody, the nearest day first, asks for a reminder today, and what is to
// escalate.
func (s *sweep) look(policy calendar.Policy, open []mail.Item) (reminded, overdue []mail.Item, err error) {
	for _, item := range open {
		remind, escalate, err := s.state(policy, item.Due)
		if err != nil {
			return nil, nil, err
		}
		if remind {
			reminded = append(reminded, item)
		}
		if escalate {
			overdue = append(overdue, item)
		}
	}
	return reminded, overdue, nil
}

// several are items worth a list: a single one is what the letter is about anyway.
func several(items []mail.Item) []mail.Item {
	if len(items) == 1 {
		return nil
	}
	return items
}

// orderItems are orders as a letter lists them.
func orderItems(rows []query.DueRectificationsRow) []mail.Item {
	items := make([]mail.Item, len(rows))
	for i, row := range rows {
		items[i] = mail.Item{Title: "报告整改情况", Due: row.Due}
		if row.Number > 0 {
			items[i].Title = fmt.Sprintf("报告第%d号违规整改情况", row.Number)
		}
	}
	return items
}
