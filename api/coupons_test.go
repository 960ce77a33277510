package api

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/coupon"
	"github.com/cafeforme/cafeforme/internal/payment/stripe"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// fakeCoupons keeps coupons; pages are by index.
type fakeCoupons struct {
	mu     sync.Mutex
	all    []coupon.State
	member map[string]int64 // the member's uses, by code
	err    error
	// read is told of each coupon that is looked up; nobody when nil.
	read func(code string)
}

// add adds a coupon in won, unless it says otherwise.
func (f *fakeCoupons) add(c coupon.Coupon, used ...int64) {
	if c.Currency == "" {
		c.Currency = "KRW"
	}
	state := coupon.State{Coupon: c, Version: 1}
	for _, n := range used {
		state.Used = n
	}
	f.all = append(f.all, state)
}

func (f *fakeCoupons) find(code string) int {
	return slices.IndexFunc(f.all, func(s coupon.State) bool { return s.Code == code })
}

func (f *fakeCoupons) Coupon(_ context.Context, code string) (coupon.State, error) {
	if f.read != nil {
		f.read(code)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	i := f.find(code)
	switch {
	case f.err != nil:
		return coupon.State{}, f.err
	case i < 0:
		return coupon.State{}, transport.NotFound()
	}
	return f.all[i], nil
}

func (f *fakeCoupons) CouponUses(_ context.Context, code, number string) (int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if number != memberNumber {
		return 0, f.err
	}
	return f.member[code], f.err
}

func (f *fakeCoupons) ListCoupons(_ context.Context, size int, token string) ([]coupon.State, string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	from, err := fromToken(token)
	if err != nil || f.err != nil {
		return nil, "", cmp.Or(err, f.err)
	}
	to := min(from+size, len(f.all))
	if to < len(f.all) {
		return f.all[from:to], fmt.Sprint(to), nil
	}
	return f.all[from:to], "", nil
}

func (f *fakeCoupons) PutCoupon(_ context.Context, code string, edit func(coupon.State) (coupon.Coupon, error)) (coupon.State, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return coupon.State{}, f.err
	}
	var before coupon.State
	i := f.find(code)
	if i >= 0 {
		before = f.all[i]
	}
	now, err := edit(before)
	if err != nil {
		return before, err
	}
	before.Coupon, before.Version = now, before.Version+1
	if i < 0 {
		f.all = append(f.all, before)
	} else {
		f.all[i] = before
	}
	return before, nil
}

// twoLattes is an order of two lattes and an americano, for 9,000 won, with the coupon.
func twoLattes(code, more string) string {
	return `{"items":[{"product":"CafeLatte","qty":2},{"product":"IceAmericano","qty":1}],"coupon":"` + code + `"` + more + `}`
}

func TestACouponMakesAnOrderCheaper(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		coupon coupon.Coupon
		off    int64
		shares []int64
	}{
		"by an amount":                    {coupon.Coupon{Amount: 1000}, 1000, []int64{778, 222}},
		"by a percentage":                 {coupon.Coupon{Percent: 15}, 1350, []int64{1050, 300}},
		"by a percentage with a ceiling":  {coupon.Coupon{Percent: 50, MaxAmount: 900}, 900, []int64{700, 200}},
		"on some items":                   {coupon.Coupon{Percent: 10, Items: []string{"IceAmericano", "Affogato"}}, 200, []int64{0, 200}},
		"on a category":                   {coupon.Coupon{Percent: 10, Categories: []string{"milk"}}, 700, []int64{700, 0}},
		"on items and categories":         {coupon.Coupon{Percent: 10, Categories: []string{"milk"}, Items: []string{"IceAmericano"}}, 900, []int64{700, 200}},
		"by no more than it costs":        {coupon.Coupon{Amount: 5000, Items: []string{"IceAmericano"}}, 2000, []int64{0, 2000}},
		"to nothing":                      {coupon.Coupon{Percent: 100}, 9000, []int64{7000, 2000}},
		"at the smallest order":           {coupon.Coupon{Amount: 100, MinSubtotal: 9000}, 100, []int64{78, 22}},
		"at this store":                   {coupon.Coupon{Amount: 100, Stores: []string{"main"}}, 100, []int64{78, 22}},
		"on its first day there":          {coupon.Coupon{Amount: 100, From: "2026-03-03"}, 100, []int64{78, 22}},
		"on its last day there":           {coupon.Coupon{Amount: 100, From: "2026-03-01", Until: "2026-03-03"}, 100, []int64{78, 22}},
		"the last time":                   {coupon.Coupon{Amount: 100, Uses: 8}, 100, []int64{78, 22}},
		"whoever it is, as often as ever": {coupon.Coupon{Amount: 100}, 100, []int64{78, 22}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newCustomerSurface(t)
			s.clock.advance(4 * time.Hour) // 01:00 of the next day in Seoul
			s.menu.state.Catalog.Items[1].Category = "milk"
			c.coupon.Code = "SPRING-10"
			s.coupons.add(c.coupon, 7)

			quote := decodeAs[spec.Quote](s.post("/orders/quote", twoLattes("SPRING-10", "")).wants(http.StatusOK))
			require.Equal(t, 9000-c.off, quote.Total.Amount)
			placed := s.post("/orders", twoLattes(" spring-10 ", "")).wants(http.StatusCreated).order()
			require.Equal(t, 9000-c.off, placed.Total.Amount)
			require.EqualValues(t, 9000, placed.Subtotal.Amount)
			require.Equal(t, []order.Discount{{Kind: order.DiscountCoupon, Code: "SPRING-10", Amount: c.off, Shares: c.shares}}, s.orders.placed[0].Discounts)
			require.Equal(t, "SPRING-10", s.orders.placed[0].Reservation().Coupon)
		})
	}
}

func TestACouponThatCannotBeUsedSaysWhy(t *testing.T) {
	t.Parallel()
	for reason, c := range map[coupon.Reason]coupon.Coupon{
		coupon.NotYet:       {Amount: 100, From: "2026-03-04"},
		coupon.Ended:        {Amount: 100, Until: "2026-03-02"},
		coupon.OtherStore:   {Amount: 100, Stores: []string{"gangnam"}},
		coupon.MinSubtotal:  {Amount: 100, MinSubtotal: 9001},
		coupon.NoItem:       {Amount: 100, Items: []string{"Affogato"}, Categories: []string{"tea"}},
		coupon.UsedUp:       {Amount: 100, Uses: 7},
		coupon.UsedByMember: {Amount: 100, UsesPerMember: 2},
	} {
		t.Run(string(reason), func(t *testing.T) {
			t.Parallel()
			s := newCustomerSurface(t)
			s.clock.advance(4 * time.Hour)
			c.Code = "SPRING"
			s.coupons.add(c, 7)
			s.coupons.member = map[string]int64{"SPRING": 2}
			for _, path := range []string{"/orders", "/orders/quote"} {
				body := twoLattes("SPRING", `,"membership_number":"`+memberNumber+`"`)
				problem := s.post(path, body, "Authorization", "Bearer "+memberToken).refuses(http.StatusConflict, "coupon_unusable", "coupon")
				require.Equal(t, string(reason), *problem.Reason)
				require.Equal(t, reason.Sentence(), problem.Detail)
				require.NotContains(t, problem.Detail, "there is no coupon")
				require.Equal(t, reason == coupon.MinSubtotal, problem.MinSubtotal != nil)
				if problem.MinSubtotal != nil {
					require.Equal(t, spec.Money{Amount: 9001, Currency: "KRW"}, *problem.MinSubtotal)
				}
			}
			s.nothingPlaced()
		})
	}
}

func TestACouponThatWasTakenOutOfUseHasEnded(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.coupons.add(coupon.Coupon{Code: "OLD", Amount: 100, Ended: true})
	s.coupons.add(coupon.Coupon{Code: "DOLLARS", Amount: 100, Currency: "USD"})
	for _, code := range []string{"OLD", "DOLLARS"} {
		require.Equal(t, "ended", *s.post("/orders", twoLattes(code, "")).refuses(http.StatusConflict, "coupon_unusable", "coupon").Reason)
	}
	require.Equal(t, "unknown", *s.post("/orders", twoLattes("XX", "")).refuses(http.StatusConflict, "coupon_unusable", "coupon").Reason)
}

// Whoever has no token is nobody's member, whatever number the order names.
func TestACouponForMembersNeedsTheMembersToken(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.coupons.add(coupon.Coupon{Code: "ONCE", Amount: 100, UsesPerMember: 1})
	number := `,"membership_number":"` + memberNumber + `"`
	for body, token := range map[string]string{twoLattes("ONCE", ""): memberToken, twoLattes("ONCE", number): "another"} {
		require.Equal(t, "members_only", *s.post("/orders", body, "Authorization", "Bearer "+token).refuses(http.StatusConflict, "coupon_unusable", "coupon").Reason)
	}
	s.post("/orders", twoLattes("ONCE", number), "Authorization", "Bearer "+memberToken).wants(http.StatusCreated)
	require.Equal(t, memberNumber, s.orders.placed[0].Reservation().MembershipNumber)
}

// The day is the store's, not that of whoever runs the service.
func TestTheDaysOfACouponAreTheStores(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.clock.advance(4 * time.Hour) // 16:00 UTC: the 3rd in Seoul, the 2nd in New York
	s.menu.others = append(s.menu.others, &catalog.State{Store: store.State{Version: 1, Store: store.Store{
		Store: "soho", Name: order.Names{order.Korean: "소호", order.English: "Soho"}, TimeZone: "America/New_York", Currency: "KRW",
	}}})
	s.coupons.add(coupon.Coupon{Code: "TODAY", Amount: 100, From: "2026-03-02", Until: "2026-03-02"})
	require.Equal(t, "ended", *s.post("/orders", twoLattes("TODAY", "")).refuses(http.StatusConflict, "coupon_unusable", "coupon").Reason)
	s.post("/orders", twoLattes("TODAY", `,"store":"soho"`)).wants(http.StatusCreated)
}

func TestWhileTheDatabaseIsAwayOnlyOrdersWithACouponAreRefused(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.coupons.err = errDown
	for _, path := range []string{"/orders", "/orders/quote"} {
		problem := s.post(path, twoLattes("SPRING", "")).refuses(http.StatusConflict, "reservation_unavailable", "")
		require.Contains(t, problem.Detail, "nothing was charged")
	}
	s.post("/orders", twoAmericanos).wants(http.StatusCreated)
	s.coupons.err = nil
	s.coupons.add(coupon.Coupon{Code: "ONCE", Amount: 100, UsesPerMember: 1})
	s.members.err = errDown
	s.post("/orders", twoLattes("ONCE", `,"membership_number":"`+memberNumber+`"`), "Authorization", "Bearer "+memberToken).
		refuses(http.StatusConflict, "reservation_unavailable", "")
}

// A percentage leaves what the provider can charge.
func TestAPercentageIsRoundedToWhatTheProviderCharges(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t, func(c *CustomerConfig) { c.Amounts = stripe.Amounts })
	s.sells(2510, "KWD")
	s.coupons.add(coupon.Coupon{Code: "TEN", Percent: 10, Currency: "KWD"})
	quote := decodeAs[spec.Quote](s.post("/orders/quote", `{"items":[{"product":"GreenTea","qty":1}],"coupon":"TEN"}`).wants(http.StatusOK))
	require.EqualValues(t, 2260, quote.Total.Amount)
}

// Whoever tries codes out is told to stop, by their address: members as well. Those who know theirs go on.
func TestGuessesOfCouponsAreLimited(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t, func(c *CustomerConfig) {
		c.CouponLimit = 3
		c.ClientAddress = func(r *http.Request) string { return r.Header.Get("X-Client") }
	})
	s.coupons.add(coupon.Coupon{Code: "RIGHT", Amount: 100})
	s.coupons.add(coupon.Coupon{Code: "LATER", Amount: 100, From: "2027-01-01"})
	from := func(client, path, code string) *answer {
		return s.post(path, twoLattes(code, `,"membership_number":"`+memberNumber+`"`), "Authorization", "Bearer "+memberToken, "X-Client", client)
	}
	for range 5 {
		from("192.0.2.1", "/orders", "RIGHT").wants(http.StatusCreated)
		from("192.0.2.1", "/orders/quote", "LATER").refuses(http.StatusConflict, "coupon_unusable", "coupon")
	}
	for _, code := range []string{"WRONG1", "WRONG2", "WRONG3"} {
		from("192.0.2.1", "/orders/quote", code).refuses(http.StatusConflict, "coupon_unusable", "coupon")
	}
	for _, code := range []string{"WRONG4", "RIGHT"} {
		refused := from("192.0.2.1", "/orders", code)
		refused.refuses(http.StatusTooManyRequests, "rate_limited", "")
		require.Equal(t, "600", refused.header.Get("Retry-After"))
	}
	s.post("/orders", twoAmericanos, "X-Client", "192.0.2.1").wants(http.StatusCreated)
	from("198.51.100.7", "/orders", "RIGHT").wants(http.StatusCreated)
	s.clock.advance(10 * time.Minute)
	from("192.0.2.1", "/orders", "RIGHT").wants(http.StatusCreated)
}

func TestGuessesOfCouponsAtOnceAreAllCounted(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t, func(c *CustomerConfig) { c.CouponLimit = 3 })
	var wrong atomic.Int64
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			if s.post("/orders/quote", twoLattes(fmt.Sprint("WRONG", i), "")).status == http.StatusConflict {
				wrong.Add(1)
			}
		})
	}
	all.Wait()
	require.EqualValues(t, 3, wrong.Load())
}

// Of two requests under one key the second may find its coupon used by the first.
func TestARequestDoesNotLoseItsCouponToItself(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.coupons.add(coupon.Coupon{Code: "LAST", Amount: 100, Uses: 1})
	s.coupons.read = func(string) {
		s.coupons.read = nil
		s.post("/orders", twoLattes("LAST", ""), transport.IdempotencyKeyHeader, key).wants(http.StatusCreated)
		s.coupons.all[0].Used = 1
	}
	s.post("/orders", twoLattes("LAST", ""), transport.IdempotencyKeyHeader, key).wants(http.StatusCreated)
	require.Len(t, s.orders.orders, 1)
	s.post("/orders", twoLattes("LAST", ""), transport.IdempotencyKeyHeader, key+"2").refuses(http.StatusConflict, "coupon_unusable", "coupon")
}

// What an order is refused for after it was begun is told in the same words.
func TestACouponThatWasLostToOthersSaysWhy(t *testing.T) {
	t.Parallel()
	for code, reason := range map[string]coupon.Reason{
		order.RefusedCouponUnknown: coupon.Unknown, order.RefusedCouponEnded: coupon.Ended,
		order.RefusedCouponUsedUp: coupon.UsedUp, order.RefusedCouponUsedByMember: coupon.UsedByMember,
	} {
		s := newCustomerSurface(t)
		s.coupons.add(coupon.Coupon{Code: "SPRING", Amount: 100})
		s.orders.outcome = order.Event{Name: order.PaymentRefused, FailureCode: code}
		problem := s.post("/orders", twoLattes("SPRING", "")).refuses(http.StatusConflict, "coupon_unusable", "coupon")
		require.Equal(t, string(reason), *problem.Reason)
		require.Equal(t, reason.Sentence(), problem.Detail)
		require.Equal(t, code, *s.get("/orders/" + *problem.OrderID).wants(http.StatusOK).order().FailureCode)
	}
}
