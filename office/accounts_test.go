package office

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/kaoping/kaoping/documents"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

func TestChangePassword(t *testing.T) {
	t.Parallel()
	b, _ := doors(t)
	account := b.member(t, "pingliang", "administration", rightly, false)
	reset, err := b.ResetPassword(t.Context(), nil, account.ID)
	must(t, err)
	change := func(old, next string) error { return b.ChangePassword(t.Context(), account, old, next, home) }
	fails(t, change("a wrong password", "Short"), store.Refused, "a password has at least 10 characters", "the old password is wrong")
	fails(t, change(rightly, "ADMINISTRATION"), store.Refused, "a password is not the login")
	fails(t, change(rightly, rightly), store.Refused, "a password is not the old one")
	fails(t, change(rightly, "九个汉字不是十个字"), store.Refused, "a password has at least 10 characters")
	is(t, "failures", b.text(t, `SELECT failures FROM accounts`), "1")
	b.execute(t, `UPDATE accounts SET must_change = true`)
	must(t, change(rightly, "十个汉字就是十个字了"))
	now, err := b.AccountByID(t.Context(), account.ID)
	must(t, err)
	is(t, "sessions end", now.Epoch, account.Epoch+1)
	is(t, "must change", now.MustChange, false)
	is(t, "the old password", b.knock(t, "administration", rightly), "wrong")
	is(t, "the new password", b.knock(t, "administration", "十个汉字就是十个字了"), "pingliang/administration")
	_, err = b.Redeem(t.Context(), reset, "yet another horse", home)
	is(t, "a link from before", errors.Is(err, ErrLink), true)
	// A session from before is over: it changes nothing.
	fails(t, change("十个汉字就是十个字了", "yet another horse"), store.Conflict, "the password was changed elsewhere meanwhile")
	is(t, "the log", strings.Count(b.accesses(t), "password_changed pingliang/administration (by its owner)"), 1)
}

// An initial password opens the door, and nothing but its change is behind it.
func TestAnInitialPassword(t *testing.T) {
	t.Parallel()
	b, _ := doors(t)
	_, err := b.GivePassword(t.Context(), "no such/code", "founder", "nowhere")
	fails(t, err, store.Refused, `authority "no such/code": want 1 to 32 letters, digits or . _ -`, `"nowhere" is not an address of the form name@host`)
	for range 2 { // called again it gives another, and the one before ends
		password, err := b.GivePassword(t.Context(), "pingliang", "founder", "founder@example.com")
		must(t, err)
		is(t, "its shape", initialShape.MatchString(password), true)
		account, err := b.SignIn(t.Context(), "founder", password, home)
		must(t, err)
		is(t, "must change", account.MustChange, true)
		is(t, "administers", account.Administers, true)
		must(t, b.ChangePassword(t.Context(), account, password, rightly, home))
		now, err := b.AccountByID(t.Context(), account.ID)
		must(t, err)
		is(t, "must change afterwards", now.MustChange, false)
		is(t, "the initial one afterwards", b.knock(t, "founder", password), "wrong")
	}
	is(t, "the log", strings.Count(b.accesses(t), "password_changed pingliang/founder (by the command line)"), 2)
}

var initialShape = regexp.MustCompile(`^([a-z0-9]{4}-)+[a-z0-9]{4}$`)

// Guessing the old password in somebody's session locks as guessing at the door does.
func TestGuessingTheOldPassword(t *testing.T) {
	t.Parallel()
	b, _ := doors(t)
	account := b.member(t, "pingliang", "admin", rightly, false)
	for range 6 {
		fails(t, b.ChangePassword(t.Context(), account, "a wrong password", "yet another horse", home), store.Refused, "the old password is wrong")
	}
	is(t, "locked", errors.Is(b.ChangePassword(t.Context(), account, rightly, "yet another horse", home), ErrTooMany), true)
	is(t, "at the door too", b.knock(t, "admin", rightly), "locked")
}

func TestSignOutEverywhere(t *testing.T) {
	t.Parallel()
	b, _ := doors(t)
	account := b.member(t, "pingliang", "admin", rightly, false)
	must(t, b.SignOutEverywhere(t.Context(), account))
	now, err := b.AccountByID(t.Context(), account.ID)
	must(t, err)
	is(t, "the epoch", now.Epoch, account.Epoch+1)
	_, err = b.AccountByID(t.Context(), account.ID+1)
	fails(t, err, store.NotFound, "no such account")
}

// listed are cycles as YEAR, "r" and the number of a rehearsal, "x" for a cancelled one.
func (b *bundle) listed(t *testing.T, account Account) string {
	t.Helper()
	cycles, err := b.Cycles(t.Context(), account)
	must(t, err)
	var names []string
	for _, cycle := range cycles {
		name := store.CycleName(cycle)
		if cycle.Rehearsal > 0 {
			name += fmt.Sprint("r", cycle.Rehearsal)
		}
		if cycle.State == "cancelled" {
			name += "x"
		}
		names = append(names, name)
	}
	return strings.Join(names, " ")
}

// only leaves the first administrator and those named.
func only(logins ...string) func(*documents.DataSet) {
	return func(set *documents.DataSet) {
		var people []rules.Person
		for _, person := range set.Plan.People {
			if strings.Contains(" "+strings.Join(logins, " ")+" ", " "+person.Login+" ") {
				people = append(people, person)
			}
		}
		set.Plan.People = people
	}
}

func TestCyclesOfAnAccount(t *testing.T) {
	t.Parallel()
	b, _ := doors(t)
	old := b.years(t, another("pingliang", 2024), only("confirm", "web1"))
	b.execute(t, `UPDATE cycles SET state = 'cancelled' WHERE cycle_id = $1`, old.CycleID)
	b.years(t, another("pingliang", 2024), only("confirm", "leader"))
	b.years(t, only("admin", "web1"))
	b.years(t, another("jiuquan", 2026), only("admin", "web1", "gov1"))
	b.rehearsed(t)
	account := func(login string) Account { return Account{Authority: "pingliang", Login: login} }
	for login, want := range map[string]string{
		"web1":   "pingliang/2025 pingliang/2025r1 pingliang/2024x",
		"leader": "pingliang/2024 pingliang/2025r1",
		"gov1":   "pingliang/2025r1",
		"admin":  "pingliang/2025 pingliang/2024 pingliang/2025r1 pingliang/2024x",
		"nobody": "",
	} {
		is(t, login, b.listed(t, account(login)), want)
	}
	is(t, "who administers", b.listed(t, Account{Authority: "pingliang", Login: "founder", Administers: true}), "pingliang/2025 pingliang/2024 pingliang/2025r1 pingliang/2024x")
	is(t, "rehearsing", b.listed(t, Account{Authority: "pingliang", Login: "web1", Rehearsing: true}), "pingliang/2025r1")
	is(t, "rehearsing administrator", b.listed(t, Account{Authority: "pingliang", Login: "admin", Rehearsing: true}), "pingliang/2025r1")
	is(t, "elsewhere", b.listed(t, Account{Authority: "jiuquan", Login: "web1", Rehearsing: true}), "")
}

// A seat is for people of the cycle; who administers the authority has an administrator's.
func TestSeat(t *testing.T) {
	t.Parallel()
	b, _ := doors(t)
	real := b.years(t)
	rehearsal, _ := b.rehearsed(t)
	foreign := b.years(t, another("jiuquan", 2025))
	founder := b.member(t, "pingliang", "founder", rightly, true)
	role := func(account Account, cycle query.Cycle) string {
		desk, err := b.Seat(t.Context(), account, cycle)
		if store.KindOf(err) == store.Forbidden {
			return "forbidden"
		}
		must(t, err)
		return desk.Person.Login + " " + desk.Person.Role
	}
	web, rehearsing := Account{Authority: "pingliang", Login: "web1"}, Account{Authority: "pingliang", Login: "web1", Rehearsing: true}
	is(t, "a person", role(web, real), "web1 assessor")
	is(t, "in a rehearsal", role(web, rehearsal), "web1 assessor")
	is(t, "a rehearsing account", role(rehearsing, rehearsal), "web1 assessor")
	is(t, "a rehearsing account in a real cycle", role(rehearsing, real), "forbidden")
	is(t, "another authority's", role(web, foreign), "forbidden")
	is(t, "nobody", role(Account{Authority: "pingliang", Login: "nobody"}, real), "forbidden")
	is(t, "who administers", role(founder, real), "founder admin")
	is(t, "who administers elsewhere", role(founder, foreign), "forbidden")
	desk, err := b.Seat(t.Context(), founder, real)
	must(t, err)
	must(t, desk.LogRead(t.Context(), ReportRead, "C01", home))
	is(t, "what he read", b.text(t, `SELECT concat_ws(' ', l.login, l.authority, c.year, l.event, l.detail, l.address, l.account_id = a.account_id)
		FROM access_log l JOIN cycles c USING (cycle_id) JOIN accounts a USING (account_id)`), "founder pingliang 2025 report_read C01 192.0.2.1 t")
	must(t, b.anyDesk(t, real).LogRead(t.Context(), BookRead, "", ""))
	is(t, "without an account", b.text(t, `SELECT login || coalesce(account_id::text, '') FROM access_log WHERE event = 'book_read'`), "admin")
}

// anyDesk is the command line's.
func (b *bundle) anyDesk(t *testing.T, cycle query.Cycle) *Desk {
	t.Helper()
	desk, err := b.AdminDesk(t.Context(), cycle)
	must(t, err)
	return desk
}

var readable = regexp.MustCompile(`^[a-hjkmnp-z2-9]{4}-[a-hjkmnp-z2-9]{4}-[a-hjkmnp-z2-9]{4}$`)

// Everybody of a rehearsal gets a password, 300 units as quickly as three; made anew, the old ones are over.
func TestRehearsalLogins(t *testing.T) {
	t.Parallel()
	b, _ := doors(t)
	set := sample(t, b.Rules)
	for n := range 300 {
		set.Plan.People = append(set.Plan.People, rules.Person{Login: fmt.Sprintf("p%d", n), Name: "联络员", Role: rules.Contact, Unit: "C01", Email: "p@example.com"})
	}
	cycle, err := b.ImportRehearsal(t.Context(), set, time.Second)
	must(t, err)
	logins, err := b.RehearsalLogins(t.Context(), cycle)
	must(t, err)
	is(t, "logins", len(logins), len(set.Plan.People))
	different := map[string]bool{}
	for login, password := range logins {
		different[password] = true
		if !readable.MatchString(password) {
			t.Errorf("%s: %q is not readable", login, password)
		}
	}
	is(t, "passwords", len(different), len(logins))
	for _, login := range []string{"p0", "p299", "admin", "web1"} {
		is(t, login, b.knock(t, login, logins[login]), "pingliang/"+login+" rehearsing")
	}
	is(t, "the accounts", b.text(t, `SELECT DISTINCT concat_ws(' ', authority, rehearsing, must_change, epoch, administers) FROM accounts`), "pingliang t f 1 f")
	b.knocks(t, "p0", 7)
	again, err := b.RehearsalLogins(t.Context(), cycle)
	must(t, err)
	is(t, "the old password", b.knock(t, "web1", logins["web1"]), "wrong")
	is(t, "a locked account", b.knock(t, "p0", again["p0"]), "pingliang/p0 rehearsing")
	is(t, "sessions end", b.text(t, `SELECT DISTINCT epoch FROM accounts`), "2")
}

// A real cycle's people are invited, and a rehearsal's password opens no real account.
func TestRehearsalLoginsAreForRehearsals(t *testing.T) {
	t.Parallel()
	b, _ := doors(t)
	real := b.years(t)
	_, err := b.RehearsalLogins(t.Context(), real)
	fails(t, err, store.Refused, "pingliang/2025 is no rehearsal: its people are invited")
	b.member(t, "pingliang", "admin", rightly, true)
	_, logins := b.rehearsed(t)
	account, err := b.SignIn(t.Context(), "admin", logins["admin"], home)
	must(t, err)
	is(t, "rehearsing", account.Rehearsing, true)
	is(t, "administers", account.Administers, false)
	_, err = b.Seat(t.Context(), account, real)
	fails(t, err, store.Forbidden, "admin is nobody of pingliang/2025")
	_, err = b.Invite(t.Context(), &account, "pingliang", "friend", "friend@example.com", false)
	fails(t, err, store.Forbidden, "admin does not administer pingliang")
	must(t, b.ChangePassword(t.Context(), account, logins["admin"], "yet another horse", home))
	is(t, "its own password", b.knock(t, "admin", "yet another horse"), "pingliang/admin rehearsing")
	is(t, "the real one's", b.knock(t, "admin", rightly), "pingliang/admin")
}
