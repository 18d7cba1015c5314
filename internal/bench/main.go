// Command bench takes the figures that Kaoping is held to, and prints them: each is a ratio of our side to a reference,
// both taken in this run on this machine, so that a slow or busy machine makes neither look good nor bad.
//
//	go run ./internal/bench [-bin bin] [-only notices,events,recompute,mail,ballots,tally] [-pace 2s]
//
//	-bin   where the programs lie, as `make build` leaves them
//	-only  some of the figures
//	-pace  real time of a day of the year that is played for the events
//
// It needs no setting and no server: each part starts PostgreSQL (which syncs to disk, as in a real installation),
// Temporal and an inbox on free ports of 127.0.0.1, and removes them. What goes on is told on standard error; the table
// goes to standard output. Exit codes: 0 all within their bounds, 1 a figure is out of its bound or could not be taken,
// 2 wrong usage.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// bench is one run.
type bench struct {
	// starter and worker are the programs that are measured.
	starter, worker string
	// pace is that of the played year.
	pace time.Duration
	// dir is for files of this run; it is removed at the end.
	dir string
	// progress is told what goes on.
	progress io.Writer
}

// part takes some figures; those that belong together share their servers.
type part struct {
	name string
	take func(*bench, context.Context) ([]figure, error)
}

// parts stand in the order of the table. The programs' own memory is measured while this one's is small: a child is
// counted at least as large as its parent was when it was started.
var parts = []part{
	{"recompute", (*bench).recompute},
	{"ballots", (*bench).ballots},
	{"tally", (*bench).tally},
	{"mail", (*bench).mail},
	{"notices", (*bench).notices},
	{"events", (*bench).events},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string, out, progress io.Writer) int {
	b := &bench{progress: progress}
	chosen, err := b.choose(args)
	if err != nil {
		return 2 // the flags have said why
	}
	if b.dir, err = os.MkdirTemp("", "kaoping-bench-"); err != nil {
		b.tell("couldn't make a folder for this run: %v", err)
		return 1
	}
	figures, err := b.takeAll(ctx, chosen)
	err = errors.Join(err, os.RemoveAll(b.dir))
	if _, writing := fmt.Fprint(out, render(figures)); writing != nil {
		err = errors.Join(err, writing)
	}
	if err != nil {
		b.tell("%v", err)
		return 1
	}
	if slices.ContainsFunc(figures, func(f figure) bool { return !f.within() }) {
		return 1
	}
	return 0
}

func (b *bench) choose(args []string) ([]part, error) {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(b.progress)
	bin := flags.String("bin", "bin", "where the programs lie")
	only := flags.String("only", "", "some of the figures: notices, events, recompute, mail, ballots, tally")
	flags.DurationVar(&b.pace, "pace", 2*time.Second, "real time of a day of the year that is played")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	var err error
	if b.starter, err = filepath.Abs(filepath.Join(*bin, "starter")); err != nil {
		return nil, err
	}
	b.worker = filepath.Join(filepath.Dir(b.starter), "worker")
	chosen := slices.DeleteFunc(slices.Clone(parts), func(p part) bool {
		return *only != "" && !slices.Contains(strings.Split(*only, ","), p.name)
	})
	if len(chosen) == 0 {
		err = fmt.Errorf("no figures are called %q", *only)
		b.tell("%v", err)
	}
	return chosen, err
}

// takeAll takes what can be taken: a part that fails leaves the others their turn.
func (b *bench) takeAll(ctx context.Context, chosen []part) ([]figure, error) {
	var figures []figure
	var errs []error
	for _, part := range chosen {
		if ctx.Err() != nil {
			return figures, errors.Join(append(errs, ctx.Err())...)
		}
		taken, err := part.take(b, ctx)
		figures = append(figures, taken...)
		if err != nil {
			errs = append(errs, fmt.Errorf("couldn't take %s: %w", part.name, err))
		}
	}
	return figures, errors.Join(errs...)
}

// tell writes a line for who watches; nobody may be there to read it.
func (b *bench) tell(format string, args ...any) {
	_, _ = fmt.Fprintf(b.progress, format+"\n", args...)
}
