package portal

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kaoping/kaoping/internal/chromium"
	"github.com/kaoping/kaoping/internal/stage"
)

// Measures are filed by hand, with a file, with JavaScript and without.
func TestMeasuresAreFiledByHand(t *testing.T) {
	inChromium(t)
	file := filepath.Join(t.TempDir(), "对照表.pdf")
	stage.Must(t, os.WriteFile(file, []byte(pdf), 0o600))
	for _, script := range []bool{true, false} {
		b := ordered(t)
		view := chromium.Narrow
		view.Script = script
		tab := b.window(t, "c01.contact", view)
		stage.Must(t, tab.Goto(b.server.URL+cycle+orderC01))
		stage.Must(t, tab.Type("#text", "逐项整改"))
		stage.Must(t, tab.Choose("#files", file))
		stage.Must(t, tab.Follow(`#filing button.primary`))
		text, err := tab.Text()
		stage.Must(t, err)
		if !strings.Contains(text, "整改措施已报送") {
			t.Errorf("with script %t the page says %s", script, text)
		}
		b.holds(t, filed, "1 measures 逐项整改 c01.contact")
		b.holds(t, proved, "1.1 对照表.pdf "+digestOf(pdf)+" 30")
	}
}

// While one types the text is kept, without a click.
func TestTypingIsKept(t *testing.T) {
	inChromium(t)
	b := ordered(t)
	tab := b.window(t, "c01.contact", chromium.Wide)
	stage.Must(t, tab.Goto(b.server.URL+cycle+orderC01))
	stage.Must(t, tab.Type("#text", "先写一半"))
	stage.Must(t, tab.Until("the draft is saved", `document.querySelector("[data-status]").textContent === "草稿已保存"`))
	b.holds(t, `SELECT kind || ' ' || content || ' ' || evidence FROM rectification_drafts`, "measures 先写一半 []")
}
