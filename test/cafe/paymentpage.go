package cafe

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"time"
)

// Visit is what a customer does on the sandbox's payment page.
type Visit string

// The visits. A customer who cancels does so while the page is open, and tries to pay then.
const (
	Pays           Visit = "pay"
	PaysAfterAll   Visit = "are declined, then pay"
	PaysLate       Visit = "pay, and the money comes late"
	PaysUnheard    Visit = "pay, and nobody hears of it"
	PaysAtDeadline Visit = "pay at the deadline"
	CancelsThere   Visit = "cancel while it is open"
	Leaves         Visit = "leave, and never come back"
)

// PaymentSession is a payment on the sandbox's page, as the page shows it.
type PaymentSession struct {
	State string `json:"state"`
}

// paid reports whether the page says that the customer has paid.
func (s PaymentSession) paid() bool { return s.State == "paid" || s.State == "processing" }

// PaymentSession returns the payment that the action leads to.
func (c *Cafe) PaymentSession(ctx context.Context, action PaymentAction) (s PaymentSession, err error) {
	err = c.call(ctx, http.MethodGet, c.Customer+sessionPath(action), nil, nil, &s)
	return s, err
}

// Pay tries to pay on the page that the action leads to, with that outcome. One that can be paid
// no more is returned as it is.
func (c *Cafe) Pay(ctx context.Context, action PaymentAction, outcome string) (s PaymentSession, err error) {
	err = c.call(ctx, http.MethodPost, c.Customer+sessionPath(action), nil, map[string]string{"outcome": outcome}, &s)
	var problem *Problem
	if errors.As(err, &problem) && problem.Code == "too_late" {
		return c.PaymentSession(ctx, action)
	}
	return s, err
}

// ComeBack tells the order that its customer is back from the payment page.
func (c *Cafe) ComeBack(ctx context.Context, id string) (o Order, err error) {
	err = c.call(ctx, http.MethodPost, c.Customer+"/orders/"+id+"/payment", nil, map[string]any{}, &o)
	return o, err
}

// sessionPath is where any of the processes that serve the page has what it shows.
func sessionPath(action PaymentAction) string {
	page, err := url.Parse(action.URL)
	if err != nil {
		return "/sandbox/sessions/"
	}
	return "/sandbox/sessions/" + path.Base(page.Path)
}

// visitPage leads the customer of an order that is to be paid on the page there, and back. Who
// leaves is told nothing any more: the order has to end by itself.
func (p *People) visitPage(ctx context.Context, l *Life) error {
	switch l.Visit {
	case Leaves:
		l.Told, l.LastStep, l.Steps = "payment_failed", l.action.ExpiresAt, nil
		return nil
	case CancelsThere:
		if err := p.cancelUnpaid(ctx, l); err != nil {
			return err
		}
	case PaysAfterAll:
		if err := p.pay(ctx, l, "declined"); err != nil {
			return err
		}
	case PaysAtDeadline:
		sleep(ctx, time.Until(l.action.ExpiresAt.Add(l.PaysAfter)))
	}
	if err := p.pay(ctx, l, outcomes[l.Visit]); err != nil {
		return err
	}
	return p.comeBack(ctx, l)
}

// outcomes are what comes of the visitors' last attempt to pay, unless it is too late.
var outcomes = map[Visit]string{
	Pays: "paid", PaysAfterAll: "paid", PaysAtDeadline: "paid", CancelsThere: "paid", PaysLate: "paid_late", PaysUnheard: "paid_unheard",
}

// pay presses the page's button until the page says what came of it, and notes whether that is paid.
func (p *People) pay(ctx context.Context, l *Life, outcome string) error {
	for {
		session, err := p.press(ctx, l, outcome)
		var problem *Problem
		switch {
		case err == nil:
			l.PaidOnPage = session.paid()
			return nil
		case errors.As(err, &problem) && problem.Status < http.StatusInternalServerError:
			return fmt.Errorf("pay on the page of %s: %w", l.ID, err)
		case !sleep(ctx, retryPause):
			return fmt.Errorf("pay on the page of %s: %w: the last answer was: %w", l.ID, ctx.Err(), err)
		}
	}
}

func (p *People) press(ctx context.Context, l *Life, outcome string) (PaymentSession, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return p.TurnTo().Pay(ctx, *l.action, outcome)
}

// cancelUnpaid cancels an order that is not paid. It may have failed meanwhile, since its time
// was up.
func (p *People) cancelUnpaid(ctx context.Context, l *Life) error {
	return p.insistUntil(ctx, l, "cancel", answered, func(ctx context.Context, c *Cafe) (Order, error) {
		o, err := c.Cancel(ctx, l.ID)
		var problem *Problem
		if errors.As(err, &problem) && problem.Code == "too_late" && problem.OrderStatus == "payment_failed" {
			return Order{ID: l.ID, Status: problem.OrderStatus}, nil
		}
		return o, err
	})
}

// comeBack has the customer look at the order until the payment's outcome is known. Only where
// nobody hears of the payment nothing tells the order that there is something to look for.
func (p *People) comeBack(ctx context.Context, l *Life) error {
	tells := l.Visit != PaysUnheard
	err := p.insist(ctx, l, "come back", func(ctx context.Context, c *Cafe) (Order, error) {
		if tells {
			tells = false
			return c.ComeBack(ctx, l.ID)
		}
		return c.Order(ctx, l.ID)
	})
	switch {
	case err != nil:
		return err
	case l.Visit == CancelsThere && l.Told == "paid":
		return fmt.Errorf("order %s was cancelled before it was paid, and is paid", l.ID)
	case l.Told != "paid":
		l.Steps = nil
	}
	return nil
}

// sleep waits, and reports whether there was the time for it.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
