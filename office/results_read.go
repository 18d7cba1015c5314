package office

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// Results is the approved table of a year's results (A12).
type Results struct {
	query.ProposalHeadRow
	ApprovedAt *time.Time
	// Bulletin is the number of the bulletin that announced them; 0 before the release.
	Bulletin int
	Units    []Standing
	Grades   []GradeCount
}

var resultReaders = []rules.Role{rules.OrganizationDepartment, rules.Admin, rules.Leader, rules.Deputy, rules.Auditor}

// Results answers NotFound before results are approved; for the organization department before they are released (A12).
func (d *Desk) Results(ctx context.Context) (Results, error) {
	if err := d.must(resultReaders...); err != nil {
		return Results{}, err
	}
	releases, err := d.Store.ProposalReleases(ctx, query.ProposalReleasesParams{CycleID: d.Cycle.CycleID})
	if err != nil {
		return Results{}, err
	}
	number := d.Cycle.Released.Int32
	if d.Person.Role != string(rules.OrganizationDepartment) {
		if number, err = d.Store.ProposalApproved(ctx, query.ProposalApprovedParams{CycleID: d.Cycle.CycleID}); err != nil {
			return Results{}, err
		}
	}
	if number == 0 {
		return Results{}, store.Missing("no results are approved yet")
	}
	r := Results{Bulletin: 1 + slices.Index(releases, number)}
	if r.ProposalHeadRow, err = d.proposalHead(ctx, number); err != nil {
		return r, err
	}
	if r.Units, err = d.standings(ctx, number); err != nil {
		return r, err
	}
	if _, r.ApprovedAt, err = d.moments(ctx, number); err != nil {
		return r, err
	}
	set, err := d.ruleSet()
	if err != nil {
		return r, err
	}
	r.Grades = countGrades(set, r.Units)
	return r, nil
}

// ResultsFile is the workbook as it was mailed to the organization department, with its name (A12).
func (d *Desk) ResultsFile(ctx context.Context) (name string, content []byte, err error) {
	if err := d.must(resultReaders...); err != nil {
		return "", nil, err
	}
	count, err := d.Store.ProposalReleasedCount(ctx, query.ProposalReleasedCountParams{CycleID: d.Cycle.CycleID})
	if err != nil {
		return "", nil, err
	}
	shared, err := d.Store.MailShared(ctx, query.MailSharedParams{CycleID: d.Cycle.CycleID, Key: fmt.Sprintf("results/%d", count)})
	if store.IsMissing(err) {
		return "", nil, store.Missing("no results are released yet")
	}
	return shared.AttachmentName, shared.Attachment, err
}
