package devstack

import (
	"context"
	"sync"
	"syscall"
	"time"
)

// server is what PostgreSQL and Temporal have in common: a process that comes and goes, over a folder that stays
// until the server is closed.
type server struct {
	folder *folder

	mu      sync.Mutex
	process *process
	closed  bool
}

// Pid is the process id of the running server, 0 when it is stopped.
func (s *server) Pid() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil || !s.process.running() {
		return 0
	}
	return s.process.pid()
}

// startProcess starts the process unless it runs.
func (s *server) startProcess(ctx context.Context, launch func() (*process, error), answers func(context.Context) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return errClosed
	}
	if s.process != nil && s.process.running() {
		return nil
	}
	process, err := bringUp(ctx, launch, answers)
	if err != nil {
		return err
	}
	s.process = process
	return nil
}

func (s *server) end(grace time.Duration, signals ...syscall.Signal) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil {
		return nil
	}
	if err := s.process.end(grace, signals...); err != nil {
		return err
	}
	s.process = nil
	return nil
}

// close gives the folder back. The process has ended.
func (s *server) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	return s.folder.leave()
}
