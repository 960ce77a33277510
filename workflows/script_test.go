package workflows_test

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

// script is everything that is random about one order: drawn before it starts,
// so that a failing one can be made as short as possible.
type script struct {
	placed   order.Placement
	declined bool
	trouble  map[string]trouble
	steps    []step
	ending   []string
}

// trouble is what an effect suffers from: the outcomes of its first attempts,
// and an outage. All of it is over when the script is.
type trouble struct {
	outcomes    []string
	from, until time.Duration
}

// The outcomes of an attempt.
const (
	works   = "works"
	fails   = "fails"
	loses   = "loses its answer"
	refuses = "refuses for good"
)

// step is what people do at one moment, after a pause.
type step struct {
	pause time.Duration
	deeds []deed
	// together: in one workflow task, as far as the test environment can.
	together bool
}

// deed is one thing that somebody does to the order.
type deed struct {
	how  string
	name string
	id   string
}

// How a deed reaches the order.
const (
	byUpdate  = "update"
	bySignal  = "signal"
	asNoise   = "unreadable signal"
	byOperate = "operator"
	byCancel  = "Temporal's cancel"
)

// strains names the queue on which each effect can get stuck.
var strains = map[string]string{
	"charge": workflows.StuckOnPayment, "void": workflows.StuckOnPayment, "refund": workflows.StuckOnRefund,
	"credit": workflows.StuckOnPoints, "take back": workflows.StuckOnPoints,
	"text": workflows.StuckOnSMS, "project": workflows.StuckOnReadModel,
	"release": workflows.StuckOnReservation, "return": workflows.StuckOnReservation, "reserve": "",
}

// effects lists the keys of strains, always in the same order.
var effects = []string{"charge", "void", "refund", "credit", "take back", "text", "project", "reserve", "release", "return"}

func drawScript(t *rapid.T) script {
	s := script{placed: drawPlacement(t), trouble: map[string]trouble{}}
	s.declined = rapid.IntRange(0, 19).Draw(t, "declined") == 19
	for _, effect := range effects {
		if rapid.IntRange(0, 2).Draw(t, effect+" is in trouble") == 2 {
			s.trouble[effect] = drawTrouble(t, effect)
		}
	}
	for range rapid.IntRange(0, 10).Draw(t, "steps") {
		s.steps = append(s.steps, drawStep(t))
	}
	s.ending = rapid.SampledFrom([][]string{
		{"ready", "pick-up"}, {"ready"}, {"reject"}, {workflows.UpdateForceRefund},
	}).Draw(t, "ending")
	return s
}

func drawPlacement(t *rapid.T) order.Placement {
	p := placement()
	p.Terms.PayWithin = rapid.SampledFrom([]time.Duration{2 * time.Minute, 3 * time.Second, 20 * time.Minute}).Draw(t, "pay within")
	p.Terms.AcceptWithin = rapid.SampledFrom([]time.Duration{30 * time.Minute, 2 * time.Minute}).Draw(t, "accept within")
	p.Terms.PickupWithin = rapid.SampledFrom([]time.Duration{time.Hour, 2 * time.Minute}).Draw(t, "pick up within")
	p.Phone = rapid.SampledFrom([]string{p.Phone, p.Phone, ""}).Draw(t, "phone")
	p.MembershipNumber = rapid.SampledFrom([]string{p.MembershipNumber, p.MembershipNumber, ""}).Draw(t, "member")
	drawDiscounts(t, &p)
	return p
}

// drawDiscounts draws a coupon, for all lines or for one, and points of a member's: some of what is due, or
// all of it.
func drawDiscounts(t *rapid.T, p *order.Placement) {
	bill := order.Bill{Lines: p.Items}
	if off := rapid.SampledFrom([]int64{0, 0, 1, 999, 2000}).Draw(t, "coupon"); off > 0 {
		only := rapid.SampledFrom([]string{"", p.Items[0].Product, p.Items[1].Product}).Draw(t, "coupon for")
		require.NoError(t, bill.Deduct(order.Discount{Kind: order.DiscountCoupon, Code: "HELLO", Amount: off},
			func(l order.Line) bool { return only == "" || l.Product == only }))
	}
	value := rapid.SampledFrom([]order.BasisPoints{10_000, 10_000, 3_000, 70_000}).Draw(t, "a point's worth")
	most := bill.SpendablePoints(value)
	points := rapid.SampledFrom([]int64{0, 0, order.LeastPoints, (order.LeastPoints + most) / 2, most}).Draw(t, "points")
	if p.MembershipNumber != "" && points > 0 {
		require.NoError(t, bill.SpendPoints(points, value))
	}
	p.Discounts = bill.Discounts
}

func drawTrouble(t *rapid.T, effect string) trouble {
	outcome := rapid.SampledFrom([]string{works, fails, loses, refuses})
	from := rapid.SampledFrom(pauses).Draw(t, effect+" is down after")
	return trouble{
		outcomes: rapid.SliceOfN(outcome, 0, 4).Draw(t, effect+" at first"),
		from:     from,
		until:    from + rapid.SampledFrom(outages).Draw(t, effect+" is down for"),
	}
}

// The times that matter: within a call's time-out, a text's delay, the time
// until an effect counts as stuck, the deadlines.
var (
	pauses  = []time.Duration{0, time.Millisecond, time.Second, 20 * time.Second, 70 * time.Second, 4 * time.Minute, 6 * time.Minute, 40 * time.Minute}
	outages = []time.Duration{0, 5 * time.Second, 90 * time.Second, 10 * time.Minute, 2 * time.Hour}
)

func drawStep(t *rapid.T) step {
	s := step{
		pause:    max(time.Millisecond, rapid.SampledFrom(pauses).Draw(t, "pause")),
		together: rapid.Bool().Draw(t, "together"),
	}
	for range rapid.IntRange(0, 3).Draw(t, "deeds") {
		s.deeds = append(s.deeds, drawDeed(t))
	}
	return s
}

func drawDeed(t *rapid.T) deed {
	d := deed{how: rapid.SampledFrom([]string{byUpdate, bySignal, byUpdate, bySignal, byOperate, asNoise, byCancel}).Draw(t, "how")}
	switch d.how {
	case byOperate:
		d.name = rapid.SampledFrom([]string{
			workflows.UpdateRetry, workflows.UpdateForceRefund, workflows.UpdateSettleRefund, workflows.UpdateGiveUpText,
		}).Draw(t, "operation")
	case byCancel:
		d.name = string(order.Cancel)
	default:
		d.name = string(rapid.SampledFrom(order.Commands()).Draw(t, "command"))
		d.id = rapid.SampledFrom([]string{"", "tap-1", "tap-2"}).Draw(t, "command ID")
	}
	return d
}

// length is how long the script takes.
func (s script) length() time.Duration {
	total := firstLook + time.Second
	for _, step := range s.steps {
		total += step.pause
	}
	return total
}

// suffer gives the world the script's troubles.
func (b *bundle) suffer(s script) {
	mended := b.start.Add(s.length())
	for effect, trouble := range s.trouble {
		outcome := func(attempt int) string {
			now := b.env.Now()
			switch {
			case !now.Before(mended):
				return works
			case attempt <= len(trouble.outcomes):
				return trouble.outcomes[attempt-1]
			case !now.Before(b.start.Add(trouble.from)) && now.Before(b.start.Add(trouble.until)):
				return fails
			default:
				return works
			}
		}
		b.world.fail[effect] = func(attempt int) error {
			switch outcome(attempt) {
			case fails:
				return &order.Error{Code: order.CodeUnavailable, Message: "failing for the test"}
			case refuses:
				if effect == "credit" && len(b.world.points) > 0 {
					return nil // a ledger never refuses what it has booked
				}
				return &order.Error{Code: order.CodeRefused, Message: "refused for the test"}
			default:
				return nil
			}
		}
		b.world.lose[effect] = func(attempt int) error {
			if outcome(attempt) == loses {
				return &order.Error{Code: order.CodeUnavailable, Message: "the answer is lost, for the test"}
			}
			return nil
		}
	}
}

func (d deed) String() string { return fmt.Sprintf("%s by %s %s", d.name, d.how, d.id) }
