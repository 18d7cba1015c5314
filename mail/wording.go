package mail

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/kaoping/kaoping/calendar"
)

// functions are what both kinds of template call; all return plain text.
var functions = map[string]any{
	"addressee": addressee,
	"article":   Article,
	"day":       Day,
	"deadline":  Deadline,
	"following": func(index int) int { return index + 1 },
	"joined":    func(names []string) string { return strings.Join(names, "、") },
	"left":      left,
	"matter":    matter,
	"number":    number,
	"preceding": func(year int) int { return year - 1 },
	"remarks":   remarks,
	"rules":     Basis,
}

// addressee is who the mail greets: one mail, one addressee.
func addressee(d Data) string {
	if d.PersonName != "" {
		return d.PersonName
	}
	return d.UnitName
}

// matter is what the mail is about.
func matter(d Data) string {
	if d.Matter != "" {
		return d.Matter
	}
	return "政务公开工作考核"
}

// Basis names the regulations; with the document that extended them, which
// every document shows once there is one (A16).
func Basis(title, document, extension string) string {
	var notes []string
	if document != "" {
		notes = append(notes, document)
	}
	if extension != "" {
		notes = append(notes, "依据"+extension+"继续施行")
	}
	if len(notes) == 0 {
		return "《" + title + "》"
	}
	return "《" + title + "》（" + strings.Join(notes, "，") + "）"
}

// number is a document's number in brackets, if there is one.
func number(document string) string {
	if document == "" {
		return ""
	}
	return "（" + document + "）"
}

// Day is a date as documents write it: 2025年12月12日.
func Day(d calendar.Date) string {
	return fmt.Sprintf("%d年%d月%d日", d.Year, d.Month, d.Day)
}

// Deadline says outright that the whole day still counts.
func Deadline(d calendar.Date) string { return Day(d) + "24时" }

func left(workingDays int) string {
	if workingDays <= 0 {
		return "今天是截止日"
	}
	return fmt.Sprintf("距截止日还有%d个工作日", workingDays)
}

// remarks tells how a problem was found and what it cost.
func remarks(p Problem) string {
	var parts []string
	if p.Method != "" {
		parts = append(parts, p.Method)
	}
	if p.Lost != "" {
		parts = append(parts, "扣"+p.Lost+"分")
	}
	if p.Repeated {
		parts = append(parts, "上年度已指出，属重复问题")
	}
	if len(parts) == 0 {
		return ""
	}
	return "（" + strings.Join(parts, "，") + "）"
}

var articleForm = regexp.MustCompile(`^[AE]([0-9]{1,2})(?:\(([0-9]{1,2})\))?$`)

// Article writes A8(6) the way the regulations number themselves. What has
// another form stays as it is.
func Article(short string) string {
	match := articleForm.FindStringSubmatch(short)
	if match == nil {
		return short
	}
	text := "第" + numeral(match[1]) + "条"
	if match[2] != "" {
		text += "第（" + numeral(match[2]) + "）项"
	}
	return text
}

// numeral writes 1 to 99 in Chinese.
func numeral(digits string) string {
	n, err := strconv.Atoi(digits)
	if err != nil || n < 1 || n > 99 {
		return digits
	}
	names := []rune("零一二三四五六七八九")
	tens, ones := n/10, n%10
	text := ""
	if tens > 1 {
		text += string(names[tens])
	}
	if tens > 0 {
		text += "十"
	}
	if ones > 0 {
		text += string(names[ones])
	}
	return text
}
