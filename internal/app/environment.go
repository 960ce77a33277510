package app

import (
	"io"
	"log/slog"

	"github.com/cafeforme/cafeforme/internal/config"
	"github.com/cafeforme/cafeforme/internal/telemetry"
)

// Environment is everything a subcommand takes from outside, but its flags.
type Environment struct {
	Environ        config.Environ
	Stdout, Stderr io.Writer
	// version is that of this build.
	Version string
}

// Logger returns the log of the processes that run beside each other: JSON, for
// machines to collect.
func (e Environment) Logger(process config.Process) *slog.Logger {
	return telemetry.JSONLog(e.Stderr).With("process", process)
}
