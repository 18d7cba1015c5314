package devstack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

func openTestFolder(t *testing.T) *folder {
	t.Helper()
	f, err := openFolder(settings(t), "part", 0o700)
	must(t, err)
	t.Cleanup(func() { must(t, f.leave()) })
	return f
}

// command ends with the test at the latest.
func command(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	return exec.CommandContext(t.Context(), name, args...)
}

func shell(t *testing.T, lines string) *exec.Cmd {
	t.Helper()
	return command(t, "/bin/sh", "-c", lines)
}

var quiet = slog.New(slog.DiscardHandler)

func TestBringUpTriesAgain(t *testing.T) {
	t.Parallel()
	f := openTestFolder(t)
	starts := 0
	p, err := bringUp(t.Context(), func() (*process, error) {
		starts++
		if starts < 3 {
			return launch(shell(t, "echo port taken; exit 1"), f, quiet)
		}
		return launch(command(t, "sleep", "60"), f, quiet)
	}, func(context.Context) error {
		if starts < 3 {
			return errors.New("no answer")
		}
		return nil
	})
	must(t, err)
	is(t, "starts", starts, 3)
	is(t, "running", p.running(), true)
	must(t, p.end(time.Minute, syscall.SIGTERM))
	is(t, "running in the end", p.running(), false)
}

func TestBringUpGivesUp(t *testing.T) {
	t.Parallel()
	f := openTestFolder(t)
	starts := 0
	_, err := bringUp(t.Context(), func() (*process, error) {
		starts++
		return launch(shell(t, fmt.Sprintf("echo attempt %d; exit 7", starts)), f, quiet)
	}, func(context.Context) error { return errors.New("no answer") })
	mustFail(t, err, "it ended before it answered", "exit status 7", "no answer", "attempt 10")
	is(t, "says only the last attempt", strings.Contains(err.Error(), "attempt 9"), false)
	is(t, "starts", starts, 10)
}

func TestBringUpEndsWithItsContext(t *testing.T) {
	t.Parallel()
	f := openTestFolder(t)
	ctx, cancel := context.WithCancel(t.Context())
	var p *process
	_, err := bringUp(ctx, func() (_ *process, err error) {
		p, err = launch(command(t, "sleep", "60"), f, quiet)
		return p, err
	}, func(context.Context) error {
		cancel()
		return errors.New("no answer")
	})
	is(t, "cancelled", errors.Is(err, context.Canceled), true)
	is(t, "running", p.running(), false)
}

func TestLaunchTellsWhatCannotStart(t *testing.T) {
	t.Parallel()
	_, err := launch(command(t, filepath.Join(t.TempDir(), "nothing")), openTestFolder(t), quiet)
	mustFail(t, err, "couldn't start", "no such file")
}

func TestEndInsists(t *testing.T) {
	t.Parallel()
	f := openTestFolder(t)
	p, err := launch(shell(t, "trap '' INT QUIT; echo deaf; exec sleep 60"), f, quiet)
	must(t, err)
	await(t, "it ignores signals", func() bool { return p.lastWords() == "deaf" })
	must(t, p.end(50*time.Millisecond, syscall.SIGINT, syscall.SIGQUIT))
	is(t, "ended by", p.err.Error(), "signal: killed")
	must(t, p.end(time.Minute, syscall.SIGINT)) // ended already
}

func TestUnexpectedEndIsLogged(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	f := openTestFolder(t)
	p, err := launch(shell(t, "exit 3"), f, slog.New(slog.NewTextHandler(&log, nil)))
	must(t, err)
	<-p.ended
	mustContain(t, log.String(), "level=ERROR", "ended by itself", "exit status 3", f.file("log"))

	log.Reset()
	p, err = launch(command(t, "sleep", "60"), f, slog.New(slog.NewTextHandler(&log, nil)))
	must(t, err)
	must(t, p.end(time.Minute))
	is(t, "log of an end that was asked for", log.String(), "")
}

func TestServersHaveTheirOwnGroup(t *testing.T) {
	t.Parallel()
	p, err := launch(command(t, "sleep", "60"), openTestFolder(t), quiet)
	must(t, err)
	group, err := syscall.Getpgid(p.pid())
	must(t, err)
	is(t, "group", group, p.pid())
	must(t, p.end(time.Minute))
}

func TestCancelledCommandTakesItsChildrenAlong(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	note := filepath.Join(t.TempDir(), "pid")
	ended := make(chan error, 1)
	go func() {
		ended <- runToEnd(exec.CommandContext(ctx, "/bin/sh", "-c", "sleep 60 & echo $! >"+note+"; wait"))
	}()
	var pid int
	await(t, "the child is there", func() bool {
		content, _ := os.ReadFile(note)
		pid, _ = strconv.Atoi(strings.TrimSpace(string(content)))
		return pid != 0
	})
	cancel()
	mustFail(t, <-ended, "killed")
	await(t, "the child is gone", func() bool { return gone(pid) })
}

// orphan is a server whose parent forgot about it; it is recorded in the folder of the state.
func orphan(t *testing.T, s Settings, cmd *exec.Cmd) <-chan struct{} {
	t.Helper()
	must(t, cmd.Start())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // killed, which is the point
	}()
	dir := filepath.Join(s.Dir, "part")
	must(t, os.MkdirAll(dir, 0o700))
	must(t, recordProcess(filepath.Join(dir, processFile), cmd))
	return ended
}

func TestOrphanIsEnded(t *testing.T) {
	t.Parallel()
	s := settings(t)
	cmd := command(t, "sleep", "60")
	ended := orphan(t, s, cmd)
	f, err := openFolder(s, "part", 0o700)
	must(t, err)
	<-ended
	is(t, "ended by", strings.HasPrefix(cmd.ProcessState.String(), "signal: quit"), true)
	must(t, f.leave())
}

func TestAnotherProcessWithTheOrphansNumberIsSpared(t *testing.T) {
	t.Parallel()
	s := settings(t)
	cmd := shell(t, "exec sleep 60") // recorded as a shell, and something else by now
	ended := orphan(t, s, cmd)
	await(t, "it is something else", func() bool {
		line, err := commandLine(cmd.Process.Pid)
		return err == nil && line == "sleep 60"
	})
	f, err := openFolder(s, "part", 0o700)
	must(t, err)
	is(t, "gone", gone(cmd.Process.Pid), false)
	must(t, cmd.Process.Kill())
	<-ended
	must(t, f.leave())
}

func TestRecordThatWasCutOffIsIgnored(t *testing.T) {
	t.Parallel()
	for _, record := range []string{"", "12", "x\nsleep"} {
		path := filepath.Join(t.TempDir(), processFile)
		must(t, os.WriteFile(path, []byte(record), 0o600))
		must(t, endOrphan(path))
	}
}

func TestFreePortsAreFreeAndLow(t *testing.T) {
	t.Parallel()
	for range 50 {
		port, err := freePort()
		must(t, err)
		if port < 20000 || port >= 32000 {
			t.Fatalf("port %d", port)
		}
		listener, err := listen(loopback(port))
		must(t, err)
		must(t, listener.Close())
	}
}

func TestAnnounceShowsLife(t *testing.T) {
	t.Parallel()
	inBubble(t, func() {
		var told []string
		var count atomic.Int64
		stop := announce(func(text string) { told = append(told, text) }, "building",
			func() string { return fmt.Sprint(count.Add(1), " packages") })
		<-time.After(12 * time.Second) // in a bubble the clock jumps
		stop()
		<-time.After(time.Minute)
		want := "building|building: 5s, 1 packages|building: 10s, 2 packages"
		is(t, "told", strings.Join(told, "|"), want)
	})
}
