package store

import (
	"testing"
	"time"

	"github.com/kaoping/kaoping/store/query"
)

// A session is found until it expires, wherever it was begun; a login sweeps what is left of the others.
func TestSessions(t *testing.T) {
	t.Parallel()
	b := setup(t)
	sessions, elsewhere := b.Sessions(), open(t, Config{URL: b.url}).Sessions()
	must(t, sessions.Commit("old", []byte("1"), time.Now().Add(-time.Minute)))
	must(t, sessions.Commit("new", []byte("1"), time.Now().Add(time.Hour)))
	must(t, sessions.Commit("new", []byte("2"), time.Now().Add(time.Hour)))
	data, found, err := elsewhere.Find("new")
	must(t, err)
	is(t, "found", found, true)
	is(t, "the data", string(data), "2")
	_, found, err = elsewhere.Find("old")
	must(t, err)
	is(t, "an expired one is found", found, false)
	must(t, b.SessionSweep(t.Context()))
	is(t, "sessions kept", count(t, b.db, `SELECT count(*) FROM sessions`), 1)
	must(t, elsewhere.Delete("new"))
	is(t, "sessions after the last ended", count(t, b.db, `SELECT count(*) FROM sessions`), 0)
}

// The application writes the access log and reads it; what stands there stays.
func TestTheApplicationCannotChangeTheAccessLog(t *testing.T) {
	t.Parallel()
	b := setup(t)
	must(t, b.AccessInsert(t.Context(), query.AccessInsertParams{Event: "login", Login: "admin", Authority: "pingliang"}))
	for _, statement := range []string{
		`UPDATE access_log SET login = 'another'`, `DELETE FROM access_log`, `TRUNCATE access_log`, `DROP TABLE access_log`,
		`DELETE FROM accounts`, `DELETE FROM invitations`,
	} {
		is(t, statement, codeOf(t, b.db, statement), insufficientPrivilege)
	}
	lines, err := b.AccessList(t.Context(), query.AccessListParams{Authority: "pingliang", Before: 1 << 62, Most: 10})
	must(t, err)
	is(t, "lines", len(lines), 1)
	is(t, "the event", lines[0].Event, "login")
	// Who owns the tables deletes what the law lets nobody keep.
	execute(t, connect(t, b.url), `DELETE FROM access_log WHERE at < now() + interval '1 minute'`)
	is(t, "lines that the owner left", count(t, b.db, `SELECT count(*) FROM access_log`), 0)
}
