// Package civil reads the date-times of exports: civil times as text. It knows no column.
package civil

import "time"

// NOTE. A date-time cell is one of
//
//	1/3/2017 11:17:09 PM        month first; 1 or 2 digits for month, day, hour
//	1/3/2017 11:17 PM
//	1/3/2017 23:17:09
//	1/3/2017 23:17
//	1/3/2017
//	2017-01-03T23:17:09Z        RFC 3339: up to 7 decimals, Z or an offset
//	2017-01-03T23:17:09.1234567+01:00
//	2017-01-03T23:17:09         the same without a zone, as databases and Power BI write
//	2017-01-03T23:17:09.1234567
//	2017-01-03 23:17:09         up to 7 decimals, with Z or an offset as from PowerShell and pandas
//	2017-01-03 23:17:09.1234567 +01:00    a blank before the offset, as SQL Server writes
//	2017-01-03
//
// and nothing else. A blank is one blank; that before AM or PM may be U+00A0 or U+202F,
// as in the texts of .NET since ICU 72. A year has four digits and is 1900 or later, and
// all other numbers have two digits. The first instant of year 1 is read as an empty cell.
// time.Parse with these layouts is too slow for gigabytes and accepts more:
// repeated blanks, the hour 0 PM, decimals after any second, a comma before them, an
// offset of 24 hours.

// A Time is the date and time of a cell, in the zone of the export or with an offset. The
// zero value is an empty cell. Values with the same date, time and offset are equal by ==.
type Time struct {
	nanosecond int32
	year       int16 // 0 for an empty cell
	offset     int16 // minutes east of UTC, if zoned; else 0
	month, day uint8
	hour       uint8
	minute     uint8
	second     uint8
	zoned      bool // the cell has an offset
}

// Parse reads a cell. Ok reports whether the cell is empty or has one of the forms; if
// not, t is the zero Time. An empty cell is the zero Time, too.
func Parse[T string | []byte](cell T) (t Time, ok bool) {
	if len(cell) == 0 {
		return t, true
	}
	if common, ok := parseCommon(cell); ok {
		return common.time(), true
	}
	p := cellParser[T]{cell: cell}
	if len(cell) > 4 && cell[4] == '-' {
		p.iso(&t)
	} else {
		p.american(&t)
	}
	if p.failed || p.pos != len(cell) || t.year < minYear && (t.year == 0 || !t.isZero()) || t.month < 1 || t.month > 12 ||
		t.day < 1 || t.day > daysIn(t.year, t.month) || t.hour > 23 || t.minute > 59 || t.second > 59 {
		return Time{}, false
	}
	return t, true
}

// ParseCommon reads 1/3/2017 11:17:09 PM, the form of nearly all cells, and returns the
// seconds since 1970 if the cell is in UTC. It is [Parse] and [Time.In] in less time. Ok is
// false for all other forms, and for cells that [Parse] does not read.
func ParseCommon(cell []byte) (unix int64, ok bool) {
	t, ok := parseCommon(cell)
	if !ok {
		return 0, false
	}
	return t.unix(), true
}

// In returns the instant of t, with its date and time taken to be those of loc; nil means
// UTC. A Time with an offset keeps its own instant. In both cases the result is in loc. It
// is the zero time if t is empty or the first instant of year 1, and only then.
func (t Time) In(loc *time.Location) time.Time {
	if t.isZero() {
		return time.Time{}
	}
	if loc == nil {
		loc = time.UTC
	}
	if t.zoned || loc == time.UTC {
		return time.Unix(t.unix()-60*int64(t.offset), int64(t.nanosecond)).In(loc)
	}
	return time.Date(int(t.year), time.Month(t.month), int(t.day),
		int(t.hour), int(t.minute), int(t.second), int(t.nanosecond), loc)
}

// HasOffset reports whether the cell says in which zone its date and time are.
func (t Time) HasOffset() bool { return t.zoned }

// isZero reports whether t is empty or the first instant of year 1, in any zone or in
// that of its offset.
func (t Time) isZero() bool {
	if t.year == 0 || t.year > 1 || t.nanosecond > 0 {
		return t.year == 0
	}
	since := t.unix() - time.Time{}.Unix()
	return since == 0 || since == 60*int64(t.offset)
}

// unix returns the seconds since 1970 if the civil time is UTC.
func (t Time) unix() int64 {
	return newCommonTime(uint16(t.year), t.month, t.day, t.hour, t.minute, t.second).unix() //nolint:gosec // not negative
}

// minYear is the first year of a date. An earlier one is a mistake, as 0026 for 2026 is,
// and not the date of a resource that was deleted long ago.
const minYear = 1900

// A commonTime is a date and a time of day, to the second, in one word. A later
// one is greater.
type commonTime uint64

func newCommonTime(year uint16, month, day, hour, minute, second uint8) commonTime {
	return commonTime(year)<<40 | commonTime(month)<<32 | commonTime(day)<<24 |
		commonTime(hour)<<16 | commonTime(minute)<<8 | commonTime(second)
}

// unix returns the seconds since 1970 if the civil time is UTC. Days are counted in
// years that begin in March, so that a leap day is the last day of a year.
func (t commonTime) unix() int64 {
	const until1970 = 719468
	year, month, day := uint32(t>>40), uint32(t>>32&0xF), uint32(t>>24&0xFF)
	year -= (month - 3) >> 31 // January and February
	century := year / 100
	days := int64(365*year+year/4-century+century/4+daysBefore[month]+day) - 1 - until1970
	return ((days*24+int64(t>>16&0xFF))*60+int64(t>>8&0xFF))*60 + int64(t&0xFF)
}

// daysBefore holds the days from March to each month.
var daysBefore = [16]uint32{3: 0, 4: 31, 5: 61, 6: 92, 7: 122, 8: 153, 9: 184, 10: 214, 11: 245, 12: 275, 1: 306, 2: 337}

func (t commonTime) time() Time {
	return Time{
		year: int16(t >> 40), month: uint8(t >> 32), day: uint8(t >> 24), //nolint:gosec // see newCommonTime
		hour: uint8(t >> 16), minute: uint8(t >> 8), second: uint8(t), //nolint:gosec // the same
	}
}

// parseCommon reads 1/3/2017 11:17:09 PM, the form of nearly all cells. It leaves other
// forms, and years before 1900, to cellParser. Without it BenchmarkFilter of package dsr
// takes up to 30 % longer.
func parseCommon[T string | []byte](cell T) (t commonTime, ok bool) {
	n := len(cell)
	if n < len("1/3/2017 1:17:09 PM") || n > len("11/23/2017 11:17:09 PM") {
		return 0, false
	}
	// Counted from the end, these are always in the same place.
	if cell[n-1] != 'M' || cell[n-3] != ' ' || cell[n-6] != ':' || cell[n-9] != ':' {
		return 0, false
	}
	var bad uint8 // its high bit is set if a byte is no digit
	digit := func(c byte) uint8 {
		d := c - '0'
		bad |= d | (d + 0x7F - 9)
		return d
	}
	second := 10*digit(cell[n-5]) + digit(cell[n-4])
	minute := 10*digit(cell[n-8]) + digit(cell[n-7])
	// Whether a number has one digit or two cannot be predicted, so these choices must
	// not become branches. A number of one digit has 0 as its other digit.
	hour, blank, tens := digit(cell[n-10]), n-12, cell[n-11]
	if tens == ' ' {
		blank, tens = n-11, '0'
	}
	hour += 10 * digit(tens)
	i, tens, units := 2, cell[0], cell[1]
	if units == '/' {
		i, tens, units = 1, '0', tens
	}
	month := 10*digit(tens) + digit(units)
	j, tens, units := i+3, cell[i+1], cell[i+2]
	if units == '/' {
		j, tens, units = i+2, '0', tens
	}
	day := 10*digit(tens) + digit(units)
	year := 1000*uint16(digit(cell[j+1])) + 100*uint16(digit(cell[j+2])) +
		10*uint16(digit(cell[j+3])) + uint16(digit(cell[j+4]))
	if bad&0x80 != 0 || blank != j+5 || cell[i] != '/' || cell[j] != '/' || cell[blank] != ' ' ||
		hour-1 > 11 || minute > 59 || second > 59 || year < minYear || month-1 > 11 ||
		day-1 > 27 && (day == 0 || day > daysIn(int16(year), month)) { //nolint:gosec // four digits
		return 0, false
	}
	const am, afternoon = 'A', 'A' ^ 'P'
	half := cell[n-2] ^ am
	if uint(half)*uint(half^afternoon) != 0 { // neither AM nor PM, which cannot be predicted either
		return 0, false
	}
	if hour == 12 {
		hour = 0
	}
	hour += 12 * (half & 1)
	return newCommonTime(year, month, day, hour, minute, second), true
}

// A cellParser parses a cell from left to right. After a failure its results mean
// nothing.
type cellParser[T string | []byte] struct {
	cell   T
	pos    int
	failed bool
}

// iso reads the forms that begin with the year.
func (p *cellParser[T]) iso(t *Time) {
	t.year = int16(p.number(4, 4)) //nolint:gosec // four digits
	p.expect('-')
	t.month = p.two()
	p.expect('-')
	t.day = p.two()
	if p.pos == len(p.cell) {
		return
	}
	hasBlank := p.skip(' ')
	if !hasBlank {
		p.expect('T')
	}
	t.hour = p.two()
	p.expect(':')
	t.minute = p.two()
	p.expect(':')
	t.second = p.two()
	if p.skip('.') {
		start := p.pos
		decimals := p.number(1, 7)
		for range 9 - (p.pos - start) {
			decimals *= 10
		}
		t.nanosecond = int32(decimals) //nolint:gosec // less than a second, or the parser failed
	}
	t.zoned = p.pos < len(p.cell)
	if !t.zoned || p.skip('Z') {
		return
	}
	if hasBlank {
		p.skip(' ')
	}
	negative := p.skip('-')
	if !negative {
		p.expect('+')
	}
	hours := int16(p.two())
	p.expect(':')
	minutes := int16(p.two())
	if hours > 23 || minutes > 59 {
		p.failed = true
	}
	if t.offset = 60*hours + minutes; negative {
		t.offset = -t.offset
	}
}

// american reads the forms that begin with the month.
func (p *cellParser[T]) american(t *Time) {
	t.month = p.oneOrTwo()
	p.expect('/')
	t.day = p.oneOrTwo()
	p.expect('/')
	t.year = int16(p.number(4, 4)) //nolint:gosec // four digits
	if p.pos == len(p.cell) {
		return
	}
	p.expect(' ')
	t.hour = p.oneOrTwo()
	p.expect(':')
	t.minute = p.two()
	if p.skip(':') {
		t.second = p.two()
	}
	if p.pos == len(p.cell) {
		return
	}
	p.expectBlank()
	afternoon := p.skip('P')
	if !afternoon {
		p.expect('A')
	}
	p.expect('M')
	if t.hour < 1 || t.hour > 12 {
		p.failed = true
	}
	t.hour %= 12
	if afternoon {
		t.hour += 12
	}
}

// skip skips the next byte if it is b, and reports whether it is.
func (p *cellParser[T]) skip(b byte) bool {
	if p.pos < len(p.cell) && p.cell[p.pos] == b {
		p.pos++
		return true
	}
	return false
}

// expect skips the next byte, and fails unless it is b.
func (p *cellParser[T]) expect(b byte) {
	if !p.skip(b) {
		p.failed = true
	}
}

// expectBlank skips a blank, U+00A0 or U+202F, and fails if none of them is next.
func (p *cellParser[T]) expectBlank() {
	if p.skip('\xC2') {
		p.expect('\xA0')
		return
	}
	if p.skip('\xE2') {
		p.expect('\x80')
		p.expect('\xAF')
		return
	}
	p.expect(' ')
}

// number reads a number of minDigits to maxDigits digits.
func (p *cellParser[T]) number(minDigits, maxDigits int) (n int) {
	start := p.pos
	for p.pos < len(p.cell) && p.pos-start < maxDigits {
		digit := p.cell[p.pos] - '0'
		if digit > 9 {
			break
		}
		n = 10*n + int(digit)
		p.pos++
	}
	if p.pos-start < minDigits {
		p.failed = true
	}
	return n
}

func (p *cellParser[T]) two() uint8      { return uint8(p.number(2, 2)) } //nolint:gosec // two digits
func (p *cellParser[T]) oneOrTwo() uint8 { return uint8(p.number(1, 2)) } //nolint:gosec // two digits

// daysIn returns the number of days of the month, 1 to 12, in the Gregorian
// calendar.
func daysIn(year int16, month uint8) uint8 {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}
