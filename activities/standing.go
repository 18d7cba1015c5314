package activities

import (
	"context"

	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

// What a workflow that was broken off from outside, or told of a moved date, takes from the database. Nothing is
// written.

// readUnit tells where a unit's assessment stands. The report of a unit that the leader returned stands (A8(6)).
func (a *Activities) readUnit(ctx context.Context, in workflows.ReviewInput) (workflows.UnitStanding, error) {
	return do(ctx, a, in.Act, func(y *year) (workflows.UnitStanding, error) {
		none := workflows.UnitStanding{}
		assessment, err := y.assessment(in.Unit)
		if err != nil {
			return none, err
		}
		report, err := y.ReportGet(ctx, query.ReportGetParams{CycleID: y.id(), Unit: in.Unit})
		if err != nil && !store.IsMissing(err) {
			return none, err
		}
		open, err := y.openSheets(in.Unit)
		return workflows.UnitStanding{
			Due: assessment.ReportDue, Reported: assessment.Generation > 1 || report.State == "submitted",
			Returned: report.State == "draft" && report.Revision > 1, Reviewing: assessment.State == "review",
			Closed: assessment.State == "closed", Open: open,
		}, err
	})
}

// readRectification tells where an order stands.
func (a *Activities) readRectification(ctx context.Context, in workflows.RectificationAct) (workflows.RectificationStanding, error) {
	return do(ctx, a, in.Act, func(y *year) (workflows.RectificationStanding, error) {
		row, err := y.rectification(in)
		if err != nil {
			return workflows.RectificationStanding{}, err
		}
		standing := workflows.RectificationStanding{
			Due: row.Due, Reported: row.State == "reported", Done: row.State == "accepted" || row.State == "ended",
		}
		all, err := y.ConsequenceList(ctx, query.ConsequenceListParams{CycleID: y.id()})
		for _, consequence := range all {
			if consequence.State == "proposed" && consequence.Unit == in.Unit && consequence.Rectification.Valid &&
				consequence.Rectification.Int32 == row.Number {
				standing.Consequences++
			}
		}
		return standing, err
	})
}

// takeUp tells what became of a proposal whose approval was broken off: the leader is not asked again for what he has
// decided, nor for another digest than the one that he was shown (A8(6)).
func (y *year) takeUp(proposal query.Proposal) (workflows.MakeProposalResult, error) {
	result := workflows.MakeProposalResult{Digest: proposal.Digest, Due: proposal.Due}
	if proposal.State == "open" {
		return result, nil
	}
	result.Decision = proposal.State
	assessments, err := y.AssessmentList(y.Context, query.AssessmentListParams{CycleID: y.id()})
	for _, assessment := range assessments {
		// All were closed when it was made: what is not was reopened by the decision.
		if assessment.State != "closed" {
			result.Units = append(result.Units, workflows.UnitGeneration{Unit: assessment.Unit, Generation: int(assessment.Generation)})
		}
	}
	return result, err
}
