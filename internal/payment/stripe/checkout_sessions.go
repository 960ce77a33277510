package stripe

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v85"

	"github.com/cafeforme/cafeforme/order"
)

// isPaid reports that the session has taken the money.
func isPaid(session *stripe.CheckoutSession) bool {
	return session.PaymentStatus == stripe.CheckoutSessionPaymentStatusPaid && session.PaymentIntent != nil
}

// isUndecided reports that the customer has done what there is to do, and that the money
// may still come: the payment method is not instant.
func isUndecided(session *stripe.CheckoutSession) bool {
	if session.Status != stripe.CheckoutSessionStatusComplete || isPaid(session) {
		return false
	}
	intent := session.PaymentIntent
	return intent == nil || intent.Status == stripe.PaymentIntentStatusProcessing || intent.Status == stripe.PaymentIntentStatusSucceeded
}

// sessionsWanted are the sessions of an order. Where one may stay open, the customer can go
// on paying with that.
type sessionsWanted struct {
	orderID, chargeKey string
	placedAt           time.Time
	oneStaysOpen       bool
}

// settledSession returns the order's session; nil when there is none. There are several
// only if a key was given up. Then the oldest is the one, and the others are ended, so
// that at most one can be paid at a time, and none once the order is paid. Should several
// have been paid after all, the first that was is the order's payment, and what the others
// took is given back.
func (s *Gateway) settledSession(ctx context.Context, wanted sessionsWanted) (*stripe.CheckoutSession, error) {
	sessions, err := s.sessionsOf(ctx, wanted.orderID, wanted.placedAt)
	if err != nil || len(sessions) == 0 {
		return nil, err
	}
	for i, session := range slices.Backward(sessions) {
		stays := wanted.oneStaysOpen && i == 0 && !slices.ContainsFunc(sessions, hasMoney)
		if session.Status == stripe.CheckoutSessionStatusOpen && !stays {
			if sessions[i], err = s.expire(ctx, session, wanted.chargeKey); err != nil {
				return nil, err
			}
		}
	}
	paid := slices.DeleteFunc(slices.Clone(sessions), func(session *stripe.CheckoutSession) bool { return !isPaid(session) })
	if len(paid) > 0 {
		slices.SortStableFunc(paid, func(a, b *stripe.CheckoutSession) int { return byPayment(a.PaymentIntent, b.PaymentIntent) })
		return paid[0], s.giveBackPaidTwice(ctx, paid[1:], wanted.chargeKey)
	}
	if undecided := slices.IndexFunc(sessions, isUndecided); undecided >= 0 {
		return sessions[undecided], nil
	}
	return sessions[0], nil
}

// hasMoney reports that the session has taken the money, or may.
func hasMoney(session *stripe.CheckoutSession) bool { return isPaid(session) || isUndecided(session) }

// sessionsOf looks up the order's sessions, the oldest first. Stripe's search has none.
func (s *Gateway) sessionsOf(ctx context.Context, orderID string, placedAt time.Time) (found []*stripe.CheckoutSession, err error) {
	params := &stripe.CheckoutSessionListParams{
		CreatedRange: s.chargeable(placedAt), Expand: stripe.StringSlice([]string{"data." + expandedPayment}),
	}
	params.Limit = stripe.Int64(pageSize)
	for session, err := range s.api.V1CheckoutSessions.List(ctx, params).All(ctx) {
		if err != nil {
			return nil, providerError("look the order's payment pages up", err)
		}
		if session.Metadata[metaOrderID] == orderID {
			found = append(found, session)
		}
	}
	slices.Reverse(found)
	return found, nil
}

// expandedPayment has Stripe show a session's payment, and when it took the money.
const expandedPayment = "payment_intent.latest_charge"

func (s *Gateway) retrieveSession(ctx context.Context, id string) (*stripe.CheckoutSession, error) {
	session, err := s.getSession(ctx, id)
	if err != nil {
		return nil, providerError("look the payment page up", err)
	}
	return session, nil
}

// getSession is [Gateway.retrieveSession] with the errors of the SDK.
func (s *Gateway) getSession(ctx context.Context, id string) (*stripe.CheckoutSession, error) {
	params := &stripe.CheckoutSessionRetrieveParams{Expand: stripe.StringSlice([]string{expandedPayment})}
	return s.api.V1CheckoutSessions.Retrieve(ctx, id, params)
}

// knownSession returns the order's session of which the order has kept the ID, by one request:
// an account with many orders has long lists. No other session of the order's needs a look, since
// the address of no other has reached the customer. It returns nil when the order has kept none,
// and when Stripe has no such session of this order: then they are looked up.
func (s *Gateway) knownSession(ctx context.Context, id, orderID string) (*stripe.CheckoutSession, error) {
	if !strings.HasPrefix(id, "cs_") {
		return nil, nil
	}
	session, err := s.getSession(ctx, id)
	switch e := asStripe(err); {
	case e != nil && e.Code == stripe.ErrorCodeResourceMissing:
		return nil, nil
	case err != nil:
		return nil, providerError("look the payment page up", err)
	case session.Metadata[metaOrderID] != orderID:
		return nil, nil
	}
	return session, nil
}

// expire ends an open session, and returns it as it is then: the customer may have been
// faster. While the customer pays, Stripe can refuse to end it.
func (s *Gateway) expire(ctx context.Context, session *stripe.CheckoutSession, key string) (*stripe.CheckoutSession, error) {
	look := func() (now *stripe.CheckoutSession, moved bool, err error) {
		now, err = s.retrieveSession(ctx, session.ID)
		return now, err == nil && now.Status != session.Status, err
	}
	expired, err := callWithKey(s, key+"/expire/"+session.ID, true,
		func(key string) (*stripe.CheckoutSession, error) {
			params := &stripe.CheckoutSessionExpireParams{Expand: stripe.StringSlice([]string{expandedPayment})}
			params.IdempotencyKey = stripe.String(key)
			return s.api.V1CheckoutSessions.Expire(ctx, session.ID, params)
		}, look)
	switch {
	case err == nil && !isReplayed(expired.LastResponse):
		return expired, nil
	case err == nil || leavesDoubt(asStripe(err)):
		now, moved, lookErr := look()
		if lookErr != nil || moved {
			return now, lookErr
		}
	}
	return nil, providerErrorOr(classOpen, "end the payment page", err)
}

// giveBackPaidTwice gives back what was paid beside the order's payment. That it cannot be
// given back is no reason to fail an order that is paid: the audit finds what stays.
func (s *Gateway) giveBackPaidTwice(ctx context.Context, sessions []*stripe.CheckoutSession, key string) error {
	for _, session := range sessions {
		intent := session.PaymentIntent
		refund := order.RefundRequest{
			OrderID: session.Metadata[metaOrderID], Amount: order.Money{Amount: intent.Amount, Currency: string(intent.Currency)},
		}
		made, err := s.refundsOf(ctx, intent.ID, 1)
		if err != nil {
			return err
		}
		if _, done, _ := made.settle(refund); done {
			continue
		}
		_, err = s.giveBack(ctx, refund, intent.ID, intent.Amount-made.amount, key+"/twice/"+intent.ID)
		if order.ErrorCode(err) == order.CodeUnavailable {
			return err
		}
	}
	return nil
}
