package glance_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema/internal/glance"
)

func TestTailsTellTextsWithAnAddressApart(t *testing.T) {
	t.Parallel()
	var empty, s glance.Tails
	s.Add("alice")
	s.AddParts("bobby_baker_contoso.com")
	for _, text := range []string{
		"SMTP:carol@contoso.com", "Carol <carol@contoso.com>", "carol@contoso.com; dave@contoso.com", "carol_contoso.com#EXT#@x.com",
		"carol_contoso.com%23EXT%23@x.com", "carol_b@x.com", "alice.b@x.com", "a@b", guid[:30] + "@x.com",
	} {
		assert.False(t, empty.MayHold([]byte(text), true), text)
		assert.False(t, s.MayHold([]byte(text), true), text)
	}
	for _, text := range []string{guid + "carol@x.com", strings.ReplaceAll(guid, "-", "") + "carol@x.com", "s-1-12-1-1-2-3-4 carol@x.com"} {
		assert.False(t, s.MayHold([]byte(text), false), text)
		assert.True(t, s.MayHold([]byte(text), true), text)
	}
	for _, text := range []string{
		"SMTP:alice@x.com", "malice@x.com", "ALICE@x.com", "carol@x.com; alice@x.com", "x bobby@x.com", "dave-bobby_baker@x.com", "alice_y.com#EXT#@x.com", "alice#@y.com", "alice%23@y.com",
	} {
		assert.False(t, empty.MayHold([]byte(text), false), text)
		assert.True(t, s.MayHold([]byte(text), false), text)
	}
	for _, text := range []string{
		"", "carol", "@x.com", "#carol@x.com", "%23carol@x.com", "carol_x_com", "carol@x_com", "carol/x@x.com", "carol%40x.com@y.com", "carol%2", "carol@x.com%2", "carol_x0040_@x.com",
		"carol_X@x.com", "carol=40@x.com", "carol&amp;@x.com", `carol\u0040@x.com`, "carol?@x.com", "carolé@x.com", `"carol"@x.com`, "(carol)@x.com", "o'carol@x.com", "carol`@x.com",
		"carol@x.com\x00", "carol@x.com" + strings.Repeat("x", 300),
	} {
		assert.True(t, empty.MayHold([]byte(text), false), "%q", text)
	}
	s.Add("dave#x")
	s.Add("erin##")
	s.Add("23abc")
	s.Add("frank%23z")
	for _, text := range []string{"SMTP:dave%23x@x.com", "dave#x@x.com", "erin%23#@x.com", "x%23abc@x.com", "frank%23Z@x.com"} {
		assert.True(t, s.MayHold([]byte(text), false), text)
	}
	for _, text := range []string{"dane%23y@x.com", "carol_y.com%23EXT%23@x.com", "23%23@x.com"} {
		assert.False(t, s.MayHold([]byte(text), false), text)
	}
	s.Add("bob")
	assert.True(t, s.MayHold([]byte("SMTP:carol@contoso.com"), false), "a text is too short")
}

// TestTailsOfManyTellMostTextsApart counts the texts that the tails of many cannot tell. If
// there were more, searches would only be slower, which no other test sees.
func TestTailsOfManyTellMostTextsApart(t *testing.T) {
	t.Parallel()
	var s glance.Tails
	for i := range 1000 {
		s.Add(fmt.Sprintf("anna.muster%d", 5000+i))
	}
	wrong := 0
	for i := range 4000 {
		if s.MayHold(fmt.Appendf(nil, "SMTP:anna.muster%d@contoso.com", 1000+i), true) {
			wrong++
		}
	}
	assert.Less(t, wrong, 4000/10)
}
