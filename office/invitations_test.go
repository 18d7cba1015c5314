package office

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kaoping/kaoping/store"
)

// A link sets a password once, and within seven days.
func TestInvite(t *testing.T) {
	t.Parallel()
	b, _ := doors(t)
	token, err := b.Invite(t.Context(), nil, "pingliang", "founder", "founder@example.com", true)
	must(t, err)
	is(t, "the token's length", len(token), 52)
	is(t, "what is kept of it", b.text(t, `SELECT count(*) FROM invitations WHERE position(convert_to('`+token[:8]+`', 'UTF8') IN token_hash) > 0`), "0")
	b.later(7*24*time.Hour - time.Second)
	invited, err := b.Invited(t.Context(), token)
	must(t, err)
	is(t, "whose it is", invited.Authority+"/"+invited.Login+" "+invited.Email, "pingliang/founder founder@example.com")
	_, err = b.Redeem(t.Context(), token, "founder", home)
	fails(t, err, store.Refused, "a password has at least 10 characters", "a password is not the login")
	account, err := b.Redeem(t.Context(), token, rightly, home)
	must(t, err)
	is(t, "administers", account.Administers, true)
	now, err := b.AccountByID(t.Context(), account.ID)
	must(t, err)
	is(t, "the account", now, account)
	is(t, "the login", b.knock(t, "founder", rightly), "pingliang/founder")
	for _, spent := range []string{token, "", "another", strings.ToLower(token)} {
		_, err = b.Redeem(t.Context(), spent, "yet another horse", home)
		is(t, "a link that was used or never was", errors.Is(err, ErrLink), true)
	}
	is(t, "the log", b.accesses(t), "invited pingliang/founder (by the command line)\npassword_changed pingliang/founder (by invite link)\nlogin pingliang/founder ()")
}

func TestALinkExpires(t *testing.T) {
	t.Parallel()
	b, _ := doors(t)
	account := b.member(t, "pingliang", "admin", rightly, false)
	invite, err := b.Invite(t.Context(), nil, "pingliang", "web", "web@example.com", false)
	must(t, err)
	reset, err := b.ResetPassword(t.Context(), nil, account.ID)
	must(t, err)
	works := func(token string) bool {
		_, err := b.Invited(t.Context(), token)
		if err != nil && !errors.Is(err, ErrLink) {
			t.Fatal(err)
		}
		return err == nil
	}
	b.later(24*time.Hour - time.Second)
	is(t, "a reset before a day is over", works(reset), true)
	b.later(time.Second)
	is(t, "a reset after a day", works(reset), false)
	_, err = b.Redeem(t.Context(), reset, "yet another horse", home)
	is(t, "redeemed too late", errors.Is(err, ErrLink), true)
	b.later(6*24*time.Hour - time.Second)
	is(t, "an invitation before seven days are over", works(invite), true)
	b.later(time.Second)
	is(t, "an invitation after seven days", works(invite), false)
	is(t, "the password that was to be reset", b.knock(t, "admin", rightly), "pingliang/admin")
}

// A reset leaves the password until it is redeemed; then sessions and a lock end. A newer link ends an older one.
func TestResetPassword(t *testing.T) {
	t.Parallel()
	b, _ := doors(t)
	account := b.member(t, "pingliang", "admin", rightly, false)
	first, err := b.ResetPassword(t.Context(), nil, account.ID)
	must(t, err)
	second, err := b.ResetPassword(t.Context(), nil, account.ID)
	must(t, err)
	is(t, "meanwhile", b.knock(t, "admin", rightly), "pingliang/admin")
	b.knocks(t, "admin", 6)
	_, err = b.Redeem(t.Context(), first, "yet another horse", home)
	is(t, "the older link", errors.Is(err, ErrLink), true)
	again, err := b.Redeem(t.Context(), second, "yet another horse", home)
	must(t, err)
	is(t, "the epoch", again.Epoch, account.Epoch+1)
	is(t, "the old password", b.knock(t, "admin", rightly), "wrong")
	is(t, "the new one, no longer locked", b.knock(t, "admin", "yet another horse"), "pingliang/admin")
}

// Of two who redeem one link at once, one does.
func TestALinkWorksOnce(t *testing.T) {
	t.Parallel()
	b, _ := doors(t)
	token, err := b.Invite(t.Context(), nil, "pingliang", "admin", "admin@example.com", false)
	must(t, err)
	ends := make([]error, 8)
	var all sync.WaitGroup
	for i := range ends {
		all.Go(func() { _, ends[i] = b.Redeem(t.Context(), token, rightly, home) })
	}
	all.Wait()
	done := 0
	for _, err := range ends {
		if err == nil {
			done++
		} else if !errors.Is(err, ErrLink) {
			t.Error(err)
		}
	}
	is(t, "who set a password", done, 1)
	is(t, "the epoch", b.text(t, `SELECT epoch FROM accounts`), "2")
}

func TestWhoMayInvite(t *testing.T) {
	t.Parallel()
	b, _ := doors(t)
	b.years(t)
	founder, admin := b.member(t, "pingliang", "founder", rightly, true), b.member(t, "pingliang", "admin", rightly, false)
	web, foreign := b.member(t, "pingliang", "web1", rightly, false), b.member(t, "jiuquan", "admin", rightly, true)
	invite := func(by *Account, login string, administers bool) error {
		_, err := b.Invite(t.Context(), by, "pingliang", login, login+"@example.com", administers)
		return err
	}
	must(t, invite(&founder, "one", true))
	must(t, invite(&admin, "two", false))
	fails(t, invite(&admin, "three", true), store.Forbidden, "admin does not administer pingliang")
	fails(t, invite(&admin, "one", false), store.Forbidden, "admin does not administer pingliang")
	fails(t, invite(&web, "four", false), store.Forbidden, "web1 does not administer pingliang")
	fails(t, invite(&foreign, "five", false), store.Forbidden, "admin does not administer pingliang")
	fails(t, invite(&founder, "web1", false), store.Refused, "web1 has an account already: reset its password instead")
	must(t, invite(nil, "web1", false)) // the operator knows what he does
	is(t, "accounts that were refused", b.text(t, `SELECT count(*) FROM accounts WHERE login IN ('three', 'four', 'five')`), "0")
	is(t, "whose address stays", b.text(t, `SELECT email FROM accounts WHERE login = 'one'`), "one@example.com")
	_, err := b.Invite(t.Context(), nil, "ping liang", "a/b", "nowhere", false)
	fails(t, err, store.Refused, `authority "ping liang": want 1 to 32 letters, digits or . _ -`, `login "a/b": want 1 to 32 letters, digits or . _ -`,
		`"nowhere" is not an address of the form name@host`)
	_, err = b.ResetPassword(t.Context(), &admin, founder.ID)
	fails(t, err, store.Forbidden, "admin does not administer pingliang")
	_, err = b.ResetPassword(t.Context(), &web, admin.ID)
	fails(t, err, store.Forbidden, "web1 does not administer pingliang")
	_, err = b.ResetPassword(t.Context(), &admin, web.ID)
	must(t, err)
}

// An administrator invites a person of his cycle to the address in its list, and resets him there.
func TestInvitePerson(t *testing.T) {
	t.Parallel()
	b, _ := doors(t)
	cycle := b.years(t)
	desk := b.anyDesk(t, cycle)
	_, err := desk.ResetPerson(t.Context(), "web1")
	fails(t, err, store.NotFound, "web1 has no account yet: invite him")
	token, err := desk.InvitePerson(t.Context(), "web1")
	must(t, err)
	account, err := b.Redeem(t.Context(), token, rightly, home)
	must(t, err)
	is(t, "the address", account.Email, b.text(t, `SELECT email FROM people WHERE login = 'web1'`))
	is(t, "administers", account.Administers, false)
	_, err = desk.InvitePerson(t.Context(), "web1")
	fails(t, err, store.Refused, "web1 has an account already: reset its password instead")
	_, err = desk.InvitePerson(t.Context(), "nobody")
	fails(t, err, store.NotFound, "nobody is nobody of pingliang/2025")
	b.execute(t, `UPDATE people SET email = 'new@example.com' WHERE login = 'web1'`)
	token, err = desk.ResetPerson(t.Context(), "web1")
	must(t, err)
	invited, err := b.Invited(t.Context(), token)
	must(t, err)
	is(t, "the address that was corrected", invited.Email, "new@example.com")
	is(t, "the log", b.text(t, `SELECT string_agg(event || ' ' || detail || ' ' || c.year, ', ' ORDER BY access_id) FROM access_log JOIN cycles c USING (cycle_id)`),
		"invited by admin 2025, reset by admin 2025")
}

// A link is as good as the account: an administrator of a cycle gets none to who administers the authority.
func TestAnAdministratorCannotTakeOver(t *testing.T) {
	t.Parallel()
	b, _ := doors(t)
	cycle := b.years(t)
	b.member(t, "pingliang", "confirm", rightly, true)
	admin := b.member(t, "pingliang", "admin", rightly, false)
	desk, err := b.Seat(t.Context(), admin, cycle)
	must(t, err)
	_, err = desk.ResetPerson(t.Context(), "confirm")
	fails(t, err, store.Forbidden, "admin does not administer pingliang")
	rehearsal, _ := b.rehearsed(t)
	_, err = b.anyDesk(t, rehearsal).InvitePerson(t.Context(), "web1")
	fails(t, err, store.Refused, "the passwords of a rehearsal are made when it is set up")
	_, err = b.anyDesk(t, rehearsal).ResetPerson(t.Context(), "web1")
	fails(t, err, store.Refused, "the passwords of a rehearsal are made when it is set up")
}
