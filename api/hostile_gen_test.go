package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// hostile makes requests of openapi.yaml: good ones, and good ones with something
// wrong.
type hostile struct {
	*rand.Rand
	operations []operation
}

// operation is one of the specification's.
type operation struct {
	method, path string
	*openapi3.Operation
	// inherited are the path's parameters.
	inherited openapi3.Parameters
}

// newHostile returns a fuzzer for the operations of a surface. It makes the same
// requests for the same seed.
func newHostile(seed uint64, surface string) *hostile {
	doc, _ := contract()
	f := &hostile{Rand: rand.New(rand.NewPCG(seed, uint64(len(surface))))}
	for _, path := range slices.Sorted(maps.Keys(doc.Paths.Map())) {
		item := doc.Paths.Value(path)
		for _, method := range slices.Sorted(maps.Keys(item.Operations())) {
			if (surface == "store") == strings.HasPrefix(path, "/store/") {
				f.operations = append(f.operations, operation{method, path, item.Operations()[method], item.Parameters})
			}
		}
	}
	return f
}

// often and seldom are how likely a part of a request is meddled with.
func (f *hostile) often() bool  { return f.IntN(2) == 0 }
func (f *hostile) seldom() bool { return f.IntN(12) == 0 }

func pick[T any](f *hostile, from ...T) T { return from[f.IntN(len(from))] }

// request returns the bytes of one request, with the headers that open doors most
// of the time.
func (f *hostile) request(keys http.Header) []byte {
	o := pick(f, f.operations...)
	method := o.method
	if f.seldom() {
		method = pick(f, "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW", "get", "")
	}
	body, contentType := f.body(o)
	var message bytes.Buffer
	version := "HTTP/1.1"
	if f.IntN(60) == 0 {
		version = pick(f, "HTTP/1.0", "HTTP/3.7", "HTTP", "")
	}
	fmt.Fprintf(&message, "%s %s %s\r\nHost: cafe.example\r\nConnection: close\r\n", method, f.target(o), version)
	for _, header := range f.headers(o, keys, contentType) {
		fmt.Fprintf(&message, "%s: %s\r\n", header[0], header[1])
	}
	f.frame(&message, body)
	return message.Bytes()
}

// frame ends the headers and adds the body, whole or in chunks.
func (f *hostile) frame(message *bytes.Buffer, body []byte) {
	switch {
	case len(body) == 0 && f.often():
		message.WriteString("\r\n")
	case f.seldom():
		fmt.Fprintf(message, "Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(body), body)
	default:
		fmt.Fprintf(message, "Content-Length: %d\r\n\r\n%s", len(body), body)
	}
}

// target returns the path and the query.
func (f *hostile) target(o operation) string {
	path, query := o.path, []string{}
	for _, p := range slices.Concat(o.inherited, o.Parameters) {
		switch parameter := p.Value; {
		case parameter.In == openapi3.ParameterInPath:
			path = strings.ReplaceAll(path, "{"+parameter.Name+"}", f.segment(parameter))
		case parameter.In == openapi3.ParameterInQuery && f.often():
			query = append(query, parameter.Name+"="+f.queryValue(parameter))
		}
	}
	if f.seldom() {
		query = append(query, pick(f, "%", "%zz=1", "=", "&&&", "page_size=1;x", "status=%00", "page_token=%ff", "x="+strings.Repeat("a", 5000)))
	}
	if f.IntN(40) == 0 {
		path += pick(f, "/", "//", "/..", "/%2e%2e/%2e%2e", "%", "%zz", ";a=b", "%00", "\\", "/"+strings.Repeat("a/", 500))
	}
	if len(query) > 0 {
		path += "?" + strings.Join(query, "&")
	}
	return path
}

// familiar are values that the fakes know, by the parameter's name.
var familiar = map[string]string{"id": knownID, "number": memberNumber, "product": "CafeLatte", "session": memberSession}

func (f *hostile) segment(p *openapi3.Parameter) string {
	if value, ok := familiar[p.Name]; ok && f.IntN(4) > 0 {
		return value
	}
	return pick(f, "ord_"+strings.Repeat("a", 26), "ord_", "%20", "%00", "%ff%fe", "%2e%2e%2f", "..", "%252e", "커피", "a%0d%0aX: y",
		strings.Repeat("9", 3000), "'%20OR%201=1--", "{id}", "*", "%F0%9F%98%80")
}

func (f *hostile) queryValue(p *openapi3.Parameter) string {
	if f.often() {
		return url.QueryEscape(strings.Trim(fmt.Sprint(f.value(p.Schema, 0)), "[]"))
	}
	return url.QueryEscape(pick(f, "", "-1", "0", "999999999999999999999", "1e3", "\x00", "\xff", "paid,paid", "paid,,", "null", "💥",
		strings.Repeat("x", 600), "eyJsIjoib3JkZXJzIn0", "../../etc/passwd"))
}

// headers returns names and values.
func (f *hostile) headers(o operation, keys http.Header, contentType string) (all [][2]string) {
	if !f.seldom() {
		for _, name := range slices.Sorted(maps.Keys(keys)) {
			all = append(all, [2]string{name, keys.Get(name)})
		}
		if strings.HasPrefix(o.path, "/members/") {
			all = append(all, [2]string{"Authorization", "Bearer " + memberToken})
		}
	}
	if f.seldom() {
		contentType = pick(f, "", "text/plain", "application/json; charset=latin1", "application/json;;", "multipart/form-data", "a/b/c",
			"application/x-www-form-urlencoded", "application/json\x00")
	}
	all = append(all, [2]string{"Content-Type", contentType})
	for range f.IntN(3) {
		if f.often() {
			all = append(all, f.oddHeader())
		}
	}
	return all
}

func (f *hostile) oddHeader() [2]string {
	return [2]string{
		pick(f, "Authorization", "Cookie", "Idempotency-Key", "Accept-Language", "Last-Event-ID", "X-Forwarded-For", "X-Forwarded-Proto",
			"Origin", "Sec-Fetch-Site", "Accept", "If-None-Match", "If-Match", "Range", "Stripe-Signature", "X-Twilio-Signature", "Bad Name", "X-CSRF-Token", ""),
		pick(f, "", "Bearer", "Bearer ", "Bearer "+staffToken, "Bearer \xff", "Basic Og==", "cafeforme_store=1.2.3", "cafeforme_store=;;==",
			"0123456789abcdef", "short", "with spaces in between", strings.Repeat("k", 200), strings.Repeat("k", 9000), "ko;q=x,*;;q=2",
			"\x01", "https://evil.example", "cross-site", "127.0.0.1, ::1, nonsense", "t=1,v1=00", "bytes=0-,-1", "커피"),
	}
}

// body returns a good body, or one with something wrong.
func (f *hostile) body(o operation) (body []byte, contentType string) {
	const typeJSON = "application/json"
	if o.RequestBody == nil {
		return pick(f, nil, nil, nil, []byte("{}"), []byte("\x00")), typeJSON
	}
	taken := o.RequestBody.Value.Content
	media := taken.Get(typeJSON)
	switch {
	case taken.Get("image/png") != nil:
		return []byte(f.upload()), pick(f, "image/png", "image/jpeg", "image/webp")
	case taken["text/csv"] != nil && f.often():
		return f.rows(taken["text/csv"]), "text/csv"
	case media == nil:
		return []byte(pick(f, "", "a=b&c=%zz", "%", "{}", strings.Repeat("a=b&", 20_000))), typeJSON
	}
	value := f.value(media.Schema, 0)
	for range pick(f, 0, 0, 0, 1, 1, 3) {
		value = f.twisted(value)
	}
	body, err := json.Marshal(value)
	if err != nil {
		panic(err) // we make nothing that JSON has no word for
	}
	if f.seldom() {
		body = f.damaged(body)
	}
	return body, typeJSON
}

// rows returns the example in CSV, or a damaged one.
func (f *hostile) rows(media *openapi3.MediaType) []byte {
	rows := []byte(fmt.Sprint(media.Example))
	if f.often() {
		return f.damaged(rows)
	}
	return rows
}

// upload returns a picture, or a part of one.
func (f *hostile) upload() string {
	whole := pngPicture()
	if f.often() {
		return whole
	}
	return pick(f, "", "<svg/>", "GIF89a", "RIFF\xff\xff\xff\xffWEBPVP8X", whole[:f.IntN(len(whole))], whole[:20]+"\xff\xff"+whole[22:])
}

// value returns something that the schema allows, as far as it is easily said.
func (f *hostile) value(ref *openapi3.SchemaRef, depth int) any {
	schema := ref.Value
	switch {
	case len(schema.Enum) > 0:
		return pick(f, schema.Enum...)
	case schema.Example != nil && f.IntN(3) > 0:
		return schema.Example
	case len(schema.AllOf) > 0:
		return f.value(schema.AllOf[0], depth)
	case len(schema.OneOf) > 0:
		return f.value(pick(f, schema.OneOf...), depth)
	case schema.Type.Permits(openapi3.TypeObject):
		return f.objectOf(schema, depth)
	case schema.Type.Permits(openapi3.TypeArray):
		return f.arrayOf(schema, depth)
	case schema.Type.Permits(openapi3.TypeInteger):
		return f.wholeNumber(schema)
	case schema.Type.Permits(openapi3.TypeBoolean):
		return f.often()
	default:
		return pick(f, "IceAmericano", "CafeLatte", "KRW", "+82 10-1234-5678", "\u202a010\u20111234\u20095678\u202c", "\uff10\uff11\uff1012345678",
			"0082 10 1234 5678", "tel:010.1234/5678", "02-312-3456", "+1 900 234 5678", "123-456-7890", "\u3164", memberNumber, memberCode, "pm_card_visa", "less ice", "0123456789abcdef",
			staffToken)
	}
}

func (f *hostile) objectOf(schema *openapi3.Schema, depth int) any {
	object := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
		if slices.Contains(schema.Required, name) || (depth < 4 && f.IntN(3) == 0) {
			object[name] = f.value(schema.Properties[name], depth+1)
		}
	}
	return object
}

func (f *hostile) arrayOf(schema *openapi3.Schema, depth int) any {
	array := []any{}
	for range 1 + f.IntN(3) {
		array = append(array, f.value(schema.Items, depth+1))
	}
	return array
}

func (f *hostile) wholeNumber(schema *openapi3.Schema) any {
	least, most := int64(0), int64(10)
	if schema.Min != nil {
		least = int64(*schema.Min)
	}
	if schema.Max != nil {
		most = int64(*schema.Max)
	}
	return least + f.Int64N(min(most-least, 100)+1)
}

// twisted puts something odd in a random place of a value.
func (f *hostile) twisted(value any) any {
	switch value := value.(type) {
	case map[string]any:
		names := slices.Sorted(maps.Keys(value))
		if len(names) > 0 && f.IntN(4) > 0 {
			name := pick(f, names...)
			if f.seldom() {
				delete(value, name)
			} else {
				value[name] = f.twisted(value[name])
			}
			return value
		}
		value[pick(f, "x", "", "__proto__", "Items", "id", "status", "커피\u0000", strings.Repeat("n", 300))] = f.odd()
		return value
	case []any:
		if len(value) > 0 && f.often() {
			value[0] = f.twisted(value[0])
			return value
		}
		return pick(f, []any{}, slices.Repeat(value, 150), append(value, f.odd()))
	default:
		return f.odd()
	}
}

func (f *hostile) odd() any {
	var deep any = "deep"
	for range 40 {
		deep = []any{deep}
	}
	return pick[any](f, nil, "", " ", true, 0, -1, 1.5, json.Number("1e400"), json.Number("-0"), json.Number("9223372036854775808"),
		map[string]any{}, []any{}, deep, "\u0000", "\u202eoffee", "e\u0301", "👩‍👩‍👧‍👦", "\ufeff", "a\r\nb", "<script>alert(1)</script>",
		"'; DROP TABLE orders; --", "{{.}}", "%s%n", strings.Repeat("가", 201), strings.Repeat("x", 70_000), "010-1234-5678", "+1",
		"\u3164\u3164", "\u200b", "\u2800", "tel:tel:", "\u202a\u202c", "٠١٠", "+8816 1234 5678", "060-700-1234", "00")
}

// damaged breaks what was JSON.
func (f *hostile) damaged(body []byte) []byte {
	at := f.IntN(len(body) + 1)
	switch f.IntN(6) {
	case 0:
		return body[:at]
	case 1:
		return slices.Concat(body, body)
	case 2:
		return slices.Insert(slices.Clone(body), at, pick(f, byte(0), '"', '\\', '}', 0xff, 0xed))
	case 3:
		return slices.Concat(body[:at], []byte(`\ud800`), body[at:])
	case 4:
		return bytes.Repeat(body, 70_000/(len(body)+1)+1)
	default:
		return slices.Concat([]byte("\xef\xbb\xbf"), body)
	}
}
