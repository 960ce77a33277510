package api

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
)

const doubtful = knownID

// inDoubt is an order that is paid, and a read model that may say otherwise.
type inDoubt struct {
	*surface
	doubts *Doubts
	truth  order.Snapshot
	// beforeReproject and onReproject happen right before and after the read model is
	// put right.
	beforeReproject, onReproject func()
	repaired                     []int64
	stop                         func()
}

func newInDoubt(t *testing.T) *inDoubt {
	t.Helper()
	d := &inDoubt{surface: newSurface(t), beforeReproject: func() {}, onReproject: func() {}}
	d.doubts = NewDoubts(DoubtsConfig{Orders: d.orders, Changes: d.changes, Repairer: d, Log: d.logger()})
	d.truth = d.orders.seed(placementOf(doubtful), order.PaymentSucceeded)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		d.doubts.Run(ctx)
	}()
	d.stop = func() {
		stop()
		<-done
	}
	t.Cleanup(d.stop)
	return d
}

// Reproject is [Repairer.Reproject].
func (d *inDoubt) Reproject(_ context.Context, truth order.Snapshot, seen int64) (bool, error) {
	d.beforeReproject()
	if d.changes.numberOf(truth.ID) != seen {
		return false, nil
	}
	d.changes.quietly(truth)
	d.repaired = append(d.repaired, truth.Version)
	d.onReproject()
	return true, nil
}

func (d *inDoubt) show(status order.Status, version int64) {
	shown := d.truth
	shown.Status, shown.Version = status, version
	d.changes.quietly(shown)
}

func (d *inDoubt) shown() order.Snapshot {
	shown, err := d.changes.Revision(d.t.Context(), doubtful)
	require.NoError(d.t, err)
	return shown.Snapshot
}

func (d *inDoubt) away(err error) {
	d.orders.mu.Lock()
	defer d.orders.mu.Unlock()
	d.orders.readErr = err
}

func TestAnOrderInDoubt(t *testing.T) {
	t.Parallel()

	t.Run("is put right once it can be asked", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			d := newInDoubt(t)
			d.show(order.Accepted, d.truth.Version+1)
			d.away(errDown)
			d.doubts.Add(t.Context(), doubtful)
			d.doubts.Add(t.Context(), doubtful)
			time.Sleep(30 * time.Minute)
			synctest.Wait()
			require.Equal(t, order.Accepted, d.shown().Status)

			d.away(nil)
			time.Sleep(lastDoubtPause)
			synctest.Wait()
			require.Equal(t, d.truth, d.shown())
			require.Len(t, d.repaired, 1)
			require.Contains(t, d.log.String(), "never happened")
			require.Zero(t, d.doubts.count())
		})
	})

	t.Run("is left alone where the read model is behind, or as it is, or has none", func(t *testing.T) {
		t.Parallel()
		for _, prepare := range []func(d *inDoubt){
			func(d *inDoubt) { d.show(order.PaymentPending, d.truth.Version-1) },
			func(d *inDoubt) { d.show(d.truth.Status, d.truth.Version) },
			func(*inDoubt) {},
			func(d *inDoubt) { d.show(order.Ready, 9); d.away(notFound()) },
		} {
			synctest.Test(t, func(t *testing.T) {
				d := newInDoubt(t)
				prepare(d)
				d.doubts.Add(t.Context(), doubtful)
				time.Sleep(time.Minute)
				synctest.Wait()
				require.Empty(t, d.repaired)
				require.Zero(t, d.doubts.count())
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
				d.truth = d.orders.seed(placementOf(doubtful))
				d.show(order.Rejected, 9)
			}
			d.doubts.Add(t.Context(), doubtful)
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
				d.truth = d.orders.seed(placementOf(doubtful), order.PaymentSucceeded, order.Accept)
				d.show(order.Accepted, d.truth.Version)
			}
			d.doubts.Add(t.Context(), doubtful)
			time.Sleep(time.Minute)
			synctest.Wait()
			require.Equal(t, d.truth, d.shown())
			require.Empty(t, d.repaired)
		})
	})

	t.Run("is given up after an hour, and the log says what to do", func(t *testing.T) {
		t.Parallel()
		for _, prepare := range []func(d *inDoubt){
			func(d *inDoubt) { d.away(errDown) },
			func(d *inDoubt) { d.orders.reachErr = errDown },
		} {
			synctest.Test(t, func(t *testing.T) {
				d := newInDoubt(t)
				d.show(order.Accepted, d.truth.Version+1)
				prepare(d)
				d.doubts.Add(t.Context(), doubtful)
				time.Sleep(maxDoubtAge + time.Minute)
				synctest.Wait()
				require.Zero(t, d.doubts.count())
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
			d.doubts.Add(t.Context(), doubtful)
			d.stop()
			require.Equal(t, d.truth, d.shown())
		})
	})

	t.Run("is named in the log when the process stops without an answer", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			d := newInDoubt(t)
			d.show(order.Accepted, d.truth.Version+1)
			d.away(errDown)
			d.doubts.Add(t.Context(), doubtful)
			d.stop()
			require.Contains(t, d.log.String(), "stopping with an order in doubt")
		})
	})

	t.Run("is one of ten thousand at most", func(t *testing.T) {
		t.Parallel()
		d := NewDoubts(DoubtsConfig{Log: newSurface(t).logger()})
		for i := range maxDoubts + 5 {
			d.Add(t.Context(), doubtful+string(rune('a'+i)))
		}
		require.Equal(t, maxDoubts, d.count())
	})
}

func TestACommandWithoutAnAnswerPutsItsOrderInDoubt(t *testing.T) {
	t.Parallel()
	var told []string
	tell := func(_ context.Context, id string) { told = append(told, id) }
	store := newStoreSurface(t, func(c *StoreConfig) { c.InDoubt = tell })
	store.orders.seed(placementOf(doubtful), order.PaymentSucceeded)
	customer := newCustomerSurface(t, func(c *CustomerConfig) { c.InDoubt = tell })
	customer.orders.seed(placementOf(doubtful), order.PaymentSucceeded)

	require.Equal(t, http.StatusOK, store.post("/store/orders/"+doubtful+"/accept", `{}`).status)
	require.Equal(t, http.StatusOK, customer.post("/orders/"+doubtful+"/cancel", `{}`).status)
	require.Empty(t, told)

	store.orders.actErr, customer.orders.actErr = errDown, errDown
	require.Equal(t, http.StatusServiceUnavailable, store.post("/store/orders/"+doubtful+"/ready", `{}`).status)
	require.Equal(t, http.StatusServiceUnavailable, customer.post("/orders/"+doubtful+"/cancel", `{}`).status)
	require.Equal(t, []string{doubtful, doubtful}, told)
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
