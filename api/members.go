package api

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/order"
)

// codeTimeout bounds the sending of a one-time code, which outlives its
// request.
const codeTimeout = 15 * time.Second

// members is the resource /members.
type members struct {
	members   Members
	readModel ReadModel
	codes     CodeSender
	// asking and trying limit how often codes are asked for, and tried, for one
	// number: whether it is a member's or not.
	asking, trying *limiter

	now        func() time.Time
	background func(func())
	log        *slog.Logger
}

func (m *members) register(router *mux.Router) {
	post(router, "/members", m.signUp)
	get(router, "/members/{number}", m.only(m.account))
	get(router, "/members/{number}/orders", m.only(m.orders))
	post(router, "/members/{number}/codes", m.requestCode)
	post(router, "/members/{number}/sessions", m.signIn)
	remove(router, "/members/{number}/sessions", m.only(m.signOutEverywhere))
	remove(router, "/members/{number}/sessions/current", m.only(m.signOut))
	remove(router, "/members/{number}", m.only(m.erase))
}

// only lets the member in the path in, by their token.
func (m *members) only(next action) action {
	return func(w http.ResponseWriter, r *http.Request) error {
		token, ok := bearer(r)
		number := mux.Vars(r)["number"]
		if !ok || !membershipNumbers.MatchString(number) {
			return unauthorized("the member's token is needed")
		}
		if err := m.members.Authenticate(r.Context(), number, token); err != nil {
			return unknownAlike(err, "the member's token is needed")
		}
		return next(w, r)
	}
}

// unknownAlike makes a member who does not exist look like one whose secret is
// wrong.
func unknownAlike(err error, message string) error {
	switch order.ErrorCode(err) {
	case order.CodeNotFound, order.CodeUnauthorized:
		return unauthorized(message)
	default:
		return err
	}
}

// signUp is POST /members.
func (m *members) signUp(w http.ResponseWriter, r *http.Request) error {
	var body spec.SignUpRequest
	if err := decodeBody(r, &body); err != nil {
		return err
	}
	var c checks
	name, phone := c.text("name", body.Name, 1, maxName), c.phone("phone", body.Phone)
	if c.err != nil {
		return c.err
	}
	member, token, err := m.members.SignUp(r.Context(), name, phone)
	if err != nil {
		return err
	}
	return respond(w, r, http.StatusCreated, spec.SignUp{MembershipNumber: member.MembershipNumber, Token: token})
}

// account is GET /members/{number}.
func (m *members) account(w http.ResponseWriter, r *http.Request) error {
	page, err := pageOf(r)
	if err != nil {
		return err
	}
	number := mux.Vars(r)["number"]
	balance, entries, next, err := m.members.Account(r.Context(), number, page.size, page.token)
	if err != nil {
		return err
	}
	return respond(w, r, http.StatusOK, spec.Account{
		MembershipNumber: number, Points: balance, Entries: entryViews(entries), NextPageToken: next,
	})
}

func entryViews(entries []order.PointsEntry) []spec.PointsEntry {
	views := make([]spec.PointsEntry, len(entries))
	for i, entry := range entries {
		views[i] = spec.PointsEntry{
			OrderID: entry.OrderID, Kind: spec.PointsEntryKind(entry.Kind), Points: entry.Points, At: entry.At,
		}
	}
	return views
}

// orders is GET /members/{number}/orders.
func (m *members) orders(w http.ResponseWriter, r *http.Request) error {
	page, err := pageOf(r)
	if err != nil {
		return err
	}
	snapshots, next, err := m.readModel.MemberOrders(r.Context(), mux.Vars(r)["number"], page.size, page.token)
	if err != nil {
		return err
	}
	return respond(w, r, http.StatusOK, spec.OrderList{Orders: viewsOf(snapshots, publicView), NextPageToken: next})
}

// requestCode is POST /members/{number}/codes. Its answer does not tell whether
// there is such a member, nor does the time it takes to send the code.
func (m *members) requestCode(w http.ResponseWriter, r *http.Request) error {
	language, err := languageOf(r)
	if err != nil {
		return err
	}
	if err := decodeOptionalBody(r, &struct{}{}); err != nil {
		return err
	}
	if number := mux.Vars(r)["number"]; membershipNumbers.MatchString(number) {
		if err := m.asking.take(number, "too many codes were asked for; try again later"); err != nil {
			return err
		}
		if err := m.promiseCode(r.Context(), number, language); err != nil {
			return err
		}
	}
	w.WriteHeader(http.StatusAccepted)
	return nil
}

// promiseCode has a code made and sent after the answer: what is done before it
// is the same for a number that is no member's.
func (m *members) promiseCode(ctx context.Context, number string, language order.Language) error {
	_, err := m.members.Member(ctx, number)
	switch order.ErrorCode(err) {
	case "":
		ctx = context.WithoutCancel(ctx)
		m.background(func() { m.sendCode(ctx, number, language) })
		return nil
	case order.CodeNotFound:
		return nil
	default:
		return err
	}
}

// sendCode makes a code and sends it. Nobody waits for it: who gets no code asks
// again. Whoever asks too often gets none.
func (m *members) sendCode(ctx context.Context, number string, language order.Language) {
	ctx, cancel := context.WithTimeout(ctx, codeTimeout)
	defer cancel()
	code, phone, err := m.members.NewCode(ctx, number, m.now())
	if err == nil {
		err = m.codes.SendCode(ctx, phone, language, code)
	}
	switch order.ErrorCode(err) {
	case "", order.CodeRateLimited, order.CodeNotFound:
	default:
		m.log.ErrorContext(ctx, "a one-time code was not sent", "error", err)
	}
}

// signIn is POST /members/{number}/sessions.
func (m *members) signIn(w http.ResponseWriter, r *http.Request) error {
	var body spec.SignInRequest
	if err := decodeBody(r, &body); err != nil {
		return err
	}
	if !oneTimeCodes.MatchString(body.Code) {
		return invalid("code", "must be the digits from the SMS")
	}
	const message = "the code is wrong or has expired"
	number := mux.Vars(r)["number"]
	if !membershipNumbers.MatchString(number) {
		return unauthorized(message)
	}
	if err := m.trying.take(number, "too many codes were tried; try again later"); err != nil {
		return err
	}
	token, err := m.members.NewSession(r.Context(), number, body.Code, m.now())
	if err != nil {
		return unknownAlike(fmt.Errorf("sign in: %w", err), message)
	}
	return respond(w, r, http.StatusCreated, spec.Session{Token: token})
}

// signOut is DELETE /members/{number}/sessions/current: on this device.
func (m *members) signOut(w http.ResponseWriter, r *http.Request) error {
	token, _ := bearer(r) // [members.only] has seen it
	if err := m.members.EndSession(r.Context(), mux.Vars(r)["number"], token); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// signOutEverywhere is DELETE /members/{number}/sessions: on all devices.
func (m *members) signOutEverywhere(w http.ResponseWriter, r *http.Request) error {
	if err := m.members.EndSessions(r.Context(), mux.Vars(r)["number"]); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// erase is DELETE /members/{number}.
func (m *members) erase(w http.ResponseWriter, r *http.Request) error {
	if _, err := m.members.Erase(r.Context(), mux.Vars(r)["number"], m.now()); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
