package escape

import "bytes"

// PlainSlashes replaces the slashes that are escaped as in JSON or HTML, in place.
func PlainSlashes(text []byte) []byte {
	n := 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '&' {
			for _, entity := range []string{"&#47;", "&#x2f;", "&sol;"} {
				if rest := text[i:]; len(rest) >= len(entity) && bytes.EqualFold(rest[:len(entity)], []byte(entity)) {
					c, i = '/', i+len(entity)-1
					break
				}
			}
		}
		for c == '/' && n > 0 && text[n-1] == '\\' {
			n--
		}
		text[n] = c
		n++
	}
	return text[:n]
}
