package main

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"time"

	"github.com/lib/pq"
	"github.com/rogpeppe/go-internal/testscript"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/kaoping/kaoping/internal/devstack"
	"github.com/kaoping/kaoping/internal/settings"
)

// shows PATTERN PROGRAM ARG… runs a program until its output has a line of the pattern.
func shows(ts *testscript.TestScript, _ bool, args []string) {
	pattern, err := regexp.Compile("(?m)" + args[0])
	ts.Check(err)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for ctx.Err() == nil {
		_ = ts.Exec(args[1], args[2:]...) // its output tells
		if pattern.MatchString(ts.ReadFile("stdout")) {
			return
		}
	}
	ts.Fatalf("no output has a line %s", args[0])
}

// inbox busy|well lets the inbox put every mail off, or take it.
func inbox(_ *testscript.TestScript, _ bool, args []string) {
	if args[0] == "well" {
		stack.Inbox.Behave(nil)
		return
	}
	stack.Inbox.Behave(func(moment devstack.Moment) devstack.Answer {
		if moment.Stage == devstack.AtSender {
			return devstack.Answer{Code: 451, Text: "4.3.2 later"}
		}
		return devstack.Answer{}
	})
}

// runSQL STATEMENT does to the script's database what only its superuser can.
func runSQL(ts *testscript.TestScript, _ bool, args []string) {
	own, err := url.Parse(ts.Getenv(settings.DatabaseURL))
	ts.Check(err)
	admin, err := url.Parse(stack.Postgres.AdminURL())
	ts.Check(err)
	admin.Path = own.Path
	connector, err := pq.NewConnector(admin.String())
	ts.Check(err)
	db := sql.OpenDB(connector)
	_, err = db.ExecContext(context.Background(), args[0])
	ts.Check(err)
	ts.Check(db.Close())
}

func dial(ts *testscript.TestScript) client.Client {
	temporal, err := client.Dial(client.Options{
		HostPort: ts.Getenv(settings.TemporalAddress), Namespace: ts.Getenv("TEMPORAL_NAMESPACE"),
		Logger: log.NewStructuredLogger(slog.New(slog.DiscardHandler)),
	})
	ts.Check(err)
	ts.Defer(temporal.Close)
	return temporal
}

// namespace NAME makes a namespace of the script's own in Temporal, and names it in the environment.
func namespace(ts *testscript.TestScript, _ bool, args []string) {
	_, err := dial(ts).WorkflowService().RegisterNamespace(context.Background(), &workflowservice.RegisterNamespaceRequest{
		Namespace: args[0], WorkflowExecutionRetentionPeriod: durationpb.New(24 * time.Hour),
	})
	ts.Check(err)
	ts.Setenv("TEMPORAL_NAMESPACE", args[0])
}

// stray ID starts a year that no database knows, and waits until Temporal lists it. Nobody carries it out.
func stray(ts *testscript.TestScript, _ bool, args []string) {
	temporal := dial(ts)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, err := temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: args[0], TaskQueue: "nobody"}, "AssessmentCycle")
	ts.Check(err)
	request := &workflowservice.CountWorkflowExecutionsRequest{Query: fmt.Sprintf("WorkflowId = '%s'", args[0])}
	for {
		listed, err := temporal.CountWorkflow(ctx, request)
		ts.Check(err)
		if listed.GetCount() == 1 {
			return
		}
	}
}
