package portal

import (
	"testing"

	"github.com/kaoping/kaoping/internal/chromium"
	"github.com/kaoping/kaoping/internal/stage"
)

// The leader returns a unit and approves the rest on a telephone, with JavaScript and without (A8(6)).
func TestDecidingByHand(t *testing.T) {
	inChromium(t)
	for _, script := range []bool{true, false} {
		b := proposed(t)
		view := chromium.Narrow
		view.Script = script
		tab := b.window(t, "leader", view)
		stage.Must(t, tab.Goto(b.server.URL+cycle+"approval"))
		stage.Must(t, tab.Press("#u-C01 summary"))
		stage.Must(t, tab.Type("#comment-C01", "请复核指标3.1"))
		stage.Must(t, tab.Follow("#return button[value=some]"))
		says(t, tab, "已退回，考核员会收到通知")
		b.submit(t)
		stage.Must(t, tab.Goto(b.server.URL+cycle+"approval"))
		says(t, tab, "第2号报审结果")
		stage.Must(t, tab.Follow("#approve button"))
		says(t, tab, "考核结果已审定通过")
	}
}
