package portal

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/kaoping/kaoping/internal/chromium"
	"github.com/kaoping/kaoping/internal/stage"
)

// chromiumLife ends Chromium when the package's tests are over.
var chromiumLife, endChromium = context.WithCancel(context.Background())

// theBrowser is started by the first test that needs it, and ends with the package's tests.
var theBrowser = sync.OnceValues(func() (*chromium.Browser, error) { return chromium.Open(chromiumLife) })

// inChromium is how a test begins that drives a browser: make quick leaves it out.
func inChromium(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("it takes a browser: make test runs it")
	}
	t.Parallel()
}

// window opens a tab of somebody who has signed in by a login form; nobody if login is empty.
func (b *bundle) window(t *testing.T, login string, view chromium.View) *chromium.Tab {
	t.Helper()
	shared, err := theBrowser()
	stage.Must(t, err)
	tab, err := shared.Tab(view)
	stage.Must(t, err)
	t.Cleanup(tab.Close)
	if login == "" {
		return tab
	}
	b.as(t, login)
	stage.Must(t, tab.Goto(b.server.URL+"/login"))
	stage.Must(t, tab.Type("#login", login))
	stage.Must(t, tab.Type("#password", password))
	stage.Must(t, tab.Follow("main form .button.primary"))
	return tab
}

// accessible wants no finding of axe-core, and no sideways scrolling.
func accessible(t *testing.T, tab *chromium.Tab, what string) {
	t.Helper()
	found, err := tab.Axe()
	stage.Must(t, err)
	for _, violation := range found {
		t.Errorf("%s: %s", what, violation)
	}
	overflow, err := tab.Overflow()
	stage.Must(t, err)
	if overflow > 0 {
		t.Errorf("%s is %d px too wide", what, overflow)
	}
}

// The guide shows every part of which pages are made.
func TestTheGuideIsAccessible(t *testing.T) {
	inChromium(t)
	shared, err := theBrowser()
	stage.Must(t, err)
	server := serveFolder(t, ".")
	for _, view := range []chromium.View{chromium.Wide, chromium.Narrow} {
		for _, dark := range []bool{false, true} {
			view.Dark = dark
			tab, err := shared.Tab(view)
			stage.Must(t, err)
			stage.Must(t, tab.Goto(server.URL+"/testdata/guide.html"))
			accessible(t, tab, "the guide")
			tab.Close()
		}
	}
}

// Signing in, the first page and signing out work in a browser, with JavaScript and without.
func TestSigningInByHand(t *testing.T) {
	inChromium(t)
	b := opened(t, stage.Running(t))
	for _, script := range []bool{true, false} {
		view := chromium.Narrow
		view.Script = script
		tab := b.window(t, "c01.contact", view)
		text, err := tab.Text()
		stage.Must(t, err)
		if !strings.Contains(text, "提交自查报告（崆峒区人民政府）") {
			t.Errorf("with script %t the first page says %s", script, text)
		}
		stage.Must(t, tab.Press("details.menu summary"))
		stage.Must(t, tab.Follow(`details.menu form[action="/logout"] button`))
		if address, err := tab.Address(); err != nil || address != "/login" {
			t.Errorf("signing out leads to %s (%v)", address, err)
		}
	}
}

// A header that forbids inline scripts and styles is on every answer, and Chromium finds nothing to block.
func TestContentSecurityPolicy(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Running(t))
	for _, path := range []string{"/login", cycle, "/static/nothing.css", "/nowhere"} {
		header := b.browser(t).get(path).header.Get("Content-Security-Policy")
		if !strings.Contains(header, "default-src 'none'") || strings.Contains(header, "unsafe") {
			t.Errorf("%s is sent with the policy %q", path, header)
		}
	}
}

// serveFolder serves files as they lie in this package.
func serveFolder(t *testing.T, dir string) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.FileServer(http.Dir(dir)))
	t.Cleanup(server.Close)
	return server
}
