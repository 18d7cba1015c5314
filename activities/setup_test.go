package activities

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lib/pq"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"github.com/kaoping/kaoping/ballots"
	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/documents"
	"github.com/kaoping/kaoping/internal/devstack"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/schemas"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

const template = "template_kaoping"

// server is the tests' own PostgreSQL.
var server *devstack.Postgres

var databases atomic.Int64

func TestMain(m *testing.M) {
	os.Exit(devstack.RunTests(template, fillTemplate, func(own *devstack.Postgres) int {
		server = own
		return m.Run()
	}))
}

func fillTemplate(ctx context.Context, url string) error {
	return store.Migrate(ctx, store.Config{URL: url})
}

// bundle is one cycle in a fresh database, and the activities as a worker runs them. Its clock stands still until a
// test sets it: the real cycle's clock is the machine's.
type bundle struct {
	*Activities
	database string
	db       *sql.DB // as the owner of the tables
	env      *testsuite.TestActivityEnvironment
	cycle    workflows.CycleRef
	clock    atomic.Pointer[time.Time]
	acts     int
	left     bool
}

func day(month time.Month, dayOfMonth int) calendar.Date {
	year := 2025
	if month < time.June {
		year = 2026
	}
	return calendar.Date{Year: year, Month: month, Day: dayOfMonth}
}

// setup imports the sample data set, cut to two counties and a department whose own assessor is media1 (D18), as
// changed by the test; the year is not started. It is the morning of the notice.
func setup(t *testing.T, change ...func(*store.DataSet)) *bundle {
	t.Helper()
	b := copyOf(t, template)
	b.at(day(time.November, 24), 8)
	b.importSet(t, 2025, change...)
	return b
}

// copyOf works on a copy of a database.
func copyOf(t *testing.T, template string) *bundle {
	t.Helper()
	b := &bundle{database: fmt.Sprintf("test_%d", databases.Add(1))}
	url, err := server.CreateDatabase(t.Context(), b.database, template)
	must(t, err)
	kept, err := store.Open(t.Context(), store.Config{URL: url, Now: func() time.Time { return *b.clock.Load() }})
	must(t, err)
	connector, err := pq.NewConnector(url)
	must(t, err)
	b.db = sql.OpenDB(connector)
	library, err := rules.Load(schemas.Rules)
	must(t, err)
	b.Activities = New(Dependencies{
		Store: kept, Rules: library, From: "zwgk@pingliang.example", PortalURL: "https://kaoping.example", PublicURL: "https://pingyi.example", Connections: 2,
		Signer: signer(t),
		Log:    slog.New(slog.DiscardHandler),
	})
	suite := new(testsuite.WorkflowTestSuite)
	suite.SetLogger(b.Log)
	b.env = suite.NewTestActivityEnvironment()
	b.Register(b.env)
	t.Cleanup(func() { b.leave(t) })
	return b
}

func signer(t *testing.T) ballots.Signer {
	t.Helper()
	secret, _, err := ballots.NewKey()
	must(t, err)
	signer, err := ballots.NewSigner(secret)
	must(t, err)
	return signer
}

// leave ends the work on a database; all mails that a test queued can be written.
func (b *bundle) leave(t *testing.T) {
	t.Helper()
	if b.left {
		return
	}
	b.left = true
	b.everyMailCanBeWritten(t)
	must(t, errors.Join(b.Store.Close(), b.db.Close()))
}

// stage is a point of the year that many tests begin at: it is played once, and each test gets a copy of its database.
type stage struct {
	once   sync.Once
	played *bundle
}

func (s *stage) copy(t *testing.T, play func() *bundle) *bundle {
	t.Helper()
	s.once.Do(func() {
		played := play()
		played.leave(t)
		s.played = played
	})
	if s.played == nil {
		t.Fatal("the year could not be played up to here: see the test that tried first")
	}
	b := copyOf(t, s.played.database)
	b.cycle, b.acts = s.played.cycle, s.played.acts
	b.clock.Store(s.played.clock.Load())
	return b
}

// importSet makes the sample the draft of a year and works on it from now on.
func (b *bundle) importSet(t *testing.T, year int, change ...func(*store.DataSet)) {
	t.Helper()
	set := sample(t, b.Rules)
	set.Plan.Scheme.Year = year
	for _, change := range change {
		change(&set)
	}
	id, err := b.Store.ImportDataSet(t.Context(), store.Import{DataSet: set})
	must(t, err)
	b.cycle = workflows.CycleRef{ID: id, Authority: "pingliang", Year: year}
}

// sample is the sample data set with its units C01, C02 and D18.
func sample(t *testing.T, library rules.Library) store.DataSet {
	t.Helper()
	files, err := fs.Sub(schemas.Data, "data/pingliang")
	must(t, err)
	set, err := documents.ReadDataSet(files, library, calendar.Seed()...)
	must(t, err)
	units := []string{"C01", "C02", "D18"}
	plan := set.Plan
	plan.Units = slices.DeleteFunc(plan.Units, func(u rules.Unit) bool { return !slices.Contains(units, u.Code) })
	plan.People = slices.DeleteFunc(plan.People, func(p rules.Person) bool {
		return (p.Role == rules.Contact || p.Role == rules.Head) && !slices.Contains(units, p.Unit)
	})
	return store.DataSet{Plan: plan, Holidays: set.Holidays}
}

// at sets the clock to an hour of a day.
func (b *bundle) at(date calendar.Date, hour int) {
	now := date.At(hour, 0)
	b.clock.Store(&now)
}

// act is a new act of a person, now.
func (b *bundle) act(by string) workflows.Act {
	b.acts++
	return workflows.Act{Cycle: b.cycle, ID: fmt.Sprintf("act-%d", b.acts), By: by, At: *b.clock.Load()}
}

// asked is a new act whose texts were stored before, as office does.
func (b *bundle) asked(t *testing.T, by string, content any) workflows.Act {
	t.Helper()
	act := b.act(by)
	must(t, b.Store.Request(t.Context(), b.cycle.ID, act.ID, content))
	return act
}

// carryOut runs a step as a worker does, payloads and all.
func carryOut[In, Out any](t *testing.T, b *bundle, step workflows.Step[In, Out], in In) (Out, error) {
	t.Helper()
	var out Out
	value, err := b.env.ExecuteActivity(step.Name(), in)
	if err != nil {
		return out, err
	}
	must(t, value.Get(&out))
	return out, nil
}

// done wants the step to go through.
func done[In, Out any](t *testing.T, b *bundle, step workflows.Step[In, Out], in In) Out {
	t.Helper()
	out, err := carryOut(t, b, step, in)
	if err != nil {
		t.Fatalf("%s: %v", step.Name(), err)
	}
	return out
}

// refused wants the step to be refused with exactly these reasons, and not to be tried again.
func refused[In, Out any](t *testing.T, b *bundle, step workflows.Step[In, Out], in In, reasons ...string) {
	t.Helper()
	failed(t, b, step, in, workflows.ErrorRefused, reasons...)
}

func failed[In, Out any](t *testing.T, b *bundle, step workflows.Step[In, Out], in In, kind string, reasons ...string) {
	t.Helper()
	before := b.story(t)
	_, err := carryOut(t, b, step, in)
	var application *temporal.ApplicationError
	if !errors.As(err, &application) {
		t.Fatalf("%s: want %q, got %v", step.Name(), reasons, err)
	}
	is(t, step.Name()+": kind of error", application.Type(), kind)
	is(t, step.Name()+": is tried again", application.NonRetryable(), true)
	is(t, step.Name()+": reasons", application.Message(), strings.Join(reasons, "\n"))
	is(t, step.Name()+": journal after the refusal", b.story(t), before)
}

// lines are the journal's lines of some events, all if none is named.
func (b *bundle) lines(t *testing.T, events ...string) []store.JournalLine {
	t.Helper()
	var lines []store.JournalLine
	must(t, b.Store.Journal(t.Context(), b.cycle.ID, 0, func(line store.JournalLine) error {
		if len(events) == 0 || slices.Contains(events, line.Event) {
			lines = append(lines, line)
		}
		return nil
	}))
	return lines
}

// story is the journal: event and unit, what comes several times in a row with its number. Mails and tasks are left
// out; they have tests of their own.
func (b *bundle) story(t *testing.T) string {
	t.Helper()
	var texts []string
	for _, line := range b.lines(t) {
		if !strings.HasPrefix(line.Event, "mail_") && !strings.HasPrefix(line.Event, "task_") {
			texts = append(texts, strings.TrimSpace(line.Event+" "+line.Unit))
		}
	}
	return inRuns(texts)
}

// mails are those of some kinds, all if none is named: kind and addressee, in the order of the ledger.
func (b *bundle) mails(t *testing.T, kinds ...string) string {
	t.Helper()
	rows, err := b.Store.MailList(t.Context(), query.MailListParams{CycleID: b.cycle.ID})
	must(t, err)
	var texts []string
	for _, row := range rows {
		if len(kinds) == 0 || slices.Contains(kinds, row.Kind) {
			texts = append(texts, row.Kind+" "+row.Recipient)
		}
	}
	return strings.Join(texts, "\n")
}

// tasks are the open tasks: key, role or unit, due day.
func (b *bundle) tasks(t *testing.T) string {
	t.Helper()
	rows, err := b.Store.TaskList(t.Context(), query.TaskListParams{CycleID: b.cycle.ID, State: "open"})
	must(t, err)
	var texts []string
	for _, row := range rows {
		text := row.Key + " " + row.Role
		if row.Due != nil {
			text = strings.TrimSpace(text) + " " + row.Due.String()
		}
		texts = append(texts, strings.TrimSpace(text))
	}
	return strings.Join(texts, "\n")
}

func inRuns(texts []string) string {
	var runs []string
	for i := 0; i < len(texts); {
		n := 1
		for i+n < len(texts) && texts[i+n] == texts[i] {
			n++
		}
		run := texts[i]
		if n > 1 {
			run = fmt.Sprintf("%d×%s", n, run)
		}
		runs, i = append(runs, run), i+n
	}
	return strings.Join(runs, ", ")
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func is[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s:\n%v\nwant\n%v", what, got, want)
	}
}
