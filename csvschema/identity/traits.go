package identity

import "github.com/labdsr/labdsr/csvschema/internal/swar"

// traits are what a text holds.
type traits uint8

const (
	hasAtSign traits = 1 << iota
	hasPercent
	hasSlash
	beyondASCII
)

// traitsOf tells what the text holds. A text that is not all ASCII may hold
// anything.
func traitsOf(text []byte) (has traits) {
	at, percent, slash, ascii := swar.Holds(text, '@', '%', '/')
	if !ascii {
		return hasAtSign | hasPercent | hasSlash | beyondASCII
	}
	if at {
		has |= hasAtSign
	}
	if percent {
		has |= hasPercent
	}
	if slash {
		has |= hasSlash
	}
	return has
}
