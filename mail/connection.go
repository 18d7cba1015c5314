package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// connection is one SMTP session, in the hands of one goroutine at a time.
type connection struct {
	raw    net.Conn // cut directly: closing through TLS waits for the peer
	client *smtp.Client
	limits Timeouts
	broken bool        // nothing more can be sent over it
	reused bool        // it lay idle before: the server may have hung up since
	expiry *time.Timer // while idle
}

// connect dials the server and goes as far as its settings say. It refuses to
// go on without the encryption or authentication it was told to use.
func connect(ctx context.Context, server Server, config *tls.Config, limits Timeouts) (*connection, error) {
	c := &connection{limits: limits}
	if err := c.dial(ctx, server.Address()); err != nil {
		return nil, err
	}
	err := c.open(ctx, server, config)
	if err == nil && server.User != "" {
		err = c.step(ctx, "AUTH", limits.Command, func() error { return c.authenticate(server) })
	}
	if err != nil {
		c.cut()
		return nil, err
	}
	return c, nil
}

func (c *connection) dial(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, c.limits.Dial)
	defer cancel()
	var dialer net.Dialer
	raw, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return &TemporaryError{Step: "dial", Err: err}
	}
	c.raw = raw
	return nil
}

func (c *connection) open(ctx context.Context, server Server, config *tls.Config) error {
	switch server.Encryption {
	case Implicit:
		encrypted := tls.Client(c.raw, config)
		if err := c.step(ctx, "TLS", c.limits.Greeting, encrypted.Handshake); err != nil {
			return err
		}
		c.client = smtp.NewClient(encrypted)
	case STARTTLS:
		// The library returns an error where STARTTLS is not offered.
		if err := c.step(ctx, "greeting and STARTTLS", c.limits.Greeting, func() (err error) {
			c.client, err = smtp.NewClientStartTLS(c.raw, config)
			return err
		}); err != nil {
			return err
		}
	case None:
		c.client = smtp.NewClient(c.raw)
	default:
		return &TemporaryError{Step: "TLS", Err: fmt.Errorf("unknown encryption %q", server.Encryption)}
	}
	// The library's own deadlines come second: step knows what it waited for.
	c.client.CommandTimeout = 2 * max(c.limits.Greeting, c.limits.Command)
	c.client.SubmissionTimeout = 2 * c.limits.Answer
	return c.step(ctx, "greeting", c.limits.Greeting, func() error { return c.client.Hello(literal(c.raw.LocalAddr())) })
}

// literal is how a host without a registered name introduces itself (RFC 5321,
// 4.1.3); "localhost", the library's default, is refused by strict servers.
func literal(address net.Addr) string {
	tcp, ok := address.(*net.TCPAddr)
	switch {
	case !ok:
		return "localhost"
	case tcp.IP.To4() != nil:
		return "[" + tcp.IP.String() + "]"
	default:
		return "[IPv6:" + tcp.IP.String() + "]"
	}
}

func (c *connection) authenticate(server Server) error {
	switch {
	case c.client.SupportsAuth(sasl.Plain):
		return c.client.Auth(sasl.NewPlainClient("", server.User, server.Password))
	case c.client.SupportsAuth(sasl.Login):
		return c.client.Auth(sasl.NewLoginClient(server.User, server.Password))
	}
	return errors.New("the server offers neither AUTH PLAIN nor AUTH LOGIN")
}

// step runs one exchange with the server under its deadline. When that passes,
// or ctx ends, the connection is cut, which ends whatever the library waits for;
// its own deadlines leave out the writing of the message.
func (c *connection) step(ctx context.Context, name string, limit time.Duration, exchange func() error) error {
	cause := fmt.Errorf("no answer within %s: %w", limit, context.DeadlineExceeded)
	ctx, cancel := context.WithTimeoutCause(ctx, limit, cause)
	defer cancel()
	stop := context.AfterFunc(ctx, c.cut)
	err := exchange()
	if !stop() {
		c.broken = true
	}
	var answer *smtp.SMTPError
	if err != nil && !errors.As(err, &answer) {
		c.broken = true
		switch {
		case ctx.Err() != nil:
			err = context.Cause(ctx)
		case errors.Is(err, os.ErrDeadlineExceeded): // a machine without time to spare saw the library's deadline first
			err = cause
		}
	}
	if answer != nil && answer.Code == 421 { // the server hangs up
		c.broken = true
	}
	return outcome(name, err)
}

// deliver hands one message over. After a refusal the connection is fit for
// the next message.
func (c *connection) deliver(ctx context.Context, from, to string, raw []byte) error {
	var body *smtp.DataCommand
	envelope := []struct {
		name     string
		exchange func() error
	}{
		{stepMail, func() error { return c.client.Mail(from, &smtp.MailOptions{Size: int64(len(raw))}) }},
		{stepRcpt, func() error { return c.client.Rcpt(to, nil) }},
		{stepData, func() (err error) { body, err = c.client.Data(); return err }},
	}
	for _, s := range envelope {
		if err := c.step(ctx, s.name, c.limits.Command, s.exchange); err != nil {
			c.reset(ctx)
			return err
		}
	}
	err := c.step(ctx, stepMessage, c.limits.Body, func() error { _, err := body.Write(raw); return err })
	if err != nil {
		return err
	}
	// From here on the final dot may be with the server.
	return c.step(ctx, stepAnswer, c.limits.Answer, body.Close)
}

// reset ends a transaction that the server refused, so that one bad recipient
// does not cost the connection. Its own failure shows as broken.
func (c *connection) reset(ctx context.Context) {
	if c.broken {
		return
	}
	if err := c.step(ctx, "RSET", c.limits.Command, c.client.Reset); err != nil {
		c.broken = true
	}
}

// quit takes leave, as RFC 5321 wants it, and hangs up in any case. What the
// server says to it changes nothing.
func (c *connection) quit() {
	if !c.broken {
		_ = c.step(context.Background(), "QUIT", c.limits.Close, c.client.Quit)
	}
	c.cut()
}

// cut ends the connection at once, whoever waits on it. An error would only say
// that it has ended already.
func (c *connection) cut() {
	_ = c.raw.Close()
}
