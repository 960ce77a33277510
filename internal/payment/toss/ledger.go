package toss

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/cafeforme/cafeforme/internal/payment"
)

const (
	// looksAtOnce is how many payments are looked up at a time.
	looksAtOnce = 4
	// pageSize is how many transactions are listed at a time.
	pageSize = 1000
	// orderPrefix is what our orders' IDs begin with: others may be paid through the same
	// account.
	orderPrefix = "ord_"
)

// seoul is the zone of the times that Toss is asked for. It knows no daylight saving time.
var seoul = time.FixedZone("KST", int((9 * time.Hour).Seconds()))

// MovementsOf returns the movements of money of these orders at Toss Payments, oldest first:
// payments that were made, and what was given back of them.
func (g *Gateway) MovementsOf(ctx context.Context, orderIDs []string) ([]payment.Movement, error) {
	each := make([][]payment.Movement, len(orderIDs))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(looksAtOnce)
	for i, orderID := range orderIDs {
		group.Go(func() error {
			found, err := g.paymentOf(ctx, orderID)
			if err == nil && found.paid() {
				each[i] = movementsOf(found)
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	all := slices.Concat(each...)
	slices.SortStableFunc(all, func(a, b payment.Movement) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.OrderID, b.OrderID))
	})
	return all, nil
}

// movementsOf returns what has moved for a payment that was made.
func movementsOf(paid *heldPayment) []payment.Movement {
	movement := func(kind string, amount int64, at time.Time) payment.Movement {
		return payment.Movement{OrderID: paid.OrderID, Kind: kind, Amount: amount, Currency: paid.Currency, At: at.UTC()}
	}
	moved := []payment.Movement{movement(payment.KindCharge, paid.TotalAmount, paid.ApprovedAt)}
	for _, c := range paid.movements() {
		moved = append(moved, movement(payment.KindRefund, c.CancelAmount, c.CanceledAt))
	}
	return moved
}

// transaction is a payment that was made, or a cancellation, as lists have it.
type transaction struct {
	TransactionKey string `json:"transactionKey"`
	OrderID        string `json:"orderId"`
	Status         string `json:"status"`
}

// moved reports that the transaction has moved money of an order of ours.
func (t transaction) moved() bool {
	switch t.Status {
	case statusDone, statusCanceled, statusPartialCanceled:
		return strings.HasPrefix(t.OrderID, orderPrefix)
	}
	return false
}

// OrdersSince returns the orders whose money has moved at Toss Payments since then.
func (g *Gateway) OrdersSince(ctx context.Context, since time.Time) (orderIDs []string, err error) {
	const form = "2006-01-02T15:04:05"
	query := url.Values{
		"startDate": {since.In(seoul).Format(form)}, "endDate": {g.now().Add(time.Minute).In(seoul).Format(form)},
		"limit": {strconv.Itoa(pageSize)},
	}
	seen := map[string]bool{}
	for {
		var page []transaction
		if err := g.get(ctx, "/v1/transactions?"+query.Encode(), &page); err != nil {
			return nil, providerError("list the transactions", err)
		}
		for _, t := range page {
			if t.moved() && !seen[t.OrderID] {
				seen[t.OrderID] = true
				orderIDs = append(orderIDs, t.OrderID)
			}
		}
		if len(page) < pageSize {
			return orderIDs, nil
		}
		query.Set("startingAfter", page[len(page)-1].TransactionKey)
	}
}
