package store

import (
	"fmt"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/store/query"
)

// Task waits for a person, a unit's people, or whoever holds a role.
type Task struct {
	Key    string
	Kind   string
	Role   string
	Person string
	Unit   string
	Due    *calendar.Date
	Detail string
}

// OpenTask opens a task, or does nothing if it is open already.
func (c *Change) OpenTask(article string, task Task) error {
	opened, err := c.TaskOpen(c.Context, query.TaskOpenParams{
		CycleID: c.Cycle.CycleID, Key: task.Key, Kind: task.Kind, Role: task.Role, Person: task.Person, Unit: task.Unit,
		Due: task.Due, Detail: task.Detail, At: c.At,
	})
	if err != nil {
		return fmt.Errorf("couldn't open the task %s: %w", task.Key, err)
	}
	if opened > 0 {
		c.Record(Line{Event: "task_opened", Unit: task.Unit, Person: task.Person, Article: article, Data: taskData(task)})
	}
	return nil
}

func taskData(task Task) map[string]any {
	data := map[string]any{"kind": task.Kind, "key": task.Key}
	if task.Role != "" {
		data["role"] = task.Role
	}
	if task.Due != nil {
		data["due"] = task.Due.String()
	}
	return data
}

// FinishTask ends a task, or does nothing if it is not open.
func (c *Change) FinishTask(article, key, person, note string) error {
	done, err := c.TaskDone(c.Context, query.TaskDoneParams{CycleID: c.Cycle.CycleID, Key: key, Note: note, At: c.At})
	if err != nil {
		return fmt.Errorf("couldn't end the task %s: %w", key, err)
	}
	for _, task := range done {
		c.Record(Line{Event: "task_done", Unit: task.Unit, Person: person, Article: article, Data: map[string]any{"kind": task.Kind, "key": key}})
	}
	return nil
}
