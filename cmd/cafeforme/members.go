package main

import (
	"context"

	"github.com/cafeforme/cafeforme/internal/app"
	"github.com/cafeforme/cafeforme/internal/operator"
)

// membersCommand are the commands for members.
type membersCommand struct {
	Erase membersErase `cmd:"" help:"Forget who a member is, and keep the points ledger. This cannot be undone."`
}

type membersErase struct {
	Number string `arg:"" help:"The membership number."`
	operatorFlag
}

// Run erases the member. To do so again does no harm.
func (c membersErase) Run(ctx context.Context, env app.Environment) error {
	return operator.EraseMember(ctx, env, c.Number, operator.Attribution{Actor: c.Actor})
}
