package office

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lib/pq"
	"go.temporal.io/sdk/testsuite"

	"github.com/kaoping/kaoping/activities"
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

// bundle is an office over a fresh database, with a Temporal that answers what the test says.
type bundle struct {
	*Office
	db       *sql.DB // as the owner of the tables
	temporal *temporalStub
	cycle    query.Cycle
	clock    atomic.Pointer[time.Time]
}

// day is one of the year 2025.
func day(month time.Month, dayOfMonth int) calendar.Date {
	return calendar.Date{Year: 2025, Month: month, Day: dayOfMonth}
}

// setup is an office without a cycle, on the morning of the sample's notice.
func setup(t *testing.T) *bundle {
	t.Helper()
	url, err := server.CreateDatabase(t.Context(), fmt.Sprintf("test_%d", databases.Add(1)), template)
	must(t, err)
	b := &bundle{temporal: new(temporalStub)}
	b.at(day(time.November, 24), 8)
	kept, err := store.Open(t.Context(), store.Config{URL: url, Now: func() time.Time { return *b.clock.Load() }})
	must(t, err)
	t.Cleanup(func() { must(t, kept.Close()) })
	connector, err := pq.NewConnector(url)
	must(t, err)
	b.db = sql.OpenDB(connector)
	t.Cleanup(func() { must(t, b.db.Close()) })
	library, err := rules.Load(schemas.Rules)
	must(t, err)
	b.Office = &Office{Store: kept, Temporal: b.temporal, Rules: library}
	return b
}

func (b *bundle) at(date calendar.Date, hour int) {
	now := date.At(hour, 0)
	b.clock.Store(&now)
}

// sample is the sample data set with its units C01, C02 and D18, and no evaluation beside it; media1 belongs to D18.
func sample(t *testing.T, library rules.Library) documents.DataSet {
	t.Helper()
	files, err := fs.Sub(schemas.Data, "data/pingliang")
	must(t, err)
	set, err := documents.ReadDataSet(files, library, calendar.Seed()...)
	must(t, err)
	set.Evaluation = nil
	units := []string{"C01", "C02", "D18"}
	set.Plan.Units = slices.DeleteFunc(set.Plan.Units, func(u rules.Unit) bool { return !slices.Contains(units, u.Code) })
	set.Plan.People = slices.DeleteFunc(set.Plan.People, func(p rules.Person) bool {
		return (p.Role == rules.Contact || p.Role == rules.Head) && !slices.Contains(units, p.Unit)
	})
	return set
}

// imported is an office with the sample as a draft.
func imported(t *testing.T, change ...func(*documents.DataSet)) *bundle {
	t.Helper()
	b := setup(t)
	set := sample(t, b.Rules)
	for _, change := range change {
		change(&set)
	}
	var err error
	b.cycle, err = b.Import(t.Context(), set)
	must(t, err)
	return b
}

// running is an office with a started year, its notices out, and C01's review open.
func running(t *testing.T, change ...func(*documents.DataSet)) *bundle {
	t.Helper()
	b := imported(t, change...)
	suite := new(testsuite.WorkflowTestSuite)
	suite.SetLogger(slog.New(slog.DiscardHandler))
	env := suite.NewTestActivityEnvironment()
	activities.New(activities.Dependencies{Store: b.Store, Rules: b.Rules, From: "zwgk@pingliang.example", PortalURL: "https://kaoping.example"}).Register(env)
	act := func(id string) workflows.Act {
		return workflows.Act{Cycle: Reference(b.cycle), ID: id, By: "admin", At: *b.clock.Load()}
	}
	for _, step := range []struct {
		name string
		in   any
	}{
		{workflows.ClaimCycle.Name(), workflows.ClaimInput{Act: act("claim"), Real: *b.clock.Load()}},
		{workflows.IssueNotices.Name(), workflows.IssueNoticesInput{Act: act("notices")}},
		{workflows.OpenReview.Name(), workflows.ReviewInput{Act: act("review"), Unit: "C01"}},
	} {
		_, err := env.ExecuteActivity(step.name, step.in)
		must(t, err)
	}
	b.reload(t)
	return b
}

func (b *bundle) reload(t *testing.T) {
	t.Helper()
	var err error
	b.cycle, err = b.Find(t.Context(), "pingliang/2025", 0)
	must(t, err)
}

func (b *bundle) desk(t *testing.T, login string) *Desk {
	t.Helper()
	desk, err := b.Desk(t.Context(), b.cycle, login)
	must(t, err)
	return desk
}

// execute arranges what workflows do in production.
func (b *bundle) execute(t *testing.T, statement string, args ...any) {
	t.Helper()
	if _, err := b.db.ExecContext(t.Context(), statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// text is the one value that a query answers.
func (b *bundle) text(t *testing.T, statement string) string {
	t.Helper()
	var text sql.NullString
	if err := b.db.QueryRowContext(t.Context(), statement).Scan(&text); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	return text.String
}

// events are the journal's, in order, from after a line on.
func (b *bundle) events(t *testing.T, after int64) string {
	t.Helper()
	var events []string
	must(t, b.Store.Journal(t.Context(), b.cycle.CycleID, after, func(line store.JournalLine) error {
		events = append(events, line.Event)
		return nil
	}))
	return fmt.Sprint(events)
}

func asJSON(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	must(t, err)
	return string(text)
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

// fails wants an error of a kind that gives exactly these reasons.
func fails(t *testing.T, err error, kind store.Kind, reasons ...string) {
	t.Helper()
	var known *store.Error
	if !errors.As(err, &known) || known.Kind != kind {
		t.Fatalf("kind %d, want %d: %v", store.KindOf(err), kind, err)
	}
	if fmt.Sprint(known.Reasons) != fmt.Sprint(reasons) {
		t.Errorf("the reasons are %q, want %q", known.Reasons, reasons)
	}
}

// A rehearsal's day is longer where many units share few days.
func TestThePaceFollowsUnitsAndDays(t *testing.T) {
	t.Parallel()
	plan := func(units int, last rules.Day) rules.Plan {
		plan := rules.Plan{Units: make([]rules.Unit, units)}
		plan.Scheme.Dates.Notice, plan.Scheme.Dates.RectificationDue = "2025-11-24", last
		return plan
	}
	is(t, "40 units in 110 days", PaceFor(plan(40, "2026-03-13")), time.Second)
	is(t, "300 units in 110 days", PaceFor(plan(300, "2026-03-13")), 2455*time.Millisecond)
	is(t, "300 units in 30 days", PaceFor(plan(300, "2025-12-23")), 9*time.Second)
	is(t, "3 units in a day", PaceFor(plan(3, "2025-11-24")), 2700*time.Millisecond)
	is(t, "no dates", PaceFor(plan(300, "")), time.Second)
}
