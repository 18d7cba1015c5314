package portal

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/kaoping/kaoping/office"
)

// How long a session lasts: a working day, and two hours without a sign of life.
const (
	sessionLife = 12 * time.Hour
	sessionIdle = 2 * time.Hour
)

func newSessions(office *office.Office, secure bool) *scs.SessionManager {
	sessions := scs.New()
	sessions.Store = office.Store.Sessions()
	sessions.HashTokenInStore = true
	sessions.Lifetime, sessions.IdleTimeout = sessionLife, sessionIdle
	sessions.Cookie.Name, sessions.Cookie.Secure, sessions.Cookie.SameSite = "kaoping", secure, http.SameSiteLaxMode
	return sessions
}

// recognise finds the account of the session, unless it was signed out everywhere since.
func (v *visit) recognise() (bool, error) {
	id := v.sessions.GetInt64(v.r.Context(), "account")
	if id == 0 {
		return false, nil
	}
	account, err := v.Office.AccountByID(v.r.Context(), id)
	switch {
	case office.IsMissing(err):
		return false, nil // an account that is gone has nobody signed in
	case err != nil:
		return false, err
	case int(account.Epoch) != v.sessions.GetInt(v.r.Context(), "epoch"):
		return false, nil
	}
	v.account = account
	return true, nil
}

// begin makes the session one of this account, under a new token.
func (v *visit) begin(account office.Account) error {
	if err := v.sessions.RenewToken(v.r.Context()); err != nil {
		return err
	}
	v.account = account
	v.sessions.Put(v.r.Context(), "account", account.ID)
	v.sessions.Put(v.r.Context(), "epoch", int(account.Epoch))
	return nil
}

// field is one that was typed before the session ended.
type field struct{ Name, Value string }

// kept are the fields of a form that arrived without a session. They are carried through the login page, so that
// nothing typed is lost; files are too large for that, and chosen again.
func (v *visit) kept() []field {
	if v.r.Method != http.MethodPost {
		return nil
	}
	if v.r.PostForm == nil {
		return fields(textParts(v.r))
	}
	return fields(v.r.PostForm)
}

// textParts are what was typed into a form with files. Its text comes before the first file; the files are not read.
func textParts(r *http.Request) url.Values {
	form := url.Values{}
	parts, err := r.MultipartReader()
	if err != nil {
		return form
	}
	for room := int64(maxText); ; {
		part, err := parts.NextPart()
		if err != nil || part.FileName() != "" {
			return form // a form that broke off is kept as far as it came
		}
		value, err := io.ReadAll(io.LimitReader(part, room))
		if err != nil {
			return form
		}
		room -= int64(len(value))
		if part.FormName() != "file" {
			form.Add(part.FormName(), string(value))
		}
	}
}

func fields(form url.Values) []field {
	var list []field
	for name, values := range form {
		for _, value := range values {
			list = append(list, field{name, value})
		}
	}
	slices.SortStableFunc(list, func(a, b field) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// askToSignIn shows the login page in place of the one that was asked for.
func (v *visit) askToSignIn() error {
	v.account = office.Account{}
	if v.r.Method != http.MethodPost {
		return v.goTo("/login?" + url.Values{"next": {v.requested()}}.Encode())
	}
	v.status = http.StatusUnauthorized
	return v.render("login", loginPage{Next: v.requested(), Kept: v.kept(), Expired: true})
}

// requested is the address as the browser knows it.
func (v *visit) requested() string {
	if number := rehearsalOf(v.r); number > 0 {
		return fmt.Sprintf("/rehearsal/%d%s", number, v.r.URL.RequestURI())
	}
	return v.r.URL.RequestURI()
}
