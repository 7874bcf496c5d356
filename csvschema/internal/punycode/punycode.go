// Package punycode decodes the names of domains that are written in ASCII (RFC 3492,
// RFC 5890): "xn--bcher-kva.example" is "bücher.example".
package punycode

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

const prefix = "xn--" // of an encoded label

// Domain returns a domain in lower case with its labels decoded. A label that cannot be
// decoded stays.
func Domain(domain string) string {
	if !strings.Contains(domain, prefix) {
		return domain
	}
	labels := strings.Split(domain, ".")
	for i, label := range labels {
		if encoded, ok := strings.CutPrefix(label, prefix); ok {
			if decoded, ok := decode(encoded); ok {
				labels[i] = decoded
			}
		}
	}
	return strings.Join(labels, ".")
}

// The parameters of RFC 3492, section 5.
const (
	base, tMin, tMax      = 36, 1, 26
	skew, damp            = 38, 700
	firstBias, firstDelim = 72, 0x80
	maxLabel              = 63 // RFC 1035; longer ones would take time with the square of their length
)

// decode returns the text of a label without its prefix (RFC 3492, section 6.2).
func decode(encoded string) (_ string, ok bool) {
	if len(encoded) > maxLabel {
		return "", false
	}
	var text []rune
	if n := strings.LastIndexByte(encoded, '-'); n >= 0 {
		text, encoded = []rune(encoded[:n]), encoded[n+1:]
	}
	code, bias, i := firstDelim, firstBias, 0
	for len(encoded) > 0 {
		before, weight := i, 1
		for k := base; ; k += base {
			if len(encoded) == 0 {
				return "", false
			}
			digit := digitOf(encoded[0])
			encoded = encoded[1:]
			if digit < 0 || digit > (math.MaxInt32-i)/weight {
				return "", false
			}
			i += digit * weight
			t := min(max(k-bias, tMin), tMax)
			if digit < t {
				break
			}
			if weight > math.MaxInt32/(base-t) {
				return "", false
			}
			weight *= base - t
		}
		size := len(text) + 1
		bias = adapt(i-before, size, before == 0)
		code += i / size
		i %= size
		if code > utf8.MaxRune || !utf8.ValidRune(rune(code)) { //nolint:gosec // not greater
			return "", false
		}
		text = slices.Insert(text, i, rune(code)) //nolint:gosec // the same
		i++
	}
	return string(text), true
}

// adapt returns the next bias (RFC 3492, section 6.1).
func adapt(delta, size int, isFirst bool) int {
	if isFirst {
		delta /= damp
	} else {
		delta /= 2
	}
	delta += delta / size
	k := 0
	for ; delta > (base-tMin)*tMax/2; k += base {
		delta /= base - tMin
	}
	return k + (base-tMin+1)*delta/(delta+skew)
}

// digitOf returns the value of a digit, and -1 for another character.
func digitOf(c byte) int {
	switch {
	case 'a' <= c && c <= 'z':
		return int(c - 'a')
	case '0' <= c && c <= '9':
		return int(c-'0') + 26
	}
	return -1
}
