package stripe

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v85"
	"github.com/stripe/stripe-go/v85/webhook"

	"github.com/cafeforme/cafeforme/internal/callback"
	"github.com/cafeforme/cafeforme/internal/money"
	"github.com/cafeforme/cafeforme/order"
)

// maxEvent is the largest event that is read, in bytes. An event holds one object, of
// which descriptions and metadata are bounded.
const maxEvent = 256 << 10

// Webhook says that Stripe sends events, if there is a secret to check their signatures
// with. Anything but a 2xx makes Stripe deliver the event again.
func (s *Gateway) Webhook() (c callback.Contract, set bool) {
	return callback.Contract{MaxBody: maxEvent, Status: http.StatusOK}, s.webhookSecret != ""
}

// VerifyEvent returns the event that Stripe has sent to the webhook. It fails with
// CodeUnauthorized unless the signature in the header Stripe-Signature is Stripe's and of a
// time that is at most five minutes from now, before or after
// (https://docs.stripe.com/webhooks/signature).
func (s *Gateway) VerifyEvent(request callback.Request) (order.ProviderEvent, error) {
	signature := request.Header.Get("Stripe-Signature")
	event, err := webhook.ConstructEventWithOptions(request.Body, signature, s.webhookSecret, webhook.ConstructEventOptions{
		// Of the object only what all versions have is read, and Stripe is asked for
		// the rest.
		IgnoreAPIVersionMismatch: true,
		IgnoreTolerance:          true, // it would allow any time in the future
	})
	if err != nil || !s.signedNow(signature) || event.ID == "" || event.Data == nil || s.webhookSecret == "" {
		return order.ProviderEvent{}, &order.Error{
			Code: order.CodeUnauthorized, Message: "the event is not signed by Stripe, or was signed more than five minutes ago", Err: err,
		}
	}
	return order.ProviderEvent{
		ID: event.ID, Type: string(event.Type), At: time.Unix(event.Created, 0).UTC(), Object: event.Data.Raw,
	}, nil
}

// signedNow reports whether the time that the signature gives is now, give or take
// what clocks differ by and deliveries take.
func (s *Gateway) signedNow(signature string) bool {
	dated := false
	for part := range strings.SplitSeq(signature, ",") {
		value, isTime := strings.CutPrefix(part, "t=")
		if !isTime {
			continue
		}
		seconds, err := strconv.ParseInt(value, 10, 64)
		if err != nil || s.now().Sub(time.Unix(seconds, 0)).Abs() > webhook.DefaultTolerance {
			return false
		}
		dated = true
	}
	return dated
}

// eventObject is what is read of an event's object, whatever its kind.
type eventObject struct {
	ID            string            `json:"id"`
	PaymentIntent reference         `json:"payment_intent"`
	Metadata      map[string]string `json:"metadata"`
	Amount        int64             `json:"amount"`
	Currency      stripe.Currency   `json:"currency"`
	Reason        string            `json:"reason"`
	FailureReason string            `json:"failure_reason"`
	Status        string            `json:"status"`
}

// reference is the ID of another object, which Stripe gives alone or in the
// object itself.
type reference string

// UnmarshalJSON reads either.
func (r *reference) UnmarshalJSON(data []byte) error {
	var object struct {
		ID string `json:"id"`
	}
	if id, alone := stripe.ParseID(data); alone {
		object.ID = id
	} else if err := json.Unmarshal(data, &object); err != nil {
		return err
	}
	*r = reference(object.ID)
	return nil
}

// money returns the object's amount, for people.
func (o eventObject) money() string {
	m := fromStripesUnits(o.Amount, o.Currency)
	return money.Format(m.Amount, m.Currency)
}

// ReadEvent returns what the event means for orders: mostly nothing, or one
// thing. Events of payments that are no order's mean nothing. It asks Stripe
// whose payment a dispute or a refund is of, and can fail with CodeUnavailable or
// CodeRefused.
func (s *Gateway) ReadEvent(ctx context.Context, event order.ProviderEvent) ([]order.PaymentEvent, error) {
	var object eventObject
	read, known := s.readers()[stripe.EventType(event.Type)]
	if !known {
		return nil, nil
	}
	if err := json.Unmarshal(event.Object, &object); err != nil {
		return nil, &order.Error{Code: order.CodeInvalid, Message: "the event's object cannot be read", Err: err}
	}
	return read(ctx, event, object)
}

type eventReader func(ctx context.Context, event order.ProviderEvent, object eventObject) ([]order.PaymentEvent, error)

// readers are the events that are read, under Stripe's names of them
// (https://docs.stripe.com/api/events/types).
func (s *Gateway) readers() map[stripe.EventType]eventReader {
	return map[stripe.EventType]eventReader{
		stripe.EventTypeCheckoutSessionCompleted:             s.paymentMoved,
		stripe.EventTypeCheckoutSessionExpired:               s.paymentMoved,
		stripe.EventTypeCheckoutSessionAsyncPaymentSucceeded: s.paymentMoved,
		stripe.EventTypeCheckoutSessionAsyncPaymentFailed:    s.paymentMoved,
		stripe.EventTypePaymentIntentSucceeded:               s.paymentMoved,
		stripe.EventTypePaymentIntentPaymentFailed:           s.paymentMoved,
		stripe.EventTypePaymentIntentCanceled:                s.paymentMoved,
		stripe.EventTypeChargeDisputeCreated:                 s.disputed,
		stripe.EventTypeChargeDisputeClosed:                  s.disputed,
		stripe.EventTypeChargeRefunded:                       s.chargeRefunded,
		stripe.EventTypeRefundCreated:                        s.refundChanged,
		stripe.EventTypeRefundUpdated:                        s.refundChanged,
		stripe.EventTypeRefundFailed:                         s.refundChanged,
	}
}

// paymentMoved is of a PaymentIntent or of a Checkout Session. It is a reason to look: a
// declined card ends no session.
func (*Gateway) paymentMoved(_ context.Context, event order.ProviderEvent, object eventObject) ([]order.PaymentEvent, error) {
	return eventsOf(object.Metadata[metaOrderID], order.PaymentEvent{ID: event.ID, Kind: order.PaymentMoved, At: event.At}), nil
}

func (s *Gateway) disputed(ctx context.Context, event order.ProviderEvent, dispute eventObject) ([]order.PaymentEvent, error) {
	orderID, err := s.orderOf(ctx, dispute)
	if err != nil {
		return nil, err
	}
	fact, reason := dispute.ID+"/opened", fmt.Sprintf("dispute %s of %s was opened: %s", dispute.ID, dispute.money(), dispute.Reason)
	if event.Type == string(stripe.EventTypeChargeDisputeClosed) {
		fact, reason = dispute.ID+"/closed", fmt.Sprintf("dispute %s of %s was closed: %s", dispute.ID, dispute.money(), dispute.Status)
	}
	return eventsOf(orderID, order.PaymentEvent{ID: fact, Kind: order.PaymentDisputed, Reason: reason, At: event.At}), nil
}

// refundChanged reports a refund that was not the order's doing, and any that
// failed after it had been made.
func (s *Gateway) refundChanged(ctx context.Context, event order.ProviderEvent, refund eventObject) ([]order.PaymentEvent, error) {
	failed := refund.Status == string(stripe.RefundStatusFailed) || refund.Status == string(stripe.RefundStatusCanceled)
	if refund.Metadata[metaOrderID] != "" && !failed {
		return nil, nil
	}
	orderID, err := s.orderOf(ctx, refund)
	if err != nil {
		return nil, err
	}
	report := refundReport(refund, event.At)
	if failed {
		report.ID += "/failed"
		report.Kind = order.PaymentRefundFailed
		report.Reason = fmt.Sprintf("the refund %s of %s is %s: %s", refund.ID, refund.money(), refund.Status, refund.FailureReason)
	}
	return eventsOf(orderID, report), nil
}

// chargeRefunded reports every refund of the charge that was not the order's
// doing. The event does not say which one it is about.
func (s *Gateway) chargeRefunded(ctx context.Context, event order.ProviderEvent, charge eventObject) (reports []order.PaymentEvent, err error) {
	orderID, err := s.orderOf(ctx, charge)
	if err != nil || orderID == "" {
		return nil, err
	}
	params := &stripe.RefundListParams{Charge: stripe.String(charge.ID)}
	params.Limit = stripe.Int64(pageSize)
	for refund, err := range s.api.V1Refunds.List(ctx, params).All(ctx) {
		if err != nil {
			return nil, providerError("list the refunds", err)
		}
		if refund.Metadata[metaOrderID] == "" && !failedRefund(refund) {
			made := eventObject{ID: refund.ID, Amount: refund.Amount, Currency: refund.Currency}
			reports = append(reports, eventsOf(orderID, refundReport(made, event.At))...)
		}
	}
	return reports, nil
}

// refundReport is the report of a refund that somebody has made in the Dashboard,
// whichever event tells of it.
func refundReport(refund eventObject, at time.Time) order.PaymentEvent {
	reason := fmt.Sprintf("%s were given back at Stripe: refund %s", refund.money(), refund.ID)
	return order.PaymentEvent{ID: refund.ID, Kind: order.PaymentRefunded, Reason: reason, At: at}
}

// orderOf returns the order whose payment the object is of; empty for none.
func (s *Gateway) orderOf(ctx context.Context, object eventObject) (string, error) {
	if id := object.Metadata[metaOrderID]; id != "" {
		return id, nil
	}
	if object.PaymentIntent == "" {
		return "", nil
	}
	intent, err := s.api.V1PaymentIntents.Retrieve(ctx, string(object.PaymentIntent), nil)
	if e := asStripe(err); e != nil && e.Code == stripe.ErrorCodeResourceMissing {
		return "", nil
	}
	if err != nil {
		return "", providerError("look the payment up", err)
	}
	return intent.Metadata[metaOrderID], nil
}

// eventsOf returns the report as the order's, and nothing when there is no order.
func eventsOf(orderID string, report order.PaymentEvent) []order.PaymentEvent {
	if orderID == "" {
		return nil
	}
	report.OrderID = orderID
	return []order.PaymentEvent{report}
}
