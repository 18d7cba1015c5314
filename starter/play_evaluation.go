package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/kaoping/kaoping/internal/rehearsal"
	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// beginEvaluation starts the social evaluation beside the year, where the data set has one.
func (r *play) beginEvaluation(ctx context.Context, o *office.Office, year query.Cycle) (*rehearsal.Evaluators, error) {
	if r.set.Evaluation == nil {
		return nil, nil //nolint:nilnil // nobody evaluates
	}
	cycle, err := o.Find(ctx, store.CycleName(year)+"/evaluation", int(year.Rehearsal))
	if err != nil {
		return nil, err
	}
	people, err := rehearsal.NewEvaluators(ctx, o, cycle, r.Log)
	if err != nil {
		return nil, err
	}
	people.Public = r.Public
	desk, err := o.AdminDesk(ctx, cycle)
	if err != nil {
		return nil, err
	}
	return people, desk.Start(ctx, time.Now())
}

// publicPage is the public's page of the evaluation that was played beside a year; empty where there is none.
func (r *play) publicPage(year query.Cycle) string {
	if r.Public == "" || r.set.Evaluation == nil {
		return ""
	}
	return fmt.Sprintf("%s/rehearsal/%d/e/%s/%d", r.Public, year.Rehearsal, year.Authority, year.Year)
}

// showEvaluation shows what became of the units, from the book that anybody can compute again.
func (r *play) showEvaluation(ctx context.Context, o *office.Office, cycle query.Cycle) error {
	exported, err := o.Export(ctx, cycle)
	if err != nil {
		return err
	}
	if err := rules.Recompute(strings.NewReader(exported), o.Rules, true, io.Discard); err != nil {
		return errors.Join(errBook, err)
	}
	book, err := rules.ReadBook(strings.NewReader(exported), o.Rules)
	if err != nil {
		return err
	}
	set, _ := o.Rules.RuleSet(cycle.RuleSet)
	names := append(rules.Terms{set.Evaluation.Insufficient}, set.Evaluation.Grades...)
	units := map[string]string{}
	for _, unit := range r.set.Evaluation.Units {
		units[unit.Code] = unit.Name
	}
	rows := table.NewWriter()
	rows.SetStyle(table.StyleLight)
	rows.SetTitle("social evaluation %d: %d ballots", cycle.Year, len(book.Ballots))
	rows.AppendHeader(table.Row{"rank", "unit", "name", "index", "grade"})
	rows.SetColumnConfigs([]table.ColumnConfig{{Name: "rank", Align: text.AlignRight}, {Name: "index", Align: text.AlignRight}})
	for _, result := range book.Compute().Evaluated {
		rank, index := "–", "–"
		if result.Index != nil {
			rank, index = fmt.Sprint(*result.Rank), result.Index.String()
		}
		rows.AppendRow(table.Row{rank, result.Code, units[result.Code], index, names.Name(result.Grade)})
	}
	rows.SortBy([]table.SortBy{{Name: "rank", Mode: table.AscNumericAlpha}})
	_, err = fmt.Fprintln(r.Out, rows.Render())
	return err
}
