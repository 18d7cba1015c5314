package integration

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/kaoping/kaoping/internal/devstack"
)

// letter is a received mail, as a person's program shows it.
type letter struct {
	id, subject, from, to string
	text, html            string
	attachments           []string
}

// open reads a received file.
func open(t *testing.T, message devstack.Message) letter {
	t.Helper()
	content, err := os.ReadFile(message.Path)
	must(t, err)
	raw, err := netmail.ReadMessage(bytes.NewReader(content))
	must(t, err)
	read := letter{id: raw.Header.Get("Message-Id")}
	if ascii := strings.IndexFunc(raw.Header.Get("Subject"), func(r rune) bool { return r > unicode.MaxASCII }); ascii >= 0 {
		t.Errorf("%s: the subject is not written in ASCII", message.Path)
	}
	read.subject, err = new(mime.WordDecoder).DecodeHeader(raw.Header.Get("Subject"))
	must(t, err)
	from, err := raw.Header.AddressList("From")
	must(t, err)
	to, err := raw.Header.AddressList("To")
	must(t, err)
	read.from, read.to = from[0].Name, to[0].Address
	if len(from) != 1 || len(to) != 1 || raw.Header.Get("Date") == "" {
		t.Errorf("%s: it has %d senders and %d addressees", message.Path, len(from), len(to))
	}
	read.part(t, raw.Header.Get("Content-Type"), raw.Header.Get("Content-Transfer-Encoding"), "", raw.Body)
	return read
}

// part reads one part of a mail, or the parts in it.
func (l *letter) part(t *testing.T, contentType, encoding, disposition string, body io.Reader) {
	t.Helper()
	kind, parameters, err := mime.ParseMediaType(contentType)
	must(t, err)
	if strings.HasPrefix(kind, "multipart/") {
		parts := multipart.NewReader(body, parameters["boundary"])
		for {
			part, err := parts.NextRawPart()
			if err == io.EOF {
				return
			}
			must(t, err)
			l.part(t, part.Header.Get("Content-Type"), part.Header.Get("Content-Transfer-Encoding"), part.Header.Get("Content-Disposition"), part)
		}
	}
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	content, err := io.ReadAll(body)
	must(t, err)
	switch _, named, _ := mime.ParseMediaType(disposition); {
	case named["filename"] != "":
		name, err := new(mime.WordDecoder).DecodeHeader(named["filename"])
		must(t, err)
		l.attachments = append(l.attachments, name)
	case kind == "text/plain":
		l.text = string(content)
	case kind == "text/html":
		l.html = string(content)
	}
}

// letters are the received mails by Message-ID. Two that are the same to their reader must have the same one.
func (p *production) letters(t *testing.T) map[string]letter {
	t.Helper()
	read, reader := map[string]letter{}, map[string]string{}
	for _, message := range p.Inbox.Messages() {
		letter := open(t, message)
		read[letter.id] = letter
		key := letter.to + letter.subject + letter.text
		if id, doubled := reader[key]; doubled && id != letter.id {
			t.Errorf("%q was delivered to %s under two Message-IDs: %s, %s", letter.subject, letter.to, id, letter.id)
		}
		reader[key] = letter.id
	}
	return read
}

// matchInbox wants every mail that the journal calls sent in the inbox, and no other. What the server took before a
// fault could be sent once more under the same Message-ID, or be given up by ourselves.
func (p *production) matchInbox(t *testing.T, j *journal) map[string]letter {
	t.Helper()
	letters := p.letters(t)
	known := map[string]bool{}
	for _, l := range j.lines {
		if l.Event != "mail_sent" && l.Event != "mail_refused" {
			continue
		}
		letter, received := letters[l.Data.MessageID]
		if l.Event == "mail_sent" && !received {
			t.Errorf("%s: it never came", l)
		}
		if received && letter.to != l.Data.To {
			t.Errorf("%s: it went to %s", l, letter.to)
		}
		known[l.Data.MessageID] = true
	}
	for id, letter := range letters {
		if !known[id] {
			t.Errorf("the journal doesn't know %s, %q to %s", id, letter.subject, letter.to)
		}
	}
	return letters
}

// readable checks what a person sees of a mail in a rehearsal.
func (p *production) readable(t *testing.T, letter letter) {
	t.Helper()
	name := fmt.Sprintf("%q to %s", letter.subject, letter.to)
	mark, rest, _ := strings.Cut(letter.subject, "】")
	if mark != "【演练" || !utf8.ValidString(rest) || !strings.ContainsFunc(rest, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		t.Errorf("%s: the subject doesn't say 【演练】 and then what it is about", name)
	}
	if letter.from != p.set.Plan.Scheme.Authority.Name {
		t.Errorf("%s: it is from %q", name, letter.from)
	}
	link := fmt.Sprintf("http://127.0.0.1:8080/rehearsal/%d/%s/%d/", p.cycle.Rehearsal, p.set.Plan.Scheme.Authority.Code, p.set.Plan.Scheme.Year)
	for part, content := range map[string]string{"text": letter.text, "HTML": letter.html} {
		if !utf8.ValidString(content) || !strings.Contains(content, link) || !strings.Contains(content, "演练") {
			t.Errorf("%s: its %s part lacks the link to %s, or does not say that it is a rehearsal", name, part, link)
		}
	}
	if !strings.Contains(letter.html, "<html") {
		t.Errorf("%s: its HTML part is none", name)
	}
}

// delivered is a line of the journal and the letter of which it tells.
type delivered struct {
	line   line
	letter letter
}

// ofKind are the letters that the journal calls sent, of a kind.
func ofKind(j *journal, letters map[string]letter, kind string) []delivered {
	var found []delivered
	for _, l := range j.lines {
		if l.is("mail_sent", kind) {
			found = append(found, delivered{l, letters[l.Data.MessageID]})
		}
	}
	return found
}

// wholeInbox checks the letters of the built-in data set.
func (p *production) wholeInbox(t *testing.T, j *journal) {
	t.Helper()
	letters := p.matchInbox(t, j)
	if received := len(p.Inbox.Messages()); received != len(letters) {
		t.Errorf("%d mails came, under %d Message-IDs", received, len(letters))
	}
	for _, letter := range letters {
		p.readable(t, letter)
	}
	for _, kind := range []string{"notice", "bulletin", "feedback"} {
		for _, sent := range ofKind(j, letters, kind) {
			if extension := p.set.Plan.Scheme.Extension.Document; !strings.Contains(sent.letter.text, extension) {
				t.Errorf("%s does not name %s (A16)", sent.line, extension)
			}
		}
	}
	for _, sent := range ofKind(j, letters, "feedback") {
		for _, unit := range p.set.Plan.Units {
			if strings.Contains(sent.letter.text, unit.Name) != (unit.Code == sent.line.Unit) {
				t.Errorf("%s should name that unit alone, and not %s (A8(7))", sent.line, unit.Name)
			}
		}
	}
	for _, sent := range ofKind(j, letters, "results_to_organization") {
		if !slices.Equal(sent.letter.attachments, []string{"2025年度政务公开考核结果.xlsx"}) {
			t.Errorf("%s carries %q (A12)", sent.line, sent.letter.attachments)
		}
	}
}
