package main

import (
	"context"
	"fmt"
	"time"

	"github.com/cafeforme/cafeforme/internal/app"
	"github.com/cafeforme/cafeforme/internal/operator"
)

// logCommand shows the audit log.
type logCommand struct {
	Since time.Duration `default:"168h" placeholder:"DURATION" help:"How far back (default ${default})."`
	Actor string        `placeholder:"NAME" help:"Only what this one did: a member of the staff, an operator, or the address of a sign-in that failed."`
	Store string        `placeholder:"STORE" help:"Only what was done at this store (default: everything, also what is of all stores)."`
	Limit int           `default:"200" placeholder:"N" help:"How many entries at most, the latest (default ${default})."`
	JSON  bool          `name:"json" help:"One JSON object a line, for machines."`
}

// Validate checks the flags.
func (c logCommand) Validate() error {
	const most = 100_000
	if c.Limit < 1 || c.Limit > most {
		return fmt.Errorf("--limit is %d, want 1 to %d", c.Limit, most)
	}
	return nil
}

// Run prints the log, oldest first.
func (c logCommand) Run(ctx context.Context, env app.Environment) error {
	return operator.PrintLog(ctx, env, operator.LogOptions(c))
}
