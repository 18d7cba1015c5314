package portal

import (
	"io"
	"mime"
	"net/http"

	"github.com/kaoping/kaoping/office"
)

// evidencePolicy is of a file that opens in place: whatever is in it, it runs nothing and reaches nothing.
const evidencePolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'self'; sandbox"

// sendEvidence sends a file that a unit's report names (A8(5)): to be saved, or with ?inline=1 a PDF or a picture to look
// at. Every reading of another's is logged before it.
func (v *visit) sendEvidence() error {
	unit, digest, name := v.r.PathValue("unit"), v.r.PathValue("sha"), v.r.PathValue("name")
	file, err := v.desk.OpenEvidence(v.r.Context(), unit, digest, name)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // it was only read
	if v.desk.Person.Unit != unit {
		if err := v.desk.LogRead(v.r.Context(), office.EvidenceRead, unit+"/"+name, v.address()); err != nil {
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
	header.Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": name}))
	if v.r.Method == http.MethodHead {
		return nil
	}
	if _, err := io.Copy(v.w, file); err != nil {
		// What is sent can't be taken back: the connection breaks off, so that nobody takes half a file for the whole.
		v.Log.Error("couldn't send evidence", "unit", unit, "digest", digest, "error", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}
