package activities

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

// The steps of a year up to some point, as the workflows take them.

var noticedStage, reviewedStage, proposedStage, releasedStage, orderedStage stage

// claimed is a started year, before its notice.
func claimed(t *testing.T, change ...func(*store.DataSet)) *bundle {
	t.Helper()
	b := setup(t, change...)
	b.claim(t)
	return b
}

func (b *bundle) claim(t *testing.T) workflows.ClaimResult {
	t.Helper()
	return done(t, b, workflows.ClaimCycle, workflows.ClaimInput{Act: b.act("admin"), Real: *b.clock.Load()})
}

// noticed is a year whose notice is out: it is 09:00 of its day.
func noticed(t *testing.T, change ...func(*store.DataSet)) *bundle {
	t.Helper()
	play := func() *bundle {
		b := claimed(t, change...)
		b.notice(t)
		return b
	}
	if len(change) > 0 {
		return play()
	}
	return noticedStage.copy(t, play)
}

func (b *bundle) notice(t *testing.T) {
	t.Helper()
	b.at(day(time.November, 24), 9)
	is(t, "notices", done(t, b, workflows.IssueNotices, workflows.IssueNoticesInput{Act: b.act("")}).Notices, 3)
}

// execute arranges what people do through office, past the application.
func (b *bundle) execute(t *testing.T, statement string, args ...any) {
	t.Helper()
	if _, err := b.db.ExecContext(t.Context(), statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// draft fills a unit's report with a statement on every indicator.
func (b *bundle) draft(t *testing.T, unit string) {
	t.Helper()
	b.execute(t, `INSERT INTO reports (cycle_id, unit, revision, state) VALUES ($1, $2, 1, 'draft')`, b.cycle.ID, unit)
	b.execute(t, `INSERT INTO report_items SELECT cycle_id, $2, 1, code, max_points, '已落实', max_points FROM indicators WHERE cycle_id = $1`, b.cycle.ID, unit)
}

// submit drafts and submits a unit's report.
func (b *bundle) submit(t *testing.T, unit string) {
	t.Helper()
	b.draft(t, unit)
	done(t, b, workflows.SubmitReport, workflows.SubmitReportInput{Act: b.act(contact(unit)), Unit: unit})
}

func contact(unit string) string { return strings.ToLower(unit) + ".contact" }

func (b *bundle) openReview(t *testing.T, unit string) int {
	t.Helper()
	return done(t, b, workflows.OpenReview, workflows.ReviewInput{Act: b.act(""), Unit: unit}).Open
}

// fill gives a unit full points everywhere.
func (b *bundle) fill(t *testing.T, unit string) {
	t.Helper()
	b.execute(t, `UPDATE scores SET points = scores.max_points, reason = '', method = i.methods[1], place = '专栏', checked_on = '2025-12-20', seen = '已核查'
		FROM indicators i WHERE i.cycle_id = scores.cycle_id AND i.code = scores.indicator AND scores.cycle_id = $1 AND scores.unit = $2`, b.cycle.ID, unit)
}

// lose lets assessors give a unit's indicator these points: web1 7, gov2 6.5.
func (b *bundle) lose(t *testing.T, unit, indicator, reason string, points map[string]string) {
	t.Helper()
	for assessor, text := range points {
		given, err := rules.ParsePoints(text)
		must(t, err)
		b.execute(t, `UPDATE scores SET points = $5, reason = $6 WHERE cycle_id = $1 AND unit = $2 AND indicator = $3 AND assessor = $4`,
			b.cycle.ID, unit, indicator, assessor, int64(given), reason)
	}
}

// assessors are those of a unit's sheets in a state.
func (b *bundle) assessors(t *testing.T, unit, state string) []string {
	t.Helper()
	sheets, err := b.Store.SheetList(t.Context(), query.SheetListParams{CycleID: b.cycle.ID, State: state})
	must(t, err)
	var logins []string
	for _, sheet := range sheets {
		if sheet.Unit == unit {
			logins = append(logins, sheet.Assessor)
		}
	}
	return logins
}

// submitSheets submits every open sheet of a unit, and closes its review if that is all.
func (b *bundle) submitSheets(t *testing.T, unit string) workflows.CloseReviewResult {
	t.Helper()
	for _, assessor := range b.assessors(t, unit, "open") {
		done(t, b, workflows.SubmitSheet, workflows.SubmitSheetInput{Act: b.act(assessor), Unit: unit})
	}
	return b.closeReview(t, unit)
}

func (b *bundle) closeReview(t *testing.T, unit string) workflows.CloseReviewResult {
	t.Helper()
	return done(t, b, workflows.CloseReview, workflows.ReviewInput{Act: b.act(""), Unit: unit})
}

// reviewed is a year whose reviews are closed, at 2025-12-22:
//
//	C01: 3.1 of 8 by 8, 7, 7; 3.2 of 6 by 6, 5, 5; 3.3 of 5 by 5, 4, 4; 7.2 of 10 by 9, 10.
//	     22/3 + 16/3 + 13/3 = 17, two points below 19; half a point below 10: 97.50.
//	C02: 3.1 by 7, 7, 8, 4.1 of 8 by 7, 7, 7: 100 − 2/3 − 1 = 98.33.
//	D18: 3.3 by 0, 0, 0, 5.2 of 7 by 3.5, 3.5, 8.2 of 8 by 0, 0: 100 − 5 − 3.5 − 8 = 83.50.
func reviewed(t *testing.T, change ...func(*store.DataSet)) *bundle {
	t.Helper()
	if len(change) > 0 {
		return review(t, noticed(t, change...))
	}
	return reviewedStage.copy(t, func() *bundle { return review(t, noticed(t)) })
}

func review(t *testing.T, b *bundle) *bundle {
	t.Helper()
	b.at(day(time.December, 10), 10)
	for _, unit := range []string{"C01", "C02", "D18"} {
		b.submit(t, unit)
		b.openReview(t, unit)
		b.fill(t, unit)
	}
	b.lose(t, "C01", "3.1", "超期公开一件", map[string]string{"web2": "7", "gov2": "7"})
	b.lose(t, "C01", "3.2", "应公开未公开一件", map[string]string{"web2": "5", "gov2": "5"})
	b.lose(t, "C01", "3.3", "要素不全", map[string]string{"web2": "4", "gov2": "4"})
	b.lose(t, "C01", "7.2", "答复不规范一件", map[string]string{"gov1": "9"})
	b.lose(t, "C02", "3.1", "超期公开一件", map[string]string{"web1": "7", "web2": "7"})
	b.lose(t, "C02", "4.1", "未同步解读一件", map[string]string{"web1": "7", "media1": "7", "opinion1": "7"})
	b.lose(t, "D18", "3.3", "未发布", map[string]string{"web1": "0", "web2": "0", "gov2": "0"})
	b.lose(t, "D18", "5.2", "超期回应", map[string]string{"gov1": "3.5", "opinion1": "3.5"})
	b.lose(t, "D18", "8.2", "栏目超期未更新", map[string]string{"web1": "0", "web2": "0"})
	b.at(day(time.December, 22), 10)
	for _, unit := range []string{"C01", "C02", "D18"} {
		is(t, unit+" is closed", b.submitSheets(t, unit), workflows.CloseReviewResult{Closed: true})
	}
	return b
}

// adjust records an adjustment of a unit; it answers its id.
func (b *bundle) adjust(t *testing.T, unit, clause, event string) string {
	t.Helper()
	adjustment := store.Adjustment{ID: uuid.NewString(), Unit: unit, Clause: clause, Date: day(time.August, 1), Event: event, Evidence: "文件"}
	set, _ := b.Rules.RuleSet("pingliang-2022")
	b.change(t, func(change *store.Change) error { return change.ProposeAdjustment(adjustment, set, contact(unit)) })
	return adjustment.ID
}

func (b *bundle) confirm(t *testing.T, id string) {
	t.Helper()
	b.change(t, func(change *store.Change) error { return change.ConfirmAdjustment(id, "confirm") })
}

// change makes a fact, as office does.
func (b *bundle) change(t *testing.T, do func(*store.Change) error) {
	t.Helper()
	must(t, b.Store.Do(t.Context(), store.Step{Cycle: b.cycle.ID, Key: b.act("").ID}, new(struct{}), do))
}

// proposed is a year whose first proposal is made, with adjustments:
//
//	C01: 97.50 + 1 + 0.6 − 1 = 98.10, second; C02: 98.33 + 3 is 101.33, capped: 100.00, first;
//	D18: 83.50 − 2 = 81.50, third.
//
// One more of C02 waits for its confirmation, one of D18 is rejected: neither counts.
func proposed(t *testing.T, change ...func(*store.DataSet)) *bundle {
	t.Helper()
	if len(change) > 0 {
		return proposeFirst(t, reviewed(t, change...))
	}
	return proposedStage.copy(t, func() *bundle { return proposeFirst(t, reviewed(t)) })
}

func proposeFirst(t *testing.T, b *bundle) *bundle {
	t.Helper()
	for _, counted := range []struct{ unit, clause, event string }{
		{"C01", "10.1", "省级表彰"},
		{"C01", "10.4-provincial", "甘肃日报报道"},
		{"C01", "11.2-city", "网站错敏信息"},
		{"C02", "10.1", "表彰一"},
		{"C02", "10.1", "表彰二"},
		{"C02", "10.3", "创新"},
		{"D18", "11.1", "复议纠错"},
	} {
		b.confirm(t, b.adjust(t, counted.unit, counted.clause, counted.event))
	}
	b.adjust(t, "C02", "11.5", "举报待核")
	rejected := b.adjust(t, "D18", "10.1", "证明不足")
	b.change(t, func(change *store.Change) error {
		return change.RejectAdjustment(rejected, "confirm", "证明材料不足")
	})
	b.propose(t, 1)
	return b
}

func (b *bundle) propose(t *testing.T, number int) workflows.MakeProposalResult {
	t.Helper()
	return done(t, b, workflows.MakeProposal, workflows.MakeProposalInput{Act: b.act(""), Number: number})
}

func (b *bundle) proposal(t *testing.T, number int) query.Proposal {
	t.Helper()
	row, err := b.Store.ProposalGet(t.Context(), query.ProposalGetParams{CycleID: b.cycle.ID, Number: int32(number)})
	must(t, err)
	return row
}

func (b *bundle) approve(t *testing.T, number int) {
	t.Helper()
	done(t, b, workflows.ApproveProposal, workflows.ApproveInput{Act: b.act("leader"), Number: number, Digest: b.proposal(t, number).Digest})
}

func (b *bundle) release(t *testing.T, number int) bool {
	t.Helper()
	return done(t, b, workflows.ReleaseResults, workflows.ReleaseInput{Act: b.act(""), Number: number}).Released
}

// released is a year whose first results are out: 2026-01-14.
func released(t *testing.T, change ...func(*store.DataSet)) *bundle {
	t.Helper()
	if len(change) > 0 {
		return releaseFirst(t, proposed(t, change...))
	}
	return releasedStage.copy(t, func() *bundle { return releaseFirst(t, proposed(t)) })
}

func releaseFirst(t *testing.T, b *bundle) *bundle {
	t.Helper()
	b.at(day(time.January, 14), 10)
	b.approve(t, 1)
	is(t, "released", b.release(t, 1), true)
	return b
}

// ordered is a year whose three rectifications are ordered, due 2026-03-13; it is 2026-01-15.
func ordered(t *testing.T) *bundle {
	t.Helper()
	return orderedStage.copy(t, func() *bundle {
		b := released(t)
		is(t, "units with problems", done(t, b, workflows.DraftProblems, workflows.DraftProblemsInput{Act: b.act("")}).Units, 3)
		b.at(day(time.January, 15), 10)
		is(t, "orders", len(done(t, b, workflows.OrderRectifications, workflows.OrderInput{Act: b.act("admin")}).Orders), 3)
		return b
	})
}

// on is a step on a unit's first rectification, with its texts.
func (b *bundle) on(t *testing.T, by, unit string, content any) workflows.RectificationAct {
	t.Helper()
	return workflows.RectificationAct{Act: b.asked(t, by, content), Unit: unit}
}

// report files the unit's measures and reports its rectification.
func (b *bundle) report(t *testing.T, unit string) {
	t.Helper()
	done(t, b, workflows.FileMeasures, b.on(t, contact(unit), unit, store.Filing{Text: "逐项整改"}))
	done(t, b, workflows.ReportRectification, b.on(t, contact(unit), unit, store.Filing{Text: "已整改完成"}))
}

// sweep sends the reminders of 09:00 of a day, for some phases; it answers how many mails are queued.
func (b *bundle) sweep(t *testing.T, on calendar.Date, phases ...string) int {
	t.Helper()
	b.at(on, 9)
	return done(t, b, workflows.SendReminders, workflows.SendRemindersInput{Cycle: b.cycle, Scheduled: on.At(9, 0), Policies: phases}).Queued
}
