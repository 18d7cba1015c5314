package store

import (
	"context"
	"encoding/json"

	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store/query"
)

// EvaluationSet is what the social evaluation beside an assessment is made of: the assessment's heading, the evaluated
// units, and of its people those who have something to do (E8(1)).
func EvaluationSet(set DataSet, plan rules.EvaluationPlan) DataSet {
	scheme := rules.Scheme{
		Authority: set.Plan.Scheme.Authority, Year: set.Plan.Scheme.Year, RuleSet: plan.RuleSet, Extension: plan.Extension,
		DocumentNumber: plan.DocumentNumber,
	}
	return DataSet{
		Plan:     rules.Plan{Scheme: scheme, Units: plan.Units, People: rules.EvaluationPeople(set.Plan.People, plan.Units)},
		Holidays: set.Holidays, Evaluation: &plan,
	}
}

// Phases are those that end on a due day, with what reminds of it. The approval of an evaluation is reminded of as the
// invitations are: a plan has one policy.
func (d DataSet) Phases() []rules.Phase {
	if d.Evaluation == nil {
		return d.Plan.Scheme.Phases()
	}
	return []rules.Phase{
		d.Evaluation.Invitation(),
		{Key: "approval", Due: d.Evaluation.Dates.ResultsDue, Policy: d.Evaluation.Reminder},
	}
}

// replaceEvaluation keeps the parts of an evaluation's plan that other queries ask for.
func replaceEvaluation(ctx context.Context, queries *query.Queries, id int64, in Import) error {
	plan := in.DataSet.Evaluation
	if err := queries.RepresentativeClear(ctx, query.RepresentativeClearParams{CycleID: id}); err != nil {
		return err
	}
	if err := replaceUnits(ctx, queries, id, plan.Units); err != nil {
		return err
	}
	if err := replacePeople(ctx, queries, id, in.DataSet.Plan); err != nil {
		return err
	}
	dates := query.EvaluationPutParams{CycleID: id}
	if err := readDays([]dayColumn{
		{plan.Dates.Publish, &dates.PublishOn},
		{plan.Dates.Open, &dates.OpenOn},
		{plan.Dates.Close, &dates.CloseOn},
		{plan.Dates.ResultsDue, &dates.ResultsDue},
	}); err != nil {
		return err
	}
	if err := queries.EvaluationPut(ctx, dates); err != nil {
		return err
	}
	if err := replaceQuestions(ctx, queries, id, in.Questions); err != nil {
		return err
	}
	return insertRepresentatives(ctx, queries, id, plan)
}

func replaceQuestions(ctx context.Context, queries *query.Queries, id int64, questions []rules.Question) error {
	if err := queries.EvaluationQuestionClear(ctx, query.EvaluationQuestionClearParams{CycleID: id}); err != nil {
		return err
	}
	rows := query.EvaluationQuestionInsertAllParams{CycleID: id}
	for i, question := range questions {
		rows.Positions = append(rows.Positions, int32(i))
		rows.Questions, rows.Wordings = append(rows.Questions, question.ID), append(rows.Wordings, question.Wording)
	}
	return queries.EvaluationQuestionInsertAll(ctx, rows)
}

// insertRepresentatives keeps who is invited, and one row for each unit that he is asked about (E9).
func insertRepresentatives(ctx context.Context, queries *query.Queries, id int64, plan *rules.EvaluationPlan) error {
	people := query.RepresentativeInsertAllParams{CycleID: id}
	asked := query.RepresentativeUnitInsertAllParams{CycleID: id}
	for i, invitee := range plan.Representatives {
		people.Numbers = append(people.Numbers, int32(i+1))
		people.Names, people.Kinds = append(people.Names, invitee.Name), append(people.Kinds, invitee.Kind)
		people.Emails = append(people.Emails, invitee.Email)
		for _, unit := range plan.Units {
			if invitee.AsksAbout(unit) {
				asked.Numbers, asked.Units = append(asked.Numbers, int32(i+1)), append(asked.Units, unit.Code)
			}
		}
	}
	if err := queries.RepresentativeInsertAll(ctx, people); err != nil {
		return err
	}
	return queries.RepresentativeUnitInsertAll(ctx, asked)
}

// EvaluationBook is everything that the indexes of an evaluation follow from, as it stands now (E10).
func (c *Change) EvaluationBook(set DataSet, ruleSet *rules.RuleSet) (*rules.Book, error) {
	return evaluationBook(c.Context, c.Queries, c.Cycle, set, ruleSet)
}

// EvaluationBook is the same for somebody who only looks.
func (s *Store) EvaluationBook(ctx context.Context, cycle query.Cycle, set DataSet, ruleSet *rules.RuleSet) (*rules.Book, error) {
	book, err := evaluationBook(ctx, s.Queries, cycle, set, ruleSet)
	return book, translate(err)
}

func evaluationBook(ctx context.Context, queries *query.Queries, cycle query.Cycle, set DataSet, ruleSet *rules.RuleSet) (*rules.Book, error) {
	plan := set.Evaluation
	book := &rules.Book{
		Kind: rules.EvaluationBook, Rules: ruleSet, Year: set.Plan.Scheme.Year, Cycle: CycleName(cycle), Extension: plan.Extension,
		AnswerPoints: plan.AnswerPoints, Channels: plan.Channels, Thresholds: plan.Thresholds,
	}
	for _, question := range plan.Asked(ruleSet) {
		book.Questions = append(book.Questions, question.ID)
	}
	for _, unit := range plan.Units {
		book.Units = append(book.Units, rules.BookUnit{Code: unit.Code, Name: unit.Name, Category: unit.Category})
	}
	return book, surveyed(ctx, queries, cycle, plan.SurveysIn, book)
}

const surveyPage = 5000

// surveyed adds the ballots of surveys run elsewhere, in the channel that the plan names (E9).
func surveyed(ctx context.Context, queries *query.Queries, cycle query.Cycle, channel string, book *rules.Book) error {
	after := query.SurveyBallotPageParams{CycleID: cycle.CycleID, Size: surveyPage}
	for {
		rows, err := queries.SurveyBallotPage(ctx, after)
		if err != nil {
			return err
		}
		for _, row := range rows {
			ballot := rules.Ballot{Unit: row.Unit, Channel: channel}
			if err := json.Unmarshal(row.Answers, &ballot.Answers); err != nil {
				return err
			}
			book.Ballots = append(book.Ballots, ballot)
			after.Survey, after.Position = row.Survey, row.Position
		}
		if len(rows) < surveyPage {
			return nil
		}
	}
}
