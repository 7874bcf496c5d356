package csvschema

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
//	2017-01-03 23:17:09         up to 7 decimals
//	2017-01-03
//
// and nothing else. A blank is one blank; that before AM or PM may be U+00A0 or U+202F,
// as in the texts of .NET since ICU 72. A year has four digits and is 1900 or later, and
// all other numbers have two digits. The first instant of year 1 is read as an empty cell.
// time.Parse with these layouts is too slow for gigabytes and accepts more:
// repeated blanks, the hour 0 PM, decimals after any second, a comma before them, an
// offset of 24 hours.

// A DateTime is a cell that holds a date, with or without a time of day, or nothing. It
// keeps the text that was read. The zero value is an empty cell.
//
// Most cells hold civil time: the export does not say in which zone, so that the caller
// of [DateTime.In] names one. Values with the same text are equal by ==; the same
// instant can be written in several ways.
type DateTime struct {
	cellText
	civil civil // of the text
}

// A civil is the date and time of a cell, without its zone.
type civil struct {
	nanosecond int32
	year       int16 // 0 for an empty cell
	offset     int16 // minutes east of UTC, if zoned
	month, day uint8
	hour       uint8
	minute     uint8
	second     uint8
	zoned      bool // the cell has an offset
}

// ParseDateTime returns the cell with the given text, which is empty or has one
// of these forms. Seconds after a T or a blank in the last forms may have up to 7
// decimals:
//
//	1/3/2017 11:17:09 PM    1/3/2017 11:17 PM    1/3/2017 23:17:09    1/3/2017 23:17    1/3/2017
//	2017-01-03T23:17:09Z    2017-01-03T23:17:09.1234567+01:00
//	2017-01-03T23:17:09     2017-01-03 23:17:09.1234567     2017-01-03
//
// In 1/3/2017 the month comes first; the order is never guessed. The blank before AM or
// PM may be U+00A0 or U+202F. Anything else, a date that is not in the calendar, and one
// before 1900 is [ErrValue] with an empty cell. Only the first instant of year 1, in each
// of the forms, is read: .NET writes it for a date that was never set.
func ParseDateTime(cell string) (DateTime, error) {
	c, ok := parseCivil(cell)
	if !ok {
		return DateTime{}, ErrValue
	}
	return DateTime{cellText{cell}, c}, nil
}

// ParseTime returns the instant of the text of a cell: the results of [ParseDateTime]
// and [DateTime.In] in one call. Empty reports whether the cell holds no date: it is
// empty, or it is the first instant of year 1, which .NET writes for a date that was
// never set. ParseTime does not allocate.
func ParseTime(cell []byte, loc *time.Location) (t time.Time, empty bool, err error) {
	if len(cell) == 0 {
		return time.Time{}, true, nil
	}
	if c, ok := parseCommon(cell); ok && (loc == nil || loc == time.UTC) {
		return time.Unix(c.unix(), 0).UTC(), false, nil
	}
	c, ok := parseCivil(cell)
	switch {
	case !ok:
		return time.Time{}, false, ErrValue
	case c.isZero():
		return time.Time{}, true, nil
	}
	return c.in(loc), false, nil
}

// In returns the instant of the cell, with its civil time taken to be that of loc; nil
// means UTC. A cell with an offset keeps its own instant. In both cases the result is
// in loc. A time of day that the clocks of loc skipped or had twice is handled as by
// [time.Date]: it is correct in one of the two offsets, and which one is not specified.
// The result is the zero time if the cell is empty, or is the first instant of year 1,
// which .NET writes for a date that was never set.
func (d DateTime) In(loc *time.Location) time.Time {
	if d.civil.isZero() {
		return time.Time{}
	}
	return d.civil.in(loc)
}

// UnmarshalText sets the cell as [ParseDateTime] reads it.
func (d *DateTime) UnmarshalText(text []byte) (err error) {
	*d, err = ParseDateTime(string(text))
	return err
}

// UnmarshalJSON sets the cell to a JSON string, as [DateTime.UnmarshalText] does. Anything
// else, null included, is [ErrValue], with an empty cell.
func (d *DateTime) UnmarshalJSON(data []byte) (err error) {
	*d, err = parseJSON(data, ParseDateTime)
	return err
}

// isZero reports whether c is empty or the first instant of year 1, in any zone or in
// that of its offset.
func (c civil) isZero() bool {
	if c.year == 0 || c.year > 1 || c.nanosecond > 0 {
		return c.year == 0
	}
	since := c.unix() - time.Time{}.Unix()
	return since == 0 || c.zoned && since == 60*int64(c.offset)
}

func (c civil) in(loc *time.Location) time.Time {
	if loc == nil {
		loc = time.UTC
	}
	if c.zoned || loc == time.UTC {
		return time.Unix(c.unix()-60*int64(c.offset), int64(c.nanosecond)).In(loc)
	}
	return time.Date(int(c.year), time.Month(c.month), int(c.day),
		int(c.hour), int(c.minute), int(c.second), int(c.nanosecond), loc)
}

// unix returns the seconds since 1970 if the civil time is UTC.
func (c civil) unix() int64 {
	return newCommonTime(uint16(c.year), c.month, c.day, c.hour, c.minute, c.second).unix() //nolint:gosec // not negative
}

// parseCivil reads a cell. An empty one is the zero civil.
func parseCivil[T string | []byte](cell T) (c civil, ok bool) {
	if len(cell) == 0 {
		return c, true
	}
	if c, ok := parseCommon(cell); ok {
		return c.civil(), true
	}
	p := cellParser[T]{cell: cell}
	if len(cell) > 4 && cell[4] == '-' {
		p.iso(&c)
	} else {
		p.american(&c)
	}
	if p.failed || p.pos != len(cell) || c.year < minYear && (c.year == 0 || !c.isZero()) || c.month < 1 || c.month > 12 ||
		c.day < 1 || c.day > daysIn(c.year, c.month) || c.hour > 23 || c.minute > 59 || c.second > 59 {
		return civil{}, false
	}
	return c, true
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
	year, month := int64(t>>40), int64(t>>32&0xFF)
	year -= (14 - month) / 12 // January and February
	days := 365*year + year/4 - year/100 + year/400 + (153*((month+9)%12)+2)/5 + int64(t>>24&0xFF) - 1 - until1970
	return ((days*24+int64(t>>16&0xFF))*60+int64(t>>8&0xFF))*60 + int64(t&0xFF)
}

func (t commonTime) civil() civil {
	return civil{
		year: int16(t >> 40), month: uint8(t >> 32), day: uint8(t >> 24), //nolint:gosec // see newCommonTime
		hour: uint8(t >> 16), minute: uint8(t >> 8), second: uint8(t), //nolint:gosec // the same
	}
}

// parseCommon reads 1/3/2017 11:17:09 PM, the form of nearly all cells. It leaves other
// forms, and years before 1900, to cellParser. Without it BenchmarkFilter of package dsr takes up to 30 % longer.
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
	if hour == 12 {
		hour = 0
	}
	switch cell[n-2] {
	case 'A':
	case 'P':
		hour += 12
	default:
		return 0, false
	}
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
func (p *cellParser[T]) iso(c *civil) {
	c.year = int16(p.number(4, 4)) //nolint:gosec // four digits
	p.expect('-')
	c.month = p.two()
	p.expect('-')
	c.day = p.two()
	if p.pos == len(p.cell) {
		return
	}
	isT := !p.skip(' ')
	if isT {
		p.expect('T')
	}
	c.hour = p.two()
	p.expect(':')
	c.minute = p.two()
	p.expect(':')
	c.second = p.two()
	if p.skip('.') {
		start := p.pos
		decimals := p.number(1, 7)
		for range 9 - (p.pos - start) {
			decimals *= 10
		}
		c.nanosecond = int32(decimals) //nolint:gosec // less than a second, or the parser failed
	}
	if c.zoned = isT && p.pos < len(p.cell); !c.zoned || p.skip('Z') {
		return
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
	if c.offset = 60*hours + minutes; negative {
		c.offset = -c.offset
	}
}

// american reads the forms that begin with the month.
func (p *cellParser[T]) american(c *civil) {
	c.month = p.oneOrTwo()
	p.expect('/')
	c.day = p.oneOrTwo()
	p.expect('/')
	c.year = int16(p.number(4, 4)) //nolint:gosec // four digits
	if p.pos == len(p.cell) {
		return
	}
	p.expect(' ')
	c.hour = p.oneOrTwo()
	p.expect(':')
	c.minute = p.two()
	if p.skip(':') {
		c.second = p.two()
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
	if c.hour < 1 || c.hour > 12 {
		p.failed = true
	}
	c.hour %= 12
	if afternoon {
		c.hour += 12
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
