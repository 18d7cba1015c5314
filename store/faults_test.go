package store

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kaoping/kaoping/store/query"
)

// numberBehind makes a keyed change through the proxy.
func numberBehind(t *testing.T, store *Store, id int64, key string, runs *atomic.Int64) (int, error) {
	t.Helper()
	return (&bundle{Store: store}).number(t, Step{Cycle: id, Key: key}, runs)
}

// COMMIT is done, its answer lost: the change is found, not made again.
func TestTheAnswerToCommitIsLost(t *testing.T) {
	t.Parallel()
	behind, b, id, p := through(t, Config{})
	var runs atomic.Int64
	p.cutAfter("COMMIT")
	number, err := numberBehind(t, behind, id, "act", &runs)
	must(t, err)
	p.wasCut(t, 1)
	is(t, "the answer", number, 1)
	is(t, "how often it ran", runs.Load(), int64(1))
	is(t, "lines", len(b.lines(t, id)), 1)
}

// An INSERT inside the transaction is done, its answer lost: the transaction is rolled back and made once more.
func TestTheAnswerToAnInsertIsLost(t *testing.T) {
	t.Parallel()
	behind, b, id, p := through(t, Config{})
	var runs atomic.Int64
	p.cutAfter("INSERT 0 1")
	number, err := numberBehind(t, behind, id, "act", &runs)
	must(t, err)
	p.wasCut(t, 1)
	is(t, "the answer", number, 2)
	is(t, "how often it ran", runs.Load(), int64(2))
	is(t, "lines", len(b.lines(t, id)), 1)
	is(t, "acts", count(t, b.db, `SELECT count(*) FROM acts`), 1)
}

// A single INSERT commits by itself; the driver may send it again.
func TestTheAnswerToASingleInsertIsLost(t *testing.T) {
	t.Parallel()
	behind, b, id, p := through(t, Config{})
	p.cutAfter("INSERT 0 1")
	if err := behind.Request(t.Context(), id, "act", Reason{Reason: "材料不全"}); err != nil {
		is(t, "the error's kind", KindOf(err), Unavailable)
		must(t, behind.Request(t.Context(), id, "act", Reason{Reason: "材料不全"}))
	}
	p.wasCut(t, 1)
	is(t, "acts", count(t, b.db, `SELECT count(*) FROM acts`), 1)
}

func TestTheAnswerToAnImportIsLost(t *testing.T) {
	t.Parallel()
	behind, b, id, p := through(t, Config{})
	p.cutAfter("COMMIT")
	plan := smallPlan()
	plan.Units[0].Name = "另一名称"
	_, err := behind.ImportDataSet(t.Context(), Import{DataSet: DataSet{Plan: plan}})
	is(t, "the error's kind", KindOf(err), Unavailable)
	p.wasCut(t, 1)
	again, err := behind.ImportDataSet(t.Context(), Import{DataSet: DataSet{Plan: plan}})
	must(t, err)
	is(t, "the cycle", again, id)
	is(t, "units", fmt.Sprint(b.names(t, `SELECT name FROM units`)), "[另一名称 平凉市发展和改革委员会]")
}

// Every 200 ms all back ends are ended: each write is there once, and the chain holds.
func TestBackEndsThatDie(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	const writes = 500
	keys := make(chan int, writes)
	for i := range writes {
		keys <- i
	}
	close(keys)
	killing, stop := context.WithCancel(t.Context())
	defer stop()
	killed := b.killBackEnds(killing, t)
	var writers sync.WaitGroup
	for range 4 {
		writers.Go(func() {
			for i := range keys {
				b.insist(t, id, fmt.Sprintf("write/%d", i))
			}
		})
	}
	writers.Wait()
	stop()
	is(t, "back ends were ended", <-killed > 0, true)
	written := map[string]bool{}
	for _, line := range b.lines(t, id) {
		written[line.Event] = true
	}
	is(t, "lines", len(b.lines(t, id)), writes)
	is(t, "different lines", len(written), writes)
	must(t, b.CheckJournal(t.Context(), id))
}

// insist makes a keyed change with the same key until it is answered.
func (b *bundle) insist(t *testing.T, id int64, key string) {
	t.Helper()
	for {
		err := b.do(t, id, key, func(change *Change) error {
			change.Record(Line{Event: key})
			return nil
		})
		if err == nil {
			return
		}
		if KindOf(err) != Unavailable {
			t.Errorf("%s: %v", key, err)
			return
		}
	}
}

// killBackEnds ends all back ends of the store every 200 ms until the context ends, and answers how many there were.
func (b *bundle) killBackEnds(ctx context.Context, t *testing.T) <-chan int {
	t.Helper()
	superuser := b.asSuperuser(t)
	killed := make(chan int, 1)
	go func() {
		ticker := time.NewTicker(200 * time.Millisecond)
		defer ticker.Stop()
		all := 0
		for {
			select {
			case <-ctx.Done():
				killed <- all
				return
			case <-ticker.C:
				var ended int
				if err := superuser.QueryRowContext(context.WithoutCancel(ctx), `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
					WHERE datname = current_database() AND usename = 'kaoping'`).Scan(&ended); err != nil {
					t.Error(err)
				}
				all += ended
			}
		}
	}()
	return killed
}

// A database that accepts and does not answer: every call comes back, and afterwards the act is made once.
func TestABlackHole(t *testing.T) {
	t.Parallel()
	behind, b, id, p := through(t, Config{StatementTimeout: 100 * time.Millisecond})
	var runs atomic.Int64
	_, err := numberBehind(t, behind, id, "warm", &runs)
	must(t, err)
	p.hole.Store(true)
	began := time.Now()
	_, err = numberBehind(t, behind, id, "act", &runs)
	is(t, "the error's kind", KindOf(err), Unavailable)
	is(t, "the ping's", KindOf(behind.Ping(t.Context())), Unavailable)
	is(t, "a read's", KindOf(behind.Journal(t.Context(), id, 0, func(JournalLine) error { return nil })), Unavailable)
	is(t, "an import's", KindOf(secondOf(behind.ImportDataSet(t.Context(), Import{DataSet: DataSet{Plan: smallPlan()}}))), Unavailable)
	_, err = Open(t.Context(), Config{URL: p.url, StatementTimeout: 100 * time.Millisecond})
	is(t, "the kind of a failed start", KindOf(err), Unavailable)
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it took %s", took)
	}
	p.hole.Store(false)
	_, err = numberBehind(t, behind, id, "act", &runs)
	must(t, err)
	is(t, "lines", len(b.lines(t, id)), 2)
}

func secondOf[A any](_ A, err error) error { return err }

// Who asks gives up: the driver itself does not notice while the server says nothing.
func TestPatienceEndsInABlackHole(t *testing.T) {
	t.Parallel()
	behind, _, id, p := through(t, Config{StatementTimeout: time.Second})
	must(t, behind.Ping(t.Context()))
	p.hole.Store(true)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	err := behind.Do(ctx, Step{Cycle: id, Key: "act"}, new(numbered), func(*Change) error { return nil })
	is(t, "the error's kind", KindOf(err), Unavailable)
	if took := time.Since(began); took > 8*time.Second {
		t.Errorf("it took %s", took)
	}
}

func TestAStatementThatIsCancelled(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	holder, err := connect(t, b.url).BeginTx(t.Context(), nil)
	must(t, err)
	defer holder.Rollback()
	_, err = holder.ExecContext(t.Context(), `SELECT FROM cycles FOR UPDATE`)
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() {
		failed <- b.Do(ctx, Step{Cycle: id, Key: "act"}, new(numbered), func(*Change) error { return nil })
	}()
	b.awaitBlocked(t)
	cancel()
	is(t, "the error's kind", KindOf(<-failed), Unavailable)
}

// A statement that lasts too long ends at the server.
func TestAStatementThatLastsTooLong(t *testing.T) {
	t.Parallel()
	b, _ := imported(t)
	hasty := open(t, Config{URL: b.url, StatementTimeout: 50 * time.Millisecond})
	_, err := hasty.db.ExecContext(t.Context(), `SELECT pg_sleep(60)`)
	is(t, "the error's kind", KindOf(translate(err)), Unavailable)
}

func TestNobodyThere(t *testing.T) {
	t.Parallel()
	behind, _, id, p := through(t, Config{})
	p.close()
	is(t, "the error's kind", KindOf(behind.Do(t.Context(), Step{Cycle: id, Key: "act"}, new(numbered), func(*Change) error { return nil })), Unavailable)
	_, err := Open(t.Context(), Config{URL: p.url})
	is(t, "the kind of a failed start", KindOf(err), Unavailable)
	_, err = Open(t.Context(), Config{URL: "mysql://localhost"})
	is(t, "the kind of a wrong URL", KindOf(err), Internal)
	if err == nil {
		t.Error("a wrong URL was taken")
	}
}

// The pool's own settings reach the server.
func TestSettingsOfAConnection(t *testing.T) {
	t.Parallel()
	b := setup(t)
	is(t, "the time zone", b.names(t, `SHOW timezone`)[0], "UTC")
	is(t, "the statement timeout", b.names(t, `SHOW statement_timeout`)[0], "20s")
	own := &bundle{Store: open(t, Config{URL: b.url + "&statement_timeout=7000", Connections: 1})}
	is(t, "the URL's own statement timeout", own.names(t, `SHOW statement_timeout`)[0], "7s")
	is(t, "connections", own.db.Stats().MaxOpenConnections, 1)
	_, err := own.CycleGet(t.Context(), query.CycleGetParams{CycleID: 1})
	is(t, "a read of nothing", err, sql.ErrNoRows)
}
