package portal

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/kaoping/kaoping/office"
)

// maxForm bounds what a form without files may weigh.
const maxForm = 4 << 20

// visit is one request of one person: who, in which cycle, in which language.
type visit struct {
	*Portal
	w        http.ResponseWriter
	r        *http.Request
	language language
	account  office.Account
	// desk is where the person acts; nil outside a cycle.
	desk *office.Desk

	// faults are why what was just asked for is refused; pending says that it is not yet confirmed. The page on which it
	// was asked is shown again with them.
	faults  []string
	pending bool
	// refusals are the faults as the office says them; faultOf finds by them the field that one belongs to.
	refusals []string
	status   int
}

// open makes a handler of a page. What it returns as an error becomes a page that says what is wrong.
func (p *Portal) open(serve func(*visit) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v := &visit{Portal: p, w: w, r: r, language: languageOf(r), status: http.StatusOK}
		if r.Method == http.MethodPost && !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
			r.Body = http.MaxBytesReader(w, r.Body, maxForm)
			if err := r.ParseForm(); err != nil {
				v.fail(&office.Error{Kind: office.Refused, Reasons: []string{"the form does not parse, or is too large"}, Err: err})
				return
			}
		}
		if err := serve(v); err != nil {
			v.fail(err)
		}
	}
}

// signedIn lets only people in who have signed in; others come back after they have, with what they had typed.
func signedIn(serve func(*visit) error) func(*visit) error {
	return func(v *visit) error {
		signed, err := v.recognise()
		if err != nil {
			return err
		}
		if !signed {
			return v.askToSignIn()
		}
		if v.account.MustChange && v.r.URL.Path != "/password" {
			return v.goTo("/password")
		}
		return serve(v)
	}
}

// inCycle seats the person in the cycle that the address names.
func inCycle(serve func(*visit) error) func(*visit) error {
	return func(v *visit) error {
		name := v.r.PathValue("authority") + "/" + v.r.PathValue("year")
		cycle, err := v.Office.Find(v.r.Context(), name, rehearsalOf(v.r))
		if err != nil {
			return err
		}
		if v.desk, err = v.Office.Seat(v.r.Context(), v.account, cycle); err != nil {
			return err
		}
		return serve(v)
	}
}

func nowhere(*visit) error { return office.Missing("there is no such page") }

// cyclePath is where the cycle's pages begin.
func cyclePath(cycle office.Cycle) string {
	prefix := ""
	if cycle.Rehearsal > 0 {
		prefix = "/rehearsal/" + strconv.Itoa(int(cycle.Rehearsal))
	}
	return prefix + "/" + cycle.Authority + "/" + strconv.Itoa(int(cycle.Year))
}

// in is the address of a page of this cycle.
func (v *visit) in(format string, args ...any) string {
	return cyclePath(v.desk.Cycle) + "/" + fmt.Sprintf(format, args...)
}

// goTo sends the browser on; a reload then repeats nothing.
func (v *visit) goTo(path string) error {
	http.Redirect(v.w, v.r, path, http.StatusSeeOther)
	return nil
}

// done tells on the next page that an act is done.
func (v *visit) done(path, message string, args ...any) error {
	v.sessions.Put(v.r.Context(), "flash", v.t(message, args...))
	return v.goTo(path)
}

// t is a message in the visit's language.
func (v *visit) t(key string, args ...any) string { return v.catalogue.Say(v.language, key, args...) }

// act is the id that the form was given, with where it goes and what was typed into it: a form that is sent twice is one
// act, and one that was refused, and is mended after the browser's Back, is another.
func (v *visit) act() (string, error) {
	id, err := uuid.Parse(v.r.PostFormValue("act"))
	if err != nil {
		return "", office.Refuse("the form has no act: reload the page")
	}
	return uuid.NewSHA1(id, []byte(v.r.URL.Path+"?"+v.r.PostForm.Encode())).String(), nil
}

// perform makes the act of a form. If it is refused the page on which it was asked is shown again, with the reasons and
// what was typed.
func (v *visit) perform(again func(*visit) error, do func(act string) error) (bool, error) {
	act, err := v.act()
	if err == nil {
		err = do(act)
	}
	if err == nil {
		return true, nil
	}
	return false, v.refused(err, again)
}

// refused shows a page again with what was wrong; an error that is not about what was asked stays an error.
func (v *visit) refused(err error, again func(*visit) error) error {
	switch office.KindOf(err) {
	case office.Refused, office.Conflict, office.NotFound:
		v.faults, v.refusals, v.status = v.reasons(err), refusals(err), http.StatusUnprocessableEntity
	case office.Unavailable:
		v.pending, v.status = true, http.StatusServiceUnavailable
	default:
		return err
	}
	return again(v)
}

// faultOf is the fault of a field, in the visit's language: the refusal that begins with one of these words of the office.
func (v *visit) faultOf(beginnings ...string) string {
	for i, refusal := range v.refusals {
		for _, beginning := range beginnings {
			if strings.HasPrefix(refusal, beginning) {
				return v.faults[i]
			}
		}
	}
	return ""
}

// typed is what was just typed into a field of a form that was refused, else what is kept.
func (v *visit) typed(field, kept string) string {
	if v.r.Method == http.MethodPost && v.r.PostForm.Has(field) {
		return v.r.PostForm.Get(field)
	}
	return kept
}

// fail answers with a page that says what is wrong.
func (v *visit) fail(err error) {
	kind := office.KindOf(err)
	status := statuses[kind]
	if kind == office.Internal || kind == office.Unavailable {
		v.Log.Error("a page failed", "path", v.r.URL.Path, "error", err)
	}
	v.status = status
	page := problemPage{Status: status, Reasons: v.reasons(err)}
	if kind == office.Internal {
		page.Reasons = nil // nobody outside is told what went wrong inside
	}
	if err := v.render("problem", page); err != nil {
		v.Log.Error("couldn't show what went wrong", "error", err)
		http.Error(v.w, http.StatusText(status), status)
	}
}

type problemPage struct {
	Status  int
	Reasons []string
}

// statuses is what each kind of failure is in HTTP.
var statuses = map[office.Kind]int{
	office.Internal: http.StatusInternalServerError, office.NotFound: http.StatusNotFound,
	office.Refused: http.StatusUnprocessableEntity, office.Conflict: http.StatusConflict,
	office.Forbidden: http.StatusForbidden, office.Unavailable: http.StatusServiceUnavailable,
}

// refusals are the reasons of an error, as the office says them.
func refusals(err error) []string {
	var known *office.Error
	if !errors.As(err, &known) {
		return nil
	}
	return known.Reasons
}

// reasons are those of an error in the visit's language.
func (v *visit) reasons(err error) []string {
	told := make([]string, len(refusals(err)))
	for i, reason := range refusals(err) {
		told[i] = v.catalogue.reason(v.language, reason)
	}
	return told
}

// localPath accepts only an address of this server, for the way back after signing in.
func localPath(text string) string {
	parsed, err := url.Parse(text)
	if err != nil || parsed.IsAbs() || parsed.Host != "" || !strings.HasPrefix(text, "/") || strings.HasPrefix(text, "//") || strings.Contains(text, `\`) {
		return "/"
	}
	return parsed.RequestURI()
}

func connectionAddress(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// address is where the visit comes from, for the access log and the limits.
func (v *visit) address() string { return v.Address(v.r) }
