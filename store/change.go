package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/store/query"
)

// Step names one write: its key is made by the caller (an act's id, a workflow's step), so that a write whose answer
// was lost is done once and answered alike when it is tried again.
type Step struct {
	Cycle int64
	Key   string
	// At is the cycle's time at which the step was taken; zero means now.
	At time.Time
}

// Change is one transaction on a cycle. It holds the lock of the cycle's row, has one "now", and collects the
// journal's lines, which are written with it.
type Change struct {
	*query.Queries
	Context context.Context
	Cycle   query.Cycle
	// At is when the step was taken, on the cycle's clock.
	At time.Time
	// Real is the machine's own time, for leases and back-off only.
	Real time.Time
	// patient is false once the step has waited long enough for a mail that is on its way (errBusy).
	patient bool
	// tx is for what no generated query does: reading through a cursor.
	tx    *sql.Tx
	sets  *sync.Map
	lines []Line
}

// errBusy is a mail on its way that the step must wait for; the transaction is tried again.
var errBusy = errors.New("a mail about this is being delivered")

const (
	attempts     = 6
	busyAttempts = 150
	busyPause    = 20 * time.Millisecond
)

// Do makes one keyed change. What do stores in answer is kept with the key; a repeated key only fills answer in.
func (s *Store) Do(ctx context.Context, step Step, answer any, do func(*Change) error) error {
	return s.locked(ctx, step.Cycle, step.At, func(change *Change) error {
		kept, err := change.ActAnswer(ctx, query.ActAnswerParams{CycleID: step.Cycle, ActID: step.Key})
		if err == nil {
			return json.Unmarshal(kept, answer)
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if state := change.Cycle.State; state == "closed" || state == "cancelled" {
			return Refuse(fmt.Sprintf("%s is %s: nothing more is written", CycleName(change.Cycle), state))
		}
		if err := do(change); err != nil {
			return err
		}
		keep, err := json.Marshal(answer)
		if err != nil {
			return fmt.Errorf("couldn't keep the answer of %s: %w", step.Key, err)
		}
		return change.ActDone(ctx, query.ActDoneParams{CycleID: step.Cycle, ActID: step.Key, Answer: keep})
	})
}

// locked runs one transaction under the lock of the cycle's row, again if the server broke it off. It may run twice
// when the answer to its COMMIT is lost, so do must find what it did before.
func (s *Store) locked(ctx context.Context, cycle int64, at time.Time, do func(*Change) error) error {
	var err error
	busy := 0
	for attempt := 1; attempt <= attempts; {
		if err = s.once(ctx, cycle, at, busy < busyAttempts, do); err == nil {
			return nil
		}
		wait := time.Duration(attempt) * 50 * time.Millisecond
		switch {
		case errors.Is(err, errBusy):
			busy, wait = busy+1, busyPause
		case KindOf(err) == Unavailable:
			attempt++
		default:
			return err
		}
		if stopped := sleep(ctx, wait); stopped != nil {
			return errors.Join(err, stopped)
		}
	}
	return err
}

func sleep(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return &Error{Kind: Unavailable, Err: ctx.Err()}
	}
}

func (s *Store) once(ctx context.Context, cycle int64, at time.Time, patient bool, do func(*Change) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return translate(err)
	}
	err = s.inside(ctx, tx, cycle, at, patient, do)
	if err != nil {
		return translate(errors.Join(err, rollback(tx)))
	}
	return translate(tx.Commit())
}

// rollback of a transaction that the server already ended is no fault.
func rollback(tx *sql.Tx) error {
	if err := tx.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) && !isConnectionFault(err) {
		return err
	}
	return nil
}

func (s *Store) inside(ctx context.Context, tx *sql.Tx, cycle int64, at time.Time, patient bool, do func(*Change) error) error {
	queries := query.New(tx)
	row, err := queries.CycleLock(ctx, query.CycleLockParams{CycleID: cycle})
	if errors.Is(err, sql.ErrNoRows) {
		return Missing(fmt.Sprintf("no cycle %d", cycle))
	}
	if err != nil {
		return err
	}
	real := s.now()
	change := &Change{Queries: queries, Context: ctx, Cycle: row, At: at, Real: real, patient: patient, tx: tx, sets: s.sets}
	if at.IsZero() {
		change.At = ClockOf(row).At(real)
	}
	if err := do(change); err != nil {
		return err
	}
	return change.writeJournal()
}

// Draft keeps what somebody is still typing: it takes no lock of the cycle and writes no line. What it changes must
// hold a lock of its own against being submitted meanwhile.
func (s *Store) Draft(ctx context.Context, cycle int64, do func(*Change) error) error {
	return s.transaction(ctx, func(queries *query.Queries) error {
		row, err := queries.CycleGet(ctx, query.CycleGetParams{CycleID: cycle})
		if err != nil {
			return err
		}
		if row.State != "running" {
			return Refuse(fmt.Sprintf("%s is %s", CycleName(row), row.State))
		}
		real := s.now()
		return do(&Change{Queries: queries, Context: ctx, Cycle: row, At: ClockOf(row).At(real), Real: real, sets: s.sets})
	})
}

// ClockOf is the clock of a cycle. A rehearsal that has not started stands still at its beginning.
func ClockOf(cycle query.Cycle) calendar.Clock {
	if cycle.ClockVirtual == nil {
		return calendar.Clock{}
	}
	clock := calendar.Clock{Virtual: *cycle.ClockVirtual, Pace: time.Duration(cycle.ClockPace)}
	if cycle.ClockReal == nil {
		// Not started: a moment that never comes, so that At stays at Virtual.
		clock.Real = time.Date(9000, 1, 1, 0, 0, 0, 0, time.UTC)
		return clock
	}
	clock.Real = *cycle.ClockReal
	return clock
}

// CycleName is how people and files name a cycle: pingliang/2025, and its social evaluation pingliang/2025/evaluation.
func CycleName(cycle query.Cycle) string {
	name := fmt.Sprintf("%s/%d", cycle.Authority, cycle.Year)
	if cycle.Kind == Evaluation {
		name += "/" + Evaluation
	}
	return name
}

// Content reads the texts of an act, which its caller stored before asking for it.
func (c *Change) Content(act string, into any) error {
	content, err := c.ActContent(c.Context, query.ActContentParams{CycleID: c.Cycle.CycleID, ActID: act})
	if errors.Is(err, sql.ErrNoRows) {
		return Missing("nothing was asked for under " + act)
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(content, into)
}

// Request keeps the texts of an act, before a workflow is asked for it: a payload carries only the act's id.
func (s *Store) Request(ctx context.Context, cycle int64, act string, content any) error {
	text, err := json.Marshal(content)
	if err != nil {
		return fmt.Errorf("couldn't keep the texts of %s: %w", act, err)
	}
	return translate(s.ActRequest(ctx, query.ActRequestParams{CycleID: cycle, ActID: act, Content: text}))
}

// Answered tells whether an act is done, and fills its kept answer in.
func (s *Store) Answered(ctx context.Context, cycle int64, act string, answer any) (bool, error) {
	kept, err := s.ActAnswer(ctx, query.ActAnswerParams{CycleID: cycle, ActID: act})
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, translate(err)
	}
	return true, json.Unmarshal(kept, answer)
}

// Now is what a cycle's clock shows.
func (s *Store) Now(cycle query.Cycle) time.Time { return ClockOf(cycle).At(s.now()) }
