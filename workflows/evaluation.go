package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/kaoping/kaoping/calendar"
)

// Phases of a social evaluation.
const (
	phasePublished    = "published"
	phaseWindow       = "window"
	phaseTally        = "tally"
	phaseConsequences = "consequences"
)

// SocialEvaluationInput starts a social evaluation.
type SocialEvaluationInput struct {
	Cycle CycleRef `json:"cycle"`
	// By is who started it.
	By string `json:"by"`
	// Pace is the real time of one day of a rehearsal; 0 is the real one.
	Pace time.Duration `json:"pace,omitempty"`
}

// SocialEvaluation is one authority's social evaluation of a year (E8): publication, the window in which the public and
// the invited evaluate, tally, approval, feedback, publication of the results as a person decides, consequences.
func SocialEvaluation(ctx workflow.Context, in SocialEvaluationInput) error {
	evaluation := newEvaluation(ctx, in)
	ctx = withOptions(ctx, evaluation.clock)
	evaluation.startCourier(ctx)
	evaluation.listenMails(ctx)
	root, stop := workflow.WithCancel(ctx)
	evaluation.stop = stop
	if err := evaluation.listen(ctx); err != nil {
		return err
	}
	err := evaluation.end(ctx, evaluation.run(root))
	if evaluation.cancelled {
		return evaluation.awaitFarewell(ctx)
	}
	return err
}

type evaluation struct {
	*reminding
	in SocialEvaluationInput
	// dates may be moved while they lie ahead.
	dates   EvaluationDates
	claimed bool
	refusal error
	phase   string
	// afterProvince waits for the province's evaluation to end (E6).
	afterProvince bool
	provinceEnded bool
	// proposals counts those made; decision is that about the last one, empty while it is open or before it is made.
	proposals int
	decision  string
	// published says that a person decided about publishing the results (E8(5)).
	published    bool
	consequences int
	cancelled    bool
	stop         workflow.CancelFunc
}

func newEvaluation(ctx workflow.Context, in SocialEvaluationInput) *evaluation {
	process := newProcess(ctx, in.Cycle, clock{calendar.Clock{Pace: in.Pace}})
	return &evaluation{reminding: &reminding{process: process}, in: in, phase: "start"}
}

// run is Article 8 of the evaluation rules, in its order.
func (e *evaluation) run(ctx workflow.Context) error {
	for _, step := range []func(workflow.Context) error{
		e.claimYear, e.publish, e.openWindow, e.invite, e.closeWindow, e.decideResults, e.conclude,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (e *evaluation) enter(ctx workflow.Context, phase string) error {
	e.phase = phase
	return showPhase(ctx, phase, phase)
}

// claimYear makes the year's evaluation this workflow's own. Whoever comes second ends here, refused.
func (e *evaluation) claimYear(ctx workflow.Context) error {
	claim, err := ClaimEvaluation.run(ctx, ClaimInput{Act: Act{
		Cycle: e.cycle, ID: e.own(ctx, "claim").ID, By: e.in.By,
	}, Real: workflow.Now(ctx), Pace: e.in.Pace})
	if err != nil {
		e.refusal = err
		return err
	}
	e.claim, e.clock = claim.ClaimResult, clock{claim.Clock}
	e.dates, e.afterProvince, e.consequences = claim.Evaluation, claim.AfterProvince, claim.Consequences
	// Nobody is reminded before the window opens.
	e.swept = e.clock.now(ctx)
	if open := e.dates.Open.Start(); open.After(e.swept) {
		e.swept = open
	}
	e.claimed = true
	e.startReminding(ctx)
	return nil
}

// until waits for a moment that may be moved while it lies ahead.
func (e *evaluation) until(ctx workflow.Context, moment func() time.Time) error {
	for {
		at := moment()
		moved, err := within(ctx, e.clock.wait(ctx, at), func() bool { return !moment().Equal(at) })
		if err != nil || !moved {
			return err
		}
	}
}

// publish announces the evaluation at 09:00 of its day (E8(2)); after the province's, if the plan says so (E6).
func (e *evaluation) publish(ctx workflow.Context) error {
	if err := e.enter(ctx, "notice"); err != nil {
		return err
	}
	if err := workflow.Await(ctx, func() bool { return !e.afterProvince || e.provinceEnded }); err != nil {
		return err
	}
	if err := e.until(ctx, func() time.Time { return e.dates.Publish.At(9, 0) }); err != nil {
		return err
	}
	return e.step(ctx, PublishEvaluation)
}

// step takes one step of the story that needs nothing but the cycle.
func (e *evaluation) step(ctx workflow.Context, step Step[EvaluationStep, Empty]) error {
	return e.take(ctx, step.name, func(ctx workflow.Context) error {
		_, err := step.run(ctx, EvaluationStep{Act: e.own(ctx, step.name)})
		e.courier.call()
		return err
	})
}

// openWindow lets ballots in from the first moment of the day (E8(3)).
func (e *evaluation) openWindow(ctx workflow.Context) error {
	if err := e.enter(ctx, phasePublished); err != nil {
		return err
	}
	if err := e.until(ctx, func() time.Time { return e.dates.Open.Start() }); err != nil {
		return err
	}
	if err := e.step(ctx, OpenWindow); err != nil {
		return err
	}
	return e.enter(ctx, phaseWindow)
}

// invite sends each representative his link at 09:00 of the first day (E9).
func (e *evaluation) invite(ctx workflow.Context) error {
	if err := e.until(ctx, func() time.Time { return e.dates.Open.At(9, 0) }); err != nil {
		return err
	}
	return e.step(ctx, InviteRepresentatives)
}

// closeWindow ends the evaluation with its last day, and seals the ballots.
func (e *evaluation) closeWindow(ctx workflow.Context) error {
	if err := e.until(ctx, func() time.Time { return e.dates.Close.End() }); err != nil {
		return err
	}
	if err := e.step(ctx, CloseWindow); err != nil {
		return err
	}
	return e.step(alive(ctx, sealingTimeout), SealBallots)
}

// decideResults tallies and proposes until a proposal is approved and released (E8(4)).
func (e *evaluation) decideResults(ctx workflow.Context) error {
	for {
		if err := e.tally(ctx); err != nil {
			return err
		}
		if err := workflow.Await(ctx, func() bool { return e.decision != "" }); err != nil {
			return err
		}
		if e.decision != DecisionApproved {
			continue
		}
		released, err := e.release(ctx)
		if err != nil || released {
			return err
		}
	}
}

// tally counts the ballots, and lets the administrator look for cheating before he proposes (E8(4), E10).
func (e *evaluation) tally(ctx workflow.Context) error {
	e.decision = ""
	if err := e.step(ctx, MakeTally); err != nil {
		return err
	}
	return e.enter(ctx, phaseTally)
}

// release writes to each unit what its result is, and proposes what follows from a dissatisfied one (E8(5), E10). It
// answers false if the tally is no longer the approved one: then the approval is void and a new proposal follows.
func (e *evaluation) release(ctx workflow.Context) (bool, error) {
	if err := e.enter(ctx, "release"); err != nil {
		return false, err
	}
	released := false
	err := e.take(ctx, ReleaseEvaluation.name, func(ctx workflow.Context) error {
		result, err := ReleaseEvaluation.run(ctx, ReleaseInput{Act: e.own(ctx, "release"), Number: e.proposals})
		if err != nil {
			return err
		}
		released, e.consequences = result.Released, result.Open
		e.courier.call()
		return nil
	})
	return released, err
}

// conclude waits until a person has decided about publishing and about every consequence, and closes the cycle. Nobody is
// reminded any more.
func (e *evaluation) conclude(ctx workflow.Context) error {
	e.stopReminding()
	if err := e.enter(ctx, phaseConsequences); err != nil {
		return err
	}
	for e.phase != phaseClosed {
		if err := workflow.Await(ctx, e.quiet); err != nil {
			return err
		}
		if err := e.close(ctx); err != nil {
			return err
		}
	}
	return nil
}

// quiet tells whether nothing waits for a person and no mail is under way.
func (e *evaluation) quiet() bool {
	return e.published && e.consequences == 0 && !e.sweeping && e.courier.idle()
}

// close ends the cycle when every mail is sent or refused. Nothing is written after it.
func (e *evaluation) close(ctx workflow.Context) error {
	return e.take(ctx, CloseCycle.name, func(ctx workflow.Context) error {
		if !e.quiet() {
			return nil // somebody acted while this step waited for its turn
		}
		e.closing = true
		result, err := CloseCycle.run(ctx, CloseInput{Act: e.own(ctx, "close")})
		e.closing = result.Closed
		if err != nil {
			return err
		}
		if !result.Closed {
			e.courier.call()
			return nil
		}
		return e.enter(ctx, phaseClosed)
	})
}
