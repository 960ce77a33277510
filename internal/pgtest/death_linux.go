package pgtest

import "syscall"

// dieWithParent has the kernel shut the process down at once when this one
// ends, however it ends. To PostgreSQL, SIGQUIT is an immediate shutdown.
func dieWithParent(attributes *syscall.SysProcAttr) { attributes.Pdeathsig = syscall.SIGQUIT }
