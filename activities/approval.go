package activities

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/mail"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

// approvalArticle is where the rules ask for the leader's approval.
func (y *year) approvalArticle() string {
	if y.set.Evaluation != nil {
		return "E8(4)"
	}
	return "A8(6)"
}

func approvalObligation(number int) string { return fmt.Sprintf("approval/%d", number) }
func approvalTask(number int) string       { return fmt.Sprintf("approval/%d", number) }
func deputyTask(number int) string         { return approvalTask(number) + "/deputy" }

// makeProposal computes totals, grades and ranks, keeps them with their digest, and asks the leader (A8(6), A9). One
// that is there already, of an approval that was broken off, is taken up.
func (a *Activities) makeProposal(ctx context.Context, in workflows.MakeProposalInput) (workflows.MakeProposalResult, error) {
	return do(ctx, a, in.Act, func(y *year) (workflows.MakeProposalResult, error) {
		made, err := y.ProposalGet(ctx, query.ProposalGetParams{CycleID: y.id(), Number: int32(in.Number)})
		switch {
		case err == nil:
			return y.takeUp(made)
		case !store.IsMissing(err):
			return workflows.MakeProposalResult{}, err
		}
		return y.proposeAnew(in.Number)
	})
}

func (y *year) proposeAnew(number int) (workflows.MakeProposalResult, error) {
	none := workflows.MakeProposalResult{}
	book, err := y.Book(y.set.Plan, y.rules)
	if err != nil {
		return none, err
	}
	// What nobody could compute again from the book is not proposed.
	if err := book.Faults().Err(); err != nil {
		return none, store.Refuse(err.Error())
	}
	due, err := y.approvalDue()
	if err != nil {
		return none, err
	}
	digest, err := y.keepProposal(number, book, due)
	if err != nil {
		return none, err
	}
	y.Record(store.Line{Event: "proposal_made", Article: "A8(6)", Data: map[string]any{"number": number, "digest": digest, "due": due.String()}})
	return workflows.MakeProposalResult{Digest: digest, Due: due}, y.askLeader(number, due)
}

// approvalDue is the scheme's day, or if that is too near the working days of a return from today.
func (y *year) approvalDue() (calendar.Date, error) {
	dates, err := y.dates()
	if err != nil {
		return calendar.Date{}, err
	}
	return y.notBefore(dates.ApprovalDue, 0)
}

// notBefore is a date, or where it has passed already, the working days of a return (and some more) from today.
func (y *year) notBefore(date calendar.Date, more int) (calendar.Date, error) {
	today := calendar.DateOf(y.At)
	if date.After(today) {
		return date, nil
	}
	days, err := y.Days(y.set)
	if err != nil {
		return calendar.Date{}, err
	}
	return days.Add(today, y.set.Plan.Scheme.ReturnWorkingDays+more)
}

func (y *year) keepProposal(number int, book *rules.Book, due calendar.Date) (string, error) {
	digest := book.Digest()
	book.ApprovedDigest = digest
	var text bytes.Buffer
	if err := book.Write(&text); err != nil {
		return "", err
	}
	proposal := query.ProposalInsertParams{CycleID: y.id(), Number: int32(number), Digest: digest, Book: text.String(), Due: due}
	if y.Cycle.Released.Valid {
		proposal.Corrects, proposal.Reason = y.Cycle.Released, y.Cycle.Correction
	}
	if err := y.ProposalInsert(y.Context, proposal); err != nil {
		return "", err
	}
	if err := y.CountedInsert(y.Context, query.CountedInsertParams{CycleID: y.id(), Number: int32(number)}); err != nil {
		return "", err
	}
	if err := y.keepResults(number, book.Compute()); err != nil {
		return "", err
	}
	return digest, y.CyclePhase(y.Context, query.CyclePhaseParams{CycleID: y.id(), Phase: "approval"})
}

func (y *year) keepResults(number int, results rules.Results) error {
	rows := query.ResultInsertParams{CycleID: y.id(), Number: int32(number)}
	for _, result := range results.Units {
		text, err := json.Marshal(result)
		if err != nil {
			return err
		}
		rows.Units = append(rows.Units, result.Code)
		rows.Totals = append(rows.Totals, int64(result.Total))
		rows.Grades = append(rows.Grades, result.Grade)
		rows.Ranks = append(rows.Ranks, int32(result.Rank))
		rows.CategoryRanks = append(rows.CategoryRanks, int32(result.CategoryRank))
		rows.Results = append(rows.Results, string(text))
	}
	return y.ResultInsert(y.Context, rows)
}

func (y *year) askLeader(number int, due calendar.Date) error {
	book, err := y.directory()
	if err != nil {
		return err
	}
	if err := y.OpenTask(y.approvalArticle(), store.Task{Key: approvalTask(number), Kind: "approval", Role: string(rules.Leader), Due: &due}); err != nil {
		return err
	}
	return y.queueAll(letter{kind: "approval_request", article: y.approvalArticle(), key: fmt.Sprint(number), data: mail.Data{
		Due: due, Reason: y.Cycle.Correction, Link: y.links.to("approval/%d", number),
	}}, "", book.role(rules.Leader))
}

// office is which of the two offices a person decides in. The deputy is asked only after the leader's date.
func (y *year) office(login string, due calendar.Date) (string, error) {
	person, err := y.PersonGet(y.Context, query.PersonGetParams{CycleID: y.id(), Login: login})
	if store.IsMissing(err) {
		return "", store.Forbid(login + " is nobody of this cycle")
	}
	if err != nil {
		return "", err
	}
	switch rules.Role(person.Role) {
	case rules.Leader:
		return person.Role, nil
	case rules.Deputy:
		if !calendar.Late(y.At, due) {
			return "", store.Refuse(fmt.Sprintf("until %s the head of the leading group decides (%s)", due, y.approvalArticle()))
		}
		return person.Role, nil
	}
	return "", store.Forbid("only the head of the leading group or the leader in charge decides (" + y.approvalArticle() + ")")
}

func (y *year) openProposal(number int) (query.Proposal, error) {
	proposal, err := y.ProposalGet(y.Context, query.ProposalGetParams{CycleID: y.id(), Number: int32(number)})
	if errors.Is(err, sql.ErrNoRows) {
		return proposal, store.Missing(fmt.Sprintf("no proposal %d", number))
	}
	if err != nil {
		return proposal, err
	}
	if proposal.State != "open" {
		return proposal, store.Refuse(fmt.Sprintf("proposal %d is %s", number, proposal.State))
	}
	return proposal, nil
}

// approveProposal approves exactly the results of the digest that the leader saw (A8(6)).
func (a *Activities) approveProposal(ctx context.Context, in workflows.ApproveInput) (workflows.ApproveResult, error) {
	return do(ctx, a, in.Act, func(y *year) (workflows.ApproveResult, error) {
		none := workflows.ApproveResult{}
		proposal, err := y.openProposal(in.Number)
		if err != nil {
			return none, err
		}
		if proposal.Digest != in.Digest {
			return none, store.Refuse("the results have changed since you saw them: look at the newest proposal")
		}
		office, err := y.decideProposal(in.Act, proposal, "approved", "")
		if err != nil {
			return none, err
		}
		y.Record(store.Line{
			Event: "proposal_approved", Person: in.Act.By, Article: y.approvalArticle(),
			Data: map[string]any{"number": in.Number, "digest": in.Digest, "office": office},
		})
		return none, nil
	})
}

func (y *year) decideProposal(act workflows.Act, proposal query.Proposal, state, comment string) (string, error) {
	office, err := y.office(act.By, proposal.Due)
	if err != nil {
		return "", err
	}
	number := int(proposal.Number)
	if err := y.ProposalDecide(y.Context, query.ProposalDecideParams{
		CycleID: y.id(), Number: proposal.Number, State: state, Person: act.By, Office: office, Comment: comment,
	}); err != nil {
		return "", err
	}
	return office, y.endApproval(number, act.By)
}

func (y *year) endApproval(number int, by string) error {
	for _, key := range []string{approvalTask(number), deputyTask(number)} {
		if err := y.FinishTask(y.approvalArticle(), key, by, ""); err != nil {
			return err
		}
	}
	return y.Withdraw(approvalObligation(number))
}

// returnProposal sends units back to review with the leader's comments and a new date; none named means all. Their
// sheets are reopened as they were (A8(6)).
func (a *Activities) returnProposal(ctx context.Context, in workflows.ReturnProposalInput) (workflows.UnitsResult, error) {
	return do(ctx, a, in.Act, func(y *year) (workflows.UnitsResult, error) {
		none := workflows.UnitsResult{}
		proposal, err := y.openProposal(in.Number)
		if err != nil {
			return none, err
		}
		var comments store.Comments
		if err := y.Content(in.Act.ID, &comments); err != nil {
			return none, err
		}
		units, uncommented := y.commented(in.Number, in.Units, comments)
		_, early := y.office(in.Act.By, proposal.Due)
		if err := together(early, uncommented, y.newReviewDate(in.ReviewDue)); err != nil {
			return none, err
		}
		office, err := y.decideProposal(in.Act, proposal, "returned", comments.General)
		if err != nil {
			return none, err
		}
		approval, err := y.moveApproval(in.Act.By)
		if err != nil {
			return none, err
		}
		y.Record(store.Line{
			Event: "proposal_returned", Person: in.Act.By, Article: "A8(6)",
			Data: map[string]any{
				"number": in.Number, "units": units, "office": office, "review_due": in.ReviewDue.String(),
				"approval_due": approval.String(), "comment": comments.General,
			},
		})
		return y.reopen(units, in.ReviewDue, in.Act.ID, func(unit string) string {
			if comment := comments.Units[unit]; comment != "" {
				return comment
			}
			return comments.General
		})
	})
}

// commented lists the units that are returned, and keeps the comment on each; a unit without one is refused.
func (y *year) commented(number int, named []string, comments store.Comments) ([]string, error) {
	units := once(named)
	if len(units) == 0 {
		for _, unit := range y.set.Plan.Units {
			units = append(units, unit.Code)
		}
	}
	var reasons []string
	for _, unit := range units {
		comment := comments.Units[unit]
		if comment == "" && comments.General == "" {
			reasons = append(reasons, "a comment on "+unit+" is missing")
			continue
		}
		kept, err := y.ResultComment(y.Context, query.ResultCommentParams{CycleID: y.id(), Number: int32(number), Unit: unit, Comment: comment})
		if err != nil {
			return nil, err
		}
		if kept == 0 {
			reasons = append(reasons, "no unit "+unit+" in this proposal")
		}
	}
	if len(reasons) > 0 {
		return nil, store.Refuse(reasons...)
	}
	return units, nil
}

// moveApproval moves the approval date as much as a returned review gets (return_working_days), and the end of
// rectification with it where it would come to lie before. Beyond the published days the dates stay, and the leader's
// return is not held up by that. It answers the approval's date.
func (y *year) moveApproval(by string) (calendar.Date, error) {
	dates, err := y.dates()
	if err != nil {
		return dates.ApprovalDue, err
	}
	days, err := y.Days(y.set)
	if err != nil {
		return dates.ApprovalDue, err
	}
	later := y.set.Plan.Scheme.ReturnWorkingDays
	approval, err := days.Add(dates.ApprovalDue, later)
	rectification := dates.RectificationDue
	if err == nil && !approval.Before(rectification) {
		rectification, err = days.Add(rectification, later)
	}
	var unpublished *calendar.UnpublishedError
	if err != nil {
		if errors.As(err, &unpublished) {
			err = nil
		}
		return dates.ApprovalDue, err
	}
	dates.ApprovalDue, dates.RectificationDue = approval, rectification
	dates.Reason, dates.Person = "returned for a new review", by
	return approval, y.newVersion(dates)
}

func (y *year) newVersion(dates query.SchemeVersion) error {
	dates.Version++
	return y.SchemeVersionInsert(y.Context, query.SchemeVersionInsertParams(dates))
}

// openNow is the open proposal; it is refused that there is none.
func (y *year) openNow() (query.ProposalOpenRow, error) {
	open, err := y.ProposalOpen(y.Context, query.ProposalOpenParams{CycleID: y.id()})
	if errors.Is(err, sql.ErrNoRows) {
		err = store.Refuse("no proposal is open")
	}
	return open, err
}

func (y *year) void(number int, by, why string) error {
	if err := y.ProposalVoid(y.Context, query.ProposalVoidParams{CycleID: y.id(), Number: int32(number), Comment: why}); err != nil {
		return err
	}
	y.Record(store.Line{Event: "proposal_voided", Person: by, Article: y.approvalArticle(), Data: map[string]any{"number": number, "reason": why}})
	return y.endApproval(number, by)
}
