package order_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
)

// Whatever a note is called, now or later, a customer sees it only if it is on the list.
func TestOnlyNotesThatConcernTheCustomerArePublic(t *testing.T) {
	t.Parallel()
	for _, note := range []string{
		order.NoteUnreadable, order.NoteRefused, order.NoteTextSkipped, order.NotePaymentDispute, order.NoteOperator,
		order.NoteSettledAndRefunded, order.NoteReset, order.NoteStartedAgain, "of tomorrow",
	} {
		s := order.Snapshot{Timeline: []order.Entry{{Status: order.Paid, Note: note, Actor: "Jun", Reason: "x"}}}
		require.Empty(t, s.Public().Timeline, note)
	}
	for _, note := range order.PublicNotes() {
		s := order.Snapshot{Timeline: []order.Entry{{Status: order.Paid, Note: note, Actor: "Jun", Reason: "x"}}}
		want := order.Entry{Status: order.Paid, Note: note, Actor: order.ActorStore}
		if note == string(order.Adjust) || note == string(order.GiveBack) {
			want.Reason = "x" // the store's words to the customer
		}
		require.Equal(t, []order.Entry{want}, s.Public().Timeline)
	}
}

func TestThePublicActorIsNobodysName(t *testing.T) {
	t.Parallel()
	for actor, want := range map[string]string{
		"Mina": order.ActorStore, "jun@laptop": order.ActorStore, order.ActorOperator: order.ActorStore, order.ActorTemporal: order.ActorStore,
		order.ActorStore: order.ActorStore, order.ActorCustomer: order.ActorCustomer, order.ActorGateway: order.ActorGateway,
		order.ActorClock: order.ActorClock, "": "",
	} {
		s := order.Snapshot{Timeline: []order.Entry{{Status: order.Cancelled, Actor: actor}}}
		require.Equal(t, want, s.Public().Timeline[0].Actor, actor)
	}
}

func TestTheReasonsThatCustomersSee(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		entry order.Entry
		want  string
	}{
		"the store's own words for a reject":    {order.Entry{Status: order.Rejected, Actor: "Mina", Reason: "the oven is on fire"}, "the oven is on fire"},
		"a standard one in their language":      {order.Entry{Status: order.Rejected, Actor: "Mina", Reason: "sold_out"}, "Out of an ingredient"},
		"their own for a cancel":                {order.Entry{Status: order.Cancelled, Actor: order.ActorCustomer, Reason: "busy"}, "busy"},
		"no operator's for a cancel":            {order.Entry{Status: order.Cancelled, Actor: "Jun", Reason: "he shouted at us"}, ""},
		"none of what colleagues tell another":  {order.Entry{Status: order.Accepted, Actor: "Mina", Reason: "the rude one"}, ""},
		"none of what refused or failed behind": {order.Entry{Status: order.PaymentFailed, Actor: order.ActorGateway, Reason: "issuer 51"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := order.Snapshot{Language: order.English, Timeline: []order.Entry{test.entry}}
			require.Equal(t, test.want, s.Public().Timeline[0].Reason)
			require.Equal(t, test.entry.Reason, s.Timeline[0].Reason, "the order itself keeps it")
		})
	}
}

func TestAStandardReasonIsKnownByItsCodeAndItsWords(t *testing.T) {
	t.Parallel()
	for _, code := range order.ReasonCodes() {
		for _, reason := range []string{string(code), code.In(order.Korean), code.In(order.English)} {
			got, ok := order.StandardReason(reason)
			require.True(t, ok, reason)
			require.Equal(t, code, got)
		}
		require.NotEqual(t, code.In(order.Korean), code.In(order.English))
		require.Equal(t, code.In(order.Korean), code.In("fr"))
	}
	_, ok := order.StandardReason("")
	require.False(t, ok)
}
