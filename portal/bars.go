package portal

import (
	"html/template"
	"strings"

	"github.com/kaoping/kaoping/rules"
)

// bars is a chart of lying bars, drawn here: colours come from the style sheet by class. Its numbers stand in a table
// beside it too.
type bars struct {
	// Title is read out in the picture's place.
	Title string
	rows  []bar
}

// bar is one of them. End is the number at its end.
type bar struct {
	Label, End string
	Value      int64
	// Mine is the one that is meant.
	Mine bool
}

// The measures of a chart, in its own units: it is as wide as a telephone.
const (
	barWide   = 310 // the longest bar
	barRow    = 34
	labelMost = 24 // characters that fit above a bar
)

func (b *bars) add(row bar) { b.rows = append(b.rows, row) }

// drawnBar is a bar with its place.
type drawnBar struct {
	bar
	TextY, Y, EndY int
	Width          int64
}

var barsTemplate = template.Must(template.New("bars").Parse(
	`<svg class="bars" viewBox="0 0 360 {{.Height}}" role="img" aria-label="{{.Title}}">{{range .Bars}}` +
		`<text x="0" y="{{.TextY}}">{{.Label}}</text><rect class="track" x="0" y="{{.Y}}" width="310" height="9"/>` +
		`<rect class="bar{{if .Mine}} mine{{end}}" x="0" y="{{.Y}}" width="{{.Width}}" height="9"/>` +
		`<text class="end" x="360" y="{{.EndY}}">{{.End}}</text>{{end}}</svg>`))

// SVG is the picture; the longest bar is as long as the track.
func (b bars) SVG() (template.HTML, error) {
	most := int64(1)
	for _, row := range b.rows {
		most = max(most, row.Value)
	}
	drawn := make([]drawnBar, len(b.rows))
	for i, row := range b.rows {
		row.Label = cut(row.Label, labelMost)
		drawn[i] = drawnBar{
			bar: row, TextY: i*barRow + 18, Y: i*barRow + 23, EndY: i*barRow + 32, Width: row.Value * barWide / most,
		}
	}
	var out strings.Builder
	err := barsTemplate.Execute(&out, struct {
		Title  string
		Height int
		Bars   []drawnBar
	}{b.Title, len(b.rows)*barRow + 6, drawn})
	return template.HTML(out.String()), err
}

// cut shortens a text to so many characters.
func cut(text string, most int) string {
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most-1]) + "…"
}

// range of points as a person reads it: 85–89.99, or 95–100.
func pointsRange(from, to rules.Points, last bool) string {
	if !last {
		to--
	}
	return from.Short() + "–" + to.Short()
}
