package portal

import (
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/kaoping/kaoping/internal/stage"
)

// keys that are put together from a word of the data: the message's beginning and where the words come from.
var composed = regexp.MustCompile(`\(print "([a-z_.]+)"|\bt\("([a-z_.]+\.)" ?\+`)

var literal = regexp.MustCompile(`\bt "([a-zA-Z0-9_.]+)"|\bt\("([a-zA-Z0-9_.]+)"[,)]|\bdone\([^"\n]*(?:"[^"]*"[^"\n]*)??, "([a-z0-9_.]+)"|\{"(nav\.[a-z_]+)"|key :?= "([a-z0-9_.]+)"|"(due\.[a-z]+)"`)

// used are the message keys in templates and code, and the beginnings of those that are put together.
func used(t *testing.T) (keys, beginnings map[string]bool) {
	t.Helper()
	keys, beginnings = map[string]bool{}, map[string]bool{}
	files, err := fs.Glob(os.DirFS("."), "*")
	stage.Must(t, err)
	for _, name := range files {
		if !strings.HasSuffix(name, ".html") && !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		content, err := os.ReadFile(name)
		stage.Must(t, err)
		for _, match := range literal.FindAllStringSubmatch(string(content), -1) {
			keys[strings.Join(match[1:], "")] = true
		}
		for _, match := range composed.FindAllStringSubmatch(string(content), -1) {
			beginnings[match[1]+match[2]] = true
		}
	}
	return keys, beginnings
}

// Every message that a page asks for is there in both languages, and none is there for nothing.
func TestMessagesAreThereAndUsed(t *testing.T) {
	t.Parallel()
	catalogue, err := readCatalogue()
	stage.Must(t, err)
	keys, beginnings := used(t)
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		if !catalogue.Has(key) {
			t.Errorf("there is no message %s", key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(catalogue.Catalogue)) {
		begins := slices.ContainsFunc(slices.Collect(maps.Keys(beginnings)), func(b string) bool { return strings.HasPrefix(key, b) })
		if !keys[key] && !begins {
			t.Errorf("nobody shows the message %s", key)
		}
	}
}

var verb = regexp.MustCompile(`%[a-z]`)

// A message takes the same values in both languages.
func TestMessagesAgree(t *testing.T) {
	t.Parallel()
	catalogue, err := readCatalogue()
	stage.Must(t, err)
	for key, message := range catalogue.Catalogue {
		zh, en := verb.FindAllString(message.Zh, -1), verb.FindAllString(message.En, -1)
		if !slices.Equal(zh, en) {
			t.Errorf("%s takes %v in Chinese and %v in English", key, zh, en)
		}
		if one := verb.FindAllString(message.One, -1); message.One != "" && !slices.Equal(one, en) {
			t.Errorf("%s takes %v for one and %v for several", key, one, en)
		}
	}
}

// Text for people stands in the catalogues alone.
func TestTemplatesHaveNoText(t *testing.T) {
	t.Parallel()
	chinese := regexp.MustCompile(`\p{Han}`)
	files, err := fs.Glob(templateFiles, "*.html")
	stage.Must(t, err)
	for _, name := range files {
		content, err := templateFiles.ReadFile(name)
		stage.Must(t, err)
		if found := chinese.Find(content); found != nil {
			t.Errorf("%s has the text %s: it belongs into a catalogue", name, found)
		}
		for _, forbidden := range []string{" style=", "<style", " onclick=", "<script>"} {
			if strings.Contains(string(content), forbidden) {
				t.Errorf("%s has %s, which the content security policy forbids", name, forbidden)
			}
		}
	}
}
