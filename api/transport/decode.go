package transport

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cafeforme/cafeforme/internal/strictjson"
	"github.com/cafeforme/cafeforme/order"
)

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
		return nil, NewError(codeBodyTooLarge, fmt.Sprintf("the body has more than %s", byteSize(tooLarge.Limit)))
	case err != nil:
		return nil, &order.Error{Code: CodeInvalidJSON, Message: "the body could not be read", Err: err}
	}
	return body, nil
}

// byteSize writes a limit as people read it.
func byteSize(bytes int64) string {
	if bytes >= 1<<20 {
		return fmt.Sprintf("%d MiB", bytes>>20)
	}
	return fmt.Sprintf("%d KiB", bytes>>10)
}

func checkContentType(r *http.Request) error {
	_, err := ContentType(r, "application/json")
	return err
}

// ContentType returns the media type of the request's body, which is one of those.
func ContentType(r *http.Request, known ...string) (string, error) {
	mediaType, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || !slices.Contains(known, mediaType) || !isUTF8(params["charset"]) {
		return "", NewError(CodeUnsupportedMediaType, "the body must be sent as "+strings.Join(known, " or ")+", in UTF-8")
	}
	return mediaType, nil
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
	value, err := strictjson.Parse(body)
	if err != nil {
		return jsonError(err)
	}
	if _, ok := value.Data.(strictjson.Object); !ok {
		return NewError(CodeInvalidJSON, "the body must be one JSON object")
	}
	return bindValue(value, reflect.ValueOf(model).Elem(), "")
}

// jsonError returns what clients are told of a body that is refused.
func jsonError(err error) error {
	var refused *strictjson.Error
	switch {
	case !errors.As(err, &refused):
		return err
	case refused.Path != "":
		return FieldError(CodeInvalidJSON, refused.Path, refused.Message)
	default:
		return NewError(CodeInvalidJSON, fmt.Sprintf("the body %s (line %d)", refused.Message, refused.Line))
	}
}

// bindValue stores a parsed value in a part of a model.
func bindValue(value strictjson.Value, into reflect.Value, path string) error {
	if raw, ok := into.Addr().Interface().(*json.RawMessage); ok {
		return bindObject(value, raw, path)
	}
	switch into.Kind() {
	case reflect.Pointer:
		if value.Data == nil {
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
		text, ok := value.Data.(string)
		into.SetString(text)
		return requireValid(ok, path, "must be a string")
	case reflect.Bool:
		truth, ok := value.Data.(bool)
		into.SetBool(truth)
		return requireValid(ok, path, "must be true or false")
	case reflect.Int, reflect.Int64:
		number, _ := value.Data.(json.Number)
		n, err := strconv.ParseInt(string(number), 10, 64)
		into.SetInt(n)
		return requireValid(err == nil, path, "must be an integer")
	case reflect.Float64:
		number, _ := value.Data.(json.Number)
		n, err := strconv.ParseFloat(string(number), 64)
		into.SetFloat(n)
		return requireValid(err == nil, path, "must be a number")
	default:
		panic(fmt.Sprintf("api: cannot decode into %s", into.Type()))
	}
}

// bindObject stores an object that somebody else knows the fields of, as JSON.
func bindObject(value strictjson.Value, into *json.RawMessage, path string) (err error) {
	if _, ok := value.Data.(strictjson.Object); !ok {
		return InvalidField(path, "must be an object")
	}
	*into, err = json.Marshal(value)
	return err
}

// bindStruct stores an object. A field without omitempty is required.
func bindStruct(value strictjson.Value, into reflect.Value, path string) error {
	given, ok := value.Data.(strictjson.Object)
	if !ok {
		return InvalidField(path, "must be an object")
	}
	known := map[string]bool{}
	for i := range into.NumField() {
		name, options, _ := strings.Cut(into.Type().Field(i).Tag.Get("json"), ",")
		known[name] = true
		field, ok := given.Fields[name]
		if !ok && options == "omitempty" {
			continue
		}
		if !ok {
			return InvalidField(strictjson.Join(path, name), "is required")
		}
		if err := bindValue(field, into.Field(i), strictjson.Join(path, name)); err != nil {
			return err
		}
	}
	for _, name := range given.Names {
		if !known[name] {
			return FieldError(codeInvalidField, strictjson.Join(path, name), "is not a field of this request")
		}
	}
	return nil
}

// bindTime stores a time (RFC 3339).
func bindTime(value strictjson.Value, into *time.Time, path string) error {
	text, _ := value.Data.(string)
	at, err := time.Parse(time.RFC3339, text)
	*into = at
	return requireValid(err == nil, path, "must be a time such as 2026-03-02T06:00:00Z")
}

func bindSlice(value strictjson.Value, into reflect.Value, path string) error {
	given, ok := value.Data.([]strictjson.Value)
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

// ElementPath returns the path of an element of an array: "items[0]".
func ElementPath(path string, i int) string { return strictjson.Element(path, i) }
