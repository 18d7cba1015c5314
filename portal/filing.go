package portal

import (
	"net/url"
	"strings"

	"github.com/kaoping/kaoping/office"
)

// filingForm is where a unit's contact writes measures or a report, and gathers what proves them (A13).
type filingForm struct {
	Kind string
	// Other is the other kind, where that may be filed, too.
	Other    string
	Text     string
	Evidence []proofView
	LinkName string
	Link     string

	TextFault, EvidenceFault string
}

// filingForm shows what is being typed: what was just sent, else what is kept as a draft, else the last report that
// came back.
func (v *visit) filingForm(order office.Rectification, path string) (*filingForm, error) {
	drafts, err := v.desk.FilingDrafts(v.r.Context(), int(order.Number))
	if err != nil {
		return nil, err
	}
	form := filingForm{Kind: office.FilingMeasures}
	if order.State != "ordered" {
		form.Kind, form.Other = office.FilingReport, office.FilingMeasures
		if v.r.FormValue("kind") == office.FilingMeasures {
			form.Kind, form.Other = form.Other, form.Kind
		}
	}
	draft, begun := drafts[form.Kind]
	if !begun {
		draft.Text = lastFiled(order, form.Kind)
	}
	form.Text = v.typed("text", draft.Text)
	form.Evidence = proofViews(path, draft.Evidence)
	if len(v.faults) > 0 { // a link that was taken is in the list
		form.LinkName, form.Link = v.typed("link_name", ""), v.typed("link", "")
	}
	form.TextFault = v.faultOf("the text is", "the measures come before")
	form.EvidenceFault = v.faultOf("evidence ")
	return &form, nil
}

// lastFiled is the text of this kind that was filed last: it is written on.
func lastFiled(order office.Rectification, kind string) string {
	text := ""
	for _, filing := range order.Filings {
		if filing.Kind == kind {
			text = filing.Content
		}
	}
	return text
}

// ownOrder is the number of an order of the person's own unit; that of another is not his to file for.
func (v *visit) ownOrder() (int, error) {
	number, err := v.orderNumber()
	if err != nil {
		return 0, err
	}
	return number, v.desk.OwnRectification(v.r.PathValue("unit"))
}

// fileRectification takes the form with its files. It files, or keeps what came as a draft.
func (v *visit) fileRectification() error {
	number, err := v.ownOrder()
	if err != nil {
		return err
	}
	evidence, err := v.upload()
	if v.r.Header.Get("HX-Request") == "true" {
		return v.autosaved(v.desk.SaveFiling(v.r.Context(), number, v.r.PostFormValue("kind"), v.r.PostFormValue("text")))
	}
	if link := strings.TrimSpace(v.r.PostFormValue("link")); link != "" {
		evidence = append(evidence, office.Evidence{Name: linkName(v.r.PostFormValue("link_name"), link), Link: link})
	}
	if err == nil && v.r.PostFormValue("do") == "file" {
		return v.fileFor(number, evidence)
	}
	kind := v.r.PostFormValue("kind")
	told := v.keepDraft(number, kind, evidence)
	if office.KindOf(told) == office.Internal && told != nil {
		return told
	}
	if err == nil {
		err = told
	}
	if err != nil {
		return v.refused(err, (*visit).showRectification)
	}
	path := v.thisOrder() + "?" + url.Values{"kind": {kind}}.Encode() + "#filing"
	return v.done(path, "rectification.saved")
}

// linkName is what a link is called: by its address if nobody named it.
func linkName(name, link string) string {
	if name = strings.TrimSpace(name); name != "" {
		return name
	}
	return string([]rune(link)[:min(len([]rune(link)), 100)])
}

// keepDraft keeps the text, puts to the draft what came with the form, and takes out what was asked for.
func (v *visit) keepDraft(number int, kind string, evidence []office.Evidence) error {
	ctx := v.r.Context()
	if err := v.desk.SaveFiling(ctx, number, kind, v.r.PostFormValue("text")); err != nil {
		return err
	}
	if proof := v.r.PostFormValue("remove"); proof != "" {
		if err := v.desk.DetachFromFiling(ctx, number, kind, proof); err != nil {
			return err
		}
	}
	return v.desk.AttachToFiling(ctx, number, kind, evidence...)
}

// fileFor is the act: text and evidence go together. If it is refused, the files that came with it are kept with the
// draft, so that nobody uploads them twice.
func (v *visit) fileFor(number int, fresh []office.Evidence) error {
	ctx, kind := v.r.Context(), v.r.PostFormValue("kind")
	file := v.desk.FileMeasures
	key := "rectification.filed.measures"
	if kind == office.FilingReport {
		file = v.desk.ReportRectification
		key = "rectification.filed.report"
	}
	done, err := v.perform((*visit).showRectification, func(act string) error {
		drafts, err := v.desk.FilingDrafts(ctx, number)
		if err != nil {
			return err
		}
		err = file(ctx, act, number, v.r.PostFormValue("text"), office.WithEvidence(drafts[kind].Evidence, fresh...)...)
		if err != nil {
			if kept := v.keepDraft(number, kind, fresh); kept != nil && office.KindOf(kept) == office.Internal {
				return kept
			}
		}
		return err
	})
	if !done {
		return err
	}
	return v.done(v.thisOrder(), key)
}

// downloadFiled sends a file of evidence of a rectification.
func (v *visit) downloadFiled() error {
	number, err := v.orderNumber()
	if err != nil {
		return err
	}
	unit, digest := v.r.PathValue("unit"), v.r.PathValue("digest")
	file, err := v.desk.OpenFiled(v.r.Context(), unit, number, digest)
	if err != nil {
		return err
	}
	return v.serveEvidence(unit, file)
}
