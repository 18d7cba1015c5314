package local

import "syscall"

// apart gives a process its own group, and lets it end with us: a worker that is killed costs nothing but the time
// until its work is given to another.
func apart() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
