package texts

import (
	"fmt"
	"time"

	"github.com/cafeforme/cafeforme/order"
)

// paidKorean tells that the order is paid, and when one for later is picked up.
func paidKorean(text order.Text) []string {
	if text.PickupAt.IsZero() {
		return []string{"{brand} 결제됐어요", "결제됐어요", "결제완료"}
	}
	at := dayKorean(text.PickupAt)
	return []string{"{brand} 결제됐어요. " + at + "에 만나요.", "결제됐어요. " + at, at + " 결제", "결제완료"}
}

func paidEnglish(text order.Text) []string {
	if text.PickupAt.IsZero() {
		return []string{"Thank you! Your {brand} order is paid.", "Your order is paid."}
	}
	at := text.PickupAt.Format("Mon 2 Jan 15:04")
	return []string{"Thank you! Your {brand} order for " + at + " is paid.", "Your order for " + at + " is paid.", "Your order is paid."}
}

// reminderKorean tells that the store has an order for later now.
func reminderKorean(text order.Text) []string {
	at := text.PickupAt.Format("15:04")
	return []string{"{brand}에 " + at + " 주문을 전했어요. 곧 만나요.", at + " 주문을 전했어요", at + " 예약", "예약알림"}
}

func reminderEnglish(text order.Text) []string {
	at := text.PickupAt.Format("15:04")
	return []string{"It's almost time: {brand} has your order for " + at + " now.", "It's almost time for your order at " + at + ".", "It's almost time."}
}

// dayKorean writes a time with its day.
func dayKorean(at time.Time) string {
	return fmt.Sprintf("%d월 %d일 %s", int(at.Month()), at.Day(), at.Format("15:04"))
}
