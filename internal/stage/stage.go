// Package stage is a year for tests of what people see: an office over real PostgreSQL with a clock that the test sets,
// and in Temporal's place a stand-in that carries each act out by its own activity and takes the step that follows, at
// once. What a workflow refuses for coming at the wrong time is not shown here; the integration tests show it.
package stage

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lib/pq"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/documents"
	"github.com/kaoping/kaoping/internal/devstack"
	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/schemas"
	"github.com/kaoping/kaoping/store"
)

const template = "template_kaoping"

// server is the PostgreSQL of the package under test.
var (
	server    *devstack.Postgres
	databases atomic.Int64
)

// Main runs a package's tests with a private PostgreSQL beside them; what else is to end with them is told.
func Main(m *testing.M, end ...func()) {
	code := devstack.RunTests(template, fillTemplate, func(own *devstack.Postgres) int {
		server = own
		return m.Run()
	})
	for _, end := range end {
		end()
	}
	os.Exit(code)
}

func fillTemplate(ctx context.Context, url string) error {
	return store.Migrate(ctx, store.Config{URL: url})
}

// Stage is an office over a fresh database, and the year 2025 of the sample data set on it.
type Stage struct {
	*office.Office
	// DB is the database as the owner of its tables, URL its address.
	DB    *sql.DB
	URL   string
	Cycle office.Cycle

	t     *testing.T
	clock atomic.Pointer[time.Time]
	hand  *hand
}

// Empty is a stage without a cycle, on the morning of the sample's notice.
func Empty(t *testing.T) *Stage {
	t.Helper()
	url, err := server.CreateDatabase(t.Context(), fmt.Sprintf("test_%d", databases.Add(1)), template)
	Must(t, err)
	s := &Stage{t: t, URL: url}
	s.At(Day(time.November, 24), 8)
	kept, err := store.Open(t.Context(), store.Config{URL: url, Now: s.now})
	Must(t, err)
	t.Cleanup(func() { Must(t, kept.Close()) })
	connector, err := pq.NewConnector(url)
	Must(t, err)
	s.DB = sql.OpenDB(connector)
	t.Cleanup(func() { Must(t, s.DB.Close()) })
	library, err := rules.Load(schemas.Rules)
	Must(t, err)
	evidence, err := documents.OpenEvidence(t.Context(), "file://"+filepath.Join(t.TempDir(), "evidence"))
	Must(t, err)
	t.Cleanup(func() { Must(t, evidence.Close()) })
	s.hand = newHand(s, kept, library)
	s.Office = &office.Office{Store: kept, Temporal: s.hand, Rules: library, Evidence: evidence}
	return s
}

// Day is one of the assessment year 2025.
func Day(month time.Month, dayOfMonth int) calendar.Date {
	return calendar.Date{Year: 2025, Month: month, Day: dayOfMonth}
}

func (s *Stage) now() time.Time { return *s.clock.Load() }

// At sets the clock.
func (s *Stage) At(date calendar.Date, hour int) {
	now := date.At(hour, 0)
	s.clock.Store(&now)
}

// Sample is the sample data set with some of its units; C01, C02 and D18 if none are named. media1 belongs to D18.
// No evaluation is beside it.
func Sample(t *testing.T, library rules.Library, units ...string) documents.DataSet {
	t.Helper()
	files, err := fs.Sub(schemas.Data, "data/pingliang")
	Must(t, err)
	set, err := documents.ReadDataSet(files, library, calendar.Seed()...)
	Must(t, err)
	set.Evaluation = nil
	if len(units) == 0 {
		units = []string{"C01", "C02", "D18"}
	}
	set.Plan.Units = slices.DeleteFunc(set.Plan.Units, func(u rules.Unit) bool { return !slices.Contains(units, u.Code) })
	set.Plan.People = slices.DeleteFunc(set.Plan.People, func(p rules.Person) bool {
		return (p.Role == rules.Contact || p.Role == rules.Head) && !slices.Contains(units, p.Unit)
	})
	return set
}

// Draft is a stage with the sample imported and not started.
func Draft(t *testing.T, units ...string) *Stage {
	t.Helper()
	s := Empty(t)
	var err error
	s.Cycle, err = s.Import(t.Context(), Sample(t, s.Rules, units...))
	Must(t, err)
	return s
}

// Running is a stage whose year has started, at 10:00 on the day of the notice; the notices are out.
func Running(t *testing.T, units ...string) *Stage {
	t.Helper()
	return RunningOn(t, func(*rules.Plan) {}, units...)
}

// RunningOn is Running with something in the plan changed.
func RunningOn(t *testing.T, change func(*rules.Plan), units ...string) *Stage {
	t.Helper()
	s := Empty(t)
	set := Sample(t, s.Rules, units...)
	change(&set.Plan)
	var err error
	s.Cycle, err = s.Import(t.Context(), set)
	Must(t, err)
	s.hand.claim()
	s.At(Day(time.November, 24), 10)
	s.Reload()
	return s
}

// Reload reads the cycle's row again.
func (s *Stage) Reload() {
	s.t.Helper()
	var err error
	s.Cycle, err = s.Find(s.t.Context(), "pingliang/2025", 0)
	Must(s.t, err)
}

// As seats a person.
func (s *Stage) As(login string) *office.Desk {
	s.t.Helper()
	s.Reload()
	desk, err := s.Desk(s.t.Context(), s.Cycle, login)
	Must(s.t, err)
	return desk
}

// Must ends a test that can't go on.
func Must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
