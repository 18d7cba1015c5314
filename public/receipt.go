package public

import (
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"net/url"

	"rsc.io/qr"

	"github.com/kaoping/kaoping/ballots"
	"github.com/kaoping/kaoping/store"
)

// pixels of a QR code's square: on the screen, and on a poster.
const (
	receiptScale = 4
	posterScale  = 16
)

// picture is an address as a QR code.
func picture(address string, scale int) (template.URL, error) {
	code, err := qr.Encode(address, qr.M)
	if err != nil {
		return "", fmt.Errorf("couldn't make the QR code of %s: %w", address, err)
	}
	code.Scale = scale
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(code.PNG())), nil //nolint:gosec // it is a picture made here
}

// showReceipt tells the voter what the ballot is found by.
func (v *visit) showReceipt(became answer, shown view) error {
	var err error
	if shown.QR, err = picture(v.URL+v.scene.base+"/receipt?code="+url.QueryEscape(became.receipt.String()), receiptScale); err != nil {
		return err
	}
	shown.Receipt = became.receipt.String()
	v.show(became.status, "receipt", shown)
	return nil
}

// readReceipt reads what somebody typed.
func readReceipt(text string) (ballots.Receipt, bool) {
	receipt, err := ballots.ParseReceipt(text)
	return receipt, err == nil
}

// findReceipt looks a ballot up in the published list.
func findReceipt(v *visit) error {
	code := v.r.FormValue("code")
	shown := view{Receipt: code}
	if code == "" || !v.scene.Published {
		v.show(http.StatusOK, "find", shown)
		return nil
	}
	receipt, ok := readReceipt(code)
	if !ok {
		shown.Faults = v.tell(v.language, []fault{wrong("code", "fault.receipt")})
		v.show(http.StatusUnprocessableEntity, "find", shown)
		return nil
	}
	line, index, err := v.Store.Published(v.r.Context(), v.scene.CycleID, v.scene.form, receipt)
	if store.IsMissing(err) {
		shown.Faults = v.tell(v.language, []fault{wrong("code", "fault.notfound")})
		v.show(http.StatusNotFound, "find", shown)
		return nil
	}
	if err != nil {
		return err
	}
	shown.Receipt, shown.Unit, shown.Index = receipt.String(), v.scene.unitName(line.Unit), index
	shown.Ballot = ballot{Answers: line.Answers, Comment: line.Comment}
	v.show(http.StatusOK, "found", shown)
	return nil
}
