package store

import (
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/store/query"
)

type numbered struct {
	Number int `json:"number"`
}

// number makes one keyed change that writes a line and answers a number of its own each time that it really runs.
func (b *bundle) number(t *testing.T, step Step, runs *atomic.Int64) (int, error) {
	t.Helper()
	var answer numbered
	err := b.Do(t.Context(), step, &answer, func(change *Change) error {
		answer.Number = int(runs.Add(1))
		change.Record(Line{Event: "numbered", Data: map[string]any{"number": answer.Number}})
		return nil
	})
	return answer.Number, err
}

func TestTheSameKeyIsOneWrite(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	var runs atomic.Int64
	for range 3 {
		number, err := b.number(t, Step{Cycle: id, Key: "act"}, &runs)
		must(t, err)
		is(t, "the answer", number, 1)
	}
	number, err := b.number(t, Step{Cycle: id, Key: "another act"}, &runs)
	must(t, err)
	is(t, "the answer to another act", number, 2)
	is(t, "lines", len(b.lines(t, id)), 2)
}

func TestTheSameKeyAtOnce(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	var runs atomic.Int64
	var callers sync.WaitGroup
	for range 12 {
		callers.Go(func() {
			number, err := b.number(t, Step{Cycle: id, Key: "act"}, &runs)
			if err != nil || number != 1 {
				t.Errorf("the answer is %d, %v", number, err)
			}
		})
	}
	callers.Wait()
	is(t, "how often it ran", runs.Load(), int64(1))
	is(t, "lines", len(b.lines(t, id)), 1)
}

// A refused act leaves nothing, and its key is free for the right one.
func TestARefusedChangeLeavesNothing(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	err := b.do(t, id, "act", func(change *Change) error {
		change.Record(Line{Event: "half done"})
		must(t, change.OpenTask("A8(4)", Task{Key: "task", Kind: "telephone"}))
		return Refuse("the reason is missing", "the date is missing")
	})
	fails(t, err, Refused, "the reason is missing", "the date is missing")
	is(t, "lines", len(b.lines(t, id)), 0)
	is(t, "tasks", count(t, b.db, `SELECT count(*) FROM tasks`), 0)
	must(t, b.do(t, id, "act", func(change *Change) error {
		change.Record(Line{Event: "done"})
		return nil
	}))
	is(t, "the journal", b.story(t, id), "done")
}

func TestAConstraintRefusesTheWholeChange(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	proposal := query.ProposalInsertParams{CycleID: id, Number: 1, Digest: "digest", Book: "{}", Due: calendar.DateOf(beginning)}
	err := b.do(t, id, "act", func(change *Change) error {
		change.Record(Line{Event: "proposal_made"})
		must(t, change.ProposalInsert(t.Context(), proposal))
		proposal.Number = 2
		return fmt.Errorf("couldn't propose: %w", change.ProposalInsert(t.Context(), proposal))
	})
	fails(t, err, Refused, "a proposal is already open")
	is(t, "proposals", count(t, b.db, `SELECT count(*) FROM proposals`), 0)
	is(t, "lines", len(b.lines(t, id)), 0)
}

func TestAnAnswerThatCannotBeKept(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	answer := make(chan int)
	err := b.Do(t.Context(), Step{Cycle: id, Key: "act"}, &answer, func(*Change) error { return nil })
	if err == nil || KindOf(err) != Internal {
		t.Errorf("the error is %v", err)
	}
	_, err = b.ActAnswer(t.Context(), query.ActAnswerParams{CycleID: id, ActID: "act"})
	is(t, "the act", errors.Is(err, sql.ErrNoRows), true)
}

func TestAChangeOfNoCycle(t *testing.T) {
	t.Parallel()
	b := setup(t)
	fails(t, b.do(t, 7, "act", func(*Change) error { return nil }), NotFound, "no cycle 7")
}

// Texts are kept under the act's id before anybody is asked; a second click brings the same texts or none.
func TestTheTextsOfAnAct(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	must(t, b.Request(t.Context(), id, "act", Reason{Reason: "材料不全"}))
	must(t, b.Request(t.Context(), id, "act", Reason{Reason: "another"}))
	var answer numbered
	done, err := b.Answered(t.Context(), id, "act", &answer)
	must(t, err)
	is(t, "answered before it is done", done, false)
	err = b.Do(t.Context(), Step{Cycle: id, Key: "act"}, &answer, func(change *Change) error {
		var reason Reason
		must(t, change.Content("act", &reason))
		is(t, "the reason", reason.Reason, "材料不全")
		fails(t, change.Content("unasked", &reason), NotFound, "nothing was asked for under unasked")
		answer.Number = 5
		return nil
	})
	must(t, err)
	var again numbered
	done, err = b.Answered(t.Context(), id, "act", &again)
	must(t, err)
	is(t, "answered", done, true)
	is(t, "the kept answer", again.Number, 5)
	is(t, "texts after the act", b.names(t, `SELECT content->>'reason' FROM acts`)[0], "材料不全")
	if err := b.Request(t.Context(), id, "wrong", make(chan int)); err == nil {
		t.Error("texts that nobody can write were kept")
	}
}

// Acts on one cycle wait for each other; another cycle's do not.
func TestOneActAtATimeInACycle(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	other, err := b.ImportDataSet(t.Context(), Import{DataSet: DataSet{Plan: smallPlan()}, Rehearsal: 1, Virtual: beginning})
	must(t, err)
	inside, leave, done := make(chan struct{}), make(chan struct{}), make(chan error, 2)
	go func() {
		done <- b.do(t, id, "first", func(change *Change) error {
			close(inside)
			<-leave
			change.Record(Line{Event: "first"})
			return nil
		})
	}()
	<-inside
	go func() {
		done <- b.do(t, id, "second", func(change *Change) error {
			change.Record(Line{Event: "second"})
			return nil
		})
	}()
	must(t, b.do(t, other, "elsewhere", func(*Change) error { return nil }))
	b.awaitBlocked(t)
	close(leave)
	must(t, errors.Join(<-done, <-done))
	is(t, "the journal", b.story(t, id), "first, second")
}

// awaitBlocked waits until one back end of the database waits for another's lock.
func (b *bundle) awaitBlocked(t *testing.T) {
	t.Helper()
	superuser := b.asSuperuser(t) // others don't see what a back end waits for
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for count(t, superuser, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) == 0 {
		select {
		case <-deadline:
			t.Fatal("nobody waits for a lock")
		case <-tick.C:
		}
	}
}

func TestClocks(t *testing.T) {
	t.Parallel()
	virtual := beginning.AddDate(1, 0, 0)
	real := beginning.Add(time.Hour)
	for _, c := range []struct {
		name  string
		cycle query.Cycle
		now   string
	}{
		{"the real cycle", query.Cycle{}, "2025-11-24T10:00:00+08:00"},
		{"a rehearsal before its start", query.Cycle{ClockVirtual: &virtual, ClockPace: int64(time.Second)}, "2026-11-24T09:00:00+08:00"},
		{"a rehearsal at its start", query.Cycle{ClockReal: &real, ClockVirtual: &virtual, ClockPace: int64(time.Second)}, "2026-11-24T09:00:00+08:00"},
		{"a rehearsal, a day a second", query.Cycle{ClockReal: &beginning, ClockVirtual: &virtual, ClockPace: int64(time.Second)}, "2036-10-02T09:00:00+08:00"},
	} {
		is(t, c.name, ClockOf(c.cycle).At(real).Format(time.RFC3339), c.now)
	}
	b := setup(t)
	is(t, "now", b.Now(query.Cycle{}).Format(time.RFC3339), "2025-11-24T09:00:00+08:00")
	is(t, "the name", CycleName(query.Cycle{Authority: "pingliang", Year: 2025}), "pingliang/2025")
}
