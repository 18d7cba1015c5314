package mail

import (
	"context"
	"errors"
	"sync"
	"testing"
)

func TestOneConnectionCarriesManyMessages(t *testing.T) {
	t.Parallel()
	h := startHostile(t, answers{"RCPT TO:<bad@b.cn>": "550 no such user"})
	s := newSender(t, SenderConfig{URL: h.url("none")})
	for range 3 {
		checkSent(t, s.Send(t.Context(), office, unit, letter))
		checkRefused(t, s.Send(t.Context(), office, "bad@b.cn", letter), 550, "no such user")
	}
	checkCounts(t, h, 1, 3)
	if !h.said("RSET") {
		t.Error("a refused transaction was left open")
	}
}

// The barrier opens only when all connections hold a message at once.
func TestConnectionsAreUsedAtOnceAndNotMore(t *testing.T) {
	t.Parallel()
	const connections, mails = 16, 160
	arrived := make(chan struct{}, mails)
	open := make(chan struct{})
	in := startInbox(t, inboxConfig{encryption: None, onMessage: func(*inbox) { arrived <- struct{}{}; <-open }})
	s := newSender(t, SenderConfig{URL: in.url("", None), Connections: connections})
	var sending sync.WaitGroup
	for range mails {
		sending.Go(func() {
			if err := s.Send(t.Context(), office, unit, letter); err != nil {
				t.Error(err)
			}
		})
	}
	for range connections {
		<-arrived
	}
	close(open)
	sending.Wait()
	if sessions, messages := in.counted(); sessions != connections || messages != mails {
		t.Errorf("%d sessions and %d messages, not %d and %d", sessions, messages, connections, mails)
	}
}

func TestConnectionsClosedWhileIdleAreReplaced(t *testing.T) {
	t.Parallel()
	for name, last := range map[string]string{"in silence": "", "with 421": "\r\n421 idle too long"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := startHostile(t, answers{"DOT": "250 ok" + last + thenHangUp})
			s := newSender(t, SenderConfig{URL: h.url("none")})
			for range 4 {
				checkSent(t, s.Send(t.Context(), office, unit, letter))
				<-h.hungUp
			}
			checkCounts(t, h, 4, 4)
		})
	}
}

// Several idle connections die together; each message still goes once.
func TestAllIdleConnectionsDie(t *testing.T) {
	t.Parallel()
	const connections = 5
	h := startHostile(t, answers{})
	s := newSender(t, SenderConfig{URL: h.url("none"), Connections: connections})
	for range connections {
		c, err := connect(t.Context(), s.server, s.tls, s.limits)
		if err != nil {
			t.Fatal(err)
		}
		s.giveBack(c)
	}
	h.mu.Lock()
	for _, conn := range h.connections {
		hangUpOn(t, conn)
	}
	h.mu.Unlock()
	for range connections {
		<-h.hungUp
	}
	var sending sync.WaitGroup
	for range connections {
		sending.Go(func() {
			if err := s.Send(t.Context(), office, unit, letter); err != nil {
				t.Error(err)
			}
		})
	}
	sending.Wait()
	if _, messages := h.counted(); messages != connections {
		t.Errorf("%d messages, not %d", messages, connections)
	}
}

func TestDroppedInMidMessageIsSentAgainOverANewConnection(t *testing.T) {
	t.Parallel()
	h := startHostile(t, answers{"BODY": hangUp}, answers{})
	s := newSender(t, SenderConfig{URL: h.url("none")})
	c, err := connect(t.Context(), s.server, s.tls, s.limits)
	if err != nil {
		t.Fatal(err)
	}
	s.giveBack(c)
	checkSent(t, s.Send(t.Context(), office, unit, bigLetter()))
	checkCounts(t, h, 2, 1)
}

func TestDroppedInMidMessageOverANewConnectionIsTemporary(t *testing.T) {
	t.Parallel()
	h := startHostile(t, answers{"BODY": hangUp})
	s := newSender(t, SenderConfig{URL: h.url("none")})
	checkTemporary(t, s.Send(t.Context(), office, unit, bigLetter()), "message", 0, false)
	checkCounts(t, h, 1, 0)
}

func TestAnUnclearMessageIsNeverSentAgainByItself(t *testing.T) {
	t.Parallel()
	h := startHostile(t, answers{"DOT": hangUp})
	s := newSender(t, SenderConfig{URL: h.url("none")})
	c, err := connect(t.Context(), s.server, s.tls, s.limits)
	if err != nil {
		t.Fatal(err)
	}
	s.giveBack(c)
	checkTemporary(t, s.Send(t.Context(), office, unit, letter), "answer", 0, true)
	checkCounts(t, h, 1, 1)
}

func TestASecondFailureIsReported(t *testing.T) {
	t.Parallel()
	h := startHostile(t, answers{"DOT": "250 ok" + thenHangUp}, answers{"GREETING": "421 too many"})
	s := newSender(t, SenderConfig{URL: h.url("none")})
	checkSent(t, s.Send(t.Context(), office, unit, letter))
	<-h.hungUp
	checkTemporary(t, s.Send(t.Context(), office, unit, letter), "greeting", 421, false)
	checkCounts(t, h, 2, 1)
}

func TestIdleConnectionsAreGivenUp(t *testing.T) {
	t.Parallel()
	limits := patient
	limits.Idle = short
	h := startHostile(t, answers{})
	s := newSender(t, SenderConfig{URL: h.url("none"), Timeouts: limits})
	checkSent(t, s.Send(t.Context(), office, unit, letter))
	if reason := <-h.hungUp; reason != "QUIT" {
		t.Errorf("the connection ended by %s", reason)
	}
	checkSent(t, s.Send(t.Context(), office, unit, letter))
	checkCounts(t, h, 2, 2)
}

func TestSendHonoursTheContext(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{}, 1)
	in := startInbox(t, inboxConfig{encryption: None, onMessage: func(in *inbox) { arrived <- struct{}{}; <-in.stop }})
	s := newSender(t, SenderConfig{URL: in.url("", None), Connections: 1})
	ctx, cancel := context.WithCancel(t.Context())
	outcomes := make(chan error)
	go func() { outcomes <- s.Send(ctx, office, unit, letter) }()
	<-arrived
	waiting, stopWaiting := context.WithCancel(t.Context())
	go func() { outcomes <- s.Send(waiting, office, unit, letter) }()

	stopWaiting() // the one without a connection
	err := <-outcomes
	checkTemporary(t, err, "connection", 0, false)
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	cancel()
	err = <-outcomes
	checkTemporary(t, err, "answer", 0, true)
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestCloseLetsADeliveryFinish(t *testing.T) {
	t.Parallel()
	arrived, open := make(chan struct{}), make(chan struct{})
	in := startInbox(t, inboxConfig{encryption: None, onMessage: func(*inbox) { arrived <- struct{}{}; <-open }})
	s := newSender(t, SenderConfig{URL: in.url("", None)})
	outcome, closed := make(chan error), make(chan struct{})
	go func() { outcome <- s.Send(t.Context(), office, unit, letter) }()
	<-arrived
	go func() { s.Close(); close(closed) }()
	<-s.closing
	err := s.Send(t.Context(), office, unit, letter)
	checkTemporary(t, err, "connection", 0, false)
	if !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	close(open)
	checkSent(t, <-outcome)
	<-closed
	if len(s.idle) != 0 {
		t.Errorf("%d connections are left", len(s.idle))
	}
}

func TestCloseDoesNotHang(t *testing.T) {
	t.Parallel()
	for said, delivered := range map[string]bool{"GREETING": false, "DOT": false, "QUIT": true} {
		t.Run(said, func(t *testing.T) {
			t.Parallel()
			limits := patient
			limits.Close = short
			h := startHostile(t, answers{said: silence})
			s := newSender(t, SenderConfig{URL: h.url("none"), Timeouts: limits})
			outcome := make(chan error, 1)
			go func() { outcome <- s.Send(t.Context(), office, unit, letter) }()
			if delivered {
				checkSent(t, <-outcome)
				s.Close()
			} else {
				h.await(said)
				s.Close()
				err := <-outcome
				if !errors.Is(err, ErrClosed) {
					t.Error(err)
				}
			}
			if reason := <-h.hungUp; reason != said {
				t.Errorf("the connection ended by %s", reason)
			}
		})
	}
}

// The server has said that it hangs up, even if it does not.
func TestA421CostsTheConnection(t *testing.T) {
	t.Parallel()
	h := startHostile(t, answers{"RCPT": "421 closing"}, answers{})
	s := newSender(t, SenderConfig{URL: h.url("none")})
	checkTemporary(t, s.Send(t.Context(), office, unit, letter), "RCPT", 421, false)
	checkSent(t, s.Send(t.Context(), office, unit, letter))
	checkCounts(t, h, 2, 1)
	if h.said("RSET") {
		t.Error("went on talking after 421")
	}
}
