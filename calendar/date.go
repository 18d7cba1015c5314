package calendar

import (
	"cmp"
	"database/sql/driver"
	"fmt"
	"time"
)

// Date is a civil day in Location. Its text is 2025-12-12, in JSON, YAML and SQL alike; the zero Date means
// "no date", is the empty text and NULL.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ParseDate reads a day written as 2025-12-12 and nothing else: no blanks, no shorter months, no 30 February.
func ParseDate(text string) (Date, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil || t.Year() == 0 {
		return Date{}, fmt.Errorf("%q is not a day of the calendar: write it as 2025-12-12", text)
	}
	return civil(t), nil
}

// DateOf is the day on which t falls in Location, whatever zone t is in.
func DateOf(t time.Time) Date {
	return civil(t.In(Location))
}

func civil(t time.Time) Date {
	year, month, day := t.Date()
	return Date{Year: year, Month: month, Day: day}
}

// String is 2025-12-12, and empty for the zero Date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// IsZero tells whether there is no date.
func (d Date) IsZero() bool { return d == Date{} }

// MarshalText writes what String does.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText wrote: the empty text is the zero Date. Who needs a date must ask IsZero.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	parsed, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// Value is the text that PostgreSQL reads as a date; NULL for the zero Date.
func (d Date) Value() (driver.Value, error) {
	if d.IsZero() {
		return nil, nil
	}
	return d.String(), nil
}

// Scan takes a PostgreSQL date or its text. A timestamp with a time of day is refused: which day it is depends on
// its zone, and DateOf asks for that.
func (d *Date) Scan(src any) error {
	switch value := src.(type) {
	case nil:
		*d = Date{}
		return nil
	case time.Time:
		if value.Hour() != 0 || value.Minute() != 0 || value.Second() != 0 || value.Nanosecond() != 0 {
			return fmt.Errorf("couldn't read a date: %s is a moment", value.Format(time.RFC3339Nano))
		}
		*d = civil(value)
		return nil
	case []byte:
		return d.UnmarshalText(value)
	case string:
		return d.UnmarshalText([]byte(value))
	}
	return fmt.Errorf("couldn't read a date from %T", src)
}

// Compare is -1, 0 or 1 as d is before, on or after other.
func (d Date) Compare(other Date) int {
	return cmp.Or(cmp.Compare(d.Year, other.Year), cmp.Compare(d.Month, other.Month), cmp.Compare(d.Day, other.Day))
}

// Before tells whether d is an earlier day than other.
func (d Date) Before(other Date) bool { return d.Compare(other) < 0 }

// After tells whether d is a later day than other.
func (d Date) After(other Date) bool { return d.Compare(other) > 0 }

// AddDays counts calendar days, not working days.
func (d Date) AddDays(n int) Date {
	return civil(time.Date(d.Year, d.Month, d.Day+n, 0, 0, 0, 0, time.UTC))
}

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Weekday()
}

// Start is 00:00 of the day.
func (d Date) Start() time.Time { return d.At(0, 0) }

// End is 24:00 of the day, which is 00:00 of the next: a deadline is met before it.
func (d Date) End() time.Time { return d.AddDays(1).Start() }

// At is a time of the day in Location.
func (d Date) At(hour, minute int) time.Time {
	return time.Date(d.Year, d.Month, d.Day, hour, minute, 0, 0, Location)
}
