package devstack

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"syscall"
)

// utf8Locale is a locale with UTF-8 that every installation has.
const utf8Locale = "C.UTF-8"

func dieWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = abandon }

// commandLine returns the words a process was started with; none for one that ended and waits for its parent.
func commandLine(pid int) (string, error) {
	words, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return strings.TrimSpace(string(bytes.ReplaceAll(words, []byte{0}, []byte{' '}))), err
}
