package api

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/internal/catalog/document"
	"github.com/cafeforme/cafeforme/internal/limits"
)

const catalogPath = "/store/catalog"

// smallCatalog is a catalog with one thing of each kind.
const smallCatalog = `{
  "categories": [{"category":"coffee","name":{"ko":"커피","en":"Coffee"}}],
  "groups": [
    {"group":"milk","name":{"ko":"우유","en":"Milk"},"min":1,"max":1,"options":[
      {"option":"whole","name":{"ko":"일반","en":"Whole"},"default":true},
      {"option":"oat","name":{"ko":"오트","en":"Oat"},"price":500}]}],
  "items": [
    {"product":"CafeLatte","category":"coffee","name":{"ko":"카페 라떼","en":"Cafe Latte"},
     "price":{"amount":3500,"currency":"KRW"},"groups":["milk"]}]
}`

// putCatalog sends the document, which is taken.
func (s *surface) putCatalog(text string, headers ...string) *answer {
	s.t.Helper()
	return s.put(catalogPath, text, headers...).wants(http.StatusOK)
}

func TestTheCatalogIsReplacedAsAWhole(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t)
	put := s.putCatalog(smallCatalog)
	kept := decodeAs[spec.Catalog](put)
	require.Len(t, kept.Items, 1)
	require.True(t, kept.Items[0].Available)
	require.Equal(t, 1, kept.Groups[0].Options[1].MaxQty)
	got := s.get(catalogPath).wants(http.StatusOK)
	require.Equal(t, string(put.body), string(got.body))
	require.Equal(t, put.header.Get("ETag"), got.header.Get("ETag"))
	require.Equal(t, "private, no-cache", got.header.Get("Cache-Control"))
	require.Equal(t, []string{"Accept-Encoding", "Accept"}, got.header.Values("Vary"))
	again := s.putCatalog(string(got.body))
	require.Equal(t, put.header.Get("ETag"), again.header.Get("ETag"), "the same catalog is no other version")
	require.Empty(t, decodeAs[spec.Catalog](s.putCatalog(`{"categories":[],"groups":[],"items":[]}`)).Items)
}

func TestAvailabilityIsKeptWhenTheDocumentDoesNotSayIt(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t)
	s.putCatalog(strings.ReplaceAll(smallCatalog, `"price":500`, `"price":500,"available":false`))
	kept := decodeAs[spec.Catalog](s.putCatalog(smallCatalog))
	require.True(t, kept.Groups[0].Options[0].Available)
	require.False(t, kept.Groups[0].Options[1].Available)
}

func TestTheCatalogComesAsCSVToo(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t)
	asJSON := s.putCatalog(smallCatalog)
	csv := s.get(catalogPath, "Accept", "text/csv").wants(http.StatusOK)
	require.Equal(t, "text/csv; charset=utf-8", csv.header.Get("Content-Type"))
	require.Contains(t, csv.header.Get("Content-Disposition"), "catalog.csv")
	require.NotEqual(t, asJSON.header.Get("ETag"), csv.header.Get("ETag"), "it is another representation")
	s.putCatalog(`{"categories":[],"groups":[],"items":[]}`)
	s.sendAs("text/csv; charset=utf-8", "").refuses(http.StatusBadRequest, "invalid_csv", "")
	back := s.sendAs("text/csv", string(csv.body)).wants(http.StatusOK)
	require.JSONEq(t, string(asJSON.body), string(back.body))
	s.sendAs("text/csv; charset=euc-kr", string(csv.body)).refuses(http.StatusUnsupportedMediaType, "unsupported_media_type", "")
	s.sendAs("text/plain", string(csv.body)).refuses(http.StatusUnsupportedMediaType, "unsupported_media_type", "")
}

// sendAs sends the document with its media type.
func (s *surface) sendAs(contentType, text string) *answer {
	s.t.Helper()
	r := httptest.NewRequestWithContext(s.t.Context(), http.MethodPut, catalogPath, strings.NewReader(text))
	r.Header = s.headers.Clone()
	r.Header.Set("Content-Type", contentType)
	return s.send(r, text)
}

func TestAClientThatHasTheCatalogIsNotSentItAgain(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t)
	tag := s.get(catalogPath).wants(http.StatusOK).header.Get("ETag")
	for _, header := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
		a := s.get(catalogPath, "If-None-Match", header).wants(http.StatusNotModified)
		require.Empty(t, a.body)
		require.Equal(t, tag, a.header.Get("ETag"))
	}
	s.get(catalogPath, "If-None-Match", tag, "Accept", "text/csv").wants(http.StatusOK)
	s.putCatalog(smallCatalog)
	s.get(catalogPath, "If-None-Match", tag).wants(http.StatusOK)
}

func TestTwoWhoBeginWithTheSameCatalogAreToldOfEachOther(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t)
	first := s.putCatalog(smallCatalog).header.Get("ETag")
	second := s.putCatalog(strings.Replace(smallCatalog, "3500", "3700", 1), "If-Match", first).header.Get("ETag")
	for _, stale := range []string{first, "W/" + second, `"other"`} {
		a := s.put(catalogPath, strings.Replace(smallCatalog, "3500", "3900", 1), "If-Match", stale)
		problem := a.refuses(http.StatusPreconditionFailed, "precondition_failed", "")
		require.Equal(t, decodeAs[any](s.get(catalogPath)), problem.Current)
		require.Equal(t, second, a.header.Get("ETag"), "with which the next try can be made")
		require.Len(t, *problem.Conflicts, 1)
		conflict := (*problem.Conflicts)[0]
		require.Equal(t, "items/CafeLatte", conflict.Path)
		require.EqualValues(t, 3900, conflict.Yours.(map[string]any)["price"].(map[string]any)["amount"])
		require.EqualValues(t, 3700, conflict.Current.(map[string]any)["price"].(map[string]any)["amount"])
	}
	require.Equal(t, []bool{true, false}, s.menu.unconditional)
	csvTag := s.get(catalogPath, "Accept", "text/csv").header.Get("ETag")
	s.putCatalog(smallCatalog, "If-Match", csvTag)
	s.putCatalog(smallCatalog, "If-Match", "*")
	require.Equal(t, []bool{true, false, false, true}, s.menu.unconditional)
}

// Who does not ask is told afterwards what they have replaced.
func TestWhoDoesNotAskIsToldWhatWasReplaced(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t)
	first := s.get(catalogPath).header.Get("ETag")
	put := s.putCatalog(smallCatalog)
	require.Equal(t, first, put.header.Get("Replaced-ETag"))
	csv := s.get(catalogPath, "Accept", "text/csv").header.Get("ETag")
	require.Equal(t, csv, s.putCatalog(smallCatalog, "Accept", "text/csv").header.Get("Replaced-ETag"))
	require.Empty(t, s.put(catalogPath+"?dry_run=true", smallCatalog).wants(http.StatusOK).header.Get("Replaced-ETag"))
}

func TestAnExportedDocumentIsForTheCatalogThatItWasExportedOf(t *testing.T) {
	t.Parallel()
	for format, contentType := range map[document.Format]string{document.JSON: "application/json", document.CSV: "text/csv"} {
		s := newStoreSurface(t)
		s.putCatalog(smallCatalog)
		text, err := document.Export(format, s.menu.state.Catalog)
		require.NoError(t, err)
		s.sendAs(contentType, string(text)).wants(http.StatusOK)
		require.False(t, s.menu.unconditional[1], "it says what it was made of")

		tag := s.putCatalog(strings.Replace(smallCatalog, "3500", "3700", 1)).header.Get("ETag")
		stale := s.sendAs(contentType, string(text))
		problem := stale.refuses(http.StatusPreconditionFailed, "precondition_failed", "")
		require.Len(t, *problem.Conflicts, 1)
		require.Equal(t, tag, stale.header.Get("ETag"))
		require.EqualValues(t, 3700, s.menu.state.Catalog.Items[0].Price.Amount)
		s.headers.Set("If-Match", tag) // what the request says counts more
		s.sendAs(contentType, string(text)).wants(http.StatusOK)
		s.headers.Set("If-Match", "*")
		s.sendAs(contentType, string(text)).wants(http.StatusOK)
	}
}

func TestADryRunChangesNothing(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t)
	tag := s.putCatalog(smallCatalog).header.Get("ETag")
	changed := strings.NewReplacer("3500", "3700", `"option":"oat"`, `"option":"soy"`).Replace(smallCatalog)
	changes := decodeAs[spec.CatalogChanges](s.put(catalogPath+"?dry_run=true", changed).wants(http.StatusOK)).Changes
	require.Len(t, changes, 2)
	require.Equal(t, "groups/milk", changes[0].Path)
	require.EqualValues(t, 3500, changes[1].Before.(map[string]any)["price"].(map[string]any)["amount"])
	require.EqualValues(t, 3700, changes[1].After.(map[string]any)["price"].(map[string]any)["amount"])
	gone := decodeAs[spec.CatalogChanges](s.put(catalogPath+"?dry_run=true", `{"categories":[],"groups":[],"items":[]}`)).Changes
	require.Len(t, gone, 3)
	require.Nil(t, gone[0].After)
	require.Empty(t, decodeAs[spec.CatalogChanges](s.put(catalogPath+"?dry_run=true", smallCatalog)).Changes)
	require.Equal(t, tag, s.get(catalogPath).header.Get("ETag"))
	s.put(catalogPath+"?dry_run=true", changed, "If-Match", `"other"`).refuses(http.StatusPreconditionFailed, "precondition_failed", "")
	s.put(catalogPath+"?dry_run=perhaps", changed).refuses(http.StatusUnprocessableEntity, "invalid_dry_run", "dry_run")
	s.putCatalog(strings.Replace(changed, "Latte", "Mocha", 1) + "\n")
}

func TestEverythingThatIsWrongWithTheCatalogIsToldAtOnce(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t)
	wrong := strings.NewReplacer(`"amount":3500`, `"amount":-1`, `["milk"]`, `["size"]`, `"price":500`, `"price":"500"`).Replace(smallCatalog)
	before := string(s.get(catalogPath).body)
	for _, target := range []string{catalogPath, catalogPath + "?dry_run=true"} {
		problem := s.put(target, wrong).refuses(http.StatusUnprocessableEntity, "invalid_price", "groups[0].options[1].price")
		require.Equal(t, []spec.DocumentError{
			{Path: "groups[0].options[1].price", Line: new(6), Message: "must be an integer"},
			{Path: "items[0].price.amount", Line: new(9), Message: "must be between 1 KRW and 100000000 KRW"},
			{Path: "items[0].groups[0]", Line: new(9), Message: "must be one of the groups"},
		}, *problem.Errors)
	}
	unknown := s.put(catalogPath, strings.Replace(smallCatalog, `"groups":["milk"]`, `"Colour1":1`, 1))
	require.Contains(t, unknown.refuses(http.StatusUnprocessableEntity, "invalid_items", "items[0]").Detail, `unknown field "Colour1"`)
	for body, field := range map[string]string{"": "", "{\n": "", smallCatalog + "{}": "", `{"items":[],"items":[]}`: "items", "[]": "", "\xff": ""} {
		problem := s.sendAs("application/json", body).refuses(http.StatusBadRequest, "invalid_json", field)
		require.Len(t, *problem.Errors, 1, "%q", body)
		require.Contains(t, problem.Detail, "line ")
	}
	require.Equal(t, before, string(s.get(catalogPath).body))
}

func TestACatalogNamesOnlyPicturesThatWereUploaded(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t)
	uploaded := decodeAs[spec.Image](s.upload("image/png", pngPicture()).wants(http.StatusCreated)).Image
	withImage := func(hash string) string {
		return strings.Replace(smallCatalog, `"groups":["milk"]`, `"groups":["milk"],"image":"`+hash+`"`, 1)
	}
	for _, dryRun := range []string{"", "?dry_run=true"} {
		problem := s.put(catalogPath+dryRun, withImage(strings.Repeat("a", 64))).refuses(http.StatusUnprocessableEntity, "invalid_image", "items[0].image")
		require.Len(t, *problem.Errors, 1)
		require.Equal(t, 9, *(*problem.Errors)[0].Line)
	}
	require.Equal(t, uploaded, s.kept(withImage(uploaded)))
	s.images.fail(errDown)
	s.put(catalogPath, withImage(uploaded)).refuses(http.StatusServiceUnavailable, "unavailable", "")
}

// kept returns the picture of the first item of a catalog that is taken.
func (s *surface) kept(text string) string {
	s.t.Helper()
	s.putCatalog(text)
	return s.menu.state.Catalog.Items[0].Image
}

func TestACatalogMayBeLargerThanOtherBodies(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t)
	s.putCatalog(smallCatalog + strings.Repeat(" ", 2*limits.Body))
	large := s.put(catalogPath, smallCatalog+strings.Repeat(" ", limits.CatalogBody)).refuses(http.StatusRequestEntityTooLarge, "body_too_large", "")
	require.Equal(t, "the body has more than 8 MiB", large.Detail)
	small := s.put("/store/hours", `{"open":true}`+strings.Repeat(" ", limits.Body)).refuses(http.StatusRequestEntityTooLarge, "body_too_large", "")
	require.Equal(t, "the body has more than 64 KiB", small.Detail)
}

func TestTheCatalogIsForTheStaff(t *testing.T) {
	t.Parallel()
	s := newStoreSurface(t)
	s.headers = http.Header{}
	s.get(catalogPath).refuses(http.StatusUnauthorized, "unauthorized", "")
	s.put(catalogPath, smallCatalog).refuses(http.StatusUnauthorized, "unauthorized", "")
	s.headers.Set("Authorization", "Bearer "+staffToken)
	s.put(catalogPath, smallCatalog, "Sec-Fetch-Site", "cross-site").refuses(http.StatusForbidden, "cross_origin", "")
	s.menu.fail(errDown)
	s.get(catalogPath).refuses(http.StatusServiceUnavailable, "unavailable", "")
	s.put(catalogPath, smallCatalog).refuses(http.StatusServiceUnavailable, "unavailable", "")
}
