package order

// ReasonCode names a standard reason for which the store rejects an order, or takes
// something off it. The command carries it as its reason; customers are told in words of
// their language. The values are public: clients see them.
type ReasonCode string

// The standard reasons.
const (
	ReasonSoldOut ReasonCode = "sold_out"
	ReasonBusy    ReasonCode = "busy"
	ReasonClosing ReasonCode = "closing"
)

// reasonWords are the standard reasons in words.
var reasonWords = map[ReasonCode]map[Language]string{
	ReasonSoldOut: {Korean: "재료가 떨어졌어요", English: "Out of an ingredient"},
	ReasonBusy:    {Korean: "주문이 몰려 제때 준비해 드리기 어려워요", English: "Too many orders right now"},
	ReasonClosing: {Korean: "마감 시간이 가까워 준비해 드리기 어려워요", English: "We are about to close"},
}

// ReasonCodes lists the standard reasons.
func ReasonCodes() []ReasonCode { return []ReasonCode{ReasonSoldOut, ReasonBusy, ReasonClosing} }

// In returns the reason in words of the language: Korean, unless English was chosen.
func (c ReasonCode) In(language Language) string {
	if words, ok := reasonWords[c][language]; ok {
		return words
	}
	return reasonWords[c][Korean]
}

// StandardReason returns the standard reason that a reject was given, as its code or
// in its words in any language. It returns false for a reason in the store's own words.
func StandardReason(reason string) (ReasonCode, bool) {
	for _, code := range ReasonCodes() {
		if reason == string(code) {
			return code, true
		}
		for _, words := range reasonWords[code] {
			if reason == words {
				return code, true
			}
		}
	}
	return "", false
}

// StandardReason returns the entry's standard reason, and false when it is no reject and no
// refund of a part of the order, or has none.
func (e Entry) StandardReason() (ReasonCode, bool) {
	rejected := e.Status == Rejected && e.Note == ""
	if !rejected && !e.explainsRefund() {
		return "", false
	}
	return StandardReason(e.Reason)
}
