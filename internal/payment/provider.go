package payment

import (
	"context"
	"net/http"
	"time"

	"github.com/cafeforme/cafeforme/internal/callback"
	"github.com/cafeforme/cafeforme/internal/config/env"
	"github.com/cafeforme/cafeforme/internal/money"
	"github.com/cafeforme/cafeforme/order"
)

// Provider is a payment provider, as its folder describes it to the [Registry].
type Provider struct {
	// Name is what CAFEFORME_PAYMENTS says for it, the last part of its webhook's path, and
	// what orders remember of who took their money.
	Name string
	// Title is its name in sentences.
	Title string
	// Sandbox: it moves no money, and keeps what it does in the sandbox's file.
	Sandbox bool
	// Amounts says which amounts it charges.
	Amounts money.Provider
	// Secrets are its variables that hold a secret.
	Secrets []string
	// Configure reads its variables. What is wrong with them is the reader's to tell.
	Configure func(r *env.Reader, use Use) Account
}

// Use is what a process wants of a provider, and so which of its variables have to be set.
type Use struct {
	// Chosen: new orders are paid through it. Another one is there for the orders that were
	// paid through it before, if it is set up.
	Chosen bool
	// Calls: the process charges, refunds, or looks payments up. Events: it is called back.
	Calls, Events bool
}

// Account is a provider as the variables of a process describe it.
type Account interface {
	// Unusable says why there is no gateway to be had, for operators: which variable is to
	// be set. It is nil when there is one.
	Unusable(deps Deps) error
	// Open returns the gateway. One that is an [io.Closer] has to be closed.
	Open(deps Deps) (Gateway, error)
	// DefaultMethod is what orders are paid with that name no payment method; empty where
	// customers have to name theirs.
	DefaultMethod() string
}

// Deps is what gateways need of the process that they work in.
type Deps struct {
	// Sandbox is the path of the sandbox's file.
	Sandbox string
	// Transport carries the calls; the provider's own when nil.
	Transport http.RoundTripper
}

// Gateway takes money and gives it back, as activities.Gateway says.
type Gateway interface {
	Charge(ctx context.Context, charge order.Charge) (order.ChargeResult, error)
	Void(ctx context.Context, void order.Void) (order.VoidResult, error)
	Refund(ctx context.Context, refund order.RefundRequest) (order.RefundResult, error)
	// KnownMethod reports whether the token can be that of a payment method.
	KnownMethod(token string) bool
	Books
}

// Books are where the movements of money can be read.
type Books interface {
	// MovementsOf returns the movements of money of these orders, oldest first.
	MovementsOf(ctx context.Context, orderIDs []string) ([]Movement, error)
	// OrdersSince returns the orders whose money has moved since then.
	OrdersSince(ctx context.Context, since time.Time) ([]string, error)
}

// EventReader is a [Gateway] whose provider reports events by itself.
type EventReader interface {
	// Webhook says what the provider sends; false when it is not set up to send anything.
	Webhook() (callback.Contract, bool)
	// VerifyEvent returns the event in the request. It fails with CodeUnauthorized unless
	// the provider has signed it.
	VerifyEvent(request callback.Request) (order.ProviderEvent, error)
	// ReadEvent returns what the event means for orders; nothing if it is about
	// something else. It may have to ask the provider.
	ReadEvent(ctx context.Context, event order.ProviderEvent) ([]order.PaymentEvent, error)
}

// MethodLister is a [Gateway] that has payment methods for people to choose from.
type MethodLister interface {
	// Methods lists them by token, the one first that is chosen for them.
	Methods() []string
}

// Inspector is a [Gateway] that developers can look into.
type Inspector interface {
	// Payments returns the last limit movements of money, oldest first.
	Payments(ctx context.Context, limit int) ([]Movement, error)
}
