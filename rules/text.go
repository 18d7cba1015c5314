package rules

import (
	"net/mail"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// codeForm is the form of codes and logins: safe in file names, workflow ids,
// addresses of pages and mail headers.
var codeForm = regexp.MustCompile(`^[A-Za-z0-9._-]{1,32}$`)

const codeRule = "must be 1 to 32 letters, digits, dots, underscores or hyphens"

// codes are the codes of one list, each allowed once. A difference of case
// alone counts as the same code: people type them.
type codes struct {
	seen map[string]string // by the code in small letters, as first written
}

func newCodes() codes { return codes{seen: map[string]string{}} }

func (c codes) faults(path, code string) Faults {
	var faults Faults
	folded := strings.ToLower(code)
	first, doubled := c.seen[folded]
	switch {
	case code == "":
		faults.add(path, "missing")
	case !codeForm.MatchString(code):
		faults.add(path, "%q: %s", shortened(code), codeRule)
	case doubled && first == code:
		faults.add(path, "%s is there twice", code)
	case doubled:
		faults.add(path, "%s is there twice: %s differs only in case", code, first)
	default:
		c.seen[folded] = code
	}
	return faults
}

// wantText wants a text of one line that is not empty.
func (f *Faults) wantText(path, text string) {
	if strings.TrimSpace(text) == "" {
		f.add(path, "missing")
		return
	}
	f.wantPlain(path, text)
}

// wantPlain wants text that can stand in a line of a document or a mail
// header, if there is any.
func (f *Faults) wantPlain(path, text string) {
	if !utf8.ValidString(text) {
		f.add(path, "is not UTF-8")
	} else if strings.ContainsFunc(text, unicode.IsControl) {
		f.add(path, "holds a line break or another control character")
	}
}

// wantProse is wantPlain for texts that may have several lines.
func (f *Faults) wantProse(path, text string) {
	f.wantPlain(path, strings.NewReplacer("\r\n", "", "\n", "", "\t", "").Replace(text))
}

// wantEmail wants a bare address. What a mail header could be broken with is
// refused here, before any mail is composed.
func (f *Faults) wantEmail(path, email string) {
	parsed, err := mail.ParseAddress(email)
	switch {
	case email == "":
		f.add(path, "missing")
	case strings.ContainsFunc(email, unicode.IsControl):
		f.add(path, "%q holds a line break or another control character", shortened(email))
	case err != nil || parsed.Address != email || len(email) > 254 || !ascii(email) || strings.ContainsAny(email, `" ,;<>()[]`):
		f.add(path, "%q is not an e-mail address", shortened(email))
	}
}

func ascii(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII })
}
