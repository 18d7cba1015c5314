package portal

import (
	"slices"
	"strconv"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/rules"
)

// rectificationPage is one order: its problems and limit, what the unit filed, what the person may do about it, and
// what happened (A13).
type rectificationPage struct {
	office.Rectification
	Path string
	// Own is the order of the person's own unit.
	Own   bool
	Badge string
	Limit string
	// Rechecks are the problems, with what was seen when they were looked at again.
	Rechecks []recheckView
	Filings  []filingView
	Form     *filingForm
	// Checks is the administrator before whom the report lies; Extends the one who may move the limit.
	Checks, Extends bool
	Back, Extension limitForm
	History         []happeningView
}

type recheckView struct {
	office.OrderProblem
	Field, Text, Fault string
}

// filingView is what was filed, the newest first.
type filingView struct {
	office.Filing
	Evidence []proofView
}

// limitForm gives a new limit with a reason.
type limitForm struct{ Due, Reason, DueFault, ReasonFault string }

type happeningView struct {
	office.Happening
	Text string
}

func (v *visit) showRectification() error {
	number, err := v.orderNumber()
	if err != nil {
		return err
	}
	order, err := v.desk.Rectification(v.r.Context(), v.r.PathValue("unit"), number)
	if err != nil {
		return err
	}
	own := v.is(rules.Contact, rules.Head)
	if !own {
		if err := v.desk.LogRead(v.r.Context(), office.ReportRead, "rectification/"+order.Unit+"/"+strconv.Itoa(number), v.address()); err != nil {
			return err
		}
	}
	page := rectificationPage{
		Rectification: order, Path: v.orderPath(order.Unit, number), Own: own, Badge: badges[order.State],
		Checks: v.is(rules.Admin) && order.State == "reported", Extends: v.is(rules.Admin) && order.WaitsForUnit(),
		Back: v.limitForm("back"), Extension: v.limitForm("extension"),
	}
	if page.Limit, err = v.limit(order.Due, order.State); err != nil {
		return err
	}
	for _, problem := range order.Problems {
		page.Rechecks = append(page.Rechecks, v.recheckView(problem))
	}
	for _, filing := range slices.Backward(order.Filings) {
		page.Filings = append(page.Filings, filingView{filing, proofViews(page.Path, filing.Evidence)})
	}
	for _, line := range order.History {
		page.History = append(page.History, happeningView{line, v.happening(line)})
	}
	if v.is(rules.Contact) && order.WaitsForUnit() {
		if page.Form, err = v.filingForm(order, page.Path); err != nil {
			return err
		}
	}
	return v.render("rectification", page)
}

// orderNumber is the number in the address.
func (v *visit) orderNumber() (int, error) {
	number, err := strconv.Atoi(v.r.PathValue("number"))
	if err != nil || number < 0 {
		return 0, office.Missing("there is no such page")
	}
	return number, nil
}

func (v *visit) orderPath(unit string, number int) string {
	return v.in("units/%s/rectification/%d", unit, number)
}

func (v *visit) recheckView(problem office.OrderProblem) recheckView {
	position := strconv.Itoa(int(problem.Position))
	field := "seen-" + position
	return recheckView{
		OrderProblem: problem, Field: field, Text: v.typed(field, problem.Seen),
		Fault: v.faultOf("what was seen of problem "+position+" is missing", "problem "+position+" needs"),
	}
}

// limitForm is a form with a new limit as it was typed, if it is the one that was refused.
func (v *visit) limitForm(name string) limitForm {
	form := limitForm{Due: v.typed(name+"_due", ""), Reason: v.typed(name+"_reason", "")}
	if v.r.PostForm.Has(name + "_reason") {
		form.DueFault = v.faultOf("the new limit", "the new date", "the rectification is due", v.r.PostForm.Get(name+"_due")+" is not after", "no published holidays")
		form.ReasonFault = v.faultOf("a reason is missing")
	}
	return form
}

func proofViews(path string, list []office.Evidence) []proofView {
	views := make([]proofView, len(list))
	for i, evidence := range list {
		views[i] = proofAt(path+"/evidence/"+evidence.SHA256, evidence)
	}
	return views
}

// happening tells a line of the journal.
func (v *visit) happening(line office.Happening) string {
	event := line.Event
	var args []any
	switch event {
	case "rectification_ordered":
		args = []any{line.Problems, day(v.language, line.Due)}
	case "rectification_sent_back":
		args = []any{day(v.language, line.Due), line.Reason}
	case "deadline_extended":
		args = []any{day(v.language, line.To), line.Reason}
	case "consequence_proposed":
		args = []any{v.t("consequence.kind." + line.Kind), v.t("consequence.basis." + line.Basis)}
	case "consequence_decided":
		event += "." + line.Decision
		args = []any{v.t("consequence.kind." + line.Kind), line.Reason}
	}
	told := v.t("happening."+event, args...)
	if line.Evidence > 0 {
		told += v.t("happening.evidence", line.Evidence)
	}
	return told
}

// newLimit is a date that was typed; none if nothing was.
func (v *visit) newLimit(field string) (calendar.Date, error) {
	typed := v.r.PostFormValue(field)
	if typed == "" {
		return calendar.Date{}, nil
	}
	date, err := calendar.ParseDate(typed)
	if err != nil {
		return date, office.Refuse("the new date does not parse: want YYYY-MM-DD")
	}
	return date, nil
}

// acceptRectification accepts a report after each problem was looked at again by the method that found it (A13).
func (v *visit) acceptRectification() error {
	done, err := v.onOrder(func(act, unit string, number int) error {
		problems, err := v.desk.Problems(v.r.Context(), unit, number)
		if err != nil {
			return err
		}
		rechecks := make([]office.Recheck, len(problems))
		for i, problem := range problems {
			seen := v.trimmed("seen-" + strconv.Itoa(int(problem.Position)))
			rechecks[i] = office.Recheck{Position: int(problem.Position), Method: problem.Method, Seen: seen}
		}
		return v.desk.AcceptRectification(v.r.Context(), act, unit, number, rechecks)
	})
	if !done {
		return err
	}
	return v.done(v.thisOrder(), "rectification.accepted")
}

// sendBackRectification gives a report back with a reason and a new limit (A13).
func (v *visit) sendBackRectification() error {
	done, err := v.onOrder(func(act, unit string, number int) error {
		due, err := v.newLimit("back_due")
		if err != nil {
			return err
		}
		return v.desk.SendBackRectification(v.r.Context(), act, unit, number, due, v.trimmed("back_reason"))
	})
	if !done {
		return err
	}
	return v.done(v.thisOrder(), "rectification.sentback")
}

// extendRectification gives the unit more time (A13).
func (v *visit) extendRectification() error {
	done, err := v.onOrder(func(act, unit string, number int) error {
		to, err := v.newLimit("extension_due")
		if err != nil {
			return err
		}
		return v.desk.ExtendRectification(v.r.Context(), act, unit, number, to, v.trimmed("extension_reason"))
	})
	if !done {
		return err
	}
	return v.done(v.thisOrder(), "rectification.extended")
}

// onOrder performs an act on the order that the address names.
func (v *visit) onOrder(do func(act, unit string, number int) error) (bool, error) {
	number, err := v.orderNumber()
	if err != nil {
		return false, err
	}
	return v.perform((*visit).showRectification, func(act string) error { return do(act, v.r.PathValue("unit"), number) })
}

// thisOrder is the page of the order that the address names.
func (v *visit) thisOrder() string {
	return v.in("units/%s/rectification/%s", v.r.PathValue("unit"), v.r.PathValue("number"))
}
