package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/cafeforme/cafeforme/api/spec"
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

func TestAModelThatCannotBeDecodedIntoIsAFaultOfThisPackage(t *testing.T) {
	t.Parallel()
	require.Panics(t, func() {
		_ = decodeJSON([]byte(`{"a":1}`), &struct {
			A float64 `json:"a"`
		}{})
	})
}

func TestFieldsAreNamedInCodes(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]string{
		"": "request", "phone": "phone", "items": "items", "items[3]": "items", "items[3].qty": "qty",
		"items[3].price.amount": "price", "price.currency": "price", "name.ko": "name", "name.en": "name",
		"amount": "amount", "Idempotency-Key": "idempotency_key",
	} {
		require.Equal(t, want, nameOf(field), field)
	}
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
		if err := decodeBody(bodyOf(t, body), &model); err != nil {
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
		require.NoError(t, decodeJSON(again, &same))
		second, err := checkOrderRequest(same, "pm_card_visa", nil)
		require.NoError(t, err)
		require.Equal(t, request.hash(), second.hash())
	})
}

// requireFormed checks what everyone behind the decoder relies on.
func requireFormed(t *testing.T, r orderRequest) {
	t.Helper()
	require.NotEmpty(t, r.Items)
	require.LessOrEqual(t, len(r.Items), maxItems)
	for _, item := range r.Items {
		require.GreaterOrEqual(t, item.Qty, 1)
		require.LessOrEqual(t, item.Qty, maxQty)
	}
	require.LessOrEqual(t, utf8.RuneCountInString(r.Note), maxNote)
	for _, text := range []string{r.Note, r.Phone, r.MembershipNumber, r.PaymentMethod, string(r.Language)} {
		require.True(t, utf8.ValidString(text))
		require.False(t, strings.ContainsFunc(text, unprintable), "%q", text)
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
			require.True(t, in.ETAMinutes >= 0 && in.ETAMinutes <= maxETAMinutes)
			require.LessOrEqual(t, utf8.RuneCountInString(in.Reason), maxReason)
			require.False(t, strings.ContainsFunc(in.Reason+in.CommandID, unprintable))
			require.True(t, in.Reason != "" || schema != "RejectRequest")
			if len(body) > 0 && utf8.RuneCount(body) <= maxReason {
				require.True(t, allowedBy(t, schema, body), "the specification forbids what was accepted: %q", body)
			}
		}
	})
}

// requireClientError checks that an error is the client's, and says so.
func requireClientError(t *testing.T, err error) {
	t.Helper()
	problem := problemOf(err)
	require.GreaterOrEqual(t, problem.Status, 400, "%v", err)
	require.Less(t, problem.Status, 500, "%v", err)
	require.NotEmpty(t, problem.Detail)
}

func TestHalfACharacterIsRefused(t *testing.T) {
	t.Parallel()
	for text, whole := range map[string]bool{
		`\ud83d\ude00`: true, `\uD83D\uDE00`: true, `\\ud800`: true, `\ufffd`: true, `\u0041`: true, `\"\n\\`: true, `\\\ud83d\ude00`: true,
		`\ud800`: false, `\udc00`: false, `\ude00\ud83d`: false, `\ud83d\ud83d\ude00`: false, `\ud83dx\ude00`: false, `\\\ud800`: false,
		`\ud83d\n`: false, `a\uDBFF`: false,
	} {
		var model spec.OrderRequest
		err := decodeBody(bodyOf(t, []byte(`{"items":[{"product":"IceAmericano","qty":1}],"note":"`+text+`"}`)), &model)
		if whole {
			require.NoError(t, err, text)
			continue
		}
		require.Equal(t, codeInvalidJSON, order.ErrorCode(err), text)
	}
}

// A text that is let through holds U+FFFD where it was written, and nowhere else.
func FuzzHalfACharacter(f *testing.F) {
	for _, text := range []string{`\ud800`, `\ud83d\ude00`, `\\ud800`, `\ufffd`, "\ufffd", `\ud83d\ud83d\ude00`, `\\\uDC00`, `\ud800\u0041`} {
		f.Add(text)
	}
	written := regexp.MustCompile(`(?i)\\ufffd`)
	f.Fuzz(func(t *testing.T, text string) {
		body := []byte(`"` + text + `"`)
		var decoded string
		if !utf8.Valid(body) || json.Unmarshal(body, &decoded) != nil {
			return
		}
		meant := strings.ReplaceAll(text, `\\`, ``)
		replaced := strings.Count(decoded, "\ufffd") - strings.Count(meant, "\ufffd") - len(written.FindAllString(meant, -1))
		require.Equal(t, replaced > 0, loneSurrogate(body), "%q", text)
	})
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
