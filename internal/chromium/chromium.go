// Package chromium drives a real Chromium for tests of what people see, and for the pictures in docs/screens: tabs with
// cookies of their own, forms filled by hand, axe-core's findings, screenshots.
package chromium

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// patience is how long a page may take on a machine that is busy with much else.
const patience = time.Minute

// Browser is one Chromium.
type Browser struct {
	ctx   context.Context
	close func()
	axe   string
}

// Open starts Chromium without a window.
func Open(ctx context.Context) (*Browser, error) {
	axe, err := os.ReadFile(filepath.Join(npm(), "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		return nil, fmt.Errorf("couldn't read axe-core; make setup installs it: %w", err)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("hide-scrollbars", true))
	allocator, free := chromedp.NewExecAllocator(ctx, options...)
	tab, stop := chromedp.NewContext(allocator, chromedp.WithErrorf(log.New(discard{}, "", 0).Printf))
	b := &Browser{ctx: tab, close: func() { stop(); free() }, axe: string(axe)}
	if err := chromedp.Do(tab); err != nil {
		b.close()
		return nil, fmt.Errorf("couldn't start Chromium; make setup installs it: %w", err)
	}
	return b, nil
}

// discard drops what Chromium says of events that this version of the protocol does not know.
type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// npm is the folder with the packages that tests use: tools/npm of this module, wherever a test runs.
func npm() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..", "tools", "npm")
}

// Close ends Chromium.
func (b *Browser) Close() { b.close() }

// Tab is one window, with cookies of its own as another person's browser has.
type Tab struct {
	browser *Browser
	ctx     context.Context
	close   func()
}

// View is how a person looks at pages.
type View struct {
	Width, Height int
	// Dark asks for the dark theme, as a machine does that is set so.
	Dark bool
	// Script is false where JavaScript is off.
	Script bool
}

// Wide is a desk, Narrow a telephone.
var (
	Wide   = View{Width: 1440, Height: 1000, Script: true}
	Narrow = View{Width: 360, Height: 740, Script: true}
)

// Tab opens a window.
func (b *Browser) Tab(view View) (*Tab, error) {
	ctx, stop := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	t := &Tab{browser: b, ctx: ctx, close: stop}
	// The first call opens the window, for as long as the context that it is given.
	err := chromedp.Do(ctx)
	if err == nil {
		err = t.Look(view)
	}
	if err != nil {
		stop()
		return nil, fmt.Errorf("couldn't open a window: %w", err)
	}
	return t, nil
}

// Close closes the window.
func (t *Tab) Close() { t.close() }

// Look changes how the window is looked at.
func (t *Tab) Look(view View) error {
	scheme := "light"
	if view.Dark {
		scheme = "dark"
	}
	return t.do(chromedp.EmulateViewport(int64(view.Width), int64(view.Height)), chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		return errors.Join(
			send(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}),
			send(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !view.Script}),
		)
	}))
}

func send[P any](ctx context.Context, command cdp.Command[P, cdp.Empty], params P) error {
	_, err := chromedp.Call(ctx, command, params)
	return err
}

// do takes steps within the patience.
func (t *Tab) do(steps ...chromedp.Action[chromedp.Void]) error {
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	return chromedp.Do(ctx, steps...)
}
