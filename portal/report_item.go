package portal

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/rules"
)

// What one form of an indicator may weigh: its files, and its text.
const (
	maxUpload = 10*(50<<20) + maxText
	maxText   = 1 << 20
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

// autosaved answers a form that is saved while one types: nothing, or in plain text why not.
func (v *visit) autosaved(err error) error {
	if err == nil {
		v.w.WriteHeader(http.StatusNoContent)
		return nil
	}
	status := statuses[office.KindOf(err)]
	if status == http.StatusInternalServerError {
		return err
	}
	v.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	v.w.WriteHeader(status)
	_, _ = io.WriteString(v.w, strings.Join(v.reasons(err), "\n")) // who asked is gone: nobody is left to tell
	return nil
}

// take reads the form and keeps each part of it. All that is wrong is told at once.
func (f *itemForm) take() error {
	form, err := f.v.r.MultipartReader()
	if errors.Is(err, http.ErrNotMultipart) {
		return f.keep(f.v.r.PostForm)
	}
	if err != nil {
		return office.Refuse("the form does not parse, or is too large")
	}
	f.v.r.Body = http.MaxBytesReader(f.v.w, f.v.r.Body, maxUpload)
	f.v.r.PostForm = url.Values{}
	room := int64(maxText)
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return f.keep(f.v.r.PostForm)
		}
		if err != nil {
			return office.Refuse("the upload broke off: please send it again")
		}
		if part.FileName() != "" {
			err = f.attach(part)
		} else {
			err = f.text(part, &room)
		}
		if err != nil {
			return err
		}
	}
}

// text reads a field that is no file.
func (f *itemForm) text(part *multipart.Part, room *int64) error {
	value, err := io.ReadAll(io.LimitReader(part, *room+1))
	if err != nil {
		return office.Refuse("the upload broke off: please send it again")
	}
	if *room -= int64(len(value)); *room < 0 {
		return office.Refuse("the form does not parse, or is too large")
	}
	if part.FormName() != "file" { // a file field in which nothing was chosen
		f.v.r.PostForm.Add(part.FormName(), string(value))
	}
	return nil
}

// attach streams one file into the evidence store.
func (f *itemForm) attach(part *multipart.Part) error {
	source := &uploadReader{Reader: part}
	file, err := f.v.desk.AttachFile(f.v.r.Context(), part.FileName(), source)
	if source.broken {
		return office.Refuse("the upload broke off: please send it again")
	}
	if err == nil {
		err = f.v.desk.AddEvidence(f.v.r.Context(), f.unit, f.indicator, file)
	}
	return f.refused(err)
}

// uploadReader tells an upload that broke off from trouble of the store.
type uploadReader struct {
	io.Reader
	broken bool
}

func (r *uploadReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.broken = r.broken || err != nil && !errors.Is(err, io.EOF)
	return n, err
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
