package office

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/documents"
	"github.com/kaoping/kaoping/mail"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

// Import stores a data set as the draft of its real cycle, and of its social evaluation if it has one: both or none.
// Until a cycle starts, it replaces an earlier draft. It answers the assessment's.
func (o *Office) Import(ctx context.Context, set documents.DataSet) (query.Cycle, error) {
	return o.keep(ctx, set, func(*store.Import) error { return nil })
}

// ImportRehearsal stores a data set as a new rehearsal, which plays at pace: real time for one day. Its social
// evaluation has the same number and a clock of its own.
func (o *Office) ImportRehearsal(ctx context.Context, set documents.DataSet, pace time.Duration) (query.Cycle, error) {
	scheme := set.Plan.Scheme
	days, err := o.Store.Days(ctx, store.DataSet{Plan: set.Plan, Holidays: set.Holidays})
	if err != nil {
		return query.Cycle{}, err
	}
	return o.keep(ctx, set, func(in *store.Import) error {
		first := scheme.Dates.Notice
		if in.DataSet.Evaluation != nil {
			first = in.DataSet.Evaluation.Dates.Publish
		}
		day, err := calendar.ParseDate(string(first))
		if err != nil {
			return err
		}
		in.Rehearsal, in.Pace = store.NextRehearsal, pace
		in.Virtual, err = calendar.RehearsalStart(days, day)
		return err
	})
}

// keep stores what a data set holds, each part prepared.
func (o *Office) keep(ctx context.Context, set documents.DataSet, prepare func(*store.Import) error) (query.Cycle, error) {
	imports := []store.Import{{DataSet: store.DataSet{Plan: set.Plan, Holidays: set.Holidays}}}
	if set.Evaluation != nil {
		ruleSet, ok := o.Rules.RuleSet(set.Evaluation.RuleSet)
		if !ok {
			return query.Cycle{}, fmt.Errorf("the rule set %s is not there", set.Evaluation.RuleSet)
		}
		imports = append(imports, store.Import{
			DataSet: store.EvaluationSet(imports[0].DataSet, *set.Evaluation), Questions: set.Evaluation.Asked(ruleSet),
		})
	}
	for i := range imports {
		if err := prepare(&imports[i]); err != nil {
			return query.Cycle{}, err
		}
	}
	ids, err := o.Store.ImportDataSets(ctx, imports...)
	if err != nil {
		return query.Cycle{}, err
	}
	return o.Store.CycleGet(ctx, query.CycleGetParams{CycleID: ids[0]})
}

func (d *Desk) onCycle(update, act string, content, in any) request {
	return request{
		workflow: workflows.CycleID(Reference(d.Cycle)), update: update, act: act, content: content, in: in,
		over: store.CycleName(d.Cycle) + " is not running", alive: d.cycleRuns,
	}
}

// Cancel ends a wrongly started year.
func (d *Desk) Cancel(ctx context.Context, act, reason string) error {
	if err := d.must(rules.Admin); err != nil {
		return err
	}
	return d.ask(ctx, d.onCycle(workflows.UpdateCancel, act, store.Reason{Reason: reason}, d.self()), &workflows.CancelResult{})
}

// MoveDate moves a date of the scheme for all (A8(3)).
func (d *Desk) MoveDate(ctx context.Context, act, phase string, to calendar.Date, reason string) error {
	if err := d.must(rules.Admin); err != nil {
		return err
	}
	in := workflows.ExtendRequest{Person: d.self(), Phase: phase, To: to}
	return d.ask(ctx, d.onCycle(workflows.UpdateMoveDate, act, store.Reason{Reason: reason}, in), &workflows.MoveDateResult{})
}

// Remind writes to units by hand what is open with them, once a day; none named means everybody who owes something. It
// answers how many mails were queued, and which units got one today already.
func (d *Desk) Remind(ctx context.Context, act string, units ...string) (workflows.RemindResult, error) {
	var result workflows.RemindResult
	if err := d.must(rules.Admin); err != nil {
		return result, err
	}
	err := d.ask(ctx, d.onCycle(workflows.UpdateRemind, act, nil, workflows.UnitsRequest{Person: d.self(), Units: units}), &result)
	return result, err
}

// Extend moves one unit's date, of its report, its review or its rectification (A8(5), A13).
func (d *Desk) Extend(ctx context.Context, act, unit, phase string, to calendar.Date, reason string) error {
	if err := d.must(rules.Admin); err != nil {
		return err
	}
	if phase == workflows.PhaseRectification {
		return d.ExtendRectification(ctx, act, unit, 0, to, reason)
	}
	in, why := workflows.ExtendRequest{Person: d.self(), Phase: phase, To: to}, store.Reason{Reason: reason}
	target, err := d.onUnit(ctx, unit, workflows.UpdateExtend, act, why, in)
	if err != nil {
		return err
	}
	return d.ask(ctx, target, &workflows.ExtendUnitResult{})
}

// onUnit addresses the newest workflow of a unit's assessment.
func (d *Desk) onUnit(ctx context.Context, unit, update, act string, content, in any) (request, error) {
	assessment, err := d.Store.AssessmentGet(ctx, query.AssessmentGetParams{CycleID: d.Cycle.CycleID, Unit: unit})
	if store.IsMissing(err) {
		return request{}, store.Missing(fmt.Sprintf("no unit %s in %s, or it has not started", unit, store.CycleName(d.Cycle)))
	}
	if err != nil {
		return request{}, err
	}
	over := "the review of " + unit + " is closed"
	if assessment.State == "waiting" {
		over = "the notice to " + unit + " is not out yet: its assessment begins with it (A8(4))"
	}
	return request{
		workflow: workflows.UnitID(Reference(d.Cycle), unit, int(assessment.Generation)), update: update, act: act, content: content, in: in,
		over: over,
		alive: func(ctx context.Context) (bool, error) {
			now, err := d.Store.AssessmentGet(ctx, query.AssessmentGetParams{CycleID: d.Cycle.CycleID, Unit: unit})
			return now.State == "reporting" || now.State == "review", err
		},
	}, nil
}

func (d *Desk) cycleRuns(ctx context.Context) (bool, error) {
	now, err := d.Store.CycleGet(ctx, query.CycleGetParams{CycleID: d.Cycle.CycleID})
	return now.State == "running", err
}

// RecordViolation records a violation at any time (A14): before the year starts as a fact, since no workflow knows of it
// yet. It answers the number of the proposed consequence.
func (d *Desk) RecordViolation(ctx context.Context, act, unit string, facts store.ViolationFacts) (int, error) {
	if err := d.must(rules.Admin); err != nil {
		return 0, err
	}
	var result workflows.ViolationResult
	err := d.Store.Do(ctx, store.Step{Cycle: d.Cycle.CycleID, Key: act}, &result, func(change *store.Change) (err error) {
		if change.Cycle.State != "draft" {
			return errElsewhere
		}
		result.Consequence, err = change.RecordViolation(act, unit, facts, d.Person.Login)
		return err
	})
	if !errors.Is(err, errElsewhere) {
		return result.Consequence, err
	}
	err = d.ask(ctx, d.onCycle(workflows.UpdateRecordViolation, act, facts, workflows.ViolationRequest{Person: d.self(), Unit: unit}), &result)
	return result.Consequence, err
}

// FinishTask ends a task that no workflow waits for: a telephone call was made.
func (d *Desk) FinishTask(ctx context.Context, act, key, note string) error {
	article := "A8(4)"
	if d.tookOver(key) {
		article = "A8"
	} else if err := d.must(rules.Admin); err != nil {
		return err
	}
	return d.record(ctx, act, func(change *store.Change) error {
		task, err := change.TaskGet(ctx, query.TaskGetParams{CycleID: d.Cycle.CycleID, Key: key})
		if store.IsMissing(err) {
			return store.Missing("no task " + key)
		}
		if err != nil {
			return err
		}
		if !handTasks[task.Kind] {
			return store.Refuse("the task " + key + " ends when its act is done")
		}
		return change.FinishTask(article, key, d.Person.Login, note)
	})
}

// RetryStep has a step of the process taken again that had failed for its data, once what was wrong is mended. The task
// that it opened names it.
func (d *Desk) RetryStep(ctx context.Context, act, task string) error {
	if err := d.must(rules.Admin); err != nil {
		return err
	}
	id, step, err := workflows.ParseStuckTask(task)
	if err != nil {
		return store.Refuse(err.Error())
	}
	if _, err := d.Store.TaskGet(ctx, query.TaskGetParams{CycleID: d.Cycle.CycleID, Key: task}); err != nil {
		return d.missingStuck(ctx, task, err)
	}
	retry := d.onCycle(workflows.UpdateRetryStep, act, nil, workflows.RetryRequest{Person: d.self(), Step: step})
	retry.workflow = id
	return d.ask(ctx, retry, &workflows.Empty{})
}

// missingStuck names the tasks that there are beside the one that is missing: nobody types such a key from memory.
func (d *Desk) missingStuck(ctx context.Context, task string, err error) error {
	if !store.IsMissing(err) {
		return err
	}
	open, err := d.Store.TaskList(ctx, query.TaskListParams{CycleID: d.Cycle.CycleID, State: "open"})
	if err != nil {
		return err
	}
	var stuck []string
	for _, other := range open {
		if other.Kind == "stuck_step" {
			stuck = append(stuck, other.Key)
		}
	}
	if len(stuck) == 0 {
		return store.Missing("no task " + task + ": no step is stuck")
	}
	return store.Missing("no task " + task + ": open are " + strings.Join(stuck, ", "))
}

// handTasks are those that a person ends by saying so.
var handTasks = map[string]bool{
	"telephone": true, "report_overdue": true, "review_overdue": true, "report_by_hand": true, "unwritten_mail": true, "handover": true,
	"announce_evaluation": true,
}

// tookOver tells whether a task is the person's own look at what he took over from another.
func (d *Desk) tookOver(key string) bool {
	old, successor := handover(key)
	return old != "" && successor == d.Person.Login
}

// handover are the two whom the key of a handover names.
func handover(key string) (old, successor string) {
	rest, ok := strings.CutPrefix(key, "handover/")
	if !ok {
		return "", ""
	}
	old, successor, _ = strings.Cut(rest, "/")
	return old, successor
}

// ChangeAddress corrects the e-mail address of a unit, of a person, or of a representative (invitee/3). What was refused at the old one goes to the new one,
// and the telephone task ends (A8(4)).
func (d *Desk) ChangeAddress(ctx context.Context, act, whose, email string) error {
	if err := d.must(rules.Admin); err != nil {
		return err
	}
	if err := mail.CheckAddress(email); err != nil {
		return store.Refuse(err.Error())
	}
	redirected := 0
	err := d.record(ctx, act, func(change *store.Change) (err error) {
		redirected, err = d.redirect(change, whose, email)
		return err
	})
	if err == nil && redirected > 0 {
		d.callCourier(ctx)
	}
	return err
}

func (d *Desk) redirect(change *store.Change, whose, email string) (int, error) {
	ctx, id := change.Context, d.Cycle.CycleID
	if number, invited := invitee(whose); invited {
		return d.redirectInvitee(change, number, email)
	}
	unit, person, old := whose, "", ""
	row, err := change.UnitGet(ctx, query.UnitGetParams{CycleID: id, Code: whose})
	if err == nil {
		old, err = row.Email, change.UnitSetEmail(ctx, query.UnitSetEmailParams{CycleID: id, Code: whose, Email: email})
	} else if store.IsMissing(err) {
		unit, person = "", whose
		var row query.Person
		if row, err = change.PersonGet(ctx, query.PersonGetParams{CycleID: id, Login: whose}); err == nil {
			old, err = row.Email, change.PersonSetEmail(ctx, query.PersonSetEmailParams{CycleID: id, Login: whose, Email: email})
		}
	}
	if store.IsMissing(err) {
		return 0, store.Missing(whose + " is neither a unit nor a person of " + store.CycleName(d.Cycle))
	}
	if err != nil {
		return 0, err
	}
	return d.sendElsewhere(change, unit, person, old, email)
}

// sendElsewhere ends the telephone task about an address, and what was refused there goes to the new one.
func (d *Desk) sendElsewhere(change *store.Change, unit, person, old, email string) (int, error) {
	if err := change.RefusedAddressClear(change.Context, query.RefusedAddressClearParams{CycleID: d.Cycle.CycleID, Address: old}); err != nil {
		return 0, err
	}
	if err := change.FinishTask("A8(4)", "telephone/"+old, d.Person.Login, "the address was changed"); err != nil {
		return 0, err
	}
	return change.Redirect(unit, person, old, email)
}

// invitee reads how a representative is named where an address is changed: invitee/3.
func invitee(whose string) (int32, bool) {
	text, ok := strings.CutPrefix(whose, "invitee/")
	number, err := strconv.ParseInt(text, 10, 32)
	return int32(number), ok && err == nil
}

func (d *Desk) redirectInvitee(change *store.Change, number int32, email string) (int, error) {
	old, err := change.RepresentativeEmail(change.Context, query.RepresentativeEmailParams{CycleID: d.Cycle.CycleID, Number: number})
	if store.IsMissing(err) {
		return 0, store.Missing(fmt.Sprintf("no representative %d is invited to %s", number, store.CycleName(d.Cycle)))
	}
	if err != nil {
		return 0, err
	}
	if err := change.RepresentativeSetEmail(change.Context, query.RepresentativeSetEmailParams{CycleID: d.Cycle.CycleID, Number: number, Email: email}); err != nil {
		return 0, err
	}
	return d.sendElsewhere(change, "", "", old, email)
}

// callCourier tells the year's workflow that mails wait on the ledger. If it can't be told they leave with the next ones.
func (d *Desk) callCourier(ctx context.Context) {
	id := workflows.CycleID(Reference(d.Cycle))
	if err := d.Temporal.SignalWorkflow(ctx, id, "", workflows.SignalMails, nil); err != nil {
		slog.WarnContext(ctx, "mails leave with the next ones: their workflow couldn't be told", "workflow", id, "error", err)
	}
}
