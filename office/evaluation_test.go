package office

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/kaoping/kaoping/ballots"
	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/documents"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/schemas"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/workflows"
)

// evaluating is an office with the sample's social evaluation as a draft, on the morning of its announcement.
func evaluating(t *testing.T) *bundle {
	t.Helper()
	b := setup(t)
	b.at(day(time.October, 13), 8)
	files, err := fs.Sub(schemas.Data, "data/pingliang")
	must(t, err)
	set, err := documents.ReadDataSet(files, b.Rules, calendar.Seed()...)
	must(t, err)
	_, err = b.Import(t.Context(), set)
	must(t, err)
	b.cycle, err = b.Find(t.Context(), "pingliang/2025/evaluation", 0)
	must(t, err)
	return b
}

// underWay is an evaluation in which anything can be asked: it runs, and a proposal is open.
func underWay(t *testing.T) *bundle {
	t.Helper()
	b := evaluating(t)
	b.execute(t, `UPDATE cycles SET state = 'running' WHERE cycle_id = $1`, b.cycle.CycleID)
	b.execute(t, `INSERT INTO proposals (cycle_id, number, state, digest, book, due) VALUES ($1, 2, 'open', 'abc', '', '2025-12-05')`, b.cycle.CycleID)
	b.execute(t, `INSERT INTO consequences (cycle_id, number, unit, kind, basis) VALUES ($1, 1, 'C01', 'interview', 'dissatisfied')`, b.cycle.CycleID)
	b.temporal.answers(struct{}{}, nil)
	var err error
	b.cycle, err = b.Find(t.Context(), "pingliang/2025/evaluation", 0)
	must(t, err)
	return b
}

// Every act on an evaluation goes to the evaluation itself, under the caller's id; its texts stay in the database.
func TestActsOnAnEvaluation(t *testing.T) {
	t.Parallel()
	b := underWay(t)
	for _, act := range []struct {
		by, update, payload string
		ask                 func(context.Context, *Desk) error
	}{
		{"admin", "record-province", `{"login":"admin"}`, func(ctx context.Context, d *Desk) error { return d.RecordProvince(ctx, "a", secret) }},
		{"admin", "propose-results", `{"login":"admin"}`, func(ctx context.Context, d *Desk) error { return d.ProposeResults(ctx, "a") }},
		{"leader", "approve", `{"login":"leader","digest":"abc"}`, func(ctx context.Context, d *Desk) error { return d.Approve(ctx, "a", "abc") }},
		{"leader", "return-proposal", `{"login":"leader","review_due":""}`, func(ctx context.Context, d *Desk) error {
			return d.ReturnProposal(ctx, "a", nil, store.Comments{General: secret}, calendar.Date{})
		}},
		{"admin", "publish-results", `{"login":"admin","publish":false}`, func(ctx context.Context, d *Desk) error { return d.PublishResults(ctx, "a", false, secret) }},
		{"admin", "move-date", `{"login":"admin","phase":"close","to":"2026-03-20"}`, func(ctx context.Context, d *Desk) error { return d.MoveDate(ctx, "a", "close", due, secret) }},
		{"admin", "remind", `{"login":"admin","review_due":""}`, func(ctx context.Context, d *Desk) error { return second(d.Remind(ctx, "a")) }},
		{"admin", "record-violation", `{"login":"admin","unit":"C01"}`, func(ctx context.Context, d *Desk) error {
			return second(d.RecordViolation(ctx, "a", "C01", store.ViolationFacts{Facts: secret}))
		}},
		{"leader", "decide-consequence", `{"login":"leader","number":1,"impose":true,"due":""}`, func(ctx context.Context, d *Desk) error {
			return d.DecideConsequence(ctx, "a", 1, true, calendar.Date{}, store.Decision{Reason: secret})
		}},
		{"admin", "cancel", `{"login":"admin"}`, func(ctx context.Context, d *Desk) error { return d.Cancel(ctx, "a", secret) }},
	} {
		b.execute(t, `DELETE FROM acts`)
		must(t, act.ask(t.Context(), b.desk(t, act.by)))
		sent := b.temporal.last()
		is(t, act.update+": the workflow", sent.WorkflowID, "evaluation/pingliang/2025")
		is(t, "the update", sent.UpdateName, act.update)
		is(t, act.update+": the payload", asJSON(t, sent.Args[0]), act.payload)
		is(t, act.update+": its completion is waited for", sent.WaitForStage, client.WorkflowUpdateStageCompleted)
		if kept := b.text(t, `SELECT string_agg(content::text, '') FROM acts`); kept != "" && !strings.Contains(kept, secret) {
			t.Errorf("%s: the database keeps %s", act.update, kept)
		}
	}
}

// What belongs to one kind of cycle is refused in the other, before any workflow is asked.
func TestActsOfTheOtherKind(t *testing.T) {
	t.Parallel()
	b := underWay(t)
	admin, leader := b.desk(t, "admin"), b.desk(t, "leader")
	const belongs = "pingliang/2025/evaluation is a social evaluation: this belongs to the assessment"
	for _, err := range []error{
		admin.ProposeAdjustment(t.Context(), "a", store.Adjustment{}), admin.ConfirmAdjustment(t.Context(), "a", "x", ""),
		admin.RejectAdjustment(t.Context(), "a", "x", "r"), admin.ReopenReviews(t.Context(), "a", []string{"C01"}, "r"),
		admin.OrderRectifications(t.Context(), "a"), second(admin.Rehearse(t.Context())),
	} {
		fails(t, err, store.Refused, belongs)
	}
	fails(t, leader.ReturnProposal(t.Context(), "a", []string{"C01"}, store.Comments{General: "x"}, calendar.Date{}), store.Refused,
		"an evaluation's tally is returned as a whole, with one comment and no date (E8(4))")
	is(t, "acts that went to Temporal", len(b.temporal.updates), 0)
	assessment := running(t).desk(t, "admin")
	const other = "pingliang/2025 is an assessment: this belongs to its social evaluation"
	for _, err := range []error{
		assessment.RecordProvince(t.Context(), "a", "x"), assessment.ProposeResults(t.Context(), "a"),
		assessment.PublishResults(t.Context(), "a", true, ""), second(assessment.ImportSurvey(t.Context(), "a", "s.csv", nil, SurveyFacts{})),
		second(assessment.ExcludeBallots(t.Context(), "a", nil, "")), second(assessment.BallotFindings(t.Context())), second(assessment.Tallies(t.Context())),
	} {
		fails(t, err, store.Refused, other)
	}
}

func TestAnEvaluationIsStarted(t *testing.T) {
	t.Parallel()
	b := evaluating(t)
	b.temporal.start = func(client.StartWorkflowOptions) (client.WorkflowRun, error) { return runStub{}, nil }
	b.temporal.answers(struct{}{}, nil)
	must(t, b.desk(t, "admin").Start(t.Context(), *b.clock.Load()))
	is(t, "the workflow", b.temporal.starts[0].ID, "evaluation/pingliang/2025")
	is(t, "schedules of the next year", len(b.temporal.schedules), 0)
	b.at(day(time.October, 14), 8)
	fails(t, b.desk(t, "admin").Start(t.Context(), *b.clock.Load()), store.Refused,
		"evaluation.dates.publish: 2025-10-13 is past; an evaluation is published today or later (E8(2))")
}

const surveyHead = "unit,content,timeliness,channels,systems,requests,service,other,comment\n"

// The administrator sees what may be cheating, leaves it out, and everybody who decides sees both tallies (E10).
func TestBallotsAreLeftOut(t *testing.T) {
	t.Parallel()
	b := underWay(t)
	b.execute(t, `UPDATE evaluations SET window_state = 'open'`)
	b.execute(t, `DELETE FROM proposals`)
	b.at(day(time.October, 27), 8)
	admin := b.desk(t, "admin")
	_, err := admin.ImportSurvey(t.Context(), "survey", "survey.csv", []byte(surveyHead+strings.Repeat("C01,满意,,,,,,,办事窗口态度好\n", 3)+"C01,不满意,,,,,,,\n"),
		SurveyFacts{Agency: "统计局", From: day(time.October, 20), To: day(time.October, 24), Sample: "电话随机访问"})
	must(t, err)
	b.sealNow(t)
	findings, err := admin.BallotFindings(t.Context())
	must(t, err)
	is(t, "findings", len(findings), 1)
	is(t, "the finding", fmt.Sprint(findings[0].Kind, findings[0].Unit, len(findings[0].Positions)), "commentC013")
	number, err := admin.ExcludeBallots(t.Context(), "a", findings[0].Positions, "评论雷同，经核查为同一人")
	must(t, err)
	is(t, "left out", number, 3)
	again, err := admin.ExcludeBallots(t.Context(), "a", findings[0].Positions, "评论雷同，经核查为同一人")
	must(t, err)
	is(t, "the same act", again, 3)
	is(t, "whose decision it is", b.text(t, `SELECT DISTINCT decided_by || reason FROM excluded_ballots`), "admin评论雷同，经核查为同一人")
	tallies, err := b.desk(t, "leader").Tallies(t.Context())
	must(t, err)
	is(t, "ballots", fmt.Sprint(tallies.Ballots, tallies.Excluded), "1 3")
	is(t, "about C01", fmt.Sprint(tallies.Without[0].Code, tallies.Without[0].Ballots["public"], tallies.With[0].Ballots["public"]), "C011 4")
}

// sealNow closes the window and seals the ballots, as the workflow does in the night.
func (b *bundle) sealNow(t *testing.T) {
	t.Helper()
	set, err := b.Store.DataSet(t.Context(), b.cycle)
	must(t, err)
	ruleSet, _ := b.Rules.RuleSet(b.cycle.RuleSet)
	b.execute(t, `UPDATE evaluations SET window_state = 'closed'`)
	secret, _, err := ballots.NewKey()
	must(t, err)
	signer, err := ballots.NewSigner(secret)
	must(t, err)
	var none workflows.Empty
	must(t, b.Store.Do(t.Context(), store.Step{Cycle: b.cycle.CycleID, Key: "seal"}, &none, func(change *store.Change) error {
		_, err := change.SealBallots(store.Sealing{Form: store.EvaluationForm(set, ruleSet), Signer: signer, SurveysIn: set.Evaluation.SurveysIn})
		return err
	}))
}

// A survey is counted as it stands in the file, in the words of either language; the book of the proposal holds it (E9).
func TestASurveyIsImportedAndExported(t *testing.T) {
	t.Parallel()
	b := underWay(t)
	b.execute(t, `UPDATE evaluations SET window_state = 'open'`)
	b.at(day(time.October, 27), 8)
	desk := b.desk(t, "admin")
	facts := SurveyFacts{Agency: "统计局", From: day(time.October, 20), To: day(time.October, 24), Sample: "电话随机访问"}
	number, err := desk.ImportSurvey(t.Context(), "a", "survey.csv", []byte(surveyHead+"C01,满意,satisfied,,,,,不满意,办事窗口态度好\n"), facts)
	must(t, err)
	is(t, "the number", number, 1)
	again, err := desk.ImportSurvey(t.Context(), "a", "survey.csv", []byte(surveyHead+"C01,满意,satisfied,,,,,不满意,办事窗口态度好\n"), facts)
	must(t, err)
	is(t, "the same act", again, 1)
	set, err := b.Store.DataSet(t.Context(), b.cycle)
	must(t, err)
	ruleSet, _ := b.Rules.RuleSet(b.cycle.RuleSet)
	_, err = b.Export(t.Context(), b.cycle)
	fails(t, err, store.Refused, "the ballots of pingliang/2025/evaluation are not sealed yet (E8(3))")
	b.sealNow(t)
	book, err := b.Store.EvaluationBook(t.Context(), b.cycle, set, ruleSet)
	must(t, err)
	is(t, "the ballot", fmt.Sprint(book.Ballots), "[{C01 public map[content:satisfied other:dissatisfied timeliness:satisfied]}]")
	_, err = b.Export(t.Context(), b.cycle)
	fails(t, err, store.Refused, "the ballots are no longer those of proposal 2: the administrator tallies again")
	b.execute(t, `UPDATE proposals SET digest = $1`, book.Digest())
	text, err := b.Export(t.Context(), b.cycle)
	must(t, err)
	must(t, rules.Recompute(strings.NewReader(text), b.Rules, true, io.Discard))
	if !strings.Contains(text, `"digest": "`+book.Digest()+`"`) {
		t.Error("the book does not tell the digest that was approved")
	}
}

// All faults of a file at once, each with its line and column, and nothing is kept.
func TestASurveysFaults(t *testing.T) {
	t.Parallel()
	b := underWay(t)
	_, err := b.desk(t, "admin").ImportSurvey(t.Context(), "a", "survey.csv", []byte(surveyHead+"C99,满意,,,,,,,\nC01,好,,,,,,,\nC01,,,,,,,,"+strings.Repeat("长", 1001)+"\n"), SurveyFacts{})
	want := `survey.csv:2: unit: "C99" is no evaluated unit (E3)
survey.csv:3: content: "好" is no answer: want satisfied (满意), basically_satisfied (基本满意), dissatisfied (不满意), or nothing for no opinion
survey.csv:4: row: answers no question
survey.csv:4: comment: has 1001 characters; at most 1000`
	is(t, "faults", fmt.Sprint(err), want)
	_, err = b.desk(t, "admin").ImportSurvey(t.Context(), "a", "survey.csv", []byte(surveyHead), SurveyFacts{})
	is(t, "an empty file", fmt.Sprint(err), "survey.csv:1: file: holds no answers below its heading")
	is(t, "surveys", b.text(t, `SELECT count(*) FROM surveys`), "0")
}

// A representative whose address was refused gets his invitation at the one that is right (A8(4), E9).
func TestARepresentativesAddressIsChanged(t *testing.T) {
	t.Parallel()
	b := underWay(t)
	desk := b.desk(t, "admin")
	must(t, desk.ChangeAddress(t.Context(), "a", "invitee/2", "new@daibiao.example"))
	is(t, "the address", b.text(t, `SELECT email FROM representatives WHERE number = 2`), "new@daibiao.example")
	fails(t, desk.ChangeAddress(t.Context(), "b", "invitee/999", "new@daibiao.example"), store.NotFound,
		"no representative 999 is invited to pingliang/2025/evaluation")
}
