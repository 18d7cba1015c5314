package portal

import (
	"errors"
	"net/url"
	"strings"

	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/rules"
)

// itemForm is what was sent of one indicator: its text, a link, what is to go, and files, which are kept as they arrive.
type itemForm struct {
	v               *visit
	unit, indicator string
	reasons         []string
}

// saveItem keeps one indicator of the draft: what was typed, and what was added to or taken from its evidence. It is no
// act: what is saved twice is the same.
func (v *visit) saveItem() error {
	f := itemForm{v: v, unit: v.r.PathValue("unit"), indicator: v.r.URL.Query().Get("indicator")}
	if err := v.desk.OwnReport(f.unit); err != nil {
		return err // before a byte of a file is read
	}
	err := f.take()
	if err == nil && len(f.reasons) > 0 {
		err = office.Refuse(f.reasons...)
	}
	if v.r.Header.Get("HX-Request") == "true" {
		return v.autosaved(err)
	}
	if err != nil {
		return v.refused(err, (*visit).showReport)
	}
	return v.done(v.in("units/%s/report#i%s", f.unit, f.indicator), "report.saved")
}

// take reads the form and keeps each part of it. All that is wrong is told at once.
func (f *itemForm) take() error {
	received, err := f.v.receive()
	if err != nil {
		return err
	}
	f.reasons = received.reasons
	for _, file := range received.kept {
		if err := f.refused(f.v.desk.AddEvidence(f.v.r.Context(), f.unit, f.indicator, file)); err != nil {
			return err
		}
	}
	return f.keep(f.v.r.PostForm)
}

// keep saves what was typed.
func (f *itemForm) keep(form url.Values) error {
	ctx, desk := f.v.r.Context(), f.v.desk
	self, err := selfScore(form.Get("self_score"))
	if err != nil {
		f.reasons = append(f.reasons, err.Error())
	} else if err := f.refused(desk.SaveItem(ctx, f.unit, f.indicator, form.Get("statement"), self)); err != nil {
		return err
	}
	if proof := form.Get("remove"); proof != "" {
		if err := f.refused(desk.RemoveEvidence(ctx, f.unit, f.indicator, proof)); err != nil {
			return err
		}
	}
	link, name := strings.TrimSpace(form.Get("link")), strings.TrimSpace(form.Get("link_name"))
	if link == "" || f.v.r.Header.Get("HX-Request") == "true" {
		return nil
	}
	if name == "" {
		name = link[:min(len(link), 100)]
	}
	return f.refused(desk.AddEvidence(ctx, f.unit, f.indicator, office.Evidence{Name: name, Link: link}))
}

// refused collects reasons; an error of another kind ends the form.
func (f *itemForm) refused(err error) error {
	var known *office.Error
	if office.KindOf(err) == office.Refused && errors.As(err, &known) {
		f.reasons = append(f.reasons, known.Reasons...)
		return nil
	}
	return err
}

// selfScore reads points as typed, full-width digits too; nothing is no self-score yet.
func selfScore(typed string) (*rules.Points, error) {
	typed = strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' {
			return r - '！' + '!'
		}
		if r == '。' {
			return '.'
		}
		return r
	}, strings.TrimSpace(typed))
	if typed == "" {
		return nil, nil //nolint:nilnil // no self-score yet is an answer
	}
	points, err := rules.ParsePoints(typed)
	if err != nil {
		return nil, err
	}
	return &points, nil
}
