package operator

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/cafeforme/cafeforme/internal/app"
	"github.com/cafeforme/cafeforme/internal/auditlog"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/internal/storage/auditstore"
	"github.com/cafeforme/cafeforme/internal/store"
)

// LogOptions say what of the audit log is printed.
type LogOptions struct {
	// Since is how far back.
	Since time.Duration
	// Actor is whose entries are printed: a member of the staff, an operator, or the address
	// of a sign-in that failed; empty for everybody's.
	Actor string
	// Store is the store whose entries are printed; empty for all.
	Store string
	// Limit is how many entries are printed at most, the latest.
	Limit int
	// JSON prints an object a line.
	JSON bool
}

// PrintLog prints the audit log, oldest first.
func PrintLog(ctx context.Context, env app.Environment, c LogOptions) error {
	return withDatabase(ctx, env, func(database *storage.DB) error {
		entries, err := database.AuditLog(ctx, auditstore.Filter{Since: time.Now().Add(-c.Since), Actor: c.Actor, Store: c.Store, Limit: c.Limit})
		if err != nil {
			return err
		}
		if c.JSON {
			return printJSONEntries(env.Stdout, entries)
		}
		return printEntries(env.Stdout, entries)
	})
}

// loggedEntry is an entry as machines read it.
type loggedEntry struct {
	At      time.Time       `json:"at"`
	Actor   string          `json:"actor"`
	Action  auditlog.Action `json:"action"`
	Store   string          `json:"store,omitempty"`
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
	several := slices.ContainsFunc(entries, func(e auditlog.Entry) bool { return e.Store != "" && e.Store != store.Main })
	row := func(at, who, did, where, to, change string) {
		if several {
			who += "\t" + where
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", at, who, did, to, change)
	}
	row("AT", "WHO", "DID", "STORE", "TO", "BEFORE -> AFTER")
	for _, e := range entries {
		row(e.At.Local().Format(dayAndTime), orDash(e.Actor), string(e.Action), orDash(e.Store), e.Subject, changeOf(e))
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
