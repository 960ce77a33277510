// Package cafe talks to a running cafeforme as its customers and its staff do:
// over HTTP, knowing nothing but the public API.
package cafe

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/cafeforme/cafeforme/internal/apiclient"
	"github.com/cafeforme/cafeforme/internal/money"
)

// Cafe is where a running system can be reached.
type Cafe struct {
	// Customer and Store are the base URLs of the two surfaces.
	Customer, Store string
	// Token is the staff's bearer token.
	Token string
	// Codes returns the latest one-time code that a phone got, or nothing; nil reads it
	// from the sandbox phone.
	Codes func(ctx context.Context, phone string) (string, error)
	// Streams opens the streams of events; [http.DefaultClient] when nil.
	Streams *http.Client
}

// Order is an order as the API shows it.
type Order struct {
	ID           string  `json:"id"`
	Store        string  `json:"store"`
	Status       string  `json:"status"`
	Total        Amount  `json:"total"`
	PickupNumber *string `json:"pickup_number"`
	ETAMinutes   *int    `json:"eta_minutes"`
	Refund       *Refund `json:"refund"`
	Points       int64   `json:"points"`
	Timeline     []Entry `json:"timeline"`
	// PaymentAction is what the customer has to confirm; nil for nothing.
	PaymentAction *PaymentAction `json:"payment_action"`
}

// PaymentAction is what a page needs to finish a payment.
type PaymentAction struct {
	Type           string    `json:"type"`
	URL            string    `json:"url"`
	ExpiresAt      time.Time `json:"expires_at"`
	ClientSecret   string    `json:"client_secret"`
	PublishableKey string    `json:"publishable_key"`
}

// Notes returns the notes in the order's timeline.
func (o Order) Notes() []string {
	var notes []string
	for _, entry := range o.Timeline {
		if entry.Note != "" {
			notes = append(notes, entry.Note)
		}
	}
	return notes
}

// Amount is money in minor units.
type Amount struct {
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
}

// String writes the amount for people: "4.50 USD".
func (a Amount) String() string { return money.Format(a.Amount, a.Currency) }

// Refund is an order's refund, in minor units.
type Refund struct {
	Status string `json:"status"`
	Amount int64  `json:"amount"`
}

// Entry is one line of an order's timeline.
type Entry struct {
	Status string `json:"status"`
	Actor  string `json:"actor"`
	Reason string `json:"reason"`
	Note   string `json:"note"`
}

// Problem is an RFC 9457 problem: every answer that is no success.
type Problem = apiclient.Problem

// NewOrder is the body of a new order.
type NewOrder struct {
	// Store is the slug of the store that is to make it; the first one when empty.
	Store            string `json:"store,omitempty"`
	Items            []Item `json:"items"`
	Phone            string `json:"phone,omitempty"`
	MembershipNumber string `json:"membership_number,omitempty"`
	PaymentMethod    string `json:"payment_method,omitempty"`
	Note             string `json:"note,omitempty"`
	// Coupon is a coupon's code, Points are those that the member spends, who shows their token for that.
	Coupon string `json:"coupon,omitempty"`
	Points int64  `json:"points,omitempty"`
	// PickupAt is when it is picked up; nil for an order for now.
	PickupAt *time.Time `json:"pickup_at,omitempty"`
	// Token is the member's.
	Token string `json:"-"`
}

// Item is one line of a new order.
type Item struct {
	Product string   `json:"product"`
	Qty     int      `json:"qty"`
	Options []Option `json:"options,omitempty"`
	Note    string   `json:"note,omitempty"`
}

// Option is what a line has of a group of options.
type Option struct {
	Group  string `json:"group"`
	Option string `json:"option"`
	Qty    int    `json:"qty,omitempty"`
}

// Message is a text on the sandbox phone.
type Message struct {
	OrderID string `json:"order_id"`
	To      string `json:"to"`
	Text    string `json:"text"`
}

// Payment is a movement of money at the sandbox gateway.
type Payment struct {
	OrderID string `json:"order_id"`
	Kind    string `json:"kind"`
	Amount  int64  `json:"amount"`
}

// Member is a signed-up member.
type Member struct {
	MembershipNumber string `json:"membership_number"`
	Token            string `json:"token"`
}

// PlaceOrder places an order. A key makes its repetitions the same order.
func (c *Cafe) PlaceOrder(ctx context.Context, o NewOrder, key string) (Order, error) {
	header := http.Header{}
	if o.Token != "" {
		header = apiclient.Bearer(o.Token)
	}
	if key != "" {
		header.Set("Idempotency-Key", key)
	}
	var placed Order
	err := c.call(ctx, "POST", c.Customer+"/orders", header, o, &placed)
	return placed, err
}

// Order returns an order as its customer sees it.
func (c *Cafe) Order(ctx context.Context, id string) (o Order, err error) {
	err = c.call(ctx, "GET", c.Customer+"/orders/"+id, nil, nil, &o)
	return o, err
}

// Shown returns an order as the staff sees it.
func (c *Cafe) Shown(ctx context.Context, id string) (Order, error) {
	o, err := c.Order(ctx, id)
	if err != nil {
		return o, err
	}
	board, err := c.Board(ctx, o.Status)
	for _, shown := range board {
		if shown.ID == id {
			return shown, err
		}
	}
	return o, errors.Join(err, fmt.Errorf("the board does not list order %s as %s", id, o.Status))
}

// Cancel cancels an order as its customer.
func (c *Cafe) Cancel(ctx context.Context, id string) (o Order, err error) {
	err = c.call(ctx, "POST", c.Customer+"/orders/"+id+"/cancel", nil, map[string]any{}, &o)
	return o, err
}

// Act gives one of the store's commands: accept, reject, ready or pick-up.
func (c *Cafe) Act(ctx context.Context, id, command string, body map[string]any) (o Order, err error) {
	if body == nil {
		body = map[string]any{}
	}
	err = c.call(ctx, "POST", c.Store+"/store/orders/"+id+"/"+command, c.staff(), body, &o)
	return o, err
}

// Board returns the store's orders in the given statuses, up to the page's
// limit.
func (c *Cafe) Board(ctx context.Context, statuses ...string) ([]Order, error) {
	var page struct {
		Orders []Order `json:"orders"`
	}
	url := c.Store + "/store/orders?page_size=200&status=" + strings.Join(statuses, ",")
	err := c.call(ctx, "GET", url, c.staff(), nil, &page)
	return page.Orders, err
}

// Staff sends any other request as the staff, to a path of the store surface.
func (c *Cafe) Staff(ctx context.Context, method, path string, in, out any) error {
	return c.call(ctx, method, c.Store+path, c.staff(), in, out)
}

// Points returns a member's balance.
func (c *Cafe) Points(ctx context.Context, m Member) (int64, error) {
	var account struct {
		Points int64 `json:"points"`
	}
	err := c.call(ctx, "GET", c.Customer+"/members/"+m.MembershipNumber, apiclient.Bearer(m.Token), nil, &account)
	return account.Points, err
}

// Texts returns what the sandbox phone got for an order.
func (c *Cafe) Texts(ctx context.Context, orderID string) ([]Message, error) {
	var all struct {
		Messages []Message `json:"messages"`
	}
	err := c.call(ctx, "GET", c.Customer+"/dev/messages", nil, nil, &all)
	var texts []Message
	for _, m := range all.Messages {
		if m.OrderID == orderID {
			texts = append(texts, m)
		}
	}
	return texts, err
}

// Payments returns the movements of an order's money, as "charge 4000".
func (c *Cafe) Payments(ctx context.Context, orderID string) ([]string, error) {
	var all struct {
		Payments []Payment `json:"payments"`
	}
	err := c.call(ctx, "GET", c.Customer+"/dev/payments", nil, nil, &all)
	var moved []string
	for _, p := range all.Payments {
		if p.OrderID == orderID {
			moved = append(moved, fmt.Sprintf("%s %d", p.Kind, p.Amount))
		}
	}
	return moved, err
}

// Await asks for the order until the condition holds or the context ends.
func (c *Cafe) Await(ctx context.Context, id string, condition func(Order) bool) (Order, error) {
	return await(ctx, id, c.Order, condition)
}

// AwaitShown is [Cafe.Await] for what the staff sees.
func (c *Cafe) AwaitShown(ctx context.Context, id string, condition func(Order) bool) (Order, error) {
	return await(ctx, id, c.Shown, condition)
}

func await(ctx context.Context, id string, ask func(context.Context, string) (Order, error), condition func(Order) bool) (Order, error) {
	for {
		o, err := ask(ctx, id)
		if err == nil && condition(o) {
			return o, nil
		}
		select {
		case <-ctx.Done():
			return o, fmt.Errorf("order %s is %s: %w", id, o.Status, ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (c *Cafe) staff() http.Header { return apiclient.Bearer(c.Token) }

// call makes one request. An answer that is no success is a *Problem.
func (*Cafe) call(ctx context.Context, method, url string, header http.Header, in, out any) error {
	_, err := apiclient.Call(ctx, method, url, header, in, out)
	return err
}
