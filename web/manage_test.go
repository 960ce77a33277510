package web

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/order"
)

// Texts whose keys the back office puts together are there as well.
func TestEveryTextOfTheBackOfficeIsThere(t *testing.T) {
	t.Parallel()
	scripts := scriptSources(t)
	var keys []string
	for _, allergen := range catalog.Allergens() {
		keys = append(keys, "allergen."+allergen)
	}
	for _, kind := range []string{"item", "category", "group"} {
		keys = append(keys, "manage.edit_"+kind, "manage.new_"+kind, "manage.delete_"+kind+"_why")
	}
	for _, field := range []string{
		"name", "description", "category", "price", "option_price", "groups", "options", "available", "allergens", "calories",
		"image", "hours", "min", "max", "default", "max_qty", "logo", "accent",
		"amount", "percent", "max_amount", "min_subtotal", "from", "until", "uses", "uses_per_member", "stores", "categories", "items", "ended",
	} {
		keys = append(keys, "manage.field."+field)
	}
	for _, list := range []string{"categories", "items", "stores"} {
		keys = append(keys, "coupons.add_"+list)
	}
	for _, state := range []string{"ended", "over", "used_up", "not_yet"} {
		keys = append(keys, "coupons.state."+state)
	}
	keys = append(keys, "manage.by_you", "manage.by_them", "manage.by_both", "manage.paper_light", "manage.paper_dark")
	for _, reason := range []string{"hours", "options"} {
		keys = append(keys, "board.not_now."+reason, "board.not_now."+reason+"_until")
	}
	for _, match := range regexp.MustCompile(`/, "([a-z_]+)"|key: "([a-z_]+)"`).FindAllStringSubmatch(
		scripts["paths.js"]+scripts["controls.js"]+scripts["itemform.js"]+scripts["brandform.js"]+scripts["uploads.js"]+scripts["couponform.js"], -1) {
		keys = append(keys, "manage.wrong."+strings.Join(match[1:], ""))
	}
	for _, match := range regexp.MustCompile(`return "([a-z]+)"|\? "([a-z]+)" : ""`).FindAllStringSubmatch(scripts["refundsum.js"], -1) {
		keys = append(keys, "orders.cannot_"+strings.Join(match[1:], ""))
	}
	for _, code := range []order.Code{order.CodeRefundPending, order.CodeTooLate, order.CodeTooEarly} {
		keys = append(keys, "orders.refused_"+string(code))
	}
	for _, status := range []order.RefundStatus{order.RefundPending, order.Refunded} {
		keys = append(keys, "orders.refund_"+string(status))
	}
	for _, actor := range []string{order.ActorStore, order.ActorCustomer, order.ActorClock, order.ActorOperator, order.ActorGateway, order.ActorTemporal} {
		keys = append(keys, "orders.by."+strings.ReplaceAll(actor, " ", "_"))
	}
	require.Greater(t, len(keys), 80)
	for language, texts := range readTexts() {
		for _, key := range keys {
			require.NotEmpty(t, texts[key], "%s in %s", key, language)
		}
	}
}

func TestTheBackOfficeKnowsWhatACatalogMayHave(t *testing.T) {
	t.Parallel()
	rules := get(t, serve(Store(nil)), "/assets/x/catalogrules.js")
	require.Equal(t, http.StatusOK, rules.Code)
	for _, allergen := range catalog.Allergens() {
		require.Contains(t, rules.Body.String(), `"`+allergen+`"`)
	}
	require.Contains(t, rules.Body.String(), `"currency":"KRW"`)
}

// The board and the back office lead to each other.
func TestTheBoardAndTheBackOfficeLeadToEachOther(t *testing.T) {
	t.Parallel()
	store := serve(Store(nil))
	require.Contains(t, get(t, store, "/store").Body.String(), `<a href="/store/manage">`)
	office := get(t, store, "/store/manage").Body.String()
	require.Contains(t, office, `<a href="/store">`)
	require.Contains(t, office, `class="brand" href="/store"`)
}
