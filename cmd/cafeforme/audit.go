package main

import (
	"context"
	"fmt"
	"time"

	"github.com/cafeforme/cafeforme/internal/app"
	"github.com/cafeforme/cafeforme/internal/operator"
)

type auditCommand struct {
	Since  time.Duration `default:"24h" placeholder:"DURATION" help:"Audit the orders that were under way in this time until now (default ${default})."`
	Store  string        `placeholder:"STORE" help:"Audit the orders of this store alone; what nobody knows the store of is left out then."`
	Repair bool          `help:"Project the read model again from the workflows where it differs. Nothing else is ever changed."`
	JSON   bool          `name:"json" help:"Print JSON."`
}

// Validate checks the flags.
func (c auditCommand) Validate() error {
	if c.Since <= 0 {
		return fmt.Errorf("--since %s is not valid, want a duration such as 24h", c.Since)
	}
	return nil
}

// Run audits the orders of a period. It fails when there is any difference.
func (c auditCommand) Run(ctx context.Context, env app.Environment) error {
	return operator.Audit(ctx, env, operator.AuditOptions(c))
}
