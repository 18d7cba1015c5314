package mail

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// inbox is a well-behaved server.
type inbox struct {
	address    string
	mechanisms []string
	onMessage  func()
	stop       chan struct{}

	mu       sync.Mutex
	sessions int
	messages []string
	users    []string // user:password of each that logged in
}

type inboxConfig struct {
	encryption Encryption
	tls        *tls.Config
	mechanisms []string
	onMessage  func(*inbox)
}

func startInbox(t testing.TB, config inboxConfig) *inbox {
	t.Helper()
	in := &inbox{mechanisms: config.mechanisms, stop: make(chan struct{}), onMessage: func() {}}
	if config.onMessage != nil {
		in.onMessage = func() { config.onMessage(in) }
	}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		in.mu.Lock()
		defer in.mu.Unlock()
		in.sessions++
		return &inboxSession{inbox: in}, nil
	}))
	server.AllowInsecureAuth = config.encryption == None
	server.ErrorLog = log.New(io.Discard, "", 0)
	listener := listen(t)
	in.address = listener.Addr().String()
	switch config.encryption {
	case STARTTLS:
		server.TLSConfig = config.tls
	case Implicit:
		listener = tls.NewListener(listener, config.tls)
	}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(listener) }) // ends with an error when it is closed
	t.Cleanup(func() {
		close(in.stop)
		hangUpOn(t, server)
		serving.Wait()
	})
	return in
}

func (in *inbox) url(userinfo string, encryption Encryption) string {
	return "smtp://" + userinfo + in.address + "?tls=" + string(encryption)
}

func (in *inbox) counted() (sessions, messages int) {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.sessions, len(in.messages)
}

type inboxSession struct{ inbox *inbox }

func (s *inboxSession) Reset()        {}
func (s *inboxSession) Logout() error { return nil }

func (s *inboxSession) Mail(string, *smtp.MailOptions) error { return nil }
func (s *inboxSession) Rcpt(string, *smtp.RcptOptions) error { return nil }

func (s *inboxSession) Data(r io.Reader) error {
	message, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.inbox.onMessage()
	s.inbox.mu.Lock()
	defer s.inbox.mu.Unlock()
	s.inbox.messages = append(s.inbox.messages, string(message))
	return nil
}

func (s *inboxSession) AuthMechanisms() []string { return s.inbox.mechanisms }

func (s *inboxSession) Auth(mechanism string) (sasl.Server, error) {
	if !slices.Contains(s.inbox.mechanisms, mechanism) {
		return nil, smtp.ErrAuthUnknownMechanism
	}
	if mechanism == sasl.Plain {
		return sasl.NewPlainServer(func(_, user, password string) error { return s.login(user, password) }), nil
	}
	return &loginServer{session: s}, nil
}

func (s *inboxSession) login(user, password string) error {
	if password != "se/cret" {
		return errors.New("wrong password")
	}
	s.inbox.mu.Lock()
	defer s.inbox.mu.Unlock()
	s.inbox.users = append(s.inbox.users, user+":"+password)
	return nil
}

// loginServer speaks AUTH LOGIN, of which the library has the client's side only.
type loginServer struct {
	session *inboxSession
	said    []string
}

func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	if response != nil {
		l.said = append(l.said, string(response))
	}
	switch len(l.said) {
	case 0:
		return []byte("Username:"), false, nil
	case 1:
		return []byte("Password:"), false, nil
	}
	return nil, true, l.session.login(l.said[0], l.said[1])
}

// certificate is for 127.0.0.1, signed by itself.
func certificate(t *testing.T) (*tls.Config, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, pool
}
