// Package texts has the words of the texts to customers. Every text fits one segment,
// which is what a message costs and what arrives in one piece. Start reading at Compose.
package texts

import (
	"cmp"
	"fmt"
	"strings"

	languages "golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/cafeforme/cafeforme/internal/brand"
	"github.com/cafeforme/cafeforme/internal/member"
	"github.com/cafeforme/cafeforme/internal/money"
	"github.com/cafeforme/cafeforme/order"
)

// maxETA is the longest waiting time that a text names, in minutes. Longer ones
// are left out.
const maxETA = 999

// textWriter writes one kind of text: what it says, at its fullest first. How much of it fits depends on
// the length of the link, and of the brand's name, whose place is marked.
type textWriter func(text order.Text) []string

// brandMark is where the brand's name goes. In Korean no particle follows it that depends on how it ends.
const brandMark = "{brand}"

// textWriters are all kinds of texts, in each language. The last words of each fit whatever goes in.
var textWriters = map[order.Language]map[order.TextKind]textWriter{
	order.Korean: {
		"paid":     paidKorean,
		"accepted": acceptedKorean,
		"ready":    fixedWords("주문하신 메뉴가 나왔어요! {brand}에서 기다릴게요.", "메뉴가 나왔어요!", "나왔어요"),
		"picked_up": fixedWords("맛있게 드세요! {brand}에 와 주셔서 고마워요.",
			"맛있게 드세요!", "수령완료"),
		"rejected":  undoneKorean("죄송해요. {brand}에서 이번 주문은 준비하지 못해요.", "못 만들어 환불해요", "주문거절"),
		"cancelled": undoneKorean("{brand} 주문이 취소됐어요.", "취소하고 환불해요", "주문취소"),
		"expired":   undoneKorean("죄송해요. {brand}에서 주문을 제때 확인하지 못했어요.", "확인이 늦어 환불해요", "시간초과"),
		"unclaimed": fixedWords("기다렸는데 못 뵀네요. 찾아가지 않으신 {brand} 주문은 마감했어요.",
			"주문을 마감했어요", "주문마감"),
		order.TextReminder: reminderKorean,
		order.TextAdjusted: adjustedKorean,
		order.TextRefunded: refundedKorean,
	},
	order.English: {
		"paid":      paidEnglish,
		"accepted":  acceptedEnglish,
		"ready":     fixedWords("Your order is ready! See you at {brand}.", "Your order is ready!"),
		"picked_up": fixedWords("Enjoy! Thank you for coming to {brand}.", "Enjoy!"),
		"rejected":  undoneEnglish("We're sorry, {brand} can't make your order this time.", "We're sorry, we can't make your order."),
		"cancelled": undoneEnglish("Your {brand} order is cancelled.", "Your order is cancelled."),
		"expired":   undoneEnglish("We're sorry, {brand} didn't get to your order in time.", "We didn't get to your order in time."),
		"unclaimed": fixedWords("We waited, but nobody came for your {brand} order, so we have closed it.",
			"Nobody came for your order, so we have closed it."),
		order.TextReminder: reminderEnglish,
		order.TextAdjusted: adjustedEnglish,
		order.TextRefunded: refundedEnglish,
	},
}

// codeWords are the texts with a one-time code, as [textWriters] are those of orders.
var codeWords = map[order.Language][]string{
	order.Korean: {
		"[{brand}] 인증번호 {code}. 10분 안에 입력해 주세요. 다른 사람에게 알려 주지 마세요.",
		"[{brand}] 인증번호 {code}. 다른 사람에게 알려 주지 마세요.",
		"인증번호 {code}. 10분 안에 입력해 주세요.",
	},
	order.English: {
		"{code} is your {brand} code. It works for 10 minutes. Please keep it to yourself.",
		"[{brand}] {code} is your code.",
		"{code} is your code. It works for 10 minutes.",
	},
}

// Compose returns the text in the customer's language: Korean, unless English
// was chosen. It begins with the order's pick-up number, as soon as there is one,
// and ends with a link to the order under publicURL, unless that is empty; between
// them it says as much as fits one segment. A kind that customers are not told of
// has no text: the empty string.
func Compose(text order.Text, publicURL string) string {
	write, ok := writersIn(text.Language)[text.Kind.Base()]
	if !ok {
		return ""
	}
	name := strings.NewReplacer(brandMark, nameOf(text.Brand, text.Language))
	return fullest(write(text), func(words string) string {
		return joinParts(text.PickupNumber, name.Replace(words), orderLink(publicURL, text.OrderID))
	})
}

// fullest returns the first text that fits one segment, or else the last.
func fullest(words []string, compose func(words string) string) (composed string) {
	for _, some := range words {
		if composed = compose(some); spareLength(composed) >= 0 {
			return composed
		}
	}
	return composed
}

// nameOf returns what the store is called: as the default brand is, when nobody has said.
func nameOf(name string, language order.Language) string {
	return cmp.Or(name, brand.Default().Name.In(language))
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

// ComposeCode returns the text with a one-time code, in Korean unless English was chosen. It names the
// brand wherever that fits.
func ComposeCode(text member.CodeText) string {
	words, ok := codeWords[text.Language]
	if !ok {
		words = codeWords[order.Korean]
	}
	values := strings.NewReplacer(brandMark, nameOf(text.Brand, text.Language), "{code}", text.Code)
	return fullest(words, values.Replace)
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
		return []string{"{brand}에서 주문을 받았어요.", "준비하고 있어요", "준비 중"}
	}
	return []string{
		fmt.Sprintf("{brand}에서 주문을 받았어요. %d분쯤 걸려요.", text.ETAMinutes),
		fmt.Sprintf("준비해요, %d분쯤", text.ETAMinutes),
		fmt.Sprintf("준비 %d분", text.ETAMinutes),
		"준비 중",
	}
}

func acceptedEnglish(text order.Text) []string {
	words := []string{"Good news: {brand} is making your order.", "We're making your order."}
	if knownETA(text) {
		for i := range words {
			words[i] += " It takes about " + minutes(text.ETAMinutes) + "."
		}
	}
	return words
}

// inWon writes an amount as people in Korea do, where it is in won.
func inWon(amount order.Money) string {
	if amount.Currency != order.DefaultCurrency {
		return money.Format(amount.Amount, amount.Currency)
	}
	return message.NewPrinter(languages.Korean).Sprintf("%d원", amount.Amount)
}

func knownETA(text order.Text) bool { return text.ETAMinutes > 0 && text.ETAMinutes <= maxETA }

func minutes(n int) string {
	if n == 1 {
		return "1 minute"
	}
	return fmt.Sprintf("%d minutes", n)
}
