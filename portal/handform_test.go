package portal

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"github.com/kaoping/kaoping/internal/chromium"
	"github.com/kaoping/kaoping/internal/stage"
)

// handForm is a form of the page that a tab shows, filled by keyboard. Of several that go to the same address it is the
// first that has what is looked for.
type handForm struct {
	t         *testing.T
	tab       *chromium.Tab
	what, end string
}

// control is one field or button of a form, as found; the page's element is marked with data-here.
type control struct {
	Kind string `json:"kind"`
	// Address is where a button sends the form.
	Address string `json:"address"`
}

// findControl marks the control of a form whose address ends so, by name and value if they are given, or else the first
// button, and tells what it is. What cannot be seen, and is not behind a summary that opens, is not there.
const findControl = `((end, name, value) => {
	for (const old of document.querySelectorAll("[data-here]")) old.removeAttribute("data-here");
	const shown = (e) => e.type !== "hidden" && e.tabIndex >= 0 && (e.getClientRects().length > 0 || e.closest("details:not([open])"));
	for (const form of document.forms) {
		const to = new URL(form.getAttribute("action") ?? "", location.href);
		if (form.getAttribute("method") !== "post" || !(to.pathname + to.search).endsWith(end)) continue;
		const found = [...form.elements].find((e) => shown(e) && (name ? e.name === name : e.type === "submit") && (!value || e.value === value));
		if (!found) continue;
		found.dataset.here = "";
		const address = found.type === "submit" && found.hasAttribute("formaction") ? new URL(found.formAction) : to;
		return {kind: found.type, address: address.pathname};
	}
	return {kind: "", address: ""};
})`

// closedAround marks the summary of the outermost closed part around the marked control.
const closedAround = `(() => {
	let closed = null;
	for (let e = document.querySelector("[data-here]").closest("details:not([open])"); e; e = e.parentElement.closest("details:not([open])")) closed = e;
	for (const old of document.querySelectorAll("[data-summary]")) old.removeAttribute("data-summary");
	if (closed) closed.querySelector("summary").dataset.summary = "";
	return closed !== null;
})()`

const here = "[data-here]"

// reach puts the focus on a control, through what has to be opened first.
func (f *handForm) reach(name, value string) control {
	f.t.Helper()
	quoted, err := json.Marshal([]string{f.end, name, value})
	stage.Must(f.t, err)
	found, err := chromium.Evaluate[control](f.tab, findControl+"(..."+string(quoted)+")")
	stage.Must(f.t, err)
	if found.Kind == "" {
		text, err := f.tab.Text()
		f.must(err)
		f.t.Fatalf("%s: no form to %s has %s %s:\n%s", f.what, f.end, name, value, text)
	}
	for {
		closed, err := chromium.Evaluate[bool](f.tab, closedAround)
		stage.Must(f.t, err)
		if !closed {
			break
		}
		f.must(f.tab.Reach("[data-summary]"))
		f.must(f.tab.Keys(kb.Enter))
	}
	f.must(f.tab.Reach(here))
	return found
}

func (f *handForm) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatalf("%s, form to %s: %v", f.what, f.end, err)
	}
}

// is asks something of the marked control.
func (f *handForm) is(condition string) bool {
	f.t.Helper()
	met, err := chromium.Evaluate[bool](f.tab, fmt.Sprintf(`(e => %s)(document.querySelector(%q))`, condition, here))
	f.must(err)
	return met
}

// fill types or chooses. NAME=VALUE ticks that box. A date is set by script, since how it is typed depends on the
// machine's language; files are chosen in a window of the machine's own.
func (f *handForm) fill(field, value, folder string) {
	f.t.Helper()
	name, choice, chooses := strings.Cut(field, "=")
	switch kind := f.reach(name, choice).Kind; kind {
	case "select-one":
		f.step(kb.Home+kb.ArrowUp, kb.ArrowDown, fmt.Sprintf("e.value === %q", value))
	case "radio":
		if !chooses {
			f.t.Fatalf("%s: which %s?", f.what, name)
		}
		if !f.is("e.checked") {
			f.must(f.tab.Keys(" "))
		}
	case "checkbox":
		if !f.is("e.checked") {
			f.must(f.tab.Keys(" "))
		}
	case "date":
		f.must(f.tab.Set(here, value))
	case "file":
		f.must(f.tab.Choose(here, filepath.Join(folder, value)))
	default:
		_, err := chromium.Evaluate[string](f.tab, fmt.Sprintf("document.querySelector(%q).value = ''", here))
		f.must(err)
		f.must(f.tab.Keys(value))
	}
}

// step presses a key until something is so.
func (f *handForm) step(first, key, condition string) {
	f.t.Helper()
	f.must(f.tab.Keys(first))
	for range 100 {
		if f.is(condition) {
			return
		}
		f.must(f.tab.Keys(key))
	}
	f.t.Fatalf("%s: %s never comes", f.what, condition)
}

// press sends the form by one of its buttons, NAME=VALUE where there are several; it answers where it went.
func (f *handForm) press(button string) string {
	f.t.Helper()
	name, value, _ := strings.Cut(button, "=")
	sent := f.reach(name, value)
	if sent.Kind != "submit" {
		f.t.Fatalf("%s: %s is no button but %s", f.what, button, sent.Kind)
	}
	f.must(f.tab.Leave("sending "+f.end, func() error { return f.tab.Keys(kb.Enter) }))
	return sent.Address
}

// pattern is that of the route at an address.
func (b *bundle) pattern(t *testing.T, method, address string) string {
	t.Helper()
	_, pattern := b.portal.routes().Handler(httptest.NewRequestWithContext(t.Context(), method, address, http.NoBody))
	return pattern
}
