package integration

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/kaoping/kaoping/internal/service"
	"github.com/kaoping/kaoping/internal/settings"
)

// workerVariable makes this program a worker: it holds the state folder. So a test starts the real worker as a process
// that can be killed, without building a program.
const workerVariable = "KAOPING_INTEGRATION_WORKER"

// roleVariable is the role in which it works.
const roleVariable = "KAOPING_INTEGRATION_ROLE"

func TestMain(m *testing.M) {
	dir := os.Getenv(workerVariable)
	if dir == "" {
		os.Exit(m.Run())
	}
	if err := beWorker(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// readyLine begins the line that says that the worker works, and where it serves the public.
const readyLine = "ready "

// beWorker works with the settings of the environment until standard input ends, as it does when the test is gone.
func beWorker(dir string) error {
	var given settings.Settings
	if _, err := kong.Must(&given, settings.Flags()).Parse(nil); err != nil {
		return err
	}
	complete, err := given.Complete(dir)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	role := service.Role(os.Getenv(roleVariable))
	worker := service.New(complete, []service.Role{role}, settings.Log(os.Stderr))
	go func() {
		defer stop()
		_, _ = io.Copy(io.Discard, os.Stdin) // it ends, whichever way
	}()
	go func() {
		<-worker.Ready()
		address := ""
		if role == service.Public {
			address = worker.PublicAddress()
		}
		_, _ = fmt.Fprintln(os.Stdout, readyLine+address)
	}()
	return worker.Run(ctx)
}

// worker is one worker process.
type worker struct {
	command *exec.Cmd
	stdin   io.WriteCloser
	log     *bytes.Buffer // to be read after ended
	address string        // where it serves the public; to be read after ready
	ready   chan struct{}
	ended   chan struct{}
	err     error // how it ended; to be read after ended
}

// startWorker starts the process and does not wait for it.
func startWorker(role service.Role, environment []string, dir string) (*worker, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	// It lives until it is killed or dismissed, or this program is gone.
	command := exec.CommandContext(context.Background(), self)
	w := &worker{command: command, log: &bytes.Buffer{}, ready: make(chan struct{}), ended: make(chan struct{})}
	command.Env = slices.Concat(environment, []string{workerVariable + "=" + dir, roleVariable + "=" + string(role)})
	command.Stderr = w.log
	if w.stdin, err = command.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	go w.follow(out)
	return w, nil
}

func (w *worker) follow(out io.Reader) {
	defer close(w.ended)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if address, is := strings.CutPrefix(lines.Text(), readyLine); is {
			w.address = address
			close(w.ready)
		}
	}
	w.err = w.command.Wait()
}

// awaitReady returns when the worker takes work, or an error with what it logged.
func (w *worker) awaitReady(ctx context.Context) error {
	select {
	case <-w.ready:
		return nil
	case <-w.ended:
		return fmt.Errorf("the worker ended: %w\n%s", w.err, w.lastWords())
	case <-ctx.Done():
		return ctx.Err()
	}
}

// kill ends the process with SIGKILL.
func (w *worker) kill() error {
	err := w.command.Process.Kill()
	<-w.ended
	if errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("the worker had ended before it was killed: %w\n%s", w.err, w.lastWords())
	}
	return err
}

// dismiss lets the process stop in its own way.
func (w *worker) dismiss() error {
	_ = w.stdin.Close() // it may be gone already, which its end tells
	<-w.ended
	return w.err
}

func (w *worker) lastWords() string {
	lines := strings.Split(strings.TrimSpace(w.log.String()), "\n")
	return strings.Join(lines[max(0, len(lines)-20):], "\n")
}
