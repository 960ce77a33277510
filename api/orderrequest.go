package api

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/order"
)

// orderRequest is a request for an order: its form checked, its defaults filled
// in. Its JSON is what request hashes are taken of; fields that are added later
// must be left out of it while they are empty.
type orderRequest struct {
	Items            []spec.OrderRequestItem `json:"items"`
	Phone            string                  `json:"phone,omitempty"`
	MembershipNumber string                  `json:"membership_number,omitempty"`
	PaymentMethod    string                  `json:"payment_method"`
	Note             string                  `json:"note,omitempty"`
	Language         order.Language          `json:"language"`

	// proof is whether the member is who orders. It is no part of what is ordered.
	proof memberProof
}

// hash tells the request from others under the same key. It is taken of what
// the request means: how its JSON was written makes no difference.
func (r orderRequest) hash() string {
	canonical, err := json.Marshal(r)
	if err != nil {
		panic(fmt.Errorf("encode a request: %w", err))
	}
	sum := sha256.Sum256(canonical)
	return hex.EncodeToString(sum[:])
}

// checkOrderRequest checks the request's form.
func checkOrderRequest(body spec.OrderRequest, defaultMethod string, allowed countries) (orderRequest, error) {
	var c checks
	c.items(body.Items)
	request := orderRequest{
		Items:            body.Items,
		Phone:            c.optionalPhone("phone", body.Phone, allowed),
		MembershipNumber: c.membershipNumber("membership_number", body.MembershipNumber),
		PaymentMethod: c.match("payment_method", body.PaymentMethod, visible, maxPaymentMethod,
			"must be a payment method that the store knows"),
		Note:     c.optionalText("note", body.Note, maxNote),
		Language: c.language("language", body.Language),
	}
	if body.PaymentMethod == nil {
		request.PaymentMethod = defaultMethod
	}
	return request, c.err
}

func (c *checks) items(items []spec.OrderRequestItem) {
	c.that(len(items) > 0 && len(items) <= maxItems, "items", fmt.Sprintf("must be 1 to %d items", maxItems))
	for i, item := range items {
		c.between(element("items", i)+".qty", int64(item.Qty), 1, maxQty)
	}
}
