package public

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/kaoping/kaoping/internal/web"
	"github.com/kaoping/kaoping/rules"
)

// ballot is what somebody sends, as it was sent.
type ballot struct {
	Key     string
	Unit    string
	Answers map[string]string
	Comment string
	// Altcha is a solved challenge; Wait is the page's signed moment, for those who solve none.
	Altcha string
	Wait   string
}

// fault is what is wrong with a ballot, by its field, as the messages name it.
type fault struct {
	path, key string
	args      []any
}

func wrong(path, key string, args ...any) fault { return fault{path, key, args} }

// maxBallot bounds what a ballot may weigh: a comment of a thousand characters, each written as \uXXXX, and the rest.
const maxBallot = 32 << 10

var (
	// errTooLarge is more than any ballot weighs.
	errTooLarge = errors.New("the ballot is too large")
	// errBroken is a request that ended before its time, or is none.
	errBroken = errors.New("the request does not parse")
)

// isJSON tells whether a request says that it is JSON.
func isJSON(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "application/json"
}

// object reads a JSON object field by field; nil if it is none.
func object(text []byte) (fields map[string]json.RawMessage) {
	if !utf8.Valid(text) || json.Unmarshal(text, &fields) != nil {
		return nil
	}
	return fields
}

// readJSON reads a ballot that a program sends. What it cannot read at all is an error; all else is told at once.
func readJSON(r *http.Request) (read ballot, faults []fault, err error) {
	read.Answers = map[string]string{}
	if !isJSON(r) {
		return read, []fault{wrong("", "fault.media")}, nil
	}
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return read, nil, tooLarge(err)
	}
	fields := object(text)
	if fields == nil {
		return read, []fault{wrong("", "fault.json")}, nil
	}
	var answers map[string]json.RawMessage
	targets := map[string]any{"key": &read.Key, "unit": &read.Unit, "answers": &answers, "comment": &read.Comment, "altcha": &read.Altcha}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if target, known := targets[name]; !known {
			faults = append(faults, wrong(name, "fault.unknown"))
		} else if json.Unmarshal(fields[name], target) != nil {
			faults = append(faults, wrong(name, "fault.type"))
		}
	}
	for _, question := range slices.Sorted(maps.Keys(answers)) {
		var answer string
		if json.Unmarshal(answers[question], &answer) != nil {
			faults = append(faults, wrong(answerField+question, "fault.type"))
			continue
		}
		read.Answers[question] = answer
	}
	return read, faults, nil
}

func tooLarge(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return errTooLarge
	}
	return fmt.Errorf("%w: %w", errBroken, err)
}

// answerField begins the names of a form's answers.
const answerField = "answers."

// readForm reads a ballot that a page's form sends; a question without an answer is left out.
func readForm(r *http.Request) ballot {
	read := ballot{
		Key: r.PostFormValue("key"), Unit: r.PostFormValue("unit"), Answers: map[string]string{},
		Comment: strings.TrimSpace(strings.ReplaceAll(r.PostFormValue("comment"), "\r\n", "\n")),
		Altcha:  r.PostFormValue("altcha"), Wait: r.PostFormValue("wait"),
	}
	for name, values := range r.PostForm {
		if question, is := strings.CutPrefix(name, answerField); is && values[0] != "" {
			read.Answers[question] = values[0]
		}
	}
	return read
}

// check tells what is wrong with a ballot but for what it must have cost, and what goes into the box of it.
func (s *scene) check(sent ballot) (key uuid.UUID, digits string, faults []fault) {
	key, err := uuid.Parse(sent.Key)
	if err != nil || len(sent.Key) != len(uuid.UUID{}.String()) || key == uuid.Nil {
		faults = append(faults, wrong("key", "fault.key"))
	}
	if !s.hasUnit(sent.Unit) {
		faults = append(faults, wrong("unit", "fault.unit"))
	}
	known := map[string]string{}
	for _, question := range slices.Sorted(maps.Keys(sent.Answers)) {
		switch answer := sent.Answers[question]; {
		case !slices.Contains(s.form.Questions, question):
			faults = append(faults, wrong(answerField+question, "fault.question"))
		case !slices.Contains(s.form.Answers, answer):
			faults = append(faults, wrong(answerField+question, "fault.answer", strings.Join(s.form.Answers, ", ")))
		default:
			known[question] = answer
		}
	}
	if len(sent.Answers) == 0 {
		faults = append(faults, wrong("answers", "fault.none"))
	}
	if length := utf8.RuneCountInString(sent.Comment); length > rules.MaxComment {
		faults = append(faults, wrong("comment", "fault.long", length, rules.MaxComment))
	}
	if !utf8.ValidString(sent.Comment) || strings.ContainsFunc(sent.Comment, unprintable) {
		faults = append(faults, wrong("comment", "fault.control"))
	}
	if len(faults) > 0 {
		return key, "", faults
	}
	if digits, err = s.form.Encode(known); err != nil {
		faults = append(faults, wrong("answers", "fault.question"))
	}
	return key, digits, faults
}

// unprintable is a character that nobody types; lines and tabs are typed.
func unprintable(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\t' || r == utf8.RuneError
}

// toldFault is a fault as a program reads it.
type toldFault struct {
	Path    string `json:"path"`
	Message string `json:"message"`
}

func (s *Site) tell(in web.Language, faults []fault) []toldFault {
	told := make([]toldFault, len(faults))
	for i, fault := range faults {
		told[i] = toldFault{Path: fault.path, Message: s.catalogue.Say(in, fault.key, fault.args...)}
	}
	return told
}
