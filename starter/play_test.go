package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kaoping/kaoping/calendar"
	"github.com/kaoping/kaoping/internal/settings"
	"github.com/kaoping/kaoping/schemas"
)

// A year that only the database knows can be rehearsed on it, and nowhere else.
func TestAYearThatTheDatabaseKnows(t *testing.T) {
	t.Parallel()
	library, err := settings.Rules("")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, name := range []string{"units.csv", "people.csv", "indicators.csv", "scheme.yaml"} {
		text, err := fs.ReadFile(schemas.Data, "data/pingliang/"+name)
		if err != nil {
			t.Fatal(err)
		}
		years := strings.NewReplacer("year: 2025", "year: 2030", "2025-1", "2030-1", "2026-0", "2031-0")
		if err := os.WriteFile(filepath.Join(dir, name), []byte(years.Replace(string(text))), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	published := []calendar.Holiday{
		{Date: calendar.Date{Year: 2030, Month: 10, Day: 1}, Name: "国庆节"}, {Date: calendar.Date{Year: 2031, Month: 1, Day: 1}, Name: "元旦"},
	}
	play, err := newPlay(playOptions{Data: dir}, library, published...)
	if err != nil || play.set.Plan.Scheme.Year != 2030 {
		t.Errorf("with its holidays the year is refused: %v", err)
	}
	if _, err := newPlay(playOptions{Data: dir}, library); err == nil || !strings.Contains(err.Error(), "no published holidays for 2030") {
		t.Errorf("without them the answer is %v", err)
	}
}
