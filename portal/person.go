package portal

import (
	"net/http"

	"github.com/kaoping/kaoping/office"
)

// personPage is one person: his account, what he holds, and who takes over from him.
type personPage struct {
	memberRow
	Holding holdingView
	// MayInvite, MayReset, MayEnd, MayReplace are the acts that are possible now.
	MayInvite, MayReset, MayEnd, MayReplace bool
	// Assessor asks a successor for his own organisation, too.
	Assessor bool
	Typed    office.Successor
	Invite   bool
	Units    []option
	Accesses []accessRow
}

type holdingView struct {
	Open, Submitted []string
	Tasks           []string
}

// lastAccesses is how many lines of the access log a person's page shows.
const lastAccesses = 10

func (v *visit) showPerson() error {
	login := v.r.PathValue("login")
	member, err := v.desk.Member(v.r.Context(), login)
	if err != nil {
		return err
	}
	names, err := v.unitNames()
	if err != nil {
		return err
	}
	page := personPage{Invite: v.r.Method == http.MethodGet || v.r.PostFormValue("invite") != ""}
	if page.memberRow, err = v.memberRow(member, names); err != nil {
		return err
	}
	page.may(v, member)
	page.Assessor = member.Person.Role == "assessor"
	page.Typed = office.Successor{Login: v.r.FormValue("login"), Name: v.r.FormValue("name"), Email: v.r.FormValue("email"), Unit: v.r.FormValue("unit")}
	if v.r.Method == http.MethodGet {
		page.Typed.Unit = member.Person.Unit
	}
	if page.Holding, err = v.holding(login, names); err != nil {
		return err
	}
	lines, err := v.desk.AccessLog(v.r.Context(), office.AccessFilter{Login: login, Most: lastAccesses})
	if err != nil {
		return err
	}
	for _, line := range lines {
		page.Accesses = append(page.Accesses, accessRow{line.AccessID, line.At, line.Login, line.Event, v.catalogue.reason(v.language, line.Detail), line.Address})
	}
	return v.render("person", page)
}

// may tells which acts are possible: a rehearsal's accounts are made with it, an administrator is not replaced.
func (p *personPage) may(v *visit, member office.Member) {
	real, there := v.desk.Cycle.Rehearsal == 0, p.Access != "replaced"
	p.MayInvite = real && there && !member.HasPassword
	p.MayReset = real && there && member.HasPassword
	p.MayEnd = member.HasPassword
	p.MayReplace = there && p.Role != "admin" && v.desk.Cycle.State == "running"
}

func (v *visit) holding(login string, names map[string]string) (holdingView, error) {
	holding, err := v.desk.Holding(v.r.Context(), login)
	view := holdingView{Open: named(holding.Open, func(code string) string { return names[code] })}
	view.Submitted = named(holding.Submitted, func(code string) string { return names[code] })
	for _, task := range holding.Tasks {
		view.Tasks = append(view.Tasks, v.kindText("task_opened", task.Kind))
	}
	return view, err
}

// personPath is a person's page.
func (v *visit) personPath(login string) string { return v.in("people/%s", login) }

func (v *visit) invitePerson() error {
	login := v.r.PathValue("login")
	done, err := v.once(func() error { return v.invite(login) })
	if !done {
		return err
	}
	return v.done(v.personPath(login), "person.invited")
}

func (v *visit) resetPerson() error {
	login := v.r.PathValue("login")
	done, err := v.once(func() error {
		member, err := v.desk.Member(v.r.Context(), login)
		if err != nil {
			return err
		}
		token, err := v.desk.ResetPerson(v.r.Context(), login)
		if err != nil {
			return err
		}
		return v.postLetter(member, "reset", token)
	})
	if !done {
		return err
	}
	return v.done(v.personPath(login), "person.wasreset")
}

// once does what ends with a letter, once for a form that is sent twice.
func (v *visit) once(do func() error) (bool, error) {
	return v.perform((*visit).showPerson, func(act string) error {
		first, err := v.desk.Once(v.r.Context(), act)
		if err != nil || !first {
			return err
		}
		return do()
	})
}

// invite makes a link for a person and posts it.
func (v *visit) invite(login string) error {
	member, err := v.desk.Member(v.r.Context(), login)
	if err != nil {
		return err
	}
	token, err := v.desk.InvitePerson(v.r.Context(), login)
	if err != nil {
		return err
	}
	return v.postLetter(member, "invite", token)
}

func (v *visit) endSessions() error {
	login := v.r.PathValue("login")
	done, err := v.perform((*visit).showPerson, func(string) error { return v.desk.EndSessions(v.r.Context(), login, v.address()) })
	if !done {
		return err
	}
	return v.done(v.personPath(login), "person.ended")
}

// replacePerson has somebody else take over; if asked, he is invited at once.
func (v *visit) replacePerson() error {
	successor := office.Successor{
		Login: trimmed(v, "login"), Name: trimmed(v, "name"), Email: trimmed(v, "email"), Unit: trimmed(v, "unit"),
	}
	sheets, tasks := 0, 0
	done, err := v.perform((*visit).showPerson, func(act string) error {
		passed, err := v.desk.ReplacePerson(v.r.Context(), act, v.r.PathValue("login"), successor)
		sheets, tasks = passed.Sheets, passed.Tasks
		return err
	})
	if !done {
		return err
	}
	path, told := v.personPath(successor.Login), v.t("person.replaced", sheets, tasks)
	if v.r.PostFormValue("invite") == "" || v.desk.Cycle.Rehearsal > 0 {
		v.sessions.Put(v.r.Context(), "flash", told)
		return v.goTo(path)
	}
	if err := v.inviteSuccessor(successor.Login); err != nil {
		told += v.t("person.notinvited", v.why(err))
	} else {
		told += v.t("person.invited")
	}
	v.sessions.Put(v.r.Context(), "flash", told)
	return v.goTo(path)
}

// inviteSuccessor invites whoever has no account: he may have one from another year. Sent twice, he is invited once.
func (v *visit) inviteSuccessor(login string) error {
	act, err := v.act()
	if err != nil {
		return err
	}
	first, err := v.desk.Once(v.r.Context(), act+"/invite")
	if err != nil || !first {
		return err
	}
	member, err := v.desk.Member(v.r.Context(), login)
	if err != nil || member.HasPassword {
		return err
	}
	return v.invite(login)
}
