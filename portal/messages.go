package portal

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// language is one of the two in which every page is.
type language string

const (
	chinese language = "zh"
	english language = "en"
)

// languageOf is what the person chose; Chinese until then.
func languageOf(r *http.Request) language {
	if cookie, err := r.Cookie("language"); err == nil && cookie.Value == string(english) {
		return english
	}
	return chinese
}

//go:embed *.yaml
var catalogueFiles embed.FS

// message is one text in both languages. One is the English text where the first argument is 1.
type message struct {
	Zh  string `yaml:"zh"`
	En  string `yaml:"en"`
	One string `yaml:"one"`
}

// catalogue is every text of the pages, and every reason for a refusal, by key. A page's messages lie beside it.
type catalogue struct {
	messages map[string]message
	sayings  []saying
}

// reasonsFile translates what office, activities and the store answer: whole sentences with {names} in them.
const reasonsFile = "reasons.yaml"

func readCatalogue() (catalogue, error) {
	read := catalogue{messages: map[string]message{}}
	names, err := fs.Glob(catalogueFiles, "*.yaml")
	if err != nil {
		return read, err
	}
	var errs []error
	for _, name := range names {
		content, err := catalogueFiles.ReadFile(name)
		switch {
		case err != nil:
		case name == reasonsFile:
			err = read.addSayings(content)
		default:
			err = read.add(content)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("couldn't read the messages in %s: %w", name, err))
		}
	}
	return read, errors.Join(errs...)
}

func (c catalogue) add(content []byte) error {
	var messages map[string]message
	if err := yaml.UnmarshalWithOptions(content, &messages, yaml.Strict()); err != nil {
		return err
	}
	var errs []error
	for key, message := range messages {
		if _, twice := c.messages[key]; twice {
			errs = append(errs, fmt.Errorf("%s is there twice", key))
		}
		if message.Zh == "" || message.En == "" {
			errs = append(errs, fmt.Errorf("%s is missing in one of the languages", key))
		}
		c.messages[key] = message
	}
	return errors.Join(errs...)
}

// say is a message. A key that nobody wrote shows itself; the tests find it.
func (c catalogue) say(in language, key string, args ...any) string {
	message, ok := c.messages[key]
	if !ok {
		return "⟨" + key + "⟩"
	}
	text := message.Zh
	if in == english {
		text = message.En
		if len(args) > 0 && message.One != "" && fmt.Sprint(args[0]) == "1" {
			text = message.One
		}
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// has tells whether there is a message.
func (c catalogue) has(key string) bool { _, ok := c.messages[key]; return ok }

// saying is a sentence with which acts are refused, and its Chinese.
type saying struct {
	form  *regexp.Regexp
	names []string
	zh    string
	words int // letters that are no placeholder's
}

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

func (c *catalogue) addSayings(content []byte) error {
	var pairs []struct {
		En string `yaml:"en"`
		Zh string `yaml:"zh"`
	}
	if err := yaml.UnmarshalWithOptions(content, &pairs, yaml.Strict()); err != nil {
		return err
	}
	for _, pair := range pairs {
		made := saying{zh: pair.Zh}
		form := "^"
		rest := pair.En
		for _, name := range placeholder.FindAllString(pair.En, -1) {
			before, after, _ := strings.Cut(rest, name)
			form += regexp.QuoteMeta(before) + "(.*?)"
			made.names, rest = append(made.names, name), after
		}
		made.form = regexp.MustCompile("(?s)" + form + regexp.QuoteMeta(rest) + "$")
		made.words = len(placeholder.ReplaceAllString(pair.En, ""))
		c.sayings = append(c.sayings, made)
	}
	// Of two that fit, the one with more words of its own is meant.
	slices.SortStableFunc(c.sayings, func(a, b saying) int { return b.words - a.words })
	return nil
}

// planPath is where a plan is wrong: scheme.dates.notice, units[3].
var planPath = regexp.MustCompile(`^(scheme|units|people|indicators)[a-z_.\[\]0-9]*: `)

// reason is a reason for a refusal in a language. The articles stay as they are cited; the place in a plan is left to the
// page, which shows it in its own way.
func (c catalogue) reason(in language, text string) string {
	if in == english {
		return text
	}
	if told, ok := c.translate(text); ok {
		return told
	}
	told, _ := c.translate(planPath.ReplaceAllString(text, ""))
	return told
}

// translate finds a sentence's Chinese; one that nobody wrote stays as it is.
func (c catalogue) translate(text string) (string, bool) {
	for _, saying := range c.sayings {
		found := saying.form.FindStringSubmatch(text)
		if found == nil {
			continue
		}
		told := saying.zh
		for i, name := range saying.names {
			told = strings.ReplaceAll(told, name, found[i+1])
		}
		return told, true
	}
	return text, false
}
