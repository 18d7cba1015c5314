package office

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"time"

	"github.com/kaoping/kaoping/mail"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// Purposes of a link that sets a password.
const (
	purposeInvite = "invite"
	purposeReset  = "reset"
)

// linkLife is how long a link works. Who is invited may be away; who asks for a reset waits for it.
var linkLife = map[string]time.Duration{purposeInvite: 7 * 24 * time.Hour, purposeReset: 24 * time.Hour}

// ErrLink is a link that was used, is too old, was overtaken by a newer one, or never existed.
var ErrLink error = &store.Error{Kind: store.NotFound, Reasons: []string{"this link is not valid any more: ask the administrator for a new one"}}

// token is what stands in a link: 260 random bits, of which only the hash is kept. Its 52 letters and digits bear being
// at the end of a line in a mail, where a program would take a dash for its own.
func token() (text string, hash []byte) {
	text = rand.Text() + rand.Text()
	return text, hashOf(text)
}

func hashOf(token string) []byte {
	hash := sha256.Sum256([]byte(token))
	return hash[:]
}

// Invite makes a real account without a password, if there is none yet, and answers the token of a link with which its
// owner sets one; an older link ends. by is who invites: an administrator of the authority, or nil for the command
// line. Only who administers himself, or the command line, gives administers away, and only the command line invites
// somebody who has a password already: an administrator resets it.
func (o *Office) Invite(ctx context.Context, by *Account, authority, login, email string, administers bool) (string, error) {
	if err := invitationFaults(authority, login, email); err != nil {
		return "", err
	}
	if err := o.mayInvite(ctx, by, authority); err != nil {
		return "", err
	}
	put := query.AccountPutParams{Authority: authority, Login: login, Email: email, Administers: administers}
	return o.invite(ctx, put, by == nil, senderOf(by))
}

// sender is who has a link made, and in which cycle.
type sender struct {
	name string
	// administers says that he may send one to whoever administers the authority: a link is as good as the account.
	administers bool
	cycle       sql.NullInt64
}

func senderOf(by *Account) sender {
	if by == nil {
		return sender{name: "the command line", administers: true}
	}
	return sender{name: by.Login, administers: by.Administers}
}

func invitationFaults(authority, login, email string) error {
	var faults []string
	for _, code := range []struct{ what, text string }{{"authority", authority}, {"login", login}} {
		if !codeShape.MatchString(code.text) {
			faults = append(faults, fmt.Sprintf("%s %q: want 1 to 32 letters, digits or . _ -", code.what, code.text))
		}
	}
	if err := mail.CheckAddress(email); err != nil {
		faults = append(faults, err.Error())
	}
	if len(faults) > 0 {
		return store.Refuse(faults...)
	}
	return nil
}

// mayInvite refuses whoever does not administer the authority.
func (o *Office) mayInvite(ctx context.Context, by *Account, authority string) error {
	switch {
	case by == nil:
		return nil
	case by.Rehearsing || by.Authority != authority:
		return store.Forbid(by.Login + " does not administer " + authority)
	case by.Administers:
		return nil
	}
	var admin bool
	err := o.Store.Transact(ctx, func(queries *query.Queries) (err error) {
		admin, err = queries.AccountAdministers(ctx, query.AccountAdministersParams{Authority: authority, Login: by.Login})
		return err
	})
	if err == nil && !admin {
		return store.Forbid(by.Login + " does not administer " + authority)
	}
	return err
}

func (o *Office) invite(ctx context.Context, put query.AccountPutParams, again bool, from sender) (string, error) {
	var text string
	err := o.Store.Transact(ctx, func(queries *query.Queries) error {
		row, err := queries.AccountPut(ctx, put)
		if err != nil {
			return fmt.Errorf("couldn't make the account of %s: %w", put.Login, err)
		}
		if row.Password != "" && !again {
			return store.Refuse(put.Login + " has an account already: reset its password instead")
		}
		text, err = o.link(ctx, queries, accountOf(row), purposeInvite, from)
		return err
	})
	return text, err
}

// link makes a link, which replaces those that the account had.
func (o *Office) link(ctx context.Context, queries *query.Queries, account Account, purpose string, from sender) (string, error) {
	if account.Administers && !from.administers {
		return "", store.Forbid(from.name + " does not administer " + account.Authority)
	}
	text, hash := token()
	now := o.Store.Real()
	err := queries.InvitationVoid(ctx, query.InvitationVoidParams{AccountID: account.ID, At: now})
	if err == nil {
		err = queries.InvitationInsert(ctx, query.InvitationInsertParams{
			TokenHash: hash, AccountID: account.ID, Purpose: purpose, ExpiresAt: now.Add(linkLife[purpose]),
		})
	}
	if err != nil {
		return "", fmt.Errorf("couldn't make a link for %s: %w", account.Login, err)
	}
	event := accessInvited
	if purpose == purposeReset {
		event = accessReset
	}
	line := account.line(event, "by "+from.name, "")
	line.CycleID = from.cycle
	return text, logAccess(ctx, queries, line)
}

// ResetPassword answers the token of a link with which an account's owner sets a new password; the old one holds until
// he does. by is an administrator of the authority, or nil for the command line.
func (o *Office) ResetPassword(ctx context.Context, by *Account, accountID int64) (string, error) {
	account, err := o.AccountByID(ctx, accountID)
	if err != nil {
		return "", err
	}
	if err := o.mayInvite(ctx, by, account.Authority); err != nil {
		return "", err
	}
	return o.reset(ctx, account, account.Email, senderOf(by))
}

func (o *Office) reset(ctx context.Context, account Account, email string, from sender) (string, error) {
	if account.Rehearsing {
		return "", store.Refuse("the passwords of a rehearsal are made when it is set up")
	}
	var text string
	err := o.Store.Transact(ctx, func(queries *query.Queries) error {
		err := queries.AccountSetEmail(ctx, query.AccountSetEmailParams{AccountID: account.ID, Email: email})
		if err != nil {
			return fmt.Errorf("couldn't note the address of %s: %w", account.Login, err)
		}
		text, err = o.link(ctx, queries, account, purposeReset, from)
		return err
	})
	return text, err
}

// InvitePerson invites a person of the cycle to make his account, and answers the link's token; it goes to the address
// that stands in the list of people.
func (d *Desk) InvitePerson(ctx context.Context, login string) (string, error) {
	person, err := d.invitee(ctx, login)
	if err != nil {
		return "", err
	}
	put := query.AccountPutParams{Authority: d.Cycle.Authority, Login: login, Email: person.Email}
	return d.invite(ctx, put, false, d.sender())
}

// ResetPerson has a person of the cycle set a new password, and answers the link's token; it goes to the address that
// stands in the list of people.
func (d *Desk) ResetPerson(ctx context.Context, login string) (string, error) {
	person, err := d.invitee(ctx, login)
	if err != nil {
		return "", err
	}
	var row query.Account
	err = d.Store.Transact(ctx, func(queries *query.Queries) (err error) {
		row, err = queries.AccountFind(ctx, query.AccountFindParams{Authority: d.Cycle.Authority, Login: login})
		return err
	})
	if store.IsMissing(err) {
		return "", store.Missing(login + " has no account yet: invite him")
	}
	if err != nil {
		return "", fmt.Errorf("couldn't find the account of %s: %w", login, err)
	}
	return d.reset(ctx, accountOf(row), person.Email, d.sender())
}

func (d *Desk) sender() sender {
	from := senderOf(d.account)
	from.name, from.cycle = d.Person.Login, sql.NullInt64{Int64: d.Cycle.CycleID, Valid: true}
	return from
}

// invitee is a person of a real cycle: a rehearsal's people have accounts of their own.
func (d *Desk) invitee(ctx context.Context, login string) (query.Person, error) {
	if err := d.must(rules.Admin); err != nil {
		return query.Person{}, err
	}
	if d.Cycle.Rehearsal > 0 {
		return query.Person{}, store.Refuse("the passwords of a rehearsal are made when it is set up")
	}
	var person query.Person
	err := d.Store.Transact(ctx, func(queries *query.Queries) (err error) {
		person, err = queries.PersonGet(ctx, query.PersonGetParams{CycleID: d.Cycle.CycleID, Login: login})
		return err
	})
	if store.IsMissing(err) || err == nil && person.ReplacedBy != "" {
		return person, store.Missing(login + " is nobody of " + store.CycleName(d.Cycle))
	}
	if err != nil {
		return person, fmt.Errorf("couldn't find %s: %w", login, err)
	}
	return person, nil
}

// Invited tells whose link it is, and leaves it unused; ErrLink if it does not work.
func (o *Office) Invited(ctx context.Context, token string) (Account, error) {
	found, err := o.invitation(ctx, token)
	return accountOf(found.Account), err
}

func (o *Office) invitation(ctx context.Context, token string) (query.InvitationGetRow, error) {
	var found query.InvitationGetRow
	err := o.Store.Transact(ctx, func(queries *query.Queries) (err error) {
		found, err = queries.InvitationGet(ctx, query.InvitationGetParams{TokenHash: hashOf(token), At: o.Store.Real()})
		return err
	})
	if store.IsMissing(err) {
		return found, ErrLink
	}
	if err != nil {
		return found, fmt.Errorf("couldn't look a link up: %w", err)
	}
	return found, nil
}

// Redeem sets the password of the account whose link it is. The link works once, and so do all others of the account
// from then on not at all; every session ends. A password that is refused, with every reason, leaves the link as it is.
func (o *Office) Redeem(ctx context.Context, token, newPassword, address string) (Account, error) {
	found, err := o.invitation(ctx, token)
	if err != nil {
		return Account{}, err
	}
	if faults := passwordFaults(found.Account.Login, newPassword); len(faults) > 0 {
		return Account{}, store.Refuse(faults...)
	}
	phc, err := o.door.hash(ctx, newPassword, false)
	if err != nil {
		return Account{}, err
	}
	var account Account
	err = o.Store.Transact(ctx, func(queries *query.Queries) error {
		account, err = o.redeem(ctx, queries, found, hashOf(token), phc, address)
		return err
	})
	return account, err
}

func (o *Office) redeem(ctx context.Context, queries *query.Queries, found query.InvitationGetRow, hash []byte, phc, address string) (Account, error) {
	used, err := queries.InvitationUse(ctx, query.InvitationUseParams{TokenHash: hash, At: o.Store.Real()})
	if err != nil {
		return Account{}, fmt.Errorf("couldn't use a link: %w", err)
	}
	if used == 0 {
		return Account{}, ErrLink
	}
	row, err := queries.AccountLock(ctx, query.AccountLockParams{AccountID: found.Account.AccountID})
	if err != nil {
		return Account{}, fmt.Errorf("couldn't read the account of a link: %w", err)
	}
	account := accountOf(row)
	if err := o.setPassword(ctx, queries, account, phc, "by "+found.Purpose+" link", address); err != nil {
		return Account{}, err
	}
	account.Epoch, account.MustChange = account.Epoch+1, false
	return account, nil
}
