package audit_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/audit"
	"github.com/cafeforme/cafeforme/internal/payment"
	"github.com/cafeforme/cafeforme/internal/readmodel"
	"github.com/cafeforme/cafeforme/order"
)

var opening = time.Date(2026, time.May, 4, 9, 0, 0, 0, time.UTC)

const total = 5000

// placed returns a member's order of 5000 won after the events.
func placed(t *testing.T, events ...order.EventName) *order.Order {
	t.Helper()
	o, err := order.New(order.Placement{
		ID: "ord_1", Items: []order.Line{{Product: "CafeLatte", Qty: 1, Price: order.Money{Amount: total, Currency: "KRW"}}},
		Phone: "+821012345678", MembershipNumber: "1234567890", Language: order.Korean,
		Terms: order.Terms{PointsRate: 500},
	}, opening)
	require.NoError(t, err)
	for i, name := range events {
		require.NoError(t, o.Apply(order.Event{Name: name}, opening.Add(time.Duration(i+1)*time.Minute)))
	}
	return o
}

// facts returns what there is to know of an order with which all is well.
func facts(o *order.Order) audit.Facts {
	s, copied := o.Snapshot(), o.Snapshot()
	f := audit.Facts{OrderID: s.ID, Workflow: &s, ReadModel: stored(copied), Open: !s.Status.Terminal()}
	if s.Charged > 0 {
		f.Money = append(f.Money, movement(payment.KindCharge))
	}
	if s.Refund != nil && s.Refund.Status == order.Refunded {
		f.Money = append(f.Money, movement(payment.KindRefund))
		f.Texts = append(f.Texts, text(order.TextRefunded))
	}
	for _, entry := range s.Timeline {
		if entry.Note == "" && entry.Status.Told() {
			f.Texts = append(f.Texts, text(order.TextKind(entry.Status)))
		}
	}
	if s.Points > 0 {
		f.Points = append(f.Points, points(order.PointsCredit, s.Points))
	}
	return f
}

// stored is the read model's entry of the order.
func stored(s order.Snapshot) *readmodel.Stored { return &readmodel.Stored{Snapshot: s, Columns: s} }

func movement(kind string) payment.Movement {
	return payment.Movement{OrderID: "ord_1", Kind: kind, Amount: total, Currency: "KRW", At: opening}
}

func text(kind order.TextKind) audit.Text { return audit.Text{OrderID: "ord_1", Kind: kind} }

func points(kind order.PointsKind, n int64) order.PointsEntry {
	return order.PointsEntry{OrderID: "ord_1", MembershipNumber: "1234567890", Kind: kind, Points: n}
}

// The ways an order can go.
var (
	justPlaced = []order.EventName{}
	paid       = []order.EventName{order.PaymentSucceeded}
	accepted   = []order.EventName{order.PaymentSucceeded, order.Accept}
	pickedUp   = []order.EventName{order.PaymentSucceeded, order.Accept, order.MarkReady, order.PickUp}
	unclaimed  = []order.EventName{order.PaymentSucceeded, order.Accept, order.MarkReady, order.PickUpLapsed}
	rejected   = []order.EventName{order.PaymentSucceeded, order.Reject, order.RefundMade}
	undone     = []order.EventName{order.PaymentSucceeded, order.Accept, order.Reject, order.RefundMade}
	cancelled  = []order.EventName{order.PaymentSucceeded, order.Cancel, order.RefundMade}
	cancelling = []order.EventName{order.PaymentSucceeded, order.Cancel}
	expired    = []order.EventName{order.PaymentSucceeded, order.AcceptanceLapsed, order.RefundMade}
	declined   = []order.EventName{order.PaymentRefused}
	found      = []order.EventName{order.PaymentRefused, order.ChargeFound, order.RefundMade}
)

func TestAnOrderWithWhichAllIsWellHasNoDifferences(t *testing.T) {
	t.Parallel()
	for name, events := range map[string][]order.EventName{
		"just placed": justPlaced, "paid": paid, "accepted": accepted, "picked up": pickedUp, "unclaimed": unclaimed,
		"rejected": rejected, "undone": undone, "cancelled": cancelled, "expired": expired, "declined": declined,
		"money found after the payment failed": found,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Empty(t, audit.Order(facts(placed(t, events...))))
		})
	}
}

// exception is a change of the facts that is no difference, or is one.
type exception struct {
	events []order.EventName
	change func(f *audit.Facts)
	want   []audit.Kind
}

func TestWhatIsUnderWayOrExcusedIsNoDifference(t *testing.T) {
	t.Parallel()
	run(t, map[string]exception{
		"a pick-up number that the workflow has not heard of yet": {paid, func(f *audit.Facts) {
			f.ReadModel = stored(f.Workflow.WithPickupNumber("A-27"))
		}, nil},
		"a charge whose answer is not known yet": {justPlaced, func(f *audit.Facts) {
			f.Money = []payment.Movement{movement(payment.KindCharge)}
		}, nil},
		"a charge that is being voided": {declined, func(f *audit.Facts) {
			f.Open, f.Money = true, []payment.Movement{movement(payment.KindCharge)}
		}, nil},
		"a refund that is still to come": {cancelling, func(f *audit.Facts) { f.Open = true }, nil},
		"a refund that the workflow does not know": {cancelling, func(f *audit.Facts) {
			f.Open, f.Money = true, append(f.Money, movement(payment.KindRefund))
		}, nil},
		"points that are still to come":   {accepted, func(f *audit.Facts) { f.Points = nil }, nil},
		"texts that are still to come":    {accepted, func(f *audit.Facts) { f.Texts = nil }, nil},
		"a text that came after the look": {paid, func(f *audit.Facts) { f.Texts = append(f.Texts, text("accepted")) }, nil},
		"points that came and went": {undone, func(f *audit.Facts) {
			f.Points = []order.PointsEntry{points(order.PointsCredit, 250), points(order.PointsTakeBack, -250)}
		}, nil},
		"points that were barred":              {undone, func(f *audit.Facts) { f.Points = []order.PointsEntry{points(order.PointsTakeBack, 0)} }, nil},
		"an order that Temporal has forgotten": {pickedUp, func(f *audit.Facts) { f.Workflow = nil }, nil},
		"a stranger without money":             {justPlaced, func(f *audit.Facts) { f.Workflow, f.ReadModel = nil, nil }, nil},
		"an order of nobody knows who, refunded": {justPlaced, func(f *audit.Facts) {
			f.Workflow, f.ReadModel, f.Money = nil, nil, []payment.Movement{movement(payment.KindCharge), movement(payment.KindRefund)}
		}, nil},
		"what was not looked at": {pickedUp, func(f *audit.Facts) {
			f.Money, f.Points, f.Texts, f.ReadModel = nil, nil, nil, nil
			f.Unseen = []audit.Part{audit.PartMoney, audit.PartPoints, audit.PartTexts, audit.PartReadModel}
		}, nil},
		"no read model of an order just placed": {justPlaced, func(f *audit.Facts) { f.ReadModel = nil }, nil},
	})
}

func TestDifferences(t *testing.T) {
	t.Parallel()
	again := func(kind string) func(f *audit.Facts) {
		return func(f *audit.Facts) { f.Money = append(f.Money, movement(kind)) }
	}
	run(t, map[string]exception{
		"charged twice":                  {pickedUp, again(payment.KindCharge), []audit.Kind{audit.DoubleCharged}},
		"charged twice, and open":        {paid, again(payment.KindCharge), []audit.Kind{audit.DoubleCharged}},
		"never charged":                  {paid, func(f *audit.Facts) { f.Money = nil }, []audit.Kind{audit.NotCharged}},
		"charged for nothing":            {declined, again(payment.KindCharge), []audit.Kind{audit.ChargedNotDue}},
		"charged too much":               {paid, func(f *audit.Facts) { f.Money[0].Amount++ }, []audit.Kind{audit.WrongAmount}},
		"refunded in another currency":   {rejected, func(f *audit.Facts) { f.Money[1].Currency = "USD" }, []audit.Kind{audit.WrongAmount}},
		"never refunded":                 {rejected, func(f *audit.Facts) { f.Money = f.Money[:1] }, []audit.Kind{audit.Unrefunded}},
		"counted as refunded while open": {rejected, func(f *audit.Facts) { f.Open, f.Money = true, f.Money[:1] }, []audit.Kind{audit.Unrefunded}},
		"refunded twice":                 {expired, again(payment.KindRefund), []audit.Kind{audit.DoubleRefunded}},
		"refunded, and drunk":            {pickedUp, again(payment.KindRefund), []audit.Kind{audit.RefundedNotDue}},
		"refunded while open":            {accepted, again(payment.KindRefund), []audit.Kind{audit.RefundedNotDue}},

		"no points":        {pickedUp, func(f *audit.Facts) { f.Points = nil }, []audit.Kind{audit.PointsMissing}},
		"points that stay": {undone, func(f *audit.Facts) { f.Points = []order.PointsEntry{points(order.PointsCredit, 250)} }, []audit.Kind{audit.PointsNotDue}},
		"points twice":     {pickedUp, func(f *audit.Facts) { f.Points = append(f.Points, f.Points[0]) }, []audit.Kind{audit.PointsNotDue}},
		"points of no member": {pickedUp, func(f *audit.Facts) {
			f.Workflow.MembershipNumber, f.Workflow.Points = "", 0
			f.ReadModel = stored(*f.Workflow)
		}, []audit.Kind{audit.PointsNotDue}},

		"a text that never came":   {pickedUp, func(f *audit.Facts) { f.Texts = f.Texts[1:] }, []audit.Kind{audit.TextMissing}},
		"a text that came twice":   {pickedUp, func(f *audit.Facts) { f.Texts = append(f.Texts, f.Texts[0]) }, []audit.Kind{audit.DuplicatedText}},
		"a text of what never was": {rejected, func(f *audit.Facts) { f.Texts = append(f.Texts, text("ready")) }, []audit.Kind{audit.TextNotDue}},
		"a text to nobody":         {paid, func(f *audit.Facts) { f.Workflow.Phone = ""; f.ReadModel = stored(*f.Workflow) }, []audit.Kind{audit.TextNotDue}},

		"a pick-up number that an order which has ended has not": {pickedUp, func(f *audit.Facts) {
			f.ReadModel = stored(f.Workflow.WithPickupNumber("A-27"))
		}, []audit.Kind{audit.ReadModelDiffers}},
		"no read model":     {pickedUp, func(f *audit.Facts) { f.ReadModel = nil }, []audit.Kind{audit.ReadModelMissing}},
		"an old read model": {accepted, func(f *audit.Facts) { f.ReadModel.Version-- }, []audit.Kind{audit.ReadModelDiffers}},
		"another board":     {accepted, func(f *audit.Facts) { f.ReadModel.Columns.Status = order.PickedUp }, []audit.Kind{audit.ReadModelDiffers}},
		"another board of an order that Temporal has forgotten": {pickedUp, func(f *audit.Facts) {
			f.Workflow, f.ReadModel.Columns.Version = nil, 99
		}, []audit.Kind{audit.ReadModelDiffers}},
		"an order that no worker can go on with": {paid, func(f *audit.Facts) {
			f.Workflow, f.Unreadable = nil, "panic: no such edge"
		}, []audit.Kind{audit.Unreadable}},
		"another read model": {accepted, func(f *audit.Facts) { f.ReadModel.Status = order.Paid }, []audit.Kind{audit.ReadModelDiffers}},

		"lost by Temporal":                    {paid, func(f *audit.Facts) { f.Workflow = nil }, []audit.Kind{audit.Lost}},
		"money of an order that nobody knows": {paid, func(f *audit.Facts) { f.Workflow, f.ReadModel = nil, nil }, []audit.Kind{audit.Lost}},
		"terminated":                          {accepted, func(f *audit.Facts) { f.Open = false }, []audit.Kind{audit.EndedEarly}},
		"terminated before the refund":        {cancelling, func(f *audit.Facts) { f.Open = false }, []audit.Kind{audit.EndedEarly, audit.Unrefunded}},
	})
}

func run(t *testing.T, cases map[string]exception) {
	t.Helper()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := facts(placed(t, c.events...))
			c.change(&f)
			var kinds []audit.Kind
			for _, d := range audit.Order(f) {
				require.Equal(t, "ord_1", d.OrderID)
				require.NotEmpty(t, d.Detail)
				kinds = append(kinds, d.Kind)
			}
			require.Equal(t, c.want, kinds)
		})
	}
}

func TestTheTimelineExcusesTextsAndRefunds(t *testing.T) {
	t.Parallel()

	t.Run("a text that was skipped or refused is accounted for, another is not", func(t *testing.T) {
		t.Parallel()
		o := placed(t, pickedUp...)
		o.Record(order.Entry{Note: order.NoteTextSkipped, Reason: "accepted"}, opening)
		o.Record(order.Entry{Note: order.NoteTextFailed, Reason: "ready: no such number"}, opening)
		f := facts(o)
		f.Texts = []audit.Text{text("picked_up")}
		found := audit.Order(f)
		require.Len(t, found, 1)
		require.Equal(t, audit.TextMissing, found[0].Kind)
		require.Contains(t, found[0].Detail, `"paid"`)
	})

	t.Run("a refund that an operator has settled needs none at the provider, nor may it have one", func(t *testing.T) {
		t.Parallel()
		o := placed(t, append(slices.Clone(cancelling), order.SettleRefund)...)
		o.Record(order.Entry{Note: order.NoteOperator, Actor: "Jun", Reason: "settle-refund: bank 77"}, opening)
		f := facts(o)
		require.Equal(t, []audit.Kind{audit.SettledAndRefunded}, kinds(f))
		f.Money = append(f.Money, movement(payment.KindRefund))
		require.Equal(t, []audit.Kind{audit.DoubleRefunded}, kinds(f), "that is another thing")
		f.Money = f.Money[:1]
		require.Empty(t, audit.Order(f))
	})

	t.Run("an operator may vouch for a payment that nobody can void", func(t *testing.T) {
		t.Parallel()
		o := placed(t, declined...)
		o.Record(order.Entry{Note: order.NoteOperator, Reason: "settle-refund: books 12"}, opening)
		f := facts(o)
		f.Money = []payment.Movement{movement(payment.KindCharge)}
		require.Empty(t, audit.Order(f))
	})
}

func TestAReportCounts(t *testing.T) {
	t.Parallel()
	stuck := placed(t, paid...)
	stuck.SetStuckOn([]string{order.EffectSMS})
	double := facts(placed(t, pickedUp...))
	double.Money = append(double.Money, movement(payment.KindCharge))

	report := audit.Orders([]audit.Facts{facts(stuck), facts(placed(t, accepted...)), double})

	require.Equal(t, 3, report.Orders)
	require.Equal(t, 2, report.Open)
	require.Equal(t, 1, report.Stuck)
	require.Equal(t, 1, report.Count(audit.DoubleCharged))
	require.Zero(t, report.Count(audit.Lost))
	require.NotNil(t, audit.Orders(nil).Differences, "an empty list in JSON, not null")
}

func TestAnErasedCustomerIsNoDifference(t *testing.T) {
	t.Parallel()
	whole := facts(placed(t, order.PaymentSucceeded, order.Accept, order.MarkReady, order.PickUp))
	erased := whole.ReadModel.WithoutCustomer()
	whole.ReadModel = stored(erased)
	require.Empty(t, audit.Order(whole))

	whole.Workflow = nil // Temporal has forgotten it
	require.Empty(t, audit.Order(whole))

	other := facts(placed(t, order.PaymentSucceeded, order.Accept, order.MarkReady, order.PickUp))
	erased.Points++
	other.ReadModel = stored(erased)
	require.Len(t, audit.Order(other), 1, "the rest must be the same")
}

func TestAForgottenGuestIsNoDifference(t *testing.T) {
	t.Parallel()
	o := order.Restore(placed(t, order.PaymentSucceeded).Snapshot(), 0)
	require.NoError(t, o.Apply(order.Event{Name: order.Reject, Actor: "Mina", Reason: "Mr Kim never comes"}, opening))
	whole := facts(o)
	whole.Open = true // the refund is under way
	whole.ReadModel = stored(whole.ReadModel.Anonymized())
	require.Empty(t, audit.Order(whole))

	whole.ReadModel = stored(whole.Workflow.WithoutCustomer())
	require.Empty(t, audit.Order(whole), "one that was erased before reasons were forgotten with it")
}

// kinds are the kinds of the differences of an order.
func kinds(f audit.Facts) (all []audit.Kind) {
	for _, d := range audit.Order(f) {
		all = append(all, d.Kind)
	}
	return all
}

func TestAReportSaysHowMuchIsOwed(t *testing.T) {
	t.Parallel()
	again := func(f audit.Facts) audit.Facts { f.Money = append(f.Money, movement(payment.KindCharge)); return f }
	open := func(f audit.Facts) audit.Facts { f.Open = true; return f }
	ended := func(f audit.Facts) audit.Facts { f.Open = false; return f }
	unrefunded := func(f audit.Facts) audit.Facts { f.Money = f.Money[:1]; return f }
	unseen := func(f audit.Facts) audit.Facts { f.Money, f.Unseen = nil, []audit.Part{audit.PartMoney}; return f }
	lost := func(f audit.Facts) audit.Facts { f.Workflow = nil; return f }
	settled := func() audit.Facts {
		o := placed(t, append(slices.Clone(cancelling), order.SettleRefund)...)
		o.Record(order.Entry{Note: order.NoteOperator, Actor: "Jun", Reason: "settle-refund: bank 77"}, opening)
		return unrefunded(facts(o))
	}
	for name, c := range map[string]struct {
		facts audit.Facts
		want  int64
	}{
		"nothing of an order that is picked up":              {facts(placed(t, pickedUp...)), 0},
		"nothing of an order that goes on":                   {facts(placed(t, accepted...)), 0},
		"nothing while the payment's outcome is open":        {again(facts(placed(t, justPlaced...))), 0},
		"nothing of a refund that is on its way":             {open(facts(placed(t, cancelling...))), 0},
		"nothing of what was refunded":                       {facts(placed(t, cancelled...)), 0},
		"nothing of what an operator has settled":            {settled(), 0},
		"a second charge":                                    {again(facts(placed(t, pickedUp...))), total},
		"a charge for nothing":                               {again(facts(placed(t, declined...))), total},
		"the whole of a paid order that was terminated":      {ended(facts(placed(t, paid...))), total},
		"the same by the workflow's word":                    {unseen(ended(facts(placed(t, paid...)))), total},
		"a refund that was due and has ended with the order": {ended(facts(placed(t, cancelling...))), total},
		"a refund that counts as made, and was not":          {open(unrefunded(facts(placed(t, rejected...)))), total},
		"a lost order": {lost(facts(placed(t, accepted...))), total},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var want []order.Money
			if c.want > 0 {
				want = []order.Money{{Amount: c.want, Currency: "KRW"}}
			}
			require.ElementsMatch(t, want, audit.Orders([]audit.Facts{c.facts}).Owed)
		})
	}

	other := again(facts(placed(t, pickedUp...)))
	other.Money[1].Currency, other.Workflow.Total.Currency = "USD", "USD"
	one := ended(facts(placed(t, paid...)))
	report := audit.Orders([]audit.Facts{one, one, other})
	require.Equal(t, []order.Money{{Amount: 2 * total, Currency: "KRW"}, {Amount: total, Currency: "USD"}}, report.Owed)
	require.NotNil(t, audit.Orders(nil).Owed, "an empty list in JSON, not null")
}
