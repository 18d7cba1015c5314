package workflows

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/kaoping/kaoping/calendar"
)

var pingliang = CycleRef{ID: 7, Authority: "pingliang", Year: 2025}

// opening is when every play begins: 08:00 on the last working day before the notice.
const opening = "2025-11-21 08:00"

// stage is one play: the test environment with its skipping clock, the world behind the steps, and what happened.
type stage struct {
	*testsuite.TestWorkflowEnvironment
	*world
	t    *testing.T
	root string
	// begun is what the clock showed first.
	begun time.Time
	mu    sync.Mutex
	// over is set when the workflow has ended: an activity that it left behind changes nothing any more.
	over bool
	// steps are the lines of all steps, in the order in which they began: moment, name, key inputs.
	steps []string
	// askers are the workflows that took a step, in order, by the step's name.
	askers map[string][]asker
	// long are the steps that were left more time than others, by their names.
	long map[string]bool
	// abandoned are Temporal's complaints about workflows that ended in the middle of an act.
	abandoned []string
	// told are the answers to people, by the id of their act.
	told map[string]string
	// faults are errors that steps answer, each once, in order.
	faults map[string][]error
	// cues are what people do when a step was taken.
	cues map[string]func(unit string)
	// registered are the names of all steps.
	registered []string
}

// asker is a workflow that took a step, as a local activity or an ordinary one.
type asker struct {
	workflow string
	local    bool
}

// setup returns a fresh stage for the workflow of that id. Its clock shows opening.
func setup(t *testing.T, root string) *stage {
	t.Helper()
	return stageAt(t, root, newWorld(t), moment(t, opening))
}

func stageAt(t *testing.T, root string, w *world, begun time.Time) *stage {
	t.Helper()
	s := &stage{
		world: w, t: t, root: root, begun: begun, askers: map[string][]asker{}, long: map[string]bool{},
		told: map[string]string{}, faults: map[string][]error{}, cues: map[string]func(string){},
	}
	s.TestWorkflowEnvironment = newEnvironment(complaints{quiet, s})
	s.SetStartTime(begun)
	s.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: root, TaskQueue: TaskQueue})
	// Only for a play that hangs: the environment waits on the wall clock for whatever is still under way.
	s.SetTestTimeout(time.Minute)
	Register(s)
	w.register(s)
	return s
}

// quiet takes no notice of what Temporal logs.
var quiet = log.NewStructuredLogger(slog.New(slog.DiscardHandler))

func newEnvironment(logger log.Logger) *testsuite.TestWorkflowEnvironment {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(logger)
	return suite.NewTestWorkflowEnvironment()
}

// complaints takes notice of one thing: a workflow that ended while somebody waited for its answer.
type complaints struct {
	log.Logger
	stage *stage
}

func (c complaints) Warn(message string, keyvals ...any) {
	if strings.Contains(message, "TMPRL1102") {
		c.stage.read(func() { c.stage.abandoned = append(c.stage.abandoned, fmt.Sprint(keyvals...)) })
	}
}

// read looks at the world while no step changes it.
func (s *stage) read(look func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	look()
}

func moment(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", text, calendar.Location)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func date(t testing.TB, text string) calendar.Date {
	t.Helper()
	day, err := calendar.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return day
}

// carry lets the world answer a step, one at a time, and notes it.
func carry[In, Out any](s *stage, step Step[In, Out], do func(In) (Out, error)) {
	s.registered = append(s.registered, step.Name())
	step.Register(s, func(ctx context.Context, in In) (Out, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.over {
			var none Out
			return none, errOutage
		}
		line, unit := describe(step.Name(), in)
		s.steps = append(s.steps, line)
		info := activity.GetInfo(ctx)
		s.askers[step.Name()] = append(s.askers[step.Name()], asker{info.WorkflowExecution.ID, info.IsLocalActivity})
		if info.StartToCloseTimeout == allUnitsTimeout {
			s.long[step.Name()] = true
		}
		if faults := s.faults[step.Name()]; len(faults) > 0 {
			var none Out
			s.faults[step.Name()] = faults[1:]
			return none, faults[0]
		}
		out, err := do(in)
		if cue := s.cues[step.Name()]; cue != nil && err == nil {
			cue(unit)
		}
		return out, err
	})
}

// describe is how a step reads in a test. A step without a moment of its own begins with dashes.
func describe(name string, in any) (line, unit string) {
	var fields struct {
		Act              Act       `json:"act"`
		Scheduled, After time.Time // of a sweep, of days that are asked for
		Policies, Units  []string
		Unit, Step       string
		Workflow, Phase  string
		Assessor, Digest string
		Adjustment       string
		Due, To          string
		ReviewDue        string `json:"review_due"`
		Number           int
		Impose           *bool
	}
	raw, err := json.Marshal(in)
	if err == nil {
		err = json.Unmarshal(raw, &fields)
	}
	if err != nil {
		panic(err)
	}
	at := fields.Act.At
	for _, other := range []time.Time{fields.Scheduled, fields.After} {
		if !other.IsZero() {
			at = other
		}
	}
	words := []string{"-- --", name}
	if !at.IsZero() {
		words[0] = at.In(calendar.Location).Format("01-02 15:04")
	}
	words = append(words, fields.Unit, fields.Step, fields.Workflow)
	if fields.Number > 0 {
		words = append(words, fmt.Sprint("#", fields.Number))
	}
	words = append(words, fields.Phase, fields.Assessor, fields.Adjustment, fields.Digest, strings.Join(fields.Units, "+"),
		strings.Join(fields.Policies, "+"), fields.Due, fields.To, fields.ReviewDue)
	if fields.Impose != nil {
		words = append(words, map[bool]string{true: "impose", false: "waive"}[*fields.Impose])
	}
	if fields.Act.By != "" {
		words = append(words, "by "+fields.Act.By)
	}
	words = slices.DeleteFunc(words, func(word string) bool { return word == "" })
	return strings.Join(words, " "), fields.Unit
}

// at lets something happen at a moment of the play.
func (s *stage) at(when string, do func()) {
	s.t.Helper()
	s.RegisterDelayedCallback(do, moment(s.t, when).Sub(s.begun))
}

// on lets people do something some time after each step of that name; soon after, if the delay is zero.
func (s *stage) on(step string, delay time.Duration, do func(unit string)) {
	s.cues[step] = func(unit string) {
		s.RegisterDelayedCallback(func() { do(unit) }, delay)
	}
}

// fail lets a step answer an error the next few times.
func (s *stage) fail(step string, times int, err error) {
	s.faults[step] = append(s.faults[step], slices.Repeat([]error{err}, times)...)
}

// act sends a person's act to a workflow. Its answer is kept under the id; it must differ between acts, as the
// environment tells acts of different children apart by nothing else.
func (s *stage) act(workflowID, update, id string, in any) {
	answer := func(text string) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.told[id] = text
	}
	if s.IsWorkflowCompleted() {
		answer("the play is over")
		return
	}
	answer("no answer")
	err := s.UpdateWorkflowByID(workflowID, update, id, &testsuite.TestUpdateCallback{
		OnAccept: func() { answer("accepted") },
		OnReject: func(err error) { answer("rejected: " + reasons(err)) },
		OnComplete: func(result any, err error) {
			if err != nil {
				answer("refused: " + reasons(err))
				return
			}
			text, err := json.Marshal(result)
			if err != nil {
				panic(err)
			}
			answer(string(text))
		},
	}, in)
	if err != nil {
		answer("nobody: " + err.Error())
	}
}

// run plays the workflow to its end, and answers how that was.
func (s *stage) run(workflow, in any) error {
	s.t.Helper()
	s.ExecuteWorkflow(workflow, in)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
	if !s.IsWorkflowCompleted() {
		s.t.Fatal("the workflow did not end")
	}
	if len(s.abandoned) > 0 {
		s.t.Errorf("workflows ended in the middle of an act: %q", s.abandoned)
	}
	return s.GetWorkflowError()
}

// play runs the workflow to its end; it must end well.
func (s *stage) play(workflow, in any) {
	s.t.Helper()
	if err := s.run(workflow, in); err != nil {
		s.t.Fatalf("the workflow ended with %v", err)
	}
}

// except leaves out steps by their names.
func (s *stage) except(names ...string) []string {
	return slices.DeleteFunc(slices.Clone(s.steps), func(line string) bool { return slices.Contains(names, nameOf(line)) })
}

// only keeps steps by their names.
func (s *stage) only(names ...string) []string {
	return slices.DeleteFunc(slices.Clone(s.steps), func(line string) bool { return !slices.Contains(names, nameOf(line)) })
}

// nameOf is a line's step: what follows the moment.
func nameOf(line string) string { return strings.Fields(line)[2] }

// wantLines compares what happened with what should have.
func wantLines(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got:\n\t%s\nwant:\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// wantTold compares the answers to some acts, given as id, answer, id, answer …
func (s *stage) wantTold(pairs ...string) {
	s.t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if got := s.told[pairs[i]]; got != pairs[i+1] {
			s.t.Errorf("act %s was answered %q, want %q", pairs[i], got, pairs[i+1])
		}
	}
}

// dataFault is an answer that no other attempt mends.
func dataFault(text string) error {
	return temporal.NewNonRetryableApplicationError(text, ErrorRefused, nil)
}

// outage is a fault of the infrastructure.
var errOutage = errors.New("the database is away")
