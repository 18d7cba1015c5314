package portal

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/kaoping/kaoping/internal/stage"
)

func TestAudit(t *testing.T) {
	t.Parallel()
	b := released(t)
	w := b.as(t, "auditor")
	page := w.get("audit")
	page.shows(http.StatusOK, "行数 "+b.column(t, `SELECT journal_seq FROM cycles`), b.column(t, `SELECT encode(journal_hash, 'hex') FROM cycles`), "第1号报审结果", "proposal_approved 1")
	page.lacks("日志完整", "完全一致")
	w.get("audit?check=journal").shows(http.StatusOK, "日志完整，"+b.column(t, `SELECT count(*) FROM journal`)+"行全部相符")
	w.get("audit?check=book").shows(http.StatusOK, "重新计算的结果与账册完全一致，也与审定的结果一致", "校验码："+b.column(t, `SELECT digest FROM proposals`))
}

// A line that somebody changed is found.
func TestAChangedJournal(t *testing.T) {
	t.Parallel()
	b := released(t)
	b.execute(t, `ALTER TABLE journal DISABLE TRIGGER journal_no_change`)
	b.execute(t, `UPDATE journal SET person = 'nobody' WHERE event = 'proposal_approved'`)
	b.as(t, "auditor").get("audit?check=journal").shows(http.StatusOK, "日志不完整： 第"+b.column(t, `SELECT seq FROM journal WHERE event = 'proposal_approved'`)+"行被改动")
}

// Every difference between a book and what it computes to is shown: here D18's total was raised, and a score of C01.
func TestAChangedBook(t *testing.T) {
	t.Parallel()
	b := released(t)
	b.execute(t, `UPDATE proposals SET book = replace(book, '"total": "81.50"', '"total": "91.50"')`)
	w := b.as(t, "admin")
	page := w.get("audit?check=book")
	page.shows(http.StatusOK, "重新计算的结果与账册不一致", "不一致之处（1处）", `results.units[2].total "91.50" "81.50"`)
	page.lacks("与审定的不同", "完全一致")
	b.execute(t, `UPDATE proposals SET book = replace(book, '"3.1": ["7.00", "8.00", "7.00"]', '"3.1": ["8.00", "8.00", "8.00"]')`)
	w.get("audit?check=book").shows(http.StatusOK, "与审定的不同", `results.units[0].base "97.50" "98.17"`)
	b.execute(t, `UPDATE proposals SET book = '{"kind": "assessment"}'`)
	w.get("audit?check=book").shows(http.StatusOK, "账册内容有误，不能计算", "rule_set: missing")
}

// A book that is sound in itself and not the one that was approved is told apart.
func TestAnotherBookThanApproved(t *testing.T) {
	t.Parallel()
	b := released(t)
	b.execute(t, `UPDATE proposals SET digest = 'abc'`)
	page := b.as(t, "auditor").get("audit?check=book")
	page.shows(http.StatusOK, "重新计算的结果与账册不一致", "与审定的不同")
	page.lacks("不一致之处")
}

func TestAuditFiles(t *testing.T) {
	t.Parallel()
	b := released(t)
	w := b.as(t, "auditor")
	book := w.get("book.json")
	var read struct{ Kind, Cycle string }
	stage.Must(t, json.Unmarshal([]byte(book.body), &read))
	if read.Kind != "assessment" || read.Cycle != "pingliang/2025" || book.header.Get("Content-Disposition") != "attachment; filename=pingliang-2025-book.json" {
		t.Errorf("the book is %+v", read)
	}
	journal := w.get("journal.jsonl")
	lines := strings.Split(strings.TrimSpace(journal.body), "\n")
	if got := b.column(t, `SELECT count(*) FROM journal`); journal.status != http.StatusOK || !strings.Contains(lines[0], `"seq":1,`) || lines == nil || b.column(t, `SELECT $1::int`, len(lines)) != got {
		t.Errorf("the journal has %d lines, not %s", len(lines), got)
	}
	if got := b.column(t, `SELECT string_agg(event || ' ' || detail, ', ' ORDER BY access_id) FROM access_log WHERE login = 'auditor' AND event LIKE '%read'`); got != "book_read book.json, journal_read journal.jsonl" {
		t.Errorf("the access log has %s", got)
	}
}

func TestNothingToAuditYet(t *testing.T) {
	t.Parallel()
	b := opened(t, stage.Running(t))
	w := b.as(t, "auditor")
	w.get("audit").shows(http.StatusOK, "考核结果尚未通报，通报后可以核对")
	w.get("book.json").shows(http.StatusNotFound, "考核结果尚未通报")
}
