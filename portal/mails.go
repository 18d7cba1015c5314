package portal

import (
	"strings"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/rules"
)

// mailsPage is the mail ledger and the telephone tasks that came of it (A8(4)).
type mailsPage struct {
	Calls  []callView
	Rows   []mailRow
	Pager  pager
	Kinds  []option
	States []option
	Text   string
	// MayAct is the administrator's; the auditor reads.
	MayAct bool
}

type mailRow struct {
	ID                                                   int64
	KindName, Whom, Address, State, Answer, When, Moment string
	Attempts                                             int32
	Sent                                                 bool
}

// callView is a telephone task as it is shown and printed.
type callView struct {
	office.Call
	Title string
	// Typed is the address that was just refused.
	Typed string
}

// mailStates are those of the ledger.
var mailStates = []string{"queued", "sending", "sent", "refused", "withdrawn"}

func (v *visit) showMails() error {
	filter := office.LedgerFilter{
		Kind: v.r.FormValue("kind"), State: v.r.FormValue("state"), Text: v.r.FormValue("q"), Most: pageSize,
		Skip: func(total int) int { return v.pager(total).Skip() },
	}
	page := mailsPage{Text: filter.Text, MayAct: v.desk.Person.Role == string(rules.Admin)}
	ledger, err := v.desk.Ledger(v.r.Context(), filter)
	if err != nil {
		return err
	}
	page.Pager = v.pager(ledger.Total)
	page.Kinds = v.options("kind", ledger.Kinds, v.mailKind)
	page.States = v.options("state", mailStates, func(state string) string {
		return v.t("mails.counted", v.t("mails.state."+state), ledger.States[state])
	})
	for _, mail := range ledger.Mails {
		row := mailRow{
			ID: mail.MailID, KindName: v.mailKind(mail.Kind), Whom: ledger.Names[mail.Unit], Address: mail.Recipient, State: mail.State,
			Answer: mail.Answer, Attempts: mail.Attempts, Sent: !mail.Settled.IsZero(),
		}
		if person := ledger.Names["/"+mail.Person]; mail.Person != "" {
			row.Whom = joined(row.Whom, person)
		}
		at := mail.Settled
		if at.IsZero() {
			at = mail.Queued
		}
		row.When, row.Moment = v.clock(at), at.In(calendar.Location).Format("2006-01-02T15:04:05Z07:00")
		page.Rows = append(page.Rows, row)
	}
	if page.MayAct {
		if page.Calls, err = v.calls(); err != nil {
			return err
		}
	}
	return v.render("mails", page)
}

// joined are a unit and a person of it.
func joined(unit, person string) string {
	if unit == "" {
		return person
	}
	return unit + " · " + person
}

// mailKind is how people read a kind of mail.
func (v *visit) mailKind(kind string) string {
	if !v.catalogue.Has("mails.kind." + kind) {
		return kind
	}
	return v.t("mails.kind." + kind)
}

func (v *visit) calls() ([]callView, error) {
	calls, err := v.desk.Calls(v.r.Context())
	views := make([]callView, len(calls))
	for i, call := range calls {
		views[i] = callView{Call: call, Title: v.t("mails.call." + call.Kind)}
		if v.r.PostFormValue("task") == call.Key {
			views[i].Typed = v.r.PostFormValue("email")
		}
	}
	return views, err
}

// finishCall ends a telephone task with a note of what was said.
func (v *visit) finishCall() error {
	done, err := v.perform((*visit).showMails, func(act string) error {
		note := strings.TrimSpace(v.r.PostFormValue("note"))
		if note == "" {
			return office.Refuse("write down what was said")
		}
		return v.desk.FinishTask(v.r.Context(), act, v.r.PostFormValue("task"), note)
	})
	if !done {
		return err
	}
	return v.done(v.in("mails#calls"), "tasks.finished")
}

// changeAddress corrects an address that was refused, of everybody who had it and is ticked.
func (v *visit) changeAddress() error {
	done, err := v.perform((*visit).showMails, func(act string) error {
		owners := v.r.PostForm["whose"]
		if len(owners) == 0 {
			return office.Refuse("tick whose address it is")
		}
		for _, whose := range owners {
			if err := v.desk.ChangeAddress(v.r.Context(), act+"/"+whose, whose, trimmed(v, "email")); err != nil {
				return err
			}
		}
		return nil
	})
	if !done {
		return err
	}
	return v.done(v.in("mails#calls"), "mails.changed")
}

// callsPage is the list with which somebody goes to the telephone.
type callsPage struct {
	Authority string
	Today     calendar.Date
	Calls     []callView
}

func (v *visit) showCalls() error {
	calls, err := v.calls()
	if err != nil {
		return err
	}
	plan, err := v.desk.Plan(v.r.Context())
	if err != nil {
		return err
	}
	return v.render("calls", callsPage{Authority: plan.Scheme.Authority.Name, Today: v.desk.Today(), Calls: calls})
}
