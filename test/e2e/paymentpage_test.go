package e2e_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

const paymentPage = `location.pathname.startsWith("/sandbox/pay/")`

// goToPay puts a drink into the cart, orders it, and comes to the payment page.
func (s *site) goToPay() *window {
	s.t.Helper()
	w := s.browser.payer("the customer", "en", phoneWidth, phoneHeight)
	w.goTo(s.Customer + "/")
	w.click(firstAdd)
	w.click("#order")
	w.await(paymentPage, "the payment page")
	w.sees("#pay-now", "2,000")
	return w
}

// isOffered looks at the menu until it offers the order under way: it does not when the order
// comes later than the drinks.
func (w *window) isOffered(text string) {
	w.t.Helper()
	link := fmt.Sprintf(`document.querySelector("#recent").checkVisibility() && document.querySelector("#recent").innerText.includes(%s)`, quoted(text))
	for deadline := time.Now().Add(patience); ; w.reload() {
		w.sees(firstAdd, "")
		if w.is(link) {
			return
		}
		require.True(w.t, time.Now().Before(deadline), "the menu never offers %q", text)
	}
}

// payBy chooses a card on the payment page, and pays.
func (w *window) payBy(card string) {
	w.t.Helper()
	w.click(fmt.Sprintf("[name=card][value=%s]", card))
	w.click("#pay-now")
}

// orderOf returns the order that was placed last from this window.
func (w *window) orderOf() string {
	w.t.Helper()
	return ask[string](w, `JSON.parse(localStorage["cafeforme.attempt"] ?? localStorage["cafeforme.recent"]).id ?? JSON.parse(localStorage["cafeforme.recent"])`)
}

// moved requires that this, and nothing else, has moved for the order.
func (s *site) moved(id string, want ...string) {
	s.t.Helper()
	moved, err := s.Payments(within(s.t), id)
	require.NoError(s.t, err)
	require.Equal(s.t, want, moved)
}

func TestPayingOnTheProvidersPage(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	w := s.goToPay()
	w.sees("#until", "Please pay by")
	w.sees("#summary", "1x Ice Americano")
	w.fits()
	w.accessible()
	w.click("nav a[lang=ko]")
	w.sees("#pay-now", "2,000원 결제하기")
	w.accessible()
	w.payBy("paid")
	id := w.orderID()
	w.sees("#headline", "매장에서 주문을 확인하고 있어요")
	w.seesNo("#pay")
	s.moved(id, "charge 2000")
	w.goTo(s.Customer + "/")
	w.sees("#empty", "아직 담은 메뉴가 없어요") // it was ordered
	_, err := s.Act(within(t), id, "reject", map[string]any{"reason": "sold_out"})
	require.NoError(t, err)
	w.goTo(s.Customer + "/o/" + id)
	w.sees("#money", "환불됐어요")
	s.moved(id, "charge 2000", "refund 2000")
}

func TestADeclinedCardIsFollowedByAnother(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	w := s.goToPay()
	w.payBy("declined")
	w.sees("#notice", "The card was declined")
	w.accessible()
	w.payBy("step")
	w.sees("#step", "bank")
	w.accessible()
	w.click("#refuse")
	w.sees("#notice", "The card was declined")
	w.payBy("step")
	w.click("#confirm")
	id := w.orderID()
	w.sees("#headline", "Waiting for the store")
	s.moved(id, "charge 2000")
}

// Whoever leaves the page can come back to it, from anywhere and as often as they like: it is
// one order, and one charge.
func TestLeftAndComeBackByTheLink(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	w := s.goToPay()
	page := w.address()
	w.click("#back")
	id := w.orderID()
	w.sees("#headline", "Not paid yet. Please pay by")
	w.sees("#pay", "you get all of your money back")
	w.sees("#money", "No payment has reached us yet")
	w.fits()
	w.accessible()
	s.moved(id)

	w.run(chromedp.NavigateBack()) // to the payment page, and once more, to the menu, which leads to the order
	w.await(paymentPage, "the payment page")
	w.run(chromedp.NavigateBack())
	w.sees("#headline", "Not paid yet")
	w.click(".brand") // whoever wants the menu gets it, and is offered the order
	w.isOffered("Payment pending")
	w.click("#order")
	w.await(paymentPage, "the payment page of the same order")
	require.Equal(t, page, w.address())
	w.click("#back")
	w.sees("#headline", "Not paid yet")
	second := s.browser.tab(w)
	second.goTo(s.Customer + "/") // the same order
	second.sees("#headline", "Not paid yet")

	elsewhere := s.browser.payer("the customer at home", "en", tabletWidth, tabletHeight)
	elsewhere.goTo(s.Customer + "/o/" + id)
	elsewhere.click("#pay-now")
	elsewhere.await(paymentPage, "the payment page")
	require.Equal(t, page, elsewhere.address())
	elsewhere.payBy("paid_late")
	elsewhere.sees("#headline", "Waiting for the store")
	w.sees("#headline", "Waiting for the store")
	second.sees("#headline", "Waiting for the store")
	s.moved(id, "charge 2000")
	w.goTo(page)
	w.sees("#state", "This has been paid")
	w.accessible()
}

// Whoever has filled the cart otherwise meanwhile is shown the order that is not paid, and is
// not led to a payment of other drinks.
func TestAnotherCartLeadsToTheUnpaidOrderAndNotToItsPayment(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	w := s.goToPay()
	w.click("#back")
	id := w.orderID()
	w.sees("#headline", "Not paid yet")
	w.click(".brand")
	w.isOffered("Payment pending")
	w.click(firstAdd)
	w.sees("#total", "4,000")
	w.click("#order")
	w.sees("#headline", "Not paid yet")
	require.Equal(t, id, w.orderID())
	s.moved(id)
}

func TestAnAnswerThatIsLostIsAskedForAtTheNextLook(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	w := s.goToPay()
	w.payBy("paid_unheard")
	w.sees("#notice", "leads nowhere")
	w.seesNo("#back")
	w.goTo(s.Customer + "/o/" + w.orderOf())
	w.sees("#headline", "Waiting for the store")
	s.moved(w.orderOf(), "charge 2000")
}

func TestCancelledWhileThePaymentPageIsOpen(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t)
	w := s.goToPay()
	id := w.orderOf()
	other := s.browser.tab(w)
	other.goTo(s.Customer + "/o/" + id)
	other.click("#cancel")
	other.sees("#sure-why", "Nothing has been charged yet")
	other.click("#really")
	other.sees("#headline", "Your order is cancelled")
	other.sees("#money", "You do not pay for this order")
	w.payBy("paid")
	w.sees("#state", "cannot be paid any more")
	w.click("#back")
	w.sees("#headline", "Your order is cancelled")
	s.moved(id)
	w.click("#leave")
	w.sees("#lines", "Ice Americano") // the cart is as it was
}

func TestTheTimeToPayIsUp(t *testing.T) {
	needsServers(t)
	t.Parallel()
	s := startSite(t, env("CAFEFORME_PAYMENT_ACTION_TIMEOUT", "25s"), env("CAFEFORME_PAY_WITHIN", "25s"))
	w := s.goToPay()
	id := w.orderOf()
	w.click("#back")
	w.sees("#headline", "Please pay by")
	w.sees("#headline", "The order was not paid in time")
	w.seesNo("#pay")
	o, err := s.Order(within(t), id)
	require.NoError(t, err)
	require.Equal(t, "payment_failed", o.Status)
	s.moved(id)
}
