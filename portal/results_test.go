package portal

import (
	"bytes"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/xuri/excelize/v2"

	"github.com/kaoping/kaoping/internal/stage"
)

// The organization department reads the released table, and nothing before it is released (A12).
func TestResults(t *testing.T) {
	t.Parallel()
	b := proposed(t)
	w := b.as(t, "orgdept")
	w.get("results").shows(http.StatusOK, "考核结果尚未审定")
	w.get("results.csv").shows(http.StatusNotFound, "考核结果尚未审定")
	w.get("results.xlsx").shows(http.StatusNotFound, "考核结果尚未通报")
	b.At(january(14), 10)
	stage.Must(t, b.As("leader").Approve(t.Context(), uuid.NewString(), b.column(t, `SELECT digest FROM proposals`)))
	page := w.get("results")
	page.shows(http.StatusOK, "平凉市政府政务公开办公室2025年度政务公开工作考核", "审定 领导小组组长（市政务公开领导小组组长） 2026年1月14日(周三) 10:00", "通报 第1号",
		"优秀 2 良好 1 合格 0 不合格 0", "1 华亭市人民政府 县（市、区） 1 100.00 优秀 2 崆峒区人民政府 县（市、区） 2 98.10 优秀 3 平凉市文化和旅游局 部门 1 81.50 良好")
	page.lacks("指标", "主动公开")
}

// The files are what was mailed, and the table for a spreadsheet.
func TestResultsFiles(t *testing.T) {
	t.Parallel()
	b := released(t)
	w := b.as(t, "orgdept")
	file := w.get("results.xlsx")
	if hex.EncodeToString([]byte(file.body)) != b.column(t, `SELECT encode(attachment, 'hex') FROM mail_shared WHERE key = 'results/1'`) {
		t.Error("the workbook is another one than was mailed")
	}
	book, err := excelize.OpenReader(bytes.NewReader([]byte(file.body)))
	stage.Must(t, err)
	rows, err := book.GetRows("考核结果")
	stage.Must(t, err)
	if got := strings.Join(rows[len(rows)-1], " "); got != "3 1 D18 平凉市文化和旅游局 部门 83.50 0.00 2.00 81.50 良好" {
		t.Errorf("the last row is %s", got)
	}
	if got := w.get("results.csv"); !strings.HasPrefix(got.body, "\ufeff总名次,") || !strings.Contains(got.body, "2,2,C01,崆峒区人民政府,县（市、区）,98.10,优秀\r\n") {
		t.Errorf("the table is %s", got.body)
	}
	if got := b.column(t, `SELECT string_agg(detail, ' ' ORDER BY access_id) FROM access_log WHERE login = 'orgdept' AND event = 'results_read'`); got != "results.xlsx results/1" {
		t.Errorf("the access log has %s", got)
	}
}

// What is approved and not yet released is not for the organization department (A12).
func TestApprovedAndNotReleased(t *testing.T) {
	t.Parallel()
	b := proposed(t)
	b.execute(t, `UPDATE proposals SET state = 'approved', office = 'leader', decided_by = 'leader'`)
	b.as(t, "orgdept").get("results").shows(http.StatusOK, "考核结果尚未审定")
	page := b.as(t, "auditor").get("results")
	page.shows(http.StatusOK, "结果已审定，尚未通报", "98.10")
	page.lacks("下载表格")
}
