package office

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"

	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// letters of a rehearsal's passwords: none that is read as another one. Twelve of them are 59 bits.
const (
	letters     = "abcdefghjkmnpqrstuvwxyz23456789"
	letterCount = 12
	groupOf     = 4
)

// RehearsalLogins gives every person of a rehearsal a rehearsing account with a new random password, and answers the
// passwords by login. It is for whoever sets the rehearsal up. The accounts are those of all rehearsals of the
// authority: passwords from before hold no longer, and sessions end.
func (o *Office) RehearsalLogins(ctx context.Context, cycle query.Cycle) (map[string]string, error) {
	if cycle.Rehearsal == 0 {
		return nil, store.Refuse(store.CycleName(cycle) + " is no rehearsal: its people are invited")
	}
	logins := map[string]string{}
	err := o.Store.Transact(ctx, func(queries *query.Queries) error {
		people, err := queries.PersonList(ctx, query.PersonListParams{CycleID: cycle.CycleID})
		if err != nil {
			return fmt.Errorf("couldn't list the people of %s: %w", store.CycleName(cycle), err)
		}
		// One order for all, so that two who do this at once wait for each other.
		slices.SortFunc(people, func(a, b query.Person) int { return cmp.Compare(a.Login, b.Login) })
		put := query.AccountPutRehearsingParams{Authority: cycle.Authority}
		for _, person := range people {
			password := readablePassword()
			phc, err := o.door.hash(ctx, password, true)
			if err != nil {
				return err
			}
			logins[person.Login] = password
			put.Logins, put.Passwords, put.Emails = append(put.Logins, person.Login), append(put.Passwords, phc), append(put.Emails, person.Email)
		}
		return queries.AccountPutRehearsing(ctx, put)
	})
	if err != nil {
		return nil, fmt.Errorf("couldn't make the logins of %s: %w", store.CycleName(cycle), err)
	}
	return logins, nil
}

// readablePassword is such as k7mq-w3xn-p9rt.
func readablePassword() string {
	var password strings.Builder
	for n := range letterCount {
		if n > 0 && n%groupOf == 0 {
			password.WriteByte('-')
		}
		password.WriteByte(letters[below(len(letters))])
	}
	return password.String()
}

// below is a random number, each as likely as the others: a byte that would favour the first ones is thrown away.
func below(n int) int {
	for {
		var one [1]byte
		_, _ = rand.Read(one[:]) // never fails: it would end the program
		if number := int(one[0]); number < 256/n*n {
			return number % n
		}
	}
}
