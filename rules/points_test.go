package rules_test

import (
	"encoding/json"
	"math/big"
	"regexp"
	"testing"

	"github.com/kaoping/kaoping/rules"
)

func TestParsePoints(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text        string
		want        rules.Points
		long, short string
	}{
		{"0", 0, "0.00", "0"},
		{"0.0", 0, "0.00", "0"},
		{"0.05", 5, "0.05", "0.05"},
		{"0.6", 60, "0.60", "0.6"},
		{"4.75", 475, "4.75", "4.75"},
		{"5", 500, "5.00", "5"},
		{"10", 1000, "10.00", "10"},
		{"100.00", 10000, "100.00", "100"},
		{"999999999.99", 99999999999, "999999999.99", "999999999.99"},
	} {
		got, err := rules.ParsePoints(c.text)
		if err != nil || got != c.want || got.String() != c.long || got.Short() != c.short {
			t.Errorf("%q is %d, %q, %q, %v; want %d, %q, %q", c.text, got, got, got.Short(), err, c.want, c.long, c.short)
		}
	}
}

func TestNegativePointsAreShown(t *testing.T) {
	t.Parallel()
	if got := rules.Points(-150).String() + " " + rules.Points(-5).String() + " " + rules.Points(-200).Short(); got != "-1.50 -0.05 -2" {
		t.Errorf("got %q", got)
	}
}

func TestParsePointsRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", " ", "-1", "+1", "00", "01", "1.", ".5", "1.234", "1.2.3", "1,5", "1e2", "0x10", "1/2", "1_0",
		"NaN", "Inf", " 1", "1 ", "1\n", "５", "1000000000", "99999999999999999999999",
	} {
		if got, err := rules.ParsePoints(text); err == nil {
			t.Errorf("%q was taken for %s", text, got)
		}
	}
}

func TestPointsAsJSON(t *testing.T) {
	t.Parallel()
	var got struct{ Max rules.Points }
	if err := json.Unmarshal([]byte(`{"max": "4.5"}`), &got); err != nil || got.Max != 450 {
		t.Errorf("read %v, %v", got, err)
	}
	text, err := json.Marshal(got)
	if err != nil || string(text) != `{"Max":"4.50"}` {
		t.Errorf("wrote %s, %v", text, err)
	}
	if err := json.Unmarshal([]byte(`{"max": "4.555"}`), &got); err == nil {
		t.Error("three decimals were taken")
	}
}

var pointsForm = regexp.MustCompile(`^(0|[1-9][0-9]{0,8})(\.[0-9]{1,2})?$`)

// Whatever the text, it is points exactly if it has their form, and then their
// value is that of the decimal.
func FuzzPoints(f *testing.F) {
	for _, seed := range []string{"0", "4.75", "100", "00", "1e2", "1.234", "-1", "９", "1000000000", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := rules.ParsePoints(text)
		if matches := pointsForm.MatchString(text); matches != (err == nil) {
			t.Fatalf("%q: matches %v, error %v", text, matches, err)
		}
		if err != nil {
			return
		}
		exact, _ := new(big.Rat).SetString(text)
		if exact.Cmp(big.NewRat(int64(p), 100)) != 0 {
			t.Errorf("%q became %s", text, p)
		}
		if again, err := rules.ParsePoints(p.String()); err != nil || again != p {
			t.Errorf("%q is shown as %s and read as %s, %v", text, p, again, err)
		}
		if again, err := rules.ParsePoints(p.Short()); err != nil || again != p {
			t.Errorf("%q is shown as %s and read as %s, %v", text, p.Short(), again, err)
		}
	})
}

func TestDays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		day   rules.Day
		valid bool
		year  int
	}{
		{"2025-11-24", true, 2025},
		{"2024-02-29", true, 2024},
		{"2025-02-29", false, 0},
		{"2025-1-2", false, 0},
		{"20251124", false, 0},
		{"2025-11-24 ", false, 0},
		{"", false, 0},
		{"0000-01-01", false, 0},
		{"２０２５-11-24", false, 0},
	} {
		if got := c.day.Valid(); got != c.valid {
			t.Errorf("%q is valid: %v, want %v", c.day, got, c.valid)
		}
		if got := c.day.Year(); got != c.year {
			t.Errorf("the year of %q is %d, want %d", c.day, got, c.year)
		}
	}
}

// An adjustment's date must lie in the assessment year, 1 January to 31
// December (A4, A10).
func TestInAssessmentYear(t *testing.T) {
	t.Parallel()
	for day, want := range map[rules.Day]bool{
		"2024-12-31": false, "2025-01-01": true, "2025-12-31": true, "2026-01-01": false, "2025-13-01": false,
	} {
		if got := day.InAssessmentYear(2025); got != want {
			t.Errorf("%s lies in 2025: %v, want %v", day, got, want)
		}
	}
}

// What a unit lost on an indicator, shown half up (A8(6), A13).
func TestLoss(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		maximum rules.Points
		given   []rules.Points
		want    rules.Points
	}{
		{800, []rules.Points{800, 700, 700}, 67}, // 8 − 22/3
		{1000, []rules.Points{900, 1000}, 50},
		{500, []rules.Points{499, 500}, 1}, // half a hundredth
		{500, []rules.Points{499, 500, 500}, 0},
		{500, []rules.Points{0}, 500},
	} {
		if got := rules.Loss(c.maximum, c.given); got != c.want {
			t.Errorf("of %s given %v the unit lost %s, want %s", c.maximum, c.given, got, c.want)
		}
	}
}
