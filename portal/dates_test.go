package portal

import (
	"net/http"
	"testing"
	"time"

	"github.com/kaoping/kaoping/internal/stage"
)

// Before a date is moved the page says for whom; afterwards it is as the page said (A8(3)).
func TestMovingADateForAll(t *testing.T) {
	t.Parallel()
	b := overdue(t)
	w := b.as(t, "admin")
	w.get("dates").shows(http.StatusOK, "第1版 2025-11-24 2025-12-12 2026-01-09 2026-01-16 2026-03-13 导入的考核方案")
	page := w.get("dates?phase=self_report&to=2025-12-19")
	// C01 has reported; C02 and D18 have not, and D18's own date, the 17th, is earlier.
	page.shows(http.StatusOK, "2025年12月12日(周五) → 2025年12月19日(周五)", "期限随之调整 2家单位 名单 华亭市人民政府、平凉市文化和旅游局", "邮件告知 2家单位",
		"不受影响（已办结或者另有期限） 1家单位 名单 崆峒区人民政府")
	form := page.form("/dates")
	form.Set("reason", "")
	w.post("dates", form).shows(http.StatusUnprocessableEntity, "请填写理由", "影响范围")
	form.Set("reason", "全市系统检修")
	form.Set("act", "0b9f7c3e-6c0f-4a53-8f0e-1d2a6c1b0002")
	for range 2 {
		w.post("dates", form).shows(http.StatusOK, "期限已调整。", "第2版 2025-11-24 2025-12-19 2026-01-09 2026-01-16 2026-03-13 全市系统检修 admin")
	}
	if got := b.counted(t, `SELECT count(*) FROM assessments WHERE report_due = '2025-12-19'`); got != 2 {
		t.Errorf("%d units have the new date", got)
	}
	if got := b.counted(t, `SELECT count(*) FROM mails WHERE kind = 'deadline_extended' AND unit IN ('C02', 'D18') AND key NOT LIKE '%/extend/%'`); got != 2 {
		t.Errorf("%d units were told", got)
	}
}

func TestADateThatCannotBeMovedThere(t *testing.T) {
	t.Parallel()
	w := overdue(t).as(t, "admin")
	for query, fault := range map[string]string{
		"phase=review&to=2026-01-20":      "调整后各期限先后顺序有误：自查报告2025-12-12，评分2026-01-20，审定2026-01-16，整改2026-03-13",
		"phase=self_report&to=2025-12-10": "目前的截止日期是2025-12-12，延期后的日期应晚于该日",
		"phase=self_report&to=2025-12-15": "2025-12-15不晚于今天",
		"phase=self_report&to=soon":       "请选择日期",
	} {
		page := w.get("dates?" + query)
		page.shows(http.StatusOK, fault)
		page.lacks("确认调整")
	}
	w.get("dates?phase=nothing&to=2026-01-10").shows(http.StatusUnprocessableEntity, "可以调整的期限有")
}

// The review's date concerns assessors, the approval's the open proposal, the rectification's who has an order.
func TestWhomEachDateConcerns(t *testing.T) {
	t.Parallel()
	b := overdue(t)
	w := b.as(t, "admin")
	w.get("dates?phase=review&to=2026-01-12").shows(http.StatusOK, "期限随之调整 3家单位", "涉及6名考核员")
	w.get("dates?phase=approval&to=2026-01-20").shows(http.StatusOK, "目前没有待审定的结果")
	for _, statement := range []string{
		`INSERT INTO proposals (cycle_id, number, digest, book, due) SELECT cycle_id, 4, 'd', '{}', '2026-01-16' FROM cycles`,
		`INSERT INTO rectifications (cycle_id, unit, number, state, due) SELECT cycle_id, code, 0, CASE code WHEN 'C01' THEN 'ordered' WHEN 'C02' THEN 'draft' ELSE 'accepted' END, '2026-03-13' FROM units`,
	} {
		_, err := b.DB.ExecContext(t.Context(), statement)
		stage.Must(t, err)
	}
	w.get("dates?phase=approval&to=2026-01-20").shows(http.StatusOK, "第4次报审的审定期限随之调整")
	w.get("dates?phase=rectification&to=2026-03-20").shows(http.StatusOK, "期限随之调整 2家单位", "邮件告知 1家单位", "不受影响（已办结或者另有期限） 0家单位")
	b.At(stage.Day(time.December, 16), 9)
	page := b.as(t, "leader").get("dates")
	page.shows(http.StatusOK, "第1版")
	page.lacks("新的截止日期")
}
