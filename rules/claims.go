package rules

import (
	"bytes"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// claims are the results that a book came with, field by field as their JSON
// stood there, so that they can be compared with what it computes to.
type claims struct {
	units []claim
}

// claim is what the book says of one unit; a field that it leaves out is
// empty.
type claim struct {
	fields      map[string]string
	explanation []claimedLine
	ballots     map[string]string
}

type claimedLine struct{ article, text, points string }

// What the fields of results are. A field is text, a whole number, or one of
// these or null.
var (
	assessmentClaims = []string{"code", "base", "bonus", "deduction", "total", "grade", "rank", "category_rank", "explanation"}
	evaluationClaims = []string{"code", "ballots", "index", "grade", "rank"}
	claimedNumbers   = []string{"rank", "category_rank"}
	claimedOrNull    = []string{"index", "rank"}
)

func (r *bookReading) readClaims() *claims {
	c := new(claims)
	r.object(func(key string) {
		if key != "units" {
			r.unknown()
			return
		}
		r.array(func(int) { c.units = append(c.units, r.readClaim()) })
	}, "units")
	return c
}

func (r *bookReading) readClaim() claim {
	c := claim{fields: map[string]string{}}
	r.object(func(key string) {
		switch {
		case key == "explanation":
			c.fields[key] = "[]"
			r.array(func(int) { c.explanation = append(c.explanation, r.readClaimedLine()) })
		case key == "ballots":
			c.fields[key], c.ballots = "{}", map[string]string{}
			r.object(func(channel string) { c.ballots[channel] = r.literal(jsontext.KindNumber, "a whole number") })
		case slices.Contains(claimedOrNull, key) && r.json.PeekKind() == jsontext.KindNull:
			c.fields[key] = r.literal(jsontext.KindNull, "null")
		case slices.Contains(claimedNumbers, key):
			c.fields[key] = r.literal(jsontext.KindNumber, "a whole number")
		case slices.Contains(assessmentClaims, key) || slices.Contains(evaluationClaims, key):
			c.fields[key] = r.literal(jsontext.KindString, "a string")
		default:
			r.unknown()
		}
	})
	return c
}

func (r *bookReading) readClaimedLine() claimedLine {
	var line claimedLine
	r.object(func(key string) {
		switch key {
		case "article":
			line.article = r.literal(jsontext.KindString, "a string")
		case "text":
			line.text = r.literal(jsontext.KindString, "a string")
		case "points":
			line.points = r.literal(jsontext.KindString, "a string")
		default:
			r.unknown()
		}
	})
	return line
}

// literal reads a scalar of a kind as canonical JSON.
func (r *reading) literal(kind jsontext.Kind, wanted string) string {
	if !r.is(kind, wanted) {
		return ""
	}
	raw := r.value()
	if bytes.IndexByte(raw, '\\') >= 0 {
		return quoted(string(unquoted(raw)))
	}
	return r.once(raw)
}

// quoted is a text as a JSON string.
func quoted(text string) string { return string(appendQuoted(nil, text)) }

// appendQuoted appends a text as a JSON string; what is not UTF-8 in it is
// replaced, as it has no place in JSON.
func appendQuoted(to []byte, text string) []byte {
	to, _ = jsontext.AppendQuote(to, text)
	return to
}

// faults want the fields to be those of the book's kind.
func (c *claims) faults(kind BookKind) Faults {
	if c == nil {
		return nil
	}
	own := assessmentClaims
	if kind == EvaluationBook {
		own = evaluationClaims
	}
	var faults Faults
	for i, unit := range c.units {
		for _, key := range append(assessmentClaims[:len(assessmentClaims):len(assessmentClaims)], evaluationClaims...) {
			if _, ok := unit.fields[key]; ok && !slices.Contains(own, key) {
				faults.add(indexed("results.units", i)+"."+key, "unknown field in a book of kind %s", kind)
			}
		}
	}
	return faults
}
