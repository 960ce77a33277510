package main

import (
	"bytes"
	"fmt"
	"text/tabwriter"

	"github.com/cafeforme/cafeforme/internal/config"
)

// announce tells the developer where everything is, and how to begin.
func (d *development) announce(cfg config.Config, ui string) error {
	var text bytes.Buffer
	fmt.Fprintln(&text, "\ncafeforme is open.")
	fmt.Fprintln(&text)
	table := tabwriter.NewWriter(&text, 0, 0, 3, ' ', 0)
	for _, row := range d.places(cfg, ui) {
		fmt.Fprintf(table, "  %s\t%s\n", row[0], row[1])
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("lay out the announcement: %w", err)
	}
	fmt.Fprintf(&text, firstSteps, d.customer.url(), d.customer.url(), d.store.url(), cfg.StaffToken)
	if _, err := d.env.stdout.Write(text.Bytes()); err != nil {
		return fmt.Errorf("announce: %w", err)
	}
	return nil
}

// places lists what there is to look at.
func (d *development) places(cfg config.Config, ui string) [][2]string {
	customer := d.customer.url()
	temporal := cfg.Temporal.Options.HostPort + ", namespace " + cfg.Temporal.Options.Namespace
	rows := [][2]string{
		{"Customer API", customer + "   (menu: " + customer + "/menu, description: " + customer + "/openapi.yaml)"},
		{"Store API", d.store.url() + "   (bearer token: " + cfg.StaffToken + ")"},
		{"Temporal", temporal},
	}
	if ui != "" {
		rows = append(rows, [2]string{"Temporal Web UI", ui})
	}
	payments := [2]string{"Sandbox payments", customer + "/dev/payments"}
	if cfg.Stripe != nil {
		payments = [2]string{"Stripe webhook", customer + "/webhooks/stripe"}
	}
	return append(rows,
		[2]string{"Sandbox phone", customer + "/dev/messages"},
		payments,
		[2]string{"State", d.data.path},
	)
}

// firstSteps is what to paste into another terminal.
const firstSteps = `
Place an order, in another terminal:

  curl -s %s/orders -H 'Content-Type: application/json' \
    -d '{"items":[{"product":"IceAmericano","qty":2}],"phone":"+821012345678"}'

Then, with the id from the answer: look at it, and accept it as the store.

  curl -s %s/orders/ORDER_ID
  curl -s -X POST %s/store/orders/ORDER_ID/accept -H 'Authorization: Bearer %s' \
    -H 'Content-Type: application/json' -d '{"eta_minutes":5}'

Ctrl-C stops everything. The next start goes on where this one stopped.
`
