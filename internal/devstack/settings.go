package devstack

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
)

var (
	// ErrInUse says that another stack, or a part started alone, works in the same state folder.
	ErrInUse = errors.New("state folder is in use")
	// ErrKept says that a stack that keeps nothing was to be started over state that an earlier one kept.
	ErrKept = errors.New("state folder holds kept state")
)

// Settings are what the three parts of a stack share.
type Settings struct {
	// Dir is the state folder; it is made when missing.
	Dir string
	// Keep leaves the state in Dir for the next start. Without it Close removes every file that a part made.
	Keep bool
	// FsyncOff trades the state's safety at a power cut for speed: for tests only. A server that is killed loses
	// nothing by it.
	FsyncOff bool
	// Cache holds fetched and built programs by version. Empty means "kaoping" in the user's cache folder.
	Cache string
	// Log receives what goes wrong while a server runs. Nil discards.
	Log *slog.Logger
	// Progress is told of steps that take long, every few seconds as long as they last; never twice at a time.
	Progress func(string)
}

func (s Settings) complete() (Settings, error) {
	if s.Dir == "" {
		return s, errors.New("no state folder was given")
	}
	dir, err := filepath.Abs(s.Dir)
	if err != nil {
		return s, fmt.Errorf("couldn't resolve the state folder: %w", err)
	}
	s.Dir = dir
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	s.Progress = oneAtATime(s.Progress)
	return s, nil
}

// oneAtATime lets parts that start side by side share one listener.
func oneAtATime(progress func(string)) func(string) {
	var mu sync.Mutex
	return func(text string) {
		if progress == nil {
			return
		}
		mu.Lock()
		defer mu.Unlock()
		progress(text)
	}
}

// cache returns the folder of fetched and built programs.
func (s Settings) cache() (string, error) {
	if s.Cache != "" {
		return filepath.Abs(s.Cache)
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("couldn't find the user's cache folder: %w", err)
	}
	return filepath.Join(dir, "kaoping"), nil
}

// makeDir makes the folder with the mode, and its missing parents with the usual one.
func makeDir(path string, mode fs.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := os.Mkdir(path, mode); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}
