package public

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/time/rate"

	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// An unlocking is for one ballot, soon; a wrong number can be tried a few times.
const (
	unlockValid = 15 * time.Minute
	triesEvery  = 20 * time.Second
	triesBurst  = 5
)

// PinHash is how a hall's number is kept.
func PinHash(secret []byte, cycle int64, hall, pin string) []byte {
	mac := hmac.New(sha256.New, secret)
	_, _ = fmt.Fprintf(mac, "hall/%d/%s/%s", cycle, hall, pin) // a hash takes everything
	return mac.Sum(nil)
}

func (v *visit) hall() (query.PublicHallGetRow, error) {
	code := v.r.PathValue("hall")
	if !codeShape.MatchString(code) {
		return query.PublicHallGetRow{}, store.Missing("no such hall")
	}
	return v.Store.Hall(v.r.Context(), v.scene.CycleID, code)
}

// showHall is the shared device of a service hall while it is locked (E8(2)).
func showHall(v *visit) error {
	hall, err := v.hall()
	if err != nil {
		return err
	}
	v.show(http.StatusOK, "hall", view{Hall: &hall})
	return nil
}

// sendHall takes the number with which staff unlock the device for one ballot, or that ballot.
func sendHall(v *visit) error {
	hall, err := v.hall()
	if err != nil {
		return err
	}
	shown := view{Hall: &hall, Again: v.scene.base + "/hall/" + hall.Code}
	if v.r.PostForm.Has("pin") {
		return v.unlock(hall, shown)
	}
	shown.Unlock = v.r.PostFormValue("unlock")
	since, ok := v.since(shown.Unlock, "unlock", v.lock(hall.Code))
	if !ok || since > unlockValid {
		shown.Faults = v.tell(v.language, []fault{wrong("pin", "fault.locked")})
		v.show(http.StatusConflict, "hall", shown)
		return nil
	}
	sent := readForm(v.r)
	became, err := v.cast(sent, fromBrowser{form: true, hall: hall.Code, unlocked: v.keyed("unlocked", []byte(shown.Unlock))})
	page := "form"
	if became.locked() {
		page = "hall"
	}
	return v.answerForm(page, sent, became, err, shown)
}

func (v *visit) unlock(hall query.PublicHallGetRow, shown view) error {
	tries := v.limiter("hall/"+v.scene.base+"/"+hall.Code, rate.Every(triesEvery), triesBurst)
	if !tries.AllowN(v.Now(), 1) {
		v.retryAfter(triesEvery)
		shown.Faults = v.tell(v.language, []fault{wrong("pin", "fault.tries")})
		v.show(http.StatusTooManyRequests, "hall", shown)
		return nil
	}
	if !hmac.Equal(hall.PinHash, PinHash(v.Store.Secret, v.scene.CycleID, hall.Code, v.r.PostFormValue("pin"))) {
		shown.Faults = v.tell(v.language, []fault{wrong("pin", "fault.pin")})
		v.show(http.StatusForbidden, "hall", shown)
		return nil
	}
	shown.Ballot, shown.Unlock = v.fresh(""), v.stamp("unlock", v.lock(hall.Code))
	v.show(http.StatusOK, "form", shown)
	return nil
}

// lock is that of one hall in one evaluation.
func (v *visit) lock(hall string) []byte { return fmt.Appendf(nil, "%d/%s", v.scene.CycleID, hall) }

// showPoster is a page to print for a hall: an address as a QR code.
func showPoster(v *visit) error {
	hall, err := v.hall()
	if err != nil {
		return err
	}
	shown := view{Hall: &hall, Link: v.URL + v.scene.base}
	if shown.QR, err = picture(shown.Link, posterScale); err != nil {
		return err
	}
	v.show(http.StatusOK, "poster", shown)
	return nil
}
