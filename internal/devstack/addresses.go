package devstack

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

const addressesFile = "addresses.json"

// ErrStale says that the program that wrote the addresses has ended.
var ErrStale = errors.New("the addresses are of a program that has ended")

type addresses struct {
	Pid       int               `json:"pid"`
	Addresses map[string]string `json:"addresses"`
}

// WriteAddresses notes in the state folder where this program's servers are, for other commands to find. Only the
// user can read the file: addresses hold passwords.
func WriteAddresses(dir string, named map[string]string) error {
	content, err := json.MarshalIndent(addresses{Pid: os.Getpid(), Addresses: named}, "", "  ")
	if err != nil {
		return fmt.Errorf("couldn't write the addresses: %w", err)
	}
	if err := makeDir(dir, 0o711); err != nil {
		return fmt.Errorf("couldn't write the addresses: %w", err)
	}
	temporary, err := writeTemporary(dir, append(content, '\n'))
	if err != nil {
		return fmt.Errorf("couldn't write the addresses: %w", err)
	}
	if err := os.Rename(temporary, filepath.Join(dir, addressesFile)); err != nil {
		return errors.Join(fmt.Errorf("couldn't write the addresses: %w", err), os.Remove(temporary))
	}
	return nil
}

// ReadAddresses returns what WriteAddresses noted: fs.ErrNotExist where nothing was, ErrStale when its program has
// ended.
func ReadAddresses(dir string) (map[string]string, error) {
	found, err := readAddresses(dir)
	if err != nil {
		return nil, fmt.Errorf("couldn't read the addresses: %w", err)
	}
	if !alive(found.Pid) {
		return nil, fmt.Errorf("couldn't read the addresses: %w", ErrStale)
	}
	return found.Addresses, nil
}

func readAddresses(dir string) (addresses, error) {
	content, err := os.ReadFile(filepath.Join(dir, addressesFile))
	if err != nil {
		return addresses{}, err
	}
	var found addresses
	if err := json.Unmarshal(content, &found); err != nil {
		return addresses{}, fmt.Errorf("%s: %w", addressesFile, err)
	}
	return found, nil
}

// removeAddresses removes the addresses if they are this program's.
func removeAddresses(dir string) error {
	found, err := readAddresses(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if found.Pid != os.Getpid() {
		return nil
	}
	return os.Remove(filepath.Join(dir, addressesFile))
}
