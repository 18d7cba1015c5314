package office

import (
	"context"
	"slices"
	"time"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/documents"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// Comments are a leader's, on the whole proposal and on single units (A8(6)).
type Comments = store.Comments

// Placed is where a unit stands in some results.
type Placed struct {
	Total        rules.Points
	Grade        string
	Rank         int
	CategoryRank int
}

// Standing is one unit in a proposal: what its total is made of, and where it stood before.
type Standing struct {
	Unit, Name, Category string
	Placed
	// Areas and Rest add up to the total: the points of the content areas, then bonus, deductions, caps, rounding.
	Areas []rules.AreaPoints
	Rest  []rules.Line
	// LastYear is its place in last year's released results, Before in the proposal before this one; nil if there is none.
	LastYear, Before *Placed
	// Comment is the leader's on this unit, Asked the one with which the proposal before was returned (A8(6)).
	Comment, Asked string
}

// Changed says that the total or the rank is another one than in the proposal before.
func (s Standing) Changed() bool {
	return s.Before != nil && (s.Before.Total != s.Total || s.Before.Rank != s.Rank)
}

// GradeCount is how many units have a grade.
type GradeCount struct {
	Grade, Name string
	Count       int
}

// Proposal is what is proposed for approval, with all that a leader needs to decide it (A8(6)).
type Proposal struct {
	query.ProposalHeadRow
	// MadeAt is when it was proposed, DecidedAt when it was approved, returned or voided.
	MadeAt, DecidedAt *time.Time
	Units             []Standing // by rank
	Grades            []GradeCount
	// LastYear says that last year's results are there to compare with.
	LastYear bool
	// Before is the proposal before this one, if there was one.
	Before *query.ProposalHeadRow
	// Changed is how many units have another total or rank than in it.
	Changed int
	// Newest is the number of the newest proposal.
	Newest int32
	// MayDecide says that the person at the desk may decide it now.
	MayDecide bool
	// DeputyAsked says that the leader's date is over: now the leader in charge may decide too.
	DeputyAsked bool
	// ReviewDue is the review date of a return, unless somebody names another one.
	ReviewDue calendar.Date
}

var approvers = []rules.Role{rules.Leader, rules.Deputy, rules.Admin}

// NewestProposal is the number of the newest proposal, 0 if there is none.
func (d *Desk) NewestProposal(ctx context.Context) (int32, error) {
	if err := d.must(approvers...); err != nil {
		return 0, err
	}
	return d.newestProposal(ctx)
}

func (d *Desk) newestProposal(ctx context.Context) (int32, error) {
	latest, err := d.Store.ProposalLatest(ctx, query.ProposalLatestParams{CycleID: d.Cycle.CycleID})
	if store.IsMissing(err) {
		return 0, nil
	}
	return latest.Number, err
}

// Proposal is one proposal of results: the leader decides it, the administrator sees the same beforehand.
func (d *Desk) Proposal(ctx context.Context, number int32) (Proposal, error) {
	if err := d.must(approvers...); err != nil {
		return Proposal{}, err
	}
	p := Proposal{}
	var err error
	if p.ProposalHeadRow, err = d.proposalHead(ctx, number); err != nil {
		return p, err
	}
	if p.Newest, err = d.newestProposal(ctx); err != nil {
		return p, err
	}
	if p.Units, err = d.standings(ctx, number); err != nil {
		return p, err
	}
	if p.MadeAt, p.DecidedAt, err = d.moments(ctx, number); err != nil {
		return p, err
	}
	if err := d.compareYear(ctx, &p); err != nil {
		return p, err
	}
	if err := d.compareBefore(ctx, &p); err != nil {
		return p, err
	}
	set, err := d.ruleSet()
	if err != nil {
		return p, err
	}
	p.Grades = countGrades(set, p.Units)
	p.DeputyAsked = calendar.Late(d.Now(), p.Due)
	role := rules.Role(d.Person.Role)
	p.MayDecide = p.State == "open" && (role == rules.Leader || role == rules.Deputy && p.DeputyAsked)
	p.ReviewDue, err = d.returnDate(ctx, calendar.Date{})
	return p, err
}

func (d *Desk) proposalHead(ctx context.Context, number int32) (query.ProposalHeadRow, error) {
	head, err := d.Store.ProposalHead(ctx, query.ProposalHeadParams{CycleID: d.Cycle.CycleID, Number: number})
	if store.IsMissing(err) {
		return head, noProposal(number)
	}
	return head, err
}

// standings are a proposal's units by rank.
func (d *Desk) standings(ctx context.Context, number int32) ([]Standing, error) {
	rows, err := d.Store.ResultRanking(ctx, query.ResultRankingParams{CycleID: d.Cycle.CycleID, Number: number})
	if err != nil {
		return nil, err
	}
	computed, err := d.proposedBook(ctx, number)
	if err != nil {
		return nil, err
	}
	list := make([]Standing, len(rows))
	for i, row := range rows {
		list[i] = Standing{
			Unit: row.Unit, Name: row.Name, Category: row.Category, Comment: row.Comment,
			Placed: *placedOf(row),
		}
		at := computed.at[row.Unit]
		list[i].Areas, list[i].Rest = computed.areas[at], computed.rest[at]
	}
	return list, nil
}

func placedOf(row query.ResultRankingRow) *Placed {
	return &Placed{Total: row.Total, Grade: row.Grade, Rank: int(row.Rank), CategoryRank: int(row.CategoryRank)}
}

func countGrades(set *rules.RuleSet, units []Standing) []GradeCount {
	counts := make([]GradeCount, len(set.Grades))
	for i, grade := range set.Grades {
		counts[i] = GradeCount{Grade: grade.ID, Name: grade.Name}
	}
	for _, unit := range units {
		if at := slices.IndexFunc(counts, func(c GradeCount) bool { return c.Grade == unit.Grade }); at >= 0 {
			counts[at].Count++
		}
	}
	return counts
}

// moments are when a proposal was made, and when it was approved, returned or voided, from the journal.
func (d *Desk) moments(ctx context.Context, number int32) (made, decided *time.Time, err error) {
	rows, err := d.Store.ProposalMoments(ctx, query.ProposalMomentsParams{CycleID: d.Cycle.CycleID, Number: number})
	for _, row := range rows {
		if row.Event == "proposal_made" {
			made = &row.At
		} else {
			decided = &row.At
		}
	}
	return made, decided, err
}

// compareYear sets beside each unit its place of the year before.
func (d *Desk) compareYear(ctx context.Context, p *Proposal) error {
	before := d.Cycle.Year - 1
	rows, err := d.Store.ResultYears(ctx, query.ResultYearsParams{Authority: d.Cycle.Authority, First: before, Last: before})
	if err != nil {
		return err
	}
	placed := map[string]*Placed{}
	for _, row := range rows {
		placed[row.Unit] = &Placed{Total: row.Total, Grade: row.Grade, Rank: int(row.Rank), CategoryRank: int(row.CategoryRank)}
	}
	p.LastYear = len(rows) > 0
	for i := range p.Units {
		p.Units[i].LastYear = placed[p.Units[i].Unit]
	}
	return nil
}

// compareBefore sets beside each unit its place in the proposal before, and what the leader then said of it.
func (d *Desk) compareBefore(ctx context.Context, p *Proposal) error {
	if p.Number == 1 {
		return nil
	}
	head, err := d.proposalHead(ctx, p.Number-1)
	if err != nil {
		return err
	}
	p.Before = &head
	rows, err := d.Store.ResultRanking(ctx, query.ResultRankingParams{CycleID: p.CycleID, Number: head.Number})
	if err != nil {
		return err
	}
	places := map[string]query.ResultRankingRow{}
	for _, row := range rows {
		places[row.Unit] = row
	}
	for i := range p.Units {
		if row, ok := places[p.Units[i].Unit]; ok {
			p.Units[i].Before, p.Units[i].Asked = placedOf(row), row.Comment
		}
		if p.Units[i].Changed() {
			p.Changed++
		}
	}
	return nil
}

// ProposedUnit is one unit of a proposal with every line of its explanation.
type ProposedUnit struct {
	query.ProposalHeadRow
	Unit, Name, Category string
	rules.UnitResult
}

// ProposedUnit explains one unit's total indicator by indicator.
func (d *Desk) ProposedUnit(ctx context.Context, number int32, unit string) (ProposedUnit, error) {
	if err := d.must(approvers...); err != nil {
		return ProposedUnit{}, err
	}
	head, err := d.proposalHead(ctx, number)
	if err != nil {
		return ProposedUnit{}, err
	}
	computed, err := d.proposedBook(ctx, number)
	if err != nil {
		return ProposedUnit{}, err
	}
	at, ok := computed.at[unit]
	if !ok {
		return ProposedUnit{}, store.Missing("no unit " + unit + " in this proposal")
	}
	of := computed.book.Units[at]
	return ProposedUnit{ProposalHeadRow: head, Unit: unit, Name: of.Name, Category: of.Category, UnitResult: computed.results.Units[at]}, nil
}

// ReturnSeen is ReturnProposal by somebody who saw the results of a digest: if others have been proposed since, nothing
// is returned. None named means all, which needs a general comment.
func (d *Desk) ReturnSeen(ctx context.Context, act, digest string, units []string, comments Comments, due calendar.Date) error {
	if err := d.must(rules.Leader, rules.Deputy); err != nil {
		return err
	}
	done, err := d.Store.Answered(ctx, d.Cycle.CycleID, act, &struct{}{})
	if done || err != nil {
		return err
	}
	latest, err := d.Store.ProposalLatest(ctx, query.ProposalLatestParams{CycleID: d.Cycle.CycleID})
	if err != nil && !store.IsMissing(err) {
		return err
	}
	if latest.Digest != digest {
		return store.Refuse("the results have changed since you saw them: look at the newest proposal")
	}
	if len(units) == 0 && comments.General == "" {
		return store.Refuse("to return all units a general comment is needed")
	}
	return d.ReturnProposal(ctx, act, units, comments, due)
}

// CategoryName is a category of units as people read it.
func CategoryName(category string) string { return documents.CategoryName(category) }
