package office

import (
	"testing"
	"time"

	"github.com/kaoping/kaoping/store"
)

// Three units: C01 in review with a late report, C02 with a report in time, D18 without one, after the deadline.
func TestStatus(t *testing.T) {
	t.Parallel()
	b := running(t)
	id := b.cycle.CycleID
	b.execute(t, `INSERT INTO reports (cycle_id, unit, revision, state, submitted_by, submitted_at, late) VALUES
		($1, 'C01', 1, 'submitted', 'c01.contact', now(), true), ($1, 'C02', 1, 'submitted', 'c02.contact', now(), false)`, id)
	b.execute(t, `INSERT INTO reports (cycle_id, unit, revision, state) VALUES ($1, 'D18', 1, 'draft')`, id)
	b.execute(t, `UPDATE sheets SET state = 'submitted' WHERE unit = 'C01' AND assessor IN ('gov1', 'gov2')`)
	b.execute(t, `UPDATE mails SET state = 'sent' WHERE unit = 'C01'`)
	b.execute(t, `INSERT INTO rectifications (cycle_id, unit, number, state, due) VALUES ($1, 'C01', 0, 'ordered', '2025-12-12'), ($1, 'C02', 0, 'reported', '2025-12-12'), ($1, 'D18', 0, 'ordered', '2025-12-13')`, id)
	b.at(day(time.December, 13), 0)
	status, err := b.Status(t.Context(), id)
	must(t, err)
	is(t, "the status", asJSON(t, status), `{"id":1,"cycle":"pingliang/2025","rehearsal":0,"state":"running","phase":"assessment","now":"2025-12-13T00:00:00+08:00","units":3,`+
		`"assessments":{"reporting":2,"review":1},"reports":{"submitted":2,"late":1,"overdue":1},"sheets":{"open":4,"submitted":2,"waiting":11},`+
		`"rectifications":{"ordered":2,"reported":1},"rectifications_overdue":1,"mails":{"queued":2,"sent":1},`+
		`"tasks":[{"kind":"self_report","count":3,"due":"2025-12-12"}],"tasks_open":3}`)
	b.at(day(time.December, 12), 23)
	status, err = b.Status(t.Context(), id)
	must(t, err)
	is(t, "overdue before midnight", status.Reports.Overdue+status.RectificationsOverdue, 0)
}

// A closed cycle stands at its close, however long ago that was.
func TestStatusOfAClosedCycle(t *testing.T) {
	t.Parallel()
	b := running(t)
	b.execute(t, `UPDATE cycles SET state = 'closed', phase = 'closed', journal_at = '2026-04-01 09:30:00+08' WHERE cycle_id = $1`, b.cycle.CycleID)
	b.at(day(time.December, 13), 0)
	status, err := b.Status(t.Context(), b.cycle.CycleID)
	must(t, err)
	is(t, "its day", status.Now.Format(time.RFC3339), "2026-04-01T09:30:00+08:00")
}

// Each open task is told with its key, whom it is about and where to telephone.
func TestOpenTasks(t *testing.T) {
	t.Parallel()
	b := running(t)
	b.execute(t, `UPDATE units SET telephone = '0933-8210001' WHERE code = 'C01'`)
	b.execute(t, `INSERT INTO tasks (cycle_id, key, kind, role, unit, detail, opened_at) VALUES ($1, 'telephone/x', 'telephone', 'admin', 'C01', 'x: 550', now())`, b.cycle.CycleID)
	b.execute(t, `UPDATE tasks SET state = 'done', done_at = now() WHERE unit = 'D18'`)
	tasks, err := b.OpenTasks(t.Context(), b.cycle.CycleID)
	must(t, err)
	is(t, "the tasks", asJSON(t, tasks), `[{"key":"telephone/x","kind":"telephone","role":"admin","unit":"C01","unit_name":"崆峒区人民政府","telephone":"0933-8210001","detail":"x: 550"},`+
		`{"key":"self_report/C01","kind":"self_report","unit":"C01","unit_name":"崆峒区人民政府","due":"2025-12-12"},`+
		`{"key":"self_report/C02","kind":"self_report","unit":"C02","unit_name":"华亭市人民政府","due":"2025-12-12"}]`)
}

// A draft has its units and no other numbers yet, and its JSON no null.
func TestStatusOfADraft(t *testing.T) {
	t.Parallel()
	b := imported(t)
	status, err := b.Status(t.Context(), b.cycle.CycleID)
	must(t, err)
	is(t, "the status", asJSON(t, status), `{"id":1,"cycle":"pingliang/2025","rehearsal":0,"state":"draft","phase":"draft","now":"2025-11-24T08:00:00+08:00","units":3,`+
		`"assessments":{},"reports":{"submitted":0,"late":0,"overdue":0},"sheets":{},"rectifications":{},"rectifications_overdue":0,"mails":{},"tasks":[],"tasks_open":0}`)
	_, err = b.Status(t.Context(), 99)
	is(t, "no cycle", store.IsMissing(err), true)
}
