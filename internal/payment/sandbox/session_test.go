package sandbox_test

import (
	"net/url"
	"path"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/internal/payment/gatewaytest"
	"github.com/cafeforme/cafeforme/internal/payment/sandbox"
	"github.com/cafeforme/cafeforme/internal/sqlite"
	"github.com/cafeforme/cafeforme/order"
)

var _ payment.PageHost = (*sandbox.Gateway)(nil)

// onPage is the charge of a customer who pays on the sandbox's page.
func onPage() order.Charge {
	charge := gatewaytest.ChargeWith(order.MethodRedirect)
	charge.OrderURL, charge.Summary, charge.Language = "https://cafe.example/o/ord_1", "2x Ice Americano", order.English
	charge.PayBy = time.Now().Add(10 * time.Minute).UTC().Truncate(time.Microsecond)
	return charge
}

// openPage charges, and returns the session that the customer is led to.
func openPage(t *testing.T, gateway *sandbox.Gateway, charge order.Charge) payment.Session {
	t.Helper()
	result, err := gateway.Charge(t.Context(), charge)
	require.NoError(t, err)
	require.NotNil(t, result.Action)
	session, err := gateway.Session(t.Context(), sessionOf(t, result.Action.URL))
	require.NoError(t, err)
	require.Equal(t, payment.SessionOpen, session.State)
	return session
}

// sessionOf returns the session of a page's address.
func sessionOf(t *testing.T, address string) string {
	t.Helper()
	page, err := url.Parse(address)
	require.NoError(t, err)
	return path.Base(page.Path)
}

// exec changes the sandbox's file behind its back, as time does.
func exec(t *testing.T, file, statement string) {
	t.Helper()
	database, err := sqlite.Open(file)
	require.NoError(t, err)
	_, err = database.ExecContext(t.Context(), statement)
	require.NoError(t, err)
	require.NoError(t, database.Close())
}

func TestThePageKnowsWhatIsPaidForAndWhereItLeadsBack(t *testing.T) {
	t.Parallel()
	gateway, charge := openSandbox(t, newPath(t)), onPage()
	result, err := gateway.Charge(t.Context(), charge)
	require.NoError(t, err)
	session := openPage(t, gateway, charge)
	require.Equal(t, &order.PaymentAction{
		Type: order.ActionRedirect, URL: "https://cafe.example/sandbox/pay/" + session.ID + "?lang=en", ExpiresAt: charge.PayBy,
	}, result.Action)
	require.Equal(t, payment.Session{
		ID: session.ID, OrderID: "ord_1", Amount: gatewaytest.Won(4000), Summary: "2x Ice Americano",
		OrderURL: charge.OrderURL, ExpiresAt: charge.PayBy, State: payment.SessionOpen,
	}, session)
}

func TestADeclinedCardLeavesThePageOpen(t *testing.T) {
	t.Parallel()
	gateway, charge := openSandbox(t, newPath(t)), onPage()
	session := openPage(t, gateway, charge)
	for range 2 {
		tried, err := gateway.Pay(t.Context(), session.ID, payment.AttemptDeclined)
		require.NoError(t, err)
		require.Equal(t, session, tried)
	}
	require.Equal(t, session, openPage(t, gateway, charge))
	paid, err := gateway.Pay(t.Context(), session.ID, payment.AttemptPaid)
	require.NoError(t, err)
	require.Equal(t, payment.SessionPaid, paid.State)
	_, err = gateway.Pay(t.Context(), session.ID, payment.AttemptPaid)
	gatewaytest.RequireCode(t, order.CodeTooLate, err)
	require.Equal(t, []payment.Movement{gatewaytest.Charged}, movements(t, gateway))
}

func TestALatePaymentIsTakenLaterAndCannotBeCalledBack(t *testing.T) {
	t.Parallel()
	file, charge := newPath(t), onPage()
	gateway := openSandbox(t, file)
	session := openPage(t, gateway, charge)
	paid, err := gateway.Pay(t.Context(), session.ID, payment.AttemptPaidLate)
	require.NoError(t, err)
	require.Equal(t, payment.SessionProcessing, paid.State)
	_, err = gateway.Pay(t.Context(), session.ID, payment.AttemptPaid)
	gatewaytest.RequireCode(t, order.CodeTooLate, err)
	_, err = gateway.Void(t.Context(), gatewaytest.VoidOf(charge))
	gatewaytest.RequireCode(t, order.CodeUnavailable, err)
	result, err := gateway.Charge(t.Context(), charge)
	require.NoError(t, err)
	require.NotNil(t, result.Action)
	require.Empty(t, movements(t, gateway))

	exec(t, file, "UPDATE sandbox_sessions SET captures_at = 1")
	void, err := gateway.Void(t.Context(), gatewaytest.VoidOf(charge))
	require.NoError(t, err)
	require.True(t, void.Captured)
	result, err = gateway.Charge(t.Context(), charge)
	require.NoError(t, err)
	require.Equal(t, void.Reference, result.Reference)
	require.Equal(t, []payment.Movement{gatewaytest.Charged}, movements(t, gateway))
}

func TestAPageWhoseTimeIsUpCannotBePaid(t *testing.T) {
	t.Parallel()
	file, charge := newPath(t), onPage()
	gateway := openSandbox(t, file)
	session := openPage(t, gateway, charge)
	exec(t, file, "UPDATE sandbox_sessions SET expires_at = 1")
	_, err := gateway.Pay(t.Context(), session.ID, payment.AttemptPaid)
	gatewaytest.RequireCode(t, order.CodeTooLate, err)
	for range 2 {
		result, err := gateway.Charge(t.Context(), charge)
		require.NoError(t, err)
		require.Equal(t, order.ChargeResult{Declined: true, DeclineCode: "session_expired"}, result)
	}
	closed, err := gateway.Session(t.Context(), session.ID)
	require.NoError(t, err)
	require.Equal(t, payment.SessionClosed, closed.State)
	require.Empty(t, movements(t, gateway))
}

// Whoever is first wins, and both hear of it.
func TestPayingAgainstVoiding(t *testing.T) {
	t.Parallel()
	for range 20 {
		gateway, charge := openSandbox(t, newPath(t)), onPage()
		session := openPage(t, gateway, charge)
		var payErr, voidErr error
		var void order.VoidResult
		var both sync.WaitGroup
		both.Go(func() { _, payErr = gateway.Pay(t.Context(), session.ID, payment.AttemptPaid) })
		both.Go(func() { void, voidErr = gateway.Void(t.Context(), gatewaytest.VoidOf(charge)) })
		both.Wait()
		require.NoError(t, voidErr)
		require.Equal(t, void.Captured, payErr == nil)
		if void.Captured {
			require.Equal(t, []payment.Movement{gatewaytest.Charged}, movements(t, gateway))
			continue
		}
		gatewaytest.RequireCode(t, order.CodeTooLate, payErr)
		require.Empty(t, movements(t, gateway))
	}
}

func TestAPageLeadsSomewhereBack(t *testing.T) {
	t.Parallel()
	gateway, charge := openSandbox(t, newPath(t)), onPage()
	for _, address := range []string{"", "/o/ord_1", "://"} {
		charge.OrderURL = address
		_, err := gateway.Charge(t.Context(), charge)
		gatewaytest.RequireCode(t, order.CodeInvalid, err)
	}
}

func TestThereIsNoOtherPage(t *testing.T) {
	t.Parallel()
	gateway := openSandbox(t, newPath(t))
	_, err := gateway.Session(t.Context(), "cs_sandbox_none")
	gatewaytest.RequireCode(t, order.CodeNotFound, err)
	_, err = gateway.Pay(t.Context(), "cs_sandbox_none", payment.AttemptPaid)
	gatewaytest.RequireCode(t, order.CodeNotFound, err)
}
