package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/kaoping/kaoping/internal/devstack"
	"github.com/kaoping/kaoping/internal/settings"
	"github.com/kaoping/kaoping/starter/attributes"
	"github.com/kaoping/kaoping/store"
)

// chooseAddresses checks the settings before anything is started, and takes a free port for each listen address that
// is not set and taken.
func (s *Servers) chooseAddresses(context.Context) error {
	given, err := s.options.Settings.ReadTemporalFile()
	if err != nil {
		return err
	}
	complete, err := given.Complete(s.options.Dir)
	if err != nil {
		return err
	}
	given.TemporalNamespace = complete.TemporalNamespace
	for _, listen := range []struct {
		setting  string
		field    *string
		standard string
	}{
		{"PORTAL_ADDRESS", &given.PortalAddress, settings.DefaultPortalAddress},
		{"PUBLIC_ADDRESS", &given.PublicAddress, settings.DefaultPublicAddress},
		{"OPERATIONS_ADDRESS", &given.OperationsAddress, settings.DefaultOperationsAddress},
	} {
		if *listen.field == "" {
			*listen.field, err = s.nextFree(listen.standard)
		} else if s.options.WithWorker {
			*listen.field, err = free(*listen.field)
		}
		if err != nil {
			return &settings.Error{Setting: listen.setting, Err: err}
		}
	}
	s.Settings = given
	return nil
}

// reachGiven makes sure that the servers that the settings name answer, before the others are started.
func (s *Servers) reachGiven(ctx context.Context) error {
	if s.Settings.DatabaseURL != "" {
		data, err := s.Settings.OpenStore(ctx)
		if err != nil {
			return err
		}
		if err := data.Close(); err != nil {
			return err
		}
	}
	if s.Settings.TemporalAddress != "" {
		temporal, err := s.Settings.DialTemporal(ctx, s.options.Log)
		if err != nil {
			return err
		}
		temporal.Close()
	}
	if s.Settings.SMTPURL != "" {
		sender, err := s.Settings.OpenSender(ctx, 1)
		if err != nil {
			return err
		}
		sender.Close()
	}
	return nil
}

// free is the address, with a port where its own is 0, if this machine could listen there now.
func free(address string) (string, error) {
	var listening net.ListenConfig
	listener, err := listening.Listen(context.Background(), "tcp", address)
	if err != nil {
		return "", err
	}
	if strings.HasSuffix(address, ":0") {
		address = listener.Addr().String()
	}
	return address, listener.Close()
}

// nextFree is the address, or the first one after it whose port nobody uses, reserved until Close: the worker listens
// there only later. Ten are passed at a time, so that two settings never get the same.
func (s *Servers) nextFree(address string) (string, error) {
	host, text, err := net.SplitHostPort(address)
	if err != nil {
		return "", err
	}
	port, err := strconv.Atoi(text)
	for ; err == nil && port < 20000; port += 10 {
		var reserved *devstack.Reservation
		if reserved, err = devstack.ReservePort(port); reserved == nil {
			continue
		}
		if address, err := free(net.JoinHostPort(host, strconv.Itoa(port))); err == nil {
			s.reserved = append(s.reserved, reserved)
			return address, nil
		}
		err = reserved.Close()
	}
	return "", errors.Join(fmt.Errorf("couldn't find a free port from %s on", text), err)
}

// startServers starts those that no setting names.
func (s *Servers) startServers(ctx context.Context) error {
	if _, err := os.Stat(s.options.Dir); errors.Is(err, fs.ErrNotExist) {
		s.madeDir = true
	}
	var err error
	for number := 1; ; number++ {
		s.Dir = s.folder(number)
		if s.stack, err = devstack.Start(ctx, s.parts()); s.options.Keep || !errors.Is(err, devstack.ErrInUse) {
			break
		}
	}
	if errors.Is(err, devstack.ErrInUse) {
		return fmt.Errorf("another starter up works in %s: use its servers, or end it first: %w", s.Dir, err)
	}
	if err != nil {
		return err
	}
	s.Inbox, s.TemporalUI = s.stack.Inbox, s.stack.TemporalUI()
	s.Settings, err = s.Settings.With(map[string]string{
		settings.DatabaseURL: s.stack.DatabaseURL(), settings.TemporalAddress: s.stack.TemporalAddress(), settings.SMTPURL: s.stack.SMTPURL(),
	}).Complete(s.Dir)
	return err
}

// folder is the state folder itself where the state is kept, else the n-th below it.
func (s *Servers) folder(number int) string {
	switch {
	case s.options.Keep:
		return s.options.Dir
	case number == 1:
		return filepath.Join(s.options.Dir, "rehearsal")
	}
	return filepath.Join(s.options.Dir, "rehearsal-"+strconv.Itoa(number))
}

func (s *Servers) parts() devstack.Options {
	options := devstack.Options{Settings: devstack.Settings{
		// Kept state outlives a power cut, other state not even this program.
		Dir: s.Dir, Keep: s.options.Keep, FsyncOff: !s.options.Keep, Log: s.options.Log, Progress: s.options.Progress,
	}}
	if s.Settings.DatabaseURL == "" {
		options.Postgres = &devstack.PostgresOptions{}
	}
	if s.Settings.TemporalAddress == "" {
		options.Temporal = &devstack.TemporalOptions{SearchAttributes: attributes.Kinds()}
	}
	if s.Settings.SMTPURL == "" {
		options.Inbox = &devstack.InboxOptions{Folder: s.options.Mails, Behaviour: devstack.Refuse(s.options.RefuseAddresses...)}
	}
	return options
}

// prepare migrates the database, registers the search attributes and opens the office on it all.
func (s *Servers) prepare(ctx context.Context) error {
	config, err := s.Settings.StoreConfig()
	if err != nil {
		return err
	}
	if err := store.Migrate(ctx, config); err != nil {
		return &settings.Error{Setting: settings.DatabaseURL, Err: err}
	}
	if s.Office, err = s.Settings.OpenOffice(ctx, s.options.Log); err != nil {
		return err
	}
	if err := attributes.Register(ctx, s.Office.Temporal, s.Settings.TemporalNamespace); err != nil {
		return &settings.Error{Setting: settings.TemporalAddress, Err: err}
	}
	return nil
}
