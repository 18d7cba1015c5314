package documents

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/kaoping/kaoping/rules"
)

// ReadSurvey reads the answers of a survey that was run elsewhere (E9): a line for each person asked about a unit, with a
// column for each question of the ballot, by its id or its wording. An answer is a grade's id or its name; an empty one is
// no opinion. All faults come at once.
func ReadSurvey(file string, content []byte, plan rules.EvaluationPlan, set *rules.RuleSet) ([]rules.SurveyBallot, rules.Faults) {
	questions := plan.Asked(set)
	columns := []Column{{Name: "unit"}, {Name: "comment", Optional: true}}
	for _, question := range questions {
		columns = append(columns, Column{Name: question.ID, Also: []string{question.Wording}})
	}
	table, found := readTable(file, content, columns)
	reading := surveyReading{table: table, found: found, questions: questions, plan: plan, grades: set.Evaluation.Grades}
	ballots := make([]rules.SurveyBallot, len(table.Rows))
	for i, row := range table.Rows {
		ballots[i] = reading.ballot(row)
	}
	if len(ballots) == 0 && !table.unsure() && len(found.list) == 0 {
		found.add(file, 1, "file", "holds no answers below its heading")
	}
	return ballots, found.faults(file)
}

type surveyReading struct {
	table     Table
	found     *findings
	questions []rules.Question
	plan      rules.EvaluationPlan
	grades    rules.Terms
}

func (r surveyReading) ballot(row Row) rules.SurveyBallot {
	ballot := rules.SurveyBallot{Unit: row.Field("unit"), Comment: row.Field("comment"), Answers: map[string]string{}}
	known := slices.ContainsFunc(r.plan.Units, func(unit rules.Unit) bool { return unit.Code == ballot.Unit })
	if !known && !r.table.unsure("unit") {
		r.wrong(row, "unit", "%q is no evaluated unit (E3)", ballot.Unit)
	}
	sure := true
	for _, question := range r.questions {
		text := row.Field(question.ID)
		sure = sure && !r.table.unsure(question.ID)
		if text == "" {
			continue
		}
		at := slices.IndexFunc(r.grades, func(grade rules.Term) bool { return text == grade.ID || text == grade.Name })
		if at < 0 {
			r.wrong(row, question.ID, "%q is no answer: want %s, or nothing for no opinion", text, r.answers())
			sure = false
			continue
		}
		ballot.Answers[question.ID] = r.grades[at].ID
	}
	if len(ballot.Answers) == 0 && sure {
		r.wrong(row, "row", "answers no question")
	}
	if length := utf8.RuneCountInString(ballot.Comment); length > rules.MaxComment {
		r.wrong(row, "comment", "has %d characters; at most %d", length, rules.MaxComment)
	}
	return ballot
}

func (r surveyReading) wrong(row Row, column, format string, args ...any) {
	r.found.add(r.table.File, row.Line, column, format, args...)
}

func (r surveyReading) answers() string {
	words := make([]string, len(r.grades))
	for i, grade := range r.grades {
		words[i] = grade.ID + " (" + grade.Name + ")"
	}
	return strings.Join(words, ", ")
}
