package store

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/store/query"
)

func TestJournalCountsFromOneAndNeverGoesBack(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	b.record(t, id, "first")
	b.clock.set(beginning.Add(time.Hour))
	must(t, b.do(t, id, "two lines", func(change *Change) error {
		change.Record(Line{Event: "second"})
		change.Record(Line{Event: "third"})
		return nil
	}))
	b.clock.set(beginning.Add(-24 * time.Hour))
	b.record(t, id, "clock set back")
	b.clock.set(beginning.Add(2 * time.Hour))
	b.record(t, id, "clock right again")
	// A step that a workflow took before what is journalled already.
	var none struct{}
	must(t, b.Do(t.Context(), Step{Cycle: id, Key: "old step", At: beginning}, &none, func(change *Change) error {
		change.Record(Line{Event: "old step"})
		return nil
	}))
	want := []struct {
		event string
		at    time.Time
	}{
		{"first", beginning},
		{"second", beginning.Add(time.Hour)},
		{"third", beginning.Add(time.Hour)},
		{"clock set back", beginning.Add(time.Hour)},
		{"clock right again", beginning.Add(2 * time.Hour)},
		{"old step", beginning.Add(2 * time.Hour)},
	}
	lines := b.lines(t, id)
	is(t, "lines", len(lines), len(want))
	for i, line := range lines {
		is(t, "seq", line.Seq, int64(i+1))
		is(t, "event", line.Event, want[i].event)
		is(t, line.Event+", at", line.At.Equal(want[i].at), true)
	}
	must(t, b.CheckJournal(t.Context(), id))
}

func TestEachCycleHasItsOwnJournal(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	rehearsal, err := b.ImportDataSet(t.Context(), Import{DataSet: DataSet{Plan: smallPlan()}, Rehearsal: 1, Pace: time.Second, Virtual: beginning.AddDate(1, 0, 0)})
	must(t, err)
	b.record(t, id, "real")
	b.record(t, rehearsal, "rehearsed")
	b.record(t, id, "real again")
	is(t, "the real cycle", b.story(t, id), "real, real again")
	is(t, "the rehearsal", b.story(t, rehearsal), "rehearsed")
	// Before its start a rehearsal's clock stands still.
	is(t, "the rehearsal's clock", b.lines(t, rehearsal)[0].At.Format(time.RFC3339), "2026-11-24T09:00:00+08:00")
}

func TestNothingIsWrittenAfterTheCycleClosed(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	must(t, b.do(t, id, "close", func(change *Change) error {
		change.Record(Line{Event: "cycle_closed", Article: "A13"})
		return change.CycleEnd(t.Context(), query.CycleEndParams{CycleID: id, State: "closed"})
	}))
	err := b.do(t, id, "late", func(*Change) error { return nil })
	fails(t, err, Refused, "pingliang/2025 is closed: nothing more is written")
	// The same act that closed it is still answered as before.
	must(t, b.do(t, id, "close", func(*Change) error { return Refuse("asked twice") }))
	err = b.locked(t.Context(), id, time.Time{}, func(change *Change) error {
		change.Record(Line{Event: "mail_sent"})
		return nil
	})
	fails(t, err, Refused, constraintReasons["journal_closed"])
	is(t, "the journal", b.story(t, id), "cycle_closed")
	must(t, b.CheckJournal(t.Context(), id))
}

func TestACancelledYearTakesNoMoreActs(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	must(t, b.do(t, id, "cancel", func(change *Change) error {
		change.Record(Line{Event: "cycle_cancelled"})
		return change.CycleEnd(t.Context(), query.CycleEndParams{CycleID: id, State: "cancelled"})
	}))
	fails(t, b.do(t, id, "late", func(*Change) error { return nil }), Refused, "pingliang/2025 is cancelled: nothing more is written")
}

func TestJournalAsOtherProgramsReadIt(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	must(t, b.do(t, id, "one", func(change *Change) error {
		change.Record(Line{Event: "cycle_started", Person: "admin", Article: "A8"})
		change.Record(Line{Event: "mail_sent", Unit: "C01", Article: "A8(4)", Data: map[string]any{"kind": "notice", "to": "<c01@example.com>"}})
		return nil
	}))
	var out bytes.Buffer
	must(t, b.WriteJournal(t.Context(), b.cycle(t, id), &out))
	is(t, "the journal", out.String(), strings.Join([]string{
		`{"seq":1,"at":"2025-11-24T09:00:00+08:00","cycle":"pingliang/2025","event":"cycle_started","person":"admin","article":"A8"}`,
		`{"seq":2,"at":"2025-11-24T09:00:00+08:00","cycle":"pingliang/2025","event":"mail_sent","unit":"C01","article":"A8(4)","data":{"kind":"notice","to":"<c01@example.com>"}}`,
		"",
	}, "\n"))
}

// More lines than one page, and reading from the middle.
func TestJournalInPages(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	must(t, b.do(t, id, "many", func(change *Change) error {
		for i := range journalPage + 1 {
			change.Record(Line{Event: "event", Data: map[string]any{"number": i}})
		}
		return nil
	}))
	is(t, "all lines", len(b.lines(t, id)), journalPage+1)
	var after []int64
	must(t, b.Journal(t.Context(), id, journalPage-1, func(line JournalLine) error {
		after = append(after, line.Seq)
		return nil
	}))
	is(t, "the last lines", fmt.Sprint(after), fmt.Sprint([]int{journalPage, journalPage + 1}))
	must(t, b.CheckJournal(t.Context(), id))
	stop := Refuse("enough")
	fails(t, b.Journal(t.Context(), id, 0, func(JournalLine) error { return stop }), Refused, "enough")
}

// tampering is what somebody with all rights may do to the journal: ten lines, one chain.
var tampering = []struct{ name, statement, found string }{
	{"an event changed", `UPDATE journal SET event = 'other' WHERE seq = 4`, "journal line 4 was changed"},
	{"a unit changed", `UPDATE journal SET unit = 'D01' WHERE seq = 1`, "journal line 1 was changed"},
	{"a person changed", `UPDATE journal SET person = 'admin' WHERE seq = 10`, "journal line 10 was changed"},
	{"an article changed", `UPDATE journal SET article = 'A9' WHERE seq = 2`, "journal line 2 was changed"},
	{"a moment changed", `UPDATE journal SET at = at - interval '1 microsecond' WHERE seq = 1`, "journal line 1 was changed"},
	{"data changed", `UPDATE journal SET data = replace(data, '"points":3', '"points":9') WHERE seq = 3`, "journal line 3 was changed"},
	{"data made unreadable", `UPDATE journal SET data = '{' WHERE seq = 3`, "journal line 3 was changed"},
	{"a field moved into its neighbour", `UPDATE journal SET unit = '', person = 'C01gov' WHERE seq = 5`, "journal line 5 was changed"},
	{"a hash changed", `UPDATE journal SET hash = sha256('x') WHERE seq = 6`, "journal line 6 was changed"},
	{"a line deleted", `DELETE FROM journal WHERE seq = 5`, "journal line 5 is missing"},
	{"a line deleted, the rest renumbered", `DELETE FROM journal WHERE seq = 5; UPDATE journal SET seq = -seq; UPDATE journal SET seq = CASE WHEN seq < -5 THEN -seq - 1 ELSE -seq END`, "journal line 5 was changed"},
	{"two lines swapped", `UPDATE journal SET seq = 1000 - seq WHERE seq IN (4, 5); UPDATE journal SET seq = CASE seq WHEN 996 THEN 5 ELSE 4 END WHERE seq > 900`, "journal line 4 was changed"},
	{"the contents of two lines swapped", `UPDATE journal j SET data = k.data, hash = k.hash FROM journal k WHERE j.seq + k.seq = 9 AND j.seq IN (4, 5)`, "journal line 4 was changed"},
	{"the beginning cut off", `DELETE FROM journal WHERE seq <= 3`, "journal line 1 is missing"},
	{"the end cut off", `DELETE FROM journal WHERE seq > 7`, "the journal ends at line 7, the cycle says 10"},
	{"all of it gone", `DELETE FROM journal`, "the journal ends at line 0, the cycle says 10"},
	{"a line added", `INSERT INTO journal SELECT cycle_id, 11, at, 'proposal_approved', '', '', '', '', sha256('x') FROM journal WHERE seq = 10`, "journal line 11 was changed"},
}

func TestTamperingIsFound(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	for i := range 10 {
		must(t, b.do(t, id, fmt.Sprint("line ", i), func(change *Change) error {
			change.Record(Line{Event: "sheet_submitted", Unit: "C01", Person: "gov", Article: "A8(6)", Data: map[string]any{"points": i + 1}})
			return nil
		}))
	}
	must(t, b.CheckJournal(t.Context(), id))
	superuser := b.asSuperuser(t)
	execute(t, superuser, `ALTER TABLE journal DISABLE TRIGGER ALL`, `ALTER TABLE journal DROP CONSTRAINT journal_seq_check`,
		`CREATE TABLE kept AS SELECT * FROM journal`)
	for _, c := range tampering {
		execute(t, superuser, c.statement)
		if err := b.CheckJournal(t.Context(), id); err == nil {
			t.Errorf("%s: not found", c.name)
		} else {
			fails(t, err, Conflict, c.found)
		}
		execute(t, superuser, `DELETE FROM journal`, `INSERT INTO journal SELECT * FROM kept`)
		must(t, b.CheckJournal(t.Context(), id))
	}
}

// The check sees one moment, however much is written meanwhile.
func TestTheCheckRunsBesideWriters(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	var writers sync.WaitGroup
	defer writers.Wait()
	done := make(chan struct{})
	defer close(done)
	for w := range 2 {
		writers.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-done:
					return
				default:
					if err := b.do(t, id, fmt.Sprintf("%d/%d", w, i), func(change *Change) error {
						change.Record(Line{Event: "event"})
						return nil
					}); err != nil {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	for b.cycle(t, id).JournalSeq < 200 {
		must(t, b.CheckJournal(t.Context(), id))
	}
}

func TestCheckOfAnUnknownCycle(t *testing.T) {
	t.Parallel()
	b := setup(t)
	is(t, "the error", IsMissing(b.CheckJournal(t.Context(), 7)), true)
}

// The digest of a line is fixed: a journal written today is checked by the program of next year.
func TestTheChainIsFixed(t *testing.T) {
	t.Parallel()
	line := JournalLine{Seq: 1, At: calendar.Date{Year: 2025, Month: time.November, Day: 24}.At(9, 0), Line: Line{
		Event: "cycle_started", Person: "admin", Article: "A8",
	}}
	is(t, "the first hash", fmt.Sprintf("%x", chain(nil, line, `{"units":2}`)),
		"7ecffa4230de491a3940cf7482701e0f4971b6f6da63d04c0265623fb78289fa")
}

func TestALineThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	err := b.do(t, id, "one", func(change *Change) error {
		change.Record(Line{Event: "event", Data: map[string]any{"channel": make(chan int)}})
		return nil
	})
	var unsupported *json.UnsupportedTypeError
	is(t, "the error", asError(err, &unsupported), true)
	is(t, "lines", len(b.lines(t, id)), 0)
	_, err = b.ActAnswer(t.Context(), query.ActAnswerParams{CycleID: id, ActID: "one"})
	is(t, "the act", err, sql.ErrNoRows)
}
