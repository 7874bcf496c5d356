package punycode_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema/internal/punycode"
)

func TestDomainDecodesLabels(t *testing.T) {
	t.Parallel()
	for domain, want := range map[string]string{
		"":                                  "",
		"contoso.com":                       "contoso.com",
		"xn--bcher-kva.example":             "bücher.example",
		"mail.xn--bcher-kva.xn--p1ai":       "mail.bücher.рф",
		"xn--strae-oqa.example":             "straße.example",
		"xn--fiqs8s":                        "中国",
		"xn--ihqwcrb4cv8a8dqg056pqjye.test": "他们为什么不说中文.test", // RFC 3492, section 7.1
		"xn--":                              "",
		"xn--a":                             "\u0080",
		"axn--bcher-kva":                    "axn--bcher-kva",
		"xn--bcher-kva!":                    "xn--bcher-kva!",
		"xn--bücher":                        "xn--bücher",
		"xn--99999999":                      "xn--99999999",
		"xn--" + strings.Repeat("a", 64):    "xn--" + strings.Repeat("a", 64),
	} {
		assert.Equal(t, want, punycode.Domain(domain), domain)
	}
}

func FuzzDomain(f *testing.F) {
	f.Add("xn--bcher-kva.example")
	f.Fuzz(func(t *testing.T, domain string) {
		assert.True(t, utf8.ValidString(punycode.Domain(domain)) || !utf8.ValidString(domain))
	})
}
