// Package office is what people may ask of a cycle: authorization first, then a read, a fact, or an act. A fact is
// one transaction. An act is a Temporal Update to the workflow that waits for it; its id comes from the caller, so
// that an act which is sent twice is one act.
package office

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/documents"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

// Office serves every cycle.
type Office struct {
	Store    *store.Store
	Temporal client.Client
	Rules    rules.Library
	Evidence *documents.EvidenceStore
	// Patience is how long an act may take before it counts as not yet confirmed; 0 is 5 s.
	Patience time.Duration

	door  doorman
	shelf shelf
}

// Desk is where one person acts in one cycle.
type Desk struct {
	*Office
	Cycle  query.Cycle
	Person query.Person
	// account is who was seated here (Seat); none for the command line.
	account *Account
	// calendar is read when it is first needed.
	calendar *calendar.Days
}

// Find finds a cycle by its name, AUTHORITY/YEAR, for a social evaluation AUTHORITY/YEAR/evaluation. A negative rehearsal means the real cycle, else the newest rehearsal.
func (o *Office) Find(ctx context.Context, name string, rehearsal int) (query.Cycle, error) {
	wanted, err := parseName(name)
	if err != nil {
		return query.Cycle{}, err
	}
	wanted.Rehearsal = int32(max(rehearsal, 0))
	cycle, err := o.Store.CycleFind(ctx, wanted)
	if store.IsMissing(err) && rehearsal < 0 {
		wanted.Rehearsal, err = o.Store.CycleNewestRehearsal(ctx, query.CycleNewestRehearsalParams{
			Authority: wanted.Authority, Year: wanted.Year, Kind: wanted.Kind,
		})
		if err == nil {
			cycle, err = o.Store.CycleFind(ctx, wanted)
		}
	}
	if store.IsMissing(err) {
		return query.Cycle{}, store.Missing("no cycle " + name)
	}
	return cycle, err
}

// FindByID finds a cycle by its name and id: of a cancelled year that was imported again.
func (o *Office) FindByID(ctx context.Context, name string, id int64) (query.Cycle, error) {
	cycle, err := o.Store.CycleGet(ctx, query.CycleGetParams{CycleID: id})
	if store.IsMissing(err) || err == nil && store.CycleName(cycle) != name {
		return query.Cycle{}, store.Missing(fmt.Sprintf("no cycle %s with the id %d", name, id))
	}
	return cycle, err
}

func parseName(name string) (query.CycleFindParams, error) {
	wanted := query.CycleFindParams{Kind: store.Assessment}
	authority, rest, ok := strings.Cut(name, "/")
	if year, evaluation := strings.CutSuffix(rest, "/"+store.Evaluation); evaluation {
		wanted.Kind, rest = store.Evaluation, year
	}
	if ok {
		_, err := fmt.Sscanf(rest, "%d", &wanted.Year)
		ok = err == nil && fmt.Sprint(wanted.Year) == rest
	}
	if !ok {
		return wanted, &store.Error{Kind: store.Refused, Reasons: []string{fmt.Sprintf("%q names no cycle: want AUTHORITY/YEAR, such as pingliang/2025, or AUTHORITY/YEAR/evaluation", name)}}
	}
	wanted.Authority = authority
	return wanted, nil
}

// Desk seats a person of the cycle, for who needs no account: the command line, simulated people. Others have a Seat.
func (o *Office) Desk(ctx context.Context, cycle query.Cycle, login string) (*Desk, error) {
	person, err := o.Store.PersonGet(ctx, query.PersonGetParams{CycleID: cycle.CycleID, Login: login})
	if err != nil {
		if store.IsMissing(err) {
			return nil, store.Forbid(login + " is nobody of " + store.CycleName(cycle))
		}
		return nil, err
	}
	if person.ReplacedBy != "" {
		return nil, store.Forbid(login + " is nobody of " + store.CycleName(cycle))
	}
	return &Desk{Office: o, Cycle: cycle, Person: person}, nil
}

// AdminDesk seats the cycle's first administrator, for the command line.
func (o *Office) AdminDesk(ctx context.Context, cycle query.Cycle) (*Desk, error) {
	admins, err := o.Store.PersonByRole(ctx, query.PersonByRoleParams{CycleID: cycle.CycleID, Role: string(rules.Admin)})
	if err != nil {
		return nil, err
	}
	if len(admins) == 0 {
		return nil, store.Refuse(store.CycleName(cycle) + " has no administrator")
	}
	return &Desk{Office: o, Cycle: cycle, Person: admins[0]}, nil
}

// Reference is the cycle as workflows name it.
func Reference(cycle query.Cycle) workflows.CycleRef {
	return workflows.CycleRef{
		ID: cycle.CycleID, Authority: cycle.Authority, Year: int(cycle.Year), Rehearsal: int(cycle.Rehearsal),
		Evaluation: cycle.Kind == store.Evaluation,
	}
}

// must refuses whoever has none of the roles.
func (d *Desk) must(roles ...rules.Role) error {
	for _, role := range roles {
		if d.Person.Role == string(role) {
			return nil
		}
	}
	names := make([]string, len(roles))
	for i, role := range roles {
		names[i] = string(role)
	}
	return store.Forbid(fmt.Sprintf("%s may not do this: it is for %s", d.Person.Login, strings.Join(names, ", ")))
}

func (d *Desk) self() workflows.Person { return workflows.Person{Login: d.Person.Login} }

// request is one act on its way to a workflow.
type request struct {
	workflow string
	update   string
	// act is the caller's id.
	act string
	// content are the act's texts, kept in the database: the payload carries none.
	content any
	in      any
	// ready refuses what is incomplete before the workflow is asked; nil where nothing can be.
	ready func(context.Context) error
	// over answers when the workflow does not wait any more. If alive tells that by the database it should, it is only
	// being started, and the act is to be sent again.
	over  string
	alive func(context.Context) (bool, error)
}

// ask sends an act and waits for the workflow's answer.
func (d *Desk) ask(ctx context.Context, r request, out any) error {
	done, err := d.Store.Answered(ctx, d.Cycle.CycleID, r.act, out)
	if done || err != nil {
		return err
	}
	if r.ready != nil {
		if err := r.ready(ctx); err != nil {
			return err
		}
	}
	if r.content != nil {
		if err := d.Store.Request(ctx, d.Cycle.CycleID, r.act, r.content); err != nil {
			return err
		}
	}
	patience := d.Patience
	if patience == 0 {
		patience = 5 * time.Second
	}
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	handle, err := d.Temporal.UpdateWorkflow(waiting, client.UpdateWorkflowOptions{
		WorkflowID: r.workflow, UpdateID: r.act, UpdateName: r.update, Args: []any{r.in}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err == nil {
		err = handle.Get(waiting, out)
	}
	err = explain(err, r)
	switch store.KindOf(err) {
	case store.NotFound:
		return d.afterEnd(ctx, r, out)
	case store.Refused:
		return d.afterRefusal(ctx, r, out, err)
	}
	return err
}

// afterRefusal answers an act that a workflow refused. It may be done all the same: a worker that was killed took the
// act's answer along, and the workflow went on without it.
func (d *Desk) afterRefusal(ctx context.Context, r request, out any, refusal error) error {
	if done, err := d.Store.Answered(ctx, d.Cycle.CycleID, r.act, out); done || err != nil {
		return err
	}
	return refusal
}

// afterEnd answers an act whose workflow has ended: it may have been the act that ended it.
func (d *Desk) afterEnd(ctx context.Context, r request, out any) error {
	done, err := d.Store.Answered(ctx, d.Cycle.CycleID, r.act, out)
	if done || err != nil {
		return err
	}
	alive, err := r.alive(ctx)
	if err != nil {
		return err
	}
	if alive {
		return unconfirmed(nil)
	}
	return store.Refuse(r.over)
}

// unconfirmed asks the caller to send the same act again.
func unconfirmed(err error) error {
	return &store.Error{Kind: store.Unavailable, Reasons: []string{"not yet confirmed: send the same act again"}, Err: err}
}

// kinds are the errors that workflows and activities name, as kinds.
var kinds = map[string]store.Kind{
	workflows.ErrorRefused: store.Refused, workflows.ErrorNotFound: store.NotFound,
	workflows.ErrorConflict: store.Conflict, workflows.ErrorForbidden: store.Forbidden,
}

func explain(err error, r request) error {
	var application *temporal.ApplicationError
	var missing *serviceerror.NotFound
	switch {
	case err == nil:
		return nil
	case errors.As(err, &application) && kinds[application.Type()] != store.Internal:
		kind := kinds[application.Type()]
		if kind == store.NotFound {
			kind = store.Refused // a thing that is missing, not the workflow
		}
		return &store.Error{Kind: kind, Reasons: strings.Split(application.Message(), "\n")}
	case errors.As(err, &missing):
		return &store.Error{Kind: store.NotFound, Reasons: []string{r.over}, Err: err}
	}
	return unconfirmed(err)
}

// record makes a fact: one keyed transaction of the office itself.
func (d *Desk) record(ctx context.Context, act string, do func(*store.Change) error) error {
	var none struct{}
	return d.Store.Do(ctx, store.Step{Cycle: d.Cycle.CycleID, Key: act}, &none, do)
}

// ruleSet is the cycle's.
func (d *Desk) ruleSet() (*rules.RuleSet, error) { return d.ruleSetOf(d.Cycle) }

// plan is what the cycle was imported with.
func (d *Desk) plan(ctx context.Context) (rules.Plan, error) {
	set, err := d.Store.DataSet(ctx, d.Cycle)
	return set.Plan, err
}

// Plan is what the cycle is made of: scheme, indicators, units, people as they were imported.
func (d *Desk) Plan(ctx context.Context) (rules.Plan, error) { return d.plan(ctx) }

// RuleSet is the cycle's.
func (d *Desk) RuleSet() (*rules.RuleSet, error) { return d.ruleSet() }

// Today is the day on the cycle's clock.
func (d *Desk) Today() calendar.Date { return calendar.DateOf(d.Now()) }

// WorkingDaysLeft counts those after today, up to and with a day; negative when it is past.
func (d *Desk) WorkingDaysLeft(ctx context.Context, day calendar.Date) (int, error) {
	set, err := d.Store.DataSet(ctx, d.Cycle)
	if err != nil {
		return 0, err
	}
	days, err := d.days(ctx, set)
	if err != nil {
		return 0, err
	}
	return days.Count(d.Today(), day)
}

// days are the published ones, read once for the desk.
func (d *Desk) days(ctx context.Context, set store.DataSet) (calendar.Days, error) {
	if d.calendar == nil {
		days, err := d.Store.Days(ctx, set)
		if err != nil {
			return days, err
		}
		d.calendar = &days
	}
	return *d.calendar, nil
}
