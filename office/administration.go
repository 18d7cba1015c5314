package office

import (
	"context"
	"slices"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// Powers are what an administrator may do to the year as a whole, as it stands now.
type Powers struct {
	// Cancel: the year runs. Tells is how many people the mail goes to; none before the notices are out.
	Cancel bool
	Tells  int
	// Reopen: there are results to change. Proposal is the open one that it would void, 0 if none is open; Released the
	// number of the results in force, which stay so until the correction is approved; 0 if none are.
	Reopen   bool
	Proposal int
	Released int
	// Correcting is the reason of a correction that is under way.
	Correcting string
	// Units are the cycle's, to choose from.
	Units []query.Unit
}

// Powers tells what can be done to the year.
func (d *Desk) Powers(ctx context.Context) (Powers, error) {
	if err := d.must(rules.Admin); err != nil {
		return Powers{}, err
	}
	powers := Powers{Cancel: d.Cycle.State == "running", Correcting: d.Cycle.Correction}
	if !powers.Cancel {
		return powers, nil
	}
	var err error
	if powers.Units, err = d.Store.UnitList(ctx, query.UnitListParams{CycleID: d.Cycle.CycleID}); err != nil {
		return powers, err
	}
	if d.Cycle.Phase != "notice" {
		if powers.Tells, err = d.contactsToTell(ctx); err != nil {
			return powers, err
		}
	}
	open, err := d.Store.ProposalOpen(ctx, query.ProposalOpenParams{CycleID: d.Cycle.CycleID})
	if err != nil && !store.IsMissing(err) {
		return powers, err
	}
	powers.Proposal, powers.Released = int(open.Number), int(d.Cycle.Released.Int32)
	powers.Reopen = powers.Proposal > 0 || powers.Released > 0 && d.Cycle.Correction == "" && d.Cycle.Phase == "rectification"
	return powers, nil
}

// contactsToTell counts the mails of a cancellation: one an address and unit.
func (d *Desk) contactsToTell(ctx context.Context) (int, error) {
	contacts, err := d.Store.PersonByRole(ctx, query.PersonByRoleParams{CycleID: d.Cycle.CycleID, Role: string(rules.Contact)})
	told := map[[2]string]bool{}
	for _, contact := range contacts {
		if contact.ReplacedBy == "" {
			told[[2]string{contact.Unit, contact.Email}] = true
		}
	}
	return len(told), err
}

// ReopenEffect is what opening units' reviews again would do (A8(7)).
type ReopenEffect struct {
	Powers
	// Due is the new review date. Sheets counts those that open again, filled as they were; Assessors who fill them.
	Due       calendar.Date
	Sheets    int
	Assessors []string
}

// ReopenEffect tells it before it is done.
func (d *Desk) ReopenEffect(ctx context.Context, units []string) (ReopenEffect, error) {
	powers, err := d.Powers(ctx)
	if err != nil {
		return ReopenEffect{}, err
	}
	effect := ReopenEffect{Powers: powers}
	if len(units) == 0 {
		return effect, store.Refuse("choose at least one unit")
	}
	if effect.Due, err = d.returnDate(ctx, calendar.Date{}); err != nil {
		return effect, err
	}
	sheets, err := d.Store.SheetList(ctx, query.SheetListParams{CycleID: d.Cycle.CycleID})
	if err != nil {
		return effect, err
	}
	for _, sheet := range sheets {
		if !slices.Contains(units, sheet.Unit) {
			continue
		}
		effect.Sheets++
		if !slices.Contains(effect.Assessors, sheet.Assessor) {
			effect.Assessors = append(effect.Assessors, sheet.Assessor)
		}
	}
	slices.Sort(effect.Assessors)
	return effect, nil
}

// Names are those of the cycle's units by code, and of its people by login behind a slash.
func (d *Desk) Names(ctx context.Context) (map[string]string, error) {
	if err := d.must(rules.Admin, rules.Leader, rules.Deputy, rules.Auditor); err != nil {
		return nil, err
	}
	return d.names(ctx)
}
