package books

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"github.com/cafeforme/cafeforme/internal/audit"
	"github.com/cafeforme/cafeforme/internal/notify"
	"github.com/cafeforme/cafeforme/internal/notify/outbox"
	"github.com/cafeforme/cafeforme/internal/orderclient"
	"github.com/cafeforme/cafeforme/internal/payment/sandbox"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/order"
)

// pollEvery is how often books that are not right yet are read again.
const pollEvery = 500 * time.Millisecond

// Books are open books: everything that is written about orders.
type Books struct {
	temporal client.Client
	sources  audit.Sources
	closers  []func() error
}

// Open opens the books of a system by a client of its Temporal server, the data
// converter of that client, the URL of its database and the path of its
// sandbox. They have to be closed.
func Open(temporal client.Client, payloads converter.DataConverter, databaseURL, sandboxPath string) (b *Books, err error) {
	b = &Books{temporal: temporal}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("open the books: %w", err), b.Close())
		}
	}()
	database, err := storage.Open(databaseURL)
	if err != nil {
		return nil, err
	}
	b.closers = append(b.closers, database.Close)
	gateway, err := sandbox.Open(sandboxPath)
	if err != nil {
		return nil, err
	}
	b.closers = append(b.closers, gateway.Close)
	phone, err := outbox.Open(sandboxPath, "")
	if err != nil {
		return nil, err
	}
	b.closers = append(b.closers, phone.Close)
	b.sources = audit.Sources{
		Orders: orderclient.NewClient(temporal, payloads), ReadModel: database.OrdersOf, Points: database.PointsOf,
		Elsewhere: []func(context.Context, time.Time) ([]string, error){gateway.OrdersSince, database.OrdersSince},
		Money:     gateway.MovementsOf,
		Texts:     audit.Lines(phone.SentFor, func(t notify.Sent) audit.Text { return audit.Text(t) }),
	}
	return b, nil
}

// Close closes the books.
func (b *Books) Close() error {
	var failed error
	for _, closer := range slices.Backward(b.closers) {
		failed = errors.Join(failed, closer())
	}
	return failed
}

// Read reads all the books once. Told names the orders that people know of.
func (b *Books) Read(ctx context.Context, told map[string]order.Status) (map[string]audit.Facts, error) {
	open, err := b.sources.Open(ctx, time.Time{})
	if err != nil {
		return nil, err
	}
	for id := range told {
		if _, listed := open[id]; !listed {
			open[id] = false // people may know of orders that nobody else does
		}
	}
	read, err := b.sources.Once(ctx, slices.Sorted(maps.Keys(open)), open)
	facts := make(map[string]audit.Facts, len(read))
	for _, f := range read {
		facts[f.OrderID] = f
	}
	return facts, err
}

// Account is what the books say in the end.
type Account struct {
	Facts map[string]audit.Facts
	// Ended is when each order's workflow ended; it names those that have.
	Ended map[string]time.Time
	// Wrong is everything that is still wrong.
	Wrong []audit.Difference
}

// Settled reads the books again and again until nothing is wrong any more or the
// context ends. Told holds the status that people were told last of each order
// that they know of.
func (b *Books) Settled(ctx context.Context, told map[string]order.Status) (account Account, err error) {
	for {
		facts, err := b.Read(ctx, told)
		if err == nil {
			account = Account{Facts: facts}
			for id, f := range facts {
				account.Wrong = append(account.Wrong, Check(f, told[id])...)
			}
			if len(account.Wrong) == 0 {
				account.Ended, err = b.ended(ctx, facts)
				return account, err
			}
		}
		select {
		case <-ctx.Done():
			if account.Facts == nil {
				return account, fmt.Errorf("the books cannot be read: %w", err)
			}
			return account, nil
		case <-time.After(pollEvery):
		}
	}
}

// ended asks Temporal when the orders that are over came to their end.
func (b *Books) ended(ctx context.Context, facts map[string]audit.Facts) (map[string]time.Time, error) {
	ended := map[string]time.Time{}
	for id, f := range facts {
		if f.Open {
			continue
		}
		described, err := b.temporal.DescribeWorkflowExecution(ctx, id, "")
		if err != nil {
			return nil, fmt.Errorf("describe %s: %w", id, err)
		}
		ended[id] = described.GetWorkflowExecutionInfo().GetCloseTime().AsTime()
	}
	return ended, nil
}
