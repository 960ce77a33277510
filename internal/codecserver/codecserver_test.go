package codecserver_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"google.golang.org/protobuf/proto"

	"github.com/cafeforme/cafeforme/internal/codecserver"
	"github.com/cafeforme/cafeforme/internal/encryption"
)

const (
	token  = "the-token-of-the-tests"
	origin = "http://127.0.0.1:8233"
)

// bench is a codec server and the ring that it works with.
type bench struct {
	*testing.T
	ring *encryption.Ring
	url  string
}

func setup(t *testing.T) bench {
	t.Helper()
	key, err := encryption.NewKey("test")
	require.NoError(t, err)
	ring, err := encryption.Parse(key)
	require.NoError(t, err)
	server := httptest.NewServer(codecserver.New(codecserver.Options{
		Codec: ring, Token: token, Origins: []string{origin, "http://localhost:8233"}, Log: slog.New(slog.DiscardHandler),
	}))
	t.Cleanup(server.Close)
	return bench{t, ring, server.URL}
}

// hidden returns the body of a request to decode "Mina".
func (b bench) hidden() []byte {
	b.Helper()
	payload, err := b.ring.Converters().Data.ToPayload("Mina")
	require.NoError(b, err)
	return encoded(b, payload)
}

func encoded(t testing.TB, payload *commonpb.Payload) []byte {
	t.Helper()
	body, err := json.Marshal(map[string]any{"payloads": []any{payload}})
	require.NoError(t, err)
	return body
}

func (b bench) request(method, path string, body []byte, headers ...string) answer {
	b.Helper()
	request, err := http.NewRequestWithContext(b.Context(), method, b.url+path, bytes.NewReader(body))
	require.NoError(b, err)
	request.Header.Set("Content-Type", "application/json")
	for pair := range slices.Chunk(headers, 2) {
		request.Header.Set(pair[0], pair[1])
	}
	return send(b, http.DefaultClient, request)
}

// answer is what came back.
type answer struct {
	Status  int
	Header  http.Header
	Cookies []*http.Cookie
	Text    string
}

func send(t testing.TB, client *http.Client, request *http.Request) answer {
	t.Helper()
	response, err := client.Do(request)
	require.NoError(t, err)
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, "no-store", response.Header.Get("Cache-Control"))
	require.Equal(t, "nosniff", response.Header.Get("X-Content-Type-Options"))
	return answer{response.StatusCode, response.Header, response.Cookies(), string(text)}
}

// As Temporal's CLI does it, with --codec-endpoint and --codec-auth.
func TestTheCLIReadsAndWrites(t *testing.T) {
	t.Parallel()
	b := setup(t)
	remote := converter.NewRemotePayloadCodec(converter.RemotePayloadCodecOptions{
		Endpoint: b.url,
		ModifyRequest: func(r *http.Request) error {
			r.Header.Set("Authorization", "Bearer "+token)
			return nil
		},
	})
	plain, err := converter.GetDefaultDataConverter().ToPayload("Mina")
	require.NoError(t, err)
	written, err := remote.Encode([]*commonpb.Payload{plain})
	require.NoError(t, err)
	require.Equal(t, encryption.Encoding, string(written[0].GetMetadata()["encoding"]))
	read, err := remote.Decode(written)
	require.NoError(t, err)
	require.True(t, proto.Equal(plain, read[0]))
}

// As the Web UI does it: preflight, then the payloads with the cookie that the
// codec server's page gave.
func TestTheWebUIReadsOnceSignedIn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	got := b.request(http.MethodOptions, "/decode?preserveStorageRefs=true", nil, "Origin", origin,
		"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "content-type,x-namespace")
	require.Equal(t, http.StatusNoContent, got.Status)
	require.Equal(t, origin, got.Header.Get("Access-Control-Allow-Origin"))
	require.Equal(t, "true", got.Header.Get("Access-Control-Allow-Credentials"))
	require.Contains(t, got.Header.Get("Access-Control-Allow-Headers"), "X-Namespace")
	require.Equal(t, "Origin", got.Header.Get("Vary"))

	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	browser := &http.Client{Jar: jar}
	decode := func() (int, string) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.url+"/decode?preserveStorageRefs=true", bytes.NewReader(b.hidden()))
		require.NoError(t, err)
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("X-Namespace", "default")
		request.Header.Set("Origin", origin)
		got := send(t, browser, request)
		require.Equal(t, origin, got.Header.Get("Access-Control-Allow-Origin"), "the Web UI has to see refusals, too")
		return got.Status, got.Text
	}
	status, _ := decode()
	require.Equal(t, http.StatusUnauthorized, status)

	require.Equal(t, http.StatusUnauthorized, b.signIn(browser, "not the token"))
	status, _ = decode()
	require.Equal(t, http.StatusUnauthorized, status)

	require.Equal(t, http.StatusOK, b.signIn(browser, token))
	status, text := decode()
	require.Equal(t, http.StatusOK, status)
	var read struct{ Payloads []*commonpb.Payload }
	require.NoError(t, json.Unmarshal([]byte(text), &read))
	require.JSONEq(t, `"Mina"`, string(read.Payloads[0].GetData()))
}

func (b bench) signIn(browser *http.Client, with string) int {
	b.Helper()
	form := url.Values{"token": {with}}.Encode()
	request, err := http.NewRequestWithContext(b.Context(), http.MethodPost, b.url+"/", strings.NewReader(form))
	require.NoError(b, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	got := send(b, browser, request)
	return got.Status
}

func TestTheCookieIsKeptFromScriptsAndOtherSites(t *testing.T) {
	t.Parallel()
	b := setup(t)
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	form := strings.NewReader(url.Values{"token": {token}}.Encode())
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.url+"/", form)
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	got := send(t, browser, request)
	require.Len(t, got.Cookies, 1)
	cookie := got.Cookies[0]
	require.True(t, cookie.HttpOnly)
	require.Equal(t, http.SameSiteStrictMode, cookie.SameSite)
	require.NotContains(t, cookie.Value, token)
}

func TestTheCodecServerRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	bearer := []string{"Authorization", "Bearer " + token}
	for name, test := range map[string]struct {
		method, path string
		body         []byte
		headers      []string
		want         int
		says         string
	}{
		"nobody in particular":    {"POST", "/decode", b.hidden(), nil, 401, "bearer token"},
		"a wrong token":           {"POST", "/decode", b.hidden(), []string{"Authorization", "Bearer " + token + "x"}, 401, ""},
		"a token as password":     {"POST", "/decode", b.hidden(), []string{"Authorization", "Basic " + token}, 401, ""},
		"a cookie of one's own":   {"POST", "/decode", b.hidden(), []string{"Cookie", "cafeforme_codec=" + token}, 401, ""},
		"to encode for nobody":    {"POST", "/encode", b.hidden(), nil, 401, ""},
		"another page":            {"POST", "/decode", b.hidden(), append(bearer, "Origin", "https://evil.example"), 403, "this page may not"},
		"another page's question": {"OPTIONS", "/decode", nil, []string{"Origin", "https://evil.example"}, 403, ""},
		"a page of no origin":     {"POST", "/decode", b.hidden(), append(bearer, "Origin", "null"), 403, ""},
		"what needs no question":  {"POST", "/decode", b.hidden(), append(bearer, "Content-Type", "text/plain"), 415, ""},
		"no JSON":                 {"POST", "/decode", []byte("{"), bearer, 400, ""},
		"too much":                {"POST", "/decode", bytes.Repeat([]byte(" "), 9<<20), bearer, 400, "too large"},
		"a look":                  {"GET", "/decode", nil, bearer, 405, ""},
		"another path":            {"POST", "/x/decode", b.hidden(), bearer, 404, ""},
	} {
		got := b.request(test.method, test.path, test.body, test.headers...)
		require.Equal(t, test.want, got.Status, name)
		require.Contains(t, got.Text, test.says, name)
		require.NotContains(t, got.Text, "Mina", name)
		require.NotEqual(t, "*", got.Header.Get("Access-Control-Allow-Origin"), name)
		require.NotEqual(t, "https://evil.example", got.Header.Get("Access-Control-Allow-Origin"), name)
	}
}

func TestAMissingKeyIsNamed(t *testing.T) {
	t.Parallel()
	b, other := setup(t), setup(t)
	got := b.request("POST", "/decode", other.hidden(), "Authorization", "Bearer "+token)
	require.Equal(t, http.StatusBadRequest, got.Status)
	require.Contains(t, got.Text, other.ring.IDs()[0])
}

func TestItSaysThatItLives(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, path := range []string{"/healthz", "/readyz", "/"} {
		got := b.request("GET", path, nil)
		require.Equal(t, http.StatusOK, got.Status, path)
	}
}
