package integration

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/workflows"
)

// droppable is how many moments in a row a rehearsal's sweep may come too late for, when their day is over: Temporal fires
// a timer of less than a second up to a second late, and a machine may be busy.
func droppable(pace time.Duration) int {
	if pace < 700*time.Millisecond {
		return math.MaxInt
	}
	return 4
}

// journal reads what the cycle's journal says in its public form.
func (p *production) journal(ctx context.Context, t *testing.T) *journal {
	t.Helper()
	var text bytes.Buffer
	must(t, p.office.Store.WriteJournal(ctx, p.cycle, &text))
	// To be looked at after a failure; go test -artifacts keeps it.
	must(t, os.WriteFile(filepath.Join(t.ArtifactDir(), "journal.jsonl"), text.Bytes(), 0o600))
	days, err := p.office.Store.Days(ctx, store.DataSet{Plan: p.set.Plan, Holidays: p.set.Holidays})
	must(t, err)
	return &journal{
		lines: readLines(t, text.Bytes()), plan: p.set.Plan, days: days,
		disturbed: p.lines > 0, droppable: droppable(time.Duration(p.cycle.ClockPace)),
	}
}

// ending is what a year comes to: what must be the same whatever happened on the way.
type ending struct {
	digest  string
	results string // JSON: points, ranks, explanations
	book    string
	// story counts the events of the process by what they are about, without those that depend on who was late.
	story map[string]int
	lines int
}

// end holds a played year against everything that must be true of any, and answers what it came to.
func (p *production) end(ctx context.Context, t *testing.T) (ending, *journal) {
	t.Helper()
	if err := p.office.Store.CheckJournal(ctx, p.cycle.CycleID); err != nil {
		t.Errorf("the journal's chain is broken: %v", err)
	}
	j := p.journal(ctx, t)
	j.keepsTheRules(t)
	p.matchTables(ctx, t, j)
	book, err := p.office.Export(ctx, p.cycle)
	must(t, err)
	if err := rules.Recompute(strings.NewReader(book), p.office.Rules, true, io.Discard); err != nil {
		t.Errorf("the exported book does not recompute: %v", err)
	}
	read, err := rules.ReadBook(strings.NewReader(book), p.office.Rules)
	must(t, err)
	var results bytes.Buffer
	must(t, read.Compute().Write(&results))
	p.matchAdjustments(t, j, read)
	return ending{digest: read.Digest(), results: results.String(), book: book, story: j.story(), lines: len(j.lines)}, j
}

// story counts what an outage can't change.
func (j *journal) story() map[string]int {
	story := map[string]int{}
	for _, l := range j.lines {
		if strings.HasPrefix(l.Event, "mail_") || strings.HasPrefix(l.Event, "task_") || slices.Contains(byLateness, l.Event) {
			continue
		}
		story[strings.TrimSpace(fmt.Sprintf("%s %s %s %s", l.Event, l.Unit, l.Person, l.Data.Clause))]++
	}
	return story
}

// matchTables holds the journal's lines against the rows of which they tell: none is lost, none doubled.
func (p *production) matchTables(ctx context.Context, t *testing.T, j *journal) {
	t.Helper()
	for _, pair := range []struct{ about, rows, events string }{
		{"submitted reports", `SELECT count(*) FROM reports WHERE cycle_id = $1 AND state <> 'draft'`, "report_submitted"},
		{"returned reports", `SELECT count(*) FROM reports WHERE cycle_id = $1 AND state = 'returned'`, "report_returned"},
		{"sheets, each time", `SELECT coalesce(sum(submissions), 0) FROM sheets WHERE cycle_id = $1`, "sheet_submitted"},
		{"kept sheets", `SELECT count(*) FROM sheet_submissions WHERE cycle_id = $1`, "sheet_submitted"},
		{"adjustments", `SELECT count(*) FROM adjustments WHERE cycle_id = $1`, "adjustment_proposed"},
		{"confirmed adjustments", `SELECT count(*) FROM adjustments WHERE cycle_id = $1 AND state = 'confirmed'`, "adjustment_confirmed"},
		{"rejected adjustments", `SELECT count(*) FROM adjustments WHERE cycle_id = $1 AND state = 'rejected'`, "adjustment_rejected"},
		{"proposals", `SELECT count(*) FROM proposals WHERE cycle_id = $1`, "proposal_made"},
		{"approvals", `SELECT count(*) FROM proposals WHERE cycle_id = $1 AND state = 'approved'`, "proposal_approved"},
		{"rectifications", `SELECT count(*) FROM rectifications WHERE cycle_id = $1 AND state <> 'draft'`, "rectification_ordered"},
		{"accepted rectifications", `SELECT count(*) FROM rectifications WHERE cycle_id = $1 AND state = 'accepted'`, "rectification_accepted"},
		{"times sent back", `SELECT coalesce(sum(sent_back), 0) FROM rectifications WHERE cycle_id = $1`, "rectification_sent_back"},
		{"consequences", `SELECT count(*) FROM consequences WHERE cycle_id = $1`, "consequence_proposed"},
		{"decisions", `SELECT count(*) FROM consequences WHERE cycle_id = $1 AND state <> 'proposed'`, "consequence_decided"},
		{"sent mails", `SELECT count(*) FROM mails WHERE cycle_id = $1 AND state = 'sent'`, "mail_sent"},
		{"open tasks", `SELECT count(*) FROM tasks WHERE cycle_id = $1 AND state = 'open'`, ""},
		{"mails under way", `SELECT count(*) FROM mails WHERE cycle_id = $1 AND state IN ('queued', 'sending')`, ""},
	} {
		var rows int
		must(t, p.admin.QueryRowContext(ctx, pair.rows, p.cycle.CycleID).Scan(&rows))
		if lines := j.count(func(l line) bool { return l.Event == pair.events }); rows != lines {
			t.Errorf("%s: the tables have %d, the journal %d lines %s", pair.about, rows, lines, pair.events)
		}
	}
}

// matchAdjustments wants in the book what was confirmed before its proposal, and nothing else (A10, A11).
func (p *production) matchAdjustments(t *testing.T, j *journal, book *rules.Book) {
	t.Helper()
	counted := map[string]int64{}
	for _, unit := range book.Units {
		for _, adjustment := range unit.Adjustments {
			counted[unit.Code+" "+adjustment.Clause] += adjustment.Count
		}
	}
	confirmed := map[string]int64{}
	for _, l := range j.lines {
		if l.Event == "adjustment_confirmed" {
			confirmed[l.Unit+" "+l.Data.Clause]++
		}
		if l.Event == "proposal_made" && l.Data.Number == int(p.cycle.Released.Int32) {
			break
		}
	}
	if fmt.Sprint(counted) != fmt.Sprint(confirmed) {
		t.Errorf("the book counts %v, confirmed were %v", counted, confirmed)
	}
}

// events counts the events of a workflow's history; none if there was no such workflow.
func (p *production) events(ctx context.Context, t *testing.T, workflowID string) int64 {
	t.Helper()
	description, err := p.office.Temporal.DescribeWorkflowExecution(ctx, workflowID, "")
	must(t, err)
	return description.GetWorkflowExecutionInfo().GetHistoryLength()
}

// eventsOf counts those of a unit's whole year: its assessment and its rectification.
func (p *production) eventsOf(ctx context.Context, t *testing.T, unit string) int64 {
	t.Helper()
	cycle := office.Reference(p.cycle)
	return p.events(ctx, t, workflows.UnitID(cycle, unit, 1)) + p.events(ctx, t, workflows.RectificationID(cycle, unit, 0))
}
