package workflows

import (
	"fmt"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// decideResults proposes until a proposal is approved and released (A8(6), A8(7)).
func (c *cycle) decideResults(ctx workflow.Context) error {
	for {
		outcome, err := c.approve(ctx)
		if err != nil {
			return err
		}
		if outcome.Decision != DecisionApproved {
			if err := c.assessEach(ctx, outcome.Units); err != nil {
				return err
			}
			continue
		}
		released, err := c.release(ctx)
		if err != nil || released {
			return err
		}
	}
}

func (c *cycle) approve(ctx workflow.Context) (ApprovalResult, error) {
	var result ApprovalResult
	if err := c.enter(ctx, PhaseApproval); err != nil {
		return result, err
	}
	c.proposals++
	// One that was broken off is begun again under its number: it takes up the proposal that it made.
	err := c.persevere(ctx, "Approval", func(ctx workflow.Context) error {
		id := ApprovalID(c.cycle, c.proposals)
		in := ApprovalInput{Cycle: c.cycle, Clock: c.clock.Clock, Number: c.proposals}
		err := workflow.ExecuteChildWorkflow(c.child(ctx, id, PhaseApproval, ""), Approval, in).Get(ctx, &result)
		c.courier.takeOver(result.Ending)
		return c.brokenOff(id, err)
	})
	return result, err
}

// release issues the bulletin and the feedback, and reports to the organization department (A8(7), A12). It answers
// false if a score changed after the approval: then the approval is void and a new proposal follows.
func (c *cycle) release(ctx workflow.Context) (bool, error) {
	released := false
	err := c.take(ctx, ReleaseResults.name, func(ctx workflow.Context) error {
		result, err := ReleaseResults.runOnAll(ctx, ReleaseInput{Act: c.own(ctx, "release"), Number: c.proposals})
		released = result.Released
		c.courier.call()
		return err
	})
	return released, err
}

// continueAsNew gives the rectifications a history of their own. What runs beside the story ends first; mails that
// are still under way go on with the new run's courier.
func (c *cycle) continueAsNew(ctx workflow.Context) error {
	c.stopReminding()
	if err := workflow.Await(ctx, func() bool { return !c.sweeping && workflow.AllHandlersFinished(ctx) }); err != nil {
		return err
	}
	if c.cancelled {
		return temporal.NewCanceledError()
	}
	if c.rectifying > 0 {
		// The last act started one: it belongs to this run, which goes on.
		c.startReminding(ctx)
		return c.rectify(ctx)
	}
	in := c.in
	in.Carried = &CarriedCycle{
		Claim: c.claim, Proposals: c.proposals, Swept: c.swept, Consequences: c.consequences, Stuck: c.stuck,
	}
	return workflow.NewContinueAsNewError(ctx, AssessmentCycle, in)
}

// rectify drafts the problems found, and waits until every order is accepted or its consequence decided; meanwhile
// released results may be corrected (A13, A14, A8(7)). Then it closes the year.
func (c *cycle) rectify(ctx workflow.Context) error {
	if err := c.enter(ctx, PhaseRectification); err != nil {
		return err
	}
	if err := c.take(ctx, DraftProblems.name, c.draftProblems); err != nil {
		return err
	}
	for c.phase != phaseClosed {
		if err := workflow.Await(ctx, func() bool { return c.correction != nil || c.quiet() }); err != nil {
			return err
		}
		next := c.redecide
		if c.correction == nil {
			next = c.close
		}
		if err := next(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (c *cycle) draftProblems(ctx workflow.Context) error {
	drafted, err := DraftProblems.runOnAll(ctx, DraftProblemsInput{Act: c.own(ctx, "problems")})
	c.drafted = drafted.Units
	return err
}

// redecide proposes corrected results, after new reviews if the correction asks for them.
func (c *cycle) redecide(ctx workflow.Context) error {
	if err := c.assessEach(ctx, c.correction.Units); err != nil {
		return err
	}
	if err := c.decideResults(ctx); err != nil {
		return err
	}
	c.correction = nil
	return c.enter(ctx, PhaseRectification)
}

// startRectification follows one order; it runs beside the story.
func (c *cycle) startRectification(ctx workflow.Context, order Order) {
	c.rectifying++
	id := RectificationID(c.cycle, order.Unit, order.Number)
	in := RectificationInput{Cycle: c.cycle, Clock: c.clock.Clock, Unit: order.Unit, Number: order.Number, Due: order.Due}
	workflow.Go(ctx, func(ctx workflow.Context) {
		err := c.persevere(ctx, fmt.Sprintf("Rectification.%s.%d", order.Unit, order.Number), func(ctx workflow.Context) error {
			child := workflow.ExecuteChildWorkflow(c.child(ctx, id, PhaseRectification, order.Unit), Rectification, in)
			c.children[id], in.Resumed = child, true
			var ending Ending
			err := child.Get(ctx, &ending)
			c.courier.takeOver(ending)
			return c.brokenOff(id, err)
		})
		if err != nil {
			workflow.GetLogger(ctx).Info("a rectification ended with the year", "workflow", id, "error", err)
		}
		c.rectifying--
	})
}

func (c *cycle) settled() bool {
	return c.drafted == 0 && c.rectifying == 0 && c.consequences == 0 && c.correction == nil
}

// quiet tells whether nothing waits for a person and no mail is under way.
func (c *cycle) quiet() bool { return c.settled() && !c.sweeping && c.courier.idle() }

// close ends the year when every mail is sent or refused. Nothing is written after it.
func (c *cycle) close(ctx workflow.Context) error {
	return c.take(ctx, CloseCycle.name, func(ctx workflow.Context) error {
		if !c.quiet() {
			return nil // somebody acted while this step waited for its turn
		}
		c.closing = true
		result, err := CloseCycle.run(ctx, CloseInput{Act: c.own(ctx, "close")})
		c.closing = result.Closed
		if err != nil {
			return err
		}
		if !result.Closed {
			c.courier.call()
			return nil
		}
		c.phase = phaseClosed
		return showPhase(ctx, phaseClosed, phaseClosed)
	})
}
