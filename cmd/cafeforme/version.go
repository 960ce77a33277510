package main

import (
	"fmt"
	"runtime"
)

// version is set by the linker: see the Makefile.
var version = "unknown"

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(env environment) error {
	_, err := fmt.Fprintf(env.stdout, "cafeforme %s (%s, %s/%s)\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
