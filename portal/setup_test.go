package portal

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/alexedwards/argon2id"
	"golang.org/x/net/html"

	"github.com/kaoping/kaoping/internal/stage"
)

func TestMain(m *testing.M) { stage.Main(m, endChromium) }

// bundle is a portal over a stage, served on a port of its own, and the letters that it posted.
type bundle struct {
	*stage.Stage
	portal *Portal
	server *httptest.Server

	mu      sync.Mutex
	letters []Letter
}

// opened serves a stage.
func opened(t *testing.T, s *stage.Stage) *bundle {
	t.Helper()
	b := &bundle{Stage: s}
	portal, err := New(Config{Office: s.Office, URL: "http://kaoping.example", Post: b.post, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	stage.Must(t, err)
	b.portal = portal
	b.server = httptest.NewServer(portal)
	t.Cleanup(b.server.Close)
	return b
}

func (b *bundle) post(_ context.Context, _ string, letter Letter) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.letters = append(b.letters, letter)
	return nil
}

const password = "a good password"

// browser is one person's, with its own cookies. It follows redirects as browsers do.
type browser struct {
	t      *testing.T
	b      *bundle
	client *http.Client
	// login is who has signed in; empty: nobody.
	login string
}

func (b *bundle) browser(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	stage.Must(t, err)
	return &browser{t: t, b: b, client: &http.Client{Jar: jar}}
}

// cheapHash is of the password, made once: how real ones are hashed is tested in office, and would take most of the time
// here.
var cheapHash = sync.OnceValues(func() (string, error) {
	return argon2id.CreateHash(password, &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
})

// as is the browser of somebody who has signed in.
func (b *bundle) as(t *testing.T, login string) *browser {
	t.Helper()
	hash, err := cheapHash()
	stage.Must(t, err)
	_, err = b.DB.ExecContext(t.Context(), `INSERT INTO accounts (authority, login, password, email) VALUES ('pingliang', $1, $2, $1 || '@example.com')
		ON CONFLICT (authority, rehearsing, login) DO UPDATE SET password = EXCLUDED.password`, login, hash)
	stage.Must(t, err)
	w := b.browser(t)
	w.login = login
	page := w.post("/login", url.Values{"login": {login}, "password": {password}, "next": {"/"}})
	if page.status != http.StatusOK || page.path == "/login" {
		t.Fatalf("%s could not sign in: %d %s\n%s", login, page.status, page.path, page.text())
	}
	return w
}

// page is an answer: its status, the path at which redirects ended, its HTML.
type page struct {
	t      *testing.T
	status int
	path   string
	header http.Header
	body   string
	root   *html.Node
}

// cycle is where the sample's pages begin.
const cycle = "/pingliang/2025/"

// get opens a page; a path without a leading slash is one of the sample's year.
func (w *browser) get(path string) *page {
	w.t.Helper()
	request, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.address(path), http.NoBody)
	stage.Must(w.t, err)
	return w.do(request)
}

// post sends a form, urlencoded.
func (w *browser) post(path string, form url.Values) *page {
	w.t.Helper()
	request, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.address(path), strings.NewReader(form.Encode()))
	stage.Must(w.t, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return w.do(request)
}

func (w *browser) address(path string) string {
	if !strings.HasPrefix(path, "/") {
		path = cycle + path
	}
	return w.b.server.URL + path
}

func (w *browser) do(request *http.Request) *page {
	w.t.Helper()
	response, err := w.client.Do(request)
	stage.Must(w.t, err)
	defer func() { _ = response.Body.Close() }() // all of it is read
	body, err := io.ReadAll(response.Body)
	stage.Must(w.t, err)
	p := &page{t: w.t, status: response.StatusCode, path: response.Request.URL.RequestURI(), header: response.Header, body: string(body)}
	p.root, err = html.Parse(strings.NewReader(p.body))
	stage.Must(w.t, err)
	if _, key, missing := strings.Cut(p.body, "⟨"); missing {
		key, _, _ = strings.Cut(key, "⟩")
		w.t.Errorf("%s: the message %s is missing", p.path, key)
	}
	return p
}

// text is what a person reads in the page's main part, with its white space folded.
func (p *page) text() string {
	main := p.find(func(n *html.Node) bool { return n.Data == "main" })
	if main == nil {
		return ""
	}
	return textOf(main)
}

func textOf(node *html.Node) string {
	var words []string
	for n := range node.Descendants() {
		if n.Type == html.TextNode {
			words = append(words, strings.Fields(n.Data)...)
		}
	}
	return strings.Join(words, " ")
}

func (p *page) find(is func(*html.Node) bool) *html.Node {
	for n := range p.root.Descendants() {
		if n.Type == html.ElementNode && is(n) {
			return n
		}
	}
	return nil
}

// shows wants an answer of a status with all of these texts in it.
func (p *page) shows(status int, texts ...string) {
	p.t.Helper()
	if p.status != status {
		p.t.Fatalf("%s answers %d, want %d:\n%s", p.path, p.status, status, p.text())
	}
	for _, text := range texts {
		if !strings.Contains(p.text(), text) {
			p.t.Errorf("%s does not show %q:\n%s", p.path, text, p.text())
		}
	}
}

// lacks wants none of these texts.
func (p *page) lacks(texts ...string) {
	p.t.Helper()
	for _, text := range texts {
		if strings.Contains(p.text(), text) {
			p.t.Errorf("%s shows %q:\n%s", p.path, text, p.text())
		}
	}
}

// form are the values of the page's form with this action, as a browser would send them; change them and post.
func (p *page) form(action string) url.Values {
	p.t.Helper()
	return p.formWith("action", action)
}

// formWith is form, of the first one with an attribute that ends so.
func (p *page) formWith(name, ending string) url.Values {
	p.t.Helper()
	form := p.find(func(n *html.Node) bool { return n.Data == "form" && strings.HasSuffix(attribute(n, name), ending) })
	if form == nil {
		p.t.Fatalf("%s has no form with %s %s:\n%s", p.path, name, ending, p.body)
	}
	values := url.Values{}
	for n := range form.Descendants() {
		name := attribute(n, "name")
		if n.Type != html.ElementNode || name == "" {
			continue
		}
		switch n.Data {
		case "input":
			kind := attribute(n, "type")
			if (kind != "checkbox" && kind != "radio" || has(n, "checked")) && kind != "file" && kind != "submit" {
				values.Add(name, attribute(n, "value"))
			}
		case "textarea":
			values.Add(name, textContent(n))
		case "select":
			values.Add(name, selected(n))
		}
	}
	return values
}

func textContent(node *html.Node) string {
	var text strings.Builder
	for n := range node.Descendants() {
		if n.Type == html.TextNode {
			text.WriteString(n.Data)
		}
	}
	return text.String()
}

func selected(node *html.Node) string {
	var options []string
	for n := range node.Descendants() {
		if n.Type != html.ElementNode || n.Data != "option" {
			continue
		}
		if has(n, "selected") {
			return attribute(n, "value")
		}
		options = append(options, attribute(n, "value"))
	}
	if len(options) == 0 {
		return ""
	}
	return options[0]
}

func attribute(node *html.Node, name string) string {
	for _, a := range node.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(node *html.Node, name string) bool {
	for _, a := range node.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}
