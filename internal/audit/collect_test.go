package audit_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/audit"
	"github.com/cafeforme/cafeforme/internal/orderclient"
	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/internal/readmodel"
	"github.com/cafeforme/cafeforme/order"
)

// fakeOrders answers for workflows, one page of the list for each order.
type fakeOrders struct {
	listed []orderclient.Listed
	read   func(id string) (order.Snapshot, error)
	// away is why Temporal cannot be reached; nil when it can.
	away error
}

func (f fakeOrders) List(_ context.Context, _ orderclient.Filter, _ int, token []byte) ([]orderclient.Listed, []byte, error) {
	n := len(token)
	if n >= len(f.listed) {
		return nil, nil, nil
	}
	return f.listed[n : n+1], make([]byte, n+1), nil
}

func (f fakeOrders) Read(_ context.Context, id string) (order.Snapshot, error) { return f.read(id) }

// ReadClosed is nobody's to call for an order that is listed as open.
func (f fakeOrders) ReadClosed(_ context.Context, id string) (order.Snapshot, error) {
	for _, l := range f.listed {
		if l.ID == id && l.Open {
			return order.Snapshot{}, errors.New("the order is open")
		}
	}
	return f.read(id)
}

func (f fakeOrders) IsOpen(_ context.Context, id string) (bool, error) {
	s, err := f.read(id)
	return !s.Status.Terminal(), err
}

func (f fakeOrders) Reachable(context.Context) error { return f.away }

// answering is a workflow that always gives the same answer.
func answering(s order.Snapshot, err error) func(string) (order.Snapshot, error) {
	return func(string) (order.Snapshot, error) { return s, err }
}

var errAway = &order.Error{Code: order.CodeUnavailable, Message: "away"}

func TestCollecting(t *testing.T) {
	t.Parallel()
	s := placed(t, pickedUp...).Snapshot()
	known := answering(s, nil)

	t.Run("brings together what everybody has of an order", func(t *testing.T) {
		t.Parallel()
		want := facts(placed(t, pickedUp...))
		want.Reservation = &order.StoredReservation{Reservation: order.Reservation{OrderID: "ord_1"}}
		sources := audit.Sources{
			Orders: fakeOrders{listed: []orderclient.Listed{{ID: "ord_1"}}, read: known},
			ReadModel: func(context.Context, []string) (map[string]readmodel.Stored, error) {
				return map[string]readmodel.Stored{"ord_1": *stored(s)}, nil
			},
			Points: func(context.Context, []string) ([]order.PointsEntry, error) { return want.Points, nil },
			Money:  func(context.Context, []string) ([]payment.Movement, error) { return want.Money, nil },
			Texts:  func(context.Context, []string) ([]audit.Text, error) { return want.Texts, nil },
			Reservations: func(context.Context, []string) ([]order.StoredReservation, error) {
				return []order.StoredReservation{*want.Reservation}, nil
			},
		}
		got, err := sources.Since(t.Context(), opening)
		require.NoError(t, err)
		require.Equal(t, []audit.Facts{want}, got)
	})

	t.Run("goes through all pages and leaves out what it cannot see", func(t *testing.T) {
		t.Parallel()
		var listed []orderclient.Listed
		for i := range 450 {
			listed = append(listed, orderclient.Listed{ID: fmt.Sprintf("ord_%03d", i), Open: i%2 == 0})
		}
		got, err := audit.Sources{Orders: fakeOrders{listed: listed, read: known}}.Since(t.Context(), opening)
		require.NoError(t, err)
		require.Len(t, got, 450)
		require.Equal(t, "ord_449", got[449].OrderID)
		require.False(t, got[449].Open)
		require.Len(t, got[0].Unseen, 5)
	})

	for source, fill := range map[string]func(*audit.Sources){
		"the ledger": func(s *audit.Sources) {
			s.Money = func(context.Context, []string) ([]payment.Movement, error) {
				return []payment.Movement{movement(payment.KindCharge)}, nil
			}
		},
		"the read model": func(s *audit.Sources) {
			s.ReadModel = func(context.Context, []string) (map[string]readmodel.Stored, error) {
				return map[string]readmodel.Stored{"ord_1": *stored(placed(t, paid...).Snapshot())}, nil
			}
		},
	} {
		t.Run("finds what Temporal has lost in "+source, func(t *testing.T) {
			t.Parallel()
			sources := audit.Sources{
				Orders: fakeOrders{read: answering(order.Snapshot{}, &order.Error{Code: order.CodeNotFound})},
				Elsewhere: []func(context.Context, time.Time) ([]string, error){
					func(context.Context, time.Time) ([]string, error) { return nil, nil },
					func(context.Context, time.Time) ([]string, error) { return []string{"ord_1"}, nil },
				},
			}
			fill(&sources)
			got, err := sources.Since(t.Context(), opening)
			require.NoError(t, err)
			require.Equal(t, audit.Lost, audit.Order(got[0])[0].Kind)
			require.False(t, got[0].Open)
		})
	}

	t.Run("goes on when no worker can go on with an order", func(t *testing.T) {
		t.Parallel()
		failing := &order.Error{Code: order.CodeUnavailable, Err: &orderclient.Failing{Reason: "panic: no such edge"}}
		sources := audit.Sources{Orders: fakeOrders{
			listed: []orderclient.Listed{{ID: "ord_1", Open: true}, {ID: "ord_2", Open: true}},
			read: func(id string) (order.Snapshot, error) {
				if id == "ord_2" {
					return order.Snapshot{}, failing
				}
				return s, nil
			},
		}, Again: func(context.Context) error { return nil }}
		got, err := sources.Since(t.Context(), opening)
		require.NoError(t, err)
		require.Equal(t, "panic: no such edge", got[1].Unreadable)
		require.Equal(t, audit.Unreadable, audit.Order(got[1])[0].Kind)
		require.Empty(t, got[0].Unreadable)
	})

	t.Run("looks again at an open order that has moved on", func(t *testing.T) {
		t.Parallel()
		old, looks := placed(t, paid...).Snapshot(), 0
		sources := audit.Sources{
			Orders: fakeOrders{listed: []orderclient.Listed{{ID: "ord_1", Open: true}}, read: func(string) (order.Snapshot, error) {
				looks++
				if looks == 1 {
					return old, nil
				}
				return s, nil
			}},
			ReadModel: func(context.Context, []string) (map[string]readmodel.Stored, error) {
				return map[string]readmodel.Stored{"ord_1": *stored(s)}, nil
			},
			Again: func(context.Context) error { return nil },
		}
		got, err := sources.Since(t.Context(), opening)
		require.NoError(t, err)
		require.Equal(t, 2, looks)
		require.Empty(t, audit.Order(got[0]))
	})

	t.Run("asks a busy workflow again, and gives up when Temporal stays away", func(t *testing.T) {
		t.Parallel()
		asked := 0
		orders := fakeOrders{listed: []orderclient.Listed{{ID: "ord_1"}}, read: func(string) (order.Snapshot, error) {
			asked++
			if asked < 3 {
				return order.Snapshot{}, errAway
			}
			return s, nil
		}}
		_, err := audit.Sources{Orders: orders}.Since(t.Context(), opening)
		require.NoError(t, err)

		orders.read, orders.away = answering(order.Snapshot{}, errAway), errAway
		_, err = audit.Sources{Orders: orders}.Since(t.Context(), opening)
		require.ErrorContains(t, err, "ask the workflow of order ord_1 (is a worker running?): away")
	})

	t.Run("reports an order that cannot be read, and goes on", func(t *testing.T) {
		t.Parallel()
		for name, err := range map[string]error{
			"nobody answers": errAway, "what it answers cannot be read": errors.New("invalid character"),
		} {
			sources := audit.Sources{Orders: fakeOrders{
				listed: []orderclient.Listed{{ID: "ord_1", Open: true}, {ID: "ord_2", Open: true}, {ID: "ord_3"}},
				read: func(id string) (order.Snapshot, error) {
					if id == "ord_2" {
						return order.Snapshot{}, err
					}
					return s, nil
				},
			}, Again: func(context.Context) error { return nil }}
			got, failed := sources.Since(t.Context(), opening)
			require.NoError(t, failed, name)
			require.Equal(t, []audit.Kind{audit.Unreadable}, kinds(got[1]), name)
			require.Contains(t, got[1].Unreadable, err.Error(), name)
			require.NotNil(t, got[0].Workflow, name)
			require.NotNil(t, got[2].Workflow, name)
		}
	})

	t.Run("does not ask everybody again and again when nobody answers", func(t *testing.T) {
		t.Parallel()
		var listed []orderclient.Listed
		for i := range 1000 {
			listed = append(listed, orderclient.Listed{ID: fmt.Sprintf("ord_%04d", i), Open: true})
		}
		var looks atomic.Int64
		got, err := audit.Sources{Orders: fakeOrders{listed: listed, read: func(string) (order.Snapshot, error) {
			looks.Add(1)
			return order.Snapshot{}, errAway
		}}}.Since(t.Context(), opening)
		require.NoError(t, err)
		require.Less(t, looks.Load(), int64(400))
		require.Equal(t, 1000, audit.Orders(got).Count(audit.Unreadable))
	})

	t.Run("looks at the run of an order that goes on, not at those that were reset", func(t *testing.T) {
		t.Parallel()
		for _, listed := range [][]orderclient.Listed{
			{{ID: "ord_1", Open: true}, {ID: "ord_1"}}, {{ID: "ord_1"}, {ID: "ord_1", Open: true}},
		} {
			open, err := audit.Sources{Orders: fakeOrders{listed: listed, read: known}}.Open(t.Context(), opening)
			require.NoError(t, err)
			require.Equal(t, map[string]bool{"ord_1": true}, open)
		}
	})

	t.Run("fails when a ledger cannot be read", func(t *testing.T) {
		t.Parallel()
		broken := errors.New("broken")
		_, err := audit.Sources{
			Orders: fakeOrders{listed: []orderclient.Listed{{ID: "ord_1"}}, read: known},
			Texts:  func(context.Context, []string) ([]audit.Text, error) { return nil, broken },
		}.Since(t.Context(), opening)
		require.ErrorIs(t, err, broken)
	})
}
