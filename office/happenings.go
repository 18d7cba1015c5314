package office

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/store/query"
)

// Happening is one line of the journal, as the people whom it concerns read it.
type Happening struct {
	At      time.Time
	Event   string
	Unit    string
	Article string
	// By is who did it, by name; empty where the process did.
	By string
	happened
}

// happened is what a journal line carries, of what pages show.
type happened struct {
	// Number is that of the rectification, or of the consequence.
	Number   int           `json:"number"`
	Phase    string        `json:"phase"`
	Due      calendar.Date `json:"due"`
	To       calendar.Date `json:"to"`
	Reason   string        `json:"reason"`
	Kind     string        `json:"kind"`
	Basis    string        `json:"basis"`
	Decision string        `json:"decision"`
	Problems int           `json:"problems"`
	Evidence int           `json:"evidence"`
}

// The journal's lines about rectifications and consequences (A13 to A15).
var (
	rectificationEvents = []string{
		"rectification_ordered", "measures_filed", "rectification_reported", "rectification_sent_back", "rectification_accepted", "deadline_extended",
	}
	consequenceEvents = []string{"consequence_proposed", "consequence_decided"}
)

// happenings are the journal's lines of some events about a unit, or about all; oldest first.
func (d *Desk) happenings(ctx context.Context, unit string, names map[string]string, events ...string) ([]Happening, error) {
	rows, err := d.Store.JournalOfEvents(ctx, query.JournalOfEventsParams{CycleID: d.Cycle.CycleID, Events: events, Unit: unit})
	if err != nil {
		return nil, err
	}
	list := make([]Happening, len(rows))
	for i, row := range rows {
		list[i] = Happening{At: row.At, Event: row.Event, Unit: row.Unit, Article: row.Article, By: names["/"+row.Person]}
		if err := json.Unmarshal([]byte(row.Data), &list[i].happened); err != nil {
			return nil, fmt.Errorf("couldn't read line %d of the journal: %w", row.Seq, err)
		}
	}
	return list, nil
}

// readHistory are the lines about one order and the consequences that it had.
func (d *Desk) readHistory(ctx context.Context, into *Rectification, names map[string]string) error {
	lines, err := d.happenings(ctx, into.Unit, names, append(consequenceEvents, rectificationEvents...)...)
	if err != nil {
		return err
	}
	consequences := map[int]bool{}
	for _, consequence := range into.Consequences {
		consequences[int(consequence.Number)] = true
	}
	for _, line := range lines {
		if line.concerns(int(into.Number), consequences) {
			into.History = append(into.History, line)
		}
	}
	return nil
}

// concerns tells whether a line is about an order, or about one of its consequences. A limit that was moved for all
// moved those that follow from the results: they have the number 0.
func (h Happening) concerns(order int, consequences map[int]bool) bool {
	switch h.Event {
	case "consequence_proposed", "consequence_decided":
		return consequences[h.Number]
	case "deadline_extended":
		return h.Phase == "rectification" && h.Number == order
	}
	return h.Number == order
}
