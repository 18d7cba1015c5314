package portal

import (
	"fmt"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/kaoping/kaoping/internal/chromium"
	"github.com/kaoping/kaoping/internal/stage"
)

// statusOf is what the page says about the saving of an indicator's score.
func statusOf(indicator string) string {
	return fmt.Sprintf(`document.querySelector('[id="score-i-%s"] [data-status]')`, indicator)
}

// scoreByHand fills a score by keyboard and waits until it is saved.
func scoreByHand(t *testing.T, tab *chromium.Tab, indicator, points, reason string) {
	t.Helper()
	stage.Must(t, tab.Type(fmt.Sprintf(`[id="p-i-%s"]`, indicator), points))
	stage.Must(t, tab.Type(fmt.Sprintf(`[id="r-i-%s"]`, indicator), reason))
	stage.Must(t, tab.Until("the score is saved", statusOf(indicator)+`.textContent === `+statusOf(indicator)+`.dataset.saved`))
}

// Two windows on one sheet: each indicator is kept as it was saved last, whole, and neither window undoes the other's.
func TestTwoWindowsOnOneSheet(t *testing.T) {
	inChromium(t)
	b := reviewing(t)
	first, second := b.window(t, "web1", chromium.Wide), b.window(t, "web1", chromium.Wide)
	b.visit(t, first, "sheets/C01")
	b.visit(t, second, "sheets/C01")
	scoreByHand(t, first, "3.1", "6.5", "超期公开三件")
	scoreByHand(t, second, "3.3", "4", "栏目缺两项")
	scoreByHand(t, second, "3.1", "7", "超期公开两件")
	scoreByHand(t, first, "8.2", "5", "死链三条")
	for indicator, want := range map[string]string{"3.1": "700 超期公开两件", "3.3": "400 栏目缺两项", "8.2": "500 死链三条"} {
		got := b.row(t, `SELECT coalesce(points, draft_points) || ' ' || reason FROM scores WHERE unit = 'C01' AND assessor = 'web1' AND indicator = '`+indicator+`'`)
		same(t, indicator, got, want)
	}
	b.visit(t, first, "sheets/C01")
	stage.Must(t, first.Until("the first window shows what the second saved", `document.querySelector('[id="r-i-3.1"]').value === "超期公开两件"`))
}

// The leader approves at the moment at which the administrator gives him more time: both are done, one after the other.
func TestApprovingWhileTheDateMoves(t *testing.T) {
	inChromium(t)
	b := proposed(t)
	leader, admin := b.window(t, "leader", chromium.Narrow), b.window(t, "admin", chromium.Wide)
	b.visit(t, leader, "approval")
	b.visit(t, admin, "dates?phase=approval&to=2026-01-23")
	stage.Must(t, admin.Type("#reason", "等待上级会议"))
	var both errgroup.Group
	both.Go(func() error { return leader.Follow("#approve button") })
	both.Go(func() error { return admin.Follow("#effect .button.primary") })
	stage.Must(t, both.Wait())
	says(t, leader, "考核结果已审定通过")
	says(t, admin, "等待上级会议")
	same(t, "the proposal", b.row(t, `SELECT string_agg(state || ' ' || decided_by, ',') FROM proposals`), "approved leader")
	same(t, "the dates", b.row(t, `SELECT string_agg(approval_due::text, ',' ORDER BY version) FROM scheme_versions`), "2026-01-16,2026-01-23")
	same(t, "the journal", b.row(t, `SELECT string_agg(event, ',' ORDER BY event) FROM journal WHERE event IN ('proposal_approved', 'deadline_extended')`), "deadline_extended,proposal_approved")
}

// A session that ends while somebody scores loses nothing: the page says so, and what was typed is there after the login.
func TestTheSessionEndsWhileScoring(t *testing.T) {
	inChromium(t)
	b := reviewing(t)
	tab := b.window(t, "web1", chromium.Wide)
	b.visit(t, tab, "sheets/C01")
	scoreByHand(t, tab, "3.1", "6.5", "超期公开三件")
	b.run(t, `DELETE FROM sessions`)
	stage.Must(t, tab.Type(`[id="r-i-3.1"]`, "超期公开三件，其中一件未公开"))
	stage.Must(t, tab.Until("the page says that the login is over", statusOf("3.1")+`.textContent === `+statusOf("3.1")+`.dataset.signedout`))
	same(t, "what is saved meanwhile", b.row(t, `SELECT reason FROM scores WHERE unit = 'C01' AND assessor = 'web1' AND indicator = '3.1'`), "超期公开三件")
	stage.Must(t, tab.Goto(b.server.URL+"/login"))
	stage.Must(t, tab.Type("#login", "web1"))
	stage.Must(t, tab.Type("#password", password))
	stage.Must(t, tab.Follow("main form .button.primary"))
	b.visit(t, tab, "sheets/C01")
	stage.Must(t, tab.Until("what was typed is saved", statusOf("3.1")+`.textContent === `+statusOf("3.1")+`.dataset.saved`))
	same(t, "what is saved", b.row(t, `SELECT reason FROM scores WHERE unit = 'C01' AND assessor = 'web1' AND indicator = '3.1'`), "超期公开三件，其中一件未公开")
}

// A double click submits once; after the browser's Back the report is submitted, and says so.
func TestSubmittingTwice(t *testing.T) {
	inChromium(t)
	b := opened(t, stage.Running(t))
	writes(t, b, "C01")
	tab := b.window(t, "c01.contact", chromium.Wide)
	b.visit(t, tab, "units/C01/report")
	stage.Must(t, tab.Leave("a double click", func() error { return tab.PressTwice("#submit .button.primary") }))
	says(t, tab, "自查报告已按时提交")
	stage.Must(t, tab.Back())
	stage.Must(t, tab.Until("there is nothing to submit any more", `!document.querySelector("#submit")`))
	says(t, tab, "按时提交")
	same(t, "the journal", b.row(t, `SELECT count(*) FROM journal WHERE event = 'report_submitted'`), "1")
	same(t, "the report", b.row(t, `SELECT state || ' ' || revision FROM reports`), "submitted 1")
}
