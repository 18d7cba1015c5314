package portal

import (
	"fmt"
	"math"
	"strings"
)

// radar is a chart of shares on axes around a centre, one's own against an average: drawn here, coloured by the style
// sheet. Its table stands beside it.
type radar struct {
	// Name tells what it shows; ID makes its title's id unique on the page.
	Name, ID string
	// Mine and Average name the two in the legend and the table.
	Mine, Average string
	Axes          []radarAxis
	Rings         []string
	Spokes        string
	MinePoints    string
	AveragePoints string
	Dots          []radarDot
}

// radarAxis is one axis: its shares are in thousandths of what can be reached.
type radarAxis struct {
	Name          string
	Mine, Average int

	// X and Y are where its label stands, Anchor which end of it.
	X, Y   int
	Anchor string
}

// Percent is the own share, for the label.
func (a radarAxis) Percent() string { return percent(a.Mine) }

// AveragePercent is the other one.
func (a radarAxis) AveragePercent() string { return percent(a.Average) }

// percent writes thousandths: 86.5%, 100%.
func percent(thousandths int) string {
	return strings.TrimSuffix(fmt.Sprintf("%d.%d", thousandths/10, thousandths%10), ".0") + "%"
}

type radarDot struct{ X, Y string }

// Where the chart lies in its box of 360 × 275.
const (
	radarX, radarY = 180, 135
	radarRadius    = 96
	radarLabel     = radarRadius + 14
	radarRings     = 4
)

// newRadar places the axes clockwise from the top.
func newRadar(id, name, mine, average string, axes []radarAxis) radar {
	r := radar{ID: id, Name: name, Mine: mine, Average: average, Axes: axes}
	for ring := 1; ring <= radarRings; ring++ {
		r.Rings = append(r.Rings, r.polygon(func(radarAxis) int { return 1000 * ring / radarRings }))
	}
	r.MinePoints = r.polygon(func(a radarAxis) int { return a.Mine })
	r.AveragePoints = r.polygon(func(a radarAxis) int { return a.Average })
	for i := range r.Axes {
		axis := &r.Axes[i]
		x, y := r.at(i, radarRadius)
		r.Spokes += fmt.Sprintf("M%d %dL%s %s", radarX, radarY, coordinate(x), coordinate(y))
		x, y = r.at(i, radarRadius*float64(axis.Mine)/1000)
		r.Dots = append(r.Dots, radarDot{coordinate(x), coordinate(y)})
		r.place(i, axis)
	}
	return r
}

// place puts a label of two lines outside its axis's end.
func (r radar) place(i int, axis *radarAxis) {
	x, y := r.at(i, radarLabel)
	axis.X, axis.Y = int(math.Round(x)), int(math.Round(y))-3
	switch {
	case axis.X > radarX:
		axis.Anchor = "start"
	case axis.X < radarX:
		axis.Anchor = "end"
	case axis.Y < radarY:
		axis.Anchor, axis.Y = "middle", axis.Y-11
	default:
		axis.Anchor, axis.Y = "middle", axis.Y+15
	}
}

func (r radar) at(i int, radius float64) (x, y float64) {
	sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(len(r.Axes)))
	return radarX + radius*sin, radarY - radius*cos
}

func (r radar) polygon(share func(radarAxis) int) string {
	points := make([]string, len(r.Axes))
	for i, axis := range r.Axes {
		x, y := r.at(i, radarRadius*float64(share(axis))/1000)
		points[i] = coordinate(x) + "," + coordinate(y)
	}
	return strings.Join(points, " ")
}

func coordinate(value float64) string { return fmt.Sprintf("%.1f", value) }
