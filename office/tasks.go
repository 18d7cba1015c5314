package office

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store/query"
)

// Task is what waits for a person, or was done by one.
type Task struct {
	Key    string
	Kind   string
	Unit   string
	Detail string
	Note   string
	State  string
	Due    *calendar.Date
	DoneAt *time.Time
	// Subject is whom it is about, by name: a unit, or an assessor who is late.
	Subject string
	// Page is where the person acts, below the cycle's address.
	Page string
	// Count is how many things it is about, where it is about several.
	Count int
	// ByHand is a task that ends when a person says so.
	ByHand bool
}

// mostDone is how many of the tasks that are done are shown.
const mostDone = 30

// Tasks are the desk's own: those of the person, of the unit that he is a contact of, of his role. The open ones come
// first, by deadline; what was done last follows.
func (d *Desk) Tasks(ctx context.Context) ([]Task, error) {
	rows, err := d.Store.TaskMine(ctx, query.TaskMineParams{
		CycleID: d.Cycle.CycleID, Role: d.Person.Role, Login: d.Person.Login, Unit: d.ownUnit(), Most: mostDone,
	})
	if err != nil {
		return nil, err
	}
	names, err := d.names(ctx)
	if err != nil {
		return nil, err
	}
	tasks, err := d.sheetTasks(ctx)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		tasks = append(tasks, Task{
			Key: row.Key, Kind: row.Kind, Unit: row.Unit, Detail: row.Detail, Note: row.Note, State: row.State, Due: row.Due,
			DoneAt: row.DoneAt, Subject: subjectOf(row, names), Page: pageOf(row), ByHand: row.State == "open" && handTasks[row.Kind],
		})
	}
	slices.SortStableFunc(tasks, byDeadline)
	return tasks, nil
}

// ownUnit is whose tasks are the person's: a contact acts for the unit, a head reads along.
func (d *Desk) ownUnit() string {
	if role := rules.Role(d.Person.Role); role == rules.Contact || role == rules.Head {
		return d.Person.Unit
	}
	return ""
}

func byDeadline(a, b Task) int {
	if a.State != b.State {
		return strings.Compare(b.State, a.State) // open before done
	}
	if a.State == "done" {
		return b.DoneAt.Compare(*a.DoneAt)
	}
	switch {
	case a.Due == nil && b.Due == nil:
		return 0
	case a.Due == nil:
		return 1
	case b.Due == nil:
		return -1
	}
	return a.Due.Compare(*b.Due)
}

// sheetTasks are an assessor's open sheets, one task for each day on which some are due (A8(6)).
func (d *Desk) sheetTasks(ctx context.Context) ([]Task, error) {
	if d.Person.Role != string(rules.Assessor) {
		return nil, nil
	}
	sheets, err := d.OpenSheets(ctx)
	if err != nil {
		return nil, err
	}
	var tasks []Task
	for _, sheet := range sheets {
		last := len(tasks) - 1
		if last < 0 || *tasks[last].Due != sheet.ReviewDue {
			due := sheet.ReviewDue
			tasks = append(tasks, Task{Key: "sheets/" + due.String(), Kind: "sheets", State: "open", Due: &due, Page: "sheets"})
			last++
		}
		tasks[last].Count++
	}
	return tasks, nil
}

// subjectOf names whom a task is about.
func subjectOf(task query.Task, names map[string]string) string {
	if before, _ := handover(task.Key); before != "" {
		return names["/"+before]
	}
	switch {
	case task.Unit != "":
		return names[task.Unit]
	case task.Person != "":
		return names["/"+task.Person]
	}
	return strings.TrimPrefix(task.Key, "telephone/")
}

// names are those of the cycle's units by code, and of its people by login behind a slash.
func (d *Desk) names(ctx context.Context) (map[string]string, error) {
	units, err := d.Store.UnitList(ctx, query.UnitListParams{CycleID: d.Cycle.CycleID})
	if err != nil {
		return nil, err
	}
	people, err := d.Store.PersonList(ctx, query.PersonListParams{CycleID: d.Cycle.CycleID})
	if err != nil {
		return nil, err
	}
	names := make(map[string]string, len(units)+len(people))
	for _, unit := range units {
		names[unit.Code] = unit.Name
	}
	for _, person := range people {
		names["/"+person.Login] = person.Name
	}
	return names, nil
}

// pageOf is where a task is done.
func pageOf(task query.Task) string {
	switch task.Kind {
	case "self_report", "report_overdue":
		return "units/" + task.Unit + "/report"
	case "approval":
		number, _, _ := strings.Cut(strings.TrimPrefix(task.Key, "approval/"), "/")
		return "approval/" + number
	case "rectification", "decide_rectification":
		return "units/" + task.Unit + "/rectification/" + task.Key[strings.LastIndex(task.Key, "/")+1:]
	case "order_rectifications":
		return "rectifications"
	case "decide_consequence":
		return "units/" + task.Unit + "/consequences"
	case "third_assessor":
		return "units/" + task.Unit
	case "telephone", "unwritten_mail":
		return "mails"
	case "review_overdue":
		return "year"
	case "report_by_hand":
		return "results"
	}
	return ""
}
