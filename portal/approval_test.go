package portal

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kaoping/kaoping/internal/stage"
)

// The leader sees what is proposed, ranked overall and by category, with what each total is made of (A8(6), A9).
func TestAProposalAsTheLeaderSeesIt(t *testing.T) {
	t.Parallel()
	b := proposed(t)
	page := b.as(t, "leader").get("approval")
	page.shows(http.StatusOK, "审定考核结果", "2025年度，第1号报审结果，共3家单位", "领导小组组长审定；逾期未审定的，由分管领导审定",
		"2026年1月16日(周五，还有18个工作日)", "优秀 2", "良好 1",
		"1 华亭市人民政府 县（市、区）第1名 100.00 优秀", "2 崆峒区人民政府 县（市、区）第2名 98.10 优秀", "3 平凉市文化和旅游局 部门第1名 81.50 良好",
		// C01: 7.33 + 5.33 + 4.33 + 3 = 19.99 of 22; 9.5 of 10; one hundredth comes back by rounding the total once.
		"第六条第（三）项 主动公开（满分22分） 指标3.1扣0.67分 指标3.2扣0.67分 指标3.3扣0.67分 19.99",
		"第六条第（七）项 依申请公开（满分14分） 指标7.2扣0.5分 13.50",
		"第十条第（四）项 加分：政务公开工作被省级媒体宣传报道，每次加0.6分，共1次 0.60", "第十一条第（二）项", "−1.00",
		"第九条 各项分值分别四舍五入与总分一次四舍五入之间的差额 0.01", "加分后总分超过100分的部分不计 −1.33",
		"县（市、区）（2家）", "部门（1家）", "80–84.99 良好 1", "95–100 优秀 2")
	page.lacks("上年度", "上次报审")
	if page.path != cycle+"approval/1" {
		t.Errorf("the newest proposal is at %s", page.path)
	}
}

// Every unit's lines add up to the total that is shown.
func TestLinesAddUp(t *testing.T) {
	t.Parallel()
	b := proposed(t)
	p, err := b.As("leader").Proposal(t.Context(), 1)
	stage.Must(t, err)
	for _, unit := range p.Units {
		sum := unit.Total
		for _, area := range unit.Areas {
			sum -= area.Points
		}
		for _, line := range unit.Rest {
			sum -= line.Points
		}
		if sum != 0 {
			t.Errorf("%s: %s is left", unit.Name, sum)
		}
	}
	b.as(t, "leader").get("approval/1/units/C01").shows(http.StatusOK, "崆峒区人民政府", "98.10 优秀 总排名第2名，县（市、区）第2名",
		"第八条第（六）项 指标3.1（主动公开，满分8分）：3名考核人员评分的平均值 7.33", "总分 98.10")
}

// The leader approves exactly what the page shows; the release follows, and the page stays as a record.
func TestApprove(t *testing.T) {
	t.Parallel()
	b := proposed(t)
	b.At(january(14), 10)
	w := b.as(t, "leader")
	form := w.get("approval/1").form("/approve")
	page := w.post("approval/1/approve", form)
	page.shows(http.StatusOK, "考核结果已审定通过", "已审定通过。 领导小组组长（市政务公开领导小组组长） 2026年1月14日(周三) 10:00")
	page.lacks("确认审定通过", "退回重新评分")
	if got := b.column(t, `SELECT digest FROM proposals WHERE state = 'approved' AND office = 'leader' AND released`); got != form.Get("digest") {
		t.Errorf("approved is %s, shown was %s", got, form.Get("digest"))
	}
	// A second click is the same act.
	w.post("approval/1/approve", form).shows(http.StatusOK, "考核结果已审定通过")
	if got := b.column(t, `SELECT count(*) FROM journal WHERE event = 'proposal_approved'`); got != "1" {
		t.Errorf("approved %s times", got)
	}
}

// An approval that is not yet confirmed is sent again as the same act; a return beside it would be another one.
func TestApproveNotYetConfirmed(t *testing.T) {
	t.Parallel()
	b := proposed(t)
	w := b.as(t, "leader")
	form := w.get("approval/1").form("/approve")
	b.Patience = time.Nanosecond
	page := w.post("approval/1/approve", form)
	page.shows(http.StatusServiceUnavailable, "尚未确认")
	again, back := page.form("/approve"), page.form("/return")
	if again.Get("act") != form.Get("act") || back.Get("act") == form.Get("act") {
		t.Errorf("the act was %s; again it is %s, the return's is %s", form.Get("act"), again.Get("act"), back.Get("act"))
	}
	b.Patience = time.Minute
	w.post("approval/1/approve", again).shows(http.StatusOK, "考核结果已审定通过")
}

// A digest that was never shown is not approved.
func TestApproveAnotherDigest(t *testing.T) {
	t.Parallel()
	b := proposed(t)
	w := b.as(t, "leader")
	form := with(w.get("approval/1").form("/approve"), "digest", "abc")
	w.post("approval/1/approve", form).shows(http.StatusUnprocessableEntity, "您查看之后考核结果有变动，请查看最新的报审结果", "确认审定通过（3家）")
}

// If the proposal was voided while the leader read it, he is told, and sees the new one; his words are kept.
func TestDecideWhatIsVoid(t *testing.T) {
	t.Parallel()
	b := proposed(t)
	w := b.as(t, "leader")
	shown := w.get("approval/1")
	approval, back := shown.form("/approve"), with(shown.form("/return"), "comment.C01", "请复核3.1", "which", "some")
	stage.Must(t, b.As("confirm").ConfirmAdjustment(t.Context(), uuid.NewString(), b.adjust(t, "D18", "10.1", "省厅表彰"), ""))
	page := w.post("approval/1/approve", approval)
	page.shows(http.StatusUnprocessableEntity, "第1号报审结果已作废，您刚才的操作没有生效。 原因：确认了加减分事项。", "以下是最新的第2号报审结果，请重新核对后办理",
		"82.50", "上次报审第3名，81.50分", "与上次报审相比+1.00分")
	page = w.post("approval/1/return", back)
	page.shows(http.StatusUnprocessableEntity, "第1号报审结果已作废", "请复核3.1")
	if got := b.column(t, `SELECT string_agg(state, ' ' ORDER BY number) FROM proposals`); got != "voided open" {
		t.Errorf("the proposals are %s", got)
	}
	w.get("approval/1").shows(http.StatusOK, "已作废", "查看最新的第2号报审结果")
}

// Units with a comment go back, with the comment and a date; what follows is compared with it (A8(6)).
func TestReturnSome(t *testing.T) {
	t.Parallel()
	b := proposed(t)
	w := b.as(t, "leader")
	form := w.get("approval/1").form("/return")
	if form.Get("due") != "2025-12-25" {
		t.Errorf("the review date of a return on Monday 22 December is %s", form.Get("due"))
	}
	w.post("approval/1/return", with(form, "which", "some")).shows(http.StatusUnprocessableEntity, "没有单位填写了退回意见")
	page := w.post("approval/1/return", with(form, "which", "some", "comment.C01", "3.1请复核", "due", "2025-12-01"))
	page.shows(http.StatusUnprocessableEntity, "新的评分期限2025-12-01不晚于今天")
	if kept := page.form("/return"); kept.Get("comment.C01") != "3.1请复核" || kept.Get("due") != "2025-12-01" {
		t.Errorf("kept is %v", kept)
	}
	page = w.post("approval/1/return", with(page.form("/return"), "which", "some", "due", "2025-12-26"))
	page.shows(http.StatusOK, "已退回，考核员会收到通知", "已退回重新评分", "退回意见： 3.1请复核", "结果重新计算后会再次报审")
	if got := b.column(t, `SELECT string_agg(unit || ' ' || review_due, ', ') FROM assessments WHERE state = 'review'`); got != "C01 2025-12-26" {
		t.Errorf("reopened are %s", got)
	}
	b.execute(t, `UPDATE scores SET points = max_points WHERE unit = 'C01' AND indicator = '3.1'`)
	b.submit(t)
	// 98.10 + 2/3 = 98.77, rounded once.
	w.get("approval").shows(http.StatusOK, "第2号报审结果", "第1号报审结果退回意见： 见各单位", "与第1号报审结果相比，1家单位的总分或者名次有变化", "与上次报审相同", "98.77", "上次报审第2名，98.10分", "与上次报审相比+0.67分", "上次退回意见： 3.1请复核")
}

func TestReturnAll(t *testing.T) {
	t.Parallel()
	b := proposed(t)
	w := b.as(t, "leader")
	form := with(w.get("approval/1").form("/return"), "which", "all")
	w.post("approval/1/return", form).shows(http.StatusUnprocessableEntity, "全部退回的，请填写总体意见")
	w.post("approval/1/return", with(form, "general", "标准不一，请统一尺度")).shows(http.StatusOK, "已退回重新评分", "原因：标准不一，请统一尺度")
	if got := b.column(t, `SELECT count(*) FROM assessments WHERE state = 'review'`); got != "3" {
		t.Errorf("%s units are reopened", got)
	}
}

// The deputy reads along until the leader's date is over, and then decides; the approval states the office (A8(6)).
func TestTheDeputyDecidesAfterTheDate(t *testing.T) {
	t.Parallel()
	b := proposed(t)
	w := b.as(t, "deputy")
	page := w.get("approval/1")
	page.shows(http.StatusOK, "2026年1月16日(周五)以前由领导小组组长审定")
	page.lacks("确认审定通过")
	b.At(january(17), 9)
	page = w.get("approval/1")
	page.shows(http.StatusOK, "审定期限已过，分管领导也可以审定", "已逾期")
	w.post("approval/1/approve", page.form("/approve")).shows(http.StatusOK, "已审定通过。 分管领导（市政府分管政务公开工作的领导）")
	if got := b.column(t, `SELECT office FROM proposals`); got != "deputy" {
		t.Errorf("the office is %s", got)
	}
}

func TestWhatChangedSinceLastYear(t *testing.T) {
	t.Parallel()
	b := proposed(t)
	b.lastYear(t)
	page := b.as(t, "leader").get("approval/1")
	page.shows(http.StatusOK, "崆峒区人民政府 县（市、区）第2名；上年度第2名，88.00分", "与上年度相比+10.10分", "与上年度相比+8.50分")
}

// The administrator sees the same as a preview; nobody else sees it, and only the leaders act.
func TestWhoSeesAProposal(t *testing.T) {
	t.Parallel()
	b := proposed(t)
	page := b.as(t, "admin").get("approval/1")
	page.shows(http.StatusOK, "这是预览", "98.10")
	page.lacks("确认审定通过", "退回填写了意见的单位")
	form := with(b.as(t, "leader").get("approval/1").form("/approve"))
	if page := b.as(t, "confirm").post("approval/1/approve", form); page.status != http.StatusForbidden {
		t.Errorf("an administrator approves: %d", page.status)
	}
	if got := b.column(t, `SELECT count(*) FROM access_log WHERE event = 'results_read' AND login = 'admin' AND detail = 'approval/1'`); got != "1" {
		t.Errorf("the access log has %s lines", got)
	}
}

func TestNoProposalYet(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Running(t))
	w := b.as(t, "leader")
	w.get("approval").shows(http.StatusOK, "考核结果尚未报审")
	w.get("approval/1").shows(http.StatusNotFound, "没有第1号报审结果")
	w.get("approval/x").shows(http.StatusNotFound)
}
