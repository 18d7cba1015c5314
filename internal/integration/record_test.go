package integration

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	enums "go.temporal.io/api/enums/v1"
	history "go.temporal.io/api/history/v1"
	workflowservice "go.temporal.io/api/workflowservice/v1"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/kaoping/kaoping/internal/integration/dataset"
	"github.com/kaoping/kaoping/internal/rehearsal"
)

var recordFlag = flag.Bool("record", false, "record the histories of a year into workflows/testdata")

const histories = "../../workflows/testdata"

// TestRecordHistories records every history of a small year with all its situations, when asked to; always it looks
// through what is recorded: no name, no address and no text of a person stands in a history.
func TestRecordHistories(t *testing.T) {
	t.Parallel()
	set := generated(t, fiveUnits)
	if *recordFlag {
		script := rehearsal.NewScript(set.Plan)
		script.Extended = dataset.Code(2)
		s := newStack(t, nil)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		s.begin(ctx, t, set, script, faultPace).play(ctx, t)
		s.record(ctx, t, "year")
	}
	files, err := filepath.Glob(filepath.Join(histories, "*.json.gz"))
	must(t, err)
	if len(files) == 0 {
		t.Fatal("nothing is recorded: run make histories")
	}
	for _, file := range files {
		if found := personal.FindString(unpacked(t, file)); found != "" {
			t.Errorf("%s holds %q", file, found)
		}
	}
}

// personal is what a history must not hold. Names of units and people, statements, reasons, remarks: whatever the
// rehearsal's people write has a Chinese character in it; addresses end in .example; results have their fields.
var personal = regexp.MustCompile(`.{0,40}\p{Han}+.{0,40}|[\w.-]+@[\w.-]+\.example|"(?:total|base|deduction|self_score)":`)

// nextRecording is a beginning of file names that no earlier recording of a story has: a recorded history is never edited.
func nextRecording(t *testing.T, story string) string {
	t.Helper()
	for number := 1; ; number++ {
		prefix := fmt.Sprintf("%s-%d-", story, number)
		earlier, err := filepath.Glob(filepath.Join(histories, prefix+"*"))
		must(t, err)
		if len(earlier) == 0 {
			return prefix
		}
	}
}

// record writes every run of every workflow that the server knows, under the name of the story that was played.
func (s *stack) record(ctx context.Context, t *testing.T, story string) {
	t.Helper()
	must(t, os.MkdirAll(histories, 0o755))
	prefix := nextRecording(t, story)
	var page []byte
	for {
		answer, err := s.office.Temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{NextPageToken: page})
		must(t, err)
		for _, found := range answer.GetExecutions() {
			id, run := found.GetExecution().GetWorkflowId(), found.GetExecution().GetRunId()
			events := &history.History{}
			all := s.office.Temporal.GetWorkflowHistory(ctx, id, run, false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
			for all.HasNext() {
				event, err := all.Next()
				must(t, err)
				events.Events = append(events.Events, event)
			}
			name := prefix + strings.ReplaceAll(strings.TrimPrefix(id, "rehearsal/1/"), "/", "-")
			if started := events.GetEvents()[0].GetWorkflowExecutionStartedEventAttributes(); started.GetContinuedExecutionRunId() != "" {
				name += "-continued"
			}
			must(t, writeHistory(filepath.Join(histories, name+".json.gz"), events))
		}
		if page = answer.GetNextPageToken(); len(page) == 0 {
			return
		}
	}
}

func writeHistory(name string, events *history.History) error {
	text, err := protojson.Marshal(events)
	if err != nil {
		return fmt.Errorf("couldn't write %s: %w", name, err)
	}
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	if _, err := writer.Write(text); err != nil {
		return err
	}
	if err := writer.Close(); err != nil {
		return err
	}
	return os.WriteFile(name, packed.Bytes(), 0o644)
}

// unpacked is a history with its payloads in clear.
func unpacked(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(name)
	must(t, err)
	reader, err := gzip.NewReader(bytes.NewReader(content))
	must(t, err)
	text, err := io.ReadAll(reader)
	must(t, err)
	return payload.ReplaceAllStringFunc(string(text), func(found string) string {
		plain, err := base64.StdEncoding.DecodeString(payload.FindStringSubmatch(found)[1])
		must(t, err)
		return string(plain)
	})
}

// payload is the content of one, as a history's JSON has it.
var payload = regexp.MustCompile(`"data":\s*"([A-Za-z0-9+/=]+)"`)
