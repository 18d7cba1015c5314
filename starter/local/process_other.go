//go:build unix && !linux

package local

import "syscall"

// apart gives a process its own group. Only Linux ends a child with its parent.
func apart() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
