package access

import (
	"context"
	"net/http"
	"time"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/order"
)

// MemberTokens knows which tokens members have been given.
type MemberTokens interface {
	// Authenticate fails with CodeUnauthorized unless the token is the member's, and has
	// not expired.
	Authenticate(ctx context.Context, number, token string, now time.Time) error
}

// MemberAuth lets members in by their tokens.
type MemberAuth struct {
	Tokens MemberTokens
	Now    func() time.Time
}

// Require lets the member in the path in, by their token.
func (m MemberAuth) Require(next transport.HandlerFunc) transport.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		token, ok := BearerToken(r)
		number := mux.Vars(r)["number"]
		if !ok || !transport.IsMembershipNumber(number) {
			return transport.Unauthorized("a valid member token is required")
		}
		if err := m.Tokens.Authenticate(r.Context(), number, token, m.Now()); err != nil {
			return AsUnauthorized(err, "a valid member token is required")
		}
		return next(w, r)
	}
}

// AsUnauthorized makes a member who does not exist look like one whose secret is
// wrong.
func AsUnauthorized(err error, message string) error {
	switch order.ErrorCode(err) {
	case order.CodeNotFound, order.CodeUnauthorized:
		return transport.Unauthorized(message)
	default:
		return err
	}
}
