package main

import (
	"context"
	"fmt"

	"github.com/cafeforme/cafeforme/internal/app"
	"github.com/cafeforme/cafeforme/internal/config"
	"github.com/cafeforme/cafeforme/internal/operator"
)

// staffCommand are the commands for the staff's tokens, other than those of the
// environment.
type staffCommand struct {
	Add    staffAdd    `cmd:"" help:"Make a token for somebody of the staff, and print it once."`
	List   staffList   `cmd:"" help:"List who has tokens, since when, and in how many browsers."`
	Revoke staffRevoke `cmd:"" help:"Make somebody's tokens useless, and log their browsers out."`

	Sessions   staffSessions   `cmd:"" help:"List the browsers that are logged in, and since when."`
	EndSession staffEndSession `cmd:"" name:"end-session" help:"Log one browser out."`
}

// operatorFlag says who gives a command, for the audit log.
type operatorFlag struct {
	Actor string `placeholder:"NAME" help:"Who you are, for the audit log (default: who is logged in)."`
}

type staffAdd struct {
	Name string `arg:"" help:"Who gets it. Colleagues and operators see the name in the timelines of orders and in the audit log; customers do not."`
	operatorFlag
}

type staffList struct{}

type staffRevoke struct {
	Name  string `arg:"" help:"Whose tokens."`
	Older bool   `help:"Spare the newest, after it has been handed out: that is how a token is changed."`
	operatorFlag
}

// Validate checks the name.
func (c staffAdd) Validate() error {
	if err := config.CheckStaffName(c.Name); err != nil {
		return fmt.Errorf("the name %q cannot be used: %w", c.Name, err)
	}
	return nil
}

// Run makes a token and prints it.
func (c staffAdd) Run(ctx context.Context, env app.Environment) error {
	return operator.AddStaff(ctx, env, c.Name, operator.Attribution{Actor: c.Actor})
}

// Run lists the tokens.
func (staffList) Run(ctx context.Context, env app.Environment) error {
	return operator.ListStaff(ctx, env)
}

// Run revokes tokens.
func (c staffRevoke) Run(ctx context.Context, env app.Environment) error {
	return operator.RevokeStaff(ctx, env, c.Name, c.Older, operator.Attribution{Actor: c.Actor})
}

type staffSessions struct{}

// Run lists the sessions, the latest first.
func (staffSessions) Run(ctx context.Context, env app.Environment) error {
	return operator.ListSessions(ctx, env)
}

type staffEndSession struct {
	Session string `arg:"" help:"The session, as cafeforme staff sessions lists it."`
	operatorFlag
}

// Run ends the session.
func (c staffEndSession) Run(ctx context.Context, env app.Environment) error {
	return operator.EndSession(ctx, env, c.Session, operator.Attribution{Actor: c.Actor})
}
