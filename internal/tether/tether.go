// Package tether starts processes that end when the one that started them does,
// however that ends: "cafeforme dev" or a test that is killed leaves no servers behind.
package tether

import (
	"os/exec"
	"runtime"
	"syscall"
)

// Start starts the command, whose process gets the signal when this process
// ends. What its Wait returns comes on exited. Where the kernel has no such
// service, which Linux has, the process outlives one that is killed.
func Start(cmd *exec.Cmd, signal syscall.Signal) (exited chan error, err error) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	onDeathOfParent(cmd.SysProcAttr, signal)
	started := make(chan error, 1)
	exited = make(chan error, 1)
	go func() {
		// The kernel takes the death of the starting thread for that of the
		// process: this one lives as long as the command.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			exited <- cmd.Wait()
		}
	}()
	return exited, <-started
}
