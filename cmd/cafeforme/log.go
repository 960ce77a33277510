package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/cafeforme/cafeforme/internal/auditlog"
	"github.com/cafeforme/cafeforme/internal/storage"
)

// logCommand shows the audit log.
type logCommand struct {
	Since time.Duration `default:"168h" placeholder:"DURATION" help:"How far back (default ${default})."`
	Actor string        `placeholder:"NAME" help:"Only what this one did: a member of the staff, an operator, or the address of a sign-in that failed."`
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
func (c logCommand) Run(ctx context.Context, env environment) error {
	return withDatabase(ctx, env, func(database *storage.DB) error {
		entries, err := database.AuditLog(ctx, storage.AuditFilter{Since: time.Now().Add(-c.Since), Actor: c.Actor, Limit: c.Limit})
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSONEntries(env.stdout, entries)
		}
		return printEntries(env.stdout, entries)
	})
}

// loggedEntry is an entry as machines read it.
type loggedEntry struct {
	At      time.Time       `json:"at"`
	Actor   string          `json:"actor"`
	Action  auditlog.Action `json:"action"`
	Subject string          `json:"subject"`
	Before  string          `json:"before,omitempty"`
	After   string          `json:"after,omitempty"`
}

func printJSONEntries(w io.Writer, entries []auditlog.Entry) error {
	encoder := json.NewEncoder(w)
	for _, e := range entries {
		if err := encoder.Encode(loggedEntry(e)); err != nil {
			return fmt.Errorf("print the log: %w", err)
		}
	}
	return nil
}

func printEntries(w io.Writer, entries []auditlog.Entry) error {
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "AT\tWHO\tDID\tTO\tBEFORE -> AFTER")
	for _, e := range entries {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", e.At.Local().Format(dayAndTime), orDash(e.Actor), e.Action, e.Subject, changeOf(e))
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("print the log: %w", err)
	}
	return nil
}

// changeOf returns what was before and what is now, where there is either.
func changeOf(e auditlog.Entry) string {
	if e.Before == "" && e.After == "" {
		return ""
	}
	return orDash(e.Before) + " -> " + orDash(e.After)
}
