package integration

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/kaoping/kaoping/internal/devstack"
	"github.com/kaoping/kaoping/internal/integration/dataset"
	"github.com/kaoping/kaoping/internal/rehearsal"
)

// fiveUnits is what is played under faults: five units, about thirty days, and every situation that fits.
var fiveUnits = dataset.Options{
	Units: 5, Year: 2025, Dates: [5]string{"2025-11-24", "2025-12-01", "2025-12-08", "2025-12-12", "2025-12-22"},
	Crons: dataset.Daily("0 9 * * *"), Before: 2, After: 1, ReturnWorkingDays: 3,
}

// seedFlag repeats the random moments of an earlier run, which printed its seed.
var seedFlag = flag.Uint64("seed", 0, "seed of the moments at which workers are killed; 0 is another one each time")

const faultPace = 400 * time.Millisecond

// fault disturbs a year that is being played. It returns when it has done all that it came for.
type fault struct {
	name    string
	between []between
	disturb func(context.Context, *production) error
}

// Whatever fails on the way, the year comes to the same points, ranks and book; no line of the journal is lost or
// doubled, and no mail goes out under two Message-IDs.
func TestFaults(t *testing.T) {
	t.Parallel()
	want := playFive(t, fault{name: "none"}, nil)
	for _, fault := range []fault{killedWorkers(), restartedPostgres(), restartedTemporal(), troubledMail(), lostAnswers(), silentDatabase()} {
		t.Run(fault.name, func(t *testing.T) {
			t.Parallel()
			got := playFive(t, fault, &want)
			got.equals(t, want)
		})
	}
}

// playFive plays the small year under a fault.
func playFive(t *testing.T, fault fault, want *ending) ending {
	t.Helper()
	set := generated(t, fiveUnits)
	script := rehearsal.NewScript(set.Plan)
	script.Extended = dataset.Code(2)
	s := newStack(t, nil, fault.between...)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	began := time.Now()
	year := s.begin(ctx, t, set, script, faultPace)
	var disturbing errgroup.Group
	if want != nil {
		year.lines = want.lines
		disturbing.Go(func() error { return fault.disturb(ctx, year) })
	}
	year.play(ctx, t)
	if err := disturbing.Wait(); err != nil {
		t.Errorf("the fault did not happen as it should: %v", err)
	}
	t.Logf("played in %s", time.Since(began))
	ending, j := year.end(ctx, t)
	year.matchInbox(t, j)
	return ending
}

// byLateness are the events that an outage can add or take away: it makes people late, and who is late is reminded,
// has his sheets opened once more, or is called to account. The rules of the journal hold all the same.
var byLateness = []string{
	"report_submitted", "report_returned", "deadline_extended", "sheet_submitted", "proposal_made", "proposal_voided",
	"proposal_returned", "measures_filed", "rectification_reported", "rectification_sent_back", "rectification_accepted",
	"consequence_proposed", "consequence_decided",
}

// equals wants the same book, and as many lines of each event that lateness does not touch.
func (e ending) equals(t *testing.T, want ending) {
	t.Helper()
	if e.digest != want.digest || e.results != want.results || e.book != want.book {
		t.Errorf("the book differs from that of an undisturbed year:\n%s\n%s", e.book, want.book)
	}
	if !maps.Equal(e.story, want.story) {
		t.Errorf("the journal tells another story:\n%v\n%v", e.story, want.story)
	}
}

// reach waits until the journal has come to a share, in hundredths, of an undisturbed year's length, or the year is
// over: one in which fewer were reminded is a little shorter.
func (p *production) reach(ctx context.Context, share int) error {
	return p.until(ctx, fmt.Sprintf("SELECT journal_seq >= %d OR state = 'closed' FROM cycles WHERE cycle_id = %d", p.lines*share/100, p.cycle.CycleID))
}

// until waits until the database says yes. A database that is away says nothing.
func (p *production) until(ctx context.Context, question string) error {
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for {
		var yes bool
		if err := p.admin.QueryRowContext(ctx, question).Scan(&yes); err == nil && yes {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the year never came to this: %s: %w", question, ctx.Err())
		case <-ticker.C:
		}
	}
}

// killedWorkers kills the worker at ten random moments.
func killedWorkers() fault {
	seed := cmp.Or(*seedFlag, rand.Uint64())
	random := rand.New(rand.NewPCG(seed, 0))
	var moments []int
	for range 10 {
		moments = append(moments, 12+random.IntN(86)) // before, there are only adjustments, which need no worker
	}
	slices.Sort(moments)
	return fault{name: "worker killed", disturb: func(ctx context.Context, p *production) error {
		p.logger.Warn("the worker is killed ten times", "seed", seed, "moments", moments)
		for _, moment := range moments {
			if err := p.reach(ctx, moment); err != nil {
				return err
			}
			if err := errors.Join(p.worker.kill(), p.replaceWorker(ctx)); err != nil {
				return err
			}
		}
		return nil
	}}
}

func restartedPostgres() fault {
	return fault{name: "PostgreSQL restarted", disturb: func(ctx context.Context, p *production) error {
		for _, moment := range []int{20, 60} {
			if err := p.reach(ctx, moment); err != nil {
				return err
			}
			if err := p.Postgres.Restart(ctx, devstack.Immediate); err != nil {
				return err
			}
		}
		return nil
	}}
}

func restartedTemporal() fault {
	return fault{name: "Temporal restarted", disturb: func(ctx context.Context, p *production) error {
		if err := p.reach(ctx, 30); err != nil {
			return err
		}
		if err := p.Temporal.Restart(ctx); err != nil {
			return err
		}
		if err := p.reach(ctx, 70); err != nil {
			return err
		}
		return errors.Join(p.Temporal.Kill(), p.Temporal.Start(ctx))
	}}
}

// troubledMail closes the inbox for a while, then it drops connections, is busy, and takes mails without saying so.
func troubledMail() fault {
	return fault{name: "mail troubled", disturb: func(ctx context.Context, p *production) error {
		if err := p.Inbox.Stop(); err != nil {
			return err
		}
		tried := fmt.Sprintf("SELECT count(*) >= 3 FROM mails WHERE cycle_id = %d AND attempts >= 2", p.cycle.CycleID)
		if err := errors.Join(p.until(ctx, tried), p.Inbox.Start()); err != nil {
			return err
		}
		for _, trouble := range []struct {
			share  int
			stage  devstack.Stage
			answer devstack.Answer
		}{
			{15, devstack.AtData, devstack.Answer{Drop: true}},
			{35, devstack.AtRecipient, devstack.Answer{Code: 451, Text: "try again later"}},
			{50, devstack.AtSender, devstack.Answer{Code: 421, Text: "closing"}},
			{65, devstack.AtStored, devstack.Answer{Drop: true}},
		} {
			if err := errors.Join(p.reach(ctx, trouble.share), p.trouble(ctx, trouble.stage, trouble.answer)); err != nil {
				return err
			}
		}
		return nil
	}}
}

// trouble makes the inbox misbehave until it has done so several times.
func (p *production) trouble(ctx context.Context, stage devstack.Stage, answer devstack.Answer) error {
	defer p.Inbox.Behave(nil)
	met := make(chan struct{}, 100)
	p.Inbox.Behave(func(moment devstack.Moment) devstack.Answer {
		if moment.Stage != stage {
			return devstack.Answer{}
		}
		select {
		case met <- struct{}{}:
		default: // enough
		}
		return answer
	})
	for range 4 {
		select {
		case <-met:
		case <-ctx.Done():
			return fmt.Errorf("no mail came to stage %d: %w", stage, ctx.Err())
		}
	}
	return nil
}

// lostAnswers cuts connections after the server did an INSERT or a COMMIT, before anybody hears of it.
func lostAnswers() fault {
	var proxied *proxy
	return fault{name: "answers lost", between: []between{throughProxy(&proxied)}, disturb: func(ctx context.Context, p *production) error {
		proxied.cut("INSERT", 37)
		proxied.cut("COMMIT", 23)
		if err := p.reach(ctx, 90); err != nil {
			return err
		}
		inserts, commits := proxied.cut("INSERT", 0), proxied.cut("COMMIT", 0)
		p.logger.Warn("answers were cut off", "INSERT", inserts, "COMMIT", commits)
		if inserts < 5 || commits < 5 {
			return fmt.Errorf("only %d answers to INSERT and %d to COMMIT were cut", inserts, commits)
		}
		return nil
	}}
}

// silentDatabase accepts for some seconds and does not answer.
func silentDatabase() fault {
	var proxied *proxy
	return fault{name: "database silent", between: []between{throughProxy(&proxied)}, disturb: func(ctx context.Context, p *production) error {
		for _, moment := range []int{25, 65} {
			if err := p.reach(ctx, moment); err != nil {
				return err
			}
			goOn := proxied.stop()
			select {
			case <-ctx.Done():
			case <-time.After(4 * time.Second):
			}
			goOn()
		}
		return ctx.Err()
	}}
}
