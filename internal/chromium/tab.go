package chromium

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Goto opens an address and waits until the page is there.
func (t *Tab) Goto(address string) error {
	if err := t.do(chromedp.Navigate(address)); err != nil {
		return fmt.Errorf("couldn't open %s: %w", address, err)
	}
	return nil
}

// Address is where the tab is.
func (t *Tab) Address() (string, error) {
	return evaluate[string](t, "location.pathname + location.search")
}

// Text is what the page's main part says, white space folded.
func (t *Tab) Text() (string, error) {
	text, err := evaluate[string](t, `document.querySelector("main").innerText`)
	return strings.Join(strings.Fields(text), " "), err
}

// Evaluate runs an expression; it also works where the page's own scripts are off.
func Evaluate[T any](t *Tab, expression string) (T, error) { return evaluate[T](t, expression) }

func evaluate[T any](t *Tab, expression string, options ...chromedp.EvaluateOption) (T, error) {
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression, options...))
}

// Type replaces what stands in a field, key by key, as a person does. It is emptied by script: chromedp.Clear knows no
// textarea in which nothing stands.
func (t *Tab) Type(selector, text string) error {
	err := t.do(chromedp.WaitVisible(chromedp.CSS(selector)))
	if err == nil {
		// chromedp.Clear wants a text node, which an empty textarea has not.
		_, err = evaluate[string](t, fmt.Sprintf("document.querySelector(%q).value = ''", selector))
	}
	if err == nil {
		err = t.do(chromedp.SendKeys(chromedp.CSS(selector), text))
	}
	if err != nil {
		return fmt.Errorf("couldn't type into %s: %w", selector, err)
	}
	return nil
}

// Set gives a field a value that is not typed: a date, a choice.
func (t *Tab) Set(selector, value string) error {
	quoted, err := json.Marshal([]string{selector, value})
	if err != nil {
		return err
	}
	done, err := evaluate[bool](t, fmt.Sprintf(`((s, v) => {
		const field = document.querySelector(s);
		if (!field) return false;
		if (field.type === "checkbox" || field.type === "radio") field.checked = v !== ""; else field.value = v;
		for (const name of ["input", "change"]) field.dispatchEvent(new Event(name, {bubbles: true}));
		return true;
	})(...%s)`, quoted))
	if err == nil && !done {
		err = errors.New("it is not there")
	}
	if err != nil {
		return fmt.Errorf("couldn't set %s: %w", selector, err)
	}
	return nil
}

// Choose puts files into a file field.
func (t *Tab) Choose(selector string, files ...string) error {
	if err := t.do(chromedp.SetUploadFiles(chromedp.CSS(selector), files)); err != nil {
		return fmt.Errorf("couldn't choose files in %s: %w", selector, err)
	}
	return nil
}

// Press clicks something that stays on the page.
func (t *Tab) Press(selector string) error {
	if err := t.do(chromedp.ScrollIntoView(chromedp.CSS(selector)), chromedp.Click(chromedp.CSS(selector))); err != nil {
		return fmt.Errorf("couldn't click %s: %w", selector, err)
	}
	return nil
}

// PressTwice clicks something twice in a row, as impatient people do.
func (t *Tab) PressTwice(selector string) error {
	if err := t.do(chromedp.ScrollIntoView(chromedp.CSS(selector)), chromedp.DoubleClick(chromedp.CSS(selector))); err != nil {
		return fmt.Errorf("couldn't click %s twice: %w", selector, err)
	}
	return nil
}

// Keys sends keys to whatever has the focus.
func (t *Tab) Keys(keys string) error { return t.do(chromedp.KeyEvent(keys)) }

// mostStops bounds how often Tab is pressed on one page.
const mostStops = 1000

// Reach presses Tab until something has the focus, as somebody does who uses no mouse.
func (t *Tab) Reach(selector string) error {
	quoted, err := json.Marshal(selector)
	if err != nil {
		return err
	}
	for range mostStops {
		reached, err := evaluate[bool](t, fmt.Sprintf("document.activeElement === document.querySelector(%s)", quoted))
		if err != nil || reached {
			return err
		}
		if err := t.Keys(kb.Tab); err != nil {
			return err
		}
	}
	return fmt.Errorf("%s cannot be reached by keyboard", selector)
}

// Follow clicks something that leads to another page, or to this one anew, and waits until that is there.
func (t *Tab) Follow(selector string) error {
	return t.Leave(selector, func() error { return t.Press(selector) })
}

// Back goes back, as the browser's own button does.
func (t *Tab) Back() error {
	return t.Leave("back", func() error { return t.do(chromedp.NavigateBack()) })
}

// Leave does something after which another page is shown.
func (t *Tab) Leave(what string, do func() error) error {
	if _, err := evaluate[bool](t, "window.stillHere = true"); err != nil {
		return err
	}
	if err := do(); err != nil {
		return err
	}
	return t.Until(what+" leads elsewhere", `!window.stillHere && document.readyState === "complete"`)
}

// Until waits for a condition of the page.
func (t *Tab) Until(what, condition string) error {
	deadline := time.Now().Add(patience)
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	var last error
	for time.Now().Before(deadline) {
		// While a page goes and another comes there is nothing to ask: the next attempt asks again.
		met, err := evaluate[bool](t, condition)
		if err == nil && met {
			return nil
		}
		last = err
		select {
		case <-t.ctx.Done():
			return t.ctx.Err()
		case <-ticker.C:
		}
	}
	return errors.Join(fmt.Errorf("this never came to be: %s", what), last)
}

// sharpness of pictures, of 100: text stays crisp, and a page is a tenth of what it is as PNG.
const sharpness = 70

// Screenshot is a picture of the whole page, as WebP.
func (t *Tab) Screenshot() ([]byte, error) {
	ctx, cancel := context.WithTimeout(t.ctx, patience)
	defer cancel()
	picture, err := chromedp.Run(ctx, wholePage)
	if err != nil {
		return nil, fmt.Errorf("couldn't take a picture: %w", err)
	}
	return picture, nil
}

func wholePage(ctx context.Context, target *chromedp.Target) ([]byte, error) {
	beyond, quality := true, int64(sharpness)
	taken, err := cdp.Call(ctx, target, page.CaptureScreenshot, page.CaptureScreenshotParams{
		CaptureBeyondViewport: &beyond, Format: page.CaptureScreenshotFormatWebp, Quality: &quality,
	})
	if err != nil {
		return nil, err
	}
	return taken.Data, nil
}

// Overflow is by how many pixels the page is wider than the window; 0 is as it should be.
func (t *Tab) Overflow() (int, error) {
	return evaluate[int](t, "Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)")
}

// Violation is one of axe-core's findings.
type Violation struct {
	ID    string   `json:"id"`
	Help  string   `json:"help"`
	Nodes []string `json:"nodes"`
}

func (v Violation) String() string {
	return fmt.Sprintf("%s (%s): %s", v.ID, v.Help, strings.Join(v.Nodes, " | "))
}

// Axe is what axe-core finds wrong with the page.
func (t *Tab) Axe() ([]Violation, error) {
	loaded, err := evaluate[bool](t, `typeof axe === "object"`)
	if err == nil && !loaded {
		_, err = evaluate[bool](t, t.browser.axe+"; true")
	}
	if err != nil {
		return nil, fmt.Errorf("couldn't load axe-core: %w", err)
	}
	return evaluate[[]Violation](t, `axe.run(document, {resultTypes: ["violations"]}).then(found => found.violations.map(v =>
		({id: v.id, help: v.help, nodes: v.nodes.map(n => n.html.slice(0, 200))})))`, chromedp.EvalAwaitPromise)
}
