package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/kaoping/kaoping/internal/settings"
	"github.com/kaoping/kaoping/public"
)

// openPublic prepares the public's pages and listens for them.
func (s *Service) openPublic(ctx context.Context) (err error) {
	library, err := settings.Rules("")
	if err != nil {
		return fmt.Errorf("couldn't read the built-in rule sets: %w", err)
	}
	if s.ballots, err = s.settings.OpenPublic(ctx); err != nil {
		return err
	}
	number, per := s.settings.Rate()
	s.site, err = public.New(public.Config{
		Store: s.ballots, Rules: library, URL: s.settings.PublicURL, Rate: number, Per: per, Work: s.settings.Work(),
		Address: addressBehind(s.settings.Proxies()), Now: time.Now, Log: s.log,
	})
	if err != nil {
		return fmt.Errorf("couldn't prepare the public's pages: %w", err)
	}
	var listening net.ListenConfig
	if s.publicPages, err = listening.Listen(ctx, "tcp", s.settings.PublicAddress); err != nil {
		return &settings.Error{Setting: "PUBLIC_ADDRESS", Err: err}
	}
	return nil
}

// PublicAddress is where the public's pages are served.
func (s *Service) PublicAddress() string { return s.publicPages.Addr().String() }

// listLimit is how long somebody may take to read the whole list of ballots.
const listLimit = 10 * time.Minute

func (s *Service) servePublic() *http.Server {
	server := &http.Server{
		Handler: s.site, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, WriteTimeout: listLimit,
		IdleTimeout: time.Minute, MaxHeaderBytes: 8 << 10, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	go func() {
		if err := server.Serve(s.publicPages); !errors.Is(err, http.ErrServerClosed) {
			s.fail(fmt.Errorf("the public's pages ended: %w", err))
		}
	}()
	return server
}
