package portal

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/rules"
)

// addedProblem is a problem as it is typed, and what it may name.
type addedProblem struct {
	Indicators                             []rules.Indicator
	Methods                                rules.Terms
	Indicator, Method, Text                string
	IndicatorFault, MethodFault, TextFault string
}

// addedProblem is the form of a problem that is being added to the unit that the address names; nil if none is.
func (v *visit) addedProblem(acts bool) (*addedProblem, error) {
	unit := v.r.FormValue("add")
	if !acts || unit == "" {
		return nil, nil //nolint:nilnil // no form is an answer
	}
	indicators, methods, err := v.desk.ProblemChoices(v.r.Context(), unit)
	return &addedProblem{
		Indicators: indicators, Methods: methods, Indicator: v.typed("indicator", ""), Method: v.typed("method", ""), Text: v.typed("text", ""),
		IndicatorFault: v.faultOf("indicator "), MethodFault: v.faultOf(`"`), TextFault: v.faultOf("the problem's text is missing"),
	}, err
}

// editProblem rewords a drafted problem (A13).
func (v *visit) editProblem() error {
	unit, number, err := problemAt(v.r.PostFormValue("edit"))
	if err != nil {
		return err
	}
	done, err := v.perform((*visit).showRectifications, func(act string) error {
		return v.desk.EditProblem(v.r.Context(), act, unit, number, v.trimmed("text"))
	})
	if !done {
		return err
	}
	path := v.draftOf(unit)
	return v.done(path, "rectifications.edited")
}

// draftOf is where a unit's draft stands in the list.
func (v *visit) draftOf(unit string) string {
	return v.in("rectifications?page=%s#unit-%s", url.QueryEscape(v.r.PostFormValue("page")), url.PathEscape(unit))
}

// problemAt reads which problem is meant: UNIT/POSITION.
func problemAt(text string) (unit string, position int, err error) {
	unit, number, _ := strings.Cut(text, "/")
	if position, err = strconv.Atoi(number); err != nil {
		return "", 0, office.Missing("no such problem")
	}
	return unit, position, nil
}

// addProblem adds a problem to a draft (A13).
func (v *visit) addProblem() error {
	unit := v.r.PostFormValue("add")
	done, err := v.perform((*visit).showRectifications, func(act string) error {
		_, err := v.desk.AddProblem(v.r.Context(), act, unit, office.Problem{
			Indicator: v.r.PostFormValue("indicator"), Method: v.r.PostFormValue("method"), Text: v.trimmed("text"),
		})
		return err
	})
	if !done {
		return err
	}
	path := v.draftOf(unit)
	return v.done(path, "rectifications.added")
}

// removeProblem takes a problem out of a draft (A13).
func (v *visit) removeProblem() error {
	unit, number, err := problemAt(v.r.PostFormValue("remove"))
	if err != nil {
		return err
	}
	done, err := v.perform((*visit).showRectifications, func(act string) error {
		return v.desk.RemoveProblem(v.r.Context(), act, unit, number)
	})
	if !done {
		return err
	}
	path := v.draftOf(unit)
	return v.done(path, "rectifications.removed")
}
