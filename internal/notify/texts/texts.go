// Package texts has the words of the texts to customers. Every text fits one segment,
// which is what a message costs and what arrives in one piece. Start reading at Compose.
package texts

import (
	"fmt"
	"strings"

	"github.com/cafeforme/cafeforme/order"
)

// maxETA is the longest waiting time that a text names, in minutes. Longer ones
// are left out.
const maxETA = 999

// textWriter writes one kind of text: what it says, at its fullest first. How much
// of it fits depends on the length of the link.
type textWriter func(text order.Text) []string

// textWriters are all kinds of texts, in each language.
var textWriters = map[order.Language]map[order.TextKind]textWriter{
	order.Korean: {
		"paid":     fixedWords("카페포미 결제됐어요", "결제됐어요", "결제완료"),
		"accepted": acceptedKorean,
		"ready":    fixedWords("주문하신 메뉴가 나왔어요! 카페포미에서 기다릴게요.", "메뉴가 나왔어요!", "나왔어요"),
		"picked_up": fixedWords("맛있게 드세요! 카페포미를 찾아 주셔서 고마워요.",
			"맛있게 드세요!", "수령완료"),
		"rejected": fixedWords("죄송해요. 카페포미가 이번 주문은 준비하지 못해요. 결제하신 금액은 모두 돌려드릴게요.",
			"못 만들어 환불해요", "주문거절"),
		"cancelled": fixedWords("카페포미 주문이 취소됐어요. 결제하신 금액은 모두 돌려드릴게요.",
			"취소하고 환불해요", "주문취소"),
		"expired": fixedWords("죄송해요. 카페포미가 주문을 제때 확인하지 못했어요. 결제하신 금액은 모두 돌려드릴게요.",
			"확인이 늦어 환불해요", "시간초과"),
		"unclaimed": fixedWords("기다렸는데 못 뵀네요. 찾아가지 않으신 카페포미 주문은 마감했어요.",
			"주문을 마감했어요", "주문마감"),
		order.TextRefunded: fixedWords("카페포미에서 환불해 드렸어요. 카드사에 따라 며칠 걸릴 수 있어요.",
			"환불해 드렸어요", "환불완료"),
	},
	order.English: {
		"paid":             fixedWords("Thank you! Your cafeforme order is paid."),
		"accepted":         acceptedEnglish,
		"ready":            fixedWords("Your order is ready! See you at cafeforme."),
		"picked_up":        fixedWords("Enjoy! Thank you for coming to cafeforme."),
		"rejected":         fixedWords("We're sorry, cafeforme can't make your order this time. You'll get all your money back."),
		"cancelled":        fixedWords("Your cafeforme order is cancelled. You'll get all your money back."),
		"expired":          fixedWords("We're sorry, cafeforme didn't get to your order in time. You'll get all your money back."),
		"unclaimed":        fixedWords("We waited, but nobody came for your cafeforme order, so we have closed it."),
		order.TextRefunded: fixedWords("cafeforme has refunded your order. It can take a few days until your bank shows it."),
	},
}

// Compose returns the text in the customer's language: Korean, unless English
// was chosen. It begins with the order's pick-up number, as soon as there is one,
// and ends with a link to the order under publicURL, unless that is empty; between
// them it says as much as fits one segment. A kind that customers are not told of
// has no text: the empty string.
func Compose(text order.Text, publicURL string) string {
	write, ok := writersIn(text.Language)[text.Kind]
	if !ok {
		return ""
	}
	var composed string
	for _, words := range write(text) {
		composed = joinParts(text.PickupNumber, words, orderLink(publicURL, text.OrderID))
		if spareLength(composed) >= 0 {
			return composed
		}
	}
	return composed
}

// joinParts joins the parts of a text that there are.
func joinParts(pickupNumber, words, link string) string {
	if pickupNumber != "" {
		words = pickupNumber + " " + words
	}
	if link != "" {
		words += " " + link
	}
	return words
}

// ComposeCode returns the text with a one-time code.
func ComposeCode(language order.Language, code string) string {
	if language == order.English {
		return fmt.Sprintf("%s is your cafeforme code. It works for 10 minutes. Please keep it to yourself.", code)
	}
	return fmt.Sprintf("[카페포미] 인증번호 %s. 10분 안에 입력해 주세요. 다른 사람에게 알려 주지 마세요.", code)
}

func writersIn(language order.Language) map[order.TextKind]textWriter {
	if found, ok := textWriters[language]; ok {
		return found
	}
	return textWriters[order.Korean]
}

// orderLink returns the address of the order's page.
func orderLink(publicURL, orderID string) string {
	if publicURL == "" {
		return ""
	}
	return strings.TrimRight(publicURL, "/") + "/o/" + orderID
}

// fixedWords says the same for every order.
func fixedWords(words ...string) textWriter {
	return func(order.Text) []string { return words }
}

func acceptedKorean(text order.Text) []string {
	if !knownETA(text) {
		return []string{"카페포미가 주문을 받았어요.", "준비하고 있어요", "준비 중"}
	}
	return []string{
		fmt.Sprintf("카페포미가 주문을 받았어요. %d분쯤 걸려요.", text.ETAMinutes),
		fmt.Sprintf("준비해요, %d분쯤", text.ETAMinutes),
		fmt.Sprintf("준비 %d분", text.ETAMinutes),
		"준비 중",
	}
}

func acceptedEnglish(text order.Text) []string {
	words := "Good news: cafeforme is making your order."
	if !knownETA(text) {
		return []string{words}
	}
	return []string{words + " It takes about " + minutes(text.ETAMinutes) + "."}
}

func knownETA(text order.Text) bool { return text.ETAMinutes > 0 && text.ETAMinutes <= maxETA }

func minutes(n int) string {
	if n == 1 {
		return "1 minute"
	}
	return fmt.Sprintf("%d minutes", n)
}
