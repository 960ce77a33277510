package api

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/api/abuse"
	"github.com/cafeforme/cafeforme/api/access"
	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/api/views"
	"github.com/cafeforme/cafeforme/internal/auditlog"
	"github.com/cafeforme/cafeforme/internal/brand"
	"github.com/cafeforme/cafeforme/internal/member"
	"github.com/cafeforme/cafeforme/order"
)

// membersResource is the resource /members.
type membersResource struct {
	members   Members
	readModel ReadModel
	codes     CodeSender
	brand     func(context.Context) brand.Brand
	countries countries

	stores      *storesResource
	pointValues order.PointValues

	access     access.MemberAuth
	limits     abuse.CodeLimits
	kept       func()
	client     func(*http.Request) string
	now        func() time.Time
	background func(func())
	log        *slog.Logger
}

func (m *membersResource) Register(router *mux.Router) {
	transport.Post(router, "/members", m.signUp)
	transport.Post(router, "/members/codes", m.requestCode)
	transport.Post(router, "/members/sessions", m.signIn)
	transport.Get(router, "/members/{number}", m.access.Require(m.account))
	transport.Get(router, "/members/{number}/orders", m.access.Require(m.orders))
	transport.Post(router, "/members/{number}/codes", m.requestMemberCode)
	transport.Get(router, "/members/{number}/sessions", m.access.Require(m.sessions))
	transport.Post(router, "/members/{number}/sessions", m.signInMember)
	transport.Delete(router, "/members/{number}/sessions", m.access.Require(m.signOutEverywhere))
	transport.Delete(router, "/members/{number}/sessions/current", m.access.Require(m.signOut))
	transport.Delete(router, "/members/{number}/sessions/{session}", m.access.Require(m.signOutOf))
	transport.Delete(router, "/members/{number}", m.access.Require(m.erase))
}

// account is GET /members/{number}.
func (m *membersResource) account(w http.ResponseWriter, r *http.Request) error {
	page, err := transport.PageOf(r)
	if err != nil {
		return err
	}
	number := mux.Vars(r)["number"]
	known, err := m.members.Member(r.Context(), number)
	if err != nil {
		return err
	}
	balance, entries, next, err := m.members.Account(r.Context(), number, page.Size, page.Token)
	if err != nil {
		return err
	}
	return transport.RespondJSON(w, r, http.StatusOK, spec.Account{
		MembershipNumber: number, Name: spec.Optional(known.Name), Points: balance, Spending: m.spending(r.Context()),
		Entries: entryViews(entries), NextPageToken: next,
	})
}

// spending returns the fewest points that can be spent, and what they are worth in the currencies of the
// stores; nothing of that while nobody knows the stores.
func (m *membersResource) spending(ctx context.Context) spec.PointsSpending {
	shown := spec.PointsSpending{Points: order.LeastPoints, Worth: []spec.Money{}}
	states, err := m.stores.stores.Get(ctx)
	if err != nil {
		m.log.WarnContext(ctx, "what points are worth is not shown: the stores cannot be read", "error", err)
	}
	for _, state := range states {
		worth := spec.Money{Amount: m.pointValues.In(state.Currency).Of(order.LeastPoints), Currency: state.Currency}
		if !slices.Contains(shown.Worth, worth) {
			shown.Worth = append(shown.Worth, worth)
		}
	}
	return shown
}

func entryViews(entries []order.PointsEntry) []spec.PointsEntry {
	shown := make([]spec.PointsEntry, len(entries))
	for i, entry := range entries {
		shown[i] = spec.PointsEntry{
			OrderID: spec.Optional(entry.OrderID), Kind: spec.PointsEntryKind(entry.Kind.Base()), Points: entry.Points, At: entry.At,
		}
	}
	return shown
}

// orders is GET /members/{number}/orders.
func (m *membersResource) orders(w http.ResponseWriter, r *http.Request) error {
	page, err := transport.PageOf(r)
	if err != nil {
		return err
	}
	snapshots, next, err := m.readModel.MemberOrders(r.Context(), mux.Vars(r)["number"], page.Size, page.Token)
	if err != nil {
		return err
	}
	return transport.RespondJSON(w, r, http.StatusOK, spec.OrderList{Orders: views.Orders(snapshots, views.PublicOrder), NextPageToken: next})
}

// sessions is GET /members/{number}/sessions.
func (m *membersResource) sessions(w http.ResponseWriter, r *http.Request) error {
	token, _ := access.BearerToken(r) // [access.MemberAuth.Require] has seen it
	sessions, err := m.members.Sessions(r.Context(), mux.Vars(r)["number"], token, m.now())
	if err != nil {
		return err
	}
	view := spec.MemberSessions{Sessions: make([]spec.MemberSession, len(sessions))}
	for i, s := range sessions {
		view.Sessions[i] = spec.MemberSession{Session: s.ID, CreatedAt: s.CreatedAt, LastUsedAt: s.LastUsedAt, Current: s.Current}
	}
	return transport.RespondJSON(w, r, http.StatusOK, view)
}

// signOut is DELETE /members/{number}/sessions/current: on this device.
func (m *membersResource) signOut(w http.ResponseWriter, r *http.Request) error {
	token, _ := access.BearerToken(r) // [access.MemberAuth.Require] has seen it
	if err := m.members.EndSession(r.Context(), mux.Vars(r)["number"], token); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// signOutOf is DELETE /members/{number}/sessions/{session}: on another device.
func (m *membersResource) signOutOf(w http.ResponseWriter, r *http.Request) error {
	vars := mux.Vars(r)
	if err := m.members.EndSessionOf(r.Context(), vars["number"], vars["session"]); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// signOutEverywhere is DELETE /members/{number}/sessions: on all devices.
func (m *membersResource) signOutEverywhere(w http.ResponseWriter, r *http.Request) error {
	if err := m.members.EndSessions(r.Context(), mux.Vars(r)["number"]); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// erase is DELETE /members/{number}: with a fresh code, since the token alone may be
// somebody's who has found the phone unlocked.
func (m *membersResource) erase(w http.ResponseWriter, r *http.Request) error {
	var body spec.EraseRequest
	if err := transport.DecodeBody(r, &body); err != nil {
		return err
	}
	use := member.CodeUse{MembershipNumber: mux.Vars(r)["number"], Nonce: body.Nonce, Code: body.Code}
	if err := readCodeUse(&use); err != nil {
		return err
	}
	if err := m.members.ConfirmErasure(r.Context(), use, m.now()); err != nil {
		return access.AsUnauthorized(fmt.Errorf("confirm: %w", err), wrongCode)
	}
	ctx := auditlog.WithActor(r.Context(), order.ActorCustomer)
	if _, err := m.members.Erase(ctx, use.MembershipNumber, m.now()); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
