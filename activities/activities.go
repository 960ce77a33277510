package activities

import (
	"context"

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

// AdjustPoints books what the refund of a part of an order takes back of its points.
func (a *Points) AdjustPoints(ctx context.Context, entry order.PointsEntry) error {
	return report(ctx, order.EffectPoints, OK, a.Ledger.Adjust(ctx, entry))
}

// TakeBackPoints undoes the credit of an order's points, made or still to come.
func (a *Points) TakeBackPoints(ctx context.Context, entry order.PointsEntry) error {
	return report(ctx, order.EffectPoints, OK, a.Ledger.TakeBack(ctx, entry))
}

// Projection is the activity that keeps the read model.
type Projection struct{ ReadModel ReadModel }

// ProjectOrder writes what a change of an order means for the database, and returns the
// order's pick-up number; empty while it has none.
func (a *Projection) ProjectOrder(ctx context.Context, projection order.Projection) (string, error) {
	number, err := a.ReadModel.Project(ctx, projection)
	return number, report(ctx, order.EffectReadModel, OK, err)
}
