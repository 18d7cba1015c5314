package portal

import (
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/kaoping/kaoping/internal/stage"
)

// C01 has 19.99 of 22 in proactive disclosure, 90.86 %; D18 6.50 of 10 in response, 9 of 17 in platforms (52.9 %).
func TestOverview(t *testing.T) {
	t.Parallel()
	b := proposed(t)
	page := b.as(t, "deputy").get("overview")
	page.shows(http.StatusOK, "根据第1号报审结果（待审定），尚未通报",
		"华亭市人民政府 100 100 97 93 100 100 100 100 崆峒区人民政府 100 100 91 100 100 100 96 100 平凉市文化和旅游局 100 100 77 100 65 100 100 53",
		// 8.2 cost D18 8; 3.3 cost C01 2/3 and D18 5, 3.5 in 5.2, 1 in 4.1, 2/3 twice in 3.1.
		"8.2 专栏内容保障和常态化维护 −8.00 3.3 部门单位制定印发的主动公开文件发布 −5.67 5.2 回应群众和市场主体关切 −3.50 3.1",
		"3.1 政府和政府办文件在市县两级政府信息公开专栏发布 2/3 1.34 0.45",
		// (100 + 98.10 + 81.50) / 3
		"2025 93.20 2 1 0 0", "没有以前年度已通报的结果可以比较")
	if cell := page.find(func(n *html.Node) bool { return n.Data == "td" && attribute(n, "class") == "heat-5" }); cell == nil || textOf(cell) != "53" {
		t.Error("53 % does not have the colour of its tenth")
	}
}

func TestYearsSideBySide(t *testing.T) {
	t.Parallel()
	b := released(t)
	b.lastYear(t)
	page := b.as(t, "admin").get("overview")
	page.shows(http.StatusOK, "根据已通报的考核结果", "2024 89.75 1 1 0 0", "华亭市人民政府 1 91.50 1 100.00 崆峒区人民政府 2 88.00 2 98.10 平凉市文化和旅游局 — — 3 81.50")
}

// Every picture has its file: with a byte order mark, as spreadsheets want it.
func TestOverviewFiles(t *testing.T) {
	t.Parallel()
	b := proposed(t)
	w := b.as(t, "leader")
	for what, want := range map[string]string{
		"heat":         "C01,崆峒区人民政府,县（市、区）,6.00,6.00,100,9.00,9.00,100,19.99,22.00,91,14.00,14.00,100,10.00,10.00,100,8.00,8.00,100,13.50,14.00,96,17.00,17.00,100\r\n",
		"distribution": "80–84.99,良好,1\r\n",
		"means":        "年度,单位数,平均总分,优秀,良好,合格,不合格\r\n2025,3,93.20,2,1,0,0\r\n",
		"years":        "单位代码,单位,2025年名次,2025年总分\r\nC02,华亭市人民政府,1,100.00\r\n",
		"losses":       "8.2,专栏内容保障和常态化维护,平台建设,8.00,3,1,8.00,2.67\r\n",
	} {
		page := w.get("overview.csv?what=" + what)
		if page.status != http.StatusOK || !strings.HasPrefix(page.body, "\ufeff") || !strings.Contains(page.body, want) {
			t.Errorf("%s: %d\n%s\nwant\n%s", what, page.status, page.body, want)
		}
		if got := page.header.Get("Content-Disposition"); got != "attachment; filename=pingliang-2025-"+what+".csv" {
			t.Errorf("%s is kept as %s", what, got)
		}
	}
	w.get("overview.csv?what=else").shows(http.StatusNotFound)
}

// What a spreadsheet would take for a formula is marked as text.
func TestCells(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{"=1+1": "'=1+1", "@x": "'@x", "-": "'-", "C01": "C01", "": ""} {
		if got := cell(value); got != want {
			t.Errorf("%q is %q", value, got)
		}
	}
}

func TestNoOverviewYet(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Running(t))
	b.as(t, "admin").get("overview").shows(http.StatusOK, "还没有考核结果", "全部评分表提交后")
}
