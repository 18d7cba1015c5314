package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/kaoping/kaoping/internal/devstack"
	"github.com/kaoping/kaoping/internal/service"
	"github.com/kaoping/kaoping/internal/settings"
	"github.com/kaoping/kaoping/schemas"
)

// stack is the tests' own servers. Temporal knows no search attribute until a script registers them.
var stack *devstack.Stack

var databases atomic.Int64

// patience is longer than anything here takes.
const patience = 3 * time.Minute

func TestMain(m *testing.M) {
	testscript.Main(withServers{m}, map[string]func(){"starter": main, "worker": worker})
}

// withServers runs the tests on servers of their own; the programs that scripts call are not tests.
type withServers struct{ *testing.M }

func (m withServers) Run() int {
	code, err := m.run()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

func (m withServers) run() (code int, err error) {
	dir, err := os.MkdirTemp("", "kaoping-starter-")
	if err != nil {
		return 1, err
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		return 1, err
	}
	stack, err = devstack.Start(context.Background(), devstack.Options{
		Settings: devstack.Settings{Dir: filepath.Join(dir, "state"), FsyncOff: true, Progress: func(text string) { fmt.Fprintln(os.Stderr, text) }},
		Postgres: &devstack.PostgresOptions{}, Inbox: &devstack.InboxOptions{}, Temporal: &devstack.TemporalOptions{Headless: true},
	})
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, stack.Close(), os.RemoveAll(dir)) }()
	return m.M.Run(), nil
}

// worker is the worker program, which lies beside starter. No package can import the program itself.
func worker() {
	var given settings.Settings
	kong.Parse(&given, settings.Flags(), kong.Exit(settings.Exit))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	found, err := given.Discover(settings.Dir)
	if err == nil {
		found, err = found.Complete(settings.Dir)
	}
	if err == nil {
		err = service.New(found, service.AllRoles(), settings.Log(os.Stderr)).Run(ctx)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir: "testdata", RequireExplicitExec: true, RequireUniqueNames: true, Setup: prepare,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "shows": shows, "servers": servers, "namespace": namespace, "sql": runSQL, "inbox": inbox, "stray": stray,
			"coming": coming, "small": small, "rehearse": rehearse, "until": until, "together": together, "add-results": addResults, "seal": seal,
		},
	})
}

// prepare gives each script the sample data set, in the folder sample, and the built-in rule sets in rules. What was
// fetched or built into the user's cache is not to be fetched again.
func prepare(env *testscript.Env) error {
	files, err := fs.Sub(schemas.Data, "data/pingliang")
	if err != nil {
		return err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return err
	}
	env.Setenv("XDG_CACHE_HOME", cache)
	// As root PostgreSQL runs under an account that can't reach into the script's own folder.
	env.Setenv("TMPDIR", os.TempDir())
	return errors.Join(os.CopyFS(filepath.Join(env.WorkDir, "sample"), files), os.CopyFS(env.WorkDir, schemas.Rules))
}

// exits CODE PROGRAM ARG… runs a program and wants that exit code.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var ended *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &ended) {
		got = ended.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// servers names a database of the script's own, Temporal and the inbox in the environment.
func servers(ts *testscript.TestScript, _ bool, _ []string) {
	url, err := stack.Postgres.CreateDatabase(context.Background(), fmt.Sprintf("script_%d", databases.Add(1)), "")
	ts.Check(err)
	ts.Setenv(settings.DatabaseURL, url)
	ts.Setenv(settings.TemporalAddress, stack.TemporalAddress())
	ts.Setenv(settings.SMTPURL, stack.SMTPURL())
	// Several scripts have a worker at the same time.
	for _, name := range []string{"OPERATIONS_ADDRESS", "PORTAL_ADDRESS", "PUBLIC_ADDRESS"} {
		ts.Setenv(name, "127.0.0.1:0")
	}
}

// coming DIR moves a data set's dates into the weeks from today on, publishes the days of those years, and names the
// cycle in $CYCLE: a real year can't start in the past.
func coming(ts *testscript.TestScript, _ bool, args []string) {
	today := time.Now()
	dates := "dates:\n"
	for key, days := range map[string]int{"notice": 3, "self_report_due": 20, "review_due": 40, "approval_due": 50, "rectification_due": 80} {
		dates += fmt.Sprintf("  %s: %s\n", key, today.AddDate(0, 0, days).Format(time.DateOnly))
	}
	year := today.AddDate(0, 0, 3).Year()
	name := ts.MkAbs(filepath.Join(args[0], "scheme.yaml"))
	before, rest, _ := strings.Cut(ts.ReadFile(name), "dates:\n")
	_, after, _ := strings.Cut(rest, "reminders:")
	scheme := strings.Replace(before, "year: 2025", fmt.Sprintf("year: %d", year), 1) + dates + "reminders:" + after
	ts.Check(os.WriteFile(name, []byte(scheme), 0o600))
	holidays := "date,kind,name\n"
	for i := range 3 {
		holidays += fmt.Sprintf("%d-01-01,off,元旦\n", year+i)
	}
	ts.Check(os.WriteFile(ts.MkAbs(filepath.Join(args[0], "holidays.csv")), []byte(holidays), 0o600))
	ts.Setenv("CYCLE", fmt.Sprintf("pingliang/%d", year))
}

// together PROGRAM ARG… runs a program twice at the same moment: one is to be done, the other refused.
func together(ts *testscript.TestScript, _ bool, args []string) {
	program, err := exec.LookPath(args[0])
	ts.Check(err)
	var outputs [2]strings.Builder
	var codes [2]int
	var both sync.WaitGroup
	for i := range codes {
		both.Go(func() {
			command := exec.CommandContext(context.Background(), program, args[1:]...)
			command.Dir, command.Stdout, command.Stderr = ts.MkAbs("."), &outputs[i], &outputs[i]
			command.Env = scriptEnvironment(ts)
			if command.Run() != nil {
				codes[i] = command.ProcessState.ExitCode()
			}
		})
	}
	both.Wait()
	if codes[0]+codes[1] != 1 || codes[0]*codes[1] != 0 {
		ts.Fatalf("exit codes %v, want 0 and 1:\n%s\n%s", codes, &outputs[0], &outputs[1])
	}
	for i, code := range codes {
		if code == 1 {
			_, err = fmt.Fprint(ts.Stderr(), outputs[i].String())
			ts.Check(err)
		}
	}
}

func scriptEnvironment(ts *testscript.TestScript) []string {
	environment := []string{}
	for _, name := range []string{"PATH", "HOME", settings.DatabaseURL, settings.TemporalAddress, settings.SMTPURL} {
		environment = append(environment, name+"="+ts.Getenv(name))
	}
	return environment
}

// add-results BOOK RESULTS puts what recompute printed at the end of the book, as an exported book has it.
func addResults(ts *testscript.TestScript, _ bool, args []string) {
	if !json.Valid([]byte(ts.ReadFile(args[1]))) {
		ts.Fatalf("%s is not JSON", args[1])
	}
	book := strings.TrimSuffix(strings.TrimSpace(ts.ReadFile(args[0])), "}") + `, "results": ` + ts.ReadFile(args[1]) + "}\n"
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(book), 0o600))
}
