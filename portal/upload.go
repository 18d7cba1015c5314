package portal

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/kaoping/kaoping/office"
)

// What one form with files may weigh: its files, and its text.
const (
	maxUpload = 10*(50<<20) + maxText
	maxText   = 1 << 20
)

// upload is a form with files on its way: its fields become those of the request, its files go into the evidence store as
// they arrive, and never lie in memory.
type upload struct {
	v       *visit
	room    int64
	kept    []office.Evidence
	reasons []string
}

// upload takes a form with or without files. It answers what is kept in the evidence store, and everything that is wrong
// with the other files at once.
func (v *visit) upload() ([]office.Evidence, error) {
	u, err := v.receive()
	if err == nil && len(u.reasons) > 0 {
		err = office.Refuse(u.reasons...)
	}
	return u.kept, err
}

// receive takes a form with or without files; it fails only where that breaks off.
func (v *visit) receive() (upload, error) {
	u := upload{v: v, room: maxText}
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, maxUpload) // before the reader of its parts takes hold of it
	form, err := v.r.MultipartReader()
	if errors.Is(err, http.ErrNotMultipart) {
		return u, nil
	}
	v.r.PostForm = url.Values{}
	if err != nil {
		return u, office.Refuse("the form does not parse, or is too large")
	}
	err = u.take(form)
	v.r.Form = v.r.PostForm
	return u, err
}

func (u *upload) take(form *multipart.Reader) error {
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return office.Refuse("the upload broke off: please send it again")
		}
		if part.FileName() != "" {
			err = u.attach(part)
		} else {
			err = u.text(part)
		}
		if err != nil {
			return err
		}
	}
}

// text reads a field that is no file.
func (u *upload) text(part *multipart.Part) error {
	value, err := io.ReadAll(io.LimitReader(part, u.room+1))
	if err != nil {
		return office.Refuse("the upload broke off: please send it again")
	}
	if u.room -= int64(len(value)); u.room < 0 {
		return office.Refuse("the form does not parse, or is too large")
	}
	if part.FormName() != "file" { // a file field in which nothing was chosen
		u.v.r.PostForm.Add(part.FormName(), string(value))
	}
	return nil
}

// attach streams one file into the evidence store.
func (u *upload) attach(part *multipart.Part) error {
	source := &uploadReader{Reader: part}
	file, err := u.v.desk.AttachFile(u.v.r.Context(), part.FileName(), source)
	switch {
	case source.broken:
		return office.Refuse("the upload broke off: please send it again")
	case err != nil && office.KindOf(err) == office.Refused:
		u.reasons = append(u.reasons, refusals(err)...)
		return nil
	case err == nil:
		u.kept = append(u.kept, file)
	}
	return err
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

// evidencePolicy is of a file that opens in place: whatever is in it, it runs nothing and reaches nothing.
const evidencePolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'self'; sandbox"

// serveEvidence sends a unit's file: to be saved, or with ?inline=1 a PDF or a picture to look at. Every reading of
// another's is logged before it.
func (v *visit) serveEvidence(unit string, file *office.File) error {
	defer func() { _ = file.Close() }() // it was only read
	if v.desk.Person.Unit != unit {
		if err := v.desk.LogRead(v.r.Context(), office.EvidenceRead, unit+"/"+file.Name, v.address()); err != nil {
			return err
		}
	}
	header := v.w.Header()
	disposition := "attachment"
	header.Set("Content-Type", "application/octet-stream")
	if file.InPlace && v.r.URL.Query().Has("inline") {
		disposition = "inline"
		header.Set("Content-Type", file.Type)
		header.Set("Content-Security-Policy", evidencePolicy)
	}
	header.Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": file.Name}))
	if v.r.Method == http.MethodHead {
		return nil
	}
	if _, err := io.Copy(v.w, file); err != nil {
		// What is sent can't be taken back: the connection breaks off, so that nobody takes half a file for the whole.
		v.Log.Error("couldn't send evidence", "unit", unit, "file", file.Name, "error", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

// proofView is a link, or a file to save.
type proofView struct {
	Name, Href string
	// Detail tells a file's size or where a link leads; Digest and Open are of files: Open shows it in place.
	Detail, Digest, Open string
	// Proof names it to the server.
	Proof string
}

// shownInPlace are the endings of files that a browser can show; what they are is checked when they are opened.
var shownInPlace = []string{".pdf", ".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp"}

// proofAt shows a piece of evidence; a file is downloaded from href.
func proofAt(href string, evidence office.Evidence) proofView {
	if evidence.Link != "" {
		return proofView{Name: evidence.Name, Href: evidence.Link, Detail: evidence.Link, Proof: evidence.Link}
	}
	shown := proofView{
		Name: evidence.Name, Href: href, Detail: size(evidence.Size), Digest: evidence.SHA256[:8] + "…" + evidence.SHA256[56:], Proof: evidence.SHA256,
	}
	if ending := strings.LastIndexByte(evidence.Name, '.'); ending >= 0 && slices.Contains(shownInPlace, strings.ToLower(evidence.Name[ending:])) {
		shown.Open = href + "?inline=1"
	}
	return shown
}

// size writes a number of bytes: 812 B, 23.4 kB, 1.2 MB.
func size(bytes int64) string {
	switch {
	case bytes < 1000:
		return fmt.Sprintf("%d B", bytes)
	case bytes < 1000*1000:
		return fmt.Sprintf("%.1f kB", float64(bytes)/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(bytes)/1000/1000)
}
