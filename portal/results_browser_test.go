package portal

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kaoping/kaoping/internal/chromium"
	"github.com/kaoping/kaoping/internal/stage"
)

// Without finding of axe-core, on a desk and on a telephone, in both languages and themes.
func TestThePagesOfResultsAreAccessible(t *testing.T) {
	t.Parallel()
	b := proposed(t)
	b.lastYear(t)
	waiting := b.adjust(t, "D18", "10.3", "政务公开创新案例")
	before := map[string][]string{
		"leader": {"approval", "approval/1/units/C01", "overview"},
		"admin":  {"whatif?unit=C02&add=11.5", "adjustments", "adjustments/" + waiting, "notice"},
	}
	b.look(t, before)
	b.release(t)
	b.look(t, map[string][]string{
		"leader": {"approval"}, "orgdept": {"results", "bulletin"}, "auditor": {"audit?check=book", "audit?check=journal"}, "c01.contact": {"adjustments"},
	})
}

func (b *bundle) look(t *testing.T, pages map[string][]string) {
	t.Helper()
	for language, view := range map[string]chromium.View{"zh": chromium.Wide, "en": chromium.Narrow} {
		view.Dark = language == "en"
		for login, paths := range pages {
			tab := b.window(t, login, view)
			_, err := chromium.Evaluate[string](tab, `document.cookie = "language=`+language+`;path=/"`)
			stage.Must(t, err)
			for _, path := range paths {
				stage.Must(t, tab.Goto(b.server.URL+cycle+path))
				_, err := chromium.Evaluate[string](tab, `document.querySelectorAll("details").forEach(d => d.open = true), ""`)
				stage.Must(t, err)
				accessible(t, tab, fmt.Sprintf("%s, %d px, in %s", path, view.Width, language))
			}
		}
	}
}

// The leader returns a unit and approves the rest on a telephone, with JavaScript and without (A8(6)).
func TestDecidingByHand(t *testing.T) {
	t.Parallel()
	for _, script := range []bool{true, false} {
		b := proposed(t)
		view := chromium.Narrow
		view.Script = script
		tab := b.window(t, "leader", view)
		stage.Must(t, tab.Goto(b.server.URL+cycle+"approval"))
		stage.Must(t, tab.Press("#u-C01 summary"))
		stage.Must(t, tab.Type("#comment-C01", "请复核指标3.1"))
		stage.Must(t, tab.Follow("#return button[value=some]"))
		reads(t, tab, "已退回，考核员会收到通知")
		b.submit(t)
		stage.Must(t, tab.Goto(b.server.URL+cycle+"approval"))
		reads(t, tab, "第2号报审结果")
		stage.Must(t, tab.Follow("#approve button"))
		reads(t, tab, "考核结果已审定通过")
	}
}

// reads wants a text on the page that a tab shows.
func reads(t *testing.T, tab *chromium.Tab, want string) {
	t.Helper()
	text, err := tab.Text()
	stage.Must(t, err)
	if !strings.Contains(text, want) {
		t.Errorf("the page does not say %q:\n%s", want, text)
	}
}
