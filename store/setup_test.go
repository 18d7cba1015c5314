package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lib/pq"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/internal/devstack"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store/query"
)

// template is the migrated database that each test gets a copy of.
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

func fillTemplate(ctx context.Context, url string) error { return Migrate(ctx, Config{URL: url}) }

// bundle is what one test works with: a fresh database, its store, and a clock that stands still.
type bundle struct {
	*Store
	url   string
	clock *clock
}

// clock shows what it was set to.
type clock struct{ at atomic.Pointer[time.Time] }

func (c *clock) now() time.Time    { return *c.at.Load() }
func (c *clock) set(now time.Time) { c.at.Store(&now) }

var beginning = calendar.Date{Year: 2025, Month: time.November, Day: 24}.At(9, 0)

func setup(t *testing.T) *bundle {
	t.Helper()
	url := freshDatabase(t, template)
	clock := new(clock)
	clock.set(beginning)
	return &bundle{Store: open(t, Config{URL: url, Now: clock.now}), url: url, clock: clock}
}

func freshDatabase(t *testing.T, from string) string {
	t.Helper()
	name := fmt.Sprintf("test_%d", databases.Add(1))
	url, err := server.CreateDatabase(t.Context(), name, from)
	must(t, err)
	return url
}

func open(t *testing.T, config Config) *Store {
	t.Helper()
	store, err := Open(t.Context(), config)
	must(t, err)
	t.Cleanup(func() { must(t, store.Close()) })
	return store
}

// connect opens a pool without the store: as the owner of the tables, or as superuser.
func connect(t *testing.T, url string) *sql.DB {
	t.Helper()
	connector, err := pq.NewConnector(url)
	must(t, err)
	db := sql.OpenDB(connector)
	t.Cleanup(func() { must(t, db.Close()) })
	return db
}

// asSuperuser is who may do everything, the tamperer.
func (b *bundle) asSuperuser(t *testing.T) *sql.DB {
	t.Helper()
	return connect(t, superuserURL(t, b.url))
}

func superuserURL(t *testing.T, url string) string {
	t.Helper()
	admin, err := pq.NewConfig(server.AdminURL())
	must(t, err)
	own, err := pq.NewConfig(url)
	must(t, err)
	return fmt.Sprintf("postgres://%s:%s@%s:%d/%s?sslmode=disable", admin.User, admin.Password, own.Host, own.Port, own.Database)
}

func execute(t *testing.T, db *sql.DB, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// count runs a query that answers one number.
func count(t *testing.T, db *sql.DB, statement string) int {
	t.Helper()
	var n int
	if err := db.QueryRowContext(t.Context(), statement).Scan(&n); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	return n
}

// smallPlan is a plan with two units, an assessor whose own organisation is the second, and two indicators.
func smallPlan() rules.Plan {
	dates := rules.Dates{
		Notice: "2025-11-24", SelfReportDue: "2025-12-12", ReviewDue: "2026-01-09", ApprovalDue: "2026-01-16", RectificationDue: "2026-03-13",
	}
	return rules.Plan{
		Scheme: rules.Scheme{
			Authority: rules.Authority{Code: "pingliang", Name: "平凉市政府政务公开办公室", Tier: "city"}, Year: 2025,
			RuleSet: "pingliang-2022", Dates: dates, ReturnWorkingDays: 3,
		},
		Indicators: []rules.Indicator{
			{Code: "1", Area: "organization", Track: "daily", Max: 3000, Content: "组织领导", Criteria: "缺一项扣1分", Methods: []string{"documents"}},
			{Code: "2", Area: "platforms", Track: "special", Max: 7000, Content: "平台建设", Criteria: "缺一项扣1分", Methods: []string{"website"}},
		},
		Units: []rules.Unit{
			{Code: "C01", Name: "崆峒区人民政府", Category: "county", Email: "c01@example.com", Telephone: "0933-1"},
			{Code: "D01", Name: "平凉市发展和改革委员会", Category: "department", Email: "d01@example.com", Telephone: "0933-2"},
		},
		People: []rules.Person{
			{Login: "admin", Name: "管理员", Role: rules.Admin, Email: "admin@example.com"},
			{Login: "web", Name: "考核员一", Role: rules.Assessor, Unit: "D01", Email: "web@example.com", Areas: []string{"organization", "platforms"}},
			{Login: "gov", Name: "考核员二", Role: rules.Assessor, Email: "gov@example.com", Areas: []string{"organization", "platforms"}},
			{Login: "c01", Name: "联络员", Role: rules.Contact, Unit: "C01", Email: "c01@example.com"},
		},
	}
}

// imported is a bundle with the small plan as a draft of the real cycle.
func imported(t *testing.T) (*bundle, int64) {
	t.Helper()
	b := setup(t)
	id, err := b.ImportDataSet(t.Context(), Import{DataSet: DataSet{Plan: smallPlan()}})
	must(t, err)
	return b, id
}

func (b *bundle) cycle(t *testing.T, id int64) query.Cycle {
	t.Helper()
	cycle, err := b.CycleGet(t.Context(), query.CycleGetParams{CycleID: id})
	must(t, err)
	return cycle
}

// do makes one keyed change that answers nothing.
func (b *bundle) do(t *testing.T, cycle int64, key string, change func(*Change) error) error {
	t.Helper()
	var none struct{}
	return b.Do(t.Context(), Step{Cycle: cycle, Key: key}, &none, change)
}

// record writes one line a key.
func (b *bundle) record(t *testing.T, cycle int64, events ...string) {
	t.Helper()
	for _, event := range events {
		must(t, b.do(t, cycle, "record/"+event, func(change *Change) error {
			change.Record(Line{Event: event})
			return nil
		}))
	}
}

// lines are the cycle's journal.
func (b *bundle) lines(t *testing.T, cycle int64) []JournalLine {
	t.Helper()
	var lines []JournalLine
	must(t, b.Journal(t.Context(), cycle, 0, func(line JournalLine) error {
		lines = append(lines, line)
		return nil
	}))
	return lines
}

// story is the cycle's journal by event.
func (b *bundle) story(t *testing.T, cycle int64) string {
	t.Helper()
	var events []string
	for _, line := range b.lines(t, cycle) {
		events = append(events, line.Event)
	}
	return inRuns(events)
}

// inRuns lists texts; one that comes several times in a row stands once, with its number.
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
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// fails wants an error of a kind that gives exactly these reasons.
func fails(t *testing.T, err error, kind Kind, reasons ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want kind %d: %q", kind, reasons)
	}
	var known *Error
	if !errors.As(err, &known) || known.Kind != kind {
		t.Fatalf("kind %d, want %d: %v", KindOf(err), kind, err)
	}
	if fmt.Sprint(known.Reasons) != fmt.Sprint(reasons) {
		t.Errorf("the reasons are %q, want %q", known.Reasons, reasons)
	}
}

func asError[T error](err error, into *T) bool { return errors.As(err, into) }
