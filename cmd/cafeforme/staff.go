package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/cafeforme/cafeforme/internal/app"
	"github.com/cafeforme/cafeforme/internal/operator"
	"github.com/cafeforme/cafeforme/internal/staff"
	"github.com/cafeforme/cafeforme/internal/store"
)

// staffCommand are the commands for the staff: who they are, what they may do, and their tokens, other
// than those of the environment.
type staffCommand struct {
	Add    staffAdd    `cmd:"" help:"Make a token for somebody of the staff, and print it once."`
	List   staffList   `cmd:"" help:"List who there is, with their roles, stores, tokens and passkeys."`
	Set    staffSet    `cmd:"" help:"Change somebody's role or stores."`
	Revoke staffRevoke `cmd:"" help:"Make somebody's tokens and passkeys useless, and log their browsers out."`
	End    staffEnd    `cmd:"" help:"End somebody's account, with all that they can sign in with."`

	Sessions   staffSessions   `cmd:"" help:"List the browsers that are logged in, and since when."`
	EndSession staffEndSession `cmd:"" name:"end-session" help:"Log one browser out."`
}

// operatorFlag says who gives a command, for the audit log.
type operatorFlag struct {
	Actor string `placeholder:"NAME" help:"Who you are, for the audit log (default: who is logged in)."`
}

// staffFlags say what somebody may do, and where.
type staffFlags struct {
	Role  string   `enum:",barista,manager,owner" default:"" help:"What they may do: barista (board, sold out, pause), manager (their stores' menu, hours, refunds, sales) or owner (everything)."`
	Store []string `placeholder:"STORE" help:"A store that they work at, by its slug. Repeat it for several; leave it out for all."`
}

// Validate checks the stores.
func (f staffFlags) Validate() error {
	for _, slug := range f.Store {
		if !store.ValidSlug(slug) {
			return fmt.Errorf("the store %q %s", slug, store.SlugForm)
		}
	}
	return nil
}

type staffAdd struct {
	Name string `arg:"" help:"Who gets it. Colleagues and operators see the name in the timelines of orders and in the audit log; customers do not."`
	staffFlags
	operatorFlag
}

type staffSet struct {
	Name string `arg:"" help:"Whose account."`
	staffFlags
	AllStores bool `help:"They work at all stores."`
	operatorFlag
}

type staffEnd struct {
	Name string `arg:"" help:"Whose account."`
	operatorFlag
}

type staffList struct{}

type staffRevoke struct {
	Name  string `arg:"" help:"Whose tokens."`
	Older bool   `help:"Spare the newest token, and the passkeys, after it has been handed out: that is how a token is changed."`
	operatorFlag
}

// Validate checks the name.
func (c staffAdd) Validate() error {
	if err := staff.CheckName(c.Name); err != nil {
		return fmt.Errorf("the name %q cannot be used: %w", c.Name, err)
	}
	return c.staffFlags.Validate()
}

// Run makes a token and prints it. Somebody new without a role is an owner, as everybody was before
// there were roles.
func (c staffAdd) Run(ctx context.Context, env app.Environment) error {
	change := operator.StaffChange{Name: c.Name, Role: staff.Role(c.Role), Stores: c.Store}
	return operator.AddStaff(ctx, env, change, operator.Attribution{Actor: c.Actor})
}

// Validate wants something to change.
func (c staffSet) Validate() error {
	switch {
	case c.Role == "" && len(c.Store) == 0 && !c.AllStores:
		return errors.New("say what to change: --role, --store or --all-stores")
	case len(c.Store) > 0 && c.AllStores:
		return errors.New("--store and --all-stores exclude each other")
	}
	return c.staffFlags.Validate()
}

// Run changes the account.
func (c staffSet) Run(ctx context.Context, env app.Environment) error {
	change := operator.StaffChange{Name: c.Name, Role: staff.Role(c.Role), Stores: c.Store, AllStores: c.AllStores}
	return operator.SetStaff(ctx, env, change, operator.Attribution{Actor: c.Actor})
}

// Run ends the account.
func (c staffEnd) Run(ctx context.Context, env app.Environment) error {
	return operator.EndStaff(ctx, env, c.Name, operator.Attribution{Actor: c.Actor})
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
