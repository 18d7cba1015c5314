// Package calendar knows days: which of them are worked in China, when a deadline ends, on which of them the
// reminders of a policy run, and how fast the clock of a rehearsal goes. It is pure: it asks no clock, reads no file
// and imports nothing of the project, so that workflows may call it and a replay sees the same days.
package calendar

import (
	"fmt"
	"time"
	_ "time/tzdata" // Asia/Shanghai must be there on a machine without zone files.
)

// Location is the time zone of every date and moment of the project. China has kept one offset since 1992, but
// zones are data: nothing here adds eight hours by hand.
var Location = loadLocation("Asia/Shanghai")

func loadLocation(name string) *time.Location {
	location, err := time.LoadLocation(name)
	if err != nil {
		panic(fmt.Sprintf("couldn't load the embedded time zone %s: %v", name, err))
	}
	return location
}

// Late tells whether something came after its due day, which ends at 24:00: a report of that very moment is late.
func Late(submitted time.Time, due Date) bool {
	return !submitted.Before(due.End())
}

// Long is the day as offices write it, 2025年12月12日(周五), and empty for the zero Date.
func Long(d Date) string {
	if d.IsZero() {
		return ""
	}
	weekdays := [...]string{"日", "一", "二", "三", "四", "五", "六"}
	return fmt.Sprintf("%d年%d月%d日(周%s)", d.Year, d.Month, d.Day, weekdays[d.Weekday()])
}
