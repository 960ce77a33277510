package api

import (
	"context"
	"net/http"
	"time"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/order"
)

// MemberTokens knows which tokens members have been given.
type MemberTokens interface {
	// Authenticate fails with CodeUnauthorized unless the token is the member's, and has
	// not expired.
	Authenticate(ctx context.Context, number, token string, now time.Time) error
}

// memberAccess lets members in by their tokens.
type memberAccess struct {
	tokens MemberTokens
	now    func() time.Time
}

// only lets the member in the path in, by their token.
func (m memberAccess) only(next action) action {
	return func(w http.ResponseWriter, r *http.Request) error {
		token, ok := bearer(r)
		number := mux.Vars(r)["number"]
		if !ok || !membershipNumbers.MatchString(number) {
			return unauthorized("the member's token is needed")
		}
		if err := m.tokens.Authenticate(r.Context(), number, token, m.now()); err != nil {
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
