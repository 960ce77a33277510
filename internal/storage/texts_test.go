package storage_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/notify/textlog"
	"github.com/cafeforme/cafeforme/internal/storage"
)

// textAt returns a text of ord_1 that is claimed at that time, to be sent again a
// minute later.
func textAt(at time.Time) textlog.TextRecord {
	return textlog.TextRecord{
		OrderID: "ord_1", Kind: "paid", Words: "Paid.", Segments: 1, ClaimedAt: at, ResendAt: at.Add(time.Minute),
	}
}

// reported is what the provider says of the text of ord_1.
func reported(state textlog.TextState) textlog.TextReport {
	return textlog.TextReport{OrderID: "ord_1", Kind: "paid", State: state, ProviderID: "SM1"}
}

// textState returns the state of the one text of ord_1.
func textState(t *testing.T, d *storage.DB) textlog.TextState {
	t.Helper()
	texts, err := d.TextsOf(t.Context(), []string{"ord_1"})
	require.NoError(t, err)
	require.Len(t, texts, 1)
	return texts[0].State
}

func TestATextIsClaimedByOne(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		var claims atomic.Int64
		together(func(int) {
			kept, claimed, err := d.ClaimText(t.Context(), textAt(opening))
			assert.NoError(t, err)
			assert.Equal(t, textlog.TextClaimed, kept.State)
			if claimed {
				claims.Add(1)
			}
		})
		require.EqualValues(t, 1, claims.Load())
		want := textAt(opening)
		want.State, want.UpdatedAt = textlog.TextClaimed, opening
		texts, err := d.TextsOf(t.Context(), []string{"ord_1", "ord_2"})
		require.NoError(t, err)
		require.Equal(t, []textlog.TextRecord{want}, texts)
	})
}

func TestAnOpenTextIsClaimedAnewByOne(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		seen, _, err := d.ClaimText(t.Context(), textAt(opening))
		require.NoError(t, err)
		var claims atomic.Int64
		together(func(i int) {
			claimed, err := d.ReclaimText(t.Context(), seen, minutes(i+1), minutes(i+2))
			assert.NoError(t, err)
			if claimed {
				claims.Add(1)
			}
		})
		require.EqualValues(t, 1, claims.Load())
		require.NoError(t, d.ReleaseText(t.Context(), seen, 1), "of a claim that is no longer the caller's")
		require.Equal(t, textlog.TextClaimed, textState(t, d))
	})
}

func TestAReleasedTextCanBeClaimedWithOtherWords(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		claim, _, err := d.ClaimText(t.Context(), textAt(opening))
		require.NoError(t, err)
		require.NoError(t, d.ReleaseText(t.Context(), claim, 20003))
		require.Equal(t, textlog.TextUnsent, textState(t, d))
		again := textAt(minutes(1))
		again.Words = "A-27 Paid."
		kept, claimed, err := d.ClaimText(t.Context(), again)
		require.NoError(t, err)
		require.True(t, claimed)
		require.Equal(t, "A-27 Paid.", kept.Words)
		require.Equal(t, 20003, kept.ErrorCode, "what went wrong last")
	})
}

func TestATextOnlyEverGoesOn(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		_, _, err := d.ClaimText(t.Context(), textAt(opening))
		require.NoError(t, err)
		for _, step := range []struct{ said, is textlog.TextState }{
			{textlog.TextSending, textlog.TextSending},
			{textlog.TextQueued, textlog.TextSending},
			{textlog.TextSent, textlog.TextSent},
			{textlog.TextSending, textlog.TextSent},
			{textlog.TextDelivered, textlog.TextDelivered},
			{textlog.TextNotSent, textlog.TextDelivered},
			{textlog.TextSent, textlog.TextDelivered},
			{"nonsense", textlog.TextDelivered},
		} {
			require.NoError(t, d.ReportText(t.Context(), reported(step.said)))
			require.Equal(t, step.is, textState(t, d), "after %s", step.said)
		}
		_, claimed, err := d.ClaimText(t.Context(), textAt(minutes(1)))
		require.NoError(t, err)
		require.False(t, claimed)
		require.NoError(t, d.RefuseText(t.Context(), textAt(opening), 21610))
		require.Equal(t, textlog.TextDelivered, textState(t, d))
	})
}

func TestAReportOfAnotherMessageChangesNothing(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		_, _, err := d.ClaimText(t.Context(), textAt(opening))
		require.NoError(t, err)
		require.NoError(t, d.ReportText(t.Context(), reported(textlog.TextQueued)))
		other := reported(textlog.TextNotSent)
		other.ProviderID = "SM2"
		require.NoError(t, d.ReportText(t.Context(), other))
		require.Equal(t, textlog.TextQueued, textState(t, d))

		other.OrderID = "ord_nobody_knows"
		require.NoError(t, d.ReportText(t.Context(), other))
		other.OrderID = "\x00"
		require.NoError(t, d.ReportText(t.Context(), other))
	})
}

func TestARefusedTextStaysSo(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		require.NoError(t, d.RefuseText(t.Context(), textAt(opening), 21614))
		require.Equal(t, textlog.TextRefused, textState(t, d))
		_, claimed, err := d.ClaimText(t.Context(), textAt(minutes(1)))
		require.NoError(t, err)
		require.False(t, claimed)
	})
}

func TestAPhoneIsQuarantinedForATimeOrUntilItsOwnerSaysSo(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *storage.DB) {
		const phone = "+821012345678"
		_, found, err := d.Quarantined(t.Context(), phone, opening)
		require.NoError(t, err)
		require.False(t, found)

		broken := textlog.Quarantine{Reason: "it is a landline", Code: 30006, Since: opening, Until: minutes(60)}
		require.NoError(t, d.QuarantinePhone(t.Context(), phone, broken))
		got, found, err := d.Quarantined(t.Context(), phone, minutes(59))
		require.NoError(t, err)
		require.True(t, found)
		require.Equal(t, broken, got)
		_, found, err = d.Quarantined(t.Context(), phone, minutes(60))
		require.NoError(t, err)
		require.False(t, found)

		optedOut := textlog.Quarantine{Reason: "STOP", Code: 21610, OptedOut: true, Since: minutes(1)}
		require.NoError(t, d.QuarantinePhone(t.Context(), phone, optedOut))
		require.NoError(t, d.QuarantinePhone(t.Context(), phone, broken), "which does not end an opt-out")
		got, found, err = d.Quarantined(t.Context(), phone, minutes(1_000_000))
		require.NoError(t, err)
		require.True(t, found)
		require.Equal(t, optedOut, got)

		require.NoError(t, d.LiftQuarantine(t.Context(), phone))
		_, found, err = d.Quarantined(t.Context(), phone, opening)
		require.NoError(t, err)
		require.False(t, found)
	})
}
