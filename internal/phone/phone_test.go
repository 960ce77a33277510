package phone_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/cafeforme/cafeforme/internal/phone"
)

// separators are what may stand around and between digits.
var separators = []string{
	"", "-", " ", ".", "/", "(", ")", "\u202a", "\u202c", "\u200e", "\u200b", "\ufeff", "\u00ad", "\u2011", "\u2013", "\u2212", "\u2009", "\u00a0", "\u3000", "\t", "\uff0d",
	"\u30fc",
}

// scripts are the zeros of some scripts' digits.
var scripts = []rune{'0', '\uff10', '\u0660', '\u0966', '\U0001d7d8', '\U0001d7f6'}

// dressed draws digits as somebody may type and paste them.
func dressed(t *rapid.T, digits string) string {
	separator := rapid.SampledFrom(separators)
	var b strings.Builder
	b.WriteString(separator.Draw(t, "before"))
	b.WriteString(rapid.SampledFrom([]string{"", "tel:", "Tel:", "tel://"}).Draw(t, "scheme"))
	for _, digit := range digits {
		b.WriteString(separator.Draw(t, "separator"))
		b.WriteRune(rapid.SampledFrom(scripts).Draw(t, "zero") + digit - '0')
	}
	b.WriteString(separator.Draw(t, "after"))
	return b.String()
}

func TestDigitsAreWhatIsMeantHoweverTheyAreTyped(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		digits := rapid.StringMatching(`[0-9]{1,15}`).Draw(t, "digits")
		typed := dressed(t, digits)
		require.Equal(t, digits, phone.Digits(typed), "%q", typed)
	})
}

func TestEveryDecimalDigitOfUnicodeIsRead(t *testing.T) {
	t.Parallel()
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if unicode.Is(unicode.Nd, r) {
			require.Regexp(t, `^[0-9]$`, phone.Digits(string(r)), "%U", r)
		}
	}
	require.Equal(t, "0123456789", phone.Digits("٠١٢٣٤٥٦٧٨٩"))
	require.Equal(t, "0123456789", phone.Digits("०१२३४५६७८९"))
}

func TestAPhoneIsTheSameHoweverItIsTyped(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		subscriber := rapid.StringMatching(`[2-46-9][0-9]{7}`).Draw(t, "subscriber")
		typed := dressed(t, rapid.SampledFrom([]string{"010", "8210", "008210"}).Draw(t, "prefix")+subscriber)
		if len([]rune(typed)) > 40 {
			t.Skip("longer than anybody may type")
		}
		read, err := phone.DefaultCountries.Read(typed)
		require.NoError(t, err, "%q", typed)
		require.Equal(t, "+8210"+subscriber, read)
	})
}

// Whatever is typed, what is read is a number that texts are sent to, and is read as
// itself.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"010-1234-5678", "\u202a010-1234-5678\u202c", "tel:tel:010", "0082 10 1234 5678", "+881612345678", "e-\u0301", "\xff", "+", "00", "🄌🄋", "⑽",
	} {
		f.Add(seed)
	}
	countries := phone.Countries{"KR", "US", "DE"}
	f.Fuzz(func(t *testing.T, typed string) {
		read, err := countries.Read(typed)
		if err != nil {
			require.Empty(t, read)
			return
		}
		require.Regexp(t, `^\+[1-9][0-9]{6,14}$`, read)
		require.NoError(t, countries.Check(read))
		require.Contains(t, countries, phone.Country(read))
		again, err := countries.Read(read)
		require.NoError(t, err)
		require.Equal(t, read, again)
	})
}

func TestCountriesAreCodesOfISO3166(t *testing.T) {
	t.Parallel()
	countries, err := phone.ParseCountries(" kr, JP ,KR")
	require.NoError(t, err)
	require.Equal(t, phone.Countries{"KR", "JP"}, countries)
	for _, wrong := range []string{"", "KR,", "Korea", "82", "001", "ZZ", "K"} {
		_, err := phone.ParseCountries(wrong)
		require.Error(t, err, "%q", wrong)
	}
}
