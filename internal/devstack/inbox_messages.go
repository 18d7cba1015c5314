package devstack

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"net/mail"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Message is one message for one recipient.
type Message struct {
	// Number counts the messages from 1; it begins the file's name.
	Number int
	// From and To are the envelope's addresses. Of messages of an earlier start To is read from the file's name,
	// and From is unknown.
	From, To string
	// MessageID is as written in the header, with its angle brackets; Subject is decoded.
	MessageID, Subject string
	Received           time.Time
	// Path of the file, empty when bodies are discarded.
	Path string
}

// errStopped refuses a message that was under way when the inbox was stopped.
var errStopped = errors.New("the inbox is closing")

// deposit stores a message, once for each recipient: each has a mailbox of his own.
func (b *Inbox) deposit(from string, to []string, content []byte) error {
	if b.options.Forget {
		return nil
	}
	for _, recipient := range to {
		message := Message{From: from, To: recipient, Received: time.Now()}
		message.MessageID, message.Subject = headers(content)
		if err := b.store(message, content); err != nil {
			return err
		}
	}
	return nil
}

func (b *Inbox) store(message Message, content []byte) error {
	var temporary string
	var err error
	if !b.options.Discard {
		if temporary, err = writeTemporary(b.path, content); err != nil {
			return fmt.Errorf("couldn't store a message: %w", err)
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.server == nil {
		return errors.Join(errStopped, discardTemporary(temporary))
	}
	message.Number = b.next + 1
	if temporary != "" {
		message.Path = filepath.Join(b.path, fmt.Sprintf("%04d-%s.eml", message.Number, fileName(message.To)))
		if err := os.Rename(temporary, message.Path); err != nil {
			return errors.Join(fmt.Errorf("couldn't store a message: %w", err), discardTemporary(temporary))
		}
	}
	b.next++
	b.messages = append(b.messages, message)
	close(b.changed)
	b.changed = make(chan struct{})
	return nil
}

func writeTemporary(dir string, content []byte) (string, error) {
	file, err := os.CreateTemp(dir, ".incoming-")
	if err != nil {
		return "", err
	}
	_, err = file.Write(content)
	if err := errors.Join(err, file.Close()); err != nil {
		return "", errors.Join(err, os.Remove(file.Name()))
	}
	return file.Name(), nil
}

func discardTemporary(path string) error {
	if path == "" {
		return nil
	}
	return os.Remove(path)
}

// headers reads what the index shows; what can't be read stays empty, for an inbox takes whatever comes.
func headers(content []byte) (messageID, subject string) {
	message, err := mail.ReadMessage(bytes.NewReader(content))
	if err != nil {
		return "", ""
	}
	subject = message.Header.Get("Subject")
	if decoded, err := new(mime.WordDecoder).DecodeHeader(subject); err == nil {
		subject = decoded
	}
	return message.Header.Get("Message-Id"), subject
}

// fileName keeps of an address what is safe in a file's name.
func fileName(address string) string {
	safe := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("@._+-", r):
			return r
		default:
			return '_'
		}
	}, address)
	return safe[:min(len(safe), 200)]
}

// load indexes the messages of an earlier start.
func (b *Inbox) load() error {
	if b.path == "" {
		return nil
	}
	entries, err := os.ReadDir(b.path)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		message, ok, err := b.reload(entry)
		if err != nil {
			return err
		}
		if ok {
			b.messages = append(b.messages, message)
			b.next = max(b.next, message.Number)
		}
	}
	return nil
}

func (b *Inbox) reload(entry os.DirEntry) (Message, bool, error) {
	path := filepath.Join(b.path, entry.Name())
	if strings.HasPrefix(entry.Name(), ".incoming-") { // cut off by the end of an earlier start
		return Message{}, false, os.Remove(path)
	}
	number, to, ours := splitFileName(entry.Name())
	if !ours {
		return Message{}, false, nil
	}
	info, err := entry.Info()
	if err != nil {
		return Message{}, false, err
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return Message{}, false, err
	}
	message := Message{Number: number, To: to, Received: info.ModTime(), Path: path}
	message.MessageID, message.Subject = headers(content)
	return message, true, nil
}

// splitFileName reads what store put into the name of a message's file; other files are not ours.
func splitFileName(name string) (number int, to string, ours bool) {
	stem, ours := strings.CutSuffix(name, ".eml")
	digits, to, named := strings.Cut(stem, "-")
	number, err := strconv.Atoi(digits)
	return number, to, ours && named && err == nil
}
