package ballots

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strings"

	"github.com/google/uuid"
)

// receiptSize in bytes: 80 bits cannot be guessed, and 16 letters can be copied from a screen.
const (
	receiptSize    = 10
	receiptLetters = 16
)

// Receipt is what a voter gets, and finds the ballot by. It says nothing of the voter.
type Receipt [receiptSize]byte

// alphabet is Crockford's: no letter is taken for another.
var alphabet = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// NewReceipt is that of the caller's key in one evaluation: the same key has the same receipt, and without the secret
// nobody makes one.
func NewReceipt(secret []byte, cycle int64, key uuid.UUID) Receipt {
	mac := hmac.New(sha256.New, secret)
	_, _ = fmt.Fprintf(mac, "receipt/%d/%s", cycle, key) // a hash takes everything
	return Receipt(mac.Sum(nil)[:receiptSize])
}

// RandomReceipt is for a ballot that nobody cast here: one of a survey.
func RandomReceipt() Receipt {
	var receipt Receipt
	_, _ = rand.Read(receipt[:]) // never fails
	return receipt
}

// String is the receipt in groups of four.
func (r Receipt) String() string {
	text := alphabet.EncodeToString(r[:])
	return strings.Join([]string{text[:4], text[4:8], text[8:12], text[12:]}, "-")
}

// asTyped is what people write in place of what they read.
var asTyped = strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1")

// ParseReceipt reads a receipt as a person may type it.
func ParseReceipt(text string) (Receipt, error) {
	letters := asTyped.Replace(strings.ToUpper(strings.TrimSpace(text)))
	raw, err := alphabet.DecodeString(letters)
	if err != nil || len(letters) != receiptLetters {
		return Receipt{}, fmt.Errorf("%.40q is no receipt: it has 16 letters and digits", text)
	}
	return Receipt(raw), nil
}

// MarshalText writes it as String does.
func (r Receipt) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText wants exactly what MarshalText writes: the leaf's hash is of that.
func (r *Receipt) UnmarshalText(text []byte) error {
	read, err := ParseReceipt(string(text))
	if err == nil && read.String() != string(text) {
		err = fmt.Errorf("%q is not written as %s", text, read)
	}
	*r = read
	return err
}
