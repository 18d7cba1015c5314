package devstack

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// InboxOptions are what the inbox is started with.
type InboxOptions struct {
	// Folder for the messages. Empty means the folder inbox of the state folder; another one is never cleared.
	Folder string
	// Discard keeps the index of the messages, but no files: for measuring senders.
	Discard bool
	// Forget keeps nothing at all, not even the index.
	Forget bool
	// Delay is how long the server takes for each message.
	Delay time.Duration
	// MaxBytes a message may have, 32 MiB unless set.
	MaxBytes int64
	// Idle is how long a connection may wait between commands, 5 minutes unless set.
	Idle time.Duration
	// TLS is "none" (or empty), "starttls" or "implicit", as in the tls of an SMTP_URL. The certificate is made at
	// the start; Roots has it.
	TLS string
	// Username and Password, where set, must be given by the sender.
	Username, Password string
	// Behaviour decides about each step of each delivery; nil accepts everything.
	Behaviour Behaviour
}

// Inbox is an SMTP server on a free port of 127.0.0.1 that keeps what it receives and sends nothing on. Each
// message is a file NNNN-recipient.eml.
type Inbox struct {
	settings Settings
	options  InboxOptions
	folder   *folder // nil where the messages have a folder of their own
	path     string
	tls      *tls.Config
	roots    *x509.CertPool
	address  string

	mu          sync.Mutex
	behaviour   Behaviour
	server      *smtp.Server
	listener    net.Listener
	stopped     chan struct{} // closed while the inbox is stopped
	served      chan struct{} // closed when the server accepts no more
	visitors    map[*visitor]struct{}
	connections int
	messages    []Message
	next        int
	changed     chan struct{} // closed, and made anew, when a message comes in
	closed      bool
}

// StartInbox starts the inbox.
func StartInbox(settings Settings, options InboxOptions) (*Inbox, error) {
	settings, err := settings.complete()
	if err != nil {
		return nil, err
	}
	if options.MaxBytes == 0 {
		options.MaxBytes = 32 << 20
	}
	if options.Idle == 0 {
		options.Idle = 5 * time.Minute
	}
	b := &Inbox{
		settings: settings, options: options, behaviour: options.Behaviour,
		visitors: map[*visitor]struct{}{}, changed: make(chan struct{}),
	}
	for _, step := range []func() error{b.openFolder, b.load, b.certify, b.Start} {
		if err := step(); err != nil {
			return nil, errors.Join(fmt.Errorf("couldn't start the inbox: %w", err), b.Close())
		}
	}
	return b, nil
}

func (b *Inbox) openFolder() error {
	if b.options.Forget {
		return nil
	}
	if b.options.Folder != "" {
		path, err := filepath.Abs(b.options.Folder)
		if err != nil {
			return err
		}
		b.path = path
		return os.MkdirAll(path, 0o700)
	}
	folder, err := openFolder(b.settings, "inbox", 0o700)
	if err != nil {
		return err
	}
	b.folder, b.path = folder, folder.path
	return nil
}

// URL is the address in the form of the setting SMTP_URL.
func (b *Inbox) URL() string {
	mode := b.options.TLS
	if mode == "" {
		mode = "none"
	}
	u := url.URL{Scheme: "smtp", Host: b.address, RawQuery: "tls=" + mode}
	if b.options.Username != "" {
		u.User = url.UserPassword(b.options.Username, b.options.Password)
	}
	return u.String()
}

// Folder is where the messages are.
func (b *Inbox) Folder() string { return b.path }

// Roots trusts the inbox's certificate; nil without TLS.
func (b *Inbox) Roots() *x509.CertPool { return b.roots }

// Behave replaces the behaviour from the next step of any delivery on; nil accepts everything.
func (b *Inbox) Behave(behaviour Behaviour) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.behaviour = behaviour
}

// Connections counts the connections that were ever made, refused ones included.
func (b *Inbox) Connections() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.connections
}

// Messages returns what was received, oldest first.
func (b *Inbox) Messages() []Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.messages)
}

// Await returns the messages once the condition holds for them.
func (b *Inbox) Await(ctx context.Context, enough func([]Message) bool) ([]Message, error) {
	for {
		b.mu.Lock()
		messages, changed := slices.Clone(b.messages), b.changed
		b.mu.Unlock()
		if enough(messages) {
			return messages, nil
		}
		select {
		case <-ctx.Done():
			return messages, fmt.Errorf("what was awaited didn't arrive, but %d messages did: %w", len(messages), ctx.Err())
		case <-changed:
		}
	}
}

// Start opens the inbox again on its port. It does nothing while the inbox is open.
func (b *Inbox) Start() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return fmt.Errorf("couldn't open the inbox: %w", errClosed)
	}
	if b.server != nil {
		return nil
	}
	listener, err := b.listen()
	if err != nil {
		return fmt.Errorf("couldn't open the inbox: %w", err)
	}
	b.server, b.listener = b.newServer(), listener
	b.stopped, b.served = make(chan struct{}), make(chan struct{})
	go b.serve(b.server, listener, b.served)
	return nil
}

func (b *Inbox) listen() (net.Listener, error) {
	for b.address == "" {
		port, err := freePort()
		if err != nil {
			return nil, err
		}
		listener, err := listen(loopback(port))
		if err == nil { // else another program was quicker
			b.address = loopback(port)
			return b.guard(listener), nil
		}
	}
	listener, err := listen(b.address)
	if err != nil {
		return nil, err
	}
	return b.guard(listener), nil
}

func (b *Inbox) guard(listener net.Listener) net.Listener {
	guarded := net.Listener(&door{Listener: listener, inbox: b})
	if b.options.TLS == "implicit" {
		guarded = tls.NewListener(guarded, b.tls)
	}
	return guarded
}

func (b *Inbox) newServer() *smtp.Server {
	server := smtp.NewServer(smtp.BackendFunc(b.newSession))
	server.Domain = "localhost"
	server.ReadTimeout, server.WriteTimeout = b.options.Idle, time.Minute
	server.MaxMessageBytes, server.MaxRecipients = b.options.MaxBytes, 100
	server.AllowInsecureAuth = b.options.TLS == "" || b.options.TLS == "none"
	if b.options.TLS == "starttls" {
		server.TLSConfig = b.tls
	}
	server.ErrorLog = slog.NewLogLogger(b.settings.Log.Handler(), slog.LevelDebug)
	return server
}

func (b *Inbox) serve(server *smtp.Server, listener net.Listener, served chan<- struct{}) {
	defer close(served)
	if err := server.Serve(listener); err != nil {
		b.settings.Log.Error("the inbox ended by itself", "error", err)
	}
}

// Stop closes the inbox and every connection, and keeps the messages. It does nothing while the inbox is closed.
func (b *Inbox) Stop() error {
	b.mu.Lock()
	server, listener, served := b.server, b.listener, b.served
	if server == nil {
		b.mu.Unlock()
		return nil
	}
	b.server = nil
	close(b.stopped)
	b.mu.Unlock()
	// The server forgets a listener that it hasn't begun to serve: that one is closed here, else it is closed twice.
	err := server.Close()
	if closeErr := listener.Close(); !errors.Is(closeErr, net.ErrClosed) {
		err = errors.Join(err, closeErr)
	}
	<-served
	b.dismiss()
	if err != nil {
		return fmt.Errorf("couldn't close the inbox: %w", err)
	}
	return nil
}

// dismiss closes the connections that the server doesn't know: those without a greeting.
func (b *Inbox) dismiss() {
	b.mu.Lock()
	visitors := slices.Collect(maps.Keys(b.visitors))
	b.mu.Unlock()
	for _, v := range visitors {
		_ = v.Close() // the client may have been quicker
	}
}

// Close stops the inbox and, unless they are kept, removes its files. Closing again does nothing.
func (b *Inbox) Close() error {
	if err := b.Stop(); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil
	}
	b.closed = true
	if b.folder == nil {
		return nil
	}
	return b.folder.leave()
}
