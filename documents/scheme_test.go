package documents

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kaoping/kaoping/rules"
)

// schemeText is the sample scheme with one text of it replaced.
func schemeText(t *testing.T, old, new string) []byte {
	t.Helper()
	set := pingliang(t)
	edit(t, set, "scheme.yaml", old, new)
	return set["scheme.yaml"].Data
}

func TestReadScheme(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		old, new string
		got      func(rules.Scheme) any
		want     any
	}{
		"nothing said of the spread":   {"year: 2025", "year: 2025", func(s rules.Scheme) any { return s.MaxSpread }, ""},
		"nothing said of returns":      {"year: 2025", "year: 2025", func(s rules.Scheme) any { return s.ReturnWorkingDays }, 3},
		"spread in quotes":             {"year: 2025", "year: 2025\nmax_spread: \"2\"", func(s rules.Scheme) any { return s.MaxSpread }, "2"},
		"spread without quotes":        {"year: 2025", "year: 2025\nmax_spread: 2.50", func(s rules.Scheme) any { return s.MaxSpread }, "2.50"},
		"returns":                      {"year: 2025", "year: 2025\nreturn_working_days: 5", func(s rules.Scheme) any { return s.ReturnWorkingDays }, 5},
		"a code that looks like digit": {"{code: pingliang", "{code: \"0123\"", func(s rules.Scheme) any { return s.Authority.Code }, "0123"},
		"a day in quotes":              {"notice: 2025-11-24", "notice: \"2025-11-24\"", func(s rules.Scheme) any { return s.Dates.Notice }, rules.Day("2025-11-24")},
		"a cron without quotes":        {`approval:    {cron: "0 9 * * *"`, `approval: {cron: 0 9 * * 1-5`, func(s rules.Scheme) any { return s.Reminders.Approval.Cron }, "0 9 * * 1-5"},
		"no extension":                 {"extension: {document: 平政办发〔2024〕00号(示例), date: 2024-08-01}\n", "", func(s rules.Scheme) any { return s.Extension }, (*rules.Extension)(nil)},
		"block style":                  {"authority: {code: pingliang, name: 平凉市政府政务公开办公室, tier: city}", "authority:\n  code: pingliang\n  name: 平凉\n  tier: city", func(s rules.Scheme) any { return s.Authority.Tier }, "city"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scheme, reading := readScheme("scheme.yaml", schemeText(t, c.old, c.new))
			if diff := cmp.Diff(c.want, c.got(scheme)); diff != "" {
				t.Error(diff)
			}
			if len(reading.list) > 0 {
				t.Error(reading.list)
			}
		})
	}
}

func TestReadSchemeFaults(t *testing.T) {
	t.Parallel()
	const notText = "must be text in one line: put it in quotes"
	const notNumber = "must be a whole number such as 2025, without quotes and leading zeros"
	for name, c := range map[string]struct {
		old, new string
		want     []string
	}{
		"unknown key":           {"tier: city}", "tier: city, level: 2}", []string{"scheme.yaml:2: authority.level: is an unknown key: the keys here are code, name, tier"}},
		"unknown key below":     {"notice: 2025-11-24", "notice: 2025-11-24\n  closing: 2026-04-01", []string{"scheme.yaml:11: dates.closing: is an unknown key: the keys here are notice, self_report_due, review_due, approval_due, rectification_due"}},
		"key doubled":           {"year: 2025", "year: 2025\n\nyear: 2026", []string{"scheme.yaml:5: year: stands twice: first on line 3"}},
		"key doubled in braces": {"{code: pingliang", "{code: a, code: pingliang", []string{"scheme.yaml:2: authority.code: stands twice: first on line 2"}},
		"section doubled":       {"year: 2025", "year: 2025\nauthority: {code: other}", []string{"scheme.yaml:4: authority: stands twice: first on line 2"}},
		"key missing":           {"rule_set: pingliang-2022\n", "", []string{"scheme.yaml:2: rule_set: missing"}},
		"key missing below":     {"  review_due: 2026-01-09      # A8(6), the group's work\n", "", []string{"scheme.yaml:9: dates.review_due: missing"}},
		"keys of a policy":      {`{cron: "0 9 * * *", from_working_days_before: 3, escalate_working_days_after: 1}`, `{from_working_days_before: 3}`, []string{"scheme.yaml:17: reminders.review.cron: missing", "scheme.yaml:17: reminders.review.escalate_working_days_after: missing"}},
		"empty":                 {"rule_set: pingliang-2022", "rule_set:", []string{"scheme.yaml:4: rule_set: missing"}},
		"octal year":            {"year: 2025", "year: 03751", []string{"scheme.yaml:3: year: " + notNumber}},
		"hexadecimal year":      {"year: 2025", "year: 0x7e9", []string{"scheme.yaml:3: year: " + notNumber}},
		"year in parts":         {"year: 2025", "year: 2_025", []string{"scheme.yaml:3: year: " + notNumber}},
		"year in quotes":        {"year: 2025", "year: \"2025\"", []string{"scheme.yaml:3: year: " + notNumber}},
		"negative":              {"year: 2025", "year: -2025", []string{"scheme.yaml:3: year: " + notNumber}},
		"endless":               {"year: 2025", "year: 20250000000000000000", []string{"scheme.yaml:3: year: " + notNumber}},
		"number for text":       {"{code: pingliang", "{code: 0123", []string{"scheme.yaml:2: authority.code: " + notText}},
		"truth for text":        {"{code: pingliang", "{code: true", []string{"scheme.yaml:2: authority.code: " + notText}},
		"list for text":         {"rule_set: pingliang-2022", "rule_set: [pingliang-2022]", []string{"scheme.yaml:4: rule_set: " + notText}},
		"paragraph for text":    {"rule_set: pingliang-2022", "rule_set: |\n  pingliang-2022", []string{"scheme.yaml:4: rule_set: " + notText}},
		"text for a section":    {"authority: {code: pingliang, name: 平凉市政府政务公开办公室, tier: city}", "authority: pingliang", []string{"scheme.yaml:2: authority: must be a mapping with the keys code, name, tier"}},
		"list for the spread":   {"year: 2025", "year: 2025\nmax_spread: [2]", []string{"scheme.yaml:4: max_spread: " + notText}},
		"anchor":                {"{code: pingliang", "{code: &a pingliang", []string{"scheme.yaml:2: authority.code: begins with &a, which no scheme needs: write the value alone"}},
		"anchored section":      {"authority: {", "authority: &office {", []string{"scheme.yaml:2: authority: begins with &office, which no scheme needs: write the value alone"}},
		"alias":                 {"rule_set: pingliang-2022", "rule_set: *a", []string{"scheme.yaml:4: rule_set: begins with *a, which no scheme needs: write the value alone"}},
		"tag":                   {"year: 2025", "year: !!int 2025", []string{"scheme.yaml:3: year: begins with !!int, which no scheme needs: write the value alone"}},
		"number in quotes":      {"from_working_days_before: 3, escalate_working_days_after: 1}", "from_working_days_before: \"3\", escalate_working_days_after: 1}", []string{"scheme.yaml:17: reminders.review.from_working_days_before: must be a whole number such as 5, without quotes and leading zeros"}},
		"merge": {"year: 2025", "<<: {year: 2025}", []string{
			"scheme.yaml:3: file: holds what is no key of a scheme: the keys here are authority, year, rule_set, extension, document_number, indicators, dates, reminders, max_spread, return_working_days",
			"scheme.yaml:2: year: missing",
		}},
		"control character": {"pingliang-2022", "pingliang\x07-2022", []string{"scheme.yaml:4: file: has the character U+0007, which no text needs"}},
		"not UTF-8":         {"pingliang-2022", "pingliang\xff-2022", []string{"scheme.yaml:4: file: is neither UTF-8 nor GB18030 text"}},
		"syntax":            {"year: 2025", "year: 2025: 1", []string{"scheme.yaml:3: file: can't be read as YAML: mapping value is not allowed in this context"}},
		"second document":   {"year: 2025", "year: 2025\n---\nyear: 2026", []string{"scheme.yaml:5: file: holds a second document or a directive: a scheme is one document"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, reading := readScheme("scheme.yaml", schemeText(t, c.old, c.new))
			var got []string
			for _, fault := range reading.list {
				got = append(got, (&findings{list: []finding{fault}}).faults().Error())
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReadSchemeThatIsNone(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		content string
		want    string
	}{
		"nothing":    {"", "s.yaml:1: file: is empty"},
		"a comment":  {"# later\n", "s.yaml:1: file: is empty"},
		"a text":     {"\n\nscheme\n", "s.yaml:3: file: must be a mapping with the keys authority, year, rule_set, extension, document_number, indicators, dates, reminders, max_spread, return_working_days"},
		"too large":  {strings.Repeat("\n", MaxScheme+1), "s.yaml:1: file: is larger than 1 MiB"},
		"too long":   {strings.Repeat("a: 1\n", maxTokens), "s.yaml:1: file: is too long for a scheme"},
		"too deep":   {strings.Repeat("- ", maxTokens+1), "s.yaml:1: file: is too long for a scheme"},
		"open quote": {"year: \"2025\n", "s.yaml:1: file: can't be read as YAML: could not find end character of double-quoted text"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, reading := readScheme("s.yaml", []byte(c.content))
			if got := reading.faults().Error(); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// Line breaks of Windows and a byte order mark move no line.
func TestReadSchemeCountsLines(t *testing.T) {
	t.Parallel()
	content := bytes.ReplaceAll(schemeText(t, "year: 2025", "years: 2025"), []byte("\n"), []byte("\r\n"))
	_, reading := readScheme("s.yaml", append([]byte("\ufeff"), content...))
	got := lines(reading.faults())
	if len(got) != 2 || got[0] != "s.yaml:2: year: missing" || !strings.HasPrefix(got[1], "s.yaml:3: years: is an unknown key") {
		t.Error(got)
	}
}
