package office

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// The answers to a login that fails. They do not tell whether there is such an account.
var (
	// ErrSignIn is a wrong password, and a login that nobody has.
	ErrSignIn error = &store.Error{Kind: store.Forbidden, Reasons: []string{"the login or the password is wrong"}}
	// ErrTooMany is an account or an address that failed too often to be looked at now.
	ErrTooMany error = &store.Error{Kind: store.Unavailable, Reasons: []string{"too many failed logins: try again in five minutes"}}
)

// candidatesAtMost bounds what one plain login costs; where more authorities than that know the same one, their people
// write AUTHORITY/LOGIN.
const candidatesAtMost = 6

var codeShape = regexp.MustCompile(`^[A-Za-z0-9._-]{1,32}$`)

// try is one account that a login may mean, with the failure that it was charged before its password is looked at: many
// guesses at the same moment are counted too. Who turns out to be right gets it back.
type try struct {
	account query.Account
	// locked accounts are neither charged nor looked at.
	locked bool
	// until is the lock that the charge set.
	until *time.Time
}

// SignIn finds the account whose login and password these are; a login is LOGIN, or AUTHORITY/LOGIN where several
// authorities have the same one. A plain login is tried with each of them, real accounts before rehearsing ones. The
// address is the client's. Every attempt that is looked at is a line of the access log.
func (o *Office) SignIn(ctx context.Context, login, password, address string) (Account, error) {
	leave, ok := o.door.enter(address, o.Store.Real())
	if !ok {
		return Account{}, ErrTooMany
	}
	account, err := o.signIn(ctx, strings.TrimSpace(login), password, address)
	leave(errors.Is(err, ErrSignIn) || errors.Is(err, ErrTooMany))
	return account, err
}

func (o *Office) signIn(ctx context.Context, login, password, address string) (Account, error) {
	ids, authority, err := o.candidates(ctx, login)
	if err != nil {
		return Account{}, err
	}
	if len(ids) == 0 {
		return Account{}, o.unknown(ctx, authority, login, password, address)
	}
	tries, err := o.charge(ctx, ids)
	if err != nil {
		return Account{}, err
	}
	right, err := o.door.match(ctx, tries, password)
	if err != nil {
		return Account{}, err
	}
	if right < 0 {
		return Account{}, o.turnAway(ctx, tries, address)
	}
	return o.admit(ctx, tries, right, address)
}

// candidates are the accounts that a login may mean, and the authority that it names. What has not the form of a login
// is nobody's.
func (o *Office) candidates(ctx context.Context, login string) (ids []int64, authority string, err error) {
	name := login
	if before, after, qualified := strings.Cut(login, "/"); qualified {
		authority, name = before, after
	}
	if !codeShape.MatchString(name) || authority != "" && !codeShape.MatchString(authority) {
		return nil, "", nil
	}
	var rows []query.Account
	err = o.Store.Transact(ctx, func(queries *query.Queries) (err error) {
		rows, err = queries.AccountByLogin(ctx, query.AccountByLoginParams{Login: name, Authority: authority, Most: candidatesAtMost})
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("couldn't look for an account: %w", err)
	}
	for _, row := range rows {
		ids = append(ids, row.AccountID)
	}
	return ids, authority, nil
}

// charge counts a failure of each account, unless it is locked.
func (o *Office) charge(ctx context.Context, ids []int64) ([]try, error) {
	var tries []try
	now := o.Store.Real()
	err := o.Store.Transact(ctx, func(queries *query.Queries) error {
		tries = nil
		for _, id := range ids {
			one, err := charge(ctx, queries, id, now)
			if err != nil {
				return fmt.Errorf("couldn't count an attempt to sign in: %w", err)
			}
			tries = append(tries, one)
		}
		return nil
	})
	return tries, err
}

func charge(ctx context.Context, queries *query.Queries, id int64, now time.Time) (try, error) {
	row, err := queries.AccountLock(ctx, query.AccountLockParams{AccountID: id})
	if err != nil || row.LockedUntil != nil && now.Before(*row.LockedUntil) {
		return try{account: row, locked: true}, err
	}
	one := try{account: row}
	failures := row.Failures + 1
	if lock := lockFor(int(failures)); lock > 0 {
		until := now.Add(lock).Truncate(time.Microsecond) // as PostgreSQL keeps it
		one.until = &until
	}
	return one, queries.AccountSetFailures(ctx, query.AccountSetFailuresParams{AccountID: id, Failures: failures, LockedUntil: one.until})
}

// refund takes a charge back, and the lock if it set one.
func (t try) refund(ctx context.Context, queries *query.Queries) error {
	if t.locked {
		return nil
	}
	row, err := queries.AccountLock(ctx, query.AccountLockParams{AccountID: t.account.AccountID})
	if err != nil {
		return fmt.Errorf("couldn't take back a failure of %s: %w", t.account.Login, err)
	}
	until := row.LockedUntil
	if until != nil && t.until != nil && until.Equal(*t.until) {
		until = nil
	}
	return queries.AccountSetFailures(ctx, query.AccountSetFailuresParams{
		AccountID: row.AccountID, Failures: max(row.Failures-1, 0), LockedUntil: until,
	})
}

// match is the first account whose password it is; -1 if it is nobody's. A failure costs at least what a real account
// costs, so that rehearsing ones can't be told from strangers.
func (d *doorman) match(ctx context.Context, tries []try, password string) (int, error) {
	looked, dear := false, false
	for i, one := range tries {
		if one.locked {
			continue
		}
		looked, dear = true, dear || !one.account.Rehearsing
		right, err := d.compare(ctx, one.account, password)
		if err != nil || right {
			return i, err
		}
	}
	if looked && !dear {
		if _, err := d.compare(ctx, query.Account{}, password); err != nil {
			return -1, err
		}
	}
	return -1, nil
}

// unknown treats a login without an account as if it had one.
func (o *Office) unknown(ctx context.Context, authority, login, password, address string) error {
	key, err := o.strangersName(ctx, authority, login)
	if err != nil {
		return err
	}
	line := query.AccessInsertParams{Event: accessFailed, Detail: "unknown login", Address: address, Authority: authority}
	if name := login[strings.LastIndex(login, "/")+1:]; codeShape.MatchString(name) {
		line.Login = name
	}
	answer := ErrSignIn
	if o.door.charge(key, o.Store.Real()) {
		_, err = o.door.compare(ctx, query.Account{}, password)
	} else {
		line.Detail, answer = "locked", ErrTooMany
	}
	if err != nil {
		return err
	}
	if err := o.Store.Transact(ctx, func(queries *query.Queries) error { return logAccess(ctx, queries, line) }); err != nil {
		return err
	}
	return answer
}

// strangersName is under which name a login without an account is counted. With or without an authority that there is,
// it is the same, as it is for an account.
func (o *Office) strangersName(ctx context.Context, authority, login string) (string, error) {
	known := false
	err := o.Store.Transact(ctx, func(queries *query.Queries) (err error) {
		known, err = queries.AccountAuthorityKnown(ctx, query.AccountAuthorityKnownParams{Authority: authority})
		return err
	})
	if err != nil {
		return "", fmt.Errorf("couldn't look for an authority: %w", err)
	}
	if known {
		return strings.TrimPrefix(login, authority+"/"), nil
	}
	return login, nil
}

// turnAway logs a failure with each account that was meant.
func (o *Office) turnAway(ctx context.Context, tries []try, address string) error {
	answer := ErrSignIn
	err := o.Store.Transact(ctx, func(queries *query.Queries) error {
		for _, one := range tries {
			if one.locked {
				answer = ErrTooMany
			}
			if err := one.logFailure(ctx, queries, address); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return answer
}

func (t try) logFailure(ctx context.Context, queries *query.Queries, address string) error {
	detail := "wrong password"
	if t.locked {
		detail = "locked"
	}
	return logAccess(ctx, queries, accountOf(t.account).line(accessFailed, detail, address))
}

// admit settles a login that succeeded: the account's failures are forgotten, the others' charges taken back.
func (o *Office) admit(ctx context.Context, tries []try, right int, address string) (Account, error) {
	account := accountOf(tries[right].account)
	err := o.Store.Transact(ctx, func(queries *query.Queries) error {
		for i, one := range tries {
			if i == right {
				if err := queries.AccountSetFailures(ctx, query.AccountSetFailuresParams{AccountID: account.ID}); err != nil {
					return fmt.Errorf("couldn't forget the failures of %s: %w", account.Login, err)
				}
				continue
			}
			if err := one.refund(ctx, queries); err != nil {
				return err
			}
		}
		if err := queries.SessionSweep(ctx); err != nil {
			return fmt.Errorf("couldn't sweep expired sessions: %w", err)
		}
		return logAccess(ctx, queries, account.line(accessLogin, "", address))
	})
	return account, err
}

// Admit is the account of somebody whom an identity provider has named: a real one, never a rehearsal's. A login that
// several authorities have must name its own.
func (o *Office) Admit(ctx context.Context, login, address string) (Account, error) {
	ids, _, err := o.candidates(ctx, login)
	if err != nil {
		return Account{}, err
	}
	var found []Account
	for _, id := range ids {
		account, err := o.AccountByID(ctx, id)
		if err != nil {
			return Account{}, err
		}
		if !account.Rehearsing {
			found = append(found, account)
		}
	}
	if len(found) != 1 {
		return Account{}, ErrSignIn
	}
	return found[0], o.Store.Transact(ctx, func(queries *query.Queries) error {
		return logAccess(ctx, queries, found[0].line(accessLogin, "identity provider", address))
	})
}
