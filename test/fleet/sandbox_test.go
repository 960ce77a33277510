package fleet

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/notify/outbox"
	"github.com/cafeforme/cafeforme/internal/payment/sandbox"
	"github.com/cafeforme/cafeforme/order"
)

// A lost answer is no lost text: what is sent again under its key is there once.
func TestTheFaultsOfTheProviders(t *testing.T) {
	t.Parallel()
	s, err := openSandbox(filepath.Join(t.TempDir(), "sandbox.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.close()) })
	phone, err := outbox.Open(s.Path, "")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, phone.Close()) })
	gateway, err := sandbox.Open(s.Path)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, gateway.Close()) })
	send := func() error {
		return phone.Send(t.Context(), order.Text{OrderID: "ord_1", Kind: "paid", To: "+821012345678", Language: order.English})
	}
	sent := func() int {
		messages, err := phone.Messages(t.Context(), 10)
		require.NoError(t, err)
		return len(messages)
	}
	money := order.Money{Amount: 5000, Currency: "KRW"}
	charge := order.Charge{OrderID: "ord_1", IdempotencyKey: "c", Amount: money, PaymentMethod: "pm_card_visa"}
	_, err = gateway.Charge(t.Context(), charge)
	require.NoError(t, err)

	for _, c := range []struct {
		fault Fault
		call  func() error
		done  int
	}{
		{PhoneFault, send, 0},
		{PhoneAnswerFault, send, 1},
		{RefundFault, func() error {
			_, err := gateway.Refund(t.Context(), order.RefundRequest{OrderID: "ord_1", IdempotencyKey: "r", ChargeKey: "c", Amount: money})
			return err
		}, 1},
	} {
		require.NoError(t, s.Break(t.Context(), c.fault))
		require.Error(t, c.call(), c.fault.Name)
		require.Equal(t, c.done, sent(), c.fault.Name)
		require.NoError(t, s.Mend(t.Context(), c.fault))
		if c.fault != PhoneFault {
			require.NoError(t, c.call(), c.fault.Name)
		}
		require.Equal(t, c.done, sent(), c.fault.Name)
	}
}
