package api

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/internal/phone"
)

// orderFor returns a request for an order whose texts go to a phone.
func orderFor(t *testing.T, number string) string {
	t.Helper()
	body, err := json.Marshal(map[string]any{"items": []map[string]any{{"product": "IceAmericano", "qty": 1}}, "phone": number})
	require.NoError(t, err)
	return string(body)
}

func TestPhonesAreTakenAsPeopleTypeAndPasteThem(t *testing.T) {
	t.Parallel()
	for _, given := range []string{
		"010-1234-5678", "01012345678", "+82 10 1234 5678", "+82 (0)10-1234-5678", "010.1234.5678", "010/1234/5678", "tel:+82-10-1234-5678",
		"TEL:010-1234-5678", "\u202a010-1234-5678\u202c", "\u200e010-1234-5678", "010\u20111234\u20115678", "010\u20091234\u20095678",
		"010\u22121234\u22125678", "0082 10 1234 5678", "\uff10\uff11\uff10\uff0d\uff11\uff12\uff13\uff14\uff0d\uff15\uff16\uff17\uff18", "\uff0b82 10 1234 5678", "82 10 1234 5678",
		"010\u00a01234\u00a05678", "010\u30fc1234\u30fc5678", "\ufeff010\u00ad12345678\t",
	} {
		s := newCustomerSurface(t)
		s.post("/orders", orderFor(t, given)).wants(http.StatusCreated)
		require.Equal(t, "+821012345678", s.orders.placed[0].Phone, "%q", given)
	}
}

func TestPhonesThatGetNoTextsAreRefused(t *testing.T) {
	t.Parallel()
	for name, number := range map[string]string{
		"a landline": "02-312-3456", "a premium number": "060-700-1234", "a toll-free number": "080-123-4567", "a satellite phone": "+8816 1234 5678",
		"a number of another country": "+1 202-456-1111", "a mobile of another country": "+44 7400 123456", "a personal number": "050-1234-5678",
		"a premium number of another country": "+1 900 234 5678", "an international premium number": "+979 123456789",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newCustomerSurface(t)
			s.post("/orders", orderFor(t, number)).refuses(http.StatusUnprocessableEntity, "invalid_phone", "phone")
			s.post("/members", `{"name":"Kim","phone":"`+number+`"}`).refuses(http.StatusUnprocessableEntity, "invalid_phone", "phone")
			s.nothingPlaced()
		})
	}
}

func TestPhonesAreOfTheCountriesThatTextsGoTo(t *testing.T) {
	t.Parallel()
	german := func(c *CustomerConfig) { c.SMSCountries = phone.Countries{"DE", "KR"} }
	for given, want := range map[string]string{
		"0151 23456789": "+4915123456789", "0049 151 23456789": "+4915123456789", "+82 10-1234-5678": "+821012345678", "0082 10-1234-5678": "+821012345678",
	} {
		s := newCustomerSurface(t, german)
		s.post("/orders", orderFor(t, given)).wants(http.StatusCreated)
		require.Equal(t, want, s.orders.placed[0].Phone, given)
	}
	problem := newCustomerSurface(t, german).post("/orders", orderFor(t, "+1 212-456-1111")).refuses(http.StatusUnprocessableEntity, "invalid_phone", "phone")
	require.Contains(t, problem.Detail, "DE, KR")
}

func TestMembershipNumbersAreTakenAsPeoplePasteThem(t *testing.T) {
	t.Parallel()
	for _, given := range []string{"123-456-7890", "\u202a1234567890\u202c", "123 456\u20117890", "\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19\uff10"} {
		s := newCustomerSurface(t)
		body, err := json.Marshal(map[string]any{"items": []map[string]any{{"product": "IceAmericano", "qty": 1}}, "membership_number": given})
		require.NoError(t, err)
		s.post("/orders", string(body)).wants(http.StatusCreated)
		require.Equal(t, memberNumber, s.orders.placed[0].MembershipNumber, given)
	}
	s := newCustomerSurface(t)
	for _, path := range []string{"/members/123-456-7890", "/members/123%20456%207890", "/members/%E2%80%AA1234567890%E2%80%AC"} {
		account := decodeAs[spec.Account](s.get(path, authorization, "Bearer "+memberToken).wants(http.StatusOK))
		require.Equal(t, memberNumber, account.MembershipNumber)
	}
}

func TestOneTimeCodesAreTakenAsPeoplePasteThem(t *testing.T) {
	t.Parallel()
	wide := strings.Map(func(digit rune) rune { return digit - '0' + '\uff10' }, memberCode)
	for _, given := range []string{memberCode[:3] + " " + memberCode[3:], memberCode[:3] + "-" + memberCode[3:], "\u202a" + memberCode + "\u202c", wide, " " + memberCode + "\u200b"} {
		s := newCustomerSurface(t)
		body, err := json.Marshal(map[string]string{"nonce": memberNonce, "code": given})
		require.NoError(t, err)
		s.post("/members/"+memberNumber+"/sessions", string(body)).wants(http.StatusCreated)
	}
}

func TestTextThatShowsAsNothingIsRefused(t *testing.T) {
	t.Parallel()
	for name, nothing := range map[string]string{
		"Hangul fillers": "\u3164\u3164", "a zero width space": "\u200b", "a joiner": "\u200d", "a halfwidth filler": "\uffa0", "a braille blank": "\u2800",
		"a combining mark alone": "\u0301", "marks of direction": "\u200e\u200f", "a variation selector": "\ufe0f", "a byte order mark": "\ufeff",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newCustomerSurface(t)
			quoted, err := json.Marshal(nothing)
			require.NoError(t, err)
			s.post("/members", `{"name":`+string(quoted)+`,"phone":"010-9999-8888"}`).refuses(http.StatusUnprocessableEntity, "invalid_name", "name")
			s.post("/orders", `{"items":[{"product":"IceAmericano","qty":1}],"note":`+string(quoted)+`}`).refuses(http.StatusUnprocessableEntity, "invalid_note", "note")
			s.post("/orders/"+knownID+"/cancel", `{"reason":`+string(quoted)+`}`).refuses(http.StatusUnprocessableEntity, "invalid_reason", "reason")
		})
	}
}

func TestTextThatShowsSomethingIsTaken(t *testing.T) {
	t.Parallel()
	for _, shown := range []string{"김하나", "👩\u200d👩\u200d👧", "❤\ufe0f", "क\u094d\u200dष", "e\u0301", "!", "7"} {
		s := newCustomerSurface(t)
		s.post("/members", `{"name":"`+shown+`","phone":"010-9999-8888"}`).wants(http.StatusAccepted)
	}
}
