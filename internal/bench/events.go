package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/internal/rehearsal"
	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

const (
	// assessors score each unit, unless they belong to it.
	assessors = 6
	// unitEvents bounds what a unit's whole year leaves, parentEvents one run of the cycle's own workflow.
	unitEvents   = 120
	parentEvents = 4096
)

// events plays the whole year of many units, and counts what the histories of those that were on time came to, and of
// the cycle's own workflow. Then people look at its pages.
func (b *bench) events(ctx context.Context) ([]figure, error) {
	var figures []figure
	err := b.onStage(ctx, func(s *stage) error {
		cycle, err := b.playYear(ctx, s)
		if err != nil {
			return fmt.Errorf("couldn't play the year: %w", err)
		}
		lengths, err := s.unitLengths(ctx, cycle)
		if err != nil {
			return err
		}
		longest, err := s.longestRun(ctx, workflows.AssessmentID(office.Reference(cycle)))
		if err != nil {
			return err
		}
		figures = eventFigures(lengths, longest)
		looked, err := b.pages(ctx, s, cycle)
		figures = append(figures, looked...)
		return err
	})
	return figures, err
}

func eventFigures(lengths []int64, longest int64) []figure {
	var most int64
	for _, length := range lengths {
		most = max(most, length)
	}
	return []figure{
		{
			name: fmt.Sprintf("events of a year, the most of %d units on time with %d assessors", len(lengths), assessors),
			ours: fmt.Sprintf("%d (median %d)", most, median(lengths)), reference: fmt.Sprint(unitEvents), ratio: float64(most) / unitEvents, bound: 1,
		},
		{
			name: fmt.Sprintf("events of the parent's longest run with %d units", manyUnits),
			ours: fmt.Sprint(longest), reference: fmt.Sprint(parentEvents), ratio: float64(longest) / parentEvents, bound: 1,
		},
	}
}

// playYear plays a year as `starter demo` does, with the same people.
func (b *bench) playYear(ctx context.Context, s *stage) (query.Cycle, error) {
	set, err := b.dataSet(manyUnits, s.rules)
	if err != nil {
		return query.Cycle{}, err
	}
	widen(&set.Plan)
	cycle, err := s.office.ImportRehearsal(ctx, set, b.pace)
	if err != nil {
		return cycle, err
	}
	desk, err := s.office.AdminDesk(ctx, cycle)
	if err != nil {
		return cycle, err
	}
	if err := desk.Start(ctx, time.Now()); err != nil {
		return cycle, err
	}
	cast, err := rehearsal.NewCast(ctx, s.office, cycle, rehearsal.NewScript(set.Plan), nil, slog.New(slog.DiscardHandler))
	if err != nil {
		return cycle, err
	}
	watching, stop := context.WithCancel(ctx)
	defer stop()
	go b.watch(watching, s, cycle.CycleID)
	return cycle, cast.Play(ctx)
}

// watch tells every ten seconds which day it is.
func (b *bench) watch(ctx context.Context, s *stage, id int64) {
	ticker := time.NewTicker(10 * time.Second)
	defer ticker.Stop()
	for {
		if cycle, err := s.office.Store.CycleGet(ctx, query.CycleGetParams{CycleID: id}); err == nil {
			b.tell("a year of %d units, a day in %s: %s, %s", manyUnits, b.pace, calendar.DateOf(s.office.Store.Now(cycle)), cycle.Phase)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// unitLengths are the events of the whole years of those units that were on time and had all six assessors.
func (s *stage) unitLengths(ctx context.Context, cycle query.Cycle) ([]int64, error) {
	years := map[string]*unitYear{}
	if err := s.office.Store.Journal(ctx, cycle.CycleID, 0, func(line store.JournalLine) error {
		if years[line.Unit] == nil {
			years[line.Unit] = &unitYear{}
		}
		years[line.Unit].add(line)
		return nil
	}); err != nil {
		return nil, err
	}
	delete(years, "")
	var lengths []int64
	for unit, year := range years {
		if !year.onTime() {
			continue
		}
		length, err := s.unitLength(ctx, office.Reference(cycle), unit)
		if err != nil {
			return nil, err
		}
		lengths = append(lengths, length)
	}
	if len(lengths) < manyUnits/2 {
		return nil, fmt.Errorf("only %d of %d units were on time: the machine could not keep this pace", len(lengths), manyUnits)
	}
	return lengths, nil
}

// unitYear is what the journal tells of one unit.
type unitYear struct {
	reports, sheets int
	detours         int
}

// add counts what a unit does that is on time, and what leads away from that way.
func (y *unitYear) add(line store.JournalLine) {
	switch line.Event {
	case "report_submitted":
		y.reports++
		if line.Data["late"] == true {
			y.detours++
		}
	case "sheet_submitted":
		y.sheets++
	case "report_returned", "deadline_extended", "proposal_returned", "rectification_sent_back", "consequence_proposed", "violation_recorded":
		y.detours++
	}
}

func (y *unitYear) onTime() bool { return y.detours == 0 && y.reports == 1 && y.sheets == assessors }

// unitLength adds up the histories of a unit's assessment and of its rectification, where it had one.
func (s *stage) unitLength(ctx context.Context, cycle workflows.CycleRef, unit string) (int64, error) {
	length, err := s.length(ctx, workflows.UnitID(cycle, unit, 1), "")
	if err != nil {
		return 0, err
	}
	more, err := s.length(ctx, workflows.RectificationID(cycle, unit, 0), "")
	var none *serviceerror.NotFound
	if errors.As(err, &none) {
		return length, nil
	}
	return length + more, err
}

func (s *stage) length(ctx context.Context, workflow, run string) (int64, error) {
	description, err := s.office.Temporal.DescribeWorkflowExecution(ctx, workflow, run)
	if err != nil {
		return 0, fmt.Errorf("couldn't count the events of %s: %w", workflow, err)
	}
	return description.GetWorkflowExecutionInfo().GetHistoryLength(), nil
}

// longestRun follows a workflow from its last run to the first one.
func (s *stage) longestRun(ctx context.Context, workflow string) (int64, error) {
	var longest int64
	for run, more := "", true; more; more = run != "" {
		length, err := s.length(ctx, workflow, run)
		if err != nil {
			return 0, err
		}
		longest = max(longest, length)
		history := s.office.Temporal.GetWorkflowHistory(ctx, workflow, run, false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
		first, err := history.Next()
		if err != nil {
			return 0, fmt.Errorf("couldn't read the history of %s: %w", workflow, err)
		}
		run = first.GetWorkflowExecutionStartedEventAttributes().GetContinuedExecutionRunId()
	}
	return longest, nil
}
