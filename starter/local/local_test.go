package local

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/kaoping/kaoping/internal/devstack"
	"github.com/kaoping/kaoping/internal/settings"
)

const patience = 2 * time.Minute

// heard collects what is told.
type heard struct {
	mu   sync.Mutex
	text bytes.Buffer
	said chan struct{}
}

func (h *heard) tell(text string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.text.WriteString(text + "\n")
	if strings.Contains(text, "starts again") {
		close(h.said)
	}
}

func open(t *testing.T, options Options) *Servers {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	servers, err := Open(ctx, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := servers.Close(); err != nil {
			t.Error(err)
		}
	})
	return servers
}

// state is a folder whose way PostgreSQL's account can go.
func state(t *testing.T) string {
	t.Helper()
	return filepath.Join(t.TempDir(), settings.Dir)
}

// One stack works with its worker, a second one beside it, and neither leaves anything behind.
func TestOpen(t *testing.T) {
	t.Parallel()
	dir, told := state(t), &heard{said: make(chan struct{})}
	servers := open(t, Options{Dir: dir, WithWorker: true, Progress: told.tell, RefuseAddresses: []string{"nobody@x.example"}})
	if want := filepath.Join(dir, "rehearsal"); servers.Dir != want || servers.Inbox == nil || servers.TemporalUI == "" {
		t.Errorf("the state lies in %s, want %s; inbox %v, pages %q", servers.Dir, want, servers.Inbox, servers.TemporalUI)
	}
	if err := servers.Office.Store.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	found, err := settings.Settings{}.Discover(dir)
	if err != nil || found.DatabaseURL != servers.Settings.DatabaseURL || found.TemporalAddress != servers.Settings.TemporalAddress ||
		found.SMTPURL != servers.Inbox.URL() || found.EvidenceURL != servers.Settings.EvidenceURL {
		t.Errorf("others find %+v (%v), not the servers", found, err)
	}
	beside := open(t, Options{Dir: dir})
	if want := filepath.Join(dir, "rehearsal-2"); beside.Dir != want || beside.WorkerLog != "" {
		t.Errorf("the second lies in %s with the log %q, want %s and no worker", beside.Dir, beside.WorkerLog, want)
	}
	restarts(t, servers, told)
	for _, each := range []*Servers{servers, beside, servers} { // closing again does nothing
		if err := each.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		entries, _ := filepath.Glob(dir + "/*/*")
		t.Errorf("%s is left behind with %v", dir, entries)
	}
}

// restarts kills the worker, as the system may, and waits until another one is ready.
func restarts(t *testing.T, servers *Servers, told *heard) {
	t.Helper()
	first := worker(t)
	if err := syscall.Kill(first, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	select {
	case <-told.said:
	case <-time.After(patience):
		t.Fatal("nothing is told of the worker's end")
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for !servers.worker.ready(ctx) {
		if ctx.Err() != nil {
			t.Fatal("no worker is ready again")
		}
	}
	if second := worker(t); second == first {
		t.Errorf("it is still process %d", first)
	}
}

// worker is the process id of this process's child that is a worker.
func worker(t *testing.T) int {
	t.Helper()
	self := strconv.Itoa(os.Getpid())
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range stats {
		content, err := os.ReadFile(path)
		if err != nil {
			continue // it ended meanwhile
		}
		fields := strings.Fields(string(content))
		if fields[1] == "("+workerProgram+")" && fields[3] == self && fields[2] != "Z" {
			pid, err := strconv.Atoi(fields[0])
			if err != nil {
				t.Fatal(err)
			}
			return pid
		}
	}
	t.Fatal("there is no worker")
	return 0
}

// What is kept is there again; the folder is one stack's at a time.
func TestKeep(t *testing.T) {
	t.Parallel()
	dir := state(t)
	first := open(t, Options{Dir: dir, Keep: true})
	if _, err := Open(t.Context(), Options{Dir: dir, Keep: true}); !errors.Is(err, devstack.ErrInUse) {
		t.Errorf("a second one opens with %v, want ErrInUse", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "postgres")); err != nil {
		t.Errorf("nothing is kept: %v", err)
	}
	if _, err := devstack.ReadAddresses(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("addresses of servers that are gone: %v", err)
	}
}

// Servers that settings name are used; what is wrong with them shows before any other is started.
func TestGivenServers(t *testing.T) {
	t.Parallel()
	dir := state(t)
	for setting, given := range map[string]settings.Settings{
		"DATABASE_URL":       {DatabaseURL: "postgres://127.0.0.1:1/x"},
		"TEMPORAL_ADDRESS":   {TemporalAddress: "127.0.0.1:1"},
		"SMTP_URL":           {SMTPURL: "smtp://127.0.0.1:1"},
		"PUBLIC_RATE":        {PublicRate: "many"},
		"OPERATIONS_ADDRESS": {OperationsAddress: "192.0.2.1:80"}, // not this machine's
	} {
		_, err := Open(t.Context(), Options{Dir: dir, Settings: given, WithWorker: true})
		var fault *settings.Error
		if !errors.As(err, &fault) || fault.Setting != setting {
			t.Errorf("%s: %v", setting, err)
		}
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("something was started: %v", err)
	}

	inbox, err := devstack.StartInbox(devstack.Settings{Dir: t.TempDir()}, devstack.InboxOptions{})
	if err != nil {
		t.Fatal(err)
	}
	servers := open(t, Options{Dir: dir, Settings: settings.Settings{SMTPURL: inbox.URL()}})
	if servers.Inbox != nil || servers.Settings.SMTPURL != inbox.URL() {
		t.Errorf("mail goes to %s, want %s", servers.Settings.SMTPURL, inbox.URL())
	}
	if err := errors.Join(servers.Close(), inbox.Close()); err != nil {
		t.Error(err)
	}
}

func TestNextFree(t *testing.T) {
	t.Parallel()
	var listening net.ListenConfig
	taken, err := listening.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	if _, err := free(taken.Addr().String()); err == nil {
		t.Error("a port in use counts as free")
	}
	if address, err := free("127.0.0.1:0"); err != nil || strings.HasSuffix(address, ":0") {
		t.Errorf("any port is %s (%v), want one with a number", address, err)
	}
	one, other := new(Servers), new(Servers)
	t.Cleanup(func() {
		if err := errors.Join(one.Close(), other.Close()); err != nil {
			t.Error(err)
		}
	})
	first, err := one.nextFree("127.0.0.1:18000")
	if err != nil {
		t.Fatal(err)
	}
	// Nobody listens there yet, and another one all the same chooses the next.
	second, err := other.nextFree("127.0.0.1:18000")
	if err != nil || second == first || !strings.HasSuffix(second, "0") {
		t.Errorf("after %s comes %s (%v)", first, second, err)
	}
}

// A worker that can't start says why.
func TestWorkerThatEnds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	program := filepath.Join(dir, "worker")
	if err := os.WriteFile(program, []byte("#!/bin/sh\necho SMTP_URL: no answer >&2\nexit 1\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	c := &crew{program: program, log: filepath.Join(dir, workerLog), url: "http://127.0.0.1:1", tell: func(string) {}, ended: make(chan struct{})}
	first, err := c.start()
	if err != nil {
		t.Fatal(err)
	}
	err = c.awaitReady(t.Context(), first)
	if err == nil || !strings.Contains(err.Error(), "exit status 1") || !strings.Contains(err.Error(), "SMTP_URL: no answer") {
		t.Errorf("it ended, and we say %v", err)
	}
	if err := first.end(); err != nil {
		t.Error(err)
	}
}
