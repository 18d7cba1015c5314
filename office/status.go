package office

import (
	"context"
	"time"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// Status is where a cycle stands, in numbers; its JSON is stable.
type Status struct {
	// ID tells cycles of one name apart, of which all but one are cancelled.
	ID        int64     `json:"id"`
	Cycle     string    `json:"cycle"`
	Rehearsal int       `json:"rehearsal"`
	State     string    `json:"state"`
	Phase     string    `json:"phase"`
	Now       time.Time `json:"now"` // on the cycle's clock, which a closed one's close has stopped
	Units     int       `json:"units"`
	// Assessments counts units by state: waiting, reporting, review, closed; in a draft, and in an evaluation, none.
	Assessments map[string]int `json:"assessments"`
	Reports     Reports        `json:"reports"`
	// Sheets counts sheets by state: waiting, open, submitted.
	Sheets map[string]int `json:"sheets"`
	// Rectifications counts orders by state: draft, ordered, measures, reported, sent_back, accepted, ended.
	Rectifications        map[string]int `json:"rectifications"`
	RectificationsOverdue int            `json:"rectifications_overdue"`
	// Mails counts the ledger by state: queued, sending, sent, refused, withdrawn.
	Mails map[string]int `json:"mails"`
	Tasks []TaskCount    `json:"tasks"`
	// TasksOpen is their sum.
	TasksOpen int `json:"tasks_open"`
}

// Reports counts self-reports (A8(5)).
type Reports struct {
	Submitted int `json:"submitted"`
	Late      int `json:"late"`    // of the submitted
	Overdue   int `json:"overdue"` // not submitted, and their day is over
}

// TaskCount is how many tasks of a kind wait, for whom, and the earliest due day.
type TaskCount struct {
	Kind  string `json:"kind"`
	Role  string `json:"role,omitempty"`
	Count int    `json:"count"`
	Due   string `json:"due,omitempty"`
}

// OpenTask is one that waits for somebody.
type OpenTask struct {
	Key  string `json:"key"`
	Kind string `json:"kind"`
	// Role is the office that it waits for; without one it waits for the unit's own people.
	Role string `json:"role,omitempty"`
	// Person is an assessor whom it is about.
	Person   string `json:"person,omitempty"`
	Unit     string `json:"unit,omitempty"`
	UnitName string `json:"unit_name,omitempty"`
	// Telephone is the unit's, where somebody is to be called.
	Telephone string `json:"telephone,omitempty"`
	Due       string `json:"due,omitempty"`
	Detail    string `json:"detail,omitempty"`
}

// OpenTasks are those of a cycle, what waits for an office first.
func (o *Office) OpenTasks(ctx context.Context, cycleID int64) ([]OpenTask, error) {
	rows, err := o.Store.StatusOpenTasks(ctx, query.StatusOpenTasksParams{CycleID: cycleID})
	tasks := make([]OpenTask, len(rows))
	for i, row := range rows {
		tasks[i] = OpenTask{
			Key: row.Key, Kind: row.Kind, Role: row.Role, Person: row.Person, Unit: row.Unit, UnitName: row.UnitName, Due: row.Due, Detail: row.Detail,
		}
		if handTasks[row.Kind] {
			tasks[i].Telephone = row.Telephone
		}
	}
	return tasks, err
}

// Status counts where a cycle stands.
func (o *Office) Status(ctx context.Context, cycleID int64) (Status, error) {
	cycle, err := o.Store.CycleGet(ctx, query.CycleGetParams{CycleID: cycleID})
	if err != nil {
		return Status{}, err
	}
	now := o.Store.Now(cycle)
	if cycle.State == "closed" && cycle.JournalAt != nil {
		now = cycle.JournalAt.In(calendar.Location) // nothing is written afterwards: a rehearsal's clock would run on for ever
	}
	status := Status{
		ID: cycleID, Cycle: store.CycleName(cycle), Rehearsal: int(cycle.Rehearsal), State: cycle.State, Phase: cycle.Phase, Now: now,
		Assessments: map[string]int{}, Sheets: map[string]int{}, Rectifications: map[string]int{}, Mails: map[string]int{}, Tasks: []TaskCount{},
	}
	for _, count := range []func(context.Context, *Status, int64) error{
		o.countUnits, o.countReports, o.countSheets, o.countRectifications, o.countMails, o.countTasks,
	} {
		if err := count(ctx, &status, cycleID); err != nil {
			return Status{}, err
		}
	}
	return status, nil
}

func (o *Office) countUnits(ctx context.Context, status *Status, id int64) error {
	units, err := o.Store.StatusUnits(ctx, query.StatusUnitsParams{CycleID: id})
	if err != nil {
		return err
	}
	status.Units = int(units)
	rows, err := o.Store.StatusAssessments(ctx, query.StatusAssessmentsParams{CycleID: id})
	for _, row := range rows {
		status.Assessments[row.State] = int(row.Units)
	}
	return err
}

func (o *Office) countReports(ctx context.Context, status *Status, id int64) error {
	row, err := o.Store.StatusReports(ctx, query.StatusReportsParams{CycleID: id})
	if err != nil {
		return err
	}
	overdue, err := o.Store.StatusOverdue(ctx, query.StatusOverdueParams{CycleID: id, Today: calendar.DateOf(status.Now)})
	status.Reports = Reports{Submitted: int(row.Submitted), Late: int(row.Late), Overdue: int(overdue)}
	return err
}

func (o *Office) countSheets(ctx context.Context, status *Status, id int64) error {
	rows, err := o.Store.StatusSheets(ctx, query.StatusSheetsParams{CycleID: id})
	for _, row := range rows {
		status.Sheets[row.State] = int(row.Sheets)
	}
	return err
}

func (o *Office) countRectifications(ctx context.Context, status *Status, id int64) error {
	rows, err := o.Store.StatusRectifications(ctx, query.StatusRectificationsParams{CycleID: id})
	if err != nil {
		return err
	}
	for _, row := range rows {
		status.Rectifications[row.State] = int(row.Units)
	}
	overdue, err := o.Store.StatusRectificationsOverdue(ctx, query.StatusRectificationsOverdueParams{CycleID: id, Today: calendar.DateOf(status.Now)})
	status.RectificationsOverdue = int(overdue)
	return err
}

func (o *Office) countMails(ctx context.Context, status *Status, id int64) error {
	rows, err := o.Store.StatusMails(ctx, query.StatusMailsParams{CycleID: id})
	for _, row := range rows {
		status.Mails[row.State] = int(row.Mails)
	}
	return err
}

func (o *Office) countTasks(ctx context.Context, status *Status, id int64) error {
	rows, err := o.Store.StatusTasks(ctx, query.StatusTasksParams{CycleID: id})
	for _, row := range rows {
		status.Tasks = append(status.Tasks, TaskCount{Kind: row.Kind, Role: row.Role, Count: int(row.Tasks), Due: row.Due})
		status.TasksOpen += int(row.Tasks)
	}
	return err
}
