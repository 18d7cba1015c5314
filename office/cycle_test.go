package office

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/kaoping/kaoping/documents"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/workflows"
)

func TestFindingACycle(t *testing.T) {
	t.Parallel()
	b := setup(t)
	found := func(name string, rehearsal int) string {
		cycle, err := b.Find(t.Context(), name, rehearsal)
		if err != nil {
			return err.Error()
		}
		return fmt.Sprint(store.CycleName(cycle), " ", cycle.Rehearsal, " ", cycle.State)
	}
	is(t, "nothing there", found("pingliang/2025", -1), "no cycle pingliang/2025")
	for range 2 {
		_, err := b.ImportRehearsal(t.Context(), sample(t, b.Rules), time.Second)
		must(t, err)
	}
	is(t, "the newest rehearsal", found("pingliang/2025", -1), "pingliang/2025 2 draft")
	is(t, "a rehearsal by its number", found("pingliang/2025", 1), "pingliang/2025 1 draft")
	is(t, "no such rehearsal", found("pingliang/2025", 3), "no cycle pingliang/2025")
	is(t, "the real one alone", found("pingliang/2025", 0), "no cycle pingliang/2025")
	_, err := b.Import(t.Context(), sample(t, b.Rules))
	must(t, err)
	is(t, "the real one before rehearsals", found("pingliang/2025", -1), "pingliang/2025 0 draft")
	b.execute(t, `UPDATE cycles SET state = 'cancelled' WHERE rehearsal = 0`)
	is(t, "a cancelled one", found("pingliang/2025", 0), "pingliang/2025 0 cancelled")
	_, err = b.Import(t.Context(), sample(t, b.Rules))
	must(t, err)
	is(t, "the new one before the cancelled", found("pingliang/2025", 0), "pingliang/2025 0 draft")
	is(t, "another year", found("pingliang/2024", -1), "no cycle pingliang/2024")
}

// A cancelled year stays readable by its id when the year has been imported again.
func TestFindingACancelledCycle(t *testing.T) {
	t.Parallel()
	b := imported(t)
	cancelled := b.cycle
	b.execute(t, `UPDATE cycles SET state = 'cancelled'`)
	_, err := b.Import(t.Context(), sample(t, b.Rules))
	must(t, err)
	found, err := b.FindByID(t.Context(), "pingliang/2025", cancelled.CycleID)
	must(t, err)
	is(t, "the cycle", fmt.Sprint(found.CycleID, found.State), fmt.Sprint(cancelled.CycleID, "cancelled"))
	_, err = b.FindByID(t.Context(), "pingliang/2024", cancelled.CycleID)
	fails(t, err, store.NotFound, fmt.Sprintf("no cycle pingliang/2024 with the id %d", cancelled.CycleID))
	_, err = b.FindByID(t.Context(), "pingliang/2025", 99)
	fails(t, err, store.NotFound, "no cycle pingliang/2025 with the id 99")
}

func TestNamesOfCycles(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, name := range []string{"", "pingliang", "pingliang/", "pingliang/25x", "pingliang/2025/appeal", "pingliang/2025/evaluation/1", "pingliang/02025", "pingliang/+2025", "pingliang/ 2025"} {
		_, err := b.Find(t.Context(), name, -1)
		fails(t, err, store.Refused, fmt.Sprintf("%q names no cycle: want AUTHORITY/YEAR, such as pingliang/2025, or AUTHORITY/YEAR/evaluation", name))
	}
}

// A rehearsal begins at 08:00 on the working day before its notice, and leaves the real year free.
func TestRehearsalsAreNumbered(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for number := range 3 {
		cycle, err := b.ImportRehearsal(t.Context(), sample(t, b.Rules), 2*time.Second)
		must(t, err)
		is(t, "the rehearsal", fmt.Sprint(cycle.Rehearsal, " ", time.Duration(cycle.ClockPace), " ", b.Store.Now(cycle).Format(time.RFC3339)), fmt.Sprint(number+1, " 2s 2025-11-21T08:00:00+08:00"))
	}
	is(t, "real cycles", b.text(t, `SELECT count(*) FROM cycles WHERE rehearsal = 0`), "0")
	// What a notice of the first days of January needs of the year before is known.
	early := sample(t, b.Rules)
	early.Plan.Scheme.Dates.Notice = "2025-01-02"
	cycle, err := b.ImportRehearsal(t.Context(), early, time.Second)
	must(t, err)
	is(t, "the start before New Year", b.Store.Now(cycle).Format(time.DateOnly), "2024-12-31")
	unpublished := sample(t, b.Rules)
	unpublished.Plan.Scheme.Year, unpublished.Plan.Scheme.Dates.Notice = 2031, "2031-11-24"
	_, err = b.ImportRehearsal(t.Context(), unpublished, time.Second)
	if err == nil || !strings.Contains(err.Error(), "no published holidays for 2031") {
		t.Errorf("the error is %v", err)
	}
}

// Several rehearsals that are set up at one moment are several, each with its own data set.
func TestRehearsalsSetUpAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const rehearsals = 6
	numbers := make(chan int32, rehearsals)
	for range rehearsals {
		go func() {
			cycle, err := b.ImportRehearsal(t.Context(), sample(t, b.Rules), time.Second)
			if err != nil {
				t.Error(err)
			}
			numbers <- cycle.Rehearsal
		}()
	}
	var all []int32
	for range rehearsals {
		all = append(all, <-numbers)
	}
	slices.Sort(all)
	is(t, "their numbers", fmt.Sprint(all), "[1 2 3 4 5 6]")
}

func TestAStartIsRefusedWithAllItsFaults(t *testing.T) {
	t.Parallel()
	b := imported(t, func(set *documents.DataSet) {
		set.Plan.Scheme.Extension = nil
		set.Plan.People = slices.DeleteFunc(set.Plan.People, func(p rules.Person) bool { return p.Login == "media1" || p.Login == "leader" })
	})
	err := b.desk(t, "admin").Start(t.Context(), day(time.November, 25).At(0, 0))
	fails(t, err, store.Refused,
		"scheme.extension: the notice of 2025-11-24 is outside the validity of pingliang-2022, 2022-08-05 to 2024-08-04; the document that extended it is missing (A16, E12)",
		"people: nobody has the role leader, who is asked to approve first (A8(6))",
		"people: no assessor is of the kind new_media, 政务新媒体维管单位 (A8(2))",
		"scheme.dates.notice: 2025-11-24 is past; a notice is dated today or later (A8(4))")
	is(t, "workflows that were started", len(b.temporal.starts), 0)
}

func TestAStartWithoutTemporal(t *testing.T) {
	t.Parallel()
	b := imported(t)
	desk := b.desk(t, "admin")
	fails(t, desk.Start(t.Context(), *b.clock.Load()), store.Unavailable, "couldn't reach Temporal")
	b.temporal.start = func(client.StartWorkflowOptions) (client.WorkflowRun, error) {
		return nil, serviceerror.NewWorkflowExecutionAlreadyStarted("already", "", "")
	}
	fails(t, desk.Start(t.Context(), *b.clock.Load()), store.Refused,
		"pingliang/2025 has been started already, or its cancelled forerunner is just ending: then try again in a moment")
	started := b.temporal.starts[0]
	is(t, "the workflow", started.ID+" "+started.TaskQueue, "assessment/pingliang/2025 kaoping")
	is(t, "a doubled start is an error", started.WorkflowExecutionErrorWhenAlreadyStarted, true)
	b.execute(t, `UPDATE cycles SET state = 'running'`)
	b.reload(t)
	fails(t, b.desk(t, "admin").Start(t.Context(), *b.clock.Load()), store.Refused, "pingliang/2025 is running: it has been started already")
}

// The year's workflow itself may be refused when it claims the year: two started at the same moment.
func TestAStartThatTheWorkflowRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	cycle, err := b.ImportRehearsal(t.Context(), sample(t, b.Rules), time.Second)
	must(t, err)
	desk, err := b.AdminDesk(t.Context(), cycle)
	must(t, err)
	starts := func(ended error) {
		b.temporal.start = func(client.StartWorkflowOptions) (client.WorkflowRun, error) { return runStub{ended: ended}, nil }
	}
	starts(temporal.NewNonRetryableApplicationError("pingliang/2025 has been started already", workflows.ErrorRefused, nil))
	fails(t, desk.Start(t.Context(), *b.clock.Load()), store.Refused, "pingliang/2025 has been started already")
	starts(errors.New("the server went away"))
	is(t, "the kind of an unclear start", store.KindOf(desk.Start(t.Context(), *b.clock.Load())), store.NotFound)
	b.temporal.answers(workflows.Empty{}, nil)
	must(t, desk.Start(t.Context(), *b.clock.Load()))
	is(t, "what was waited for", b.temporal.last().UpdateName+" "+b.temporal.last().RunID, "await-start run-1")
	is(t, "schedules of a rehearsal", len(b.temporal.schedules), 0)
}

// A Temporal that does not answer does not say that the year has ended: nobody waits until it does.
func TestAStartThatIsNotConfirmed(t *testing.T) {
	t.Parallel()
	b := imported(t)
	awaited := 0
	b.temporal.start = func(client.StartWorkflowOptions) (client.WorkflowRun, error) {
		return runStub{awaited: &awaited, ended: temporal.NewNonRetryableApplicationError("no", workflows.ErrorRefused, nil)}, nil
	}
	b.temporal.answers(nil, serviceerror.NewUnavailable("gone for a moment"))
	fails(t, b.desk(t, "admin").Start(t.Context(), *b.clock.Load()), store.Unavailable, "not yet confirmed: send the same act again")
	b.temporal.answers(nil, temporal.NewNonRetryableApplicationError("the date is past", workflows.ErrorRefused, nil))
	fails(t, b.desk(t, "admin").Start(t.Context(), *b.clock.Load()), store.Refused, "the date is past")
	is(t, "waited for the year's end", awaited, 0)
	b.temporal.answers(nil, temporal.NewApplicationError("cut off", "AcceptedUpdateCompletedWorkflow"))
	fails(t, b.desk(t, "admin").Start(t.Context(), *b.clock.Load()), store.Refused, "no")
	is(t, "waited for the workflow that ended", awaited, 1)
}

// A real year has the next one drafted: each first of November at 09:00, for whoever starts it first.
func TestAStartSchedulesTheNextDraft(t *testing.T) {
	t.Parallel()
	b := imported(t)
	b.temporal.start = func(client.StartWorkflowOptions) (client.WorkflowRun, error) { return runStub{}, nil }
	b.temporal.answers(workflows.Empty{}, nil)
	desk := b.desk(t, "admin")
	must(t, desk.Start(t.Context(), *b.clock.Load()))
	made := b.temporal.schedules[0]
	is(t, "the schedule", made.ID+" "+made.Spec.TimeZoneName, "draft/pingliang Asia/Shanghai")
	on := made.Spec.Calendars[0]
	is(t, "when", fmt.Sprint(on.Month[0].Start, on.DayOfMonth[0].Start, on.Hour[0].Start), "11 1 9")
	b.temporal.schedule = temporal.ErrScheduleAlreadyRunning
	must(t, desk.Start(t.Context(), *b.clock.Load()))
	b.temporal.schedule = errors.New("no Temporal")
	fails(t, desk.Start(t.Context(), *b.clock.Load()), store.Unavailable, "the year is started; its yearly draft could not be scheduled")
}
