package public

import (
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/kaoping/kaoping/internal/stage"
	"github.com/kaoping/kaoping/internal/web"
)

// Every message that a page asks for is there in both languages with the same values, and none is there for nothing.
func TestMessages(t *testing.T) {
	t.Parallel()
	catalogue := web.Catalogue{}
	stage.Must(t, catalogue.Add(messages))
	asked := map[string]bool{}
	sources, err := fs.Glob(os.DirFS("."), "*")
	stage.Must(t, err)
	for _, name := range sources {
		if strings.HasSuffix(name, "_test.go") || !strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, ".html") {
			continue
		}
		text, err := os.ReadFile(name)
		stage.Must(t, err)
		for _, match := range regexp.MustCompile(`(?:\bt |\.t\(|, |key = )"([a-z]+(?:\.[a-z_]+)?)"`).FindAllStringSubmatch(string(text), -1) {
			asked[match[1]] = true
		}
		for _, told := range regexp.MustCompile(`"(told\.[a-z]+|title(?:\.none)?|weight|and)"`).FindAllStringSubmatch(string(text), -1) {
			asked[told[1]] = true
		}
	}
	made := regexp.MustCompile(`^(answer|channel|publishes|category)\.`)
	for _, key := range slices.Sorted(maps.Keys(catalogue)) {
		if !asked[key] && !made.MatchString(key) {
			t.Errorf("nobody shows the message %s", key)
		}
	}
	verb := regexp.MustCompile(`%[a-z]`)
	for key, message := range catalogue {
		zh, en := verb.FindAllString(message.Zh, -1), verb.FindAllString(message.En, -1)
		if !slices.Equal(zh, en) || message.One != "" && len(verb.FindAllString(message.One, -1)) != len(en) {
			t.Errorf("%s takes %v in Chinese and %v in English", key, zh, en)
		}
	}
}

// A key that nobody wrote shows itself on a page: no page shows one.
func TestPagesSayWhatIsWritten(t *testing.T) {
	t.Parallel()
	b := opened(t, func(c *Config) { c.Work = 10 })
	link := b.invite(t, 1)
	for _, lang := range []string{"?lang=zh", "?lang=en"} {
		for _, path := range []string{at + lang, link + lang, at + "/receipt" + lang, "/nothing" + lang} {
			shown := b.browser(t).get(t, path)
			if strings.Contains(shown.body, "⟨") || strings.Contains(shown.body, "%!") || !strings.HasSuffix(strings.TrimSpace(shown.body), "</html>") {
				t.Errorf("%s shows\n%s", path, shown.body)
			}
		}
	}
}
