package operator

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/cafeforme/cafeforme/internal/app"
	"github.com/cafeforme/cafeforme/internal/staff"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/order"
)

// ListSessions prints the browsers that are logged in, the latest first.
func ListSessions(ctx context.Context, env app.Environment) error {
	return withDatabase(ctx, env, func(database *storage.DB) error {
		sessions, err := database.StaffSessions(ctx, time.Now())
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(env.Stdout, 0, 0, 3, ' ', 0)
		fmt.Fprintln(table, "SESSION\tNAME\tSINCE\tUNTIL\tSTORE\tSTAYS")
		for _, s := range sessions {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%t\n", s.ID, orDash(s.Name),
				s.CreatedAt.Local().Format(dayAndTime), s.ExpiresAt.Local().Format(dayAndTime), orDash(s.Store), s.Stays)
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
		err := database.EndStaffSessionByID(ctx, session, func(staff.Session) error { return nil })
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
