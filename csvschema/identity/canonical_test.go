package identity_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema/identity"
)

func TestCanonicalTextLeadsBackToWholeCharacters(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, cell, canonical string
		start, end            int // in canonical
		part                  string
	}{
		{"Plain", "Bob Smith", "bob smith", 4, 9, "Smith"},
		{"OneBecomesTwo", "Straße 1", "strasse 1", 4, 5, "ß"},
		{"OneBecomesThree", "x⑴y", "x(1)y", 2, 3, "⑴"},
		{"TwoBecomeOne", "jose\u0301!", "josé!", 3, 5, "e\u0301"},
		{"Hangul", "\u1112\u1161\u11ABx", "한x", 0, 3, "\u1112\u1161\u11AB"},
		{"NotSeen", "b\u200Bo\u00ADb", "bob", 1, 3, "o\u00ADb"},
		{"NotSeenBetweenComposed", "e\u200B\u0301x", "éx", 0, 2, "e\u200B\u0301"},
		{"FullWidth", "ＺＯＥ", "zoe", 1, 2, "Ｏ"},
		{"DottedI", "\u0130x", "ix", 0, 1, "\u0130"},
		{"DotlessI", "ıx", "ix", 0, 1, "ı"},
		{"Cherokee", "ᎠX", "ꭰx", 0, 3, "Ꭰ"},
		{"FoldedTwice", "\u1D2CX", "ax", 0, 1, "\u1D2C"},
		{"InvalidUTF8", "A\xFFB", "a\xFFb", 1, 3, "\xFFB"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			canonical, part := identity.Canonical(test.cell, test.start, test.end)
			assert.Equal(t, test.canonical, canonical)
			assert.Equal(t, test.part, part)
		})
	}
}
