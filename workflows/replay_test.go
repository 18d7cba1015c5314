package workflows

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	history "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// TestReplayHistories plays every history that a real server recorded against today's code: what is under way
// somewhere must go on. Whoever makes this fail guards his change with workflow.GetVersion; a recorded history is
// never edited.
func TestReplayHistories(t *testing.T) {
	t.Parallel()
	var names []string
	for _, pattern := range []string{"*.json", "*.json.gz"} {
		found, err := filepath.Glob(filepath.Join("testdata", pattern))
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, found...)
	}
	if len(names) == 0 {
		t.Fatal("workflows/testdata holds no history: record a year with `make histories`")
	}
	replayed := map[string]int{}
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) {
			events := readHistory(t, name)
			replayed[events.Events[0].GetWorkflowExecutionStartedEventAttributes().GetWorkflowType().GetName()]++
			replay(t, events)
		})
	}
	for _, kind := range []string{"AssessmentCycle", "UnitAssessment", "Approval", "Rectification"} {
		if replayed[kind] == 0 {
			t.Errorf("no history of %s is among the %d recorded: record a whole year with `make histories`", kind, len(names))
		}
	}
}

func readHistory(t *testing.T, name string) *history.History {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	}()
	var content io.Reader = file
	if strings.HasSuffix(name, ".gz") {
		if content, err = gzip.NewReader(file); err != nil {
			t.Fatalf("couldn't unpack %s: %v", name, err)
		}
	}
	events, err := client.HistoryFromJSON(content, client.HistoryJSONOptions{})
	if err != nil {
		t.Fatalf("couldn't read %s: %v", name, err)
	}
	if len(events.GetEvents()) == 0 {
		t.Fatalf("%s holds no events", name)
	}
	return events
}

func replay(t *testing.T, events *history.History) {
	t.Helper()
	replayer := worker.NewWorkflowReplayer()
	Register(replayer)
	started := events.Events[0].GetWorkflowExecutionStartedEventAttributes()
	original := workflow.Execution{ID: started.GetWorkflowId(), RunID: started.GetOriginalExecutionRunId()}
	options := worker.ReplayWorkflowHistoryOptions{OriginalExecution: original}
	if err := replayer.ReplayWorkflowHistoryWithOptions(quiet, events, options); err != nil {
		t.Errorf("today's code does not do what the history did: %v", err)
	}
}
