package office

import (
	"testing"
	"time"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/workflows"
)

// A contact sees the tasks of his unit, an assessor his open sheets by date, an administrator those of the office; the
// earliest deadline comes first, what has none last.
func TestTasksAreOnesOwn(t *testing.T) {
	t.Parallel()
	b := running(t)
	b.execute(t, `INSERT INTO tasks (cycle_id, key, kind, role, unit, due, opened_at) VALUES
		($1, 'telephone/x@example.com', 'telephone', 'admin', '', NULL, now()),
		($1, 'decide_rectification/C02/0', 'decide_rectification', 'admin', 'C02', '2026-03-01', now())`, b.cycle.CycleID)
	kinds := func(login string) (list string) {
		t.Helper()
		tasks, err := b.desk(t, login).Tasks(t.Context())
		must(t, err)
		for _, task := range tasks {
			list += task.Kind + " " + task.Subject + " " + task.Page + "; "
		}
		return list
	}
	is(t, "the contact", kinds("c01.contact"), "self_report 崆峒区人民政府 units/C01/report; ")
	is(t, "the head", kinds("c01.head"), "self_report 崆峒区人民政府 units/C01/report; ")
	is(t, "the administrator", kinds("admin"),
		"decide_rectification 华亭市人民政府 units/C02/rectification/0; telephone x@example.com mails; ")
	is(t, "the auditor", kinds("auditor"), "")
	b.execute(t, `UPDATE sheets SET state = 'open' WHERE unit = 'C02'`)
	b.execute(t, `UPDATE assessments SET review_due = '2026-01-20' WHERE unit = 'C02'`)
	tasks, err := b.desk(t, "gov1").Tasks(t.Context())
	must(t, err)
	is(t, "days", len(tasks), 2)
	is(t, "the first day", tasks[0].Due.String(), "2026-01-09")
	is(t, "its sheets", tasks[0].Count, 1)
	is(t, "the second day", tasks[1].Due.String(), "2026-01-20")
}

// What is done stays to be seen, the newest first.
func TestTasksThatAreDone(t *testing.T) {
	t.Parallel()
	b := running(t)
	b.execute(t, `INSERT INTO tasks (cycle_id, key, kind, role, state, opened_at, done_at, note) VALUES
		($1, 'telephone/a', 'telephone', 'admin', 'done', now(), '2025-12-01', '已电话通知'),
		($1, 'telephone/b', 'telephone', 'admin', 'done', now(), '2025-12-02', '已改用传真')`, b.cycle.CycleID)
	tasks, err := b.desk(t, "admin").Tasks(t.Context())
	must(t, err)
	is(t, "tasks", len(tasks), 2)
	is(t, "the newest", tasks[0].Note, "已改用传真")
	is(t, "nobody ends it again", tasks[0].ByHand, false)
}

// The working days of New Year 2026: 1 to 3 January are off, Sunday the 4th is worked.
func TestWorkingDaysLeft(t *testing.T) {
	t.Parallel()
	b := running(t)
	b.at(day(time.December, 31), 9)
	desk := b.desk(t, "admin")
	for date, want := range map[string]int{"2025-12-31": 0, "2026-01-04": 1, "2026-01-05": 2, "2025-12-30": -1} {
		parsed, err := calendar.ParseDate(date)
		must(t, err)
		left, err := desk.WorkingDaysLeft(t.Context(), parsed)
		must(t, err)
		is(t, "working days until "+date, left, want)
	}
	is(t, "today", desk.Today().String(), "2025-12-31")
}

// A step that is not stuck is nobody's to take again: the open ones are named, and no workflow is waited for.
func TestRetryingWhatIsNotStuck(t *testing.T) {
	t.Parallel()
	b := running(t)
	admin := b.desk(t, "admin")
	fails(t, admin.RetryStep(t.Context(), "a1", "stuck/foo/bar"), store.NotFound, "no task stuck/foo/bar: no step is stuck")
	b.execute(t, `INSERT INTO tasks (cycle_id, key, kind, role, opened_at) SELECT $1, k, 'stuck_step', 'admin', now()
		FROM unnest(ARRAY['stuck/Proposals.Make/approval/pingliang/2025/1', 'stuck/Results.Release/assessment/pingliang/2025']) AS k`, b.cycle.CycleID)
	fails(t, admin.RetryStep(t.Context(), "a2", "stuck/foo/bar"), store.NotFound, "no task stuck/foo/bar: open are "+
		"stuck/Proposals.Make/approval/pingliang/2025/1, stuck/Results.Release/assessment/pingliang/2025")
	is(t, "acts", len(b.temporal.updates), 0)
	b.temporal.answers(workflows.Empty{}, nil)
	must(t, admin.RetryStep(t.Context(), "a3", "stuck/Results.Release/assessment/pingliang/2025"))
	is(t, "the act", b.temporal.last().WorkflowID+" "+b.temporal.last().UpdateName, "assessment/pingliang/2025 retry-step")
}
