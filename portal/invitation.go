package portal

import (
	"github.com/kaoping/kaoping/office"
)

// showInvitation asks for a first or a new password. The link is used only when the form is sent: mail scanners open
// links too.
func (v *visit) showInvitation() error { return v.render("invitation", nil) }

func (v *visit) redeem() error {
	chosen := v.r.PostFormValue("new")
	if chosen != v.r.PostFormValue("again") {
		return v.refused(office.Refuse("the two passwords differ"), (*visit).showInvitation)
	}
	account, err := v.Office.Redeem(v.r.Context(), v.r.PathValue("token"), chosen, v.address())
	if err != nil {
		return v.refused(err, (*visit).showInvitation)
	}
	if err := v.begin(account); err != nil {
		return err
	}
	return v.goTo("/")
}
