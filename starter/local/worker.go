package local

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

const (
	workerLog     = "worker.log"
	workerProgram = "worker"

	readyLimit = 2 * time.Minute
	readyPause = 50 * time.Millisecond
	// stopGrace is longer than a worker takes at most to stop (30 s).
	stopGrace = 35 * time.Second

	firstPause   = time.Second
	longestPause = 30 * time.Second
	// settled is how long a worker must have run for its end to count as the first one again.
	settled = time.Minute
)

// crew keeps one worker process running until it is told to end.
type crew struct {
	program     string
	environment []string
	log         string
	url         string
	tell        func(string)

	stop  context.CancelFunc
	ended chan struct{}
	err   error // how it ended; to be read after ended
}

// startWorker returns when the worker takes work.
func (s *Servers) startWorker(ctx context.Context) error {
	if !s.options.WithWorker {
		return nil
	}
	program, err := s.findWorker(ctx)
	if err != nil {
		return err
	}
	s.WorkerLog = filepath.Join(s.Dir, workerLog)
	c := &crew{
		program: program, environment: s.Settings.Environment(os.Environ()), log: s.WorkerLog, url: s.Settings.OperationsURL(),
		tell: s.options.Progress, ended: make(chan struct{}),
	}
	first, err := c.start()
	if err != nil {
		return err
	}
	if err := c.awaitReady(ctx, first); err != nil {
		return errors.Join(err, first.end())
	}
	working, stop := context.WithCancel(context.WithoutCancel(ctx))
	c.stop, s.worker = stop, c
	go c.keep(working, first)
	return nil
}

// keep waits for the worker and starts it again when it ends by itself, each time after a longer pause.
func (c *crew) keep(ctx context.Context, running *process) {
	defer close(c.ended)
	pause := firstPause
	for {
		began := time.Now()
		select {
		case <-ctx.Done():
			c.err = running.end()
			return
		case <-running.ended:
		}
		if time.Since(began) > settled {
			pause = firstPause
		}
		c.tell(fmt.Sprintf("the worker ended (%s) and starts again in %s; its log: %s", running.state(), pause, c.log))
		for running = nil; running == nil; {
			select {
			case <-ctx.Done():
				return
			case <-time.After(pause):
			}
			pause = min(2*pause, longestPause)
			var err error
			if running, err = c.start(); err != nil {
				c.tell(err.Error())
			}
		}
	}
}

func (c *crew) end() error {
	c.stop()
	<-c.ended
	return c.err
}

// awaitReady asks the worker until it is ready. One that ends before tells why in its log.
func (c *crew) awaitReady(ctx context.Context, running *process) error {
	ctx, cancel := context.WithTimeout(ctx, readyLimit)
	defer cancel()
	ticker := time.NewTicker(readyPause)
	defer ticker.Stop()
	for !c.ready(ctx) {
		select {
		case <-running.ended:
			return fmt.Errorf("the worker ended (%s):\n%s", running.state(), lastWords(c.log))
		case <-ctx.Done():
			return fmt.Errorf("the worker is not ready: %w\n%s", ctx.Err(), lastWords(c.log))
		case <-ticker.C:
		}
	}
	return nil
}

func (c *crew) ready(ctx context.Context) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url+"/readyz", http.NoBody)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	return response.Body.Close() == nil && response.StatusCode == http.StatusOK
}

// lastWords are the last lines of a log.
func lastWords(path string) string {
	content, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")
	return strings.Join(lines[max(0, len(lines)-10):], "\n")
}

// process is a running worker: in a process group of its own, so that Ctrl-C at a terminal reaches only us, and ended
// by the system when we are (where the system can do that).
type process struct {
	command *exec.Cmd
	ended   chan struct{}
}

func (c *crew) start() (*process, error) {
	log, err := os.OpenFile(c.log, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("couldn't open the worker's log: %w", err)
	}
	defer func() { _ = log.Close() }() // the child has its own
	p := &process{command: exec.CommandContext(context.Background(), c.program), ended: make(chan struct{})}
	p.command.Env, p.command.Stdout, p.command.Stderr = c.environment, log, log
	p.command.SysProcAttr = apart()
	started := make(chan error, 1)
	go p.run(started)
	if err := <-started; err != nil {
		return nil, fmt.Errorf("couldn't start the worker: %w", err)
	}
	return p, nil
}

// run stays on one thread: the signal at a parent's death follows the thread that forked.
func (p *process) run(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(p.ended)
	err := p.command.Start()
	started <- err
	if err == nil {
		_ = p.command.Wait() // its state tells
	}
}

func (p *process) state() string { return p.command.ProcessState.String() }

// end lets the worker stop in its own way, and kills it if it doesn't.
func (p *process) end() error {
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		if err := p.command.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return fmt.Errorf("couldn't end the worker: %w", err)
		}
		select {
		case <-p.ended:
			return nil
		case <-time.After(stopGrace):
		}
	}
	return fmt.Errorf("couldn't end the worker: process %d outlived every signal", p.command.Process.Pid)
}
