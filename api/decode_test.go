package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/spec"
	"github.com/cafeforme/cafeforme/api/transport"
	"github.com/cafeforme/cafeforme/internal/limits"
	"github.com/cafeforme/cafeforme/order"
	"github.com/cafeforme/cafeforme/workflows"
)

func TestABodyThatBreaksOffIsRefused(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/orders", iotest.ErrReader(errors.New("unexpected EOF")))
	r.Header.Set("Content-Type", "application/json")
	s.send(r, "{").refuses(http.StatusBadRequest, "invalid_json", "")
	s.nothingPlaced()
}

func TestALongMadeUpNameIsNotRepeatedInFull(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	name := strings.Repeat("ö", 1000)
	problem := s.post("/orders", `{"`+name+`":1}`).problem()
	require.Equal(t, "invalid_items", problem.Code)
	problem = s.post("/orders", `{"items":[{"product":"IceAmericano","qty":1}],"`+name+`":1}`).problem()
	require.Less(t, len(*problem.Field), 200)
}

// allowedBy reports whether the schema in openapi.yaml allows the body.
func allowedBy(t *testing.T, schema string, body []byte) bool {
	t.Helper()
	doc, _ := contract()
	var value any
	require.NoError(t, json.Unmarshal(body, &value))
	return doc.Components.Schemas[schema].Value.VisitJSON(value) == nil
}

// bodyOf returns a request with the body.
func bodyOf(t *testing.T, body []byte) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return r
}

func FuzzOrderDecoder(f *testing.F) {
	for _, bad := range badOrders() {
		if len(bad.body) < 1<<10 { // longer ones only slow the fuzzer down
			f.Add([]byte(bad.body))
		}
	}
	f.Add([]byte(twoAmericanos))
	f.Add([]byte(`{"items":[{"product":"IceAmericano","qty":1,"price":null}],"phone":"010-1234-5678","language":"en"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		var model spec.OrderRequest
		if err := transport.DecodeBody(bodyOf(t, body), &model); err != nil {
			requireClientError(t, err)
			return
		}
		request, err := checkOrderRequest(model, "pm_card_visa", nil)
		if err != nil {
			requireClientError(t, err)
			return
		}
		requireFormed(t, request)
		again, err := json.Marshal(model)
		require.NoError(t, err)
		require.True(t, allowedBy(t, "OrderRequest", again), "the specification forbids what was accepted: %q", body)
		var same spec.OrderRequest
		require.NoError(t, transport.DecodeBody(bodyOf(t, again), &same))
		second, err := checkOrderRequest(same, "pm_card_visa", nil)
		require.NoError(t, err)
		require.Equal(t, request.hash(), second.hash())
	})
}

// requireFormed checks what everyone behind the decoder relies on.
func requireFormed(t *testing.T, r orderRequest) {
	t.Helper()
	require.NotEmpty(t, r.Items)
	require.LessOrEqual(t, len(r.Items), limits.Items)
	for _, item := range r.Items {
		require.GreaterOrEqual(t, item.Qty, 1)
		require.LessOrEqual(t, item.Qty, limits.Quantity)
	}
	require.LessOrEqual(t, utf8.RuneCountInString(r.Note), limits.Note)
	for _, text := range []string{r.Note, r.Phone, r.MembershipNumber, r.PaymentMethod, string(r.Language)} {
		require.True(t, utf8.ValidString(text))
		require.False(t, strings.ContainsFunc(text, unicode.IsControl), "%q", text)
	}
	require.Contains(t, []order.Language{order.Korean, order.English}, r.Language)
	if r.Phone != "" {
		require.Regexp(t, `^\+[1-9][0-9]{4,14}$`, r.Phone)
	}
}

func FuzzCommandDecoders(f *testing.F) {
	for _, body := range []string{
		``, `{}`, `{"reason":"x"}`, `{"eta_minutes":5}`, `{"eta_minutes":5.0}`, `{"command_id":"c"}`, `{"reason":null}`,
		`{"reason":"x","reason":"y"}`, `{"reason":1}`, `[]`, `{"eta_minutes":-1}`, `{"reason":"\u0000"}`, `{"x":{"y":[`,
	} {
		f.Add([]byte(body))
	}
	readers := map[string]func(*http.Request) (workflows.Command, error){
		"AcceptRequest": readAccept, "RejectRequest": readReject, "CancelRequest": readCancel, "CommandRequest": readPlain,
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for schema, read := range readers {
			in, err := read(bodyOf(t, body))
			if err != nil {
				requireClientError(t, err)
				continue
			}
			require.NotEmpty(t, in.Actor)
			require.True(t, in.ETAMinutes >= 0 && in.ETAMinutes <= limits.ETAMinutes)
			require.LessOrEqual(t, utf8.RuneCountInString(in.Reason), limits.Reason)
			require.False(t, strings.ContainsFunc(in.Reason+in.CommandID, unicode.IsControl))
			require.True(t, in.Reason != "" || schema != "RejectRequest")
			if len(body) > 0 && utf8.RuneCount(body) <= limits.Reason {
				require.True(t, allowedBy(t, schema, body), "the specification forbids what was accepted: %q", body)
			}
		}
	})
}

// requireClientError checks that an error is the client's, and says so.
func requireClientError(t *testing.T, err error) {
	t.Helper()
	a := &answer{t: t}
	recorder := httptest.NewRecorder()
	transport.RenderError(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody), err)
	a.status, a.body = recorder.Code, recorder.Body.Bytes()
	require.GreaterOrEqual(t, a.status, 400, "%v", err)
	require.Less(t, a.status, 500, "%v", err)
	require.NotEmpty(t, a.problem().Detail)
}

func TestUTF8IsAcceptedAsPeopleWriteIt(t *testing.T) {
	t.Parallel()
	for mediaType, want := range map[string]int{
		"application/json; charset=utf8": http.StatusCreated, "application/json;charset=UTF8": http.StatusCreated,
		`application/json; charset="utf-8"`: http.StatusCreated, "Application/JSON; charset=Utf-8": http.StatusCreated,
		"application/json; charset=utf-16": http.StatusUnsupportedMediaType, "application/json; charset=latin1": http.StatusUnsupportedMediaType,
	} {
		s := newCustomerSurface(t)
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/orders", strings.NewReader(twoAmericanos))
		r.Header.Set("Content-Type", mediaType)
		recorder := httptest.NewRecorder()
		s.handler.ServeHTTP(recorder, r)
		require.Equal(t, want, recorder.Code, mediaType)
	}
}

func TestACompressedBodyIs415AndSaysWhatIsTaken(t *testing.T) {
	t.Parallel()
	s := newCustomerSurface(t)
	compressed := "\x1f\x8b\x08\x00\x00\x00\x00\x00"
	for _, coding := range []string{"gzip", "br", "deflate", "identity, gzip", "GZIP"} {
		a := s.post("/orders", compressed, "Content-Encoding", coding)
		a.refuses(http.StatusUnsupportedMediaType, "unsupported_media_type", "")
		require.Equal(t, "identity", a.header.Get("Accept-Encoding"), coding)
		s.post("/orders/"+knownID+"/cancel", compressed, "Content-Encoding", coding).
			refuses(http.StatusUnsupportedMediaType, "unsupported_media_type", "")
		s.post("/webhooks/stripe", compressed, "Content-Encoding", coding).wants(http.StatusUnsupportedMediaType)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/orders", strings.NewReader(twoAmericanos))
	r.Header.Set("Content-Type", "text/plain")
	require.Empty(t, s.send(r, twoAmericanos).wants(http.StatusUnsupportedMediaType).header.Get("Accept-Encoding"))
	s.post("/orders", twoAmericanos, "Content-Encoding", "identity").wants(http.StatusCreated)
	require.Len(t, s.orders.placed, 1)
}
