package portal

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kaoping/kaoping/internal/stage"
)

// Nothing of the results shows before they are released (A8(6), A8(7)).
func TestNoResultsBeforeTheRelease(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Running(t))
	w := b.as(t, "c01.contact")
	page := w.get("units/C01/results")
	page.shows(http.StatusOK, "考核结果尚未发布")
	page.lacks("得分说明", "总分")
	w.get("units/C01/feedback").shows(http.StatusNotFound, "考核结果尚未发布（A8(7)）")
}

// A unit sees its own: the total by hand is 98.00, in a category of two whose other unit has 99.67.
func TestAUnitsResults(t *testing.T) {
	t.Parallel()
	b := releasedUnits(t)
	page := b.as(t, "c01.contact").get("units/C01/results")
	page.shows(http.StatusOK, "98.00", "优秀", "总排名第2名（共2个单位），县（市、区）类第2名（共2个）", "第1号通报",
		"第八条第（六）项 指标3.1（主动公开，满分8分）：3名考核人员评分的平均值 政府和政府办文件在市县两级政府信息公开专栏发布 7.00",
		// The annual report is that of the year before (A4).
		"第八条第（六）项 指标3.4（主动公开，满分3分）：3名考核人员评分的平均值（评价2024年度） 政府信息公开年度报告编制和发布 3.00",
		"总分 98.00",
		// 21 of 22 points, the other unit 22: 95.45 % and 97.73 %.
		"主动公开 21.00 22.00 95.5% 97.7%",
		// 17 of 17, the other 16.67: 100 % and (17 + 16.67) / 34 = 99.03 %.
		"平台建设 17.00 17.00 100% 99%",
		"3.1 政府和政府办文件在市县两级政府信息公开专栏发布 8.00 1.00 扣2分：gov所见：扣分情形 （读网检查，2025年12月20日(周六)，单位网站：逐条核对） 扣1分：web所见：扣分情形",
		"7.2 依申请公开答复和复议诉讼 10.00 1.00 扣2分：", "暂无下达的整改问题")
	page.lacks("99.67", "考核员一", "gov2", "更正")
	page = b.as(t, "c02.contact").get("units/C02/results")
	page.shows(http.StatusOK, "99.67", "总排名第1名", "8.2 专栏内容保障和常态化维护 8.00 0.33 扣1分：")
}

// While a released result is scored again nothing of that shows; once it is released it says what it corrects (A8(7)).
func TestACorrectedResult(t *testing.T) {
	t.Parallel()
	b := releasedUnits(t)
	b.At(stage.Day(time.December, 22), 10)
	stage.Must(t, b.As("admin").ReopenReviews(t.Context(), "reopen", []string{"C01"}, "复议决定改变了依申请公开的事实"))
	w := b.as(t, "c01.contact")
	scores(t, b, "gov2", given{"gov2 C01 3.1": 100, "gov2 C01 7.2": 1000})
	page := w.get("units/C01/results")
	page.shows(http.StatusOK, "98.00", "扣2分：gov所见：扣分情形", "7.2 依申请公开答复和复议诉讼 10.00 1.00")
	page.lacks("扣7分", "更正")

	b.At(stage.Day(time.December, 23), 10)
	for _, assessor := range assessors {
		scores(t, b, assessor, given{"web2 C01 3.1": 700})
	}
	b.approve(t)
	// 3.1 is now the mean of 8, 7 and 1: 5.33; 7.2 is full. 100 − 2.666… = 97.33.
	w.get("units/C01/results").shows(http.StatusOK, "97.33", "本结果更正第1号通报公布的结果。", "原结果：98.00分，优秀，总排名第2名。", "更正原因：复议决定改变了依申请公开的事实", "第2号通报", "扣7分：gov所见")
	w.get("units/C01/feedback").shows(http.StatusOK, "第1号通报公布的你单位结果（98.00分，优秀）现予更正，以本反馈为准", "2025年12月23日")
}

// The written feedback is a document: addressee, results, reasons, the extension of the rules, signature (A8(7), A13, A16).
func TestFeedback(t *testing.T) {
	t.Parallel()
	b := releasedUnits(t)
	w := b.as(t, "c01.contact")
	page := w.get("units/C01/feedback")
	page.shows(http.StatusOK, "关于崆峒区人民政府 2025年度政务公开工作考核结果的反馈", "崆峒区人民政府：",
		"根据《平凉市政务公开工作考核实施细则（试行）》（平政办发〔2022〕99号，依据平政办发〔2024〕00号(示例)继续施行），现将你单位2025年度政务公开工作考核结果反馈如下。",
		"考核得分98.00分，考核等次为优秀；总排名第2名，县（市、区）类第2名。", "总分 98.00", "下列指标考核2024年度的工作：政府信息公开年度报告编制和发布。",
		"7.2 依申请公开答复和复议诉讼 1.00", "如有需要整改的问题，另行下达整改通知。", "平凉市政府政务公开办公室 2025年12月20日")
	stage.Must(t, b.As("admin").OrderRectifications(t.Context(), "order"))
	page = w.get("units/C01/feedback")
	page.shows(http.StatusOK, "1．", "请针对上述问题制定整改措施，于2026年3月13日24时前完成整改并报告整改情况。")
	page.lacks("另行下达")
	w.get("units/C01/results").shows(http.StatusOK, "办理整改（2026年3月13日(周五)前）")
	w.get("units/C01").shows(http.StatusOK, "98.00", "考核问题整改", "待报措施")
	if !strings.Contains(page.body, `<body class="paper">`) || !strings.Contains(page.body, "data-print") {
		t.Error("the feedback can't be printed as a document")
	}
}
