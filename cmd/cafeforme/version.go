package main

import (
	"fmt"
	"runtime"

	"github.com/cafeforme/cafeforme/internal/app"
)

// version is set by the linker: see the Makefile.
var version = "unknown"

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run(env app.Environment) error {
	_, err := fmt.Fprintf(env.Stdout, "cafeforme %s (%s, %s/%s)\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
