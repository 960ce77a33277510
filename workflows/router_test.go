package workflows_test

import (
	"context"
	"sync"
	"time"

	"github.com/cafeforme/cafeforme/order"
)

// router gives every order its own world: the workers on the real server are
// shared by all tests.
type router struct{ worlds sync.Map }

func (r *router) world(orderID string) *world {
	w, _ := r.worlds.LoadOrStore(orderID, newWorld())
	return w.(*world)
}

func (r *router) Charge(ctx context.Context, c order.Charge) (order.ChargeResult, error) {
	return r.world(c.OrderID).Charge(ctx, c)
}

func (r *router) Void(ctx context.Context, v order.Void) (order.VoidResult, error) {
	return r.world(v.OrderID).Void(ctx, v)
}

func (r *router) Refund(ctx context.Context, f order.RefundRequest) (order.RefundResult, error) {
	return r.world(f.OrderID).Refund(ctx, f)
}

func (r *router) Send(ctx context.Context, t order.Text) error {
	return r.world(t.OrderID).Send(ctx, t)
}

func (r *router) Credit(ctx context.Context, e order.PointsEntry) error {
	return r.world(e.OrderID).Credit(ctx, e)
}

func (r *router) Adjust(ctx context.Context, e order.PointsEntry) error {
	return r.world(e.OrderID).Adjust(ctx, e)
}

func (r *router) TakeBack(ctx context.Context, e order.PointsEntry) error {
	return r.world(e.OrderID).TakeBack(ctx, e)
}

func (r *router) Reserve(ctx context.Context, reservation order.Reservation) (order.ReservationResult, error) {
	return r.world(reservation.OrderID).Reserve(ctx, reservation)
}

func (r *router) Release(ctx context.Context, reservation order.Reservation) error {
	return r.world(reservation.OrderID).Release(ctx, reservation)
}

func (r *router) KeepReservations(ctx context.Context, ids []string, now time.Time) error {
	return r.world(ids[0]).KeepReservations(ctx, ids, now)
}

func (r *router) ReturnPoints(ctx context.Context, e order.PointsEntry) error {
	return r.world(e.OrderID).ReturnPoints(ctx, e)
}

func (r *router) Project(ctx context.Context, p order.Projection) (string, error) {
	return r.world(p.ID).Project(ctx, p)
}
