package api

import (
	"fmt"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/limits"
)

// What clients read in openapi.yaml is what is checked.
func TestTheSpecificationStatesTheLimits(t *testing.T) {
	t.Parallel()
	doc, _ := contract()
	field := func(schema, name string) *openapi3.Schema {
		property := doc.Components.Schemas[schema].Value.Properties[name]
		require.NotNil(t, property, "%s.%s", schema, name)
		return property.Value
	}
	key := doc.Paths.Find("/orders").Post.Parameters.GetByInAndName("header", transport.IdempotencyKeyHeader).Schema.Value
	for _, c := range []struct {
		limit   int
		lengths []*uint64
	}{
		{limits.Note, []*uint64{field("OrderRequest", "note").MaxLength}},
		{limits.Reason, []*uint64{field("CancelRequest", "reason").MaxLength, field("RejectRequest", "reason").MaxLength}},
		{limits.Name, []*uint64{field("SignUpRequest", "name").MaxLength, field("SignInRequest", "name").MaxLength, field("Names", "ko").MaxLength}},
		{limits.Phone, []*uint64{field("OrderRequest", "phone").MaxLength, field("CodeRequest", "phone").MaxLength}},
		{limits.Code, []*uint64{field("SignInRequest", "code").MaxLength, field("EraseRequest", "code").MaxLength}},
		{limits.MembershipNumber, []*uint64{field("OrderRequest", "membership_number").MaxLength}},
		{limits.PaymentMethod, []*uint64{field("OrderRequest", "payment_method").MaxLength}},
		{limits.PaymentKey, []*uint64{field("PaymentReturn", "payment_key").MaxLength}},
		{limits.CommandID, []*uint64{doc.Components.Schemas["CommandID"].Value.MaxLength}},
		{limits.MaxIdempotencyKey, []*uint64{key.MaxLength}},
		{limits.PageToken, []*uint64{doc.Components.Parameters["PageToken"].Value.Schema.Value.MaxLength}},
		{limits.CouponNames, []*uint64{field("CouponRequest", "stores").MaxItems, field("CouponRequest", "categories").MaxItems, field("CouponRequest", "items").MaxItems}},
		{limits.Items, []*uint64{field("OrderRequest", "items").MaxItems}},
	} {
		for _, length := range c.lengths {
			require.EqualValues(t, c.limit, *length)
		}
	}
	upload := doc.Paths.Find("/store/images").Post.Description
	require.Contains(t, upload, fmt.Sprintf("%d MiB, %d million pixels and 10,000 pixels on a side", limits.ImageBody>>20, limits.ImagePixels/1_000_000))
	require.Equal(t, 10_000, limits.ImageSide)
	require.EqualValues(t, limits.MinIdempotencyKey, key.MinLength)
	for _, language := range []string{"ko", "en"} {
		require.EqualValues(t, limits.BrandName, *field("Brand", "name").Properties[language].Value.MaxLength)
	}
	for limit, most := range map[float64]*float64{
		limits.Quantity:            field("OrderRequestItem", "qty").Max,
		limits.CouponAmount:        field("CouponRequest", "amount").Max,
		limits.CouponUses:          field("CouponRequest", "uses").Max,
		limits.CouponUsesPerMember: field("CouponRequest", "uses_per_member").Max,
		limits.ETAMinutes:          field("AcceptRequest", "eta_minutes").Max,
		limits.MaxPageSize:         doc.Components.Parameters["PageSize"].Value.Schema.Value.Max,
	} {
		require.InDelta(t, limit, *most, 0)
	}
	require.EqualValues(t, limits.DefaultPageSize, doc.Components.Parameters["PageSize"].Value.Schema.Value.Default)
}
