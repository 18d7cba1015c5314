package portal

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/internal/stage"
	"github.com/kaoping/kaoping/office"
)

const ofC01 = "units/C01/consequences"

// violated is a year in which one violation of each severity is recorded of C01, on 2 March 2026.
func violated(t *testing.T) *bundle {
	t.Helper()
	b := ordered(t)
	for _, severity := range []string{"ordinary", "serious", "disciplinary"} {
		_, err := b.As("admin").RecordViolation(t.Context(), severity, "C01", office.ViolationFacts{Facts: "拒不公开" + severity, Evidence: "投诉件", Severity: severity})
		stage.Must(t, err)
	}
	return b
}

const decided = `SELECT number || ' ' || kind || ' ' || state || ' ' || decided_by || ' ' || reason FROM consequences WHERE state <> 'proposed' ORDER BY number`

func TestAViolationIsRecorded(t *testing.T) {
	t.Parallel()
	b := ordered(t)
	w := b.as(t, "admin")
	page := w.get("consequences")
	page.shows(http.StatusOK, "目前没有追责建议", "登记违规行为", "第十四条")
	form := page.form("/violation")
	form.Set("unit", "")
	page = w.post("consequences/violation", form)
	page.shows(http.StatusUnprocessableEntity, "请选择单位", "请填写违规事实（A14）", "请填写证据（A14）", "请选择情节")
	form = page.form("/violation")
	form.Set("unit", "C01")
	form.Set("facts", "2月10日删除应公开的文件")
	form.Set("severity", "serious")
	page = w.post("consequences/violation", form)
	page.shows(http.StatusUnprocessableEntity, "请填写证据（A14）", "2月10日删除应公开的文件")
	form = page.form("/violation")
	if form.Get("unit") != "C01" || form.Get("severity") != "serious" {
		t.Errorf("what was chosen is lost: %v", form)
	}
	form.Set("evidence", "网页存档")
	w.post("consequences/violation", form).shows(http.StatusOK, "违规行为已登记", "通报批评 待决定", "第十四条", "2月10日删除应公开的文件", "网页存档")
	b.holds(t, `SELECT event || ' ' || unit || ' ' || person || ' ' || article FROM journal WHERE event IN ('violation_recorded', 'consequence_proposed') ORDER BY seq`,
		"violation_recorded C01 admin A14", "consequence_proposed C01  A14")
	w.get("consequences").shows(http.StatusOK, "待决定1项", "崆峒区人民政府", "违规行为")
}

func TestAnInterviewIsImposed(t *testing.T) {
	t.Parallel()
	b := violated(t)
	w := b.as(t, "leader")
	page := w.get(ofC01)
	page.shows(http.StatusOK, "约谈 待决定", "通报批评 待决定", "处理建议 待决定", "第十五条", "拒不公开ordinary", "投诉件")
	form := page.form("/1/impose#c1")
	page = w.post(ofC01+"/1/impose", form)
	page.shows(http.StatusUnprocessableEntity, "请填写理由（A14）", "请填写约谈记录：日期、人员、内容（A14）", "请填写新的期限")
	form = page.form("/1/impose#c1")
	form.Set("reason", "经查属实")
	form.Set("persons", "张三，区政府副区长")
	form.Set("text", "指出问题，要求限期公开")
	form.Set("date", "2026-03-02")
	form.Set("due", "2026-03-01")
	page = w.post(ofC01+"/1/impose", form)
	page.shows(http.StatusUnprocessableEntity, "新的期限2026-03-01不晚于今天", "张三，区政府副区长", "指出问题，要求限期公开")
	form = page.form("/1/impose#c1")
	form.Set("due", "2026-03-27")
	w.post(ofC01+"/1/impose", form).shows(http.StatusOK, "决定已记录", "约谈 已决定", "张三，区政府副区长", "2026年3月27日(周五)")
	b.holds(t, decided, "1 interview imposed leader 经查属实")
	b.holds(t, `SELECT interview::text FROM consequences WHERE number = 1`, `{"date": "2026-03-02", "text": "指出问题，要求限期公开", "persons": "张三，区政府副区长"}`)
	b.holds(t, `SELECT event || ' ' || unit || ' ' || person || ' ' || article FROM journal WHERE event NOT LIKE 'mail%' AND event NOT LIKE 'task%' ORDER BY seq DESC LIMIT 2`,
		"rectification_ordered C01 leader A13", "consequence_decided C01 leader A14")
	b.holds(t, mailed("interview_notice"), "C01 head@kongtong.pingliang.example")
	// The violation's own order follows.
	b.as(t, "c01.contact").get("units/C01/rectification/1").shows(http.StatusOK, "（违规整改第1号）", "拒不公开ordinary", "2026年3月27日(周五，还有19个工作日)")
	w.get(ofC01+"/1/record").shows(http.StatusOK, "政务公开工作约谈记录", "2026年3月2日(周一)", "张三，区政府副区长", "指出问题，要求限期公开", "经查属实",
		"《平凉市政务公开工作考核实施细则（试行）》（平政办发〔2022〕99号）第十四条", "2026年3月27日(周五)前完成整改", "被约谈人（签字）：")
	// What is decided stands.
	w.post(ofC01+"/1/waive", url.Values{"act": {"00000000-0000-4000-8000-000000000009"}, "reason": {"再议"}}).shows(http.StatusUnprocessableEntity, "该追责建议已经决定")
}

func TestACriticismAndADisciplinaryProposal(t *testing.T) {
	t.Parallel()
	b := violated(t)
	w := b.as(t, "admin")
	form := w.get(ofC01).form("/2/impose#c2")
	form.Set("reason", "影响恶劣")
	form.Set("due", "2026-03-20")
	page := w.post(ofC01+"/2/impose", form)
	page.shows(http.StatusUnprocessableEntity, "请填写在领导班子考核中的扣分意见（A14）")
	form = page.form("/2/impose#c2")
	form.Set("deduction", "扣1分")
	w.post(ofC01+"/2/impose", form).shows(http.StatusOK, "通报批评 已决定", "扣1分")
	b.holds(t, mailed("criticism_notice"), "C01 head@kongtong.pingliang.example")
	form = w.get(ofC01).form("/3/impose#c3")
	form.Set("reason", "拒不改正")
	page = w.post(ofC01+"/3/impose", form)
	page.shows(http.StatusUnprocessableEntity, "请填写有权处理的机关（A15）", "拒不改正")
	form = page.form("/3/impose#c3")
	form.Set("organ", "市纪委监委")
	w.post(ofC01+"/3/impose", form).shows(http.StatusOK, "处理建议 已决定", "市纪委监委")
	b.holds(t, decided, "2 public_criticism imposed admin 影响恶劣", "3 disciplinary_proposal imposed admin 拒不改正")
	b.holds(t, journaled, `consequence_decided C01 admin A15 {"decision":"imposed","kind":"disciplinary_proposal","number":3,"reason":"拒不改正"}`)
}

// A unit sees what was imposed on it, without what proves it; not what was proposed or waived, and nothing of others.
func TestAUnitSeesWhatWasImposedOnIt(t *testing.T) {
	t.Parallel()
	b := violated(t)
	admin := b.as(t, "admin")
	for _, login := range []string{"c01.contact", "c01.head"} {
		page := b.as(t, login).get(ofC01)
		page.shows(http.StatusOK, "本单位没有被约谈")
		page.lacks("拒不公开")
	}
	form := admin.get(ofC01).form("/1/waive#c1")
	admin.post(ofC01+"/1/waive", form).shows(http.StatusUnprocessableEntity, "请填写理由（A14）")
	form.Set("reason", "情节轻微")
	admin.post(ofC01+"/1/waive", form).shows(http.StatusOK, "已决定不予追责", "约谈 不予追责", "情节轻微")
	form = admin.get(ofC01).form("/2/impose#c2")
	form.Set("reason", "影响恶劣")
	form.Set("due", "2026-03-20")
	form.Set("deduction", "扣1分")
	admin.post(ofC01+"/2/impose", form).shows(http.StatusOK, "决定已记录")
	page := b.as(t, "c01.head").get(ofC01)
	page.shows(http.StatusOK, "通报批评", "拒不公开serious", "影响恶劣")
	page.lacks("投诉件", "情节轻微", "拒不公开disciplinary", "待决定")
}

// What is waived of an overdue rectification without a new limit ends it, and the form says so.
func TestAWaiverEndsTheRectification(t *testing.T) {
	t.Parallel()
	b := ordered(t)
	b.At(calendar.Date{Year: 2026, Month: time.March, Day: 16}, 9)
	b.execute(t, `INSERT INTO consequences (cycle_id, number, unit, kind, basis, rectification) SELECT cycle_id, 1, 'C01', 'interview', 'rectification_overdue', 0 FROM cycles`)
	w := b.as(t, "leader")
	page := w.get(ofC01)
	page.shows(http.StatusOK, "整改逾期", "不填的，原期限未到的继续整改，期限已过仍未报告的整改到此终结")
	form := page.form("/1/waive#c1")
	form.Set("reason", "机构已撤销")
	w.post(ofC01+"/1/waive", form).shows(http.StatusOK, "已决定不予追责")
	b.holds(t, `SELECT state FROM rectifications WHERE unit = 'C01'`, "ended")
	w.get(orderC01).shows(http.StatusOK, "已终结", "决定不予约谈。理由：机构已撤销")
}

// For the unit itself there is nothing to decide, nor for another unit's number; what is neither imposed nor waived is
// no decision.
func TestWhatIsNotThereToDecide(t *testing.T) {
	t.Parallel()
	b := violated(t)
	for login, path := range map[string]string{"c01.contact": ofC01 + "/1/waive", "admin": "units/D18/consequences/1/waive", "leader": ofC01 + "/1/excuse"} {
		if page := b.as(t, login).post(path, url.Values{"act": {act}, "reason": {"轻微"}}); page.status != http.StatusNotFound {
			t.Errorf("%s, %s: %d", login, path, page.status)
		}
	}
	b.holds(t, decided)
}

// After the browser's Back a form that was refused is mended and sent: it is not the refused act again. Sent twice, it is
// one act.
func TestAFormIsMendedAfterBack(t *testing.T) {
	t.Parallel()
	b := violated(t)
	w := b.as(t, "admin")
	form := w.get(ofC01).form("/1/waive#c1")
	w.post(ofC01+"/1/waive", form).shows(http.StatusUnprocessableEntity, "请填写理由（A14）")
	form.Set("reason", "情节轻微")
	for range 2 {
		w.post(ofC01+"/1/waive", form).shows(http.StatusOK, "已决定不予追责")
	}
	b.holds(t, decided, "1 interview waived admin 情节轻微")
}
