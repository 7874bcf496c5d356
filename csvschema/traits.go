package csvschema

import "encoding/binary"

// traits are what a text holds.
type traits uint8

const (
	hasAtSign traits = 1 << iota
	hasPercent
	hasSlash
	beyondASCII
)

// traitsOf tells what the text holds; of a text that is not all ASCII, that it may
// hold anything. Words are searched as find does it.
func traitsOf(text []byte) traits {
	var high, at, percent, slash uint64
	i := 0
	for ; i+8 <= len(text); i += 8 {
		w := binary.LittleEndian.Uint64(text[i:])
		high |= w
		at |= ^((w ^ '@'*ones) + lows)
		percent |= ^((w ^ '%'*ones) + lows)
		slash |= ^((w ^ '/'*ones) + lows)
	}
	var has traits
	for ; i < len(text); i++ {
		switch text[i] {
		case '@':
			has |= hasAtSign
		case '%':
			has |= hasPercent
		case '/':
			has |= hasSlash
		}
		high |= uint64(text[i])
	}
	if high&highs != 0 {
		return hasAtSign | hasPercent | hasSlash | beyondASCII // any of them, perhaps
	}
	if at&highs != 0 {
		has |= hasAtSign
	}
	if percent&highs != 0 {
		has |= hasPercent
	}
	if slash&highs != 0 {
		has |= hasSlash
	}
	return has
}
