package office

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/documents"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store/query"
)

const (
	home    = "192.0.2.1"
	rightly = "correct horse 42"
)

// cheap is a hash for tests whose matter is not the hash.
var cheap = argon2id.Params{Memory: 32, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// doors is an office with cheap hashes that counts comparisons by their cost: "m=32", "m=64".
func doors(t *testing.T) (*bundle, map[string]int) {
	t.Helper()
	b := setup(t)
	compared := map[string]int{}
	b.door.passwords = passwords{params: &cheap, compared: func(phc string) {
		compared[strings.SplitN(strings.Split(phc, "$")[3], ",", 2)[0]]++
	}}
	return b, compared
}

// later moves the clock.
func (b *bundle) later(by time.Duration) {
	now := b.clock.Load().Add(by)
	b.clock.Store(&now)
}

// member makes a real account with a password, by invitation.
func (b *bundle) member(t *testing.T, authority, login, password string, administers bool) Account {
	t.Helper()
	token, err := b.Invite(t.Context(), nil, authority, login, login+"@example.com", administers)
	must(t, err)
	account, err := b.Redeem(t.Context(), token, password, home)
	must(t, err)
	return account
}

// rehearsed is a rehearsal of the sample, and the passwords of its people.
func (b *bundle) rehearsed(t *testing.T) (query.Cycle, map[string]string) {
	t.Helper()
	cycle, err := b.ImportRehearsal(t.Context(), sample(t, b.Rules), time.Second)
	must(t, err)
	logins, err := b.RehearsalLogins(t.Context(), cycle)
	must(t, err)
	return cycle, logins
}

// knock signs in from an address of its own, and says how that ended.
func (b *bundle) knock(t *testing.T, login, password string) string {
	t.Helper()
	account, err := b.SignIn(t.Context(), login, password, fmt.Sprintf("198.51.100.%d", databases.Add(1)%250))
	switch {
	case errors.Is(err, ErrSignIn):
		return "wrong"
	case errors.Is(err, ErrTooMany):
		return "locked"
	}
	must(t, err)
	if account.Rehearsing {
		return account.Authority + "/" + account.Login + " rehearsing"
	}
	return account.Authority + "/" + account.Login
}

// knocks signs in wrongly so many times, and says how each ended.
func (b *bundle) knocks(t *testing.T, login string, times int) string {
	t.Helper()
	var ends []string
	for range times {
		ends = append(ends, b.knock(t, login, "a wrong password"))
	}
	return strings.Join(ends, ",")
}

// accesses are the access log's lines, oldest first: EVENT LOGIN (DETAIL).
func (b *bundle) accesses(t *testing.T) string {
	t.Helper()
	return b.text(t, `SELECT string_agg(event || ' ' || authority || '/' || login || ' (' || detail || ')', E'\n' ORDER BY access_id) FROM access_log`)
}

// another moves the sample to another authority or year.
func another(authority string, year int) func(*documents.DataSet) {
	return func(set *documents.DataSet) {
		set.Plan.Scheme.Authority.Code = authority
		set.Plan.Scheme.Year = year
		dates := &set.Plan.Scheme.Dates
		for _, day := range []*rules.Day{&dates.Notice, &dates.SelfReportDue, &dates.ReviewDue, &dates.ApprovalDue, &dates.RectificationDue} {
			date, err := calendar.ParseDate(string(*day))
			if err != nil {
				panic(err)
			}
			*day = rules.Day(calendar.DateOf(date.Start().AddDate(year-2025, 0, 0)).String())
		}
	}
}

// years imports the sample as a draft, changed.
func (b *bundle) years(t *testing.T, change ...func(*documents.DataSet)) query.Cycle {
	t.Helper()
	set := sample(t, b.Rules)
	for _, change := range change {
		change(&set)
	}
	cycle, err := b.Import(t.Context(), set)
	must(t, err)
	return cycle
}
