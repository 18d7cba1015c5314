package portal

import (
	"context"
	"net/http"
	"slices"
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

	{"GET /{authority}/{year}/rectifications", (*visit).showRectifications},
	{"GET /{authority}/{year}/rectifications/print", (*visit).printRectifications},
	{"POST /{authority}/{year}/rectifications/problem", (*visit).editProblem},
	{"POST /{authority}/{year}/rectifications/added", (*visit).addProblem},
	{"POST /{authority}/{year}/rectifications/removed", (*visit).removeProblem},
	{"POST /{authority}/{year}/rectifications/order", (*visit).orderRectifications},
	{"GET /{authority}/{year}/units/{unit}/rectification/{number}", (*visit).showRectification},
	{"POST /{authority}/{year}/units/{unit}/rectification/{number}/file", (*visit).fileRectification},
	{"POST /{authority}/{year}/units/{unit}/rectification/{number}/accept", (*visit).acceptRectification},
	{"POST /{authority}/{year}/units/{unit}/rectification/{number}/back", (*visit).sendBackRectification},
	{"POST /{authority}/{year}/units/{unit}/rectification/{number}/extend", (*visit).extendRectification},
	{"GET /{authority}/{year}/units/{unit}/rectification/{number}/evidence/{digest}", (*visit).downloadFiled},
	{"GET /{authority}/{year}/consequences", (*visit).showConsequences},
	{"POST /{authority}/{year}/consequences/violation", (*visit).recordViolation},
	{"GET /{authority}/{year}/units/{unit}/consequences", (*visit).showUnitConsequences},
	{"POST /{authority}/{year}/units/{unit}/consequences/{number}/{decision}", (*visit).decideConsequence},
	{"GET /{authority}/{year}/units/{unit}/consequences/{number}/record", (*visit).showInterviewRecord},
	{"GET /{authority}/{year}/sheets", (*visit).showSheets},
	{"GET /{authority}/{year}/sheets/by", (*visit).showSheetIndicators},
	{"GET /{authority}/{year}/sheets/by/{indicator}", (*visit).showByIndicator},
	{"GET /{authority}/{year}/sheets/{unit}", (*visit).showSheet},
	{"POST /{authority}/{year}/sheets/{unit}", (*visit).saveScore},
	{"POST /{authority}/{year}/sheets/{unit}/submit", (*visit).submitSheet},

	{"GET /{authority}/{year}/approval", (*visit).showNewestApproval},
	{"GET /{authority}/{year}/approval/{number}", (*visit).showApproval},
	{"GET /{authority}/{year}/approval/{number}/units/{unit}", (*visit).showProposedUnit},
	{"POST /{authority}/{year}/approval/{number}/approve", (*visit).approve},
	{"POST /{authority}/{year}/approval/{number}/return", (*visit).returnProposal},
	{"GET /{authority}/{year}/whatif", (*visit).showWhatIf},
	{"GET /{authority}/{year}/adjustments", (*visit).showAdjustments},
	{"POST /{authority}/{year}/adjustments", (*visit).proposeAdjustment},
	{"GET /{authority}/{year}/adjustments/{id}", (*visit).showAdjustment},
	{"POST /{authority}/{year}/adjustments/{id}/confirm", (*visit).confirmAdjustment},
	{"POST /{authority}/{year}/adjustments/{id}/reject", (*visit).rejectAdjustment},
	{"GET /{authority}/{year}/overview", (*visit).showOverview},
	{"GET /{authority}/{year}/overview.csv", (*visit).sendOverview},
	{"GET /{authority}/{year}/results", (*visit).showResults},
	{"GET /{authority}/{year}/results.csv", (*visit).sendResultsTable},
	{"GET /{authority}/{year}/results.xlsx", (*visit).sendResultsFile},
	{"GET /{authority}/{year}/notice", (*visit).showNotice},
	{"GET /{authority}/{year}/bulletin", (*visit).showNewestBulletin},
	{"GET /{authority}/{year}/bulletin/{number}", (*visit).showBulletin},
	{"GET /{authority}/{year}/audit", (*visit).showAudit},
	{"GET /{authority}/{year}/book.json", (*visit).sendBook},
	{"GET /{authority}/{year}/journal.jsonl", (*visit).sendJournal},

	{"GET /{authority}/{year}/year", (*visit).showYear},
	{"GET /{authority}/{year}/year/selection", (*visit).showSelection},
	{"POST /{authority}/{year}/year/selection", (*visit).actOnSelection},
	{"GET /{authority}/{year}/dates", (*visit).showDates},
	{"POST /{authority}/{year}/dates", (*visit).moveDate},
	{"GET /{authority}/{year}/mails", (*visit).showMails},
	{"POST /{authority}/{year}/mails/done", (*visit).finishCall},
	{"POST /{authority}/{year}/mails/address", (*visit).changeAddress},
	{"GET /{authority}/{year}/calls", (*visit).showCalls},
	{"GET /{authority}/{year}/journal", (*visit).showJournal},
	{"GET /{authority}/{year}/people", (*visit).showPeople},
	{"POST /{authority}/{year}/people/invite", (*visit).inviteAll},
	{"GET /{authority}/{year}/people/{login}", (*visit).showPerson},
	{"POST /{authority}/{year}/people/{login}/invite", (*visit).invitePerson},
	{"POST /{authority}/{year}/people/{login}/reset", (*visit).resetPerson},
	{"POST /{authority}/{year}/people/{login}/sessions", (*visit).endSessions},
	{"POST /{authority}/{year}/people/{login}/replace", (*visit).replacePerson},
	{"GET /{authority}/{year}/access", (*visit).showAccess},
	{"GET /{authority}/{year}/administration", (*visit).showAdministration},
	{"POST /{authority}/{year}/administration/cancel", (*visit).cancelYear},
	{"GET /{authority}/{year}/administration/reopen", (*visit).showReopening},
	{"POST /{authority}/{year}/administration/reopen", (*visit).reopenReviews},
	{"GET /{authority}/{year}/rules", (*visit).showRules},
	{"GET /{authority}/{year}/units/{unit}", (*visit).showUnit},
	{"POST /{authority}/{year}/units/{unit}/third", (*visit).nameThird},
	{"GET /{authority}/{year}/units/{unit}/report", (*visit).showReport},
	{"POST /{authority}/{year}/units/{unit}/report/item", (*visit).saveItem},
	{"POST /{authority}/{year}/units/{unit}/report/submit", (*visit).submitReport},
	{"POST /{authority}/{year}/units/{unit}/report/return", (*visit).returnReport},
	{"POST /{authority}/{year}/units/{unit}/report/extend", (*visit).extendReport},
	{"GET /{authority}/{year}/units/{unit}/evidence/{sha}/{name}", (*visit).sendEvidence},
	{"GET /{authority}/{year}/units/{unit}/results", (*visit).showUnitResults},
	{"GET /{authority}/{year}/units/{unit}/feedback", (*visit).showFeedback},
}

// Patterns are all routes but those of static files, as http.ServeMux writes them.
func Patterns() []string {
	var patterns []string
	for _, route := range slices.Concat(doors, rooms, pages) {
		patterns = append(patterns, route.pattern)
	}
	return patterns
}

func (p *Portal) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /static/{file}", p.statics.Serve)
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
