package devstack

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestStackServesAndLeavesNothing(t *testing.T) {
	t.Parallel()
	s := settings(t)
	stack, err := Start(t.Context(), Options{
		Settings: s,
		Postgres: &PostgresOptions{},
		Temporal: &TemporalOptions{SearchAttributes: map[string]string{"Authority": "Keyword"}},
		Inbox:    &InboxOptions{},
	})
	must(t, err)
	t.Cleanup(func() { must(t, stack.Close()) })

	is(t, "the answer", query(t, stack.DatabaseURL(), "SELECT current_database()"), "kaoping")
	is(t, "the attribute's kind", attributes(t, stack.TemporalAddress())["Authority"], "Keyword")
	is(t, "the page", page(t, stack.TemporalUI()), 200)
	must(t, send(stack.SMTPURL(), nil, "a@example.cn", "Subject: plain\r\n\r\nx\r\n"))
	is(t, "messages", len(stack.Inbox.Messages()), 1)
	must(t, WriteAddresses(s.Dir, map[string]string{"SMTP_URL": stack.SMTPURL()}))

	pids := []int{stack.Postgres.Pid(), stack.Temporal.Pid()}
	home := stack.Postgres.DataDir()
	must(t, stack.Close())
	for _, pid := range pids {
		if !gone(pid) {
			t.Errorf("process %d is still there", pid)
		}
	}
	is(t, "data left", isThere(t, home), false)
	is(t, "files left", isThere(t, filepath.Join(s.Dir, addressesFile)), false)
	is(t, "folder left", isThere(t, s.Dir), false)
	must(t, stack.Close())
	mustFail(t, stack.Postgres.Start(t.Context()), "closed")
	mustFail(t, stack.Temporal.Start(t.Context()), "closed")
	mustFail(t, stack.Inbox.Start(), "closed")
}

func TestStackLeavesOutWhatRunsElsewhere(t *testing.T) {
	t.Parallel()
	stack, err := Start(t.Context(), Options{Settings: settings(t)})
	must(t, err)
	is(t, "all addresses", stack.DatabaseURL()+stack.TemporalAddress()+stack.TemporalUI()+stack.SMTPURL(), "")
	must(t, stack.Close())
}

func TestStackNeedsAFolder(t *testing.T) {
	t.Parallel()
	_, err := Start(t.Context(), Options{})
	mustFail(t, err, "no state folder")
}

func TestStackSparesFilesOfOthers(t *testing.T) {
	t.Parallel()
	s := settings(t)
	must(t, os.Mkdir(s.Dir, 0o700))
	stack, err := Start(t.Context(), Options{Settings: s, Inbox: &InboxOptions{}})
	must(t, err)
	mine := filepath.Join(s.Dir, "signing-key")
	must(t, os.WriteFile(mine, nil, 0o600))
	must(t, stack.Close())
	entries, err := os.ReadDir(s.Dir)
	must(t, err)
	is(t, "files in the folder", len(entries), 1)
	is(t, "the file of others", isThere(t, mine), true)
}

func TestTwoStacksSideBySide(t *testing.T) {
	t.Parallel()
	start := func(dir string) (*Stack, error) {
		return Start(t.Context(), Options{
			Settings: Settings{Dir: dir, FsyncOff: true}, Postgres: &PostgresOptions{}, Inbox: &InboxOptions{},
		})
	}
	dir := t.TempDir()
	one, err := start(filepath.Join(dir, "one"))
	must(t, err)
	defer func() { must(t, one.Close()) }()
	two, err := start(filepath.Join(dir, "two"))
	must(t, err)
	defer func() { must(t, two.Close()) }()
	execute(t, one.DatabaseURL(), "CREATE TABLE mine (x int)")
	is(t, "table of the other", query(t, two.DatabaseURL(), "SELECT to_regclass('mine') IS NULL"), "true")

	_, err = start(filepath.Join(dir, "one"))
	mustFail(t, err, "one", "by process")
	is(t, "in use", errors.Is(err, ErrInUse), true)
	_, err = StartInbox(Settings{Dir: filepath.Join(dir, "two")}, InboxOptions{})
	is(t, "a part in use", errors.Is(err, ErrInUse), true)
	is(t, "still alive", query(t, one.DatabaseURL(), "SELECT 'yes'"), "yes")
}

func TestKeptStateIsThereAgain(t *testing.T) {
	t.Parallel()
	s := settings(t)
	s.Keep = true
	options := Options{Settings: s, Postgres: &PostgresOptions{}, Inbox: &InboxOptions{}}
	stack, err := Start(t.Context(), options)
	must(t, err)
	execute(t, stack.DatabaseURL(), "CREATE TABLE kept AS SELECT 'yes' AS x")
	must(t, send(stack.SMTPURL(), nil, "a@example.cn", "Subject: plain\r\n\r\nx\r\n"))
	home := filepath.Dir(stack.Postgres.DataDir())
	t.Cleanup(func() { must(t, os.RemoveAll(home)) }) // as root it may lie outside the test's folder
	must(t, stack.Close())

	options.Keep = false
	_, err = Start(t.Context(), options)
	is(t, "refused to begin anew", errors.Is(err, ErrKept), true)

	options.Keep = true
	stack, err = Start(t.Context(), options)
	must(t, err)
	is(t, "the row", query(t, stack.DatabaseURL(), "SELECT x FROM kept"), "yes")
	is(t, "messages", len(stack.Inbox.Messages()), 1)
	must(t, stack.Close())
}

func TestFailedPartEndsTheOthers(t *testing.T) {
	t.Parallel()
	s := settings(t)
	_, err := Start(t.Context(), Options{
		Settings: s, Postgres: &PostgresOptions{}, Inbox: &InboxOptions{TLS: "sometimes"},
	})
	mustFail(t, err, "couldn't start the inbox", `"sometimes"`)
	is(t, "folder left", isThere(t, s.Dir), false)
}

func TestServersDieWithTheirParent(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(reachable(t), "state")
	program, err := os.Executable()
	must(t, err)
	c := startChild(t, "kept", program, dir, nil)
	is(t, "servers", len(c.pids), 2)
	must(t, c.cmd.Process.Kill())
	if _, err := c.rest(t); err == nil {
		t.Error("the child ended well")
	}
	for _, pid := range c.pids {
		await(t, "a server dies with its parent", func() bool { return gone(pid) })
	}
	stack, err := Start(t.Context(), Options{
		Settings: Settings{Dir: dir, Keep: true, FsyncOff: true},
		Postgres: &PostgresOptions{}, Temporal: &TemporalOptions{Headless: true},
	})
	must(t, err)
	is(t, "the answer", query(t, stack.DatabaseURL(), "SELECT 'yes'"), "yes")
	must(t, stack.Close())
}

func TestInterruptAtTheTerminalLeavesNothing(t *testing.T) {
	t.Parallel()
	parent := reachable(t)
	program, err := os.Executable()
	must(t, err)
	// A terminal interrupts a whole process group.
	c := startChild(t, "whole", program, filepath.Join(parent, "state"), &syscall.SysProcAttr{Setpgid: true})
	must(t, syscall.Kill(-c.cmd.Process.Pid, syscall.SIGINT))
	output, err := c.rest(t)
	if err != nil {
		t.Fatalf("the child: %v: %s", err, output)
	}
	for _, pid := range c.pids {
		is(t, "server gone", gone(pid), true)
	}
	is(t, "folder left", isThere(t, filepath.Join(parent, "state")), false)
}

// Under root the whole suite runs PostgreSQL as another user. This one shows the other case, an ordinary user.
func TestOrdinaryUser(t *testing.T) {
	t.Parallel()
	parent := reachable(t)
	program := filepath.Join(parent, "program")
	copyProgram(t, program)
	home := filepath.Join(parent, "home")
	must(t, os.Mkdir(home, 0o700))
	var attr *syscall.SysProcAttr
	if os.Geteuid() == 0 {
		const nobody = 65534
		must(t, os.Chown(home, nobody, nobody))
		attr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	c := startChild(t, "small", program, filepath.Join(home, "state"), attr)
	must(t, c.cmd.Process.Signal(os.Interrupt))
	output, err := c.rest(t)
	if err != nil {
		t.Fatalf("the child: %v: %s", err, output)
	}
	is(t, "server gone", gone(c.pids[0]), true)
	is(t, "folder left", isThere(t, filepath.Join(home, "state")), false)
}

func copyProgram(t *testing.T, to string) {
	t.Helper()
	program, err := os.Executable()
	must(t, err)
	from, err := os.Open(program)
	must(t, err)
	defer func() { must(t, from.Close()) }()
	syscall.ForkLock.RLock() // as in script
	defer syscall.ForkLock.RUnlock()
	file, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755)
	must(t, err)
	_, err = io.Copy(file, from)
	must(t, errors.Join(err, file.Close()))
}

func TestStartGivesUpWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := settings(t)
	_, err := Start(ctx, Options{Settings: s, Postgres: &PostgresOptions{}})
	is(t, "cancelled", errors.Is(err, context.Canceled), true)
	is(t, "folder left", isThere(t, s.Dir), false)
}

func TestProgressIsToldOneAtATime(t *testing.T) {
	t.Parallel()
	var told []string
	progress := oneAtATime(func(text string) { told = append(told, text) })
	done := make(chan struct{})
	for range 20 {
		go func() {
			progress("x")
			done <- struct{}{}
		}()
	}
	for range 20 {
		<-done
	}
	is(t, "told", strings.Join(told, ""), strings.Repeat("x", 20))
	oneAtATime(nil)("nobody listens")
}
