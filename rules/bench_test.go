package rules_test

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/kaoping/kaoping/rules"
)

// manyUnits is a book of n units with 40 indicators and 3 assessors each.
func manyUnits(n int) []byte {
	var b bytes.Buffer
	b.WriteString(`{"kind": "assessment", "rule_set": "pingliang-2022", "year": 2025, "indicators": [`)
	areas := []string{
		"organization", "mechanisms", "proactive_disclosure", "policy_interpretation",
		"response", "participation", "disclosure_on_request", "platforms",
	}
	for i := range 40 { // 28 of 2.5 points and 12 of 2.5: 70 and 30
		track := "special"
		if i >= 28 {
			track = "daily"
		}
		fmt.Fprintf(&b, `%s{"code": "%d.%d", "area": "%s", "track": "%s", "max": "2.5"}`, comma(i), i%8+1, i/8+1, areas[i%8], track)
	}
	b.WriteString(`], "units": [`)
	for u := range n {
		fmt.Fprintf(&b, "%s\n"+`{"code": "U%05d", "name": "第%d号单位", "category": "%s", "scores": {`,
			comma(u), u, u, []string{"county", "department", "zone"}[u%3])
		for i := range 40 {
			fmt.Fprintf(&b, `%s"%d.%d": ["%d.%02d", "2.5", "%d.%d"]`, comma(i), i%8+1, i/8+1, u*i%2, (u+i)%100, (u+i)%2, i%10)
		}
		fmt.Fprintf(&b, `}, "adjustments": [{"clause": "10.4-national", "count": %d}, {"clause": "11.2-city", "count": %d}]}`, u%12+1, u%3+1)
	}
	b.WriteString("]}")
	return b.Bytes()
}

func comma(i int) string { return strings.Repeat(", ", min(i, 1)) }

// BenchmarkRecompute reads, computes and prints a book; the time a unit must
// not grow with their number.
func BenchmarkRecompute(b *testing.B) {
	for _, units := range []int{1_000, 10_000} {
		b.Run(fmt.Sprintf("units=%d", units), func(b *testing.B) {
			book, lib := manyUnits(units), library(b)
			b.SetBytes(int64(len(book)))
			b.ReportAllocs()
			for b.Loop() {
				if err := rules.Recompute(bytes.NewReader(book), lib, false, io.Discard); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*units), "µs/unit")
		})
	}
}
