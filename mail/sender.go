package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"sync"
	"time"
)

// SenderConfig says where mail goes and how patiently.
type SenderConfig struct {
	URL         string // see ParseURL
	Connections int    // at most so many at once; 0 means 4

	Timeouts Timeouts
	RootCAs  *x509.CertPool // nil: those of the system
}

// Timeouts bounds each step of a delivery; 0 means the default.
type Timeouts struct {
	Dial     time.Duration // the TCP connection: 10 s
	Greeting time.Duration // greeting with EHLO, and the TLS handshake, each: 30 s
	Command  time.Duration // AUTH, MAIL, RCPT, DATA, RSET, each: 30 s
	Body     time.Duration // writing the message: 2 min
	Answer   time.Duration // the answer to the final dot: 2 min; a shorter one doubles mails at a slow server
	Idle     time.Duration // an unused connection is given up: 30 s
	Close    time.Duration // how long Close lets deliveries finish, and QUIT waits: 5 s
}

func (t Timeouts) withDefaults() Timeouts {
	set := func(field *time.Duration, standard time.Duration) {
		if *field == 0 {
			*field = standard
		}
	}
	set(&t.Dial, 10*time.Second)
	set(&t.Greeting, 30*time.Second)
	set(&t.Command, 30*time.Second)
	set(&t.Body, 2*time.Minute)
	set(&t.Answer, 2*time.Minute)
	set(&t.Idle, 30*time.Second)
	set(&t.Close, 5*time.Second)
	return t
}

// ErrClosed is what a Send after Close ends with, or one that Close cut off.
var ErrClosed = errors.New("the sender is closed")

// Sender delivers composed mails over a few connections, which it keeps. It is
// safe for use by many goroutines.
type Sender struct {
	server Server
	tls    *tls.Config
	limits Timeouts

	slots   chan struct{}   // one token for each delivery under way
	life    context.Context // ends what is under way when Close loses patience
	end     context.CancelCauseFunc
	closing chan struct{}
	once    sync.Once

	mu   sync.Mutex
	idle []*connection // the last one used is taken first, so that the others can expire
}

// NewSender checks the settings; it does not connect.
func NewSender(config SenderConfig) (*Sender, error) {
	server, err := ParseURL(config.URL)
	if err != nil {
		return nil, err
	}
	if config.Connections < 0 {
		return nil, fmt.Errorf("%d connections are not possible", config.Connections)
	}
	if config.Connections == 0 {
		config.Connections = 4
	}
	life, end := context.WithCancelCause(context.Background())
	return &Sender{
		server:  server,
		tls:     &tls.Config{ServerName: server.Host, RootCAs: config.RootCAs, MinVersion: tls.VersionTLS12},
		limits:  config.Timeouts.withDefaults(),
		slots:   make(chan struct{}, config.Connections),
		life:    life,
		end:     end,
		closing: make(chan struct{}),
	}, nil
}

// Server is where it delivers.
func (s *Sender) Server() Server { return s.server }

// Send delivers one composed mail to one recipient. The error is a
// [*RefusedError] or a [*TemporaryError]; nil means that the server has taken
// the mail over.
func (s *Sender) Send(ctx context.Context, from, to string, raw []byte) error {
	if err := CheckAddress(to); err != nil {
		return &RefusedError{Text: err.Error()}
	}
	if err := CheckAddress(from); err != nil {
		return &TemporaryError{Step: stepMail, Err: fmt.Errorf("the sender: %w", err)}
	}
	if err := s.enter(ctx); err != nil {
		return &TemporaryError{Step: "connection", Err: err}
	}
	defer s.leave()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(s.life, func() { cancel(ErrClosed) })()
	return s.send(ctx, from, to, raw)
}

// Check goes as far with the server as a delivery does before its first mail, and
// takes leave: does it answer, and take the encryption and the password it was
// told? The error is a [*TemporaryError].
func (s *Sender) Check(ctx context.Context) error {
	c, err := connect(ctx, s.server, s.tls, s.limits)
	if err != nil {
		return err
	}
	c.quit()
	return nil
}

// send tries a second time, over a new connection, where an idle one turned
// out to be dead before the end of the message was written: then nobody else
// can have taken it.
func (s *Sender) send(ctx context.Context, from, to string, raw []byte) error {
	c := s.takeIdle()
	if c == nil {
		fresh, err := connect(ctx, s.server, s.tls, s.limits)
		if err != nil {
			return err
		}
		c = fresh
	}
	err := c.deliver(ctx, from, to, raw)
	lost := c.broken && c.reused && ctx.Err() == nil
	s.giveBack(c)
	var temporary *TemporaryError
	if !lost || !errors.As(err, &temporary) || temporary.Unclear || temporary.Step == stepAnswer {
		return err
	}
	if c, err = connect(ctx, s.server, s.tls, s.limits); err != nil {
		return err
	}
	defer s.giveBack(c)
	return c.deliver(ctx, from, to, raw)
}

func (s *Sender) enter(ctx context.Context) error {
	select {
	case <-s.closing:
		return ErrClosed
	case <-ctx.Done():
		return context.Cause(ctx)
	case s.slots <- struct{}{}:
	}
	select { // more than one was ready
	case <-s.closing:
		s.leave()
		return ErrClosed
	case <-ctx.Done():
		s.leave()
		return context.Cause(ctx)
	default:
		return nil
	}
}

func (s *Sender) leave() { <-s.slots }

func (s *Sender) takeIdle() *connection {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.idle) == 0 {
		return nil
	}
	c := s.idle[len(s.idle)-1]
	s.idle = s.idle[:len(s.idle)-1]
	c.expiry.Stop()
	c.reused = true
	return c
}

func (s *Sender) giveBack(c *connection) {
	if c.broken {
		c.cut()
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c.expiry = time.AfterFunc(s.limits.Idle, func() { s.expire(c) })
	s.idle = append(s.idle, c)
}

// expire gives up a connection if it is still idle.
func (s *Sender) expire(c *connection) {
	if s.forget(c) {
		c.quit()
	}
}

func (s *Sender) forget(c *connection) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, other := range s.idle {
		if other == c {
			s.idle = append(s.idle[:i], s.idle[i+1:]...)
			return true
		}
	}
	return false
}

// Close lets deliveries under way finish, but not longer than Timeouts.Close;
// then it cuts them off. It takes leave of the server on idle connections.
func (s *Sender) Close() {
	s.once.Do(func() {
		close(s.closing)
		patience := time.AfterFunc(s.limits.Close, func() { s.end(ErrClosed) })
		for range cap(s.slots) { // when all are ours, nothing is under way
			s.slots <- struct{}{}
		}
		patience.Stop()
		s.end(ErrClosed)
		s.quitIdle()
	})
}

func (s *Sender) quitIdle() {
	var leaving sync.WaitGroup
	for c := s.takeIdle(); c != nil; c = s.takeIdle() {
		leaving.Go(c.quit)
	}
	leaving.Wait()
}
