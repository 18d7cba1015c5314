package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// Person is who acts; office has checked that he may.
type Person struct {
	Login string `json:"login"`
}

// Who is the login of who acts.
func (p Person) Who() string { return p.Login }

// Act is what every write that answers a person's act carries: the act's own id makes it one act however often it
// is sent.
type Act struct {
	Cycle CycleRef  `json:"cycle"`
	ID    string    `json:"id"`
	By    string    `json:"by"`
	At    time.Time `json:"at"`
}

// Empty is an answer that says nothing but that it was done.
type Empty struct{}

// Ending is what a child tells the cycle when it ends.
type Ending struct {
	// MailsLeft tells that not all mails were on their way yet: the cycle's courier takes over.
	MailsLeft bool `json:"mails_left,omitempty"`
}

// refuse is an answer of a validator: the act comes at the wrong time, and the text says what would be right.
func refuse(text string) error {
	return temporal.NewNonRetryableApplicationError(text, ErrorRefused, nil)
}

// process is what every workflow of a cycle has: who it is, its clock, one lock under which its steps are taken, and
// its courier.
type process struct {
	cycle   CycleRef
	clock   clock
	lock    workflow.Mutex
	courier courier
	steps   int
	// farewell has begun when the mails of a cancelled cycle are in other hands.
	farewell workflow.Future
	// stuck are the own steps that wait for the administrator, each with an open task.
	stuck []string
}

func newProcess(ctx workflow.Context, cycle CycleRef, clock clock) *process {
	return &process{cycle: cycle, clock: clock, lock: workflow.NewMutex(ctx)}
}

// act fills in what the update that is being handled says of itself.
func (p *process) act(ctx workflow.Context, by Person) Act {
	return Act{Cycle: p.cycle, ID: workflow.GetCurrentUpdateInfo(ctx).ID, By: by.Login, At: p.clock.now(ctx)}
}

// own is an act of the process itself: the n-th step of this run.
func (p *process) own(ctx workflow.Context, step string) Act {
	p.steps++
	execution := workflow.GetInfo(ctx).WorkflowExecution
	return Act{Cycle: p.cycle, ID: fmt.Sprintf("%s/%s/%d/%s", execution.ID, execution.RunID, p.steps, step), At: p.clock.now(ctx)}
}

// take takes one step of the process itself, apart from people's acts. While the step is stuck the lock is free.
func (p *process) take(ctx workflow.Context, step string, do func(workflow.Context) error) error {
	return p.persevere(ctx, step, func(ctx workflow.Context) error {
		if err := p.lock.Lock(ctx); err != nil {
			return err
		}
		defer p.lock.Unlock()
		return do(ctx)
	})
}

// listen registers an act: check refuses at once what comes at the wrong time; do makes it, one act at a time. What
// had to wait for its turn is checked once more.
func listen[In, Out any](ctx workflow.Context, p *process, name string, check func(In) error, do func(workflow.Context, In) (Out, error)) error {
	return listenBeside(ctx, p, name, check, func(ctx workflow.Context, in In) (Out, error) {
		var none Out
		if err := p.lock.Lock(ctx); err != nil {
			return none, err
		}
		defer p.lock.Unlock()
		if err := check(in); err != nil {
			return none, err
		}
		return do(ctx, in)
	})
}

// listenBeside registers an act that waits for no other and for no step.
func listenBeside[In, Out any](ctx workflow.Context, p *process, name string, check func(In) error, do func(workflow.Context, In) (Out, error)) error {
	return workflow.SetUpdateHandlerWithOptions(ctx, name, func(ctx workflow.Context, in In) (Out, error) {
		return do(withOptions(ctx, p.clock), in)
	}, workflow.UpdateHandlerOptions{Validator: func(in In) error { return check(in) }})
}

// follow has the process take a date that was moved for all from the database, each time it is told of one.
func (p *process) follow(ctx workflow.Context, step string, do func(workflow.Context) error) {
	moves := workflow.GetSignalChannel(ctx, SignalDeadline)
	workflow.Go(ctx, func(ctx workflow.Context) {
		for moves.Receive(ctx, nil) {
			if err := p.take(ctx, step, do); err != nil {
				workflow.GetLogger(ctx).Warn("a moved date was not taken", "error", err)
			}
		}
	})
}

// within waits for something to happen, at most so long, and tells whether it did. Its timer does not outlive it, as
// that of Temporal's own AwaitWithTimeout does, to wake the workflow for nothing.
func within(ctx workflow.Context, wait time.Duration, happened func() bool) (bool, error) {
	if happened() {
		return true, nil
	}
	ctx, stop := workflow.WithCancel(ctx)
	defer stop()
	_, err := workflow.AwaitWithTimeout(ctx, wait, happened)
	return happened(), err
}

// end lets every act that was accepted get its answer before the workflow ends, however it ends.
func (p *process) end(ctx workflow.Context, err error) error {
	ctx, _ = workflow.NewDisconnectedContext(ctx)
	if waited := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }); waited != nil {
		return waited
	}
	return err
}

// How long, in real time, a child that is done waits for its last mails, so that the cycle's courier need not look
// after them. A mail server that is down holds nothing up.
const (
	courierPatience   = 10 * time.Second
	rehearsalPatience = 2 * time.Second
)

// finish ends a child.
func (p *process) finish(ctx workflow.Context, err error) (Ending, error) {
	patience := courierPatience
	if p.clock.rehearsal() {
		patience = rehearsalPatience
	}
	if err == nil {
		_, err = within(ctx, patience, p.courier.idle)
	}
	return Ending{MailsLeft: !p.courier.idle()}, p.end(ctx, err)
}
