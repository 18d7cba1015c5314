package workflows

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/kaoping/kaoping/calendar"
)

var (
	realClock     = clock{}
	rehearsalPace = clock{calendar.Clock{Pace: time.Second}}
)

// inside runs a piece of workflow code with the options of a clock.
func inside(t *testing.T, clock clock, code func(workflow.Context) error) *testsuite.TestWorkflowEnvironment {
	t.Helper()
	env := newEnvironment(quiet)
	env.RegisterWorkflowWithOptions(func(ctx workflow.Context) error { return code(withOptions(ctx, clock)) }, workflow.RegisterOptions{Name: "Code"})
	return env
}

// Infrastructure is tried as long as it takes; in a rehearsal, where a day is a second, at least every 2 s.
func TestOptions(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		clock                        clock
		interval, timeout, heartbeat time.Duration
	}{
		"a real year": {realClock, time.Minute, 2 * time.Minute, 90 * time.Second},
		"a rehearsal": {rehearsalPace, 2 * time.Second, 5 * time.Second, 3 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := inside(t, c.clock, func(ctx workflow.Context) error {
				options, local := workflow.GetActivityOptions(ctx), workflow.GetLocalActivityOptions(ctx)
				want := &temporal.RetryPolicy{
					InitialInterval: 200 * time.Millisecond, BackoffCoefficient: 2, MaximumInterval: c.interval,
					NonRetryableErrorTypes: []string{"refused", "not_found", "conflict", "forbidden"},
				}
				if !reflect.DeepEqual(options.RetryPolicy, want) || !reflect.DeepEqual(local.RetryPolicy, want) {
					t.Errorf("steps are tried again so: %+v, writes %+v, want %+v", options.RetryPolicy, local.RetryPolicy, want)
				}
				if options.StartToCloseTimeout != c.timeout || options.ScheduleToCloseTimeout != 0 {
					t.Errorf("an attempt of an activity has %s, all have %s", options.StartToCloseTimeout, options.ScheduleToCloseTimeout)
				}
				if local.StartToCloseTimeout != 10*time.Second || local.ScheduleToCloseTimeout != 20*time.Second {
					t.Errorf("an attempt of a write has %s, all have %s", local.StartToCloseTimeout, local.ScheduleToCloseTimeout)
				}
				long := workflow.GetActivityOptions(alive(ctx, time.Hour))
				if long.StartToCloseTimeout != time.Hour || long.HeartbeatTimeout != c.heartbeat {
					t.Errorf("a long step has %s, with a sign of life every %s", long.StartToCloseTimeout, long.HeartbeatTimeout)
				}
				return nil
			})
			env.ExecuteWorkflow("Code")
			if err := env.GetWorkflowError(); err != nil {
				t.Error(err)
			}
		})
	}
}

var echo = Step[string, string]{"Tests.Echo", "answer what was said"}

// attempts counts how a step was tried: as local activities and as ordinary ones.
type attempts struct{ local, ordinary int }

// tryStep carries a step out while the database is away for some time.
func tryStep(t *testing.T, outage time.Duration, answer error, do func(workflow.Context) (string, error)) (attempts, string, error) {
	t.Helper()
	var got string
	var failed error
	var tried attempts
	env := inside(t, realClock, func(ctx workflow.Context) error {
		got, failed = do(ctx)
		return nil
	})
	start := env.Now()
	echo.Register(env, func(ctx context.Context, in string) (string, error) {
		if activity.GetInfo(ctx).IsLocalActivity {
			tried.local++
		} else {
			tried.ordinary++
		}
		if env.Now().Sub(start) < outage {
			return "", errOutage
		}
		return in, answer
	})
	env.ExecuteWorkflow("Code")
	return tried, got, failed
}

func write(ctx workflow.Context) (string, error) { return echo.write(ctx, "said") }
func run(ctx workflow.Context) (string, error)   { return echo.run(ctx, "said") }

// A short write is a local activity; if the database stays away it is left to an ordinary one, which takes no events
// while it is tried again. What is refused is refused at once.
func TestWriteAndRun(t *testing.T) {
	t.Parallel()
	refused := dataFault("no")
	for _, c := range []struct {
		name   string
		do     func(workflow.Context) (string, error)
		outage time.Duration
		answer error
		tried  attempts
	}{
		{"a write", write, 0, nil, attempts{1, 0}},
		{"a run", run, 0, nil, attempts{0, 1}},
		// 0, 0.2, 0.6, 1.4, 3.0 s
		{"a write during a short outage", write, 2 * time.Second, nil, attempts{5, 0}},
		// 0, 0.2, 0.6, 1.4, 3.0, 6.2, 12.6 s; the next would come after 20 s. Then 12.6, 12.8, 13.2, 14.0, 15.6, 18.8, 25.2, 38.0 s
		{"a write during a long outage", write, 30 * time.Second, nil, attempts{7, 8}},
		{"a refused write", write, 0, refused, attempts{1, 0}},
		{"a refused run", run, 0, refused, attempts{0, 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			tried, got, err := tryStep(t, c.outage, c.answer, c.do)
			if tried != c.tried {
				t.Errorf("it was tried %+v, want %+v", tried, c.tried)
			}
			if c.answer == nil && (err != nil || got != "said") {
				t.Errorf("the answer is %q (%v)", got, err)
			}
			if c.answer != nil && (!final(err) || reasons(err) != "no") {
				t.Errorf("the error is %v, want the refusal", err)
			}
		})
	}
}

func TestFinal(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want bool
	}{
		{nil, false},
		{errOutage, false},
		{dataFault("no"), true},
		{fmt.Errorf("couldn't: %w", dataFault("no")), true},
		{temporal.NewApplicationError("no", ErrorConflict), true},
		{temporal.NewApplicationError("no", "unavailable"), false},
		{temporal.NewCanceledError(), false},
		{errors.New("refused"), false},
	} {
		if got := final(c.err); got != c.want {
			t.Errorf("final(%v) is %v, want %v", c.err, got, c.want)
		}
	}
}

func TestReasons(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"a\nb":                 fmt.Errorf("activity: %w", dataFault("a\nb")),
		"not_found":            temporal.NewNonRetryableApplicationError("", ErrorNotFound, nil),
		"the database is away": errOutage,
	} {
		if got := reasons(err); got != want {
			t.Errorf("the reasons of %v are %q, want %q", err, got, want)
		}
	}
}

// A timer ends with what it waited for.
func TestWithin(t *testing.T) {
	t.Parallel()
	env := inside(t, realClock, func(ctx workflow.Context) error {
		happened := false
		for wait, want := range []bool{false, true} { // one minute, then two
			workflow.Go(ctx, func(ctx workflow.Context) {
				if err := workflow.Sleep(ctx, 90*time.Second-time.Duration(wait)*time.Minute); err == nil {
					happened = true
				}
			})
			got, err := within(ctx, time.Duration(wait+1)*time.Minute, func() bool { return happened })
			if got != want || err != nil {
				t.Errorf("after %d min it has happened: %v (%v), want %v", wait+1, got, err, want)
			}
		}
		if got, err := within(ctx, 0, func() bool { return true }); !got || err != nil {
			t.Errorf("what has happened already is %v (%v)", got, err)
		}
		return workflow.Sleep(ctx, time.Hour)
	})
	fired := 0
	env.SetOnTimerFiredListener(func(string) { fired++ })
	env.ExecuteWorkflow("Code")
	if err := env.GetWorkflowError(); err != nil || fired != 4 { // three sleeps and the first minute
		t.Errorf("%d timers fired (%v), want 4", fired, err)
	}
}
