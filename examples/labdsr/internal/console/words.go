package console

import (
	"strconv"
	"strings"
	"time"
)

// Count returns a number and a noun that agrees with it, such as "1 row" or
// "1,234 rows".
func Count[N int | int64](n N, noun string) string {
	return grouped(int64(n)) + " " + Agree(n, noun, plural(noun))
}

// People returns a number of people.
func People(n int) string { return grouped(int64(n)) + " " + Agree(n, "person", "people") }

// Agree returns one if n is 1, and more otherwise.
func Agree[N int | int64](n N, one, more string) string {
	if n == 1 {
		return one
	}
	return more
}

func plural(noun string) string {
	switch {
	case strings.HasSuffix(noun, "s"):
		return noun + "es"
	case noun == "copy":
		return "copies"
	}
	return noun + "s"
}

// grouped writes a number with commas between thousands.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Some returns the first three of many names.
func Some(names []string) string {
	const few = 3
	if len(names) > few {
		return strings.Join(names[:few], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}

// Instant writes an instant as the flags read it.
func Instant(t time.Time) string { return t.Format(time.RFC3339) }

// Day writes the day of an instant for people.
func Day(t time.Time) string { return t.Format("2 January 2006") }

// Minute writes an instant for people who need the time of day.
func Minute(t time.Time) string { return t.Format("2 January 2006 15:04 MST") }
