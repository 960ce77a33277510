package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/order"
)

type staffSessions struct{}

// Run lists the sessions, the latest first.
func (staffSessions) Run(ctx context.Context, env environment) error {
	return withDatabase(ctx, env, func(database *storage.DB) error {
		sessions, err := database.StaffSessions(ctx, time.Now())
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(env.stdout, 0, 0, 3, ' ', 0)
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

type staffEndSession struct {
	Session string `arg:"" help:"The session, as cafeforme staff sessions lists it."`
	operatorFlag
}

// Run ends the session.
func (c staffEndSession) Run(ctx context.Context, env environment) error {
	ctx, err := c.as(ctx, env)
	if err != nil {
		return err
	}
	return withDatabase(ctx, env, func(database *storage.DB) error {
		err := database.EndStaffSessionByID(ctx, c.Session)
		if order.ErrorCode(err) == order.CodeNotFound {
			return fmt.Errorf("session %q was not found; see cafeforme staff sessions", c.Session)
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(env.stdout, "Session %s is ended. Running stores refuse it within seconds.\n", c.Session)
		return err
	})
}
