package app

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"text/tabwriter"

	"github.com/cafeforme/cafeforme/internal/callback"
	"github.com/cafeforme/cafeforme/internal/config"
	"github.com/cafeforme/cafeforme/order"
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
	fmt.Fprintf(&text, firstSteps, d.customer.URL(), d.customer.URL(), d.store.URL(), staffToken(cfg))
	if _, err := d.env.Stdout.Write(text.Bytes()); err != nil {
		return fmt.Errorf("announce: %w", err)
	}
	return nil
}

// staffToken returns a token to show: the one without a name where there is one.
func staffToken(cfg config.Config) string {
	if token, ok := cfg.StaffTokens[order.ActorStore]; ok {
		return token
	}
	return cfg.StaffTokens[slices.Min(slices.Collect(maps.Keys(cfg.StaffTokens)))]
}

// places lists what there is to look at.
func (d *development) places(cfg config.Config, ui string) [][2]string {
	customer := d.customer.URL()
	temporal := cfg.Temporal.Options.HostPort + ", namespace " + cfg.Temporal.Options.Namespace
	rows := [][2]string{
		{"Customers' page", customer},
		{"Store's board", d.store.URL() + "/store"},
		{"Developer's page", customer + "/dev"},
		{"Customer API", customer + "   (menu: " + customer + "/menu, description: " + customer + "/openapi.yaml)"},
		{"Store API", d.store.URL() + "   (bearer token: " + staffToken(cfg) + ")"},
		{"Temporal", temporal},
	}
	if ui != "" {
		rows = append(rows, [2]string{"Temporal Web UI", ui})
	}
	if d.codec != nil {
		rows = append(rows, [2]string{"Codec server", d.codec.URL() + "   (sign in, for the Web UI to show decrypted payloads: " + cfg.CodecToken + ")"})
	}
	phone := [2]string{"Sandbox phone", customer + "/dev/messages"}
	if texts := cfg.Texts; !texts.Sandbox {
		phone = [2]string{"Texts", "through " + texts.Title + ", which calls back at " + cfg.PublicURL + callback.Path(texts.Name)}
	}
	payments := [2]string{"Sandbox payments", customer + "/dev/payments"}
	if provider, _ := cfg.Payments.Chosen(); !provider.Sandbox {
		payments = [2]string{"Payments", "through " + provider.Title + ", which calls back at " + customer + callback.Path(provider.Name)}
	}
	rows = append(rows, phone)
	if cfg.PublicURL == "" {
		rows = append(rows, [2]string{"Links in texts", "none: " + customer + " is too long for them; set CAFEFORME_PUBLIC_URL, 26 characters at most"})
	}
	return append(rows, payments, [2]string{"State", d.data.Path})
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
