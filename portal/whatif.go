package portal

import (
	"errors"
	"strconv"
	"strings"

	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/rules"
)

// whatIfPage computes what ranks and grades would be if one thing were different. Nothing of it is stored: the question
// stands in the address.
type whatIfPage struct {
	Units   []rules.Unit
	Clauses []rules.Clause
	Unit    string
	// NotScored says that there are no results to compare with yet.
	NotScored  bool
	Supposable office.Supposable
	// Asked is what was supposed, in words; Effect what would follow.
	Asked  string
	Effect *office.Effect
	// What was asked.
	Add, Remove, Score, Points string
}

func (v *visit) showWhatIf() error {
	plan, err := v.desk.Plan(v.r.Context())
	if err != nil {
		return err
	}
	set, err := v.desk.RuleSet()
	if err != nil {
		return err
	}
	asked := v.r.URL.Query()
	page := whatIfPage{
		Units: plan.Units, Clauses: set.Clauses, Unit: asked.Get("unit"),
		Add: asked.Get("add"), Remove: asked.Get("remove"), Score: asked.Get("score"), Points: asked.Get("points"),
	}
	if page.Unit == "" {
		page.Unit = plan.Units[0].Code
	}
	page.Supposable, err = v.desk.Supposable(v.r.Context(), page.Unit)
	if errors.Is(err, office.ErrNotScored) {
		page.NotScored = true
		return v.render("whatif", page)
	}
	if err != nil {
		return err
	}
	if err := v.desk.LogRead(v.r.Context(), office.SheetRead, "whatif/"+page.Unit, v.address()); err != nil {
		return err
	}
	if err := v.suppose(&page); err != nil {
		return v.refused(err, func(v *visit) error { return v.render("whatif", page) })
	}
	return v.render("whatif", page)
}

// suppose answers the question in the address, if there is one.
func (v *visit) suppose(page *whatIfPage) error {
	supposition, words, err := v.supposition(page)
	if err != nil || words == "" {
		return err
	}
	effect, err := v.desk.WhatIf(v.r.Context(), supposition)
	switch {
	case errors.Is(err, office.ErrNotScored):
		page.NotScored = true
		return nil
	case err != nil:
		return err
	}
	page.Asked, page.Effect = words, &effect
	return nil
}

// supposition reads the question; no words mean that none was asked.
func (v *visit) supposition(page *whatIfPage) (rules.Supposition, string, error) {
	s := rules.Supposition{Unit: page.Unit}
	switch {
	case page.Add != "":
		s.Clause, s.Count = page.Add, 1
		return s, v.t("whatif.asked.add", page.Supposable.Name, page.Add), nil
	case page.Remove != "":
		s.Clause, s.Count = page.Remove, -1
		return s, v.t("whatif.asked.remove", page.Supposable.Name, page.Remove), nil
	case page.Score != "":
		return v.otherPoints(page)
	}
	return s, "", nil
}

// otherPoints is the supposition that one assessor had given other points; the choice names the indicator and the
// place of his points.
func (v *visit) otherPoints(page *whatIfPage) (rules.Supposition, string, error) {
	s := rules.Supposition{Unit: page.Unit}
	for _, score := range page.Supposable.Scores {
		if scoreChoice(score) != page.Score {
			continue
		}
		points, err := rules.ParsePoints(strings.TrimSpace(page.Points))
		if err != nil {
			return s, "", office.Refuse("points are digits with at most two decimals, such as 4.75")
		}
		s.Indicator, s.Assessor, s.Points = score.Indicator, score.At, points
		return s, v.t("whatif.asked.points", page.Supposable.Name, score.Indicator, score.Name, points.Short(), score.Points.Short()), nil
	}
	return s, "", office.Missing("no such points")
}

// scoreChoice names one assessor's points in a form.
func scoreChoice(score office.SupposableScore) string {
	return score.Indicator + "/" + strconv.Itoa(score.At)
}

// Choice is ScoreChoice for the template.
func (whatIfPage) Choice(score office.SupposableScore) string { return scoreChoice(score) }
