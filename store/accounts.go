package store

import (
	"context"
	"time"

	"github.com/alexedwards/scs/postgresstore"
	"github.com/alexedwards/scs/v2"

	"github.com/kaoping/kaoping/store/query"
)

// Transact makes one transaction of what belongs to no cycle: accounts, invitations, the access log. It has no key:
// what is in it must bear being made twice.
func (s *Store) Transact(ctx context.Context, do func(*query.Queries) error) error {
	return s.transaction(ctx, do)
}

// Real is the machine's own time, for what follows no cycle's clock: lock-outs, and links that expire.
func (s *Store) Real() time.Time { return s.now() }

// Sessions are where the portal keeps its sessions: any process finds those of the others. Expired ones are swept at
// each login (SessionSweep), not by a goroutine that nobody would stop.
func (s *Store) Sessions() scs.Store { return postgresstore.NewWithCleanupInterval(s.db, 0) }
