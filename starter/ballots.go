package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/kaoping/kaoping/ballots"
	"github.com/kaoping/kaoping/internal/settings"
	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

type ballotsCommand struct {
	Verify verifyCommand `cmd:"" help:"Check the sealed list of an evaluation's ballots: its signed root, and that the results count each ballot once."`
}

type verifyCommand struct {
	Cycle     cycleName `arg:"" optional:"" help:"AUTHORITY/YEAR: the list in the database, which also has the journal."`
	From      string    `placeholder:"DIR" help:"The published files ballots.jsonl, checkpoint and key, and book.json; no server is needed."`
	Rehearsal *int      `placeholder:"N" help:"The rehearsal of that number, 0 for the real evaluation (default: the real one, else the newest rehearsal)."`
}

// Help tells more than the line in the list of commands.
func (verifyCommand) Help() string {
	return "Everything that is wrong is on standard error, each with its file; the exit code is then 1, or 2 for files that are missing or that no book should have."
}

// Validate is called by kong.
func (c *verifyCommand) Validate() error {
	if (c.Cycle == "") == (c.From == "") {
		return errors.New("name the evaluation by AUTHORITY/YEAR, or with --from DIR the published files")
	}
	return pick{Rehearsal: c.Rehearsal}.Validate()
}

// Run verifies.
func (c *verifyCommand) Run(s *session) error {
	if c.From != "" {
		return c.fromFiles(s)
	}
	if !strings.HasSuffix(string(c.Cycle), "/"+store.Evaluation) {
		c.Cycle += "/" + store.Evaluation
	}
	return pickKept{pick: pick{Cycle: c.Cycle, Rehearsal: c.Rehearsal}}.read(s, func(office *office.Office, cycle query.Cycle) error {
		report, err := office.VerifyBallots(s, cycle)
		if err != nil {
			return err
		}
		return s.tellVerified(report, "checkpoint and journal")
	})
}

// missingError is bad input: a file is not there, so nothing was verified.
type missingError struct{ error }

func (c *verifyCommand) fromFiles(s *session) error {
	library, err := settings.Rules("")
	if err != nil {
		return err
	}
	dir, err := os.OpenRoot(c.From)
	if err != nil {
		return missingError{err}
	}
	defer func() { _ = dir.Close() }() // what was only read from has nothing to say
	checkpoint, checkpointErr := fs.ReadFile(dir.FS(), "checkpoint")
	key, keyErr := fs.ReadFile(dir.FS(), "key")
	list, listErr := dir.Open("ballots.jsonl")
	book, bookErr := dir.Open("book.json")
	if err := errors.Join(checkpointErr, keyErr, listErr, bookErr); err != nil {
		return missingError{err}
	}
	defer func() { _, _ = list.Close(), book.Close() }()
	report, err := ballots.Published{List: list, Book: book, Checkpoint: string(checkpoint), Key: string(key)}.Verify(library)
	if err != nil {
		return err
	}
	return s.tellVerified(report, "checkpoint")
}

func (s *session) tellVerified(report ballots.Report, against string) error {
	_, err := fmt.Fprintf(s.out, `%s
ballots.jsonl  %d ballots, of %d only the hash, under the root %s of %s
book.json      %d ballots count, %d are left out with a reason; the results follow from them
`, report.Root.Log, report.Root.Size, report.Hidden, report.Root.Hash, against, report.Counted, report.Excluded)
	return err
}
