package api

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/internal/member"
	"github.com/cafeforme/cafeforme/order"
)

func TestThereIsNoMemberBeforeTheCode(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	for _, ask := range []struct{ target, body, name string }{
		{"/members", `{"name":" 김하나 ","phone":"010 9999 8888"}`, "김하나"},
		{"/members", `{"phone":"010 9999 8888"}`, ""},
		{"/members", `{"name":null,"phone":"010 9999 8888"}`, ""},
		{"/members/codes", `{"phone":"010 9999 8888"}`, ""},
	} {
		got := s.post(ask.target, ask.body, "Accept-Language", "en-GB").wants(http.StatusAccepted)
		require.Equal(t, spec.CodeRequested{Nonce: memberNonce}, decodeAs[spec.CodeRequested](got))
		require.Equal(t, []member.Member{{Name: ask.name, Phone: "+821099998888"}}, s.members.asked)
		require.Equal(t, []member.CodeText{{To: "+821099998888", Language: order.English, Code: memberCode}}, s.codes.sent)
		s.members.asked, s.codes.sent = nil, nil
	}
	require.Empty(t, s.members.used)
	require.NotContains(t, s.log.String(), "9999")

	got := decodeAs[spec.SignedIn](s.post("/members/sessions", `{"nonce":"NONCE","code":"12345678","name":" 하나 "}`).wants(http.StatusCreated))
	require.Equal(t, spec.SignedIn{MembershipNumber: memberNumber, Token: memberToken, New: true}, got)
	require.Equal(t, []member.CodeUse{{Nonce: memberNonce, Code: memberCode, Name: "하나"}}, s.members.used)
}

// Whether the phone is a member's is nothing that an answer tells.
func TestAskingWithAPhoneIsAnsweredAlikeForMembersAndOthers(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	for _, target := range []string{"/members", "/members/codes"} {
		members, others := s.post(target, `{"phone":"010-1234-5678"}`), s.post(target, `{"phone":"010-9999-8888"}`)
		require.Equal(t, http.StatusAccepted, members.status)
		require.Equal(t, members.status, others.status)
		require.Equal(t, members.header, others.header)
		require.Equal(t, members.body, others.body)
	}
	require.Len(t, s.codes.sent, 4, "a code is sent in either case")
}

func TestABadRequestWithAPhoneIsRefused(t *testing.T) {
	t.Parallel()
	unprocessable := http.StatusUnprocessableEntity
	for _, bad := range []badOrder{
		{"a name of 81 characters", `{"name":"` + strings.Repeat("가", 81) + `","phone":"010-9999-8888"}`, unprocessable, "invalid_name", "name"},
		{"a name with NUL", `{"name":"a\u0000b","phone":"010-9999-8888"}`, unprocessable, "invalid_name", "name"},
		{"no phone", `{"name":"Kim"}`, unprocessable, "invalid_phone", "phone"},
		{"a bad phone", `{"name":"Kim","phone":"12"}`, unprocessable, "invalid_phone", "phone"},
		{"an unknown field", `{"name":"Kim","phone":"010-9999-8888","points":9}`, unprocessable, "invalid_field", "points"},
		{"broken JSON", `{"name"`, http.StatusBadRequest, "invalid_json", ""},
		{"no body", ``, http.StatusUnsupportedMediaType, "unsupported_media_type", ""},
	} {
		t.Run(bad.name, func(t *testing.T) {
			t.Parallel()
			s := newCustomerSurface(t)
			s.post("/members", bad.body).refuses(bad.status, bad.code, bad.field)
			require.Empty(t, s.members.asked)
			require.Empty(t, s.codes.sent)
		})
	}
	s := newCustomerSurface(t)
	s.post("/members/codes", `{"phone":"12"}`).refuses(unprocessable, "invalid_phone", "phone")
	s.post("/members/codes?language=fr", `{"phone":"010-9999-8888"}`).refuses(unprocessable, "invalid_language", "language")
}

const authorization = "Authorization"

func TestAMemberSeesTheirPoints(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	got := s.get("/members/"+memberNumber, authorization, "bearer "+memberToken).wants(http.StatusOK)
	require.JSONEq(t, `{"membership_number":"1234567890","name":"Kim","points":200,"spending":{"points":100,"worth":[{"amount":100,"currency":"KRW"}]},"next_page_token":"","entries":[
		{"order_id":"ord_b","kind":"take_back","points":-100,"at":"2026-03-02T12:00:00Z"},
		{"kind":"credit","points":300,"at":"2026-03-02T12:00:00Z"}]}`, string(got.body))
	page := decodeAs[spec.Account](s.get("/members/"+memberNumber+"?page_size=1&page_token=1", authorization, "Bearer "+memberToken))
	require.Len(t, page.Entries, 1)
}

func TestAMemberSeesTheirOrders(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	seedBoard(s)
	got := decodeAs[spec.OrderList](s.get("/members/"+memberNumber+"/orders?page_size=2", authorization, "Bearer "+memberToken).wants(http.StatusOK))
	require.Len(t, got.Orders, 2)
	require.Equal(t, "2", got.NextPageToken)
	require.Equal(t, []asked{{number: memberNumber, size: 2}}, s.readModel.asked)
}

func TestNobodyElseSeesAMembersAccount(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	for _, target := range []string{"/members/" + memberNumber, "/members/42", "/members/%00", "/members/" + strings.Repeat("4", 65)} {
		for _, credentials := range []string{"", "Bearer", "Bearer ", "Bearer wrong", "Basic " + memberToken, memberToken} {
			if target != "/members/"+memberNumber {
				credentials = "Bearer " + memberToken
			}
			for _, suffix := range []string{"", "/orders"} {
				a := s.get(target+suffix, authorization, credentials)
				problem := a.refuses(http.StatusUnauthorized, "unauthorized", "")
				require.Equal(t, "a valid member token is required", problem.Detail, "members and strangers are answered alike")
				require.Equal(t, `Bearer realm="cafeforme"`, a.header.Get("WWW-Authenticate"))
			}
		}
	}
	require.Empty(t, s.readModel.asked)
}

func TestABadPageOfAnAccountIsRefused(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	for _, suffix := range []string{"", "/orders"} {
		target := "/members/" + memberNumber + suffix
		for query, field := range map[string]string{"?page_size=0": "page_size", "?page_token=x": "page_token"} {
			s.get(target+query, authorization, "Bearer "+memberToken).
				refuses(http.StatusUnprocessableEntity, "invalid_"+field, field)
		}
	}
}

func TestMembersAreUnavailableWithoutTheirDatabase(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.members.err, s.members.signErr = errDown, errDown
	s.get("/members/"+memberNumber, authorization, "Bearer x").refuses(http.StatusServiceUnavailable, "unavailable", "")
	for target, body := range map[string]string{
		"/members": `{"phone":"010-9999-8888"}`, "/members/codes": `{"phone":"010-9999-8888"}`, "/members/" + memberNumber + "/codes": "",
		"/members/sessions": `{"nonce":"NONCE","code":"12345678"}`, "/members/" + memberNumber + "/sessions": `{"nonce":"NONCE","code":"12345678"}`,
	} {
		s.post(target, body).refuses(http.StatusServiceUnavailable, "unavailable", "")
	}
	require.Empty(t, s.codes.sent)
}

func TestAMemberGetsAOneTimeCode(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.post("/members/"+memberNumber+"/codes", "").wants(http.StatusAccepted)
	s.post("/members/"+memberNumber+"/codes", `{}`, "Accept-Language", "en-GB").wants(http.StatusAccepted)
	require.Equal(t, []member.CodeText{
		{To: memberPhone, Language: order.Korean, Code: memberCode}, {To: memberPhone, Language: order.English, Code: memberCode},
	}, s.codes.sent)
}

func TestAskingForACodeDoesNotTellWhetherThereIsSuchAMember(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	known := s.post("/members/"+memberNumber+"/codes", "").wants(http.StatusAccepted)
	for _, number := range []string{"42", "%00", strings.Repeat("4", 65)} {
		unknown := s.post("/members/"+number+"/codes", "").wants(http.StatusAccepted)
		require.Equal(t, known.header, unknown.header)
		require.Equal(t, known.body, unknown.body)
	}
	require.Len(t, s.codes.sent, 1)
	require.Len(t, s.members.asked, 4, "a code is made in either case: the answers take the same time")
}

func TestABadRequestForACodeIsRefused(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.post("/members/"+memberNumber+"/codes?language=fr", "").refuses(http.StatusUnprocessableEntity, "invalid_language", "language")
	s.post("/members/"+memberNumber+"/codes", `{"phone":"x"}`).refuses(http.StatusUnprocessableEntity, "invalid_field", "phone")
	require.Empty(t, s.codes.sent)
}

func TestACodeThatCannotBeSentIsLoggedWithoutIt(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.codes.err = errDown
	s.post("/members/"+memberNumber+"/codes", "").wants(http.StatusAccepted)
	require.Contains(t, s.log.String(), "a one-time code was not sent")
	require.NotContains(t, s.log.String(), memberCode)
	require.NotContains(t, s.log.String(), memberPhone)
}

// The provider takes its time for members only, and so after the answer.
func TestACodeIsSentAfterTheAnswer(t *testing.T) {
	t.Parallel()
	var later []func()
	s := newCustomerSurface(t, func(c *CustomerConfig) { c.Background = func(work func()) { later = append(later, work) } })
	r := httptest.NewRequestWithContext(cancelledContext(t), http.MethodPost, "/members/"+memberNumber+"/codes", http.NoBody)
	s.send(r, "").wants(http.StatusAccepted)
	require.Empty(t, s.codes.sent)
	require.Len(t, later, 1)
	later[0]()
	require.Len(t, s.codes.sent, 1, "also when the one who asked has left")
}

func TestAMemberSignsInWithTheCode(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	got := decodeAs[spec.SignedIn](s.post("/members/"+memberNumber+"/sessions", `{"nonce":"NONCE","code":"12345678"}`).wants(http.StatusCreated))
	require.Equal(t, spec.SignedIn{MembershipNumber: memberNumber, Token: memberToken}, got)
}

func TestAWrongCodeAndAnUnknownMemberAreAnsweredAlike(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	want := s.post("/members/"+memberNumber+"/sessions", `{"nonce":"NONCE","code":"00000000"}`)
	want.refuses(http.StatusUnauthorized, "unauthorized", "")
	for target, body := range map[string]string{
		"/members/42/sessions": `{"nonce":"NONCE","code":"12345678"}`, "/members/%00/sessions": `{"nonce":"NONCE","code":"12345678"}`,
		"/members/sessions": `{"nonce":"OTHER","code":"12345678"}`,
	} {
		got := s.post(target, body)
		require.Equal(t, string(want.body), string(got.body))
	}
}

func TestABadCodeIsRefused(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	for _, target := range []string{"/members/sessions", "/members/" + memberNumber + "/sessions"} {
		for _, code := range []string{`""`, `"12a456"`, `"123"`, `123456`, `"123456789012345678901"`, `null`} {
			s.post(target, `{"nonce":"NONCE","code":`+code+`}`).refuses(http.StatusUnprocessableEntity, "invalid_code", "code")
		}
		for _, nonce := range []string{`""`, `"\u0000"`, `1`, `"` + strings.Repeat("N", 65) + `"`} {
			s.post(target, `{"nonce":`+nonce+`,"code":"12345678"}`).refuses(http.StatusUnprocessableEntity, "invalid_nonce", "nonce")
		}
		s.post(target, `{"code":"12345678"}`).refuses(http.StatusUnprocessableEntity, "invalid_nonce", "nonce")
	}
}

func TestAMembersSessionsAreListedAndEnded(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	sessions, bearer := "/members/"+memberNumber+"/sessions", "Bearer "+memberToken
	got := decodeAs[spec.MemberSessions](s.get(sessions, authorization, bearer).wants(http.StatusOK))
	require.Equal(t, spec.MemberSession{Session: memberSession, CreatedAt: noon, LastUsedAt: noon, Current: true}, got.Sessions[0])
	require.False(t, got.Sessions[1].Current)
	s.remove(sessions+"/current", authorization, bearer).wants(http.StatusNoContent)
	s.remove(sessions+"/"+memberSession, authorization, bearer).wants(http.StatusNoContent)
	s.remove(sessions+"/ff", authorization, bearer).refuses(http.StatusNotFound, "not_found", "")
	s.remove(sessions, authorization, bearer).wants(http.StatusNoContent)
	s.get(sessions, authorization, "Bearer wrong").refuses(http.StatusUnauthorized, "unauthorized", "")
	for _, target := range []string{sessions, sessions + "/current", sessions + "/" + memberSession, "/members/42/sessions"} {
		s.remove(target, authorization, "Bearer wrong").refuses(http.StatusUnauthorized, "unauthorized", "")
	}
	require.Equal(t, []string{memberNumber + " " + memberToken, memberNumber + " session " + memberSession, memberNumber + " *"}, s.members.ended)
	s.members.signErr = errDown
	s.get(sessions, authorization, bearer).refuses(http.StatusServiceUnavailable, "unavailable", "")
	for _, target := range []string{sessions, sessions + "/current", sessions + "/" + memberSession} {
		s.remove(target, authorization, bearer).refuses(http.StatusServiceUnavailable, "unavailable", "")
	}
}

func TestAMemberIsErasedWithAFreshCode(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	account, bearer, fresh := "/members/"+memberNumber, "Bearer "+memberToken, `{"nonce":"NONCE","code":"12345678"}`
	s.do(http.MethodDelete, account, fresh).refuses(http.StatusUnauthorized, "unauthorized", "")
	s.do(http.MethodDelete, account, fresh, authorization, "Bearer wrong").refuses(http.StatusUnauthorized, "unauthorized", "")
	s.remove(account, authorization, bearer).refuses(http.StatusUnsupportedMediaType, "unsupported_media_type", "")
	s.do(http.MethodDelete, account, `{}`, authorization, bearer).refuses(http.StatusUnprocessableEntity, "invalid_code", "code")
	s.do(http.MethodDelete, account, `{"nonce":"NONCE","code":"x"}`, authorization, bearer).refuses(http.StatusUnprocessableEntity, "invalid_code", "code")
	s.do(http.MethodDelete, account, `{"nonce":"NONCE","code":"00000000"}`, authorization, bearer).refuses(http.StatusUnauthorized, "unauthorized", "")
	s.members.signErr = errDown
	s.do(http.MethodDelete, account, fresh, authorization, bearer).refuses(http.StatusServiceUnavailable, "unavailable", "")
	require.False(t, s.members.erased)
	s.members.signErr = nil
	s.do(http.MethodDelete, account, fresh, authorization, bearer).wants(http.StatusNoContent)
	require.True(t, s.members.confirmed && s.members.erased)
	require.Equal(t, order.ActorCustomer, s.members.erasedBy, "for the audit log")
	s.do(http.MethodDelete, account, fresh, authorization, bearer).refuses(http.StatusUnauthorized, "unauthorized", "")
}

// Anybody can order under anybody's number: only the token makes the order theirs.
func TestAnOrderIsItsMembersOwnOnlyWithTheirToken(t *testing.T) {
	t.Parallel()
	const under = `{"items":[{"product":"IceAmericano","qty":1}],"membership_number":"1234567890"}`
	s := newCustomerSurface(t)
	s.post("/orders", under).wants(http.StatusCreated)
	s.post("/orders", under, authorization, "Bearer "+staffToken).wants(http.StatusCreated)
	require.Empty(t, s.members.claimed, "it earns points, and that is all")
	s.post("/orders", `{"items":[{"product":"IceAmericano","qty":1}],"membership_number":"42"}`, authorization, "Bearer "+memberToken).
		refuses(http.StatusUnprocessableEntity, "invalid_membership_number", "membership_number")
	require.Len(t, s.orders.placed, 2)

	key := []string{"Idempotency-Key", "0123456789abcdef", authorization, "Bearer " + memberToken}
	id := s.post("/orders", under, key...).wants(http.StatusCreated).order().ID
	require.Equal(t, map[string]string{id: memberNumber}, s.members.claimed)
	key[3] = "Bearer expired"
	require.Equal(t, id, s.post("/orders", under, key...).wants(http.StatusCreated).order().ID, "a repetition gets the same answer")

	s.members.err = errDown
	s.post("/orders", under, authorization, "Bearer "+memberToken).wants(http.StatusCreated)
	require.Len(t, s.members.claimed, 1)
	require.Contains(t, s.log.String(), "without a look at its member")
}
