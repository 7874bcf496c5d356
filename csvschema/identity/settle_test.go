package identity_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema/identity"
)

func TestOccurrencesJoinWhatFindFound(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, cell string
		values     []string
		want       []finding
	}{
		{"Apart", "zoe bob@x.com /users/u", []string{"zoe"}, []finding{aText("zoe"), anAddress("bob@x.com"), aUser("u")}},
		{"Inside an address", "zoe.b@x.com", []string{"zoe"}, []finding{anAddress("zoe.b@x.com")}},
		{"Inside a segment", "/users/zoe b/x", []string{"zoe"}, []finding{aUser("zoe b")}},
		{"OverAnAddress", "Zoe <zoe@x.com>", []string{"zoe <zoe@x.com>"}, []finding{anAddress("Zoe <zoe@x.com>")}},
		{"OverlappingAnAddress", "zoe b@x.com", []string{"zoe b"}, []finding{anAddress("zoe b@x.com")}},
		{"ObjectIDInText", "zoe " + objectID, []string{"zoe " + objectID, objectID}, []finding{anObjectID("zoe " + objectID)}},
		{"TouchingTexts", "zoe bob", []string{"zoe ", "zoe", " bob", "bob"}, []finding{aText("zoe"), aText("bob")}},
		{"OverASegment", "labs/users/zoe b/x", []string{"users/zoe"}, []finding{aUser("users/zoe b")}},

		// What follows would be found anew beside a replacement.
		{"AfterLocalPart", "vm-zoe b@x.com", []string{"zoe b"}, []finding{anAddress("vm-zoe b@x.com")}},
		{"BecomesADomain", "q@_b c", []string{"_b c"}, []finding{anAddress("q@_b c")}},
		{"AfterMe", "/users/@me/b c", []string{"me/b"}, []finding{aUser("@me/b c")}},
		{"PastASegment", "/users/a b/c-d/e", []string{"b/c"}, []finding{aUser("a b/c-d")}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var f identity.Finder
			cell := []byte(tt.cell)
			spans := f.FindValues(f.Find(nil, cell), cell, valuesOf(tt.values...))
			assert.Equal(t, tt.want, textsOf(t, tt.cell, spans))
			requireSettled(t, &f, cell, spans)
		})
	}
}

func TestReplacingOccurrencesTwiceEqualsOnce(t *testing.T) {
	t.Parallel()
	for _, tt := range occurrences {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var f identity.Finder
			values := valuesOf(tt.value, "8000", "removed", "616e6f6e", "invalid", "000000000000")
			cell := []byte(tt.cell)
			spans := f.FindValues(f.Find(nil, cell), cell, values)
			requireSettled(t, &f, cell, spans)
			once := replaceSpans(cell, spans)
			twice := replaceSpans(once, f.FindValues(f.Find(nil, once), once, values))
			assert.Equal(t, string(once), string(twice))
		})
	}
}
