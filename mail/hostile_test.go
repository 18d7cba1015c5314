package mail

import (
	"bufio"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
)

// What a hostile server does in place of an answer.
const (
	silence = "(silence)" // reads on and never answers
	hangUp  = "(hang up)"
	deaf    = "(deaf)" // neither answers nor reads

	thenHangUp = "(then hang up)" // after the answer before it
	thenSilent = "(then silent)"
)

// answers says what a server answers to a line, by the whole line or by its
// first word. GREETING is the first word of all, DOT the end of a message, BODY
// what happens after the first line of one. What is missing is answered kindly.
type answers map[string]string

var kindly = answers{
	"GREETING": "220 test ESMTP", "EHLO": "250-test\r\n250 SIZE 100000000", "MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go on",
	"DOT": "250 ok", "RSET": "250 ok", "QUIT": "221 bye" + thenHangUp,
}

// hostile is an SMTP server that follows a script.
type hostile struct {
	listener net.Listener
	scripts  []answers   // for the first connection, the second …; the last for all further
	reached  chan string // all that was said, and GREETING and DOT
	hungUp   chan string // after what each connection ended
	stop     chan struct{}
	running  sync.WaitGroup

	mu          sync.Mutex
	connections []net.Conn
	heard       []string // every line but those of messages
	messages    []string // those whose final dot was seen
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return listener
}

// hangUpOn closes what the other end may have closed before.
func hangUpOn(t testing.TB, c io.Closer) {
	t.Helper()
	if err := c.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
}

func startHostile(t *testing.T, scripts ...answers) *hostile {
	t.Helper()
	listener := listen(t)
	h := &hostile{listener: listener, scripts: scripts, reached: make(chan string, 1000), hungUp: make(chan string, 1000), stop: make(chan struct{})}
	h.running.Go(h.accept)
	t.Cleanup(func() { h.close(t) })
	return h
}

func (h *hostile) close(t *testing.T) {
	t.Helper()
	close(h.stop)
	hangUpOn(t, h.listener)
	h.mu.Lock()
	for _, conn := range h.connections {
		hangUpOn(t, conn)
	}
	h.mu.Unlock()
	h.running.Wait()
}

func (h *hostile) accept() {
	for n := 0; ; n++ {
		conn, err := h.listener.Accept()
		if err != nil {
			return
		}
		h.mu.Lock()
		h.connections = append(h.connections, conn)
		h.mu.Unlock()
		script := h.scripts[min(n, len(h.scripts)-1)]
		h.running.Go(func() {
			reason := h.converse(conn, script)
			_ = conn.Close() // the test may have been quicker
			h.hungUp <- reason
		})
	}
}

// converse returns why it ended.
func (h *hostile) converse(conn net.Conn, script answers) string {
	lines := bufio.NewReader(conn)
	for said := "GREETING"; ; {
		h.reached <- said
		if !h.answer(conn, script, said) {
			return said
		}
		if strings.HasPrefix(said, "DATA") && strings.HasPrefix(script.to(said), "354") {
			if !h.receive(conn, lines, script) {
				return "BODY"
			}
			said = "DOT"
			continue
		}
		line, err := lines.ReadString('\n')
		if err != nil {
			return "EOF"
		}
		said = strings.TrimRight(line, "\r\n")
		h.mu.Lock()
		h.heard = append(h.heard, said)
		h.mu.Unlock()
	}
}

func (a answers) to(said string) string {
	verb, _, _ := strings.Cut(said, " ")
	for _, script := range []answers{a, kindly} {
		for _, key := range []string{said, verb} {
			if answer, ok := script[key]; ok {
				return answer
			}
		}
	}
	return "500 what?"
}

// answer tells whether the conversation goes on.
func (h *hostile) answer(conn net.Conn, script answers, said string) bool {
	text := script.to(said)
	switch text {
	case hangUp:
		return false
	case silence:
		_, _ = io.Copy(io.Discard, conn) // until the client hangs up
		return false
	case deaf:
		<-h.stop
		return false
	}
	text, last := strings.CutSuffix(text, thenHangUp)
	text, silent := strings.CutSuffix(text, thenSilent)
	_, err := io.WriteString(conn, text+"\r\n")
	if silent {
		return h.answer(conn, answers{said: silence}, said)
	}
	return err == nil && !last
}

func (h *hostile) receive(conn net.Conn, lines *bufio.Reader, script answers) bool {
	var message strings.Builder
	for {
		if body, ok := script["BODY"]; ok && (body == deaf || message.Len() > 0) {
			return h.answer(conn, script, "BODY")
		}
		line, err := lines.ReadString('\n')
		if err != nil {
			return false
		}
		if line == ".\r\n" {
			h.mu.Lock()
			h.messages = append(h.messages, message.String())
			h.mu.Unlock()
			return true
		}
		message.WriteString(strings.TrimPrefix(line, "."))
	}
}

func (h *hostile) url(query string) string {
	return "smtp://" + h.listener.Addr().String() + "?tls=" + query
}

func (h *hostile) counted() (connections, messages int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.connections), len(h.messages)
}

// await returns when a client has said this.
func (h *hostile) await(said string) {
	for <-h.reached != said {
	}
}

// said tells whether any client said a line that begins so.
func (h *hostile) said(prefix string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.ContainsFunc(h.heard, func(line string) bool { return strings.HasPrefix(line, prefix) })
}
