package mail

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"mime"
	netmail "net/mail"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jordan-wright/email"
)

// headerOrder is the order that readers of raw mail expect; the library's own
// is a different one each time.
var headerOrder = []string{
	"From", "To", "Subject", "Date", "Message-Id", "Auto-Submitted", "Mime-Version", "Content-Type", "Content-Transfer-Encoding",
}

// Compose renders m as a MIME message: a text and an HTML part, then the
// attachments. It refuses, with every reason at once, what would come out wrong
// or could be used to inject a header. No line is longer than 998 octets.
func Compose(m Message) ([]byte, error) {
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("couldn't compose the mail: %w", err)
	}
	e := email.NewEmail()
	e.From = mailbox(m.From)
	e.To = []string{mailbox(m.To)}
	e.Subject = encodedWords(m.Subject)
	e.Text = []byte(m.Text)
	e.HTML = []byte(m.HTML)
	e.Headers.Set("Date", m.Date.Format(time.RFC1123Z))
	e.Headers.Set("Message-Id", m.MessageID)
	e.Headers.Set("Auto-Submitted", "auto-generated") // RFC 3834: keeps holiday notices from answering
	for i, a := range m.Attachments {
		if err := attach(e, i, a, m.MessageID); err != nil {
			return nil, fmt.Errorf("couldn't attach %q: %w", a.Name, err)
		}
	}
	raw, err := e.Bytes()
	if err != nil {
		return nil, fmt.Errorf("couldn't compose the mail: %w", err)
	}
	return arrange(raw), nil
}

// attach sets the headers that the library would write without encoding the
// attachment's name: disposition and content id.
func attach(e *email.Email, index int, a Attachment, messageID string) error {
	attached, err := e.Attach(bytes.NewReader(a.Content), a.Name, a.contentType())
	if err != nil {
		return err
	}
	attached.Header.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": a.Name}))
	attached.Header.Set("Content-Id", fmt.Sprintf("<%d.%s", index+1, strings.TrimPrefix(messageID, "<")))
	return nil
}

// mailbox writes an address in a form that survives the library, which splits
// at every comma, also one within quotes. A Chinese name of usual length is one
// word, which even those readers show right that put a blank between two.
func mailbox(a netmail.Address) string {
	a.Name = shortName(a.Name)
	if a.Name == "" {
		return "<" + a.Address + ">"
	}
	if strings.ContainsFunc(a.Name, func(r rune) bool { return r > '~' || strings.ContainsRune(",\"\\", r) }) {
		return base64Words(a.Name) + " <" + a.Address + ">"
	}
	return (&netmail.Address{Name: a.Name, Address: a.Address}).String()
}

// shortName is a name that fits a header line: nobody's mail is to fail for the length of his unit's name.
func shortName(name string) string {
	const mark = "…"
	if len(name) <= longestName {
		return name
	}
	cut := longestName - len(mark)
	for !utf8.RuneStart(name[cut]) {
		cut--
	}
	return name[:cut] + mark
}

// encodedWords returns text as it stands where every reader shows it unchanged,
// else as RFC 2047 words.
func encodedWords(text string) string {
	const foldable = 60
	plain := strings.IndexFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) < 0
	if plain && len(text) <= foldable && !strings.Contains(text, "=?") && strings.Join(strings.Fields(text), " ") == text {
		return text
	}
	return base64Words(text)
}

// base64Words cuts text between characters, never within one: readers decode
// each word by itself.
func base64Words(text string) string {
	const most = 45 // bytes; 72 characters when encoded, of the 75 allowed
	var words []string
	for text != "" {
		cut := min(most, len(text))
		for cut < len(text) && !utf8.RuneStart(text[cut]) {
			cut--
		}
		words = append(words, "=?utf-8?b?"+base64.StdEncoding.EncodeToString([]byte(text[:cut]))+"?=")
		text = text[cut:]
	}
	return strings.Join(words, " ")
}

// arrange puts the header fields into their order and folds long ones.
func arrange(raw []byte) []byte {
	head, body, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	var fields []string
	for line := range strings.SplitSeq(string(head), "\r\n") {
		if strings.HasPrefix(line, " ") && len(fields) > 0 {
			fields[len(fields)-1] += "\r\n" + line
			continue
		}
		fields = append(fields, fold(line))
	}
	place := func(field string) int {
		name, _, _ := strings.Cut(field, ":")
		return slices.IndexFunc(headerOrder, func(known string) bool { return strings.EqualFold(known, name) })
	}
	slices.SortStableFunc(fields, func(a, b string) int { return place(a) - place(b) })
	return slices.Concat([]byte(strings.Join(fields, "\r\n")), []byte("\r\n\r\n"), body)
}

// fold breaks a header line at its spaces. The field's name keeps its first
// word, so that no line is blank.
func fold(line string) string {
	const wide = 76
	words := strings.Split(line, " ")
	var folded strings.Builder
	width := 0
	for i, word := range words {
		switch {
		case i == 0:
		case i > 1 && width+1+len(word) > wide:
			folded.WriteString("\r\n ")
			width = 1
		default:
			folded.WriteString(" ")
			width++
		}
		folded.WriteString(word)
		width += len(word)
	}
	return folded.String()
}
