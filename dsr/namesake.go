package dsr

import (
	"bytes"
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

// names are the local parts of the addresses of one subject.
type names struct {
	parts   identity.LocalParts
	letters []string // of each local part, folded
}

// add adds the local part of an address, what is before a plus sign in it, and that of
// the address that a guest account was made from.
func (n *names) add(id identity.Identifier) {
	address := id.Reveal()
	at := strings.LastIndexByte(address, '@')
	if at < 0 || id.IsVerbatim() {
		return
	}
	n.parts.Add([]byte(address))
	local := address[:at]
	if stem, isGuest := strings.CutSuffix(local, "#ext#"); isGuest {
		local = stem[:max(0, strings.LastIndexByte(stem, '_'))]
	}
	before, _, _ := strings.Cut(local, "+")
	for _, local := range []string{local, before} {
		if letters := foldedLetters([]byte(local)); len(letters) > 0 {
			n.letters = append(n.letters, string(letters))
		}
	}
}

// foldedLetters returns the letters and digits of a text, without regard to letter case
// and compatible forms of Unicode.
func foldedLetters(text []byte) []byte {
	return identity.AppendLetters(nil, norm.NFKC.Bytes(cases.Fold().Bytes(norm.NFKC.Bytes(text))))
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

// namesakes returns the subjects after whom a machine is named as the portal does.
func (w *worker) namesakes(name []byte) []int {
	w.near = w.near[:0]
	for subject := range w.index.names {
		n := &w.index.names[subject]
		w.spans = w.finder.FindNames(w.spans[:0], name, &n.parts)
		if len(w.spans) > 0 && n.isWhole(foldedLetters(w.finder.AppendDecoded(nil, name))) {
			w.near = append(w.near, subject)
		}
	}
	return w.near
}

// maxNumber is how many digits may follow the local part in a name. The portal proposes
// three.
const maxNumber = 4

// isWhole reports whether the letters of a name are those of a whole local part and a
// number, or no number.
func (n *names) isWhole(name []byte) bool {
	for _, letters := range n.letters {
		number, found := bytes.CutPrefix(name, []byte(letters))
		if found && len(number) <= maxNumber && len(bytes.Trim(number, "0123456789")) == 0 {
			return true
		}
	}
	return false
}
