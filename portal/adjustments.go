package portal

import (
	"errors"
	"net/url"
	"strings"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/rules"
)

// adjustmentsPage lists bonus and deductions, and takes a new one (A10, A11).
type adjustmentsPage struct {
	office.Adjustments
	Unit, State string
	// Decides is the administrator, who opens each one before he confirms it.
	Decides bool
	// First and Last day of the assessment year, in which the date must lie.
	First, Last calendar.Date
	// Typed is what was typed into a form that was refused, Faults what is wrong with its fields.
	Typed  map[string]string
	Faults map[string]string
}

// adjustmentFields are those of the form.
var adjustmentFields = []string{"unit", "clause", "date", "event", "evidence"}

func (v *visit) showAdjustments() error { return v.renderAdjustments(nil) }

func (v *visit) renderAdjustments(faults map[string]string) error {
	query := v.r.URL.Query()
	page := adjustmentsPage{
		Unit: query.Get("unit"), State: query.Get("state"), Decides: v.desk.Person.Role == string(rules.Admin),
		Typed: map[string]string{}, Faults: faults,
	}
	var err error
	if page.Adjustments, err = v.desk.Adjustments(v.r.Context(), page.Unit, page.State); err != nil {
		return err
	}
	year := int(v.desk.Cycle.Year)
	page.First, page.Last = calendar.Date{Year: year, Month: 1, Day: 1}, calendar.Date{Year: year, Month: 12, Day: 31}
	for _, field := range adjustmentFields {
		page.Typed[field] = v.typed(field, "")
	}
	return v.render("adjustments", page)
}

// proposeAdjustment records one. It counts when a second person has confirmed it.
func (v *visit) proposeAdjustment() error {
	var faults map[string]string
	again := func(v *visit) error { return v.renderAdjustments(faults) }
	done, err := v.perform(again, func(act string) error {
		date, err := v.date("date")
		if err == nil {
			form := v.r.PostForm
			err = v.desk.ProposeAdjustment(v.r.Context(), act, office.Adjustment{
				ID: act, Unit: form.Get("unit"), Clause: form.Get("clause"), Date: date, Event: form.Get("event"), Evidence: form.Get("evidence"),
			})
		}
		faults = v.fieldFaults(err, adjustmentFaults)
		return err
	})
	if !done {
		return err
	}
	return v.done(v.in("adjustments"), "adjustments.proposed")
}

// fieldFault tells of which field a reason speaks: by words that stand in it.
type fieldFault struct{ words, field string }

var adjustmentFaults = []fieldFault{
	{"a unit with recorded adjustments", "unit"},
	{"for his own unit only", "unit"},
	{"no clause", "clause"},
	{"the assessment year", "date"},
	{"a date is written", "date"},
	{"the event is missing", "event"},
	{"the same event", "event"},
	{"the evidence is missing", "evidence"},
}

// fieldFaults are the reasons of a refusal that belong to fields, in the language of the page.
func (v *visit) fieldFaults(err error, known []fieldFault) map[string]string {
	faults := map[string]string{}
	var refused *office.Error
	if !errors.As(err, &refused) {
		return faults
	}
	for _, reason := range refused.Reasons {
		for _, fault := range known {
			if strings.Contains(reason, fault.words) {
				faults[fault.field] = v.catalogue.reason(v.language, reason)
				break
			}
		}
	}
	return faults
}

// link is a proof that is an address as a whole; empty if it is anything else.
func link(text string) string {
	parsed, err := url.Parse(strings.TrimSpace(text))
	if err != nil || parsed.Scheme != "http" && parsed.Scheme != "https" || parsed.Host == "" {
		return ""
	}
	return parsed.String()
}

// adjustmentPage is one adjustment before it is confirmed or rejected.
type adjustmentPage struct {
	office.AdjustmentDecision
	Confirm, Reject string // the reasons that were typed
}

func (v *visit) showAdjustment() error {
	decision, err := v.desk.AdjustmentDecision(v.r.Context(), v.r.PathValue("id"))
	if err != nil {
		return err
	}
	return v.render("adjustment", adjustmentPage{
		AdjustmentDecision: decision, Confirm: v.typed("correction", ""), Reject: v.typed("rejection", ""),
	})
}

// confirmAdjustment lets it count. While a proposal is open that is voided; after the release a correction begins,
// which needs its reason (A8(6), A8(7)).
func (v *visit) confirmAdjustment() error {
	done, err := v.perform((*visit).showAdjustment, func(act string) error {
		reason := strings.TrimSpace(v.r.PostFormValue("correction"))
		return v.desk.ConfirmAdjustment(v.r.Context(), act, v.r.PathValue("id"), reason)
	})
	if !done {
		return err
	}
	return v.done(v.in("adjustments"), "adjustments.confirmed")
}

func (v *visit) rejectAdjustment() error {
	done, err := v.perform((*visit).showAdjustment, func(act string) error {
		reason := strings.TrimSpace(v.r.PostFormValue("rejection"))
		return v.desk.RejectAdjustment(v.r.Context(), act, v.r.PathValue("id"), reason)
	})
	if !done {
		return err
	}
	return v.done(v.in("adjustments"), "adjustments.rejected")
}
