//go:build !linux

package pgtest

import "syscall"

// dieWithParent does nothing where the kernel has no such service: a server
// outlives a test process that is killed.
func dieWithParent(*syscall.SysProcAttr) {}
