package office

import (
	"context"
	"errors"
	"time"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

// ProposeAdjustment records a bonus or deduction, all year and before the cycle starts (A10, A11).
func (d *Desk) ProposeAdjustment(ctx context.Context, act string, adjustment store.Adjustment) error {
	if err := d.must(rules.Admin, rules.Assessor, rules.Contact); err != nil {
		return err
	}
	if err := d.mustBe(store.Assessment); err != nil {
		return err
	}
	if d.Person.Role == string(rules.Contact) && d.Person.Unit != adjustment.Unit {
		return store.Forbid("a contact proposes for his own unit only")
	}
	set, err := d.ruleSet()
	if err != nil {
		return err
	}
	return d.record(ctx, act, func(change *store.Change) error {
		return change.ProposeAdjustment(adjustment, set, d.Person.Login)
	})
}

// ConfirmAdjustment lets an adjustment count, as the second person. While a proposal is open this voids it; after the
// release it is a correction and needs its reason (A8(7), A10, A11).
func (d *Desk) ConfirmAdjustment(ctx context.Context, act, id, reason string) error {
	if err := d.must(rules.Admin); err != nil {
		return err
	}
	if err := d.mustBe(store.Assessment); err != nil {
		return err
	}
	done, err := d.Store.Answered(ctx, d.Cycle.CycleID, act, &workflows.UnitsResult{})
	if done || err != nil {
		return err
	}
	elsewhere := ""
	err = d.record(ctx, act+"/fact", func(change *store.Change) error {
		_, err := change.ProposalOpen(ctx, query.ProposalOpenParams{CycleID: d.Cycle.CycleID})
		switch {
		case err == nil:
			elsewhere = workflows.UpdateConfirmAdjustment
			return errElsewhere
		case !store.IsMissing(err):
			return err
		case change.Cycle.Released.Valid:
			elsewhere = workflows.UpdateCorrectResults
			return errElsewhere
		}
		return change.ConfirmAdjustment(id, d.Person.Login)
	})
	switch elsewhere {
	case "":
		return err
	case workflows.UpdateConfirmAdjustment:
		return d.onProposal(ctx, elsewhere, act, nil, workflows.ConfirmRequest{Person: d.self(), Adjustment: id}, &workflows.UnitsResult{})
	}
	in := workflows.CorrectRequest{Person: d.self(), Adjustment: id}
	return d.ask(ctx, d.onCycle(elsewhere, act, store.Reason{Reason: reason}, in), &workflows.UnitsResult{})
}

// errElsewhere rolls a fact back that turned out to be an act.
var errElsewhere = store.Refuse("this is an act on a workflow")

// RejectAdjustment ends a proposed adjustment with a reason; it never counted, so nothing else changes.
func (d *Desk) RejectAdjustment(ctx context.Context, act, id, reason string) error {
	if err := d.must(rules.Admin); err != nil {
		return err
	}
	if err := d.mustBe(store.Assessment); err != nil {
		return err
	}
	return d.record(ctx, act, func(change *store.Change) error {
		return change.RejectAdjustment(id, d.Person.Login, reason)
	})
}

// OpenProposal is what waits for a decision.
func (d *Desk) OpenProposal(ctx context.Context) (query.ProposalOpenRow, error) {
	if err := d.must(rules.Admin, rules.Leader, rules.Deputy); err != nil {
		return query.ProposalOpenRow{}, err
	}
	return d.Store.ProposalOpen(ctx, query.ProposalOpenParams{CycleID: d.Cycle.CycleID})
}

func (d *Desk) onProposal(ctx context.Context, update, act string, content, in, out any) error {
	done, err := d.Store.Answered(ctx, d.Cycle.CycleID, act, out)
	if done || err != nil {
		return err
	}
	latest, err := d.Store.ProposalLatest(ctx, query.ProposalLatestParams{CycleID: d.Cycle.CycleID})
	if store.IsMissing(err) {
		return store.Refuse("no proposal has been made yet")
	}
	if err != nil {
		return err
	}
	return d.ask(ctx, request{
		workflow: d.approvalWorkflow(int(latest.Number)), update: update, act: act, content: content, in: in,
		over: "no proposal is open", alive: d.proposalOpen,
	}, out)
}

// approvalWorkflow is who waits for the decision about a proposal: in an evaluation the cycle itself.
func (d *Desk) approvalWorkflow(number int) string {
	reference := Reference(d.Cycle)
	if reference.Evaluation {
		return workflows.CycleID(reference)
	}
	return workflows.ApprovalID(reference, number)
}

func (d *Desk) proposalOpen(ctx context.Context) (bool, error) {
	_, err := d.Store.ProposalOpen(ctx, query.ProposalOpenParams{CycleID: d.Cycle.CycleID})
	if store.IsMissing(err) {
		return false, nil
	}
	return err == nil, err
}

// Approve approves exactly the results of a digest (A8(6)).
func (d *Desk) Approve(ctx context.Context, act, digest string) error {
	if err := d.must(rules.Leader, rules.Deputy); err != nil {
		return err
	}
	return d.onProposal(ctx, workflows.UpdateApprove, act, nil, workflows.ApproveRequest{Person: d.self(), Digest: digest}, &workflows.ApproveResult{})
}

// ReturnProposal sends units back to review with comments; none named means all. Without a date the scheme's working
// days for a return count from today (A8(6)). An evaluation's tally goes back as a whole (E8(4)).
func (d *Desk) ReturnProposal(ctx context.Context, act string, units []string, comments store.Comments, due calendar.Date) error {
	if err := d.must(rules.Leader, rules.Deputy); err != nil {
		return err
	}
	if d.Cycle.Kind == store.Evaluation {
		if len(units) > 0 || !due.IsZero() || len(comments.Units) > 0 {
			return store.Refuse("an evaluation's tally is returned as a whole, with one comment and no date (E8(4))")
		}
	} else {
		var err error
		if due, err = d.returnDate(ctx, due); err != nil {
			return err
		}
	}
	in := workflows.UnitsRequest{Person: d.self(), Units: units, ReviewDue: due}
	return d.onProposal(ctx, workflows.UpdateReturnProposal, act, comments, in, &workflows.UnitsResult{})
}

// ReopenReviews opens units' reviews again: while a proposal is open this voids it, after the release it is a
// correction (A8(7)).
func (d *Desk) ReopenReviews(ctx context.Context, act string, units []string, reason string) error {
	if err := d.must(rules.Admin); err != nil {
		return err
	}
	if err := d.mustBe(store.Assessment); err != nil {
		return err
	}
	due, err := d.returnDate(ctx, calendar.Date{})
	if err != nil {
		return err
	}
	open, err := d.proposalOpen(ctx)
	if err != nil {
		return err
	}
	if open {
		in := workflows.UnitsRequest{Person: d.self(), Units: units, ReviewDue: due}
		return d.onProposal(ctx, workflows.UpdateReopenUnits, act, store.Reason{Reason: reason}, in, &workflows.UnitsResult{})
	}
	in := workflows.CorrectRequest{Person: d.self(), Units: units, ReviewDue: due}
	return d.ask(ctx, d.onCycle(workflows.UpdateCorrectResults, act, store.Reason{Reason: reason}, in), &workflows.UnitsResult{})
}

func (d *Desk) returnDate(ctx context.Context, due calendar.Date) (calendar.Date, error) {
	set, err := d.Store.DataSet(ctx, d.Cycle)
	if err != nil || !due.IsZero() {
		return due, err
	}
	return d.workingDays(ctx, set, set.Plan.Scheme.ReturnWorkingDays)
}

// workingDays is the day that many working days from the cycle's today.
func (d *Desk) workingDays(ctx context.Context, set store.DataSet, count int) (calendar.Date, error) {
	cycle, err := d.Store.CycleGet(ctx, query.CycleGetParams{CycleID: d.Cycle.CycleID})
	if err != nil {
		return calendar.Date{}, err
	}
	days, err := d.Store.Days(ctx, set)
	if err != nil {
		return calendar.Date{}, err
	}
	day, err := days.Add(calendar.DateOf(d.Store.Now(cycle)), count)
	var unpublished *calendar.UnpublishedError
	if errors.As(err, &unpublished) {
		return day, store.Refuse(unpublished.Error())
	}
	return day, err
}

// Now is the cycle's time.
func (d *Desk) Now() time.Time { return d.Store.Now(d.Cycle) }
