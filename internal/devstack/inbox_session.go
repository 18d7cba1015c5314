package devstack

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// glimpse is how much of a message is read before AtData: the sender is in its middle then.
const glimpse = 64

// door admits connections, and counts them.
type door struct {
	net.Listener
	inbox *Inbox
}

// Accept returns the next connection that the behaviour lets through to its greeting.
func (d *door) Accept() (net.Conn, error) {
	for {
		conn, err := d.Listener.Accept()
		if err != nil {
			return nil, err
		}
		v := d.inbox.visit(conn)
		answer := d.inbox.ask(Moment{Stage: AtConnect, Connection: v.number})
		switch {
		case answer.Stall:
			go v.waitOut()
		case answer.Drop:
			_ = v.Close() // that is all there is to do
		case answer.Code != 0:
			go v.turnAway(answer)
		default:
			return v, nil
		}
	}
}

// visitor is a connection, with its number.
type visitor struct {
	net.Conn
	inbox  *Inbox
	number int
	once   sync.Once
}

func (b *Inbox) visit(conn net.Conn) *visitor {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.connections++
	v := &visitor{Conn: conn, inbox: b, number: b.connections}
	b.visitors[v] = struct{}{}
	return v
}

func (v *visitor) Close() error {
	v.once.Do(func() {
		v.inbox.mu.Lock()
		defer v.inbox.mu.Unlock()
		delete(v.inbox.visitors, v)
	})
	return v.Conn.Close()
}

// waitOut leaves the client without a greeting until it goes, or the inbox is stopped.
func (v *visitor) waitOut() {
	_, _ = io.Copy(io.Discard, v.Conn) // ends in whatever way the connection does
	_ = v.Close()
}

func (v *visitor) turnAway(answer Answer) {
	_ = v.SetWriteDeadline(time.Now().Add(time.Minute))
	_, _ = fmt.Fprintf(v.Conn, "%d %s\r\n", answer.Code, answer.Text) // the client may be gone already
	_ = v.Close()
}

// session is one sender's conversation.
type session struct {
	inbox     *Inbox
	visitor   *visitor
	stopped   <-chan struct{}
	from      string
	to        []string
	confirmed bool // the sender gave the right password
}

func (b *Inbox) newSession(conn *smtp.Conn) (smtp.Session, error) {
	plain := conn.Conn()
	if secured, ok := plain.(*tls.Conn); ok {
		plain = secured.NetConn()
	}
	v, ok := plain.(*visitor)
	if !ok {
		return nil, fmt.Errorf("couldn't tell the connection: %T", plain)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return &session{inbox: b, visitor: v, stopped: b.stopped}, nil
}

func (s *session) Reset() { s.from, s.to = "", nil }

func (s *session) Logout() error { return nil }

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.inbox.options.Username != "" && !s.confirmed {
		return smtp.ErrAuthRequired
	}
	s.from = from
	return s.pass(AtSender, "")
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if err := s.pass(AtRecipient, to); err != nil {
		return err
	}
	s.to = append(s.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	content := make([]byte, glimpse)
	n, err := io.ReadFull(r, content)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	if err := s.pass(AtData, s.to[0]); err != nil {
		return err
	}
	rest, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	select {
	case <-time.After(s.inbox.options.Delay):
	case <-s.stopped:
		return errStopped
	}
	if err := s.inbox.deposit(s.from, s.to, append(content[:n], rest...)); err != nil {
		return err
	}
	return s.pass(AtStored, s.to[0])
}

// pass does at a stage what the behaviour says; nil means to go on.
func (s *session) pass(stage Stage, to string) error {
	answer := s.inbox.ask(Moment{Stage: stage, Connection: s.visitor.number, From: s.from, To: to})
	switch {
	case answer.Stall:
		<-s.stopped
		return errStopped
	case answer.Drop:
		return errors.Join(errors.New("the connection was dropped, as asked"), s.visitor.Close())
	case answer.Code != 0:
		return &smtp.SMTPError{Code: answer.Code, Message: answer.Text}
	default:
		return nil
	}
}

// AuthMechanisms offers passwords where the inbox asks for one.
func (s *session) AuthMechanisms() []string {
	if s.inbox.options.Username == "" {
		return nil
	}
	return []string{sasl.Plain}
}

// Auth checks the password.
func (s *session) Auth(string) (sasl.Server, error) {
	if s.inbox.options.Username == "" {
		return nil, smtp.ErrAuthUnsupported
	}
	return sasl.NewPlainServer(func(_, username, password string) error {
		if username != s.inbox.options.Username || password != s.inbox.options.Password {
			return smtp.ErrAuthFailed
		}
		s.confirmed = true
		return nil
	}), nil
}
