//go:build unix && !linux

package devstack

import (
	"context"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// utf8Locale is a locale with UTF-8 that every installation has.
const utf8Locale = "en_US.UTF-8"

// dieWithParent does nothing: only Linux ends a child with its parent. The next start ends an orphan instead.
func dieWithParent(*syscall.SysProcAttr) {}

// commandLine returns the words a process was started with.
func commandLine(pid int) (string, error) {
	words, err := exec.CommandContext(context.Background(), "ps", "-o", "args=", "-p", strconv.Itoa(pid)).Output()
	return strings.TrimSpace(string(words)), err
}
