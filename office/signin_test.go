package office

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// Five failures cost nothing; the sixth locks for 30 s, each further one for twice as long, at most 5 minutes.
func TestLockFor(t *testing.T) {
	t.Parallel()
	for failures, want := range map[int]time.Duration{
		0: 0, 1: 0, 5: 0, 6: 30 * time.Second, 7: time.Minute, 8: 2 * time.Minute, 9: 4 * time.Minute, 10: 5 * time.Minute, 11: 5 * time.Minute, 1 << 30: 5 * time.Minute,
	} {
		is(t, fmt.Sprintf("the lock of failure %d", failures), lockFor(failures), want)
	}
}

// An account and a login that nobody has lock alike, step by step, so that a lock tells nothing.
func TestLockOut(t *testing.T) {
	t.Parallel()
	b, _ := doors(t)
	b.member(t, "pingliang", "admin", rightly, false)
	for _, login := range []string{"admin", "nobody", "pingliang/someone", "no such form!"} {
		is(t, login+": free failures", b.knocks(t, login, 5), "wrong,wrong,wrong,wrong,wrong")
		is(t, login+": the sixth is looked at", b.knocks(t, login, 2), "wrong,locked")
		for _, lock := range []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 5 * time.Minute, 5 * time.Minute} {
			b.later(lock - time.Millisecond)
			is(t, login+": at the end of "+lock.String(), b.knocks(t, login, 1), "locked")
			b.later(time.Millisecond)
			is(t, login+": after "+lock.String(), b.knocks(t, login, 2), "wrong,locked")
		}
	}
	b.knocks(t, "admin", 1)
	is(t, "the right password while locked", b.knock(t, "admin", rightly), "locked")
	b.later(5 * time.Minute)
	is(t, "after the longest lock", b.knock(t, "admin", rightly), "pingliang/admin")
	is(t, "after a success", b.knocks(t, "admin", 7), "wrong,wrong,wrong,wrong,wrong,wrong,locked")
}

// A login without an account is one, with its authority or without; for an account it is the same.
func TestAStrangerIsOneWithAndWithoutAuthority(t *testing.T) {
	t.Parallel()
	b, _ := doors(t)
	b.member(t, "pingliang", "admin", rightly, false)
	for _, login := range []string{"admin", "nobody"} {
		b.knocks(t, "pingliang/"+login, 6)
		is(t, login, b.knock(t, login, rightly), "locked")
		is(t, "elsewhere/"+login, b.knock(t, "elsewhere/"+login, rightly), "wrong")
	}
}

// Guesses at the same moment are counted before they are looked at.
func TestManyGuessesAtOnce(t *testing.T) {
	t.Parallel()
	b, compared := doors(t)
	b.member(t, "pingliang", "admin", rightly, false)
	var mu sync.Mutex
	b.door.passwords.compared = func(string) {
		mu.Lock()
		defer mu.Unlock()
		compared["guesses"]++
	}
	var guesses sync.WaitGroup
	for range 30 {
		guesses.Go(func() { b.knock(t, "admin", "a wrong password") })
	}
	guesses.Wait()
	is(t, "guesses that were looked at", compared["guesses"], 6)
}

// Whoever asks learns nothing from the error, nor from the work that is done for it.
func TestNoEnumeration(t *testing.T) {
	t.Parallel()
	b, compared := doors(t)
	b.member(t, "pingliang", "admin", rightly, false)
	_, err := b.Invite(t.Context(), nil, "pingliang", "invited", "invited@example.com", false)
	must(t, err)
	b.rehearsed(t)
	for _, login := range []string{"admin", "invited", "web1", "nobody", "pingliang/nobody", "elsewhere/admin", "", "/", "no such form!", strings.Repeat("x", 1000), "a\x00b\xff"} {
		before := compared["m=32"]
		_, err := b.SignIn(t.Context(), login, "a wrong password", home)
		is(t, login+": the error", errors.Is(err, ErrSignIn), true)
		fails(t, err, store.Forbidden, "the login or the password is wrong")
		is(t, login+": hashes of a real account's cost", compared["m=32"]-before, 1)
	}
	is(t, "no password yet is no password", b.knock(t, "invited", ""), "wrong")
	is(t, "what has not the form of a login is not logged", b.text(t, `SELECT count(*) FROM access_log WHERE login !~ '^[a-z0-9]*$'`), "0")
}

// The dummy and the real hash are the ones that production has.
func TestProductionHash(t *testing.T) {
	t.Parallel()
	var door doorman
	phc, err := door.hash(t.Context(), rightly, false)
	must(t, err)
	const want = "$argon2id$v=19$m=65536,t=1,p=2$"
	is(t, "the hash", strings.HasPrefix(phc, want), true)
	is(t, "nobody's hash", strings.HasPrefix(door.passwords.nobody(), want), true)
	is(t, "its length", len(door.passwords.nobody()), len(phc))
	phc, err = door.hash(t.Context(), rightly, true)
	must(t, err)
	is(t, "a rehearsal's hash", strings.HasPrefix(phc, "$argon2id$v=19$m=64,t=1,p=1$"), true)
}

// No more than two production hashes are computed at once; who waits gives up with his request.
func TestHashesAtOnce(t *testing.T) {
	t.Parallel()
	var door doorman
	for range hashesAtOnce {
		_, err := door.slot(t.Context())
		must(t, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := door.hash(ctx, rightly, false)
	is(t, "a third one", store.KindOf(err), store.Unavailable)
	_, err = door.compare(ctx, query.Account{Password: "$argon2id$"}, rightly)
	is(t, "a comparison", store.KindOf(err), store.Unavailable)
	_, err = door.hash(ctx, rightly, true)
	must(t, err)
}

// A plain login is tried in every authority; whose password it is not has no failure from it.
func TestOneLoginInTwoAuthorities(t *testing.T) {
	t.Parallel()
	b, _ := doors(t)
	b.member(t, "pingliang", "admin", rightly, false)
	b.member(t, "jiuquan", "admin", "another horse 43", false)
	_, logins := b.rehearsed(t)
	for range 7 {
		is(t, "one", b.knock(t, "admin", rightly), "pingliang/admin")
		is(t, "the other", b.knock(t, " admin ", "another horse 43"), "jiuquan/admin")
		is(t, "the rehearsing one", b.knock(t, "admin", logins["admin"]), "pingliang/admin rehearsing")
	}
	is(t, "failures", b.text(t, `SELECT sum(failures) FROM accounts`), "0")
	is(t, "by authority", b.knock(t, "jiuquan/admin", "another horse 43"), "jiuquan/admin")
	is(t, "by the wrong authority", b.knock(t, "jiuquan/admin", rightly), "wrong")
	// The lock of one is not the other's, and a success elsewhere does not open it.
	b.knocks(t, "jiuquan/admin", 5)
	is(t, "the locked one", b.knock(t, "admin", "another horse 43"), "locked")
	is(t, "the other one", b.knock(t, "admin", rightly), "pingliang/admin")
	is(t, "the locked one, still", b.knock(t, "jiuquan/admin", "another horse 43"), "locked")
}

// The real account comes first, and no more than six are tried.
func TestWhichAccountsAreTried(t *testing.T) {
	t.Parallel()
	b, compared := doors(t)
	b.rehearsed(t)
	b.member(t, "pingliang", "admin", rightly, false)
	b.execute(t, `UPDATE accounts SET password = (SELECT password FROM accounts WHERE NOT rehearsing) WHERE rehearsing`)
	b.execute(t, `UPDATE accounts SET email = email WHERE NOT rehearsing`) // now the last one that is stored
	is(t, "of two that it could be", b.knock(t, "admin", rightly), "pingliang/admin")
	for n := range 6 {
		b.member(t, fmt.Sprint("authority", n), "admin", fmt.Sprint("another horse ", n), false)
	}
	clear(compared)
	is(t, "the seventh real one", b.knock(t, "admin", rightly), "wrong")
	is(t, "tried", compared["m=32"], 6)
	is(t, "by its authority", b.knock(t, "pingliang/admin", rightly), "pingliang/admin")
}

// A success of one account takes back the lock that its own attempt set on the other.
func TestASuccessTakesBackItsLock(t *testing.T) {
	t.Parallel()
	b, _ := doors(t)
	b.member(t, "jiuquan", "admin", "another horse 43", false)
	b.member(t, "pingliang", "admin", rightly, false)
	b.knocks(t, "jiuquan/admin", 5)
	is(t, "the other's success", b.knock(t, "admin", rightly), "pingliang/admin")
	is(t, "failures", b.text(t, `SELECT failures || ' ' || (locked_until IS NULL) FROM accounts WHERE authority = 'jiuquan'`), "5 true")
}

// An address that fails too often waits; one that succeeds does not, however often.
func TestTooManyFromOneAddress(t *testing.T) {
	t.Parallel()
	b, _ := doors(t)
	b.member(t, "pingliang", "admin", rightly, false)
	for range 50 {
		_, err := b.SignIn(t.Context(), "admin", rightly, home)
		must(t, err)
	}
	fail := func(address string, n int) error {
		_, err := b.SignIn(t.Context(), fmt.Sprintf("nobody%d", n), rightly, address)
		return err
	}
	for n := range addressBurst {
		is(t, "a failure", errors.Is(fail(home, n), ErrSignIn), true)
	}
	is(t, "one more", errors.Is(fail(home, 20), ErrTooMany), true)
	is(t, "from elsewhere", errors.Is(fail("192.0.2.2", 20), ErrSignIn), true)
	b.later(addressEvery - time.Millisecond)
	is(t, "too early", errors.Is(fail(home, 21), ErrTooMany), true)
	b.later(time.Millisecond)
	is(t, "six seconds later", errors.Is(fail(home, 21), ErrSignIn), true)
	is(t, "and again", errors.Is(fail(home, 22), ErrTooMany), true)
	b.later(time.Minute)
	for n := range 10 {
		is(t, "ten a minute", errors.Is(fail(home, 30+n), ErrSignIn), true)
	}
	is(t, "the eleventh", errors.Is(fail(home, 40), ErrTooMany), true)
}

func TestNetworkOf(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"192.0.2.1": "192.0.2.1", "2001:db8:1:2:3::4": "2001:db8:1:2::/64", "::ffff:192.0.2.1": "::ffff:192.0.2.1", "fe80::1%eth0": "fe80::/64", "": "", "pipe": "pipe",
	} {
		is(t, address, networkOf(address), want)
	}
}

// The maps are bounded, and forget what was seen longest ago.
func TestTheDoormanForgets(t *testing.T) {
	t.Parallel()
	var door doorman
	now := time.Now()
	for n := range remembered + 1 {
		door.charge(fmt.Sprint(n), now.Add(time.Duration(n)))
	}
	is(t, "remembered", len(door.strangers.entries), remembered)
	is(t, "the oldest is forgotten", door.strangers.entries["0"] == nil, true)
	is(t, "the second is not", door.strangers.entries["1"] != nil, true)
	is(t, "times", len(door.strangers.seen), remembered)
}

// Every attempt that is looked at, or would have been, is a line.
func TestTheAccessLogOfLogins(t *testing.T) {
	t.Parallel()
	b, _ := doors(t)
	account := b.member(t, "pingliang", "admin", rightly, false)
	b.knock(t, "admin", rightly)
	b.knock(t, "admin", "a wrong password")
	b.knock(t, "pingliang/nobody", rightly)
	b.knock(t, "what I typed", rightly)
	b.knocks(t, "admin", 6)
	must(t, b.SignOut(t.Context(), account, home))
	must(t, b.SignOutEverywhere(t.Context(), account))
	wrong := strings.Repeat("login_failed pingliang/admin (wrong password)\n", 5)
	is(t, "the log", b.accesses(t), `invited pingliang/admin (by the command line)
password_changed pingliang/admin (by invite link)
login pingliang/admin ()
login_failed pingliang/admin (wrong password)
login_failed pingliang/nobody (unknown login)
login_failed / (unknown login)
`+wrong+`login_failed pingliang/admin (locked)
logout pingliang/admin ()
logout pingliang/admin (everywhere)`)
	is(t, "the account", b.text(t, `SELECT count(*) FROM access_log WHERE account_id = (SELECT account_id FROM accounts)`), "12")
	is(t, "the address", b.text(t, `SELECT address FROM access_log WHERE event = 'logout' AND detail = ''`), home)
}

// A login sweeps expired sessions.
func TestALoginSweepsSessions(t *testing.T) {
	t.Parallel()
	b, _ := doors(t)
	b.member(t, "pingliang", "admin", rightly, false)
	must(t, b.Store.Sessions().Commit("old", []byte("1"), time.Now().Add(-time.Second)))
	must(t, b.Store.Sessions().Commit("new", []byte("1"), time.Now().Add(time.Hour)))
	b.knock(t, "admin", rightly)
	is(t, "sessions", b.text(t, `SELECT string_agg(token, ',') FROM sessions`), "new")
}
