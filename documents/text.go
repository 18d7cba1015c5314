package documents

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

var byteOrderMark = []byte("\ufeff")

// decodeText turns a file's content into text without a byte order mark: UTF-8, or GB18030 (which contains GBK and
// GB2312), since Chinese spreadsheets save CSV in it. If it is neither, line is that of the first bad character; if
// the text is good, line is 0.
func decodeText(content []byte) (text string, line int) {
	content, marked := bytes.CutPrefix(content, byteOrderMark)
	if utf8.Valid(content) {
		return string(content), 0
	}
	if marked || mostlyUTF8(content) {
		return "", firstBadLine(string(content))
	}
	decoded, err := simplifiedchinese.GB18030.NewDecoder().Bytes(content)
	if err != nil {
		return "", 1
	}
	if text = string(decoded); strings.ContainsRune(text, utf8.RuneError) {
		return "", firstBadLine(text)
	}
	return text, 0
}

// mostlyUTF8 tells a damaged UTF-8 file from a GBK one. Almost any bytes decode as GB18030, so that one lost byte
// would turn every name of the file into other, wrong names; but GBK hardly ever forms the three-byte sequences of
// which Chinese in UTF-8 consists.
func mostlyUTF8(content []byte) bool {
	good, bad := 0, 0
	for len(content) > 0 {
		_, size := utf8.DecodeRune(content)
		switch {
		case size >= 3:
			good += size
		case content[0] >= utf8.RuneSelf:
			bad += size
		}
		content = content[size:]
	}
	return good > bad
}

// firstBadLine is the line of the first character that is not one.
func firstBadLine(text string) int {
	return 1 + strings.Count(text[:max(0, strings.IndexRune(text, utf8.RuneError))], "\n")
}

// unprintable finds a character that no name or address needs, and that a mail header or a database refuses later.
// Line breaks are left to who reads the field: in criteria they are fine.
func unprintable(text string) (rune, bool) {
	i := strings.IndexFunc(text, func(r rune) bool {
		return unicode.IsControl(r) && r != '\n' && r != '\t' || r == utf8.RuneError
	})
	if i < 0 {
		return 0, false
	}
	found, _ := utf8.DecodeRuneInString(text[i:])
	return found, true
}
