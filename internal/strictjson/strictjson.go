// Package strictjson reads JSON (RFC 8259) as a tree that knows on which line everything is. It
// refuses what two readers could take for two different values: a field that is given twice, half
// a character, bytes that are not UTF-8, and anything after the value. Start reading at [Parse].
package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"unicode/utf8"
)

// maxDepth is how deeply values may be nested.
const maxDepth = 16

// Value is a JSON value.
type Value struct {
	// Line is where it begins, counted from 1.
	Line int
	// Data is an [Object], a []Value, a string, a [json.Number], a bool or nil.
	Data any
}

// MarshalJSON returns the value as JSON again.
func (v Value) MarshalJSON() ([]byte, error) {
	if object, ok := v.Data.(Object); ok {
		return json.Marshal(object.Fields)
	}
	return json.Marshal(v.Data)
}

// Object is a JSON object, with its fields in the order they were given in.
type Object struct {
	Names  []string
	Fields map[string]Value
}

// Error says why a text is refused.
type Error struct {
	// Line is where, counted from 1.
	Line int
	// Path is the field that is given twice, such as "items[0].qty"; empty when it is no field's fault.
	Path string
	// Message says what is wrong, and follows the path or the name of the text.
	Message string
}

// Error returns the message with the line.
func (e *Error) Error() string { return fmt.Sprintf("line %d: %s %s", e.Line, e.Path, e.Message) }

// Parse returns the value that the text is. Its errors are of type [*Error].
func Parse(text []byte) (Value, error) {
	for i, line := range bytes.Split(text, []byte("\n")) {
		if !utf8.Valid(line) {
			return Value{}, &Error{Line: i + 1, Message: "must be in UTF-8"}
		}
	}
	var raw json.RawMessage
	if err := json.Unmarshal(text, &raw); err != nil {
		e := &Error{Line: lineAt(text, len(text)), Message: "must be valid JSON: " + err.Error()}
		if syntax := new(json.SyntaxError); errors.As(err, &syntax) {
			e.Line = lineAt(text, int(syntax.Offset)-1)
		}
		return Value{}, e
	}
	if at := loneSurrogate(text); at >= 0 {
		return Value{}, &Error{Line: lineAt(text, at), Message: `has an unpaired surrogate: \ud800 to \udfff come in pairs`}
	}
	p := parser{text: text, decoder: json.NewDecoder(bytes.NewReader(text)), line: 1}
	p.decoder.UseNumber()
	return p.value()
}

// lineAt returns the line of what is at the offset.
func lineAt(text []byte, offset int) int {
	return 1 + bytes.Count(text[:max(0, min(offset, len(text)))], []byte("\n"))
}

// surrogateEscapes matches the escapes of JSON that hold half a character (RFC 8259,
// section 7), in pairs where they are, and those that end in front of them.
var surrogateEscapes = regexp.MustCompile(`(?i)\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})|\\u(d[89a-f][0-9a-f]{2})|\\.`)

// loneSurrogate returns where a valid JSON text has half a character, which encoding/json would
// take for another one, U+FFFD; -1 when it has none.
func loneSurrogate(text []byte) int {
	if !bytes.Contains(text, []byte(`\`)) {
		return -1
	}
	for _, match := range surrogateEscapes.FindAllSubmatchIndex(text, -1) {
		const lone = 3
		if match[2*lone] >= 0 {
			return match[0]
		}
	}
	return -1
}

// parser reads a text that is known to be valid JSON.
type parser struct {
	text    []byte
	decoder *json.Decoder
	// line is the one of offset, which is where the latest token ends.
	line   int
	offset int
	// within are the names (strings) and the places (ints) that lead to the value that is read.
	within []any
}

func (p *parser) next() (json.Token, error) {
	token, err := p.decoder.Token()
	if err != nil {
		return nil, &Error{Line: p.line, Message: "must be valid JSON: " + err.Error()}
	}
	now := int(p.decoder.InputOffset())
	p.line += bytes.Count(p.text[p.offset:now], []byte("\n"))
	p.offset = now
	return token, nil
}

func (p *parser) value() (Value, error) {
	token, err := p.next()
	if err != nil {
		return Value{}, err
	}
	value := Value{Line: p.line, Data: token}
	if len(p.within) > maxDepth {
		return Value{}, &Error{Line: p.line, Message: "is nested too deeply"}
	}
	switch token {
	case json.Delim('{'):
		value.Data, err = p.object()
	case json.Delim('['):
		value.Data, err = p.array()
	}
	return value, err
}

func (p *parser) object() (Object, error) {
	object := Object{Fields: map[string]Value{}}
	for p.decoder.More() {
		token, err := p.next()
		if err != nil {
			return Object{}, err
		}
		name, _ := token.(string) // valid JSON has no other names
		if _, twice := object.Fields[name]; twice {
			return Object{}, &Error{Line: p.line, Path: Join(p.path(), name), Message: "appears twice"}
		}
		value, err := p.inside(name)
		if err != nil {
			return Object{}, err
		}
		object.Names = append(object.Names, name)
		object.Fields[name] = value
	}
	_, err := p.next()
	return object, err
}

func (p *parser) array() ([]Value, error) {
	array := []Value{}
	for p.decoder.More() {
		value, err := p.inside(len(array))
		if err != nil {
			return nil, err
		}
		array = append(array, value)
	}
	_, err := p.next()
	return array, err
}

// inside reads the value of that name, or in that place, of the one that is read.
func (p *parser) inside(step any) (Value, error) {
	p.within = append(p.within, step)
	value, err := p.value()
	p.within = p.within[:len(p.within)-1]
	return value, err
}

// path returns the path of the value that is read.
func (p *parser) path() (path string) {
	for _, step := range p.within {
		switch step := step.(type) {
		case string:
			path = Join(path, step)
		case int:
			path = Element(path, step)
		}
	}
	return path
}

// Join returns the path of a field: "items[0].qty". A long name, which whoever wrote the text has
// made up, is shortened.
func Join(path, name string) string {
	const longest = 80
	if utf8.RuneCountInString(name) > longest {
		name = string([]rune(name)[:longest]) + "…"
	}
	if path == "" {
		return name
	}
	return path + "." + name
}

// Element returns the path of an element of an array: "items[0]".
func Element(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }
