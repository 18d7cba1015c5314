package portal

import (
	"net/url"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/net/html"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/internal/stage"
	"github.com/kaoping/kaoping/store"
	"github.com/kaoping/kaoping/store/query"
)

// january is a day of the year in which the procedure ends.
func january(day int) calendar.Date {
	return calendar.Date{Year: 2026, Month: time.January, Day: day}
}

func (b *bundle) execute(t *testing.T, statement string, args ...any) {
	t.Helper()
	if _, err := b.DB.ExecContext(t.Context(), statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// column is the one value that a query answers, as text.
func (b *bundle) column(t *testing.T, statement string, args ...any) string {
	t.Helper()
	var text string
	stage.Must(t, b.DB.QueryRowContext(t.Context(), statement, args...).Scan(&text))
	return text
}

// reviewed is a year in which everything is scored and nothing submitted, on 22 December:
//
//	C01: 3.1 of 8 by 8, 7, 7; 3.2 of 6 by 6, 5, 5; 3.3 of 5 by 5, 4, 4; 7.2 of 10 by 9, 10.
//	     22/3 + 16/3 + 13/3 = 17, two points below 19; half a point below 10: 97.50.
//	C02: 3.1 by 7, 7, 8, 4.1 of 8 by 7, 7, 7: 100 − 2/3 − 1 = 98.33.
//	D18: 3.3 by 0, 0, 0, 5.2 of 7 by 3.5, 3.5, 8.2 of 8 by 0, 0: 100 − 5 − 3.5 − 8 = 83.50.
func reviewed(t *testing.T) *bundle {
	t.Helper()
	b := opened(t, stage.Running(t))
	b.At(stage.Day(time.December, 22), 10)
	b.OpenReviews("C01", "C02", "D18")
	b.execute(t, `UPDATE scores SET points = scores.max_points, method = i.methods[1], place = '专栏', checked_on = '2025-12-20', seen = '已核查'
		FROM indicators i WHERE i.cycle_id = scores.cycle_id AND i.code = scores.indicator`)
	for _, loss := range []struct {
		unit, indicator string
		points          map[string]int
	}{
		{"C01", "3.1", map[string]int{"web2": 700, "gov2": 700}},
		{"C01", "3.2", map[string]int{"web2": 500, "gov2": 500}},
		{"C01", "3.3", map[string]int{"web2": 400, "gov2": 400}},
		{"C01", "7.2", map[string]int{"gov1": 900}},
		{"C02", "3.1", map[string]int{"web1": 700, "web2": 700}},
		{"C02", "4.1", map[string]int{"web1": 700, "media1": 700, "opinion1": 700}},
		{"D18", "3.3", map[string]int{"web1": 0, "web2": 0, "gov2": 0}},
		{"D18", "5.2", map[string]int{"gov1": 350, "opinion1": 350}},
		{"D18", "8.2", map[string]int{"web1": 0, "web2": 0}},
	} {
		for assessor, points := range loss.points {
			b.execute(t, `UPDATE scores SET points = $4, reason = '扣分理由' WHERE unit = $1 AND indicator = $2 AND assessor = $3`, loss.unit, loss.indicator, assessor, points)
		}
	}
	return b
}

// submit submits every open sheet; when it was the last one the results are proposed.
func (b *bundle) submit(t *testing.T) {
	t.Helper()
	sheets, err := b.Store.SheetList(t.Context(), query.SheetListParams{CycleID: b.Cycle.CycleID, State: "open"})
	stage.Must(t, err)
	for _, sheet := range sheets {
		stage.Must(t, b.As(sheet.Assessor).SubmitSheet(t.Context(), uuid.NewString(), sheet.Unit))
	}
}

// adjust proposes an adjustment as the unit's contact; it answers its id.
func (b *bundle) adjust(t *testing.T, unit, clause, event string) string {
	t.Helper()
	contact := map[string]string{"C01": "c01.contact", "C02": "c02.contact", "D18": "d18.contact"}[unit]
	id := uuid.NewString()
	stage.Must(t, b.As(contact).ProposeAdjustment(t.Context(), id, store.Adjustment{
		ID: id, Unit: unit, Clause: clause, Date: stage.Day(time.August, 1), Event: event, Evidence: "通报文件",
	}))
	return id
}

// proposed is a year whose first proposal waits for the leader:
//
//	C01: 97.50 + 1 + 0.6 − 1 = 98.10, second; C02: 98.33 + 3 is 101.33, capped: 100.00, first;
//	D18: 83.50 − 2 = 81.50, third.
func proposed(t *testing.T) *bundle {
	t.Helper()
	b := reviewed(t)
	for _, counted := range []struct{ unit, clause, event string }{
		{"C01", "10.1", "省级表彰"},
		{"C01", "10.4-provincial", "甘肃日报报道"},
		{"C01", "11.2-city", "网站错敏信息"},
		{"C02", "10.1", "表彰一"},
		{"C02", "10.1", "表彰二"},
		{"C02", "10.3", "创新"},
		{"D18", "11.1", "复议纠错"},
	} {
		stage.Must(t, b.As("confirm").ConfirmAdjustment(t.Context(), uuid.NewString(), b.adjust(t, counted.unit, counted.clause, counted.event), ""))
	}
	b.submit(t)
	b.Reload()
	return b
}

// released is a year whose results are out, on 14 January.
func released(t *testing.T) *bundle {
	t.Helper()
	b := proposed(t)
	b.release(t)
	return b
}

// release has the leader approve what is proposed, on 14 January.
func (b *bundle) release(t *testing.T) {
	t.Helper()
	b.At(january(14), 10)
	desk := b.As("leader")
	open, err := desk.OpenProposal(t.Context())
	stage.Must(t, err)
	stage.Must(t, desk.Approve(t.Context(), uuid.NewString(), open.Digest))
	b.Reload()
}

// lastYear sets released results of 2024 beside the sample: C01 88.00, rank 2; C02 91.50, rank 1.
func (b *bundle) lastYear(t *testing.T) {
	t.Helper()
	set := stage.Sample(t, b.Rules, "C01", "C02")
	set.Plan.Scheme.Year = 2024
	cycle, err := b.Import(t.Context(), set)
	stage.Must(t, err)
	b.execute(t, `UPDATE cycles SET state = 'closed', released = 1 WHERE cycle_id = $1`, cycle.CycleID)
	b.execute(t, `INSERT INTO proposals (cycle_id, number, state, digest, book, due, decided_by, office, released) VALUES ($1, 1, 'approved', 'd', '{}', '2025-01-17', 'leader', 'leader', true)`, cycle.CycleID)
	b.execute(t, `INSERT INTO results (cycle_id, number, unit, total, grade, rank, category_rank, result) VALUES
		($1, 1, 'C01', 8800, 'good', 2, 2, '{}'), ($1, 1, 'C02', 9150, 'excellent', 1, 1, '{}')`, cycle.CycleID)
	b.Reload()
}

// with is a form with some fields filled in, as pairs of name and value.
func with(form url.Values, fields ...string) url.Values {
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	return form
}

// withID finds the element with an id.
func withID(id string) func(*html.Node) bool {
	return func(n *html.Node) bool { return attribute(n, "id") == id }
}
