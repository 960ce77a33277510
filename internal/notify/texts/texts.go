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
		"paid":     fixedWords("{brand} 결제됐어요", "결제됐어요", "결제완료"),
		"accepted": acceptedKorean,
		"ready":    fixedWords("주문하신 메뉴가 나왔어요! {brand}에서 기다릴게요.", "메뉴가 나왔어요!", "나왔어요"),
		"picked_up": fixedWords("맛있게 드세요! {brand}에 와 주셔서 고마워요.",
			"맛있게 드세요!", "수령완료"),
		"rejected": fixedWords("죄송해요. {brand}에서 이번 주문은 준비하지 못해요. 결제하신 금액은 모두 돌려드릴게요.",
			"못 만들어 환불해요", "주문거절"),
		"cancelled": fixedWords("{brand} 주문이 취소됐어요. 결제하신 금액은 모두 돌려드릴게요.",
			"취소하고 환불해요", "주문취소"),
		"expired": fixedWords("죄송해요. {brand}에서 주문을 제때 확인하지 못했어요. 결제하신 금액은 모두 돌려드릴게요.",
			"확인이 늦어 환불해요", "시간초과"),
		"unclaimed": fixedWords("기다렸는데 못 뵀네요. 찾아가지 않으신 {brand} 주문은 마감했어요.",
			"주문을 마감했어요", "주문마감"),
		order.TextAdjusted: adjustedKorean,
		order.TextRefunded: refundedKorean,
	},
	order.English: {
		"paid":      fixedWords("Thank you! Your {brand} order is paid.", "Your order is paid."),
		"accepted":  acceptedEnglish,
		"ready":     fixedWords("Your order is ready! See you at {brand}.", "Your order is ready!"),
		"picked_up": fixedWords("Enjoy! Thank you for coming to {brand}.", "Enjoy!"),
		"rejected": fixedWords("We're sorry, {brand} can't make your order this time. You'll get all your money back.",
			"We're sorry, we can't make your order. You'll get all your money back."),
		"cancelled": fixedWords("Your {brand} order is cancelled. You'll get all your money back.",
			"Your order is cancelled. You'll get all your money back."),
		"expired": fixedWords("We're sorry, {brand} didn't get to your order in time. You'll get all your money back.",
			"We didn't get to your order in time. You'll get all your money back."),
		"unclaimed": fixedWords("We waited, but nobody came for your {brand} order, so we have closed it.",
			"Nobody came for your order, so we have closed it."),
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

// adjustedKorean tells what was taken off an order, and what of its money goes back.
func adjustedKorean(text order.Text) []string {
	back := inWon(text.Refund)
	return []string{
		fmt.Sprintf("{brand}에서 %s 빼고 준비해요. %s 돌려드릴게요.", text.TakenOff, back),
		fmt.Sprintf("%s 빼고 %s 돌려드려요", text.TakenOff, back),
		fmt.Sprintf("일부를 빼고 %s 돌려드려요", back),
		back + " 환불",
		"부분환불",
	}
}

func adjustedEnglish(text order.Text) []string {
	back := money.Format(text.Refund.Amount, text.Refund.Currency)
	return []string{
		fmt.Sprintf("{brand} had to leave out %s. You'll get %s back, and we make the rest.", text.TakenOff, back),
		fmt.Sprintf("We had to leave out %s. You'll get %s back.", text.TakenOff, back),
		fmt.Sprintf("We had to leave something out. You'll get %s back.", back),
		"We had to leave something out, and refund it.",
	}
}

// refundedKorean tells that the money of an order that is undone has gone back; of one that is
// over, how much of it and for what.
func refundedKorean(text order.Text) []string {
	back := inWon(text.Refund)
	switch {
	case text.Kind == order.TextRefunded:
		return []string{"{brand}에서 환불해 드렸어요. 카드사에 따라 며칠 걸릴 수 있어요.", "환불해 드렸어요", "환불완료"}
	case text.TakenOff == "":
		return []string{fmt.Sprintf("{brand}에서 %s 환불해 드렸어요. 카드사에 따라 며칠 걸릴 수 있어요.", back), back + " 환불했어요", "환불완료"}
	default:
		return []string{
			fmt.Sprintf("{brand}에서 %s 값 %s 환불해 드렸어요. 카드사에 따라 며칠 걸릴 수 있어요.", text.TakenOff, back),
			fmt.Sprintf("%s 값 %s 환불했어요", text.TakenOff, back), back + " 환불했어요", "환불완료",
		}
	}
}

func refundedEnglish(text order.Text) []string {
	back := money.Format(text.Refund.Amount, text.Refund.Currency)
	switch {
	case text.Kind == order.TextRefunded:
		return []string{
			"{brand} has refunded your order. It can take a few days until your bank shows it.",
			"Your order is refunded. Your bank can take a few days to show it.",
		}
	case text.TakenOff == "":
		return []string{
			fmt.Sprintf("{brand} has refunded you %s. It can take a few days until your bank shows it.", back),
			fmt.Sprintf("We have refunded you %s.", back), "We have refunded part of your order.",
		}
	default:
		return []string{
			fmt.Sprintf("{brand} has refunded you %s for %s. It can take a few days until your bank shows it.", back, text.TakenOff),
			fmt.Sprintf("We have refunded you %s for %s.", back, text.TakenOff),
			fmt.Sprintf("We have refunded you %s.", back), "We have refunded part of your order.",
		}
	}
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
