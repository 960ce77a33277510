package transport

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/cafeforme/cafeforme/order"
)

// maxDepth is how deeply the JSON of a body may be nested.
const maxDepth = 16

// DecodeBody reads the request's body into a model of package spec, strictly:
// an error blames the field by its full path.
func DecodeBody(r *http.Request, model any) error {
	body, err := ReadBody(r)
	if err != nil {
		return err
	}
	if err := checkContentType(r); err != nil {
		return err
	}
	return decodeJSON(body, model)
}

// DecodeOptionalBody is decodeBody for requests that need no body: then the
// model keeps its zero value.
func DecodeOptionalBody(r *http.Request, model any) error {
	body, err := ReadBody(r)
	if err != nil || len(body) == 0 {
		return err
	}
	if err := checkContentType(r); err != nil {
		return err
	}
	return decodeJSON(body, model)
}

// ReadBody returns the request's whole body, as far as its limit goes.
func ReadBody(r *http.Request) ([]byte, error) {
	if err := checkContentCoding(r); err != nil {
		return nil, err
	}
	body, err := io.ReadAll(r.Body)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, NewError(codeBodyTooLarge, fmt.Sprintf("the body is larger than %d bytes", tooLarge.Limit))
	case err != nil:
		return nil, &order.Error{Code: codeInvalidJSON, Message: "the body could not be read", Err: err}
	}
	return body, nil
}

func checkContentType(r *http.Request) error {
	mediaType, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || mediaType != "application/json" || !isUTF8(params["charset"]) {
		return NewError(CodeUnsupportedMediaType, "the body must be sent as application/json, in UTF-8")
	}
	return nil
}

// isUTF8 reports whether a charset is UTF-8 or none: by its name, or by the label
// that the Encoding Standard knows too (https://encoding.spec.whatwg.org/#names-and-labels).
func isUTF8(charset string) bool {
	return charset == "" || strings.EqualFold(charset, "utf-8") || strings.EqualFold(charset, "utf8")
}

// codingError is the error of a body in a content coding that is not taken.
type codingError struct{ error }

func (e codingError) Unwrap() error { return e.error }

// checkContentCoding refuses compressed bodies (RFC 9110, section 8.4): what they
// would grow to is nowhere said.
func checkContentCoding(r *http.Request) error {
	for _, header := range r.Header.Values("Content-Encoding") {
		for coding := range strings.SplitSeq(header, ",") {
			if coding = strings.TrimSpace(coding); coding != "" && !strings.EqualFold(coding, "identity") {
				return codingError{NewError(CodeUnsupportedMediaType, "the body must not be compressed")}
			}
		}
	}
	return nil
}

// decodeJSON is decodeBody for a body that has been read.
func decodeJSON(body []byte, model any) error {
	if !utf8.Valid(body) || !json.Valid(body) {
		return NewError(codeInvalidJSON, "the body must be one JSON object")
	}
	if loneSurrogate(body) {
		return NewError(codeInvalidJSON, `the body has an unpaired surrogate: \ud800 to \udfff come in pairs`)
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	value, err := parseValue(decoder, "", 0)
	if err != nil {
		return err
	}
	if _, ok := value.(jsonObject); !ok {
		return NewError(codeInvalidJSON, "the body must be one JSON object")
	}
	return bindValue(value, reflect.ValueOf(model).Elem(), "")
}

// surrogateEscapes matches the escapes of JSON that hold half a character (RFC 8259,
// section 7), in pairs where they are, and those that end in front of them.
var surrogateEscapes = regexp.MustCompile(`(?i)\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})|\\u(d[89a-f][0-9a-f]{2})|\\.`)

// loneSurrogate reports whether a valid JSON text has half a character, which
// encoding/json would take for another one, U+FFFD.
func loneSurrogate(body []byte) bool {
	for _, match := range surrogateEscapes.FindAllSubmatchIndex(body, -1) {
		const lone = 3
		if match[2*lone] >= 0 {
			return true
		}
	}
	return false
}

// jsonObject is a JSON object with its fields in the order they were given in.
type jsonObject struct {
	names  []string
	fields map[string]any
}

// parseValue returns the next value: an object, an []any, a string, a json.Number, a
// bool or nil. Unlike encoding/json it refuses a field that is given twice,
// since two readers could take it for two different values.
func parseValue(decoder *json.Decoder, path string, depth int) (any, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, &order.Error{Code: codeInvalidJSON, Message: "the body must be one JSON object", Err: err}
	}
	if depth > maxDepth {
		return nil, NewError(codeInvalidJSON, "the body is nested too deeply")
	}
	switch token {
	case json.Delim('{'):
		return parseObject(decoder, path, depth)
	case json.Delim('['):
		return parseArray(decoder, path, depth)
	}
	return token, nil
}

func parseObject(decoder *json.Decoder, path string, depth int) (any, error) {
	result := jsonObject{fields: map[string]any{}}
	for decoder.More() {
		token, err := decoder.Token()
		name, ok := token.(string)
		if err != nil || !ok {
			return nil, &order.Error{Code: codeInvalidJSON, Message: "the body must be one JSON object", Err: err}
		}
		if _, twice := result.fields[name]; twice {
			return nil, FieldError(codeInvalidJSON, joinPath(path, clipName(name)), "appears twice")
		}
		value, err := parseValue(decoder, joinPath(path, name), depth+1)
		if err != nil {
			return nil, err
		}
		result.names = append(result.names, name)
		result.fields[name] = value
	}
	_, err := decoder.Token()
	return result, err
}

func parseArray(decoder *json.Decoder, path string, depth int) (any, error) {
	result := []any{}
	for decoder.More() {
		value, err := parseValue(decoder, ElementPath(path, len(result)), depth+1)
		if err != nil {
			return nil, err
		}
		result = append(result, value)
	}
	_, err := decoder.Token()
	return result, err
}

// bindValue stores a parsed value in a part of a model.
func bindValue(value any, into reflect.Value, path string) error {
	switch into.Kind() {
	case reflect.Pointer:
		if value == nil {
			return nil
		}
		into.Set(reflect.New(into.Type().Elem()))
		return bindValue(value, into.Elem(), path)
	case reflect.Struct:
		if at, ok := into.Addr().Interface().(*time.Time); ok {
			return bindTime(value, at, path)
		}
		return bindStruct(value, into, path)
	case reflect.Slice:
		return bindSlice(value, into, path)
	case reflect.String:
		text, ok := value.(string)
		into.SetString(text)
		return requireValid(ok, path, "must be a string")
	case reflect.Bool:
		truth, ok := value.(bool)
		into.SetBool(truth)
		return requireValid(ok, path, "must be true or false")
	case reflect.Int, reflect.Int64:
		number, _ := value.(json.Number)
		n, err := strconv.ParseInt(string(number), 10, 64)
		into.SetInt(n)
		return requireValid(err == nil, path, "must be an integer")
	default:
		panic(fmt.Sprintf("api: cannot decode into %s", into.Type()))
	}
}

// bindStruct stores an object. A field without omitempty is required.
func bindStruct(value any, into reflect.Value, path string) error {
	given, ok := value.(jsonObject)
	if !ok {
		return InvalidField(path, "must be an object")
	}
	known := map[string]bool{}
	for i := range into.NumField() {
		name, options, _ := strings.Cut(into.Type().Field(i).Tag.Get("json"), ",")
		known[name] = true
		field, ok := given.fields[name]
		if !ok && options == "omitempty" {
			continue
		}
		if !ok {
			return InvalidField(joinPath(path, name), "is required")
		}
		if err := bindValue(field, into.Field(i), joinPath(path, name)); err != nil {
			return err
		}
	}
	for _, name := range given.names {
		if !known[name] {
			return FieldError(codeInvalidField, joinPath(path, clipName(name)), "is not a field of this request")
		}
	}
	return nil
}

// bindTime stores a time (RFC 3339).
func bindTime(value any, into *time.Time, path string) error {
	text, _ := value.(string)
	at, err := time.Parse(time.RFC3339, text)
	*into = at
	return requireValid(err == nil, path, "must be a time such as 2026-03-02T06:00:00Z")
}

func bindSlice(value any, into reflect.Value, path string) error {
	given, ok := value.([]any)
	if !ok {
		return InvalidField(path, "must be an array")
	}
	into.Set(reflect.MakeSlice(into.Type(), len(given), len(given)))
	for i, value := range given {
		if err := bindValue(value, into.Index(i), ElementPath(path, i)); err != nil {
			return err
		}
	}
	return nil
}

func requireValid(ok bool, path, message string) error {
	if ok {
		return nil
	}
	return InvalidField(path, message)
}

// clipName shortens a name that a client made up, for an answer that repeats it.
func clipName(name string) string {
	const longest = 80
	if utf8.RuneCountInString(name) <= longest {
		return name
	}
	return string([]rune(name)[:longest]) + "…"
}

func joinPath(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// ElementPath returns the path of an element of an array: "items[0]".
func ElementPath(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }
