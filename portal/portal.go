// Package portal is the web pages on which everybody does their part in a year: server-rendered, Chinese first, usable
// without JavaScript. A page is a file with its data, its loader and its handlers; its template (.html), its messages in
// both languages (.yaml) and its test lie beside it under the same name. What people may do is checked in office, never
// here.
package portal

import (
	"log/slog"
	"net/http"
	"strings"

	"github.com/alexedwards/scs/v2"
	"github.com/klauspost/compress/gzhttp"

	"github.com/kaoping/kaoping/internal/web"
	"github.com/kaoping/kaoping/office"
)

// Config is what a portal needs.
type Config struct {
	Office *office.Office
	// URL begins every link to the portal. With https the cookie is sent over TLS only.
	URL string
	// Post sends a letter that belongs to no cycle: an invitation, a new password. Nil where no mail can be sent.
	Post Post
	// Provider is the office's own identity provider; nil asks for passwords only.
	Provider *Provider
	// Address tells where a request comes from; nil is the connection's own address.
	Address func(*http.Request) string
	Log     *slog.Logger
}

// Portal serves the pages.
type Portal struct {
	Config
	sessions  *scs.SessionManager
	templates templates
	catalogue catalogue
	statics   web.Statics
	handler   http.Handler
}

// New prepares the pages; it opens nothing. What is wrong in a template or a catalogue is an error.
func New(config Config) (*Portal, error) {
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	if config.Address == nil {
		config.Address = connectionAddress
	}
	p := &Portal{Config: config}
	var err error
	if p.statics, err = web.ReadStatics(staticFiles); err != nil {
		return nil, err
	}
	if p.catalogue, err = readCatalogue(); err != nil {
		return nil, err
	}
	if p.templates, err = p.readTemplates(); err != nil {
		return nil, err
	}
	p.sessions = newSessions(config.Office, strings.HasPrefix(config.URL, "https:"))
	p.handler = p.chain()
	return p, nil
}

// ServeHTTP answers one request.
func (p *Portal) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.handler.ServeHTTP(w, r) }

// chain is the middleware, outermost first: what every answer carries, compression, who may send a form from where,
// the session, the rehearsal's prefix, the pages.
func (p *Portal) chain() http.Handler {
	var handler http.Handler = p.routes()
	handler = withoutPrefix(handler)
	handler = p.sessions.LoadAndSave(handler)
	handler = http.NewCrossOriginProtection().Handler(handler)
	handler = gzhttp.GzipHandler(handler)
	return withHeaders(handler)
}

// policy allows nothing but what this server sends itself; pictures may also be data, a PDF of evidence opens in place.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; frame-src 'self'; object-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"

func withHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", policy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "same-origin")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		header.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}
