package public

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/documents"
	"github.com/kaoping/kaoping/internal/stage"
	"github.com/kaoping/kaoping/schemas"
	"github.com/kaoping/kaoping/store"
)

func TestMain(m *testing.M) { stage.Main(m, endChromium) }

// bundle is the public's site over a fresh database whose evaluation is open.
type bundle struct {
	*stage.Stage
	site   *Site
	server *httptest.Server
	clock  atomic.Pointer[time.Time]
	cycle  int64
}

const at = "/e/pingliang/2025"

// opened serves the sample's evaluation; it costs neither work nor waiting, and nobody is counted, unless change says so.
func opened(t *testing.T, change func(*Config)) *bundle {
	t.Helper()
	b := &bundle{Stage: stage.Empty(t)}
	now := time.Date(2025, 10, 20, 10, 0, 0, 0, time.UTC)
	b.clock.Store(&now)
	files, err := fs.Sub(schemas.Data, "data/pingliang")
	stage.Must(t, err)
	set, err := documents.ReadDataSet(files, b.Rules, calendar.Seed()...)
	stage.Must(t, err)
	_, err = b.Import(t.Context(), set)
	stage.Must(t, err)
	cycle, err := b.Find(t.Context(), "pingliang/2025/evaluation", 0)
	stage.Must(t, err)
	b.cycle = cycle.CycleID
	b.execute(t, `UPDATE cycles SET state = 'running' WHERE cycle_id = $1`, b.cycle)
	b.window(t, "open")
	kept, err := store.OpenPublic(t.Context(), store.Config{URL: b.URL})
	stage.Must(t, err)
	config := Config{
		Store: kept, Rules: b.Rules, URL: "http://public.example", Per: time.Minute,
		Address: func(*http.Request) string { return "192.0.2.1" },
		Now:     func() time.Time { return *b.clock.Load() }, Log: slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&config)
	}
	b.site, err = New(config)
	stage.Must(t, err)
	b.server = httptest.NewServer(b.site)
	t.Cleanup(func() {
		b.server.Close()
		stage.Must(t, kept.Close())
	})
	return b
}

func (b *bundle) execute(t *testing.T, statement string, args ...any) {
	t.Helper()
	_, err := b.DB.ExecContext(t.Context(), statement, args...)
	stage.Must(t, err)
}

// window sets what the workflow sets; the pages see it when what they know is old.
func (b *bundle) window(t *testing.T, state string) {
	t.Helper()
	b.execute(t, `UPDATE evaluations SET window_state = $1`, state)
	b.pass(freshFor)
}

func (b *bundle) pass(time time.Duration) {
	later := b.clock.Load().Add(time)
	b.clock.Store(&later)
}

func (b *bundle) count(t *testing.T, query string) int {
	t.Helper()
	var n int
	stage.Must(t, b.DB.QueryRowContext(t.Context(), query).Scan(&n))
	return n
}

func (b *bundle) ballots(t *testing.T) int {
	t.Helper()
	return b.count(t, `SELECT count(*) FROM ballots`)
}

// browser keeps cookies and runs no script.
type browser struct {
	*http.Client
	b *bundle
}

func (b *bundle) browser(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	stage.Must(t, err)
	return &browser{&http.Client{Jar: jar}, b}
}

// page is what a browser got.
type page struct {
	status int
	header http.Header
	body   string
}

func read(t *testing.T, response *http.Response, err error) page {
	t.Helper()
	stage.Must(t, err)
	body, err := io.ReadAll(response.Body)
	stage.Must(t, err)
	stage.Must(t, response.Body.Close())
	return page{response.StatusCode, response.Header, string(body)}
}

func (w *browser) get(t *testing.T, path string) page {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.b.server.URL+path, nil)
	stage.Must(t, err)
	response, err := w.Do(request)
	return read(t, response, err)
}

func (w *browser) post(t *testing.T, path, kind, body string) page {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.b.server.URL+path, strings.NewReader(body))
	stage.Must(t, err)
	request.Header.Set("Content-Type", kind)
	response, err := w.Do(request)
	return read(t, response, err)
}

// send posts a ballot as a program does.
func (w *browser) send(t *testing.T, ballot any) page {
	t.Helper()
	text, err := json.Marshal(ballot)
	stage.Must(t, err)
	return w.post(t, at+"/ballots", "application/json", string(text))
}

// body is a ballot as a program sends it.
type body struct {
	Key     string            `json:"key"`
	Unit    string            `json:"unit"`
	Answers map[string]string `json:"answers"`
	Comment string            `json:"comment,omitempty"`
	Altcha  string            `json:"altcha,omitempty"`
}

func of(unit string) body {
	return body{Key: uuid.NewString(), Unit: unit, Answers: map[string]string{"content": "satisfied", "other": "dissatisfied"}}
}

// fields are those of a page's form that somebody has filled in.
func fields(t *testing.T, shown page, unit string) url.Values {
	t.Helper()
	filled := url.Values{"unit": {unit}, "answers.content": {"satisfied"}, "comment": {"还不错"}}
	for _, hidden := range regexp.MustCompile(`<input type="hidden" name="([a-z]+)" value="([^"]*)">`).FindAllStringSubmatch(shown.body, -1) {
		filled.Set(hidden[1], hidden[2])
	}
	if filled.Get("key") == "" {
		t.Fatalf("the page has no form:\n%s", shown.body)
	}
	return filled
}

const formType = "application/x-www-form-urlencoded"

func (p page) wants(t *testing.T, status int, says ...string) page {
	t.Helper()
	if p.status != status {
		t.Fatalf("the answer is %d, want %d:\n%.2000s", p.status, status, p.body)
	}
	for _, text := range says {
		if !strings.Contains(p.body, text) {
			t.Fatalf("the answer does not say %q:\n%.3000s", text, p.body)
		}
	}
	return p
}

// receipt is that of an accepted ballot.
func (p page) receipt(t *testing.T) string {
	t.Helper()
	if found := regexp.MustCompile(`[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}`).FindString(p.body); found != "" {
		return found
	}
	t.Fatalf("there is no receipt in\n%s", p.body)
	return ""
}

// faults are those of a program's answer: path, then message.
func (p page) faults(t *testing.T) string {
	t.Helper()
	var answer struct {
		Errors []toldFault `json:"errors"`
	}
	decoder := json.NewDecoder(bytes.NewBufferString(p.body))
	decoder.DisallowUnknownFields()
	stage.Must(t, decoder.Decode(&answer))
	var out strings.Builder
	for _, fault := range answer.Errors {
		_, _ = fmt.Fprintf(&out, "%s: %s\n", fault.Path, fault.Message)
	}
	return out.String()
}

// addresses are all that a page names.
func addresses(body string) []string {
	var found []string
	for _, match := range regexp.MustCompile(`(?:href|src|action|data-challenge)="([^"]*)"`).FindAllStringSubmatch(body, -1) {
		found = append(found, match[1])
	}
	return found
}

// weigh is what goes over the wire for an address, heads aside.
func weigh(t *testing.T, b *bundle, path string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.server.URL+path, nil)
	stage.Must(t, err)
	request.Header.Set("Accept-Encoding", "gzip")
	response, err := http.DefaultTransport.RoundTrip(request)
	return len(read(t, response, err).body)
}
