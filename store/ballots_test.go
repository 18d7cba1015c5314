package store

import (
	"context"
	"crypto/sha256"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"

	"github.com/kaoping/kaoping/ballots"
)

// evaluated is a bundle with an evaluation of two units and two questions whose window is open, as the owner of the
// tables makes it, and the public's side of it.
func evaluated(t *testing.T) (*bundle, *Public, int64) {
	t.Helper()
	b := setup(t)
	id := evaluation(t, b, 0)
	public, err := OpenPublic(t.Context(), Config{URL: b.url})
	must(t, err)
	t.Cleanup(func() { must(t, public.Close()) })
	return b, public, id
}

func evaluation(t *testing.T, b *bundle, rehearsal int) int64 {
	t.Helper()
	return int64(count(t, connect(t, b.url), fmt.Sprintf(`WITH c AS (
		INSERT INTO cycles (authority, year, rehearsal, kind, state, phase, rule_set, clock_virtual)
		VALUES ('pingliang', 2025, %[1]d, 'evaluation', 'running', 'window', 'pingliang-2022', CASE WHEN %[1]d > 0 THEN now() END) RETURNING cycle_id),
	e AS (INSERT INTO evaluations (cycle_id, publish_on, open_on, close_on, results_due, window_state)
		SELECT cycle_id, '2025-10-13', '2025-10-20', '2025-11-14', '2025-12-05', 'open' FROM c),
	d AS (INSERT INTO data_sets (cycle_id, data_set) SELECT cycle_id, '{"plan": {"scheme": {"authority": {"name": "平凉市政府政务公开办公室"}}}}' FROM c),
	q AS (INSERT INTO evaluation_questions (cycle_id, position, question, wording)
		SELECT cycle_id, at, (ARRAY['content', 'other'])[at + 1], '问题' FROM c, generate_series(0, 1) AS at),
	u AS (INSERT INTO units (cycle_id, code, position, name, category, email, telephone)
		SELECT cycle_id, concat('C0', p), p, '单位' || p, 'county', 'c@example.com', '0933-1' FROM c, generate_series(1, 2) AS p),
	r AS (INSERT INTO representatives (cycle_id, number, name, kind, email, token_hash)
		SELECT cycle_id, p, '代表' || p, 'expert', 'r@example.com', sha256(convert_to('link' || p || '/' || cycle_id, 'UTF8')) FROM c, generate_series(1, 9) p)
	SELECT cycle_id FROM c`, rehearsal)))
}

// invite asks each representative about both units.
func invite(t *testing.T, b *bundle) {
	t.Helper()
	execute(t, connect(t, b.url), `INSERT INTO representative_units (cycle_id, number, unit)
		SELECT r.cycle_id, r.number, u.code FROM representatives r JOIN units u USING (cycle_id)`)
}

// vote is a satisfied one on the first unit.
func vote(cycle int64, number int) Vote {
	return Vote{
		Receipt: ballots.NewReceipt([]byte("secret"), cycle, uuid.NewSHA1(uuid.Nil, fmt.Append(nil, number))),
		Cycle:   cycle, Unit: "C01", Answers: "10", Seconds: -1,
	}
}

func linkHash(number int, cycle int64) []byte {
	hash := sha256.Sum256(fmt.Appendf(nil, "link%d/%d", number, cycle))
	return hash[:]
}

// casts wants an outcome.
func casts(t *testing.T, public *Public, vote Vote, want CastOutcome) {
	t.Helper()
	got, err := public.Cast(t.Context(), vote)
	must(t, err)
	is(t, "the outcome", got, want)
}

func TestCasting(t *testing.T) {
	t.Parallel()
	b, public, id := evaluated(t)
	first := vote(id, 1)
	first.Device, first.Work, first.Network, first.Comment, first.Seconds = []byte("d1"), []byte("w1"), []byte("n1"), "好", 40
	casts(t, public, first, CastDone)
	casts(t, public, first, CastAgain)
	second := vote(id, 2)
	second.Device, second.Work = []byte("d1"), []byte("w2")
	casts(t, public, second, CastDevice)
	second.Device, second.Work = []byte("d2"), []byte("w1")
	casts(t, public, second, CastWork)
	second.Unit, second.Work = "C03", nil
	casts(t, public, second, CastNoUnit)
	second.Unit, second.Answers = "C02", "100"
	casts(t, public, second, CastAnswers)
	second.Answers = "1"
	casts(t, public, second, CastAnswers)
	second.Answers = "10"
	casts(t, public, second, CastDone)
	is(t, "ballots", count(t, b.db, `SELECT count(*) FROM ballots`), 2)
	is(t, "with all they have", count(t, b.db, `SELECT count(*) FROM ballots WHERE device = 'd1' AND work = 'w1' AND network = 'n1' AND comment = '好'
		AND seconds = 40 AND at = date_trunc('second', at)`), 1)
	is(t, "with nothing known", count(t, b.db, `SELECT count(*) FROM ballots WHERE unit = 'C02' AND work IS NULL AND network IS NULL AND seconds IS NULL`), 1)

	execute(t, connect(t, b.url), `UPDATE evaluations SET window_state = 'closed'`)
	casts(t, public, vote(id, 3), CastClosed)
	casts(t, public, first, CastAgain)
	casts(t, public, vote(id+1, 3), CastClosed)
}

// Who comes when the process ends is told at once to come again; what came before is in the box.
func TestCastingAtTheEnd(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := evaluation(t, b, 0)
	public, err := OpenPublic(t.Context(), Config{URL: b.url})
	must(t, err)
	const voters = 100
	var acknowledged atomic.Int64
	var crowd sync.WaitGroup
	for i := range voters {
		crowd.Go(func() {
			outcome, err := public.Cast(t.Context(), vote(id, i))
			switch {
			case err == nil && outcome == CastDone:
				acknowledged.Add(1)
			case KindOf(err) != Unavailable:
				t.Errorf("the outcome is %q, %v", outcome, err)
			}
		})
	}
	must(t, public.Close())
	crowd.Wait()
	is(t, "ballots in the box", int64(count(t, b.db, `SELECT count(*) FROM ballots`)), acknowledged.Load())
	if _, err := public.Cast(t.Context(), vote(id, voters)); KindOf(err) != Unavailable {
		t.Errorf("after the end: %v", err)
	}
}

// What the database does not take fails alone, not those that happen to be committed with it.
func TestOneBadBallotOfABatch(t *testing.T) {
	t.Parallel()
	b, public, id := evaluated(t)
	batch := make([]pending, 5)
	for i := range batch {
		batch[i] = pending{vote: vote(id, i), answer: make(chan answered, 1)}
	}
	batch[2].vote.Answers = "00"
	public.commit(batch)
	for i, waiting := range batch {
		if done := <-waiting.answer; (done.err != nil) != (i == 2) {
			t.Errorf("ballot %d: %+v", i, done)
		}
	}
	is(t, "ballots", count(t, b.db, `SELECT count(*) FROM ballots`), 4)
}

// Many at once, each cast twice: every key is acknowledged as cast once at most, and is in the box once.
func TestCastingAtOnce(t *testing.T) {
	t.Parallel()
	b, public, id := evaluated(t)
	const voters = 600
	var casting sync.WaitGroup
	for i := range 2 * voters {
		casting.Go(func() {
			if _, err := public.Cast(t.Context(), vote(id, i%voters)); err != nil {
				t.Errorf("ballot %d: %v", i, err)
			}
		})
	}
	casting.Wait()
	is(t, "ballots", count(t, b.db, `SELECT count(*) FROM ballots`), voters)
	commits := count(t, connect(t, b.url), `SELECT count(DISTINCT xmin::text) FROM ballots`)
	if commits > voters/2 {
		t.Errorf("%d ballots took %d commits", voters, commits)
	}
}

// Who comes while the window is being closed is either sealed or told that it is closed.
func TestClosingWaitsForBallotsUnderWay(t *testing.T) {
	t.Parallel()
	b, public, id := evaluated(t)
	closing, err := connect(t, b.url).BeginTx(t.Context(), nil)
	must(t, err)
	defer closing.Rollback()
	_, err = closing.ExecContext(t.Context(), `UPDATE evaluations SET window_state = 'closed'`)
	must(t, err)
	outcomes := make(chan CastOutcome, 1)
	go func() {
		outcome, err := public.Cast(context.WithoutCancel(t.Context()), vote(id, 1))
		if err != nil {
			t.Error(err)
		}
		outcomes <- outcome
	}()
	b.awaitBlocked(t)
	must(t, closing.Commit())
	is(t, "the outcome", <-outcomes, CastClosed)
	is(t, "ballots", count(t, b.db, `SELECT count(*) FROM ballots`), 0)
}

func TestAFullBoxSaysSo(t *testing.T) {
	t.Parallel()
	full := &Public{queue: make(chan pending)}
	_, err := full.Cast(t.Context(), vote(1, 1))
	is(t, "the error's kind", KindOf(err), Unavailable)
	waiting := &Public{queue: make(chan pending, 1)}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = waiting.Cast(ctx, vote(1, 1))
	is(t, "the kind of who gave up", KindOf(err), Unavailable)
}

// The link works once for each unit, whoever holds it; the same ballot again is the same ballot.
func TestCastingWithAnInvitation(t *testing.T) {
	t.Parallel()
	b, public, id := evaluated(t)
	invite(t, b)
	link := linkHash(1, id)
	cast := func(vote Vote, link []byte, want CastOutcome) {
		t.Helper()
		got, err := public.CastInvited(t.Context(), link, vote)
		must(t, err)
		is(t, "the outcome", got, want)
	}
	cast(vote(id, 1), link, CastDone)
	cast(vote(id, 1), link, CastAgain)
	cast(vote(id, 2), link, CastUsed)
	cast(vote(id, 3), []byte("nothing"), CastNoLink)
	other := vote(id, 4)
	other.Unit = "C09"
	cast(other, link, CastNoUnit)
	other.Unit = "C02"
	cast(other, link, CastDone)
	asked, err := public.Invited(t.Context(), link)
	must(t, err)
	is(t, "what he is asked about", fmt.Sprint(asked), fmt.Sprintf("[{%[1]d 代表1 C01 true} {%[1]d 代表1 C02 true}]", id))
	is(t, "ballots", count(t, b.db, `SELECT count(*) FROM ballots WHERE channel = 'representative' AND at IS NULL AND network IS NULL`), 2)
	execute(t, connect(t, b.url), `UPDATE evaluations SET window_state = 'closed'`)
	cast(vote(id, 5), linkHash(2, id), CastClosed)
	is(t, "links used", count(t, b.db, `SELECT count(*) FROM representative_units WHERE used`), 2)
}

// Two who were sent the same link, at once: one ballot.
func TestAnInvitationUsedByTwo(t *testing.T) {
	t.Parallel()
	b, public, id := evaluated(t)
	invite(t, b)
	outcomes := make(chan CastOutcome, 8)
	for i := range cap(outcomes) {
		go func() {
			outcome, err := public.CastInvited(context.WithoutCancel(t.Context()), linkHash(1, id), vote(id, i))
			if err != nil {
				t.Error(err)
			}
			outcomes <- outcome
		}()
	}
	told := map[CastOutcome]int{}
	for range cap(outcomes) {
		told[<-outcomes]++
	}
	is(t, "outcomes", fmt.Sprint(told), "map[cast:1 used:7]")
	is(t, "ballots", count(t, b.db, `SELECT count(*) FROM ballots`), 1)
}

// The public's role sees no table but its own secret.
func TestThePublicSeesNoTable(t *testing.T) {
	t.Parallel()
	_, public, _ := evaluated(t)
	seen := &bundle{Store: &Store{db: public.db}}
	is(t, "the role", seen.names(t, `SELECT current_user::text`)[0], "kaoping_public")
	is(t, "tables that it may touch", fmt.Sprint(seen.names(t, `SELECT c.relname || ' ' || p FROM pg_class c, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) p
		WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND (has_table_privilege(c.oid, p) OR
			p IN ('SELECT', 'INSERT', 'UPDATE') AND has_any_column_privilege(c.oid, p)) ORDER BY 1`)), "[public_secrets SELECT]")
	is(t, "views that it may change", fmt.Sprint(seen.names(t, `SELECT c.relname FROM pg_class c
		WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'v' AND (has_table_privilege(c.oid, 'INSERT') OR has_table_privilege(c.oid, 'UPDATE') OR has_table_privilege(c.oid, 'DELETE'))`)), "[]")
	for _, statement := range []string{`SELECT * FROM ballots`, `SELECT * FROM accounts`, `SELECT * FROM representatives`, `INSERT INTO ballots (receipt) VALUES ('x')`, `DELETE FROM journal`} {
		is(t, statement, codeOf(t, public.db, statement), insufficientPrivilege)
	}
}
