package smslimit_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/member"
	"github.com/cafeforme/cafeforme/internal/phone"
	"github.com/cafeforme/cafeforme/internal/smslimit"
	"github.com/cafeforme/cafeforme/internal/storage"
	"github.com/cafeforme/cafeforme/order"
)

const number = "+821012345678"

// sent remembers what a limited sender lets through.
type sent struct {
	texts, codes int
	err          error
}

func (s *sent) Send(context.Context, order.Text) error {
	s.texts++
	return s.err
}

func (s *sent) SendCode(context.Context, member.CodeText) error {
	s.codes++
	return s.err
}

// bench is a limited sender with what is around it.
type bench struct {
	*smslimit.Sender
	t        *testing.T
	config   smslimit.Config
	database *storage.DB
	counts   []smslimit.Count
	next     *sent
	now      time.Time
	log      bytes.Buffer

	mu      sync.Mutex
	limited map[string]int
	codes   int
}

func setup(t *testing.T, limits smslimit.Limits) *bench {
	t.Helper()
	database, err := storage.Open("sqlite:" + filepath.Join(t.TempDir(), "cafeforme.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, database.Close()) })
	require.NoError(t, database.Migrate(t.Context()))
	b := &bench{t: t, database: database, next: &sent{}, now: time.Date(2025, time.March, 3, 9, 30, 0, 0, time.UTC), limited: map[string]int{}}
	b.config = smslimit.Config{
		Next: b.next, Ledger: watched{database, b}, Limits: limits, Now: func() time.Time { return b.now },
		Limited: func(purpose string, scope smslimit.Scope) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.limited[purpose+" "+string(scope)]++
		},
		CodeSent: func() { b.codes++ },
		Log:      slog.New(slog.NewTextHandler(&b.log, nil)),
	}
	b.Sender = smslimit.NewSender(b.config)
	return b
}

// watched is the database, whose counts are looked at.
type watched struct {
	*storage.DB
	b *bench
}

func (w watched) CountText(ctx context.Context, counts []smslimit.Count, hour time.Time) (smslimit.Scope, error) {
	w.b.counts = append(w.b.counts, counts...)
	return w.DB.CountText(ctx, counts, hour)
}

// text is the text of an order's change.
func text(n int, to string) order.Text {
	return order.Text{OrderID: fmt.Sprintf("ord_%d", n), Kind: "paid", To: to, Language: order.Korean}
}

func (b *bench) code(to string) error {
	return b.SendCode(b.t.Context(), member.CodeText{To: to, Language: order.Korean, Code: "123456"})
}

// both returns limits that are the same for orders and for codes.
func both(q smslimit.Quota) smslimit.Limits { return smslimit.Limits{Orders: q, Codes: q} }

func TestTextsAndCodesToOnePhoneAreEachLimited(t *testing.T) {
	t.Parallel()
	b := setup(t, smslimit.Limits{Orders: smslimit.Quota{Phone: 2}, Codes: smslimit.Quota{Phone: 1}})
	require.NoError(t, b.Send(t.Context(), text(1, number)))
	require.NoError(t, b.Send(t.Context(), text(2, number)))
	require.NoError(t, b.code(number))

	err := b.Send(t.Context(), text(3, number))
	require.Equal(t, order.CodeRefused, order.ErrorCode(err), "a text of an order is skipped for good")
	require.Equal(t, order.CodeRateLimited, order.ErrorCode(b.code(number)))
	require.NoError(t, b.code("+821012345679"))

	require.Equal(t, sent{texts: 2, codes: 2}, *b.next)
	require.Equal(t, map[string]int{"order phone": 1, "code phone": 1}, b.limited)
	require.Equal(t, 2, b.codes)
	require.Contains(t, b.log.String(), "order_id=ord_3")

	b.now = b.now.Add(time.Hour)
	require.NoError(t, b.code(number))
}

// Whoever asks for as many codes as they can, for all phones of a country, keeps no order from
// its texts.
func TestCodesUseUpNoTextsOfOrders(t *testing.T) {
	t.Parallel()
	b := setup(t, smslimit.Limits{Orders: smslimit.Quota{Phone: 4, Country: 20, Total: 20}, Codes: smslimit.Quota{Phone: 4, Country: 20, Total: 20}})
	for i := range 7 {
		for range 5 {
			_ = b.code(fmt.Sprintf("+8210%04d5678", i))
		}
	}
	require.Equal(t, 20, b.next.codes)
	require.NotZero(t, b.limited["code country"])
	for i := range 5 {
		for _, kind := range []order.TextKind{"paid", "accepted", "ready", "picked_up"} {
			one := text(i, fmt.Sprintf("+8210%04d5678", i))
			one.Kind = kind
			require.NoError(t, b.Send(t.Context(), one))
		}
	}
	require.Equal(t, 20, b.next.texts)
	require.Equal(t, order.CodeRefused, order.ErrorCode(b.Send(t.Context(), text(9, number))), "orders have their limit all the same")
}

func TestCodesHaveAQuarterOfTheTextsOfOrders(t *testing.T) {
	t.Parallel()
	orders, codes := smslimit.Default.Orders, smslimit.Default.Codes
	require.Equal(t, []int{4 * codes.Prefix, 4 * codes.Country, 4 * codes.Total}, []int{orders.Prefix, orders.Country, orders.Total})
	require.Less(t, codes.Phone, orders.Phone)
}

func TestAPhoneGetsSixCodesAnHourAndTwelveADayAndItsTextsOfOrders(t *testing.T) {
	t.Parallel()
	b := setup(t, smslimit.Default)
	b.now = time.Date(2025, time.March, 3, 0, 30, 0, 0, time.UTC)
	for hour, most := range []int{6, 12, 12, 12, 12} {
		for range 8 {
			_ = b.code(number)
		}
		require.Equal(t, most, b.next.codes, "hour %d", hour)
		b.now = b.now.Add(time.Hour)
	}
	require.Equal(t, 24, b.limited["code day"])
	for i := range 12 {
		require.NoError(t, b.Send(t.Context(), text(i, number)))
	}
	require.NoError(t, b.code("+821012345679"))
	b.now = time.Date(2025, time.March, 4, 0, 0, 0, 0, time.UTC)
	require.NoError(t, b.code(number), "the next day begins anew")
}

func TestEveryScopeIsLimited(t *testing.T) {
	t.Parallel()
	for scope, quota := range map[string]smslimit.Quota{"prefix": {Prefix: 3}, "country": {Country: 3}, "total": {Total: 3}} {
		b := setup(t, both(quota))
		for i := range 5 {
			err := b.code(fmt.Sprintf("+82101234567%d", i))
			require.Equal(t, i >= 3, err != nil, "%s: %v", scope, err)
		}
		require.Equal(t, map[string]int{"code " + scope: 2}, b.limited)
		other := map[string]string{"prefix": "+821099995678", "country": "+819012345678"}[scope]
		if other != "" {
			b.config.Countries = phone.Countries{"KR", "JP"}
			require.NoError(t, smslimit.NewSender(b.config).SendCode(t.Context(), member.CodeText{To: other, Language: order.Korean, Code: "1"}), scope)
		}
	}
}

func TestATextThatIsTriedAgainCountsOnce(t *testing.T) {
	t.Parallel()
	b := setup(t, both(smslimit.Quota{Phone: 2}))
	b.next.err = &order.Error{Code: order.CodeUnavailable, Message: "the provider is away"}
	for range 5 {
		require.ErrorIs(t, b.Send(t.Context(), text(1, number)), b.next.err)
	}
	b.next.err = nil
	require.NoError(t, b.Send(t.Context(), text(1, number)))
	require.NoError(t, b.Send(t.Context(), text(2, number)))
	require.Empty(t, b.limited)
}

func TestNumbersThatGetNoTextsAreSentNoneWhoeverAsks(t *testing.T) {
	t.Parallel()
	for _, limits := range []smslimit.Limits{{}, smslimit.Default} {
		b := setup(t, limits)
		for _, to := range []string{"+8223123456", "+12125550123", "+881612345678", "010", ""} {
			require.Equal(t, order.CodeRefused, order.ErrorCode(b.code(to)), to)
			require.Equal(t, order.CodeRefused, order.ErrorCode(b.Send(t.Context(), text(1, to))), to)
		}
		require.Zero(t, *b.next)
		require.Equal(t, map[string]int{"order number": 5, "code number": 5}, b.limited)
	}
}

func TestABusyCafeIsNotLimited(t *testing.T) {
	t.Parallel()
	b := setup(t, smslimit.Default)
	for i := range 300 {
		for _, kind := range []order.TextKind{"paid", "accepted", "ready", "picked_up"} {
			one := text(i, fmt.Sprintf("+82101234%04d", i))
			one.Kind = kind
			require.NoError(t, b.Send(t.Context(), one))
		}
	}
	require.Equal(t, 1200, b.next.texts)
}

func TestTheCountsHoldNoPhoneAndAreAsOneInAllProcesses(t *testing.T) {
	t.Parallel()
	b := setup(t, both(smslimit.Quota{Phone: 1, Day: 1}))
	require.NoError(t, b.code(number))
	require.NotEmpty(t, b.counts)
	for _, count := range b.counts {
		require.NotContains(t, count.Key, "12345678")
	}
	require.Error(t, smslimit.NewSender(b.config).SendCode(t.Context(), member.CodeText{To: number, Language: order.Korean, Code: "1"}), "another process")

	other := setup(t, both(smslimit.Quota{Phone: 1, Day: 1}))
	require.NoError(t, other.code(number))
	require.NotEqual(t, b.counts[0].Key, other.counts[0].Key, "the hash is keyed, with the secret of the database")
}

func TestWithoutLimitsNothingIsCounted(t *testing.T) {
	t.Parallel()
	b := setup(t, smslimit.Limits{})
	require.NoError(t, b.database.Close())
	require.NoError(t, b.code(number))
	require.NoError(t, b.Send(t.Context(), text(1, number)))
}

func TestNothingIsSentThatCannotBeCounted(t *testing.T) {
	t.Parallel()
	b := setup(t, smslimit.Default)
	require.NoError(t, b.database.Close())
	require.Error(t, b.code(number))
	require.Error(t, b.Send(t.Context(), text(1, number)))
	require.Zero(t, *b.next)
}

func TestLimitsAreReadFromOneVariable(t *testing.T) {
	t.Parallel()
	codes := smslimit.Default.Codes
	for value, want := range map[string]smslimit.Limits{
		"off": {}, "phone=20": {smslimit.Quota{Phone: 20, Prefix: 1500, Country: 2500, Total: 3000}, codes},
		"prefix=off, total=9,country=8": {smslimit.Quota{Phone: 12, Country: 8, Total: 9}, codes},
		"day=40,code_phone=7,code_day=off,code_total=7": {
			smslimit.Quota{Phone: 12, Day: 40, Prefix: 1500, Country: 2500, Total: 3000}, smslimit.Quota{Phone: 7, Prefix: 375, Country: 625, Total: 7},
		},
	} {
		limits, err := smslimit.Parse(value)
		require.NoError(t, err)
		require.Equal(t, want, limits, value)
	}
	for _, wrong := range []string{"", "12", "phone", "phone=0", "phone=-1", "phone=x", "text=1", "number=1", "code_=1", "code_text=1", "phone=1,,", "phone=99999999999"} {
		_, err := smslimit.Parse(wrong)
		require.Error(t, err, "%q", wrong)
	}
}
