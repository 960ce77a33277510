package api

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/live"
	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/internal/brand"
	"github.com/cafeforme/cafeforme/order"
)

const staffToken = "staff-token-of-the-tests"

// surface is a surface under test with its surroundings. Whatever goes through
// it is held against openapi.yaml.
type surface struct {
	t         *testing.T
	handler   http.Handler
	orders    *fakeOrders
	readModel *fakeReadModel
	members   *fakeMembers
	staff     *fakeStaff
	menu      *fakeMenu
	images    *fakeImages
	brands    *fakeBrands
	coupons   *fakeCoupons
	codes     *fakeCodes
	changes   *fakeChanges
	feed      *live.Feed
	clock     *clock
	log       *syncBuffer
	headers   http.Header
}

func newSurface(t *testing.T) *surface {
	t.Helper()
	s := &surface{
		t: t, orders: newFakeOrders(), readModel: &fakeReadModel{orders: map[string]order.Snapshot{}},
		members: &fakeMembers{}, staff: newFakeStaff(), menu: newFakeMenu(), images: newFakeImages(), brands: &fakeBrands{now: brand.Default()}, coupons: &fakeCoupons{}, codes: &fakeCodes{}, changes: newFakeChanges(),
		clock: &clock{now: noon}, log: &syncBuffer{}, headers: http.Header{},
	}
	s.feed = live.NewFeed(live.FeedConfig{Changes: s.changes, Menu: s.menu, Log: s.logger()})
	return s
}

func newCustomerSurface(t *testing.T, options ...func(*CustomerConfig)) *surface {
	t.Helper()
	s := newSurface(t)
	s.handler = NewCustomer(s.customerConfig(options...))
	return s
}

func (s *surface) customerConfig(options ...func(*CustomerConfig)) CustomerConfig {
	config := CustomerConfig{
		Orders: s.orders, ReadModel: s.readModel, Members: s.members, Menu: s.menu, Coupons: s.coupons, Images: s.images, Codes: s.codes, Feed: s.feed,
		Methods: fakeMethods{}, Sandbox: fakeSandbox{}, PaymentPage: newFakePage(), IDSecret: []byte("secret of the tests"),
		Terms:    order.Terms{PayWithin: 2 * time.Minute, PointsRate: 500},
		TimeZone: time.FixedZone("KST", 9*60*60), Provider: "sandbox", DefaultMethod: "pm_card_visa",
		Webhooks:   paymentsThrough(&fakeProvider{}, &fakeReports{}, &fakeEvents{}),
		Background: func(work func()) { work() }, Now: s.clock.Now, Log: s.logger(),
	}
	for _, option := range options {
		option(&config)
	}
	return config
}

// newStoreSurface returns the store surface, with the staff token in every
// request.
func newStoreSurface(t *testing.T, options ...func(*StoreConfig)) *surface {
	t.Helper()
	s := newSurface(t)
	s.handler = NewStore(s.storeConfig(options...))
	s.headers.Set("Authorization", "Bearer "+staffToken)
	return s
}

func (s *surface) storeConfig(options ...func(*StoreConfig)) StoreConfig {
	config := StoreConfig{
		Orders: s.orders, ReadModel: s.readModel, Revisions: s.readModel, Menu: s.menu, Stores: s.menu, Images: s.images, Brands: s.brands, Coupons: s.coupons, Staff: s.staff, Accounts: s.staff, Feed: s.feed,
		PublicURL: "https://cafe.example", StaffTokens: map[string]string{order.ActorStore: staffToken}, Now: s.clock.Now, Log: s.logger(),
	}
	for _, option := range options {
		option(&config)
	}
	return config
}

func (s *surface) logger() *slog.Logger {
	return slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// answer is an answer that openapi.yaml allows.
type answer struct {
	t      *testing.T
	status int
	header http.Header
	body   []byte
}

// do sends a request, with the headers as pairs of name and value, and checks
// both it and its answer against openapi.yaml. A request that is answered with
// success must be allowed by it.
func (s *surface) do(method, target, body string, headers ...string) *answer {
	s.t.Helper()
	r := httptest.NewRequestWithContext(s.t.Context(), method, target, strings.NewReader(body))
	for name, values := range s.headers {
		r.Header[name] = values
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return s.send(r, body)
}

func (s *surface) send(r *http.Request, body string) *answer {
	s.t.Helper()
	checked := r.Clone(r.Context())
	checked.Body = io.NopCloser(strings.NewReader(body))
	recorder := httptest.NewRecorder()
	s.handler.ServeHTTP(recorder, r)
	a := &answer{s.t, recorder.Code, recorder.Header(), recorder.Body.Bytes()}
	a.checkContract(checked)
	return a
}

func (s *surface) get(target string, headers ...string) *answer {
	s.t.Helper()
	return s.do(http.MethodGet, target, "", headers...)
}

func (s *surface) remove(target string, headers ...string) *answer {
	s.t.Helper()
	return s.do(http.MethodDelete, target, "", headers...)
}

func (s *surface) post(target, body string, headers ...string) *answer {
	s.t.Helper()
	return s.do(http.MethodPost, target, body, headers...)
}

func (s *surface) put(target, body string, headers ...string) *answer {
	s.t.Helper()
	return s.do(http.MethodPut, target, body, headers...)
}

// contract is openapi.yaml, without its servers: both surfaces count. CSV is a text to it.
var contract = sync.OnceValues(func() (*openapi3.T, routers.Router) {
	openapi3filter.RegisterBodyDecoder("text/csv", openapi3filter.FileBodyDecoder)
	openapi3filter.RegisterBodyDecoder("text/html", openapi3filter.FileBodyDecoder)
	openapi3filter.RegisterBodyDecoder("image/svg+xml", openapi3filter.FileBodyDecoder)
	doc, err := openapi3.NewLoader().LoadFromData(specification)
	if err != nil {
		panic(err)
	}
	for _, mediaType := range []string{"image/png", "image/jpeg", "image/webp"} {
		openapi3filter.RegisterBodyDecoder(mediaType, openapi3filter.FileBodyDecoder)
	}
	doc.Servers = nil
	for _, path := range doc.Paths.Map() {
		path.Servers = nil
	}
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		panic(err)
	}
	return doc, router
})

func (a *answer) checkContract(r *http.Request) {
	a.t.Helper()
	doc, router := contract()
	route, params, err := router.FindRoute(r)
	if err != nil {
		a.checkProblem(doc)
		return
	}
	input := &openapi3filter.RequestValidationInput{
		Request: r, PathParams: params, Route: route,
		Options: &openapi3filter.Options{
			AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true,
		},
	}
	refused := openapi3filter.ValidateRequest(r.Context(), input)
	if a.status < http.StatusBadRequest {
		require.NoError(a.t, refused, "the specification forbids a request that was served")
	}
	output := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: a.status, Header: a.header, Options: input.Options,
	}
	require.NoError(a.t, openapi3filter.ValidateResponse(r.Context(), output.SetBodyBytes(a.body)),
		"the specification forbids this answer: %d %s", a.status, a.body)
	if a.status >= http.StatusBadRequest {
		a.checkProblem(doc)
	}
}

// checkProblem checks an error's answer, on whatever path.
func (a *answer) checkProblem(doc *openapi3.T) {
	a.t.Helper()
	require.Equal(a.t, "application/problem+json", a.header.Get("Content-Type"), "%s", a.body)
	var value any
	require.NoError(a.t, json.Unmarshal(a.body, &value))
	require.NoError(a.t, doc.Components.Schemas["Problem"].Value.VisitJSON(value))
	require.Equal(a.t, a.status, a.problem().Status)
	require.Equal(a.t, "no-store", a.header.Get("Cache-Control"))
}

func decodeAs[T any](a *answer) T {
	a.t.Helper()
	var value T
	decoder := json.NewDecoder(bytes.NewReader(a.body))
	decoder.DisallowUnknownFields()
	require.NoError(a.t, decoder.Decode(&value), "%s", a.body)
	return value
}

func (a *answer) problem() spec.Problem { a.t.Helper(); return decodeAs[spec.Problem](a) }

func (a *answer) order() spec.Order { a.t.Helper(); return decodeAs[spec.Order](a) }

// wants checks the answer's status.
func (a *answer) wants(status int) *answer {
	a.t.Helper()
	require.Equal(a.t, status, a.status, "%s", a.body)
	return a
}

// refuses checks that the answer is a problem with that status, code and field.
func (a *answer) refuses(status int, code, field string) spec.Problem {
	a.t.Helper()
	a.wants(status)
	problem := a.problem()
	require.Equal(a.t, code, problem.Code, "%s", a.body)
	require.Equal(a.t, "urn:cafeforme:problem:"+code, problem.Type)
	got := ""
	if problem.Field != nil {
		got = *problem.Field
	}
	require.Equal(a.t, field, got, "%s", a.body)
	require.NotEmpty(a.t, problem.Detail)
	return problem
}

// nothingPlaced checks that no order was placed and no command given.
func (s *surface) nothingPlaced() {
	s.t.Helper()
	require.Empty(s.t, s.orders.placed)
	require.Empty(s.t, s.orders.given)
}

// logged returns the lines of the log.
func (s *surface) logged() []map[string]any {
	s.t.Helper()
	var lines []map[string]any
	decoder := json.NewDecoder(strings.NewReader(s.log.String()))
	for decoder.More() {
		var line map[string]any
		require.NoError(s.t, decoder.Decode(&line))
		lines = append(lines, line)
	}
	return lines
}

// lastLogged returns the last line of the log.
func (s *surface) lastLogged() map[string]any {
	s.t.Helper()
	lines := s.logged()
	require.NotEmpty(s.t, lines)
	return lines[len(lines)-1]
}

// syncBuffer is a buffer for several goroutines.
type syncBuffer struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buffer.String()
}

// placementOf returns a placement for seeding.
func placementOf(id string) order.Placement {
	return order.Placement{
		ID: id, Items: []order.Line{{Product: "IceAmericano", Qty: 2, Price: order.Money{Amount: 2000, Currency: "KRW"}}},
		Phone: memberPhone, MembershipNumber: memberNumber, PaymentMethod: "pm_card_visa",
		Note: "less ice", Language: order.English, RequestHash: "hash", Terms: order.Terms{PointsRate: 500},
	}
}

// knownID is a well-formed ID, for seeding.
const knownID = "ord_abcdefghijklmnopqrstuvwxyz"

// cancelledContext returns the context of a client that has left.
func cancelledContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}
