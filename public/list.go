package public

import (
	"bufio"
	"encoding/json"
	"net/http"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/kaoping/kaoping/ballots"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// list is the published list, one ballot a line, in the log's order.
func list(v *visit) error {
	if _, err := v.Store.Seal(v.r.Context(), v.scene.CycleID); err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "application/jsonl; charset=utf-8")
	out := bufio.NewWriter(v.w)
	lines := json.NewEncoder(out)
	err := v.Store.EachPublished(v.r.Context(), v.scene.CycleID, v.scene.form, func(line ballots.Line) error { return lines.Encode(line) })
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		// Half a list must not pass for a whole one.
		v.Log.Error("a list of ballots broke off", "cycle", v.scene.CycleID, "error", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

// checkpoint is the signed root.
func checkpoint(v *visit) error {
	return v.ofSeal(func(seal query.PublicSealRow) string { return seal.Checkpoint })
}

// key is the public key of the checkpoint's signature.
func key(v *visit) error {
	return v.ofSeal(func(seal query.PublicSealRow) string { return seal.PublicKey + "\n" })
}

func (v *visit) ofSeal(text func(query.PublicSealRow) string) error {
	seal, err := v.Store.Seal(v.r.Context(), v.scene.CycleID)
	if err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = v.w.Write([]byte(text(seal))) // who asked is gone: nobody is left to tell
	return nil
}

// proven is a ballot with what proves that it is in the list.
type proven struct {
	Ballot ballots.Line `json:"ballot"`
	// Index is its place in the list, from 0; Proof the hashes beside its way to the root of Size leaves (RFC 6962).
	Index      int64       `json:"index"`
	Size       int64       `json:"size"`
	Proof      []tlog.Hash `json:"proof"`
	Checkpoint string      `json:"checkpoint"`
}

// proof is the ballot of a receipt: whoever has that sees it whole, with the comment that was sealed.
func proof(v *visit) error {
	receipt, ok := readReceipt(v.r.PathValue("receipt"))
	if !ok {
		v.refuse(http.StatusUnprocessableEntity, []fault{wrong("receipt", "fault.receipt")})
		return nil
	}
	seal, err := v.Store.Seal(v.r.Context(), v.scene.CycleID)
	if err != nil {
		return err
	}
	line, index, err := v.Store.Published(v.r.Context(), v.scene.CycleID, v.scene.form, receipt)
	if store.IsMissing(err) {
		v.refuse(http.StatusNotFound, []fault{wrong("receipt", "fault.notfound")})
		return nil
	}
	if err != nil {
		return err
	}
	hashes, err := v.Store.Tiles(v.r.Context(), v.scene.CycleID).Prove(seal.Size, index)
	if err != nil {
		return err
	}
	return v.json(http.StatusOK, proven{Ballot: line, Index: index, Size: seal.Size, Proof: append([]tlog.Hash{}, hashes...), Checkpoint: seal.Checkpoint})
}
