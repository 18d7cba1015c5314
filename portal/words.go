package portal

import (
	"html/template"
	"strings"

	"github.com/google/uuid"

	"github.com/kaoping/kaoping/office"
	"github.com/kaoping/kaoping/rules"
)

// words are what templates call to write the terms and numbers of the regulations.
func words(in language) template.FuncMap {
	return template.FuncMap{
		"term":     func(id, name string) string { return term(in, id, name) },
		"category": func(code string) string { return term(in, code, office.CategoryName(code)) },
		"article":  func(short string) string { return articleText(in, short) },
		"minus":    minus,
		"link":     link,
		"kind":     clauseKind,
		"bin":      func(bin office.Bin) string { return pointsRange(bin.From, bin.To, bin.Last) },
	}
}

// term is a word of the regulations, which have Chinese names only: elsewhere people read its name in code.
func term(in language, id, name string) string {
	if in == chinese {
		return name
	}
	return strings.ReplaceAll(id, "_", " ")
}

// articleText is an article as the regulations number themselves.
func articleText(in language, short string) string {
	if in == english {
		return short
	}
	return office.ArticleText(short)
}

func (v *visit) article(short string) string { return articleText(v.language, short) }

// clauseKind is a clause's kind, bonus or deduction.
func clauseKind(bonus bool) rules.Kind {
	if bonus {
		return rules.Bonus
	}
	return rules.Deduction
}

// minus writes points with the sign that belongs into text.
func minus(points rules.Points) string { return strings.Replace(points.String(), "-", "−", 1) }

// signed writes a change of points.
func signed(points rules.Points) string {
	if points > 0 {
		return "+" + points.String()
	}
	return minus(points)
}

// ActFor is the act's id of one of several forms on a page: each is an act of its own, and only the one that is not yet
// confirmed keeps its id. The form sends its name along as form.
func (v view) ActFor(form string) string {
	if v.Pending && v.visit.r.PostFormValue("form") == form {
		return v.Act
	}
	page, err := uuid.Parse(v.Act)
	if err != nil {
		page = uuid.New()
	}
	return uuid.NewSHA1(page, []byte(form)).String()
}

// Grade is a grade's name in the cycle's rules (A9).
func (v view) Grade(id string) (string, error) {
	set, err := v.visit.desk.RuleSet()
	if err != nil {
		return "", err
	}
	return term(v.visit.language, id, set.GradeName(id)), nil
}

// Area is a content area's name in the cycle's rules (A6).
func (v view) Area(id string) (string, error) {
	set, err := v.visit.desk.RuleSet()
	if err != nil {
		return "", err
	}
	return term(v.visit.language, id, set.Areas.Name(id)), nil
}

// Reason is what the process itself gave as a reason, in the language of the page; a person's words stay as they are.
func (v view) Reason(text string) string { return v.visit.catalogue.reason(v.visit.language, text) }
