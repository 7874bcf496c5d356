package glance_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema/internal/glance"
)

func TestPrefixesTellBeginningsApart(t *testing.T) {
	t.Parallel()
	var empty, p glance.Prefixes
	for _, key := range []string{"alice@contoso.com", "b0b@contoso.com", "al", "", "é"} {
		p.Add(key)
	}
	for _, text := range []string{"alice@contoso.com", "ALI", "alibaba@x.com", "b0b@x.com", "B0B.b@x.com"} {
		assert.True(t, p.MayBegin([]byte(text)), text)
	}
	for _, text := range []string{"bob@x.com", "alan@x.com", "lice@x.com", "xali@x.com"} {
		assert.False(t, p.MayBegin([]byte(text)), text)
		assert.False(t, empty.MayBegin([]byte(text)), text)
	}
	for _, text := range []string{"", "bob", "b-b@x.com", "_bob@x.com", "b\u00f6b@x.com", "bob\u0301@x.com"} {
		assert.True(t, empty.MayBegin([]byte(text)), "%q is not told apart", text)
	}
}
