package mail

import (
	"fmt"
	"strings"
	"testing"
)

func TestParseURL(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Server{
		"smtp://mail.example:587?tls=starttls":                   {Host: "mail.example", Port: 587, Encryption: STARTTLS},
		"smtp://mail.example:465/?tls=implicit":                  {Host: "mail.example", Port: 465, Encryption: Implicit},
		"smtp://office:p%40ss%2Fw%3Ard@mail.example:25?tls=none": {Host: "mail.example", Port: 25, User: "office", Password: "p@ss/w:rd", Encryption: None},
		"smtp://office%40a.cn:x@[::1]:2525":                      {Host: "::1", Port: 2525, User: "office@a.cn", Password: "x", Encryption: None},
		"smtp://mail.example:25":                                 {Host: "mail.example", Port: 25, Encryption: STARTTLS},
		"smtp://127.0.0.1:25":                                    {Host: "127.0.0.1", Port: 25, Encryption: None},
		"smtp://localhost:25?tls=starttls":                       {Host: "localhost", Port: 25, Encryption: STARTTLS},
	} {
		if got, err := ParseURL(text); err != nil || got != want {
			t.Errorf("%s: %#v, %v", text, got, err)
		}
	}
}

func TestParseURLNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                              `begins with ""`,
		"mail.example:25":               `begins with "mail.example"`,
		"smtps://mail.example:25":       `begins with "smtps"`,
		"smtp:mail.example":             "between or after",
		"smtp://mail.example:25/x":      "between or after",
		"smtp://mail.example:25#x":      "between or after",
		"smtp://:25":                    "names no host",
		"smtp://mail.example":           `the port is ""`,
		"smtp://mail.example:0":         `the port is "0"`,
		"smtp://mail.example:65536":     `the port is "65536"`,
		"smtp://u@mail.example:25":      "a user without a password",
		"smtp://:pass@mail.example:25":  "a password without a user",
		"smtp://u:a%00b@mail.example:1": "NUL",
		"smtp://u:pass/word@mail:25":    "is not of the form",
		"smtp://u:pass%word@mail:25":    "is not of the form",
		"smtp://mail.example:25\r\nx":   "is not of the form",
		"smtp://m:25?tls=ssl":           `tls is "ssl"`,
		"smtp://m:25?tls=":              `tls is ""`,
		"smtp://m:25?TLS=none":          `"TLS"`,
		"smtp://m:25?tls=none&tls=none": `"tls", or has it twice`,
		"smtp://m:25?tls=none;x":        "a query that does not parse",
	} {
		_, err := ParseURL(text)
		if err == nil || !strings.Contains(err.Error(), want) || strings.ContainsAny(err.Error(), "\r\n") || strings.Contains(err.Error(), "pass/") || strings.Contains(err.Error(), ":pass@") {
			t.Errorf("%s: %v does not say %q in one line", text, err, want)
		}
	}
}

func TestPasswordIsNotPrinted(t *testing.T) {
	t.Parallel()
	server, err := ParseURL("smtp://office:secret@mail.example:587?tls=starttls")
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(server); got != "smtp://office@mail.example:587?tls=starttls" {
		t.Error(got)
	}
}

func TestLoopback(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"localhost": true, "LOCALHOST": true, "127.0.0.1": true, "127.9.9.9": true, "[::1]": true, "[::ffff:127.0.0.1]": true,
		"mail.example": false, "10.0.0.1": false, "0.0.0.0": false, "[::]": false, "localhost.example": false, "127.0.0.1.example": false,
	} {
		s := newSender(t, SenderConfig{URL: "smtp://" + host + ":25?tls=none"})
		if got := s.Server().Loopback(); got != want {
			t.Errorf("%s: %t", host, got)
		}
	}
}

func TestARehearsalsServer(t *testing.T) {
	t.Parallel()
	for server, want := range map[Server]string{
		{}: "", {Host: "localhost", Port: 25}: "",
		{Host: "mail.example", Port: 587}: "SMTP_URL: a rehearsal delivers only to a mail server on this machine, not to mail.example:587",
	} {
		if got := fmt.Sprint(server.CheckRehearsal()); got != want && (want != "" || got != "<nil>") {
			t.Errorf("%v: %s", server, got)
		}
	}
}

func TestNewSenderRefuses(t *testing.T) {
	t.Parallel()
	if _, err := NewSender(SenderConfig{URL: "http://x"}); err == nil {
		t.Error("took an http URL")
	}
	if _, err := NewSender(SenderConfig{URL: "smtp://localhost:25", Connections: -1}); err == nil {
		t.Error("took -1 connections")
	}
	s := newSender(t, SenderConfig{URL: "smtp://localhost:25"})
	if cap(s.slots) != 4 {
		t.Errorf("%d connections by default", cap(s.slots))
	}
}
