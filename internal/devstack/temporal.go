package devstack

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const temporalGrace = 15 * time.Second

// TemporalOptions are what the Temporal server is started with.
type TemporalOptions struct {
	// SearchAttributes to register, each with its type as Temporal writes it: Keyword, Text, Int, Datetime…
	SearchAttributes map[string]string
	// DynamicConfig overrides the server's settings; the values are JSON.
	DynamicConfig map[string]string
	// Headless leaves out the web pages.
	Headless bool
	// CLI is the temporal program; empty means the one that is found, downloaded or built.
	CLI string
}

// Temporal is a private Temporal server with its own store, on free ports of 127.0.0.1. It has the namespace
// "default".
type Temporal struct {
	server
	settings     Settings
	options      TemporalOptions
	cli          string
	port, uiPort int
}

// StartTemporal starts Temporal in the folder temporal of the state folder, and waits until it knows the search
// attributes. The context bounds the start alone.
func StartTemporal(ctx context.Context, settings Settings, options TemporalOptions) (*Temporal, error) {
	settings, err := settings.complete()
	if err != nil {
		return nil, err
	}
	folder, err := openFolder(settings, "temporal", 0o700)
	if err != nil {
		return nil, fmt.Errorf("couldn't start Temporal: %w", err)
	}
	t := &Temporal{server: server{folder: folder}, settings: settings, options: options}
	for _, step := range []func(context.Context) error{t.findCLI, t.dropHalfMadeStore, t.start, t.markStore} {
		if err := step(ctx); err != nil {
			return nil, errors.Join(fmt.Errorf("couldn't start Temporal: %w", err), t.Close())
		}
	}
	return t, nil
}

// Address is where clients and workers connect.
func (t *Temporal) Address() string { return loopback(t.port) }

// UI is the address of the web pages, empty when they are left out.
func (t *Temporal) UI() string {
	if t.options.Headless {
		return ""
	}
	return "http://" + loopback(t.uiPort)
}

// dropHalfMadeStore removes a store whose making was interrupted: the server takes any file for a whole one.
func (t *Temporal) dropHalfMadeStore(context.Context) error {
	whole, err := exists(t.storeMark())
	if err != nil || whole {
		return err
	}
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		if err := os.RemoveAll(t.store() + suffix); err != nil {
			return err
		}
	}
	return nil
}

func (t *Temporal) markStore(context.Context) error { return os.WriteFile(t.storeMark(), nil, 0o600) }

func (t *Temporal) store() string { return t.folder.file("store.db") }

func (t *Temporal) storeMark() string { return t.folder.file("store.whole") }

// Start starts the server again on its ports, over its store. It does nothing while the server runs.
func (t *Temporal) Start(ctx context.Context) error {
	if err := t.start(ctx); err != nil {
		return fmt.Errorf("couldn't start Temporal: %w", err)
	}
	return nil
}

func (t *Temporal) start(ctx context.Context) error {
	fixed := t.port != 0
	return t.startProcess(ctx, func() (*process, error) { return t.launch(fixed) }, t.answers)
}

func (t *Temporal) launch(fixed bool) (*process, error) {
	if !fixed {
		var err, uiErr error
		t.port, err = freePort()
		t.uiPort, uiErr = freePort()
		if err := errors.Join(err, uiErr); err != nil {
			return nil, err
		}
	}
	// The start's context may end; the server goes on.
	cmd := exec.CommandContext(context.Background(), t.cli, t.arguments()...)
	cmd.Env = withoutTemporal(os.Environ())
	return launch(cmd, t.folder, t.settings.Log)
}

func (t *Temporal) arguments() []string {
	args := []string{
		"server", "start-dev", "--ip", "127.0.0.1", "--port", strconv.Itoa(t.port),
		"--db-filename", t.store(), "--log-level", "error",
		"--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=" + t.synchronous(),
		// A private server asks nobody on the internet for newer versions.
		"--dynamic-config-value", "frontend.enableServerVersionCheck=false",
	}
	if t.options.Headless {
		args = append(args, "--headless")
	} else {
		args = append(args, "--ui-port", strconv.Itoa(t.uiPort))
	}
	for _, name := range slices.Sorted(maps.Keys(t.options.SearchAttributes)) {
		args = append(args, "--search-attribute", name+"="+t.options.SearchAttributes[name])
	}
	for _, key := range slices.Sorted(maps.Keys(t.options.DynamicConfig)) {
		args = append(args, "--dynamic-config-value", key+"="+t.options.DynamicConfig[key])
	}
	return args
}

// synchronous says how SQLite writes its log. NORMAL with a log is four times as fast as SQLite's defaults and as fast
// as no file at all: killing the server loses nothing; a power cut may lose the last moments, which are then done
// again, and the keys of the activities' writes make that harmless.
func (t *Temporal) synchronous() string {
	if t.settings.FsyncOff {
		return "OFF"
	}
	return "NORMAL"
}

// withoutTemporal leaves out the settings of a Temporal client, which the program would take for its own.
func withoutTemporal(environment []string) []string {
	return slices.DeleteFunc(environment, func(entry string) bool { return strings.HasPrefix(entry, "TEMPORAL_") })
}

// Stop stops the server and keeps its store. It does nothing while the server is stopped.
func (t *Temporal) Stop() error { return t.end(temporalGrace, syscall.SIGTERM) }

// Kill ends the server with SIGKILL, as a crash would.
func (t *Temporal) Kill() error { return t.end(temporalGrace) }

// Restart stops the server and starts it again on the same ports.
func (t *Temporal) Restart(ctx context.Context) error {
	if err := t.Stop(); err != nil {
		return err
	}
	return t.Start(ctx)
}

// Close stops the server and, unless the state is kept, removes its files. Closing again does nothing.
func (t *Temporal) Close() error {
	stop := t.Stop
	if !t.settings.Keep {
		stop = t.Kill
	}
	if err := stop(); err != nil {
		return err
	}
	return t.close()
}
