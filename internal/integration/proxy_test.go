package integration

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// proxy stands between the programs and PostgreSQL and understands where the server's messages begin and end.
type proxy struct {
	url      string
	target   string
	listener net.Listener

	mu    sync.Mutex
	conns []net.Conn
	// every cuts each n-th answer to a command, by its tag: the server has done its work, and nobody hears of it.
	every map[string]int
	seen  map[string]int
	cuts  map[string]int
	// hold keeps all answers back until it is closed.
	hold chan struct{}
}

// throughProxy puts the proxy in front of the database, for office and worker.
func throughProxy(into **proxy) between {
	return func(t *testing.T, s *stack) {
		t.Helper()
		parsed, err := url.Parse(s.settings.DatabaseURL)
		must(t, err)
		listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
		must(t, err)
		p := &proxy{target: parsed.Host, listener: listener, every: map[string]int{}, seen: map[string]int{}, cuts: map[string]int{}}
		parsed.Host = listener.Addr().String()
		p.url = parsed.String()
		s.settings.DatabaseURL = p.url
		var serving sync.WaitGroup
		serving.Go(func() { p.serve(&serving) })
		t.Cleanup(func() {
			p.close()
			serving.Wait()
		})
		*into = p
	}
}

// cut begins to cut each n-th answer to commands of a tag, INSERT or COMMIT; 0 ends it. It answers how many were cut.
func (p *proxy) cut(tag string, n int) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.every[tag], p.seen[tag] = n, 0
	return p.cuts[tag]
}

// stop makes the server accept and not answer; the returned function lets what it said meanwhile through.
func (p *proxy) stop() (goOn func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	hold := make(chan struct{})
	p.hold = hold
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.hold = nil
		close(hold)
	}
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
	done := false
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
		done = done || message[0] == 'C' && p.cutsNow(string(message[len(header):]))
		switch {
		case done && message[0] == 'Z': // ready for the next query: all is done and committed
			return 0, errCut
		case done:
			continue
		}
		p.wait()
		if _, err := to.Write(message); err != nil {
			return 0, err
		}
	}
}

func (p *proxy) wait() {
	p.mu.Lock()
	hold := p.hold
	p.mu.Unlock()
	if hold != nil {
		<-hold
	}
}

// cutsNow counts a command's tag, such as "INSERT 0 1".
func (p *proxy) cutsNow(body string) bool {
	tag, _, _ := strings.Cut(strings.TrimSuffix(body, "\x00"), " ")
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.every[tag] == 0 {
		return false
	}
	p.seen[tag]++
	if p.seen[tag] < p.every[tag] {
		return false
	}
	p.seen[tag] = 0
	p.cuts[tag]++
	return true
}
