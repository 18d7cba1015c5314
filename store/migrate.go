package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/schemas"
	"github.com/kaoping/kaoping/store/query"
)

// Migrate brings the database to the newest schema and seeds what is published data. Several may ask at once: one
// does it, the others wait. It acts as the user of the URL, who owns the tables, not as the application's role.
func Migrate(ctx context.Context, config Config) error {
	db, err := openPool(config.withDefaults(), owner)
	if err != nil {
		return err
	}
	return errors.Join(migrate(ctx, db), db.Close())
}

func migrate(ctx context.Context, db *sql.DB) error {
	migrations, err := fs.Sub(schemas.Migrations, "migrations")
	if err != nil {
		return err
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, migrations, goose.WithSessionLocker(locker))
	if err != nil {
		return fmt.Errorf("couldn't read the migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("couldn't migrate: %w", translate(err))
	}
	return seedHolidays(ctx, query.New(db))
}

// seedHolidays keeps what an administrator changed.
func seedHolidays(ctx context.Context, queries *query.Queries) error {
	days, works, names := holidayColumns(calendar.Seed())
	err := queries.HolidaySeed(ctx, query.HolidaySeedParams{Days: days, Works: works, Names: names})
	if err != nil {
		return fmt.Errorf("couldn't seed the holidays: %w", translate(err))
	}
	return nil
}

func holidayColumns(holidays []calendar.Holiday) (days []calendar.Date, works []bool, names []string) {
	for _, holiday := range holidays {
		days, works, names = append(days, holiday.Date), append(works, holiday.Work), append(names, holiday.Name)
	}
	return days, works, names
}

// Holidays are all that the database knows, by date.
func (s *Store) Holidays(ctx context.Context) ([]calendar.Holiday, error) {
	return holidays(ctx, s.Queries)
}

func holidays(ctx context.Context, queries *query.Queries) ([]calendar.Holiday, error) {
	rows, err := queries.HolidayList(ctx)
	if err != nil {
		return nil, translate(err)
	}
	list := make([]calendar.Holiday, len(rows))
	for i, row := range rows {
		list[i] = calendar.Holiday{Date: row.Day, Work: row.Work, Name: row.Name}
	}
	return list, nil
}
