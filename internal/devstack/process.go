package devstack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	// abandon ends both servers at once: PostgreSQL with its back ends, Temporal as any Go program.
	abandon = syscall.SIGQUIT

	startAttempts = 10
	startLimit    = 90 * time.Second
	abandonGrace  = 10 * time.Second
	attemptPause  = 200 * time.Millisecond
	probePause    = 25 * time.Millisecond
	probeLimit    = 5 * time.Second
)

var errClosed = errors.New("it was closed")

// process is a running server: a child in a process group of its own, so that a Ctrl-C at the terminal reaches us
// and not the server, and one that the system ends when we are killed (where the system can do that).
type process struct {
	cmd     *exec.Cmd
	ended   chan struct{}
	err     error // how it ended; to be read after ended
	wanted  atomic.Bool
	logPath string
	logFrom int64
}

// launch starts the server; its output is appended to the folder's log.
func launch(cmd *exec.Cmd, f *folder, log *slog.Logger) (*process, error) {
	file, err := os.OpenFile(f.file("log"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("couldn't open the log: %w", err)
	}
	from, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("couldn't read the log: %w", err), file.Close())
	}
	cmd.Stdout, cmd.Stderr = file, file
	detach(cmd)
	p := &process{cmd: cmd, ended: make(chan struct{}), logPath: file.Name(), logFrom: from}
	started := make(chan error, 1)
	go p.run(started, log)
	if err := errors.Join(<-started, file.Close()); err != nil {
		return nil, fmt.Errorf("couldn't start %s: %w", cmd.Path, err)
	}
	if err := recordProcess(f.file(processFile), cmd); err != nil {
		return nil, errors.Join(err, p.end(abandonGrace, abandon))
	}
	return p, nil
}

// run starts the server and stays until it ends. The signal at a parent's death follows the thread that forked,
// not the process: that thread must live as long as the server.
func (p *process) run(started chan<- error, log *slog.Logger) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := p.cmd.Start()
	started <- err
	if err != nil {
		close(p.ended)
		return
	}
	p.err = p.cmd.Wait()
	if !p.wanted.Load() {
		log.Error("a server ended by itself", "program", p.cmd.Path, "state", p.cmd.ProcessState.String(), "log", p.logPath)
	}
	close(p.ended)
}

func (p *process) pid() int { return p.cmd.Process.Pid }

func (p *process) running() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// end sends the signals, each once and each with its grace, and at last the one that cannot be refused.
func (p *process) end(grace time.Duration, signals ...syscall.Signal) error {
	p.wanted.Store(true)
	for _, signal := range append(signals, syscall.SIGKILL) {
		if err := p.cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return fmt.Errorf("couldn't end %s: %w", p.cmd.Path, err)
		}
		select {
		case <-p.ended:
			return nil
		case <-time.After(grace):
		}
	}
	return fmt.Errorf("couldn't end %s: process %d outlived every signal", p.cmd.Path, p.pid())
}

// until waits for the server to answer.
func (p *process) until(ctx context.Context, answers func(context.Context) error) error {
	for {
		probe, cancel := context.WithTimeout(ctx, probeLimit)
		err := answers(probe)
		cancel()
		if err == nil {
			return nil
		}
		select {
		case <-p.ended:
			return fmt.Errorf("it ended before it answered: %w", errors.Join(p.err, err))
		case <-ctx.Done():
			return fmt.Errorf("it doesn't answer: %w", errors.Join(ctx.Err(), err))
		case <-time.After(probePause):
		}
	}
}

// lastWords returns the end of what the server wrote since it was started.
func (p *process) lastWords() string {
	content, err := os.ReadFile(p.logPath)
	if err != nil {
		return err.Error()
	}
	content = content[min(int64(len(content)), p.logFrom):]
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")
	return strings.Join(lines[max(0, len(lines)-12):], "\n")
}

// bringUp starts a server and waits until it answers. One that ends before is started again: another program took
// its port between the choice and the start, or its predecessor was not quite gone.
func bringUp(ctx context.Context, start func() (*process, error), answers func(context.Context) error) (*process, error) {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	for attempt := 1; ; attempt++ {
		p, err := start()
		if err != nil {
			return nil, err
		}
		err = p.until(ctx, answers)
		if err == nil {
			return p, nil
		}
		ended, words := !p.running(), p.lastWords() // before it is abandoned, of which it may say a lot
		err = errors.Join(err, p.end(abandonGrace, abandon))
		if !ended || attempt == startAttempts {
			return nil, fmt.Errorf("%w\n%s", err, words)
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%w\n%s", errors.Join(ctx.Err(), err), words)
		case <-time.After(attemptPause):
		}
	}
}
