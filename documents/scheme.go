package documents

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"

	"github.com/kaoping/kaoping/rules"
)

const (
	// MaxScheme is the size in bytes above which a scheme is refused.
	MaxScheme = 1 << 20
	// maxTokens bounds what is parsed: a scheme has some 150 tokens, and the parser's time grows with their square.
	maxTokens = 10_000
)

// schemeReading is a scheme.yaml while it is read. It looks at the parsed nodes themselves, since decoding into a
// struct would stop at the first fault and take 0123 for 83.
type schemeReading struct {
	*findings
	file  string
	lines map[string]int // where each key stands, by its path; nil if the file could not be read at all
}

func readScheme(file string, content []byte) (rules.Scheme, *schemeReading) {
	reading, body := newSchemeReading(file, content)
	if body == nil {
		return rules.Scheme{}, reading
	}
	scheme := reading.scheme(body) // which adds to the reading
	return scheme, reading
}

// newSchemeReading begins to read a file; without a body nothing of it can be read.
func newSchemeReading(file string, content []byte) (*schemeReading, ast.Node) {
	reading := &schemeReading{findings: &findings{}, file: file}
	body := reading.parse(content)
	if body != nil {
		reading.lines = map[string]int{"": body.GetToken().Position.Line}
	}
	return reading, body
}

// parse returns the one node of the file, or nil and the fault.
func (r *schemeReading) parse(content []byte) ast.Node {
	if len(content) > MaxScheme {
		r.ofFile(1, "is larger than %d MiB", MaxScheme>>20)
		return nil
	}
	text, bad := decodeText(content)
	if bad > 0 {
		r.ofFile(bad, "is neither UTF-8 nor GB18030 text")
		return nil
	}
	text = strings.ReplaceAll(text, "\r\n", "\n")
	for i, line := range strings.Split(text, "\n") {
		if strange, found := unprintable(line); found {
			r.ofFile(i+1, "has the character %U, which no text needs", strange)
			return nil
		}
	}
	file, err := parseYAML(text)
	if err != nil {
		r.syntax(err)
		return nil
	}
	return r.single(file)
}

// parseYAML turns a panic of the parser, which has had several, into an error.
func parseYAML(text string) (file *ast.File, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = fmt.Errorf("can't be read as YAML: %v", reason)
		}
	}()
	tokens := lexer.Tokenize(text)
	if len(tokens) > maxTokens {
		return nil, errors.New("is too long for a scheme")
	}
	return parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
}

func (r *schemeReading) syntax(err error) {
	line, text := 1, err.Error()
	if wrong := yaml.Error(nil); errors.As(err, &wrong) {
		text = "can't be read as YAML: " + wrong.GetMessage()
		if token := wrong.GetToken(); token != nil {
			line = max(1, token.Position.Line)
		}
	}
	r.ofFile(line, "%s", text)
}

func (r *schemeReading) single(file *ast.File) ast.Node {
	var bodies []ast.Node
	for _, document := range file.Docs {
		if document.Body != nil {
			bodies = append(bodies, document.Body)
		}
	}
	switch {
	case len(bodies) == 0:
		r.ofFile(1, "is empty")
	case len(bodies) > 1:
		r.ofFile(bodies[1].GetToken().Position.Line, "holds a second document or a directive: a scheme is one document")
	default:
		return bodies[0]
	}
	return nil
}

// ofFile notes a fault of the file itself.
func (r *schemeReading) ofFile(line int, format string, args ...any) {
	r.add(r.file, line, "file", format, args...)
}

func (r *schemeReading) scheme(body ast.Node) rules.Scheme {
	root := r.level("", body,
		"authority", "year", "rule_set", "extension?", "document_number?", "indicators", "dates", "reminders", "max_spread?", "return_working_days?")
	authority := root.below("authority", "code", "name", "tier")
	dates := root.below("dates", "notice", "self_report_due", "review_due", "approval_due", "rectification_due")
	reminders := root.below("reminders", "self_report", "review", "approval", "rectification")
	scheme := rules.NewScheme()
	scheme.Authority = rules.Authority{Code: authority.text("code"), Name: authority.text("name"), Tier: authority.text("tier")}
	scheme.RuleSet = root.text("rule_set")
	scheme.Extension = root.extension()
	scheme.DocumentNumber = root.text("document_number")
	scheme.Indicators = root.text("indicators")
	scheme.Dates = rules.Dates{
		Notice: dates.day("notice"), SelfReportDue: dates.day("self_report_due"), ReviewDue: dates.day("review_due"),
		ApprovalDue: dates.day("approval_due"), RectificationDue: dates.day("rectification_due"),
	}
	// A year that could not be read is guessed for the checks that follow, lest every date be told to lie outside it.
	scheme.Year = root.numberLike("2025", "year", scheme.Dates.Notice.Year())
	scheme.Reminders = rules.Reminders{
		SelfReport: reminders.policy("self_report"), Review: reminders.policy("review"),
		Approval: reminders.policy("approval"), Rectification: reminders.policy("rectification"),
	}
	scheme.MaxSpread = root.points("max_spread")
	scheme.ReturnWorkingDays = root.number("return_working_days", scheme.ReturnWorkingDays)
	return scheme
}

// A level is one mapping of the file.
type level struct {
	*schemeReading
	path   string
	values map[string]ast.Node
}

// level reads a mapping with exactly the given keys; those that end in ? may be left out.
func (r *schemeReading) level(path string, node ast.Node, keys ...string) level {
	l := level{schemeReading: r, path: path, values: map[string]ast.Node{}}
	entries, ok := node.(*ast.MappingNode)
	if !ok {
		l.add(r.file, r.lines[path], cmp.Or(path, "file"), "%s", cmp.Or(marked(node), "must be a mapping with the keys "+keyNames(keys)))
		return l
	}
	for _, entry := range entries.Values {
		l.entry(entry, keys)
	}
	for _, key := range keys {
		name, optional := strings.CutSuffix(key, "?")
		switch {
		case l.has(name):
		case optional:
			r.lines[l.under(name)] = r.lines[path]
		default:
			l.add(r.file, r.lines[path], l.under(name), "missing")
		}
	}
	return l
}

// marked says that a value is anchored, another's alias or tagged, of which a scheme has no need; empty if it is not.
func marked(node ast.Node) string {
	var mark string
	switch node := node.(type) {
	case *ast.AnchorNode:
		mark = "&" + node.Name.String()
	case *ast.AliasNode:
		mark = "*" + node.Value.String()
	case *ast.TagNode:
		mark = node.Start.Value
	default:
		return ""
	}
	return fmt.Sprintf("begins with %s, which no scheme needs: write the value alone", mark)
}

func keyNames(keys []string) string {
	return strings.ReplaceAll(strings.Join(keys, ", "), "?", "")
}

func (l level) entry(entry *ast.MappingValueNode, keys []string) {
	token := entry.Key.GetToken()
	key, line := token.Value, token.Position.Line
	path := l.under(key)
	_, plain := entry.Key.(*ast.StringNode)
	switch {
	case !plain || !nameable(key):
		l.ofFile(line, "holds what is no key of a scheme: the keys here are %s", keyNames(keys))
	case !slices.Contains(keys, key) && !slices.Contains(keys, key+"?"):
		l.add(l.file, line, path, "is an unknown key: the keys here are %s", keyNames(keys))
	case l.values[key] != nil:
		l.add(l.file, line, path, "stands twice: first on line %d", l.lines[path])
	default:
		l.values[key], l.lines[path] = entry.Value, line
	}
}

func (l level) under(key string) string {
	if l.path == "" {
		return key
	}
	return l.path + "." + key
}

func (l level) has(key string) bool { return l.values[key] != nil }

// wrong notes that the value of a key is not what it must be.
func (l level) wrong(key, format string, args ...any) {
	path := l.under(key)
	l.add(l.file, l.lines[path], path, format, args...)
}

// below is the level of a key; if that is missing, which is known by now, one without values.
func (l level) below(key string, keys ...string) level {
	if !l.has(key) {
		return level{schemeReading: l.schemeReading, path: l.under(key)}
	}
	return l.level(l.under(key), l.values[key], keys...)
}

func (l level) policy(key string) rules.Policy {
	policy := l.below(key, "cron", "from_working_days_before", "escalate_working_days_after")
	return rules.Policy{
		Cron:                     policy.text("cron"),
		FromWorkingDaysBefore:    policy.number("from_working_days_before", 0),
		EscalateWorkingDaysAfter: policy.number("escalate_working_days_after", 0),
	}
}

func (l level) extension() *rules.Extension {
	if !l.has("extension") {
		return nil
	}
	extension := l.below("extension", "document", "date")
	return &rules.Extension{Document: extension.text("document"), Date: extension.day("date")}
}

func (l level) day(key string) rules.Day { return rules.Day(l.text(key)) }

// text takes only what YAML itself takes for text: a code 0123 would be a number, no would be false elsewhere.
func (l level) text(key string) string {
	node := l.values[key]
	switch node := node.(type) {
	case nil:
	case *ast.StringNode:
		return node.Value
	case *ast.NullNode:
		l.wrong(key, "missing")
	default:
		l.wrong(key, "%s", cmp.Or(marked(node), "must be text in one line: put it in quotes"))
	}
	return ""
}

var wholeNumber = regexp.MustCompile(`^(0|[1-9][0-9]{0,8})$`)

func (l level) number(key string, otherwise int) int { return l.numberLike("5", key, otherwise) }

// numberLike takes a whole number as people write it, such as the example, not YAML's 0123 (which is 83), 0x10 or 1_000.
func (l level) numberLike(example, key string, otherwise int) int {
	node := l.values[key]
	if node == nil {
		return otherwise
	}
	text := node.GetToken().Value
	if _, ok := node.(*ast.IntegerNode); !ok || !wholeNumber.MatchString(text) {
		l.wrong(key, "%s", cmp.Or(marked(node), "must be a whole number such as "+example+", without quotes and leading zeros"))
		return otherwise
	}
	number, _ := strconv.Atoi(text) // nine digits at most
	return number
}

// points takes points in quotes or without.
func (l level) points(key string) string {
	switch node := l.values[key].(type) {
	case *ast.IntegerNode, *ast.FloatNode:
		return node.GetToken().Value
	}
	return l.text(key)
}
