package activities

import (
	"fmt"
	"testing"

	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/workflows"
)

// replaced has gov3 take over from gov1, who submitted everything.
func (b *bundle) replaced(t *testing.T) {
	t.Helper()
	b.execute(t, `INSERT INTO people (cycle_id, login, name, role, unit, email, areas) SELECT cycle_id, 'gov3', '接替人', role, unit, 'gov3@x.example', areas FROM people WHERE login = 'gov1'`)
	b.execute(t, `UPDATE people SET replaced_by = 'gov3' WHERE login = 'gov1'`)
}

// A sheet that goes back goes to the successor of who submitted it, and mail about it too (A8(6)).
func TestASheetGoesBackToTheSuccessor(t *testing.T) {
	t.Parallel()
	b := inReview(t, spreading)
	b.fill(t, "C01")
	b.lose(t, "C01", "7.2", "答复不规范", map[string]string{"gov1": "5"})
	for _, assessor := range b.assessors(t, "C01", "open") {
		done(t, b, workflows.SubmitSheet, sheetOf(b, assessor, "C01"))
	}
	b.replaced(t)
	is(t, "the result", b.closeReview(t, "C01"), workflows.CloseReviewResult{Open: 2})
	is(t, "whose sheets are open", fmt.Sprint(b.assessors(t, "C01", "open")), "[gov2 gov3]")
	is(t, "who submitted", b.column(t, `SELECT author || ' ' || assessor FROM sheet_submissions WHERE unit = 'C01' AND assessor = 'gov3'`), "gov1 gov3")
}

// Who took over from one who scored the unit is no third for it: that sheet is his if it is opened again.
func TestASuccessorIsNoThird(t *testing.T) {
	t.Parallel()
	b := inReview(t, spreading)
	b.fill(t, "C01")
	b.lose(t, "C01", "7.2", "答复不规范", map[string]string{"gov1": "5"})
	b.submitSheets(t, "C01")
	b.submitSheets(t, "C01")
	b.replaced(t)
	for assessor, reason := range map[string]string{
		"gov3": "gov3 took over from gov1, who scored this unit: name somebody else (A8(6))",
		"gov1": "gov1 is no assessor of this cycle",
	} {
		refused(t, b, workflows.AssignAssessor, workflows.AssignAssessorInput{Act: b.act("admin"), Unit: "C01", Assessor: assessor}, reason)
	}
	is(t, "a third", done(t, b, workflows.AssignAssessor, workflows.AssignAssessorInput{Act: b.act("admin"), Unit: "C01", Assessor: "web1"}), workflows.SheetsResult{Open: 1})
}

// Nothing is written to whoever was replaced.
func TestMailGoesToTheSuccessor(t *testing.T) {
	t.Parallel()
	b := inReview(t)
	b.execute(t, `INSERT INTO people (cycle_id, login, name, role, unit, email) SELECT cycle_id, 'c01.new', '接替人', role, unit, 'new@x.example' FROM people WHERE login = 'c01.contact'`)
	b.execute(t, `UPDATE people SET replaced_by = 'c01.new' WHERE login = 'c01.contact'`)
	b.execute(t, `DELETE FROM mails`)
	done(t, b, workflows.RemindByHand, workflows.RemindInput{Act: b.act("admin"), Units: []string{"C02"}})
	done(t, b, workflows.CancelCycle, workflows.CancelInput{Act: b.asked(t, "admin", store.Reason{Reason: "误启动"})})
	is(t, "who is told at C01", b.column(t, `SELECT person || ' ' || recipient FROM mails WHERE unit = 'C01'`), "c01.new new@x.example")
}
