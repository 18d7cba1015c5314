package devstack

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

const (
	lockFile    = ".lock"
	keptMark    = ".kept"    // in the folder of a part whose state is to survive
	processFile = ".process" // the part's server: its process id, then its command line
)

// folder is one part's share of the state folder. It is locked as long as the part lives.
type folder struct {
	path string
	keep bool
	lock *os.File
}

// openFolder locks a part's folder and brings it into a state to start from: a server that outlived its parent
// is ended, and what a run that was to keep nothing left behind is removed.
func openFolder(s Settings, name string, mode fs.FileMode) (*folder, error) {
	// Others may pass through the state folder, as PostgreSQL's account must, but not list it.
	if err := makeDir(s.Dir, 0o711); err != nil {
		return nil, fmt.Errorf("couldn't make the state folder: %w", err)
	}
	path := filepath.Join(s.Dir, name)
	if err := makeDir(path, mode); err != nil {
		return nil, fmt.Errorf("couldn't make the state folder: %w", err)
	}
	lock, err := lockFolder(path)
	if err != nil {
		return nil, err
	}
	f := &folder{path: path, keep: s.Keep, lock: lock}
	if err := f.prepare(); err != nil {
		return nil, errors.Join(err, f.release())
	}
	return f, nil
}

func (f *folder) prepare() error {
	if err := endOrphan(f.file(processFile)); err != nil {
		return err
	}
	kept, err := exists(f.file(keptMark))
	switch {
	case err != nil:
		return err
	case kept && !f.keep:
		return fmt.Errorf("%s: %w: remove it first, or start with Keep", f.path, ErrKept)
	case kept:
		return nil
	}
	if err := f.clear(); err != nil {
		return err
	}
	if !f.keep {
		return nil
	}
	return os.WriteFile(f.file(keptMark), nil, 0o644)
}

func (f *folder) file(name string) string {
	return filepath.Join(f.path, name)
}

// clear empties the folder, the lock apart, and what PostgreSQL had to put elsewhere.
func (f *folder) clear() error {
	entries, err := os.ReadDir(f.path)
	if err != nil {
		return fmt.Errorf("couldn't clear %s: %w", f.path, err)
	}
	for _, entry := range entries {
		if entry.Name() == lockFile {
			continue
		}
		path := f.file(entry.Name())
		target, err := os.Readlink(path)
		if err == nil && strings.HasPrefix(filepath.Base(target), elsewherePrefix) {
			if err := os.RemoveAll(target); err != nil {
				return fmt.Errorf("couldn't clear %s: %w", target, err)
			}
		}
		if err := os.RemoveAll(path); err != nil {
			return fmt.Errorf("couldn't clear %s: %w", path, err)
		}
	}
	return nil
}

// leave ends the part's hold on its folder; unless it is kept, the folder goes too.
func (f *folder) leave() error {
	if f.keep {
		return f.release()
	}
	if err := f.clear(); err != nil {
		return errors.Join(err, f.release())
	}
	err := os.Remove(f.file(lockFile))
	return errors.Join(err, os.Remove(f.path), f.release())
}

func (f *folder) release() error {
	return f.lock.Close()
}

// lockFolder takes the folder's lock, which the system drops when the process ends in whatever way.
func lockFolder(dir string) (*os.File, error) {
	path := filepath.Join(dir, lockFile)
	for {
		file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
		if err != nil {
			return nil, fmt.Errorf("couldn't lock %s: %w", dir, err)
		}
		taken, err := tryLock(file)
		if err != nil || taken {
			holder, readErr := os.ReadFile(path)
			err = errors.Join(err, readErr, file.Close())
			if err != nil {
				return nil, fmt.Errorf("couldn't lock %s: %w", dir, err)
			}
			return nil, fmt.Errorf("%s: %w by process %s", dir, ErrInUse, holder)
		}
		if sameFile(file, path) {
			return file, writePid(file)
		}
		// The holder before us removed the file between our opening and locking it.
		if err := file.Close(); err != nil {
			return nil, fmt.Errorf("couldn't lock %s: %w", dir, err)
		}
	}
}

func sameFile(file *os.File, path string) bool {
	ours, err := file.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(path)
	return err == nil && os.SameFile(ours, there)
}

func writePid(file *os.File) error {
	if err := file.Truncate(0); err != nil {
		return err
	}
	_, err := file.WriteAt([]byte(strconv.Itoa(os.Getpid())), 0)
	return err
}

func exists(path string) (bool, error) {
	_, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
