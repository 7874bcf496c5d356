package identity

import (
	"iter"

	"github.com/labdsr/labdsr/csvschema/internal/escape"
	"github.com/labdsr/labdsr/csvschema/internal/guids"
	"github.com/labdsr/labdsr/csvschema/internal/swar"
)

// GUIDs returns, for package anonymize, an iterator over the 32 digits, in lower case,
// of every GUID in the cell. A GUID is wherever [Finder.FindValues] would find it as an
// object ID: with or without hyphens, escaped, next to other digits, in a SID. The same
// GUID may come more than once. The iterator is single-use, and no other method of the
// Finder may be called until it ends.
func (f *Finder) GUIDs(cell []byte) iter.Seq[[32]byte] {
	return func(yield func([32]byte) bool) {
		if !guids.MayHold(cell) && swar.IsASCII(cell) && !escape.Has(cell) {
			return
		}
		f.ready()
		for view, from := range f.decoder.Views(cell) {
			f.canonical.set(view, from)
			if !guids.Each(f.canonical.text, yield) {
				return
			}
		}
	}
}
