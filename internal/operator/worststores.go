package operator

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/cafeforme/cafeforme/internal/app"
	"github.com/cafeforme/cafeforme/internal/store"
)

// worstStores is how many stores the list of the worst has.
const worstStores = 10

// ListWorstStores prints the stores that need attention most, the worst first: those with the most
// orders that are stuck, unanswered or lost, as [store.Trouble] says.
func ListWorstStores(ctx context.Context, env app.Environment, asJSON bool) error {
	return asOperator(env, func(o *operator) error {
		if err := o.openDatabase(ctx); err != nil {
			return err
		}
		worst, err := app.WorstStores(ctx, app.NewStuckOrders(o.orders, o.config), o.database, worstStores)
		if err != nil && o.orders.Reachable(ctx) != nil {
			return o.explain(ctx, "", err)
		}
		if err != nil {
			return err
		}
		rows := make([]worstStore, len(worst))
		for i, trouble := range worst {
			rows[i] = worstStoreOf(trouble)
		}
		if asJSON {
			return printJSON(env.Stdout, rows)
		}
		return printWorstStores(env.Stdout, rows)
	})
}

// worstStore is a store with orders in trouble, as machines read it.
type worstStore struct {
	Store      string `json:"store"`
	Trouble    int64  `json:"orders_in_trouble"`
	Stuck      int64  `json:"stuck"`
	Unanswered int64  `json:"unanswered"`
	// Oldest is when the store was offered the oldest of the unanswered orders.
	Oldest time.Time `json:"oldest_unanswered_at,omitzero"`
	// Lost are the orders that were rejected or have expired, of the Placed ones.
	Lost   int64 `json:"lost"`
	Placed int64 `json:"placed"`
}

func worstStoreOf(t store.Trouble) worstStore {
	return worstStore{
		Store: t.Store, Trouble: t.Orders(), Stuck: t.Stuck, Unanswered: t.Unanswered, Oldest: t.OldestUnanswered, Lost: t.Lost, Placed: t.Placed,
	}
}

func printWorstStores(w io.Writer, rows []worstStore) error {
	if len(rows) == 0 {
		_, err := fmt.Fprintln(w, "No store has orders in trouble.")
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "STORE\tIN TROUBLE\tSTUCK\tUNANSWERED\tFOR\tLOST\tOF PLACED")
	for _, row := range rows {
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%s\t%d\t%s\n", row.Store, row.Trouble, row.Stuck, row.Unanswered, row.unansweredFor(), row.Lost, row.placed())
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("print the worst stores: %w", err)
	}
	return nil
}

// unansweredFor is how long the oldest of the unanswered orders has been waiting.
func (w worstStore) unansweredFor() string {
	if w.Oldest.IsZero() {
		return "-"
	}
	return age(time.Since(w.Oldest))
}

// placed is how many orders came to the store, and how much of that is lost.
func (w worstStore) placed() string {
	if w.Placed == 0 {
		return "-"
	}
	return fmt.Sprintf("%d (%d %%)", w.Placed, 100*w.Lost/w.Placed)
}
