// Package integration plays whole years against real servers: PostgreSQL, Temporal and SMTP, each private to the
// test, and holds the journal against the regulations.
package integration

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/lib/pq"

	"github.com/kaoping/kaoping/documents"
	"github.com/kaoping/kaoping/internal/devstack"
	"github.com/kaoping/kaoping/internal/integration/dataset"
	"github.com/kaoping/kaoping/internal/rehearsal"
	"github.com/kaoping/kaoping/internal/service"
	"github.com/kaoping/kaoping/internal/settings"
	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/schemas"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

// stack is private servers, an office on them, and a worker as a process of its own.
type stack struct {
	*devstack.Stack
	// settings are those of the worker and the office: a fault may stand between them and the servers.
	settings settings.Settings
	office   *office.Office
	// admin sees the database past every fault.
	admin  *sql.DB
	logger *slog.Logger
	// dir is the state folder of the worker.
	dir    string
	worker *worker
}

// between puts something between the programs and their servers.
type between func(*testing.T, *stack)

// newStack starts servers, an office and a worker. The inbox refuses the addresses.
func newStack(t *testing.T, refused []string, faults ...between) *stack {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute) // the first start may build a server
	defer cancel()
	attributes := map[string]string{}
	for _, name := range workflows.SearchAttributes() {
		attributes[name] = "Keyword"
	}
	logger := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	servers, err := devstack.Start(ctx, devstack.Options{
		Settings: devstack.Settings{Dir: filepath.Join(t.TempDir(), "stack"), FsyncOff: true, Log: logger, Progress: func(text string) { t.Log(text) }},
		Postgres: &devstack.PostgresOptions{}, Temporal: &devstack.TemporalOptions{SearchAttributes: attributes, Headless: true},
		Inbox: &devstack.InboxOptions{Behaviour: devstack.Refuse(refused...)},
	})
	must(t, err)
	t.Cleanup(func() { must(t, servers.Close()) })
	must(t, store.Migrate(ctx, store.Config{URL: servers.DatabaseURL()}))
	s := &stack{Stack: servers, logger: logger, settings: settings.Settings{OperationsAddress: "127.0.0.1:0"}.With(map[string]string{
		settings.DatabaseURL: servers.DatabaseURL(), settings.TemporalAddress: servers.TemporalAddress(), settings.SMTPURL: servers.SMTPURL(),
	})}
	connector, err := pq.NewConnector(servers.Postgres.AdminURL())
	must(t, err)
	s.admin = sql.OpenDB(connector)
	t.Cleanup(func() { must(t, s.admin.Close()) })
	for _, fault := range faults {
		fault(t, s)
	}
	s.openOffice(ctx, t)
	s.hire(ctx, t)
	return s
}

func (s *stack) openOffice(ctx context.Context, t *testing.T) {
	t.Helper()
	var err error
	s.settings, err = s.settings.Complete(t.TempDir())
	must(t, err)
	s.office, err = s.settings.OpenOffice(ctx, s.logger)
	must(t, err)
	t.Cleanup(func() { must(t, settings.CloseOffice(s.office)) })
}

// hire starts the worker; at the end of the test it must stop in its own way.
func (s *stack) hire(ctx context.Context, t *testing.T) {
	t.Helper()
	s.dir = t.TempDir()
	must(t, s.replaceWorker(ctx))
	t.Cleanup(func() {
		if err := s.worker.dismiss(); err != nil {
			t.Errorf("the worker ended with %v", err)
		}
		if t.Failed() {
			t.Logf("the worker's last words:\n%s", s.worker.lastWords())
		}
	})
}

// replaceWorker starts another worker and waits until it takes work.
func (s *stack) replaceWorker(ctx context.Context) error {
	started, err := startWorker(service.Tasks, s.settings.Environment(nil), s.dir)
	if err != nil {
		return err
	}
	s.worker = started
	return started.awaitReady(ctx)
}

func library(t *testing.T) rules.Library {
	t.Helper()
	lib, err := settings.Rules("")
	must(t, err)
	return lib
}

// sample is the built-in data set.
func sample(t *testing.T) documents.DataSet {
	t.Helper()
	files, err := fs.Sub(schemas.Data, "data/pingliang")
	must(t, err)
	return read(t, files)
}

func generated(t *testing.T, options dataset.Options) documents.DataSet {
	t.Helper()
	return read(t, dataset.Files(options))
}

func read(t *testing.T, files fs.FS) documents.DataSet {
	t.Helper()
	set, err := documents.ReadDataSet(files, library(t))
	must(t, err)
	return set
}

// production is one rehearsal with its people.
type production struct {
	*stack
	set    documents.DataSet
	script rehearsal.Script
	cycle  query.Cycle
	// lines is how many the journal of an undisturbed year has; a fault comes at a share of them.
	lines int
}

// begin imports a data set as a rehearsal and starts it.
func (s *stack) begin(ctx context.Context, t *testing.T, set documents.DataSet, script rehearsal.Script, pace time.Duration) *production {
	t.Helper()
	cycle, err := s.office.ImportRehearsal(ctx, set, pace)
	must(t, err)
	desk, err := s.office.AdminDesk(ctx, cycle)
	must(t, err)
	must(t, desk.Start(ctx, time.Now()))
	return &production{stack: s, set: set, script: script, cycle: cycle}
}

// play lets the people act until the cycle is closed.
func (p *production) play(ctx context.Context, t *testing.T) {
	t.Helper()
	cast, err := rehearsal.NewCast(ctx, p.office, p.cycle, p.script, nil, p.logger)
	must(t, err)
	if err := cast.Play(ctx); err != nil {
		t.Fatalf("the play was broken off: %v\n%s", err, p.standing(t))
	}
	p.cycle, err = p.office.Store.CycleGet(ctx, query.CycleGetParams{CycleID: p.cycle.CycleID})
	must(t, err)
	if p.cycle.State != "closed" {
		t.Fatalf("the cycle ended %s", p.cycle.State)
	}
}

// standing tells where a cycle stands that did not come to its end.
func (p *production) standing(t *testing.T) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
	defer cancel()
	status, err := p.office.Status(ctx, p.cycle.CycleID)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%+v", status)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
