// Command starter is the administrators' and operators' command line.
//
//	starter demo       [--pace 1s] [--exit] [--data DIR] [--journal FILE] [--book FILE] [--logins FILE] [--mails DIR] [--no-worker]
//	starter up
//	starter migrate
//	starter import     --data DIR
//	starter invite     AUTHORITY LOGIN --email ADDRESS
//	starter start      CYCLE
//	starter cancel     CYCLE --reason TEXT
//	starter status     [CYCLE] [--watch] [--json]
//	starter remind     CYCLE [UNIT …]
//	starter extend     CYCLE [UNIT …] --phase PHASE --to DATE --reason TEXT
//	starter return     CYCLE UNIT … --to DATE --reason TEXT
//	starter address    CYCLE UNIT|LOGIN EMAIL
//	starter retry      CYCLE TASK
//	starter journal    CYCLE [--id ID]
//	starter export     CYCLE [--id ID]
//	starter recompute  [--check] [--rules DIR] FILE|-
//	starter doctor
//
// CYCLE is AUTHORITY/YEAR; --rehearsal N picks a rehearsal (default: the real cycle, else the newest rehearsal), --id ID a
// cancelled year that was imported again. Acts are the cycle's first administrator's, or those of --as LOGIN.
//
// Settings are environment variables, each also a flag (starter --help lists them). A server that none names is that of
// a running `up` or `demo`, which write their addresses into .kaoping/ of the folder they run in; up keeps its state
// there, demo below it and only as long as it runs. recompute needs no setting and no server.
//
// Ports: none of its own; the servers and the worker of up and demo listen on free ports of 127.0.0.1.
//
// Errors go to standard error. Exit codes: 0 done, 1 failed or refused, 2 wrong usage or bad input.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
	"golang.org/x/term"

	"github.com/kaoping/kaoping/internal/devstack"
	"github.com/kaoping/kaoping/internal/settings"
)

type program struct {
	Demo      demoCommand      `cmd:"" help:"Play a whole year with simulated people, on servers of its own."`
	Up        upCommand        `cmd:"" help:"Run the servers and a worker on this machine, until Ctrl-C."`
	Migrate   migrateCommand   `cmd:"" help:"Bring the database and Temporal's search attributes to this version."`
	Import    importCommand    `cmd:"" help:"Store a data set as the draft of its cycle, whole or not at all."`
	Invite    inviteCommand    `cmd:"" help:"Make the account of an authority's first administrator, and print the link that opens it."`
	Start     startCommand     `cmd:"" help:"Start a year; refused with every reason at once."`
	Cancel    cancelCommand    `cmd:"" help:"End a wrongly started year, tell its units, and free the year."`
	Status    statusCommand    `cmd:"" help:"Where a cycle stands; without CYCLE, where all of them stand."`
	Remind    remindCommand    `cmd:"" help:"Remind units by mail of what is open with them; without UNIT, all that owe something."`
	Extend    extendCommand    `cmd:"" help:"Move a date of units; without UNIT, for all."`
	Return    returnCommand    `cmd:"" help:"Return units' self-reports for correction until a new date."`
	Address   addressCommand   `cmd:"" help:"Correct the e-mail address of a unit or person; a refused one's telephone task ends."`
	Retry     retryCommand     `cmd:"" help:"Have a step taken again that had failed for its data, once that is mended."`
	Journal   journalCommand   `cmd:"" help:"Write what happened in a cycle, as JSON lines."`
	Export    exportCommand    `cmd:"" help:"Write the book: the results with all that they follow from."`
	Recompute recomputeCommand `cmd:"" help:"Compute a book's results again, offline, or check those in it."`
	Ballots   ballotsCommand   `cmd:"" help:"The sealed ballots of a social evaluation."`
	Doctor    doctorCommand    `cmd:"" help:"Is everything reachable and sound, and what waits for whom?"`

	settings.Settings
}

// session is what every command gets.
type session struct {
	context.Context
	given settings.Settings
	in    io.Reader
	out   io.Writer
	err   io.Writer
	log   *slog.Logger
	// terminal says that out is one: pictures may move and have colours.
	terminal bool
}

// settings are complete: what nobody set is discovered, or has its default.
func (s *session) settings() (settings.Settings, error) {
	found, err := s.given.Discover(settings.Dir)
	if err == nil {
		err = elsewhere(found, settings.Dir)
	}
	if err != nil {
		return found, err
	}
	return found.Complete(settings.Dir)
}

// elsewhere refuses a TEMPORAL_ADDRESS that keeps the servers of this folder from being found, which are then no database
// to a command that knows no other.
func elsewhere(found settings.Settings, dir string) error {
	if found.DatabaseURL != "" || found.TemporalAddress == "" {
		return nil
	}
	if here, err := devstack.ReadAddresses(dir); err == nil {
		return &settings.Error{Setting: settings.TemporalAddress, Err: fmt.Errorf("%s is not that of the starter up in this folder, %s: leave it out, or set %s too",
			found.TemporalAddress, here[settings.TemporalAddress], settings.DatabaseURL)}
	}
	return nil // nothing runs here: DATABASE_URL is what is missing
}

// progress tells what takes long, and what is to be heeded. Nobody may be there to read it.
func (s *session) progress(text string) { _, _ = fmt.Fprintln(s.err, text) }

func main() {
	var starter program
	command := kong.Parse(&starter, kong.Name("starter"),
		kong.Description("Kaoping: the yearly assessment of government openness. Exit codes: 0 done, 1 failed or refused, 2 wrong usage or bad input."),
		settings.Flags(), kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true}), kong.Help(printHelp), kong.Exit(settings.Exit))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the second signal is not caught
	err := command.Run(&session{
		Context: ctx, given: starter.Settings, in: os.Stdin, out: os.Stdout, err: os.Stderr, log: settings.Log(os.Stderr),
		terminal: term.IsTerminal(int(os.Stdout.Fd())),
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(exitCode(err))
	}
}

// printHelp leaves the settings to the help of the program as a whole: a command's own help is about its own flags.
func printHelp(options kong.HelpOptions, ctx *kong.Context) error {
	if ctx.Selected() == nil {
		return kong.DefaultHelpPrinter(options, ctx)
	}
	for _, flag := range ctx.Model.Flags {
		flag.Hidden = flag.Hidden || flag.Group != nil && flag.Group.Key == "settings"
	}
	if err := kong.DefaultHelpPrinter(options, ctx); err != nil {
		return err
	}
	_, err := fmt.Fprintln(ctx.Stdout, "\nSettings are flags too: starter --help lists them.")
	return err
}
