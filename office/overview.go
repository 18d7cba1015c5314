package office

import (
	"cmp"
	"context"
	"slices"

	"github.com/kaoping/kaoping/rules"
	"github.com/kaoping/kaoping/store/query"
)

// Share is a unit's part of what an area has to give.
type Share struct {
	Area        string
	Points, Max rules.Points
}

// Percent is the share in whole percent, half up; an area that judges nothing of the unit has none.
func (s Share) Percent() int {
	if s.Max == 0 {
		return 0
	}
	return int((200*s.Points + s.Max) / (2 * s.Max))
}

// HeatRow is one unit's shares, in the order of the areas (A6).
type HeatRow struct {
	Unit, Name, Category string
	Shares               []Share
}

// Bin counts the units whose total is at least From and below To; the last bin holds its To too.
type Bin struct {
	From, To rules.Points
	Last     bool
	Grade    string // that of From
	Count    int
}

// YearSummary is one year's released results in numbers.
type YearSummary struct {
	Year   int
	Units  int
	Mean   rules.Points // of the totals, half up
	Grades []GradeCount
}

// YearRow is one unit over the years, in their order; nil where it was not assessed.
type YearRow struct {
	Unit, Name string
	Places     []*Placed
}

// Loss is what one indicator cost all units together.
type Loss struct {
	Code, Content, Area string
	Max                 rules.Points
	Units               int // by which it is judged
	Short               int // of them, with less than the maximum
	Lost                rules.Points
	Mean                rules.Points // lost by a unit, half up
}

// Overview is a year's results in pictures (A9). It is made of the results in force, else of the newest proposal.
type Overview struct {
	query.ProposalHeadRow
	Areas  rules.Terms
	Heat   []HeatRow // by rank
	Bins   []Bin
	Losses []Loss        // most first
	Years  []YearSummary // oldest first, this one last
	Rows   []YearRow
}

// yearsBeside is how many years stand side by side.
const yearsBeside = 5

// Overview answers NotFound before results are proposed.
func (d *Desk) Overview(ctx context.Context) (Overview, error) {
	if err := d.must(rules.Admin, rules.Leader, rules.Deputy); err != nil {
		return Overview{}, err
	}
	number := d.Cycle.Released.Int32
	if !d.Cycle.Released.Valid {
		var err error
		if number, err = d.newestProposal(ctx); err != nil {
			return Overview{}, err
		}
	}
	head, err := d.proposalHead(ctx, number)
	if err != nil {
		return Overview{}, err
	}
	units, err := d.standings(ctx, number)
	if err != nil {
		return Overview{}, err
	}
	set, err := d.ruleSet()
	if err != nil {
		return Overview{}, err
	}
	o := Overview{ProposalHeadRow: head, Areas: set.Areas, Heat: heat(units), Bins: Bins(set, units)}
	if o.Losses, err = d.losses(ctx, number); err != nil {
		return o, err
	}
	o.Years, o.Rows, err = d.years(ctx, set, units)
	return o, err
}

func heat(units []Standing) []HeatRow {
	rows := make([]HeatRow, len(units))
	for i, unit := range units {
		rows[i] = HeatRow{Unit: unit.Unit, Name: unit.Name, Category: unit.Category}
		for _, area := range unit.Areas {
			rows[i].Shares = append(rows[i].Shares, Share{Area: area.Area, Points: area.Points, Max: area.Max})
		}
	}
	return rows
}

// binWidth is five points.
const binWidth rules.Points = 500

// Bins distributes totals: all failed ones in one bin, then steps of five points up to the cap (A9, A10).
func Bins(set *rules.RuleSet, units []Standing) []Bin {
	var bins []Bin
	lowest := set.Grades[max(len(set.Grades)-2, 0)].AtLeast
	for from := rules.Points(0); from < set.Total.Cap.Points; {
		to := from + binWidth
		if from < lowest {
			to = lowest
		}
		to = min(to, set.Total.Cap.Points)
		bins = append(bins, Bin{From: from, To: to, Last: to == set.Total.Cap.Points, Grade: set.Grade(from).ID})
		from = to
	}
	for _, unit := range units {
		at := slices.IndexFunc(bins, func(b Bin) bool { return unit.Total < b.To || b.Last })
		bins[at].Count++
	}
	return bins
}

// losses are what each indicator cost, most first.
func (d *Desk) losses(ctx context.Context, number int32) ([]Loss, error) {
	computed, err := d.proposedBook(ctx, number)
	if err != nil {
		return nil, err
	}
	plan, err := d.plan(ctx)
	if err != nil {
		return nil, err
	}
	list := make([]Loss, len(plan.Indicators))
	places := map[string]int{}
	for i, indicator := range plan.Indicators {
		list[i] = Loss{Code: indicator.Code, Content: indicator.Content, Area: indicator.Area, Max: indicator.Max}
		places[indicator.Code] = i
	}
	for i := range computed.book.Units {
		for _, points := range computed.points[i] {
			loss := &list[places[points.Code]]
			loss.Units++
			loss.Lost += points.Lost()
			if points.Lost() > 0 {
				loss.Short++
			}
		}
	}
	for i := range list {
		list[i].Mean = meanOf(list[i].Lost, list[i].Units)
	}
	slices.SortStableFunc(list, func(a, b Loss) int { return cmp.Compare(b.Lost, a.Lost) })
	return list, nil
}

func meanOf(sum rules.Points, count int) rules.Points {
	if count == 0 {
		return 0
	}
	n := rules.Points(count)
	return (2*sum + n) / (2 * n)
}

// years sets the released results of the years before beside these.
func (d *Desk) years(ctx context.Context, set *rules.RuleSet, units []Standing) ([]YearSummary, []YearRow, error) {
	rows, err := d.Store.ResultYears(ctx, query.ResultYearsParams{
		Authority: d.Cycle.Authority, First: d.Cycle.Year - yearsBeside + 1, Last: d.Cycle.Year - 1,
	})
	if err != nil {
		return nil, nil, err
	}
	byYear := map[int][]Standing{}
	for _, row := range rows {
		byYear[int(row.Year)] = append(byYear[int(row.Year)], Standing{Unit: row.Unit, Placed: Placed{
			Total: row.Total, Grade: row.Grade, Rank: int(row.Rank), CategoryRank: int(row.CategoryRank),
		}})
	}
	byYear[int(d.Cycle.Year)] = units
	var years []YearSummary
	table := make([]YearRow, len(units))
	places := map[string]int{}
	for i, unit := range units {
		table[i], places[unit.Unit] = YearRow{Unit: unit.Unit, Name: unit.Name}, i
	}
	for year := int(d.Cycle.Year) - yearsBeside + 1; year <= int(d.Cycle.Year); year++ {
		if list, known := byYear[year]; known {
			years = append(years, yearOf(year, set, list))
			place(table, places, list)
		}
	}
	return years, table, nil
}

func yearOf(year int, set *rules.RuleSet, units []Standing) YearSummary {
	var sum rules.Points
	for _, unit := range units {
		sum += unit.Total
	}
	return YearSummary{Year: year, Units: len(units), Mean: meanOf(sum, len(units)), Grades: countGrades(set, units)}
}

// place adds a year's column to the table.
func place(table []YearRow, places map[string]int, units []Standing) {
	for i := range table {
		table[i].Places = append(table[i].Places, nil)
	}
	for _, unit := range units {
		if at, still := places[unit.Unit]; still {
			column := len(table[at].Places) - 1
			table[at].Places[column] = &unit.Placed
		}
	}
}
