package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/lib/pq"
)

// Kind says what a failure asks of the caller. The set is closed: HTTP statuses, exit codes and Temporal's
// retries are each one table over it.
type Kind int

const (
	// Internal is a fault of ours, and what is not known to be anything else.
	Internal Kind = iota
	// NotFound names something that is not there.
	NotFound
	// Refused is an act that comes at the wrong time or is incomplete; the reasons say what would be right.
	Refused
	// Conflict is an act that another one has overtaken.
	Conflict
	// Forbidden is an act of somebody who may not do it.
	Forbidden
	// Unavailable is a server that does not answer now: the same act can be tried again.
	Unavailable
)

// Error carries its kind, and for a person every reason at once.
type Error struct {
	Kind    Kind
	Reasons []string
	Err     error
}

func (e *Error) Error() string {
	text := strings.Join(e.Reasons, "\n")
	if e.Err == nil {
		return text
	}
	if text == "" {
		return e.Err.Error()
	}
	return text + ": " + e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// Refuse answers an act with every reason for which it is refused.
func Refuse(reasons ...string) error { return &Error{Kind: Refused, Reasons: reasons} }

// Missing answers that what was named is not there.
func Missing(what string) error { return &Error{Kind: NotFound, Reasons: []string{what}} }

// Forbid answers somebody who may not do what he asked for.
func Forbid(reason string) error { return &Error{Kind: Forbidden, Reasons: []string{reason}} }

// KindOf is the kind of any error; Internal if nobody said.
func KindOf(err error) Kind {
	var known *Error
	if errors.As(err, &known) {
		return known.Kind
	}
	return Internal
}

// constraintReasons says in words what a constraint of the schema holds. What is not here is a fault of ours.
var constraintReasons = map[string]string{
	"cycles_year":                    "this year is already there",
	"sheets_own_organisation":        "an assessor never scores his own organisation (A8(6))",
	"scores_maximum":                 "points above the indicator's maximum",
	"scores_points_check":            "points are never negative",
	"scores_reason":                  "points lost need a reason (A8(6))",
	"scores_check":                   "a score needs its check method (A8(6))",
	"adjustments_second_person":      "an adjustment is confirmed by a second person, never by its proposer (A10, A11)",
	"adjustments_event":              "the same event already counts under another clause (A10, A11)",
	"adjustments_reason":             "a rejection needs its reason",
	"adjustments_cycle_id_unit_fkey": "a unit with recorded adjustments can't be taken off the list",
	"violations_cycle_id_unit_fkey":  "a unit with a recorded violation can't be taken off the list (A14)",
	"proposals_one_open":             "a proposal is already open",
	"problems_recheck_method":        "the re-check uses the method that found the problem (A13)",
	"consequences_reason":            "a decision needs its reason (A14)",
	"consequences_interview":         "an interview needs its record: date, persons, text (A14)",
	"report_items_check":             "a self-score above the indicator's maximum",
	"scheme_frozen":                  "the scheme is frozen since the cycle started (A8(3))",
	"journal_closed":                 "the cycle is closed: nothing more is written",
}

// translate is the one place where a driver's error becomes one of ours: by code and constraint, never by message.
func translate(err error) error {
	var known *Error
	var answer *pq.Error
	switch {
	case err == nil || errors.As(err, &known):
		return err
	case errors.Is(err, sql.ErrNoRows):
		return &Error{Kind: NotFound, Err: err}
	case errors.As(err, &answer):
		return translateAnswer(answer)
	case isConnectionFault(err):
		return &Error{Kind: Unavailable, Err: err}
	}
	return err
}

func translateAnswer(answer *pq.Error) error {
	if reason, ok := constraintReasons[answer.Constraint]; ok {
		return &Error{Kind: Refused, Reasons: []string{reason}, Err: answer}
	}
	switch answer.Code.Class() {
	case "08", "53", "57", "40", "25": // connection, resources, intervention, rollback, wrong or read-only transaction
		return &Error{Kind: Unavailable, Err: answer}
	case "28", "3D": // password, no such database
		return &Error{Kind: Unavailable, Err: answer}
	}
	return answer
}

func isConnectionFault(err error) bool {
	var network net.Error
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) || errors.Is(err, io.EOF) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &network) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || errors.Is(err, sql.ErrTxDone)
}

// IsMissing tells whether a read found nothing.
func IsMissing(err error) bool { return errors.Is(err, sql.ErrNoRows) || KindOf(err) == NotFound }
