package portal

import "net/http"

// preferenceAge is how long a browser remembers language and theme, in seconds: a year.
const preferenceAge = 365 * 24 * 60 * 60

// prefer remembers the language or the theme, and shows the same page again.
func (v *visit) prefer() error {
	for name, values := range map[string][]string{"language": {"zh", "en"}, "theme": {"light", "dark", "auto"}} {
		for _, value := range values {
			if v.r.PostFormValue(name) == value {
				http.SetCookie(v.w, &http.Cookie{
					Name: name, Value: value, Path: "/", MaxAge: preferenceAge, SameSite: http.SameSiteLaxMode, HttpOnly: true, Secure: v.sessions.Cookie.Secure,
				})
			}
		}
	}
	return v.goTo(localPath(v.r.PostFormValue("here")))
}

// themeOf is the theme that the person chose; empty is that of the machine.
func themeOf(r *http.Request) string {
	cookie, err := r.Cookie("theme")
	if err != nil || cookie.Value != "light" && cookie.Value != "dark" {
		return ""
	}
	return cookie.Value
}
