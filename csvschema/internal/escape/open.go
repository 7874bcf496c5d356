package escape

import "github.com/labdsr/labdsr/csvschema/internal/swar"

// Open returns the number of bytes at the end of a text that would make an escape, in
// this or in a later round of decoding, with the hexadecimal digits that follow.
func Open(text []byte) int {
	return max(openPercent(text), openUnicode(text))
}

// openUnicode is Open for "\u00", "\U000000", "\x" and "%u00".
func openUnicode(text []byte) int {
	const most = 8 // digits
	end := len(text)
	for end > 0 && len(text)-end < most-1 && swar.IsHex(text[end-1]) {
		end--
	}
	if end < 2 || text[end-2] != '\\' && text[end-2] != '%' {
		return 0
	}
	digits := 0
	switch text[end-1] {
	case 'u':
		digits = 4
	case 'U':
		digits = most
	case 'x':
		digits = 2
	}
	if len(text)-end >= digits {
		return 0
	}
	for end -= 2; end > 0 && text[end-1] == '\\'; {
		end--
	}
	return len(text) - end
}

// openPercent is Open for percent-encoding.
func openPercent(text []byte) int {
	for digits := range 2 {
		end := len(text) - digits
		if end < 0 || digits == 1 && !swar.IsHex(text[end]) {
			break
		}
		for end >= 2 && text[end-2] == '2' && text[end-1] == '5' {
			end -= 2
		}
		if end >= 1 && text[end-1] == '%' {
			return len(text) - end + 1
		}
	}
	return 0
}
