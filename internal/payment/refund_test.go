package payment_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/order"
)

func TestWhatIsLeftOfARefund(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		amount, due, gone, want int64
	}{
		"all of it":                                {1500, 1500, 0, 1500},
		"the second part":                          {2500, 4000, 1500, 2500},
		"less, as somebody gave some back":         {1500, 1500, 1000, 500},
		"nothing, as somebody gave it back":        {1500, 1500, 1500, 0},
		"no more than the part, whatever else due": {1000, 4000, 0, 1000},
		"a request of old":                         {4000, 0, 1500, 2500},
	} {
		refund := order.RefundRequest{Amount: order.Money{Amount: c.amount, Currency: "KRW"}, Due: c.due}
		require.Equal(t, c.want, payment.RefundLeft(refund, c.gone), name)
	}
	require.Equal(t, 1, order.RefundRequest{}.Number())
	require.Equal(t, 2, order.RefundRequest{Refund: 2}.Number())
}

// Whatever somebody gives back beside them, every refund ends at what is due, unless more
// has gone already.
func TestRefundsEndAtWhatIsDue(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var due, gone int64
		for _, amount := range rapid.SliceOfN(rapid.Int64Range(1, 5000), 1, 6).Draw(t, "amounts") {
			if rapid.Bool().Draw(t, "somebody gives some back") {
				gone += rapid.Int64Range(1, 5000).Draw(t, "some")
			}
			before := gone
			due += amount
			refund := order.RefundRequest{Amount: order.Money{Amount: amount, Currency: "KRW"}, Due: due}
			gone += max(payment.RefundLeft(refund, gone), 0)
			require.Equal(t, max(due, before), gone)
		}
	})
}
