package portal

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/office"
)

//go:embed *.html
var templateFiles embed.FS

// templates are the pages, by language and name.
type templates map[language]map[string]*template.Template

// layoutFile is around every page; parts are what several pages have in common.
const (
	layoutFile = "layout.html"
	partPrefix = "part_"
)

func (p *Portal) readTemplates() (templates, error) {
	names, err := fs.Glob(templateFiles, "*.html")
	if err != nil {
		return nil, err
	}
	read := templates{}
	for _, in := range []language{chinese, english} {
		layout, err := template.New(layoutFile).Funcs(p.functions(in)).Funcs(words(in)).ParseFS(templateFiles, layoutFile, partPrefix+"*.html")
		if err != nil {
			return nil, fmt.Errorf("couldn't read the layout: %w", err)
		}
		read[in] = map[string]*template.Template{}
		for _, name := range names {
			if name == layoutFile || strings.HasPrefix(name, partPrefix) {
				continue
			}
			page, err := template.Must(layout.Clone()).ParseFS(templateFiles, name)
			if err != nil {
				return nil, fmt.Errorf("couldn't read %s: %w", name, err)
			}
			read[in][strings.TrimSuffix(name, ".html")] = page
		}
	}
	return read, nil
}

// functions are what templates call; they know the language.
func (p *Portal) functions(in language) template.FuncMap {
	return template.FuncMap{
		"t":      func(key string, args ...any) string { return p.catalogue.Say(in, key, args...) },
		"static": p.statics.Address,
		"day":    func(date calendar.Date) string { return day(in, date) },
		"moment": func(at time.Time) string { return moment(in, at) },
		"isodate": func(date calendar.Date) string {
			if date.IsZero() {
				return ""
			}
			return date.String()
		},
		"lines": func(text string) []string { return strings.Split(strings.TrimSpace(text), "\n") },
		"add":   func(a, b int) int { return a + b },
		"list":  func(items ...any) []any { return items },
		"dict":  dict,
	}
}

// dict gives a template several values by name.
func dict(pairs ...any) map[string]any {
	values := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	return values
}

// day is a date as a person reads it: 2025年12月12日(周五).
func day(in language, date calendar.Date) string {
	if date.IsZero() {
		return ""
	}
	if in == english {
		return date.Start().Format("Mon 2 Jan 2006")
	}
	return calendar.Long(date)
}

// moment is a time of a day.
func moment(in language, at time.Time) string {
	if at.IsZero() {
		return ""
	}
	at = at.In(calendar.Location)
	return day(in, calendar.DateOf(at)) + at.Format(" 15:04")
}

// view is what a template gets: the page's own data, and what every page shows around it.
type view struct {
	Name     string
	Language string
	Theme    string
	// Here is this page's address, for the switches of language and theme.
	Here string
	// Login is who has signed in; outside a cycle that is all that is known of him.
	Login  string
	Person *office.Person
	Cycle  *cycleView
	Nav    []navItem
	Flash  string
	Faults []string
	// Pending says that what was asked is not yet confirmed: the same form can be sent again.
	Pending bool
	// Act is the id that a form sends along.
	Act  string
	Data any

	visit *visit
}

// cycleView is the cycle in whose pages somebody is.
type cycleView struct {
	Path      string
	Authority string
	Year      int
	Rehearsal int
	Now       time.Time
	State     string
}

// render shows a page; nothing is sent before all of it is there.
func (v *visit) render(name string, data any) error {
	page, ok := v.templates[v.language][name]
	if !ok {
		return fmt.Errorf("couldn't find the page %s", name)
	}
	shown := view{
		Name: name, Language: string(v.language), Theme: themeOf(v.r), Here: v.requested(), Faults: v.faults, Pending: v.pending,
		Act: v.formAct(), Data: data, Login: v.account.Login, visit: v, Flash: v.sessions.PopString(v.r.Context(), "flash"),
	}
	if v.desk != nil {
		shown.Person, shown.Nav = &v.desk.Person, v.nav()
		var err error
		if shown.Cycle, err = v.cycleView(); err != nil {
			return err
		}
	}
	var out bytes.Buffer
	if err := page.ExecuteTemplate(&out, layoutFile, shown); err != nil {
		return fmt.Errorf("couldn't render %s: %w", name, err)
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.Header().Set("Content-Language", languageTags[v.language])
	v.w.WriteHeader(v.status)
	_, _ = out.WriteTo(v.w) // who asked is gone: nobody is left to tell
	return nil
}

var languageTags = map[language]string{chinese: "zh-CN", english: "en"}

// formAct is a new id for each form that is shown, but the same again for an act that is not yet confirmed.
func (v *visit) formAct() string {
	if v.pending {
		return v.r.PostFormValue("act")
	}
	return uuid.NewString()
}

func (v *visit) cycleView() (*cycleView, error) {
	plan, err := v.desk.Plan(v.r.Context())
	if err != nil {
		return nil, err
	}
	cycle := v.desk.Cycle
	return &cycleView{
		Path: cyclePath(cycle), Authority: plan.Scheme.Authority.Name, Year: int(cycle.Year), Rehearsal: int(cycle.Rehearsal),
		Now: v.desk.Now(), State: cycle.State,
	}, nil
}

// LanguageTag is the language in HTML's terms.
func (v view) LanguageTag() string { return languageTags[language(v.Language)] }

// Due is a due day with what is left of it.
type due struct {
	Date calendar.Date
	Text string
	// Late is past; Soon is within three working days.
	Late, Soon bool
}

// Due tells how many working days are left: 2025年12月12日(周五,还有3个工作日).
func (v view) Due(date calendar.Date) (due, error) { return v.visit.due(date) }

// DueAt is Due of a date that may not be there.
func (v view) DueAt(date *calendar.Date) (due, error) {
	if date == nil {
		return due{}, nil
	}
	return v.visit.due(*date)
}

// soon is how many working days before a due day it stands out.
const soon = 3

func (v *visit) due(date calendar.Date) (due, error) {
	told := due{Date: date}
	if date.IsZero() {
		return told, nil
	}
	left, err := v.desk.WorkingDaysLeft(v.r.Context(), date)
	if err != nil {
		return told, err
	}
	today := v.desk.Today()
	told.Late, told.Soon = today.After(date), left <= soon
	key := "due.left"
	switch {
	case told.Late:
		key, left = "due.late", -left
	case today == date:
		key = "due.today"
	}
	remark := v.t(key)
	if key != "due.today" {
		remark = v.t(key, left)
	}
	told.Text = v.t("due.form", strings.TrimSuffix(day(v.language, date), ")"), remark)
	return told, nil
}
