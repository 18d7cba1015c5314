package portal

import (
	"net/http"
	"testing"

	"github.com/kaoping/kaoping/internal/stage"
)

// C01 has 98.10, second of three and of its category; C02 has 100.00 of 101.33, D18 81.50.
func TestWhatIf(t *testing.T) {
	t.Parallel()
	b := proposed(t)
	digest := b.column(t, `SELECT digest FROM proposals`)
	w := b.as(t, "admin")
	w.get("whatif").shows(http.StatusOK, "假设测算", "假设崆峒区人民政府有以下变化", "10.1 政务公开工作受到上级主管部门通报表彰（加1分）", "3.1 政府网站维管单位考核员二：现为7分（满分8分）")
	w.get("whatif?unit=C01&remove=11.2-city").shows(http.StatusOK, "假设崆峒区人民政府撤销一次11.2-city项", "总分 98.10→99.10", "没有单位的名次或者等次发生变化")
	// C02 falls by 2 from its capped 100 to 98.00, below C01.
	page := w.get("whatif?unit=C02&add=11.5")
	page.shows(http.StatusOK, "总分 100.00→98.00", "总名次 1→2", "名次或者等次变化的单位（2家）", "崆峒区人民政府 2→1 2→1 98.10 优秀", "华亭市人民政府 1→2 1→2 98.00 优秀")
	page.lacks("平凉市文化和旅游局 3")
	// 83.50 + 1.5/2 − 2; with 7 from gov1: 5.2 is (7 + 3.5) / 2 = 5.25 instead of 3.50.
	w.get("whatif?unit=D18&score=5.2/0&points=7").shows(http.StatusOK, "假设平凉市文化和旅游局指标5.2由市政务公开办公室考核员一评为7分（现为3.5分）", "总分 81.50→83.25", "没有单位的名次或者等次发生变化")
	// 8.2 by 0 and 0 of 8: a grade changes, no rank.
	w.get("whatif?unit=D18&add=11.1").shows(http.StatusOK, "总分 81.50→79.50", "等次 良好→合格", "平凉市文化和旅游局 3 1 79.50 良好→合格")
	w.get("whatif?unit=D18&score=5.2/0&points=7.5").shows(http.StatusUnprocessableEntity, "指标5.2：得分7.50不在0至7.00之间")
	w.get("whatif?unit=D18&score=5.2/0&points=七").shows(http.StatusUnprocessableEntity, "最多两位小数")
	w.get("whatif?unit=D18&score=5.2/7&points=7").shows(http.StatusUnprocessableEntity, "没有这项评分")
	w.get("whatif?unit=D18&add=10.9").shows(http.StatusUnprocessableEntity, "考核细则中没有")
	w.get("whatif?unit=D18&remove=10.3").shows(http.StatusUnprocessableEntity, "无法按此假设测算")
	w.get("whatif?unit=D99").shows(http.StatusNotFound)
	if got := b.column(t, `SELECT digest || state FROM proposals`); got != digest+"open" {
		t.Errorf("the proposal is %s", got)
	}
}

func TestWhatIfBeforeAllIsScored(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Running(t))
	w := b.as(t, "admin")
	w.get("whatif").shows(http.StatusOK, "评分尚未全部提交")
	// Filled in, but not submitted: nobody's results yet.
	reviewed := reviewed(t)
	reviewed.as(t, "admin").get("whatif?unit=C01&add=11.5").shows(http.StatusOK, "评分尚未全部提交")
}

// While reopened sheets are filled again there is nothing to compare with.
func TestWhatIfDuringACorrection(t *testing.T) {
	t.Parallel()
	b := released(t)
	w := b.as(t, "admin")
	// 97.50 + 2.60 is capped at 100, less 1.
	w.get("whatif?unit=C01&add=10.1").shows(http.StatusOK, "总分 98.10→99.00")
	for _, reopened := range []string{`WHERE unit = 'C01' AND assessor = 'web1'`, ``} {
		b.execute(t, `UPDATE sheets SET state = 'open' `+reopened)
		w.get("whatif?unit=C01&add=10.1").shows(http.StatusOK, "评分尚未全部提交")
	}
}
