package api

import (
	"context"
	"time"

	"github.com/cafeforme/cafeforme/order"
)

// memberTimeout is how long placing an order waits for what the database knows of its
// member.
const memberTimeout = time.Second

// checkMember refuses a number that belongs to nobody. With the member's token the
// order is the member's own; without it, or with another one, it earns points for the
// number, and nothing else. While the database cannot tell, the number is taken as it
// is: it shows when points are credited, and the order is nobody's own.
func (o *orders) checkMember(ctx context.Context, id string, request orderRequest) error {
	if request.MembershipNumber == "" {
		return nil
	}
	_, err := bounded(ctx, memberTimeout, func(ctx context.Context) (order.Member, error) {
		return o.claimOrder(ctx, id, request)
	})
	if order.ErrorCode(err) == order.CodeNotFound {
		return invalid("membership_number", "belongs to nobody: there is no such member")
	}
	if err != nil {
		o.log.WarnContext(ctx, "an order is placed without a look at its member", "error", err)
	}
	return nil
}

// claimOrder returns the member of the request, or CodeNotFound, and makes the order
// the member's own if the request has their token.
func (o *orders) claimOrder(ctx context.Context, id string, request orderRequest) (order.Member, error) {
	number := request.MembershipNumber
	if request.token != "" {
		switch err := o.members.Authenticate(ctx, number, request.token, o.now()); order.ErrorCode(err) {
		case "":
			return order.Member{MembershipNumber: number}, o.members.ClaimOrder(ctx, number, id)
		case order.CodeUnauthorized, order.CodeNotFound:
		default:
			return order.Member{}, err
		}
	}
	return o.members.Member(ctx, number)
}
