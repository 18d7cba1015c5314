package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/kaoping/kaoping/internal/devstack"
	"github.com/kaoping/kaoping/internal/settings"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/workflows"
)

// stack is the tests' own servers; the database is migrated.
var stack *devstack.Stack

// patience is longer than anything here takes.
const patience = 3 * time.Minute

var quiet = slog.New(slog.DiscardHandler)

func TestMain(m *testing.M) {
	code, err := runWithServers(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func runWithServers(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "kaoping-service-")
	if err != nil {
		return 1, err
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		return 1, err
	}
	attributes := map[string]string{}
	for _, name := range workflows.SearchAttributes() {
		attributes[name] = "Keyword"
	}
	ctx := context.Background()
	stack, err = devstack.Start(ctx, devstack.Options{
		Settings: devstack.Settings{Dir: filepath.Join(dir, "state"), FsyncOff: true, Progress: func(text string) { fmt.Fprintln(os.Stderr, text) }},
		Postgres: &devstack.PostgresOptions{}, Inbox: &devstack.InboxOptions{},
		Temporal: &devstack.TemporalOptions{SearchAttributes: attributes, Headless: true},
	})
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, stack.Close(), os.RemoveAll(dir)) }()
	if err := store.Migrate(ctx, store.Config{URL: stack.DatabaseURL()}); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

// given are the settings of the tests' servers, with health and metrics on a free port.
func given(t *testing.T) settings.Settings {
	t.Helper()
	complete, err := settings.Settings{OperationsAddress: "127.0.0.1:0", PortalAddress: "127.0.0.1:0", PublicAddress: "127.0.0.1:0"}.With(map[string]string{
		settings.DatabaseURL: stack.DatabaseURL(), settings.TemporalAddress: stack.TemporalAddress(), settings.SMTPURL: stack.SMTPURL(),
	}).Complete(t.TempDir())
	must(t, err)
	return complete
}

// running is a service at work, and how it ended.
type running struct {
	*Service
	stop  context.CancelFunc
	ended chan struct{}
	err   error // to be read after ended
}

func start(t *testing.T, with settings.Settings, roles ...Role) *running {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	r := &running{Service: New(with, roles, quiet), stop: stop, ended: make(chan struct{})}
	go func() {
		defer close(r.ended)
		r.err = r.Run(ctx)
	}()
	t.Cleanup(func() {
		stop()
		<-r.ended
	})
	select {
	case <-r.Ready():
	case <-r.ended:
		t.Fatalf("it ended before it was ready: %v", r.err)
	case <-time.After(patience):
		t.Fatal("it is not ready")
	}
	return r
}

// awaitEnd waits for the end of Run.
func (r *running) awaitEnd(t *testing.T) error {
	t.Helper()
	select {
	case <-r.ended:
		return r.err
	case <-time.After(patience):
		t.Fatal("it does not end")
		return nil
	}
}

func (r *running) get(t *testing.T, path string) (status int, body string) {
	t.Helper()
	return get(t, "http://"+r.Address()+path)
}

func get(t *testing.T, address string) (status int, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	must(t, err)
	response, err := http.DefaultClient.Do(request)
	must(t, err)
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	must(t, err)
	return response.StatusCode, string(content)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
