// Package armpath has the form of ARM IDs that package verify joins rows by: an opinion of its
// own on which spellings are of one ID. It knows no column.
package armpath

import (
	"encoding/hex"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/labdsr/labdsr/csvschema/identity"
)

var (
	percentEscapes = regexp.MustCompile(`(?:%[0-9A-Fa-f]{2})+`)
	slashEntities  = regexp.MustCompile(`(?i:&#47;|&#x2f;|&sol;)`)
	jsonSlashes    = regexp.MustCompile(`\\+/`)
	versionOfAPI   = regexp.MustCompile(`(?i:\?api-version=)(?s:.*)$`)
	schemeAndHost  = regexp.MustCompile(`^(?i:https?)://[^/]*`)
	hostAlone      = regexp.MustCompile(`^[a-z0-9:-][a-z0-9.:-]*/subscriptions/`)
)

// Of returns the segments of an ARM ID in normal form, with a slash between them.
// All spellings of an ID have the same.
func Of(id string) string {
	if isPlainPath(id) {
		return strings.ToLower(id[1:])
	}
	for decoded := ""; ; id = decoded {
		decoded = percentEscapes.ReplaceAllStringFunc(id, decodeEscapes)
		if decoded == id {
			break
		}
	}
	id = identity.Normal(id) // may make a letter of ASCII from another
	id = jsonSlashes.ReplaceAllString(slashEntities.ReplaceAllString(id, "/"), "/")
	id = trimPath(versionOfAPI.ReplaceAllString(trimPath(id), ""))
	id = trimPath(schemeAndHost.ReplaceAllString(id, ""))
	segments := strings.Split(id, "/")
	segments = slices.DeleteFunc(segments, func(s string) bool { return s == "" })
	id = identity.Normal(strings.Join(segments, "/"))
	if host, path, _ := strings.Cut(id, "/"); hostAlone.MatchString(id) && strings.Contains(host, ".") {
		return path
	}
	return id
}

// isPlainPath reports whether an ARM ID has the usual form: a slash before each of several
// segments, of which no character has another spelling, and no name of a host.
func isPlainPath(id string) bool {
	slashes, last := 0, byte(0)
	for i := range len(id) {
		switch c := id[i]; {
		case c == '/' && last != '/':
			slashes++
		case c == '.' && slashes < 2, !isInPath[c], slashes == 0:
			return false
		}
		last = id[i]
	}
	return slashes > 1 && last != '/'
}

// isInPath holds the bytes of plain paths without the slash.
var isInPath = func() (set [256]bool) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.()") {
		set[c] = true
	}
	return set
}()

// trimPath removes slashes, blanks and pairs of quotes from both ends.
func trimPath(id string) string {
	id = strings.TrimFunc(id, isSlashOrBlank)
	for _, quote := range []string{`"`, `'`} {
		if len(id) > 1 && strings.HasPrefix(id, quote) && strings.HasSuffix(id, quote) {
			return trimPath(id[1 : len(id)-1])
		}
	}
	return id
}

// isSlashOrBlank reports whether a character at the end of an ARM ID says nothing.
func isSlashOrBlank(r rune) bool { return r == '/' || identity.Normal(string(r)) == "" }

// decodeEscapes decodes percent-escapes that are next to each other. Those that are no
// characters of UTF-8 remain.
func decodeEscapes(escapes string) string {
	raw, _ := hex.DecodeString(strings.ReplaceAll(escapes, "%", ""))
	var text strings.Builder
	for i := 0; i < len(raw); {
		r, size := utf8.DecodeRune(raw[i:])
		if r == utf8.RuneError && size == 1 {
			text.WriteString(escapes[3*i : 3*i+3])
		} else {
			text.Write(raw[i : i+size])
		}
		i += size
	}
	return text.String()
}
