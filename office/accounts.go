package office

import (
	"context"
	"fmt"

	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// Account is somebody who may sign in. What he may do in a cycle, its list of people says.
type Account struct {
	ID        int64
	Authority string
	// Rehearsing accounts open rehearsals only: their passwords are handed around.
	Rehearsing bool
	Login      string
	// MustChange says that nothing else may be done before the password is changed.
	MustChange bool
	// Epoch is that of the session's beginning; a session whose account has another one is over.
	Epoch int32
	// Administers says that he imports and starts years of his authority where no cycle lists him yet.
	Administers bool
	Email       string
}

func accountOf(row query.Account) Account {
	return Account{
		ID: row.AccountID, Authority: row.Authority, Rehearsing: row.Rehearsing, Login: row.Login,
		MustChange: row.MustChange, Epoch: row.Epoch, Administers: row.Administers, Email: row.Email,
	}
}

// AccountByID is the account as it is now; NotFound if there is none.
func (o *Office) AccountByID(ctx context.Context, id int64) (Account, error) {
	row, err := o.account(ctx, id)
	return accountOf(row), err
}

func (o *Office) account(ctx context.Context, id int64) (query.Account, error) {
	var row query.Account
	err := o.Store.Transact(ctx, func(queries *query.Queries) (err error) {
		row, err = queries.AccountGet(ctx, query.AccountGetParams{AccountID: id})
		return err
	})
	if store.IsMissing(err) {
		return row, store.Missing("no such account")
	}
	if err != nil {
		return row, fmt.Errorf("couldn't read account %d: %w", id, err)
	}
	return row, nil
}

// Cycles are those that an account may see, of its own authority only: where it is among the people; all of them if it
// administers, or is an administrator in one of them. Real ones come before rehearsals, each newest first, and
// cancelled ones last.
func (o *Office) Cycles(ctx context.Context, account Account) ([]query.Cycle, error) {
	var cycles []query.Cycle
	err := o.Store.Transact(ctx, func(queries *query.Queries) (err error) {
		cycles, err = queries.AccountCycles(ctx, query.AccountCyclesParams{
			Authority: account.Authority, Login: account.Login, Rehearsing: account.Rehearsing, Administers: account.Administers,
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("couldn't list the cycles of %s: %w", account.Login, err)
	}
	return cycles, nil
}

// Seat is the desk of an account in a cycle. Who administers the authority has an administrator's desk in every real
// cycle and rehearsal that does not list him.
func (o *Office) Seat(ctx context.Context, account Account, cycle query.Cycle) (*Desk, error) {
	if account.Authority != cycle.Authority || account.Rehearsing && cycle.Rehearsal == 0 {
		return nil, store.Forbid(account.Login + " is nobody of " + store.CycleName(cycle))
	}
	desk, err := o.Desk(ctx, cycle, account.Login)
	if store.KindOf(err) == store.Forbidden && account.Administers {
		desk, err = &Desk{Office: o, Cycle: cycle, Person: query.Person{
			CycleID: cycle.CycleID, Login: account.Login, Name: account.Login, Role: string(rules.Admin), Email: account.Email,
		}}, nil
	}
	if err != nil {
		return nil, err
	}
	desk.account = &account
	return desk, nil
}

// SignOut is a line of the access log: the session itself is the portal's.
func (o *Office) SignOut(ctx context.Context, account Account, address string) error {
	return o.Store.Transact(ctx, func(queries *query.Queries) error {
		return logAccess(ctx, queries, account.line(accessLogout, "", address))
	})
}

// SignOutEverywhere ends every session of an account, the one that asks for it too.
func (o *Office) SignOutEverywhere(ctx context.Context, account Account) error {
	return o.Store.Transact(ctx, func(queries *query.Queries) error {
		if err := queries.AccountEndSessions(ctx, query.AccountEndSessionsParams{AccountID: account.ID}); err != nil {
			return fmt.Errorf("couldn't end the sessions of %s: %w", account.Login, err)
		}
		return logAccess(ctx, queries, account.line(accessLogout, "everywhere", ""))
	})
}
