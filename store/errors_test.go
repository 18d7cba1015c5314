package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"testing"

	"github.com/lib/pq"

	"github.com/kaoping/kaoping/store/query"
)

// Every reason belongs to a constraint that is really there, and reaches the person as a refusal.
func TestConstraintsExplainThemselves(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	b.record(t, id, "first", "second")
	execute(t, b.db, seeds, evaluationSeeds)
	for name, reason := range constraintReasons {
		at := slices.IndexFunc(wrong, func(state wrongState) bool { return state.constraint == name })
		if at < 0 {
			t.Errorf("nothing provokes %s", name)
			continue
		}
		err := b.transaction(t.Context(), func(*query.Queries) error {
			_, err := b.db.ExecContext(t.Context(), wrong[at].statement)
			return err
		})
		fails(t, err, Refused, reason)
	}
}

func TestTranslate(t *testing.T) {
	t.Parallel()
	refused := Refuse("first", "second")
	for _, c := range []struct {
		name string
		err  error
		kind Kind
	}{
		{"ours stays", refused, Refused},
		{"ours, wrapped", fmt.Errorf("couldn't: %w", refused), Refused},
		{"nothing found", sql.ErrNoRows, NotFound},
		{"a person's cancelled statement", &pq.Error{Code: "57014"}, Unavailable},
		{"an ended back end", &pq.Error{Code: "57P01"}, Unavailable},
		{"a server that starts up", &pq.Error{Code: "57P03"}, Unavailable},
		{"too many connections", &pq.Error{Code: "53300"}, Unavailable},
		{"a deadlock", &pq.Error{Code: "40P01"}, Unavailable},
		{"a serialization failure", &pq.Error{Code: "40001"}, Unavailable},
		{"a stand-by", &pq.Error{Code: "25006"}, Unavailable},
		{"a wrong password", &pq.Error{Code: "28P01"}, Unavailable},
		{"no such database", &pq.Error{Code: "3D000"}, Unavailable},
		{"a server gone", &net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}, Unavailable},
		{"patience over", context.DeadlineExceeded, Unavailable},
		{"a connection that ended", sql.ErrConnDone, Unavailable},
		{"a transaction that ended", sql.ErrTxDone, Unavailable},
		{"a syntax error", &pq.Error{Code: "42601"}, Internal},
		{"an unknown constraint", &pq.Error{Code: "23514", Constraint: "of_nobody"}, Internal},
		{"anything else", errors.New("anything else"), Internal},
	} {
		is(t, c.name, KindOf(translate(c.err)), c.kind)
	}
	if translate(nil) != nil {
		t.Error("no error became one")
	}
}

func TestErrorsReadWell(t *testing.T) {
	t.Parallel()
	cause := errors.New("pq: connection lost")
	is(t, "several reasons", Refuse("first", "second").Error(), "first\nsecond")
	is(t, "a cause alone", (&Error{Kind: Unavailable, Err: cause}).Error(), "pq: connection lost")
	is(t, "a reason and its cause", (&Error{Reasons: []string{"couldn't ask"}, Err: cause}).Error(), "couldn't ask: pq: connection lost")
	is(t, "what is missing", KindOf(Missing("no cycle 7")), NotFound)
	is(t, "who may not", KindOf(Forbid("no")), Forbidden)
	is(t, "a missing row", IsMissing(sql.ErrNoRows), true)
	is(t, "a missing thing", IsMissing(Missing("no cycle 7")), true)
	is(t, "a refusal", IsMissing(Refuse("no")), false)
}
