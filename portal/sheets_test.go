package portal

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/kaoping/kaoping/internal/stage"
)

// The assessor's work by state: what waits says for what and until when, what is open how far it is.
func TestAnAssessorsQueue(t *testing.T) {
	t.Parallel()
	s := stage.Running(t, "C01", "C02", "C03", "D18")
	b := opened(t, s)
	s.OpenReviews("C01")
	s.At(stage.Day(time.December, 10), 9)
	b.run(t, `INSERT INTO reports (cycle_id, unit, revision, state, submitted_at, reason) SELECT cycle_id, 'C03', 1, 'returned', now(), '补正' FROM cycles`)
	b.run(t, `INSERT INTO reports (cycle_id, unit, revision, state) SELECT cycle_id, 'C03', 2, 'draft' FROM cycles`)
	b.run(t, `UPDATE scores SET points = max_points, method = 'website' WHERE assessor = 'web2' AND unit = 'C01' AND indicator LIKE '3.%'`)
	b.run(t, `UPDATE sheets SET remark = '迟交的自查报告已收到，请核对评分' WHERE unit = 'C01'`)
	b.run(t, `UPDATE sheets SET state = 'submitted' WHERE assessor = 'web2' AND unit = 'D18'`)
	w := b.as(t, "web2")
	page := w.get("sheets")
	page.shows(http.StatusOK, "待评分 （1家）", "未开始 （2家）", "已提交 （1家）")
	for id, want := range map[string][]string{
		"open":      {"崆峒区人民政府 县（市、区） 2026年1月9日(周五，还有21个工作日) 已评4项，共11项 迟交的自查报告已收到，请核对评分"},
		"waiting":   {"华亭市人民政府 县（市、区） 自查报告未提交，截止2025年12月12日(周五，还有2个工作日)；逾期未交的，次日开始评分", "泾川县人民政府 县（市、区） 自查报告已退回补正，截止"},
		"submitted": {"平凉市文化和旅游局 市直部门"},
	} {
		for _, text := range want {
			if shown := page.part(id); !strings.Contains(shown, text) {
				t.Errorf("%s does not show %q: %s", id, text, shown)
			}
		}
	}
	page = w.get("sheets?category=department")
	page.shows(http.StatusOK, "待评分 （0家）", "没有待评分的单位。", "平凉市文化和旅游局")
	page.lacks("崆峒区人民政府")
	b.as(t, "media1").get("sheets").lacks("平凉市文化和旅游局")
	b.as(t, "leader").get("sheets").shows(http.StatusForbidden)
}

func TestNothingToScore(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Draft(t))
	b.as(t, "web1").get("sheets").shows(http.StatusOK, "目前没有待评分的事项", "考核启动并分工后")
	b.as(t, "web1").get("sheets/by").shows(http.StatusOK, "单位的自查报告提交或者逾期后，才能按指标评分")
	b.as(t, "admin").get("sheets").shows(http.StatusOK, "评分尚未开始")
}

// Progress for who answers for it: who has how much open, who is late; no point is shown while a review is open.
func TestProgressShowsNoPoints(t *testing.T) {
	t.Parallel()
	b := reviewing(t)
	b.At(stage.Day(time.December, 16), 9)
	b.run(t, `UPDATE assessments SET review_due = '2025-12-15' WHERE unit = 'C01'`)
	b.run(t, `UPDATE scores SET points = 137, reason = '扣分的理由', method = 'documents', place = '档案室', checked_on = '2025-12-15', seen = '缺文件' WHERE assessor = 'gov1' AND indicator = '1.1'`)
	for _, login := range []string{"admin", "auditor"} {
		w := b.as(t, login)
		page := w.get("sheets")
		// gov1 has three sheets of twelve indicators; 1.1 is scored in each, C01's is overdue.
		page.shows(http.StatusOK, "评分进度", "待评分 12", "逾期 6", "市政务公开办公室考核员一 2 1 1 0/3 3/36 2025年12月15日(周一，已逾期1个工作日)", "崆峒区人民政府 县（市、区） 0/6 评分中")
		page.lacks("1.37", "扣分的理由")
		page = w.get("sheets/C01")
		page.shows(http.StatusOK, "崆峒区人民政府的评分", "评分尚未结束，只显示进度", "市政务公开办公室考核员一 待评分 已评1项，共12项")
		page.lacks("1.37", "扣分的理由", "缺文件")
	}
	same(t, "reads", b.row(t, `SELECT count(*)::text FROM access_log WHERE event = 'sheet_read'`), "0")
	b.run(t, `UPDATE assessments SET state = 'closed' WHERE unit = 'C01'`)
	b.as(t, "auditor").get("sheets/C01").shows(http.StatusOK, "各考核员的评分", "1.1 领导机制、工作机构和工作人员 市政务公开办公室考核员一 1.37/2 扣分的理由", "查阅资料 · 档案室 · 2025年12月15日(周一) · 缺文件")
	same(t, "reads", b.row(t, `SELECT login || ' ' || detail FROM access_log WHERE event = 'sheet_read'`), "auditor C01")
	b.as(t, "admin").get("sheets/C99").shows(http.StatusNotFound)
	for _, login := range []string{"leader", "deputy", "orgdept", "c01.contact", "c01.head"} {
		b.as(t, login).get("sheets/C01").shows(http.StatusForbidden)
	}
}

// The script comes with the pages that need it, and with no other.
func TestTheScriptOfTheSheets(t *testing.T) {
	t.Parallel()
	b := reviewing(t)
	w := b.as(t, "web1")
	for path, want := range map[string]bool{"sheets/C01": true, "sheets/by/3.1": true, "sheets": false, "": false} {
		script := w.get(path).find(func(n *html.Node) bool {
			return n.Data == "script" && strings.Contains(attribute(n, "src"), "scoring")
		})
		if (script != nil) != want {
			t.Errorf("%q has the script: %t", path, script != nil)
		}
	}
}
