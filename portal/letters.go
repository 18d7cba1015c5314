package portal

import (
	"errors"
	"strings"

	"github.com/kaoping/kaoping/office"
)

// letterhead writes letters: they are in Chinese whatever language the sender reads.
type letterhead struct{ catalogue }

func (l letterhead) t(key string, args ...any) string { return l.Say(chinese, key, args...) }

// postLetter posts the link with which a person sets his password: purpose is invite or reset.
func (v *visit) postLetter(member office.Member, purpose, token string) error {
	if v.Post == nil {
		return office.Refuse("no mail server is set up: nothing can be sent")
	}
	plan, err := v.desk.Plan(v.r.Context())
	if err != nil {
		return err
	}
	letter, person := letterhead{v.catalogue}, member.Person
	authority, link := plan.Scheme.Authority.Name, strings.TrimSuffix(v.URL, "/")+"/invitations/"+token
	err = v.Post(v.r.Context(), person.Email, Letter{
		From: authority, Subject: letter.t("letter.subject."+purpose, plan.Scheme.Year),
		Text: letter.t("letter.text."+purpose, person.Name, plan.Scheme.Year, letter.t("role."+person.Role), person.Login, link, authority),
	})
	var known *office.Error
	if err != nil && !errors.As(err, &known) {
		return &office.Error{Kind: office.Refused, Reasons: []string{"the mail to " + person.Email + " could not be sent: check the mail server and try again"}, Err: err}
	}
	return err
}

// trimmed is what was typed into a field, without blanks around it.
func trimmed(v *visit, field string) string { return strings.TrimSpace(v.r.PostFormValue(field)) }
