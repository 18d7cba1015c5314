package workflows

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/kaoping/kaoping/calendar"
)

// workingDays are those of the notices for 2025 and 2026, by hand: off from 1 to 3 January and from 15 to 23 February,
// worked on Sunday 4 January and on the Saturdays 14 and 28 February.
const workingDays = `
	11-24 11-25 11-26 11-27 11-28
	12-01 12-02 12-03 12-04 12-05 12-08 12-09 12-10 12-11 12-12 12-15 12-16 12-17 12-18 12-19 12-22 12-23 12-24 12-25 12-26
	12-29 12-30 12-31
	01-04 01-05 01-06 01-07 01-08 01-09 01-12 01-13 01-14 01-15 01-16 01-19 01-20 01-21 01-22 01-23 01-26 01-27 01-28 01-29 01-30
	02-02 02-03 02-04 02-05 02-06 02-09 02-10 02-11 02-12 02-13 02-14 02-24 02-25 02-26 02-27 02-28
	03-02 03-03 03-04 03-05 03-06 03-09 03-10 03-11 03-12 03-13 03-16 03-17 03-18 03-19 03-20 03-23 03-24 03-25 03-26 03-27
	03-30 03-31`

// silent plays a year whose leader decides only on 1 April 2026, so that nothing but the sweep happens until then.
func silent(t *testing.T, plan map[string]calendar.Policy) *stage {
	t.Helper()
	s := year(t, "C01")
	s.claim.Policies = plan
	s.without(MakeProposal.Name())
	s.reports("C01")
	s.approves("2026-04-01 08:00", 1, "digest-2")
	s.first()
	return s
}

func TestRemindersEveryWorkingDay(t *testing.T) {
	t.Parallel()
	s := silent(t, policies(t, "0 9 * * *"))
	var want []string
	for _, day := range strings.Fields(workingDays) {
		want = append(want, day+" 09:00 Reminders.Send approval+rectification+review+self_report")
	}
	wantLines(t, s.only("Reminders.Send"), want...)
}

// Each policy keeps its own expression; what falls together is one sweep.
func TestRemindersOfTwoExpressions(t *testing.T) {
	t.Parallel()
	plan := policies(t, "0 9 * * *")
	afternoon := policies(t, "30 9,14 * * 1-5")
	plan[PhaseReview], plan[PhaseSelfReport] = afternoon[PhaseReview], afternoon[PhaseSelfReport]
	monthly := policies(t, "0 9 28 * *")
	plan[PhaseApproval] = monthly[PhaseApproval]
	s := silent(t, plan)
	var want []string
	weekends := []string{"01-04", "02-14", "02-28"}
	for _, day := range strings.Fields(workingDays) {
		morning := day + " 09:00 Reminders.Send rectification"
		if strings.HasSuffix(day, "-28") {
			morning = day + " 09:00 Reminders.Send approval+rectification"
		}
		want = append(want, morning)
		if !slices.Contains(weekends, day) { // 1-5 are weekdays, whatever is worked
			want = append(want, day+" 09:30 Reminders.Send review+self_report", day+" 14:30 Reminders.Send review+self_report")
		}
	}
	wantLines(t, s.only("Reminders.Send"), want...)
}

// A moment missed while nothing ran is dealt with if it is still that day, else dropped.
func TestRemindersMissed(t *testing.T) {
	t.Parallel()
	s := year(t, "C01")
	s.reports("C01")
	in := s.first()
	s.problems = []string{"C01"}
	in.Carried.Swept = moment(t, "2025-11-25 09:00")
	s = s.second() // on 2025-12-01 at 12:00
	s.without(DraftProblems.Name())
	s.ask("2025-12-03 10:00", UpdateOrderRectifications, "order", UnitsRequest{Person: admin})
	s.play(AssessmentCycle, in)
	wantLines(t, s.only("Reminders.Send"),
		"12-01 09:00 Reminders.Send approval+rectification+review+self_report",
		"12-02 09:00 Reminders.Send approval+rectification+review+self_report",
		"12-03 09:00 Reminders.Send approval+rectification+review+self_report",
	)
}

// What a sweep queues is delivered.
func TestRemindersDelivered(t *testing.T) {
	t.Parallel()
	s := year(t, "C01")
	s.due = 3
	s.reports("C01")
	s.first()
	// 11-21 and 11-24 to 12-01, and the notices on 11-24.
	if got := len(s.only("Mails.Deliver")); got < 7 {
		t.Errorf("%d deliveries, want one for each of 7 sweeps at least", got)
	}
}

// The next year's days are asked for when a moment lies in it, once each time they are published, and then carried.
func TestRemindersInAYearNobodyHasPublished(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ cron, last, next string }{
		"daily":     {"0 9 * * *", "12-31 09:00", "01-04 09:00"},
		"on Monday": {"0 9 * * 1", "12-29 09:00", "01-05 09:00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t, year2025)
			s.add("C01")
			s.people(1)
			s.claim.Policies = policies(t, c.cron)
			s.later = s.claim.Days
			s.claim.Days = s.later.Slice(date(t, "2025-01-01"), date(t, "2025-12-31"))
			s.fail(ReadDays.Name(), 3, &calendar.UnpublishedError{Year: 2026})
			s.without(MakeProposal.Name())
			s.reports("C01")
			s.approves("2026-01-05 10:00", 1, "digest-2")
			in := s.first()
			lines := s.only("Reminders.Send", "Cycles.ReadDays")
			first := slices.Index(lines, "12-31 23:59 Cycles.ReadDays")
			if first < 1 || !strings.HasPrefix(lines[first-1], c.last) || len(lines) < first+5 || !strings.HasPrefix(lines[first+4], c.next) {
				t.Fatalf("the sweeps were %q", lines)
			}
			wantLines(t, s.only("Cycles.ReadDays"), slices.Repeat([]string{"12-31 23:59 Cycles.ReadDays"}, 4)...)
			if !reflect.DeepEqual(in.Carried.Claim.Days, s.later) {
				t.Errorf("the days carried are of %v, want 2026 among them", in.Carried.Claim.Days.Years)
			}
		})
	}
}

// A scheme without policies reminds nobody, and goes its way.
func TestRemindersOfNoPolicy(t *testing.T) {
	t.Parallel()
	s := silent(t, map[string]calendar.Policy{})
	wantLines(t, s.only("Reminders.Send", "Cycles.ReadDays"))
}

// A sweep that fails for its data tells the administrator and holds nothing up; the next one that succeeds ends the
// task, also after the year has continued as new.
func TestRemindersStuck(t *testing.T) {
	t.Parallel()
	s := year(t, "C01")
	s.reports("C01")
	broken := temporal.NewNonRetryableApplicationError("", ErrorNotFound, nil)
	s.at("2025-11-25 08:00", func() { s.read(func() { s.fail(SendReminders.Name(), 2, broken) }) })
	s.at("2025-12-01 08:00", func() { s.read(func() { s.fail(SendReminders.Name(), 1, broken) }) })
	in := s.first()
	about := "Reminders.Send " + year2025
	wantLines(t, s.only("Tasks.OpenStuck", "Tasks.EndStuck"),
		"11-25 09:00 Tasks.OpenStuck "+about,
		"11-26 09:00 Tasks.OpenStuck "+about,
		"11-27 09:00 Tasks.EndStuck "+about,
		"12-01 09:00 Tasks.OpenStuck "+about,
	)
	if want := "stuck/Reminders.Send/" + year2025 + ": not_found"; s.allTasks() != want {
		t.Errorf("the open tasks are %q, want %q", s.allTasks(), want)
	}
	if !slices.Equal(in.Carried.Stuck, []string{"Reminders.Send"}) {
		t.Fatalf("the steps carried as stuck are %q", in.Carried.Stuck)
	}
	s.problems = []string{"C01"}
	s = s.second()
	s.without(DraftProblems.Name())
	s.ask("2025-12-03 10:00", UpdateOrderRectifications, "order", UnitsRequest{Person: admin})
	s.play(AssessmentCycle, in)
	wantLines(t, s.only("Tasks.OpenStuck", "Tasks.EndStuck"), "12-02 09:00 Tasks.EndStuck "+about)
}

// In a rehearsal the moments are those of the rehearsal's clock: here a day is a second.
func TestRemindersInARehearsal(t *testing.T) {
	t.Parallel()
	reference := pingliang
	reference.Rehearsal = 2
	s := stageAt(t, AssessmentID(reference), newWorld(t), moment(t, "2026-06-01 12:00"))
	s.add("C01")
	s.claim.Clock = calendar.Clock{Real: s.begun, Virtual: moment(t, opening), Pace: time.Second}
	s.on(OpenReview.Name(), 0, func(string) { s.act(s.root, UpdateCancel, "cancel", admin) })
	s.play(AssessmentCycle, AssessmentCycleInput{Cycle: reference, By: "admin", Pace: time.Second})
	var want []string
	for _, day := range strings.Fields(workingDays)[:15] { // to 12-12: the review opens at the end of that day
		want = append(want, day+" 09:00 Reminders.Send approval+rectification+review+self_report")
	}
	wantLines(t, s.only("Reminders.Send"), want...)
	wantLines(t, s.only("Notices.Issue", "Reviews.Open"), "11-24 09:00 Notices.Issue", "12-13 00:00 Reviews.Open C01")
}
