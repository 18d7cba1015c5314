package store

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kaoping/kaoping/store/query"
)

// Replacement is who takes over from whom in mid-year.
type Replacement struct {
	// Old is the login of whoever leaves. His role, unit and areas pass on.
	Old string
	// Login is the successor's own: what each of the two did stays told apart.
	Login string
	Name  string
	Email string
	// Unit is an assessor's own organisation; a contact's and a head's is that of the one before.
	Unit string
	// By is the administrator who replaces him.
	By string
}

// HandedOver counts what passed on.
type HandedOver struct {
	Sheets int `json:"sheets"`
	Tasks  int `json:"tasks"`
}

// reviewOverdue is the task of calling an assessor who is late.
const reviewOverdue = "review_overdue"

// ReplacePerson has somebody else take over from a person: his sheets that are not submitted with the points in them,
// and his tasks. What he submitted stays his; a sheet of his that is opened again later passes on then. All that speaks
// against it is told at once.
func (c *Change) ReplacePerson(in Replacement) (HandedOver, error) {
	var none HandedOver
	old, err := c.PersonGet(c.Context, query.PersonGetParams{CycleID: c.Cycle.CycleID, Login: in.Old})
	if errors.Is(err, sql.ErrNoRows) || err == nil && old.ReplacedBy != "" {
		return none, Missing(in.Old + " is nobody of " + CycleName(c.Cycle))
	}
	if err != nil {
		return none, err
	}
	if in.Unit, err = c.successorsUnit(old, in.Unit); err != nil {
		return none, err
	}
	if err := c.replacementFaults(old, in); err != nil {
		return none, err
	}
	if err := c.PersonInsert(c.Context, query.PersonInsertParams{
		CycleID: c.Cycle.CycleID, Login: in.Login, Name: in.Name, Role: old.Role, Unit: in.Unit, Email: in.Email,
		GroupKinds: present(old.GroupKinds), Areas: present(old.Areas),
	}); err != nil {
		return none, err
	}
	if err := c.PersonReplace(c.Context, query.PersonReplaceParams{CycleID: c.Cycle.CycleID, Login: in.Old, Successor: in.Login}); err != nil {
		return none, err
	}
	return c.handOver(in)
}

// successorsUnit is the code of an assessor's own organisation if it is assessed itself, however it was written: codes
// are what is compared (A8(6)).
func (c *Change) successorsUnit(old query.Person, given string) (string, error) {
	if old.Role != "assessor" {
		return old.Unit, nil
	}
	units, err := c.UnitList(c.Context, query.UnitListParams{CycleID: c.Cycle.CycleID})
	if err != nil {
		return "", err
	}
	for _, unit := range units {
		if strings.EqualFold(unit.Code, given) || unit.Name == given {
			return unit.Code, nil
		}
	}
	return given, nil
}

func (c *Change) replacementFaults(old query.Person, in Replacement) error {
	var reasons []string
	if old.Role == "admin" {
		reasons = append(reasons, "an administrator is not replaced but invited")
	}
	_, err := c.PersonGet(c.Context, query.PersonGetParams{CycleID: c.Cycle.CycleID, Login: in.Login})
	switch {
	case err == nil:
		reasons = append(reasons, fmt.Sprintf("%s is somebody of %s already: the successor needs a login of his own", in.Login, CycleName(c.Cycle)))
	case !errors.Is(err, sql.ErrNoRows):
		return err
	}
	sheets, err := c.SheetUnitsOf(c.Context, query.SheetUnitsOfParams{CycleID: c.Cycle.CycleID, Assessor: in.Old})
	if err != nil {
		return err
	}
	// Submitted ones too: opened again they would be his.
	if slices.ContainsFunc(sheets, func(sheet query.SheetUnitsOfRow) bool { return sheet.Unit == in.Unit }) {
		reasons = append(reasons, fmt.Sprintf("%s belongs to %s, which %s scores: an assessor never scores his own organisation (A8(6))", in.Login, in.Unit, in.Old))
	}
	if len(reasons) > 0 {
		return Refuse(reasons...)
	}
	return nil
}

func (c *Change) handOver(in Replacement) (HandedOver, error) {
	var passed HandedOver
	successor, err := c.PersonGet(c.Context, query.PersonGetParams{CycleID: c.Cycle.CycleID, Login: in.Login})
	if err != nil {
		return passed, err
	}
	sheets, err := c.SheetHandOver(c.Context, query.SheetHandOverParams{
		CycleID: c.Cycle.CycleID, Assessor: in.Old, Successor: in.Login, SuccessorUnit: successor.Unit,
	})
	if err != nil {
		return passed, err
	}
	passed.Sheets = int(sheets)
	if err := c.Withdraw("review/" + in.Old); err != nil {
		return passed, err
	}
	if passed.Tasks, err = c.handTasksOver(in); err != nil {
		return passed, err
	}
	if err := c.OpenTask("A8", HandoverTask(in.Old, in.Login)); err != nil {
		return passed, err
	}
	return passed, c.endSessions(in.Old)
}

// HandoverTask asks a successor to look at what he took over; he ends it himself.
func HandoverTask(old, successor string) Task {
	return Task{Key: "handover/" + old + "/" + successor, Kind: "handover", Person: successor}
}

// handTasksOver ends the tasks that name the old login and opens them again under the new one.
func (c *Change) handTasksOver(in Replacement) (int, error) {
	tasks, err := c.TaskOfPerson(c.Context, query.TaskOfPersonParams{CycleID: c.Cycle.CycleID, Person: in.Old})
	if err != nil {
		return 0, err
	}
	passed := 0
	for _, task := range tasks {
		if err := c.FinishTask("A8", task.Key, in.By, in.Login); err != nil {
			return 0, err
		}
		if task.Kind == "handover" {
			continue // the successor gets one that names whom he follows
		}
		key, due := strings.TrimSuffix(task.Key, in.Old)+in.Login, task.Due
		article := "A8"
		if task.Kind == reviewOverdue {
			article = "A8(6)"
		}
		if err := c.OpenTask(article, Task{Key: key, Kind: task.Kind, Role: task.Role, Person: in.Login, Unit: task.Unit, Due: due, Detail: task.Detail}); err != nil {
			return 0, err
		}
		passed++
	}
	return passed, nil
}

// endSessions signs whoever was replaced out: he may be reading a page at this moment.
func (c *Change) endSessions(login string) error {
	account, err := c.AccountFind(c.Context, query.AccountFindParams{Authority: c.Cycle.Authority, Rehearsing: c.Cycle.Rehearsal > 0, Login: login})
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return c.AccountEndSessions(c.Context, query.AccountEndSessionsParams{AccountID: account.AccountID})
}
