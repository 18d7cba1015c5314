package activities

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/kaoping/kaoping/mail"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

// makeTally tells the administrator that there is a tally to look at, before anybody is asked to approve it (E8(4)).
func (a *Activities) makeTally(ctx context.Context, in workflows.EvaluationStep) (workflows.Empty, error) {
	return do(ctx, a, in.Act, func(y *year) (workflows.Empty, error) {
		evaluation, err := y.evaluation()
		if err != nil {
			return workflows.Empty{}, err
		}
		book, err := y.EvaluationTally(y.set, y.rules)
		if err != nil {
			return workflows.Empty{}, err
		}
		y.recordTally(book)
		if err := y.OpenTask("E8(4)", store.Task{Key: tallyTask, Kind: tallyTask, Role: string(rules.Admin), Due: &evaluation.ResultsDue}); err != nil {
			return workflows.Empty{}, err
		}
		return workflows.Empty{}, y.CyclePhase(ctx, query.CyclePhaseParams{CycleID: y.id(), Phase: "tally"})
	})
}

func (y *year) recordTally(book *rules.Book) {
	grades := map[string]int{}
	for _, result := range book.Compute().Evaluated {
		grades[result.Grade]++
	}
	y.Record(store.Line{Event: "tally_made", Article: "E8(4)", Data: map[string]any{
		"ballots": book.Tally.Ballots(), "excluded": len(book.Excluded), "grades": grades,
	}})
}

// proposeEvaluation computes indexes, grades and ranks, keeps them with their digest, and asks the leader (E8(4)).
func (a *Activities) proposeEvaluation(ctx context.Context, in workflows.MakeProposalInput) (workflows.MakeProposalResult, error) {
	return do(ctx, a, in.Act, func(y *year) (workflows.MakeProposalResult, error) {
		none := workflows.MakeProposalResult{}
		book, err := y.EvaluationTally(y.set, y.rules)
		if err != nil {
			return none, err
		}
		evaluation, err := y.evaluation()
		if err != nil {
			return none, err
		}
		due, err := y.notBefore(evaluation.ResultsDue, approvalDays)
		if err != nil {
			return none, err
		}
		digest := book.Digest()
		// The ballots are in the sealed list: the proposal keeps no copy of them.
		if err := y.ProposalInsert(ctx, query.ProposalInsertParams{CycleID: y.id(), Number: int32(in.Number), Digest: digest, Due: due}); err != nil {
			return none, err
		}
		if err := y.keepEvaluated(in.Number, book); err != nil {
			return none, err
		}
		y.Record(store.Line{
			Event: "proposal_made", Person: in.Act.By, Article: "E8(4)",
			Data: map[string]any{"number": in.Number, "digest": digest, "due": due.String()},
		})
		if err := y.FinishTask("E8(4)", tallyTask, in.Act.By, ""); err != nil {
			return none, err
		}
		if err := y.CyclePhase(ctx, query.CyclePhaseParams{CycleID: y.id(), Phase: "approval"}); err != nil {
			return none, err
		}
		return workflows.MakeProposalResult{Digest: digest, Due: due}, y.askLeader(in.Number, due)
	})
}

// approvalDays are the working days that an approval has at least, where the plan's day has come already.
const approvalDays = 3

func (y *year) keepEvaluated(number int, book *rules.Book) error {
	counts := book.Counts()
	for _, result := range book.Compute().Evaluated {
		text, err := json.Marshal(counts[result.Code])
		if err != nil {
			return err
		}
		row := query.EvaluationResultInsertParams{
			CycleID: y.id(), Number: int32(number), Unit: result.Code, Grade: result.Grade, Result: text,
		}
		if result.Index != nil {
			row.Score = sql.NullInt64{Int64: int64(*result.Index), Valid: true}
			row.Rank = sql.NullInt32{Int32: int32(*result.Rank), Valid: true}
		}
		if err := y.EvaluationResultInsert(y.Context, row); err != nil {
			return err
		}
	}
	return nil
}

// returnEvaluation gives a proposal back to the administrator with the leader's comment (E8(4)).
func (a *Activities) returnEvaluation(ctx context.Context, in workflows.ReturnEvaluationInput) (workflows.Empty, error) {
	return do(ctx, a, in.Act, func(y *year) (workflows.Empty, error) {
		proposal, err := y.openProposal(in.Number)
		if err != nil {
			return workflows.Empty{}, err
		}
		var comments store.Comments
		if err := y.Content(in.Act.ID, &comments); err != nil {
			return workflows.Empty{}, err
		}
		comment := strings.TrimSpace(comments.General)
		if comment == "" {
			return workflows.Empty{}, store.Refuse("a comment is missing (E8(4))")
		}
		office, err := y.decideProposal(in.Act, proposal, "returned", comment)
		if err != nil {
			return workflows.Empty{}, err
		}
		y.Record(store.Line{
			Event: "proposal_returned", Person: in.Act.By, Article: "E8(4)",
			Data: map[string]any{"number": in.Number, "office": office, "comment": comment},
		})
		return workflows.Empty{}, nil
	})
}

// releaseEvaluation writes to each unit what its result is, proposes what follows from a dissatisfied one, and asks the
// administrator whether the results are published (E8(5), E10). If the tally is no longer that of the approved digest, it
// voids the proposal instead.
func (a *Activities) releaseEvaluation(ctx context.Context, in workflows.ReleaseInput) (workflows.ReleaseEvaluationResult, error) {
	result, err := do(ctx, a, in.Act, func(y *year) (workflows.ReleaseEvaluationResult, error) {
		released, err := y.releaseEvaluated(in.Number)
		return workflows.ReleaseEvaluationResult{Released: released}, err
	})
	if err != nil {
		return result, err
	}
	result.Open, err = a.undecided(ctx, in.Act.Cycle)
	return result, err
}

func (y *year) releaseEvaluated(number int) (bool, error) {
	same, err := y.stillApproved(number)
	if err != nil || !same {
		return false, err
	}
	if err := y.ProposalReleased(y.Context, query.ProposalReleasedParams{CycleID: y.id(), Number: int32(number)}); err != nil {
		return false, err
	}
	if err := y.CycleRelease(y.Context, query.CycleReleaseParams{CycleID: y.id(), Number: int32(number)}); err != nil {
		return false, err
	}
	if err := y.tellEvaluated(number); err != nil {
		return false, err
	}
	if err := y.ForgetTraces(); err != nil {
		return false, err
	}
	if err := y.OpenTask("E8(5)", store.Task{Key: publishTask, Kind: publishTask, Role: string(rules.Admin)}); err != nil {
		return false, err
	}
	return true, y.CyclePhase(y.Context, query.CyclePhaseParams{CycleID: y.id(), Phase: "consequences"})
}

// stillApproved tells whether the tally is still what was approved; else it voids the approval.
func (y *year) stillApproved(number int) (bool, error) {
	proposal, err := y.ProposalGet(y.Context, query.ProposalGetParams{CycleID: y.id(), Number: int32(number)})
	if err != nil || proposal.State == "voided" {
		return false, err
	}
	book, err := y.EvaluationTally(y.set, y.rules)
	if err != nil || book.Digest() == proposal.Digest {
		return err == nil, err
	}
	return false, y.void(number, "", "the ballots are no longer those that were approved")
}

// tellEvaluated writes to each unit, and proposes what follows from a dissatisfied one.
func (y *year) tellEvaluated(number int) error {
	rows, err := y.EvaluationResultList(y.Context, query.EvaluationResultListParams{CycleID: y.id(), Number: int32(number)})
	if err != nil {
		return err
	}
	book, err := y.directory()
	if err != nil {
		return err
	}
	grades := y.rules.Evaluation.Grades
	for _, row := range rows {
		if err := y.feedBack(book, number, row); err != nil {
			return err
		}
		if row.Grade != grades[len(grades)-1].ID {
			continue
		}
		if err := y.ProposeDissatisfied(row.Unit); err != nil {
			return err
		}
	}
	return nil
}

// feedBack writes to one unit; it sees nobody else's answers (E8(5)).
func (y *year) feedBack(book directory, number int, row query.EvaluationResultListRow) error {
	answers, err := y.answersInWords(row)
	if err != nil {
		return err
	}
	y.Record(store.Line{Event: "feedback_issued", Unit: row.Unit, Article: "E8(5)", Data: map[string]any{"number": number, "grade": row.Grade}})
	return y.tellContacts(book, row.Unit, func(unit query.Unit) letter {
		data := mail.Data{Grade: y.rules.GradeName(row.Grade), Answers: answers, Link: y.links.to("units/%s", unit.Code)}
		if row.Score != nil {
			data.Index = row.Score.String()
		}
		return letter{kind: mail.KindEvaluationFeedback, article: "E8(5)", key: fmt.Sprintf("%d/%s", number, unit.Code), data: data}
	})
}

func (y *year) answersInWords(row query.EvaluationResultListRow) ([]mail.Answer, error) {
	var counts rules.UnitCounts
	if err := json.Unmarshal(row.Result, &counts); err != nil {
		return nil, err
	}
	var answers []mail.Answer
	for _, question := range y.set.Evaluation.Asked(y.rules) {
		var parts []string
		for _, grade := range y.rules.Evaluation.Grades {
			parts = append(parts, fmt.Sprintf("%s%d", grade.Name, counts.Answered(question.ID, grade.ID)))
		}
		answers = append(answers, mail.Answer{Question: question.Wording, Counts: strings.Join(parts, "，")})
	}
	return answers, nil
}

// publishResults writes whether the results are shown to the public, or why they are kept back; what is shown was said
// before the window opened (E8(5)).
func (a *Activities) publishResults(ctx context.Context, in workflows.PublishInput) (workflows.Empty, error) {
	return do(ctx, a, in.Act, func(y *year) (workflows.Empty, error) {
		decision := query.EvaluationPublishParams{CycleID: y.id(), Publishing: "published"}
		if !in.Publish {
			reason, err := y.reason(in.Act)
			if err != nil {
				return workflows.Empty{}, err
			}
			decision.Publishing = "withheld"
			if err := y.EvaluationPublish(ctx, decision); err != nil {
				return workflows.Empty{}, err
			}
			return workflows.Empty{}, y.FinishTask("E8(5)", publishTask, in.Act.By, reason)
		}
		for _, name := range y.set.Evaluation.Publishes {
			decision.Ballots = decision.Ballots || name == rules.PublishBallots
		}
		y.Record(store.Line{
			Event: "results_published", Person: in.Act.By, Article: "E8(5)", Data: map[string]any{"publishes": y.set.Evaluation.Publishes},
		})
		if err := y.EvaluationPublish(ctx, decision); err != nil {
			return workflows.Empty{}, err
		}
		return workflows.Empty{}, y.FinishTask("E8(5)", publishTask, in.Act.By, "")
	})
}
