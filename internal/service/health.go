package service

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/client"
)

// probeLimit is how long a server may take to say that it is there.
const probeLimit = 3 * time.Second

type health struct {
	databases []*database
	// temporal is nil where nothing asks it.
	temporal client.Client
	stopping atomic.Bool
}

// database is PostgreSQL as one of its users.
type database struct {
	ping func(context.Context) error
	// asking holds one token: PostgreSQL is asked by one at a time, since a question that is never answered keeps its
	// connection for long.
	asking chan struct{}
}

// health asks the servers that the roles need.
func (s *Service) health() *health {
	h := &health{temporal: s.temporal}
	if s.store != nil {
		h.databases = append(h.databases, &database{s.store.Ping, make(chan struct{}, 1)})
	}
	if s.ballots != nil {
		h.databases = append(h.databases, &database{s.ballots.Ping, make(chan struct{}, 1)})
	}
	return h
}

// alive says that the process lives, whatever its servers do.
func (h *health) alive(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, "alive") }

// ready says that the worker takes work and its servers answer.
func (h *health) ready(w http.ResponseWriter, r *http.Request) {
	if h.stopping.Load() {
		say(w, http.StatusServiceUnavailable, "stopping")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), probeLimit)
	defer cancel()
	err := h.workflows(ctx)
	for _, database := range h.databases {
		err = errors.Join(database.ask(ctx), err)
	}
	if err != nil {
		say(w, http.StatusServiceUnavailable, err.Error())
		return
	}
	say(w, http.StatusOK, "ready")
}

// ask waits no longer than it is told, though the driver might.
func (d *database) ask(ctx context.Context) error {
	answer := make(chan error, 1)
	select {
	case d.asking <- struct{}{}:
		go func() {
			answer <- d.ping(ctx)
			<-d.asking
		}()
	case <-ctx.Done():
		return fmt.Errorf("no answer from PostgreSQL: %w", ctx.Err())
	}
	select {
	case err := <-answer:
		if err != nil {
			return fmt.Errorf("no answer from PostgreSQL: %w", err)
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("no answer from PostgreSQL: %w", ctx.Err())
	}
}

func (h *health) workflows(ctx context.Context) error {
	if h.temporal == nil {
		return nil
	}
	if _, err := h.temporal.CheckHealth(ctx, &client.CheckHealthRequest{}); err != nil {
		return fmt.Errorf("no answer from Temporal: %w", err)
	}
	return nil
}

func say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = fmt.Fprintln(w, text) // who asked is gone: nobody is left to tell
}
