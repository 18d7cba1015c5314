package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/lib/pq"

	"github.com/kaoping/kaoping/schemas"
)

// undefinedTable is PostgreSQL's code for a table that is not there.
const undefinedTable = "42P01"

// Versions are the newest migration that the database has, 0 for none, and the newest that this program knows.
func (s *Store) Versions(ctx context.Context) (has, knows int64, err error) {
	names, err := fs.Glob(schemas.Migrations, "migrations/*.sql")
	if err != nil {
		return 0, 0, err
	}
	for _, name := range names {
		number, _, _ := strings.Cut(path.Base(name), "_")
		version, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return 0, 0, fmt.Errorf("couldn't read the number of migration %s: %w", name, err)
		}
		knows = max(knows, version)
	}
	err = s.db.QueryRowContext(ctx, "SELECT COALESCE(max(version_id), 0) FROM goose_db_version WHERE is_applied").Scan(&has)
	var answer *pq.Error
	if errors.As(err, &answer) && answer.Code == undefinedTable {
		return 0, knows, nil
	}
	return has, knows, translate(err)
}
