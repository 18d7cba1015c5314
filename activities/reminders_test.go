package activities

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/workflows"
)

// reminders are the mails of a kind by day of their moment: 12-05 ×3.
func (b *bundle) reminders(t *testing.T, kind string) string {
	t.Helper()
	return b.column(t, fmt.Sprintf(`SELECT to_char(scheduled AT TIME ZONE 'Asia/Shanghai', 'MM-DD"T"HH24:MI') || '×' || count(*) FROM mails WHERE kind = '%s' GROUP BY scheduled`, kind))
}

// from sweeps at 09:00 of every day, working or not, from one day to another.
func (b *bundle) from(t *testing.T, first, last calendar.Date, phase string) {
	t.Helper()
	for on := first; !on.After(last); on = on.AddDays(1) {
		b.sweep(t, on, phase)
	}
}

// Due on Friday 12 December: the fifth working day before is Friday 5 December; the second after, Tuesday 16 December.
func TestReportsAreRemindedOf(t *testing.T) {
	t.Parallel()
	b := noticed(t)
	b.from(t, day(time.November, 25), day(time.December, 31), workflows.PhaseSelfReport)
	is(t, "reminders", b.reminders(t, "self_report_reminder"), "12-05T09:00×3 12-08T09:00×3 12-09T09:00×3 12-10T09:00×3 12-11T09:00×3 12-12T09:00×3")
	is(t, "escalations", b.mails(t, "self_report_overdue"), "self_report_overdue head@kongtong.pingliang.example\nself_report_overdue head@huating.pingliang.example\nself_report_overdue head@wlj.pingliang.example")
	is(t, "on the administrator's list", b.column(t, `SELECT key || ' ' || due FROM tasks WHERE kind = 'report_overdue' AND role = 'admin'`),
		"report_overdue/C01 2025-12-12 report_overdue/C02 2025-12-12 report_overdue/D18 2025-12-12")
	is(t, "when they were opened", b.column(t, `SELECT DISTINCT opened_at AT TIME ZONE 'Asia/Shanghai' FROM tasks WHERE kind = 'report_overdue'`), "2025-12-16T09:00:00Z")
	is(t, "what a unit is reminded of", b.column(t, `SELECT DISTINCT kind || ':' || obligation FROM mails WHERE unit = 'C01' AND kind LIKE 'self%'`),
		"self_report_overdue:report/C01/2025-12-12 self_report_reminder:report/C01")
}

func TestWhatAReminderSays(t *testing.T) {
	t.Parallel()
	for on, left := range map[int]string{5: "距截止日还有5个工作日", 9: "距截止日还有3个工作日", 12: "今天是截止日"} {
		b := noticed(t)
		is(t, "queued", b.sweep(t, day(time.December, on), workflows.PhaseSelfReport), 3)
		says(t, b.letters(t, "self_report_reminder")["zwgk@kongtong.pingliang.example"], left, "崆峒区人民政府应于2025年12月12日24时前报送自查报告",
			"https://kaoping.example/pingliang/2025/units/C01/report")
	}
}

// Whoever has reported is left in peace, and what was queued for him is withdrawn.
func TestWhoHasReportedIsNotReminded(t *testing.T) {
	t.Parallel()
	b := noticed(t)
	b.sweep(t, day(time.December, 5), workflows.PhaseSelfReport)
	b.at(day(time.December, 5), 10)
	b.submit(t, "C01")
	is(t, "withdrawn", b.column(t, `SELECT unit FROM mails WHERE state = 'withdrawn'`), "C01")
	b.from(t, day(time.December, 6), day(time.December, 17), workflows.PhaseSelfReport)
	is(t, "C01's reminders", b.count(t, `SELECT count(*) FROM mails WHERE kind LIKE 'self_report_%' AND unit = 'C01'`), 1)
	is(t, "C02's reminders", b.count(t, `SELECT count(*) FROM mails WHERE kind LIKE 'self_report_%' AND unit = 'C02'`), 7)
}

// A unit that the leader returned begins at its review: its report, missing or not, is not asked for again.
func TestAReturnedUnitIsNotAskedForItsReport(t *testing.T) {
	t.Parallel()
	b := noticed(t)
	b.execute(t, `UPDATE assessments SET state = 'review', generation = 2 WHERE unit = 'C01'`)
	b.sweep(t, day(time.December, 9), workflows.PhaseSelfReport)
	b.sweep(t, day(time.December, 16), workflows.PhaseSelfReport)
	is(t, "units that are asked", b.column(t, `SELECT DISTINCT unit FROM mails WHERE kind LIKE 'self_report_%'`), "C02 D18")
}

// A returned report is due again, on its own day: Tuesday 16 December, from the 9th on, overdue on the 18th.
func TestAReturnedReportIsRemindedOf(t *testing.T) {
	t.Parallel()
	b := noticed(t)
	b.at(day(time.December, 4), 10)
	for _, unit := range []string{"C01", "C02", "D18"} {
		b.submit(t, unit)
	}
	done(t, b, workflows.ReturnReport, workflows.ReturnReportInput{Act: b.asked(t, "admin", store.Reason{Reason: "补正"}), Unit: "C01", Due: day(time.December, 16)})
	b.from(t, day(time.December, 5), day(time.December, 19), workflows.PhaseSelfReport)
	is(t, "reminders", b.reminders(t, "self_report_reminder"), "12-09T09:00×1 12-10T09:00×1 12-11T09:00×1 12-12T09:00×1 12-15T09:00×1 12-16T09:00×1")
	is(t, "overdue", b.column(t, `SELECT key FROM mails WHERE kind = 'self_report_overdue'`), "self_report_overdue/C01/2025-12-16/head@kongtong.pingliang.example")
}

// An extended unit follows its own day: Friday 19 December, from the 12th on.
func TestAnExtendedUnitIsRemindedOfItsOwnDay(t *testing.T) {
	t.Parallel()
	b := noticed(t)
	b.at(day(time.December, 4), 10)
	done(t, b, workflows.ExtendUnit, b.extending(t, "C01", workflows.PhaseSelfReport, "机构改革", time.December, 19))
	b.from(t, day(time.December, 5), day(time.December, 23), workflows.PhaseSelfReport)
	is(t, "C01's first and last", b.column(t, `SELECT min(scheduled AT TIME ZONE 'Asia/Shanghai')::date || '/' || max(scheduled AT TIME ZONE 'Asia/Shanghai')::date FROM mails WHERE unit = 'C01' AND kind = 'self_report_reminder'`), "2025-12-12/2025-12-19")
	is(t, "C01's", b.count(t, `SELECT count(*) FROM mails WHERE unit = 'C01' AND kind = 'self_report_reminder'`), 6)
	is(t, "overdue", b.column(t, `SELECT unit FROM mails WHERE kind = 'self_report_overdue'`), "C01 C02 D18")
}

// The same moment twice, and a second moment of the same day: one mail a person and day.
func TestOneReminderADay(t *testing.T) {
	t.Parallel()
	b := noticed(t)
	on := day(time.December, 9)
	for range 2 {
		is(t, "queued", b.sweep(t, on, workflows.PhaseSelfReport), 3)
	}
	b.at(on, 15)
	done(t, b, workflows.SendReminders, workflows.SendRemindersInput{Cycle: b.cycle, Scheduled: on.At(15, 0), Policies: []string{workflows.PhaseSelfReport}})
	is(t, "reminders", b.reminders(t, "self_report_reminder"), "12-09T09:00×3")
}

// A moment that was missed is dealt with while its day lasts, and dropped afterwards.
func TestAMissedMoment(t *testing.T) {
	t.Parallel()
	b := noticed(t)
	missed := func(on calendar.Date) workflows.SendRemindersInput {
		return workflows.SendRemindersInput{Cycle: b.cycle, Scheduled: on.At(9, 0), Policies: []string{workflows.PhaseSelfReport}}
	}
	b.at(day(time.December, 9), 23)
	is(t, "late on its day", done(t, b, workflows.SendReminders, missed(day(time.December, 9))).Queued, 3)
	b.at(day(time.December, 11), 0)
	is(t, "the day after", done(t, b, workflows.SendReminders, missed(day(time.December, 10))).Queued, 0)
	is(t, "reminders", b.reminders(t, "self_report_reminder"), "12-09T09:00×3")
	if _, err := carryOut(t, b, workflows.SendReminders, workflows.SendRemindersInput{Cycle: b.cycle, Scheduled: day(time.December, 11).At(9, 0), Policies: []string{"evaluation"}}); err == nil {
		t.Error("an unknown phase was reminded of")
	}
}

// Whom nobody has above him is told himself.
func TestAUnitWithoutAHead(t *testing.T) {
	t.Parallel()
	b := noticed(t, func(set *store.DataSet) {
		for i := range set.Plan.People {
			if set.Plan.People[i].Login == "c01.head" {
				set.Plan.People[i].Role = rules.Contact
			}
		}
	})
	b.sweep(t, day(time.December, 16), workflows.PhaseSelfReport)
	is(t, "to whom", b.column(t, `SELECT recipient FROM mails WHERE kind = 'self_report_overdue' AND unit = 'C01'`), "head@kongtong.pingliang.example zwgk@kongtong.pingliang.example")
}

// One head of two units reads of both.
func TestAHeadOfTwoUnits(t *testing.T) {
	t.Parallel()
	b := noticed(t, func(set *store.DataSet) {
		for i := range set.Plan.People {
			if set.Plan.People[i].Role == rules.Head {
				set.Plan.People[i].Email = "head@example.com"
			}
		}
	})
	b.sweep(t, day(time.December, 16), workflows.PhaseSelfReport)
	is(t, "units", b.column(t, `SELECT unit FROM mails WHERE kind = 'self_report_overdue' AND recipient = 'head@example.com'`), "C01 C02 D18")
}

// A task that the administrator ended stays ended for that due day.
func TestAnEndedTaskStaysEnded(t *testing.T) {
	t.Parallel()
	b := noticed(t)
	b.sweep(t, day(time.December, 16), workflows.PhaseSelfReport)
	b.change(t, func(change *store.Change) error {
		return change.FinishTask("A8(5)", "report_overdue/C01", "admin", "已电话催办")
	})
	b.sweep(t, day(time.December, 17), workflows.PhaseSelfReport)
	is(t, "open", strings.Contains(b.tasks(t), "report_overdue/C01"), false)
	b.at(day(time.December, 17), 10)
	done(t, b, workflows.ExtendUnit, b.extending(t, "C01", workflows.PhaseSelfReport, "再延期", time.December, 19))
	b.sweep(t, day(time.December, 23), workflows.PhaseSelfReport)
	is(t, "open after the new day", strings.Contains(b.tasks(t), "report_overdue/C01 admin 2025-12-19"), true)
	is(t, "C01's escalations", b.count(t, `SELECT count(*) FROM mails WHERE kind = 'self_report_overdue' AND unit = 'C01'`), 2)
}

// An order that would go up in 2027, which nobody has published, silences none of the others (A13).
func TestAnUnpublishedEscalationSilencesNobody(t *testing.T) {
	t.Parallel()
	b := ordered(t)
	b.execute(t, `UPDATE rectifications SET due = CASE unit WHEN 'C01' THEN date '2026-12-31' WHEN 'C02' THEN '2027-01-08' ELSE '2026-12-18' END`)
	b.sweep(t, calendar.Date{Year: 2026, Month: time.December, Day: 18}, workflows.PhaseRectification)
	is(t, "reminders", b.column(t, `SELECT unit FROM mails WHERE kind = 'rectification_reminder'`), "D18")
	b.sweep(t, calendar.Date{Year: 2026, Month: time.December, Day: 31}, workflows.PhaseRectification)
	is(t, "reminders at the year's end", b.column(t, `SELECT unit FROM mails WHERE kind = 'rectification_reminder'`), "C01 D18")
	is(t, "escalations", b.column(t, `SELECT unit FROM mails WHERE kind = 'rectification_overdue'`), "D18")
}
