package office

import (
	"context"
	"slices"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// UnitStanding is where one unit stands in the year.
type UnitStanding struct {
	Unit       query.Unit
	Assessment query.Assessment
	// Contacts and Heads are the unit's people.
	Contacts []query.Person
	Heads    []query.Person
	// Report is the newest revision; nil before the first. Filled of Indicators are complete in it.
	Report     *query.Report
	Filled     int
	Indicators int
	// Overdue says that the deadline of the report is over and none is in; ReviewOverdue that sheets are missing.
	Overdue       bool
	ReviewOverdue bool
	SheetsIn      int
	SheetsAll     int
	// Sheets say whose is where; for the authority only: a unit does not learn its assessors' names.
	Sheets []query.SheetOfUnitRow
	// Total is what was released; nil before.
	Total          *query.ResultOfUnitRow
	GradeName      string
	Rectifications []query.Rectification
	Consequences   int
	// Mails and Third are for administrators only.
	Mails []query.MailOfUnitRow
	Third *Third
}

// Third is what an administrator decides by when assessors lie too far apart after they scored twice (A8(6)).
type Third struct {
	Wide       []WideSpread
	Candidates []query.Person
}

// WideSpread is an indicator whose points lie further apart than the scheme allows.
type WideSpread struct {
	Indicator   rules.Indicator
	Least, Most rules.Points
	assessors   []string
}

// mostMails is how many of a unit's mails are shown.
const mostMails = 200

// UnitStanding is where a unit stands, for its own people and the authority's.
func (d *Desk) UnitStanding(ctx context.Context, unit string) (UnitStanding, error) {
	if err := d.mayRead(unit); err != nil {
		return UnitStanding{}, err
	}
	var standing UnitStanding
	var err error
	if standing.Unit, standing.Assessment, err = d.unitAssessment(ctx, unit); err != nil {
		return standing, err
	}
	for _, read := range []func(context.Context, *UnitStanding) error{
		d.readPeople, d.readReport, d.readSheets, d.readTotal, d.readRectifications, d.readMails, d.readThird,
	} {
		if err := read(ctx, &standing); err != nil {
			return standing, err
		}
	}
	return standing, nil
}

func (d *Desk) readPeople(ctx context.Context, s *UnitStanding) error {
	people, err := d.Store.PersonOfUnit(ctx, query.PersonOfUnitParams{CycleID: d.Cycle.CycleID, Unit: s.Unit.Code})
	for _, person := range people {
		if person.Role == string(rules.Head) {
			s.Heads = append(s.Heads, person)
		} else {
			s.Contacts = append(s.Contacts, person)
		}
	}
	return err
}

func (d *Desk) readReport(ctx context.Context, s *UnitStanding) error {
	plan, err := d.plan(ctx)
	if err != nil {
		return err
	}
	s.Indicators = len(store.IndicatorsFor(plan, s.Unit.Category))
	report, err := d.Store.ReportGet(ctx, query.ReportGetParams{CycleID: d.Cycle.CycleID, Unit: s.Unit.Code})
	in := err == nil && report.State == "submitted"
	s.Overdue = !in && s.Assessment.State != "closed" && s.Assessment.Generation == 1 && calendar.Late(d.Now(), s.Assessment.ReportDue)
	if store.IsMissing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	s.Report = &report
	filled, err := d.Store.ReportItemFilled(ctx, query.ReportItemFilledParams{CycleID: d.Cycle.CycleID, Unit: s.Unit.Code, Revision: report.Revision})
	s.Filled = int(filled)
	return err
}

func (d *Desk) readSheets(ctx context.Context, s *UnitStanding) error {
	sheets, err := d.Store.SheetOfUnit(ctx, query.SheetOfUnitParams{CycleID: d.Cycle.CycleID, Unit: s.Unit.Code})
	s.SheetsAll = len(sheets)
	for _, sheet := range sheets {
		if sheet.State == "submitted" {
			s.SheetsIn++
		}
	}
	s.ReviewOverdue = s.Assessment.State == "review" && calendar.Late(d.Now(), s.Assessment.ReviewDue)
	if !d.ofUnit() {
		s.Sheets = sheets
	}
	return err
}

// ofUnit tells a unit's people from the authority's.
func (d *Desk) ofUnit() bool {
	return slices.Contains([]rules.Role{rules.Contact, rules.Head}, rules.Role(d.Person.Role))
}

func (d *Desk) readTotal(ctx context.Context, s *UnitStanding) error {
	if !d.Cycle.Released.Valid {
		return nil
	}
	total, err := d.released(ctx, s.Unit.Code, d.Cycle.Released.Int32)
	if err != nil {
		return err
	}
	set, err := d.ruleSet()
	if err != nil {
		return err
	}
	s.Total, s.GradeName = &total, set.GradeName(total.Grade)
	return nil
}

func (d *Desk) readRectifications(ctx context.Context, s *UnitStanding) error {
	id := d.Cycle.CycleID
	orders, err := d.Store.RectificationOfUnit(ctx, query.RectificationOfUnitParams{CycleID: id, Unit: s.Unit.Code})
	if err != nil {
		return err
	}
	consequences, err := d.Store.ConsequenceOfUnit(ctx, query.ConsequenceOfUnitParams{CycleID: id, Unit: s.Unit.Code})
	if err != nil {
		return err
	}
	// What is still drafted or only proposed is the authority's.
	s.Rectifications = slices.DeleteFunc(orders, func(r query.Rectification) bool { return r.State == "draft" && d.ofUnit() })
	s.Consequences = len(slices.DeleteFunc(consequences, func(c query.Consequence) bool { return c.State != "imposed" && d.ofUnit() }))
	return nil
}

func (d *Desk) readMails(ctx context.Context, s *UnitStanding) error {
	if d.Person.Role != string(rules.Admin) {
		return nil
	}
	var err error
	s.Mails, err = d.Store.MailOfUnit(ctx, query.MailOfUnitParams{CycleID: d.Cycle.CycleID, Unit: s.Unit.Code, Most: mostMails})
	return err
}

// readThird finds who may be the third: an assessor of another organisation who has not scored all of what the others
// scored too far apart (A8(6)).
func (d *Desk) readThird(ctx context.Context, s *UnitStanding) error {
	if d.Person.Role != string(rules.Admin) || s.Assessment.Spread != "third" {
		return nil
	}
	plan, err := d.plan(ctx)
	if err != nil {
		return err
	}
	scores, err := d.Store.ScoreUnit(ctx, query.ScoreUnitParams{CycleID: d.Cycle.CycleID, Unit: s.Unit.Code})
	if err != nil {
		return err
	}
	people, err := d.Store.PersonByRole(ctx, query.PersonByRoleParams{CycleID: d.Cycle.CycleID, Role: string(rules.Assessor)})
	if err != nil {
		return err
	}
	third := Third{Wide: wideSpreads(plan, scores)}
	third.Candidates = slices.DeleteFunc(people, func(p query.Person) bool { return p.Unit == s.Unit.Code || third.scoredAll(p.Login) })
	s.Third = &third
	return nil
}

func (t Third) scoredAll(assessor string) bool {
	return !slices.ContainsFunc(t.Wide, func(w WideSpread) bool { return !slices.Contains(w.assessors, assessor) })
}

// wideSpreads are the indicators whose points lie further apart than the scheme's max_spread. The scores come by
// indicator.
func wideSpreads(plan rules.Plan, scores []query.Score) []WideSpread {
	limit, _ := plan.Scheme.Spread()
	of := map[string]*WideSpread{}
	for _, score := range scores {
		if score.Points == nil {
			continue
		}
		spread := of[score.Indicator]
		if spread == nil {
			spread = &WideSpread{Least: *score.Points, Most: *score.Points}
			of[score.Indicator] = spread
		}
		spread.Least, spread.Most = min(spread.Least, *score.Points), max(spread.Most, *score.Points)
		spread.assessors = append(spread.assessors, score.Assessor)
	}
	var wide []WideSpread
	for _, indicator := range plan.Indicators {
		if spread := of[indicator.Code]; spread != nil && spread.Most-spread.Least > limit {
			spread.Indicator = indicator
			wide = append(wide, *spread)
		}
	}
	return wide
}
