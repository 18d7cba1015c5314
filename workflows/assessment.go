package workflows

import (
	"fmt"
	"slices"
	"time"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/workflow"

	"github.com/kaoping/kaoping/calendar"
)

// wave is how many units' assessments are started at once (Temporal advises at most 500 children in flight).
const wave = 200

// AssessmentCycleInput starts a year, and continues it as new.
type AssessmentCycleInput struct {
	Cycle CycleRef `json:"cycle"`
	// By is who started the year.
	By string `json:"by"`
	// Pace is the real time of one day of a rehearsal; 0 is the real year.
	Pace time.Duration `json:"pace,omitempty"`
	// Carried is set when the cycle continues as new for its rectifications.
	Carried *CarriedCycle `json:"carried,omitempty"`
}

// CarriedCycle is all that a cycle takes along when it continues as new.
type CarriedCycle struct {
	Claim        ClaimResult `json:"claim"`
	Proposals    int         `json:"proposals"`
	Swept        time.Time   `json:"swept"`
	Consequences int         `json:"consequences"`
	Stuck        []string    `json:"stuck,omitempty"`
}

// AssessmentCycle is one authority's assessment year (A8): notices, the units' assessments, approval, release,
// rectification.
func AssessmentCycle(ctx workflow.Context, in AssessmentCycleInput) error {
	cycle := newCycle(ctx, in)
	ctx = withOptions(ctx, cycle.clock)
	cycle.startCourier(ctx)
	cycle.listenMails(ctx)
	cycle.root, cycle.stop = workflow.WithCancel(ctx)
	if err := cycle.listen(ctx); err != nil {
		return err
	}
	err := cycle.end(ctx, cycle.run(cycle.root))
	if cycle.cancelled {
		return cycle.endCancelled(ctx)
	}
	return err
}

// endingPatience is how long, in real time, a cancelled year waits for the end of all beneath it.
const endingPatience = 10 * time.Minute

type cycle struct {
	*reminding
	in AssessmentCycleInput
	// refusal is why the year could not be claimed.
	claimed   bool
	refusal   error
	phase     string
	cancelled bool
	// children are those that can be told of a moved date, by workflow id.
	children map[string]workflow.ChildWorkflowFuture
	// proposals counts those made; the last one's number is its value.
	proposals int
	// rectifying counts the rectifications under way, drafted those not yet ordered.
	rectifying   int
	drafted      int
	consequences int
	// correction is the one that is asked for or under way.
	correction *UnitsResult
	// root is the year's own context: what acts start lives as long as the year, and stop ends it.
	root workflow.Context
	stop workflow.CancelFunc
}

func newCycle(ctx workflow.Context, in AssessmentCycleInput) *cycle {
	process := newProcess(ctx, in.Cycle, clock{calendar.Clock{Pace: in.Pace}})
	cycle := &cycle{
		reminding: &reminding{process: process}, in: in, phase: "start", children: map[string]workflow.ChildWorkflowFuture{},
	}
	if carried := in.Carried; carried != nil {
		cycle.claim, cycle.claimed, cycle.clock = carried.Claim, true, clock{carried.Claim.Clock}
		cycle.proposals, cycle.swept, cycle.consequences = carried.Proposals, carried.Swept, carried.Consequences
		cycle.stuck = carried.Stuck
		cycle.phase = PhaseRectification
		cycle.courier.call()
	}
	return cycle
}

func (c *cycle) run(ctx workflow.Context) error {
	if c.in.Carried == nil {
		if err := c.claimYear(ctx); err != nil {
			return err
		}
	}
	c.startReminding(ctx)
	if c.in.Carried == nil {
		if err := c.assess(ctx); err != nil {
			return err
		}
		if c.rectifying == 0 {
			return c.continueAsNew(ctx)
		}
	}
	return c.rectify(ctx)
}

// assess is Article 8 from the notice to the release of the approved results.
func (c *cycle) assess(ctx workflow.Context) error {
	for _, step := range []func(workflow.Context) error{c.issueNotices, c.assessUnits, c.decideResults} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (c *cycle) enter(ctx workflow.Context, phase string) error {
	c.phase = phase
	return showPhase(ctx, phase, fmt.Sprintf("%s, %d units", phase, len(c.claim.Units)))
}

// claimYear makes the year this workflow's own: the database holds that there is only one. Whoever comes second
// ends here, refused.
func (c *cycle) claimYear(ctx workflow.Context) error {
	claim, err := ClaimCycle.runOnAll(ctx, ClaimInput{Act: Act{
		Cycle: c.cycle, ID: c.own(ctx, "claim").ID, By: c.in.By,
	}, Real: workflow.Now(ctx), Pace: c.in.Pace})
	if err != nil {
		c.refusal = err
		return err
	}
	c.claim, c.clock, c.claimed = claim, clock{claim.Clock}, true
	c.consequences = claim.Consequences
	// Nobody is due before the notice.
	c.swept = c.clock.now(ctx)
	if notice := c.claim.Dates.Notice.Start(); notice.After(c.swept) {
		c.swept = notice
	}
	return nil
}

// issueNotices sends the notice to every unit at 09:00 of its day, by mail and on the unit's task list (A8(4)).
func (c *cycle) issueNotices(ctx workflow.Context) error {
	if err := c.enter(ctx, "notice"); err != nil {
		return err
	}
	if err := workflow.Sleep(ctx, c.clock.wait(ctx, c.claim.Dates.Notice.At(9, 0))); err != nil {
		return err
	}
	return c.take(ctx, IssueNotices.name, func(ctx workflow.Context) error {
		_, err := IssueNotices.runOnAll(ctx, IssueNoticesInput{Act: c.own(ctx, "notices")})
		c.courier.call()
		return err
	})
}

// assessUnits waits until the review of every unit is closed (A8(5), A8(6)).
func (c *cycle) assessUnits(ctx workflow.Context) error {
	if err := c.enter(ctx, "assessment"); err != nil {
		return err
	}
	units := make([]UnitGeneration, len(c.claim.Units))
	for i, unit := range c.claim.Units {
		units[i] = UnitGeneration{Unit: unit, Generation: 1}
	}
	return c.assessEach(ctx, units)
}

// begun is a unit's assessment that runs.
type begun struct {
	unit  UnitGeneration
	child workflow.ChildWorkflowFuture
}

func (b begun) ended() bool { return b.child.IsReady() }

// assessEach waits until every unit's assessment has ended; if the year is cancelled, too. One that was broken off from
// outside is begun again when the administrator says so; the others go on.
func (c *cycle) assessEach(ctx workflow.Context, units []UnitGeneration) error {
	open, err := c.startUnits(ctx, units)
	if err != nil {
		return err
	}
	var failed error
	left := len(open)
	waiting, _ := workflow.NewDisconnectedContext(ctx)
	for left > 0 {
		if err := workflow.Await(waiting, func() bool { return left == 0 || slices.ContainsFunc(open, begun.ended) }); err != nil {
			return err
		}
		open = slices.DeleteFunc(open, func(unit begun) bool {
			if !unit.ended() {
				return false
			}
			workflow.Go(ctx, func(ctx workflow.Context) {
				if err := c.awaitUnit(ctx, unit); err != nil {
					failed = err
				}
				left--
			})
			return true
		})
	}
	return failed
}

func (c *cycle) startUnits(ctx workflow.Context, units []UnitGeneration) ([]begun, error) {
	list := make([]begun, 0, len(units))
	for start := 0; start < len(units); start += wave {
		for _, unit := range units[start:min(start+wave, len(units))] {
			list = append(list, begun{unit, c.startUnit(ctx, unit, false)})
		}
		for _, unit := range list[start:] {
			err := unit.child.GetChildWorkflowExecution().Get(ctx, nil)
			if err != nil && ctx.Err() != nil {
				return nil, err
			} // else one that can't start answers later, as one that has ended
		}
	}
	return list, nil
}

func (c *cycle) awaitUnit(ctx workflow.Context, unit begun) error {
	again := false
	return c.persevere(ctx, "UnitAssessment."+unit.unit.Unit, func(ctx workflow.Context) error {
		if again {
			unit.child = c.startUnit(ctx, unit.unit, true)
		}
		again = true
		var ending Ending
		err := unit.child.Get(ctx, &ending)
		c.courier.takeOver(ending)
		return c.brokenOff(UnitID(c.cycle, unit.unit.Unit, unit.unit.Generation), err)
	})
}

// brokenOff lets the mails leave that a child which was broken off had on the ledger.
func (c *cycle) brokenOff(workflowID string, err error) error {
	if err == nil {
		return nil
	}
	c.courier.call()
	return &brokenOffError{workflowID, err}
}

func (c *cycle) startUnit(ctx workflow.Context, unit UnitGeneration, resumed bool) workflow.ChildWorkflowFuture {
	id := UnitID(c.cycle, unit.Unit, unit.Generation)
	child := workflow.ExecuteChildWorkflow(c.child(ctx, id, PhaseSelfReport, unit.Unit), UnitAssessment, UnitAssessmentInput{
		Cycle: c.cycle, Clock: c.clock.Clock, Unit: unit.Unit, ReportDue: c.claim.Dates.SelfReportDue, Generation: unit.Generation, Resumed: resumed,
	})
	c.children[id] = child
	return child
}

func (c *cycle) child(ctx workflow.Context, id, phase, unit string) workflow.Context {
	return workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID: id, ParentClosePolicy: enums.PARENT_CLOSE_POLICY_REQUEST_CANCEL, WaitForCancellation: true,
		TypedSearchAttributes: Attributes(c.cycle, phase, unit), WorkflowTaskTimeout: TaskTimeout(c.cycle),
	})
}
