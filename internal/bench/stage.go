package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"go.temporal.io/sdk/worker"

	"github.com/kaoping/kaoping/documents"
	"github.com/kaoping/kaoping/internal/devstack"
	"github.com/kaoping/kaoping/internal/service"
	"github.com/kaoping/kaoping/internal/settings"
	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/workflows"
)

// messageTime is what the inbox takes for each message.
const messageTime = 5 * time.Millisecond

// stage is private servers with Kaoping's worker, an office, and a second worker for the references: it has the same
// options and works on the same Temporal server.
type stage struct {
	*devstack.Stack
	settings  settings.Settings
	rules     rules.Library
	office    *office.Office
	reference worker.Worker

	stop  context.CancelFunc
	ended chan error // how Kaoping's worker ended
}

// onStage sets a stage up, works on it, and takes it down.
func (b *bench) onStage(ctx context.Context, work func(*stage) error) error {
	dir, err := os.MkdirTemp(b.dir, "stage-")
	if err != nil {
		return err
	}
	s := &stage{}
	if err = s.open(ctx, dir, b.progressLine); err == nil {
		err = work(s)
	}
	return errors.Join(err, s.close())
}

func (b *bench) progressLine(text string) { b.tell("%s", text) }

func (s *stage) open(ctx context.Context, dir string, progress func(string)) error {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	attributes := map[string]string{}
	for _, name := range workflows.SearchAttributes() {
		attributes[name] = "Keyword"
	}
	var err error
	if s.rules, err = settings.Rules(""); err != nil {
		return err
	}
	if s.Stack, err = devstack.Start(ctx, devstack.Options{
		Settings: devstack.Settings{Dir: filepath.Join(dir, "servers"), Log: log, Progress: progress},
		Postgres: &devstack.PostgresOptions{}, Temporal: &devstack.TemporalOptions{SearchAttributes: attributes, Headless: true},
		Inbox: &devstack.InboxOptions{Delay: messageTime, Discard: true},
	}); err != nil {
		return err
	}
	if err := store.Migrate(ctx, store.Config{URL: s.DatabaseURL()}); err != nil {
		return err
	}
	s.settings, err = settings.Settings{OperationsAddress: "127.0.0.1:0"}.With(map[string]string{
		settings.DatabaseURL: s.DatabaseURL(), settings.TemporalAddress: s.TemporalAddress(), settings.SMTPURL: s.SMTPURL(),
	}).Complete(dir)
	if err == nil {
		s.office, err = s.settings.OpenOffice(ctx, log)
	}
	if err != nil {
		return err
	}
	return s.hire(ctx, log)
}

// hire starts both workers.
func (s *stage) hire(ctx context.Context, log *slog.Logger) error {
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	kaoping := service.New(s.settings, []service.Role{service.Tasks}, log)
	s.stop, s.ended = stop, make(chan error, 1)
	go func() { s.ended <- kaoping.Run(running) }()
	select {
	case <-kaoping.Ready():
	case err := <-s.ended:
		s.ended <- err
		return errors.New("the worker ended")
	case <-ctx.Done():
		return ctx.Err()
	}
	s.reference = newReference(s.office.Temporal)
	return s.reference.Start()
}

// close ends what open started, as far as that came.
func (s *stage) close() error {
	var errs []error
	if s.reference != nil {
		s.reference.Stop()
	}
	if s.stop != nil {
		s.stop()
		errs = append(errs, <-s.ended)
	}
	if s.office != nil {
		errs = append(errs, settings.CloseOffice(s.office))
	}
	if s.Stack != nil {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}

// dataSet is one of as many units, read as an import reads it.
func (b *bench) dataSet(units int, lib rules.Library) (documents.DataSet, error) {
	dir, err := b.dataSetFolder(units)
	if err != nil {
		return documents.DataSet{}, err
	}
	return documents.ReadDataSet(os.DirFS(dir), lib)
}

func (b *bench) dataSetFolder(units int) (string, error) {
	dir, err := os.MkdirTemp(b.dir, "data-")
	if err == nil {
		err = writeDataSet(dir, units)
	}
	if err != nil {
		return "", fmt.Errorf("couldn't write a data set of %d units: %w", units, err)
	}
	return dir, nil
}
