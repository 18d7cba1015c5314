package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"
	"time"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/store/query"
)

// Line is one thing that happened in a cycle.
type Line struct {
	Event   string
	Unit    string
	Person  string
	Article string
	Data    map[string]any
}

// Record adds a line to the journal; it is written with the change that it tells of, or not at all.
func (c *Change) Record(line Line) { c.lines = append(c.lines, line) }

// writeJournal numbers, dates and chains the collected lines. A line is never dated before the one above it.
func (c *Change) writeJournal() error {
	if len(c.lines) == 0 {
		return nil
	}
	at := c.At.Truncate(time.Microsecond)
	if c.Cycle.JournalAt != nil && at.Before(*c.Cycle.JournalAt) {
		at = *c.Cycle.JournalAt
	}
	rows := query.JournalAppendParams{CycleID: c.Cycle.CycleID, At: at}
	seq, last := c.Cycle.JournalSeq, c.Cycle.JournalHash
	for _, line := range c.lines {
		data, err := line.data()
		if err != nil {
			return err
		}
		seq++
		last = chain(last, JournalLine{Seq: seq, At: at, Line: line}, data)
		rows.Seqs = append(rows.Seqs, seq)
		rows.Events = append(rows.Events, line.Event)
		rows.Units = append(rows.Units, line.Unit)
		rows.Persons = append(rows.Persons, line.Person)
		rows.Articles = append(rows.Articles, line.Article)
		rows.Datas = append(rows.Datas, data)
		rows.Hashes = append(rows.Hashes, last)
	}
	if err := c.JournalAppend(c.Context, rows); err != nil {
		return fmt.Errorf("couldn't write the journal: %w", err)
	}
	return c.CycleJournalAdvance(c.Context, query.CycleJournalAdvanceParams{
		CycleID: c.Cycle.CycleID, Seq: seq, At: at, Hash: last,
	})
}

func (l Line) data() (string, error) {
	if len(l.Data) == 0 {
		return "", nil
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(l.Data); err != nil {
		return "", fmt.Errorf("couldn't write the data of %s: %w", l.Event, err)
	}
	return strings.TrimSuffix(text.String(), "\n"), nil
}

// chain is the hash of a line over the hash of the line before it. Each field is preceded by its length, so that
// no two different lines have the same bytes.
func chain(last []byte, line JournalLine, data string) []byte {
	sum := sha256.New()
	sum.Write(last)
	writeField(sum, fmt.Sprint(line.Seq))
	writeField(sum, line.At.UTC().Format(time.RFC3339Nano))
	for _, field := range []string{line.Event, line.Unit, line.Person, line.Article, data} {
		writeField(sum, field)
	}
	return sum.Sum(nil)
}

// A hash.Hash never returns an error from Write.
func writeField(sum hash.Hash, field string) {
	var length [8]byte
	binary.BigEndian.PutUint64(length[:], uint64(len(field)))
	sum.Write(length[:])
	sum.Write([]byte(field))
}

// JournalLine is a written line.
type JournalLine struct {
	Seq int64
	At  time.Time
	Line
	data string
	hash []byte
}

// journalJSON is the form that other programs read.
type journalJSON struct {
	Seq     int64           `json:"seq"`
	At      string          `json:"at"`
	Cycle   string          `json:"cycle"`
	Event   string          `json:"event"`
	Unit    string          `json:"unit,omitempty"`
	Person  string          `json:"person,omitempty"`
	Article string          `json:"article,omitempty"`
	Data    json.RawMessage `json:"data,omitempty"`
}

const journalPage = 2000

// Journal calls each with every line of a cycle, oldest first, from after the given one on.
func (s *Store) Journal(ctx context.Context, cycle, after int64, each func(JournalLine) error) error {
	return journal(ctx, s.Queries, cycle, after, each)
}

func journal(ctx context.Context, queries *query.Queries, cycle, after int64, each func(JournalLine) error) error {
	for {
		rows, err := queries.JournalPage(ctx, query.JournalPageParams{CycleID: cycle, After: after, Size: journalPage})
		if err != nil {
			return translate(err)
		}
		for _, row := range rows {
			if err := each(journalLine(row)); err != nil {
				return err
			}
			after = row.Seq
		}
		if len(rows) < journalPage {
			return nil
		}
	}
}

func journalLine(row query.Journal) JournalLine {
	line := JournalLine{Seq: row.Seq, At: row.At.In(calendar.Location), data: row.Data, hash: row.Hash, Line: Line{
		Event: row.Event, Unit: row.Unit, Person: row.Person, Article: row.Article,
	}}
	if row.Data != "" {
		// The text was written by Line.data; what can't be read any more fails the chain.
		if err := json.Unmarshal([]byte(row.Data), &line.Data); err != nil {
			line.Data = map[string]any{"unreadable": row.Data}
		}
	}
	return line
}

// WriteJournal writes a cycle's journal as JSON lines.
func (s *Store) WriteJournal(ctx context.Context, cycle query.Cycle, out io.Writer) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	return s.Journal(ctx, cycle.CycleID, 0, func(line JournalLine) error {
		return encoder.Encode(journalJSON{
			Seq: line.Seq, At: line.At.Format("2006-01-02T15:04:05.999999Z07:00"), Cycle: CycleName(cycle),
			Event: line.Event, Unit: line.Unit, Person: line.Person, Article: line.Article, Data: json.RawMessage(line.data),
		})
	})
}

// CheckJournal follows the chain from the first line to the one that the cycle's row names as the last, so that a
// line changed, swapped, left out or cut off at either end is found. The error names the first place. It sees one
// moment of a cycle that goes on.
func (s *Store) CheckJournal(ctx context.Context, cycleID int64) error {
	tx, err := s.db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return translate(err)
	}
	err = checkJournal(ctx, query.New(tx), cycleID)
	return translate(errors.Join(err, rollback(tx)))
}

func checkJournal(ctx context.Context, queries *query.Queries, cycleID int64) error {
	cycle, err := queries.CycleGet(ctx, query.CycleGetParams{CycleID: cycleID})
	if err != nil {
		return err
	}
	var seq int64
	last := []byte{}
	err = journal(ctx, queries, cycleID, 0, func(line JournalLine) error {
		seq++
		if line.Seq != seq {
			return &Error{Kind: Conflict, Reasons: []string{fmt.Sprintf("journal line %d is missing", seq)}}
		}
		last = chain(last, line, line.data)
		if !bytes.Equal(last, line.hash) {
			return &Error{Kind: Conflict, Reasons: []string{fmt.Sprintf("journal line %d was changed", seq)}}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if seq != cycle.JournalSeq || !bytes.Equal(last, cycle.JournalHash) {
		return &Error{Kind: Conflict, Reasons: []string{fmt.Sprintf("the journal ends at line %d, the cycle says %d", seq, cycle.JournalSeq)}}
	}
	return nil
}
