package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const module = "module github.com/kaoping/kaoping"

// findWorker answers the worker program. In a checkout it is built, beside this program where that is the checkout's own
// or a temporary one (go run); else it lies beside this program.
func (s *Servers) findWorker(ctx context.Context) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("couldn't find the worker program: %w", err)
	}
	beside := filepath.Join(filepath.Dir(self), workerProgram)
	_, missing := os.Stat(beside)
	root, err := checkout()
	switch {
	case err != nil:
		return "", fmt.Errorf("couldn't find the worker program: %w", err)
	case root != "" && (within(root, self) || within(os.TempDir(), self)):
		return beside, s.build(ctx, root, beside)
	case missing == nil:
		return beside, nil
	case root != "":
		program, err := filepath.Abs(filepath.Join(s.Dir, workerProgram))
		return program, errors.Join(err, s.build(ctx, root, program))
	}
	return "", fmt.Errorf("there is no worker program beside %s: put it there", self)
}

// checkout is the folder of the source in which this program runs; none without the go command.
func checkout() (string, error) {
	folder, err := os.Getwd()
	if err != nil || !hasGo() {
		return "", err
	}
	for ; folder != filepath.Dir(folder); folder = filepath.Dir(folder) {
		content, err := os.ReadFile(filepath.Join(folder, "go.mod"))
		if err == nil {
			if strings.HasPrefix(string(content), module+"\n") {
				return folder, nil
			}
			return "", nil
		}
	}
	return "", nil
}

func hasGo() bool {
	_, err := exec.LookPath("go")
	return err == nil
}

func within(folder, path string) bool {
	relative, err := filepath.Rel(folder, path)
	return err == nil && filepath.IsLocal(relative)
}

func (s *Servers) build(ctx context.Context, root, program string) error {
	s.options.Progress("building the worker")
	command := exec.CommandContext(ctx, "go", "build", "-o", program, "./worker")
	command.Dir = root
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("couldn't build the worker: %w\n%s", err, output)
	}
	return nil
}
