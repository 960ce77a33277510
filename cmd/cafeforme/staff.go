package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/cafeforme/cafeforme/internal/auditlog"
	"github.com/cafeforme/cafeforme/internal/config"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/order"
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

// as returns the context of what the operator does.
func (o operatorFlag) as(ctx context.Context, env environment) (context.Context, error) {
	in, err := who{Actor: o.Actor}.operation(env)
	if err != nil {
		return nil, err
	}
	return auditlog.WithActor(ctx, in.Actor), nil
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
func (c staffAdd) Run(ctx context.Context, env environment) error {
	ctx, err := c.as(ctx, env)
	if err != nil {
		return err
	}
	return withDatabase(ctx, env, func(database *storage.DB) error {
		token, err := database.AddStaffToken(ctx, c.Name, time.Now())
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(env.stdout, "%s\n", token)
		if err == nil {
			_, err = fmt.Fprintf(env.stderr, "This is the new token of %s. It is not shown again. Revoke the tokens before it with: "+
				"cafeforme staff revoke --older %q\n", c.Name, c.Name)
		}
		return err
	})
}

// Run lists the tokens.
func (staffList) Run(ctx context.Context, env environment) error {
	return withDatabase(ctx, env, func(database *storage.DB) error {
		tokens, err := database.StaffTokens(ctx, time.Now())
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(env.stdout, 0, 0, 3, ' ', 0)
		if _, err := fmt.Fprintln(table, "NAME\tSINCE\tBROWSERS"); err != nil {
			return err
		}
		for _, t := range tokens {
			if _, err := fmt.Fprintf(table, "%s\t%s\t%d\n", t.Name, t.CreatedAt.Format(time.DateTime+" MST"), t.Sessions); err != nil {
				return err
			}
		}
		return table.Flush()
	})
}

// Run revokes tokens.
func (c staffRevoke) Run(ctx context.Context, env environment) error {
	ctx, err := c.as(ctx, env)
	if err != nil {
		return err
	}
	return withDatabase(ctx, env, func(database *storage.DB) error {
		revoked, err := database.RevokeStaffTokens(ctx, c.Name, c.Older)
		if order.ErrorCode(err) == order.CodeNotFound {
			return fmt.Errorf("nobody called %q has a token; see cafeforme staff list", c.Name)
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(env.stdout, "Revoked %s of %s. Running stores refuse what is revoked within seconds.\n",
			counted(revoked, "token"), c.Name)
		return err
	})
}

// counted returns a number of things in words.
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// withDatabase runs do with the database at DATABASE_URL, and closes it.
func withDatabase(ctx context.Context, env environment, do func(*storage.DB) error) (err error) {
	cfg, err := config.Load(env.environ, config.Operator)
	if err != nil {
		return err
	}
	if cfg.DatabaseURL == "" {
		return errors.New("DATABASE_URL is missing: postgres://..., or sqlite:PATH for the file of a dev")
	}
	database, err := storage.Open(cfg.DatabaseURL)
	if err != nil {
		return fmt.Errorf("DATABASE_URL: %w", err)
	}
	defer func() { err = errors.Join(err, database.Close()) }()
	pending, err := database.Pending(ctx)
	if err == nil && pending {
		err = errors.New("the database has not been brought to this build's schema: run `cafeforme migrate`")
	}
	if err != nil {
		return err
	}
	return do(database)
}
