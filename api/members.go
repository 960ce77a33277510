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
	members    Members
	readModel  ReadModel
	codes      CodeSender
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
	return respond(w, r, http.StatusOK, spec.OrderList{Orders: viewsOf(snapshots), NextPageToken: next})
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
		if err := m.makeCode(r.Context(), number, language); err != nil {
			return err
		}
	}
	w.WriteHeader(http.StatusAccepted)
	return nil
}

// makeCode makes a code and has it sent. An unknown member and one who asks too
// often get none.
func (m *members) makeCode(ctx context.Context, number string, language order.Language) error {
	code, phone, err := m.members.NewCode(ctx, number, m.now())
	switch order.ErrorCode(err) {
	case "":
		ctx = context.WithoutCancel(ctx)
		m.background(func() { m.sendCode(ctx, phone, language, code) })
		return nil
	case order.CodeNotFound, order.CodeRateLimited:
		return nil
	default:
		return err
	}
}

// sendCode sends the code. Nobody waits for it: who gets no code asks again.
func (m *members) sendCode(ctx context.Context, phone string, language order.Language, code string) {
	ctx, cancel := context.WithTimeout(ctx, codeTimeout)
	defer cancel()
	if err := m.codes.SendCode(ctx, phone, language, code); err != nil {
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
	token, err := m.members.NewSession(r.Context(), number, body.Code, m.now())
	if err != nil {
		return unknownAlike(fmt.Errorf("sign in: %w", err), message)
	}
	return respond(w, r, http.StatusCreated, spec.Session{Token: token})
}
