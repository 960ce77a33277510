package api

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"github.com/cafeforme/cafeforme/api/abuse"
	"github.com/cafeforme/cafeforme/api/slots"
	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/api/views"
	"github.com/cafeforme/cafeforme/internal/brand"
	"github.com/cafeforme/cafeforme/internal/catalog"
	"github.com/cafeforme/cafeforme/internal/limits"
	"github.com/cafeforme/cafeforme/internal/money"
	"github.com/cafeforme/cafeforme/internal/readmodel"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

const (
	// placingTimeout bounds a request for an order, whatever is away: the look-up
	// of its key and the wait for its payment together.
	placingTimeout = 12 * time.Second
)

// ordersResource is the customers' resource /orders.
type ordersResource struct {
	orders   Orders
	members  Members
	methods  PaymentMethods
	amounts  money.Provider
	menu     *menuCache
	stores   *storesResource
	slots    slots.Book
	finder   readmodel.Finder
	commands orderCommands

	secret        []byte
	terms         order.Terms
	pointValues   order.PointValues
	brand         func(context.Context) brand.Brand
	publicURL     string
	provider      string
	defaultMethod string
	countries     countries
	phones        *transport.Limiter
	declines      abuse.Declines
	coupons       Coupons
	guesses       abuse.CouponGuesses
	client        func(*http.Request) string
	now           func() time.Time
	log           *slog.Logger
}

func (o *ordersResource) Register(router *mux.Router) {
	transport.Post(router, "/orders", o.place)
	transport.Post(router, "/orders/quote", o.quote)
	transport.Get(router, "/orders/{id}", o.show)
	transport.Post(router, "/orders/{id}/cancel", o.cancel)
}

// place is POST /orders. An earlier order under the same key is looked up
// before anything that can change is checked: menu, hours, prices.
func (o *ordersResource) place(w http.ResponseWriter, r *http.Request) error {
	request, err := o.read(r)
	if err != nil {
		return err
	}
	key, err := transport.IdempotencyKey(r.Header)
	if err != nil {
		return err
	}
	request.proof = o.prove(r, request.MembershipNumber)
	snapshot, err := o.placeOnce(r, request, key)
	if err != nil {
		return err
	}
	if snapshot.FailureCode == order.RefusedSlot {
		return transport.WithOrderID(o.slotFull(r.Context(), snapshot), snapshot.ID)
	}
	return respondPlaced(w, r, snapshot)
}

// read returns the request's body, its form checked.
func (o *ordersResource) read(r *http.Request) (orderRequest, error) {
	var body spec.OrderRequest
	if err := transport.DecodeBody(r, &body); err != nil {
		return orderRequest{}, err
	}
	return checkOrderRequest(body, o.defaultMethod, o.countries)
}

// placeOnce returns the order that the request has led to, now or earlier, and counts it if
// its payment was declined.
func (o *ordersResource) placeOnce(r *http.Request, request orderRequest, key string) (order.Snapshot, error) {
	ctx, cancel := context.WithTimeout(r.Context(), placingTimeout)
	defer cancel()
	placement, payer := order.Placement{ID: newOrderID(o.secret, key), RequestHash: request.hash()}, o.payer(r, request)
	placement.OrderURL = o.orderURL(r, placement.ID)
	transport.RequestLogOf(r).OrderID = placement.ID
	snapshot, err := o.placeOrFind(ctx, placement, request, key != "", payer)
	if err == nil {
		o.declines.Note(payer, snapshot)
	}
	return snapshot, err
}

// orderURL returns the address of the order's page at the site's own address, or else at that under
// which this customer has reached it.
func (o *ordersResource) orderURL(r *http.Request, id string) string {
	site := o.publicURL
	if site == "" {
		scheme := "http"
		if r.TLS != nil {
			scheme = "https"
		}
		site = scheme + "://" + r.Host
	}
	return site + strings.Replace(orderPagePath, "{id}", id, 1)
}

// placeOrFind returns the order that the request has led to, now or earlier. While
// nobody can tell whether there is an earlier order, placing it does: it joins
// the order that is there. But what the menu has against the request is no answer
// then, since the order may have been placed under an older one.
func (o *ordersResource) placeOrFind(ctx context.Context, placement order.Placement, request orderRequest, keyed bool, payer string) (order.Snapshot, error) {
	var unknown error
	if keyed {
		snapshot, found, err := o.earlier(ctx, placement)
		switch {
		case found:
			return snapshot, err
		case order.ErrorCode(err) == order.CodeUnavailable:
			unknown = err
		case err != nil:
			return order.Snapshot{}, err
		}
	}
	if err := o.declines.Check(payer); err != nil {
		return order.Snapshot{}, err
	}
	err := o.fill(ctx, &placement, request)
	if keyed && mayBeTakenByItself(err) {
		if snapshot, found, err := o.earlier(ctx, placement); found {
			return snapshot, err
		}
	}
	if err != nil {
		return order.Snapshot{}, cmp.Or(unknown, err)
	}
	return o.start(ctx, placement)
}

// earlier returns what has become of an earlier order under the placement's key, and false where there is
// none, or nobody can tell. It waits for its payment.
func (o *ordersResource) earlier(ctx context.Context, placement order.Placement) (order.Snapshot, bool, error) {
	earlier, found, err := o.finder.Earlier(ctx, placement.ID)
	if err != nil || !found {
		return order.Snapshot{}, false, err
	}
	if earlier.RequestHash != placement.RequestHash || earlier.Status != order.PaymentPending {
		earlier, err = sameRequest(earlier, placement.RequestHash)
		return earlier, true, err
	}
	earlier, err = o.start(ctx, o.replay(ctx, earlier, placement.OrderURL))
	return earlier, true, err
}

// start places the order. Another request under the same key may have been
// faster: then its order is what comes back.
func (o *ordersResource) start(ctx context.Context, placement order.Placement) (order.Snapshot, error) {
	snapshot, err := o.orders.Place(ctx, placement)
	if err != nil {
		return order.Snapshot{}, err
	}
	return sameRequest(snapshot, placement.RequestHash)
}

// sameRequest refuses an order that another request has led to.
func sameRequest(snapshot order.Snapshot, hash string) (order.Snapshot, error) {
	if snapshot.RequestHash != hash {
		return order.Snapshot{}, transport.FieldError(transport.CodeIdempotencyKeyReused, transport.IdempotencyKeyHeader, "has already been used for another request")
	}
	return snapshot, nil
}

// replay returns the placement of an order whose payment is still running, so
// that placing it again waits for its outcome.
func (o *ordersResource) replay(ctx context.Context, s order.Snapshot, orderURL string) order.Placement {
	return order.Placement{
		ID: s.ID, Store: s.Store, Items: s.Items, Discounts: s.Discounts, PickupAt: s.PickupAt, Summary: orderSummary(s.Items), PageSummary: summaryOnPage(s.PaymentMethod, s.Items, s.Language),
		Phone: s.Phone, MembershipNumber: s.MembershipNumber,
		Provider: s.Provider, PaymentMethod: s.PaymentMethod, OrderURL: orderURL, Note: s.Note, Language: s.Language,
		Terms: o.termsNow(ctx, s.Store, s.PickupAt), RequestHash: s.RequestHash,
	}
}

// fill checks the request against the menu, the members and the payment
// methods, and completes the placement with it.
func (o *ordersResource) fill(ctx context.Context, p *order.Placement, request orderRequest) error {
	if !o.methods.KnownMethod(request.PaymentMethod) {
		return unknownMethod()
	}
	menu, err := o.menuOf(ctx, request)
	if err != nil {
		return err
	}
	bill, err := o.bill(ctx, request, menu)
	if err != nil {
		return err
	}
	p.Items, p.Discounts, p.PickupAt = bill.Lines, bill.Discounts, request.PickupAt
	if err := o.checkRoom(ctx, request, menu); err != nil {
		return err
	}
	if err := o.checkMember(ctx, p.ID, request); err != nil {
		return err
	}
	if err := o.limitPhone(request.Phone); err != nil {
		return err
	}
	p.Store, p.Summary = request.store(), orderSummary(p.Items)
	p.Phone, p.MembershipNumber = request.Phone, request.MembershipNumber
	p.Provider, p.PaymentMethod = o.provider, request.PaymentMethod
	p.PageSummary = summaryOnPage(request.PaymentMethod, p.Items, request.Language)
	p.Note, p.Language, p.Terms = request.Note, request.Language, o.termsNow(ctx, p.Store, p.PickupAt)
	if request.Points > 0 {
		p.Terms.PointValue = o.pointValues.In(currencyOf(bill))
	}
	return nil
}

// price returns the lines of the order, which can be had now and paid for.
func (o *ordersResource) price(request orderRequest, menu catalog.Menu) ([]order.Line, error) {
	lines, err := menu.Lines(wantedLines(request.Items))
	if changed := new(catalog.PriceChangedError); errors.As(err, &changed) {
		return nil, transport.WithMembers(err, func(p *spec.Problem) {
			p.Line, p.Price = &changed.Line, new(spec.Money(changed.Price))
		})
	}
	if order.ErrorCode(err) == catalog.CodeStoreClosed {
		return nil, transport.WithMembers(err, func(p *spec.Problem) { p.OpensAt = spec.Optional(menu.Opening.OpensAt) })
	}
	if err != nil {
		return nil, err
	}
	return lines, nil
}

// checkTotal refuses an order whose total can never be charged, whatever it is
// paid with.
func (o *ordersResource) checkTotal(bill order.Bill) error {
	total, err := bill.Total()
	if err != nil {
		return err
	}
	if err := o.amounts.CheckTotal(total.Amount, total.Currency); err != nil {
		return transport.InvalidField("total", err.Error())
	}
	return nil
}

// limitPhone keeps strangers from flooding somebody's phone with texts.
func (o *ordersResource) limitPhone(phone string) error {
	if phone == "" {
		return nil
	}
	return o.phones.Take(phone, "too many orders for this phone number; try again later")
}

// menuOf returns the menu of the store that is to make what is asked for: as it is now, or when that is
// picked up. It fails when nothing can be picked up then.
func (o *ordersResource) menuOf(ctx context.Context, request orderRequest) (catalog.Menu, error) {
	state, err := o.menu.state(ctx, request.store())
	if order.ErrorCode(err) == order.CodeNotFound {
		return catalog.Menu{}, transport.InvalidField("store", "must be one of the stores")
	}
	if err != nil || request.PickupAt == nil {
		return state.Menu(o.now()), err
	}
	if err := o.slots.Check(state.Store, *request.PickupAt); err != nil {
		return catalog.Menu{}, err
	}
	menu := state.Menu(request.PickupAt.In(o.now().Location()))
	menu.Open = true
	return menu, nil
}

// termsNow returns the terms of an order that is placed now, with the clock and the name of its
// store. Those of one for later say how long the store takes for it, and how much it makes at a time.
func (o *ordersResource) termsNow(ctx context.Context, slug string, pickupAt *time.Time) order.Terms {
	terms, name := o.terms, o.brand(ctx)
	terms.Brand = name.Names()
	state, several, err := o.stores.recent(ctx, slug)
	if err != nil { // an order that there is already has terms of its own
		o.log.WarnContext(ctx, "the store of an order cannot be read; its times are in the configured zone", "store", slug, "error", err)
		return terms.InZone(o.now(), o.now().Location())
	}
	if several {
		terms.Brand = name.AtStore(state.Name)
	}
	terms.TaxRate = state.TaxRate()
	if pickupAt != nil {
		terms.PrepareWithin, terms.CupsPerSlot = state.PrepareWithin(), state.Capacity()
	}
	return terms.InZone(o.now(), state.Zone(o.now().Location()))
}

// respondPlaced answers with the outcome of the order's payment.
func respondPlaced(w http.ResponseWriter, r *http.Request, snapshot order.Snapshot) error {
	if snapshot.Status == order.PaymentFailed {
		return transport.WithOrderID(unpaidError(snapshot.FailureCode), snapshot.ID)
	}
	status := http.StatusCreated
	if snapshot.Status == order.PaymentPending {
		status = http.StatusAccepted
	}
	w.Header().Set("Location", "/orders/"+snapshot.ID)
	return transport.RespondJSON(w, r, status, views.CustomerOrder(asPaid(snapshot)))
}

// asPaid returns an order that waits for the store as it was when it was paid,
// so that a request that is repeated meanwhile, or sent many times at once, gets
// equal answers: the pick-up number comes a moment later, and is the tracking's.
func asPaid(s order.Snapshot) order.Snapshot {
	if s.Status != order.Paid {
		return s
	}
	s.PickupNumber, s.OfferedAt = nil, nil
	s.Timeline = slices.DeleteFunc(slices.Clone(s.Timeline), func(e order.Entry) bool { return e.Status == order.Paid && e.Note != "" })
	return s
}

// show is GET /orders/{id}.
func (o *ordersResource) show(w http.ResponseWriter, r *http.Request) error {
	id, err := transport.PathOrderID(r)
	if err != nil {
		return err
	}
	snapshot, err := o.finder.Find(r.Context(), id)
	if err != nil {
		return err
	}
	return transport.RespondJSON(w, r, http.StatusOK, views.CustomerOrder(snapshot))
}

// cancel is POST /orders/{id}/cancel.
func (o *ordersResource) cancel(w http.ResponseWriter, r *http.Request) error {
	return o.commands.give(w, r, order.Cancel, readCancel)
}

// readCancel reads the input of a cancel.
func readCancel(r *http.Request) (workflows.Command, error) {
	var body spec.CancelRequest
	if err := transport.DecodeOptionalBody(r, &body); err != nil {
		return workflows.Command{}, err
	}
	var c inputChecks
	return workflows.Command{
		Actor:     order.ActorCustomer,
		Reason:    c.OptionalText("reason", body.Reason, limits.Reason),
		CommandID: c.commandID(body.CommandID),
	}, c.Err
}
