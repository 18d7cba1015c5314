package office

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// Audit is what there is to check of a year.
type Audit struct {
	// Lines counts the journal's, Last is when the last one was written, Hash what the chain ends with.
	Lines  int64
	Last   *time.Time
	Hash   []byte
	Events []query.JournalCountRow
	// Released is the proposal whose results are in force; nil before the release.
	Released *query.ProposalHeadRow
}

var auditors = []rules.Role{rules.Auditor, rules.Admin}

// Audit counts the journal and names the results in force.
func (d *Desk) Audit(ctx context.Context) (Audit, error) {
	if err := d.must(auditors...); err != nil {
		return Audit{}, err
	}
	events, err := d.Store.JournalCount(ctx, query.JournalCountParams{CycleID: d.Cycle.CycleID})
	if err != nil {
		return Audit{}, err
	}
	a := Audit{Lines: d.Cycle.JournalSeq, Last: d.Cycle.JournalAt, Hash: d.Cycle.JournalHash, Events: events}
	if !d.Cycle.Released.Valid {
		return a, nil
	}
	head, err := d.proposalHead(ctx, d.Cycle.Released.Int32)
	a.Released = &head
	return a, err
}

// CheckJournal follows the journal's chain; it answers what is wrong with it, nothing if it is whole.
func (d *Desk) CheckJournal(ctx context.Context) (found []string, err error) {
	if err := d.must(auditors...); err != nil {
		return nil, err
	}
	err = d.Store.CheckJournal(ctx, d.Cycle.CycleID)
	var known *store.Error
	if errors.As(err, &known) && known.Kind == store.Conflict {
		return known.Reasons, nil
	}
	return nil, err
}

// BookCheck is what came out of computing a book again.
type BookCheck struct {
	Number int32
	// Approved is the digest that was approved, Computed that of the book as it is.
	Approved, Computed string
	// Differences are those between the results in the book and what it computes to.
	Differences rules.Differences
	// Faults are why the book is refused as a whole.
	Faults []string
}

// Sound says that the results in force follow from the book, and are those that were approved.
func (c BookCheck) Sound() bool {
	return c.Approved == c.Computed && len(c.Differences) == 0 && len(c.Faults) == 0
}

// CheckBook computes the book of the results in force again, from what is stored, and compares: what starter recompute
// --check does with the same book anywhere else.
func (d *Desk) CheckBook(ctx context.Context) (BookCheck, error) {
	row, err := d.releasedBook(ctx)
	if err != nil {
		return BookCheck{}, err
	}
	check := BookCheck{Number: row.Number, Approved: row.Digest}
	book, err := rules.ReadBook(strings.NewReader(row.Book), d.Rules)
	var faults rules.Faults
	switch {
	case errors.As(err, &faults):
		for _, fault := range faults {
			check.Faults = append(check.Faults, fault.String())
		}
		return check, nil
	case err != nil:
		return check, err
	}
	check.Computed = book.Digest()
	check.Differences, err = book.Check()
	if errors.Is(err, rules.ErrNoResults) {
		check.Faults, err = []string{err.Error()}, nil
	}
	return check, err
}

// BookFile is the book of the results in force, as it was proposed.
func (d *Desk) BookFile(ctx context.Context) (string, error) {
	row, err := d.releasedBook(ctx)
	return strings.TrimSpace(row.Book) + "\n", err
}

func (d *Desk) releasedBook(ctx context.Context) (query.Proposal, error) {
	if err := d.must(auditors...); err != nil {
		return query.Proposal{}, err
	}
	if !d.Cycle.Released.Valid {
		return query.Proposal{}, store.Missing("no results are released yet")
	}
	return d.Store.ProposalGet(ctx, query.ProposalGetParams{CycleID: d.Cycle.CycleID, Number: d.Cycle.Released.Int32})
}

// JournalFile writes the journal as JSON lines.
func (d *Desk) JournalFile(ctx context.Context, out io.Writer) error {
	if err := d.must(auditors...); err != nil {
		return err
	}
	return d.Store.WriteJournal(ctx, d.Cycle, out)
}
