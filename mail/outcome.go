package mail

import (
	"errors"
	"fmt"
	"strings"

	"github.com/emersion/go-smtp"
)

// RefusedError is a permanent refusal of this recipient or this message: to
// send the same again is useless. Code is 0 where the mail never got as far as a
// server.
type RefusedError struct {
	Code int
	Text string // the server's answer, as UTF-8 without control characters, cut to 500 characters
}

func (e *RefusedError) Error() string {
	if e.Code == 0 {
		return "refused: " + e.Text
	}
	return fmt.Sprintf("refused: %d %s", e.Code, e.Text)
}

// TemporaryError is every other failure: a 4xx answer, a dropped connection, a
// deadline, a cancelled context, a setting that the server does not go along
// with. The mail is still to be sent.
type TemporaryError struct {
	Step string // dial, greeting, TLS, AUTH, MAIL, RCPT, DATA, message, answer …
	Code int    // 0 unless the server answered
	Text string // as in RefusedError
	Err  error  // nil if the server answered

	// Unclear is set where the whole message was on its way and no answer came:
	// the server may have it.
	Unclear bool
}

func (e *TemporaryError) Error() string {
	text := e.Step + ": "
	if e.Err != nil {
		text += clean(e.Err.Error()) // it may quote what the other end said
	} else {
		text += fmt.Sprintf("%d %s", e.Code, e.Text)
	}
	if e.Unclear {
		text += " (the server may have the message)"
	}
	return text
}

func (e *TemporaryError) Unwrap() error { return e.Err }

// The steps whose refusal can be about the recipient or the message. Everything
// before them is about the session, and concerns every mail alike: nobody must
// lose his address to a wrong password.
const (
	stepMail    = "MAIL"
	stepRcpt    = "RCPT"
	stepData    = "DATA"
	stepMessage = "message"
	stepAnswer  = "answer"
)

// outcome sorts what the client library returned.
func outcome(step string, err error) error {
	var answer *smtp.SMTPError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &answer):
		return &TemporaryError{Step: step, Err: err, Unclear: step == stepAnswer}
	case answer.Code >= 500 && permanent(step, answer.Code):
		return &RefusedError{Code: answer.Code, Text: answerText(answer)}
	default:
		return &TemporaryError{Step: step, Code: answer.Code, Text: answerText(answer)}
	}
}

func permanent(step string, code int) bool {
	switch code {
	case 500, 502, 503, 504, 530, 534, 535, 538: // commands out of place, authentication or encryption wanted
		return false
	}
	switch step {
	case stepMail:
		return code == 552 // too big; all else said here is about the sender
	case stepRcpt, stepData, stepAnswer:
		return true
	}
	return false
}

// answerText is the server's answer as it would stand in a log of the session.
func answerText(answer *smtp.SMTPError) string {
	text := answer.Message
	if code := answer.EnhancedCode; code[0] > 0 {
		text = fmt.Sprintf("%d.%d.%d %s", code[0], code[1], code[2], text)
	}
	return clean(text)
}

// clean makes a server's words fit for the ledger: some answer in GBK, and
// PostgreSQL takes neither that nor NUL.
func clean(text string) string {
	const longest = 500
	text = strings.ToValidUTF8(text, "\uFFFD")
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r <= ' ' || r == 0x7f }), " ")
	if runes := []rune(text); len(runes) > longest {
		return string(runes[:longest])
	}
	return text
}
