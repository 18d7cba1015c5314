package store

import (
	"fmt"
	"testing"
	"time"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/rules"
)

var smallDue = calendar.Date{Year: 2025, Month: time.December, Day: 12}

// scored is a started cycle: web and gov score C01, gov alone scores D01, web's own organisation.
const scored = `
UPDATE cycles SET state = 'running';
INSERT INTO assessments (cycle_id, unit, report_due, review_due) SELECT 1, code, '2025-12-12', '2026-01-09' FROM units;
INSERT INTO sheets (cycle_id, unit, assessor, assessor_unit) VALUES (1, 'C01', 'web', 'D01'), (1, 'C01', 'gov', ''), (1, 'D01', 'gov', '');
INSERT INTO scores (cycle_id, unit, assessor, indicator, max_points, points, reason, method) VALUES
    (1, 'C01', 'web', '1', 3000, 2950, '缺一项', 'documents'), (1, 'C01', 'gov', '1', 3000, 3000, '', 'documents'),
    (1, 'C01', 'web', '2', 7000, 7000, '', 'website'), (1, 'C01', 'gov', '2', 7000, 7000, '', 'website'),
    (1, 'D01', 'gov', '1', 3000, 0, '未落实', 'documents'), (1, 'D01', 'gov', '2', 7000, 5925, '超期', 'website');`

// book reads the book inside a change.
func (b *bundle) book(t *testing.T, cycle int64, key string) (*rules.Book, error) {
	t.Helper()
	var book *rules.Book
	return book, b.do(t, cycle, key, func(change *Change) (err error) {
		book, err = change.Book(smallPlan(), pingliang(t))
		return err
	})
}

// C01: mean of 29.5 and 30 is 29.75, and 70, and 2 × 1 + 0.6 bonus: 102.35, capped at 100, less 2: 98.
// D01: 0 and 59.25, less 1.
func TestBook(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	execute(t, b.db, scored, `INSERT INTO adjustments (adjustment_id, cycle_id, unit, clause, bonus, points, occurred_on, event, evidence, state, proposed_by, decided_by, reason) VALUES
		(gen_random_uuid(), 1, 'C01', '10.1', true, 100, '2025-06-01', '甲', '文件', 'confirmed', 'c01', 'admin', ''),
		(gen_random_uuid(), 1, 'C01', '10.1', true, 100, '2025-03-01', '乙', '文件', 'confirmed', 'c01', 'admin', ''),
		(gen_random_uuid(), 1, 'C01', '10.1', true, 100, '2025-04-01', '丙', '文件', 'proposed', 'c01', '', ''),
		(gen_random_uuid(), 1, 'C01', '10.3', true, 100, '2025-05-01', '丁', '文件', 'rejected', 'c01', 'admin', '不足'),
		(gen_random_uuid(), 1, 'C01', '10.4-provincial', true, 60, '2025-05-01', '戊', '文件', 'confirmed', 'c01', 'admin', ''),
		(gen_random_uuid(), 1, 'C01', '11.1', false, 200, '2025-05-01', '己', '文件', 'confirmed', 'gov', 'admin', ''),
		(gen_random_uuid(), 1, 'D01', '11.2-city', false, 100, '2025-05-01', '庚', '文件', 'confirmed', 'gov', 'admin', '')`)
	book, err := b.book(t, id, "book")
	must(t, err)
	is(t, "the cycle", book.Cycle, "pingliang/2025")
	is(t, "C01's adjustments", fmt.Sprint(book.Units[0].Adjustments), "[{10.1 2} {10.4-provincial 1} {11.1 1}]")
	results := book.Compute()
	is(t, "C01", fmt.Sprint(results.Units[0].Base, results.Units[0].Bonus, results.Units[0].Deduction, results.Units[0].Total, " ", results.Units[0].Grade), "99.75 2.60 2.00 98.00 excellent")
	is(t, "D01", fmt.Sprint(results.Units[1].Base, results.Units[1].Deduction, results.Units[1].Total, " ", results.Units[1].Grade), "59.25 1.00 58.25 fail")
}

func TestABookWithoutAllItsPoints(t *testing.T) {
	t.Parallel()
	b, id := imported(t)
	execute(t, b.db, scored, `UPDATE scores SET points = NULL WHERE unit = 'C01' AND assessor = 'web' AND indicator = '2'`)
	_, err := b.book(t, id, "book")
	if err == nil || err.Error() != "2 has no points from web for C01" {
		t.Errorf("the error is %v", err)
	}
}
