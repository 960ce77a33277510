package e2e_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/tosstest"
)

// tossScript stands in for the script of Toss Payments: it keeps what the window is asked for, and
// waits for the test to do what the customer does there.
const tossScript = `
	globalThis.TossPayments = (clientKey) => ({
		payment: ({ customerKey }) => ({
			requestPayment: (request) => new Promise((_, reject) => {
				if (request.amount.value < 100) reject(Object.assign(new Error("too little"), { code: "BELOW_MINIMUM_AMOUNT" }));
				globalThis.asked = { clientKey, customerKey, ...request };
			}),
		}),
	});
	TossPayments.ANONYMOUS = "ANONYMOUS";`

// tossSite is a site whose payments go to a fake Toss Payments.
type tossSite struct {
	*site
	toss *tosstest.Server
	// scriptLost: Toss's script cannot be loaded.
	scriptLost atomic.Bool
}

func startTossSite(t *testing.T) *tossSite {
	t.Helper()
	server := tosstest.New()
	t.Cleanup(server.Close)
	return &tossSite{toss: server, site: startSite(t, env("CAFEFORME_PAYMENTS", "toss"), env("TOSS_API_BASE", server.URL),
		env("TOSS_CLIENT_KEY", tosstest.ClientKey), env("TOSS_SECRET_KEY", tosstest.SecretKey))}
}

// goToPay puts a drink into the cart, orders it, and comes to the page that opens the window.
func (s *tossSite) goToPay() (w *window, id string) {
	s.t.Helper()
	w = s.browser.payer("the customer", "ko", phoneWidth, phoneHeight)
	s.standIn(w)
	w.goTo(s.Customer + "/")
	w.click(firstAdd)
	w.click("#order")
	w.await(`location.pathname.endsWith("/pay")`, "the page that opens the window")
	w.sees("#pay-now", "2,000원 결제하기")
	return w, strings.Split(w.address(), "/")[4]
}

// standIn answers in the place of Toss's host.
func (s *tossSite) standIn(w *window) {
	s.t.Helper()
	require.NoError(s.t, chromedp.Listen(w.ctx, func(event any) {
		paused, ok := event.(*fetch.EventRequestPaused)
		if !ok {
			return
		}
		go func() { // whoever listens must not wait
			err := answerScript(w.ctx, paused.RequestID, s.scriptLost.Load())
			assert.True(s.t, err == nil || w.ctx.Err() != nil, err)
		}()
	}))
	call(w, fetch.Enable, fetch.EnableParams{Patterns: []*fetch.RequestPattern{{URLPattern: "https://js.tosspayments.com/*"}}})
}

func answerScript(ctx context.Context, request fetch.RequestID, lost bool) error {
	if lost {
		_, err := chromedp.Call(ctx, fetch.FailRequest, fetch.FailRequestParams{RequestID: request, ErrorReason: network.ErrorReasonConnectionFailed})
		return err
	}
	_, err := chromedp.Call(ctx, fetch.FulfillRequest, fetch.FulfillRequestParams{
		RequestID: request, ResponseCode: http.StatusOK, Body: []byte(tossScript),
		ResponseHeaders: []*fetch.HeaderEntry{{Name: "Content-Type", Value: "text/javascript"}},
	})
	return err
}

// windowRequest is what the window was asked for.
type windowRequest struct {
	ClientKey, CustomerKey, Method, OrderID, OrderName, SuccessURL, FailURL, WindowTarget string
	Amount                                                                                struct {
		Currency string
		Value    int64
	}
}

// openWindow presses the button, and returns what the window is asked for.
func (w *window) openWindow() windowRequest {
	w.t.Helper()
	w.click("#pay-now")
	w.await(`globalThis.asked`, "Toss's window")
	return ask[windowRequest](w, "asked")
}

// comeBack leads back from the window, as Toss does.
func (w *window) comeBack(to string, query url.Values) {
	w.t.Helper()
	w.goTo(to + "?" + query.Encode())
}

// pays has the customer pay in the window, with a card that pays or is refused when the payment is
// confirmed.
func (s *tossSite) pays(w *window, asked windowRequest, refusal string) {
	s.t.Helper()
	key := s.toss.Authenticate(asked.OrderID, asked.Amount.Value, refusal)
	w.comeBack(asked.SuccessURL, url.Values{
		"paymentType": {"NORMAL"}, "orderId": {asked.OrderID}, "paymentKey": {key}, "amount": {fmt.Sprint(asked.Amount.Value)},
	})
}

func TestPayingInTheWindowOfToss(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startTossSite(t)
	w, id := s.goToPay()
	w.sees("#items", "× 1")
	w.sees("#until", "결제해 주세요")
	w.fits()
	w.accessible()
	asked := w.openWindow()
	here := s.Customer + "/o/" + id + "/pay"
	want := windowRequest{
		ClientKey: tosstest.ClientKey, CustomerKey: "ANONYMOUS", Method: "CARD", OrderID: id, OrderName: "아이스 아메리카노",
		SuccessURL: here, FailURL: here, WindowTarget: "self",
	}
	want.Amount.Currency, want.Amount.Value = "KRW", 2000
	require.Equal(t, want, asked)
	require.Empty(t, s.toss.Money(id))

	s.pays(w, asked, "")
	w.sees("#headline", "매장에서 주문을 확인하고 있어요")
	require.Equal(t, s.Customer+"/o/"+id, w.address())
	require.Equal(t, []string{"charge 2000"}, s.toss.Money(id))
	w.goTo(here)
	w.sees("#headline", "매장에서 주문을 확인하고 있어요") // there is nothing to pay any more
	_, err := s.Act(within(t), id, "reject", map[string]any{"reason": "sold_out"})
	require.NoError(t, err)
	w.sees("#money", "환불됐어요")
	require.Equal(t, []string{"charge 2000", "refund 2000"}, s.toss.Money(id))
}

// What goes wrong in the window is said by its code, and ends nothing. The words that come with it are part of an
// address, which anybody can make: they are not shown.
func TestWhatGoesWrongInTheWindowOfToss(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startTossSite(t)
	s.scriptLost.Store(true)
	w, id := s.goToPay()
	w.click("#pay-now")
	w.sees("#notice", "결제창을 불러오지 못했어요")
	w.accessible()
	s.scriptLost.Store(false)
	asked := w.openWindow()

	const words = `지금 010-0000-0000으로 송금해 주세요.`
	w.comeBack(asked.FailURL, url.Values{"code": {"REJECT_ACCOUNT_PAYMENT"}, "message": {words}, "orderId": {id}})
	w.sees("#notice", "카드사나 은행에서 결제를 거절했어요")
	require.NotContains(t, w.textOf("body"), "송금")
	w.sees("#pay-now", "다시 시도")
	w.accessible()
	w.click("#back")
	w.sees("#headline", "아직 결제되지 않았어요")
	w.click("#pay-now")
	w.sees("#pay-now", "2,000원 결제하기")

	s.pays(w, w.openWindow(), "REJECT_CARD_PAYMENT")
	w.sees("#headline", "결제하지 못했어요")
	require.Empty(t, s.toss.Money(id))
}
