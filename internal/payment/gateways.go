package payment

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/cafeforme/cafeforme/order"
)

// Gateways are the gateways of all providers that are set up, as one: what names no
// provider goes to the one that is chosen, and what names one goes there. Every result
// names its provider. A provider that is not set up is CodeMisconfigured, with the
// variable to set.
type Gateways struct {
	registry Registry
	chosen   string
	// sandbox is the path of the sandbox's file.
	sandbox  string
	open     map[string]Gateway
	unusable map[string]error
}

// Close closes all gateways.
func (g *Gateways) Close() (err error) {
	for _, gateway := range g.open {
		if closer, ok := gateway.(io.Closer); ok {
			err = errors.Join(err, closer.Close())
		}
	}
	return err
}

// Charge takes the money through the provider that the charge names, the chosen one when
// it names none.
func (g *Gateways) Charge(ctx context.Context, charge order.Charge) (order.ChargeResult, error) {
	name, gateway, err := g.find(charge.Provider)
	if err != nil {
		return order.ChargeResult{}, err
	}
	result, err := gateway.Charge(ctx, charge)
	result.Provider = name
	return result, err
}

// Void bars the charge at the provider that it names.
func (g *Gateways) Void(ctx context.Context, void order.Void) (order.VoidResult, error) {
	name, gateway, err := g.find(void.Provider)
	if err != nil {
		return order.VoidResult{}, err
	}
	result, err := gateway.Void(ctx, void)
	result.Provider = name
	return result, err
}

// Refund gives the money back through the provider that it names.
func (g *Gateways) Refund(ctx context.Context, refund order.RefundRequest) (order.RefundResult, error) {
	name, gateway, err := g.find(refund.Provider)
	if err != nil {
		return order.RefundResult{}, err
	}
	result, err := gateway.Refund(ctx, refund)
	result.Provider = name
	return result, err
}

func (g *Gateways) find(name string) (found string, gateway Gateway, err error) {
	name = cmp.Or(name, g.chosen)
	if gateway, ok := g.open[name]; ok {
		return name, gateway, nil
	}
	why := g.unusable[name]
	if why == nil {
		why = fmt.Errorf("this build has none of that name, only %q", g.registry.Names())
	}
	return name, nil, &order.Error{
		Code: order.CodeMisconfigured, Message: fmt.Sprintf("the payment provider %q cannot be used: %v", name, why),
	}
}

// KnownMethod reports whether the token can be that of a payment method of the provider
// that is chosen.
func (g *Gateways) KnownMethod(token string) bool { return g.open[g.chosen].KnownMethod(token) }

// Methods lists the payment methods that the chosen provider has for people to choose
// from, the one first that is chosen for them: none where a page of its own is all there is.
func (g *Gateways) Methods() []string {
	if lister, ok := g.open[g.chosen].(MethodLister); ok {
		return lister.Methods()
	}
	return nil
}

// Page returns the chosen provider's payment page, if it is ours to serve; nil otherwise.
func (g *Gateways) Page() PageHost {
	host, _ := g.open[g.chosen].(PageHost)
	return host
}

// EventReaders returns the gateways, by the names of their providers, that report events.
func (g *Gateways) EventReaders() map[string]EventReader {
	found := map[string]EventReader{}
	for name, gateway := range g.open {
		if reader, ok := gateway.(EventReader); ok {
			if _, set := reader.Webhook(); set {
				found[name] = reader
			}
		}
	}
	return found
}

// Payments returns the last limit movements of money at the chosen provider, oldest
// first: none when they are real.
func (g *Gateways) Payments(ctx context.Context, limit int) ([]Movement, error) {
	if inspector, ok := g.open[g.chosen].(Inspector); ok {
		return inspector.Payments(ctx, limit)
	}
	return nil, nil
}

// MovementsOf returns the movements of money of these orders at all providers, oldest
// first.
func (g *Gateways) MovementsOf(ctx context.Context, orderIDs []string) (all []Movement, err error) {
	for _, gateway := range g.open {
		some, err := gateway.MovementsOf(ctx, orderIDs)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	if len(g.open) > 1 {
		slices.SortStableFunc(all, func(a, b Movement) int { return a.At.Compare(b.At) })
	}
	return all, nil
}

// OrdersSince returns the orders whose money has moved since then, at any provider.
func (g *Gateways) OrdersSince(ctx context.Context, since time.Time) (all []string, err error) {
	for _, gateway := range g.open {
		some, err := gateway.OrdersSince(ctx, since)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// Titles says whose gateways are open, for people.
func (g *Gateways) Titles() string {
	var titles []string
	for _, name := range slices.Sorted(maps.Keys(g.open)) {
		provider, _ := g.registry.Find(name)
		title := provider.Title
		if provider.Sandbox {
			title += " " + g.sandbox
		}
		titles = append(titles, title)
	}
	return strings.Join(titles, " and ")
}
