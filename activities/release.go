package activities

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/documents"
	"github.com/kaoping/kaoping/mail"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
	"github.com/kaoping/kaoping/workflows"
)

// releaseResults issues the bulletin to all, the feedback to each unit, and the report to the organization department
// (A8(7), A12). If the scores are no longer those of the approved digest, it voids the proposal instead.
func (a *Activities) releaseResults(ctx context.Context, in workflows.ReleaseInput) (workflows.ReleaseResult, error) {
	return do(ctx, a, in.Act, func(y *year) (workflows.ReleaseResult, error) {
		book, err := y.approvedBook(in.Number)
		if err != nil || book == nil {
			return workflows.ReleaseResult{}, err
		}
		if err := y.ProposalReleased(ctx, query.ProposalReleasedParams{CycleID: y.id(), Number: int32(in.Number)}); err != nil {
			return workflows.ReleaseResult{}, err
		}
		news, err := y.newRelease(in.Number, book.Compute())
		if err != nil {
			return workflows.ReleaseResult{}, err
		}
		if err := y.CycleRelease(ctx, query.CycleReleaseParams{CycleID: y.id(), Number: int32(in.Number)}); err != nil {
			return workflows.ReleaseResult{}, err
		}
		for _, step := range []func(release) error{y.issueBulletin, y.issueFeedback, y.reportResults} {
			if err := step(news); err != nil {
				return workflows.ReleaseResult{}, err
			}
		}
		return workflows.ReleaseResult{Released: true}, nil
	})
}

// approvedBook is the book as it stands now, if that is what was approved; else it voids the approval and answers nil.
func (y *year) approvedBook(number int) (*rules.Book, error) {
	proposal, err := y.ProposalGet(y.Context, query.ProposalGetParams{CycleID: y.id(), Number: int32(number)})
	if err != nil || proposal.State == "voided" {
		return nil, err
	}
	book, err := y.Book(y.set.Plan, y.rules)
	if err != nil {
		return nil, err
	}
	if book.Digest() == proposal.Digest {
		return book, nil
	}
	return nil, y.void(number, "", "the scores are no longer those that were approved")
}

// release is what one release tells: the results by rank, and what it corrects.
type release struct {
	number   int
	bulletin int
	// shared is the key of what all mails with this bulletin have in common.
	shared   string
	corrects bool
	reason   string
	book     directory
	results  []query.ResultListRow
	computed map[string]rules.UnitResult
}

func (y *year) newRelease(number int, computed rules.Results) (release, error) {
	out := release{number: number, corrects: y.Cycle.Released.Valid, reason: y.Cycle.Correction, computed: map[string]rules.UnitResult{}}
	var err error
	if out.book, err = y.directory(); err != nil {
		return out, err
	}
	if out.results, err = y.ResultList(y.Context, query.ResultListParams{CycleID: y.id(), Number: int32(number)}); err != nil {
		return out, err
	}
	for _, result := range computed.Units {
		out.computed[result.Code] = result
	}
	released, err := y.ProposalReleasedCount(y.Context, query.ProposalReleasedCountParams{CycleID: y.id()})
	out.bulletin, out.shared = int(released), fmt.Sprintf("bulletin/%d", released)
	return out, err
}

func (r release) kind() string {
	if r.corrects {
		return "bulletin_corrected"
	}
	return "bulletin"
}

func bulletinNumber(number int) string { return fmt.Sprintf("第%d号", number) }

// issueBulletin tells everybody the results; a correcting one names the one that it corrects (A8(7)).
func (y *year) issueBulletin(r release) error {
	common := y.commonLetter()
	common.Number, common.Issued, common.PreviousYear = bulletinNumber(r.bulletin), calendar.DateOf(y.At), y.previousYear()
	data := map[string]any{"number": r.bulletin}
	if r.corrects {
		common.Corrects, common.Reason = bulletinNumber(r.bulletin-1), r.reason
		data["corrects"] = r.bulletin - 1
		y.Record(store.Line{Event: "results_corrected", Article: "A8(7)", Data: map[string]any{"number": r.number, "reason": r.reason}})
	}
	for _, row := range r.results {
		common.Results = append(common.Results, y.resultRow(row))
	}
	if err := y.Share(r.shared, common, "", nil); err != nil {
		return err
	}
	y.Record(store.Line{Event: "bulletin_issued", Article: "A8(7)", Data: data})
	for _, unit := range r.book.units {
		if err := y.tellContacts(r.book, unit.Code, func(query.Unit) letter {
			return letter{kind: r.kind(), article: "A8(7)", key: r.shared, shared: r.shared, data: mail.Data{Link: y.links.to("bulletin/%d", r.bulletin)}}
		}); err != nil {
			return err
		}
	}
	return nil
}

func (y *year) resultRow(row query.ResultListRow) mail.ResultRow {
	return mail.ResultRow{
		Rank: int(row.Rank), CategoryRank: int(row.CategoryRank), Code: row.Unit, Name: row.Name,
		Category: documents.CategoryName(row.Category), Total: row.Total.String(), Grade: y.rules.GradeName(row.Grade),
	}
}

// issueFeedback writes to each unit what its own points are made of, and the problems found at it (A8(7)); it sees nobody
// else's details. What of them is to be rectified, and by when, the order says, which the administrator edits (A13).
func (y *year) issueFeedback(r release) error {
	found, err := y.foundProblems()
	if err != nil {
		return err
	}
	problems := map[string][]mail.Problem{}
	for _, unit := range found {
		problems[unit.code] = y.problemsForUnit(unit.problems)
	}
	for _, row := range r.results {
		var lines []mail.Line
		for _, line := range y.set.Plan.Explain(r.computed[row.Unit]) {
			lines = append(lines, mail.Line{Article: line.Article, Text: line.Text, Points: line.Points.String()})
		}
		y.Record(store.Line{Event: "feedback_issued", Unit: row.Unit, Article: "A8(7)", Data: map[string]any{"number": r.number}})
		if err := y.tellContacts(r.book, row.Unit, func(unit query.Unit) letter {
			return letter{kind: "feedback", article: "A8(7)", key: r.shared + "/" + unit.Code, data: mail.Data{
				Results: []mail.ResultRow{y.resultRow(row)}, Lines: lines, Problems: problems[unit.Code],
				PreviousYear: y.previousYear(), Link: y.links.to("units/%s/results", unit.Code),
			}}
		}); err != nil {
			return err
		}
	}
	return nil
}

// reportResults sends the approved results to the organization department of the same level (A12).
func (y *year) reportResults(r release) error {
	proposal, err := y.ProposalGet(y.Context, query.ProposalGetParams{CycleID: y.id(), Number: int32(r.number)})
	if err != nil {
		return err
	}
	workbook, err := documents.ResultsWorkbook(y.resultsInput(r, proposal.Digest))
	if err != nil {
		return err
	}
	common := y.commonLetter()
	for _, row := range r.results {
		common.Results = append(common.Results, y.resultRow(row))
	}
	shared := fmt.Sprintf("results/%d", r.bulletin)
	if err := y.Share(shared, common, fmt.Sprintf("%d年度政务公开考核结果.xlsx", y.Cycle.Year), workbook); err != nil {
		return err
	}
	receivers := r.book.role(rules.OrganizationDepartment)
	y.Record(store.Line{Event: "results_reported", Article: "A12", Data: map[string]any{"number": r.number, "digest": proposal.Digest}})
	if len(receivers) == 0 {
		return y.OpenTask("A12", store.Task{Key: shared, Kind: "report_by_hand", Role: string(rules.Admin)})
	}
	return y.queueAll(letter{
		kind: "results_to_organization", article: "A12", key: shared, shared: shared,
		data: mail.Data{Link: y.links.to("results")},
	}, "", receivers)
}

func (y *year) resultsInput(r release, digest string) documents.ResultsInput {
	scheme := y.set.Plan.Scheme
	input := documents.ResultsInput{
		Authority: scheme.Authority.Name, Year: scheme.Year, Rules: y.rules, Extension: scheme.Extension, Digest: digest,
		Rehearsal: y.Cycle.Rehearsal > 0,
	}
	for _, row := range r.results {
		input.Units = append(input.Units, documents.ResultRow{
			Name: row.Name, Category: documents.CategoryName(row.Category), UnitResult: r.computed[row.Unit],
		})
	}
	return input
}

// startCorrection notes why released results are corrected; one correction at a time.
func (y *year) startCorrection(reason string) error {
	if !y.Cycle.Released.Valid {
		return store.Refuse("no results are released yet: there is nothing to correct (A8(7))")
	}
	_, err := y.ProposalOpen(y.Context, query.ProposalOpenParams{CycleID: y.id()})
	if err == nil {
		return store.Refuse("a proposal is open already: decide it first")
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	return y.CycleCorrect(y.Context, query.CycleCorrectParams{CycleID: y.id(), Reason: reason})
}
