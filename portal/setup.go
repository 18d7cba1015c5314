package portal

import (
	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/rules"
)

// setupPage is a year before its start.
type setupPage struct {
	office.Setup
	Faults, Warnings []string
	RuleSet          *rules.RuleSet
	Draft            bool
}

func (v *visit) showSetup() error {
	setup, err := v.desk.Setup(v.r.Context())
	if err != nil {
		return err
	}
	set, err := v.desk.RuleSet()
	if err != nil {
		return err
	}
	return v.render("setup", setupPage{
		Setup: setup, RuleSet: set, Draft: v.desk.Cycle.State == "draft", Faults: v.told(setup.Faults), Warnings: v.told(setup.Warnings),
	})
}

// told are faults of a plan in the visit's language.
func (v *visit) told(faults rules.Faults) []string {
	told := make([]string, len(faults))
	for i, fault := range faults {
		told[i] = v.catalogue.reason(v.language, fault.Text)
	}
	return told
}

// startYear starts it. The scheme is frozen from then on (A8(3)).
func (v *visit) startYear() error {
	if err := v.desk.StartNow(v.r.Context()); err != nil {
		return v.refused(err, (*visit).showSetup)
	}
	return v.done(v.in(""), "setup.started")
}

// rehearse plays this very scheme with simulated people, and leads to the rehearsal.
func (v *visit) rehearse() error {
	cycle, err := v.desk.Rehearse(v.r.Context())
	if err != nil {
		return v.refused(err, (*visit).showSetup)
	}
	return v.done(cyclePath(cycle)+"/year", "setup.rehearsing")
}
