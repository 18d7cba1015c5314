package portal

import "github.com/kaoping/kaoping/office"

type passwordPage struct{ Must bool }

func (v *visit) showPassword() error {
	return v.render("password", passwordPage{Must: v.account.MustChange})
}

// changePassword ends every other session of the account.
func (v *visit) changePassword() error {
	chosen := v.r.PostFormValue("new")
	if chosen != v.r.PostFormValue("again") {
		return v.refused(office.Refuse("the two passwords differ"), (*visit).showPassword)
	}
	err := v.Office.ChangePassword(v.r.Context(), v.account, v.r.PostFormValue("old"), chosen, v.address())
	if err != nil {
		return v.refused(err, (*visit).showPassword)
	}
	account, err := v.Office.AccountByID(v.r.Context(), v.account.ID)
	if err != nil {
		return err
	}
	if err := v.begin(account); err != nil {
		return err
	}
	return v.done("/", "password.changed")
}
