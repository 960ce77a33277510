package api

import (
	"cmp"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/web"
)

// fetched is an answer as it is sent.
type fetched struct {
	status int
	header http.Header
	body   string
}

// fetch asks a server of the surface, with the headers as pairs of name and value.
func (s *surface) fetch(server *httptest.Server, method, path string, headers ...string) fetched {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, server.URL+path, http.NoBody)
	require.NoError(s.t, err)
	r.Header = s.headers.Clone()
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	client := http.Client{Transport: &http.Transport{DisableCompression: true}}
	s.t.Cleanup(client.CloseIdleConnections)
	response, err := client.Do(r)
	require.NoError(s.t, err)
	body, err := io.ReadAll(response.Body)
	require.NoError(s.t, err)
	require.NoError(s.t, response.Body.Close())
	require.NotEmpty(s.t, response.Header.Values("Vary"), path)
	require.Contains(s.t, strings.Join(response.Header.Values("Vary"), ", "), "Accept-Encoding", path)
	if length := response.Header.Get("Content-Length"); length != "" && method != http.MethodHead {
		require.Equal(s.t, strconv.Itoa(len(body)), length, path)
	}
	return fetched{response.StatusCode, response.Header, string(body)}
}

// plain returns the body, which is compressed.
func (f fetched) plain(t *testing.T) string {
	t.Helper()
	require.Equal(t, "gzip", f.header.Get("Content-Encoding"))
	reader, err := gzip.NewReader(strings.NewReader(f.body))
	require.NoError(t, err)
	text, err := io.ReadAll(reader)
	require.NoError(t, err)
	require.Less(t, len(f.body), len(text))
	return string(text)
}

// served is a surface with its pages, behind a server.
type served struct {
	*surface
	*httptest.Server
}

// withPages returns both surfaces with their pages, by the path of one of these.
func withPages(t *testing.T) map[string]served {
	t.Helper()
	all := map[string]served{}
	for path, s := range map[string]*surface{
		"/":      newCustomerSurface(t, func(c *CustomerConfig) { c.Pages = web.Customer(web.CustomerConfig{}) }),
		"/store": newStoreSurface(t, func(c *StoreConfig) { c.Pages = web.Store(nil) }),
	} {
		server := httptest.NewServer(s.handler)
		t.Cleanup(server.Close)
		all[path] = served{s, server}
	}
	return all
}

func TestPagesAndAnswersAreCompressedForThoseWhoAcceptIt(t *testing.T) {
	t.Parallel()
	for page, s := range withPages(t) {
		for _, path := range []string{page, "/assets/x/core.js", "/assets/x/site.css", "/openapi.yaml"} {
			as := s.fetch(s.Server, http.MethodGet, path)
			require.Equal(t, http.StatusOK, as.status, path)
			require.Empty(t, as.header.Get("Content-Encoding"))
			small := s.fetch(s.Server, http.MethodGet, path, "Accept-Encoding", "br, gzip;q=0.8")
			require.Equal(t, as.body, small.plain(t), path)
			require.Equal(t, as.header.Get("Content-Type"), small.header.Get("Content-Type"))
			refused := s.fetch(s.Server, http.MethodGet, path, "Accept-Encoding", "gzip;q=0, br")
			require.Equal(t, as.body, refused.body)
			head := s.fetch(s.Server, http.MethodHead, path, "Accept-Encoding", "gzip")
			require.Equal(t, http.StatusOK, head.status)
			require.Empty(t, head.body)
		}
	}
}

func TestACompressedAnswerHasATagOfItsOwn(t *testing.T) {
	t.Parallel()
	for page, s := range withPages(t) {
		for _, path := range []string{page, "/assets/x/core.js"} {
			as := s.fetch(s.Server, http.MethodGet, path).header.Get("ETag")
			small := s.fetch(s.Server, http.MethodGet, path, "Accept-Encoding", "gzip").header.Get("ETag")
			require.NotEmpty(t, as)
			require.NotEqual(t, as, small)
			for _, tag := range []string{as, small} {
				for _, method := range []string{http.MethodGet, http.MethodHead} {
					same := s.fetch(s.Server, method, path, "Accept-Encoding", "gzip", "If-None-Match", tag)
					require.Equal(t, http.StatusNotModified, same.status, path)
					require.Equal(t, tag, same.header.Get("ETag"))
					require.Empty(t, same.body)
					require.Empty(t, same.header.Get("Content-Encoding"))
				}
			}
			require.Equal(t, http.StatusOK, s.fetch(s.Server, http.MethodGet, path, "Accept-Encoding", "gzip", "If-None-Match", `"other-gzip"`).status)
		}
	}
}

func TestARangeIsOneOfTheAnswerAsItIs(t *testing.T) {
	t.Parallel()
	s := withPages(t)["/"]
	whole := s.fetch(s.Server, http.MethodGet, "/assets/x/core.js")
	small := s.fetch(s.Server, http.MethodGet, "/assets/x/core.js", "Accept-Encoding", "gzip")
	require.Empty(t, small.header.Get("Accept-Ranges"))
	part := s.fetch(s.Server, http.MethodGet, "/assets/x/core.js", "Accept-Encoding", "gzip", "Range", "bytes=10-3009")
	require.Equal(t, http.StatusPartialContent, part.status)
	require.Empty(t, part.header.Get("Content-Encoding"))
	require.Equal(t, whole.body[10:3010], part.body)
	again := s.fetch(s.Server, http.MethodGet, "/assets/x/core.js", "Accept-Encoding", "gzip", "Range", "bytes=10-3009", "If-Range", small.header.Get("ETag"))
	require.Equal(t, http.StatusOK, again.status, "a part of it must not be put behind compressed bytes")
}

func TestTheCatalogOfACompressedAnswerCanBeChanged(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t)
	server := httptest.NewServer(s.handler)
	t.Cleanup(server.Close)
	s.putCatalog(smallCatalog)
	small := s.fetch(server, http.MethodGet, catalogPath, "Accept-Encoding", "gzip")
	require.Contains(t, small.plain(t), "CafeLatte")
	s.putCatalog(strings.Replace(smallCatalog, "3500", "3600", 1), "If-Match", small.header.Get("ETag"))
	s.put(catalogPath, smallCatalog, "If-Match", small.header.Get("ETag")).refuses(http.StatusPreconditionFailed, "precondition_failed", "")
}

// What answers a change has tokens in it; event streams have to be sent as they come.
func TestSecretsAndEventsAreNotCompressed(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t)
	long := strings.Replace(smallCatalog, `"items": [`, `"items": [`+strings.Repeat(" ", 10), 1)
	a := s.put(catalogPath, long, "Accept-Encoding", "gzip").wants(http.StatusOK)
	require.Empty(t, a.header.Get("Content-Encoding"))
	require.Len(t, decodeAs[spec.Catalog](a).Items, 1)
	events := newCustomerSurface(t).run().stream("/menu/events", "Accept-Encoding", "gzip")
	require.Empty(t, events.response.Header.Get("Content-Encoding"))
}

// referenced finds what pages and modules load.
var referenced = regexp.MustCompile(`(?:stylesheet|modulepreload)" href="([^"]+)"|src="([^"]+\.js)"|from ?"\./([^"]+)"`)

// What a customer waits for, with everything that the first page loads but pictures.
func TestTheFirstPageIsLight(t *testing.T) {
	t.Parallel()
	s := withPages(t)["/"]
	raw, small, scripts := 0, 0, 0
	seen := map[string]bool{}
	var load func(path string)
	load = func(path string) {
		if seen[path] {
			return
		}
		seen[path] = true
		as := s.fetch(s.Server, http.MethodGet, path)
		sent := s.fetch(s.Server, http.MethodGet, path, "Accept-Encoding", "gzip")
		raw, small = raw+len(as.body), small+len(sent.body)
		if strings.HasSuffix(path, ".js") {
			scripts += len(as.body)
		}
		for _, match := range referenced.FindAllStringSubmatch(as.body, -1) {
			beside := path[:strings.LastIndex(path, "/")+1]
			load(cmp.Or(match[1]+match[2], beside+match[3]))
		}
	}
	load("/")
	t.Logf("%d bytes, %d compressed, of which %d are scripts: %v", raw, small, scripts, seen)
	require.Greater(t, len(seen), 5)
	require.Less(t, raw, 100_000)
	require.Less(t, scripts, 40_000)
}
