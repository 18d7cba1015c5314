package rehearsal

import (
	"context"
	"net/url"
	"slices"

	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// byPage tells whether somebody acts on the portal's pages: of those whose work it is the contact of the last unit, the
// first assessor and the leader. Whom a page refuses again and again goes on without it; the log has told.
func (c *Cast) byPage(login string) bool {
	return c.pages != nil && c.turnedAway[login] < patience && slices.Contains([]string{
		c.first(rules.Contact, c.pageUnit()), c.first(rules.Assessor, ""), c.first(rules.Leader, ""),
	}, login)
}

// patience is how often a page may refuse somebody: what it shows can be over before the form is sent, but not each time.
const patience = 5

// pageUnit is the unit whose report is written on the pages.
func (c *Cast) pageUnit() string { return c.plan.Units[len(c.plan.Units)-1].Code }

// reportByPage writes the report indicator by indicator, with a file to the first, and submits it (A8(5)).
func (s *scene) reportByPage(ctx context.Context, login string, unit rules.Unit) error {
	v, err := s.pages.visit(ctx, login, s.cycle)
	if err != nil {
		return err
	}
	editor, err := v.open(ctx, "units/%s/report", unit.Code)
	if err != nil {
		return err
	}
	items := editor.forms("/report/item")
	for i, indicator := range store.IndicatorsFor(s.plan, unit.Category) {
		at := slices.IndexFunc(items, func(f *form) bool { return f.query("indicator") == indicator.Code })
		if at < 0 {
			return store.Refuse("the report's page has no form for indicator " + indicator.Code)
		}
		item := items[at]
		item.values.Set("statement", statement(indicator))
		item.values.Set("self_score", selfScore(unit.Code, indicator).Short())
		item.values.Set("link", evidenceLink(indicator))
		if i == 0 {
			_, err = sendFile(ctx, v.client, item.action, item.values, evidenceName, evidenceFile(unit))
		} else {
			_, err = send(ctx, v.client, item.action, item.values)
		}
		if err != nil {
			return err
		}
	}
	return v.press(ctx, "/report/submit", "units/%s/report", unit.Code)
}

// query is one of the values in a form's address.
func (f *form) query(name string) string {
	address, err := url.Parse(f.action)
	if err != nil {
		return ""
	}
	return address.Query().Get(name)
}

// press sends a form of a page as it stands.
func (v visit) press(ctx context.Context, ending, format string, args ...any) error {
	return v.fill(ctx, ending, nil, format, args...)
}

// fill opens a page, and sends its form with other values.
func (v visit) fill(ctx context.Context, ending string, values map[string]string, format string, args ...any) error {
	shown, err := v.open(ctx, format, args...)
	if err != nil {
		return err
	}
	found := shown.form(ending)
	if found == nil {
		return store.Refuse("the page offers no " + ending)
	}
	for name, value := range values {
		found.values.Set(name, value)
	}
	_, err = send(ctx, v.client, found.action, found.values)
	return err
}

// scoreByPage fills a sheet and submits it (A8(6)).
func (s *scene) scoreByPage(ctx context.Context, sheet query.SheetListRow) error {
	v, err := s.pages.visit(ctx, sheet.Assessor, s.cycle)
	if err != nil {
		return err
	}
	shown, err := v.open(ctx, "sheets/%s", sheet.Unit)
	if err != nil {
		return err
	}
	for _, block := range shown.forms("") {
		if !block.values.Has("points") {
			continue
		}
		score := s.scoreOf(sheet, block.values.Get("indicator"))
		for name, value := range map[string]string{
			"points": score.Points.Short(), "reason": score.Reason, "method": score.Method, "place": score.Place,
			"day": score.CheckedOn.String(), "seen": score.Seen, "do": "save",
		} {
			block.values.Set(name, value)
		}
		if _, err := send(ctx, v.client, block.action, block.values); err != nil {
			return err
		}
	}
	return v.press(ctx, "/submit", "sheets/%s", sheet.Unit)
}

// returnByPage sends the two units back with a comment each, approveByPage approves what the page shows (A8(6)).
func (s *scene) returnByPage(ctx context.Context, leader string, number int32, comments map[string]string) error {
	v, err := s.pages.visit(ctx, leader, s.cycle)
	if err != nil {
		return err
	}
	values := map[string]string{"which": "some"}
	for unit, comment := range comments {
		values["comment."+unit] = comment
	}
	return v.fill(ctx, "/return", values, "approval/%d", number)
}

func (s *scene) approveByPage(ctx context.Context, leader string, number int32) error {
	v, err := s.pages.visit(ctx, leader, s.cycle)
	if err != nil {
		return err
	}
	return v.press(ctx, "/approve", "approval/%d", number)
}
