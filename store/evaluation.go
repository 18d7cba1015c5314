package store

import (
	"context"

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
