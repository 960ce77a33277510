package activities

import (
	"context"
	"time"

	"github.com/cafeforme/cafeforme/order"
)

// Texts are the activities that reach the customer's phone.
type Texts struct{ Sender Sender }

// SendText sends one text.
func (a *Texts) SendText(ctx context.Context, text order.Text) error {
	return report(ctx, order.EffectSMS, OK, a.Sender.Send(ctx, text))
}

// Points are the activities that keep the members' points ledger.
type Points struct{ Ledger Ledger }

// CreditPoints books an order's points to its member.
func (a *Points) CreditPoints(ctx context.Context, entry order.PointsEntry) error {
	return report(ctx, order.EffectPoints, OK, a.Ledger.Credit(ctx, entry))
}

// TakeBackPoints undoes the credit of an order's points, made or still to come.
func (a *Points) TakeBackPoints(ctx context.Context, entry order.PointsEntry) error {
	return report(ctx, order.EffectPoints, OK, a.Ledger.TakeBack(ctx, entry))
}

// Projection is the activity that keeps the read model.
type Projection struct{ ReadModel ReadModel }

// ProjectOrder copies an order's snapshot to the read model.
func (a *Projection) ProjectOrder(ctx context.Context, projection order.Projection) error {
	return report(ctx, order.EffectReadModel, OK, a.ReadModel.Project(ctx, projection))
}

// Acceptance is the activity that writes what an acceptance changes in the
// database.
type Acceptance struct {
	ReadModel ReadModel
	Ledger    Ledger
}

// Accepted is an accepted order on its way to the read model, and the points that
// its member earns.
type Accepted struct {
	Projection order.Projection  `json:"projection"`
	Credit     order.PointsEntry `json:"credit"`
}

// Recorded says which of an acceptance's writes were made. What was not is still
// to be done, each by its own activity.
type Recorded struct {
	Projected bool `json:"projected"`
	Credited  bool `json:"credited"`
}

// RecordAcceptance copies the accepted order to the read model and credits its
// points, if it still is worth any. One that fails does not keep the other from being
// made.
func (a *Acceptance) RecordAcceptance(ctx context.Context, in Accepted) (Recorded, error) {
	return Recorded{
		Projected: report(ctx, order.EffectReadModel, OK, a.ReadModel.Project(ctx, in.Projection)) == nil,
		Credited:  in.Credit.Points > 0 && report(ctx, order.EffectPoints, OK, a.Ledger.Credit(ctx, in.Credit)) == nil,
	}, nil
}

// Store are the activities that the store process serves.
type Store struct {
	Board     Board
	ReadModel ReadModel
}

// BoardOrder names a paid order that goes on the board. Its pick-up number
// belongs to the store's day in which it was paid.
type BoardOrder struct {
	OrderID string    `json:"order_id"`
	PaidAt  time.Time `json:"paid_at"`
}

// PutOnBoard gives the order its place on the store's board and returns its
// pick-up number.
func (a *Store) PutOnBoard(ctx context.Context, in BoardOrder) (string, error) {
	number, err := a.Board.Place(ctx, in.OrderID, in.PaidAt)
	return number, report(ctx, order.EffectStore, OK, err)
}

// PaidOrder is an order that has just been paid, on its way to the board and,
// with its pick-up number, to the read model that the board is read from.
type PaidOrder struct {
	PaidAt     time.Time        `json:"paid_at"`
	Projection order.Projection `json:"projection"`
}

// ShowOnBoard is [Store.PutOnBoard] for an order that the read model does not have:
// it copies the order there as well.
func (a *Store) ShowOnBoard(ctx context.Context, in PaidOrder) (string, error) {
	number, err := a.Board.Place(ctx, in.Projection.ID, in.PaidAt)
	if err == nil {
		in.Projection.Snapshot = in.Projection.WithPickupNumber(number)
		err = a.ReadModel.Project(ctx, in.Projection)
	}
	return number, report(ctx, order.EffectStore, OK, err)
}
