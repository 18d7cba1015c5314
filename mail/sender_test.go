package mail

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

const (
	office = "zwgk@pingliang.example"
	unit   = "zwgk@kongtong.pingliang.example"
)

var letter = []byte("Subject: x\r\n\r\n.\r\nhello\r\n..\r\n")

// bigLetter does not fit into the buffers between client and server.
func bigLetter() []byte {
	return []byte("Subject: x\r\n\r\n" + strings.Repeat(strings.Repeat("x", 70)+"\r\n", 280_000))
}

// patient is longer than any test takes; a test that waits it out fails.
var patient = Timeouts{
	Dial: time.Minute, Greeting: time.Minute, Command: time.Minute, Body: time.Minute, Answer: time.Minute, Idle: time.Hour, Close: time.Minute,
}

// short is waited out, but is long enough for the steps before it on a machine that is busy.
const short = 2 * time.Second

func newSender(t *testing.T, config SenderConfig) *Sender {
	t.Helper()
	if config.Timeouts == (Timeouts{}) {
		config.Timeouts = patient
	}
	s, err := NewSender(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func checkSent(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func checkTemporary(t *testing.T, err error, step string, code int, unclear bool) {
	t.Helper()
	var temporary *TemporaryError
	if !errors.As(err, &temporary) {
		t.Fatalf("%v is not temporary", err)
	}
	if temporary.Step != step || temporary.Code != code || temporary.Unclear != unclear {
		t.Fatalf("%v (unclear %t) is not of the step %s, code %d, unclear %t", err, temporary.Unclear, step, code, unclear)
	}
}

func checkRefused(t *testing.T, err error, code int, text string) {
	t.Helper()
	var refused *RefusedError
	if !errors.As(err, &refused) || refused.Code != code || refused.Text != text {
		t.Fatalf("%v is not the refusal %d %s", err, code, text)
	}
}

func checkCounts(t *testing.T, h *hostile, connections, messages int) {
	t.Helper()
	if c, m := h.counted(); c != connections || m != messages {
		t.Fatalf("%d connections and %d messages, not %d and %d", c, m, connections, messages)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		script answers
		code   int
		text   string
	}{
		"recipient":        {answers{"RCPT": "550 5.1.1 no such user"}, 550, "5.1.1 no such user"},
		"recipient, lines": {answers{"RCPT": "550-5.1.1 no such\r\n550 5.1.1 user"}, 550, "5.1.1 no such user"},
		"in GBK":           {answers{"RCPT": "550 \xd3\xc3\xbb\xa7 unknown"}, 550, "\uFFFDû\uFFFD unknown"},
		"with NUL":         {answers{"RCPT": "550 no\x00\x1bsuch"}, 550, "no such"},
		"endless":          {answers{"RCPT": "550 " + strings.Repeat("x", 900)}, 550, strings.Repeat("x", 500)},
		"data":             {answers{"DATA": "554 no"}, 554, "no"},
		"message":          {answers{"DOT": "554 5.7.1 spam"}, 554, "5.7.1 spam"},
		"too big":          {answers{"MAIL": "552 too big"}, 552, "too big"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := startHostile(t, c.script)
			s := newSender(t, SenderConfig{URL: h.url("none")})
			checkRefused(t, s.Send(t.Context(), office, unit, letter), c.code, c.text)
			checkRefused(t, s.Send(t.Context(), office, unit, letter), c.code, c.text)
			if connections, _ := h.counted(); connections != 1 {
				t.Errorf("%d connections: a refusal cost one", connections)
			}
		})
	}
}

// What the server says about the session is not held against the recipient.
func TestTemporaryAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		script  answers
		step    string
		code    int
		unclear bool
	}{
		"greeting 421":    {answers{"GREETING": "421 too many"}, "greeting", 421, false},
		"greeting 554":    {answers{"GREETING": "554 no service"}, "greeting", 554, false},
		"greeting drops":  {answers{"GREETING": hangUp}, "greeting", 0, false},
		"not SMTP":        {answers{"GREETING": "HTTP/1.1 400 Bad \xd3\x00Request"}, "greeting", 0, false},
		"EHLO 451":        {answers{"EHLO": "451 later"}, "greeting", 451, false},
		"MAIL 421":        {answers{"MAIL": "421 closing" + thenHangUp}, "MAIL", 421, false},
		"MAIL 454":        {answers{"MAIL": "454 later"}, "MAIL", 454, false},
		"MAIL 530":        {answers{"MAIL": "530 authenticate"}, "MAIL", 530, false},
		"sender refused":  {answers{"MAIL": "550 not your address"}, "MAIL", 550, false},
		"RCPT 421":        {answers{"RCPT": "421 closing" + thenHangUp}, "RCPT", 421, false},
		"RCPT 450":        {answers{"RCPT": "450 greylisted"}, "RCPT", 450, false},
		"RCPT 530":        {answers{"RCPT": "530 authenticate"}, "RCPT", 530, false},
		"RCPT drops":      {answers{"RCPT": hangUp}, "RCPT", 0, false},
		"DATA 451":        {answers{"DATA": "451 4.3.0 later"}, "DATA", 451, false},
		"message 421":     {answers{"DOT": "421 closing" + thenHangUp}, "answer", 421, false},
		"message 452":     {answers{"DOT": "452 disk full"}, "answer", 452, false},
		"answer drops":    {answers{"DOT": hangUp}, "answer", 0, true},
		"answer nonsense": {answers{"DOT": "fine"}, "answer", 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSender(t, SenderConfig{URL: startHostile(t, c.script).url("none")})
			err := s.Send(t.Context(), office, unit, letter)
			checkTemporary(t, err, c.step, c.code, c.unclear)
			if strings.ToValidUTF8(err.Error(), "") != err.Error() || strings.ContainsRune(err.Error(), 0) {
				t.Errorf("%q cannot be kept on the ledger", err)
			}
		})
	}
}

func TestEveryStepHasADeadline(t *testing.T) {
	t.Parallel()
	secret := "smtp://user:secret@"
	for name, c := range map[string]struct {
		script  answers
		tls     string
		step    string
		shorten func(*Timeouts) *time.Duration
		unclear bool
	}{
		"greeting":                 {answers{"GREETING": silence}, "none", "greeting", func(l *Timeouts) *time.Duration { return &l.Greeting }, false},
		"EHLO":                     {answers{"EHLO": silence}, "none", "greeting", func(l *Timeouts) *time.Duration { return &l.Greeting }, false},
		"STARTTLS":                 {answers{"EHLO": "250-x\r\n250 STARTTLS", "STARTTLS": silence}, "starttls", "greeting and STARTTLS", func(l *Timeouts) *time.Duration { return &l.Greeting }, false},
		"handshake after STARTTLS": {answers{"EHLO": "250-x\r\n250 STARTTLS", "STARTTLS": "220 go" + thenSilent}, "starttls", "greeting", func(l *Timeouts) *time.Duration { return &l.Greeting }, false},
		"handshake":                {answers{"GREETING": silence}, "implicit", "TLS", func(l *Timeouts) *time.Duration { return &l.Greeting }, false},
		"AUTH":                     {answers{"EHLO": "250-x\r\n250 AUTH PLAIN", "AUTH": silence}, "none", "AUTH", func(l *Timeouts) *time.Duration { return &l.Command }, false},
		"MAIL":                     {answers{"MAIL": silence}, "none", "MAIL", func(l *Timeouts) *time.Duration { return &l.Command }, false},
		"RCPT":                     {answers{"RCPT": silence}, "none", "RCPT", func(l *Timeouts) *time.Duration { return &l.Command }, false},
		"DATA":                     {answers{"DATA": silence}, "none", "DATA", func(l *Timeouts) *time.Duration { return &l.Command }, false},
		"message":                  {answers{"BODY": deaf}, "none", "message", func(l *Timeouts) *time.Duration { return &l.Body }, false},
		"answer":                   {answers{"DOT": silence}, "none", "answer", func(l *Timeouts) *time.Duration { return &l.Answer }, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			limits := patient
			*c.shorten(&limits) = short
			url := startHostile(t, c.script).url(c.tls)
			if name == "AUTH" {
				url = strings.Replace(url, "smtp://", secret, 1)
			}
			message := letter
			if name == "message" {
				message = bigLetter()
			}
			err := newSender(t, SenderConfig{URL: url, Timeouts: limits}).Send(t.Context(), office, unit, message)
			checkTemporary(t, err, c.step, 0, c.unclear)
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%v is not a deadline", err)
			}
		})
	}
}

// A refusal stays a refusal where the server does not even answer to RSET.
func TestResetFails(t *testing.T) {
	t.Parallel()
	limits := patient
	limits.Command = short
	h := startHostile(t, answers{"RCPT": "550 no", "RSET": silence}, answers{})
	s := newSender(t, SenderConfig{URL: h.url("none"), Timeouts: limits})
	checkRefused(t, s.Send(t.Context(), office, unit, letter), 550, "no")
	checkSent(t, s.Send(t.Context(), office, unit, letter))
	checkCounts(t, h, 2, 1)
}

func TestNobodyListens(t *testing.T) {
	t.Parallel()
	listener := listen(t)
	url := "smtp://" + listener.Addr().String()
	hangUpOn(t, listener)
	checkTemporary(t, newSender(t, SenderConfig{URL: url}).Send(t.Context(), office, unit, letter), "dial", 0, false)
}

func TestDialHonoursTheContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s := newSender(t, SenderConfig{URL: "smtp://127.0.0.1:1"})
	s.slots <- struct{}{} // not by way of the queue, which looks at the context first
	err := s.send(ctx, office, unit, letter)
	<-s.slots
	checkTemporary(t, err, "dial", 0, false)
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestAddressesThatReachNoServer(t *testing.T) {
	t.Parallel()
	h := startHostile(t, answers{})
	s := newSender(t, SenderConfig{URL: h.url("none")})
	for _, address := range []string{"", "nobody", "a@b.cn\r\nRCPT TO:<c@d.cn>", "a@b.cn\x00", "a@b.cn> x", "<a@b.cn>", "a@b.cn,c@d.cn", "办@b.cn"} {
		var refused *RefusedError
		if err := s.Send(t.Context(), office, address, letter); !errors.As(err, &refused) || refused.Code != 0 || refused.Text == "" {
			t.Errorf("recipient %q: %v", address, err)
		}
		// The sender is a setting: no recipient is to blame.
		checkTemporary(t, s.Send(t.Context(), address, unit, letter), "MAIL", 0, false)
	}
	checkCounts(t, h, 0, 0)
}

func TestMessageArrivesAsItIs(t *testing.T) {
	t.Parallel()
	h := startHostile(t, answers{})
	s := newSender(t, SenderConfig{URL: h.url("none")})
	checkSent(t, s.Send(t.Context(), office, unit, letter))
	checkCounts(t, h, 1, 1)
	if h.messages[0] != string(letter) {
		t.Errorf("%q", h.messages[0])
	}
	for _, line := range []string{"EHLO [127.0.0.1]", "MAIL FROM:<zwgk@pingliang.example> SIZE=28", "RCPT TO:<zwgk@kongtong.pingliang.example>"} {
		if !h.said(line) {
			t.Errorf("%q was not said: %q", line, h.heard)
		}
	}
}
