package portal

import (
	"strings"
	"testing"

	"github.com/kaoping/kaoping/internal/stage"
	"github.com/kaoping/kaoping/rules"
)

// The longest bar fills the track of 310; one of a quarter has 77. People's words are not markup.
func TestBars(t *testing.T) {
	t.Parallel()
	chart := bars{Title: "失分"}
	chart.add(bar{Label: "<b>甲</b>", End: "−8.00", Value: 800, Mine: true})
	chart.add(bar{Label: strings.Repeat("长", 30), End: "−2.00", Value: 200})
	chart.add(bar{Label: "丙", End: "0", Value: 0})
	svg, err := chart.SVG()
	stage.Must(t, err)
	for _, want := range []string{
		`viewBox="0 0 360 108" role="img" aria-label="失分"`, `&lt;b&gt;甲&lt;/b&gt;`, `<rect class="bar mine" x="0" y="23" width="310" height="9"/>`,
		`<rect class="bar" x="0" y="57" width="77" height="9"/>`, `<text x="0" y="52">` + strings.Repeat("长", 23) + "…</text>", `<rect class="bar" x="0" y="91" width="0" height="9"/>`,
	} {
		if !strings.Contains(string(svg), want) {
			t.Errorf("the picture lacks %s:\n%s", want, svg)
		}
	}
}

func TestAPictureOfNothing(t *testing.T) {
	t.Parallel()
	svg, err := bars{Title: "无"}.SVG()
	stage.Must(t, err)
	if !strings.Contains(string(svg), `viewBox="0 0 360 6"`) {
		t.Errorf("the picture is %s", svg)
	}
}

func TestPointsRange(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, to rules.Points
		last     bool
		want     string
	}{{0, 6000, false, "0–59.99"}, {9500, 10000, true, "95–100"}, {8500, 9000, false, "85–89.99"}} {
		if got := pointsRange(c.from, c.to, c.last); got != c.want {
			t.Errorf("%s is not %s", got, c.want)
		}
	}
}

func TestSigned(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		points rules.Points
		want   string
	}{{67, "+0.67"}, {-100, "−1.00"}, {0, "0.00"}} {
		if got := signed(c.points); got != c.want {
			t.Errorf("%s is not %s", got, c.want)
		}
	}
}

// Only a whole address is a link; nothing that a browser would run.
func TestLink(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		" https://gansu.example/6 ": "https://gansu.example/6", "见 https://gansu.example": "", "javascript:alert(1)": "", "通报文件": "", "http://": "",
	} {
		if got := link(text); got != want {
			t.Errorf("%q links to %q", text, got)
		}
	}
}
