package portal

import (
	"net/http"
	"testing"
	"time"

	"github.com/kaoping/kaoping/internal/stage"
)

// concluded is a year whose results are released: every unit reported and got its full points but for one.
func concluded(t *testing.T) *bundle {
	t.Helper()
	b := scored(t)
	open, err := b.As("leader").OpenProposal(t.Context())
	stage.Must(t, err)
	stage.Must(t, b.As("leader").Approve(t.Context(), "approve", open.Digest))
	b.At(stage.Day(time.December, 16), 10)
	b.Reload()
	return b
}

// scored is a year whose results wait for the leader.
func scored(t *testing.T) *bundle {
	t.Helper()
	b := opened(t, stage.Running(t))
	b.At(stage.Day(time.December, 10), 9)
	for _, contact := range []string{"c01.contact", "c02.contact", "d18.contact"} {
		b.Report(contact)
	}
	for _, assessor := range []string{"web1", "web2", "media1", "opinion1", "gov1", "gov2"} {
		for _, unit := range []string{"C01", "C02", "D18"} {
			if assessor != "media1" || unit != "D18" {
				b.Score(assessor, unit, 0)
			}
		}
	}
	b.Reload()
	return b
}

// A year that was started by mistake: the page says whom a cancellation tells, and it takes a reason and a tick.
func TestCancellingAYear(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Running(t))
	w := b.as(t, "admin")
	page := w.get("administration")
	page.shows(http.StatusOK, "向各单位联络员发送3封邮件说明理由")
	page.lacks("更正已通报的结果", "重新评分")
	form := page.form("/administration/cancel")
	form.Set("reason", "方案有误")
	w.post("administration/cancel", form).shows(http.StatusUnprocessableEntity, "请勾选确认撤销", "方案有误")
	form.Set("sure", "1")
	form.Set("reason", " ")
	form.Set("act", "0b9f7c3e-6c0f-4a53-8f0e-1d2a6c1b0005")
	w.post("administration/cancel", form).shows(http.StatusUnprocessableEntity, "请填写理由")
	form.Set("reason", "方案有误")
	form.Set("act", "0b9f7c3e-6c0f-4a53-8f0e-1d2a6c1b0006")
	for range 2 {
		page = w.post("administration/cancel", form)
		page.shows(http.StatusOK, "年度考核已撤销。", "目前没有可以办理的年度事项")
	}
	page.lacks("请填写理由", "我确认撤销")
	if got := b.counted(t, `SELECT count(*) FROM mails WHERE kind = 'cycle_cancelled'`); got != 3 {
		t.Errorf("%d contacts are told", got)
	}
}

// Reviews are opened again while a proposal waits: it is voided (A8(6)).
func TestOpeningReviewsAgainBeforeTheRelease(t *testing.T) {
	t.Parallel()
	b := scored(t)
	w := b.as(t, "admin")
	w.get("administration").shows(http.StatusOK, "待审定的第1次报审结果随即作废")
	w.get("administration/reopen").shows(http.StatusUnprocessableEntity, "请至少选择一家单位")
	page := w.get("administration/reopen?unit=C01&unit=D18")
	page.shows(http.StatusOK, "重新评分的单位（2家） 崆峒区人民政府、平凉市文化和旅游局", "新的评分期限 2025年12月15日(周一)", "11份，原有分数保留", "待审定的第1次报审结果作废。")
	form := page.form("/administration/reopen")
	w.post("administration/reopen", form).shows(http.StatusUnprocessableEntity, "请填写理由", "11份")
	form.Set("reason", "发现漏查栏目")
	form.Set("act", "0b9f7c3e-6c0f-4a53-8f0e-1d2a6c1b0007")
	w.post("administration/reopen", form).shows(http.StatusOK, "评分已重新开放，已告知考核员。")
	if got := b.counted(t, `SELECT count(*) FROM sheets WHERE state = 'open'`); got != 11 {
		t.Errorf("%d sheets are open, want the six of C01 and the five of D18", got)
	}
	if got := b.counted(t, `SELECT count(*) FROM proposals WHERE state = 'voided' AND comment = '发现漏查栏目'`); got != 1 {
		t.Errorf("%d proposals are voided", got)
	}
}

// After the release it is a correction: the released results stay in force, and one correction goes on at a time (A8(7)).
func TestCorrectingReleasedResults(t *testing.T) {
	t.Parallel()
	b := concluded(t)
	w := b.as(t, "admin")
	w.get("year").shows(http.StatusOK, "结果审定 （已完成） 1月16日 已完成", "通报反馈 （已完成） 12月10日 3/3 已反馈", "问题整改 （进行中） 3月13日")
	page := w.get("administration/reopen?unit=C02")
	page.shows(http.StatusOK, "已通报的结果（第1次报审）在更正审定前仍然有效。", "6份，原有分数保留")
	form := page.form("/administration/reopen")
	form.Set("reason", "行政诉讼败诉")
	for range 2 {
		w.post("administration/reopen", form).shows(http.StatusOK, "评分已重新开放")
	}
	page = w.get("administration")
	page.shows(http.StatusOK, "正在更正结果，理由：行政诉讼败诉。")
	page.lacks("选择需要更正的单位")
	if got := b.counted(t, `SELECT count(*) FROM assessments WHERE state = 'review' AND generation = 2`); got != 1 {
		t.Errorf("%d reviews are open", got)
	}
}

// The rules as data, each with its article; of this year, under which document they hold (A16).
func TestTheRules(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Running(t))
	for _, login := range []string{"admin", "c01.contact", "orgdept"} {
		b.as(t, login).get("rules").shows(http.StatusOK, "平凉市政务公开工作考核实施细则（试行）", "2022-08-05至2024-08-04，含首尾两日。依据：A16、E12",
			"平政办发〔2024〕00号(示例)，2024-08-01", "通知日期2025-11-24在有效期外", "优秀 90 A9", "年度专项业务工作 70分", "10.4-provincial 政务公开工作被省级媒体宣传报道 +0.6 A10(4)",
			"11.2-provincial 政府网站、政务新媒体出现重大错敏信息被省办信息公开办通报 −1.5 A11(2)", "依申请公开 A6(7)", "实地复核 A8(6)", "政务新媒体维管单位 A8(2)")
	}
}
