// Command screens plays the demo and takes a picture of every page of the portal, as each role sees it, into docs/screens.
//
//	screens [STARTER [FOLDER]]
//
// STARTER is the built program (bin/starter), FOLDER where the pictures go (docs/screens). It needs Chromium and takes
// about three minutes. Exit codes: 0 done, 1 failed.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/kaoping/kaoping/internal/chromium"
)

// shot is one page as somebody sees it.
type shot struct{ login, name, path string }

// shots are all pages; paths are below the rehearsal's.
var shots = []shot{
	{"admin", "tasks", ""},
	{"admin", "year", "year"},
	{"admin", "dates", "dates"},
	{"admin", "sheets-progress", "sheets"},
	{"admin", "adjustments", "adjustments"},
	{"admin", "whatif", "whatif"},
	{"admin", "rectifications", "rectifications"},
	{"admin", "consequences", "consequences"},
	{"admin", "overview", "overview"},
	{"admin", "mails", "mails"},
	{"admin", "calls", "calls"},
	{"admin", "journal", "journal"},
	{"admin", "people", "people"},
	{"admin", "administration", "administration"},
	{"admin", "rules", "rules"},
	{"admin", "setup", "setup"},
	{"admin", "notice", "notice"},
	{"leader", "approval", "approval"},
	{"leader", "results", "results"},
	{"leader", "bulletin", "bulletin/1"},
	{"web1", "sheets", "sheets"},
	{"web1", "sheet", "sheets/C01"},
	{"c01.contact", "unit", "units/C01"},
	{"c01.contact", "report", "units/C01/report"},
	{"c01.contact", "unit-results", "units/C01/results"},
	{"c01.contact", "feedback", "units/C01/feedback"},
	{"c01.contact", "rectification", "units/C01/rectification/0"},
	{"c01.head", "report-head", "units/C01/report"},
	{"orgdept", "results-organization", "results"},
	{"auditor", "audit", "audit"},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	starter, folder := "bin/starter", filepath.Join("docs", "screens")
	if len(os.Args) > 1 {
		starter = os.Args[1]
	}
	if len(os.Args) > 2 {
		folder = os.Args[2]
	}
	err := run(ctx, starter, folder)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, starter, folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	secret, err := os.CreateTemp("", "logins-*.json")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(secret.Name()) }() // it has passwords of a rehearsal that is gone
	if err := secret.Close(); err != nil {
		return err
	}
	demo := exec.CommandContext(ctx, starter, "demo", "--logins", secret.Name())
	demo.Stderr = os.Stderr
	out, err := demo.StdoutPipe()
	if err != nil {
		return err
	}
	if err := demo.Start(); err != nil {
		return fmt.Errorf("couldn't start the demo: %w", err)
	}
	portal, err := awaitPortal(out)
	if err == nil {
		err = photograph(ctx, portal, secret.Name(), folder)
	}
	// It ends in its own way, with its servers; that it was interrupted is no fault.
	return errors.Join(err, demo.Process.Signal(os.Interrupt), ignoreExit(demo.Wait()))
}

func ignoreExit(err error) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil
	}
	return err
}

// awaitPortal shows what the demo says until it names the portal, and lets it go on afterwards.
func awaitPortal(out io.Reader) (string, error) {
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		fmt.Fprintln(os.Stderr, lines.Text())
		if address, rest, ok := strings.Cut(strings.TrimSpace(lines.Text()), " "); ok && strings.Contains(rest, "the portal:") {
			go func() { _, _ = io.Copy(io.Discard, out) }() // until it ends
			return address, nil
		}
	}
	return "", errors.Join(errors.New("the demo ended before it named the portal"), lines.Err())
}

func photograph(ctx context.Context, portal, logins, folder string) error {
	text, err := os.ReadFile(logins)
	if err != nil {
		return err
	}
	var passwords map[string]string
	if err := json.Unmarshal(text, &passwords); err != nil {
		return err
	}
	browser, err := chromium.Open(ctx)
	if err != nil {
		return err
	}
	defer browser.Close()
	tabs := map[string]*chromium.Tab{}
	for _, shot := range shots {
		tab, ok := tabs[shot.login]
		if !ok {
			if tab, err = signIn(browser, portal, shot.login, passwords[shot.login]); err != nil {
				return fmt.Errorf("couldn't sign in as %s: %w", shot.login, err)
			}
			tabs[shot.login] = tab
		}
		if err := shot.take(tab, portal+"/rehearsal/1/pingliang/2025/"+shot.path, folder); err != nil {
			return fmt.Errorf("couldn't take %s: %w", shot.name, err)
		}
	}
	return nil
}

func signIn(browser *chromium.Browser, portal, login, password string) (*chromium.Tab, error) {
	tab, err := browser.Tab(chromium.Wide)
	if err != nil {
		return nil, err
	}
	for _, step := range []func() error{
		func() error { return tab.Goto(portal + "/login") },
		func() error { return tab.Type("#login", login) },
		func() error { return tab.Type("#password", password) },
		func() error { return tab.Follow("main form .button.primary") },
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return tab, nil
}

// take takes a picture on a desk's screen and one on a telephone.
func (s shot) take(tab *chromium.Tab, address, folder string) error {
	for name, view := range map[string]chromium.View{s.name: chromium.Wide, s.name + "-narrow": chromium.Narrow} {
		if err := errors.Join(tab.Look(view), tab.Goto(address)); err != nil {
			return err
		}
		picture, err := tab.Screenshot()
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, name+".webp"), picture, 0o644); err != nil {
			return err
		}
	}
	return nil
}
