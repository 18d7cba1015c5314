package devstack

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// childRole makes the test program play another part: a program that starts servers and is then treated badly.
const childRole = "DEVSTACK_TEST_CHILD"

func TestMain(m *testing.M) {
	if role := os.Getenv(childRole); role != "" {
		if err := playChild(role, os.Args[1]); err != nil {
			_, _ = fmt.Fprintln(os.Stdout, "failed:", err) // the exit code says it too
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// playChild starts servers in the folder, tells their process ids, and waits for an interrupt, which is to reach
// it and not the servers.
func playChild(role, dir string) error {
	if role == "port" {
		return playReserving()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	options := Options{
		Settings: Settings{Dir: dir, Keep: role == "kept", FsyncOff: true},
		Postgres: &PostgresOptions{}, Inbox: &InboxOptions{},
	}
	if role != "small" {
		options.Temporal = &TemporalOptions{Headless: true}
	}
	stack, err := Start(ctx, options)
	if err != nil {
		return err
	}
	told := fmt.Sprintln(stack.Postgres.Pid())
	if stack.Temporal != nil {
		told += fmt.Sprintln(stack.Temporal.Pid())
	}
	if _, err := os.Stdout.WriteString(told + "ready\n"); err != nil {
		return errors.Join(err, stack.Close())
	}
	<-ctx.Done()
	if err := stack.Postgres.answers(context.Background()); err != nil {
		return fmt.Errorf("the interrupt reached PostgreSQL: %w", err)
	}
	return stack.Close()
}

// child is a running copy of the test program.
type child struct {
	cmd    *exec.Cmd
	pids   []int
	output *bufio.Reader
}

func startChild(t *testing.T, role, program, dir string, attr *syscall.SysProcAttr) *child {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, dir)
	cmd.Env = append(os.Environ(), childRole+"="+role)
	cmd.Dir = filepath.Dir(dir) // any that its account can reach
	cmd.SysProcAttr = attr
	cmd.Stderr = os.Stderr
	pipe, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	c := &child{cmd: cmd, output: bufio.NewReader(pipe)}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	for {
		line, err := c.output.ReadString('\n')
		must(t, err)
		var pid int
		if _, err := fmt.Sscan(line, &pid); err != nil {
			if line != "ready\n" {
				t.Fatalf("the child said %q", line)
			}
			return c
		}
		c.pids = append(c.pids, pid)
	}
}

// playReserving reserves a port and frees it.
func playReserving() error {
	reserved, err := ReservePort(8080)
	if err == nil && reserved == nil {
		return errors.New("the port is taken")
	}
	if err != nil {
		return err
	}
	return reserved.Close()
}

// rest returns what the child says until it ends, and how it ends.
func (c *child) rest(t *testing.T) (string, error) {
	t.Helper()
	output, err := io.ReadAll(c.output)
	must(t, err)
	return string(output), c.cmd.Wait()
}

// reachable makes a folder that every account can pass to, which t.TempDir is not.
func reachable(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "devstack-test-") //nolint:usetesting // others can't pass to t.TempDir
	must(t, err)
	must(t, os.Chmod(dir, 0o711))
	t.Cleanup(func() { must(t, os.RemoveAll(dir)) })
	return dir
}

func settings(t *testing.T) Settings {
	t.Helper()
	return Settings{Dir: filepath.Join(t.TempDir(), "state of 平凉"), FsyncOff: true}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func mustFail(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	mustContain(t, err.Error(), parts...)
}

func mustContain(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("it doesn't say %q: %s", part, text)
		}
	}
}

func is[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s is %v, and should be %v", what, got, want)
	}
}

// await waits for what another process does.
func await(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-deadline:
			t.Fatalf("it didn't happen: %s", what)
		case <-tick.C:
		}
	}
}

func gone(pid int) bool {
	line, err := commandLine(pid)
	return err != nil || line == ""
}

func isThere(t *testing.T, path string) bool {
	t.Helper()
	there, err := exists(path)
	must(t, err)
	return there
}

func query(t *testing.T, url, statement string) string {
	t.Helper()
	db, err := sql.Open("postgres", url)
	must(t, err)
	defer func() { must(t, db.Close()) }()
	var value string
	if err := db.QueryRowContext(t.Context(), statement).Scan(&value); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	return value
}

func execute(t *testing.T, url, statement string) {
	t.Helper()
	db, err := sql.Open("postgres", url)
	must(t, err)
	defer func() { must(t, db.Close()) }()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func ping(ctx context.Context, url string) error {
	db, err := sql.Open("postgres", url)
	if err != nil {
		return err
	}
	return errors.Join(db.PingContext(ctx), db.Close())
}
