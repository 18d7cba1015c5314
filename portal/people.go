package portal

import (
	"slices"
	"strings"
	"time"

	"github.com/kaoping/kaoping/office"
)

// peoplePage is who takes part in the year, and who can sign in.
type peoplePage struct {
	Rows     []memberRow
	Pager    pager
	Roles    []option
	Accesses []option
	Text     string
	// NotInvited counts those without an account; none in a rehearsal, whose accounts are made with it.
	NotInvited int
	Rehearsal  bool
	// Sent and Failed are there after the invitations were posted.
	Sent   int
	Failed []string
}

// memberRow is a person as the list shows him.
type memberRow struct {
	Login, Name, Email, Role, UnitName, Access string
	Kinds, Areas                               string
	Successor                                  string
	LastLogin                                  *time.Time
}

// accessStates are those that can be asked for.
var accessStates = []string{"new", "invited", "active", "locked", "replaced"}

// peopleRoles are the roles in the order of the list.
var peopleRoles = []string{"admin", "leader", "deputy", "organization_department", "auditor", "assessor", "contact", "head"}

func (v *visit) showPeople() error {
	var page peoplePage
	return v.showPeopleWith(page)
}

func (v *visit) showPeopleWith(page peoplePage) error {
	members, err := v.desk.People(v.r.Context())
	if err != nil {
		return err
	}
	page.Rehearsal = v.desk.Cycle.Rehearsal > 0
	for _, member := range members {
		if member.Access() == "new" && !page.Rehearsal {
			page.NotInvited++
		}
	}
	names, err := v.unitNames()
	if err != nil {
		return err
	}
	found := v.foundMembers(members, names)
	page.Pager, page.Text = v.pager(len(found)), v.r.FormValue("q")
	page.Roles = v.options("role", peopleRoles, func(role string) string { return v.t("role." + role) })
	page.Accesses = v.options("access", accessStates, func(access string) string { return v.t("people.access." + access) })
	shown := rowsOf(page.Pager, found)
	if err := v.desk.LastLogins(v.r.Context(), shown); err != nil {
		return err
	}
	for _, member := range shown {
		row, err := v.memberRow(member, names)
		if err != nil {
			return err
		}
		page.Rows = append(page.Rows, row)
	}
	return v.render("people", page)
}

// foundMembers are those that the request asks for.
func (v *visit) foundMembers(members []office.Member, names map[string]string) []office.Member {
	role, access := v.r.FormValue("role"), v.r.FormValue("access")
	text := strings.ToLower(strings.TrimSpace(v.r.FormValue("q")))
	return slices.DeleteFunc(slices.Clone(members), func(member office.Member) bool {
		person := member.Person
		all := strings.ToLower(person.Login + " " + person.Name + " " + person.Email + " " + names[person.Unit])
		return role != "" && person.Role != role || access != "" && member.Access() != access || !strings.Contains(all, text)
	})
}

func (v *visit) memberRow(member office.Member, names map[string]string) (memberRow, error) {
	person := member.Person
	row := memberRow{
		Login: person.Login, Name: person.Name, Email: person.Email, Role: person.Role, UnitName: names[person.Unit], Access: member.Access(),
		Successor: person.ReplacedBy, LastLogin: member.LastLogin,
	}
	if row.UnitName == "" {
		row.UnitName = person.Unit
	}
	set, err := v.desk.RuleSet()
	if err != nil {
		return row, err
	}
	row.Kinds = strings.Join(named(person.GroupKinds, set.GroupKinds.Name), v.t("journal.comma"))
	row.Areas = strings.Join(named(person.Areas, set.Areas.Name), v.t("journal.comma"))
	return row, nil
}

// named are the names of some ids.
func named(ids []string, name func(string) string) []string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = name(id)
	}
	return names
}

// mostInvitations bounds how many letters one request posts: it waits for the mail server.
const mostInvitations = 200

// inviteAll invites those who have no account yet, as many as one request can. Sent twice it invites nobody twice.
func (v *visit) inviteAll() error {
	var page peoplePage
	done, err := v.perform((*visit).showPeople, func(act string) error {
		first, err := v.desk.Once(v.r.Context(), act)
		if err != nil || !first {
			return err
		}
		members, err := v.desk.People(v.r.Context())
		if err != nil {
			return err
		}
		members = slices.DeleteFunc(members, func(member office.Member) bool { return member.Access() != "new" })
		for _, member := range members[:min(len(members), mostInvitations)] {
			if err := v.invite(member.Person.Login); err != nil {
				if office.KindOf(err) == office.Forbidden || v.r.Context().Err() != nil {
					return err
				}
				page.Failed = append(page.Failed, v.t("people.failed", member.Person.Name, v.why(err)))
				continue
			}
			page.Sent++
		}
		return nil
	})
	if !done {
		return err
	}
	if len(page.Failed) > 0 {
		return v.showPeopleWith(page)
	}
	return v.done(v.in("people"), "people.invited", page.Sent)
}

// why is what a person is told of a failure.
func (v *visit) why(err error) string {
	if told := v.reasons(err); len(told) > 0 {
		return strings.Join(told, v.t("journal.semicolon"))
	}
	v.Log.Error("a letter could not be posted", "error", err)
	return v.t("people.unposted")
}
