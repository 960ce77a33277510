package api

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/coupon"
	"github.com/cafeforme/cafeforme/order"
)

const spring = `{"code":"SPRING-10","currency":"KRW","percent":10,"max_amount":3000,"min_subtotal":8000,"from":"2026-03-01","until":"2026-05-31",
	"uses":1000,"uses_per_member":1,"stores":["main"],"categories":["coffee"],"items":["IceAmericano"]}`

// withCategories returns a store surface whose catalog has the category "coffee".
func withCategories(t *testing.T, options ...func(*StoreConfig)) *surface {
	t.Helper()
	s := newStoreSurface(t, options...)
	s.menu.state.Catalog.Categories = []catalog.Category{{Category: "coffee", Name: order.Names{order.Korean: "커피", order.English: "Coffee"}}}
	return s
}

func TestACouponIsMadeReadChangedAndEnded(t *testing.T) {
	t.Parallel()
	s := withCategories(t)
	s.get("/store/coupons/SPRING-10").refuses(http.StatusNotFound, "not_found", "")
	s.remove("/store/coupons/SPRING-10").refuses(http.StatusNotFound, "not_found", "")
	made := s.put("/store/coupons/SPRING-10", spring, "If-None-Match", "*").wants(http.StatusCreated)
	require.JSONEq(t, spring, string(made.body))
	tag := made.header.Get("ETag")

	read := s.get("/store/coupons/SPRING-10").wants(http.StatusOK)
	require.JSONEq(t, spring, string(read.body))
	require.Equal(t, tag, read.header.Get("ETag"))
	s.get("/store/coupons/SPRING-10", "If-None-Match", tag).wants(http.StatusNotModified)
	changed := s.put("/store/coupons/SPRING-10", `{"amount":500}`, "If-Match", tag).wants(http.StatusOK)
	require.JSONEq(t, `{"code":"SPRING-10","currency":"KRW","amount":500}`, string(changed.body))

	for _, headers := range [][]string{{"If-Match", tag}, {"If-None-Match", "*"}} {
		s.put("/store/coupons/SPRING-10", spring, headers...).refuses(http.StatusPreconditionFailed, "precondition_failed", "")
	}
	s.put("/store/coupons/AUTUMN", `{"amount":500}`, "If-Match", "*").refuses(http.StatusPreconditionFailed, "precondition_failed", "")
	s.remove("/store/coupons/SPRING-10", "If-Match", tag).refuses(http.StatusPreconditionFailed, "precondition_failed", "")
	for range 2 {
		s.remove("/store/coupons/SPRING-10").wants(http.StatusNoContent)
	}
	require.JSONEq(t, `{"code":"SPRING-10","currency":"KRW","amount":500,"ended":true}`, string(s.get("/store/coupons/SPRING-10").wants(http.StatusOK).body))
	s.put("/store/coupons/SPRING-10", `{"amount":500}`).wants(http.StatusOK)
	require.NotContains(t, string(s.get("/store/coupons/SPRING-10").wants(http.StatusOK).body), "ended")
}

func TestCouponsAreListedWithHowOftenTheyAreUsed(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t)
	require.JSONEq(t, `{"coupons":[],"next_page_token":""}`, string(s.get("/store/coupons").wants(http.StatusOK).body))
	s.coupons.add(coupon.Coupon{Code: "AUTUMN", Amount: 500, Uses: 10}, 7)
	s.coupons.add(coupon.Coupon{Code: "SPRING", Percent: 5, Ended: true})
	first := decodeAs[spec.CouponList](s.get("/store/coupons?page_size=1").wants(http.StatusOK))
	require.Equal(t, []spec.CouponSummary{{Code: "AUTUMN", Currency: "KRW", Amount: new(int64(500)), Uses: new(int64(10)), Used: 7}}, first.Coupons)
	second := decodeAs[spec.CouponList](s.get("/store/coupons?page_size=1&page_token=" + first.NextPageToken).wants(http.StatusOK))
	require.Equal(t, []spec.CouponSummary{{Code: "SPRING", Currency: "KRW", Percent: new(5), Ended: new(true)}}, second.Coupons)
	require.Empty(t, second.NextPageToken)
	s.get("/store/coupons?page_token=x").refuses(http.StatusUnprocessableEntity, "invalid_page_token", "page_token")
	s.get("/store/coupons?page_size=0").refuses(http.StatusUnprocessableEntity, "invalid_page_size", "page_size")
}

func TestACouponThatIsWrongIsToldEverything(t *testing.T) {
	t.Parallel()
	s := withCategories(t)
	problem := s.put("/store/coupons/SPRING", `{"currency":"USD","amount":-5,"percent":101,"max_amount":0,"min_subtotal":0,"from":"2026-02-30","until":"tomorrow",
		"uses":0,"uses_per_member":1001,"stores":["main","gangnam"],"categories":["tea"],"items":["IceAmericano","IceAmericano","Mocha"]}`).
		refuses(http.StatusUnprocessableEntity, "invalid_max_amount", "max_amount")
	var paths []string
	for _, e := range *problem.Errors {
		paths = append(paths, e.Path)
	}
	require.Equal(t, []string{
		"max_amount", "min_subtotal", "uses", "currency", "percent", "amount", "percent", "from", "until", "uses_per_member",
		"stores[1]", "categories[0]", "items[1]", "items[2]",
	}, paths)
	for body, field := range map[string]string{
		`{}`:                          "amount",
		`{"percent":0}`:               "percent",
		`{"amount":0}`:                "amount",
		`{"amount":1000000001}`:       "amount",
		`{"percent":1.5}`:             "percent",
		`{"percent":5,"uses":"1"}`:    "uses",
		`{"amount":5,"percent":5}`:    "percent",
		`{"amount":5,"code":"PING"}`:  "code",
		`{"amount":5,"max_amount":5}`: "max_amount",
		`{"amount":5,"from":"2026-03-02","until":"2026-03-01"}`: "until",
		`{"amount":5,"color":"red"}`:                            "color",
	} {
		a := s.put("/store/coupons/SPRING", body)
		require.Equal(t, field, *a.wants(http.StatusUnprocessableEntity).problem().Field, body)
	}
	for _, code := range []string{"AB", "spring", "A%20B", "Ü123", "A234567890123456789012345678901234567890X"} {
		s.put("/store/coupons/"+code, `{"amount":5}`).refuses(http.StatusUnprocessableEntity, "invalid_code", "code")
		s.get("/store/coupons/"+code).refuses(http.StatusNotFound, "not_found", "")
		s.remove("/store/coupons/"+code).refuses(http.StatusNotFound, "not_found", "")
	}
	require.Empty(t, s.coupons.all)
}

// What a coupon was for before may be gone from the catalog when the coupon is changed.
func TestACouponKeepsWhatIsGoneFromTheCatalog(t *testing.T) {
	t.Parallel()
	s := withCategories(t)
	s.put("/store/coupons/SPRING-10", spring).wants(http.StatusCreated)
	s.menu.state.Catalog.Categories, s.menu.state.Catalog.Items = nil, s.menu.state.Catalog.Items[1:]
	s.put("/store/coupons/SPRING-10", spring).wants(http.StatusOK)
	s.put("/store/coupons/OTHER", `{"percent":5,"categories":["coffee"]}`).refuses(http.StatusUnprocessableEntity, "invalid_categories", "categories[0]")
}

func TestACouponIsOfAmountsThatTheProviderCharges(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t, storeAtStripe)
	s.sells(2510, "KWD")
	problem := s.put("/store/coupons/SPRING", `{"amount":1255}`).refuses(http.StatusUnprocessableEntity, "invalid_amount", "amount")
	require.Contains(t, problem.Detail, "Stripe charges KWD in no smaller steps")
	s.put("/store/coupons/SPRING", `{"amount":1250}`).wants(http.StatusCreated)
}

func TestCouponsWhileTheDatabaseIsDown(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t)
	s.coupons.err = errDown
	s.get("/store/coupons").refuses(http.StatusServiceUnavailable, "unavailable", "")
	s.get("/store/coupons/SPRING").refuses(http.StatusServiceUnavailable, "unavailable", "")
	s.put("/store/coupons/SPRING", `{"amount":5}`).refuses(http.StatusServiceUnavailable, "unavailable", "")
	s.remove("/store/coupons/SPRING").refuses(http.StatusServiceUnavailable, "unavailable", "")
}
