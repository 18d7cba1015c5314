package workflows

import (
	"errors"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/kaoping/kaoping/calendar"
)

// SendReminders is the daily sweep of a cycle: it picks who is due now and writes their mails to the ledger.
var SendReminders = Step[SendRemindersInput, SendRemindersResult]{"Reminders.Send", "remind who is due"}

// SendRemindersInput carries the moment that the policies name.
type SendRemindersInput struct {
	Cycle     CycleRef  `json:"cycle"`
	Scheduled time.Time `json:"scheduled"`
	Policies  []string  `json:"policies"`
}

// SendRemindersResult counts the reminders and escalations of one sweep.
type SendRemindersResult struct {
	Queued int `json:"queued"`
}

// RemindByHand queues reminders that a person asked for, outside the policy.
var RemindByHand = Step[RemindInput, RemindResult]{"Reminders.ByHand", "remind by hand"}

// RemindInput names the units to remind; none means everybody who is due.
type RemindInput struct {
	Act   Act      `json:"act"`
	Units []string `json:"units,omitempty"`
}

// RemindResult counts the mails, and names the units that got one today already.
type RemindResult struct {
	Queued   int      `json:"queued"`
	Reminded []string `json:"reminded,omitempty"`
}

// reminding is a process with a daily sweep of its own beside its story.
type reminding struct {
	*process
	// claim is what the cycle is made of: policies and working days, and in an assessment dates and units.
	claim ClaimResult
	// swept is the last moment of the reminder policies that was dealt with.
	swept    time.Time
	sweeping bool
	// closing keeps the sweep away while the cycle is being closed.
	closing bool
	// stopReminding ends the daily sweep.
	stopReminding workflow.CancelFunc
}

// startReminding lets the daily sweep run beside the story: one a cycle, at the moments that the policies name.
func (r *reminding) startReminding(ctx workflow.Context) {
	ctx, r.stopReminding = workflow.WithCancel(ctx)
	workflow.Go(ctx, func(ctx workflow.Context) {
		for ctx.Err() == nil {
			if err := r.remindNext(ctx); err != nil {
				workflow.GetLogger(ctx).Info("the daily sweep has ended", "error", err)
				return
			}
		}
	})
}

// remindNext waits for the next moment and sweeps. A moment that was missed while nothing ran is dealt with if it is
// still that day, else dropped.
func (r *reminding) remindNext(ctx workflow.Context) error {
	moment, policies, err := r.nextMoment(ctx)
	if err != nil {
		return err
	}
	if err := workflow.Sleep(ctx, r.clock.wait(ctx, moment)); err != nil {
		return err
	}
	if err := workflow.Await(ctx, func() bool { return !r.closing }); err != nil {
		return err
	}
	r.swept = moment
	if calendar.DateOf(r.clock.now(ctx)) != calendar.DateOf(moment) {
		return nil
	}
	r.sweeping = true
	defer func() { r.sweeping = false }()
	// What is under way when the sweep is stopped is let finish.
	sweep, _ := workflow.NewDisconnectedContext(ctx)
	return r.sweep(sweep, SendRemindersInput{Cycle: r.cycle, Scheduled: moment, Policies: policies})
}

// sweep reminds who is due at a moment. If that fails for its data the administrator is told, who can remind by hand;
// the next moment is another attempt.
func (r *reminding) sweep(ctx workflow.Context, in SendRemindersInput) error {
	result, err := SendReminders.runOnAll(ctx, in)
	if err != nil {
		return r.openStuck(ctx, SendReminders.name, err)
	}
	if result.Queued > 0 {
		r.courier.call()
	}
	return r.endStuck(ctx, SendReminders.name)
}

// nextMoment finds the next reminder moment on a working day. When it lies in a year that was not published yet, the
// days are read again; that step is tried until somebody has added the year.
func (r *reminding) nextMoment(ctx workflow.Context) (time.Time, []string, error) {
	names := workflow.DeterministicKeys(r.claim.Policies)
	crons := make([]calendar.Cron, len(names))
	for i, name := range names {
		crons[i] = r.claim.Policies[name].Cron
	}
	for {
		moment, firing, err := calendar.NextMoment(r.claim.Days, crons, r.swept)
		if err == nil {
			policies := make([]string, len(firing))
			for i, index := range firing {
				policies[i] = names[index]
			}
			return moment, policies, nil
		}
		var unpublished *calendar.UnpublishedError
		if !errors.As(err, &unpublished) {
			return time.Time{}, nil, err // no expression ever fires
		}
		if err := r.readDays(ctx, unpublished.Year); err != nil {
			return time.Time{}, nil, err
		}
	}
}

// readDays asks for the days after the last moment of the year before the one that is missing.
func (r *reminding) readDays(ctx workflow.Context, year int) error {
	eve := calendar.Date{Year: year, Month: time.January, Day: 1}.Start().Add(-time.Second)
	return r.persevere(ctx, ReadDays.name, func(ctx workflow.Context) error {
		days, err := ReadDays.run(ctx, ReadDaysInput{Cycle: r.cycle, After: eve})
		if err == nil {
			r.claim.Days = days.Days
		}
		return err
	})
}
