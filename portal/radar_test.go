package portal

import "testing"

// Four axes of 96 units around (180, 135): up, right, down, left.
func TestRadar(t *testing.T) {
	t.Parallel()
	r := newRadar("x", "甲", "本单位", "平均", []radarAxis{{Name: "上", Mine: 1000, Average: 500}, {Name: "右", Mine: 250, Average: 0}, {Name: "下", Mine: 0, Average: 1000}, {Name: "左", Mine: 750, Average: 865}})
	want(t, "the outermost ring", r.Rings[3], "180.0,39.0 276.0,135.0 180.0,231.0 84.0,135.0")
	want(t, "mine", r.MinePoints, "180.0,39.0 204.0,135.0 180.0,135.0 108.0,135.0")
	want(t, "the average", r.AveragePoints, "180.0,87.0 180.0,135.0 180.0,231.0 97.0,135.0")
	for i, anchor := range []string{"middle", "start", "middle", "end"} {
		want(t, r.Axes[i].Name, r.Axes[i].Anchor, anchor)
	}
	want(t, "percents", r.Axes[0].Percent()+" "+r.Axes[3].AveragePercent(), "100% 86.5%")
}
