package integration

import (
	"context"
	"slices"
	"testing"
	"time"

	workflowservice "go.temporal.io/api/workflowservice/v1"
	"golang.org/x/sync/errgroup"

	"github.com/kaoping/kaoping/internal/rehearsal"
)

// A year that was started wrongly is cancelled while units report: each is told once, nothing else happens any more,
// and no workflow stays behind.
func TestCancelledYear(t *testing.T) {
	t.Parallel()
	set := generated(t, fiveUnits)
	s := newStack(t, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	year := s.begin(ctx, t, set, rehearsal.NewScript(set.Plan), faultPace)
	var cancelling errgroup.Group
	cancelling.Go(func() error { return year.cancelMidway(ctx) })
	cast, err := rehearsal.NewCast(ctx, s.office, year.cycle, year.script, nil, s.logger)
	must(t, err)
	must(t, cast.Play(ctx))
	must(t, cancelling.Wait())
	must(t, year.until(ctx, "SELECT count(*) = 0 FROM mails WHERE state IN ('queued', 'sending')"))
	s.awaitNoWorkflow(ctx, t)
	must(t, s.office.Store.CheckJournal(ctx, year.cycle.CycleID))
	journal := year.journal(ctx, t)
	at := slices.IndexFunc(journal.lines, func(l line) bool { return l.Event == "cycle_cancelled" })
	told := map[string]int{}
	for _, l := range journal.lines[at+1:] {
		switch {
		case l.is("mail_sent", "cycle_cancelled"):
			told[l.Unit]++
		case l.Event != "mail_queued" && l.Event != "mail_sent" && l.Event != "task_done":
			t.Errorf("after the cancellation: %s", l)
		}
	}
	for _, unit := range set.Plan.Units {
		if told[unit.Code] != 1 {
			t.Errorf("%s is told %d times that the year is cancelled", unit.Code, told[unit.Code])
		}
	}
	if *recordFlag {
		s.record(ctx, t, "cancelled")
	}
}

// cancelMidway cancels the year when the first reports are in.
func (p *production) cancelMidway(ctx context.Context) error {
	desk, err := p.office.AdminDesk(ctx, p.cycle)
	if err != nil {
		return err
	}
	if err := p.until(ctx, "SELECT count(*) > 1 FROM reports WHERE state = 'submitted'"); err != nil {
		return err
	}
	return desk.Cancel(ctx, "cancel", "考核方案有误")
}

// awaitNoWorkflow waits until every workflow has ended.
func (s *stack) awaitNoWorkflow(ctx context.Context, t *testing.T) {
	t.Helper()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		answer, err := s.office.Temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{Query: "ExecutionStatus = 'Running'"})
		must(t, err)
		if len(answer.GetExecutions()) == 0 {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("still running: %v", answer.GetExecutions())
		case <-ticker.C:
		}
	}
}
