package public

import (
	"crypto/sha256"
	"net/http"

	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// invitation is what a representative is asked about.
type invitation struct {
	hash []byte
	Name string
	// Open are the units that he has not evaluated, Done those that he has.
	Open, Done []query.PublicUnitListRow
}

// invited finds the invitation of a link (E9). It works in the evaluation that it is for, and nowhere else.
func (v *visit) invited() (*invitation, error) {
	hash := sha256.Sum256([]byte(v.r.PathValue("link")))
	rows, err := v.Store.Invited(v.r.Context(), hash[:])
	if err != nil {
		return nil, err
	}
	found := &invitation{hash: hash[:]}
	for _, row := range rows {
		if row.CycleID != v.scene.CycleID {
			continue
		}
		found.Name = row.Name
		unit := query.PublicUnitListRow{Code: row.Unit, Name: v.scene.unitName(row.Unit)}
		if row.Used {
			found.Done = append(found.Done, unit)
		} else {
			found.Open = append(found.Open, unit)
		}
	}
	if found.Name == "" {
		return nil, store.Missing("no such link")
	}
	return found, nil
}

// showInvited asks a representative about one unit after the other.
func showInvited(v *visit) error {
	found, err := v.invited()
	if err != nil {
		return err
	}
	unit := v.r.FormValue("unit")
	if unit == "" && len(found.Open) > 0 {
		unit = found.Open[0].Code
	}
	v.show(http.StatusOK, "form", view{Ballot: v.fresh(unit), Invited: found})
	return nil
}

// sendInvited puts a representative's ballot into the box: his link is used up for the unit in the same commit, and
// nothing links the two.
func sendInvited(v *visit) error {
	found, err := v.invited()
	if err != nil {
		return err
	}
	sent := readForm(v.r)
	became, err := v.castInvited(found, sent)
	if err == nil && became.cast() {
		// What is left may have changed.
		if found, err = v.invited(); err != nil {
			return err
		}
	}
	return v.answerForm("form", sent, became, err, view{Invited: found, Again: v.scene.base + "/r/" + v.r.PathValue("link")})
}

func (v *visit) castInvited(found *invitation, sent ballot) (answer, error) {
	key, digits, faults := v.scene.check(sent)
	if len(faults) > 0 {
		return refused(http.StatusUnprocessableEntity, faults...), nil
	}
	vote := store.Vote{Receipt: v.receiptOf(key), Cycle: v.scene.CycleID, Unit: sent.Unit, Answers: digits, Comment: sent.Comment}
	came, err := v.Store.CastInvited(v.r.Context(), found.hash, vote)
	if err != nil {
		return answer{}, err
	}
	return outcome(came, vote.Receipt)
}
