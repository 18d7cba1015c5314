package store

import (
	"context"
	"database/sql/driver"
	"fmt"
)

// rehearsalSpace keeps the keys of rehearsals apart from other advisory locks of the database.
const rehearsalSpace = 0x6b70 // "kp"

// Hold makes this process the one that plays a rehearsal's people, until it lets go or is gone; false if another is. The
// lock lives with a connection of its own.
func (s *Store) Hold(ctx context.Context, cycle int64) (release func(), held bool, err error) {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return nil, false, translate(err)
	}
	// The connection is ended, not given back: with it goes the lock.
	release = func() { _ = conn.Raw(func(any) error { return driver.ErrBadConn }); _ = conn.Close() }
	row := conn.QueryRowContext(ctx, "SELECT pg_try_advisory_lock($1, $2)", rehearsalSpace, int32(cycle))
	if err := row.Scan(&held); err != nil {
		release()
		return nil, false, fmt.Errorf("couldn't hold rehearsal %d: %w", cycle, translate(err))
	}
	if !held {
		release()
		return nil, false, nil
	}
	return release, true, nil
}
