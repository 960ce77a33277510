package demo

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"
	"text/tabwriter"

	"github.com/cafeforme/cafeforme/api/spec"
)

// tell says what there is to look at, and with what people get in.
func (d *Demo) tell(ctx context.Context, there made) error {
	var open spec.StoreSummaries
	if err := d.owner(ctx, http.MethodGet, "/store/stores", nil, &open); err != nil {
		return fmt.Errorf("list the stores: %w", err)
	}
	var text bytes.Buffer
	fmt.Fprint(&text, "\nThe demo is there: a chain in the middle of its morning.\n\n")
	table := tabwriter.NewWriter(&text, 0, 0, 3, ' ', 0)
	for _, s := range open.Stores {
		fmt.Fprintf(table, "  Store %s\t%s/s/%s\t%s\n", s.Name.En, d.Customer, s.Store, s.TimeZone)
	}
	fmt.Fprintf(table, "  Boards, back office\t%s/store\t%s/store/manage\n", d.Store, d.Store)
	for _, a := range there.Staff {
		where := cmp.Or(strings.Join(a.Stores, ", "), "all stores")
		fmt.Fprintf(table, "  %s, %s\ttoken %s\t%s\n", a.Name, a.Role, a.Token, where)
	}
	for _, m := range there.Members {
		fmt.Fprintf(table, "  %s, member %s\t%s/member\tphone %s\n", m.Name, m.Number, d.Customer, m.Phone)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("lay out what the demo has made: %w", err)
	}
	fmt.Fprintf(&text, told, d.Customer)
	if _, err := d.Out.Write(text.Bytes()); err != nil {
		return fmt.Errorf("say what the demo has made: %w", err)
	}
	return nil
}

// told is what people could wonder about.
const told = `
A member signs in with the phone; the code is on its screen, %s/dev.
All orders were placed just now. What is new and nobody accepts expires in a while, and is refunded.
`
