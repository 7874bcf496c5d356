package identity

import "github.com/labdsr/labdsr/csvschema/internal/escape"

// AppendDecoded appends the text, decoded as the Finder decodes cells, to dst
// and returns the extended buffer. It makes the text of a span comparable with an
// identifier.
func (f *Finder) AppendDecoded(dst, text []byte) []byte {
	if escape.Has(text) {
		f.ready()
		text, _ = f.decoder.Decode(text)
	}
	return append(dst, text...)
}
