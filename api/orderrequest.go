package api

import (
	"cmp"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/limits"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// orderRequest is a request for an order: its form checked, its defaults filled
// in. Its JSON is what request hashes are taken of; fields that are added later
// must be left out of it while they are empty.
type orderRequest struct {
	// Store is empty for the first store, whether or not it was named.
	Store            string                  `json:"store,omitempty"`
	Items            []spec.OrderRequestItem `json:"items"`
	Phone            string                  `json:"phone,omitempty"`
	MembershipNumber string                  `json:"membership_number,omitempty"`
	PaymentMethod    string                  `json:"payment_method"`
	// PickupAt is nil for an order for now.
	PickupAt *time.Time `json:"pickup_at,omitempty"`
	// Coupon is the code of a coupon, in capital letters.
	Coupon string `json:"coupon,omitempty"`
	// Points are those that the member spends.
	Points   int64          `json:"points,omitempty"`
	Note     string         `json:"note,omitempty"`
	Language order.Language `json:"language"`

	// proof is whether the member is who orders. It is no part of what is ordered.
	proof memberProof
}

// store returns the store that is to make it.
func (r orderRequest) store() string { return cmp.Or(r.Store, store.Main) }

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
	var c inputChecks
	c.items(body.Items)
	request := orderRequest{
		Items:            body.Items,
		Phone:            c.optionalPhone("phone", body.Phone, allowed),
		MembershipNumber: c.membershipNumber("membership_number", body.MembershipNumber),
		PaymentMethod: c.Match("payment_method", body.PaymentMethod, transport.IsVisibleASCII, limits.PaymentMethod,
			"must be a payment method that the store knows"),
		Note:     c.OptionalText("note", body.Note, limits.Note),
		Language: c.Language("language", body.Language),
	}
	if body.PickupAt != nil {
		request.PickupAt = new(body.PickupAt.UTC())
	}
	if body.Coupon != nil {
		request.Coupon = c.couponCode("coupon", *body.Coupon)
	}
	if body.Points != nil {
		request.Points = *body.Points
		c.That(request.Points >= 0, "points", "must not be negative")
	}
	if body.PaymentMethod == nil {
		request.PaymentMethod = defaultMethod
	}
	if body.Store != nil && *body.Store != store.Main {
		c.That(store.ValidSlug(*body.Store), "store", "must be one of the stores")
		request.Store = *body.Store
	}
	return request, c.Err
}

// idBytes is the strength of an order's ID: 128 bits, since knowing the ID is
// the permission to see the order.
const idBytes = 16

// newOrderID returns the ID of the order that is placed under the key: always
// the same one, which nobody can tell without the secret. Without a key it is
// random.
func newOrderID(secret []byte, key string) string {
	random := make([]byte, idBytes)
	if key == "" {
		_, _ = rand.Read(random) // never fails: it ends the program instead
		return formatOrderID(random)
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(key))
	return formatOrderID(mac.Sum(nil)[:idBytes])
}

func formatOrderID(id []byte) string {
	encoded := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(id)
	return "ord_" + strings.ToLower(encoded)
}
