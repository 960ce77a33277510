package readmodel

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
)

const uncertainID = "ord_abcdefghijklmnopqrstuvwxyz"

// errAway is what a server that is away answers.
var errAway = &order.Error{Code: order.CodeUnavailable, Message: "down"}

// inDoubt is an order that is paid, and a read model that may say otherwise. It stands in
// for both.
type inDoubt struct {
	t          *testing.T
	log        *bytes.Buffer
	reconciler *Reconciler

	mu                sync.Mutex
	truth             order.Snapshot
	stored            Revision
	readErr, reachErr error
	// beforeReproject and onReproject happen right before and after the read model is
	// put right.
	beforeReproject, onReproject func()
	repaired                     []int64
	stop                         func()
}

func newInDoubt(t *testing.T) *inDoubt {
	t.Helper()
	d := &inDoubt{
		t: t, log: &bytes.Buffer{}, truth: orderAfter(t, order.PaymentSucceeded), beforeReproject: func() {}, onReproject: func() {},
	}
	d.reconciler = NewReconciler(ReconcilerConfig{Orders: d, Changes: d, Repairer: d, Log: slog.New(slog.NewJSONHandler(d.log, nil))})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		d.reconciler.Run(ctx)
	}()
	d.stop = func() {
		stop()
		<-done
	}
	t.Cleanup(d.stop)
	return d
}

// orderAfter returns an order to which the events have happened.
func orderAfter(t *testing.T, events ...order.EventName) order.Snapshot {
	t.Helper()
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	o, err := order.New(order.Placement{
		ID: uncertainID, Items: []order.Line{{Product: "IceAmericano", Qty: 2, Price: order.Money{Amount: 2000, Currency: "KRW"}}},
		PaymentMethod: "pm_card_visa", Language: order.English,
	}, at)
	require.NoError(t, err)
	for _, name := range events {
		require.NoError(t, o.Apply(order.Event{Name: name}, at))
	}
	return o.Snapshot()
}

// Read is [WorkflowReader.Read].
func (d *inDoubt) Read(context.Context, string) (order.Snapshot, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.truth, d.readErr
}

// Reachable is [Workflows.Reachable].
func (d *inDoubt) Reachable(context.Context) error { return d.reachErr }

// Revision is [RevisionReader.Revision].
func (d *inDoubt) Revision(context.Context, string) (Revision, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.stored.Number == 0 {
		return Revision{}, &order.Error{Code: order.CodeNotFound}
	}
	return d.stored, nil
}

// Reproject is [Repairer.Reproject].
func (d *inDoubt) Reproject(_ context.Context, truth order.Snapshot, seen int64) (bool, error) {
	d.beforeReproject()
	if d.stored.Number != seen {
		return false, nil
	}
	d.store(truth)
	d.repaired = append(d.repaired, truth.Version)
	d.onReproject()
	return true, nil
}

func (d *inDoubt) store(s order.Snapshot) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stored = Revision{Snapshot: s, Number: d.stored.Number + 1}
}

func (d *inDoubt) show(status order.Status, version int64) {
	shown := d.truth
	shown.Status, shown.Version = status, version
	d.store(shown)
}

func (d *inDoubt) shown() order.Snapshot {
	shown, err := d.Revision(d.t.Context(), uncertainID)
	require.NoError(d.t, err)
	return shown.Snapshot
}

func (d *inDoubt) away(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.readErr = err
}

func TestAnOrderInDoubt(t *testing.T) {
	t.Parallel()

	t.Run("is put right once it can be asked", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			d := newInDoubt(t)
			d.show(order.Accepted, d.truth.Version+1)
			d.away(errAway)
			d.reconciler.Add(t.Context(), uncertainID)
			d.reconciler.Add(t.Context(), uncertainID)
			time.Sleep(30 * time.Minute)
			synctest.Wait()
			require.Equal(t, order.Accepted, d.shown().Status)

			d.away(nil)
			time.Sleep(longestPause)
			synctest.Wait()
			require.Equal(t, d.truth, d.shown())
			require.Len(t, d.repaired, 1)
			require.Contains(t, d.log.String(), "never happened")
			require.Zero(t, d.reconciler.count())
		})
	})

	t.Run("is left alone where the read model is behind, or as it is, or has none", func(t *testing.T) {
		t.Parallel()
		for _, prepare := range []func(d *inDoubt){
			func(d *inDoubt) { d.show(order.PaymentPending, d.truth.Version-1) },
			func(d *inDoubt) { d.show(d.truth.Status, d.truth.Version) },
			func(*inDoubt) {},
			func(d *inDoubt) { d.show(order.Ready, 9); d.away(&order.Error{Code: order.CodeNotFound}) },
		} {
			synctest.Test(t, func(t *testing.T) {
				d := newInDoubt(t)
				prepare(d)
				d.reconciler.Add(t.Context(), uncertainID)
				time.Sleep(time.Minute)
				synctest.Wait()
				require.Empty(t, d.repaired)
				require.Zero(t, d.reconciler.count())
			})
		}
	})

	t.Run("is asked again when it changed while it was put right", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			d := newInDoubt(t)
			d.show(order.Accepted, d.truth.Version+1)
			d.onReproject = func() { // as if the change had come between the question and the answer's storing
				d.onReproject = func() {}
				d.truth = orderAfter(t)
				d.show(order.Rejected, 9)
			}
			d.reconciler.Add(t.Context(), uncertainID)
			time.Sleep(time.Minute)
			synctest.Wait()
			require.Equal(t, d.truth, d.shown())
			require.Len(t, d.repaired, 2)
		})
	})

	t.Run("is left as it happened where that has the version of what never did", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			d := newInDoubt(t)
			d.show(order.Accepted, d.truth.Version+1)
			d.beforeReproject = func() { // the workflow has answered, and gone on
				d.beforeReproject = func() {}
				d.truth = orderAfter(t, order.PaymentSucceeded, order.Accept)
				d.show(order.Accepted, d.truth.Version)
			}
			d.reconciler.Add(t.Context(), uncertainID)
			time.Sleep(time.Minute)
			synctest.Wait()
			require.Equal(t, d.truth, d.shown())
			require.Empty(t, d.repaired)
		})
	})

	t.Run("is given up after an hour, and the log says what to do", func(t *testing.T) {
		t.Parallel()
		for _, prepare := range []func(d *inDoubt){
			func(d *inDoubt) { d.away(errAway) },
			func(d *inDoubt) { d.reachErr = errAway },
		} {
			synctest.Test(t, func(t *testing.T) {
				d := newInDoubt(t)
				d.show(order.Accepted, d.truth.Version+1)
				prepare(d)
				d.reconciler.Add(t.Context(), uncertainID)
				time.Sleep(maxAge + time.Minute)
				synctest.Wait()
				require.Zero(t, d.reconciler.count())
				require.Contains(t, d.log.String(), "audit --repair")
				require.Empty(t, d.repaired)
			})
		}
	})

	t.Run("is looked at once more when the process stops", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			d := newInDoubt(t)
			d.show(order.Accepted, d.truth.Version+1)
			d.reconciler.Add(t.Context(), uncertainID)
			d.stop()
			require.Equal(t, d.truth, d.shown())
		})
	})

	t.Run("is named in the log when the process stops without an answer", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			d := newInDoubt(t)
			d.show(order.Accepted, d.truth.Version+1)
			d.away(errAway)
			d.reconciler.Add(t.Context(), uncertainID)
			d.stop()
			require.Contains(t, d.log.String(), "stopping with an order in doubt")
		})
	})

	t.Run("is one of ten thousand at most", func(t *testing.T) {
		t.Parallel()
		d := NewReconciler(ReconcilerConfig{Log: slog.New(slog.DiscardHandler)})
		for i := range maxQueued + 5 {
			d.Add(t.Context(), uncertainID+string(rune('a'+i)))
		}
		require.Equal(t, maxQueued, d.count())
	})
}

// The store has written the pick-up number, and the order has not heard of it yet:
// that is no change that never happened.
func TestANumberThatTheOrderHasNotHeardOfIsLeft(t *testing.T) {
	t.Parallel()
	truth := order.Snapshot{ID: "ord_1", Status: order.Paid, Version: 2}
	shown := truth.WithPickupNumber("A-27")
	require.False(t, ahead(shown, truth))
	shown.Version++
	require.True(t, ahead(shown, truth), "more has been written than the number")
	shown = truth.WithPickupNumber("A-27")
	shown.Status = order.Accepted
	require.True(t, ahead(shown, truth))
}
