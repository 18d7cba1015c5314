package main

import (
	"bufio"
	"fmt"
	"io"
	"os"

	"github.com/kaoping/kaoping/internal/settings"
	"github.com/kaoping/kaoping/rules"
)

type recomputeCommand struct {
	Check bool   `help:"Compare with the results in the book instead of printing them; exit code 1 names each difference."`
	Rules string `type:"existingdir" placeholder:"DIR" help:"Rule sets of that folder too, beside the built-in ones."`
	File  string `arg:"" type:"existingfile" placeholder:"FILE|-" help:"The book, - for standard input."`
}

// Help tells more than the line in the list of commands.
func (recomputeCommand) Help() string {
	return "It needs no server. A book that breaks a rule is refused with exit code 2: every fault on standard error with its JSON path, nothing on standard output."
}

// Run recomputes.
func (c *recomputeCommand) Run(s *session) error {
	library, err := settings.Rules(c.Rules)
	if err != nil {
		return err
	}
	book, closeBook, err := c.open(s)
	if err != nil {
		return err
	}
	defer closeBook()
	if err := s.buffered(func(out *bufio.Writer) error { return rules.Recompute(book, library, c.Check, out) }); err != nil {
		return err
	}
	if c.Check {
		_, err = fmt.Fprintln(s.out, "the results follow from the book")
	}
	return err
}

// open opens the book. A file that was only read from has nothing to say when it is closed.
func (c *recomputeCommand) open(s *session) (book io.Reader, closeBook func(), err error) {
	if c.File == "-" {
		return s.in, func() {}, nil
	}
	file, err := os.Open(c.File)
	if err != nil {
		return nil, nil, err
	}
	return file, func() { _ = file.Close() }, nil
}

// buffered writes what write makes; nothing of it if that fails early.
func (s *session) buffered(write func(*bufio.Writer) error) error {
	out := bufio.NewWriterSize(s.out, 1<<16)
	if err := write(out); err != nil {
		return err
	}
	return out.Flush()
}
