package workflows

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"
)

const year2025 = "assessment/pingliang/2025"

var (
	yearInput = AssessmentCycleInput{Cycle: pingliang, By: "admin"}
	admin     = Person{Login: "admin"}
)

// year is a stage for a whole cycle.
func year(t *testing.T, units ...string) *stage {
	t.Helper()
	s := setup(t, year2025)
	s.add(units...)
	s.people(1)
	return s
}

// people lets everybody act an hour after the step that he waits for. Whom a test plays itself it takes out of cues.
// Units report only when a test says so. half keeps the ids of the two halves' acts apart.
func (s *stage) people(half int) {
	acts := 0
	id := func(who string) string {
		acts++
		return fmt.Sprintf("%s %d.%d", who, half, acts)
	}
	s.on(OpenReview.Name(), time.Hour, func(unit string) {
		var generation int
		s.read(func() { generation = s.units[unit].generation })
		for _, assessor := range assessors {
			s.act(UnitID(pingliang, unit, generation), UpdateSubmitSheet, id(assessor), Person{Login: assessor})
		}
	})
	s.on(MakeProposal.Name(), time.Hour, func(string) {
		var number int
		var digest string
		s.read(func() { number, digest = len(s.proposals), s.digest() })
		s.act(ApprovalID(pingliang, number), UpdateApprove, id("leader"), approveAs("leader", digest))
	})
	s.on(DraftProblems.Name(), time.Hour, func(string) {
		s.act(year2025, UpdateOrderRectifications, id("admin"), UnitsRequest{Person: admin})
	})
	s.on(OrderRectifications.Name(), time.Hour, func(string) {
		for _, unit := range s.claim.Units {
			s.act(RectificationID(pingliang, unit, 0), UpdateReportRectification, id(unit), RectificationRequest{Person: Person{Login: unit}})
		}
	})
	s.on(ReportRectification.Name(), time.Hour, func(unit string) {
		s.act(RectificationID(pingliang, unit, 0), UpdateAccept, id("admin"), RectificationRequest{Person: admin})
	})
}

// reports lets units report at 10:00 on 2025-12-01.
func (s *stage) reports(units ...string) {
	for _, unit := range units {
		s.at("2025-12-01 10:00", func() { s.act(UnitID(pingliang, unit, 1), UpdateSubmitReport, unit+" reports", Person{Login: unit}) })
	}
}

// first plays the year until it continues as new, and returns with what.
func (s *stage) first() AssessmentCycleInput {
	s.t.Helper()
	err := s.run(AssessmentCycle, yearInput)
	var next *workflow.ContinueAsNewError
	if !errors.As(err, &next) {
		s.t.Fatalf("the first half ended with %v, want to continue as new", err)
	}
	var in AssessmentCycleInput
	if err := converter.GetDefaultDataConverter().FromPayloads(next.Input, &in); err != nil {
		s.t.Fatal(err)
	}
	return in
}

// second is the stage for what follows: the same world, the clock where the first half stopped.
func (s *stage) second() *stage {
	s.t.Helper()
	next := stageAt(s.t, year2025, s.world, s.Now())
	next.people(2)
	return next
}

// about keeps the lines that name a unit.
func (s *stage) about(unit string) []string {
	return slices.DeleteFunc(slices.Clone(s.steps), func(line string) bool { return !slices.Contains(strings.Fields(line), unit) })
}

// story are the lines of the cycle itself and its proposals: what is not about a unit, and not beside the story.
func (s *stage) story() []string {
	beside := s.except("Mails.Deliver", "Reminders.Send")
	return slices.DeleteFunc(beside, func(line string) bool {
		return slices.ContainsFunc(s.claim.Units, func(unit string) bool { return slices.Contains(strings.Fields(line), unit) })
	})
}
