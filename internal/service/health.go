package service

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/kaoping/kaoping/store"
)

// probeLimit is how long a server may take to say that it is there.
const probeLimit = 3 * time.Second

type health struct {
	store    *store.Store
	temporal client.Client
	stopping atomic.Bool
	// asking holds one token: PostgreSQL is asked by one at a time, since a question that is never answered keeps its
	// connection for long.
	asking chan struct{}
}

// alive says that the process lives, whatever its servers do.
func (h *health) alive(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, "alive") }

// ready says that the worker takes work and both its servers answer.
func (h *health) ready(w http.ResponseWriter, r *http.Request) {
	if h.stopping.Load() {
		say(w, http.StatusServiceUnavailable, "stopping")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), probeLimit)
	defer cancel()
	if err := errors.Join(h.database(ctx), h.workflows(ctx)); err != nil {
		say(w, http.StatusServiceUnavailable, err.Error())
		return
	}
	say(w, http.StatusOK, "ready")
}

// database waits no longer than it is told, though the driver might.
func (h *health) database(ctx context.Context) error {
	answer := make(chan error, 1)
	select {
	case h.asking <- struct{}{}:
		go func() {
			answer <- h.store.Ping(ctx)
			<-h.asking
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
