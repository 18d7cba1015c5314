package ballots

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// KeyName is how the signing key of an installation is called in its signatures.
const KeyName = "kaoping"

// emptyRoot is the root of no leaves, as RFC 6962 has it.
var emptyRoot = tlog.Hash(sha256.Sum256(nil))

// Root is what all ballots of an evaluation are sealed under.
type Root struct {
	// Log names the evaluation: kaoping/pingliang/2025/evaluation.
	Log  string
	Size int64
	Hash tlog.Hash
}

// text is the checkpoint's: the log's name, its size, its root.
func (r Root) text() string { return fmt.Sprintf("%s\n%d\n%s\n", r.Log, r.Size, r.Hash) }

// Sign makes the checkpoint.
func (r Root) Sign(signer note.Signer) (string, error) {
	signed, err := note.Sign(&note.Note{Text: r.text()}, signer)
	if err != nil {
		return "", fmt.Errorf("couldn't sign the checkpoint of %s: %w", r.Log, err)
	}
	return string(signed), nil
}

// OpenCheckpoint reads a checkpoint that this public key's owner signed.
func OpenCheckpoint(signed, key string) (Root, error) {
	verifier, err := note.NewVerifier(strings.TrimSpace(key))
	if err != nil {
		return Root{}, fmt.Errorf("couldn't read the public key: %w", err)
	}
	opened, err := note.Open([]byte(signed), note.VerifierList(verifier))
	if err != nil {
		return Root{}, fmt.Errorf("the checkpoint is not signed by %s: %w", verifier.Name(), err)
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 {
		return Root{}, fmt.Errorf("the checkpoint has %d lines, want a name, a size and a root", len(lines)-1)
	}
	size, sizeErr := strconv.ParseInt(lines[1], 10, 64)
	hash, hashErr := tlog.ParseHash(lines[2])
	if err := errors.Join(sizeErr, hashErr); err != nil || size < 0 {
		return Root{}, fmt.Errorf("couldn't read the checkpoint's size and root %.60q: %w", lines[1:3], err)
	}
	return Root{Log: lines[0], Size: size, Hash: hash}, nil
}

// NewKey makes a signing key; the first text is secret, the second for everybody.
func NewKey() (secret, public string, err error) { return note.GenerateKey(rand.Reader, KeyName) }

// keyParts are those of a signing key's text: PRIVATE+KEY+name+hash+key.
const keyParts = 5

// Signer signs checkpoints.
type Signer struct {
	note.Signer
	// Public is the key with which everybody checks the signatures.
	Public string
}

// NewSigner reads a signing key.
func NewSigner(secret string) (Signer, error) {
	secret = strings.TrimSpace(secret)
	signer, err := note.NewSigner(secret)
	if err != nil {
		return Signer{}, fmt.Errorf("couldn't read the signing key: %w", err)
	}
	raw, err := base64.StdEncoding.DecodeString(strings.SplitN(secret, "+", keyParts)[keyParts-1])
	if err != nil || len(raw) != 1+ed25519.SeedSize {
		return Signer{}, errors.New("couldn't read the signing key: it is no Ed25519 key")
	}
	owner, _ := ed25519.NewKeyFromSeed(raw[1:]).Public().(ed25519.PublicKey)
	public, err := note.NewEd25519VerifierKey(signer.Name(), owner)
	if err != nil {
		return Signer{}, fmt.Errorf("couldn't tell the public key: %w", err)
	}
	return Signer{Signer: signer, Public: public}, nil
}
