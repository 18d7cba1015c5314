package documents

import (
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/schemas"
)

func TestReadEvaluationOfPingliang(t *testing.T) {
	t.Parallel()
	folder, err := fs.Sub(schemas.Data, "data/pingliang")
	if err != nil {
		t.Fatal(err)
	}
	set, err := ReadDataSet(folder, library(t))
	if err != nil {
		t.Fatal(err)
	}
	plan := *set.Evaluation
	units, invitees := plan.Units, plan.Representatives
	plan.Units, plan.Representatives = nil, nil
	want := rules.EvaluationPlan{
		RuleSet: "pingliang-2022", Extension: &rules.Extension{Document: "平政办发〔2024〕00号(示例)", Date: "2024-08-01"},
		DocumentNumber: "平政公开办发〔2025〕10号(示例)", Timing: rules.Concurrent,
		Dates:      rules.EvaluationDates{Publish: "2025-10-13", Open: "2025-10-20", Close: "2025-11-14", ResultsDue: "2025-12-05"},
		Categories: []string{"county", "zone", "department"}, Also: "evaluation_units.csv",
		Questions:    []rules.Question{{ID: "other", Wording: "您对该单位政务公开工作还有哪些方面的评价"}},
		AnswerPoints: map[string]rules.Points{"satisfied": 10000, "basically_satisfied": 6000, "dissatisfied": 0},
		Channels: map[string]rules.Channel{
			"public": {Weight: "0.6", MinBallots: 30}, "representative": {Weight: "0.4", MinBallots: 5},
		},
		Thresholds: map[string]rules.Points{"satisfied": 8500, "basically_satisfied": 6000},
		SurveysIn:  "public", Publishes: []string{"index", "grade", "answers", "ballots"}, Invitees: "invitees.csv",
		Reminder: rules.Policy{Cron: "0 9 * * *", FromWorkingDaysBefore: 5, EscalateWorkingDaysAfter: 1},
	}
	if diff := cmp.Diff(want, plan); diff != "" {
		t.Error(diff)
	}
	if len(units) != 44 || units[0].Code != "C01" || units[43].Code != "E04" || len(invitees) != 60 {
		t.Errorf("%d units from %s to %s, %d invitees; want 44 from C01 to E04, 60",
			len(units), units[0].Code, units[len(units)-1].Code, len(invitees))
	}
	if asked := invitees[6]; asked.AsksAbout(units[43]) || !asked.AsksAbout(units[0]) {
		t.Errorf("%s, asked about %v, is asked about the wrong units", asked.Name, asked.Units)
	}
	ruleSet, _ := library(t).RuleSet("pingliang-2022")
	if asked := plan.Asked(ruleSet); len(asked) != 7 || asked[0].ID != "content" || asked[6].Wording != plan.Questions[0].Wording {
		t.Errorf("the questions of a ballot are %v", asked)
	}
}

// Every fault of a plan comes at once, with its place (E3 to E10).
func TestReadEvaluationFaults(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		spoil func(testing.TB, fstest.MapFS)
		want  []string
	}{
		{"everything at once", func(t testing.TB, set fstest.MapFS) {
			t.Helper()
			for _, change := range [][3]string{
				{"evaluation.yaml", "timing: concurrent", "timing: later"},
				{"evaluation.yaml", "open: 2025-10-20", "open: 2025-10-13"},
				{"evaluation.yaml", "[county, zone, department]", "[county, zone, department, harbour]"},
				{"evaluation.yaml", "  other: 您", "  content: 是否好看\n  other: 您"},
				{"evaluation.yaml", "dissatisfied: 0}", "dissatisfied: 70}"},
				{"evaluation.yaml", "weight: 0.4, min_ballots: 5", "weight: 0.5, min_ballots: 4"},
				{"evaluation.yaml", "count_in: public", "count_in: street"},
				{"evaluation.yaml", "[index, grade, answers, ballots]", "[index, names]"},
				{"evaluation.yaml", `cron: "0 9 * * *"`, `cron: "0 9 * *"`},
				{"evaluation_units.csv", "E02,", "C02,"},
				{"invitees.csv", "部门代表02,department,department02", "部门代表02,ministry,department01"},
				{"invitees.csv", "部门代表07,department,department07@daibiao.pingliang.example,county zone", "部门代表07,department,,province"},
			} {
				edit(t, set, change[0], change[1], change[2])
			}
		}, []string{
			`evaluation.yaml:5: timing: "later" is neither concurrent nor after_province (E6)`,
			`evaluation.yaml:6: dates.open: 2025-10-13 is not after publish, 2025-10-13`,
			`evaluation.yaml:7: units.categories: no unit is of category "harbour" (E3)`,
			`evaluation.yaml:9: questions.content: is worded by the rules (E7): a plan words other, and further ones`,
			`evaluation.yaml:11: answer_points.basically_satisfied: 60 is not above dissatisfied, 70`,
			`evaluation.yaml:12: channels: the weights sum to 1.1, not to 1`,
			`evaluation.yaml:14: channels.representative.min_ballots: 4 is below 5 (E10)`,
			`evaluation.yaml:16: surveys.count_in: "street" is no channel of the plan (E9)`,
			`evaluation.yaml:17: publishes: unknown value "names"; known are index, grade, answers, ballots (E8(5))`,
			"evaluation.yaml:20: reminders.invitation.cron: cron \"0 9 * *\": it is not a cron expression: write five fields, minute hour day month weekday, as in \"0 9 * * *\"",
			`evaluation_units.csv:3: code: C02 is there twice`,
			`invitees.csv:3: email: "department01@daibiao.pingliang.example" is there twice: first on line 2`,
			`invitees.csv:3: kind: unknown kind "ministry"; known are department, npc_deputy, cppcc_member, citizen, expert (E9)`,
			`invitees.csv:8: email: missing`,
			`invitees.csv:8: units: "province" is neither a category nor a code of the evaluated units`,
		}},
		{"files that are not there", func(_ testing.TB, set fstest.MapFS) {
			delete(set, "evaluation_units.csv")
			delete(set, "invitees.csv")
		}, []string{
			"evaluation_units.csv:1: file: is missing",
			"invitees.csv:1: file: is missing",
		}},
		{"no question of its own, unknown keys", func(t testing.TB, set fstest.MapFS) {
			t.Helper()
			edit(t, set, "evaluation.yaml", "  other: 您", "  further: 您")
			edit(t, set, "evaluation.yaml", "timing: ", "colour: red\ntiming: ")
		}, []string{
			"evaluation.yaml:5: colour: is an unknown key: the keys here are rule_set, extension, document_number, timing, dates, units, " +
				"questions, answer_points, channels, thresholds, surveys, publishes, invitees, reminders",
			"evaluation.yaml:9: questions: other is not worded (E7(7))",
		}},
		{"a rule set that nobody knows", func(t testing.TB, set fstest.MapFS) {
			t.Helper()
			edit(t, set, "evaluation.yaml", "rule_set: pingliang-2022", "rule_set: elsewhere")
		}, []string{`evaluation.yaml:2: rule_set: unknown rule set "elsewhere"; known are pingliang-2022`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			set := withEvaluation(t)
			test.spoil(t, set)
			if diff := cmp.Diff(test.want, faultsOf(t, set)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A unit about which too few are invited can never get a grade: that is told, not refused (E10).
func TestReadEvaluationWarnings(t *testing.T) {
	t.Parallel()
	set := withEvaluation(t)
	set["invitees.csv"].Data = []byte("name,kind,email,units\n甲,expert,a@example.com,\n乙,expert,b@example.com,C01\n")
	edit(t, set, "evaluation.yaml", "[county, zone, department]", "[county]")
	edit(t, set, "evaluation.yaml", ", also: evaluation_units.csv", "")
	read, err := ReadDataSet(set, library(t))
	if err != nil {
		t.Fatal(err)
	}
	told := lines(read.Warnings)
	if len(told) != 7 || told[0] != "invitees.csv:1: file: only 2 are asked about C01, and it needs 5 ballots for a grade (E10)" {
		t.Errorf("the warnings are %q", told)
	}
}
