package texts

import (
	"strings"
	"unicode/utf16"
)

const (
	// maxGSM is how many characters of the GSM 7-bit alphabet fit one segment.
	maxGSM = 160
	// maxUCS2 is how many UTF-16 code units fit one segment of any other text.
	maxUCS2 = 70
)

// gsmBasic is the GSM 7-bit default alphabet (3GPP TS 23.038), without the
// escape character. Those in gsmExtension take two characters each.
const (
	gsmBasic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmExtension = "\f^{}\\[~]|€"
)

// spareLength returns how many more characters of its alphabet fit one segment with
// the text. It is negative when the text does not fit.
func spareLength(text string) int {
	if length, ok := gsmLength(text); ok {
		return maxGSM - length
	}
	return maxUCS2 - len(utf16.Encode([]rune(text)))
}

// gsmLength returns how many GSM 7-bit characters the text takes, and false when
// it cannot be written with them.
func gsmLength(text string) (length int, ok bool) {
	for _, r := range text {
		switch {
		case strings.ContainsRune(gsmBasic, r):
			length++
		case strings.ContainsRune(gsmExtension, r):
			length += 2
		default:
			return 0, false
		}
	}
	return length, true
}

// Segments returns how many segments the text takes, which is what it costs.
// Parts of a text that takes more than one lose 7 characters to their header, 3 in
// UCS-2 (3GPP TS 23.040, section 9.2.3.24.1).
func Segments(text string) int {
	length, ok := gsmLength(text)
	single, part := maxGSM, maxGSM-7
	if !ok {
		length, single, part = len(utf16.Encode([]rune(text))), maxUCS2, maxUCS2-3
	}
	if length <= single {
		return 1
	}
	return (length + part - 1) / part
}
