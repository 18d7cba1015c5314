package calendar

import (
	"strings"
	"testing"

	"github.com/robfig/cron/v3"
)

// The parser panics on a time zone with nothing behind it. ParseCron never lets one through; should another panic be
// found, this is what catches it.
func TestPanicsOfTheParserAreErrors(t *testing.T) {
	t.Parallel()
	panicked := func() (panicked bool) {
		defer func() { panicked = recover() != nil }()
		_, err := cron.ParseStandard("TZ=UTC")
		t.Logf("the parser no longer panics: %v", err)
		return
	}()
	if !panicked {
		t.Error("the trap is gone: recover may go too")
	}
	if _, err := parseSchedule("TZ=UTC"); err == nil || !strings.Contains(err.Error(), "it can't be read") {
		t.Errorf("got %v", err)
	}
	if _, err := parseSchedule("@every 1h"); err == nil || !strings.Contains(err.Error(), "names no times of the day") {
		t.Errorf("got %v", err)
	}
}
