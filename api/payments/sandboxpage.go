package payments

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/internal/retry"
	"github.com/cafeforme/cafeforme/order"
)

const (
	// latePoll is how often a late payment is looked at, and lateTimeout for how long.
	latePoll    = 500 * time.Millisecond
	lateTimeout = 30 * time.Second
)

// SandboxPage is the resource /sandbox/sessions/{session}: what the sandbox's payment page shows,
// and what its customers do there. Whoever knows a session may pay it.
type SandboxPage struct {
	Page    payment.PageHost
	Reports Reporter
	// Background runs what outlives its request.
	Background func(func())
	Now        func() time.Time
	Log        *slog.Logger
}

// Register adds the resource's routes.
func (s *SandboxPage) Register(router *mux.Router) {
	transport.Get(router, "/sandbox/sessions/{session}", s.show)
	transport.Post(router, "/sandbox/sessions/{session}", s.pay)
}

// show is GET /sandbox/sessions/{session}.
func (s *SandboxPage) show(w http.ResponseWriter, r *http.Request) error {
	session, err := s.Page.Session(r.Context(), mux.Vars(r)["session"])
	if err != nil {
		return err
	}
	return respond(w, r, session)
}

// pay is POST /sandbox/sessions/{session}.
func (s *SandboxPage) pay(w http.ResponseWriter, r *http.Request) error {
	var body spec.SandboxAttempt
	if err := transport.DecodeBody(r, &body); err != nil {
		return err
	}
	outcome := payment.Attempt(body.Outcome)
	if all := payment.Attempts(); !slices.Contains(all, outcome) {
		return transport.InvalidField("outcome", fmt.Sprintf("must be one of %q", all))
	}
	session, err := s.Page.Pay(r.Context(), mux.Vars(r)["session"], outcome)
	if err != nil {
		return err
	}
	s.tell(context.WithoutCancel(r.Context()), session, outcome)
	return respond(w, r, session)
}

// tell has the order hear of the attempt, as a provider's events would tell it.
func (s *SandboxPage) tell(ctx context.Context, session payment.Session, outcome payment.Attempt) {
	switch outcome {
	case payment.AttemptPaidUnheard:
	case payment.AttemptPaidLate:
		s.Background(func() {
			ctx, cancel := context.WithTimeout(ctx, lateTimeout)
			defer cancel()
			for session.State == payment.SessionProcessing && retry.Sleep(ctx, latePoll) == nil {
				if now, err := s.Page.Session(ctx, session.ID); err == nil {
					session = now
				}
			}
			s.report(ctx, session)
		})
	default:
		s.report(ctx, session)
	}
}

// report tells the order. It hears of a lost event by looking, as it would at a provider.
func (s *SandboxPage) report(ctx context.Context, session payment.Session) {
	event := order.PaymentEvent{ID: session.ID + "/" + string(session.State), OrderID: session.OrderID, Kind: order.PaymentMoved, At: s.Now()}
	if err := s.Reports.Report(ctx, event); err != nil {
		s.Log.WarnContext(ctx, "an order was not told of its payment: it looks by itself", "order_id", session.OrderID, "error", err)
	}
}

func respond(w http.ResponseWriter, r *http.Request, session payment.Session) error {
	transport.RequestLogOf(r).OrderID = session.OrderID
	return transport.RespondJSON(w, r, http.StatusOK, spec.SandboxSession{
		State: string(session.State), Amount: spec.Money(session.Amount), Summary: session.Summary,
		OrderURL: session.OrderURL, ExpiresAt: session.ExpiresAt,
	})
}
