// Package ballots is the public log of a social evaluation (E9): what a ballot is in the published list, the Merkle root
// under which all are sealed, the signed checkpoint, proofs of inclusion, and how anyone verifies them offline. It is
// pure: the lists themselves lie in the store.
package ballots

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// Channels of a ballot, as the rules name them (E9).
const (
	Public         = "public"
	Representative = "representative"
)

// Ballot is one ballot as it is sealed. Nothing in it says who cast it.
type Ballot struct {
	Receipt Receipt `json:"receipt"`
	Unit    string  `json:"unit"`
	Channel string  `json:"channel"`
	// Hall is the service hall on whose shared device it was cast; such ballots count in the public channel.
	Hall string `json:"hall,omitempty"`
	// Survey is the number of the survey, run elsewhere, from which it was imported (E9); 0 for none.
	Survey  int               `json:"survey,omitempty"`
	Answers map[string]string `json:"answers"` // by question
	// Commitment binds the comment, which a person may decide not to publish; empty without one.
	Commitment string `json:"comment_hash,omitempty"`
}

// Leaf is the ballot's text in the log: one JSON object, keys in the order of the fields, answers in that of their
// questions' names, without white space.
func (b Ballot) Leaf() ([]byte, error) {
	leaf, err := json.Marshal(b)
	if err != nil {
		return nil, fmt.Errorf("couldn't write the ballot %s: %w", b.Receipt, err)
	}
	return leaf, nil
}

// Hash is the leaf's hash in the log, as RFC 6962 makes it.
func (b Ballot) Hash() (tlog.Hash, error) {
	leaf, err := b.Leaf()
	if err != nil {
		return tlog.Hash{}, err
	}
	return tlog.RecordHash(leaf), nil
}

// Line is one line of the published list: a ballot with its comment if that is published, or only the hash of one that
// has too few others beside it (E10).
type Line struct {
	*Ballot
	Comment string `json:"comment,omitempty"`
	Nonce   []byte `json:"comment_nonce,omitempty"`
	// Hidden is the leaf's hash, and stands alone.
	Hidden *tlog.Hash `json:"hash,omitempty"`
}

// Hash is the leaf's hash. A published comment must be the one that was sealed.
func (l Line) Hash() (tlog.Hash, error) {
	if l.Hidden != nil {
		return *l.Hidden, nil
	}
	if l.Comment != "" && Commit(l.Nonce, l.Comment) != l.Commitment {
		return tlog.Hash{}, fmt.Errorf("the comment of ballot %s is not the one that was sealed", l.Receipt)
	}
	return l.Ballot.Hash()
}

// nonceSize makes commitments to short comments unguessable.
const nonceSize = 16

// NewNonce is what a comment's commitment is made with.
func NewNonce() []byte {
	nonce := make([]byte, nonceSize)
	_, _ = rand.Read(nonce) // never fails
	return nonce
}

// Commit binds a comment without telling it; empty for none.
func Commit(nonce []byte, comment string) string {
	if comment == "" {
		return ""
	}
	sum := sha256.Sum256(append(append([]byte{}, nonce...), comment...))
	return base64.StdEncoding.EncodeToString(sum[:])
}
