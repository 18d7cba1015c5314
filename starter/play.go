package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"golang.org/x/sync/errgroup"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/documents"
	"github.com/kaoping/kaoping/internal/rehearsal"
	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/schemas"
	"github.com/kaoping/kaoping/starter/picture"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// playOptions say what is played, and what is written.
type playOptions struct {
	// Data is the folder of a data set; empty is the built-in one.
	Data string
	// Pace is the real time of one day; 0 fits the number of units.
	Pace time.Duration
	// Journal and Book are files to write when the year is over; empty writes none.
	Journal, Book string
	// Logins is a file to write every person's password into, before the play begins; empty writes none.
	Logins string
	// Portal is the address of the pages on which one contact, one assessor and the leader act; empty is none.
	Portal string
	// Public is that of the pages on which the public and the representatives evaluate; empty is none.
	Public string
	// Out shows the play; Terminal says that it can be redrawn.
	Out      io.Writer
	Terminal bool
	Log      *slog.Logger
}

// play is one rehearsal on an office.
type play struct {
	playOptions
	set    documents.DataSet
	script rehearsal.Script
	// passwords are the people's, by login.
	passwords map[string]string
}

// newPlay reads the data set, before any server is needed. Its faults are rules.Faults. Holidays that the database knows
// beyond the built-in ones are given.
func newPlay(options playOptions, lib rules.Library, published ...calendar.Holiday) (*play, error) {
	files, err := fs.Sub(schemas.Data, "data/pingliang")
	if options.Data != "" {
		files = os.DirFS(options.Data)
	}
	if err != nil {
		return nil, err
	}
	set, err := documents.ReadDataSet(files, lib, published...)
	if err != nil {
		return nil, err
	}
	if options.Pace == 0 {
		options.Pace = office.PaceFor(set.Plan)
	}
	return &play{playOptions: options, set: set, script: rehearsal.NewScript(set.Plan)}, nil
}

// refusedAddresses are those that an embedded inbox is to refuse.
func (r *play) refusedAddresses() []string {
	if address := r.script.RefusedAddress(r.set.Plan); address != "" {
		return []string{address}
	}
	return nil
}

// errBook says that the exported book does not recompute to its own results.
var errBook = errors.New("the exported book does not recompute to its results")

// run plays the year to its end, and shows it.
func (r *play) run(ctx context.Context, o *office.Office) (query.Cycle, error) {
	cycle, err := r.begin(ctx, o)
	if err != nil {
		return query.Cycle{}, err
	}
	cast, err := rehearsal.NewCast(ctx, o, cycle, r.script, r.pages(), r.Log)
	if err != nil {
		return query.Cycle{}, err
	}
	evaluators, err := r.beginEvaluation(ctx, o, cycle)
	if err != nil {
		return query.Cycle{}, err
	}
	watching, stop := context.WithCancel(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		picture.New(r.Out, r.Terminal, r.set.Plan.Scheme.Authority.Name).Watch(watching, o, cycle.CycleID)
	}()
	people, playing := errgroup.WithContext(ctx)
	people.Go(func() error { return cast.Play(playing) })
	if evaluators != nil {
		people.Go(func() error { return evaluators.Play(playing) })
	}
	err = people.Wait()
	stop()
	<-watched
	if err != nil {
		return query.Cycle{}, fmt.Errorf("the rehearsal was broken off: %w", err)
	}
	if evaluators != nil {
		if err := r.showEvaluation(ctx, o, evaluators.Cycle()); err != nil {
			return query.Cycle{}, err
		}
	}
	return r.end(ctx, o, cycle)
}

// pages are those on which some of the people act, none where no portal is known.
func (r *play) pages() *rehearsal.Pages {
	if r.Portal == "" {
		return nil
	}
	return &rehearsal.Pages{URL: r.Portal, Logins: r.passwords}
}

func (r *play) begin(ctx context.Context, o *office.Office) (query.Cycle, error) {
	cycle, err := o.ImportRehearsal(ctx, r.set, r.Pace)
	if err != nil {
		return query.Cycle{}, err
	}
	if err := r.makeLogins(ctx, o, cycle); err != nil {
		return query.Cycle{}, err
	}
	desk, err := o.AdminDesk(ctx, cycle)
	if err != nil {
		return query.Cycle{}, err
	}
	if _, err := fmt.Fprintf(r.Out, "rehearsal %d of %s: %d units, a day in %s\n",
		cycle.Rehearsal, store.CycleName(cycle), len(r.set.Plan.Units), r.Pace); err != nil {
		return query.Cycle{}, err
	}
	return cycle, desk.Start(ctx, time.Now())
}

func (r *play) end(ctx context.Context, o *office.Office, cycle query.Cycle) (query.Cycle, error) {
	cycle, err := o.Store.CycleGet(ctx, query.CycleGetParams{CycleID: cycle.CycleID})
	if err != nil {
		return cycle, err
	}
	if cycle.State != "closed" {
		return cycle, fmt.Errorf("the cycle ended %s", cycle.State)
	}
	if err := writeFile(r.Journal, func(out io.Writer) error { return o.Store.WriteJournal(ctx, cycle, out) }); err != nil {
		return cycle, err
	}
	results, err := o.Store.ResultList(ctx, query.ResultListParams{CycleID: cycle.CycleID, Number: cycle.Released.Int32})
	if err != nil {
		return cycle, err
	}
	if err := r.showResults(o, cycle, results); err != nil {
		return cycle, err
	}
	if err := r.checkBook(ctx, o, cycle); err != nil {
		return cycle, err
	}
	return cycle, r.showLogins()
}

// checkBook exports the book and recomputes it, as an auditor would.
func (r *play) checkBook(ctx context.Context, o *office.Office, cycle query.Cycle) error {
	book, err := o.Export(ctx, cycle)
	if err != nil {
		return err
	}
	if err := writeFile(r.Book, func(out io.Writer) error {
		_, err := io.WriteString(out, book)
		return err
	}); err != nil {
		return err
	}
	if err := rules.Recompute(strings.NewReader(book), o.Rules, true, io.Discard); err != nil {
		return errors.Join(errBook, err)
	}
	_, err = fmt.Fprintln(r.Out, "the exported book recomputes to the same results")
	return err
}

func writeFile(name string, write func(io.Writer) error) error {
	if name == "" {
		return nil
	}
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(write(file), file.Close())
}

func (r *play) showResults(o *office.Office, cycle query.Cycle, results []query.ResultListRow) error {
	set, _ := o.Rules.RuleSet(cycle.RuleSet)
	rows := table.NewWriter()
	rows.SetStyle(table.StyleLight)
	rows.SetTitle("%s %d", r.set.Plan.Scheme.Authority.Name, cycle.Year)
	rows.AppendHeader(table.Row{"rank", "unit", "name", "category", "in category", "total", "grade"})
	rows.SetColumnConfigs([]table.ColumnConfig{{Name: "rank", Align: text.AlignRight}, {Name: "total", Align: text.AlignRight}, {Name: "in category", Align: text.AlignRight}})
	for _, row := range results {
		rows.AppendRow(table.Row{row.Rank, row.Unit, row.Name, row.Category, row.CategoryRank, row.Total, set.GradeName(row.Grade)})
	}
	_, err := fmt.Fprintln(r.Out, rows.Render())
	return err
}
