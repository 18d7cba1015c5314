package service

import (
	"context"
	"errors"
	"fmt"
	"html"
	"log/slog"
	"net"
	"net/http"
	netmail "net/mail"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/kaoping/kaoping/internal/settings"
	"github.com/kaoping/kaoping/mail"
	"github.com/kaoping/kaoping/portal"
)

// openPortal prepares the pages and listens for them.
func (s *Service) openPortal(ctx context.Context) (err error) {
	provider, err := s.openProvider(ctx)
	if err != nil {
		return err
	}
	s.portal, err = portal.New(portal.Config{
		Office: s.office, URL: s.settings.PortalURL, Post: s.post, Provider: provider, Address: addressBehind(s.settings.Proxies()), Log: s.log,
	})
	if err != nil {
		return fmt.Errorf("couldn't prepare the portal: %w", err)
	}
	var listening net.ListenConfig
	if s.pages, err = listening.Listen(ctx, "tcp", s.settings.PortalAddress); err != nil {
		return &settings.Error{Setting: "PORTAL_ADDRESS", Err: err}
	}
	return nil
}

// openProvider finds the identity provider, if one is set.
func (s *Service) openProvider(ctx context.Context) (*portal.Provider, error) {
	if s.settings.OIDCIssuer == "" {
		return nil, nil //nolint:nilnil // passwords only
	}
	provider, err := portal.NewProvider(ctx, s.settings.OIDCIssuer, s.settings.OIDCClient, s.settings.OIDCSecret, s.settings.PortalURL)
	if err != nil {
		return nil, &settings.Error{Setting: "OIDC_ISSUER", Err: err}
	}
	return provider, nil
}

// PortalAddress is where the portal is served.
func (s *Service) PortalAddress() string { return s.pages.Addr().String() }

// uploadLimit is how long a form with files may take over a slow line.
const uploadLimit = 10 * time.Minute

func (s *Service) servePortal() *http.Server {
	server := &http.Server{
		Handler: s.portal, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: uploadLimit, WriteTimeout: uploadLimit,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	go func() {
		if err := server.Serve(s.pages); !errors.Is(err, http.ErrServerClosed) {
			s.fail(fmt.Errorf("the portal ended: %w", err))
		}
	}()
	return server
}

// post sends a letter that belongs to no cycle, and so stands on no ledger.
func (s *Service) post(ctx context.Context, to string, letter portal.Letter) error {
	_, domain, _ := strings.Cut(s.settings.MailFrom, "@")
	raw, err := mail.Compose(mail.Message{
		From: netmail.Address{Name: letter.From, Address: s.settings.MailFrom}, To: netmail.Address{Address: to},
		Subject: letter.Subject, Text: letter.Text, HTML: paragraphs(letter.Text),
		MessageID: mail.MessageID(uuid.NewString(), domain), Date: time.Now(),
	})
	if err != nil {
		return fmt.Errorf("couldn't write the letter to %s: %w", to, err)
	}
	return s.sender.Send(ctx, s.settings.MailFrom, to, raw)
}

// paragraphs is a plain text as HTML.
func paragraphs(text string) string {
	var out strings.Builder
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		out.WriteString("<p>" + html.EscapeString(line) + "</p>\n")
	}
	return out.String()
}

// addressBehind tells where a request comes from: of the addresses that trusted proxies name, the last that is no proxy.
func addressBehind(proxies []netip.Prefix) func(*http.Request) string {
	trusted := func(address netip.Addr) bool {
		return slices.ContainsFunc(proxies, func(proxy netip.Prefix) bool { return proxy.Contains(address) })
	}
	return func(r *http.Request) string {
		connection, err := netip.ParseAddrPort(r.RemoteAddr)
		if err != nil {
			return r.RemoteAddr
		}
		address := connection.Addr().Unmap()
		hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		for i := len(hops) - 1; i >= 0 && trusted(address); i-- {
			hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
			if err != nil {
				break // a proxy that names no address counts itself
			}
			address = hop.Unmap()
		}
		return address.String()
	}
}
