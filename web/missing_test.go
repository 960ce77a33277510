package web

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAnUnknownPageSaysSoInTheReadersLanguage(t *testing.T) {
	t.Parallel()
	for language, says := range map[string]string{"ko": "페이지를 찾을 수 없어요</h1>", "en": "Page not found</h1>"} {
		for home, page := range map[string]http.Handler{`href="/"`: NotFound("/", nil), `href="/store"`: NotFound("/store", nil)} {
			answer := get(t, page, "/nowhere", "Accept-Language", language)
			require.Equal(t, http.StatusNotFound, answer.Code)
			require.Equal(t, language, answer.Header().Get("Content-Language"))
			html := answer.Body.String()
			require.Contains(t, html, says)
			require.Contains(t, html, `class="button primary" `+home)
			require.NotContains(t, html, "<script")
			require.NotContains(t, html, ".js")
		}
	}
}
