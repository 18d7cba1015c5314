package portal

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/office"
)

// journalPage is what happened in the cycle, searchable, newest first.
type journalPage struct {
	Events []option
	Units  []option
	// Filter is what was asked for, by field; FaultFrom and FaultTo say that a date does not parse.
	Filter             map[string]string
	FaultFrom, FaultTo bool
	Lines              []journalLine
	Newer, Older       string
}

// journalLine is a line in words.
type journalLine struct {
	office.JournalEntry
	When, Moment, EventName, UnitName, PersonName string
	Words                                         []word
}

// word is one of a line's data with its name.
type word struct{ Label, Value string }

// journalFields are what can be searched by.
var journalFields = []string{"event", "unit", "person", "article", "q", "from", "to"}

func (v *visit) showJournal() error {
	page := journalPage{Filter: map[string]string{}}
	for _, name := range journalFields {
		page.Filter[name] = strings.TrimSpace(v.r.FormValue(name))
	}
	filter := office.JournalFilter{
		Event: page.Filter["event"], Unit: page.Filter["unit"], Person: page.Filter["person"], Article: page.Filter["article"],
		Text: page.Filter["q"], Most: pageSize,
	}
	filter.From, page.FaultFrom = dayOrFault(page.Filter["from"])
	filter.To, page.FaultTo = dayOrFault(page.Filter["to"])
	filter.Before, _ = strconv.ParseInt(v.r.FormValue("before"), 10, 64) // not a number: from the newest on
	filter.After, _ = strconv.ParseInt(v.r.FormValue("after"), 10, 64)
	found, err := v.desk.Journal(v.r.Context(), filter)
	if err != nil {
		return err
	}
	if err := v.desk.LogRead(v.r.Context(), office.JournalRead, page.asked(), v.address()); err != nil {
		return err
	}
	return v.render("journal", v.journalPage(page, found))
}

// asked is what the journal was searched for, as the access log keeps it.
func (p journalPage) asked() string {
	var asked []string
	for _, name := range journalFields {
		if value := p.Filter[name]; value != "" {
			asked = append(asked, name+"="+value)
		}
	}
	return strings.Join(asked, " ")
}

func dayOrFault(text string) (day calendar.Date, fault bool) {
	if text == "" {
		return day, false
	}
	day, err := calendar.ParseDate(text)
	return day, err != nil
}

func (v *visit) journalPage(page journalPage, found office.JournalPage) journalPage {
	page.Events = v.options("event", office.JournalEvents, v.eventName)
	units := make([]string, 0, len(found.Names))
	for code := range found.Names {
		if !strings.HasPrefix(code, "/") {
			units = append(units, code)
		}
	}
	slices.Sort(units)
	page.Units = v.options("unit", units, func(code string) string { return found.Names[code] })
	for _, entry := range found.Lines {
		page.Lines = append(page.Lines, v.journalLine(entry, found.Names))
	}
	if count := len(page.Lines); count > 0 {
		if found.Newer {
			page.Newer = v.with("after", strconv.FormatInt(page.Lines[0].Seq, 10), "before", "")
		}
		if found.Older {
			page.Older = v.with("before", strconv.FormatInt(page.Lines[count-1].Seq, 10), "after", "")
		}
	}
	return page
}

// eventName is what people call an event.
func (v *visit) eventName(event string) string {
	if !v.catalogue.Has("journal.event." + event) {
		return event
	}
	return v.t("journal.event." + event)
}

func (v *visit) journalLine(entry office.JournalEntry, names map[string]string) journalLine {
	at := entry.At.In(calendar.Location)
	line := journalLine{
		JournalEntry: entry, When: v.clock(entry.At), Moment: at.Format(time.RFC3339), EventName: v.eventName(entry.Event),
		UnitName: names[entry.Unit], PersonName: names["/"+entry.Person],
	}
	if line.PersonName == "" {
		line.PersonName = entry.Person // somebody whom the list of people does not have: the first administrator
	}
	for _, key := range journalKeys {
		value, has := entry.Data[key]
		if !has {
			continue
		}
		if text := v.dataText(entry.Event, key, value, names); text != "" {
			line.Words = append(line.Words, word{v.dataLabel(entry.Event, key), text})
		}
	}
	return line
}

// journalKeys are the data that a line tells in words, in this order; all of it stands in its raw form.
var journalKeys = []string{
	"kind", "number", "revision", "phase", "to", "clause", "event", "date", "units", "problems", "due", "review_due", "late", "role",
	"office", "decision", "basis", "severity", "corrects", "rule_set", "extension", "scheduled", "begun", "reason", "comment", "answer",
}

// dataLabel names a value. The date to which a deadline moves and the address to which a mail goes have one key.
func (v *visit) dataLabel(event, key string) string {
	if key == "to" && strings.HasPrefix(event, "mail_") {
		return v.t("journal.data.address")
	}
	return v.t("journal.data." + key)
}

// dataText is a value as people read it.
func (v *visit) dataText(event, key string, value any, names map[string]string) string {
	switch value := value.(type) {
	case string:
		return v.wordText(event, key, value)
	case bool:
		if value {
			return v.t("journal.yes")
		}
		return v.t("journal.no")
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64)
	case []any:
		var list []string
		for _, element := range value {
			name, known := names[fmt.Sprint(element)]
			if !known {
				name = fmt.Sprint(element)
			}
			list = append(list, name)
		}
		return strings.Join(list, v.t("journal.comma"))
	}
	text, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return string(text)
}

// wordText is a value that is a word of the domain, a day, a moment, or a text.
func (v *visit) wordText(event, key, value string) string {
	if value == "" {
		return ""
	}
	if date, err := calendar.ParseDate(value); err == nil {
		return day(v.language, date)
	}
	if at, err := time.Parse(time.RFC3339, value); err == nil {
		return moment(v.language, at)
	}
	switch key {
	case "kind":
		return v.kindText(event, value)
	case "phase":
		if v.catalogue.Has("dates.phase." + value) {
			return v.t("dates.phase." + value)
		}
	case "role", "office":
		if v.catalogue.Has("role." + value) {
			return v.t("role." + value)
		}
	case "decision", "basis", "severity":
		if v.catalogue.Has("journal.word." + value) {
			return v.t("journal.word." + value)
		}
	}
	return v.catalogue.reason(v.language, value)
}

// kindText is the kind of a mail, a task or a consequence.
func (v *visit) kindText(event, kind string) string {
	switch {
	case strings.HasPrefix(event, "mail_"):
		return v.mailKind(kind)
	case strings.HasPrefix(event, "task_") && v.catalogue.Has("task."+kind):
		return strings.TrimRight(v.t("task."+kind, ""), "：: ")
	case v.catalogue.Has("journal.word." + kind):
		return v.t("journal.word." + kind)
	}
	return kind
}
