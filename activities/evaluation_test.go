package activities

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kaoping/kaoping/ballots"
	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/documents"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/schemas"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

// evaluation is the sample's social evaluation cut to a county, a department and an enterprise of its own, with two
// representatives; the public alone counts. It is the morning on which it is announced, and not started.
func evaluation(t *testing.T, change ...func(*store.DataSet)) *bundle {
	t.Helper()
	b := copyOf(t, template)
	b.at(day(time.October, 13), 8)
	files, err := fs.Sub(schemas.Data, "data/pingliang")
	must(t, err)
	read, err := documents.ReadDataSet(files, b.Rules, calendar.Seed()...)
	must(t, err)
	plan := *read.Evaluation
	plan.Units = slices.DeleteFunc(plan.Units, func(unit rules.Unit) bool { return !slices.Contains([]string{"C01", "D18", "E01"}, unit.Code) })
	plan.Representatives = slices.Clone(plan.Representatives[:2])
	plan.Representatives[1].Units = []string{"county"}
	plan.Channels = map[string]rules.Channel{"public": {Weight: "1", MinBallots: 5}}
	set := store.EvaluationSet(store.DataSet{Plan: read.Plan, Holidays: read.Holidays}, plan)
	for _, change := range change {
		change(&set)
	}
	ruleSet, _ := b.Rules.RuleSet(plan.RuleSet)
	id, err := b.Store.ImportDataSet(t.Context(), store.Import{DataSet: set, Questions: set.Evaluation.Asked(ruleSet)})
	must(t, err)
	b.cycle = workflows.CycleRef{ID: id, Authority: "pingliang", Year: 2025, Evaluation: true}
	return b
}

func (b *bundle) claimEvaluationNow(t *testing.T) workflows.EvaluationClaim {
	t.Helper()
	return done(t, b, workflows.ClaimEvaluation, workflows.ClaimInput{Act: b.act("admin"), Real: *b.clock.Load()})
}

func (b *bundle) stepOn(t *testing.T, step workflows.Step[workflows.EvaluationStep, workflows.Empty]) {
	t.Helper()
	done(t, b, step, workflows.EvaluationStep{Act: b.act("")})
}

// openEvaluation is one whose window is open since 20 October; the representatives are invited.
func openEvaluation(t *testing.T) *bundle {
	t.Helper()
	b := evaluation(t)
	b.claimEvaluationNow(t)
	b.at(day(time.October, 13), 9)
	b.stepOn(t, workflows.PublishEvaluation)
	b.at(day(time.October, 20), 0)
	b.stepOn(t, workflows.OpenWindow)
	b.at(day(time.October, 20), 9)
	b.stepOn(t, workflows.InviteRepresentatives)
	return b
}

// surveyed adds a survey: so many ballots about a unit, which answer all questions alike.
func (b *bundle) surveyed(t *testing.T, key string, answers map[string]string, times int) {
	t.Helper()
	survey := store.Survey{
		Agency: "平凉市统计局社情民意调查中心", From: day(time.October, 20), To: day(time.October, 20), Sample: "电话随机访问", SHA256: fmt.Sprintf("%064x", b.acts+1),
	}
	b.acts++
	for _, unit := range slices.Sorted(maps.Keys(answers)) {
		for range times {
			survey.Ballots = append(survey.Ballots, rules.SurveyBallot{Unit: unit, Answers: map[string]string{"content": answers[unit], "service": answers[unit]}})
		}
	}
	var number int
	must(t, b.Store.Do(t.Context(), store.Step{Cycle: b.cycle.ID, Key: key}, &number, func(change *store.Change) (err error) {
		number, err = change.ImportSurvey(survey, "admin")
		return err
	}))
}

// tallied is an evaluation whose window is closed: C01 satisfies, D18 does not, and about E01 too few answered.
func tallied(t *testing.T) *bundle {
	t.Helper()
	b := openEvaluation(t)
	b.surveyed(t, "many", map[string]string{"C01": "satisfied", "D18": "dissatisfied"}, 5)
	b.surveyed(t, "few", map[string]string{"E01": "satisfied"}, 4)
	b.at(day(time.November, 15), 0)
	b.stepOn(t, workflows.CloseWindow)
	b.stepOn(t, workflows.SealBallots)
	b.stepOn(t, workflows.MakeTally)
	return b
}

func (b *bundle) proposeEvaluation(t *testing.T, number int) workflows.MakeProposalResult {
	t.Helper()
	return done(t, b, workflows.ProposeEvaluation, workflows.MakeProposalInput{Act: b.act("admin"), Number: number})
}

// evaluationReleased is one whose results are approved and released.
func evaluationReleased(t *testing.T) *bundle {
	t.Helper()
	b := tallied(t)
	b.at(day(time.November, 17), 10)
	b.proposeEvaluation(t, 1)
	done(t, b, workflows.ApproveProposal, approving(t, b, "leader"))
	_, err := b.db.ExecContext(t.Context(), `UPDATE sealed_ballots SET network = 'network' WHERE unit = 'C01'`)
	must(t, err)
	result := done(t, b, workflows.ReleaseEvaluation, workflows.ReleaseInput{Act: b.act(""), Number: 1})
	is(t, "the release", result, workflows.ReleaseEvaluationResult{Released: true, Open: 2})
	return b
}

func TestAnEvaluationIsClaimed(t *testing.T) {
	t.Parallel()
	b := evaluation(t)
	claim := b.claimEvaluationNow(t)
	is(t, "dates", fmt.Sprint(claim.Evaluation), "{2025-10-13 2025-10-20 2025-11-14 2025-12-05}")
	is(t, "policies", strings.Join(slices.Sorted(maps.Keys(claim.Policies)), " "), "approval invitation")
	is(t, "it waits for the province", claim.AfterProvince, false)
	line := b.lines(t)[0]
	is(t, "the line", fmt.Sprint(line.Event, " ", line.Article, " ", line.Person, " ", line.Data["extension"]), "evaluation_started E8(1) admin 平政办发〔2024〕00号(示例)")
	refused(t, b, workflows.ClaimEvaluation, workflows.ClaimInput{Act: b.act("admin"), Real: *b.clock.Load()}, "pingliang/2025/evaluation has been started already")
}

func TestAnEvaluationsClaimIsRefusedWithAllItsFaults(t *testing.T) {
	t.Parallel()
	b := evaluation(t, func(set *store.DataSet) {
		set.Evaluation.Extension = nil
		set.Plan.People = slices.DeleteFunc(set.Plan.People, func(p rules.Person) bool { return p.Role == rules.Deputy })
	})
	b.at(day(time.October, 14), 8)
	refused(t, b, workflows.ClaimEvaluation, workflows.ClaimInput{Act: b.act("admin"), Real: *b.clock.Load()},
		"evaluation.extension: the publication of 2025-10-13 is outside the validity of pingliang-2022, 2022-08-05 to 2024-08-04; the document that extended it is missing (A16, E12)",
		"people: nobody has the role deputy (E8)",
		"evaluation.dates.publish: 2025-10-13 is past; an evaluation is published today or later (E8(2))")
}

// Every evaluated unit is told by what it will be judged; one without people here at its own address (E8(2), E10, E11).
func TestAnEvaluationIsAnnounced(t *testing.T) {
	t.Parallel()
	b := openEvaluation(t)
	is(t, "notices", b.mails(t, "evaluation_notice"),
		"evaluation_notice zwgk@kongtong.pingliang.example\nevaluation_notice zwgk@wlj.pingliang.example\nevaluation_notice zwgk@gps.pingliang.example")
	says(t, b.letters(t, "evaluation_notice")["zwgk@gps.pingliang.example"],
		"平凉市供排水公司", "权重1，不少于5票方可评定等次", "满意：评议指数85分以上", "2025年10月20日", "2025年11月14日", "https://pingyi.example/e/pingliang/2025")
	is(t, "the task", strings.Contains(b.tasks(t), "announce_evaluation admin 2025-10-20"), true)
	is(t, "the journal", b.story(t), "evaluation_started, window_opened, 2×invitation_sent")
}

// An evaluation after the province's is held up until that has ended; then its days must still lie ahead (E6).
func TestTheProvincesEndIsRecorded(t *testing.T) {
	t.Parallel()
	after := func(set *store.DataSet) { set.Evaluation.Timing = rules.AfterProvince }
	b := evaluation(t, after)
	b.claimEvaluationNow(t)
	is(t, "the task", b.tasks(t), "record_province admin")
	refused(t, b, workflows.RecordProvince, workflows.EvaluationStep{Act: b.asked(t, "admin", store.Reason{})}, "a reason is missing")
	done(t, b, workflows.RecordProvince, workflows.EvaluationStep{Act: b.asked(t, "admin", store.Reason{Reason: "甘公开办通报〔2025〕3号"})})
	is(t, "the record", b.column(t, `SELECT province_ended || province_note FROM evaluations`), "2025-10-13甘公开办通报〔2025〕3号")
	is(t, "tasks", b.tasks(t), "")
	late := evaluation(t, after)
	late.claimEvaluationNow(t)
	late.at(day(time.October, 20), 10)
	refused(t, late, workflows.RecordProvince, workflows.EvaluationStep{Act: late.asked(t, "admin", store.Reason{Reason: "已结束"})},
		"the window was to open on 2025-10-20: move the dates first (E6)")
}

// Each representative has a link of his own; who has evaluated all is not reminded, and the links are forgotten (E9).
func TestRepresentativesAreInvitedAndReminded(t *testing.T) {
	t.Parallel()
	b := openEvaluation(t)
	is(t, "hashes and tokens", b.count(t, `SELECT count(DISTINCT token) FROM representatives WHERE token_hash = sha256(convert_to(token, 'UTF8')) AND length(token) = 43`), 2)
	letter := b.letters(t, "invitation")["department02@daibiao.pingliang.example"]
	says(t, letter, "崆峒区人民政府", "/e/pingliang/2025/r/"+b.column(t, `SELECT token FROM representatives WHERE number = 2`))
	if strings.Contains(string(letter.Text), "平凉市供排水公司") {
		t.Error("a representative is asked about a unit that is not his to judge")
	}
	_, err := b.db.ExecContext(t.Context(), `UPDATE representative_units SET used = true WHERE number = 2`)
	must(t, err)
	b.at(day(time.November, 13), 9)
	sent := done(t, b, workflows.SendReminders, workflows.SendRemindersInput{
		Cycle: b.cycle, Scheduled: *b.clock.Load(), Policies: []string{workflows.PhaseInvitation, workflows.PhaseApproval},
	})
	is(t, "reminded", fmt.Sprint(sent.Queued, " ", b.mails(t, "invitation_reminder")), "1 invitation_reminder department01@daibiao.pingliang.example")
	used := b.lines(t, "invitation_used")
	is(t, "who used his link", fmt.Sprint(len(used), used[0].Data["invitee"], used[0].Unit == ""), "1 2 true")
	by := done(t, b, workflows.RemindRepresentatives, workflows.EvaluationStep{Act: b.act("admin")})
	is(t, "reminded by hand", by.Queued, 1)
	b.at(day(time.November, 15), 0)
	b.stepOn(t, workflows.CloseWindow)
	is(t, "tokens", b.count(t, `SELECT count(*) FROM representatives WHERE token <> ''`), 0)
	is(t, "told once", len(b.lines(t, "invitation_used")), 1)
	again := done(t, b, workflows.RemindRepresentatives, workflows.EvaluationStep{Act: b.act("admin")})
	is(t, "reminded after the window", again.Queued, 0)
}

func TestDatesOfAnEvaluationMove(t *testing.T) {
	t.Parallel()
	b := openEvaluation(t)
	move := func(phase string, to calendar.Date) workflows.MoveDateInput {
		return workflows.MoveDateInput{Act: b.asked(t, "admin", store.Reason{Reason: "系统维护"}), Phase: phase, To: to}
	}
	for _, c := range []struct {
		phase  string
		to     calendar.Date
		reason string
	}{
		{"self_report", day(time.November, 20), "a date is moved for publish, open, close or results"},
		{workflows.PhaseClose, day(time.November, 13), "close is on 2025-11-14 already; an extension moves it later"},
		{workflows.PhaseOpen, day(time.October, 27), "open is over"},
		{workflows.PhaseClose, day(time.December, 5), "the dates would not be in order: publish 2025-10-13, open 2025-10-20, close 2025-12-05, results 2025-12-05"},
	} {
		refused(t, b, workflows.MoveEvaluationDate, move(c.phase, c.to), c.reason)
	}
	dates := done(t, b, workflows.MoveEvaluationDate, move(workflows.PhaseClose, day(time.November, 21)))
	is(t, "dates", fmt.Sprint(dates), "{2025-10-13 2025-10-20 2025-11-21 2025-12-05}")
	is(t, "units that are told", strings.Count(b.mails(t, "deadline_extended"), "deadline_extended"), 3)
	line := b.lines(t, "deadline_extended")[0]
	is(t, "the line", fmt.Sprint(line.Article, line.Data["phase"], line.Data["to"], line.Data["reason"]), "E8(1)close2025-11-21系统维护")
}

// The tally is looked at by the administrator before anybody is asked to approve it (E8(4)); a unit with too few ballots has
// neither index nor grade (E10).
func TestAnEvaluationIsTalliedAndProposed(t *testing.T) {
	t.Parallel()
	b := tallied(t)
	line := b.lines(t, "tally_made")[0]
	is(t, "the tally", fmt.Sprint(line.Data["ballots"], line.Data["grades"]), "14 map[dissatisfied:1 insufficient:1 satisfied:1]")
	is(t, "tasks", b.tasks(t), "review_tally admin 2025-12-05")
	result := b.proposeEvaluation(t, 1)
	is(t, "due", result.Due, day(time.December, 5))
	is(t, "tasks", b.tasks(t), "approval/1 leader 2025-12-05")
	rows, err := b.Store.EvaluationResultList(t.Context(), query.EvaluationResultListParams{CycleID: b.cycle.ID, Number: 1})
	must(t, err)
	var texts []string
	for _, row := range rows {
		index := "-"
		if row.Score != nil {
			index = row.Score.String()
		}
		texts = append(texts, fmt.Sprint(row.Unit, " ", index, " ", row.Grade, " ", row.Rank.Int32))
	}
	is(t, "results", strings.Join(texts, ", "), "C01 100.00 satisfied 1, D18 0.00 dissatisfied 2, E01 - insufficient 0")
}

// The ballots are sealed under a root that the journal keeps and the installation's key has signed (E9).
func TestTheBallotsAreSealed(t *testing.T) {
	t.Parallel()
	b := tallied(t)
	is(t, "the journal", b.story(t), "evaluation_started, window_opened, 2×invitation_sent, 2×survey_imported, window_closed, ballots_sealed, tally_made")
	seal, err := b.Store.SealGet(t.Context(), query.SealGetParams{CycleID: b.cycle.ID})
	must(t, err)
	root, err := ballots.OpenCheckpoint(seal.Checkpoint, b.Signer.Public)
	must(t, err)
	line := b.lines(t, "ballots_sealed")[0]
	is(t, "the root", line.Data["root"], any(root.Hash.String()))
	is(t, "the size", fmt.Sprint(line.Data["size"]), "14")
	is(t, "the log", root.Log, "kaoping/pingliang/2025/evaluation")
}

func TestATallyIsReturned(t *testing.T) {
	t.Parallel()
	b := tallied(t)
	b.proposeEvaluation(t, 1)
	returning := func(comment string) workflows.ReturnEvaluationInput {
		return workflows.ReturnEvaluationInput{Act: b.asked(t, "leader", store.Comments{General: comment}), Number: 1}
	}
	refused(t, b, workflows.ReturnEvaluation, returning(" "), "a comment is missing (E8(4))")
	done(t, b, workflows.ReturnEvaluation, returning("请核查D18评议票"))
	is(t, "tasks", b.tasks(t), "")
	line := b.lines(t, "proposal_returned")[0]
	is(t, "the line", fmt.Sprint(line.Article, line.Data["comment"]), "E8(4)请核查D18评议票")
	b.stepOn(t, workflows.MakeTally)
	b.proposeEvaluation(t, 2)
	is(t, "tasks", b.tasks(t), "approval/2 leader 2025-12-05")
}

// Each unit hears its own result; a dissatisfied one is proposed for an interview and public criticism, which a person
// decides, and publishing is a decision too (E8(5), E10).
func TestAnEvaluationIsReleased(t *testing.T) {
	t.Parallel()
	b := evaluationReleased(t)
	is(t, "feedback", strings.Count(b.mails(t, "evaluation_feedback"), "evaluation_feedback"), 3)
	is(t, "traces of who voted", b.count(t, `SELECT count(*) FROM sealed_ballots WHERE network IS NOT NULL`), 0)
	letters := b.letters(t, "evaluation_feedback")
	says(t, letters["zwgk@gps.pingliang.example"], "平凉市供排水公司")
	is(t, "consequences", b.consequences(t), "1 D18 interview dissatisfied proposed, 2 D18 public_criticism dissatisfied proposed")
	refused(t, b, workflows.CloseCycle, workflows.CloseInput{Act: b.act("")}, "0 rectifications and 2 consequences are still open (A13, A14)")
	refused(t, b, workflows.DecideConsequence, b.deciding(t, 2, true, day(time.December, 31), store.Decision{}),
		"a reason is missing (E10)", "an evaluation orders no rectification, so there is no limit (E10)")
	decided := done(t, b, workflows.DecideConsequence, b.deciding(t, 1, true, calendar.Date{}, talk(day(time.November, 20))))
	is(t, "left", decided, workflows.DecideResult{Unit: "D18", Open: 1})
	done(t, b, workflows.DecideConsequence, b.deciding(t, 2, false, calendar.Date{}, store.Decision{Reason: "首次评议，批评教育"}))
	refused(t, b, workflows.CloseCycle, workflows.CloseInput{Act: b.act("")}, "nobody has decided yet whether the results are published (E8(5))")
	refused(t, b, workflows.PublishResults, workflows.PublishInput{Act: b.asked(t, "admin", store.Reason{})}, "a reason is missing")
	done(t, b, workflows.PublishResults, workflows.PublishInput{Act: b.asked(t, "admin", store.Reason{}), Publish: true})
	is(t, "published", b.column(t, `SELECT publishing || published FROM evaluations`), "publishedtrue")
	is(t, "what is published", fmt.Sprint(b.lines(t, "results_published")[0].Data["publishes"]), "[index grade answers ballots]")
}

func TestResultsAreWithheldWithAReason(t *testing.T) {
	t.Parallel()
	b := evaluationReleased(t)
	done(t, b, workflows.PublishResults, workflows.PublishInput{Act: b.asked(t, "admin", store.Reason{Reason: "涉及正在核查事项"})})
	is(t, "published", b.column(t, `SELECT publishing || published FROM evaluations`), "withheldfalse")
	is(t, "lines", len(b.lines(t, "results_published")), 0)
	is(t, "the task's note", b.column(t, `SELECT note FROM tasks WHERE key = 'publish_results'`), "涉及正在核查事项")
}

// What is released is what was approved: other ballots void the approval.
func TestOtherBallotsVoidTheApproval(t *testing.T) {
	t.Parallel()
	b := tallied(t)
	b.proposeEvaluation(t, 1)
	done(t, b, workflows.ApproveProposal, approving(t, b, "leader"))
	_, err := b.db.ExecContext(t.Context(), `INSERT INTO excluded_ballots SELECT cycle_id, position, '重复投票', 'admin' FROM sealed_ballots WHERE unit = 'C01' LIMIT 1`)
	must(t, err)
	result := done(t, b, workflows.ReleaseEvaluation, workflows.ReleaseInput{Act: b.act(""), Number: 1})
	is(t, "released", result, workflows.ReleaseEvaluationResult{})
	line := b.lines(t, "proposal_voided")[0]
	is(t, "the line", fmt.Sprint(line.Article, line.Data["reason"]), "E8(4)the ballots are no longer those that were approved")
}

func TestCheatingIsRecorded(t *testing.T) {
	t.Parallel()
	b := openEvaluation(t)
	record := func(facts store.ViolationFacts) workflows.ViolationInput {
		return workflows.ViolationInput{Act: b.asked(t, "admin", facts), Unit: "C01"}
	}
	refused(t, b, workflows.RecordViolation, record(store.ViolationFacts{Severity: "serious"}),
		"the facts are missing (E10)", "the evidence is missing (E10)", `"serious" is neither cheating nor bad_effect (E10)`)
	result := done(t, b, workflows.RecordViolation, record(store.ViolationFacts{Facts: "组织职工集中投票", Evidence: "核查笔录", Severity: "cheating"}))
	is(t, "the result", result, workflows.ViolationResult{Consequence: 1, Open: 2})
	is(t, "consequences", b.consequences(t), "1 C01 interview violation proposed, 2 C01 public_criticism violation proposed")
	is(t, "the article", b.lines(t, "violation_recorded")[0].Article, "E10")
}

func TestASurveyIsRefused(t *testing.T) {
	t.Parallel()
	b := openEvaluation(t)
	good := store.Survey{
		Agency: "统计局", From: day(time.October, 14), To: day(time.October, 20), Sample: "电话", SHA256: strings.Repeat("a", 64),
		Ballots: []rules.SurveyBallot{{Unit: "C01", Answers: map[string]string{"content": "satisfied"}}},
	}
	imports := func(key string, survey store.Survey) error {
		var number int
		return b.Store.Do(t.Context(), store.Step{Cycle: b.cycle.ID, Key: key}, &number, func(change *store.Change) (err error) {
			number, err = change.ImportSurvey(survey, "admin")
			return err
		})
	}
	says := func(err error, want ...string) {
		t.Helper()
		is(t, "the refusal", fmt.Sprint(err), fmt.Sprint(store.Refuse(want...)))
	}
	says(imports("empty", store.Survey{SHA256: good.SHA256}), "the agency that ran the survey is missing (E9)",
		"the sample is missing: who was asked, and how (E9)", "the period of the survey is missing: its first and its last day (E9)")
	turned := good
	turned.From, turned.To = day(time.October, 22), day(time.October, 21)
	says(imports("turned", turned), "the survey would end on 2025-10-21, before its first day 2025-10-22")
	ahead := good
	ahead.To = day(time.October, 21)
	says(imports("ahead", ahead), "the survey ends on 2025-10-21, which lies ahead")
	must(t, imports("good", good))
	says(imports("twice", good), "this file is survey 1 already")
	b.at(day(time.November, 15), 0)
	b.stepOn(t, workflows.CloseWindow)
	late := good
	late.SHA256 = strings.Repeat("b", 64)
	says(imports("late", late), "the window is closed: the ballots are counted (E9)")
	is(t, "ballots", b.count(t, `SELECT count(*) FROM survey_ballots`), 1)
	line := b.lines(t, "survey_imported")[0]
	is(t, "the line", fmt.Sprint(line.Person, line.Article, line.Data["agency"], line.Data["ballots"]), "adminE9统计局1")
}

func TestAnEvaluationIsCancelled(t *testing.T) {
	t.Parallel()
	b := openEvaluation(t)
	_, err := b.db.ExecContext(t.Context(), `UPDATE representative_units SET used = true WHERE number = 2`)
	must(t, err)
	done(t, b, workflows.CancelCycle, workflows.CancelInput{Act: b.asked(t, "admin", store.Reason{Reason: "误启动"})})
	is(t, "the window", b.column(t, `SELECT window_state FROM evaluations`), "closed")
	is(t, "units that are told", strings.Count(b.mails(t, "cycle_cancelled"), "cycle_cancelled"), 3)
	is(t, "the article", b.lines(t, "cycle_cancelled")[0].Article, "E8")
	is(t, "transactions that tell of a link's use", b.count(t, `SELECT count(DISTINCT xmin::text) FROM representative_units`), 1)
	is(t, "links used", b.count(t, `SELECT count(*) FROM representative_units WHERE used`), 1)
}
