package portal

import (
	"context"
	"net/http"
	"strconv"
	"strings"
)

// route is one address and what answers it.
type route struct {
	pattern string
	serve   func(*visit) error
}

// doors are open to everybody.
var doors = []route{
	{"GET /login", (*visit).showLogin},
	{"POST /login", (*visit).login},
	{"POST /logout", (*visit).logout},
	{"GET /oidc", (*visit).toProvider},
	{"GET /oidc/callback", (*visit).fromProvider},
	{"POST /preferences", (*visit).prefer},
	{"GET /invitations/{token}", (*visit).showInvitation},
	{"POST /invitations/{token}", (*visit).redeem},
}

// rooms are for whoever has signed in, whatever the cycle.
var rooms = []route{
	{"GET /{$}", (*visit).enter},
	{"GET /password", (*visit).showPassword},
	{"POST /password", (*visit).changePassword},
	{"GET /years", (*visit).showYears},
	{"POST /years/files", (*visit).keepFiles},
	{"POST /years/drop", (*visit).dropFile},
	{"POST /years/import", (*visit).importYear},
	{"POST /years/next", (*visit).nextYear},
}

// pages belong to a cycle: /AUTHORITY/YEAR/…, a rehearsal's behind /rehearsal/N.
var pages = []route{
	{"GET /{authority}/{year}", (*visit).home},
	{"GET /{authority}/{year}/{$}", (*visit).showTasks},
	{"GET /{authority}/{year}/setup", (*visit).showSetup},
	{"POST /{authority}/{year}/start", (*visit).startYear},
	{"POST /{authority}/{year}/rehearse", (*visit).rehearse},
	{"POST /{authority}/{year}/tasks/done", (*visit).finishTask},
	{"POST /{authority}/{year}/tasks/retry", (*visit).retryStep},
	{"GET /{authority}/{year}/sheets", (*visit).showSheets},
	{"GET /{authority}/{year}/sheets/by", (*visit).showSheetIndicators},
	{"GET /{authority}/{year}/sheets/by/{indicator}", (*visit).showByIndicator},
	{"GET /{authority}/{year}/sheets/{unit}", (*visit).showSheet},
	{"POST /{authority}/{year}/sheets/{unit}", (*visit).saveScore},
	{"POST /{authority}/{year}/sheets/{unit}/submit", (*visit).submitSheet},
}

func (p *Portal) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /static/{file}", p.statics.serve)
	for _, route := range doors {
		mux.HandleFunc(route.pattern, p.open(route.serve))
	}
	for _, route := range rooms {
		mux.HandleFunc(route.pattern, p.open(signedIn(route.serve)))
	}
	for _, route := range pages {
		mux.HandleFunc(route.pattern, p.open(signedIn(inCycle(route.serve))))
	}
	mux.HandleFunc("/", p.open(signedIn(nowhere)))
	return mux
}

// rehearsalKey keeps a rehearsal's number with the request.
type rehearsalKey struct{}

// withoutPrefix takes /rehearsal/N off the path: behind it the addresses are the same.
func withoutPrefix(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rest, behind := strings.CutPrefix(r.URL.Path, "/rehearsal/")
		number, path, _ := strings.Cut(rest, "/")
		if n, err := strconv.Atoi(number); behind && err == nil && n > 0 && strconv.Itoa(n) == number {
			r = r.Clone(context.WithValue(r.Context(), rehearsalKey{}, n))
			r.URL.Path, r.URL.RawPath = "/"+path, ""
		}
		next.ServeHTTP(w, r)
	})
}

func rehearsalOf(r *http.Request) int {
	number, _ := r.Context().Value(rehearsalKey{}).(int)
	return number
}
