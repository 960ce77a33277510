package consistency

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

// pollEvery is how often orders that are not consistent yet are read again.
const pollEvery = 500 * time.Millisecond

// Checker reads everything that is written about orders.
type Checker struct {
	temporal client.Client
	sources  audit.Sources
	database *storage.DB
	closers  []func() error
}

// Open returns the checker of a system by a client of its Temporal server, the data
// converter of that client, the URL of its database and the path of its
// sandbox. It has to be closed.
func Open(temporal client.Client, payloads converter.DataConverter, databaseURL, sandboxPath string) (c *Checker, err error) {
	c = &Checker{temporal: temporal}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("open what is written about orders: %w", err), c.Close())
		}
	}()
	database, err := storage.Open(databaseURL)
	if err != nil {
		return nil, err
	}
	c.database, c.closers = database, append(c.closers, database.Close)
	gateway, err := sandbox.Open(sandboxPath)
	if err != nil {
		return nil, err
	}
	c.closers = append(c.closers, gateway.Close)
	phone, err := outbox.Open(sandboxPath, "")
	if err != nil {
		return nil, err
	}
	c.closers = append(c.closers, phone.Close)
	c.sources = audit.Sources{
		Orders: orderclient.NewClient(temporal, payloads), ReadModel: database.OrdersOf, Points: database.PointsOf,
		Reservations: database.ReservationsOf,
		Elsewhere:    []func(context.Context, time.Time) ([]string, error){gateway.OrdersSince, database.OrdersSince, database.OrdersReserving},
		Money:        gateway.MovementsOf,
		Texts:        audit.Lines(phone.SentFor, func(t notify.Sent) audit.Text { return audit.Text(t) }),
	}
	return c, nil
}

// Close closes what Open has opened.
func (c *Checker) Close() error {
	var failed error
	for _, closer := range slices.Backward(c.closers) {
		failed = errors.Join(failed, closer())
	}
	return failed
}

// Read reads everything once. Told names the orders that people know of.
func (c *Checker) Read(ctx context.Context, told map[string]order.Status) (map[string]audit.Facts, error) {
	open, err := c.sources.Open(ctx, time.Time{})
	if err != nil {
		return nil, err
	}
	for id := range told {
		if _, listed := open[id]; !listed {
			open[id] = false // people may know of orders that nobody else does
		}
	}
	read, err := c.sources.Once(ctx, slices.Sorted(maps.Keys(open)), open)
	facts := make(map[string]audit.Facts, len(read))
	for _, f := range read {
		facts[f.OrderID] = f
	}
	return facts, err
}

// Result is what is written about orders in the end.
type Result struct {
	Facts map[string]audit.Facts
	// Ended is when each order's workflow ended; it names those that have.
	Ended map[string]time.Time
	// Wrong is everything that is still wrong.
	Wrong []audit.Difference
}

// Settled reads everything again and again until nothing is wrong any more or the
// context ends. Told holds the status that people were told last of each order
// that they know of.
func (c *Checker) Settled(ctx context.Context, told map[string]order.Status) (result Result, err error) {
	for {
		facts, err := c.Read(ctx, told)
		if err == nil {
			result = Result{Facts: facts}
			for id, f := range facts {
				result.Wrong = append(result.Wrong, Check(f, told[id])...)
			}
			miscounted, unread := c.Miscounted(ctx)
			if result.Wrong = append(result.Wrong, miscounted...); unread != nil {
				result.Wrong = append(result.Wrong, audit.Difference{Part: audit.PartReservations, Kind: audit.Unreadable, Detail: unread.Error()})
			}
			if len(result.Wrong) == 0 {
				result.Ended, err = c.ended(ctx, facts)
				return result, err
			}
		}
		select {
		case <-ctx.Done():
			if result.Facts == nil {
				return result, fmt.Errorf("what is written about orders cannot be read: %w", err)
			}
			return result, nil
		case <-time.After(pollEvery):
		}
	}
}

// Miscounted returns the coupons and the slots that count otherwise than what is reserved.
func (c *Checker) Miscounted(ctx context.Context) ([]audit.Difference, error) {
	var counters []audit.Counter
	coupons, err := c.database.MiscountedCoupons(ctx)
	for _, coupon := range coupons {
		counters = append(counters, audit.Counter{Kind: audit.CouponMiscounted, Of: coupon.Code, Counted: coupon.Used, Reserved: coupon.Reserved})
	}
	if err != nil {
		return nil, err
	}
	slots, err := c.database.MiscountedSlots(ctx, time.Unix(0, 0))
	for _, slot := range slots {
		of := slot.Store + " at " + slot.At.Format(time.RFC3339)
		counters = append(counters, audit.Counter{Kind: audit.SlotMiscounted, Of: of, Counted: int64(slot.Cups), Reserved: int64(slot.Reserved)})
	}
	report := audit.Report{}
	report.AddCounters(counters)
	return report.Differences, err
}

// ended asks Temporal when the orders that are over came to their end.
func (c *Checker) ended(ctx context.Context, facts map[string]audit.Facts) (map[string]time.Time, error) {
	ended := map[string]time.Time{}
	for id, f := range facts {
		if f.Open {
			continue
		}
		described, err := c.temporal.DescribeWorkflowExecution(ctx, id, "")
		if err != nil {
			return nil, fmt.Errorf("describe %s: %w", id, err)
		}
		ended[id] = described.GetWorkflowExecutionInfo().GetCloseTime().AsTime()
	}
	return ended, nil
}
