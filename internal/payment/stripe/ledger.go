package stripe

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v85"

	"github.com/cafeforme/cafeforme/internal/payment"
)

const (
	// searchable is how many clauses one search can have
	// (https://docs.stripe.com/search#search-query-language).
	searchable = 10
	// searchLag is how long a search may miss what is new
	// (https://docs.stripe.com/search#data-freshness): lists do not.
	searchLag = time.Hour
)

// MovementsOf returns the movements of money of these orders at Stripe, oldest
// first: payments that succeeded, and refunds that did not fail.
func (s *Gateway) MovementsOf(ctx context.Context, orderIDs []string) ([]payment.Movement, error) {
	intents := map[string]*stripe.PaymentIntent{}
	if err := s.recent(ctx, orderIDs, intents); err != nil {
		return nil, err
	}
	for some := range slices.Chunk(orderIDs, searchable) {
		if err := s.search(ctx, some, intents); err != nil {
			return nil, err
		}
	}
	var movements []payment.Movement
	for _, intent := range intents {
		moved, err := s.movementsOf(ctx, intent)
		if err != nil {
			return nil, err
		}
		movements = append(movements, moved...)
	}
	slices.SortStableFunc(movements, func(a, b payment.Movement) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.OrderID, b.OrderID))
	})
	return movements, nil
}

// recent adds the orders' PaymentIntents of the last hour.
func (s *Gateway) recent(ctx context.Context, orderIDs []string, intents map[string]*stripe.PaymentIntent) error {
	return s.since(ctx, s.now().Add(-searchLag), func(intent *stripe.PaymentIntent) {
		if slices.Contains(orderIDs, intent.Metadata[metaOrderID]) {
			intents[intent.ID] = intent
		}
	})
}

// since calls do for every PaymentIntent made since then.
func (s *Gateway) since(ctx context.Context, at time.Time, do func(*stripe.PaymentIntent)) error {
	params := &stripe.PaymentIntentListParams{
		CreatedRange: &stripe.RangeQueryParams{GreaterThanOrEqual: at.Unix()},
		Expand:       stripe.StringSlice([]string{"data.latest_charge"}),
	}
	params.Limit = stripe.Int64(pageSize)
	for intent, err := range s.api.V1PaymentIntents.List(ctx, params).All(ctx) {
		if err != nil {
			return providerError("list the payments", err)
		}
		do(intent)
	}
	return nil
}

// search adds the PaymentIntents of some orders, by their metadata.
func (s *Gateway) search(ctx context.Context, orderIDs []string, intents map[string]*stripe.PaymentIntent) error {
	var clauses []string
	for _, id := range orderIDs {
		clauses = append(clauses, fmt.Sprintf("metadata['%s']:'%s'", metaOrderID, strings.ReplaceAll(id, "'", "")))
	}
	params := &stripe.PaymentIntentSearchParams{Expand: stripe.StringSlice([]string{"data.latest_charge"})}
	params.Query = strings.Join(clauses, " OR ")
	params.Limit = stripe.Int64(pageSize)
	for intent, err := range s.api.V1PaymentIntents.Search(ctx, params).All(ctx) {
		if err != nil {
			return providerError("search the payments", err)
		}
		if _, newer := intents[intent.ID]; !newer && slices.Contains(orderIDs, intent.Metadata[metaOrderID]) {
			intents[intent.ID] = intent
		}
	}
	return nil
}

// movementsOf returns what has moved for a PaymentIntent.
func (s *Gateway) movementsOf(ctx context.Context, intent *stripe.PaymentIntent) ([]payment.Movement, error) {
	if intent.Status != stripe.PaymentIntentStatusSucceeded {
		return nil, nil
	}
	movement := func(kind string, amount, at int64) payment.Movement {
		moved := fromStripesUnits(amount, intent.Currency)
		return payment.Movement{
			OrderID: intent.Metadata[metaOrderID], Kind: kind, Amount: moved.Amount, Currency: moved.Currency, At: time.Unix(at, 0).UTC(),
		}
	}
	moved := []payment.Movement{movement(payment.KindCharge, intent.Amount, intent.Created)}
	if intent.LatestCharge != nil && intent.LatestCharge.Object != "" && intent.LatestCharge.AmountRefunded == 0 {
		return moved, nil
	}
	params := &stripe.RefundListParams{PaymentIntent: stripe.String(intent.ID)}
	params.Limit = stripe.Int64(pageSize)
	for refund, err := range s.api.V1Refunds.List(ctx, params).All(ctx) {
		if err != nil {
			return nil, providerError("list the refunds", err)
		}
		if !failedRefund(refund) {
			moved = slices.Insert(moved, 1, movement(payment.KindRefund, refund.Amount, refund.Created)) // the newest come first
		}
	}
	return moved, nil
}

// OrdersSince returns the orders that were charged at Stripe since then.
func (s *Gateway) OrdersSince(ctx context.Context, at time.Time) (orderIDs []string, err error) {
	err = s.since(ctx, at, func(intent *stripe.PaymentIntent) {
		if id := intent.Metadata[metaOrderID]; id != "" && intent.Status == stripe.PaymentIntentStatusSucceeded {
			orderIDs = append(orderIDs, id)
		}
	})
	slices.Reverse(orderIDs)
	return slices.Compact(orderIDs), err
}
