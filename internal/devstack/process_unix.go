//go:build unix

package devstack

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// detach keeps the terminal's signals from the command and ties its life to ours.
func detach(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true
	dieWithParent(cmd.SysProcAttr)
}

// runToEnd runs a command that is no server. The end of its context ends its children too: a build is many
// processes. (It keeps the thread, for the reason that run gives.)
func runToEnd(cmd *exec.Cmd) error {
	detach(cmd)
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return cmd.Run()
}

func tryLock(file *os.File) (taken bool, err error) {
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return true, nil
	}
	return false, err
}

func alive(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}

// recordProcess notes who serves, for the next start, should this program die without ending it.
func recordProcess(path string, cmd *exec.Cmd) error {
	record := fmt.Appendf(nil, "%d\n%s", cmd.Process.Pid, strings.Join(cmd.Args, " "))
	if err := os.WriteFile(path, record, 0o600); err != nil {
		return fmt.Errorf("couldn't record who serves: %w", err)
	}
	return nil
}

// endOrphan ends the recorded server if it still runs. The command line tells it from a later process that got the
// same number.
func endOrphan(path string) error {
	record, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("couldn't read who served last: %w", err)
	}
	pid, line, whole := readRecord(record)
	if !whole {
		return nil // cut off in mid write, before anything was served
	}
	for _, signal := range []syscall.Signal{abandon, syscall.SIGKILL} {
		if !isServer(pid, line) {
			return nil
		}
		if err := syscall.Kill(pid, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("couldn't end the orphaned server %d: %w", pid, err)
		}
		awaitEnd(pid, line, abandonGrace)
	}
	if isServer(pid, line) {
		return fmt.Errorf("couldn't end the orphaned server %d: it outlived every signal", pid)
	}
	return nil
}

// readRecord reads what recordProcess wrote.
func readRecord(record []byte) (pid int, line string, whole bool) {
	number, line, _ := strings.Cut(string(record), "\n")
	pid, err := strconv.Atoi(number)
	return pid, line, err == nil && line != ""
}

// awaitEnd looks again and again whether the server ended, for as long as it is given. It is no child of ours that
// could be waited for.
func awaitEnd(pid int, line string, grace time.Duration) {
	deadline := time.After(grace)
	tick := time.NewTicker(probePause)
	defer tick.Stop()
	for isServer(pid, line) {
		select {
		case <-deadline:
			return
		case <-tick.C:
		}
	}
}

func isServer(pid int, line string) bool {
	found, err := commandLine(pid)
	return err == nil && found == line
}
