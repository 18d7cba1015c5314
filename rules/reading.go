package rules

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// A reading walks a JSON document once, token by token, and collects what is
// wrong with it: values of a wrong kind, doubled keys, unknown and missing
// fields. It goes on after each of these. Only what is not JSON, or not UTF-8,
// ends it. Each method that reads consumes exactly one value.
type reading struct {
	json   *jsontext.Decoder
	path   []step
	faults Faults
	err    error // why the reading ended early: errBroken, or the source's own

	seen  []map[string]bool // the keys so far of each object that is open
	words map[string]string // texts that repeat, kept once
	room  []Points          // where the next list of points goes
	list  []Points          // the list of points being read
}

// A step is one part of a path: a field, an entry of a table keyed by data, or
// an element of a list.
type step struct {
	name  string
	index int
	kind  stepKind
}

type stepKind int

const (
	aField stepKind = iota
	anEntry
	anElement
)

// errBroken ends a reading whose document is not JSON; a fault tells why.
var errBroken = errors.New("the document is not JSON")

func newReading(in io.Reader) *reading {
	return &reading{
		json:  jsontext.NewDecoder(in, jsontext.AllowDuplicateNames(true)),
		words: map[string]string{},
	}
}

// within reads a value again that was read whole, at its path.
func (r *reading) within(raw []byte) *reading {
	inner := newReading(bytes.NewReader(raw))
	inner.path, inner.words = r.path, r.words
	return inner
}

// where is the path of the value being read.
func (r *reading) where() string {
	var path strings.Builder
	for _, s := range r.path {
		switch {
		case s.kind == anElement:
			path.WriteString(indexed("", s.index))
		case s.kind == anEntry || !wordForm.MatchString(s.name):
			path.WriteString(keyed("", s.name))
		case path.Len() > 0:
			path.WriteString("." + s.name)
		default:
			path.WriteString(s.name)
		}
	}
	if path.Len() == 0 {
		return "$"
	}
	return path.String()
}

func (r *reading) fault(format string, args ...any) {
	r.faults.add(r.where(), format, args...)
}

// faultApart refuses what leaves all else as it was read.
func (r *reading) faultApart(text string) {
	r.faults = append(r.faults, Fault{Path: r.where(), Text: text, apart: true})
}

// fail ends the reading.
func (r *reading) fail(err error) {
	if r.err != nil {
		return
	}
	var syntax *jsontext.SyntacticError
	switch {
	case errors.As(err, &syntax):
		r.err = errBroken
		r.fault("not JSON: %s, after byte %d", syntax.Err, syntax.ByteOffset)
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		r.err = errBroken
		r.fault("not JSON: it ends after byte %d", r.json.InputOffset())
	default:
		r.err = fmt.Errorf("couldn't read the book: %w", err)
	}
}

// value reads a whole value, raw. It is valid until the next read.
func (r *reading) value() []byte {
	value, err := r.json.ReadValue()
	if err != nil {
		r.fail(err)
	}
	return value
}

// skip reads a value that nothing more is asked of.
func (r *reading) skip() {
	if err := r.json.SkipValue(); err != nil {
		r.fail(err)
	}
}

// unknown refuses a field.
func (r *reading) unknown() {
	r.faultApart("unknown field")
	r.skip()
}

// is says whether the next value is of a kind; if not it is refused and
// skipped.
func (r *reading) is(kind jsontext.Kind, wanted string) bool {
	got := r.json.PeekKind()
	if got == kind {
		return true
	}
	if _, begins := kindNames[got]; begins {
		r.fault("%s where %s belongs", kindNames[got], wanted)
	}
	r.skip()
	return false
}

var kindNames = map[jsontext.Kind]string{
	jsontext.KindNull:        "null",
	jsontext.KindFalse:       "false",
	jsontext.KindTrue:        "true",
	jsontext.KindString:      "a string",
	jsontext.KindNumber:      "a number",
	jsontext.KindBeginObject: "an object",
	jsontext.KindBeginArray:  "a list",
}

// anything reads a value of any shape, and refuses doubled keys in it.
func (r *reading) anything() {
	switch r.json.PeekKind() {
	case jsontext.KindBeginObject:
		r.table(func(string) { r.anything() })
	case jsontext.KindBeginArray:
		r.array(func(int) { r.anything() })
	default:
		r.skip()
	}
}

// bracket reads where an object or list begins or ends.
func (r *reading) bracket() {
	if _, err := r.json.ReadToken(); err != nil {
		r.fail(err)
	}
}

// object reads an object whose keys are fields, and wants those required.
// Its member reads the value of a key.
func (r *reading) object(member func(key string), required ...string) (present map[string]bool) {
	present = r.members(aField, member)
	for _, key := range required {
		if present != nil && !present[key] && r.err == nil {
			r.path = append(r.path, step{name: key})
			r.fault("missing")
			r.path = r.path[:len(r.path)-1]
		}
	}
	return present
}

// table reads an object whose keys are data, such as codes.
func (r *reading) table(member func(key string)) { r.members(anEntry, member) }

// members reads an object, and refuses a second value of a key. It returns the
// keys, valid until the next object beside this one; nil if there is no object.
func (r *reading) members(kind stepKind, member func(key string)) map[string]bool {
	if !r.is(jsontext.KindBeginObject, "an object") {
		return nil
	}
	r.bracket()
	seen := r.open()
	for r.err == nil && r.json.PeekKind() != jsontext.KindEndObject {
		key := r.word(r.value())
		r.path = append(r.path, step{kind: kind, name: key})
		switch {
		case r.err != nil: // it has its fault
		case seen[key]:
			r.faultApart("doubled key") // the first value counts for the rest
			r.skip()
		default:
			seen[key] = true
			member(key)
		}
		r.path = r.path[:len(r.path)-1]
	}
	r.bracket()
	return seen
}

// open gives the object that begins an empty set of keys. Sets are used again
// at their depth: a book has as many objects as units.
func (r *reading) open() map[string]bool {
	const keep = 1 << 10 // clearing a map costs what it once held
	depth := len(r.path)
	for len(r.seen) <= depth {
		r.seen = append(r.seen, nil)
	}
	if seen := r.seen[depth]; seen != nil && len(seen) <= keep {
		clear(seen)
	} else {
		r.seen[depth] = map[string]bool{}
	}
	return r.seen[depth]
}

// array reads a list; element reads each of its values.
func (r *reading) array(element func(i int)) {
	if !r.is(jsontext.KindBeginArray, "a list") {
		return
	}
	r.bracket()
	r.path = append(r.path, step{kind: anElement})
	for i := 0; r.err == nil && r.json.PeekKind() != jsontext.KindEndArray; i++ {
		r.path[len(r.path)-1].index = i
		element(i)
	}
	r.path = r.path[:len(r.path)-1]
	r.bracket()
}

// word is the text of a raw string, kept once however often it occurs.
func (r *reading) word(raw []byte) string { return r.once(unquoted(raw)) }

func (r *reading) once(text []byte) string {
	const most = 1 << 16
	if word, ok := r.words[string(text)]; ok {
		return word
	}
	word := string(text)
	if len(r.words) < most {
		r.words[word] = word
	}
	return word
}

// unquoted is the text of a raw string, which may be the string's own bytes.
func unquoted(raw []byte) []byte {
	if len(raw) < 2 {
		return nil
	}
	if bytes.IndexByte(raw, '\\') < 0 {
		return raw[1 : len(raw)-1]
	}
	text, _ := jsontext.AppendUnquote(nil, raw) // valid: the decoder read it
	return text
}

// text reads a string; empty if there is none.
func (r *reading) text() string {
	if !r.is(jsontext.KindString, "a string") {
		return ""
	}
	return r.word(r.value())
}

// points reads points of at most so many digits before the decimal point, if there are any.
func (r *reading) points(digits int) (Points, bool) {
	if !r.is(jsontext.KindString, "a string") {
		return 0, false
	}
	text := unquoted(r.value())
	points, ok := parsePoints(text, digits)
	if !ok && r.err == nil {
		_, err := ParsePoints(string(text))
		r.fault("%s", err)
	}
	return points, ok
}

// integer reads a whole number from least to most; least if there is none.
func (r *reading) integer(least, most int64) int64 {
	if !r.is(jsontext.KindNumber, "a whole number") {
		return least
	}
	raw := string(r.value())
	number, err := strconv.ParseInt(raw, 10, 64)
	if r.err == nil && (err != nil || number < least || number > most) {
		r.fault("%s is not a whole number from %d to %d", shortened(raw), least, most)
		return least
	}
	return number
}

// texts reads a list of strings.
func (r *reading) texts() []string {
	texts := []string{}
	r.array(func(int) { texts = append(texts, r.text()) })
	return texts
}

// pointsList reads a list of points. Lists share large pieces of memory: a
// book has one for each indicator of each unit.
func (r *reading) pointsList() []Points {
	r.list = r.list[:0]
	r.array(func(int) {
		points, _ := r.points(maxDigits)
		r.list = append(r.list, points)
	})
	n := len(r.list)
	if n > cap(r.room)-len(r.room) {
		r.room = make([]Points, 0, max(n, 1<<12))
	}
	r.room = append(r.room, r.list...)
	return r.room[len(r.room)-n : len(r.room) : len(r.room)]
}

// pointsTable reads an object of points by word.
func (r *reading) pointsTable() map[string]Points {
	table := map[string]Points{}
	r.object(func(key string) { table[key], _ = r.points(largeDigits) })
	return table
}

// end wants nothing after the document.
func (r *reading) end() {
	if r.err != nil {
		return
	}
	_, err := r.json.ReadToken()
	switch syntax := (*jsontext.SyntacticError)(nil); {
	case errors.Is(err, io.EOF):
	case err == nil || errors.As(err, &syntax):
		r.fault("something follows the document, after byte %d", r.json.InputOffset())
	default:
		r.fail(err)
	}
}
