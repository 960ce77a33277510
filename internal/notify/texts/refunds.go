package texts

import (
	"fmt"
	"strings"

	languages "golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/cafeforme/cafeforme/internal/money"
	"github.com/cafeforme/cafeforme/order"
)

// pointsAlone reports whether what goes back are points, and no money.
func pointsAlone(text order.Text) bool { return text.Points > 0 && text.Refund.Amount == 0 }

// undoneKorean tells that an order is undone, and that everything that was paid for it goes back: money,
// points, or both.
func undoneKorean(undone, short, shortest string) textWriter {
	return func(text order.Text) []string {
		what, then := "결제하신 금액은", short
		switch {
		case pointsAlone(text):
			what, then = "쓰신 포인트는", strings.Replace(short, "환불해요", "포인트 돌려드려요", 1)
		case text.Points > 0:
			what = "결제하신 금액과 포인트는"
		}
		return []string{undone + " " + what + " 모두 돌려드릴게요.", then, shortest}
	}
}

func undoneEnglish(undone, short string) textWriter {
	return func(text order.Text) []string {
		what := "money"
		switch {
		case pointsAlone(text):
			what = "points"
		case text.Points > 0:
			what = "money and points"
		}
		back := " You'll get all your " + what + " back."
		return []string{undone + back, short + back}
	}
}

// adjustedKorean tells what was taken off an order, and what of its money and points goes back.
func adjustedKorean(text order.Text) []string {
	back := backInKorean(text)
	return []string{
		fmt.Sprintf("{brand}에서 %s 빼고 준비해요. %s 돌려드릴게요.", text.TakenOff, back),
		fmt.Sprintf("%s 빼고 %s 돌려드려요", text.TakenOff, back),
		fmt.Sprintf("일부를 빼고 %s 돌려드려요", back),
		back + " 환불",
		"부분환불",
	}
}

func adjustedEnglish(text order.Text) []string {
	back := backInEnglish(text)
	return []string{
		fmt.Sprintf("{brand} had to leave out %s. You'll get %s back, and we make the rest.", text.TakenOff, back),
		fmt.Sprintf("We had to leave out %s. You'll get %s back.", text.TakenOff, back),
		fmt.Sprintf("We had to leave something out. You'll get %s back.", back),
		"We had to leave something out, and refund it.",
	}
}

// refundedKorean tells that the money of an order that is undone has gone back, and its points; of one
// that is over, how much of it and for what.
func refundedKorean(text order.Text) []string {
	back, days := backInKorean(text), " 카드사에 따라 며칠 걸릴 수 있어요."
	if pointsAlone(text) {
		days = ""
	}
	switch {
	case text.Kind == order.TextRefunded && text.Points == 0:
		return []string{"{brand}에서 환불해 드렸어요." + days, "환불해 드렸어요", "환불완료"}
	case text.Kind == order.TextRefunded || text.TakenOff == "":
		return []string{fmt.Sprintf("{brand}에서 %s 환불해 드렸어요.", back) + days, back + " 환불했어요", "환불완료"}
	default:
		return []string{
			fmt.Sprintf("{brand}에서 %s 값 %s 환불해 드렸어요.", text.TakenOff, back) + days,
			fmt.Sprintf("%s 값 %s 환불했어요", text.TakenOff, back), back + " 환불했어요", "환불완료",
		}
	}
}

func refundedEnglish(text order.Text) []string {
	back, days := backInEnglish(text), " It can take a few days until your bank shows it."
	if pointsAlone(text) {
		days = ""
	}
	switch {
	case text.Kind == order.TextRefunded && text.Points == 0:
		return []string{
			"{brand} has refunded your order." + days, "Your order is refunded. Your bank can take a few days to show it.",
		}
	case text.Kind == order.TextRefunded || text.TakenOff == "":
		return []string{
			fmt.Sprintf("{brand} has refunded you %s.", back) + days,
			fmt.Sprintf("We have refunded you %s.", back), "We have refunded part of your order.",
		}
	default:
		return []string{
			fmt.Sprintf("{brand} has refunded you %s for %s.", back, text.TakenOff) + days,
			fmt.Sprintf("We have refunded you %s for %s.", back, text.TakenOff),
			fmt.Sprintf("We have refunded you %s.", back), "We have refunded part of your order.",
		}
	}
}

// backInKorean says what goes back: "1,000원", "1,000원과 500포인트", "500포인트".
func backInKorean(text order.Text) string {
	back := inWon(text.Refund)
	if text.Points == 0 {
		return back
	}
	points := message.NewPrinter(languages.Korean).Sprintf("%d포인트", text.Points)
	switch {
	case text.Refund.Amount == 0:
		return points
	case text.Refund.Currency == order.DefaultCurrency:
		return back + "과 " + points
	default:
		return back + ", " + points
	}
}

func backInEnglish(text order.Text) string {
	back := money.Format(text.Refund.Amount, text.Refund.Currency)
	if text.Points == 0 {
		return back
	}
	points := message.NewPrinter(languages.English).Sprintf("%d points", text.Points)
	if text.Points == 1 {
		points = "1 point"
	}
	if text.Refund.Amount == 0 {
		return points
	}
	return back + " and " + points
}
