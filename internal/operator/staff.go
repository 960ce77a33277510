package operator

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/cafeforme/cafeforme/internal/app"
	"github.com/cafeforme/cafeforme/internal/auditlog"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/order"
)

// as returns the context of what the operator does.
func (w Attribution) as(ctx context.Context, env app.Environment) (context.Context, error) {
	in, err := w.operation(env)
	if err != nil {
		return nil, err
	}
	return auditlog.WithActor(ctx, in.Actor), nil
}

// AddStaff makes a token of that name, and prints it.
func AddStaff(ctx context.Context, env app.Environment, name string, by Attribution) error {
	ctx, err := by.as(ctx, env)
	if err != nil {
		return err
	}
	return withDatabase(ctx, env, func(database *storage.DB) error {
		token, err := database.AddStaffToken(ctx, name, time.Now())
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(env.Stdout, "%s\n", token)
		if err == nil {
			_, err = fmt.Fprintf(env.Stderr, "This is the new token of %s. It is not shown again. Revoke the tokens before it with: "+
				"cafeforme staff revoke --older %q\n", name, name)
		}
		return err
	})
}

// ListStaff prints who has tokens.
func ListStaff(ctx context.Context, env app.Environment) error {
	return withDatabase(ctx, env, func(database *storage.DB) error {
		tokens, err := database.StaffTokens(ctx, time.Now())
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(env.Stdout, 0, 0, 3, ' ', 0)
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

// RevokeStaff revokes the tokens of that name; but for the newest, if older is set.
func RevokeStaff(ctx context.Context, env app.Environment, name string, older bool, by Attribution) error {
	ctx, err := by.as(ctx, env)
	if err != nil {
		return err
	}
	return withDatabase(ctx, env, func(database *storage.DB) error {
		revoked, err := database.RevokeStaffTokens(ctx, name, older)
		if order.ErrorCode(err) == order.CodeNotFound {
			return fmt.Errorf("nobody called %q has a token; see cafeforme staff list", name)
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(env.Stdout, "Revoked %s of %s. Running stores refuse what is revoked within seconds.\n",
			counted(revoked, "token"), name)
		return err
	})
}

// ListSessions prints the browsers that are logged in, the latest first.
func ListSessions(ctx context.Context, env app.Environment) error {
	return withDatabase(ctx, env, func(database *storage.DB) error {
		sessions, err := database.StaffSessions(ctx, time.Now())
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(env.Stdout, 0, 0, 3, ' ', 0)
		fmt.Fprintln(table, "SESSION\tNAME\tSINCE\tUNTIL")
		for _, s := range sessions {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", s.ID, orDash(s.Name),
				s.CreatedAt.Local().Format(dayAndTime), s.ExpiresAt.Local().Format(dayAndTime))
		}
		if err := table.Flush(); err != nil {
			return fmt.Errorf("print the sessions: %w", err)
		}
		return nil
	})
}

// EndSession logs the browser with that session out.
func EndSession(ctx context.Context, env app.Environment, session string, by Attribution) error {
	ctx, err := by.as(ctx, env)
	if err != nil {
		return err
	}
	return withDatabase(ctx, env, func(database *storage.DB) error {
		err := database.EndStaffSessionByID(ctx, session)
		if order.ErrorCode(err) == order.CodeNotFound {
			return fmt.Errorf("session %q was not found; see cafeforme staff sessions", session)
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(env.Stdout, "Session %s is ended. Running stores refuse it within seconds.\n", session)
		return err
	})
}
