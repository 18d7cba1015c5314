package office

import (
	"context"
	"encoding/json"
	"math"
	"slices"
	"time"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store/query"
)

// JournalEvents are those that a year's journal can tell of, in the order of the year.
var JournalEvents = []string{
	"cycle_started", "mail_queued", "mail_sent", "mail_refused", "task_opened", "task_done", "report_submitted", "report_returned",
	"deadline_extended", "sheet_submitted", "adjustment_proposed", "adjustment_confirmed", "adjustment_rejected", "proposal_made",
	"proposal_voided", "proposal_returned", "proposal_approved", "bulletin_issued", "feedback_issued", "results_reported",
	"rectification_ordered", "measures_filed", "rectification_reported", "rectification_sent_back", "rectification_accepted",
	"violation_recorded", "consequence_proposed", "consequence_decided", "results_corrected", "cycle_cancelled", "cycle_closed",
}

// JournalFilter narrows the journal down.
type JournalFilter struct {
	Event, Unit, Person, Article string
	// Text is part of a line's data, or of the name of a unit or a person.
	Text string
	// From and To are days, both included; the zero Date is no bound.
	From, To calendar.Date
	// Before and After are line numbers, one of the two: a page ends before the one, or begins after the other.
	Before, After int64
	Most          int
}

// JournalPage is a part of the journal, newest line first.
type JournalPage struct {
	Lines []JournalEntry
	// Older and Newer tell whether there are more lines on that side.
	Older, Newer bool
	// Names are as in Ledger.
	Names map[string]string
}

// JournalEntry is one line.
type JournalEntry struct {
	Seq                          int64
	At                           time.Time
	Event, Unit, Person, Article string
	// Raw is the data as it was written and hashed; Data the same, read.
	Raw  string
	Data map[string]any
}

// Journal reads the journal.
func (d *Desk) Journal(ctx context.Context, filter JournalFilter) (JournalPage, error) {
	if err := d.must(rules.Admin, rules.Auditor); err != nil {
		return JournalPage{}, err
	}
	names, err := d.names(ctx)
	if err != nil {
		return JournalPage{}, err
	}
	page := JournalPage{Names: names}
	if filter.After > 0 {
		err = d.newerLines(ctx, filter, &page)
	} else {
		err = d.olderLines(ctx, filter, &page)
	}
	return page, err
}

// conditions are the filter's, all but the line numbers. One line more than is shown tells whether there are more.
func (d *Desk) conditions(filter JournalFilter, names map[string]string) query.JournalOlderParams {
	text, units, people := d.named(names, filter.Text)
	conditions := query.JournalOlderParams{
		CycleID: d.Cycle.CycleID, Before: filter.Before, Event: filter.Event, Unit: filter.Unit, Person: filter.Person, Article: filter.Article,
		Text: text, Units: units, People: people, Since: time.Unix(0, 0), Until: time.Date(9000, 1, 1, 0, 0, 0, 0, time.UTC), Most: int32(filter.Most + 1),
	}
	if conditions.Before == 0 {
		conditions.Before = math.MaxInt64
	}
	if !filter.From.IsZero() {
		conditions.Since = filter.From.Start()
	}
	if !filter.To.IsZero() {
		conditions.Until = filter.To.End()
	}
	return conditions
}

func (d *Desk) olderLines(ctx context.Context, filter JournalFilter, page *JournalPage) error {
	rows, err := d.Store.JournalOlder(ctx, d.conditions(filter, page.Names))
	if err != nil {
		return err
	}
	page.Newer = filter.Before > 0
	if page.Older = len(rows) > filter.Most; page.Older {
		rows = rows[:filter.Most]
	}
	for _, row := range rows {
		page.Lines = append(page.Lines, entryOf(row))
	}
	return nil
}

func (d *Desk) newerLines(ctx context.Context, filter JournalFilter, page *JournalPage) error {
	c := d.conditions(filter, page.Names)
	rows, err := d.Store.JournalNewer(ctx, query.JournalNewerParams{
		CycleID: c.CycleID, After: filter.After, Event: c.Event, Unit: c.Unit, Person: c.Person, Article: c.Article,
		Text: c.Text, Units: c.Units, People: c.People, Since: c.Since, Until: c.Until, Most: c.Most,
	})
	if err != nil {
		return err
	}
	page.Older = true
	if page.Newer = len(rows) > filter.Most; page.Newer {
		rows = rows[:filter.Most]
	}
	for _, row := range rows {
		page.Lines = append(page.Lines, entryOf(query.JournalOlderRow(row)))
	}
	slices.Reverse(page.Lines)
	return nil
}

func entryOf(row query.JournalOlderRow) JournalEntry {
	entry := JournalEntry{Seq: row.Seq, At: row.At, Event: row.Event, Unit: row.Unit, Person: row.Person, Article: row.Article, Raw: row.Data}
	if row.Data != "" && json.Unmarshal([]byte(row.Data), &entry.Data) != nil {
		entry.Data = nil // the raw text is shown all the same
	}
	return entry
}
