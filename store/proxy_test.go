package store

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
)

// proxy stands between the store and PostgreSQL and understands where the server's messages begin and end.
type proxy struct {
	url      string
	target   string
	listener net.Listener
	// hole swallows every answer: the server accepts and works, and nobody hears of it.
	hole atomic.Bool
	cuts atomic.Int64

	mu    sync.Mutex
	tag   string
	conns []net.Conn
}

func startProxy(t *testing.T, database string) *proxy {
	t.Helper()
	parsed, err := url.Parse(database)
	must(t, err)
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	p := &proxy{target: parsed.Host, listener: listener}
	parsed.Host = listener.Addr().String()
	p.url = parsed.String()
	var serving sync.WaitGroup
	serving.Go(func() { p.serve(&serving) })
	t.Cleanup(func() {
		p.close()
		serving.Wait()
	})
	return p
}

// cutAfter cuts the next connection whose command ends with the tag, once the server has done its work.
func (p *proxy) cutAfter(tag string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tag = tag
}

func (p *proxy) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.listener.Close()
	for _, conn := range p.conns {
		_ = conn.Close()
	}
}

func (p *proxy) serve(serving *sync.WaitGroup) {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return // closed
		}
		server, err := new(net.Dialer).DialContext(context.Background(), "tcp", p.target)
		if err != nil {
			_ = client.Close()
			continue
		}
		p.mu.Lock()
		p.conns = append(p.conns, client, server)
		p.mu.Unlock()
		serving.Go(func() { relay(client, server, io.Copy) })
		serving.Go(func() { relay(server, client, p.answers) })
	}
}

// relay ends both connections when one direction ends.
func relay(from, to net.Conn, carry func(io.Writer, io.Reader) (int64, error)) {
	_, _ = carry(to, from)
	_ = from.Close()
	_ = to.Close()
}

var errCut = errors.New("cut")

// answers carries the server's messages: a letter, a length, a body.
func (p *proxy) answers(to io.Writer, from io.Reader) (int64, error) {
	held := false
	for {
		header := make([]byte, 5)
		if _, err := io.ReadFull(from, header); err != nil {
			return 0, err
		}
		message := make([]byte, 1+binary.BigEndian.Uint32(header[1:]))
		copy(message, header)
		if _, err := io.ReadFull(from, message[len(header):]); err != nil {
			return 0, err
		}
		held = held || message[0] == 'C' && p.matches(string(message[len(header):]))
		switch {
		case held && message[0] == 'Z': // ready for the next query: all is done and committed
			p.cuts.Add(1)
			return 0, errCut
		case held, p.hole.Load():
			continue
		}
		if _, err := to.Write(message); err != nil {
			return 0, err
		}
	}
}

func (p *proxy) matches(body string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.tag == "" || body != p.tag+"\x00" {
		return false
	}
	p.tag = ""
	return true
}

// through is a bundle whose store goes through a proxy; what it does is looked at past it.
func through(t *testing.T, config Config) (behind *Store, b *bundle, id int64, p *proxy) {
	t.Helper()
	b, id = imported(t)
	p = startProxy(t, b.url)
	config.URL, config.Now = p.url, b.clock.now
	return open(t, config), b, id, p
}

// wasCut wants the fault to have happened, as often.
func (p *proxy) wasCut(t *testing.T, times int64) {
	t.Helper()
	if got := p.cuts.Load(); got != times {
		t.Errorf("the proxy cut %d connections, want %d", got, times)
	}
}
