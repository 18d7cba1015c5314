// Package mail turns what an authority has to say into e-mail and delivers it:
// templates for every kind of mail, composing, and delivery over pooled
// connections with a deadline on every step. What was sent to whom, and what
// the servers answered, is kept on the ledger in the store.
package mail

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"mime"
	netmail "net/mail"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Message is one mail to one addressee. All fields but Attachments are needed.
type Message struct {
	From      netmail.Address
	To        netmail.Address
	Subject   string
	Text      string
	HTML      string
	MessageID string // see [MessageID]
	Date      time.Time

	Attachments []Attachment
}

// Attachment is a file that travels with a mail.
type Attachment struct {
	Name        string // at most 255 bytes of UTF-8
	ContentType string // empty: application/octet-stream
	Content     []byte
}

// MessageID names a mail by its row on the ledger, so that a mail sent twice
// after a crash is recognisable as one. The row's id is hashed: what is legal in
// an id of ours need not be legal in a header.
func MessageID(ledgerID, domain string) string {
	sum := sha256.Sum256([]byte(ledgerID))
	return "<" + hex.EncodeToString(sum[:16]) + "@" + domain + ">"
}

const (
	longestAddress = 254 // RFC 5321, 4.5.3.1.3, less the angle brackets
	longestName    = 255 // as file systems have it; encoded it still fits one header line
)

// CheckAddress says what keeps an address from being written into an envelope
// or a header. It is stricter than RFC 5322: quoted local parts, comments,
// address lists and letters beyond ASCII (which need a server with SMTPUTF8 all
// the way) are refused.
func CheckAddress(address string) error {
	if len(address) > longestAddress {
		return fmt.Errorf("the address is %d bytes long, longer than %d", len(address), longestAddress)
	}
	if err := checkHeader("the address", address); err != nil {
		return err
	}
	parsed, err := netmail.ParseAddress(address)
	plain := strings.IndexFunc(address, func(r rune) bool { return r > '~' || strings.ContainsRune(" \",;<>()[]", r) }) < 0
	if err != nil || parsed.Address != address || !plain {
		return fmt.Errorf("%q is not an address of the form name@host", address)
	}
	return nil
}

// checkHeader refuses what could end a header line and begin another.
func checkHeader(what, text string) error {
	if !utf8.ValidString(text) {
		return fmt.Errorf("%s is not UTF-8", what)
	}
	if at := strings.IndexFunc(text, unicode.IsControl); at >= 0 {
		return fmt.Errorf("%s has a control character (%q) in it", what, text[at])
	}
	return nil
}

// check lists everything that keeps m from being composed.
func (m Message) check() error {
	faults := []error{
		checkMailbox("From", m.From),
		checkMailbox("To", m.To),
		checkHeader("Subject", m.Subject),
		checkMessageID(m.MessageID),
		checkBody("Text", m.Text),
		checkBody("HTML", m.HTML),
	}
	if strings.TrimSpace(m.Subject) == "" {
		faults = append(faults, errors.New("the subject is empty"))
	}
	if m.Date.IsZero() {
		faults = append(faults, errors.New("the date is missing"))
	}
	for i, a := range m.Attachments {
		faults = append(faults, a.check(fmt.Sprintf("Attachments[%d]", i)))
	}
	return errors.Join(faults...)
}

func checkMailbox(field string, a netmail.Address) error {
	if err := checkHeader(field+": the name", a.Name); err != nil {
		return err
	}
	if err := CheckAddress(a.Address); err != nil {
		return fmt.Errorf("%s: %w", field, err)
	}
	return nil
}

func checkMessageID(id string) error {
	inner, opened := strings.CutPrefix(id, "<")
	inner, closed := strings.CutSuffix(inner, ">")
	plain := strings.IndexFunc(inner, func(r rune) bool { return r <= ' ' || r > '~' || r == '<' || r == '>' }) < 0
	if !opened || !closed || !plain || strings.Count(inner, "@") != 1 || len(id) > longestAddress {
		return fmt.Errorf("MessageID %q is not of the form <id@domain>", id)
	}
	return nil
}

func checkBody(field, text string) error {
	if strings.TrimSpace(text) == "" {
		return fmt.Errorf("%s is empty", field)
	}
	if !utf8.ValidString(text) {
		return fmt.Errorf("%s is not UTF-8", field)
	}
	return nil
}

func (a Attachment) check(field string) error {
	if a.Name == "" || len(a.Name) > longestName {
		return fmt.Errorf("%s: the name has %d bytes, not 1 to %d", field, len(a.Name), longestName)
	}
	if err := checkHeader(field+": the name", a.Name); err != nil {
		return err
	}
	if err := checkHeader(field+": the media type", a.ContentType); err != nil {
		return err
	}
	if kind, _, err := mime.ParseMediaType(a.contentType()); err != nil || !strings.Contains(kind, "/") || len(a.ContentType) > longestName {
		return fmt.Errorf("%s: %q is not a media type", field, a.ContentType)
	}
	return nil
}

func (a Attachment) contentType() string {
	if a.ContentType == "" {
		return "application/octet-stream"
	}
	return a.ContentType
}
