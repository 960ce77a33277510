package cafe

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// storyPatience bounds each wait of the story.
const storyPatience = time.Minute

// Story plays the life of several orders against a running system on its
// sandbox, and tells each step as a person would. It fails at the first step
// that does not go as told.
func (c *Cafe) Story(ctx context.Context, out io.Writer) error {
	s := &story{Cafe: c, out: out, phone: newPhone()}
	for _, chapter := range []func(context.Context) error{
		s.signUp, s.pickedUp, s.rejected, s.cancelled, s.tooLate, s.declined, s.takenBack,
	} {
		if err := chapter(ctx); err != nil {
			return err
		}
	}
	s.tell("\nThat is the whole story.")
	return s.lost
}

type story struct {
	*Cafe
	out    io.Writer
	phone  string
	member Member
	// lost is the first error of the teller's own output.
	lost error
}

func (s *story) tell(format string, args ...any) {
	if _, err := fmt.Fprintf(s.out, format+"\n", args...); err != nil && s.lost == nil {
		s.lost = err
	}
}

func (s *story) signUp(ctx context.Context) (err error) {
	s.tell("Mina signs up, with the phone %s.", s.phone)
	if s.member, err = s.SignUp(ctx, "Mina", s.phone); err != nil {
		return fmt.Errorf("sign up: %w", err)
	}
	s.tell("  She is member %s.", s.member.MembershipNumber)
	return nil
}

func (s *story) pickedUp(ctx context.Context) error {
	s.tell("\nShe orders two Ice Americanos and a Cafe Latte, and pays ahead.")
	o, err := s.order(ctx, "", Item{Product: "IceAmericano", Qty: 2}, Item{Product: "CafeLatte", Qty: 1})
	if err != nil {
		return err
	}
	s.tell("  Order %s is %s: %s.", o.ID, o.Status, o.Total)
	if err := s.store(ctx, o.ID, "accept", map[string]any{"eta_minutes": 5}, "accepted"); err != nil {
		return err
	}
	if err := s.pointsAre(ctx, o.Total.Amount*5/100); err != nil {
		return err
	}
	for command, status := range steps() {
		if err := s.store(ctx, o.ID, command, nil, status); err != nil {
			return err
		}
	}
	return s.phoneGot(ctx, o.ID, 4)
}

// steps yields what the store does with an accepted order.
func steps() func(func(string, string) bool) {
	return func(yield func(string, string) bool) {
		_ = yield("ready", "ready") && yield("pick-up", "picked_up")
	}
}

func (s *story) rejected(ctx context.Context) error {
	s.tell("\nThe next order the store rejects.")
	o, err := s.order(ctx, "", Item{Product: "IceAmericano", Qty: 1})
	if err != nil {
		return err
	}
	if err := s.store(ctx, o.ID, "reject", map[string]any{"reason": "out of ice"}, "rejected"); err != nil {
		return err
	}
	return s.refunded(ctx, o)
}

func (s *story) cancelled(ctx context.Context) error {
	s.tell("\nThe next one she cancels before the store has seen it.")
	o, err := s.order(ctx, "", Item{Product: "IceAmericano", Qty: 1})
	if err != nil {
		return err
	}
	if o, err = s.Cancel(ctx, o.ID); err != nil {
		return fmt.Errorf("cancel: %w", err)
	}
	s.tell("  The order is %s.", o.Status)
	return s.refunded(ctx, o)
}

func (s *story) tooLate(ctx context.Context) error {
	s.tell("\nThe next one she cancels too late.")
	o, err := s.order(ctx, "", Item{Product: "IceAmericano", Qty: 1})
	if err != nil {
		return err
	}
	if err := s.store(ctx, o.ID, "accept", nil, "accepted"); err != nil {
		return err
	}
	_, err = s.Cancel(ctx, o.ID)
	p, err := refusedWith(err, "too_late")
	if err != nil {
		return err
	}
	s.tell("  %d %s: the order is %s. She will have to drink it.", p.Status, p.Code, p.OrderStatus)
	for command, status := range steps() {
		if err := s.store(ctx, o.ID, command, nil, status); err != nil {
			return err
		}
	}
	return nil
}

func (s *story) declined(ctx context.Context) error {
	s.tell("\nThen her card is declined.")
	_, err := s.order(ctx, "pm_card_chargeDeclined", Item{Product: "IceAmericano", Qty: 1})
	p, err := refusedWith(err, "payment_declined")
	if err != nil {
		return err
	}
	s.tell("  %d %s. Nothing was charged.", p.Status, p.Code)
	return s.moneyIs(ctx, p.OrderID)
}

func (s *story) takenBack(ctx context.Context) error {
	s.tell("\nThe last one the store accepts, and then cannot make after all.")
	before, err := s.Points(ctx, s.member)
	if err != nil {
		return err
	}
	o, err := s.order(ctx, "", Item{Product: "CafeLatte", Qty: 2})
	if err != nil {
		return err
	}
	if err := s.store(ctx, o.ID, "accept", nil, "accepted"); err != nil {
		return err
	}
	if err := s.pointsAre(ctx, before+o.Total.Amount*5/100); err != nil {
		return err
	}
	if err := s.store(ctx, o.ID, "reject", map[string]any{"reason": "the machine broke"}, "rejected"); err != nil {
		return err
	}
	if err := s.pointsAre(ctx, before); err != nil {
		return err
	}
	return s.refunded(ctx, o)
}

// order places an order as the member.
func (s *story) order(ctx context.Context, method string, items ...Item) (Order, error) {
	o, err := s.PlaceOrder(ctx, NewOrder{
		Items: items, Phone: s.phone, MembershipNumber: s.member.MembershipNumber, PaymentMethod: method,
	}, "story-"+rand.Text())
	if err != nil {
		return o, fmt.Errorf("place the order: %w", err)
	}
	if o.Status != "paid" {
		return o, fmt.Errorf("order %s is %s, want paid", o.ID, o.Status)
	}
	return o, nil
}

// store gives a command as the staff.
func (s *story) store(ctx context.Context, id, command string, body map[string]any, want string) error {
	o, err := s.Act(ctx, id, command, body)
	if err != nil {
		return fmt.Errorf("%s: %w", command, err)
	}
	if o.Status != want {
		return fmt.Errorf("after %s the order is %s, want %s", command, o.Status, want)
	}
	s.tell("  The store says %s: the order is %s.", command, o.Status)
	return nil
}

// refunded waits for the order's refund.
func (s *story) refunded(ctx context.Context, o Order) error {
	ctx, cancel := context.WithTimeout(ctx, storyPatience)
	defer cancel()
	if _, err := s.Await(ctx, o.ID, func(o Order) bool { return o.Refund != nil && o.Refund.Status == "refunded" }); err != nil {
		return err
	}
	s.tell("  Her %s are back.", o.Total)
	return s.moneyIs(ctx, o.ID, fmt.Sprint("charge ", o.Total.Amount), fmt.Sprint("refund ", o.Total.Amount))
}

// moneyIs requires the movements of an order's money.
func (s *story) moneyIs(ctx context.Context, id string, want ...string) error {
	got, err := s.Payments(ctx, id)
	if err != nil {
		return err
	}
	if !slices.Equal(got, want) {
		return fmt.Errorf("order %s moved %v, want %v", id, got, want)
	}
	return nil
}

// pointsAre waits for the member's balance.
func (s *story) pointsAre(ctx context.Context, want int64) error {
	ctx, cancel := context.WithTimeout(ctx, storyPatience)
	defer cancel()
	for {
		got, err := s.Points(ctx, s.member)
		if err == nil && got == want {
			s.tell("  Mina has %d points.", got)
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(err, fmt.Errorf("mina has %d points, want %d", got, want))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// phoneGot waits for an order's texts, and reads them out.
func (s *story) phoneGot(ctx context.Context, id string, want int) error {
	ctx, cancel := context.WithTimeout(ctx, storyPatience)
	defer cancel()
	for {
		texts, err := s.Texts(ctx, id)
		if err == nil && len(texts) >= want {
			s.tell("  Her phone has %d texts:", len(texts))
			for _, t := range texts {
				s.tell("    %s", t.Text)
			}
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(err, fmt.Errorf("the phone has %d texts, want %d", len(texts), want))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// refusedWith requires that err is a problem of the given code.
func refusedWith(err error, code string) (*Problem, error) {
	var p *Problem
	if !errors.As(err, &p) {
		return nil, fmt.Errorf("want the problem %s, got: %w", code, errors.Join(err, errors.New("no problem")))
	}
	if p.Code != code {
		return nil, fmt.Errorf("want the problem %s: %w", code, p)
	}
	return p, nil
}

// newPhone returns a Korean mobile number that nobody has signed up with yet,
// in all likelihood.
func newPhone() string {
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails, by its contract
	return fmt.Sprintf("+8210%08d", 20_000_000+binary.BigEndian.Uint32(b[:])%70_000_000)
}
