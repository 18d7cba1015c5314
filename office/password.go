package office

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"

	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// shortestPassword is counted in characters, not bytes: two Chinese ones are not six.
const shortestPassword = 10

// How passwords are hashed. Those of rehearsing accounts are random and handed around: a hash that costs something would
// protect nobody, and a thousand of them are made at once.
var (
	realHash      = argon2id.Params{Memory: 64 * 1024, Iterations: 1, Parallelism: 2, SaltLength: 16, KeyLength: 32}
	rehearsalHash = argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}
)

// passwords hashes and compares. Its zero value does so as in production.
type passwords struct {
	// params are those of real accounts; nil is realHash.
	params *argon2id.Params
	// compared is told of every comparison; nil tells nobody.
	compared func(phc string)
}

func (p passwords) real() *argon2id.Params {
	if p.params != nil {
		return p.params
	}
	return &realHash
}

// nobody is a hash that no password has and that costs as much to compare as a real account's.
func (p passwords) nobody() string {
	params := p.real()
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", params.Memory, params.Iterations, params.Parallelism,
		base64.RawStdEncoding.EncodeToString(make([]byte, params.SaltLength)), base64.RawStdEncoding.EncodeToString(make([]byte, params.KeyLength)))
}

// compare tells whether it is the account's password. An account without one costs the same.
func (d *doorman) compare(ctx context.Context, account query.Account, password string) (bool, error) {
	phc := account.Password
	if phc == "" {
		phc = d.passwords.nobody()
	}
	if !account.Rehearsing {
		free, err := d.slot(ctx)
		if err != nil {
			return false, err
		}
		defer free()
	}
	if d.passwords.compared != nil {
		d.passwords.compared(phc)
	}
	right, err := argon2id.ComparePasswordAndHash(password, phc)
	if err != nil {
		return false, fmt.Errorf("couldn't compare the password of %s: %w", account.Login, err)
	}
	return right && account.Password != "", nil
}

// hash is what is stored of a password.
func (d *doorman) hash(ctx context.Context, password string, rehearsing bool) (string, error) {
	params := &rehearsalHash
	if !rehearsing {
		params = d.passwords.real()
		free, err := d.slot(ctx)
		if err != nil {
			return "", err
		}
		defer free()
	}
	phc, err := argon2id.CreateHash(password, params)
	if err != nil {
		return "", fmt.Errorf("couldn't hash a password: %w", err)
	}
	return phc, nil
}

// passwordFaults are all reasons against a new password.
func passwordFaults(login, password string) []string {
	var faults []string
	if utf8.RuneCountInString(password) < shortestPassword {
		faults = append(faults, fmt.Sprintf("a password has at least %d characters", shortestPassword))
	}
	if strings.EqualFold(password, login) {
		faults = append(faults, "a password is not the login")
	}
	return faults
}

// ChangePassword replaces a password that its owner knows, or refuses with every reason at once. Every session of the
// account ends, so that whoever knew the old password is out; the portal begins a new one from AccountByID. A wrong old
// password counts as a failed login.
func (o *Office) ChangePassword(ctx context.Context, account Account, oldPassword, newPassword, address string) error {
	tries, err := o.charge(ctx, []int64{account.ID})
	if err != nil {
		return err
	}
	if tries[0].locked {
		return ErrTooMany
	}
	right, err := o.door.compare(ctx, tries[0].account, oldPassword)
	if err != nil {
		return err
	}
	faults := passwordFaults(account.Login, newPassword)
	if newPassword == oldPassword {
		faults = append(faults, "a password is not the old one")
	}
	if !right {
		faults = append(faults, "the old password is wrong")
	}
	if len(faults) > 0 {
		return o.keepPassword(ctx, tries, right, address, faults)
	}
	phc, err := o.door.hash(ctx, newPassword, account.Rehearsing)
	if err != nil {
		return err
	}
	return o.Store.Transact(ctx, func(queries *query.Queries) error {
		return o.setPassword(ctx, queries, account, phc, "by its owner", address)
	})
}

// GivePassword makes the account of an authority's administrator, or opens it again, and answers an initial password:
// nothing else can be done with it before it is changed. Only the command line gives one away, where no link can be
// opened: whoever it is handed to is the one who acts under it.
func (o *Office) GivePassword(ctx context.Context, authority, login, email string) (string, error) {
	if err := invitationFaults(authority, login, email); err != nil {
		return "", err
	}
	password := readablePassword()
	phc, err := o.door.hash(ctx, password, false)
	if err != nil {
		return "", err
	}
	return password, o.Store.Transact(ctx, func(queries *query.Queries) error {
		row, err := queries.AccountPut(ctx, query.AccountPutParams{Authority: authority, Login: login, Email: email, Administers: true})
		if err != nil {
			return fmt.Errorf("couldn't make the account of %s: %w", login, err)
		}
		if err := o.setPassword(ctx, queries, accountOf(row), phc, "by "+senderOf(nil).name, ""); err != nil {
			return err
		}
		return queries.AccountMustChange(ctx, query.AccountMustChangeParams{AccountID: row.AccountID})
	})
}

// keepPassword refuses a change. Only a wrong old password was an attempt to get in.
func (o *Office) keepPassword(ctx context.Context, tries []try, right bool, address string, faults []string) error {
	err := o.Store.Transact(ctx, func(queries *query.Queries) error {
		if right {
			return tries[0].refund(ctx, queries)
		}
		return tries[0].logFailure(ctx, queries, address)
	})
	if err != nil {
		return err
	}
	return store.Refuse(faults...)
}

// setPassword ends all sessions and voids every open link of the account. Of two that change it at once, one is
// overtaken: the epoch tells.
func (o *Office) setPassword(ctx context.Context, queries *query.Queries, account Account, phc, how, address string) error {
	_, err := queries.AccountSetPassword(ctx, query.AccountSetPasswordParams{AccountID: account.ID, Epoch: account.Epoch, Password: phc})
	if store.IsMissing(err) {
		return &store.Error{Kind: store.Conflict, Reasons: []string{"the password was changed elsewhere meanwhile"}}
	}
	if err == nil {
		err = queries.InvitationVoid(ctx, query.InvitationVoidParams{AccountID: account.ID, At: o.Store.Real()})
	}
	if err != nil {
		return fmt.Errorf("couldn't change the password of %s: %w", account.Login, err)
	}
	return logAccess(ctx, queries, account.line(accessPassword, how, address))
}
