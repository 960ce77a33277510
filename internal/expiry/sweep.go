// Package expiry releases what orders have reserved that nobody knows any more: whose workflow was
// terminated before they were paid for, or is lost. Start at [Sweeper.Sweep].
package expiry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/cafeforme/cafeforme/internal/storage/reservationstore"
	"github.com/cafeforme/cafeforme/order"
)

const (
	// sweepEvery is how often each worker looks for what has expired.
	sweepEvery = 5 * time.Minute
	// sweepWithin bounds one sweep: the next one goes on.
	sweepWithin = 4 * time.Minute
	// lookedAtAgain is how long one that had to be left is left alone, by all workers.
	lookedAtAgain = time.Hour
	// forgottenAfter is how long what was released stays, and a slot that is past: longer than
	// Temporal lets anybody run an order again.
	forgottenAfter = 30 * 24 * time.Hour
)

// Reservations are what orders have reserved.
type Reservations interface {
	ExpiredReservations(ctx context.Context, before time.Time, after reservationstore.Expired) ([]reservationstore.Expired, error)
	ReleaseExpired(ctx context.Context, orderID string, now time.Time) (bool, error)
	KeepReservations(ctx context.Context, orderIDs []string, now time.Time) error
	PostponeExpiry(ctx context.Context, orderIDs []string, until time.Time) error
	ForgetReservations(ctx context.Context, before time.Time) error
}

// Orders are the orders' workflows, as [orderclient.Client] has them.
type Orders interface {
	// IsOpen reports whether the order's workflow has not ended. It fails with CodeNotFound when
	// Temporal does not know it.
	IsOpen(ctx context.Context, id string) (bool, error)
	// ReadClosed returns how a workflow that has ended has left its order. It fails with CodeNotFound
	// when there never was one.
	ReadClosed(ctx context.Context, id string) (order.Snapshot, error)
}

// Config is what a [Sweeper] needs.
type Config struct {
	Reservations Reservations
	Orders       Orders
	Log          *slog.Logger
	Now          func() time.Time
}

// Sweeper releases what has expired. Several may do so at the same time.
type Sweeper struct{ Config }

// NewSweeper returns a sweeper.
func NewSweeper(c Config) *Sweeper { return &Sweeper{c} }

// Swept is what a sweep has done: how many reservations it has released, how many it knows to be kept
// now, and how many it had to leave.
type Swept struct{ Released, Kept, Left int }

// Run sweeps every few minutes until ctx ends. What cannot be looked at is looked at the next time.
func (s *Sweeper) Run(ctx context.Context) {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		sweeping, cancel := context.WithTimeout(ctx, sweepWithin)
		if _, err := s.Sweep(sweeping); err != nil && ctx.Err() == nil {
			s.Log.Warn("reservations that have expired could not be looked at", "error", err)
		}
		cancel()
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// Sweep releases each reservation that has expired, unless its order is alive or was kept by anybody's
// account: as the read model has it, or as its workflow, which is asked only where the read model
// does not say so. A reservation whose order is alive, or cannot be read, is looked at again an hour later.
func (s *Sweeper) Sweep(ctx context.Context) (swept Swept, err error) {
	now := s.Now()
	for after := (reservationstore.Expired{}); ; {
		expired, err := s.Reservations.ExpiredReservations(ctx, now, after)
		if err != nil {
			return swept, err
		}
		if len(expired) == 0 {
			return swept, s.Reservations.ForgetReservations(ctx, now.Add(-forgottenAfter))
		}
		if err := s.sweep(ctx, expired, now, &swept); err != nil {
			return swept, err
		}
		after = expired[len(expired)-1]
	}
}

func (s *Sweeper) sweep(ctx context.Context, expired []reservationstore.Expired, now time.Time, swept *Swept) error {
	var kept, left []string
	for _, e := range expired {
		switch {
		case e.Status != "" && e.Status.Terminal() && !e.Status.Undone():
			kept = append(kept, e.OrderID)
			continue
		case e.Status.OnBoard():
			left = append(left, e.OrderID)
			continue
		}
		why, err := s.whyLost(ctx, e.OrderID)
		switch {
		case err != nil:
			return err
		case why == "":
			left = append(left, e.OrderID)
			continue
		}
		released, err := s.Reservations.ReleaseExpired(ctx, e.OrderID, now)
		if err != nil {
			return err
		}
		if released {
			swept.Released++
			s.Log.Warn("a reservation was released that nobody would have released", "order", e.OrderID, "why", why)
		}
	}
	swept.Kept, swept.Left = swept.Kept+len(kept), swept.Left+len(left)
	if err := s.Reservations.KeepReservations(ctx, kept, now); err != nil {
		return err
	}
	return s.Reservations.PostponeExpiry(ctx, left, now.Add(lookedAtAgain))
}

// whyLost says why nobody will release what the order has reserved, and nothing of an order of which
// that is not certain.
func (s *Sweeper) whyLost(ctx context.Context, id string) (string, error) {
	open, err := s.Orders.IsOpen(ctx, id)
	switch {
	case order.ErrorCode(err) == order.CodeNotFound:
		return "Temporal does not know the order", nil
	case err != nil:
		return "", fmt.Errorf("look whether order %s is open: %w", id, err)
	case open:
		return "", nil
	}
	left, err := s.Orders.ReadClosed(ctx, id)
	switch {
	case order.ErrorCode(err) == order.CodeNotFound:
		return "the order was ended before it began", nil
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return "", err
	case err != nil:
		s.Log.Warn("a reservation has expired, and its order cannot be read", "order", id, "error", err)
		return "", nil
	case left.Status == order.PaymentPending:
		return "the order was ended from outside while it was paid for", nil
	case left.Status.Undone():
		return "the order has ended as " + string(left.Status), nil
	}
	return "", nil // of an order that is kept, and that the read model does not have: the audit says so
}
