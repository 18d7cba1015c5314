package portal

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/kaoping/kaoping/office"
)

// loginPage asks who it is. Kept are the fields of a form that came without a session: after signing in it can be sent
// once more.
type loginPage struct {
	Next    string
	Login   string
	Kept    []field
	Expired bool
	Fault   string
	// Provider offers to sign in at the office's identity provider.
	Provider bool
}

// keptPrefix marks the fields that are carried through the login page.
const keptPrefix = "kept."

func (v *visit) showLogin() error {
	return v.render("login", loginPage{Next: localPath(v.r.URL.Query().Get("next")), Provider: v.Provider != nil})
}

func (v *visit) login() error {
	page := loginPage{Next: localPath(v.r.PostFormValue("next")), Login: strings.TrimSpace(v.r.PostFormValue("login")), Kept: carried(v.r.PostForm), Provider: v.Provider != nil}
	account, err := v.Office.SignIn(v.r.Context(), page.Login, v.r.PostFormValue("password"), v.address())
	switch {
	case errors.Is(err, office.ErrSignIn):
		page.Fault, v.status = v.t("login.wrong"), http.StatusForbidden
		return v.render("login", page)
	case errors.Is(err, office.ErrTooMany):
		page.Fault, v.status = v.t("login.wait"), http.StatusTooManyRequests
		return v.render("login", page)
	case err != nil:
		return err
	}
	if err := v.begin(account); err != nil {
		return err
	}
	if len(page.Kept) > 0 {
		return v.render("resume", page)
	}
	return v.goTo(page.Next)
}

// carried are the kept fields of a login form, under their own names.
func carried(form url.Values) []field {
	var list []field
	for _, kept := range fields(form) {
		if name, ok := strings.CutPrefix(kept.Name, keptPrefix); ok {
			list = append(list, field{name, kept.Value})
		}
	}
	return list
}

func (v *visit) logout() error {
	if signed, err := v.recognise(); err == nil && signed {
		if err := v.Office.SignOut(v.r.Context(), v.account, v.address()); err != nil {
			return err
		}
	}
	if err := v.sessions.Destroy(v.r.Context()); err != nil {
		return err
	}
	return v.goTo("/login")
}

// enter leads to the newest cycle of the account.
func (v *visit) enter() error {
	cycles, err := v.Office.Cycles(v.r.Context(), v.account)
	if err != nil {
		return err
	}
	if len(cycles) > 0 && cycles[0].State != "draft" {
		return v.goTo(cyclePath(cycles[0]) + "/")
	}
	administers, err := v.Office.Administers(v.r.Context(), v.account)
	switch {
	case err != nil:
		return err
	case administers:
		return v.goTo("/years")
	case len(cycles) > 0:
		return v.goTo(cyclePath(cycles[0]) + "/")
	}
	return v.render("nocycle", nil)
}

// home adds the slash with which a cycle's pages begin.
func (v *visit) home() error { return v.goTo(v.in("")) }
