package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/kaoping/kaoping/documents"
	"github.com/kaoping/kaoping/internal/settings"
	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/starter/attributes"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

type migrateCommand struct{}

// Run migrates. Temporal is part of it, since workflows need the search attributes from their start on.
func (*migrateCommand) Run(s *session) error {
	complete, err := s.settings()
	if err != nil {
		return err
	}
	config, err := complete.StoreConfig()
	if err != nil {
		return err
	}
	if err := store.Migrate(s, config); err != nil {
		return &settings.Error{Setting: settings.DatabaseURL, Err: err}
	}
	temporal, err := complete.DialTemporal(s, s.log)
	if err != nil {
		return err
	}
	defer temporal.Close()
	if err := attributes.Register(s, temporal, complete.TemporalNamespace); err != nil {
		return &settings.Error{Setting: settings.TemporalAddress, Err: err}
	}
	_, err = fmt.Fprintln(s.out, "the database and Temporal's search attributes are of this version")
	return err
}

type importCommand struct {
	Data string `required:"" type:"existingdir" placeholder:"DIR" help:"Folder with units.csv, people.csv, scheme.yaml, indicators.csv, if need be holidays.csv, and for the social evaluation evaluation.yaml with its lists."`
}

// Help tells more than the line in the list of commands.
func (importCommand) Help() string {
	return "Every fault is named with its file, line and column, and nothing is stored. Until the cycle starts, an import replaces the one before."
}

// Run imports.
func (c *importCommand) Run(s *session) error {
	office, err := s.reading()
	if err != nil {
		return err
	}
	return errors.Join(c.store(s, office), office.Store.Close())
}

func (c *importCommand) store(s *session, office *office.Office) error {
	published, err := office.Store.Holidays(s)
	if err != nil {
		return err
	}
	set, err := documents.ReadDataSet(os.DirFS(c.Data), office.Rules, published...)
	if err != nil {
		return err
	}
	for _, warning := range set.Warnings {
		s.progress("warning: " + warning.String())
	}
	cycle, err := office.Import(s, set)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(s.out, "%s is imported as a draft: %d units, %d indicators, %d people\n",
		store.CycleName(cycle), len(set.Plan.Units), len(set.Plan.Indicators), len(set.Plan.People)); err != nil || set.Evaluation == nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "%s/%s is imported beside it: %d units, %d representatives\n",
		store.CycleName(cycle), store.Evaluation, len(set.Evaluation.Units), len(set.Evaluation.Representatives))
	return err
}

type journalCommand struct{ pickKept }

// Run writes the journal.
func (c *journalCommand) Run(s *session) error {
	return c.read(s, func(office *office.Office, cycle query.Cycle) error {
		return s.buffered(func(out *bufio.Writer) error { return office.Store.WriteJournal(s, cycle, out) })
	})
}

type exportCommand struct{ pickKept }

// Help tells more than the line in the list of commands.
func (exportCommand) Help() string {
	return "It is the book of the results in force, byte for byte as they were proposed, or before the release that of the newest proposal."
}

// Run writes the book.
func (c *exportCommand) Run(s *session) error {
	return c.read(s, func(office *office.Office, cycle query.Cycle) error {
		book, err := office.Export(s, cycle)
		if err != nil {
			return err
		}
		_, err = io.WriteString(s.out, book)
		return err
	})
}
