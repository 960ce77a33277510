package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html/template"
	"net/http"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/cafeforme/cafeforme/internal/brand"
	"github.com/cafeforme/cafeforme/internal/languages"
	"github.com/cafeforme/cafeforme/internal/limits"
	"github.com/cafeforme/cafeforme/order"
)

// languageCookie remembers the language that a reader has chosen.
const languageCookie = "cafeforme_language"

// contentPolicy lets a page load its own scripts, styles and pictures and talk to its
// own server, and nothing else: no inline script, no other site, no frame.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"manifest-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"

// localizedPage is one page, rendered in each language: what differs between two readers
// comes from the API. It is rendered again when the brand is another one, or when one store has
// become several.
type localizedPage struct {
	site   *pageSite
	status int
	view   templateView
	// policy is its content security policy.
	policy string

	mu         sync.Mutex
	shown      shownThings
	renderings map[order.Language]renderedPage
}

// shownThings are what changes while a page is served.
type shownThings struct {
	brand  brand.Brand
	stores storeFacts
}

type renderedPage struct {
	html []byte
	etag string
}

// templateView is what templates see.
type templateView struct {
	Language, Other order.Language
	// Name is the page's name: of its template, its text keys and its script.
	Name string
	// Variant is what a page is instead of what it usually is; empty as a rule.
	Variant string
	Config  any
	Brand   brandView
	Stores  storeFacts
}

// page renders the named template in each language.
func (s *pageSite) page(name string, config any) *localizedPage {
	return s.render(http.StatusOK, templateView{Name: name, Config: config})
}

// render renders a page that is answered with that status in each language.
func (s *pageSite) render(status int, v templateView) *localizedPage {
	p := &localizedPage{site: s, status: status, view: v, policy: contentPolicy, shown: shownThings{brand: brand.Default()}}
	p.renderings = p.renderedWith(p.shown)
	return p
}

// rendered returns the page in the language, with the brand and what is known of the stores.
func (p *localizedPage) rendered(now shownThings, language order.Language) renderedPage {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !reflect.DeepEqual(p.shown, now) {
		p.renderings, p.shown = p.renderedWith(now), now
	}
	return p.renderings[language]
}

func (p *localizedPage) renderedWith(now shownThings) map[order.Language]renderedPage {
	renderings, v := map[order.Language]renderedPage{}, p.view
	for _, language := range languages.Offered() {
		v.Language, v.Brand, v.Stores = language, p.site.viewOf(now.brand, language), now.stores
		v.Other = otherThan(language)
		html := p.site.html(v)
		renderings[language] = renderedPage{html: html, etag: tagOf(html)}
	}
	return renderings
}

// otherThan returns the other language.
func otherThan(language order.Language) order.Language {
	return slices.DeleteFunc(languages.Offered(), func(l order.Language) bool { return l == language })[0]
}

// tagOf returns the entity tag of a content.
func tagOf(content []byte) string {
	sum := sha256.Sum256(content)
	return `"` + hex.EncodeToString(sum[:8]) + `"`
}

func (s *pageSite) html(v templateView) []byte { return executed(s.template(v), v) }

// template returns the template of a page in its language.
func (s *pageSite) template(v templateView) *template.Template {
	t := template.New("base.html").Option("missingkey=error").Funcs(template.FuncMap{
		"t": s.texts[v.Language].get, "other": s.texts[v.Other].get, "asset": s.assets.path, "limit": inputLimit, "styles": styleSheet,
	})
	return template.Must(t.ParseFS(embeddedFiles, "pages/shared/base.html", "pages/"+v.Name+"/"+v.Name+".html"))
}

func executed(t *template.Template, v templateView) []byte {
	var html bytes.Buffer
	if err := t.Execute(&html, v); err != nil {
		panic(fmt.Errorf("web: render %s in %s: %w", v.Name, v.Language, err)) // the same every time: tests see it
	}
	return html.Bytes()
}

// inputLimits are how many characters the API takes, by the name that templates use.
var inputLimits = map[string]int{
	"code": limits.Code, "membership_number": limits.MembershipNumber, "name": limits.Name,
	"note": limits.Note, "phone": limits.Phone, "reason": limits.Reason,
}

// inputLimit returns how many characters an input may have, for templates.
func inputLimit(name string) (int, error) {
	limit, ok := inputLimits[name]
	if !ok {
		return 0, fmt.Errorf("no limit %q", name)
	}
	return limit, nil
}

// titled returns the page with a name before its title; as it is for no name.
func (p renderedPage) titled(name string) renderedPage {
	if name == "" {
		return p
	}
	html := bytes.Replace(p.html, []byte("<title>"), []byte("<title>"+template.HTMLEscapeString(name)+" · "), 1)
	return renderedPage{html: html, etag: tagOf(html)}
}

// ServeHTTP answers with the page in the language that the reader has chosen, or
// else accepts.
func (p *localizedPage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.serve(w, r, func(order.Language) string { return "" })
}

// serve answers with the page, whose title begins with what is called so in the reader's language.
func (p *localizedPage) serve(w http.ResponseWriter, r *http.Request, called func(order.Language) string) {
	language, chosen := languageOf(r)
	if chosen {
		rememberLanguage(w, language)
	}
	header := w.Header()
	setPageHeaders(header, language, p.policy)
	now := p.rendered(shownThings{brand: p.site.brand(r.Context()), stores: p.site.stores.facts(r.Context())}, language).titled(called(language))
	if p.status != http.StatusOK {
		w.WriteHeader(p.status)
		_, _ = w.Write(now.html) // a reader who has gone needs no answer
		return
	}
	header.Set("ETag", now.etag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(now.html))
}

// setPageHeaders says what every page is: in a language, and under a content security policy.
func setPageHeaders(header http.Header, language order.Language, policy string) {
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Language", string(language))
	header.Set("Content-Security-Policy", policy)
	header.Add("Vary", "Accept-Language, Cookie")
	header.Set("Cache-Control", "private, no-cache")
}

// languageOf returns the reader's language: from ?lang=, which is a choice to
// remember, or from an earlier choice, or from the browser's own.
func languageOf(r *http.Request) (language order.Language, chosen bool) {
	asked := order.Language(r.URL.Query().Get("lang"))
	if slices.Contains(languages.Offered(), asked) {
		return asked, true
	}
	if cookie, err := r.Cookie(languageCookie); err == nil && slices.Contains(languages.Offered(), order.Language(cookie.Value)) {
		return order.Language(cookie.Value), false
	}
	return languages.Accepted(r.Header.Get("Accept-Language")), false
}

func rememberLanguage(w http.ResponseWriter, language order.Language) {
	const year = 365 * 24 * time.Hour
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // G124: a language is no secret, and development has no HTTPS
		Name: languageCookie, Value: string(language), Path: "/", MaxAge: int(year.Seconds()),
		HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}
