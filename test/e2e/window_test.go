package e2e_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// screenshots has the tests renew the pictures of the README.
var screenshots = flag.Bool("screenshots", false, "write docs/screenshots")

// chromium is a test's share of a real Chromium.
type chromium struct {
	t   *testing.T
	ctx context.Context
}

// theBrowser runs for as long as the tests do: every window has storage,
// cookies and connections of its own.
var theBrowser = sync.OnceValues(func() (context.Context, error) {
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.Flag("disable-dev-shm-usage", true))
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium's sandbox refuses to run as root
	}
	allocator, _ := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, _ := chromedp.NewContext(allocator)
	return ctx, chromedp.Do(ctx)
})

func startBrowser(t *testing.T) *chromium {
	t.Helper()
	ctx, err := theBrowser()
	require.NoError(t, err, "the tests need Chromium: run 'sh scripts/chromium'")
	return &chromium{t: t, ctx: ctx}
}

// window is one person's browser window, with storage and cookies of its own.
type window struct {
	t    *testing.T
	name string
	ctx  context.Context
	// byCard: orders are paid with the sandbox's card.
	byCard bool

	mu     sync.Mutex
	errors []string
}

// open opens a window in a language. Scripts that fail and everything that the
// Content-Security-Policy stops fail the test. Orders are paid with the sandbox's card: the
// tests of what comes afterwards need no payment page.
func (b *chromium) open(name, language string, width, height int64) *window {
	b.t.Helper()
	w := b.payer(name, language, width, height)
	w.paysByCard()
	return w
}

// payer is [chromium.open] for somebody who pays on the provider's page.
func (b *chromium) payer(name, language string, width, height int64) *window {
	b.t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	return b.window(ctx, cancel, name, language, width, height)
}

// tab opens another tab beside the window, in English, which shares its storage and cookies.
func (b *chromium) tab(beside *window) *window {
	b.t.Helper()
	ctx, cancel := chromedp.NewContext(beside.ctx)
	w := b.window(ctx, cancel, beside.name+"'s other tab", "en", phoneWidth, phoneHeight)
	if beside.byCard {
		w.paysByCard()
	}
	return w
}

func (b *chromium) window(ctx context.Context, cancel func(), name, language string, width, height int64) *window {
	b.t.Helper()
	b.t.Cleanup(cancel)
	w := &window{t: b.t, name: name, ctx: ctx}
	require.NoError(b.t, chromedp.Do(ctx)) // without a deadline: it makes the window
	require.NoError(b.t, chromedp.Listen(ctx, w.hear))
	call(w, log.Enable, cdp.Empty{})
	call(w, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: "cafeforme tests", AcceptLanguage: language})
	w.resize(width, height)
	call(w, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}},
	})
	b.t.Cleanup(func() {
		assert.Empty(b.t, w.wrong(), "errors in the console of %s", name)
		if b.t.Failed() {
			b.t.Logf("%s sees:\n%s", name, w.textOf("body"))
		}
	})
	return w
}

// hear notes what goes wrong. Answers that are no success are the pages' daily
// bread, and are no errors.
func (w *window) hear(event any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		w.errors = append(w.errors, exceptionText(e.ExceptionDetails))
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError {
			w.errors = append(w.errors, fmt.Sprint("console.error: ", string(e.Args[0].Value)))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError && e.Entry.Source != log.EntrySourceNetwork {
			w.errors = append(w.errors, fmt.Sprintf("%s: %s", e.Entry.Source, e.Entry.Text))
		}
	}
}

// call sends a command of the DevTools protocol.
func call[P, R any](w *window, command cdp.Command[P, R], params P) {
	w.t.Helper()
	_, err := chromedp.Call(w.ctx, command, params)
	require.NoError(w.t, err)
}

// beforeLoad runs the script in every page before the page's own.
func (w *window) beforeLoad(script string) {
	w.t.Helper()
	call(w, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
}

// paysByCard chooses the sandbox's card at checkout, where nothing else was chosen.
func (w *window) paysByCard() {
	w.t.Helper()
	w.byCard = true
	w.beforeLoad(`try {
		const details = { payment_method: "pm_card_visa", ...JSON.parse(sessionStorage["cafeforme.details"] ?? "{}") };
		sessionStorage["cafeforme.details"] = JSON.stringify(details);
	} catch { /* no page of ours */ }`)
}

// resize makes the window that large, in CSS pixels; a narrow one is a phone's.
func (w *window) resize(width, height int64) {
	w.t.Helper()
	call(w, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: width, Height: height, DeviceScaleFactor: 1, Mobile: width < 600,
	})
}

func (w *window) run(actions ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	require.NoError(w.t, chromedp.Do(ctx, actions...), "%s sees:\n%s", w.name, lazily(func() string { return w.textOf("body") }))
}

// ask returns the value of an expression.
func ask[T any](w *window, expression string) T {
	w.t.Helper()
	value, err := chromedp.Run(w.ctx, chromedp.Evaluate[T](expression))
	require.NoError(w.t, err)
	return value
}

func (w *window) goTo(url string) { w.t.Helper(); w.run(chromedp.Navigate(url)) }

func (w *window) reload() { w.t.Helper(); w.run(chromedp.Reload()) }

// click presses what the selector finds first as a finger does: once it can be
// pressed and stands still, and where nothing lies over it. A press that misses,
// because the page has moved after all, is made again, as people do.
func (w *window) click(selector string) {
	w.t.Helper()
	const missed = "globalThis.pressed === false"
	for try := 0; try == 0 || w.is(missed) && try < 5; try++ {
		w.await(fmt.Sprintf(`(() => {
			const e = document.querySelector(%s), before = globalThis.pressAt;
			globalThis.pressAt = null;
			if (!e || e.disabled || !e.checkVisibility()) return false;
			const box = e.getBoundingClientRect(), x = box.x + box.width / 2, y = box.y + box.height / 2;
			const hit = document.elementFromPoint(x, y);
			if (!hit || !e.contains(hit)) {
				e.scrollIntoView({ block: "center", behavior: "instant" });
				return false;
			}
			globalThis.pressAt = [x, y];
			if (before?.[0] !== x || before[1] !== y) return false;
			globalThis.pressed = false;
			e.addEventListener("click", () => { globalThis.pressed = true; }, { once: true, capture: true });
			return true;
		})()`, quoted(selector)), "press "+selector)
		at := ask[[]float64](w, "globalThis.pressedAt = pressAt, pressAt = null, pressedAt")
		w.press(at[0], at[1], 1)
	}
}

// press presses the mouse at a point of the window; the second press of a double
// click has the count 2.
func (w *window) press(x, y float64, count int64) {
	w.t.Helper()
	for _, kind := range []input.DispatchMouseEventType{chromedp.MousePressed, chromedp.MouseReleased} {
		call(w, input.DispatchMouseEvent, input.DispatchMouseEventParams{
			Type: kind, X: x, Y: y, Button: input.MouseButtonLeft, ClickCount: count,
		})
	}
}

// fill writes into a field as a keyboard would.
func (w *window) fill(selector, text string) {
	w.t.Helper()
	w.sees(selector, "")
	w.do(fmt.Sprintf(`document.querySelector(%s).select()`, quoted(selector))) // what is written replaces it
	w.run(chromedp.SendKeys(chromedp.CSS(selector), text))
}

func (w *window) do(script string) { w.t.Helper(); ask[any](w, "{"+script+"}; null") }

// is reports whether the expression is true now.
func (w *window) is(expression string) bool {
	value, err := chromedp.Run(w.ctx, chromedp.Evaluate[bool]("!!("+expression+")"))
	return err == nil && value // while a page is being left there is nothing to evaluate in
}

// await waits until the expression is true. A script that fails meanwhile ends the
// wait.
func (w *window) await(expression, what string) {
	w.t.Helper()
	done := func() bool { return len(w.wrong()) > 0 || w.is(expression) }
	require.Eventually(w.t, done, patience, pollEvery, "%s waits in vain: %s; sees:\n%s", w.name, what, lazily(func() string { return w.textOf("body") }))
	require.Empty(w.t, w.wrong(), "%s waits for %s", w.name, what)
}

// wrong returns what has gone wrong in the window so far.
func (w *window) wrong() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.errors)
}

// sees waits until what the selector finds is visible and has the text in it.
func (w *window) sees(selector, text string) {
	w.t.Helper()
	w.await(fmt.Sprintf(`[...document.querySelectorAll(%s)].some((e) => e.checkVisibility() && (e.innerText + (e.value ?? "")).includes(%s))`, quoted(selector), quoted(text)),
		fmt.Sprintf("%q in %s", text, selector))
}

// seesNo waits until nothing visible matches the selector.
func (w *window) seesNo(selector string) {
	w.t.Helper()
	w.await(fmt.Sprintf(`![...document.querySelectorAll(%s)].some((e) => e.checkVisibility())`, quoted(selector)), "no "+selector)
}

func (w *window) textOf(selector string) string {
	text, err := chromedp.Run(w.ctx, chromedp.Evaluate[string](fmt.Sprintf(`document.querySelector(%s)?.innerText ?? ""`, quoted(selector))))
	if err != nil && !errors.Is(err, context.Canceled) {
		return err.Error()
	}
	return text
}

func (w *window) address() string {
	w.t.Helper()
	return ask[string](w, "location.href")
}

// orderID waits for the page of an order, and returns its ID.
func (w *window) orderID() string {
	w.t.Helper()
	w.await(`location.pathname.startsWith("/o/") && !document.querySelector("#order")?.hidden`, "the order's page")
	_, id, _ := strings.Cut(w.address(), "/o/")
	return id
}

// fits requires that nothing has to be scrolled sideways.
func (w *window) fits() {
	w.t.Helper()
	w.await(`document.documentElement.scrollWidth <= document.documentElement.clientWidth`, "a page as wide as the window")
}

// shoot renews a picture of the README, when it is asked to.
func (w *window) shoot(name string) {
	w.t.Helper()
	if !*screenshots {
		return
	}
	picture, err := chromedp.Run(w.ctx, chromedp.CaptureScreenshot())
	require.NoError(w.t, err)
	require.NoError(w.t, os.MkdirAll(filepath.Join("..", "..", "docs", "screenshots"), 0o755))
	require.NoError(w.t, os.WriteFile(filepath.Join("..", "..", "docs", "screenshots", name+".png"), picture, 0o644))
}

func quoted(text string) string {
	data, err := json.Marshal(text)
	if err != nil {
		panic(err) // strings always encode
	}
	return string(data)
}

// lazily is a text that is made when a failed test prints it.
type lazily func() string

// String returns the text.
func (l lazily) String() string { return l() }

func exceptionText(details *runtime.ExceptionDetails) string {
	if details.Exception != nil && details.Exception.Description != "" {
		return details.Exception.Description
	}
	return details.Text
}
