package devstack

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// A reserved port is nobody else's until it is freed, and then nothing of it is left.
func TestAPortIsReserved(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	first, err := ReservePort(8080)
	must(t, err)
	second, err := ReservePort(8080)
	must(t, err)
	is(t, "reserved twice", second != nil, false)
	other, err := ReservePort(8090)
	must(t, err)
	must(t, first.Close())
	again, err := ReservePort(8080)
	must(t, err)
	is(t, "reserved again", again != nil, true)
	must(t, again.Close())
	must(t, other.Close())
	left, err := os.ReadDir(temp)
	must(t, err)
	is(t, "what is left", len(left), 0)
}

// Another user of the machine has a folder of his own, and where even that is somebody else's he can start all the same.
func TestPortsOfAnotherUser(t *testing.T) {
	t.Parallel()
	parent := reachable(t)
	program := filepath.Join(parent, "program")
	copyProgram(t, program)
	temp := filepath.Join(parent, "tmp")
	must(t, os.Mkdir(temp, 0o700))
	cmd := exec.CommandContext(t.Context(), program, temp)
	cmd.Env = append(os.Environ(), childRole+"=port", "TMPDIR="+temp)
	cmd.Dir = parent
	if os.Geteuid() == 0 {
		const nobody = 65534
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		must(t, os.Chmod(temp, 0o711))
		must(t, os.Mkdir(filepath.Join(temp, "kaoping-ports-65534"), 0o700))
	} else {
		must(t, os.Chmod(temp, 0o500))
		t.Cleanup(func() { must(t, os.Chmod(temp, 0o700)) })
	}
	output, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("the other user's program: %v: %s", err, output)
	}
}
