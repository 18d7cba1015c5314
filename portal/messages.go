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

	"github.com/kaoping/kaoping/internal/web"
)

type language = web.Language

const (
	chinese = web.Chinese
	english = web.English
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

// catalogue is every text of the pages, and every reason for a refusal, by key. A page's messages lie beside it.
type catalogue struct {
	web.Catalogue
	sayings []saying
}

// reasonsFile translates what office, activities and the store answer: whole sentences with {names} in them.
const reasonsFile = "reasons.yaml"

func readCatalogue() (catalogue, error) {
	read := catalogue{Catalogue: web.Catalogue{}}
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
			err = read.Add(content)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("couldn't read the messages in %s: %w", name, err))
		}
	}
	return read, errors.Join(errs...)
}

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
