package api

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/order"
)

func TestACustomerBecomesAMember(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	got := decodeAs[spec.SignUp](s.post("/members", `{"name":" 김하나 ","phone":"010 9999 8888"}`).wants(http.StatusCreated))
	require.Equal(t, spec.SignUp{MembershipNumber: "0987654321", Token: "token"}, got)
	require.Equal(t, []order.Member{{MembershipNumber: "0987654321", Name: "김하나", Phone: "+821099998888"}}, s.members.signedUp)
	require.NotContains(t, s.log.String(), "9999")
}

func TestAPhoneIsOneMembers(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.post("/members", `{"name":"Kim","phone":"010-1234-5678"}`).refuses(http.StatusConflict, "already_member", "")
}

func TestABadSignUpIsRefused(t *testing.T) {
	t.Parallel()
	unprocessable := http.StatusUnprocessableEntity
	for _, bad := range []badOrder{
		{"no name", `{"phone":"010-9999-8888"}`, unprocessable, "invalid_name", "name"},
		{"a blank name", `{"name":" ","phone":"010-9999-8888"}`, unprocessable, "invalid_name", "name"},
		{"a name of 81 characters", `{"name":"` + strings.Repeat("가", 81) + `","phone":"010-9999-8888"}`, unprocessable, "invalid_name", "name"},
		{"a name with NUL", `{"name":"a\u0000b","phone":"010-9999-8888"}`, unprocessable, "invalid_name", "name"},
		{"a name that is null", `{"name":null,"phone":"010-9999-8888"}`, unprocessable, "invalid_name", "name"},
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
			require.Empty(t, s.members.signedUp)
			s.nothingPlaced()
		})
	}
}

const authorization = "Authorization"

func TestAMemberSeesTheirPoints(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	got := s.get("/members/"+memberNumber, authorization, "bearer "+memberToken).wants(http.StatusOK)
	require.JSONEq(t, `{"membership_number":"1234567890","points":200,"next_page_token":"","entries":[
		{"order_id":"ord_b","kind":"take_back","points":-100,"at":"2026-03-02T12:00:00Z"},
		{"order_id":"ord_a","kind":"credit","points":300,"at":"2026-03-02T12:00:00Z"}]}`, string(got.body))
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
				require.Equal(t, "the member's token is needed", problem.Detail, "members and strangers are answered alike")
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
	s.post("/members", `{"name":"Kim","phone":"010-9999-8888"}`).refuses(http.StatusServiceUnavailable, "unavailable", "")
	s.post("/members/"+memberNumber+"/codes", "").refuses(http.StatusServiceUnavailable, "unavailable", "")
	s.post("/members/"+memberNumber+"/sessions", `{"code":"123456"}`).refuses(http.StatusServiceUnavailable, "unavailable", "")
}

func TestAMemberGetsAOneTimeCode(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.post("/members/"+memberNumber+"/codes", "").wants(http.StatusAccepted)
	s.post("/members/"+memberNumber+"/codes", `{}`, "Accept-Language", "en-GB").wants(http.StatusAccepted)
	require.Equal(t, []sentCode{
		{memberPhone, order.Korean, memberCode}, {memberPhone, order.English, memberCode},
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
	s.members.codeErr = &order.Error{Code: order.CodeRateLimited, Message: "too often"}
	s.post("/members/"+memberNumber+"/codes", "").wants(http.StatusAccepted)
	require.Len(t, s.codes.sent, 1)
	require.NotContains(t, s.log.String(), "a one-time code was not sent")
	s.members.codeErr = errDown
	s.post("/members/"+memberNumber+"/codes", "").wants(http.StatusAccepted)
	require.Contains(t, s.log.String(), "a one-time code was not sent")
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

func TestACodeIsSentAfterItsRequestIsOver(t *testing.T) {
	t.Parallel()
	done := make(chan struct{})
	s := newSurface(t)
	s.handler = NewCustomer(s.customerConfig(func(c *CustomerConfig) {
		c.Background = func(work func()) { go func() { defer close(done); work() }() }
	}))
	s.post("/members/"+memberNumber+"/codes", "").wants(http.StatusAccepted)
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Fatal("the code was not sent")
	}
	require.Len(t, s.codes.sent, 1)
}

func TestAMemberSignsInWithTheCode(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	got := decodeAs[spec.Session](s.post("/members/"+memberNumber+"/sessions", `{"code":"123456"}`).wants(http.StatusCreated))
	require.Equal(t, memberToken, got.Token)
}

func TestAWrongCodeAndAnUnknownMemberAreAnsweredAlike(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	want := s.post("/members/"+memberNumber+"/sessions", `{"code":"000000"}`)
	want.refuses(http.StatusUnauthorized, "unauthorized", "")
	for _, number := range []string{"42", "%00"} {
		got := s.post("/members/"+number+"/sessions", `{"code":"123456"}`)
		require.Equal(t, string(want.body), string(got.body))
	}
}

func TestABadCodeIsRefused(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	for _, body := range []string{`{"code":""}`, `{"code":"12a456"}`, `{"code":"123"}`, `{"code":123456}`, `{}`, `{"code":"12345678901"}`} {
		s.post("/members/"+memberNumber+"/sessions", body).refuses(http.StatusUnprocessableEntity, "invalid_code", "code")
	}
}

func TestAMemberSignsOutHereOrEverywhere(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.remove("/members/"+memberNumber+"/sessions/current", authorization, "Bearer "+memberToken).wants(http.StatusNoContent)
	s.remove("/members/"+memberNumber+"/sessions", authorization, "Bearer "+memberToken).wants(http.StatusNoContent)
	for _, target := range []string{"/members/" + memberNumber + "/sessions", "/members/" + memberNumber + "/sessions/current", "/members/42/sessions"} {
		s.remove(target, authorization, "Bearer wrong").refuses(http.StatusUnauthorized, "unauthorized", "")
	}
	require.Equal(t, []string{memberNumber + " " + memberToken, memberNumber + " *"}, s.members.ended)
	s.members.signErr = errDown
	for _, path := range []string{"/sessions", "/sessions/current", ""} {
		s.remove("/members/"+memberNumber+path, authorization, "Bearer "+memberToken).refuses(http.StatusServiceUnavailable, "unavailable", "")
	}
}

func TestAMemberIsErased(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	s.remove("/members/"+memberNumber).refuses(http.StatusUnauthorized, "unauthorized", "")
	s.remove("/members/"+memberNumber, authorization, "Bearer wrong").refuses(http.StatusUnauthorized, "unauthorized", "")
	require.False(t, s.members.erased)
	s.remove("/members/"+memberNumber, authorization, "Bearer "+memberToken).wants(http.StatusNoContent)
	require.True(t, s.members.erased)
	s.remove("/members/"+memberNumber, authorization, "Bearer "+memberToken).refuses(http.StatusUnauthorized, "unauthorized", "")
}

// Whatever takes time for members only is done after the answer.
func TestACodeIsMadeAfterTheAnswer(t *testing.T) {
	t.Parallel()
	var later []func()
	s := newCustomerSurface(t, func(c *CustomerConfig) { c.Background = func(work func()) { later = append(later, work) } })
	for _, number := range []string{memberNumber, "42"} {
		s.post("/members/"+number+"/codes", "").wants(http.StatusAccepted)
	}
	require.Zero(t, s.members.codes)
	require.Len(t, later, 1)
	later[0]()
	require.Equal(t, 1, s.members.codes)
}
