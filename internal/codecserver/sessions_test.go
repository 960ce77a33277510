package codecserver_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/codecserver"
	"github.com/cafeforme/cafeforme/internal/encryption"
)

// watched is a codec server with a clock that the test moves, and its log.
type watched struct {
	bench
	mu  sync.Mutex
	now time.Time
	log bytes.Buffer
}

func (w *watched) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *watched) advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *watched) Write(line []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.Write(line)
}

// logged returns the lines of the log with that message.
func (w *watched) logged(message string) (lines []map[string]any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for text := range strings.Lines(w.log.String()) {
		var line map[string]any
		require.NoError(w, json.Unmarshal([]byte(text), &line))
		if line["msg"] == message {
			lines = append(lines, line)
		}
	}
	return lines
}

func watch(t *testing.T, origins ...string) *watched {
	t.Helper()
	key, err := encryption.NewKey("test")
	require.NoError(t, err)
	ring, err := encryption.Parse(key)
	require.NoError(t, err)
	w := &watched{now: time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)}
	server := httptest.NewServer(codecserver.New(codecserver.Options{
		Codec: ring, Token: token, Origins: origins, Log: slog.New(slog.NewJSONHandler(w, nil)), Now: w.Now,
		Client: func(r *http.Request) string { return cmp.Or(r.Header.Get("X-Client"), "192.0.2.1") },
	}))
	t.Cleanup(server.Close)
	w.bench = bench{t, ring, server.URL}
	return w
}

// post posts a form without following redirects.
func (w *watched) post(path string, form url.Values, headers ...string) answer {
	w.Helper()
	request, err := http.NewRequestWithContext(w.Context(), http.MethodPost, w.url+path, strings.NewReader(form.Encode()))
	require.NoError(w, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	return send(w, &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, request)
}

// cookie signs in and returns the cookie.
func (w *watched) cookie(headers ...string) string {
	w.Helper()
	got := w.post("/", url.Values{"token": {token}, "name": {"mina"}}, headers...)
	require.Equal(w, http.StatusSeeOther, got.Status)
	return got.Cookies[0].Name + "=" + got.Cookies[0].Value
}

func (w *watched) decodes(headers ...string) int {
	w.Helper()
	return w.request("POST", "/decode", w.hidden(), headers...).Status
}

func TestTriesAreBounded(t *testing.T) {
	t.Parallel()
	w := watch(t)
	signedIn := w.cookie()
	for i := range 10 {
		if i%2 == 0 {
			require.Equal(t, http.StatusUnauthorized, w.post("/", url.Values{"token": {"guess"}}).Status)
		} else {
			require.Equal(t, http.StatusUnauthorized, w.decodes("Authorization", "Bearer guess"))
		}
	}
	got := w.post("/", url.Values{"token": {"guess"}})
	require.Equal(t, http.StatusTooManyRequests, got.Status)
	require.Equal(t, "60", got.Header.Get("Retry-After"))
	require.Equal(t, http.StatusTooManyRequests, w.decodes("Authorization", "Bearer guess"))
	require.Len(t, w.logged("a wrong token was refused"), 10, "the log is not flooded")
	require.Equal(t, http.StatusOK, w.decodes("Cookie", signedIn), "who is signed in works on")
	w.advance(time.Minute)
	require.Equal(t, http.StatusUnauthorized, w.decodes("Authorization", "Bearer guess"))
}

// Behind a proxy that does not say whom it serves all share one address.
func TestTheTokenIsNeverRefusedForWhatOthersSend(t *testing.T) {
	t.Parallel()
	w := watch(t)
	for range 20 {
		w.post("/", url.Values{"token": {"guess"}})
		w.decodes("Authorization", "Bearer guess")
	}
	require.Equal(t, http.StatusTooManyRequests, w.decodes("Authorization", "Bearer guess"))
	require.Equal(t, http.StatusOK, w.decodes("Authorization", "Bearer "+token))
	require.Equal(t, http.StatusSeeOther, w.post("/", url.Values{"token": {token}}).Status)
}

func TestTriesOfOneSiteOfIPv6CountTogether(t *testing.T) {
	t.Parallel()
	w := watch(t)
	refused := 0
	for i := range 300 {
		if w.decodes("Authorization", "Bearer guess", "X-Client", fmt.Sprintf("2001:db8:1:%x00::/64", i%256)) == http.StatusUnauthorized {
			refused++
		}
	}
	require.Equal(t, 160, refused, "sixteen times as many as of one client")
	require.Equal(t, http.StatusUnauthorized, w.decodes("Authorization", "Bearer guess", "X-Client", "2001:db8:2::/64"))
}

func TestAConnectionOfIPv6IsItsNetwork(t *testing.T) {
	t.Parallel()
	handler := codecserver.New(codecserver.Options{Token: token, Log: slog.New(slog.DiscardHandler)})
	from := func(address string) int {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/decode", http.NoBody)
		r.RemoteAddr = address
		r.Header.Set("Authorization", "Bearer guess")
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, r)
		return recorder.Code
	}
	for i := range 10 {
		require.Equal(t, http.StatusUnauthorized, from(fmt.Sprintf("[2001:db8::%x]:1", i)))
	}
	require.Equal(t, http.StatusTooManyRequests, from("[2001:db8::ff]:1"))
	require.Equal(t, http.StatusUnauthorized, from("192.0.2.1:1"))
}

func TestASessionEndsOnTheServer(t *testing.T) {
	t.Parallel()
	w := watch(t)
	first := w.cookie()
	require.NotEqual(t, first, w.cookie(), "each sign-in is a session of its own")
	require.Equal(t, http.StatusOK, w.decodes("Cookie", first))

	require.Equal(t, http.StatusSeeOther, w.post("/sign-out", nil, "Cookie", first).Status)
	require.Equal(t, http.StatusUnauthorized, w.decodes("Cookie", first))

	second := w.cookie()
	third := w.cookie("Cookie", second)
	require.Equal(t, http.StatusUnauthorized, w.decodes("Cookie", second), "a browser has one session")
	w.advance(12*time.Hour - time.Second)
	require.Equal(t, http.StatusOK, w.decodes("Cookie", third))
	w.advance(time.Second)
	require.Equal(t, http.StatusUnauthorized, w.decodes("Cookie", third), "whatever the browser keeps")
}

func TestAnotherSiteSignsNobodyInOrOut(t *testing.T) {
	t.Parallel()
	w := watch(t)
	signedIn := w.cookie()
	require.Equal(t, http.StatusForbidden, w.post("/sign-out", nil, "Cookie", signedIn, "Sec-Fetch-Site", "cross-site").Status)
	require.Equal(t, http.StatusForbidden, w.post("/", url.Values{"token": {token}}, "Origin", "https://evil.example").Status)
	require.Equal(t, http.StatusOK, w.decodes("Cookie", signedIn))
}

func TestTheLogTellsWhoHasReadWhat(t *testing.T) {
	t.Parallel()
	w := watch(t)
	body := w.hidden()
	require.Equal(t, http.StatusOK, w.request("POST", "/decode", body, "Cookie", w.cookie(), "X-Namespace", "cafe").Status)
	require.Equal(t, http.StatusOK, w.request("POST", "/decode", body, "Authorization", "Bearer "+token).Status)
	require.Equal(t, http.StatusUnauthorized, w.request("POST", "/decode", body).Status)
	lines := w.logged("payloads were decoded")
	require.Len(t, lines, 2)
	require.Equal(t, "mina", lines[0]["who"])
	require.Equal(t, "cafe", lines[0]["namespace"])
	require.EqualValues(t, 1, lines[0]["payloads"])
	require.NotEmpty(t, lines[0]["remote"])
	require.NotEmpty(t, lines[0]["session"])
	require.Len(t, lines[0]["digests"], 1)
	require.Equal(t, lines[0]["digests"], lines[1]["digests"], "the same payload")
	require.Equal(t, "bearer token", lines[1]["who"])
	require.NotContains(t, w.log.String(), "Mina")
	require.NotContains(t, w.log.String(), token)
}

func TestTheCookieIsTiedToItsHostBehindTLS(t *testing.T) {
	t.Parallel()
	w := watch(t, "https://temporal.example")
	require.True(t, strings.HasPrefix(w.cookie(), "__Host-cafeforme_codec="))
	require.True(t, strings.HasPrefix(watch(t, origin).cookie(), "cafeforme_codec="))
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	b := watch(t, origin)
	require.Equal(t, http.StatusOK, b.signIn(&http.Client{Jar: jar}, token))
}
