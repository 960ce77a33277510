package api

import (
	"context"
	"time"

	"github.com/cafeforme/cafeforme/api/access"
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/coupon"
	"github.com/cafeforme/cafeforme/internal/member"
	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/internal/readmodel"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// Every method of these interfaces reports errors as [order.Error]. Beside the
// codes that a method names, each can fail with CodeUnavailable; an error
// without a code is a fault, answered with 500 and logged.

// Orders places orders and acts on them: the workflows.
type Orders interface {
	// Place starts the order and waits, for ten seconds at most, until the
	// outcome of its payment is known. An order that exists already is not
	// started again: its present state comes back, and the caller compares
	// request hashes. The status payment_pending means that the outcome is open,
	// that the start may have gone through although its answer was lost, or that
	// the order exists and nobody can say how it stands.
	// CodeUnavailable means that nothing can have been started.
	Place(ctx context.Context, p order.Placement) (order.Snapshot, error)
	// Act gives the order a command and returns what became of it, without its
	// timeline. A command whose effect stands already succeeds. It fails with
	// CodeNotFound when no such order is at work any more, and with CodeTooLate
	// or CodeTooEarly, and the status that won, when the command lost.
	Act(ctx context.Context, id string, name order.EventName, in workflows.Command) (order.Snapshot, error)
	// Refund has money of an order given back that is over, under the number of its next
	// refund, and returns what became of the order, maybe without its timeline. The same
	// refund that is asked for again succeeds. It fails as Act does, and with
	// CodeRefundPending when another refund was asked for first.
	Refund(ctx context.Context, in workflows.Refund) (order.Snapshot, error)
	// Read returns the order, or CodeNotFound.
	Read(ctx context.Context, id string) (order.Snapshot, error)
	// Reachable fails when orders can neither be placed nor acted on.
	Reachable(ctx context.Context) error
}

// ReadModel is the copy of all orders, also of those that ended long ago. A page
// token that it did not make is CodeInvalid with the field "page_token"; the
// last page comes with an empty next token.
type ReadModel interface {
	// Order returns the order, or CodeNotFound.
	Order(ctx context.Context, id string) (order.Snapshot, error)
	// List returns one page of the store's orders, or of those of all stores where store
	// is empty, in any of the statuses (in all of them when there are none), oldest first,
	// and the token of the next page.
	List(ctx context.Context, store string, statuses []order.Status, pageSize int, pageToken string) ([]order.Snapshot, string, error)
	// OrdersOfDay returns one page of a store's orders of a day, those with the latest pick-up
	// numbers first, and the token of the next page. What is no pick-up number is CodeInvalid with
	// the field "number".
	OrdersOfDay(ctx context.Context, of readmodel.DayFilter, pageSize int, pageToken string) ([]order.Snapshot, string, error)
	// MemberOrders returns one page of the orders that the member has claimed, newest
	// first, and the token of the next page.
	MemberOrders(ctx context.Context, number string, pageSize int, pageToken string) ([]order.Snapshot, string, error)
}

// Members keeps the members, their points, tokens and one-time codes. There is no
// member before a code has proved the phone.
type Members interface {
	// NewCode makes a one-time code for the phone, in E.164 form, whether it is a
	// member's or not: the nonce is for whoever asks, the code for the phone. The name
	// is what the member is to be called, or empty. However often anybody asks, there is
	// another code.
	NewCode(ctx context.Context, phone, name string, now time.Time) (nonce, code string, err error)
	// NewMemberCode is NewCode for the phone of a member, which it returns. For a number
	// that is no member's it makes a code of no use, as slowly, and returns no phone.
	NewMemberCode(ctx context.Context, number string, now time.Time) (nonce, code, phone string, err error)
	// SignIn uses a code up, and makes the member if there is none with the phone. It
	// fails with CodeUnauthorized when the code is not that of the nonce, has expired or
	// was tried too often, or when the phone is not the named member's.
	SignIn(ctx context.Context, use member.CodeUse, now time.Time) (member.SignedIn, error)
	// Member returns the member, or CodeNotFound.
	Member(ctx context.Context, number string) (member.Member, error)
	access.MemberTokens
	// ClaimOrder notes that the member has placed the order, by their token.
	ClaimOrder(ctx context.Context, number, orderID string) error
	// Balance returns the member's balance, or CodeNotFound. It is below zero when points were
	// taken back that had been spent.
	Balance(ctx context.Context, number string) (int64, error)
	// Account returns the member's balance, one page of its entries, newest
	// first, and the token of the next page.
	Account(ctx context.Context, number string, pageSize int, pageToken string) (
		balance int64, entries []order.PointsEntry, next string, err error)
	// Sessions lists the member's tokens, the newest first, and marks the one that asks.
	Sessions(ctx context.Context, number, token string, now time.Time) ([]member.Session, error)
	// EndSession makes the member's token useless, EndSessionOf the one whose session
	// has the ID (or CodeNotFound), EndSessions all of them.
	EndSession(ctx context.Context, number, token string) error
	EndSessionOf(ctx context.Context, number, id string) error
	EndSessions(ctx context.Context, number string) error
	// ConfirmErasure uses a code up, as SignIn does, before the member is erased. It wants
	// none when that was begun before.
	ConfirmErasure(ctx context.Context, use member.CodeUse, now time.Time) error
	// Erase forgets who the member is, and keeps the points ledger. It returns
	// how many orders tell less than before, and fails with CodeNotFound when
	// there never was such a member.
	Erase(ctx context.Context, number string, now time.Time) (orders int, err error)
}

// Coupons keeps the coupons that orders can have.
type Coupons interface {
	// Coupon returns the coupon with the code, or CodeNotFound.
	Coupon(ctx context.Context, code string) (coupon.State, error)
	// CouponUses returns how many orders of the member have the coupon.
	CouponUses(ctx context.Context, code, membershipNumber string) (int64, error)
}

// Menu is what customers read the stores and their menus from.
type Menu interface {
	// Menu returns what a store's menu is made of, or CodeNotFound.
	Menu(ctx context.Context, store string) (catalog.State, error)
	// Stores returns all stores, in the owner's order.
	Stores(ctx context.Context) ([]store.State, error)
}

// CodeSender sends one-time codes by SMS.
type CodeSender interface {
	SendCode(ctx context.Context, text member.CodeText) error
}

// PaymentMethods knows what customers can pay with.
type PaymentMethods interface {
	// KnownMethod reports whether the token can be a payment method at all; only
	// a charge tells whether it pays.
	KnownMethod(token string) bool
}

// Sandbox is what developers look into: the sandbox phone and the ledger of the
// sandbox payment gateway, both oldest first.
type Sandbox interface {
	Messages(ctx context.Context) ([]Message, error)
	Payments(ctx context.Context) ([]payment.Movement, error)
}

// Message is one SMS on the sandbox phone. OrderID is empty when it belongs to
// no order.
type Message struct {
	OrderID string
	To      string
	Text    string
	At      time.Time
}
