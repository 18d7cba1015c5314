package portal

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/office"
)

// pageSize is how many rows of a long list one page shows.
const pageSize = 50

// pager leads through the pages of a list.
type pager struct {
	Total, From, To   int
	Page, Pages       int
	Previous, Forward string
}

// pager is where the request is in a list of total rows.
func (v *visit) pager(total int) pager {
	pages := max(1, (total+pageSize-1)/pageSize)
	page, err := strconv.Atoi(v.r.FormValue("page"))
	if err != nil || page < 1 {
		page = 1
	}
	page = min(page, pages)
	p := pager{Total: total, Page: page, Pages: pages, From: min(total, (page-1)*pageSize+1), To: min(total, page*pageSize)}
	if page > 1 {
		p.Previous = v.with("page", strconv.Itoa(page-1))
	}
	if page < pages {
		p.Forward = v.with("page", strconv.Itoa(page+1))
	}
	return p
}

// Skip is how many rows come before the page.
func (p pager) Skip() int { return (p.Page - 1) * pageSize }

// rowsOf are those of a list that are on the page.
func rowsOf[T any](p pager, list []T) []T { return list[p.Skip():p.To] }

// with is this page's address with some values of its query changed; an empty one is left out.
func (v *visit) with(pairs ...string) string {
	query := url.Values{}
	for name, values := range v.r.URL.Query() {
		if strings.Join(values, "") != "" {
			query[name] = values
		}
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		query.Del(pairs[i])
		if pairs[i+1] != "" {
			query.Set(pairs[i], pairs[i+1])
		}
	}
	path, _, _ := strings.Cut(v.requested(), "?")
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

// option is one of a list to choose from.
type option struct {
	Value, Text string
	Selected    bool
}

// options are a list to choose from, with what the request chose.
func (v *visit) options(field string, values []string, name func(string) string) []option {
	chosen := v.r.FormValue(field)
	list := make([]option, len(values))
	for i, value := range values {
		list[i] = option{Value: value, Text: name(value), Selected: value == chosen}
	}
	return list
}

// dateField reads a day from a form's field.
func (v *visit) dateField(name string) (calendar.Date, error) {
	day, err := calendar.ParseDate(v.r.FormValue(name))
	if err != nil {
		return day, office.Refuse("choose a date")
	}
	return day, nil
}

// short is a date without its year, for tables: 12月12日.
func (v *visit) short(date calendar.Date) string {
	if date.IsZero() {
		return "—"
	}
	return v.t("date.short", date.Year, int(date.Month), date.Day)
}
