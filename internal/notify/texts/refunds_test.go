package texts_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/notify/sendertest"
	"github.com/cafeforme/cafeforme/internal/notify/texts"
	"github.com/cafeforme/cafeforme/order"
)

// Points that go back are said beside the money, and alone where there is none.
func TestPointsThatGoBackAreSaid(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kind            order.TextKind
		money, points   int64
		off             string
		korean, english string
	}{
		"taken off": {
			"adjusted/1", 1000, 500, "Latte x1",
			"카페포미에서 Latte x1 빼고 준비해요. 1,000원과 500포인트 돌려드릴게요.",
			"cafeforme had to leave out Latte x1. You'll get 1000 KRW and 500 points back, and we make the rest.",
		},
		"taken off, of points alone": {
			"adjusted/1", 0, 1500, "Latte x1",
			"카페포미에서 Latte x1 빼고 준비해요. 1,500포인트 돌려드릴게요.",
			"cafeforme had to leave out Latte x1. You'll get 1,500 points back, and we make the rest.",
		},
		"given back": {
			"refunded/2", 1000, 500, "Latte x1",
			"카페포미에서 Latte x1 값 1,000원과 500포인트 환불해 드렸어요. 카드사에 따라 며칠 걸릴 수 있어요.",
			"cafeforme has refunded you 1000 KRW and 500 points for Latte x1. It can take a few days until your bank shows it.",
		},
		"given back, of points alone": {
			"refunded/2", 0, 500, "Latte x1",
			"카페포미에서 Latte x1 값 500포인트 환불해 드렸어요.", "cafeforme has refunded you 500 points for Latte x1.",
		},
		"an amount": {
			"refunded/2", 1000, 1, "",
			"카페포미에서 1,000원과 1포인트 환불해 드렸어요. 카드사에 따라 며칠 걸릴 수 있어요.",
			"cafeforme has refunded you 1000 KRW and 1 point. It can take a few days until your bank shows it.",
		},
		"all of it": {
			order.TextRefunded, 1000, 500, "Latte x1",
			"카페포미에서 1,000원과 500포인트 환불해 드렸어요. 카드사에 따라 며칠 걸릴 수 있어요.",
			"cafeforme has refunded you 1000 KRW and 500 points. It can take a few days until your bank shows it.",
		},
		"cancelled": {
			"cancelled", 1000, 500, "",
			"카페포미 주문이 취소됐어요. 결제하신 금액과 포인트는 모두 돌려드릴게요.",
			"Your cafeforme order is cancelled. You'll get all your money and points back.",
		},
		"rejected, paid with points alone": {
			"rejected", 0, 500, "",
			"죄송해요. 카페포미에서 이번 주문은 준비하지 못해요. 쓰신 포인트는 모두 돌려드릴게요.",
			"We're sorry, cafeforme can't make your order this time. You'll get all your points back.",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := order.Text{
				OrderID: "ord_1", Kind: c.kind, Language: order.Korean, TakenOff: c.off,
				Refund: order.Money{Amount: c.money, Currency: "KRW"}, Points: c.points,
			}
			require.Equal(t, c.korean, texts.Compose(text, ""))
			require.NotEmpty(t, texts.Compose(text, sendertest.PublicURL))
			text.Language = order.English
			require.Equal(t, c.english, texts.Compose(text, ""))
		})
	}
}
