package portal

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kaoping/kaoping/internal/chromium"
	"github.com/kaoping/kaoping/internal/stage"
)

// visit opens a page of the sample's year.
func (b *bundle) visit(t *testing.T, tab *chromium.Tab, path string) {
	t.Helper()
	stage.Must(t, tab.Goto(b.server.URL+cycle+path))
}

func says(t *testing.T, tab *chromium.Tab, texts ...string) {
	t.Helper()
	text, err := tab.Text()
	stage.Must(t, err)
	for _, want := range texts {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q:\n%s", want, text)
		}
	}
}

// What is typed is saved by itself, a chosen file is sent at once, and submitting waits for what is still being typed.
func TestWritingAReportByHand(t *testing.T) {
	inChromium(t)
	b := opened(t, stage.Running(t))
	writes(t, b, "C01", "1.1", "1.2")
	file := filepath.Join(t.TempDir(), "工作机构.txt")
	stage.Must(t, os.WriteFile(file, []byte("已设立"), 0o600))
	tab := b.window(t, "c01.contact", chromium.Wide)
	b.visit(t, tab, "units/C01/report")
	stage.Must(t, tab.Type(`[id="s1.1"]`, "已明确工作机构"))
	stage.Must(t, tab.Type(`[id="p1.1"]`, "2"))
	stage.Must(t, tab.Until("the text is saved", `document.querySelector('[id="f1.1"] [data-status]').textContent === "已保存"`))
	want(t, "what is saved", b.text(t, `SELECT statement || self_score FROM report_items WHERE indicator = '1.1'`), "已明确工作机构200")
	stage.Must(t, tab.Leave("choosing a file", func() error { return tab.Choose(`[id="u1.1"]`, file) }))
	says(t, tab, "工作机构.txt")

	stage.Must(t, tab.Type(`[id="p1.2"]`, "9"))
	stage.Must(t, tab.Until("the reason is told", `document.querySelector('[id="f1.2"] [data-status]').textContent === "指标1.2：自评分9.00不在0至2.00之间"`))
	stage.Must(t, tab.Type(`[id="p1.2"]`, "1.5"))
	stage.Must(t, tab.Type(`[id="s1.2"]`, "已制定计划"))
	stage.Must(t, tab.Follow("#submit .button.primary")) // within the delay of saving
	says(t, tab, "自查报告已按时提交", "已制定计划")
	want(t, "what is submitted", b.text(t, `SELECT statement || self_score || state FROM report_items JOIN reports USING (unit) WHERE indicator = '1.2'`), "已制定计划150submitted")
}

// The same without scripts: each button sends all of its indicator.
func TestWritingAReportWithoutScripts(t *testing.T) {
	inChromium(t)
	b := opened(t, stage.Running(t))
	writes(t, b, "C01", "1.1")
	file := filepath.Join(t.TempDir(), "工作机构.txt")
	stage.Must(t, os.WriteFile(file, []byte("已设立"), 0o600))
	view := chromium.Narrow
	view.Script = false
	tab := b.window(t, "c01.contact", view)
	b.visit(t, tab, "units/C01/report")
	stage.Must(t, tab.Type(`[id="s1.1"]`, "已明确工作机构"))
	stage.Must(t, tab.Type(`[id="p1.1"]`, "2"))
	stage.Must(t, tab.Choose(`[id="u1.1"]`, file))
	stage.Must(t, tab.Press(`[id="f1.1"] summary`))
	stage.Must(t, tab.Follow(`[id="f1.1"] details .button`))
	says(t, tab, "已保存", "工作机构.txt", "各项均已填写")
	stage.Must(t, tab.Follow(`[id="f1.1"] .evidence .button`))
	says(t, tab, "未附佐证材料")
	stage.Must(t, tab.Follow("#submit .button.primary"))
	says(t, tab, "自查报告已按时提交", "已明确工作机构")
}
