// Package service is the worker's process as a value: it runs workflows and activities, serves the portal, the public's pages, and health and
// metrics, each as its roles say. Tests start the real thing on port 0.
package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"github.com/kaoping/kaoping/activities"
	"github.com/kaoping/kaoping/ballots"
	"github.com/kaoping/kaoping/internal/devstack"
	"github.com/kaoping/kaoping/internal/settings"
	"github.com/kaoping/kaoping/mail"
	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/portal"
	"github.com/kaoping/kaoping/public"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/workflows"
)

// Connections is how many mails a worker has on their way at once.
const Connections = 8

const (
	// stickyPatience is how long a workflow waits for the worker that remembers it, before any other takes it over.
	stickyPatience = 2 * time.Second
	// handBack is how long running work may take to finish after the stop; what takes longer is cancelled, and
	// Temporal gives it to another worker.
	handBack = 20 * time.Second
	// stopLimit bounds the whole stop of the worker. The mails under way then have 5 s: all of it stays below 30 s.
	stopLimit = 23 * time.Second
)

// Service is one worker.
type Service struct {
	settings settings.Settings
	roles    []Role
	log      *slog.Logger
	metrics  *metrics
	ready    chan struct{}

	store    *store.Store
	temporal client.Client
	sender   *mail.Sender
	// rehearsing delivers what rehearsals say, to inbox where there is one.
	rehearsing *mail.Sender
	signer     ballots.Signer
	inbox      *devstack.Inbox
	listener   net.Listener
	office     *office.Office
	portal     *portal.Portal
	pages      net.Listener
	// ballots is the database as the public sees it.
	ballots     *store.Public
	site        *public.Site
	publicPages net.Listener
	failed      chan error
}

// New prepares a worker with complete settings, for these roles; it opens nothing.
func New(settings settings.Settings, roles []Role, log *slog.Logger) *Service {
	return &Service{settings: settings, roles: roles, log: log, ready: make(chan struct{}), failed: make(chan error, 4)}
}

// Ready is closed when the worker takes work; Address is known from then on.
func (s *Service) Ready() <-chan struct{} { return s.ready }

// Address is where health and metrics are served.
func (s *Service) Address() string { return s.listener.Addr().String() }

// Run works until the context ends, then stops: no new work, and within 30 s running work finishes or is handed back.
// It is called once.
func (s *Service) Run(ctx context.Context) error {
	err := s.open(ctx)
	if err == nil {
		err = s.work(ctx)
	}
	return errors.Join(err, s.close())
}

func (s *Service) open(ctx context.Context) (err error) {
	if s.metrics, err = newMetrics(); err != nil {
		return err
	}
	if s.has(Tasks) || s.has(Portal) {
		if err := s.openApplication(ctx); err != nil {
			return err
		}
	}
	var listening net.ListenConfig
	if s.listener, err = listening.Listen(ctx, "tcp", s.settings.OperationsAddress); err != nil {
		return &settings.Error{Setting: "OPERATIONS_ADDRESS", Err: err}
	}
	if s.has(Portal) {
		if err := s.openPortal(ctx); err != nil {
			return err
		}
	}
	if s.has(Public) {
		return s.openPublic(ctx)
	}
	return nil
}

// openApplication opens the servers behind tasks and portal; the public's role sees none of them.
func (s *Service) openApplication(ctx context.Context) (err error) {
	if s.store, err = s.settings.OpenStore(ctx); err != nil {
		return err
	}
	s.metrics.watch(s.store)
	s.temporal, err = s.settings.DialTemporal(ctx, s.log, func(options *client.Options) { options.MetricsHandler = s.metrics.temporal })
	if err != nil {
		return err
	}
	if s.sender, err = s.settings.OpenSender(ctx, Connections); err != nil {
		return err
	}
	if err := s.openInbox(); err != nil {
		return err
	}
	if s.has(Tasks) {
		if s.signer, err = s.settings.OpenSigner(); err != nil {
			return err
		}
	}
	return s.openOffice(ctx)
}

// openOffice opens what people's acts need, those of simulated people too.
func (s *Service) openOffice(ctx context.Context) error {
	library, err := settings.Rules("")
	if err != nil {
		return fmt.Errorf("couldn't read the built-in rule sets: %w", err)
	}
	evidence, err := s.settings.OpenEvidence(ctx)
	if err != nil {
		return err
	}
	s.office = &office.Office{Store: s.store, Temporal: s.temporal, Rules: library, Evidence: evidence}
	return nil
}

func (s *Service) work(ctx context.Context) error {
	health := s.health()
	servers := []*http.Server{s.serve(health)}
	attributes := []any{"roles", s.roles, "operations", s.Address()}
	stop := func() {}
	if s.has(Tasks) {
		var err error
		if stop, err = s.startTasks(ctx); err != nil {
			return errors.Join(err, servers[0].Close())
		}
		attributes = append(attributes, "task_queue", workflows.TaskQueue)
	}
	if s.has(Portal) {
		servers = append(servers, s.servePortal())
		attributes = append(attributes, "portal", s.PortalAddress())
	}
	if s.has(Public) {
		servers = append(servers, s.servePublic())
		attributes = append(attributes, "public", s.PublicAddress())
	}
	s.log.Info("working", attributes...)
	close(s.ready)
	var failure error
	select {
	case <-ctx.Done():
	case failure = <-s.failed:
	}
	health.stopping.Store(true)
	s.log.Info("stopping: running work finishes or is handed back")
	stop()
	return errors.Join(failure, shutDown(servers...))
}

// startTasks takes workflow and activity tasks, and plays the people of rehearsals, until stop.
func (s *Service) startTasks(ctx context.Context) (stop func(), err error) {
	tasks := s.newWorker()
	if err := tasks.Start(); err != nil {
		return nil, fmt.Errorf("couldn't start the worker: %w", err)
	}
	playing, stopPlaying := context.WithCancel(ctx)
	played := make(chan struct{})
	go func() {
		defer close(played)
		s.playRehearsals(playing)
	}()
	return func() {
		stopPlaying()
		s.stop(tasks)
		<-played
	}, nil
}

// Options size a worker for two cores: workflow tasks are short and many, activities wait for servers.
func Options() worker.Options {
	return worker.Options{
		MaxConcurrentWorkflowTaskExecutionSize:  100,
		MaxConcurrentWorkflowTaskPollers:        8,
		MaxConcurrentActivityExecutionSize:      100,
		MaxConcurrentActivityTaskPollers:        4,
		MaxConcurrentLocalActivityExecutionSize: 64,
		StickyScheduleToStartTimeout:            stickyPatience,
		WorkerStopTimeout:                       handBack,
	}
}

func (s *Service) newWorker() worker.Worker {
	worker.SetStickyWorkflowCacheSize(2000)
	options := Options()
	options.OnFatalError = func(err error) { s.fail(fmt.Errorf("the worker ended: %w", err)) }
	tasks := worker.New(s.temporal, workflows.TaskQueue, options)
	workflows.Register(tasks)
	activities.New(activities.Dependencies{
		Store: s.store, Rules: s.office.Rules, Sender: s.sender, Rehearsing: s.rehearsing, From: s.settings.MailFrom, PortalURL: s.settings.PortalURL,
		PublicURL: s.settings.PublicURL, Signer: s.signer,
		Connections: Connections, Log: s.log,
	}).Register(tasks)
	return tasks
}

// fail ends the run; the first failure counts.
func (s *Service) fail(err error) {
	select {
	case s.failed <- err:
	default:
	}
}

// stop waits for running work, but not for ever: Temporal finds out about work that this process takes along.
func (s *Service) stop(tasks worker.Worker) {
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		tasks.Stop()
	}()
	select {
	case <-stopped:
		s.log.Info("stopped")
	case <-time.After(stopLimit):
		s.log.Warn("some work did not end in time; Temporal gives it to another worker")
	}
}

func (s *Service) serve(health *health) *http.Server {
	routes := http.NewServeMux()
	routes.HandleFunc("GET /healthz", health.alive)
	routes.HandleFunc("GET /readyz", health.ready)
	routes.Handle("GET /metrics", s.metrics.handler())
	server := &http.Server{
		Handler: routes, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second,
		IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	go func() {
		if err := server.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
			s.fail(fmt.Errorf("health and metrics ended: %w", err))
		}
	}()
	return server
}

func shutDown(servers ...*http.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	var errs []error
	for _, server := range servers {
		if err := server.Shutdown(ctx); err != nil {
			errs = append(errs, server.Close()) // somebody still reads: he is cut off
		}
	}
	return errors.Join(errs...)
}

// close ends what open opened, in the reverse order.
func (s *Service) close() error {
	var errs []error
	for _, listener := range []net.Listener{s.publicPages, s.pages, s.listener} {
		if listener == nil {
			continue
		}
		if err := listener.Close(); !errors.Is(err, net.ErrClosed) { // the server closes it too
			errs = append(errs, err)
		}
	}
	if s.ballots != nil {
		errs = append(errs, s.ballots.Close())
	}
	if s.office != nil {
		errs = append(errs, s.office.Evidence.Close())
	}
	errs = append(errs, s.closeInbox())
	if s.sender != nil {
		s.sender.Close()
	}
	if s.temporal != nil {
		s.temporal.Close()
	}
	if s.store != nil {
		errs = append(errs, s.store.Close())
	}
	return errors.Join(errs...)
}
