package punycode_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/internal/densetest"
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

// encode returns a label without its prefix (RFC 3492, section 6.3).
func encode(text string) string {
	const base, tMin, tMax, skew, damp = 36, 1, 26, 38, 700
	var encoded []byte
	for _, r := range text {
		if r < utf8.RuneSelf {
			encoded = append(encoded, byte(r))
		}
	}
	done := len(encoded)
	if done > 0 {
		encoded = append(encoded, '-')
	}
	n, delta, bias, first := rune(utf8.RuneSelf), 0, 72, done
	for ; done < utf8.RuneCountInString(text); n, delta = n+1, delta+1 {
		next := rune(utf8.MaxRune)
		for _, r := range text {
			if r >= n {
				next = min(next, r)
			}
		}
		delta, n = delta+int(next-n)*(done+1), next
		for _, r := range text {
			if r < n {
				delta++
			}
			if r != n {
				continue
			}
			q := delta
			for k := base; ; k += base {
				t := min(max(k-bias, tMin), tMax)
				if q < t {
					encoded = append(encoded, "abcdefghijklmnopqrstuvwxyz0123456789"[q])
					break
				}
				encoded = append(encoded, "abcdefghijklmnopqrstuvwxyz0123456789"[t+(q-t)%(base-t)])
				q = (q - t) / (base - t)
			}
			if done == first {
				delta /= damp
			} else {
				delta /= 2
			}
			done++
			delta += delta / done
			bias = 0
			for ; delta > (base-tMin)*tMax/2; bias += base {
				delta /= base - tMin
			}
			bias += (base - tMin + 1) * delta / (delta + skew)
			delta = 0
		}
	}
	return string(encoded)
}

// requireDomain requires that a decoded domain is text, and that a label is what it was
// before it was encoded.
func requireDomain(t *testing.T, domain string) {
	t.Helper()
	require.True(t, utf8.ValidString(punycode.Domain(domain)) || !utf8.ValidString(domain))
	label, _, _ := strings.Cut(domain, ".")
	if encoded := encode(label); utf8.ValidString(label) && len(encoded) <= 63 && utf8.RuneCountInString(label) < len(label) {
		require.Equal(t, label, punycode.Domain("xn--"+encoded))
	}
}

func TestRandomDomainsAreDecoded(t *testing.T) {
	t.Parallel()
	parts := []string{"xn--", "XN--", "-", "a", "b", "9", "999999", "bcher-kva", ".", "é", "ü", "中", "国", "\u0301", "\U0001F600", "\U0010FFFF", "\uFFFD", "\xff", "\u0080", "zz", "A", strings.Repeat("a", 58)}
	r := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		requireDomain(t, densetest.Text(r, densetest.Few(r, parts), 8))
	}
}

func FuzzDomain(f *testing.F) {
	f.Add("xn--bcher-kva.example")
	f.Add("bücher.example")
	f.Fuzz(func(t *testing.T, domain string) { requireDomain(t, domain) })
}
