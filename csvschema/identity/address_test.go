package identity_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema/identity"
)

func TestParsedAddressesAreFoundAsAWhole(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"alice@localhost", "a'.-_!#^~$%&*+=?`{|}b@contoso.com", "李小龙@例え.test", "ａ＠ｂ－ｃ．ｃｏｍ", "a%41@x"} {
		want := mustIdentifier(t, text).Reveal()
		var f identity.Finder
		assert.Equal(t, []finding{anAddress(want)}, textsOf(t, want, f.Find(nil, []byte(want))))
	}
}
