package portal

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/internal/stage"
	"github.com/kaoping/kaoping/office"
)

// roles are somebody of each. The unit of the last three is C01; D18 is not: media1 belongs to it, and may not score it.
var roles = []string{"admin", "leader", "deputy", "orgdept", "auditor", "media1", "c01.contact", "c01.head"}

const ownUnit, foreignUnit = "C01", "D18"

// gates are all routes, with what is asked there and how each of the roles is answered; where it concerns a unit, the
// last three once more, about a unit that is not theirs. A door answers everybody alike. Forms are whole enough to be
// looked at, and wrong or too late, so that nothing of the year changes: who may send them is told what is wrong.
var gates = []struct{ pattern, form, status string }{
	{"GET /login", "", "200"},
	{"POST /login", "login=nobody&password=wrong", "403"},
	{"POST /logout", "", "303"},
	{"GET /oidc", "", "404"},
	{"GET /oidc/callback", "", "404"},
	{"POST /preferences", "language=zh&here=/", "303"},
	{"GET /invitations/{token}", "", "200"},
	{"POST /invitations/{token}", "new=a good password&again=a good password", "422"},
	{"GET /{$}", "", "303 303 303 303 303 303 303 303"},
	{"GET /password", "", "200 200 200 200 200 200 200 200"},
	{"POST /password", "old=wrong&new=another password&again=another password", "422 422 422 422 422 422 422 422"},
	{"GET /years", "", "200 200 200 200 200 200 200 200"},
	{"POST /years/files", "", "303 403 403 403 403 403 403 403"},
	{"POST /years/drop", "part=none", "303 403 403 403 403 403 403 403"},
	{"POST /years/import", "", "422 403 403 403 403 403 403 403"},
	{"POST /years/next", "", "303 403 403 403 403 403 403 403"},
	{"GET /{authority}/{year}", "", "303 303 303 303 303 303 303 303"},
	{"GET /{authority}/{year}/{$}", "", "200 200 200 200 200 200 200 200"},
	{"GET /{authority}/{year}/setup", "", "200 403 403 403 403 403 403 403"},
	{"POST /{authority}/{year}/start", "", "422 403 403 403 403 403 403 403"},
	{"POST /{authority}/{year}/rehearse", "", "303 403 403 403 403 403 403 403"},
	{"POST /{authority}/{year}/tasks/done", "task=telephone/none", "422 403 403 403 403 403 403 403"},
	{"POST /{authority}/{year}/tasks/retry", "task=stuck/none", "422 403 403 403 403 403 403 403"},
	{"GET /{authority}/{year}/rectifications", "", "200 200 200 403 200 403 403 403"},
	{"GET /{authority}/{year}/rectifications/print", "", "200 200 200 403 200 403 403 403"},
	{"POST /{authority}/{year}/rectifications/problem", "edit={unit}/1&text=超期", "422 403 403 403 403 403 403 403  403 403 403"},
	{"POST /{authority}/{year}/rectifications/added", "add={unit}&text=超期&method=phone", "422 403 403 403 403 403 403 403  403 403 403"},
	{"POST /{authority}/{year}/rectifications/removed", "remove={unit}/1", "422 403 403 403 403 403 403 403  403 403 403"},
	{"POST /{authority}/{year}/rectifications/order", "which=chosen&unit={unit}", "422 403 403 403 403 403 403 403  403 403 403"},
	{"GET /{authority}/{year}/units/{unit}/rectification/{number}", "", "200 200 200 403 200 403 200 200  403 403 403"},
	{"POST /{authority}/{year}/units/{unit}/rectification/{number}/file", "do=file&text=", "403 403 403 403 403 403 422 403  403 403 403"},
	{"POST /{authority}/{year}/units/{unit}/rectification/{number}/accept", "seen-1=", "422 403 403 403 403 403 403 403  403 403 403"},
	{"POST /{authority}/{year}/units/{unit}/rectification/{number}/back", "back_reason=&back_due=2026-03-20", "422 403 403 403 403 403 403 403  403 403 403"},
	{"POST /{authority}/{year}/units/{unit}/rectification/{number}/extend", "extension_reason=理由&extension_due=2025-03-20", "422 403 403 403 403 403 403 403  403 403 403"},
	{"GET /{authority}/{year}/units/{unit}/rectification/{number}/evidence/{digest}", "", "200 200 200 403 200 403 200 200  403 403 403"},
	{"GET /{authority}/{year}/consequences", "", "200 200 200 403 200 403 403 403"},
	{"POST /{authority}/{year}/consequences/violation", "unit={unit}&facts=事实&evidence=&severity=ordinary", "422 403 403 403 403 403 403 403  403 403 403"},
	{"GET /{authority}/{year}/units/{unit}/consequences", "", "200 200 200 403 200 403 200 200  403 403 403"},
	{"POST /{authority}/{year}/units/{unit}/consequences/{number}/{decision}", "reason=", "422 422 403 403 403 403 404 404  403 403 403"},
	{"GET /{authority}/{year}/units/{unit}/consequences/{number}/record", "", "200 200 200 403 200 403 200 200  403 403 403"},
	{"GET /{authority}/{year}/sheets", "", "200 403 403 403 200 200 403 403"},
	{"GET /{authority}/{year}/sheets/by", "", "403 403 403 403 403 200 403 403"},
	{"GET /{authority}/{year}/sheets/by/{indicator}", "", "403 403 403 403 403 200 403 403"},
	{"GET /{authority}/{year}/sheets/{unit}", "", "200 403 403 403 200 200 403 403  403 403 403"},
	{"POST /{authority}/{year}/sheets/{unit}", "indicator=3.1&points=8", "403 403 403 403 403 422 403 403  403 403 403"},
	{"POST /{authority}/{year}/sheets/{unit}/submit", "", "403 403 403 403 403 422 403 403  403 403 403"},
	{"GET /{authority}/{year}/approval", "", "303 303 303 403 403 403 403 403"},
	{"GET /{authority}/{year}/approval/{number}", "", "200 200 200 403 403 403 403 403"},
	{"GET /{authority}/{year}/approval/{number}/units/{unit}", "", "200 200 200 403 403 403 403 403  403 403 403"},
	{"POST /{authority}/{year}/approval/{number}/approve", "digest=x", "403 422 422 403 403 403 403 403"},
	{"POST /{authority}/{year}/approval/{number}/return", "digest=x&which=all&general=请复核&due=2026-03-20", "403 422 422 403 403 403 403 403"},
	{"GET /{authority}/{year}/whatif", "", "200 403 403 403 403 403 403 403"},
	{"GET /{authority}/{year}/adjustments", "", "200 200 200 403 200 200 200 200"},
	{"POST /{authority}/{year}/adjustments", "unit={unit}&clause=10.1&event=表彰&evidence=文件", "422 403 403 403 403 422 422 403  422 403 403"},
	{"GET /{authority}/{year}/adjustments/{id}", "", "200 403 403 403 403 403 403 403  403 403 403"},
	{"POST /{authority}/{year}/adjustments/{id}/confirm", "correction=", "422 403 403 403 403 403 403 403  403 403 403"},
	{"POST /{authority}/{year}/adjustments/{id}/reject", "rejection=", "422 403 403 403 403 403 403 403  403 403 403"},
	{"GET /{authority}/{year}/overview", "", "200 200 200 403 403 403 403 403"},
	{"GET /{authority}/{year}/overview.csv", "what=heat", "200 200 200 403 403 403 403 403"},
	{"GET /{authority}/{year}/results", "", "200 200 200 200 200 403 403 403"},
	{"GET /{authority}/{year}/results.csv", "", "200 200 200 200 200 403 403 403"},
	{"GET /{authority}/{year}/results.xlsx", "", "200 200 200 200 200 403 403 403"},
	{"GET /{authority}/{year}/notice", "", "200 200 200 200 200 200 200 200"},
	{"GET /{authority}/{year}/bulletin", "", "303 303 303 303 303 303 303 303"},
	{"GET /{authority}/{year}/bulletin/{number}", "", "200 200 200 200 200 200 200 200"},
	{"GET /{authority}/{year}/audit", "", "200 403 403 403 200 403 403 403"},
	{"GET /{authority}/{year}/book.json", "", "200 403 403 403 200 403 403 403"},
	{"GET /{authority}/{year}/journal.jsonl", "", "200 403 403 403 200 403 403 403"},
	{"GET /{authority}/{year}/year", "", "200 200 200 403 200 403 403 403"},
	{"GET /{authority}/{year}/year/selection", "do=remind&unit={unit}", "200 403 403 403 403 403 403 403  403 403 403"},
	{"POST /{authority}/{year}/year/selection", "do=extend&phase=review&unit={unit}&to=2025-12-01&reason=理由", "422 403 403 403 403 403 403 403  403 403 403"},
	{"GET /{authority}/{year}/dates", "", "200 200 200 403 200 403 403 403"},
	{"POST /{authority}/{year}/dates", "phase=review&to=2025-12-01&reason=理由", "422 403 403 403 403 403 403 403"},
	{"GET /{authority}/{year}/mails", "", "200 403 403 403 200 403 403 403"},
	{"POST /{authority}/{year}/mails/done", "task=telephone/none&note=已告知", "422 403 403 403 403 403 403 403"},
	{"POST /{authority}/{year}/mails/address", "whose={unit}&email=none", "422 403 403 403 403 403 403 403  403 403 403"},
	{"GET /{authority}/{year}/calls", "", "200 403 403 403 403 403 403 403"},
	{"GET /{authority}/{year}/journal", "", "200 403 403 403 200 403 403 403"},
	{"GET /{authority}/{year}/people", "", "200 403 403 403 403 403 403 403"},
	{"POST /{authority}/{year}/people/invite", "", "303 403 403 403 403 403 403 403"},
	{"GET /{authority}/{year}/people/{login}", "", "200 403 403 403 403 403 403 403"},
	{"POST /{authority}/{year}/people/{login}/invite", "", "303 403 403 403 403 403 403 403"},
	{"POST /{authority}/{year}/people/{login}/reset", "", "303 403 403 403 403 403 403 403"},
	{"POST /{authority}/{year}/people/{login}/sessions", "", "303 403 403 403 403 403 403 403"},
	{"POST /{authority}/{year}/people/{login}/replace", "login=web3&name=王新&email=none", "422 403 403 403 403 403 403 403"},
	{"GET /{authority}/{year}/access", "", "200 403 403 403 403 403 403 403"},
	{"GET /{authority}/{year}/administration", "", "200 403 403 403 403 403 403 403"},
	{"POST /{authority}/{year}/administration/cancel", "sure=1&reason=", "422 403 403 403 403 403 403 403"},
	{"GET /{authority}/{year}/administration/reopen", "unit={unit}", "200 403 403 403 403 403 403 403  403 403 403"},
	{"POST /{authority}/{year}/administration/reopen", "unit={unit}&reason=", "422 403 403 403 403 403 403 403  403 403 403"},
	{"GET /{authority}/{year}/rules", "", "200 200 200 200 200 200 200 200"},
	{"GET /{authority}/{year}/units/{unit}", "", "200 200 200 403 200 403 200 200  403 403 403"},
	{"POST /{authority}/{year}/units/{unit}/third", "assessor=web1", "422 403 403 403 403 403 403 403  403 403 403"},
	{"GET /{authority}/{year}/units/{unit}/report", "", "200 403 403 403 200 200 200 200  403 403 403"},
	{"POST /{authority}/{year}/units/{unit}/report/item", "statement=已落实", "403 403 403 403 403 403 422 403  403 403 403"},
	{"POST /{authority}/{year}/units/{unit}/report/submit", "", "403 403 403 403 403 403 422 403  403 403 403"},
	{"POST /{authority}/{year}/units/{unit}/report/return", "date=2025-12-01&reason=理由", "422 403 403 403 403 403 403 403  403 403 403"},
	{"POST /{authority}/{year}/units/{unit}/report/extend", "date=2025-12-01&reason=理由", "422 403 403 403 403 403 403 403  403 403 403"},
	{"GET /{authority}/{year}/units/{unit}/evidence/{sha}/{name}", "", "200 403 403 403 200 200 200 200  403 403 403"},
	{"GET /{authority}/{year}/units/{unit}/results", "", "200 200 200 403 200 403 200 200  403 403 403"},
	{"GET /{authority}/{year}/units/{unit}/feedback", "", "200 200 200 403 200 403 200 200  403 403 403"},
}

// Every route answers every role as it should, about the own unit and another one, and nobody who has not signed in.
// Whoever read what is another's is in the access log.
func TestEveryRouteForEverybody(t *testing.T) {
	t.Parallel()
	b := lived(t)
	signs := b.gateSigns(t)
	browsers := map[string]*browser{}
	for _, login := range roles {
		browsers[login] = b.as(t, login)
	}
	nobody := b.browser(t)
	for _, w := range append(slices.Collect(maps.Values(browsers)), nobody) {
		w.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	before := b.text(t, `SELECT max(seq)::text FROM journal`)
	for _, gate := range gates {
		wanted := strings.Fields(gate.status)
		if len(wanted) == 1 {
			nobody.knock(gate.pattern, gate.form, signs[ownUnit], wanted[0])
			continue
		}
		nobody.knock(gate.pattern, gate.form, signs[ownUnit], map[bool]string{true: "303", false: "401"}[strings.HasPrefix(gate.pattern, "GET ")])
		for i, status := range wanted {
			login, unit := roles[i%len(roles)], ownUnit
			if i >= len(roles) {
				login, unit = roles[i-3], foreignUnit
			}
			browsers[login].knock(gate.pattern, gate.form, signs[unit], status)
		}
	}
	want(t, "the end of the journal", b.text(t, `SELECT max(seq)::text FROM journal`), before)
	want(t, "who read what", b.text(t, `SELECT string_agg(DISTINCT event || ' ' || login, ', ') FROM access_log WHERE event LIKE '%read'`),
		"admin_read admin, book_read admin, book_read auditor, evidence_read admin, evidence_read auditor, evidence_read deputy, evidence_read leader, "+
			"evidence_read media1, journal_read admin, journal_read auditor, report_read admin, report_read auditor, report_read deputy, report_read leader, "+
			"report_read media1, results_read admin, results_read auditor, results_read deputy, results_read leader, results_read orgdept, sheet_read admin, sheet_read auditor")
}

// A route that the table leaves out would be one that nobody has thought about.
func TestTheTableOfRoutesIsComplete(t *testing.T) {
	t.Parallel()
	routes := slices.Concat(doors, rooms, pages)
	for i, route := range routes {
		if i >= len(gates) || gates[i].pattern != route.pattern {
			t.Fatalf("the table leaves out %s, or has it at another place", route.pattern)
		}
	}
	want(t, "the number of gates", strconv.Itoa(len(gates)), strconv.Itoa(len(routes)))
	columns := map[bool]int{false: len(roles), true: len(roles) + 3}
	for i, gate := range gates {
		concerns := strings.Contains(gate.pattern+gate.form, "{unit}") || strings.Contains(gate.pattern, "{id}")
		if got := len(strings.Fields(gate.status)); i >= len(doors) && got != columns[concerns] {
			t.Errorf("%s has %d answers, want %d", gate.pattern, got, columns[concerns])
		}
	}
}

// gateSigns are what to write for the names in a pattern or form, by unit.
func (b *bundle) gateSigns(t *testing.T) map[string]*strings.Replacer {
	t.Helper()
	signs := map[string]*strings.Replacer{}
	for _, unit := range []string{ownUnit, foreignUnit} {
		list, err := b.As("admin").Consequences(t.Context(), unit)
		stage.Must(t, err)
		signs[unit] = strings.NewReplacer(
			"{authority}/{year}", "pingliang/2025", "{$}", "", "{unit}", unit, "{id}", b.adjust(t, unit, "10.1", "省级表彰"), "{login}", "web1", "{token}", "unknown",
			"rectification/{number}", "rectification/0", "{digest}", digestOf(pdf), "{sha}/{name}", digestOf(pdf)+"/台账.pdf",
			"{number}/record", strconv.Itoa(int(list[0].Number))+"/record", "{number}/{decision}", strconv.Itoa(int(list[1].Number))+"/waive",
			"{number}", "1", "{indicator}", "3.1", "report/item", "report/item?indicator=1.1",
		)
	}
	return signs
}

// knock asks for a route and wants a status.
func (w *browser) knock(pattern, form string, signs *strings.Replacer, status string) {
	w.t.Helper()
	method, path, _ := strings.Cut(signs.Replace(pattern), " ")
	values, err := url.ParseQuery(signs.Replace(form))
	stage.Must(w.t, err)
	var answer *page
	switch {
	case pattern == "POST /years/files":
		answer = w.upload(sampleFiles(w.t))
	case method == http.MethodPost:
		values.Set("act", act)
		answer = w.post(path, values)
	default:
		answer = w.get(path + "?" + values.Encode())
	}
	if got := strconv.Itoa(answer.status); got != status {
		w.t.Errorf("%s answers %s with %s, want %s: %s", answer.path, w.login, got, status, answer.text())
	}
}

// lived is a year in which everything has happened that a page can show, on 2 March 2026: reports with evidence are in,
// results are out, rectifications ordered and measures filed; of two violations of each unit one has led to an interview.
func lived(t *testing.T) *bundle {
	t.Helper()
	b := opened(t, stage.Running(t))
	b.At(stage.Day(time.December, 10), 10)
	for _, contact := range []string{"c01.contact", "c02.contact", "d18.contact"} {
		desk := b.As(contact)
		file, err := desk.AttachFile(t.Context(), "台账.pdf", strings.NewReader(pdf))
		stage.Must(t, err)
		writes(t, b, desk.Person.Unit)
		stage.Must(t, desk.AddEvidence(t.Context(), desk.Person.Unit, "1.1", file))
		_, err = desk.SubmitReport(t.Context(), "submit/"+contact)
		stage.Must(t, err)
	}
	b.At(stage.Day(time.December, 22), 10)
	for _, assessor := range assessors {
		scores(t, b, assessor, given{"web1 C01 3.1": 700, "web1 D18 3.1": 700})
	}
	b.release(t)
	b.At(calendar.Date{Year: 2026, Month: time.March, Day: 2}, 9)
	stage.Must(t, b.As("admin").OrderRectifications(t.Context(), "order"))
	for _, unit := range []string{ownUnit, foreignUnit} {
		b.meet(t, unit)
		desk := b.As(strings.ToLower(unit) + ".contact")
		file, err := desk.AttachFile(t.Context(), "对照表.pdf", strings.NewReader(pdf))
		stage.Must(t, err)
		stage.Must(t, desk.FileMeasures(t.Context(), "measures/"+unit, 0, "逐项整改", file))
	}
	return b
}

// meet records two violations of a unit and imposes an interview for the first; it answers its number.
func (b *bundle) meet(t *testing.T, unit string) string {
	t.Helper()
	admin := b.As("admin")
	for _, facts := range []string{"拒不公开", "再次拒不公开"} {
		_, err := admin.RecordViolation(t.Context(), facts+unit, unit, office.ViolationFacts{Facts: facts, Evidence: "投诉件", Severity: "ordinary"})
		stage.Must(t, err)
	}
	list, err := admin.Consequences(t.Context(), unit)
	stage.Must(t, err)
	stage.Must(t, admin.DecideConsequence(t.Context(), "interview/"+unit, int(list[0].Number), true, calendar.Date{Year: 2026, Month: time.April, Day: 3}, office.Decision{
		Reason: "情况属实", Interview: &office.Interview{Date: admin.Today(), Persons: "局长", Text: "限期整改"},
	}))
	return strconv.Itoa(int(list[0].Number))
}
