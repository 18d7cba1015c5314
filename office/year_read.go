package office

import (
	"context"
	"time"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// Year is where a whole year stands: the phases of Article 8, every unit, every assessor.
type Year struct {
	Phases    []Phase
	Dates     query.SchemeVersion
	Units     []YearUnit
	Assessors []query.YearAssessorsRow
}

// The phases of Article 8, in order.
const (
	PhaseNotice        = "notice"
	PhaseSelfReport    = "self_report"
	PhaseReview        = "review"
	PhaseApproval      = "approval"
	PhaseRelease       = "release"
	PhaseRectification = "rectification"
	PhaseClosing       = "closing"
)

// Phase is one of them: its date, how many of how many are through, how many of the others are late.
type Phase struct {
	Name string
	// Due is its date, or the day on which it was done; zero if neither is known.
	Due               calendar.Date
	Done, Total, Late int
	// State is done, now, or empty while it lies ahead.
	State string
}

// YearUnit is one unit in the year.
type YearUnit struct {
	query.YearUnitsRow
	// ReportState is waiting, open, returned, overdue, in, late (in, but late) or none (closed without one).
	ReportState string
	// OwnReport and OwnReview say that the unit has a deadline of its own.
	OwnReport, OwnReview bool
	// ReviewLate and RectificationLate say that its sheets, or its rectification, are overdue.
	ReviewLate, RectificationLate bool
}

// Late tells whether the unit, or somebody who scores it, is late.
func (u YearUnit) Late() bool {
	return u.ReportState == "overdue" || u.ReviewLate || u.RectificationLate
}

// reminderKinds are the mails that remind a unit; callKinds the tasks for which somebody telephones it.
var (
	reminderKinds = []string{"self_report_reminder", "rectification_reminder", "reminder_by_hand"}
	callKinds     = []string{"telephone", "report_overdue", "unwritten_mail"}
)

// Year reads where the year stands.
func (d *Desk) Year(ctx context.Context) (Year, error) {
	if err := d.must(rules.Admin, rules.Leader, rules.Deputy, rules.Auditor); err != nil {
		return Year{}, err
	}
	id := d.Cycle.CycleID
	dates, err := d.Store.SchemeVersionLatest(ctx, query.SchemeVersionLatestParams{CycleID: id})
	if err != nil {
		return Year{}, err
	}
	rows, err := d.Store.YearUnits(ctx, query.YearUnitsParams{CycleID: id, Reminders: reminderKinds, Calls: callKinds})
	if err != nil {
		return Year{}, err
	}
	year := Year{Dates: dates}
	for _, row := range rows {
		year.Units = append(year.Units, yearUnit(row, dates, d.Today()))
	}
	if year.Assessors, err = d.Store.YearAssessors(ctx, query.YearAssessorsParams{CycleID: id}); err != nil {
		return Year{}, err
	}
	year.Phases, err = d.phases(ctx, year)
	return year, err
}

func yearUnit(row query.YearUnitsRow, dates query.SchemeVersion, today calendar.Date) YearUnit {
	unit := YearUnit{YearUnitsRow: row, ReportState: reportState(row, today)}
	unit.OwnReport = row.ReportDue != nil && *row.ReportDue != dates.SelfReportDue
	unit.OwnReview = row.ReviewDue != nil && *row.ReviewDue != dates.ReviewDue
	unit.ReviewLate = row.State == "review" && row.SheetsOpen > 0 && today.After(*row.ReviewDue)
	switch row.Rectification {
	case "ordered", "measures", "sent_back":
		unit.RectificationLate = today.After(row.RectificationDue)
	}
	return unit
}

// reportState is where the unit's self-report stands (A8(5)).
func reportState(row query.YearUnitsRow, today calendar.Date) string {
	switch {
	case row.Report == "submitted" && row.Late:
		return "late"
	case row.Report == "submitted":
		return "in"
	case row.State == "" || row.State == "waiting":
		return "waiting"
	case row.State == "closed" || row.Generation > 1:
		return "none"
	case today.After(*row.ReportDue):
		return "overdue"
	case row.Revision > 1:
		return "returned"
	}
	return "open"
}

// phases count what is through of each phase. They need not follow each other strictly: while the last units report,
// the first are scored.
func (d *Desk) phases(ctx context.Context, year Year) ([]Phase, error) {
	id := d.Cycle.CycleID
	notices, err := d.Store.YearNotices(ctx, query.YearNoticesParams{CycleID: id})
	if err != nil {
		return nil, err
	}
	events, err := d.Store.YearEvents(ctx, query.YearEventsParams{CycleID: id})
	if err != nil {
		return nil, err
	}
	happened := map[string]query.YearEventsRow{}
	for _, event := range events {
		happened[event.Event] = event
	}
	closed := 0
	if d.Cycle.State == "closed" {
		closed = 1
	}
	phases := []Phase{
		{Name: PhaseNotice, Due: year.Dates.Notice, Done: int(notices.Sent), Total: len(year.Units), Late: int(notices.Refused)},
		{Name: PhaseSelfReport, Due: year.Dates.SelfReportDue, Total: len(year.Units)},
		{Name: PhaseReview, Due: year.Dates.ReviewDue, Total: len(year.Units)},
		{Name: PhaseApproval, Due: year.Dates.ApprovalDue, Total: 1},
		{Name: PhaseRelease, Due: dayOf(happened["bulletin_issued"].Last), Done: int(happened["feedback_issued"].Units), Total: len(year.Units)},
		{Name: PhaseRectification, Due: year.Dates.RectificationDue},
		{Name: PhaseClosing, Due: dayOf(happened["cycle_closed"].Last), Total: 1, Done: closed},
	}
	for _, unit := range year.Units {
		unit.count(phases)
	}
	if err := d.countApproval(ctx, &phases[3]); err != nil {
		return nil, err
	}
	d.markStates(phases)
	return phases, nil
}

func dayOf(at time.Time) calendar.Date {
	if at.IsZero() {
		return calendar.Date{}
	}
	return calendar.DateOf(at)
}

// count adds the unit to the phases that it goes through.
func (u YearUnit) count(phases []Phase) {
	report, review, rectification := &phases[1], &phases[2], &phases[5]
	switch u.ReportState {
	case "in", "late":
		report.Done++
	case "overdue":
		report.Late++
	}
	if u.State == "closed" {
		review.Done++
	}
	if u.ReviewLate {
		review.Late++
	}
	switch u.Rectification {
	case "":
	case "accepted", "ended":
		rectification.Total++
		rectification.Done++
	default:
		rectification.Total++
	}
	if u.RectificationLate {
		rectification.Late++
	}
}

// countApproval tells whether the newest proposal is approved, or waits beyond its date (A8(6)).
func (d *Desk) countApproval(ctx context.Context, phase *Phase) error {
	latest, err := d.Store.ProposalLatest(ctx, query.ProposalLatestParams{CycleID: d.Cycle.CycleID})
	if store.IsMissing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	phase.Due = latest.Due
	switch {
	case latest.State == "approved":
		phase.Done = 1
	case latest.State == "open" && d.Today().After(latest.Due):
		phase.Late = 1
	}
	return nil
}

// stations is where in Article 8's line a cycle is, by its own word for it.
var stations = map[string]string{
	"notice": PhaseNotice, "assessment": PhaseReview, "approval": PhaseApproval, "release": PhaseRelease, "rectification": PhaseRectification,
	"closed": "over",
}

// markStates tells which phase is under way: what lies before it is through. While most units still report, that is
// the self-report, though the first are scored already.
func (d *Desk) markStates(phases []Phase) {
	now, known := stations[d.Cycle.Phase]
	if report := phases[1]; now == PhaseReview && report.Done < report.Total && !d.Today().After(report.Due) {
		now = PhaseSelfReport
	}
	for i := range phases {
		switch {
		case !known:
		case phases[i].Name == now:
			phases[i].State = "now"
			return
		default:
			phases[i].State = "done"
		}
	}
}
