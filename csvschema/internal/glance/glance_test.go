package glance_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema/internal/glance"
)

const guid = "c02677f7-9c06-5740-afd8-0a213ad58e73"

func TestSetTellsPlainTextsApart(t *testing.T) {
	t.Parallel()
	var empty, s glance.Set
	s.Add("alice")
	s.Add("bob.baker-jones")
	s.Add(guid)
	s.Add("")
	for text, isPlain := range map[string]bool{
		"carol@contoso.com": true, "alice.b@contoso.com": true, "malice@contoso.com": true, "a@b": true, "carol@": true, "carol@.-": true,
		"CAROL.baker-jones2@con-toso.example": true, "1@2": true, strings.Repeat("x", 31) + "@" + strings.Repeat("y", 31): true,
		"d02677f7-9c06-5740-afd8-0a213ad58e73": true, "zzz00000-0000-0000-0000-000000000000": true,

		"": false, "carol": false, "@contoso.com": false, ".carol@contoso.com": false, "-carol@contoso.com": false, "_carol@contoso.com": false,
		"carol@b@contoso.com": false, "carol_b@contoso.com": false, "carol+b@contoso.com": false, "carol'b@contoso.com": false,
		"carol@contoso.com;": false, " carol@contoso.com": false, "carol%40contoso.com": false, "carolé@contoso.com": false, "carol@contoso.com\u200b": false,
		"carol@contoso.com\x00": false, "carol@b/contoso.com": false, `carol\@contoso.com`: false, "carol=@contoso.com": false, "carol?@contoso.com": false,
		strings.Repeat("x", 32) + "@contoso.com": false, "carol@" + strings.Repeat("x", 32): false, strings.Repeat("x", 300): false,
		"x.s-1-12-1-1-2-3-4@contoso.com": false, "carol@s-1-12-1-1-2-3-4.com": false,
		strings.ReplaceAll(guid, "-", ""): false, "{" + guid + "}": false, guid + "x": false, guid[:35]: false,
		"d02677f7.9c06-5740-afd8-0a213ad58e73": false, "d02677f7-9c06-5740-afd80-a213ad58e73": false, "d02677f7-9c06-5740-afd8-0a213ad5-e73": false,
	} {
		assert.Equal(t, !isPlain, empty.MayHold([]byte(text)), "%q", text)
		assert.Equal(t, !isPlain, s.MayHold([]byte(text)), "%q", text)
	}
	for _, text := range []string{"alice@contoso.com", "ALIce@fabrikam.com", "bob.Baker-Jones@x", guid, strings.ToUpper(guid)} {
		assert.True(t, s.MayHold([]byte(text)), text)
		assert.False(t, empty.MayHold([]byte(text)), text)
	}
}

// TestLargeSetsTellNearlyAllTextsApart counts the texts that a set of many cannot tell. If
// there were more, searches would only be slower, which no other test sees.
func TestLargeSetsTellNearlyAllTextsApart(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 10, 64, 65, 1000, 20_000} {
		var s glance.Set
		for i := range n {
			s.Add(fmt.Sprintf("anna.muster%d", i))
		}
		for i := range n {
			assert.True(t, s.MayHold(fmt.Appendf(nil, "anna.muster%d@contoso.com", i)))
		}
		wrong := 0
		for i := range 10_000 {
			if s.MayHold(fmt.Appendf(nil, "anna.muster%d@contoso.com", n+i)) {
				wrong++
			}
		}
		assert.Less(t, wrong, 10_000/50, "of %d", n)
	}
}

func BenchmarkMayHold(b *testing.B) {
	var s glance.Set
	for i := range 10_000 {
		s.Add(fmt.Sprintf("anna.muster%d", i))
	}
	texts := [][]byte{[]byte("robert.baker@fabrikam.com"), []byte("d02677f7-9c06-5740-afd8-0a213ad58e73")}
	for b.Loop() {
		for _, text := range texts {
			if s.MayHold(text) {
				b.Fatal("may hold")
			}
		}
	}
}
