package api

import (
	"context"
	"net/http"

	"github.com/cafeforme/cafeforme/api/access"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/deadline"
	"github.com/cafeforme/cafeforme/internal/member"
	"github.com/cafeforme/cafeforme/order"
)

// memberProof is what is known of whether a request comes from the member that it names.
type memberProof struct {
	// valid: it has the member's token.
	valid bool
	// err is why nobody could tell.
	err error
}

// prove looks at the token of a request with a membership number.
func (o *ordersResource) prove(r *http.Request, number string) memberProof {
	token, _ := access.BearerToken(r)
	if token == "" || number == "" {
		return memberProof{}
	}
	_, err := deadline.Call(r.Context(), deadline.Fallback, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, o.members.Authenticate(ctx, number, token, o.now())
	})
	switch order.ErrorCode(err) {
	case "":
		return memberProof{valid: true}
	case order.CodeUnauthorized, order.CodeNotFound:
		return memberProof{}
	default:
		return memberProof{err: err}
	}
}

// payer returns whom the request's payment is counted for, if it is declined: the member, so that
// nobody answers for others at the same address, or else the address.
func (o *ordersResource) payer(r *http.Request, request orderRequest) string {
	if request.proof.valid {
		return "member " + request.MembershipNumber
	}
	return o.client(r)
}

// checkMember refuses a number that belongs to nobody. With the member's token the
// order is the member's own; without it, or with another one, it earns points for the
// number, and nothing else. While the database cannot tell, the number is taken as it
// is: it shows when points are credited, and the order is nobody's own.
func (o *ordersResource) checkMember(ctx context.Context, id string, request orderRequest) error {
	if request.MembershipNumber == "" {
		return nil
	}
	_, err := deadline.Call(ctx, deadline.Fallback, func(ctx context.Context) (member.Member, error) {
		return o.claimOrder(ctx, id, request)
	})
	if order.ErrorCode(err) == order.CodeNotFound {
		return transport.InvalidField("membership_number", "does not exist")
	}
	if err != nil {
		o.log.WarnContext(ctx, "an order is placed without a look at its member", "error", err)
	}
	return nil
}

// claimOrder returns the member of the request, or CodeNotFound, and makes the order
// the member's own if the request has their token.
func (o *ordersResource) claimOrder(ctx context.Context, id string, request orderRequest) (member.Member, error) {
	number := request.MembershipNumber
	switch {
	case request.proof.err != nil:
		return member.Member{}, request.proof.err
	case request.proof.valid:
		return member.Member{MembershipNumber: number}, o.members.ClaimOrder(ctx, number, id)
	default:
		return o.members.Member(ctx, number)
	}
}
