package api

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/access"
	"github.com/cafeforme/cafeforme/api/transport"
)

// Nothing but the staff's token opens the store, however it is written, and
// nothing that is written there breaks it.
func FuzzStaffCredentials(f *testing.F) {
	for _, seed := range [][2]string{
		{"", ""}, {"Bearer " + staffToken, ""}, {"Bearer", ""}, {"Bearer ", ""}, {"bearer  " + staffToken, ""}, {"Basic Og==", ""},
		{"", "cafeforme_store=" + staffToken}, {"", "cafeforme_store=1.2.3"}, {"", "cafeforme_store=99999999999.."}, {"", "cafeforme_store=\xff"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, authorization, cookie string) {
		s := newStoreSurface(t)
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/store/orders", http.NoBody)
		r.Header["Authorization"], r.Header["Cookie"] = []string{authorization}, []string{cookie}
		token, _ := access.BearerToken(r)
		recorder := httptest.NewRecorder()
		s.handler.ServeHTTP(recorder, r)
		if recorder.Code != http.StatusOK {
			require.Equal(t, http.StatusUnauthorized, recorder.Code)
			return
		}
		require.Equal(t, staffToken, token)
	})
}

// A member's token opens that member's account alone.
func FuzzMemberCredentials(f *testing.F) {
	f.Add(memberNumber, "Bearer "+memberToken)
	f.Add(memberNumber, "Bearer")
	f.Add(memberNumber+"/", "Bearer "+memberToken)
	f.Add("../"+memberNumber, "Bearer \xff")
	f.Add("", "")
	f.Fuzz(func(t *testing.T, number, authorization string) {
		s := newCustomerSurface(t)
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/members/x", http.NoBody)
		r.URL = &url.URL{Path: "/members/" + number}
		r.Header["Authorization"] = []string{authorization}
		token, _ := access.BearerToken(r)
		recorder := httptest.NewRecorder()
		s.handler.ServeHTTP(recorder, r)
		require.Less(t, recorder.Code, http.StatusInternalServerError)
		if recorder.Code == http.StatusOK {
			require.Equal(t, [2]string{memberNumber, memberToken}, [2]string{number, token})
		}
	})
}

// An idempotency key is used as it was sent, or refused.
func FuzzIdempotencyKeys(f *testing.F) {
	for _, seed := range []string{"", "0123456789abcdef", "with a space inside", "\x00", "ключ-ключ-ключ-ключ", "0123456789abcde\n"} {
		f.Add(seed, false)
	}
	f.Add("0123456789abcdef", true)
	f.Fuzz(func(t *testing.T, value string, twice bool) {
		header := http.Header{transport.IdempotencyKeyHeader: {value}}
		if twice {
			header.Add(transport.IdempotencyKeyHeader, value)
		}
		key, err := transport.IdempotencyKey(header)
		if err != nil {
			require.Empty(t, key)
			requireClientError(t, err)
			return
		}
		require.Equal(t, value, key)
		require.False(t, twice)
		require.True(t, len(key) >= 16 && len(key) <= 128)
		id := newOrderID([]byte("secret"), key)
		require.Regexp(t, `^ord_[a-z2-7]{26}$`, id)
		require.Equal(t, id, newOrderID([]byte("secret"), key))
		require.NotEqual(t, id, newOrderID([]byte("another"), key))
	})
}
