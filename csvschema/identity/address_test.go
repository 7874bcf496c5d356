package identity_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/identity"
)

func TestParsedAddressesAreFoundAsAWhole(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"alice@localhost", "a'.-_!#^~$%&*+=?`{|}b@contoso.com", "李小龙@例え.test", "ａ＠ｂ－ｃ．ｃｏｍ", "a%41@x", `"first,last"@example.com`, `"a\"b"@x`, `"a@b"@x.com`, "test@[192.0.2.1]", "x@[IPv6:2001:DB8::1]", `"x y"@[192.0.2.1]`} {
		want := mustIdentifier(t, text).Reveal()
		var f identity.Finder
		assert.Equal(t, []finding{anAddress(want)}, textsOf(t, want, f.Find(nil, []byte(want))))
	}
}

func TestTextsThatAreNoMailboxesAreNoIdentifiers(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`"a"`, `"a"@`, `""`, `""@`, `""a@x`, `a""@x`, "/a@x", "/a/b@x", "users/a@x", "/labs/l/users/a@x", "l/Users/a@x", "https://h/a@x", `"a@x`, `a"@x`, `"a"b@x`, `x"a"@x`, `"a\"@x`, "a@[192.0.2.1", "a@192.0.2.1]", "a@[192.0.2.256]", "a@[x]", "a@[192.0.2.1].com",
		"a@[IPv6:192.0.2.1]", "a@[2001:db8::1]", "@[192.0.2.1]", `"a b"@-`, "a b@x", "\"a\tb\"@x",
	} {
		_, err := identity.Parse(text)
		require.ErrorIs(t, err, identity.ErrIdentifier, text)
	}
}

func TestAddressLiteralsAreThoseOfTheNet(t *testing.T) {
	t.Parallel()
	for literal, want := range map[string]bool{
		"192.0.2.1": true, "0.0.0.0": true, "255.255.255.255": true, "256.0.0.1": false, "1.2.3": false, "1.2.3.": false, "1.2.3.4.5": false, "1..2.3": false, ".1.2.3": false,
		"0001.2.3.4": false, "": false, "IPv6:": false, "IPv6:::": true, "ipv6:2001:db8::1": true, "IPv6:1:2:3:4:5:6:7:8": true, "IPv6:1:2:3:4:5:6:7": false,
		"IPv6:1:2:3:4:5:6:7:8:9": false, "IPv6:1::2::3": false, "IPv6:1:": false, "IPv6:1::": true, "IPv6::1": false, "IPv6:12345::": false, "IPv6:::ffff:192.0.2.1": true,
		"IPv6:1:2:3:4:5:6:192.0.2.1": true, "IPv6:g::": false, "IPv6:fe80::1%x": false, "IPv6:192.0.2.1": false, "2001:db8::1": false,
	} {
		_, err := identity.Parse("x@[" + literal + "]")
		assert.Equal(t, want, err == nil, literal)
	}
}
