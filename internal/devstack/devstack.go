// Package devstack runs the servers that the system needs on one machine, for trying it out, for developing and for
// its tests: a private PostgreSQL, a private Temporal server and an inbox that takes every mail and sends none on.
//
// Their programs are found where they are installed, or fetched or built once into the user's cache folder. They
// listen on free ports of 127.0.0.1, keep their state in one folder, run in process groups of their own and end
// with the program that started them. It is not for a real installation, where all three are addresses.
package devstack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"

	"golang.org/x/sync/errgroup"
)

// Options say which parts a stack has: a nil one is left out, since it runs elsewhere.
type Options struct {
	Settings
	Postgres *PostgresOptions
	Temporal *TemporalOptions
	Inbox    *InboxOptions
}

// Stack is the running servers. A part that was left out is nil.
type Stack struct {
	Postgres *Postgres
	Temporal *Temporal
	Inbox    *Inbox

	dir    string
	made   bool // the state folder wasn't there before
	lock   *os.File
	mu     sync.Mutex
	closed bool
}

// Start starts the parts side by side. The context bounds the start alone; when it ends, or a part fails, those
// that were started are closed. ErrInUse means that another stack has the state folder.
func Start(ctx context.Context, options Options) (*Stack, error) {
	settings, err := options.complete()
	if err != nil {
		return nil, err
	}
	s := &Stack{dir: settings.Dir}
	there, err := exists(s.dir)
	if err != nil {
		return nil, fmt.Errorf("couldn't look at the state folder: %w", err)
	}
	s.made = !there
	if err := makeDir(s.dir, 0o711); err != nil {
		return nil, fmt.Errorf("couldn't make the state folder: %w", err)
	}
	if s.lock, err = lockFolder(s.dir); err != nil {
		return nil, err
	}
	if err := s.startParts(ctx, settings, options); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Stack) startParts(ctx context.Context, settings Settings, options Options) error {
	starting, ctx := errgroup.WithContext(ctx)
	if options.Postgres != nil {
		starting.Go(func() (err error) {
			s.Postgres, err = StartPostgres(ctx, settings, *options.Postgres)
			return err
		})
	}
	if options.Temporal != nil {
		starting.Go(func() (err error) {
			s.Temporal, err = StartTemporal(ctx, settings, *options.Temporal)
			return err
		})
	}
	if options.Inbox != nil {
		starting.Go(func() (err error) {
			s.Inbox, err = StartInbox(settings, *options.Inbox)
			return err
		})
	}
	return starting.Wait()
}

// DatabaseURL is the setting DATABASE_URL, empty when PostgreSQL runs elsewhere.
func (s *Stack) DatabaseURL() string {
	if s.Postgres == nil {
		return ""
	}
	return s.Postgres.DatabaseURL()
}

// TemporalAddress is the setting TEMPORAL_ADDRESS, empty when Temporal runs elsewhere.
func (s *Stack) TemporalAddress() string {
	if s.Temporal == nil {
		return ""
	}
	return s.Temporal.Address()
}

// TemporalUI is the address of Temporal's own pages, empty when there are none here.
func (s *Stack) TemporalUI() string {
	if s.Temporal == nil {
		return ""
	}
	return s.Temporal.UI()
}

// SMTPURL is the setting SMTP_URL, empty when mail goes elsewhere.
func (s *Stack) SMTPURL() string {
	if s.Inbox == nil {
		return ""
	}
	return s.Inbox.URL()
}

// Close ends the servers, in the reverse order of who needs whom, and removes the addresses that this program
// wrote. Unless the state is kept, no file of the stack stays. Closing again does nothing.
func (s *Stack) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	var errs []error
	if s.Inbox != nil {
		errs = append(errs, s.Inbox.Close())
	}
	if s.Temporal != nil {
		errs = append(errs, s.Temporal.Close())
	}
	if s.Postgres != nil {
		errs = append(errs, s.Postgres.Close())
	}
	errs = append(errs, removeAddresses(s.dir), s.leave())
	s.closed = true
	return errors.Join(errs...)
}

// leave gives the state folder back, and removes it if it was made for this stack and others put nothing there.
func (s *Stack) leave() error {
	err := os.Remove(s.lock.Name())
	if s.made {
		_ = os.Remove(s.dir) // refused as long as anything is in it
	}
	return errors.Join(err, s.lock.Close())
}
