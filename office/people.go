package office

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/kaoping/kaoping/mail"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// Member is a person of the cycle and his account.
type Member struct {
	query.PeopleListRow
	// LastLogin is the newest, in real time; nil if he never signed in.
	LastLogin *time.Time
}

// Access is where the person stands with his account: replaced, locked, active, invited or new.
func (m Member) Access() string {
	switch {
	case m.Person.ReplacedBy != "":
		return "replaced"
	case m.Locked:
		return "locked"
	case m.HasPassword:
		return "active"
	case m.Invited:
		return "invited"
	}
	return "new"
}

// People are all of the cycle, those who were replaced last, without their last logins (LastLogins).
func (d *Desk) People(ctx context.Context) ([]Member, error) {
	if err := d.must(rules.Admin); err != nil {
		return nil, err
	}
	rows, err := d.Store.PeopleList(ctx, query.PeopleListParams{
		CycleID: d.Cycle.CycleID, Authority: d.Cycle.Authority, Rehearsing: d.Cycle.Rehearsal > 0, Now: d.Store.Real(),
	})
	if err != nil {
		return nil, err
	}
	members := make([]Member, len(rows))
	for i, row := range rows {
		members[i].PeopleListRow = row
	}
	return members, nil
}

// LastLogins fills in when each signed in last.
func (d *Desk) LastLogins(ctx context.Context, members []Member) error {
	if err := d.must(rules.Admin); err != nil {
		return err
	}
	ids := make([]int64, len(members))
	for i, member := range members {
		ids[i] = member.AccountID
	}
	rows, err := d.Store.PeopleLastLogins(ctx, query.PeopleLastLoginsParams{AccountIds: ids})
	if err != nil {
		return err
	}
	for i := range members {
		at := slices.IndexFunc(rows, func(row query.PeopleLastLoginsRow) bool { return row.AccountID == members[i].AccountID })
		if at >= 0 {
			members[i].LastLogin = &rows[at].At
		}
	}
	return nil
}

// Member is one person, with his last login.
func (d *Desk) Member(ctx context.Context, login string) (Member, error) {
	members, err := d.People(ctx)
	if err != nil {
		return Member{}, err
	}
	at := slices.IndexFunc(members, func(member Member) bool { return member.Person.Login == login })
	if at < 0 {
		return Member{}, store.Missing(login + " is nobody of " + store.CycleName(d.Cycle))
	}
	one := members[at : at+1]
	err = d.LastLogins(ctx, one)
	return one[0], err
}

// Holding is what passes on if a person is replaced, and what stays his.
type Holding struct {
	// Open are the units whose sheets he has not submitted, Submitted those whose sheets he has.
	Open, Submitted []string
	Tasks           []query.Task
}

// Holding tells what a person holds.
func (d *Desk) Holding(ctx context.Context, login string) (Holding, error) {
	if err := d.must(rules.Admin); err != nil {
		return Holding{}, err
	}
	var holding Holding
	sheets, err := d.Store.SheetUnitsOf(ctx, query.SheetUnitsOfParams{CycleID: d.Cycle.CycleID, Assessor: login})
	if err != nil {
		return holding, err
	}
	for _, sheet := range sheets {
		if sheet.State == "submitted" {
			holding.Submitted = append(holding.Submitted, sheet.Unit)
		} else {
			holding.Open = append(holding.Open, sheet.Unit)
		}
	}
	holding.Tasks, err = d.Store.TaskOfPerson(ctx, query.TaskOfPersonParams{CycleID: d.Cycle.CycleID, Person: login})
	return holding, err
}

// Successor is who takes over.
type Successor struct {
	Login, Name, Email string
	// Unit is an assessor's own organisation, by code or name; of others it is not asked.
	Unit string
}

// ReplacePerson has somebody take over from a person in mid-year, under a login of his own. It answers how many sheets
// and tasks pass on (A8(1), A8(5), A8(6)).
func (d *Desk) ReplacePerson(ctx context.Context, act, old string, successor Successor) (store.HandedOver, error) {
	var passed store.HandedOver
	if err := d.must(rules.Admin); err != nil {
		return passed, err
	}
	if d.Cycle.State != "running" {
		return passed, store.Refuse(fmt.Sprintf("%s is %s: people are replaced while a year runs; until then import the list again", store.CycleName(d.Cycle), d.Cycle.State))
	}
	if faults := successor.faults(); len(faults) > 0 {
		return passed, store.Refuse(faults...)
	}
	err := d.Store.Do(ctx, store.Step{Cycle: d.Cycle.CycleID, Key: act}, &passed, func(change *store.Change) (err error) {
		passed, err = change.ReplacePerson(store.Replacement{
			Old: old, Login: successor.Login, Name: successor.Name, Email: successor.Email, Unit: successor.Unit, By: d.Person.Login,
		})
		return err
	})
	return passed, err
}

func (s Successor) faults() []string {
	var faults []string
	if !codeShape.MatchString(s.Login) {
		faults = append(faults, fmt.Sprintf("login %q: want 1 to 32 letters, digits or . _ -", s.Login))
	}
	if strings.TrimSpace(s.Name) == "" {
		faults = append(faults, "the successor's name is missing")
	}
	if err := mail.CheckAddress(s.Email); err != nil {
		faults = append(faults, err.Error())
	}
	return faults
}

// Once claims an act that the office itself does not keep, such as a letter that the portal posts: a form that is sent
// twice finds it claimed.
func (d *Desk) Once(ctx context.Context, act string) (bool, error) {
	if err := d.must(rules.Admin); err != nil {
		return false, err
	}
	rows, err := d.Store.ActOnce(ctx, query.ActOnceParams{CycleID: d.Cycle.CycleID, ActID: act})
	return rows == 1, err
}

// EndSessions signs a person out wherever he is signed in.
func (d *Desk) EndSessions(ctx context.Context, login, address string) error {
	if err := d.must(rules.Admin); err != nil {
		return err
	}
	return d.Store.Transact(ctx, func(queries *query.Queries) error {
		account, err := queries.AccountFind(ctx, query.AccountFindParams{Authority: d.Cycle.Authority, Rehearsing: d.Cycle.Rehearsal > 0, Login: login})
		if store.IsMissing(err) {
			return store.Missing(login + " has no account yet: invite him")
		}
		if err != nil {
			return err
		}
		if err := queries.AccountEndSessions(ctx, query.AccountEndSessionsParams{AccountID: account.AccountID}); err != nil {
			return fmt.Errorf("couldn't end the sessions of %s: %w", login, err)
		}
		return logAccess(ctx, queries, accountOf(account).line(accessLogout, "everywhere, by "+d.Person.Login, address))
	})
}

// AccessFilter narrows the access log down.
type AccessFilter struct {
	Login, Event string
	// Before is the line's id where the page before ended; 0 begins with the newest.
	Before int64
	Most   int
}

// AccessEvents are those that can be asked for.
var AccessEvents = []string{
	accessLogin, accessFailed, accessLogout, accessPassword, accessInvited, accessReset,
	ReportRead, EvidenceRead, SheetRead, ResultsRead, JournalRead, BookRead, AdminRead,
}

// AccessLog is who signed in and who read what is another's, newest first, of the authority's whole portal.
func (d *Desk) AccessLog(ctx context.Context, filter AccessFilter) ([]query.AccessLog, error) {
	if err := d.must(rules.Admin); err != nil {
		return nil, err
	}
	if filter.Before == 0 {
		filter.Before = math.MaxInt64
	}
	return d.Store.AccessSearch(ctx, query.AccessSearchParams{
		Authority: d.Cycle.Authority, Before: filter.Before, Event: filter.Event, Login: filter.Login, Most: int32(filter.Most),
	})
}
