package portal

import (
	"slices"
	"strconv"
	"strings"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/rules"
)

// consequencesPage is the list of all that was proposed, and where a violation is recorded (A14, A15).
type consequencesPage struct {
	List     []consequenceView
	Open     int
	Severity []string
	// Form is for who records violations.
	Form *violationForm
}

type violationForm struct {
	Units                             []rules.Unit
	Unit, Facts, Evidence, Severity   string
	UnitFault, FactsFault, ProofFault string
	SeverityFault                     string
}

// unitConsequencesPage is what was proposed about one unit, and what is decided about it.
type unitConsequencesPage struct {
	Unit     rules.Unit
	List     []consequenceView
	Records  bool
	Decides  bool
	Concerns bool
}

// consequenceView is one of them, with the form of its decision while it waits for one.
type consequenceView struct {
	office.ProposedConsequence
	Path string
	// Order is the address of the rectification that it is about.
	Order  string
	Badge  string
	Form   *decisionForm
	Waiver *decisionForm
}

// decisionForm is a decision as it was typed.
type decisionForm struct {
	Reason, Due, Date, Persons, Text, Deduction, Organ             string
	ReasonFault, DueFault, RecordFault, DeductionFault, OrganFault string
}

// severities are how grave a violation is; each proposes another consequence (A14, A15).
var severities = []string{"ordinary", "serious", "disciplinary"}

func (v *visit) showConsequences() error {
	list, err := v.desk.Consequences(v.r.Context(), "")
	if err != nil {
		return err
	}
	page := consequencesPage{Severity: severities}
	for _, consequence := range slices.Backward(list) {
		page.List = append(page.List, v.consequenceView(consequence))
		if consequence.State == "proposed" {
			page.Open++
		}
	}
	slices.SortStableFunc(page.List, func(a, b consequenceView) int { return waiting(b) - waiting(a) })
	if v.is(rules.Admin) {
		if page.Form, err = v.violationForm(); err != nil {
			return err
		}
	}
	return v.render("consequences", page)
}

// waiting puts what waits for a decision before what is decided.
func waiting(c consequenceView) int {
	if c.State == "proposed" {
		return 1
	}
	return 0
}

func (v *visit) violationForm() (*violationForm, error) {
	plan, err := v.desk.Plan(v.r.Context())
	if err != nil {
		return nil, err
	}
	return &violationForm{
		Units: plan.Units, Unit: v.r.FormValue("unit"), Facts: v.typed("facts", ""), Evidence: v.typed("evidence", ""), Severity: v.typed("severity", ""),
		UnitFault: v.faultOf("no unit"), FactsFault: v.faultOf("the facts are"), ProofFault: v.faultOf("the evidence is"), SeverityFault: v.faultOf("severity "),
	}, nil
}

// recordViolation records a violation at any time of the year; what follows from it is proposed (A14, A15).
func (v *visit) recordViolation() error {
	unit := v.r.PostFormValue("unit")
	done, err := v.perform((*visit).showConsequences, func(act string) error {
		_, err := v.desk.RecordViolation(v.r.Context(), act, unit, office.ViolationFacts{
			Facts: v.trimmed("facts"), Evidence: v.trimmed("evidence"), Severity: v.r.PostFormValue("severity"),
		})
		return err
	})
	if !done {
		return err
	}
	return v.done(v.in("units/%s/consequences", unit), "consequences.recorded")
}

// trimmed is a text of a form, with the line ends that everybody else writes.
func (v *visit) trimmed(field string) string {
	return strings.ReplaceAll(strings.TrimSpace(v.r.PostFormValue(field)), "\r\n", "\n")
}

func (v *visit) showUnitConsequences() error {
	code := v.r.PathValue("unit")
	list, err := v.desk.Consequences(v.r.Context(), code)
	if err != nil {
		return err
	}
	unit, err := v.unitOf(code)
	if err != nil {
		return err
	}
	page := unitConsequencesPage{
		Unit: unit, Records: v.is(rules.Admin), Decides: v.is(rules.Admin, rules.Leader), Concerns: v.is(rules.Contact, rules.Head),
	}
	for _, consequence := range slices.Backward(list) {
		view := v.consequenceView(consequence)
		if page.Decides && consequence.State == "proposed" {
			view.Form, view.Waiver = v.decisionForm(view.Number, "impose"), v.decisionForm(view.Number, "waive")
		}
		page.List = append(page.List, view)
	}
	return v.render("unit_consequences", page)
}

// unitOf is a unit of the year, by its code.
func (v *visit) unitOf(code string) (rules.Unit, error) {
	plan, err := v.desk.Plan(v.r.Context())
	if err != nil {
		return rules.Unit{}, err
	}
	at := slices.IndexFunc(plan.Units, func(unit rules.Unit) bool { return unit.Code == code })
	if at < 0 {
		return rules.Unit{}, office.Missing("no unit " + code)
	}
	return plan.Units[at], nil
}

func (v *visit) consequenceView(consequence office.ProposedConsequence) consequenceView {
	view := consequenceView{
		ProposedConsequence: consequence, Path: v.in("units/%s/consequences", consequence.Unit),
		Badge: map[string]string{"proposed": "pending", "imposed": "returned", "waived": "done"}[consequence.State],
	}
	if consequence.Rectification.Valid {
		view.Order = v.orderPath(consequence.Unit, int(consequence.Rectification.Int32))
	}
	return view
}

// decisionForm is empty, unless it is the one that was refused.
func (v *visit) decisionForm(number int32, decision string) *decisionForm {
	if v.r.PathValue("number") != strconv.Itoa(int(number)) || v.r.PathValue("decision") != decision {
		return &decisionForm{}
	}
	return &decisionForm{
		Reason: v.typed("reason", ""), Due: v.typed("due", ""), Date: v.typed("date", ""), Persons: v.typed("persons", ""), Text: v.typed("text", ""),
		Deduction: v.typed("deduction", ""), Organ: v.typed("organ", ""),
		ReasonFault: v.faultOf("a reason is missing"), DueFault: v.faultOf("the new limit", "the new date", "interview and criticism", "no published holidays"),
		RecordFault: v.faultOf("the interview's record", "the interview's date"), DeductionFault: v.faultOf("the deduction"), OrganFault: v.faultOf("the competent organ"),
	}
}

// decideConsequence imposes a consequence or waives it, with the reason and what belongs to it (A14, A15).
func (v *visit) decideConsequence() error {
	impose := v.r.PathValue("decision") == "impose"
	key := "consequences.waived"
	if impose {
		key = "consequences.imposed"
	} else if v.r.PathValue("decision") != "waive" {
		return nowhere(v)
	}
	consequence, err := v.consequence()
	if err != nil {
		return err
	}
	done, err := v.perform((*visit).showUnitConsequences, func(act string) error {
		due, err := v.newLimit("due")
		if err != nil {
			return err
		}
		typed, err := v.decision(consequence.Kind, impose)
		if err != nil {
			return err
		}
		return v.desk.DecideConsequence(v.r.Context(), act, int(consequence.Number), impose, due, typed)
	})
	if !done {
		return err
	}
	return v.done(v.in("units/%s/consequences#c%d", consequence.Unit, consequence.Number), key)
}

// decision is what was typed of it: what belongs to another kind of consequence is left out.
func (v *visit) decision(kind string, impose bool) (office.Decision, error) {
	decision := office.Decision{Reason: v.trimmed("reason")}
	if !impose {
		return decision, nil
	}
	switch kind {
	case "interview":
		date, err := calendar.ParseDate(v.r.PostFormValue("date"))
		if err != nil && v.r.PostFormValue("date") != "" {
			return decision, office.Refuse("the interview's date does not parse: want YYYY-MM-DD")
		}
		decision.Interview = &office.Interview{Date: date, Persons: v.trimmed("persons"), Text: v.trimmed("text")}
	case "public_criticism":
		decision.DeductionNote = v.trimmed("deduction")
	default:
		decision.Organ = v.trimmed("organ")
	}
	return decision, nil
}

// consequence is the one of the unit that the address names.
func (v *visit) consequence() (office.ProposedConsequence, error) {
	list, err := v.desk.Consequences(v.r.Context(), v.r.PathValue("unit"))
	if err != nil {
		return office.ProposedConsequence{}, err
	}
	at := slices.IndexFunc(list, func(c office.ProposedConsequence) bool { return strconv.Itoa(int(c.Number)) == v.r.PathValue("number") })
	if at < 0 {
		return office.ProposedConsequence{}, office.Missing("no such consequence")
	}
	return list[at], nil
}

// recordPage is an interview's record on paper (A14).
type recordPage struct {
	office.ProposedConsequence
	Rules, Document string
	Order           string
}

func (v *visit) showInterviewRecord() error {
	consequence, err := v.consequence()
	if err != nil {
		return err
	}
	if consequence.Record == nil {
		return office.Missing("there is no such page")
	}
	set, err := v.desk.RuleSet()
	if err != nil {
		return err
	}
	return v.render("interview_record", recordPage{ProposedConsequence: consequence, Rules: set.Title, Document: set.Document})
}
