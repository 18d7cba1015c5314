package workflows

import (
	"fmt"

	"go.temporal.io/sdk/workflow"

	"github.com/kaoping/kaoping/calendar"
)

// Acts on one unit's rectification.
const (
	UpdateFileMeasures        = "file-measures"
	UpdateReportRectification = "report-rectification"
	UpdateSendBack            = "send-back"
	UpdateAccept              = "accept"
	UpdateDecideConsequence   = "decide-consequence"
)

// Steps of a rectification.
var (
	FileMeasures         = Step[RectificationAct, RectificationResult]{"Rectifications.FileMeasures", "file the measures"}
	ReportRectification  = Step[RectificationAct, RectificationResult]{"Rectifications.Report", "report the rectification"}
	SendBack             = Step[RectificationAct, RectificationResult]{"Rectifications.SendBack", "send the rectification back"}
	AcceptRectification  = Step[RectificationAct, RectificationResult]{"Rectifications.Accept", "accept the rectification"}
	RectificationOverdue = Step[RectificationAct, RectificationResult]{"Rectifications.Overdue", "propose a consequence"}
	DecideConsequence    = Step[DecideInput, DecideResult]{"Consequences.Decide", "decide a consequence"}
	ReadRectification    = Step[RectificationAct, RectificationStanding]{"Rectifications.Standing", "read where the rectification stands"}
)

// RectificationRequest is a person's act on the rectification; texts are kept under the act's id.
type RectificationRequest struct {
	Person
	// Due is the new limit of one that is sent back.
	Due calendar.Date `json:"due"`
}

// RectificationAct is one step on one rectification.
type RectificationAct struct {
	Act    Act           `json:"act"`
	Unit   string        `json:"unit"`
	Number int           `json:"number"`
	Due    calendar.Date `json:"due"`
}

// RectificationResult says where the rectification stands: which consequence was proposed, if any.
type RectificationResult struct {
	Proposed int `json:"proposed,omitempty"`
	// Overdue is false when the limit passed while the authority has the unit's report before it.
	Overdue bool `json:"overdue,omitempty"`
}

// DecideRequest decides a proposed consequence: impose it, or waive it; the reason is kept under the act's id.
type DecideRequest struct {
	Person
	Number int  `json:"number"`
	Impose bool `json:"impose"`
	// Due is the new limit: interview and criticism each order rectification anew (A14).
	Due calendar.Date `json:"due"`
}

// DecideInput decides one consequence.
type DecideInput struct {
	Act    Act           `json:"act"`
	Number int           `json:"number"`
	Impose bool          `json:"impose"`
	Due    calendar.Date `json:"due"`
}

// DecideResult names the rectification that a decision about a violation orders.
type DecideResult struct {
	Unit          string `json:"unit"`
	Rectification int    `json:"rectification,omitempty"`
	// GoesOn tells that the limit of the rectification in question is still ahead: waiving a consequence doesn't end it.
	GoesOn bool `json:"goes_on,omitempty"`
	// Open counts what follows from violations and waits for a decision.
	Open int `json:"open,omitempty"`
}

// RectificationInput starts the follow-up of one order.
type RectificationInput struct {
	Cycle  CycleRef       `json:"cycle"`
	Clock  calendar.Clock `json:"clock"`
	Unit   string         `json:"unit"`
	Number int            `json:"number"`
	Due    calendar.Date  `json:"due"`
	// Resumed tells that a follow-up before this one was broken off: it begins where that stood.
	Resumed bool `json:"resumed,omitempty"`
}

// RectificationStanding is where the rectification stands in the database.
type RectificationStanding struct {
	Due      calendar.Date `json:"due"`
	Reported bool          `json:"reported,omitempty"`
	Done     bool          `json:"done,omitempty"`
	// Consequences are those proposed and not decided.
	Consequences int `json:"consequences,omitempty"`
}

// Rectification follows one order from its time limit to acceptance, or to the decision about what follows when it
// is not met (A13, A14).
func Rectification(ctx workflow.Context, in RectificationInput) (Ending, error) {
	rectification := &rectification{process: newProcess(ctx, in.Cycle, clock{in.Clock}), in: in, due: in.Due, watching: true}
	ctx = withOptions(ctx, rectification.clock)
	if err := rectification.listen(ctx); err != nil {
		return Ending{}, err
	}
	return rectification.finish(ctx, rectification.run(ctx))
}

type rectification struct {
	*process
	in  RectificationInput
	due calendar.Date
	// watching is false once the limit has passed: what follows is a person's decision.
	watching bool
	reported bool
	done     bool
	// consequences counts those proposed and not decided.
	consequences int
}

func (r *rectification) run(ctx workflow.Context) error {
	if r.in.Resumed {
		if err := r.take(ctx, ReadRectification.name, r.resume); err != nil {
			return err
		}
	}
	for !r.over() {
		if err := r.awaitLimit(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (r *rectification) standing(ctx workflow.Context) (RectificationStanding, error) {
	return ReadRectification.write(ctx, RectificationAct{Act: r.own(ctx, "standing"), Unit: r.in.Unit, Number: r.in.Number})
}

// resume goes on where a follow-up that was broken off stood. Whether its limit had passed it finds out again.
func (r *rectification) resume(ctx workflow.Context) error {
	now, err := r.standing(ctx)
	if err == nil {
		r.due, r.reported, r.done, r.consequences = now.Due, now.Reported, now.Done, now.Consequences
	}
	return err
}

// followLimit takes a limit that was moved for all from the database: this one may have got another meanwhile.
func (r *rectification) followLimit(ctx workflow.Context) error {
	now, err := r.standing(ctx)
	if err == nil && now.Due != r.due {
		r.moveLimit(now.Due)
	}
	return err
}

func (r *rectification) over() bool { return r.done && r.consequences == 0 }

// running tells whether the limit binds the unit: it has not passed, and the unit has not reported.
func (r *rectification) running() bool { return r.watching && !r.reported && !r.done }

// awaitLimit waits until the rectification is over, its limit is moved, or its limit has passed.
func (r *rectification) awaitLimit(ctx workflow.Context) error {
	due := r.due
	workflow.SetCurrentDetails(ctx, fmt.Sprintf("rectification due %s", due))
	if !r.running() {
		return workflow.Await(ctx, func() bool { return r.over() || r.running() })
	}
	stopped := func() bool { return !r.running() || r.due != due }
	acted, err := within(ctx, r.clock.wait(ctx, due.End()), stopped)
	if err != nil || acted {
		return err
	}
	return r.take(ctx, RectificationOverdue.name, func(ctx workflow.Context) error {
		if stopped() {
			return nil // somebody acted while this step waited for its turn
		}
		return r.overdue(ctx)
	})
}

// overdue proposes a consequence, unless the authority has the unit's report before it.
func (r *rectification) overdue(ctx workflow.Context) error {
	result, err := RectificationOverdue.run(ctx, RectificationAct{Act: r.own(ctx, "overdue"), Unit: r.in.Unit, Number: r.in.Number})
	if err == nil {
		r.watching, r.reported = false, !result.Overdue
		r.proposed(result)
	}
	return err
}

func (r *rectification) proposed(result RectificationResult) {
	if result.Proposed > 0 {
		r.consequences++
	}
}

func (r *rectification) listen(ctx workflow.Context) error {
	for _, err := range []error{
		listen(ctx, r.process, UpdateFileMeasures, r.waitsForUnit, r.fileMeasures),
		listen(ctx, r.process, UpdateReportRectification, r.waitsForUnit, r.report),
		listen(ctx, r.process, UpdateSendBack, r.waitsForAuthority, r.sendBack),
		listen(ctx, r.process, UpdateAccept, r.waitsForAuthority, r.accept),
		listen(ctx, r.process, UpdateExtend, r.mayExtend, r.extend),
		listen(ctx, r.process, UpdateDecideConsequence, r.mayDecide, r.decide),
		r.listenRetry(ctx),
	} {
		if err != nil {
			return err
		}
	}
	r.startCourier(ctx)
	r.follow(ctx, ReadRectification.name, r.followLimit)
	return nil
}

func (r *rectification) moveLimit(to calendar.Date) { r.due, r.watching = to, true }

func (r *rectification) waitsForUnit(RectificationRequest) error {
	switch {
	case r.done:
		return refuse("the rectification is concluded")
	case r.reported:
		return refuse("the rectification is reported: the authority has it now (A13)")
	}
	return nil
}

func (r *rectification) waitsForAuthority(RectificationRequest) error {
	switch {
	case r.done:
		return refuse("the rectification is concluded")
	case !r.reported:
		return refuse("the unit has not reported its rectification yet (A13)")
	}
	return nil
}

func (r *rectification) step(ctx workflow.Context, in RectificationRequest) RectificationAct {
	return RectificationAct{Act: r.act(ctx, in.Person), Unit: r.in.Unit, Number: r.in.Number, Due: in.Due}
}

func (r *rectification) fileMeasures(ctx workflow.Context, in RectificationRequest) (RectificationResult, error) {
	return FileMeasures.write(ctx, r.step(ctx, in))
}

func (r *rectification) report(ctx workflow.Context, in RectificationRequest) (RectificationResult, error) {
	result, err := ReportRectification.run(ctx, r.step(ctx, in))
	r.reported = r.reported || err == nil
	return result, err
}

func (r *rectification) sendBack(ctx workflow.Context, in RectificationRequest) (RectificationResult, error) {
	result, err := SendBack.run(ctx, r.step(ctx, in))
	if err == nil {
		r.reported = false
		r.moveLimit(in.Due)
		r.proposed(result)
		r.courier.call()
	}
	return result, err
}

func (r *rectification) accept(ctx workflow.Context, in RectificationRequest) (RectificationResult, error) {
	result, err := AcceptRectification.run(ctx, r.step(ctx, in))
	r.done = r.done || err == nil
	return result, err
}

func (r *rectification) mayExtend(in ExtendRequest) error {
	if r.done || r.reported {
		return refuse("there is no limit to extend: the rectification is reported or concluded")
	}
	if in.Phase != PhaseRectification {
		return refuse("the unit's review is closed: only its rectification can be extended")
	}
	return nil
}

func (r *rectification) extend(ctx workflow.Context, in ExtendRequest) (ExtendUnitResult, error) {
	result, err := ExtendUnit.run(ctx, ExtendUnitInput{
		Act: r.act(ctx, in.Person), Unit: r.in.Unit, Phase: in.Phase, To: in.To, Rectification: r.in.Number,
	})
	if err == nil {
		r.moveLimit(in.To)
		r.courier.call()
	}
	return result, err
}

func (r *rectification) mayDecide(DecideRequest) error {
	if r.consequences == 0 {
		return refuse("no consequence of this rectification waits for a decision (A14)")
	}
	return nil
}

// decide carries out a decision: a new limit goes on with the rectification; none ends it, unless its own is ahead.
func (r *rectification) decide(ctx workflow.Context, in DecideRequest) (DecideResult, error) {
	result, err := DecideConsequence.run(ctx, DecideInput{Act: r.act(ctx, in.Person), Number: in.Number, Impose: in.Impose, Due: in.Due})
	if err != nil {
		return result, err
	}
	r.consequences--
	r.courier.call()
	switch {
	case r.done || r.reported:
	case !in.Due.IsZero():
		r.moveLimit(in.Due)
	case !result.GoesOn:
		r.done = true
	}
	return result, nil
}
