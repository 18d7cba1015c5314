// Package local brings up what a system on one machine needs: the servers that no setting names, their schema, the
// search attributes, and a worker as a process of its own.
package local

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/kaoping/kaoping/internal/devstack"
	"github.com/kaoping/kaoping/internal/settings"
	"github.com/kaoping/kaoping/office"
)

// Options say what is brought up, and where.
type Options struct {
	// Settings as they were given: a server that they name is used, not started.
	Settings settings.Settings
	// Dir is the state folder, usually settings.Dir.
	Dir string
	// Keep leaves everything in Dir for the next start; devstack.ErrInUse if another stack has it. Without it the
	// first free folder below Dir is used ("rehearsal", "rehearsal-2", …), and removed at the end.
	Keep bool
	// WithWorker starts the worker program: in a checkout it is built, else it lies beside this program.
	WithWorker bool
	// RefuseAddresses are recipients that the embedded inbox refuses.
	RefuseAddresses []string
	// Mails is a folder for what the embedded inbox gets, which stays when the servers end; empty is in the state folder.
	Mails string
	// Log receives what goes wrong while the servers run. Nil discards.
	Log *slog.Logger
	// Progress is told of what takes long, one line each. Nil discards.
	Progress func(string)
}

// Servers are what was brought up. Close ends it.
type Servers struct {
	// Settings are complete: with the addresses of the servers that were started.
	Settings settings.Settings
	// Office works on these servers.
	Office *office.Office
	// Inbox is the embedded one, nil where SMTP_URL was given.
	Inbox *devstack.Inbox
	// TemporalUI is the address of Temporal's pages, empty where TEMPORAL_ADDRESS was given.
	TemporalUI string
	// Dir is where the state lies; other commands find the addresses there.
	Dir string
	// WorkerLog is the file with the worker's log, empty without a worker.
	WorkerLog string

	options Options
	stack   *devstack.Stack
	worker  *crew
	madeDir bool
	// reserved are the ports that were chosen here.
	reserved []*devstack.Reservation
}

// Open brings everything up and returns when the worker is ready. The context bounds the start alone; when it ends, or
// a part fails, what was started is ended again.
func Open(ctx context.Context, options Options) (*Servers, error) {
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	if options.Progress == nil {
		options.Progress = func(string) {}
	}
	s := &Servers{options: options}
	for _, step := range []func(context.Context) error{s.chooseAddresses, s.reachGiven, s.startServers, s.prepare, s.startWorker, s.writeAddresses} {
		if err := step(ctx); err != nil {
			return nil, errors.Join(err, s.Close())
		}
	}
	return s, nil
}

// writeAddresses notes for other commands where the servers are, whoever started them.
func (s *Servers) writeAddresses(context.Context) error {
	return devstack.WriteAddresses(s.Dir, s.Settings.Addresses())
}

// Close ends the worker, then the connections, then the servers that were started here. Closing again does nothing.
func (s *Servers) Close() error {
	var errs []error
	if s.worker != nil {
		errs = append(errs, s.worker.end())
		s.worker = nil
	}
	if s.Office != nil {
		errs = append(errs, settings.CloseOffice(s.Office))
		s.Office = nil
	}
	if s.stack != nil {
		errs = append(errs, s.sweep(), s.stack.Close())
		s.stack = nil
	}
	for _, port := range s.reserved {
		errs = append(errs, port.Close())
	}
	s.reserved = nil
	if s.madeDir {
		_ = os.Remove(s.options.Dir) // refused as long as anything is in it
	}
	return errors.Join(errs...)
}

// MailFolder is where the embedded inbox's mails lie; empty where SMTP_URL was given.
func (s *Servers) MailFolder() string {
	if s.Inbox == nil {
		return ""
	}
	return s.Inbox.Folder()
}

// sweep removes what this package and the worker put beside the servers' own files, unless it is kept.
func (s *Servers) sweep() error {
	if s.options.Keep {
		return nil
	}
	var errs []error
	for _, name := range []string{workerLog, workerProgram, "evidence", "signing.key"} {
		errs = append(errs, os.RemoveAll(filepath.Join(s.Dir, name)))
	}
	return errors.Join(errs...)
}
