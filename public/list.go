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
	lines.SetEscapeHTML(false)
	err := v.Store.EachPublished(v.r.Context(), v.scene.CycleID, func(row query.PublicBallotListRow) error {
		line, err := v.scene.line(row)
		if err != nil {
			return err
		}
		return lines.Encode(line)
	})
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

func (s *scene) line(row query.PublicBallotListRow) (ballots.Line, error) {
	if row.Few {
		hash := tlog.Hash(row.Hash)
		return ballots.Line{Hidden: &hash}, nil
	}
	answers, err := s.form.Decode(row.Answers)
	if err != nil {
		return ballots.Line{}, err
	}
	line := ballots.Line{Ballot: &ballots.Ballot{
		Receipt: ballots.Receipt(row.Receipt), Unit: row.Unit, Channel: row.Channel, Hall: row.Hall, Survey: int(row.Survey),
		Answers: answers, Commitment: ballots.Commit(row.Nonce, row.Comment),
	}}
	if row.CommentPublished {
		line.Comment, line.Nonce = row.Comment, row.Nonce
	}
	return line, nil
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
	found, err := v.Store.Published(v.r.Context(), v.scene.CycleID, receipt)
	if store.IsMissing(err) {
		v.refuse(http.StatusNotFound, []fault{wrong("receipt", "fault.notfound")})
		return nil
	}
	if err != nil {
		return err
	}
	line, err := v.scene.line(query.PublicBallotListRow{
		Receipt: found.Receipt, Unit: found.Unit, Channel: found.Channel, Hall: found.Hall, Survey: found.Survey,
		Answers: found.Answers, Comment: found.Comment, Nonce: found.Nonce, CommentPublished: found.Comment != "",
	})
	if err != nil {
		return err
	}
	hashes, err := v.Store.Tiles(v.r.Context(), v.scene.CycleID).Prove(seal.Size, found.Position)
	if err != nil {
		return err
	}
	return v.json(http.StatusOK, proven{Ballot: line, Index: found.Position, Size: seal.Size, Proof: append([]tlog.Hash{}, hashes...), Checkpoint: seal.Checkpoint})
}
