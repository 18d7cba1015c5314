package devstack

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

func inBubble(t *testing.T, f func()) {
	t.Helper()
	synctest.Test(t, func(*testing.T) { f() })
}

func completed(t *testing.T) Settings {
	t.Helper()
	s, err := settings(t).complete()
	must(t, err)
	return s
}

func TestProvideWorksOnce(t *testing.T) {
	t.Parallel()
	target := filepath.Join(t.TempDir(), "cache", "tool-1")
	const programs = 8
	var works atomic.Int64
	var waiting sync.WaitGroup
	waits := make(chan struct{}, programs)
	s := completed(t)
	s.Progress = func(string) { waits <- struct{}{} }
	for range programs {
		waiting.Go(func() {
			err := provide(t.Context(), s, target, func(_ context.Context, temporary string) error {
				if works.Add(1) == 1 {
					for range programs - 1 {
						<-waits // all the others are waiting now
					}
				}
				return os.WriteFile(filepath.Join(temporary, "tool"), []byte("whole"), 0o755)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	waiting.Wait()
	is(t, "works", works.Load(), int64(1))
	content, err := os.ReadFile(filepath.Join(target, "tool"))
	must(t, err)
	is(t, "content", string(content), "whole")
}

func TestProvideLeavesNothingHalf(t *testing.T) {
	t.Parallel()
	target := filepath.Join(t.TempDir(), "tool-1")
	// What a killed program left.
	must(t, os.MkdirAll(filepath.Join(target+".unfinished", "half"), 0o755))
	err := provide(t.Context(), completed(t), target, func(_ context.Context, temporary string) error {
		entries, err := os.ReadDir(temporary)
		must(t, err)
		is(t, "entries to begin with", len(entries), 0)
		must(t, os.WriteFile(filepath.Join(temporary, "tool"), nil, 0o755))
		return errors.New("no space")
	})
	mustFail(t, err, "no space")
	is(t, "target", isThere(t, target), false)
	is(t, "rest", isThere(t, target+".unfinished"), false)
}

func TestProvideTakesTheFirstSourceThatWorks(t *testing.T) {
	t.Parallel()
	target := filepath.Join(t.TempDir(), "tool-1")
	write := func(name string, err error) source {
		return func(_ context.Context, into string) error {
			return errors.Join(os.WriteFile(filepath.Join(into, name), nil, 0o755), err)
		}
	}
	must(t, provide(t.Context(), completed(t), target,
		write("first", errors.New("not found")), write("second", nil), write("third", nil)))
	entries, err := os.ReadDir(target)
	must(t, err)
	is(t, "entries", len(entries), 1)
	is(t, "entry", entries[0].Name(), "second")

	ctx, cancel := context.WithCancel(t.Context())
	err = provide(ctx, completed(t), target+"0", write("first", errors.New("not found")), func(context.Context, string) error {
		cancel()
		return errors.New("interrupted")
	}, write("third", nil))
	mustFail(t, err, "not found", "interrupted")
	is(t, "target", isThere(t, target+"0"), false)
}

func TestProvideSaysThatItWaits(t *testing.T) {
	t.Parallel()
	target := filepath.Join(t.TempDir(), "tool-1")
	holder, err := waitForLock(t.Context(), completed(t), target+".lock")
	must(t, err)
	defer func() { must(t, holder.Close()) }()
	ctx, cancel := context.WithCancel(t.Context())
	s := completed(t)
	var told []string
	s.Progress = func(text string) {
		told = append(told, text)
		cancel()
	}
	err = provide(ctx, s, target, func(context.Context, string) error { return errors.New("it worked all the same") })
	is(t, "cancelled", errors.Is(err, context.Canceled), true)
	is(t, "told", strings.Join(told, "|"), "waiting for another program that makes tool-1")
}

func TestBuildCLI(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	goTool := filepath.Join(dir, "go")
	script(t, goTool, `echo "$@" >`+dir+`/arguments; echo "$GOFLAGS/$GOOS/$GOWORK" >`+dir+`/environment; echo built >"$GOBIN/temporal"`)
	into := t.TempDir()
	s := completed(t)
	var told []string
	s.Progress = func(text string) { told = append(told, text) }
	must(t, buildCLI(t.Context(), s, goTool, into))
	is(t, "program", isThere(t, filepath.Join(into, "temporal")), true)
	is(t, "told", strings.Join(told, "|"), "building the Temporal CLI from source, once, 3 to 5 minutes")
	arguments, err := os.ReadFile(filepath.Join(dir, "arguments"))
	must(t, err)
	want := "install -v -ldflags -s -w -X github.com/temporalio/cli/temporalcli.Version=1.5.1 github.com/temporalio/cli/cmd/temporal@v1.5.1\n"
	is(t, "arguments", string(arguments), want)
	environment, err := os.ReadFile(filepath.Join(dir, "environment"))
	must(t, err)
	is(t, "environment", string(environment), "//off\n")
}

func TestBuildCLITellsWhyItFailed(t *testing.T) {
	t.Parallel()
	goTool := filepath.Join(t.TempDir(), "go")
	script(t, goTool, `for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo "line $i." >&2; done; exit 1`)
	err := buildCLI(t.Context(), completed(t), goTool, t.TempDir())
	mustFail(t, err, "couldn't build it", "exit status 1", "line 3.", "line 12.")
	is(t, "says the beginning too", strings.Contains(err.Error(), "line 2."), false)
}

func TestBuildLogCounts(t *testing.T) {
	t.Parallel()
	b := &buildLog{}
	for _, part := range []string{"go: downloading a v1\ngo: downloading b v2\n", "internal/cpu\n", "net/http\nfmt\n"} {
		n, err := b.Write([]byte(part))
		must(t, err)
		is(t, "written", n, len(part))
	}
	is(t, "state", b.state(), "2 modules fetched, 3 packages compiled")
	is(t, "end", b.end(), "go: downloading a v1\ngo: downloading b v2\ninternal/cpu\nnet/http\nfmt")
}

func TestUsableCLI(t *testing.T) {
	t.Parallel()
	for version, reason := range map[string]string{
		"temporal version 1.3.0 (Server 1.27.1, UI 2.36.0)":     "",
		"temporal version 0.0.0-DEV (Server 1.29.1, UI 2.42.1)": "",
		"temporal version 9.0.0 (Server 2.0.0, UI 9.9.9)":       "",
		"temporal version 1.2.0 (Server 1.26.2, UI 2.34.0)":     "has Server 1.26, and 1.27 is needed",
		"tctl version 0.18": "couldn't read the version",
		"":                  "couldn't read the version",
	} {
		path := filepath.Join(t.TempDir(), "temporal")
		script(t, path, "echo '"+version+"'")
		err := usableCLI(t.Context(), path)
		if reason == "" {
			must(t, err)
			continue
		}
		mustFail(t, err, reason, path)
	}
	path := filepath.Join(t.TempDir(), "temporal")
	script(t, path, "exit 1")
	mustFail(t, usableCLI(t.Context(), path), "couldn't ask the version", "exit status 1")
}

// Not parallel: PATH is the whole program's.
func TestFindCLIPrefersPathThenCache(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	s := completed(t)
	s.Cache = t.TempDir()
	cached := filepath.Join(s.Cache, "temporal-1.5.1", "temporal")
	must(t, os.Mkdir(filepath.Dir(cached), 0o755))
	server := &Temporal{settings: s}

	must(t, server.findCLI(t.Context()))
	is(t, "without one on PATH", server.cli, cached)
	onPath := filepath.Join(dir, "temporal")
	script(t, onPath, "echo 'temporal version 1.2.0 (Server 1.26.2)'")
	must(t, server.findCLI(t.Context()))
	is(t, "with an old one on PATH", server.cli, cached)
	script(t, onPath, "echo 'temporal version 1.6.0 (Server 1.30.0)'")
	must(t, server.findCLI(t.Context()))
	is(t, "with a new one on PATH", server.cli, onPath)
	server.options.CLI = "/opt/temporal"
	must(t, server.findCLI(t.Context()))
	is(t, "as asked", server.cli, "/opt/temporal")
}
