package activities

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/mail"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

// rectificationOverdue proposes a consequence when a limit passed without the unit's report (A14). What the authority
// itself has not looked at yet is not overdue.
func (a *Activities) rectificationOverdue(ctx context.Context, in workflows.RectificationAct) (workflows.RectificationResult, error) {
	return do(ctx, a, in.Act, func(y *year) (workflows.RectificationResult, error) {
		row, err := y.rectification(in)
		if err != nil || row.State == "reported" || row.State == "accepted" || row.State == "ended" {
			return workflows.RectificationResult{}, err
		}
		number, err := y.proposeNext(in, "rectification_overdue")
		return workflows.RectificationResult{Proposed: number, Overdue: true}, err
	})
}

// proposeNext proposes the consequence after those already imposed for this rectification. It answers 0 while one is
// waiting for its decision.
func (y *year) proposeNext(in workflows.RectificationAct, basis string) (int, error) {
	number := sql.NullInt32{Int32: int32(in.Number), Valid: true}
	_, err := y.ConsequenceOpenOf(y.Context, query.ConsequenceOpenOfParams{CycleID: y.id(), Unit: in.Unit, Rectification: number.Int32})
	if err == nil || !errors.Is(err, sql.ErrNoRows) {
		return 0, err
	}
	all, err := y.ConsequenceList(y.Context, query.ConsequenceListParams{CycleID: y.id()})
	if err != nil {
		return 0, err
	}
	kind := store.ConsequenceInterview
	for _, before := range all {
		if before.Unit == in.Unit && before.Rectification == number && before.State == "imposed" {
			kind = harsher(before.Kind)
		}
	}
	return y.ProposeConsequence(query.ConsequenceInsertParams{CycleID: y.id(), Unit: in.Unit, Kind: kind, Basis: basis, Rectification: number})
}

func harsher(kind string) string {
	if kind == store.ConsequenceInterview {
		return store.ConsequenceCriticism
	}
	return store.ConsequenceDisciplinary
}

// recordViolation records a violation of the openness rules, in an evaluation cheating or a bad effect, and proposes what
// follows from it (A14, A15, E10).
func (a *Activities) recordViolation(ctx context.Context, in workflows.ViolationInput) (workflows.ViolationResult, error) {
	result, err := do(ctx, a, in.Act, func(y *year) (workflows.ViolationResult, error) {
		var facts store.ViolationFacts
		if err := y.Content(in.Act.ID, &facts); err != nil {
			return workflows.ViolationResult{}, err
		}
		number, err := y.RecordViolation(in.Act.ID, in.Unit, facts, in.Act.By)
		return workflows.ViolationResult{Consequence: number}, err
	})
	if err != nil {
		return result, err
	}
	result.Open, err = a.undecided(ctx, in.Act.Cycle)
	return result, err
}

// decideConsequence writes a person's decision and why (A14, A15). An interview and a criticism order rectification
// with a new limit: of a rectification that goes on, or of a new one that follows from a violation.
func (a *Activities) decideConsequence(ctx context.Context, in workflows.DecideInput) (workflows.DecideResult, error) {
	result, err := do(ctx, a, in.Act, func(y *year) (workflows.DecideResult, error) {
		none := workflows.DecideResult{}
		row, err := y.ConsequenceGet(ctx, query.ConsequenceGetParams{CycleID: y.id(), Number: int32(in.Number)})
		if errors.Is(err, sql.ErrNoRows) {
			return none, store.Missing(fmt.Sprintf("no consequence %d", in.Number))
		}
		if err != nil {
			return none, err
		}
		var decision store.Decision
		if err := y.Content(in.Act.ID, &decision); err != nil {
			return none, err
		}
		if err := y.checkDecision(in, row, decision); err != nil {
			return none, err
		}
		if !in.Due.IsZero() {
			if err := y.published(workflows.PhaseRectification, in.Due); err != nil {
				return none, err
			}
		}
		if err := y.writeDecision(in, row, decision); err != nil {
			return none, err
		}
		result := workflows.DecideResult{Unit: row.Unit}
		if err := y.carryOut(in, row, &result); err != nil || !in.Impose {
			return result, err
		}
		return result, y.tellConsequence(in, row, decision)
	})
	if err != nil {
		return result, err
	}
	result.Open, err = a.undecided(ctx, in.Act.Cycle)
	return result, err
}

// undecided counts what follows from violations and waits for a decision. It is counted anew for an act that was
// carried out before: others may have followed it.
func (a *Activities) undecided(ctx context.Context, cycle workflows.CycleRef) (int, error) {
	open, err := a.Store.ConsequenceUndecidedCount(ctx, query.ConsequenceUndecidedCountParams{CycleID: cycle.ID})
	return int(open), err
}

func (y *year) checkDecision(in workflows.DecideInput, row query.Consequence, decision store.Decision) error {
	var reasons []string
	if row.State != "proposed" {
		return store.Refuse(fmt.Sprintf("consequence %d is %s already", in.Number, row.State))
	}
	if decision.Reason == "" {
		reasons = append(reasons, fmt.Sprintf("a reason is missing (%s)", y.consequenceArticle(store.ConsequenceInterview)))
	}
	if !in.Due.IsZero() && !in.Due.After(y.today()) {
		reasons = append(reasons, fmt.Sprintf("the new limit %s is not after today", in.Due))
	}
	if !in.Due.IsZero() && y.Cycle.Kind == store.Evaluation {
		reasons = append(reasons, "an evaluation orders no rectification, so there is no limit (E10)")
	}
	if in.Impose {
		reasons = append(reasons, y.imposedFaults(row.Kind, in.Due, decision)...)
	}
	if len(reasons) > 0 {
		return store.Refuse(reasons...)
	}
	return nil
}

// imposedFaults are what an imposed consequence lacks (A14, A15). In an evaluation nothing but the interview's record
// belongs to it (E10).
func (y *year) imposedFaults(kind string, due calendar.Date, decision store.Decision) []string {
	var reasons []string
	evaluation := y.Cycle.Kind == store.Evaluation
	if !evaluation && kind != store.ConsequenceDisciplinary && due.IsZero() {
		reasons = append(reasons, "interview and criticism order rectification with a new limit (A14): the date is missing")
	}
	switch record := decision.Interview; {
	case kind == store.ConsequenceInterview && (record == nil || record.Persons == "" || record.Text == "" || record.Date.IsZero()):
		reasons = append(reasons, fmt.Sprintf("the interview's record is missing: date, persons, text (%s)", y.consequenceArticle(kind)))
	case !evaluation && kind == store.ConsequenceCriticism && decision.DeductionNote == "":
		reasons = append(reasons, "the deduction for the leadership evaluation is missing (A14)")
	case kind == store.ConsequenceDisciplinary && decision.Organ == "":
		reasons = append(reasons, "the competent organ is missing (A15)")
	}
	return reasons
}

func (y *year) writeDecision(in workflows.DecideInput, row query.Consequence, decision store.Decision) error {
	record, err := json.Marshal(decision.Interview)
	if err != nil {
		return err
	}
	write := query.ConsequenceDecideParams{
		CycleID: y.id(), Number: row.Number, State: "waived", Person: in.Act.By, Reason: decision.Reason,
		Interview: record, DeductionNote: decision.DeductionNote, Organ: decision.Organ,
	}
	data := map[string]any{"number": row.Number, "kind": row.Kind, "reason": decision.Reason}
	if in.Impose {
		write.State = "imposed"
	}
	data["decision"] = write.State
	if !in.Due.IsZero() {
		write.Due, data["due"] = &in.Due, in.Due.String()
	}
	if err := y.ConsequenceDecide(y.Context, write); err != nil {
		return err
	}
	y.Record(store.Line{Event: "consequence_decided", Unit: row.Unit, Person: in.Act.By, Article: y.consequenceArticle(row.Kind), Data: data})
	return y.FinishTask(y.consequenceArticle(row.Kind), store.ConsequenceTask(in.Number), in.Act.By, write.State)
}

func (y *year) consequenceArticle(kind string) string {
	return store.ConsequenceArticle(y.Cycle.Kind, kind)
}

// carryOut sets the new limit: of the rectification in question, or of one that a decision about a violation orders.
func (y *year) carryOut(in workflows.DecideInput, row query.Consequence, result *workflows.DecideResult) error {
	var err error
	switch {
	case row.Rectification.Valid:
		result.GoesOn, err = y.goOn(in, workflows.RectificationAct{Unit: row.Unit, Number: int(row.Rectification.Int32)})
	case in.Impose && !in.Due.IsZero():
		result.Rectification, err = y.orderForViolation(in, row)
	}
	return err
}

func (y *year) orderForViolation(in workflows.DecideInput, row query.Consequence) (int, error) {
	number, err := y.RectificationNext(y.Context, query.RectificationNextParams{CycleID: y.id(), Unit: row.Unit})
	if err != nil {
		return 0, err
	}
	violation, err := y.ViolationGet(y.Context, query.ViolationGetParams{CycleID: y.id(), ViolationID: row.ViolationID.UUID})
	if err != nil {
		return 0, err
	}
	draft := query.Rectification{CycleID: y.id(), Unit: row.Unit, Number: number, Due: in.Due}
	if err := y.RectificationInsert(y.Context, query.RectificationInsertParams{CycleID: y.id(), Unit: row.Unit, Number: number, Due: in.Due}); err != nil {
		return 0, err
	}
	if err := y.ProblemInsert(y.Context, query.ProblemInsertParams{
		CycleID: y.id(), Unit: row.Unit, Rectification: number, Position: 1, Problem: violation.Facts, Method: y.recordsMethod(),
	}); err != nil {
		return 0, err
	}
	book, err := y.directory()
	if err != nil {
		return 0, err
	}
	_, err = y.order(book, draft, in.Act.By)
	return int(number), err
}

// recordsMethod is how the facts of a violation are looked at again: in records, where the rule set has that method.
func (y *year) recordsMethod() string {
	const records = "documents"
	if y.rules.Methods.Has(records) {
		return records
	}
	return y.rules.Methods[0].ID // a rule set has at least one
}

// goOn moves the limit of a rectification that goes on, or ends one that is given up. One whose limit is still ahead is
// not given up by mercy about what it was late with before.
func (y *year) goOn(in workflows.DecideInput, of workflows.RectificationAct) (bool, error) {
	row, err := y.rectification(of)
	switch {
	case err != nil || row.State == "accepted" || row.State == "reported" && in.Due.IsZero():
		return false, err
	case !in.Due.IsZero():
		return true, y.moveLimit(of, in.Due)
	case !row.Due.Before(y.today()):
		return true, nil
	}
	if err := y.FinishTask("A13", rectificationTask(of.Unit, of.Number), in.Act.By, "ended"); err != nil {
		return false, err
	}
	return false, y.RectificationState(y.Context, query.RectificationStateParams{CycleID: y.id(), Unit: of.Unit, Number: int32(of.Number), State: "ended"})
}

// tellConsequence writes to the unit's heads. A disciplinary proposal goes to the competent organ by hand (A15).
func (y *year) tellConsequence(in workflows.DecideInput, row query.Consequence, decision store.Decision) error {
	if row.Kind == store.ConsequenceDisciplinary {
		return nil
	}
	book, err := y.directory()
	if err != nil {
		return err
	}
	out := letter{kind: "criticism_notice", article: y.consequenceArticle(row.Kind), key: fmt.Sprint(in.Number), data: mail.Data{
		UnitName: book.byCode[row.Unit].Name, Reason: decision.Reason, Due: in.Due, Link: y.links.to("units/%s/consequences", row.Unit),
	}}
	if row.Kind == store.ConsequenceInterview {
		out.kind, out.data.Appointment = "interview_notice", calendar.Long(decision.Interview.Date)
	}
	return y.tell(book, row.Unit, out, book.heads(row.Unit))
}
