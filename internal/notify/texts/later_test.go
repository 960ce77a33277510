package texts_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/notify/sendertest"
	"github.com/cafeforme/cafeforme/internal/notify/texts"
	"github.com/cafeforme/cafeforme/order"
)

func TestTextsOfOrdersForLaterSayWhen(t *testing.T) {
	t.Parallel()
	for kind, want := range map[order.TextKind][2]string{
		"paid":             {"카페포미 결제됐어요. 3월 3일 12:30에 만나요.", "Thank you! Your cafeforme order for Tue 3 Mar 12:30 is paid."},
		order.TextReminder: {"카페포미에 12:30 주문을 전했어요. 곧 만나요.", "It's almost time: cafeforme has your order for 12:30 now."},
	} {
		text := sendertest.TextOf(kind)
		text.PickupAt = time.Date(2026, time.March, 3, 12, 30, 0, 0, time.FixedZone("", 9*60*60))
		require.Equal(t, "A-27 "+want[1], texts.Compose(text, ""))
		text.Language = order.Korean
		require.Equal(t, "A-27 "+want[0], texts.Compose(text, ""))
	}
}
