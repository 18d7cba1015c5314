package store

import (
	"testing"

	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store/query"
)

// smallEvaluation is the evaluation beside the small plan: its first unit, and a water works of its own.
func smallEvaluation() Import {
	plan := smallPlan()
	evaluation := rules.EvaluationPlan{
		RuleSet: plan.Scheme.RuleSet, Timing: rules.Concurrent, Categories: []string{"county"},
		Dates: rules.EvaluationDates{Publish: "2025-10-13", Open: "2025-10-20", Close: "2025-11-14", ResultsDue: "2025-12-05"},
		Units: append(plan.Units[:1:1], rules.Unit{Code: "E01", Name: "平凉市供排水公司", Category: "enterprise", Email: "e01@example.com"}),
		Representatives: []rules.Representative{
			{Name: "群众代表", Kind: "citizen", Email: "citizen@example.com"},
			{Name: "专家", Kind: "expert", Email: "expert@example.com", Units: []string{"enterprise"}},
		},
	}
	return Import{
		DataSet:   EvaluationSet(DataSet{Plan: plan}, evaluation),
		Questions: []rules.Question{{ID: "content", Wording: "是否真实"}, {ID: "other", Wording: "其他"}},
	}
}

// The year's assessment and its evaluation are two cycles, imported both or none (E5).
func TestImportBothCyclesOfAYear(t *testing.T) {
	t.Parallel()
	b := setup(t)
	both := []Import{{DataSet: DataSet{Plan: smallPlan()}}, smallEvaluation()}
	ids, err := b.ImportDataSets(t.Context(), both...)
	must(t, err)
	is(t, "the evaluation's name", CycleName(b.cycle(t, ids[1])), "pingliang/2025/evaluation")
	is(t, "its people", count(t, b.db, `SELECT count(*) FROM people WHERE cycle_id = 2`), 2)
	is(t, "units asked about", count(t, b.db, `SELECT count(*) FROM representative_units WHERE cycle_id = 2 AND NOT used`), 3)
	questions, err := b.EvaluationQuestionList(t.Context(), query.EvaluationQuestionListParams{CycleID: ids[1]})
	must(t, err)
	is(t, "the second question", questions[1].Question, "other")
	is(t, "its position", questions[1].Position, 1)

	again := smallEvaluation()
	again.DataSet.Evaluation.Representatives = again.DataSet.Evaluation.Representatives[1:]
	replaced, err := b.ImportDataSets(t.Context(), both[0], again)
	must(t, err)
	is(t, "the replaced evaluation's id", replaced[1], ids[1])
	is(t, "representatives now", count(t, b.db, `SELECT count(*) FROM representatives`), 1)

	broken := smallEvaluation()
	broken.DataSet.Evaluation.Dates.Close = "2025-10-01"
	renamed := DataSet{Plan: smallPlan()}
	renamed.Plan.Units[0].Name = "别的名字"
	if _, err := b.ImportDataSets(t.Context(), Import{DataSet: renamed}, broken); err == nil {
		t.Error("an evaluation that the database refuses was imported")
	}
	is(t, "the assessment's unit, whose evaluation was refused", count(t, b.db, `SELECT count(*) FROM units WHERE name = '别的名字'`), 0)
}

// While one of the two runs, the other can still be replaced, if nothing of the first changes.
func TestImportBesideACycleThatRuns(t *testing.T) {
	t.Parallel()
	b := setup(t)
	assessment, evaluation := Import{DataSet: DataSet{Plan: smallPlan()}}, smallEvaluation()
	_, err := b.ImportDataSets(t.Context(), assessment, evaluation)
	must(t, err)
	execute(t, b.db, `UPDATE cycles SET state = 'running' WHERE kind = 'evaluation'`)
	assessment.DataSet.Plan.Indicators[0].Content = "组织与领导"
	_, err = b.ImportDataSets(t.Context(), assessment, evaluation)
	must(t, err)
	is(t, "the assessment's new indicator", count(t, b.db, `SELECT count(*) FROM indicators WHERE content = '组织与领导'`), 1)
	changed := smallEvaluation()
	changed.DataSet.Evaluation.DocumentNumber = "平政公开办发〔2025〕11号"
	_, err = b.ImportDataSets(t.Context(), assessment, changed)
	fails(t, err, Refused, "pingliang/2025/evaluation has started: its plan is frozen (E8(1))")
	execute(t, b.db, `UPDATE cycles SET state = 'running'`)
	_, err = b.ImportDataSets(t.Context(), assessment, evaluation)
	fails(t, err, Refused, "pingliang/2025/evaluation has started: its plan is frozen (E8(1))")
}
