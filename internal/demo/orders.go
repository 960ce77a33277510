package demo

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/internal/apiclient"
	"github.com/cafeforme/cafeforme/internal/retry"
	"github.com/cafeforme/cafeforme/internal/store"
	"github.com/cafeforme/cafeforme/order"
)

// visit is one order, and how far it has come.
type visit struct {
	store string
	// by is the phone of whoever orders: a member's, or a guest's.
	by       string
	language order.Language
	items    []spec.OrderRequestItem
	note     string
	// until is the status that it is left in.
	until order.Status
}

// morning is what is ordered, in turn: those who came first have their drinks already.
func morning() []visit {
	return []visit{
		{store.Main, mina, order.Korean, some(one("CafeLatte", 1, "milk/oat", "temperature/iced"), one("Croissant", 1, "warming/warmed")), "", order.PickedUp},
		{store.Main, guest, order.Korean, some(one("HotAmericano", 2)), "", order.PickedUp},
		{haeundae, junho, order.Korean, some(one("VanillaLatte", 1, "size/large"), one("SaltBread", 2)), "", order.PickedUp},
		{koreatown, grace, order.English, some(one("IceAmericano", 1, "shots/extra_shot"), one("Bagel", 1, "spread/cream_cheese")), "", order.PickedUp},
		{store.Main, secondGuest, order.Korean, some(one("StrawberrySmoothie", 2)), "", order.Rejected},
		{store.Main, junho, order.Korean, some(one("Einspanner", 1)), "", order.Cancelled},
		{koreatown, guest, order.English, some(one("CafeMocha", 3)), "", order.PaymentFailed},
		{haeundae, mina, order.Korean, some(one("MatchaLatte", 1, "temperature/iced", "sweetness/less_sweet")), "", order.PickedUp},
		{store.Main, grace, order.English, some(one("ColdBrew", 1, "ice/less_ice")), "", order.Ready},
		{haeundae, guest, order.Korean, some(one("IceAmericano", 4)), "", order.Ready},
		{koreatown, secondGuest, order.English, some(one("CaramelMacchiato", 1), one("CarrotCake", 1)), "", order.Ready},
		{store.Main, mina, order.Korean, some(one("ChestnutLatte", 2, "milk/low_fat"), one("SaltBread", 1, "warming/warmed")), "", order.Accepted},
		{store.Main, secondGuest, order.Korean, some(one("IceAmericano", 3, "size/large", "shots/extra_shot"), one("CitronTea", 1)), "컵홀더도 부탁드려요", order.Accepted},
		{haeundae, grace, order.English, some(one("BlackSesameLatte", 1, "milk/soy")), "", order.Accepted},
		{koreatown, grace, order.English, some(one("CafeLatte", 2, "milk/oat", "syrup/vanilla")), "Name on the cup: Grace", order.Accepted},
		{store.Main, guest, order.Korean, some(one("HallabongAde", 1, "ice/more_ice"), one("CafeLatte", 1)), "", order.Paid},
		{haeundae, junho, order.Korean, some(one("ColdBrew", 1), one("Bagel", 1, "warming/warmed", "spread/butter", "spread/jam")), "", order.Paid},
		{koreatown, guest, order.English, some(one("DolceLatte", 1, "temperature/iced")), "", order.Paid},
		{store.Main, junho, order.Korean, some(one("Cappuccino", 1, "shots/extra_shot", "cup/own_cup"), one("CarrotCake", 1)), "10분 뒤에 갈게요", order.Paid},
	}
}

// some are the lines of one order.
func some(items ...spec.OrderRequestItem) []spec.OrderRequestItem { return items }

// one is a line of an order, with the options of each piece: "milk/oat".
func one(product string, qty int, options ...string) spec.OrderRequestItem {
	item := spec.OrderRequestItem{Product: product, Qty: qty}
	if len(options) > 0 {
		item.Options = &[]spec.OrderRequestOption{}
	}
	for _, key := range options {
		group, option, _ := strings.Cut(key, "/")
		*item.Options = append(*item.Options, spec.OrderRequestOption{Group: group, Option: option})
	}
	return item
}

// playMorning places all orders, and has each come as far as it is to. The key of each is its own, so
// that it is there once however often it is placed.
func (d *Demo) playMorning(ctx context.Context, there *made) error {
	for i, v := range morning() {
		if err := d.play(ctx, there, fmt.Sprintf("cafeforme-demo-order-%02d", i+1), v); err != nil {
			return fmt.Errorf("order %d, at %s: %w", i+1, v.store, err)
		}
	}
	return nil
}

func (d *Demo) play(ctx context.Context, there *made, key string, v visit) error {
	placed, err := d.place(ctx, there, key, v)
	switch problem := problemOf(err); {
	case v.until == order.PaymentFailed && problem.Code == "payment_declined":
		return nil
	case problem.Status == http.StatusConflict: // somebody has changed the menu or the hours meanwhile
		d.Log.Warn("an order of the demo cannot be placed any more", "store", v.store, "error", err)
		return nil
	case err != nil:
		return err
	}
	if err := d.moveOn(ctx, there.baristaOf(v.store), placed, v.until); err != nil {
		return err
	}
	_, err = d.await(ctx, placed.ID, func(o spec.Order) bool {
		return o.Refund == nil || o.Refund.Status == spec.RefundStatus(order.Refunded)
	})
	return err
}

// place places the order, and waits until it is known whether it is paid.
func (d *Demo) place(ctx context.Context, there *made, key string, v visit) (placed spec.Order, err error) {
	request := spec.OrderRequest{Store: &v.store, Items: v.items, Phone: &v.by, Language: new(spec.Language(v.language)), Note: spec.Optional(v.note)}
	header := http.Header{}
	if i := slices.IndexFunc(there.Members, func(m member) bool { return m.Phone == v.by }); i >= 0 {
		request.MembershipNumber = &there.Members[i].Number
		header = apiclient.Bearer(there.Members[i].Token)
	}
	header.Set("Idempotency-Key", key)
	if v.until == order.PaymentFailed {
		request.PaymentMethod = new(declined)
	}
	if _, err := d.call(ctx, http.MethodPost, d.Customer+"/orders", header, request, &placed); err != nil {
		return placed, err
	}
	return d.await(ctx, placed.ID, func(o spec.Order) bool { return o.Status != spec.OrderStatus(order.PaymentPending) })
}

// declined is the sandbox's card that pays for nothing.
const declined = "pm_card_chargeDeclined"

// step is what somebody does with an order, and the status that it has then.
type step struct {
	command string
	body    any
	then    order.Status
}

// way returns the steps from a paid order to one in that status.
func way(until order.Status) []step {
	making := []step{
		{"accept", spec.AcceptRequest{EtaMinutes: new(8)}, order.Accepted}, {"ready", nil, order.Ready}, {"pick-up", nil, order.PickedUp},
	}
	switch until {
	case order.Rejected:
		return []step{{"reject", spec.RejectRequest{Reason: string(order.ReasonSoldOut)}, order.Rejected}}
	case order.Cancelled:
		return []step{{"cancel", nil, order.Cancelled}}
	}
	return making[:1+slices.IndexFunc(making, func(s step) bool { return s.then == until })]
}

// moveOn has the order take the steps that it has not taken yet. One that somebody else has moved on,
// who looks at the board meanwhile, is theirs.
func (d *Demo) moveOn(ctx context.Context, barista account, placed spec.Order, until order.Status) error {
	steps := way(until)
	taken := slices.IndexFunc(steps, func(s step) bool { return spec.OrderStatus(s.then) == placed.Status })
	if taken < 0 && placed.Status != spec.OrderStatus(order.Paid) {
		return nil
	}
	for _, s := range steps[taken+1:] {
		url, header := d.Store+"/store/orders/", apiclient.Bearer(barista.Token)
		if s.then == order.Cancelled {
			url, header = d.Customer+"/orders/", nil
		}
		_, err := d.call(ctx, http.MethodPost, url+placed.ID+"/"+s.command, header, s.body, nil)
		if problemOf(err).Status == http.StatusConflict {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", s.command, err)
		}
	}
	return nil
}

// await waits until the order is as it is to be.
func (d *Demo) await(ctx context.Context, id string, so func(spec.Order) bool) (o spec.Order, err error) {
	const patience, pause = time.Minute, 50 * time.Millisecond
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("nothing has become of %s within %s", id, patience))
	defer cancel()
	for {
		o = spec.Order{}
		if _, err := d.call(ctx, http.MethodGet, d.Customer+"/orders/"+id, nil, nil, &o); err != nil {
			return o, err
		}
		if so(o) {
			return o, nil
		}
		if retry.Sleep(ctx, pause) != nil {
			return o, cmp.Or(context.Cause(ctx), ctx.Err())
		}
	}
}
