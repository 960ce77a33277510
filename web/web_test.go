package web

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/gorilla/mux"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/internal/languages"
	"github.com/cafeforme/cafeforme/order"
)

func customerPages() http.Handler {
	return serve(Customer(CustomerConfig{
		Methods: []string{"redirect", "pm_card_visa"}, SandboxPage: true,
		Dev: &Dev{TemporalUI: "http://ui.example", Namespace: "default", Board: "http://store.example"},
	}))
}

func serve(pages map[string]http.Handler) http.Handler {
	router := mux.NewRouter()
	for path, page := range pages {
		router.Handle(path, page)
	}
	return router
}

func get(t *testing.T, handler http.Handler, path string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w
}

func TestBothLanguagesSayTheSame(t *testing.T) {
	t.Parallel()
	all := readTexts()
	values := regexp.MustCompile(`\{\w+\}`)
	korean, english := all[order.Korean], all[order.English]
	for key := range english {
		if of, counted := strings.CutSuffix(key, singular); counted {
			require.Contains(t, english, of, key) // Korean has no singular
			continue
		}
		require.Contains(t, korean, key)
	}
	for key, text := range korean {
		require.NotEmpty(t, text, key)
		require.NotEmpty(t, english[key], key)
		require.Subset(t, values.FindAllString(english[key], -1), values.FindAllString(text, -1), "%s: the values that go in", key)
	}
}

// singular ends the key of a sentence about one of something.
const singular = ".one"

// English says "1 item" where it says "2 items" otherwise.
func TestWhatIsCountedHasItsSingular(t *testing.T) {
	t.Parallel()
	english := readTexts()[order.English]
	counted := regexp.MustCompile(`\{(count|points|minutes|hours|qty)\} \w+s\b`)
	require.Regexp(t, counted, english["manage.items"])
	for key, text := range english {
		if strings.HasSuffix(key, singular) {
			require.NotRegexp(t, counted, text, key)
		} else if counted.MatchString(text) {
			require.NotEmpty(t, english[key+singular], "%s: %s", key, text)
		}
	}
	core := scriptSources(t)["core.js"]
	require.Contains(t, core, "new Intl.PluralRules(language)")
	require.Contains(t, core, "texts[`${key}.${plural.select(values.count)}`]")
}

// Texts that scripts name must be there, and so must one for each status of an order and each
// command's winner.
func TestEveryTextIsThere(t *testing.T) {
	t.Parallel()
	texts := readTexts()[order.English]
	named := regexp.MustCompile(`\bt\("([a-z_.0-9]+)"`)
	for name, script := range newAssets(readTexts()).files {
		if !strings.HasSuffix(name, ".js") {
			continue
		}
		for _, match := range named.FindAllStringSubmatch(string(script), -1) {
			require.NotEmpty(t, texts[match[1]], match[1])
		}
	}
	for _, status := range order.Statuses() {
		for _, prefix := range []string{"status.", "order.", "timeline.", "won."} {
			require.NotEmpty(t, texts[prefix+string(status)], prefix+string(status))
		}
	}
}

// Every problem that the API answers with is said in the reader's language, as core.js explains it: by its
// code, or by one sentence for all that only a page that is at fault itself can get. What the server says of
// it in English is no part of that.
func TestEveryProblemIsExplained(t *testing.T) {
	t.Parallel()
	specification, err := os.ReadFile("../api/openapi.yaml")
	require.NoError(t, err)
	rows := regexp.MustCompile(`(?m)^    \| [45]\d\d \| (.*) \|$`).FindAllStringSubmatch(string(specification), -1)
	require.NotEmpty(t, rows)
	codes := regexp.MustCompile("`([a-z_]+)`(?:[:,; ]|$)")
	notCodes := []string{"order_id", "order_status", "field", "line", "price", "errors", "current", "conflicts", "reason", "slots"}
	ofThePage := []string{"method_not_allowed", "unsupported_media_type", "unsigned_event", "internal"} // problem.internal
	staffCodes := []string{"forbidden", "name_taken", "last_owner", "passkeys_unavailable"}             // which customers do not load
	for language, texts := range readTexts() {
		require.NotEmpty(t, texts["problem.internal"], language)
		require.NotEmpty(t, texts["problem.invalid"], language) // of those that begin so
		for _, row := range rows {
			for _, match := range codes.FindAllStringSubmatch(row[1], -1) {
				if slices.Contains(staffCodes, match[1]) {
					require.NotEmpty(t, texts["signin.problem."+match[1]], "signin.problem.%s in %s", match[1], language)
					continue
				}
				if slices.Contains(notCodes, match[1]) || slices.Contains(ofThePage, match[1]) || strings.HasPrefix(match[1], "invalid_") {
					continue
				}
				require.NotEmpty(t, texts["problem."+match[1]], "problem.%s in %s", match[1], language)
			}
		}
		for key, text := range texts {
			if strings.HasPrefix(key, "problem.") {
				require.Equal(t, language == order.Korean, hangul.MatchString(text), "%s in %s", key, language)
			}
		}
	}
	for name, script := range scriptSources(t) {
		require.NotRegexp(t, `problem\.(?:body\.)?(?:detail|title)\b`, script, "%s shows what the server says in English", name)
	}
}

var hangul = regexp.MustCompile(`\p{Hangul}`)

// Scripts and styles are read in editors that show so many columns.
func TestLinesOfScriptsAndStylesFitIntoAnEditor(t *testing.T) {
	t.Parallel()
	require.NoError(t, fs.WalkDir(embeddedFiles, "pages", func(name string, _ fs.DirEntry, err error) error {
		if !strings.HasSuffix(name, ".js") && !strings.HasSuffix(name, ".css") {
			return err
		}
		for i, line := range strings.Split(string(mustRead(name)), "\n") {
			require.LessOrEqual(t, utf8.RuneCountInString(line), 120, "%s:%d", name, i+1)
		}
		return err
	}))
}

// Every style sheet is part of the one that the staff's pages load. Customers load what is theirs.
func TestEveryStyleSheetIsLoaded(t *testing.T) {
	t.Parallel()
	sheets, err := fs.Glob(embeddedFiles, "pages/*/*.css")
	require.NoError(t, err)
	require.Len(t, staffStyles, len(sheets))
	files := newAssets(readTexts()).files
	for _, sheet := range sheets {
		styles := string(minified(sheet, mustRead(sheet)))
		require.Contains(t, string(files["store.css"]), styles, sheet)
		if !strings.Contains(sheet, "/board/") && !strings.Contains(sheet, "/manage/") && !strings.Contains(sheet, "/orders/") {
			require.Contains(t, string(files["site.css"]), styles, sheet)
		}
	}
	require.Contains(t, get(t, customerPages(), "/").Body.String(), "/site.css")
	for _, path := range []string{"/store", "/store/manage"} {
		require.Contains(t, get(t, serve(Store(nil)), path).Body.String(), "/store.css")
	}
}

// scriptSources returns the scripts as they are written, by the names of their assets.
func scriptSources(t *testing.T) map[string]string {
	t.Helper()
	files, err := fs.Glob(embeddedFiles, "pages/*/*.js")
	require.NoError(t, err)
	sources := map[string]string{}
	for _, file := range files {
		sources[assetName(file)] = string(mustRead(file))
	}
	return sources
}

// loadedLater are the scripts that use the texts of a part of a page that is loaded later.
var loadedLater = map[string][]string{"sheet": {"sheet"}, "hours": {"hours"}, "stores": {"storechoice", "storelist", "orderstore"}}

// Each page's texts are a module of its own, with all that its scripts name.
func TestEachPageHasItsTexts(t *testing.T) {
	t.Parallel()
	all := readTexts()
	scripts, modules := scriptSources(t), newAssets(all).files
	imported := regexp.MustCompile(`from "\./(\w+\.js)"`)
	named := regexp.MustCompile("\\b(?:t|has)\\([\"`]([a-z]+)\\.")
	conditional := regexp.MustCompile(`\bt\([^()"]* \? "([a-z]+)\.[^"]*" : "([a-z]+)\.`)
	for page, parts := range partsOf {
		entries := []string{page}
		if more, later := loadedLater[page]; later {
			parts, entries = slices.Concat(parts, partsOf["menu"]), more
		}
		var source string
		for _, entry := range entries {
			source += scripts[entry+".js"]
		}
		for read := map[string]bool{"core.js": true}; ; { // core.js names texts of connections, where a page shows one
			matches := imported.FindAllStringSubmatch(source, -1)
			i := slices.IndexFunc(matches, func(match []string) bool { return !read[match[1]] })
			if i < 0 {
				break
			}
			read[matches[i][1]] = true
			source += scripts[matches[i][1]]
		}
		matches := slices.Concat(named.FindAllStringSubmatch(source, -1), conditional.FindAllStringSubmatch(source, -1))
		require.NotEmpty(t, matches, page)
		for _, match := range matches {
			for _, part := range match[1:] {
				require.Contains(t, parts, part, "%s.js names texts of %q", page, part)
			}
		}
		if strings.Contains(source, "explain(") {
			require.Contains(t, parts, "problem", page)
		}
		if strings.Contains(source, "connection(") {
			require.Contains(t, parts, "connection", page)
		}
		require.Contains(t, string(modules["text."+page+".ko.js"]), "export default {")
	}
}

func TestAnOrderThatIsNotThereSaysSoInBothLanguages(t *testing.T) {
	t.Parallel()
	page := NoOrder(CustomerConfig{})
	for language, says := range map[string]string{"ko": "<title>주문을 찾을 수 없어요", "en": "<title>Order not found"} {
		answer := get(t, page, "/o/ord_x", "Accept-Language", language)
		require.Equal(t, http.StatusNotFound, answer.Code)
		require.Contains(t, answer.Body.String(), says)
		require.Contains(t, answer.Body.String(), "주문을 찾을 수 없어요</")
		require.Contains(t, answer.Body.String(), "Order not found</")
		require.Contains(t, answer.Body.String(), `class="button primary" href="/"`)
	}
}

// A customer reads of every note that concerns them in their own words, and of no other.
func TestEveryPublicNoteHasASentence(t *testing.T) {
	t.Parallel()
	var told []string
	for key := range readTexts()[order.English] {
		if note, ok := strings.CutPrefix(key, "note."); ok {
			told = append(told, note)
		}
	}
	require.ElementsMatch(t, order.PublicNotes(), told)
}

// The page, the API and the board say the same of a standard reason, and the board sends
// its code.
func TestAStandardReasonHasItsWordsAndItsCodeEverywhere(t *testing.T) {
	t.Parallel()
	board := get(t, serve(Store(nil)), "/store").Body.String()
	for _, code := range order.ReasonCodes() {
		for language, texts := range readTexts() {
			require.Equal(t, code.In(language), texts["reason."+string(code)], language)
		}
		require.Contains(t, board, `name="reason" value="`+string(code)+`"`)
	}
}

func TestPagesAreStrict(t *testing.T) {
	t.Parallel()
	customer, store := customerPages(), serve(Store(nil))
	for path, handler := range map[string]http.Handler{
		"/": customer, "/o/ord_x": customer, "/member": customer, "/dev": customer, "/sandbox/pay/cs_1": customer, "/o/ord_x/pay": customer, "/store": store,
		"/store/manage": store,
	} {
		answer := get(t, handler, path)
		require.Equal(t, http.StatusOK, answer.Code, path)
		policy := answer.Header().Get("Content-Security-Policy")
		require.Contains(t, policy, "default-src 'none'")
		require.NotContains(t, policy, "unsafe")
		html := answer.Body.String()
		for _, forbidden := range []string{"<style", " style=", " onclick=", "javascript:"} {
			require.NotContains(t, html, forbidden, path)
		}
		for _, tag := range regexp.MustCompile(`<script[^>]*>`).FindAllString(html, -1) {
			require.Contains(t, tag, `src="/assets/`)
		}
		for _, asset := range regexp.MustCompile(`/assets/[^"]+`).FindAllString(html, -1) {
			got := get(t, handler, asset)
			require.Equal(t, http.StatusOK, got.Code, asset)
			require.Equal(t, immutableCache, got.Header().Get("Cache-Control"), asset)
		}
		again := get(t, handler, path, "If-None-Match", answer.Header().Get("ETag"))
		require.Equal(t, http.StatusNotModified, again.Code)
	}
	require.Equal(t, "/store", get(t, store, "/").Header().Get("Location"))
}

// Browsers cut what is pasted into a field: what the API leaves out must fit in beside the digits.
func TestFieldsOfCodesHaveRoomForWhatIsPastedWithThem(t *testing.T) {
	t.Parallel()
	pasted := "\u202a" + strings.TrimSuffix(strings.Repeat("1 - ", len("0123456789")), " - ") + "\u202c"
	fields := regexp.MustCompile(`<input [^>]*autocomplete="one-time-code"[^>]*>`).FindAllString(get(t, customerPages(), "/member").Body.String(), -1)
	require.Len(t, fields, 2)
	for _, field := range fields {
		limit := regexp.MustCompile(`maxlength="(\d+)"`).FindStringSubmatch(field)
		require.NotNil(t, limit, field)
		room, err := strconv.Atoi(limit[1])
		require.NoError(t, err)
		require.GreaterOrEqual(t, room, utf8.RuneCountInString(pasted), field)
	}
}

func TestTheLanguageIsTheReaders(t *testing.T) {
	t.Parallel()
	pages := customerPages()
	language := func(path string, header ...string) string {
		return get(t, pages, path, header...).Header().Get("Content-Language")
	}
	require.Equal(t, "ko", language("/"))
	require.Equal(t, "en", language("/", "Accept-Language", "en-GB,en;q=0.9,ko;q=0.1"))
	require.Equal(t, "ko", language("/", "Accept-Language", "fr"))
	require.Equal(t, "ko", language("/?lang=ko", "Accept-Language", "en"))
	require.Equal(t, "en", language("/?lang=xx", "Accept-Language", "en"))
	chosen := get(t, pages, "/?lang=en").Header().Get("Set-Cookie")
	require.Contains(t, chosen, languageCookie+"=en")
	require.Equal(t, "en", language("/", "Cookie", languageCookie+"=en", "Accept-Language", "ko"))
	require.Equal(t, "ko", language("/", "Cookie", languageCookie+"=xx"))
	require.Empty(t, get(t, pages, "/").Header().Get("Set-Cookie"), "nothing was chosen")
}

func TestAssets(t *testing.T) {
	t.Parallel()
	pages := customerPages()
	other := get(t, pages, "/assets/of-another-release/core.js")
	require.Equal(t, http.StatusOK, other.Code)
	require.Equal(t, "no-cache", other.Header().Get("Cache-Control"))
	require.Contains(t, other.Header().Get("Content-Type"), "javascript")
	cup := get(t, pages, "/assets/x/drinks/SomethingNew.svg")
	require.Equal(t, "image/svg+xml", cup.Header().Get("Content-Type"))
	require.Contains(t, cup.Body.String(), "<svg")
	require.Equal(t, http.StatusNotFound, get(t, pages, "/assets/x/nothing.js").Code)
	require.Contains(t, get(t, pages, "/assets/x/text.menu.ko.js").Body.String(), "export default {")
	require.Len(t, readTexts(), len(languages.Offered()))
	_, err := fs.Stat(embeddedFiles, "pages/shared/"+defaultDrink)
	require.NoError(t, err)
}

func TestWithoutDevThereIsNoDeveloperPage(t *testing.T) {
	t.Parallel()
	pages := serve(Customer(CustomerConfig{}))
	require.Equal(t, http.StatusNotFound, get(t, pages, "/dev").Code)
	require.Equal(t, http.StatusNotFound, get(t, pages, "/sandbox/pay/cs_1").Code)
	require.NotContains(t, get(t, pages, "/").Body.String(), "payment_method")
	require.NotContains(t, get(t, pages, "/").Body.String(), `href="/dev"`)
}

// The minifier evaluates a declaration that takes a value apart before those that stand before it: no
// such declaration may do anything.
func TestDeclarationsThatTakeApartDoNothing(t *testing.T) {
	t.Parallel()
	after := regexp.MustCompile(`(?m)^\s*(?:const|let) \w+ = [^\n]*;\n\s*(?:const|let) [{\[][^\n]*\bawait\b`)
	for name, source := range scriptSources(t) {
		require.Empty(t, after.FindString(source), name)
	}
}

// Where the provider has a page, customers pay there: they see no choice of cards.
func TestCustomersPayOnTheProvidersPage(t *testing.T) {
	t.Parallel()
	page := get(t, serve(Customer(CustomerConfig{PaysOnPage: true})), "/").Body.String()
	require.Contains(t, page, `<input type="hidden" name="payment_method" value="redirect">`)
	require.NotContains(t, page, `<select id="payment_method"`)
	first := regexp.MustCompile(`<option value="([^"]*)">`).FindStringSubmatch(get(t, customerPages(), "/").Body.String())
	require.Equal(t, order.MethodRedirect, first[1])
}
