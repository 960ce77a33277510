package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/api/views"
	"github.com/cafeforme/cafeforme/internal/money"
	"github.com/cafeforme/cafeforme/internal/readmodel"
	"github.com/cafeforme/cafeforme/internal/retry"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// orderCommands gives orders their commands.
type orderCommands struct {
	orders Orders
	finder readmodel.Finder
	// view is what whoever gives the commands sees of an order.
	view func(order.Snapshot) spec.Order
	// outcomeUnknown is told of orders whose command got no answer.
	outcomeUnknown func(ctx context.Context, id string)
}

// give gives the order in the path a command, with the input that read takes
// from the request, and answers with what became of the order.
func (c orderCommands) give(w http.ResponseWriter, r *http.Request, name order.EventName,
	read func(*http.Request) (workflows.Command, error)) error {
	id, err := transport.PathOrderID(r)
	if err != nil {
		return err
	}
	in, err := read(r)
	if err != nil {
		return err
	}
	snapshot, err := c.act(r.Context(), id, name, in)
	switch order.ErrorCode(err) {
	case order.CodeUnavailable:
		c.outcomeUnknown(r.Context(), id)
	case order.CodeNotFound:
		snapshot, err = c.afterTheEnd(r.Context(), id, name)
	}
	if err != nil {
		return err
	}
	snapshot = c.finder.Whole(r.Context(), snapshot)
	return transport.RespondJSON(w, r, givenStatus(name, snapshot), c.view(snapshot))
}

// How often a command is given again, and after which pause.
const (
	catchUpTries = 5
	catchUpPause = 200 * time.Millisecond
)

// act gives the command. The read model, and with it the board, is written while the workflow is
// still at work on a change; when its worker stops at that moment, another one comes to the
// change a little later. A command that comes too early for the workflow alone is given again.
func (c orderCommands) act(ctx context.Context, id string, name order.EventName, in workflows.Command) (order.Snapshot, error) {
	for tries := 0; ; tries++ {
		snapshot, err := c.orders.Act(ctx, id, name, in)
		if tries == catchUpTries || !c.isBehind(ctx, id, err) || retry.Sleep(ctx, catchUpPause) != nil {
			return snapshot, err
		}
	}
}

// isBehind reports whether the order has come farther in the read model than it had for the
// workflow, for which the command came too early.
func (c orderCommands) isBehind(ctx context.Context, id string, err error) bool {
	var early *order.Error
	if !errors.As(err, &early) || early.Code != order.CodeTooEarly {
		return false
	}
	shown, err := c.finder.Stored(ctx, id)
	return err == nil && slices.Index(towardsPickUp, shown.Status) > slices.Index(towardsPickUp, early.OrderStatus)
}

// towardsPickUp are the statuses on an order's way to its customer.
var towardsPickUp = []order.Status{order.PaymentPending, order.Paid, order.Accepted, order.Ready, order.PickedUp}

// givenStatus returns the status of a command's answer: a cancel that waits for
// the payment's outcome has only been taken note of.
func givenStatus(name order.EventName, snapshot order.Snapshot) int {
	if name == order.Cancel && snapshot.Status == order.PaymentPending {
		return http.StatusAccepted
	}
	return http.StatusOK
}

// afterTheEnd answers a command to an order that is at work no more: the read
// model knows how it ended. It is answered as the order itself would have been:
// a command that led there stands, any other is too late.
func (c orderCommands) afterTheEnd(ctx context.Context, id string, name order.EventName) (order.Snapshot, error) {
	snapshot, err := c.finder.Find(ctx, id)
	switch {
	case err != nil:
		return order.Snapshot{}, err
	case !snapshot.Status.Terminal():
		return order.Snapshot{}, transport.NotFound()
	}
	return snapshot, order.Closed(snapshot, name)
}

// orderRefunds gives money of orders back that are over.
type orderRefunds struct {
	orders    Orders
	revisions readmodel.RevisionReader
	finder    readmodel.Finder
	// amounts is what the payment provider wants of amounts.
	amounts money.Provider
	// terms are those of new orders of a store.
	terms func(ctx context.Context, store string) (order.Terms, error)
	// outcomeUnknown is told of orders whose refund got no answer.
	outcomeUnknown func(ctx context.Context, id string)
	now            func() time.Time
}

// give is POST /store/orders/{id}/refunds. The refund is to have the next number of those that
// the read model knows: of two that are asked for at once, one is made. So it is of two that are
// the same where neither says which it is.
func (o orderRefunds) give(w http.ResponseWriter, r *http.Request) error {
	id, err := transport.PathOrderID(r)
	if err != nil {
		return err
	}
	in, err := readRefund(r)
	if err != nil {
		return err
	}
	shown, err := o.known(r.Context(), id)
	if err == nil {
		err = requireOwnStore(r, shown)
	}
	if err != nil {
		return err
	}
	terms, err := o.terms(r.Context(), shown.StoreOrMain())
	if err != nil {
		return err
	}
	if next := shown.NextRefund(); in.Refund > next {
		return transport.InvalidField("refund", fmt.Sprintf("must be %d at most", next))
	}
	if _, err := o.amounts.Amount(in.Amount, shown.Total.Currency); err != nil {
		return transport.InvalidField("amount", err.Error())
	}
	in.Refund = cmp.Or(in.Refund, shown.RefundNumberFor(in.Event(), o.now()))
	snapshot, err := o.orders.Refund(r.Context(), workflows.Refund{Order: shown, Terms: terms, GiveBack: in})
	if order.ErrorCode(err) == order.CodeUnavailable {
		o.outcomeUnknown(r.Context(), id)
	}
	if err != nil {
		return err
	}
	return transport.RespondJSON(w, r, http.StatusAccepted, views.StaffOrder(o.finder.Whole(r.Context(), snapshot)))
}

// known returns the order without the notes that came after its end, as the read model has it, or
// its workflow while the read model has none.
func (o orderRefunds) known(ctx context.Context, id string) (order.Snapshot, error) {
	revision, err := o.revisions.Revision(ctx, id)
	if order.ErrorCode(err) == order.CodeNotFound {
		return o.orders.Read(ctx, id)
	}
	return revision.Snapshot, err
}
