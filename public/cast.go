package public

import (
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"github.com/kaoping/kaoping/ballots"
	"github.com/kaoping/kaoping/store"
)

// answer is what became of a ballot: its receipt, or why it is not in the box.
type answer struct {
	status  int
	receipt ballots.Receipt
	faults  []fault
}

func (a answer) cast() bool { return len(a.faults) == 0 }

// locked tells whether a hall's device takes no ballot before it is unlocked again.
func (a answer) locked() bool { return len(a.faults) == 1 && a.faults[0].key == "fault.locked" }

// refused is an answer of a ballot that is not in the box.
func refused(status int, faults ...fault) answer { return answer{status: status, faults: faults} }

// outcome makes an answer of what the box says.
func outcome(came store.CastOutcome, receipt ballots.Receipt) (answer, error) {
	switch came {
	case store.CastDone:
		return answer{status: http.StatusCreated, receipt: receipt}, nil
	case store.CastAgain:
		return answer{status: http.StatusOK, receipt: receipt}, nil
	case store.CastClosed:
		return refused(http.StatusConflict, wrong("", "fault.closed")), nil
	case store.CastDevice:
		return refused(http.StatusConflict, wrong("unit", "fault.device")), nil
	case store.CastUsed:
		return refused(http.StatusConflict, wrong("unit", "fault.used")), nil
	case store.CastNoUnit:
		return refused(http.StatusUnprocessableEntity, wrong("unit", "fault.unit")), nil
	case store.CastAnswers:
		return refused(http.StatusUnprocessableEntity, wrong("answers", "fault.question")), nil
	case store.CastWork:
		return refused(http.StatusUnprocessableEntity, wrong("altcha", "fault.replayed")), nil
	case store.CastNoLink:
		return answer{}, store.Missing("no such link")
	}
	return answer{}, fmt.Errorf("the box answered %q", came)
}

// fromBrowser is what only a ballot from a page has.
type fromBrowser struct {
	form bool
	// hall is the service hall on whose device it is cast, unlocked the unlocking that it uses up (E8(2)).
	hall     string
	unlocked []byte
}

// cast puts a ballot of the public into the box (E9).
func (v *visit) cast(sent ballot, from fromBrowser) (answer, error) {
	key, digits, faults := v.scene.check(sent)
	if len(faults) > 0 {
		return refused(http.StatusUnprocessableEntity, faults...), nil
	}
	vote := store.Vote{
		Receipt: v.receiptOf(key), Cycle: v.scene.CycleID, Unit: sent.Unit, Answers: digits, Comment: sent.Comment,
		Hall: from.hall, Device: from.unlocked, Seconds: -1,
	}
	if from.hall == "" {
		if again, ok := v.admit(v.r); !ok {
			v.retryAfter(again)
			return refused(http.StatusTooManyRequests, wrong("", "fault.rate")), nil
		}
		if vote.Work, vote.Seconds, faults = v.pay(sent, from.form); len(faults) > 0 {
			return refused(http.StatusUnprocessableEntity, faults...), nil
		}
		vote.Device, vote.Network = v.deviceOf(sent.Unit), v.networkOf()
	}
	came, err := v.Store.Cast(v.r.Context(), vote)
	if err != nil {
		return answer{}, err
	}
	if came == store.CastDevice && from.hall != "" {
		return refused(http.StatusConflict, wrong("pin", "fault.locked")), nil
	}
	return outcome(came, vote.Receipt)
}

func (v *visit) receiptOf(key uuid.UUID) ballots.Receipt {
	return ballots.NewReceipt(v.Store.Secret, v.scene.CycleID, key)
}

// sendBallot takes a ballot that a program sends.
func sendBallot(v *visit) error {
	sent, faults, err := readJSON(v.r)
	if err != nil {
		return err
	}
	if len(faults) > 0 {
		// All that is wrong at once: what could be read is looked at too.
		_, _, more := v.scene.check(sent)
		v.refuse(http.StatusUnprocessableEntity, merged(faults, more))
		return nil
	}
	became, err := v.cast(sent, fromBrowser{})
	if err != nil {
		return err
	}
	if !became.cast() {
		v.refuse(became.status, became.faults)
		return nil
	}
	return v.json(became.status, map[string]string{"receipt": became.receipt.String()})
}

// merged leaves out what else is said of a field that could not be read.
func merged(faults, more []fault) []fault {
	said := map[string]bool{}
	for _, fault := range faults {
		said[fault.path] = true
	}
	if said[""] {
		return faults
	}
	for _, fault := range more {
		if !said[fault.path] {
			faults = append(faults, fault)
		}
	}
	return faults
}

// showForm is the page on which the public evaluates.
func showForm(v *visit) error {
	v.show(http.StatusOK, "form", view{Ballot: v.fresh(v.r.FormValue("unit"))})
	return nil
}

// fresh is an empty ballot; its key makes a form that is sent twice one ballot.
func (v *visit) fresh(unit string) ballot {
	return ballot{Key: uuid.NewString(), Unit: unit, Wait: v.stamp("wait")}
}

// sendForm takes a ballot that the page sends. Nothing typed is lost when it is refused.
func sendForm(v *visit) error {
	sent := readForm(v.r)
	became, err := v.cast(sent, fromBrowser{form: true})
	return v.answerForm("form", sent, became, err, view{Again: v.scene.base})
}

// answerForm shows the receipt, or the form again with what is wrong.
func (v *visit) answerForm(page string, sent ballot, became answer, err error, shown view) error {
	shown.Ballot = sent
	switch {
	case store.KindOf(err) == store.Unavailable && err != nil:
		v.retryAfter(comeAgain)
		became = refused(http.StatusServiceUnavailable, wrong("", "fault.busy"))
	case err != nil:
		return err
	}
	if became.cast() {
		shown.Unit = v.scene.unitName(sent.Unit)
		return v.showReceipt(became, shown)
	}
	shown.Faults = v.tell(v.language, became.faults)
	for _, fault := range became.faults {
		if fault.path == "altcha" || fault.key == "fault.stale" {
			// The page gets another chance to pay.
			shown.Ballot.Altcha, shown.Ballot.Wait = "", v.stamp("wait")
		}
	}
	v.show(became.status, page, shown)
	return nil
}
