package devstack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
)

const (
	cliVersion = "1.5.1"
	cliModule  = "github.com/temporalio/cli"

	// downloadLimit ends a download that hardly moves: building takes about as long.
	downloadLimit = 5 * time.Minute
)

// serverVersion finds the version of the server inside the program; one built from source has no version of its own.
var serverVersion = regexp.MustCompile(`Server ([0-9]+)\.([0-9]+)`)

// findCLI finds the temporal program: the one that was asked for, on PATH, in the cache, or else one that is
// downloaded, or built with Go.
func (t *Temporal) findCLI(ctx context.Context) error {
	if t.options.CLI != "" {
		t.cli = t.options.CLI
		return nil
	}
	reason := errors.New("temporal isn't on PATH")
	path, err := exec.LookPath("temporal")
	if err == nil {
		if reason = usableCLI(ctx, path); reason == nil {
			t.cli = path
			return nil
		}
	}
	cache, err := t.settings.cache()
	if err != nil {
		return errors.Join(reason, err)
	}
	folder := filepath.Join(cache, "temporal-"+cliVersion)
	t.cli = filepath.Join(folder, "temporal")
	if err := provide(ctx, t.settings, folder, t.downloadCLI, t.buildCLI); err != nil {
		return fmt.Errorf("couldn't find the Temporal CLI: %w", errors.Join(reason, err))
	}
	return nil
}

// usableCLI accepts any program whose server has the updates that the workflows use as settled: 1.27, CLI 1.3.
func usableCLI(ctx context.Context, path string) error {
	output, err := exec.CommandContext(ctx, path, "--version").Output()
	if err != nil {
		return fmt.Errorf("couldn't ask the version of %s: %w", path, err)
	}
	match := serverVersion.FindSubmatch(output)
	if match == nil {
		return fmt.Errorf("couldn't read the version of %s: %q", path, output)
	}
	major, majorErr := strconv.Atoi(string(match[1]))
	minor, minorErr := strconv.Atoi(string(match[2]))
	if err := errors.Join(majorErr, minorErr); err != nil {
		return fmt.Errorf("couldn't read the version of %s: %w", path, err)
	}
	if major < 1 || major == 1 && minor < 27 {
		return fmt.Errorf("%s has %s, and 1.27 is needed", path, match[0])
	}
	return nil
}

// downloadCLI lets Temporal's SDK download the program. The SDK would go on to start a server, untied to our life;
// an address without a port makes it stop before. What counts is the file.
func (t *Temporal) downloadCLI(ctx context.Context, into string) error {
	ctx, cancel := context.WithTimeout(ctx, downloadLimit)
	defer cancel()
	defer announce(t.settings.Progress, "downloading the Temporal CLI, once", nil)()
	version := "v" + cliVersion
	_, err := testsuite.StartDevServer(ctx, testsuite.DevServerOptions{
		CachedDownload: testsuite.CachedDownload{Version: version, DestDir: into},
		ClientOptions:  &client.Options{HostPort: "nowhere", Logger: sdklog.NewStructuredLogger(t.settings.Log)},
	})
	if renameErr := os.Rename(filepath.Join(into, "temporal-cli-"+version), filepath.Join(into, "temporal")); renameErr != nil {
		return fmt.Errorf("couldn't download it: %w", err)
	}
	return nil
}

// buildCLI builds the program with the Go that is there.
func (t *Temporal) buildCLI(ctx context.Context, into string) error {
	goTool, err := exec.LookPath("go")
	if err != nil {
		return fmt.Errorf("couldn't build it: %w", err)
	}
	return buildCLI(ctx, t.settings, goTool, into)
}

func buildCLI(ctx context.Context, s Settings, goTool, into string) error {
	built := &buildLog{}
	defer announce(s.Progress, "building the Temporal CLI from source, once, 3 to 5 minutes", built.state)()
	cmd := exec.CommandContext(ctx, goTool, "install", "-v",
		"-ldflags", "-s -w -X "+cliModule+"/temporalcli.Version="+cliVersion, cliModule+"/cmd/temporal@v"+cliVersion)
	// Flags and targets that are set for the project at hand don't suit another program for this machine.
	cmd.Env = append(os.Environ(), "GOBIN="+into, "GOFLAGS=", "GOWORK=off", "GOOS=", "GOARCH=")
	cmd.Dir = into
	cmd.Stdout, cmd.Stderr = built, built
	if err := runToEnd(cmd); err != nil {
		return fmt.Errorf("couldn't build it: %w\n%s", err, built.end())
	}
	return nil
}

// buildLog reads what go says while it builds: a line for each module that it fetches and package that it compiles.
type buildLog struct {
	mu      sync.Mutex
	text    bytes.Buffer
	fetched int
}

func (b *buildLog) Write(content []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fetched += bytes.Count(content, []byte("go: downloading "))
	return b.text.Write(content)
}

func (b *buildLog) state() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	compiled := bytes.Count(b.text.Bytes(), []byte("\n")) - b.fetched
	return fmt.Sprintf("%d modules fetched, %d packages compiled", b.fetched, compiled)
}

func (b *buildLog) end() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(b.text.String()), "\n")
	return strings.Join(lines[max(0, len(lines)-10):], "\n")
}
