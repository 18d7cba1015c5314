package devstack

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
)

func startTemporal(t *testing.T, s Settings, options TemporalOptions) *Temporal {
	t.Helper()
	server, err := StartTemporal(t.Context(), s, options)
	must(t, err)
	t.Cleanup(func() { must(t, server.Close()) })
	return server
}

func dial(t *testing.T, address string) client.Client {
	t.Helper()
	c, err := client.DialContext(t.Context(), client.Options{HostPort: address})
	must(t, err)
	t.Cleanup(c.Close)
	return c
}

// attributes returns the kinds of the search attributes that were registered.
func attributes(t *testing.T, address string) map[string]string {
	t.Helper()
	known, err := dial(t, address).OperatorService().ListSearchAttributes(t.Context(),
		&operatorservice.ListSearchAttributesRequest{Namespace: namespace})
	must(t, err)
	kinds := map[string]string{}
	for name, kind := range known.CustomAttributes {
		kinds[name] = kind.String()
	}
	return kinds
}

func page(t *testing.T, address string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	must(t, err)
	response, err := http.DefaultClient.Do(request)
	must(t, err)
	must(t, response.Body.Close())
	return response.StatusCode
}

func TestTemporalComesBackWithItsStore(t *testing.T) {
	t.Parallel()
	server := startTemporal(t, settings(t), TemporalOptions{
		Headless: true, SearchAttributes: map[string]string{"Unit": "Keyword"},
		DynamicConfig: map[string]string{"limit.maxIDLength": "40"},
	})
	is(t, "the page", server.UI(), "")
	c := dial(t, server.Address())
	unit := temporal.NewSearchAttributes(temporal.NewSearchAttributeKeyKeyword("Unit").ValueSet("C01"))
	start := func(id string) error {
		_, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
			ID: id, TaskQueue: "nobody", TypedSearchAttributes: unit,
		}, "Waiting")
		return err
	}
	must(t, start("unit/1"))
	mustFail(t, start("unit/with-an-id-that-the-dynamic-config-forbids"), "length exceeds limit")

	address, before := server.Address(), server.Pid()
	must(t, server.Restart(t.Context()))
	is(t, "old process gone", gone(before), true)
	is(t, "the address", server.Address(), address)
	must(t, start("unit/2"))
	must(t, server.Kill())
	is(t, "process while stopped", server.Pid(), 0)
	must(t, server.Stop())
	must(t, server.Start(t.Context()))
	must(t, server.Start(t.Context())) // already running
	for _, id := range []string{"unit/1", "unit/2"} {
		found, err := c.DescribeWorkflowExecution(t.Context(), id, "")
		must(t, err)
		is(t, id, found.WorkflowExecutionInfo.Status, enums.WORKFLOW_EXECUTION_STATUS_RUNNING)
	}
}

func TestTemporalOverKeptState(t *testing.T) {
	t.Parallel()
	s := settings(t)
	s.Keep = true
	// What a start leaves that is interrupted while it makes the store.
	must(t, os.MkdirAll(filepath.Join(s.Dir, "temporal"), 0o700))
	for _, name := range []string{keptMark, "store.db"} {
		must(t, os.WriteFile(filepath.Join(s.Dir, "temporal", name), []byte("half"), 0o600))
	}
	first := startTemporal(t, s, TemporalOptions{Headless: true, SearchAttributes: map[string]string{"Year": "Int"}})
	c := dial(t, first.Address())
	_, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: "kept", TaskQueue: "nobody"}, "Waiting")
	must(t, err)
	must(t, first.Close())

	both := map[string]string{"Year": "Int", "Unit": "Keyword"}
	second := startTemporal(t, s, TemporalOptions{Headless: true, SearchAttributes: both})
	is(t, "year", attributes(t, second.Address())["Year"], "Int")
	is(t, "unit", attributes(t, second.Address())["Unit"], "Keyword")
	_, err = dial(t, second.Address()).DescribeWorkflowExecution(t.Context(), "kept", "")
	must(t, err)
}

func TestTemporalTellsWhatTheServerSaid(t *testing.T) {
	t.Parallel()
	cli := t.TempDir() + "/temporal"
	script(t, cli, `echo "unknown flag: $1 $2" >&2; exit 1`)
	_, err := StartTemporal(t.Context(), settings(t), TemporalOptions{CLI: cli})
	mustFail(t, err, "couldn't start Temporal", "exit status 1", "unknown flag: server start-dev")
}

func TestTemporalKeepsAClientsSettingsOut(t *testing.T) {
	t.Parallel()
	got := withoutTemporal([]string{"PATH=/bin", "TEMPORAL_ADDRESS=elsewhere:7233", "TEMPORAL_TLS=true", "HOME=/"})
	is(t, "what is left", slices.Equal(got, []string{"PATH=/bin", "HOME=/"}), true)
}
