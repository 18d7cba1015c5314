package portal

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/rules"
)

// approvalPage is a proposal: what is proposed, until when, whom it asks, and what it rests on (A8(6)).
type approvalPage struct {
	office.Proposal
	// Superseded is the proposal that somebody wanted to decide when it had been voided already; this one came after it.
	Superseded *office.Proposal
	Preview    bool
	Shown      []approvalUnit
	Categories []categoryRanking
	Chart      bars
	Bins       []office.Bin
	// What was typed.
	Comments map[string]string
	General  string
	// ReturnDue is the new review date of a return.
	ReturnDue calendar.Date
}

// approvalUnit is one unit as the page writes it. Its words are put together here: 500 units have thousands of lines.
type approvalUnit struct {
	office.Standing
	Place, GradeName string
	Lines            []explained
	// Compared are the changes against last year and the proposal before.
	Compared []string
}

// explained is one line of what a total is made of.
type explained struct{ Article, Text, Why, Points string }

// categoryRanking is one category's units by their rank in it.
type categoryRanking struct {
	Category string
	Units    []office.Standing
}

// showNewestApproval leads to the newest proposal.
func (v *visit) showNewestApproval() error {
	number, err := v.desk.NewestProposal(v.r.Context())
	if err != nil {
		return err
	}
	if number == 0 {
		return v.render("approval_none", nil)
	}
	return v.goTo(v.in("approval/%d", number))
}

func (v *visit) showApproval() error {
	number, err := v.number()
	if err != nil {
		return err
	}
	return v.renderApproval(number, nil)
}

// number is the one in the address.
func (v *visit) number() (int32, error) {
	number, err := strconv.ParseInt(v.r.PathValue("number"), 10, 32)
	if err != nil || number < 1 {
		return 0, office.Missing("there is no such page")
	}
	return int32(number), nil
}

func (v *visit) renderApproval(number int32, superseded *office.Proposal) error {
	proposal, err := v.desk.Proposal(v.r.Context(), number)
	if err != nil {
		return err
	}
	set, err := v.desk.RuleSet()
	if err != nil {
		return err
	}
	if err := v.desk.LogRead(v.r.Context(), office.ResultsRead, fmt.Sprintf("approval/%d", number), v.address()); err != nil {
		return err
	}
	page := approvalPage{
		Proposal: proposal, Superseded: superseded, Preview: v.desk.Person.Role == string(rules.Admin), Shown: v.approvalUnits(set, proposal.Units),
		Categories: byCategory(proposal.Units), Bins: office.Bins(set, proposal.Units), ReturnDue: proposal.ReviewDue,
	}
	page.Chart = v.distribution(set, page.Bins)
	v.keepTyped(&page)
	return v.render("approval", page)
}

func (v *visit) approvalUnits(set *rules.RuleSet, units []office.Standing) []approvalUnit {
	areas := map[string]explained{}
	for _, area := range set.Areas {
		areas[area.ID] = explained{Article: v.article(area.Article), Text: term(v.language, area.ID, area.Name)}
	}
	shown := make([]approvalUnit, len(units))
	for i, unit := range units {
		category := term(v.language, unit.Category, office.CategoryName(unit.Category))
		shown[i] = approvalUnit{
			Standing: unit, GradeName: term(v.language, unit.Grade, set.GradeName(unit.Grade)), Lines: v.explain(areas, unit),
			Place: v.t("approval.placed", category, unit.CategoryRank),
		}
		shown[i].compare(v)
	}
	return shown
}

// compare adds in words what changed since last year, and since the proposal before.
func (u *approvalUnit) compare(v *visit) {
	if last := u.LastYear; last != nil {
		u.Place += v.t("approval.lastyear", last.Rank, last.Total)
		u.Compared = append(u.Compared, v.t("approval.change.year", signed(u.Total-last.Total)))
	}
	switch {
	case u.Before == nil:
	case u.Changed():
		u.Place += v.t("approval.before", u.Before.Rank, u.Before.Total)
		u.Compared = append(u.Compared, v.t("approval.change.before", signed(u.Total-u.Before.Total)))
	default:
		u.Compared = append(u.Compared, v.t("approval.same"))
	}
}

// explain writes the lines that add up to a unit's total: its areas, then bonus, deductions, caps, rounding.
func (v *visit) explain(areas map[string]explained, unit office.Standing) []explained {
	lines := make([]explained, 0, len(unit.Areas)+len(unit.Rest))
	for _, area := range unit.Areas {
		if area.Max == 0 {
			continue
		}
		line := areas[area.Area]
		line.Text, line.Points = v.t("approval.of", line.Text, area.Max.Short()), area.Points.String()
		for _, lost := range area.Lost {
			line.Why += v.t("approval.lost", lost.Code, lost.Lost().Short()) + " "
		}
		lines = append(lines, line)
	}
	for _, line := range unit.Rest {
		lines = append(lines, explained{Article: v.article(line.Article), Text: line.Text, Points: minus(line.Points)})
	}
	return lines
}

// keepTyped shows what was typed into a return that was refused; also beside the results that came after those that it
// was about, lest it be lost.
func (v *visit) keepTyped(page *approvalPage) {
	page.Comments = map[string]string{}
	for name, values := range v.r.PostForm {
		if unit, ok := strings.CutPrefix(name, commentField); ok {
			page.Comments[unit] = values[0]
		}
	}
	page.General = v.typed("general", "")
	if due, err := calendar.ParseDate(v.typed("due", "")); err == nil {
		page.ReturnDue = due
	}
}

func byCategory(units []office.Standing) []categoryRanking {
	var list []categoryRanking
	places := map[string]int{}
	for _, unit := range units {
		at, known := places[unit.Category]
		if !known {
			at = len(list)
			places[unit.Category] = at
			list = append(list, categoryRanking{Category: unit.Category})
		}
		list[at].Units = append(list[at].Units, unit)
	}
	slices.SortStableFunc(list, func(a, b categoryRanking) int { return cmp.Compare(a.Category, b.Category) })
	return list
}

// distribution draws how many totals lie where, each bin with its grade.
func (v *visit) distribution(set *rules.RuleSet, bins []office.Bin) bars {
	chart := bars{Title: v.t("approval.distribution")}
	for _, bin := range slices.Backward(bins) {
		chart.add(bar{
			Label: v.t("approval.bin", pointsRange(bin.From, bin.To, bin.Last), term(v.language, bin.Grade, set.GradeName(bin.Grade))),
			End:   v.t("approval.units", bin.Count), Value: int64(bin.Count),
		})
	}
	return chart
}

// showApprovalAgain answers an act that was refused. If the proposal was voided meanwhile it says so, and shows the new
// one in its place.
func (v *visit) showApprovalAgain() error {
	number, err := v.number()
	if err != nil {
		return err
	}
	newest, err := v.desk.NewestProposal(v.r.Context())
	if err != nil {
		return err
	}
	if newest <= number {
		return v.renderApproval(number, nil)
	}
	old, err := v.desk.Proposal(v.r.Context(), number)
	if err != nil {
		return err
	}
	v.faults = nil
	return v.renderApproval(newest, &old)
}

// approve approves exactly the results that the page showed.
func (v *visit) approve() error {
	number, err := v.number()
	if err != nil {
		return err
	}
	done, err := v.perform((*visit).showApprovalAgain, func(act string) error {
		return v.desk.Approve(v.r.Context(), act, v.r.PostFormValue("digest"))
	})
	if !done {
		return err
	}
	return v.done(v.in("approval/%d", number), "approval.done")
}

// commentField begins the name of the field with the comment on a unit.
const commentField = "comment."

// returnProposal sends units back to review: those with a comment, or all with a general one.
func (v *visit) returnProposal() error {
	number, err := v.number()
	if err != nil {
		return err
	}
	done, err := v.perform((*visit).showApprovalAgain, func(act string) error {
		units, comments := v.comments()
		all := v.r.PostFormValue("which") == "all"
		if len(units) == 0 && !all {
			return office.Refuse("write a comment at each unit that goes back: there is none")
		}
		if all {
			units = nil
		}
		due, err := v.date("due")
		if err != nil {
			return err
		}
		return v.desk.ReturnSeen(v.r.Context(), act, v.r.PostFormValue("digest"), units, comments, due)
	})
	if !done {
		return err
	}
	return v.done(v.in("approval/%d", number), "approval.returned")
}

// comments are those that were typed, and the units on which.
func (v *visit) comments() ([]string, office.Comments) {
	comments := office.Comments{General: strings.TrimSpace(v.r.PostFormValue("general")), Units: map[string]string{}}
	var units []string
	for name, values := range v.r.PostForm {
		unit, ok := strings.CutPrefix(name, commentField)
		if text := strings.TrimSpace(values[0]); ok && text != "" {
			comments.Units[unit] = text
			units = append(units, unit)
		}
	}
	slices.Sort(units)
	return units, comments
}

// date is a day that was typed; zero if the field is empty.
func (v *visit) date(field string) (calendar.Date, error) {
	text := strings.TrimSpace(v.r.PostFormValue(field))
	if text == "" {
		return calendar.Date{}, nil
	}
	date, err := calendar.ParseDate(text)
	if err != nil {
		return date, office.Refuse("a date is written as 2025-12-31")
	}
	return date, nil
}

// showProposedUnit explains one unit's total indicator by indicator.
func (v *visit) showProposedUnit() error {
	number, err := v.number()
	if err != nil {
		return err
	}
	unit, err := v.desk.ProposedUnit(v.r.Context(), number, v.r.PathValue("unit"))
	if err != nil {
		return err
	}
	if err := v.desk.LogRead(v.r.Context(), office.ResultsRead, fmt.Sprintf("approval/%d/%s", number, unit.Unit), v.address()); err != nil {
		return err
	}
	return v.render("approval_unit", unit)
}
