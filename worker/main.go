// Command worker carries out Kaoping's processes: it takes workflow and activity tasks from Temporal, writes to
// PostgreSQL and sends mail, and serves the portal's pages and the public's. It keeps no state; run as many as needed, on as many machines.
//
//	worker [--roles tasks,portal,public]
//
// Roles: tasks (workflows and activities), portal (web pages), public (the public's pages and ballots); all by default.
// A process of the public's role alone needs PUBLIC_DATABASE_URL and nothing else.
//
// Settings are environment variables, each also a flag: DATABASE_URL, TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE (and
// Temporal's other TEMPORAL_… variables), SMTP_URL, MAIL_FROM, PORTAL_ADDRESS, PORTAL_URL, EVIDENCE_URL, TRUSTED_PROXIES,
// PUBLIC_ADDRESS, PUBLIC_URL, PUBLIC_DATABASE_URL, PUBLIC_RATE, PUBLIC_WORK, OPERATIONS_ADDRESS; worker --help lists all. An address that is not set is that of a running `starter up` or `demo`,
// read from the folder .kaoping.
//
// Ports: PORTAL_ADDRESS (127.0.0.1:8080) serves the pages, PUBLIC_ADDRESS (127.0.0.1:8081) the
// public's, OPERATIONS_ADDRESS (127.0.0.1:9090) GET /healthz (the process
// lives), GET /readyz (the servers of its roles answer) and GET /metrics. Files: those of EVIDENCE_URL where that is a folder.
//
// SIGTERM or SIGINT: no new work, running work finishes or is handed back, exit 0 within 30 s; a second one ends it at
// once. The log goes to standard error. Exit codes: 0 stopped, 1 failed, 2 wrong usage.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/kaoping/kaoping/internal/service"
	"github.com/kaoping/kaoping/internal/settings"
)

type program struct {
	Roles []string `placeholder:"ROLE" help:"What this process does: tasks, portal, public (default: all), separated by commas."`
	settings.Settings
}

// How seldom a process of the public's role alone collects garbage, and the memory from which on it does so more often.
const (
	publicGC     = 400
	publicMemory = 112 << 20
)

func main() {
	var worker program
	kong.Parse(&worker, kong.Name("worker"),
		kong.Description("Carries out Kaoping's workflows and activities, and serves health and metrics. Stops on SIGTERM within 30 s."),
		settings.Flags(), kong.Exit(settings.Exit))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // the second signal is not caught
	roles, err := service.ParseRoles(worker.Roles)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if slices.Equal(roles, []service.Role{service.Public}) {
		// Ballots are short-lived and come by thousands: it collects seldom, within a bound.
		debug.SetGCPercent(publicGC)
		debug.SetMemoryLimit(publicMemory)
	}
	if err := work(ctx, worker.Settings, roles); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func work(ctx context.Context, given settings.Settings, roles []service.Role) error {
	found, err := given.Discover(settings.Dir)
	if err != nil {
		return err
	}
	complete, err := found.Complete(settings.Dir)
	if err != nil {
		return err
	}
	return service.New(complete, roles, settings.Log(os.Stderr)).Run(ctx)
}
