package portal

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/net/html"

	"github.com/kaoping/kaoping/internal/stage"
)

// A contact proposes for his unit; a second person confirms it, and only then it counts (A10).
func TestProposeAndConfirm(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Running(t))
	contact := b.as(t, "c01.contact")
	page := contact.get("adjustments")
	page.shows(http.StatusOK, "还没有申报加减分", "10.1 政务公开工作受到上级主管部门通报表彰（加1分）", "11.1 政府信息公开工作被行政复议纠错或行政诉讼败诉（减2分）")
	page.lacks("华亭市")
	form := with(page.form("/adjustments"), "clause", "10.1", "date", "2024-12-31", "event", " ")
	page = contact.post("adjustments", form)
	page.shows(http.StatusUnprocessableEntity, "2024-12-31不在2025考核年度之内（A10、A11）", "请填写事项", "请填写佐证材料（A10、A11）")
	if fault := page.find(withID("f-date-fault")); fault == nil || textOf(fault) != "2024-12-31不在2025考核年度之内（A10、A11）" {
		t.Error("the fault of the date does not stand beside it")
	}
	form = with(page.form("/adjustments"), "date", "2025-06-01", "event", "省政府办公厅通报表彰", "evidence", "https://gansu.example/2025/6")
	if form.Get("clause") != "10.1" {
		t.Errorf("kept is %v", form)
	}
	contact.post("adjustments", form).shows(http.StatusOK, "已申报，待他人确认", "崆峒区人民政府 +1 第十条第（一）项 政务公开工作受到上级主管部门通报表彰 省政府办公厅通报表彰 2025年6月1日(周日) https://gansu.example/2025/6 待确认 崆峒区人民政府联络员")
	contact.post("adjustments", with(form, "act", uuid.NewString())).shows(http.StatusUnprocessableEntity, "同一事项已按10.1项申报，按分值较高的一项计（A10、A11）")
	id := b.column(t, `SELECT adjustment_id FROM adjustments`)
	admin := b.as(t, "admin")
	page = admin.get("adjustments/" + id)
	page.shows(http.StatusOK, "第十条第（一）项 政务公开工作受到上级主管部门通报表彰（加1分）", "评分尚未全部提交", "确认后，在计算得分时计入")
	admin.post("adjustments/"+id+"/confirm", page.form("/confirm")).shows(http.StatusOK, "已确认，计入得分", "已确认 市政务公开办公室管理员")
	contact.get("adjustments").shows(http.StatusOK, "已确认")
	admin.post("adjustments/"+id+"/confirm", with(page.form("/confirm"), "act", uuid.NewString())).shows(http.StatusUnprocessableEntity, "该加减分事项已经办理")
}

// Nobody decides what he proposed himself: he is not offered it, and it is refused (A10, A11).
func TestTheProposerDecidesNothing(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Running(t))
	admin := b.as(t, "admin")
	form := with(admin.get("adjustments").form("/adjustments"), "unit", "C02", "clause", "11.3", "date", "2025-03-01", "event", "网站漏洞", "evidence", "网信办通报")
	admin.post("adjustments", form).shows(http.StatusOK, "已申报")
	id := b.column(t, `SELECT adjustment_id FROM adjustments`)
	page := admin.get("adjustments/" + id)
	page.shows(http.StatusOK, "这是您本人申报的事项，须由其他管理员确认或者不予认可")
	if page.find(func(n *html.Node) bool {
		return n.Data == "form" && attribute(n, "action") == cycle+"adjustments/"+id+"/confirm"
	}) != nil {
		t.Error("the proposer is offered to confirm")
	}
	act := with(url.Values{}, "act", uuid.NewString(), "rejection", "撤回")
	admin.post("adjustments/"+id+"/confirm", act).shows(http.StatusUnprocessableEntity, "加减分须由申报人以外的人确认（A10、A11）")
	admin.post("adjustments/"+id+"/reject", with(act, "act", uuid.NewString())).shows(http.StatusUnprocessableEntity, "加减分须由申报人以外的人办理（A10、A11）")
	second := b.as(t, "confirm")
	reject := second.get("adjustments/" + id).form("/reject")
	second.post("adjustments/"+id+"/reject", reject).shows(http.StatusUnprocessableEntity, "不予认可须填写理由")
	second.post("adjustments/"+id+"/reject", with(reject, "rejection", "证据不足")).shows(http.StatusOK, "已登记为不予认可", "不予认可 市政务公开办公室复核员 原因：证据不足")
}

// While a proposal is open the administrator sees beforehand what a confirmation does, and that it voids the proposal.
func TestConfirmingVoids(t *testing.T) {
	t.Parallel()
	b := proposed(t)
	id := b.adjust(t, "D18", "10.3", "政务公开创新案例")
	admin := b.as(t, "admin")
	page := admin.get("adjustments/" + id)
	page.shows(http.StatusOK, "第1号报审结果正在审定。确认后该报审结果作废", "总分 81.50→82.50", "没有单位的名次或者等次发生变化")
	admin.post("adjustments/"+id+"/confirm", page.form("/confirm")).shows(http.StatusOK, "已确认，计入得分")
	if got := b.column(t, `SELECT string_agg(state, ' ' ORDER BY number) FROM proposals`); got != "voided open" {
		t.Errorf("the proposals are %s", got)
	}
}

// A lower clause of the same event that counts already goes: the effect says so too.
func TestTheHigherClauseReplacesTheLower(t *testing.T) {
	t.Parallel()
	b := proposed(t)
	id := b.adjust(t, "C01", "10.4-national", "甘肃日报报道")
	// + 1 − 0.6
	b.as(t, "admin").get("adjustments/"+id).shows(http.StatusOK, "总分 98.10→98.50")
}

// After the release a confirmation begins a correction, with its reason (A8(7)).
func TestConfirmingCorrects(t *testing.T) {
	t.Parallel()
	b := released(t)
	id := b.adjust(t, "C02", "11.1", "行政诉讼败诉")
	admin := b.as(t, "admin")
	page := admin.get("adjustments/" + id)
	// 100 of 101.33, less 2: 98.00, below C01's 98.10.
	page.shows(http.StatusOK, "考核结果已经通报。确认后启动更正", "名次或者等次变化的单位（2家）", "华亭市人民政府 1→2 1→2 98.00 优秀")
	page = admin.post("adjustments/"+id+"/confirm", page.form("/confirm"))
	page.shows(http.StatusUnprocessableEntity, "请填写理由")
	admin.post("adjustments/"+id+"/confirm", with(page.form("/confirm"), "correction", "法院2026年1月判决败诉")).shows(http.StatusOK, "已确认")
	if got := b.column(t, `SELECT corrects || ' ' || reason FROM proposals WHERE state = 'open'`); got != "1 法院2026年1月判决败诉" {
		t.Errorf("the new proposal is %s", got)
	}
	b.as(t, "leader").get("approval").shows(http.StatusOK, "更正已通报的结果 法院2026年1月判决败诉")
}

// A unit's people see their own, an assessor what he proposed; a foreign unit is refused.
func TestWhoSeesWhichAdjustments(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Running(t))
	b.At(stage.Day(time.November, 25), 10)
	b.adjust(t, "C01", "10.1", "表彰甲")
	b.adjust(t, "C02", "10.1", "表彰乙")
	for _, login := range []string{"c01.contact", "c01.head"} {
		page := b.as(t, login).get("adjustments")
		page.shows(http.StatusOK, "表彰甲")
		page.lacks("表彰乙")
	}
	b.as(t, "c01.head").get("adjustments?unit=C02").shows(http.StatusForbidden)
	assessor := b.as(t, "web1")
	page := assessor.get("adjustments")
	page.lacks("表彰甲", "表彰乙")
	assessor.post("adjustments", with(page.form("/adjustments"), "unit", "C02", "clause", "11.3", "date", "2025-03-01", "event", "网站漏洞", "evidence", "截图")).shows(http.StatusOK, "网站漏洞")
	leader := b.as(t, "leader").get("adjustments?state=proposed&unit=C02")
	leader.shows(http.StatusOK, "表彰乙", "网站漏洞")
	leader.lacks("表彰甲", "提交申报")
}
