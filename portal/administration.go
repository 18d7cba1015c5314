package portal

import (
	"slices"

	"github.com/kaoping/kaoping/office"
)

// administrationPage is what can be done to the year as a whole: only what is possible now is shown.
type administrationPage struct {
	office.Powers
	State, Phase string
	Reason       string
}

func (v *visit) showAdministration() error {
	powers, err := v.desk.Powers(v.r.Context())
	if err != nil {
		return err
	}
	return v.render("administration", administrationPage{
		Powers: powers, State: v.desk.Cycle.State, Phase: v.desk.Cycle.Phase, Reason: v.r.PostFormValue("reason"),
	})
}

func (v *visit) cancelYear() error {
	done, err := v.perform((*visit).showAdministration, func(act string) error {
		if v.r.PostFormValue("sure") == "" {
			return office.Refuse("tick that the year is to be cancelled")
		}
		return v.desk.Cancel(v.r.Context(), act, trimmed(v, "reason"))
	})
	if !done {
		return err
	}
	return v.done(v.in("administration"), "administration.cancelled")
}

// reopeningPage shows what opening units' reviews again would do.
type reopeningPage struct {
	Effect    office.ReopenEffect
	Units     []option
	Assessors []string
	Reason    string
}

func (v *visit) showReopening() error {
	if err := v.r.ParseForm(); err != nil {
		return office.Refuse("the form does not parse, or is too large")
	}
	chosen := v.r.Form["unit"]
	effect, err := v.desk.ReopenEffect(v.r.Context(), chosen)
	if err != nil && office.KindOf(err) != office.Refused {
		return err
	}
	if err != nil {
		return v.refused(err, (*visit).showAdministration)
	}
	page := reopeningPage{Effect: effect, Reason: v.r.PostFormValue("reason")}
	for _, unit := range effect.Units {
		if slices.Contains(chosen, unit.Code) {
			page.Units = append(page.Units, option{Value: unit.Code, Text: unit.Name})
		}
	}
	names, err := v.desk.Names(v.r.Context())
	if err != nil {
		return err
	}
	page.Assessors = named(effect.Assessors, func(login string) string { return names["/"+login] })
	return v.render("reopening", page)
}

// reopenReviews opens the chosen units' reviews again: while a proposal is open this voids it, after the release it is a
// correction (A8(7)).
func (v *visit) reopenReviews() error {
	done, err := v.perform((*visit).showReopening, func(act string) error {
		units := v.r.PostForm["unit"]
		if len(units) == 0 {
			return office.Refuse("choose at least one unit")
		}
		return v.desk.ReopenReviews(v.r.Context(), act, units, trimmed(v, "reason"))
	})
	if !done {
		return err
	}
	return v.done(v.in("year"), "administration.reopened")
}
