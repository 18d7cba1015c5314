// Package public is what anybody sees of a social evaluation (E8, E9): the page on which the public evaluates, the links
// of representatives, the devices of service halls, and the published list with its proofs. It holds no login, and sees
// the database as the public's role does.
package public

import (
	"embed"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"strings"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/klauspost/compress/gzhttp"
	"golang.org/x/time/rate"

	"github.com/kaoping/kaoping/internal/web"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
)

// Config is what the public's pages need.
type Config struct {
	Store *store.Public
	Rules rules.Library
	// URL begins every link. With https the cookie is sent over TLS only.
	URL string
	// Rate is how many ballots a network address may cast in each Per; 0 does not count them.
	Rate int
	Per  time.Duration
	// Work is the size of a ballot's proof of work; with 0 neither work nor waiting is asked for.
	Work int64
	// Address tells where a request comes from.
	Address func(*http.Request) string
	Now     func() time.Time
	Log     *slog.Logger
}

// Site serves the public's pages.
type Site struct {
	Config
	catalogue web.Catalogue
	statics   web.Statics
	templates map[web.Language]*template.Template
	limits    *lru.Cache[string, *rate.Limiter]
	scenes    scenes
	handler   http.Handler
}

//go:embed static
var staticFiles embed.FS

//go:embed *.html
var templateFiles embed.FS

//go:embed messages.yaml
var messages []byte

// New prepares the pages; it opens nothing.
func New(config Config) (*Site, error) {
	s := &Site{Config: config, catalogue: web.Catalogue{}, templates: map[web.Language]*template.Template{}}
	s.scenes.known = map[place]*scene{}
	if err := s.catalogue.Add(messages); err != nil {
		return nil, fmt.Errorf("couldn't read the messages: %w", err)
	}
	var err error
	if s.statics, err = web.ReadStatics(staticFiles); err != nil {
		return nil, err
	}
	for _, in := range []web.Language{web.Chinese, web.English} {
		if s.templates[in], err = template.New("").Funcs(s.functions(in)).ParseFS(templateFiles, "*.html"); err != nil {
			return nil, fmt.Errorf("couldn't read the pages: %w", err)
		}
	}
	if s.limits, err = lru.New[string, *rate.Limiter](rememberedLimits); err != nil {
		return nil, err
	}
	s.handler = withHeaders(gzhttp.GzipHandler(s.routes()))
	return s, nil
}

// ServeHTTP answers one request.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

func (s *Site) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /static/{file}", s.statics.Serve)
	for _, before := range []string{"", "/rehearsal/{rehearsal}"} {
		at := before + "/e/{authority}/{year}"
		mux.HandleFunc("GET "+at, s.page(showForm))
		mux.HandleFunc("POST "+at, s.page(sendForm))
		mux.HandleFunc("GET "+at+"/challenge", s.data(challenge))
		mux.HandleFunc("POST "+at+"/ballots", s.data(sendBallot))
		mux.HandleFunc("GET "+at+"/r/{link}", s.page(showInvited))
		mux.HandleFunc("POST "+at+"/r/{link}", s.page(sendInvited))
		mux.HandleFunc("GET "+at+"/hall/{hall}", s.page(showHall))
		mux.HandleFunc("POST "+at+"/hall/{hall}", s.page(sendHall))
		mux.HandleFunc("GET "+at+"/hall/{hall}/poster", s.page(showPoster))
		mux.HandleFunc("GET "+at+"/receipt", s.page(findReceipt))
		mux.HandleFunc("GET "+at+"/ballots.jsonl", s.data(list))
		mux.HandleFunc("GET "+at+"/checkpoint", s.data(checkpoint))
		mux.HandleFunc("GET "+at+"/key", s.data(key))
		mux.HandleFunc("GET "+at+"/proof/{receipt}", s.data(proof))
	}
	mux.HandleFunc("/", s.page(func(*visit) error { return store.Missing("no such page") }))
	return mux
}

// policy allows nothing but what this server sends itself; a receipt's picture is data.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func withHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", policy)
		header.Set("X-Content-Type-Options", "nosniff")
		// A representative's link must not be told to another site.
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// functions are what the pages call; they know the language.
func (s *Site) functions(in web.Language) template.FuncMap {
	return template.FuncMap{
		"t":      func(key string, args ...any) string { return s.catalogue.Say(in, key, args...) },
		"static": s.statics.Address,
		"lang":   func() string { return string(in) },
		"add":    func(a, b int) int { return a + b },
	}
}

// languageOf is the one that the address or the form asks for; Chinese else.
func languageOf(r *http.Request) web.Language {
	if strings.HasPrefix(r.FormValue("lang"), string(web.English)) {
		return web.English
	}
	return web.Chinese
}
