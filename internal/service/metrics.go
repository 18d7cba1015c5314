package service

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	otelprometheus "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/opentelemetry"

	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// metrics are the figures of one worker in a registry of its own: Temporal's, the runtime's, and where the running
// cycles stand.
type metrics struct {
	registry *prometheus.Registry
	temporal client.MetricsHandler
}

// latencies bound the buckets of Temporal's histograms, in seconds.
var latencies = []float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300}

func newMetrics() (*metrics, error) {
	registry := prometheus.NewRegistry()
	exporter, err := otelprometheus.New(otelprometheus.WithRegisterer(registry), otelprometheus.WithoutScopeInfo())
	if err == nil {
		err = errors.Join(registry.Register(collectors.NewGoCollector()),
			registry.Register(collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})))
	}
	if err != nil {
		return nil, fmt.Errorf("couldn't set up the metrics: %w", err)
	}
	provider := metric.NewMeterProvider(metric.WithReader(exporter), metric.WithView(metric.NewView(
		metric.Instrument{Kind: metric.InstrumentKindHistogram},
		metric.Stream{Aggregation: metric.AggregationExplicitBucketHistogram{Boundaries: latencies}},
	)))
	return &metrics{registry: registry, temporal: opentelemetry.NewMetricsHandler(opentelemetry.MetricsHandlerOptions{
		Meter: provider.Meter("go.temporal.io/sdk"),
	})}, nil
}

// watch adds where the cycles of a store stand.
func (m *metrics) watch(store *store.Store) { m.registry.MustRegister(&standing{store: store}) }

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{
		ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: 4, Timeout: 20 * time.Second,
	})
}

// standing reads, whenever somebody asks for metrics, what waits in the running cycles.
type standing struct{ store *store.Store }

const readLimit = 5 * time.Second

var (
	mails = prometheus.NewDesc("kaoping_mails", "Mails on the ledgers of running cycles, by state.", []string{"cycle", "rehearsal", "state"}, nil)
	tasks = prometheus.NewDesc("kaoping_tasks_open", "Tasks of running cycles that wait for somebody.", []string{"cycle", "rehearsal", "kind", "role"}, nil)
)

func (s *standing) Describe(descriptions chan<- *prometheus.Desc) {
	descriptions <- mails
	descriptions <- tasks
}

func (s *standing) Collect(figures chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), readLimit)
	defer cancel()
	cycles, err := s.store.CycleList(ctx)
	for _, cycle := range cycles {
		if err == nil && cycle.State == "running" {
			err = s.collect(ctx, cycle, figures)
		}
	}
	if err != nil {
		figures <- prometheus.NewInvalidMetric(mails, fmt.Errorf("couldn't read where the cycles stand: %w", err))
	}
}

func (s *standing) collect(ctx context.Context, cycle query.CycleListRow, figures chan<- prometheus.Metric) error {
	name := store.CycleName(query.Cycle{Authority: cycle.Authority, Year: cycle.Year, Kind: cycle.Kind})
	rehearsal := strconv.Itoa(int(cycle.Rehearsal))
	ledger, err := s.store.StatusMails(ctx, query.StatusMailsParams{CycleID: cycle.CycleID})
	if err != nil {
		return err
	}
	for _, row := range ledger {
		figures <- prometheus.MustNewConstMetric(mails, prometheus.GaugeValue, float64(row.Mails), name, rehearsal, row.State)
	}
	open, err := s.store.StatusTasks(ctx, query.StatusTasksParams{CycleID: cycle.CycleID})
	for _, row := range open {
		figures <- prometheus.MustNewConstMetric(tasks, prometheus.GaugeValue, float64(row.Tasks), name, rehearsal, row.Kind, row.Role)
	}
	return err
}
