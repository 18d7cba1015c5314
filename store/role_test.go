package store

import (
	"database/sql"
	"errors"
	"testing"

	"github.com/lib/pq"

	"github.com/kaoping/kaoping/internal/devstack"
)

const insufficientPrivilege = "42501"

// changes are all ways to alter what the journal says.
var changes = []string{
	`UPDATE journal SET event = 'another'`,
	`DELETE FROM journal`,
	`DELETE FROM journal WHERE seq = 2`,
	`TRUNCATE journal`,
	`TRUNCATE cycles CASCADE`,
}

func TestTheApplicationTakesItsRole(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	b.record(t, id, "first")
	is(t, "the application's role", b.names(t, `SELECT current_user::text`)[0], "kaoping_app")
	is(t, "who logged in", b.names(t, `SELECT session_user::text`)[0], "kaoping")
	// A connection that a transaction gave back is still the role's.
	must(t, b.do(t, id, "again", func(*Change) error { return nil }))
	is(t, "the role after a transaction", b.names(t, `SELECT current_user::text`)[0], "kaoping_app")
}

func TestTheApplicationCannotChangeTheJournal(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	b.record(t, id, "first", "second")
	owner := connect(t, b.url)
	for _, helped := range []bool{true, false} {
		if !helped {
			execute(t, owner, `DROP TRIGGER journal_no_change ON journal`, `DROP TRIGGER journal_chain ON journal`)
		}
		for _, statement := range changes {
			is(t, statement, codeOf(t, b.db, statement), insufficientPrivilege)
		}
	}
	is(t, "a role that switches triggers off", codeOf(t, b.db, `ALTER TABLE journal DISABLE TRIGGER ALL`), insufficientPrivilege)
	is(t, "a role that drops the table", codeOf(t, b.db, `DROP TABLE journal`), insufficientPrivilege)
	is(t, "a cycle whose journal goes with it", violated(t, b.db, `DELETE FROM people; DELETE FROM units; DELETE FROM cycles`), "journal_cycle_id_fkey")
	must(t, b.CheckJournal(t.Context(), id))
	is(t, "lines", len(b.lines(t, id)), 2)
}

// Whoever owns the table has the right; the trigger refuses all the same.
func TestTheTriggerHoldsTheOwnerToo(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	b.record(t, id, "first", "second")
	for who, db := range map[string]*sql.DB{"the owner": connect(t, b.url), "the superuser": b.asSuperuser(t)} {
		for _, statement := range changes {
			is(t, who+": "+statement, violated(t, db, statement), "journal_append_only")
		}
	}
	must(t, b.CheckJournal(t.Context(), id))
}

func codeOf(t *testing.T, db *sql.DB, statement string) string {
	t.Helper()
	_, err := db.ExecContext(t.Context(), statement)
	var answer *pq.Error
	if !errors.As(err, &answer) {
		t.Errorf("%s: %v", statement, err)
		return ""
	}
	return string(answer.Code)
}

// Where the migration could not make the role, the store works as who it is.
func TestWithoutTheRole(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	lone, err := devstack.StartPostgres(t.Context(), devstack.Settings{Dir: dir, FsyncOff: true}, devstack.PostgresOptions{})
	must(t, err)
	t.Cleanup(func() { must(t, lone.Close()) })
	execute(t, connect(t, lone.AdminURL()), `ALTER ROLE kaoping NOCREATEROLE`)
	config := Config{URL: lone.DatabaseURL()}
	must(t, Migrate(t.Context(), config))
	store := &bundle{Store: open(t, config)}
	is(t, "the role", store.names(t, `SELECT current_user::text`)[0], "kaoping")
	id, err := store.ImportDataSet(t.Context(), Import{DataSet: DataSet{Plan: smallPlan()}})
	must(t, err)
	store.record(t, id, "first")
	is(t, "the trigger", violated(t, store.db, `DELETE FROM journal`), "journal_append_only")
}
