package store

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"
	"testing"

	"github.com/pressly/goose/v3"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/schemas"
)

// Three that start at the same moment on an empty database: one migrates, all come back well.
func TestMigrateThreeAtOnce(t *testing.T) {
	t.Parallel()
	url := freshDatabase(t, "")
	failed := make([]error, 3)
	var starters sync.WaitGroup
	for i := range failed {
		starters.Go(func() { failed[i] = Migrate(t.Context(), Config{URL: url}) })
	}
	starters.Wait()
	must(t, errors.Join(failed...))
	owner := connect(t, url)
	is(t, "times that a migration was made", count(t, owner, `SELECT count(*) FROM goose_db_version WHERE version_id = 1`), 1)
	is(t, "holidays", count(t, owner, `SELECT count(*) FROM holidays`), len(calendar.Seed()))
}

func TestMigrateAgainKeepsWhatIsThere(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	b.record(t, id, "first")
	// 2025-10-08 is a day off of the seed; the administrator heard otherwise, and knows a day of a year to come.
	execute(t, b.db, `UPDATE holidays SET work = true, name = '调休' WHERE day = '2025-10-08'`,
		`INSERT INTO holidays VALUES ('2031-01-01', false, '元旦')`)
	must(t, Migrate(t.Context(), Config{URL: b.url}))
	known := map[string]calendar.Holiday{}
	holidays, err := b.Holidays(t.Context())
	must(t, err)
	for _, holiday := range holidays {
		known[holiday.Date.String()] = holiday
	}
	is(t, "holidays", len(holidays), len(calendar.Seed())+1)
	is(t, "the changed day", fmt.Sprint(known["2025-10-08"]), "{2025-10-08 true 调休}")
	is(t, "the added day", fmt.Sprint(known["2031-01-01"]), "{2031-01-01 false 元旦}")
	is(t, "a seeded day", known["2025-10-01"].Work, false)
	must(t, b.CheckJournal(t.Context(), id))
}

func TestMigrateDownAndUp(t *testing.T) {
	t.Parallel()
	url := freshDatabase(t, template)
	owner := connect(t, url)
	migrations, err := fs.Sub(schemas.Migrations, "migrations")
	must(t, err)
	provider, err := goose.NewProvider(goose.DialectPostgres, owner, migrations)
	must(t, err)
	// One after the other, each down, up and down again: what a migration leaves behind stands in its own way.
	for _, version := range slices.Backward(provider.ListSources()) {
		for _, up := range []bool{false, true, false} {
			if _, err := provider.ApplyVersion(t.Context(), version.Version, up); err != nil {
				t.Fatalf("%s, up %v: %v", version.Path, up, err)
			}
		}
	}
	b := &bundle{Store: &Store{db: owner}}
	is(t, "tables that stay", fmt.Sprint(b.names(t, `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`)), "[goose_db_version]")
	is(t, "functions that stay", len(b.names(t, `SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace`)), 0)
	must(t, Migrate(t.Context(), Config{URL: url}))
	store := open(t, Config{URL: url})
	_, err = store.ImportDataSet(t.Context(), Import{DataSet: DataSet{Plan: smallPlan()}})
	must(t, err)
}

func TestMigrateWithoutAServer(t *testing.T) {
	t.Parallel()
	err := Migrate(t.Context(), Config{URL: "postgres://kaoping:secret@127.0.0.1:1/kaoping?sslmode=disable"})
	is(t, "the error's kind", KindOf(err), Unavailable)
	if Migrate(t.Context(), Config{URL: "postgres://%zz"}) == nil {
		t.Error("a wrong URL was taken")
	}
}
