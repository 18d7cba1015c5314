package office

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store/query"
)

// LedgerFilter narrows the mail ledger down.
type LedgerFilter struct {
	Kind, State string
	// Text is part of an address, of the server's answer, or of the name of a unit or a person.
	Text string
	// Skip tells, of so many in all, how many of the newest are left out; Most is how many are shown.
	Skip func(total int) int
	Most int
}

// Ledger is a part of the mail ledger, newest first (A8(4)).
type Ledger struct {
	Mails []query.LedgerPageRow
	// Total is how many the filter finds.
	Total int
	// Kinds are those of all mails; States count those that the filter finds, whatever their state.
	Kinds  []string
	States map[string]int
	// Names are those of units by code, and of people by login behind a slash.
	Names map[string]string
}

// Ledger reads the mail ledger.
func (d *Desk) Ledger(ctx context.Context, filter LedgerFilter) (Ledger, error) {
	if err := d.must(rules.Admin, rules.Auditor); err != nil {
		return Ledger{}, err
	}
	names, err := d.names(ctx)
	if err != nil {
		return Ledger{}, err
	}
	ledger := Ledger{Names: names, States: map[string]int{}}
	text, units, people := d.named(names, filter.Text)
	counts, err := d.Store.LedgerCount(ctx, query.LedgerCountParams{CycleID: d.Cycle.CycleID, Text: text, Units: units, People: people})
	if err != nil {
		return ledger, err
	}
	for _, count := range counts {
		if !slices.Contains(ledger.Kinds, count.Kind) {
			ledger.Kinds = append(ledger.Kinds, count.Kind)
		}
		if filter.Kind == "" || filter.Kind == count.Kind {
			ledger.States[count.State] += int(count.Mails)
			if filter.State == "" || filter.State == count.State {
				ledger.Total += int(count.Mails)
			}
		}
	}
	ledger.Mails, err = d.Store.LedgerPage(ctx, query.LedgerPageParams{
		CycleID: d.Cycle.CycleID, State: filter.State, Kind: filter.Kind, Text: text, Units: units, People: people,
		Skip: int32(filter.Skip(ledger.Total)), Most: int32(filter.Most),
	})
	for i := range ledger.Mails {
		ledger.Mails[i].Queued, ledger.Mails[i].Settled = known(ledger.Mails[i].Queued), known(ledger.Mails[i].Settled)
	}
	return ledger, err
}

// known is a moment, or none where the query has none.
func known(at time.Time) time.Time {
	if at.Unix() == 0 {
		return time.Time{}
	}
	return at
}

// named makes a text a pattern of SQL, and finds the units and people whose names have it.
func (d *Desk) named(names map[string]string, text string) (pattern string, units, people []string) {
	if text = strings.TrimSpace(text); text == "" {
		return "", []string{}, []string{}
	}
	units, people = []string{}, []string{}
	for key, name := range names {
		if !strings.Contains(name, text) && !strings.EqualFold(strings.TrimPrefix(key, "/"), text) {
			continue
		}
		if login, ofPerson := strings.CutPrefix(key, "/"); ofPerson {
			people = append(people, login)
		} else {
			units = append(units, key)
		}
	}
	return "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(text) + "%", units, people
}

// Call is a telephone task: whom to call, why, and whose address it was.
type Call struct {
	Task
	// Unit's name and telephone, and the people of the unit who may answer; or the assessor who is late.
	Name, Telephone string
	People          []query.Person
	// Address was refused; Owners have it still, a unit by its code or a person by his login.
	Address string
	Owners  []Owner
}

// Owner is a unit or a person whose address was refused.
type Owner struct{ Code, Name string }

// Calls are the open tasks for which the administrator telephones somebody, those that wait longest first (A8(4)).
func (d *Desk) Calls(ctx context.Context) ([]Call, error) {
	if err := d.must(rules.Admin); err != nil {
		return nil, err
	}
	rows, err := d.Store.TaskList(ctx, query.TaskListParams{CycleID: d.Cycle.CycleID, State: "open"})
	if err != nil {
		return nil, err
	}
	units, err := d.Store.UnitList(ctx, query.UnitListParams{CycleID: d.Cycle.CycleID})
	if err != nil {
		return nil, err
	}
	people, err := d.Store.PersonList(ctx, query.PersonListParams{CycleID: d.Cycle.CycleID})
	if err != nil {
		return nil, err
	}
	people = slices.DeleteFunc(people, func(person query.Person) bool { return person.ReplacedBy != "" })
	var calls []Call
	for _, row := range rows {
		if row.Role == string(rules.Admin) && handTasks[row.Kind] && row.Kind != "report_by_hand" {
			calls = append(calls, callOf(row, units, people))
		}
	}
	return calls, nil
}

func callOf(row query.Task, units []query.Unit, people []query.Person) Call {
	call := Call{Task: Task{Key: row.Key, Kind: row.Kind, Unit: row.Unit, Detail: row.Detail, State: row.State, Due: row.Due, ByHand: true}}
	call.Address, _ = strings.CutPrefix(row.Key, "telephone/")
	if row.Kind != "telephone" {
		call.Address = ""
	}
	for _, unit := range units {
		if call.Address != "" && unit.Email == call.Address {
			call.Owners = append(call.Owners, Owner{unit.Code, unit.Name})
		}
	}
	for _, person := range people {
		mine := call.Address != "" && person.Email == call.Address
		if mine {
			call.Owners = append(call.Owners, Owner{person.Login, person.Name})
		}
		if mine || person.Login == row.Person || row.Unit != "" && person.Unit == row.Unit && person.Role == string(rules.Contact) {
			call.People = append(call.People, person)
		}
	}
	call.find(row, units)
	return call
}

// find names the unit to call: the task's, else that of the person whom it is about.
func (c *Call) find(row query.Task, units []query.Unit) {
	code := row.Unit
	if code == "" && len(c.People) > 0 {
		code = c.People[0].Unit
	}
	for _, unit := range units {
		if unit.Code == code {
			c.Name, c.Telephone = unit.Name, unit.Telephone
		}
	}
}
