// Package web is what the portal's pages and the public's have in common: texts in two languages, and files under names
// that change with their content.
package web

import (
	"errors"
	"fmt"

	"github.com/goccy/go-yaml"
)

// Language is one of the two in which every page is.
type Language string

// The languages; Chinese comes first.
const (
	Chinese Language = "zh"
	English Language = "en"
)

// Message is one text in both languages. One is the English text where the first argument is 1.
type Message struct {
	Zh  string `yaml:"zh"`
	En  string `yaml:"en"`
	One string `yaml:"one"`
}

// Catalogue is every text of some pages, by key.
type Catalogue map[string]Message

// Add reads the messages of one file.
func (c Catalogue) Add(content []byte) error {
	var messages map[string]Message
	if err := yaml.UnmarshalWithOptions(content, &messages, yaml.Strict()); err != nil {
		return err
	}
	var errs []error
	for key, message := range messages {
		if _, twice := c[key]; twice {
			errs = append(errs, fmt.Errorf("%s is there twice", key))
		}
		if message.Zh == "" || message.En == "" {
			errs = append(errs, fmt.Errorf("%s is missing in one of the languages", key))
		}
		c[key] = message
	}
	return errors.Join(errs...)
}

// Say is a message. A key that nobody wrote shows itself; the tests find it.
func (c Catalogue) Say(in Language, key string, args ...any) string {
	message, ok := c[key]
	if !ok {
		return "⟨" + key + "⟩"
	}
	text := message.Zh
	if in == English {
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

// Has tells whether there is a message.
func (c Catalogue) Has(key string) bool { _, ok := c[key]; return ok }
