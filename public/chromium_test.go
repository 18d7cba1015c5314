package public

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/kaoping/kaoping/internal/chromium"
	"github.com/kaoping/kaoping/internal/stage"
)

// chromiumLife ends Chromium when the package's tests are over.
var chromiumLife, endChromium = context.WithCancel(context.Background())

// theBrowser is started by the first test that needs it, and ends with the package's tests.
var theBrowser = sync.OnceValues(func() (*chromium.Browser, error) { return chromium.Open(chromiumLife) })

// telephone is an old one.
var telephone = chromium.View{Width: 320, Height: 568, Script: true}

// window opens a tab; a test that does so is left out by make quick.
func window(t *testing.T, view chromium.View) *chromium.Tab {
	t.Helper()
	if testing.Short() {
		t.Skip("it takes a browser: make test runs it")
	}
	shared, err := theBrowser()
	stage.Must(t, err)
	tab, err := shared.Tab(view)
	stage.Must(t, err)
	t.Cleanup(tab.Close)
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
	if folder := os.Getenv("PUBLIC_SCREENS"); folder != "" {
		picture, err := tab.Screenshot()
		stage.Must(t, err)
		stage.Must(t, os.WriteFile(filepath.Join(folder, what+".png"), picture, 0o600))
	}
}

// A voter's way on an old telephone: choose, answer, send, keep the receipt; the script solves the challenge meanwhile.
func TestVotingInChromium(t *testing.T) {
	t.Parallel()
	tab := window(t, telephone)
	// The library asks the real clock whether a challenge is over.
	b := opened(t, func(c *Config) { c.Work, c.Now = 2000, time.Now })
	stage.Must(t, tab.Goto(b.server.URL+at))
	accessible(t, tab, "the form")
	stage.Must(t, tab.Set("#unit", "D18"))
	stage.Must(t, tab.Press(`input[name="answers.content"][value="satisfied"]`))
	stage.Must(t, tab.Type("#comment", "公开及时"))
	stage.Must(t, tab.Follow("main button"))
	stage.Must(t, tab.Until("the receipt is shown", `document.querySelector(".code") !== null`))
	accessible(t, tab, "the receipt")
	if got := b.count(t, `SELECT count(*) FROM ballots WHERE unit = 'D18' AND work IS NOT NULL AND comment = '公开及时' AND answers LIKE '1%'`); got != 1 {
		t.Errorf("%d ballots are in the box", got)
	}
	stage.Must(t, tab.Follow(".button"))
	stage.Must(t, tab.Set("#unit", "D18"))
	stage.Must(t, tab.Press(`input[name="answers.content"][value="satisfied"]`))
	stage.Must(t, tab.Follow("main button"))
	stage.Must(t, tab.Until("the refusal is shown", `document.querySelector(".faults") !== null`))
	accessible(t, tab, "the refusal")
}

// Every page reads well for everybody, in both languages, light and dark.
func TestPagesAreAccessible(t *testing.T) {
	t.Parallel()
	tab := window(t, telephone)
	b := opened(t, func(c *Config) { c.Work = 10 })
	link := b.invite(t, 1)
	b.execute(t, `INSERT INTO halls VALUES ($1, 'H1', '市政务大厅', $2)`, b.cycle, PinHash(b.site.Store.Secret, b.cycle, "H1", "2468"))
	for _, view := range []chromium.View{telephone, chromium.Wide} {
		for _, dark := range []bool{false, true} {
			view.Dark = dark
			stage.Must(t, tab.Look(view))
			for name, path := range map[string]string{
				"form": at, "english": at + "?lang=en", "invited": link, "hall": at + "/hall/H1", "poster": at + "/hall/H1/poster", "receipts": at + "/receipt", "nowhere": "/nowhere",
			} {
				stage.Must(t, tab.Goto(b.server.URL+path))
				accessible(t, tab, name+map[bool]string{true: " dark"}[dark])
			}
		}
	}
	b.window(t, "closed")
	stage.Must(t, tab.Goto(b.server.URL+at))
	accessible(t, tab, "closed")
}
