package portal

import (
	"time"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/rules"
)

// datesPage moves a date for all; its effect is shown before it is done.
type datesPage struct {
	Phases     []option
	To, Reason string
	MayMove    bool
	Effect     *office.DateEffect
	// Faults are why the act would be refused; names are those of the units.
	Faults   []string
	Names    map[string]string
	Versions []dateVersion
}

// dateVersion is a version of the dates.
type dateVersion struct {
	Version                                                int32
	Notice, SelfReport, Review, Approval, RectificationDue calendar.Date
	Reason, Person                                         string
}

// movablePhases are those whose date moves for all (A8(3)).
var movablePhases = []string{office.PhaseSelfReport, office.PhaseReview, office.PhaseApproval, office.PhaseRectification}

func (v *visit) showDates() error {
	versions, err := v.desk.DateVersions(v.r.Context())
	if err != nil {
		return err
	}
	page := datesPage{
		Phases: v.options("phase", movablePhases, func(phase string) string { return v.t("dates.phase." + phase) }),
		To:     v.r.FormValue("to"), Reason: v.r.FormValue("reason"),
		MayMove: v.desk.Person.Role == string(rules.Admin) && v.desk.Cycle.State == "running",
	}
	for _, row := range versions {
		reason := row.Reason
		if key, known := ownReasons[reason]; known {
			reason = v.t("dates.reason." + key)
		}
		page.Versions = append(page.Versions, dateVersion{
			row.Version, row.Notice, row.SelfReportDue, row.ReviewDue, row.ApprovalDue, row.RectificationDue, reason, row.Person,
		})
	}
	if page.MayMove && page.To != "" {
		if err := v.dateEffect(&page); err != nil {
			return err
		}
	}
	return v.render("dates", page)
}

// ownReasons are those that the process itself gives.
var ownReasons = map[string]string{"as imported": "imported", "returned for a new review": "returned"}

func (v *visit) dateEffect(page *datesPage) error {
	to, err := v.dateField("to")
	if err != nil {
		page.Faults = v.reasons(err)
		return nil
	}
	effect, err := v.desk.DateEffect(v.r.Context(), v.r.FormValue("phase"), to)
	if err != nil {
		return err
	}
	for _, fault := range effect.Faults {
		page.Faults = append(page.Faults, v.catalogue.reason(v.language, fault))
	}
	page.Effect = &effect
	page.Names, err = v.unitNames()
	return err
}

// unitNames are those of the cycle's units by code.
func (v *visit) unitNames() (map[string]string, error) {
	plan, err := v.desk.Plan(v.r.Context())
	names := map[string]string{}
	for _, unit := range plan.Units {
		names[unit.Code] = unit.Name
	}
	return names, err
}

func (v *visit) moveDate() error {
	done, err := v.perform((*visit).showDates, func(act string) error {
		to, err := v.dateField("to")
		if err != nil {
			return err
		}
		return v.desk.MoveDate(v.r.Context(), act, v.r.PostFormValue("phase"), to, v.r.PostFormValue("reason"))
	})
	if !done {
		return err
	}
	return v.done(v.in("dates"), "dates.moved")
}

// clock is a moment for tables: 12月12日 15:20.
func (v *visit) clock(at time.Time) string {
	if at.IsZero() {
		return "—"
	}
	at = at.In(calendar.Location)
	return v.short(calendar.DateOf(at)) + at.Format(" 15:04")
}
