package activities

import (
	"fmt"
	"testing"
	"time"

	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/workflows"
)

// One notice a unit, to the unit's own address, and on its task list (A8(4)).
func TestNotices(t *testing.T) {
	t.Parallel()
	b := noticed(t)
	is(t, "the ledger", b.mails(t), `notice zwgk@kongtong.pingliang.example
notice zwgk@huating.pingliang.example
notice zwgk@wlj.pingliang.example`)
	is(t, "tasks", b.tasks(t), "self_report/C01 2025-12-12\nself_report/C02 2025-12-12\nself_report/D18 2025-12-12")
	is(t, "assessments", b.assessmentsAs(t), "C01 reporting 2025-12-12 2026-01-09, C02 reporting 2025-12-12 2026-01-09, D18 reporting 2025-12-12 2026-01-09")
	is(t, "the phase", b.column(t, `SELECT phase FROM cycles`), "assessment")
	for i, line := range b.lines(t, "mail_queued") {
		is(t, "a line", fmt.Sprint(line.Unit, line.Person, line.Article, line.Data["kind"], line.At.Format("15:04")),
			[]string{"C01A8(4)notice09:00", "C02A8(4)notice09:00", "D18A8(4)notice09:00"}[i])
	}
}

// The step again, from another run of the workflow: the ledger has each notice once.
func TestNoticesGoOnce(t *testing.T) {
	t.Parallel()
	b := noticed(t)
	done(t, b, workflows.IssueNotices, workflows.IssueNoticesInput{Act: b.act("")})
	is(t, "mails", b.count(t, `SELECT count(*) FROM mails`), 3)
	is(t, "lines", len(b.lines(t, "mail_queued")), 3)
	is(t, "tasks opened", len(b.lines(t, "task_opened")), 3)
}

func TestWhatANoticeSays(t *testing.T) {
	t.Parallel()
	b := noticed(t)
	letter := b.letters(t, "notice")["zwgk@kongtong.pingliang.example"]
	says(t, letter, "关于开展2025年度政务公开工作考核的通知", "崆峒区人民政府：", "平政公开办发〔2025〕12号(示例)",
		"于2025年12月12日24时前", "被考核单位（共3个）：崆峒区人民政府、华亭市人民政府、平凉市文化和旅游局", // A2
		"下列指标考核2024年度的工作：政府信息公开年度报告编制和发布",       // A4
		"平政办发〔2022〕99号，依据平政办发〔2024〕00号(示例)继续施行", // A16
		"根据《平凉市政务公开工作考核实施细则（试行）》，", "https://kaoping.example/pingliang/2025/units/C01/report", "2025年11月24日")
	is(t, "the sender", letter.From, "平凉市政府政务公开办公室 <zwgk@pingliang.example>")
}

// A scheme within the rules' validity has no extension, and one may have no number and judge no year before.
func TestANoticeWithoutWhatIsOptional(t *testing.T) {
	t.Parallel()
	b := noticed(t, func(set *store.DataSet) {
		set.Plan.Scheme.DocumentNumber = ""
		for i := range set.Plan.Indicators {
			set.Plan.Indicators[i].Judges = ""
		}
	})
	letter := b.letters(t, "notice")["zwgk@kongtong.pingliang.example"]
	says(t, letter, "关于开展2025年度政务公开工作考核的通知")
	for _, absent := range []string{"下列指标", "〔2025〕12号"} {
		is(t, "the notice names "+absent, contains(letter, absent), false)
	}
}

// A rehearsal is marked on every mail, and its links lead to it.
func TestANoticeOfARehearsal(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id, err := b.Store.ImportDataSet(t.Context(), store.Import{DataSet: sample(t, b.Rules), Rehearsal: 2, Pace: time.Second, Virtual: day(time.November, 21).At(8, 0)})
	must(t, err)
	b.cycle.ID, b.cycle.Rehearsal = id, 2
	b.claim(t)
	b.notice(t)
	says(t, b.letters(t, "notice")["zwgk@kongtong.pingliang.example"], "【演练】关于开展", "https://kaoping.example/rehearsal/2/pingliang/2025/units/C01/report")
}

// Two units with one address have a notice each: it names the unit.
func TestNoticesToOneAddress(t *testing.T) {
	t.Parallel()
	b := noticed(t, func(set *store.DataSet) { set.Plan.Units[1].Email = set.Plan.Units[0].Email })
	is(t, "the ledger", b.mails(t), `notice zwgk@kongtong.pingliang.example
notice zwgk@kongtong.pingliang.example
notice zwgk@wlj.pingliang.example`)
}

// An address that was corrected between the start and the notice is the one that counts.
func TestANoticeToACorrectedAddress(t *testing.T) {
	t.Parallel()
	b := claimed(t)
	b.execute(t, `UPDATE units SET email = 'new@kongtong.example' WHERE code = 'C01'`)
	b.notice(t)
	is(t, "the ledger", b.mails(t), `notice new@kongtong.example
notice zwgk@huating.pingliang.example
notice zwgk@wlj.pingliang.example`)
}

// Where a date was moved before the notice, the notice tells the new one.
func TestTheNoticeTellsTheNewestDate(t *testing.T) {
	t.Parallel()
	b := claimed(t)
	done(t, b, workflows.MoveDate, workflows.MoveDateInput{
		Act: b.asked(t, "admin", store.Reason{Reason: "年底工作集中"}), Phase: workflows.PhaseSelfReport, To: day(time.December, 19),
	})
	b.notice(t)
	says(t, b.letters(t, "notice")["zwgk@wlj.pingliang.example"], "于2025年12月19日24时前")
	is(t, "tasks", b.tasks(t), "self_report/C01 2025-12-19\nself_report/C02 2025-12-19\nself_report/D18 2025-12-19")
}
