package order_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/order"
)

func TestRecord(t *testing.T) {
	t.Parallel()
	t.Run("adds a note under the present status", func(t *testing.T) {
		t.Parallel()
		o := place(t, order.PaymentSucceeded)
		before := o.Version()
		require.True(t, o.Record(order.Entry{Status: "x", Note: order.NoteOperator, Actor: "ops", Reason: "retry sms"}, minutes(2)))
		require.Equal(t, order.Entry{Status: order.Paid, At: minutes(2), Note: "operator", Actor: "ops", Reason: "retry sms"},
			o.Snapshot().Timeline[1])
		require.Equal(t, before+1, o.Version())
		require.Equal(t, order.Paid, o.Status())
	})
	t.Run("drops an entry that is no note", func(t *testing.T) {
		t.Parallel()
		o := place(t)
		require.False(t, o.Record(order.Entry{Reason: "nothing"}, minutes(1)))
		require.EqualValues(t, 1, o.Version())
	})
	t.Run("keeps fifty notes of bad signals of both kinds together", func(t *testing.T) {
		t.Parallel()
		o := place(t)
		for i := range order.MaxNotes / 2 {
			require.True(t, o.Record(order.Entry{Note: order.NoteUnreadable}, minutes(i)))
			require.True(t, o.Record(order.Entry{Note: order.NoteRefused}, minutes(i)))
		}
		full := o.Snapshot()
		require.Len(t, full.Timeline, 50)
		require.False(t, o.Record(order.Entry{Note: order.NoteUnreadable}, minutes(60)))
		require.False(t, o.Record(order.Entry{Note: order.NoteRefused}, minutes(60)))
		require.Equal(t, full, o.Snapshot())
	})
	t.Run("keeps fifty notes of each origin, and what operators have done about money", func(t *testing.T) {
		t.Parallel()
		o := place(t)
		for i := range 2 * order.MaxNotes {
			for _, note := range []string{order.NoteOperator, order.NotePaymentDispute, order.NoteRefused} {
				o.Record(order.Entry{Note: note, Reason: fmt.Sprint("retry: ", i)}, minutes(i))
			}
		}
		require.Len(t, o.Snapshot().Timeline, 3*order.MaxNotes)
		require.True(t, o.Record(order.Entry{Note: order.NoteOperator, Reason: "settle-refund: bank 77"}, minutes(200)))
		require.True(t, o.Record(order.Entry{Note: order.NoteOperator, Reason: "force-refund"}, minutes(201)))
	})
	t.Run("keeps our own notes and changes of status after a flood", func(t *testing.T) {
		t.Parallel()
		o := place(t)
		for i := range 2 * order.MaxNotes {
			o.Record(order.Entry{Note: order.NoteUnreadable}, minutes(i))
		}
		require.True(t, o.Record(order.Entry{Note: order.NoteTextFailed}, minutes(200)))
		require.NoError(t, o.Apply(order.Event{Name: order.PaymentSucceeded}, minutes(201)))
		require.Len(t, o.Snapshot().Timeline, order.MaxNotes+2)
	})
}

func TestWordsFromOutside(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ given, want string }{
		"stay as they are":                   {"우유가 없어요", "우유가 없어요"},
		"stay up to 200 characters":          {strings.Repeat("우", 200), strings.Repeat("우", 200)},
		"are cut after 200 characters":       {strings.Repeat("우", 201), strings.Repeat("우", 199) + "…"},
		"lose what a database cannot store":  {"no\x00milk\n\ttoday\xff", "no milk  today\uFFFD"},
		"lose the white space around them":   {"  no milk\n", "no milk"},
		"may be long because of white space": {"a" + strings.Repeat(" ", 300), "a"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := place(t, order.PaymentSucceeded)
			require.NoError(t, o.Apply(order.Event{Name: order.Reject, Actor: tc.given, Reason: tc.given}, minutes(2)))
			o.Record(order.Entry{Note: order.NoteRefused, Actor: tc.given, Reason: tc.given}, minutes(3))
			for _, entry := range o.Snapshot().Timeline[1:] {
				require.Equal(t, tc.want, entry.Actor)
				require.Equal(t, tc.want, entry.Reason)
			}
		})
	}
	t.Run("of white space only name no actor", func(t *testing.T) {
		t.Parallel()
		o := place(t)
		require.NoError(t, o.Apply(order.Event{Name: order.PaymentSucceeded, Actor: " \n"}, minutes(1)))
		require.Equal(t, order.ActorGateway, o.Snapshot().Timeline[0].Actor)
	})
}
