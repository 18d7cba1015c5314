package portal

import (
	"net/http"
	"slices"
	"strings"

	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/rules"
)

// selectionPage asks once more before an act on one or many units, and shows afterwards what became of each.
type selectionPage struct {
	// Do is remind, extend or return.
	Do    string
	Units []office.YearUnit
	// Phases can be extended; To, Reason are what was typed.
	Phases     []option
	To, Reason string
	// Outcomes are there once it is done; Act is the id under which the same can be sent again.
	Outcomes               []outcomeView
	Act                    string
	Done, Refused, Pending int
}

type outcomeView struct {
	office.Outcome
	Name string
}

// selectionActs are what can be done with a selection, and the phases whose date moves for a unit.
var (
	selectionActs    = []string{"remind", "extend", "return"}
	extensiblePhases = []string{office.PhaseSelfReport, office.PhaseReview, office.PhaseRectification}
)

// chosen are the units that were ticked, or all that the filter finds.
func (v *visit) chosen() ([]office.YearUnit, error) {
	if v.desk.Person.Role != string(rules.Admin) {
		return nil, forbidden(v)
	}
	year, err := v.desk.Year(v.r.Context())
	if err != nil {
		return nil, err
	}
	if err := v.r.ParseForm(); err != nil {
		return nil, office.Refuse("the form does not parse, or is too large")
	}
	if v.r.Form.Get("all") != "" {
		return v.filtered(year.Units), nil
	}
	named := v.r.Form["unit"]
	return slices.DeleteFunc(year.Units, func(unit office.YearUnit) bool { return !slices.Contains(named, unit.Code) }), nil
}

// forbidden is the answer to who may look but not act here.
func forbidden(v *visit) error {
	return &office.Error{Kind: office.Forbidden, Reasons: []string{v.desk.Person.Login + " may not do this: it is for admin"}}
}

func (v *visit) showSelection() error {
	units, err := v.chosen()
	if err != nil {
		return err
	}
	page := selectionPage{
		Do: v.r.FormValue("do"), Units: units, To: v.r.FormValue("to"), Reason: v.r.FormValue("reason"),
		Phases: v.options("phase", extensiblePhases, func(phase string) string { return v.t("dates.phase." + phase) }),
	}
	if !slices.Contains(selectionActs, page.Do) {
		return office.Missing("there is no such page")
	}
	if len(units) == 0 {
		v.faults, v.status = []string{v.t("selection.none")}, http.StatusUnprocessableEntity
		return v.showYear()
	}
	return v.render("selection", page)
}

// actOnSelection makes the act on each of the units and shows what became of it. Sent again, it is the same acts.
func (v *visit) actOnSelection() error {
	var outcomes []office.Outcome
	done, err := v.perform((*visit).showSelection, func(act string) (err error) {
		outcomes, err = v.actOn(act)
		return err
	})
	if !done {
		return err
	}
	return v.showOutcomes(outcomes)
}

func (v *visit) actOn(act string) ([]office.Outcome, error) {
	units, err := v.chosen()
	if err != nil {
		return nil, err
	}
	codes := make([]string, len(units))
	for i, unit := range units {
		codes[i] = unit.Code
	}
	if len(codes) == 0 {
		return nil, office.Refuse("choose at least one unit")
	}
	do := v.r.FormValue("do")
	if do == "remind" {
		return v.desk.RemindUnits(v.r.Context(), act, codes)
	}
	to, err := v.dateField("to")
	if err != nil {
		return nil, err
	}
	reason := strings.TrimSpace(v.r.FormValue("reason"))
	if reason == "" {
		return nil, office.Refuse("a reason is missing")
	}
	if do == "return" {
		return v.desk.ReturnReports(v.r.Context(), act, codes, to, reason)
	}
	return v.desk.ExtendUnits(v.r.Context(), act, codes, v.r.FormValue("phase"), to, reason)
}

func (v *visit) showOutcomes(outcomes []office.Outcome) error {
	units, err := v.chosen()
	if err != nil {
		return err
	}
	names := map[string]string{}
	for _, unit := range units {
		names[unit.Code] = unit.Name
	}
	page := selectionPage{Do: v.r.FormValue("do"), Units: units, To: v.r.FormValue("to"), Reason: v.r.FormValue("reason"), Act: v.r.PostFormValue("act")}
	page.Phases = v.options("phase", extensiblePhases, func(phase string) string { return phase })
	for _, outcome := range outcomes {
		for i, reason := range outcome.Reasons {
			outcome.Reasons[i] = v.catalogue.reason(v.language, reason)
		}
		switch {
		case outcome.Done:
			page.Done++
		case outcome.Pending:
			page.Pending++
		default:
			page.Refused++
		}
		page.Outcomes = append(page.Outcomes, outcomeView{outcome, names[outcome.Unit]})
	}
	switch {
	case page.Pending > 0:
		v.status = http.StatusServiceUnavailable
	case page.Done == 0:
		v.status = http.StatusUnprocessableEntity
	}
	return v.render("selection", page)
}
