package devstack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

const (
	signOfLife = 5 * time.Second
	lockPause  = 250 * time.Millisecond
)

// source fills a folder with a program, or says why it can't.
type source func(ctx context.Context, into string) error

// provide makes a folder of the cache once, from the first source that works: it fills a temporary folder, which
// gets the target's name when all went well. Of several who want the same one at the same time, in whatever
// process, one works and the others wait.
func provide(ctx context.Context, s Settings, target string, sources ...source) error {
	if there, err := exists(target); err != nil || there {
		return err // before any lock: the cache may be another's, and only to be read
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	lock, err := waitForLock(ctx, s, target+".lock")
	if err != nil {
		return err
	}
	defer func() { _ = lock.Close() }() // it holds nothing but the lock
	if there, err := exists(target); err != nil || there {
		return err
	}
	var reasons []error
	for _, fill := range sources {
		err := fillFolder(ctx, target, fill)
		if err == nil {
			return nil
		}
		reasons = append(reasons, err)
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(reasons...)
}

func fillFolder(ctx context.Context, target string, fill source) error {
	// The name is fixed, so that what an interrupted work left is found and removed.
	temporary := target + ".unfinished"
	if err := os.RemoveAll(temporary); err != nil {
		return err
	}
	if err := os.Mkdir(temporary, 0o755); err != nil {
		return err
	}
	if err := fill(ctx, temporary); err != nil {
		return errors.Join(err, os.RemoveAll(temporary))
	}
	return os.Rename(temporary, target)
}

func waitForLock(ctx context.Context, s Settings, path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	stop := func() {}
	defer func() { stop() }()
	for waiting := false; ; waiting = true {
		taken, err := tryLock(file)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("couldn't lock %s: %w", path, err), file.Close())
		}
		if !taken {
			return file, nil
		}
		if !waiting {
			stop = announce(s.Progress, "waiting for another program that makes "+filepath.Base(path[:len(path)-len(".lock")]), nil)
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), file.Close())
		case <-time.After(lockPause):
		}
	}
}

// announce tells that a long step began and then, every few seconds, that it still goes on, until it is stopped.
// The detail, where there is one, says how far it is.
func announce(progress func(string), text string, detail func() string) (stop func()) {
	progress(text)
	quit, stopped := make(chan struct{}), make(chan struct{})
	began := time.Now()
	go func() {
		defer close(stopped)
		tick := time.NewTicker(signOfLife)
		defer tick.Stop()
		for {
			select {
			case <-quit:
				return
			case <-tick.C:
				line := fmt.Sprintf("%s: %s", text, time.Since(began).Round(time.Second))
				if detail != nil {
					line += ", " + detail()
				}
				progress(line)
			}
		}
	}()
	return func() {
		close(quit)
		<-stopped
	}
}
