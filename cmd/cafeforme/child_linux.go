package main

import "syscall"

// childAttributes put a child into a process group of its own, so that the
// terminal's Ctrl-C reaches this process only, which then stops the child in its
// turn; and let the kernel end the child should this process be killed.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}
