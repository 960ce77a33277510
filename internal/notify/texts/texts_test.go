package texts_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/notify/sendertest"
	"github.com/cafeforme/cafeforme/internal/notify/texts"
	"github.com/cafeforme/cafeforme/order"
)

func TestTextsSayWhatTheCustomerNeeds(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		kind            order.TextKind
		korean, english string
	}{
		{"paid", "카페포미 결제됐어요", "Thank you! Your cafeforme order is paid."},
		{
			"accepted", "카페포미에서 주문을 받았어요. 5분쯤 걸려요.",
			"Good news: cafeforme is making your order. It takes about 5 minutes.",
		},
		{"ready", "주문하신 메뉴가 나왔어요! 카페포미에서 기다릴게요.", "Your order is ready! See you at cafeforme."},
		{"picked_up", "맛있게 드세요! 카페포미에 와 주셔서 고마워요.", "Enjoy! Thank you for coming to cafeforme."},
		{
			"rejected", "죄송해요. 카페포미에서 이번 주문은 준비하지 못해요. 결제하신 금액은 모두 돌려드릴게요.",
			"We're sorry, cafeforme can't make your order this time. You'll get all your money back.",
		},
		{
			"cancelled", "카페포미 주문이 취소됐어요. 결제하신 금액은 모두 돌려드릴게요.",
			"Your cafeforme order is cancelled. You'll get all your money back.",
		},
		{
			"expired", "죄송해요. 카페포미에서 주문을 제때 확인하지 못했어요. 결제하신 금액은 모두 돌려드릴게요.",
			"We're sorry, cafeforme didn't get to your order in time. You'll get all your money back.",
		},
		{
			"unclaimed", "기다렸는데 못 뵀네요. 찾아가지 않으신 카페포미 주문은 마감했어요.",
			"We waited, but nobody came for your cafeforme order, so we have closed it.",
		},
		{
			order.TextRefunded, "카페포미에서 환불해 드렸어요. 카드사에 따라 며칠 걸릴 수 있어요.",
			"cafeforme has refunded your order. It can take a few days until your bank shows it.",
		},
	} {
		t.Run(string(test.kind), func(t *testing.T) {
			t.Parallel()
			text := sendertest.TextOf(test.kind)
			require.Equal(t, "A-27 "+test.english, texts.Compose(text, ""))
			require.Equal(t, "A-27 "+test.english+" https://cafe.example/o/ord_1", texts.Compose(text, sendertest.PublicURL))
			text.Language = order.Korean
			require.Equal(t, "A-27 "+test.korean, texts.Compose(text, ""))
			text.Language = ""
			require.Equal(t, "A-27 "+test.korean, texts.Compose(text, ""), "Korean is the default")
		})
	}
}

func TestALongLinkLeavesRoomForFewerWords(t *testing.T) {
	t.Parallel()
	text := order.Text{
		OrderID: "ord_mfrggzdfmztwq2lknnwg23tpob", Kind: "accepted", To: "+821012345678", PickupNumber: "A-27", ETAMinutes: 5,
	}
	for url, want := range map[string]string{
		"http://a.kr":                "A-27 준비해요, 5분쯤",
		"https://cafe.example":       "A-27 준비해요, 5분쯤",
		"https://order.cafeforme.kr": "A-27 준비 5분",
	} {
		t.Run(url, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, want+" "+url+"/o/"+text.OrderID, texts.Compose(text, url))
		})
	}
}

// A text whose answer was lost is looked for by how it ends.
func TestNoTextEndsLikeAnother(t *testing.T) {
	t.Parallel()
	var composed []string
	for _, id := range []string{"ord_1", "ord_2"} {
		for _, language := range []order.Language{order.Korean, order.English} {
			for _, kind := range sendertest.Kinds() {
				text := sendertest.TextOf(kind)
				text.OrderID, text.Language = id, language
				composed = append(composed, texts.Compose(text, sendertest.PublicURL))
			}
		}
	}
	for i, one := range composed {
		for j, other := range composed {
			require.True(t, i == j || !strings.HasSuffix(one, other), "%q ends like %q", one, other)
		}
	}
}

func TestEveryKindThatCustomersAreToldOfHasATextInEveryLanguage(t *testing.T) {
	t.Parallel()
	for _, kind := range sendertest.Kinds() {
		for _, language := range []order.Language{order.Korean, order.English} {
			text := sendertest.TextOf(kind)
			text.Language = language
			require.NotEmpty(t, texts.Compose(text, sendertest.PublicURL), "%s in %s", kind, language)
		}
	}
	require.Empty(t, texts.Compose(sendertest.TextOf("payment_pending"), sendertest.PublicURL))
}

func TestTextsLeaveOutWhatIsNotKnown(t *testing.T) {
	t.Parallel()
	for kind, want := range map[order.TextKind][2]string{
		"paid":     {"카페포미 결제됐어요", "Thank you! Your cafeforme order is paid."},
		"accepted": {"카페포미에서 주문을 받았어요.", "Good news: cafeforme is making your order."},
		"ready":    {"주문하신 메뉴가 나왔어요! 카페포미에서 기다릴게요.", "Your order is ready! See you at cafeforme."},
	} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			text := order.Text{OrderID: "ord_1", Kind: kind, ETAMinutes: 1000}
			require.Equal(t, want[0], texts.Compose(text, ""))
			text.Language = order.English
			require.Equal(t, want[1], texts.Compose(text, ""))
		})
	}
}

func TestOneMinuteIsSingular(t *testing.T) {
	t.Parallel()
	text := sendertest.TextOf("accepted")
	text.ETAMinutes = 1
	require.Contains(t, texts.Compose(text, ""), "about 1 minute.")
}

func TestLinksHaveOneSlash(t *testing.T) {
	t.Parallel()
	require.True(t, strings.HasSuffix(texts.Compose(sendertest.TextOf("paid"), sendertest.PublicURL+"/"), "https://cafe.example/o/ord_1"))
}

func TestARefundAfterTheEndSaysWhatAndHowMuch(t *testing.T) {
	t.Parallel()
	text := order.Text{
		OrderID: "ord_1", Kind: "refunded/2", PickupNumber: "A-27", Language: order.English,
		Refund: order.Money{Amount: 3500, Currency: "KRW"}, TakenOff: "Cafe Latte x1",
	}
	require.Equal(t, "A-27 cafeforme has refunded you 3500 KRW for Cafe Latte x1. It can take a few days until your bank shows it.",
		texts.Compose(text, ""))
	text.Language, text.TakenOff = order.Korean, "카페라떼 x1"
	require.Equal(t, "A-27 카페포미에서 카페라떼 x1 값 3,500원 환불해 드렸어요. 카드사에 따라 며칠 걸릴 수 있어요.", texts.Compose(text, ""))
	require.Equal(t, "A-27 카페라떼 x1 값 3,500원 환불했어요 http://a.kr/o/ord_1", texts.Compose(text, "http://a.kr"))
	text.TakenOff = ""
	require.Equal(t, "A-27 카페포미에서 3,500원 환불해 드렸어요. 카드사에 따라 며칠 걸릴 수 있어요.", texts.Compose(text, ""))
	require.Equal(t, "A-27 3,500원 환불했어요 https://order.cafeforme.kr/o/ord_1", texts.Compose(text, "https://order.cafeforme.kr"))
	text.Language = order.English
	require.Equal(t, "A-27 cafeforme has refunded you 3500 KRW. It can take a few days until your bank shows it.", texts.Compose(text, ""))
}
