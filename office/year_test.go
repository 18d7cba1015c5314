package office

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/workflows"
)

// inWords is what became of each unit.
func inWords(outcomes []Outcome) string {
	words := make([]string, len(outcomes))
	for i, outcome := range outcomes {
		switch {
		case outcome.Done:
			words[i] = outcome.Unit + " done"
		case outcome.Pending:
			words[i] = outcome.Unit + " pending"
		default:
			words[i] = fmt.Sprint(outcome.Unit, " refused ", outcome.Reasons)
		}
	}
	return strings.Join(words, ", ")
}

// Each unit of a selection is an act of its own, under an id made from the caller's; what is refused for one is done
// for the others, and what is not yet confirmed can be sent again.
func TestActsOnASelection(t *testing.T) {
	t.Parallel()
	b := running(t)
	b.temporal.answer = func(options client.UpdateWorkflowOptions) (any, error) {
		switch options.WorkflowID {
		case "unit/pingliang/2025/C02":
			return nil, temporal.NewNonRetryableApplicationError("the self-report is in: there is no deadline to extend (A8(5))", workflows.ErrorRefused, nil)
		case "unit/pingliang/2025/D18":
			return nil, serviceerror.NewUnavailable("no answer")
		}
		return struct{}{}, nil
	}
	outcomes, err := b.desk(t, "admin").ExtendUnits(t.Context(), "a", []string{"C01", "C02", "D18", "X"}, "self_report", due, "理由")
	must(t, err)
	is(t, "the outcomes", inWords(outcomes), "C01 done, C02 refused [the self-report is in: there is no deadline to extend (A8(5))], "+
		"D18 pending, X refused [no unit X in pingliang/2025, or it has not started]")
	var ids []string
	for _, update := range b.temporal.updates {
		ids = append(ids, update.UpdateID)
	}
	slices.Sort(ids)
	is(t, "the acts", fmt.Sprint(ids), "[a/C01 a/C02 a/D18]")
	_, err = b.desk(t, "admin").ReturnReports(t.Context(), "b", []string{"C01"}, due, "理由")
	must(t, err)
	is(t, "the act", b.temporal.last().UpdateID+" "+b.temporal.last().UpdateName, "b/C01 return-report")
}

// A reminder of many is one act on the year, for those that owe something.
func TestRemindingASelection(t *testing.T) {
	t.Parallel()
	b := running(t)
	b.execute(t, `INSERT INTO reports (cycle_id, unit, revision, state, submitted_by, submitted_at) VALUES ($1, 'C02', 1, 'submitted', 'c02.contact', now())`, b.cycle.CycleID)
	b.temporal.answers(workflows.RemindResult{Queued: 1, Reminded: []string{"D18"}}, nil)
	outcomes, err := b.desk(t, "admin").RemindUnits(t.Context(), "a", []string{"C01", "C02", "D18"})
	must(t, err)
	is(t, "the outcomes", inWords(outcomes), "C01 done, C02 refused [C02 owes nothing now], D18 refused [D18 was reminded today already]")
	is(t, "the acts", len(b.temporal.updates), 1)
	is(t, "whom it names", asJSON(t, b.temporal.last().Args[0]), `{"login":"admin","units":["C01","D18"],"review_due":""}`)
	_, err = b.desk(t, "admin").RemindUnits(t.Context(), "b", []string{"C02"})
	must(t, err)
	is(t, "acts when nobody owes anything", len(b.temporal.updates), 1)
}

// The phases of Article 8 count what is through, and what is late.
func TestPhases(t *testing.T) {
	t.Parallel()
	b := running(t)
	id := b.cycle.CycleID
	b.execute(t, `INSERT INTO reports (cycle_id, unit, revision, state, submitted_by, submitted_at, late) VALUES
		($1, 'C01', 1, 'submitted', 'c01.contact', now(), true), ($1, 'C02', 1, 'submitted', 'c02.contact', now(), false)`, id)
	b.execute(t, `UPDATE mails SET state = CASE unit WHEN 'C01' THEN 'refused' ELSE 'sent' END`)
	b.execute(t, `UPDATE assessments SET state = 'closed' WHERE unit = 'C02'`)
	shown := func(date calendar.Date) string {
		t.Helper()
		b.at(date, 9)
		b.reload(t)
		year, err := b.desk(t, "admin").Year(t.Context())
		must(t, err)
		text := ""
		for _, phase := range year.Phases {
			text += fmt.Sprintf("%s %s %d/%d late %d %s; ", phase.Name, phase.Due, phase.Done, phase.Total, phase.Late, phase.State)
		}
		return text
	}
	is(t, "on 12 December", shown(day(time.December, 12)), "notice 2025-11-24 2/3 late 1 done; self_report 2025-12-12 2/3 late 0 now; review 2026-01-09 1/3 late 0 ; "+
		"approval 2026-01-16 0/1 late 0 ; release  0/3 late 0 ; rectification 2026-03-13 0/0 late 0 ; closing  0/1 late 0 ; ")
	b.execute(t, `INSERT INTO proposals (cycle_id, number, digest, book, due) VALUES ($1, 1, 'd', '{}', '2026-01-16')`, id)
	b.execute(t, `UPDATE cycles SET phase = 'approval'`)
	january := calendar.Date{Year: 2026, Month: time.January, Day: 19}
	is(t, "on 19 January", shown(january), "notice 2025-11-24 2/3 late 1 done; self_report 2025-12-12 2/3 late 1 done; review 2026-01-09 1/3 late 1 done; "+
		"approval 2026-01-16 0/1 late 1 now; release  0/3 late 0 ; rectification 2026-03-13 0/0 late 0 ; closing  0/1 late 0 ; ")
	b.execute(t, `INSERT INTO rectifications (cycle_id, unit, number, state, due) VALUES ($1, 'C01', 0, 'ordered', '2026-01-18'), ($1, 'C02', 0, 'accepted', '2026-01-18'), ($1, 'D18', 0, 'draft', '2026-01-18')`, id)
	b.execute(t, `UPDATE proposals SET state = 'approved', decided_by = 'leader', office = 'leader'`)
	b.execute(t, `UPDATE cycles SET phase = 'rectification'`)
	is(t, "later", shown(january)[len("notice 2025-11-24 2/3 late 1 done; self_report 2025-12-12 2/3 late 1 done; review 2026-01-09 1/3 late 1 done; "):],
		"approval 2026-01-16 1/1 late 0 done; release  0/3 late 0 done; rectification 2026-03-13 1/2 late 1 now; closing  0/1 late 0 ; ")
	b.execute(t, `UPDATE cycles SET phase = 'cancelled', state = 'cancelled'`)
	is(t, "a cancelled year has no phase", shown(january)[:40], "notice 2025-11-24 2/3 late 1 ; self_repo")
}

// Reminders are counted by what was sent: one a day and thing, however many contacts got one.
func TestHowOftenAUnitWasReminded(t *testing.T) {
	t.Parallel()
	b := running(t)
	id := b.cycle.CycleID
	b.execute(t, `INSERT INTO mails (cycle_id, key, kind, article, unit, recipient, data, message_id, state, scheduled)
		SELECT $1, k, split_part(k, '/', 1), 'A8(5)', 'C01', 'x', '{}', k, s, CASE WHEN k LIKE 'self%' THEN split_part(k, '/', 2)::timestamptz END FROM (VALUES
		('self_report_reminder/2025-12-05/report/C01/a@x', 'sent'), ('self_report_reminder/2025-12-05/report/C01/b@x', 'sent'), ('self_report_reminder/2025-12-08/report/C01/a@x', 'sent'),
		('self_report_reminder/2025-12-09/report/C01/a@x', 'refused'), ('reminder_by_hand/act/C01/a@x', 'sent'), ('deadline_extended/act/C01/a@x', 'sent')) AS v (k, s)`, id)
	year, err := b.desk(t, "auditor").Year(t.Context())
	must(t, err)
	is(t, "C01", year.Units[0].Reminded, 3)
	is(t, "C02", year.Units[1].Reminded, 0)
}

// What can be done to the year follows from where it stands (A8(7)).
func TestPowers(t *testing.T) {
	t.Parallel()
	b := running(t)
	shown := func() string {
		t.Helper()
		b.reload(t)
		powers, err := b.desk(t, "admin").Powers(t.Context())
		must(t, err)
		return fmt.Sprintln(powers.Cancel, powers.Tells, powers.Reopen, powers.Proposal, powers.Released, powers.Correcting)
	}
	is(t, "while units report", shown(), "true 3 false 0 0 \n")
	b.execute(t, `UPDATE cycles SET phase = 'notice'`)
	is(t, "before the notices", shown(), "true 0 false 0 0 \n")
	b.execute(t, `INSERT INTO proposals (cycle_id, number, digest, book, due) VALUES ($1, 2, 'd', '{}', '2026-01-16')`, b.cycle.CycleID)
	b.execute(t, `UPDATE cycles SET phase = 'approval'`)
	is(t, "while a proposal is open", shown(), "true 3 true 2 0 \n")
	b.execute(t, `UPDATE proposals SET state = 'approved', decided_by = 'leader', office = 'leader', released = true`)
	b.execute(t, `UPDATE cycles SET phase = 'rectification', released = 2`)
	is(t, "after the release", shown(), "true 3 true 0 2 \n")
	b.execute(t, `UPDATE cycles SET correction = '败诉'`)
	is(t, "while one is corrected", shown(), "true 3 false 0 2 败诉\n")
	b.execute(t, `UPDATE cycles SET state = 'closed', phase = 'closed', correction = ''`)
	is(t, "when all is over", shown(), "false 0 false 0 0 \n")
}
