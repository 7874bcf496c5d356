package dsr

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// NOTE. As the name of a machine, the portal proposes the local part of the owner's
// address and three digits. A machine without an owner that has such a name was perhaps the
// subject's before it was given up. A name that has only the beginning of the local part,
// as those that Windows cut, or other words beside it, such as "web-admin", is in too many
// labs somebody else's.

// names are the local parts of the addresses of the subjects.
type names struct {
	parts []identity.LocalParts // of each subject
	whole map[string][]int      // subjects by the letters of a local part
}

// add adds the local part of an address, what is before a plus sign in it, and that of
// the address that a guest account was made from.
func (n *names) add(subject int, id identity.Identifier) {
	address := id.Reveal()
	at := strings.LastIndexByte(address, '@')
	if at < 0 || id.IsVerbatim() {
		return
	}
	n.parts[subject].Add([]byte(address))
	local := address[:at]
	if stem, isGuest := strings.CutSuffix(local, "#ext#"); isGuest {
		local = stem[:max(0, strings.LastIndexByte(stem, '_'))]
	}
	before, _, _ := strings.Cut(local, "+")
	for _, local := range []string{local, before} {
		if letters := string(appendLetters(nil, []byte(local))); letters != "" {
			n.whole[letters] = append(n.whole[letters], subject)
		}
	}
}

// appendLetters appends the letters and digits of a text to dst, without regard to letter
// case and compatible forms of Unicode, and returns it.
func appendLetters(dst, text []byte) []byte {
	start := len(dst)
	for _, c := range text {
		lower := c | 0x20
		switch {
		case c >= utf8.RuneSelf:
			return identity.AppendLetters(dst[:start], norm.NFKC.Bytes(cases.Fold().Bytes(norm.NFKC.Bytes(text))))
		case 'a' <= lower && lower <= 'z':
			dst = append(dst, lower)
		case '0' <= c && c <= '9':
			dst = append(dst, c)
		}
	}
	return dst
}

// isBlank reports whether the owner of a virtual machine says nothing.
func (w *worker) isBlank(owner []byte) bool {
	return len(owner) == 0 || (owner[0] <= ' ' || owner[0] >= utf8.RuneSelf) && len(w.norm(owner)) == 0
}

// namesNobody reports whether the owner of a virtual machine is blank or a word for nobody,
// such as NULL.
func (w *worker) namesNobody(owner []byte) bool {
	if w.isBlank(owner) {
		return true
	}
	isAddress := owner[0] != '#' && bytes.IndexByte(owner, '@') > 0 // as nearly all are
	return !isAddress && !csvschema.Identifies(csvschema.ResourceOwner, w.norm(owner))
}

// maxNumber is how many digits may follow the local part in a name. The portal proposes
// three.
const maxNumber = 4

// namesakes returns the subjects after whom a machine is named as the portal does: its
// letters are those of a whole local part, and a number or none.
func (w *worker) namesakes(name []byte) []int {
	w.near = w.near[:0]
	w.decoded = w.finder.AppendDecoded(w.decoded[:0], name)
	w.letters = appendLetters(w.letters[:0], w.decoded)
	letters := w.letters
	for range maxNumber + 1 {
		w.near = append(w.near, w.index.names.whole[string(letters)]...)
		last := len(letters) - 1
		if last < 0 || letters[last] < '0' || letters[last] > '9' {
			break
		}
		letters = letters[:last]
	}
	w.near = slices.DeleteFunc(unique(w.near), func(subject int) bool {
		w.spans = w.finder.FindNames(w.spans[:0], name, &w.index.names.parts[subject])
		return len(w.spans) == 0
	})
	return w.near
}
