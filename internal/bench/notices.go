package main

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"go.temporal.io/sdk/client"

	"github.com/kaoping/kaoping/documents"
	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

const (
	manyUnits = 500
	// noticePace is that of the rehearsal. Its clock starts 25 hours before the notices leave: a second, of which nothing
	// is taken off. The first deadline is minutes away.
	noticePace = time.Second
	// glance is how often the ledger is looked at.
	glance = 10 * time.Millisecond
)

// notices is how long the start of a cycle takes until the last notice is on the ledger as sent (A8(4)), against a bare
// fan-out of as many children with three activities each that do nothing. What else a start sets going (every unit's
// assessment, the daily sweep) goes on meanwhile.
func (b *bench) notices(ctx context.Context) ([]figure, error) {
	var taken []pair
	err := b.onStage(ctx, func(s *stage) error {
		set, err := b.dataSet(manyUnits, s.rules)
		if err != nil {
			return err
		}
		set.Plan.Scheme.Dates = rules.Dates{
			Notice: "2025-11-25", SelfReportDue: "2026-08-28", ReviewDue: "2026-09-30", ApprovalDue: "2026-10-30", RectificationDue: "2026-11-30",
		}
		for round := range pairs {
			var next pair
			if next.ours, err = s.startCycle(ctx, set); err != nil {
				return err
			}
			if next.reference, err = s.fanOut(ctx); err != nil {
				return err
			}
			b.tell("notices, round %d of %d: %s against %s", round+1, pairs, seconds(next.ours), seconds(next.reference))
			taken = append(taken, next)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	ours, reference, ratio := medians(taken)
	return []figure{{
		name: fmt.Sprintf("notices to %d units sent", manyUnits), ours: seconds(ours),
		reference: seconds(reference) + " bare fan-out", ratio: ratio, bound: 1,
	}}, nil
}

// startCycle starts a year, and cancels it when its notices are out.
func (s *stage) startCycle(ctx context.Context, set documents.DataSet) (time.Duration, error) {
	cycle, err := s.office.ImportRehearsal(ctx, set, noticePace)
	if err != nil {
		return 0, err
	}
	desk, err := s.office.AdminDesk(ctx, cycle)
	if err != nil {
		return 0, err
	}
	began := time.Now()
	if err := desk.Start(ctx, began); err != nil {
		return 0, err
	}
	if err := s.awaitNotices(ctx, cycle); err != nil {
		return 0, err
	}
	took := time.Since(began)
	if err := desk.Cancel(ctx, uuid.NewString(), "measured"); err != nil && store.KindOf(err) != store.Unavailable {
		return 0, fmt.Errorf("couldn't cancel the measured year: %w", err)
	}
	return took, s.office.Temporal.GetWorkflow(ctx, workflows.AssessmentID(office.Reference(cycle)), "").Get(ctx, nil)
}

// awaitNotices returns when every unit's notice is sent.
func (s *stage) awaitNotices(ctx context.Context, cycle query.Cycle) error {
	ticker := time.NewTicker(glance)
	defer ticker.Stop()
	for {
		rows, err := s.office.Store.MailStateCount(ctx, query.MailStateCountParams{CycleID: cycle.CycleID})
		if err != nil {
			return err
		}
		for _, row := range rows {
			if row.Kind == "notice" && row.State == "sent" && row.Mails == manyUnits {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

func (s *stage) fanOut(ctx context.Context) (time.Duration, error) {
	began := time.Now()
	run, err := s.office.Temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{TaskQueue: referenceQueue}, fanOut, manyUnits)
	if err == nil {
		err = run.Get(ctx, nil)
	}
	return time.Since(began), err
}
