package toss

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/cafeforme/cafeforme/internal/callback"
	"github.com/cafeforme/cafeforme/internal/money"
	"github.com/cafeforme/cafeforme/order"
)

const (
	// maxEvent is the largest event that is read, in bytes: it holds one payment.
	maxEvent = 64 << 10
	// eventPayment is the event of a payment that is in another status than before.
	eventPayment = "PAYMENT_STATUS_CHANGED"
)

// Webhook says that Toss sends events, and tries again, seven times in four days, unless the
// answer is 200 (https://docs.tosspayments.com/guides/webhook).
func (g *Gateway) Webhook() (c callback.Contract, set bool) {
	return callback.Contract{MaxBody: maxEvent, Status: http.StatusOK}, g.secretKey != ""
}

// webhookEvent is an event as Toss sends it.
type webhookEvent struct {
	EventType string `json:"eventType"`
	// CreatedAt is a time in Korea, without its zone.
	CreatedAt string `json:"createdAt"`
	Data      struct {
		OrderID string `json:"orderId"`
	} `json:"data"`
}

// orderIDs are the IDs that can be an order's.
var orderIDs = regexp.MustCompile(`^ord_[0-9A-Za-z_-]{1,60}$`)

// VerifyEvent returns the event in the request. Toss signs none of a payment: anybody can
// have sent it, and all that it says is which order to ask about, if any. So it has no ID, under
// which it would be remembered. It fails with CodeUnauthorized when it is no event of Toss's at all.
func (*Gateway) VerifyEvent(request callback.Request) (order.ProviderEvent, error) {
	var event webhookEvent
	if err := json.Unmarshal(request.Body, &event); err != nil || event.EventType == "" {
		return order.ProviderEvent{}, &order.Error{Code: order.CodeUnauthorized, Message: "the event is not one of Toss Payments'", Err: err}
	}
	at, _ := time.ParseInLocation("2006-01-02T15:04:05", event.CreatedAt, seoul) // nothing depends on it
	verified := order.ProviderEvent{Type: event.EventType, At: at.UTC()}
	if event.EventType == eventPayment && orderIDs.MatchString(event.Data.OrderID) {
		verified.OrderID = event.Data.OrderID
	}
	return verified, nil
}

// ReadEvent asks Toss about the order that the event names, and returns what Toss says of it:
// that its payment has moved, or what was given back of it in the merchant console. It can fail
// with CodeUnavailable.
func (g *Gateway) ReadEvent(ctx context.Context, event order.ProviderEvent) ([]order.PaymentEvent, error) {
	if event.OrderID == "" {
		return nil, nil
	}
	held, err := g.paymentOf(ctx, event.OrderID)
	if err != nil || held == nil {
		return nil, err
	}
	reports := []order.PaymentEvent{{
		ID: held.PaymentKey + "/" + held.Status, OrderID: held.OrderID, Kind: order.PaymentMoved, At: event.At,
	}}
	for _, c := range held.movements() {
		if !strings.HasPrefix(c.CancelReason, held.OrderID+" refund ") {
			reports = append(reports, order.PaymentEvent{
				ID: c.TransactionKey, OrderID: held.OrderID, Kind: order.PaymentRefunded, At: c.CanceledAt.UTC(),
				Reason: fmt.Sprintf("%s were given back at Toss Payments: %s", money.Format(c.CancelAmount, held.Currency), c.TransactionKey),
			})
		}
	}
	return reports, nil
}
